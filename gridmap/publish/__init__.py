"""The only place that leaves a product on disk: guard on the bytes, then the file and its manifest."""

from gridmap.publish.guard import guard
from gridmap.publish.leave import publish, refuse_in_the_way
from gridmap.publish.manifest import (
    Manifest,
    Record,
    input_of,
    manifest_path,
    read_manifest,
)

__all__ = [
    "Manifest",
    "Record",
    "guard",
    "input_of",
    "manifest_path",
    "publish",
    "read_manifest",
    "refuse_in_the_way",
]
