"""Keepers as they are typed at a prompt: several in one word, with commas between them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gridmap.assign.ground import OUTPOST
from gridmap.project.demands import posts_of

if TYPE_CHECKING:
    from gridmap.project.plan import Plan


def keepers_typed(plan: Plan, words: Iterable[str]) -> list[str]:
    """Return the keepers that words name; a word that is none as a whole is several.

    Parameters
    ----------
    plan : Plan
        The plan.
    words : iterable of str
        ``kind:id``, or several of them with commas between; an id may hold a comma itself.

    Returns
    -------
    list of str
        As `gridmap.project.demands.posts_of` takes them; what is no keeper is refused there.
    """
    outposts = plan.made.ground.of(OUTPOST)
    names = {*posts_of(plan).names, *(f"{OUTPOST}:{one}" for one in outposts.ids[~outposts.usable])}
    known = names | {name.partition(":")[2] for name in names}
    parts = [[word.strip()] if word.strip() in known else word.split(",") for word in words]
    return [one.strip() for some in parts for one in some if one.strip()]
