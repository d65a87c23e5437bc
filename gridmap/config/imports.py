"""How files come in: limits, words for headers, and named mappings (profiles)."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gridmap.model.datums import Datum

Seconds = Annotated[int, Field(ge=1, le=86_400, strict=True)]
Megabytes = Annotated[int, Field(ge=64, le=1_000_000, strict=True)]
Vertices = Annotated[int, Field(ge=1_000, le=1_000_000_000, strict=True)]
ProfileName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProfileSpec(_Frozen):
    """A mapping that was saved under a name: how one office's files are read.

    ``columns`` leads from the file's headers to columns of the kind (an empty text leaves one out); ``set``
    gives columns one value in every row; ``id`` is the header of the ids.
    """

    columns: dict[str, str] = {}
    set: dict[str, str] = {}
    id: str | None = None
    crs: str | None = None
    datum: Datum | None = None
    swap_axes: Annotated[bool, Field(strict=True)] = False
    encoding: str | None = None
    layer: str | None = None


class ImportSpec(_Frozen):
    """Limits on what is read, and what headers mean besides the words gridmap knows.

    ``words`` leads from a header to a column of any kind that has it.
    """

    max_seconds: Seconds = 600
    max_memory_mb: Megabytes = 4096
    max_file_mb: Megabytes = 4096
    max_vertices: Vertices = 2_000_000
    words: dict[str, str] = {}
    profiles: dict[ProfileName, ProfileSpec] = {}
