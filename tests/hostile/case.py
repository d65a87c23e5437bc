"""What a hostile file is, and what may become of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Taken = Literal["never", "any", "some quarantined", "told", "all"]
NEVER: Taken = "never"
ANY_ROWS: Taken = "any"
QUARANTINED: Taken = "some quarantined"
# Stored, or quarantined: what a store can hold is a finding of `gridmap check`, by its id.
TOLD: Taken = "told"
ALL: Taken = "all"

# The file is damaged, something else, or in no encoding; or it is a table in which headers are missing.
DAMAGED = frozenset({"GM202", "GM205", "GM207"})
TABLE = DAMAGED | {"GM105", "GM201", "GM210"}
LARGE = frozenset({"GM209"})


@dataclass(frozen=True)
class Case:
    """A bad file.

    `codes` are the errors that may refuse it; `taken` says what may become of its rows otherwise: it must be
    refused, anything, at least one row must be quarantined, or quarantined or found by a check, or every row
    is stored.
    """

    name: str
    main: str
    files: Mapping[str, bytes] | Callable[[], Mapping[str, bytes]]
    codes: AbstractSet[str]
    taken: Taken

    def write(self, folder: Path) -> Path:
        """Write the files; return the path of the main one."""
        files = self.files() if callable(self.files) else self.files
        for extension, data in files.items():
            (folder / f"x{extension}").write_bytes(data)
        return folder / f"x{self.main}"
