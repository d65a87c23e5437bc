"""The only maker of views: frames cleared for an audience."""

from gridmap.privacy.receivers import audience_named
from gridmap.privacy.releases import Releases
from gridmap.privacy.search import Needles
from gridmap.privacy.shared_areas import prepare
from gridmap.privacy.views import make_view
from gridmap.privacy.withheld import Withheld, withheld

__all__ = ["Needles", "Releases", "Withheld", "audience_named", "make_view", "prepare", "withheld"]
