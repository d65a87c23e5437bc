"""Which header of a file is which column of the kind, which are positions, and which are not taken.

Nothing is taken on a guess: a header is a column's name, its title, a word that is declared, or what the
caller says. Where two headers mean one column, or one looks like a misspelt column, the caller is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gridmap.config import KindSpec, ProjectSpec
from gridmap.errors import InputError
from gridmap.exchange.columns import refuse, refused_columns, refused_in
from gridmap.exchange.format import RawTable
from gridmap.exchange.meanings import ASKED, Claim, Dictionary, columns_option, found_header
from gridmap.exchange.options import ReadOptions
from gridmap.exchange.position_headers import WAYS, choose_positions
from gridmap.exchange.unmatched import likeliest_id, lookalikes
from gridmap.exchange.vocabulary import POSITIONS, Role, role_of, stated_crs, take_apart

MOST_COLUMNS = 4_000
LONGEST_HEADER = 500


@dataclass(frozen=True, slots=True)
class Headers:
    """What a file's headers mean.

    Parameters
    ----------
    columns : mapping of str to str
        From headers to columns of the kind (``id`` among them, unless its header is another column, too).
    how : mapping of str to str
        Why each header was taken for what it is: ``"asked"``, ``"column name"``, ``"title"``,
        ``"imports.words"`` or ``"vocabulary"``.
    positions : mapping of str to str
        From ``lon``, ``lat``, ``x``, ``y``, ``wkt``, ``place`` to headers; empty where the file has geometry.
    stated_crs : str or None
        What the headers of positions say these are in: a CRS code, ``"gcj02"`` or ``"bd09"``.
    left_out : tuple of str
        Headers that are not taken: they mean nothing to the kind, or the caller leaves them out.
    refused : mapping of str to str
        Headers that gridmap keeps for nobody, with the reason; left out because the caller asked for that.
    id_header : str
        Header of the ids: ``--id 代码`` makes ids of a header that may be the column ``code`` as well.
    """

    columns: Mapping[str, str]
    how: Mapping[str, str]
    positions: Mapping[Role, str]
    stated_crs: str | None
    left_out: tuple[str, ...]
    refused: Mapping[str, str]
    id_header: str = ""

    @property
    def sources(self) -> dict[str, str]:
        """From each column that is filled to its header; one header may fill ``id`` and another."""
        return {**{column: header for header, column in self.columns.items()}, "id": self.id_header}


@dataclass(frozen=True, slots=True)
class _File:
    """One file and all that is said about its headers."""

    raw: RawTable
    kind: str
    schema: KindSpec
    options: ReadOptions
    name: str
    words: Dictionary
    asked: Mapping[str, str] = field(default_factory=dict)

    @property
    def placed_by_columns(self) -> bool:
        return self.schema.spatial and self.raw.geometry is None

    def error(self, what: str, fix: str) -> InputError:
        return InputError("GM210", what, where=self.name, fix=fix)


def match_headers(raw: RawTable, *, kind: str, spec: ProjectSpec, options: ReadOptions, name: str) -> Headers:
    """Match a file's headers to the columns of a kind.

    What the caller says counts first, then the columns' names, their titles, the words of the settings
    (``imports.words``), then the vocabulary.

    Parameters
    ----------
    raw : RawTable
        The file as its reader gives it.
    kind : str
        The kind the rows shall become.
    spec : ProjectSpec
        Settings.
    options : ReadOptions
        What the caller says: ``columns``, ``id_column``, ``drop_refused``, ``strict``.
    name : str
        Name of the file, for errors.

    Returns
    -------
    Headers
        What each header is; every header of the file is in exactly one of its fields.

    Raises
    ------
    InputError
        GM204 for columns that are refused, unless they may be dropped; GM209 for too many columns; GM210 for
        headers that cannot be matched: two for one column, a misspelt one, none for the ids, one that the
        caller names and the file does not have.
    """
    _refuse_many(raw, name)
    file = _File(raw, kind, spec.kinds[kind], options, name, Dictionary.of(kind, spec))
    file = replace(file, asked=_asked(file))
    refused = _refused(file)
    found = [claim for header in raw.columns if header not in refused for claim in _claims(file, header)]
    id_header, claims = _id(file, found, refused)
    chosen = _one_each(file, [claim for claim in claims if not claim.role])
    roles = [claim for claim in claims if claim.role]
    taken = {*(claim.header for claim in chosen), *refused, id_header}
    left = [header for header in raw.columns if header not in taken and file.asked.get(header) != ""]
    _refuse_lookalikes(file, left, claims, chosen)
    positions = choose_positions(raw, roles, name=name) if file.placed_by_columns else {}
    left = [header for header in left if header not in positions.values()]
    _refuse_unknown(file, left)
    if not id_header:
        raise _no_id(file, positions, chosen)
    columns = {claim.header: claim.target for claim in chosen}
    columns.setdefault(id_header, "id")
    used = {*columns, *positions.values(), *refused}
    how = {claim.header: claim.how for claim in found if claim.header in used}
    if file.options.id_column is not None:
        how.setdefault(id_header, ASKED)
    return Headers(
        {header: columns[header] for header in raw.columns if header in columns},
        how,
        positions,
        _stated(file, positions),
        tuple(header for header in raw.columns if header not in used),
        refused,
        id_header,
    )


def _refuse_many(raw: RawTable, name: str) -> None:
    # Each header is compared with every word: a hundred thousand, or one of a page, would take minutes, and
    # not in the child.
    if len(raw.columns) > MOST_COLUMNS:
        raise InputError(
            "GM209",
            f"the file has {len(raw.columns)} columns, and {MOST_COLUMNS} are the most",
            where=name,
            fix="leave out the columns that are not needed",
        )
    at = next((at for at, header in enumerate(raw.columns, 1) if len(header) > LONGEST_HEADER), None)
    if at is not None:
        raise InputError(
            "GM209",
            f"the header of column {at} is longer than {LONGEST_HEADER} characters",
            where=name,
            fix="give the column a short name, or see whether the first row is the header at all",
        )


def _asked(file: _File) -> dict[str, str]:
    """Return what the caller says headers are, by the file's own headers."""
    asked: dict[str, str] = {}
    targets = ["id", *file.schema.columns, *(POSITIONS if file.schema.spatial else ())]
    for word, target in file.options.columns.items():
        header = _header(file, word, f"--columns {word}={target}")
        column = file.words.target(target)
        if target and column is None:
            raise file.error(
                f"--columns {word}={target}: {file.kind} has no column {target}",
                file.words.suggest(target, targets) + ", or nothing to leave the header out",
            )
        if column in POSITIONS and column not in file.words.known and not file.placed_by_columns:
            because = (
                "the file has geometry of its own" if file.schema.spatial else f"{file.kind} has no geometry"
            )
            raise file.error(f"--columns {word}={target}: {because}", f"leave it out: --columns {word}=")
        asked[header] = column or ""
    for column in sorted({target for target in asked.values() if target}):
        twice = [header for header, target in asked.items() if target == column]
        if len(twice) > 1:
            raise file.error(
                f"--columns gives {column} to two headers: " + ", ".join(twice), "give it to one of them"
            )
    return asked


def _header(file: _File, word: str, option: str) -> str:
    header = found_header(word, file.raw.columns)
    if header is None:
        raise file.error(
            f"{option}: the file has no header {word}", file.words.suggest(word, list(file.raw.columns))
        )
    return header


def _refused(file: _File) -> dict[str, str]:
    """Return the refused headers; raise unless they may be dropped or the caller leaves them out himself."""
    roles = {role_of(take_apart(header)) for header in file.raw.columns} | {*file.asked.values()}
    placed = file.raw.geometry is not None or any(roles.issuperset(way) for way in WAYS)
    refused = refused_in(file.raw, placed=placed)
    out = {header for header, target in file.asked.items() if not target}
    if refused and not file.options.drop_refused:
        rest = {header: values for header, values in file.raw.columns.items() if header not in out}
        standing = refused_in(replace(file.raw, columns=rest), placed=placed)
        if standing:
            refuse(standing, where=file.name)
        # Left out by the caller: movements were only refused together.
        named = refused_columns(refused)
        refused = {header: reason for header, reason in refused.items() if header in out or header in named}
    return refused


def _claims(file: _File, header: str) -> list[Claim]:
    """Return what a header is: at most one column or position."""
    if header in file.asked:
        target = file.asked[header]
        role = target in POSITIONS and target not in file.words.known
        return [Claim(header, target, ASKED, role=role)] if target else []
    found = file.words.meaning(header, file.raw.columns)
    if found is None or (found.role and not file.placed_by_columns):
        return []
    return [found]


def _id(file: _File, claims: list[Claim], refused: Mapping[str, str]) -> tuple[str, list[Claim]]:
    """Return the header of the ids, and the claims that are left to the other columns."""
    others = [claim for claim in claims if claim.target != "id" or claim.role]
    mine = [claim for claim in claims if claim.target == "id" and not claim.role]
    asked = next((claim.header for claim in mine if claim.how == ASKED), None)
    if file.options.id_column is not None:
        header = _header(file, file.options.id_column, f"--id {file.options.id_column}")
        if header in refused:
            raise file.error(f"--id {header}: this column is refused ({refused[header]})", "name another one")
        if asked not in {None, header}:
            raise file.error(
                f"--id {header} and --columns {asked}=id contradict each other", "give one of them"
            )
        if file.asked.get(header) == "":
            raise file.error(
                f"--id {header} and --columns {header}= contradict each other", "give one of them"
            )
        kept = [claim for claim in others if claim.how == ASKED or claim.header != header or not claim.role]
        return header, kept
    if asked is None and len(mine) > 1:
        names = ", ".join(claim.header for claim in mine)
        exact = next((claim.header for claim in mine if claim.header == "id"), mine[0].header)
        raise file.error(f"several headers could be the ids: {names}", f"say which: --id {exact}")
    return asked or (mine[0].header if mine else ""), others


def _one_each(file: _File, claims: Iterable[Claim]) -> list[Claim]:
    """Return one claim for each column; what the caller asks for beats the rest."""
    by_column: dict[str, list[Claim]] = {}
    for claim in claims:
        by_column.setdefault(claim.target, []).append(claim)
    chosen = []
    for column, group in by_column.items():
        best = [claim for claim in group if claim.how == ASKED] or group
        if len(best) > 1:
            names = [claim.header for claim in best]
            raise file.error(
                f"{len(best)} headers mean the column {column}: " + ", ".join(names),
                f"say which is meant: {columns_option(names[0], column)} (the others are left out then)",
            )
        chosen += best
    return chosen


def _refuse_lookalikes(file: _File, left: list[str], claims: list[Claim], chosen: list[Claim]) -> None:
    filled = {claim.target for claim in (*claims, *chosen)}
    meant = {claim.header for claim in claims}
    strange = [header for header in left if header not in meant and not _is_blank(file.raw.columns[header])]
    found = lookalikes(strange, file.words, filled, placed=file.placed_by_columns)
    if not found:
        return
    first, column = next(iter(found.items()))
    raise file.error(
        "headers look like misspelt columns: "
        + "; ".join(f"{header}: did you mean {target}?" for header, target in found.items()),
        f"say what they are: {columns_option(first, column)}, or leave them out: {columns_option(first)}",
    )


def _refuse_unknown(file: _File, left: list[str]) -> None:
    unknown = [header for header in left if not _is_blank(file.raw.columns[header])]
    if file.options.strict and unknown:
        listed = ", ".join(header or "(no name)" for header in unknown)
        raise file.error(
            f"headers that are no column of {file.kind}: {listed}",
            f"say what they are: {columns_option(unknown[0], 'COLUMN')}, "
            f"or leave them out: {columns_option(unknown[0])}",
        )


def _no_id(file: _File, positions: Mapping[Role, str], chosen: Iterable[Claim]) -> InputError:
    # Never a person's name or telephone, though everyone has their own.
    out = {claim.header for claim in chosen if claim.target in file.schema.private} | {*positions.values()}
    likely = likeliest_id({header: cells for header, cells in file.raw.columns.items() if header not in out})
    numbers = "--id @row makes ids of the file's name and the row's number"
    if likely is None:
        return file.error("no header is the ids of the rows", f"name it: --id HEADER; {numbers}")
    return file.error(
        "no header is the ids of the rows",
        f"say which header names the rows: --id {likely} (a value of its own in every row); {numbers}",
    )


def _stated(file: _File, positions: Mapping[Role, str]) -> str | None:
    """Return what the headers of the positions state; they must not contradict each other."""
    said = {
        header: crs for header in positions.values() if (crs := stated_crs(take_apart(header))) is not None
    }
    if len(set(said.values())) > 1:
        raise file.error(
            "the headers state different coordinates: " + ", ".join(said),
            "say which belong together: --columns HEADER=lon,HEADER=lat",
        )
    return next(iter(said.values()), None)


def _is_blank(values: Any) -> bool:
    """Say whether a column holds nothing at all: such a header is nothing to ask about."""
    if isinstance(values, np.ndarray):
        return values.dtype.kind == "f" and bool(np.isnan(values).all())
    return all(value is None or (isinstance(value, str) and not value.strip()) for value in values)
