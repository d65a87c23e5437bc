"""Names in the audiences of gridmap.toml that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gridmap import registry
from gridmap.config.analysis import ANALYSIS_COLUMNS, ANALYSIS_TABLES, KEEPERS, NEEDED, unseen
from gridmap.config.audiences import AudienceSpec, RedactionSpec
from gridmap.config.spec import RESULT_TABLES, ProjectSpec
from gridmap.config.suggesting import suggest

LooseEnd = tuple[str, str, str]


def audience_ends(spec: ProjectSpec) -> Iterator[LooseEnd]:
    """Yield (path, what, fix) for every name in an audience that leads nowhere."""
    for name, audience in spec.audiences.items():
        yield from _tables(spec, f"audiences.{name}.columns", audience.columns)
        yield from _tables(spec, f"audiences.{name}.others", audience.others)
        yield from _analyses(spec, f"audiences.{name}", audience)
        for position, used in enumerate(audience.redactions):
            path = f"audiences.{name}.redactions.{position}"
            yield from _redaction(spec, path, used)
            yield from _not_of_points(spec, path, used)
            yield from _redacted_in_vain(path, used, audience)
    yield from _unlike_cells(spec)


def _unlike_cells(spec: ProjectSpec) -> Iterator[LooseEnd]:
    """Yield areas of one kind on different grids: laid over each other, they would be finer than both."""
    first: dict[str, float] = {}
    for name, audience in spec.audiences.items():
        for position, used in enumerate(audience.redactions):
            known = used.redaction in registry.names("redactions")
            if not known or not registry.get("redactions", used.redaction).needs_partition:
                continue
            cell_m = first.setdefault(used.kind, used.cell_m)
            if cell_m != used.cell_m:
                path = f"audiences.{name}.redactions.{position}.cell_m"
                yield path, f"areas of {used.kind} lie on two grids", f"give all of them cell_m = {cell_m:g}"


def _tables(spec: ProjectSpec, path: str, listed: Mapping[str, Iterable[str]]) -> Iterator[LooseEnd]:
    for table, columns in listed.items():
        if table in RESULT_TABLES:
            continue
        if table in ANALYSIS_TABLES:
            yield from _known(f"{path}.{table}", table, columns, ANALYSIS_COLUMNS[table])
            continue
        if table not in spec.kinds:
            fix = suggest(table, [*spec.kinds, *RESULT_TABLES, *ANALYSIS_TABLES])
            yield f"{path}.{table}", f"no such kind: {table}", fix
            continue
        yield from _columns(spec, f"{path}.{table}", table, columns)


def _columns(spec: ProjectSpec, path: str, kind: str, columns: Iterable[str]) -> Iterator[LooseEnd]:
    yield from _known(path, kind, columns, ("id", *spec.kinds[kind].columns))


def _known(path: str, table: str, columns: Iterable[str], known: Iterable[str]) -> Iterator[LooseEnd]:
    names = set(known)
    for column in columns:
        if column not in names:
            yield path, f"no such column: {table}.{column}", suggest(column, names)


def _analyses(spec: ProjectSpec, path: str, audience: AudienceSpec) -> Iterator[LooseEnd]:
    """Yield tables of an analysis for an audience that does not see what can be worked out from them."""
    for key, listed in (("columns", audience.columns), ("others", audience.others)):
        for table in ANALYSIS_TABLES:
            hidden = unseen(audience, table, kinds=spec.kinds)
            # `others` is for one unit's audience, which never sees all.
            if table in listed and hidden:
                told = ", ".join(NEEDED.get(table, KEEPERS))
                lacking = ", ".join(hidden)
                what = f"{table} tells where {told} are and more; this audience lacks {lacking}"
                fix = f"take {table} out, or let this audience have {lacking}"
                yield f"{path}.{key}.{table}", what, fix


def _redaction(spec: ProjectSpec, path: str, used: RedactionSpec) -> Iterator[LooseEnd]:
    known = registry.names("redactions")
    if used.redaction not in known:
        yield f"{path}.redaction", f"no such redaction: {used.redaction}", suggest(used.redaction, known)
    if used.kind not in spec.kinds:
        yield f"{path}.kind", f"no such kind: {used.kind}", suggest(used.kind, spec.kinds)
        return
    if used.level is not None and used.level not in spec.level_names:
        yield f"{path}.level", f"no such level: {used.level}", suggest(used.level, spec.level_names)
    yield from _columns(spec, f"{path}.columns", used.kind, used.columns)
    yield from _columns(spec, f"{path}.only", used.kind, used.only)


def _not_of_points(spec: ProjectSpec, path: str, used: RedactionSpec) -> Iterator[LooseEnd]:
    """Yield a kind whose rows are no places: nothing can stand for them, and no attack can be tried."""
    if used.kind not in spec.kinds or used.redaction not in registry.names("redactions"):
        return
    if not registry.get("redactions", used.redaction).in_place and spec.kinds[used.kind].geometry != "point":
        what = f"the rows of {used.kind} are no points: {used.redaction} cannot be done to them"
        yield f"{path}.kind", what, "list the columns that may pass, drop rows, or leave the kind out"


def _redacted_in_vain(path: str, used: RedactionSpec, audience: AudienceSpec) -> Iterator[LooseEnd]:
    """Yield what passes as it is although it is redacted, and what is filtered although it does not pass."""
    if used.redaction not in registry.names("redactions"):
        return
    listed = audience.others if audience.per_unit else audience.columns
    in_place = registry.get("redactions", used.redaction).in_place
    if in_place and used.kind not in {*audience.columns, *audience.others}:
        yield path, f"{used.kind} does not pass, so nothing of it can be dropped", "take the redaction out"
    elif not in_place and used.kind in listed:
        key = "others" if audience.per_unit else "columns"
        fix = f"take {used.kind} out of {key}: what is listed there passes as it is"
        yield path, f"{used.kind} is redacted, and passes as it is", fix
