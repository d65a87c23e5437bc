"""Foreign files in, and cleared tables out as bytes."""

from gridmap.exchange.format import Format, RawTable
from gridmap.exchange.reading import Reading, read_frame, read_rows
from gridmap.exchange.typed import RowFault
from gridmap.exchange.writing import write_table

__all__ = ["Format", "RawTable", "Reading", "RowFault", "read_frame", "read_rows", "write_table"]
