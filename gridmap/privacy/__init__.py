"""The only maker of views: frames cleared for an audience."""

from typing import TYPE_CHECKING

from gridmap.lazy import attach

if TYPE_CHECKING:
    from gridmap.privacy.kept_back import Withheld, withheld
    from gridmap.privacy.receivers import audience_named
    from gridmap.privacy.releases import Releases
    from gridmap.privacy.search import Needles
    from gridmap.privacy.shared_areas import prepare
    from gridmap.privacy.views import make_view
else:
    __getattr__, __dir__ = attach(
        __name__,
        {
            "kept_back": ("Withheld", "withheld"),
            "receivers": ("audience_named",),
            "releases": ("Releases",),
            "search": ("Needles",),
            "shared_areas": ("prepare",),
            "views": ("make_view",),
        },
    )

__all__ = ["Needles", "Releases", "Withheld", "audience_named", "make_view", "prepare", "withheld"]
