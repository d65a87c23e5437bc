"""The atlas: a series of sheets at exact scale as a vector PDF, drawn without a browser."""

from gridmap.render.atlas.asked import Asked, read_scale
from gridmap.render.atlas.book import atlas_pdf

__all__ = ["Asked", "atlas_pdf", "read_scale"]
