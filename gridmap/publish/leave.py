"""Finished bytes become a file, with its manifest: guard, then both, all or nothing."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gridmap.config import CONFIG_NAME, LOG_NAME, RELEASES_NAME, STORE_NAME
from gridmap.errors import ConfigError, PublishError, StoreError
from gridmap.privacy import Withheld
from gridmap.publish.guard import guard
from gridmap.publish.manifest import SUFFIX, Manifest, Record, make_manifest, manifest_path
from gridmap.store import replacing

logger = logging.getLogger(__name__)

Done = Callable[[Manifest], None]


def publish(
    data: bytes,
    out: Path,
    *,
    withheld: Withheld,
    record: Record,
    force: bool = False,
    done: Done | None = None,
) -> Path:
    """Leave finished bytes as a file and their manifest beside it, if neither holds what was left out.

    Parameters
    ----------
    data : bytes
        The finished product.
    out : Path
        Where it shall be; its manifest is called like it, with ``.manifest.json`` behind.
    withheld : Withheld
        From `gridmap.privacy.withheld`, for the view that the product was made from.
    record : Record
        What the manifest tells of it.
    force : bool
        Replace files that are there.
    done : callable, optional
        Called with the manifest when both files are in place (the line in the log); if it raises, both
        are again what they were.

    Returns
    -------
    Path
        `out`, which now holds exactly `data`; on any error both files are what they were before.

    Raises
    ------
    ConfigError
        GM104 if a file or folder is in the way: see `refuse_in_the_way`.
    PublishError
        GM602 if the bytes hold a withheld text (the column is named, never the text);
        GM603 if a file cannot be written.
    """
    refuse_in_the_way(out, force=force)
    guard(data, withheld, where=out.name)
    manifest, beside = make_manifest(data, out.name, record), manifest_path(out)
    guard(manifest.words(), withheld, where=beside.name)
    with _put_back(out), _put_back(beside):
        _leave(out, data, beside, manifest.to_bytes())
        if done is not None:
            done(manifest)
    return out


def refuse_in_the_way(out: Path, *, force: bool) -> None:
    """Refuse a place where something else is, or where a product has no business.

    Parameters
    ----------
    out : Path
        Where a product shall be; its manifest needs the place beside it too.
    force : bool
        Files may be replaced.

    Raises
    ------
    ConfigError
        GM104 if there is a file and not `force`; and, `force` or not, if there is a folder, a project's own
        file, or the name is that of a manifest.
    PublishError
        GM603 if no file can be called so.
    """
    if out.name.casefold().endswith(SUFFIX):
        raise _in_the_way("the name is that of a product's manifest", out, fix="name the product another way")
    # Even to look fails where a name is too long.
    with _told(out):
        for path in (out, manifest_path(out)):
            if path.is_dir():
                raise _in_the_way("a folder is in the way", path, fix="name a file")
            if _belongs_to_a_project(path):
                what = "a project's own file is in the way, and no product replaces it"
                raise _in_the_way(what, path, fix="name another file")
            # A link that leads nowhere is in the way too.
            if not force and (path.exists() or path.is_symlink()):
                fix = "name another, or replace it with --force"
                raise _in_the_way("a file is in the way", path, fix=fix)


def _in_the_way(what: str, path: Path, *, fix: str) -> ConfigError:
    return ConfigError("GM104", what, where=str(path), fix=fix)


def _belongs_to_a_project(out: Path) -> bool:
    """Whether a file is the settings, the log, the secret, the store or what SQLite keeps beside it."""
    real = out.resolve()
    # By any path, and however it is spelled: many disks take LOG.JSONL for log.jsonl.
    name = real.name.casefold()
    own = name in {CONFIG_NAME, LOG_NAME, RELEASES_NAME} or name.startswith(STORE_NAME)
    return own and (real.parent / CONFIG_NAME).exists()


def _leave(product: Path, data: bytes, manifest: Path, told: bytes) -> None:
    """Write both beside their places, flush them to the disk, and put them in place.

    The manifest comes first, the product last. A process that is killed between the two leaves a manifest
    without its product, or beside the product that was there before, which `gridmap verify` then says is not
    the one that the manifest means. The other order could leave a product that nothing tells of.
    """
    with _told(product), replacing(product) as new_product:
        new_product.write_bytes(data)
        with replacing(manifest) as new_manifest:
            new_manifest.write_bytes(told)


@contextmanager
def _told(out: Path) -> Iterator[None]:
    """Tell what the disk does not allow in the project's form."""
    try:
        yield
    except (OSError, StoreError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        said = cause.strerror if isinstance(cause, OSError) and cause.strerror else "no reason given"
        raise PublishError(
            "GM603",
            f"the file cannot be written: {said}",
            where=str(out),
            fix="give a folder that exists, may be written and has room; close the file in other programs",
        ) from cause


@contextmanager
def _put_back(path: Path) -> Iterator[None]:
    """On any error make a path again what it was: the file that was there, or nothing."""
    with _told(path):
        kept = _aside(path)
    try:
        yield
    except BaseException:
        _restore(path, kept)
        raise
    if kept is not None:
        with contextlib.suppress(OSError):
            kept.unlink()


def _aside(path: Path) -> Path | None:
    """Give what is at a path a second name, so that to put it back takes no room on the disk."""
    if not path.exists() and not path.is_symlink():
        return None
    kept = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    if path.is_symlink():
        kept.symlink_to(path.readlink())
        return kept
    try:
        kept.hardlink_to(path)
    except OSError:
        # A stick's file system has no second names.
        _copy(path, kept)
    return kept


def _copy(path: Path, kept: Path) -> None:
    try:
        shutil.copy2(path, kept)
    except BaseException:
        with contextlib.suppress(OSError):
            kept.unlink(missing_ok=True)
        raise


def _restore(path: Path, kept: Path | None) -> None:
    try:
        if kept is None:
            path.unlink(missing_ok=True)
            return
        if not _same(path, kept):
            kept.replace(path)
        # To rename onto a second name of the same file does nothing, and both stay.
        kept.unlink(missing_ok=True)
    except OSError:
        # The error that is on its way tells more; what was there stays under its other name.
        logger.warning("%s could not be put back; what was there is in %s", path.name, kept)


def _same(path: Path, kept: Path) -> bool:
    try:
        return os.path.samestat(path.lstat(), kept.lstat())
    except FileNotFoundError:
        return False
