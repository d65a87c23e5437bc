"""Identity family: values, ids and codes, and the references between tables."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gridmap.checks.base import Check, Faults, Reads, Rows, Scope, Stage, doc, shown
from gridmap.checks.columns import utf8
from gridmap.checks.context import Context
from gridmap.checks.keys import first_of_each, references
from gridmap.checks.scan import Scan
from gridmap.checks.schema import failures
from gridmap.checks.texts import control, lookalike_keys, mojibake, sure_to_differ, untidy_ids

_VALUES = (
    doc(
        "value-missing",
        "error",
        ("a required value is missing", "缺少必填值"),
        "give the row the value",
    ),
    doc(
        "value-not-allowed",
        "error",
        ("a value is not among the allowed ones", "值不在允许范围内"),
        "use one of the values listed for the column in gridmap.toml",
    ),
    doc(
        "value-out-of-range",
        "error",
        ("a number is outside its limits", "数值超出限值"),
        "correct the number, or widen min and max in gridmap.toml",
    ),
)
_TEXTS = (
    doc(
        "text-mojibake",
        "warning",
        ("a text was read in the wrong encoding", "文本乱码"),
        "save the file it came from as UTF-8, and import it again",
    ),
    doc(
        "text-control",
        "warning",
        ("a text holds invisible control characters", "文本含控制字符"),
        "type the text again without line breaks or marks of direction",
    ),
)
_IDS = (
    doc(
        "id-untidy",
        "warning",
        ("an id has spaces around it or unsafe characters", "编号含空格或不安全字符"),
        "use letters, digits, hyphen, underscore and full stop",
    ),
    doc(
        "id-lookalike",
        "warning",
        ("two ids differ in case or width only", "编号仅大小写或全半角不同"),
        "rename one of the two, or delete it if they are one thing",
    ),
)
_REFERENCES = (
    doc(
        "code-duplicate",
        "error",
        ("a code that others refer to is used twice", "被引用的代码重复"),
        "give each row a code of its own, or delete the repeated row",
    ),
    doc(
        "reference-dangling",
        "error",
        ("a value refers to a row that does not exist", "引用的对象不存在"),
        "correct the value, or add the row that it refers to",
    ),
)
_NAMES = (
    doc(
        "name-duplicate",
        "warning",
        ("two rows that are known by name have the same name", "名称重复"),
        "tell the two apart by name, or delete one if they are one thing",
    ),
)
# Known by their names in messages and on maps; admin rows only among the children of one parent.
_NAMED: dict[str, tuple[str, ...]] = {
    "unit": ("name",),
    "outpost": ("name",),
    "patrol_zone": ("name",),
    "admin": ("name", "level", "parent"),
}


def _values(context: Context) -> Iterator[Faults]:
    for kind, frame in context.tables.items():
        for code, column, rows in failures(frame, context.spec.kinds[kind]):
            kept = rows[context.sound(kind, column)[rows]]
            if len(kept):
                yield Faults(code, kind, kept, _said(context, kind, column, code, kept), (column,))


def _said(context: Context, kind: str, column: str, code: str, rows: Rows) -> list[str]:
    """Say what is wrong with a column's values; a private one is not shown."""
    if code == "value-missing":
        return [f"{column} is required and is missing"] * len(rows)
    declared = context.spec.kinds[kind].columns[column].model_dump()
    if code == "value-not-allowed":
        wanted = "one of " + ", ".join(declared["values"])
    else:
        low, high = declared["min"], declared["max"]
        wanted = " and ".join(
            f"{word} {limit:g}" for word, limit in (("at least", low), ("at most", high)) if limit is not None
        )
    values = context.column(kind, column).iloc[rows]
    hidden = context.private(kind, column)
    said = [column if hidden else f"{column} {shown(value)}" for value in values.tolist()]
    return [f"{one} is not {wanted or 'finite'}" for one in said]


def _texts(context: Context) -> Iterator[Faults]:
    for kind, frame in context.tables.items():
        for column, declared in context.spec.kinds[kind].columns.items():
            if declared.type != "text" or column not in frame.columns:
                continue
            values = context.column(kind, column)
            scan = Scan(utf8(values))
            for code, find, said in _DAMAGE:
                rows = find(values, scan)
                rows = rows[context.sound(kind, column)[rows]]
                if len(rows):
                    # A reference that is damaged leads nowhere: that would only follow.
                    yield Faults(code, kind, rows, f"{column} {said}", (column,))


_DAMAGE = (
    ("text-mojibake", mojibake, "was read in a wrong encoding"),
    ("text-control", control, "holds invisible control characters"),
)


def _untidy_ids(context: Context) -> Iterator[Faults]:
    for kind in context.tables:
        if not context.has(kind, "id"):
            continue
        rows = untidy_ids(context.column(kind, "id"))
        if len(rows):
            ids = context.ids(kind)
            messages = [f"the id {shown(ids[row])} has spaces or unsafe characters" for row in rows]
            yield Faults("id-untidy", kind, rows, messages, ("id",))


def _lookalike_ids(context: Context) -> Iterator[Faults]:
    for kind in context.tables:
        if not context.has(kind, "id") or sure_to_differ(context.column(kind, "id")):
            continue
        ids = context.ids(kind)
        keys = lookalike_keys(ids)
        later, first = first_of_each(keys, ids, context.sound(kind, "id") & (keys != ""))
        differ = ids[later] != ids[first]
        if differ.any():
            related = [(str(ids[row]),) for row in first[differ]]
            messages = [f"the id differs from {shown(one)} in case or width only" for (one,) in related]
            yield Faults("id-lookalike", kind, later[differ], messages, (), related)


def _duplicate_codes(context: Context) -> Iterator[Faults]:
    for kind, column in sorted({(ref.target, ref.key) for ref in references(context)}):
        if column == "id":
            continue
        codes = context.texts(kind, column)
        usable = context.sound(kind, column) & np.array([code is not None for code in codes], dtype=bool)
        later, first = first_of_each(codes, context.ids(kind), usable)
        if len(later):
            related = [(str(context.ids(kind)[row]),) for row in first]
            messages = [f"{column} {context.said(kind, column, row)} is that of another row" for row in later]
            yield Faults("code-duplicate", kind, later, messages, ("twin",), related)
            # Which of the two is meant cannot be known, so nothing is judged by the first one either.
            context.mark(kind, first, "twin")


def _dangling(context: Context) -> Iterator[Faults]:
    for ref in references(context):
        rows, values = ref.dangling(context)
        if not len(rows):
            continue
        context.dangle(ref.target, values)
        near = ref.suggestions(context, values)
        hidden = context.private(ref.kind, ref.column)
        silent = hidden or context.private(ref.target, ref.key)
        messages, fixes = [], []
        for value in values:
            what = "its value" if hidden else shown(value)
            messages.append(f"{ref.column}: there is no {ref.target} with {ref.key} {what}")
            close = near.get(value)
            hint = "" if close is None or silent else f"did you mean {shown(close)}? "
            fixes.append(f"{hint}correct the value, or add the row that it refers to")
        yield Faults("reference-dangling", ref.kind, rows, messages, (ref.column,), fixes=fixes)


def _names(context: Context) -> Iterator[Faults]:
    for kind, columns in _NAMED.items():
        if not context.has(kind, "id", *columns):
            continue
        cells = [context.texts(kind, column) for column in columns]
        usable = context.sound(kind, *columns, "code", "twin")
        usable &= np.array([name is not None and name.strip() != "" for name in cells[0]], dtype=bool)
        keys = np.empty(len(usable), dtype=object)
        keys[:] = list(zip(*cells, strict=True))
        later, first = first_of_each(keys, context.ids(kind), usable)
        if len(later):
            related = [(str(context.ids(kind)[row]),) for row in first]
            private = context.private(kind, "name")
            message = "the name is that of another row"
            named = [message if private else f"{message}: {shown(cells[0][row])}" for row in later]
            yield Faults("name-duplicate", kind, later, named, (), related)


CHECKS = (
    Check(Stage.CELL, _VALUES, _values, Scope.ROW, Reads.VALUES),
    Check(Stage.CELL, _TEXTS, _texts, Scope.ROW, Reads.VALUES),
    Check(Stage.CELL, _IDS[:1], _untidy_ids, Scope.ROW, Reads.VALUES),
    Check(Stage.CELL, _IDS[1:], _lookalike_ids, reads=Reads.VALUES),
    Check(Stage.KEY, _REFERENCES[:1], _duplicate_codes, reads=Reads.VALUES),
    Check(Stage.REFERENCE, _REFERENCES[1:], _dangling, reads=Reads.VALUES),
    Check(Stage.TABLE, _NAMES, _names, reads=Reads.VALUES),
)
