"""The file beside the store that keeps what a project remembers of its releases."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gridmap.config import RELEASES_NAME
from gridmap.errors import ConfigError
from gridmap.privacy import Releases
from gridmap.store import in_turn, replacing

if TYPE_CHECKING:
    from gridmap.project.area import Area

OWNER_ONLY, ANYBODY = 0o600, 0o777


def alone(area: Area, *, keep: bool = True) -> AbstractContextManager[None]:
    """Let no other process recall, prepare and keep at the same time: what it kept would be lost.

    Its products would have ids and areas that nobody remembers. Who keeps nothing waits for nobody.
    """
    return in_turn(area.folder) if keep and area.folder is not None else nullcontext()


def recall(area: Area, *, keep_new: bool = True) -> Releases:
    """Return what a project remembers; begun anew, and kept if wanted, where there is nothing yet.

    Raises
    ------
    ConfigError
        GM112 if the file is there and cannot be read.
    StoreError
        GM303 if it cannot be written.
    """
    found = area.remembered if area.folder is None else _read(area.folder / RELEASES_NAME)
    if found is not None and keep_new and area.folder is not None:
        _for_owner_alone(area.folder / RELEASES_NAME)
    if found is None:
        found = Releases.fresh()
        if keep_new:
            keep(area, found)
    return found


def _read(path: Path) -> Releases | None:
    # A link that leads nowhere is no beginning: what it led to is elsewhere.
    if not path.exists() and not path.is_symlink():
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            "GM112",
            "what the project remembers of its releases cannot be read",
            where=str(path),
            fix="give yourself the right to read it, or put a copy back",
        ) from error
    return Releases.from_text(text, where=str(path))


def _for_owner_alone(path: Path) -> None:
    """Take others' rights from a file that came back from a copy, which may have brought any."""
    with suppress(OSError):
        if path.stat().st_mode & ~OWNER_ONLY & ANYBODY:
            path.chmod(OWNER_ONLY)


def keep(area: Area, releases: Releases) -> None:
    """Keep what a project remembers: beside its store, readable for its owner alone, all or nothing.

    An area in memory keeps it as long as it lives.
    """
    area.remembered = releases
    if area.folder is None:
        return
    with replacing(area.folder / RELEASES_NAME) as beside:
        beside.chmod(OWNER_ONLY)
        beside.write_text(releases.to_text(), encoding="utf-8", newline="\n")
