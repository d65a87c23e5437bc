"""What gridmap.toml may say of audiences: who may see what, and in which form."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from gridmap.config.texts import Flag, Frozen, Name, Text

NOTHING = Text(en="", zh="")
# Printed on products, also in a title block: one short line.
Line = Annotated[str, StringConstraints(max_length=120, strip_whitespace=True)]


class RedactionSpec(Frozen):
    """One redaction as used: what becomes of the rows of a kind that the audience may not see as they are.

    ``k`` is the fewest rows that anything shown stands for. ``level`` names an administrative level
    (the lowest where it is left out). ``columns`` are what `generalise` keeps of a row, and the numbers that
    `areas` and `aggregate` add up. ``only`` is what `drop` lets pass: rows that have one
    of these values in each of the columns.
    """

    kind: Name
    redaction: Name
    k: Annotated[int, Field(ge=2, le=1_000_000, strict=True)] = 10
    level: Name | None = None
    columns: tuple[Name, ...] = ()
    only: dict[Name, tuple[str, ...]] = Field(default_factory=dict)
    cell_m: Annotated[float, Field(ge=100, le=100_000, allow_inf_nan=False, strict=True)] = 1000.0


class AudienceSpec(Frozen):
    """Who may see what; default deny.

    ``columns`` lists, for each table, what passes; nothing else does. For an audience ``per_unit`` that holds
    for the rows assigned to the unit, and ``others`` lists what passes of all the other rows. ``ids`` says
    whether rows keep their ids or get new ones, made for this audience alone.
    """

    title: Text
    banner: Text = NOTHING
    handling_mark: Text = NOTHING
    approval_number: Line = ""
    decimals: Annotated[int, Field(ge=0, le=9, strict=True)] = 5
    everything: Flag = False
    per_unit: Flag = False
    ids: Literal["true", "new"] | None = None
    columns: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    others: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    redactions: tuple[RedactionSpec, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        limits = {
            "columns": self.columns,
            "others": self.others,
            "redactions": self.redactions,
            "per_unit": self.per_unit,
        }
        if self.everything and any(limits.values()):
            named = next(name for name, value in limits.items() if value)
            msg = f"everything = true and {named} contradict each other"
            raise ValueError(msg)
        if self.everything and self.ids == "new":
            msg = "who sees everything sees the true ids"
            raise ValueError(msg)
        if self.others and not self.per_unit:
            msg = "others is for an audience with per_unit = true: it has rows that are not its own"
            raise ValueError(msg)
        return self

    @property
    def keeps_ids(self) -> bool:
        """Whether rows keep their ids: only where that is said, or everything is seen."""
        return self.everything or self.ids == "true"
