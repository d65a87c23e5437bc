"""Foreign files in, and cleared tables out as bytes."""

from typing import TYPE_CHECKING

from gridmap.lazy import attach

if TYPE_CHECKING:
    from gridmap.exchange.basemap import read_basemap
    from gridmap.exchange.format import Format, RawTable
    from gridmap.exchange.options import ReadKeywords, ReadOptions, WriteKeywords
    from gridmap.exchange.placing import UnstatedCrsError
    from gridmap.exchange.profile_options import profile_of, with_profile
    from gridmap.exchange.reading import Reading, read_frame, read_rows, refuse_faulty
    from gridmap.exchange.typed import RowFault
    from gridmap.exchange.writing import write_table
else:
    __getattr__, __dir__ = attach(
        __name__,
        {
            "basemap": ("read_basemap",),
            "format": ("Format", "RawTable"),
            "options": ("ReadKeywords", "ReadOptions", "WriteKeywords"),
            "placing": ("UnstatedCrsError",),
            "profile_options": ("profile_of", "with_profile"),
            "reading": ("Reading", "read_frame", "read_rows", "refuse_faulty"),
            "typed": ("RowFault",),
            "writing": ("write_table",),
        },
    )

__all__ = [
    "Format",
    "RawTable",
    "ReadKeywords",
    "ReadOptions",
    "Reading",
    "RowFault",
    "UnstatedCrsError",
    "WriteKeywords",
    "profile_of",
    "read_basemap",
    "read_frame",
    "read_rows",
    "refuse_faulty",
    "with_profile",
    "write_table",
]
