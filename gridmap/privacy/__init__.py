"""The only maker of views: frames cleared for an audience."""

from gridmap.privacy.search import Needles
from gridmap.privacy.views import make_view
from gridmap.privacy.withheld import Withheld, withheld

__all__ = ["Needles", "Withheld", "make_view", "withheld"]
