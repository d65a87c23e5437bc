"""What is inside finished bytes: containers opened, spellings undone, numbers read."""

from gridmap.publish.unpacking.numbers import doubles, packed, written
from gridmap.publish.unpacking.opening import unpack
from gridmap.publish.unpacking.piece import Piece, TooMuchError
from gridmap.publish.unpacking.spelling import as_text, readings

__all__ = ["Piece", "TooMuchError", "as_text", "doubles", "packed", "readings", "unpack", "written"]
