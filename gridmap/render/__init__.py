"""Drawing: a view becomes a scene (plain data), and a scene becomes one HTML page."""

from gridmap.render.compose import compose

__all__ = ["compose"]
