"""What a view holds instead of rows, and how much of each layer: so that a page claims no more than that."""

from __future__ import annotations

from gridmap.config import ProjectSpec
from gridmap.model import LAYERS, TARGETS, Bilingual, View
from gridmap.model.scene import Derived, Held
from gridmap.render.words import catalogue, word

# What a row of assignments must say before it can be read at all.
NEEDED = {"kind", "feature", "layer", "target"}


def derived(view: View, spec: ProjectSpec) -> dict[str, Derived]:
    """Return the tables that were made of rows which the audience may not see, by name, sorted.

    The view says which they are; a table called after a kind and a known form is one, too.
    """
    made = {one.table: one for one in view.redacted if one.table in view.tables}
    found = {}
    for name in sorted(set(view.tables) - set(spec.kinds)):
        kind = made[name].kind if name in made else _kind_of(name, spec)
        if kind not in spec.kinds:
            continue
        title = spec.kinds[kind].title
        form = name.removeprefix(f"{kind}_")
        k = made[name].k if name in made else 0
        found[name] = Derived(kind, Bilingual(en=title.en, zh=title.zh), form, k)
    return found


def _kind_of(table: str, spec: ProjectSpec) -> str:
    """Return the kind that a table is called after, "" if none."""
    kind, _, form = table.rpartition("_")
    return kind if kind in spec.kinds and f"derived.{form}" in catalogue()["en"] else ""


def derived_title(one: Derived) -> Bilingual:
    """Return the title of a derived table: its kind's, and what was made of it."""
    form = f"derived.{one.form}"
    pattern = word(form) if form in catalogue()["en"] else word("derived.other")
    return Bilingual(
        en=pattern.en.replace("{kind}", one.title.en), zh=pattern.zh.replace("{kind}", one.title.zh)
    )


def keeps_ids(view: View, spec: ProjectSpec) -> bool:
    """Say whether ids in the view are the project's own."""
    audience = spec.audiences.get(view.audience)
    return audience is None or audience.keeps_ids


def layers(view: View, spec: ProjectSpec) -> dict[str, Held]:
    """Return how much of each layer the view holds.

    ``"whole"``: targets and assignments; ``"part"``: rows of it were redacted; ``"own"``: what is one
    unit's, ``"mixed"`` with something that stands for the others'; ``"targets"``: targets without
    assignments; ``"derived"``: something that stands for them; ``"none"``: nothing.
    """
    return {layer: _held(TARGETS[layer], view, spec) for layer in LAYERS}


def _held(table: str, view: View, spec: ProjectSpec) -> Held:
    audience = spec.audiences.get(view.audience)
    stands_in = any(one.kind == table for one in derived(view, spec).values())
    if table not in view.tables:
        return "derived" if stands_in else "none"
    if view.unit or (audience is not None and audience.per_unit):
        return "mixed" if stands_in else "own"
    if "assignments" not in view.tables or not set(view.tables["assignments"].frame.columns) >= NEEDED:
        return "targets"
    # Outposts are the features that sections come from, households those that every layer is about.
    about = {table, "household", "outpost" if table == "sections" else table}
    return "part" if about & {one.kind for one in view.redacted} else "whole"
