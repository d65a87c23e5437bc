"""The manifest beside a product: what it is, for whom, what was left out, and how to know it again.

It is for the holder of the data. It tells how many rows there were and what the columns left out are
called, never a value of theirs. Same product, same versions: same bytes.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
import pyogrio
import pyproj
import shapely
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gridmap.errors import PublishError
from gridmap.model import View
from gridmap.model.recipe import Recipe, Source
from gridmap.privacy.releases import Releases

SUFFIX = ".manifest.json"
FORMAT: Literal[1] = 1
# A manifest of the widest settings is some tens of kilobytes.
LARGEST = 4 << 20
ABOUT = {
    "en": "For the holder of the data: what this product is and what was left out of it. "
    "It need not be handed on with the product.",
    "zh": "供数据保管方留存：说明本产品的内容与已隐去的部分，交付产品时无需附上。",
}
LIBRARIES = (
    *("folium", "fonttools", "geopandas", "gridmap", "matplotlib", "numpy"),
    *("pandas", "pyarrow", "pyogrio", "pyproj", "shapely"),
)

Count = Annotated[int, Field(ge=0)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{32,64}$")]


class _Strict(BaseModel):
    """Nothing is guessed: no other keys, no other types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class About(_Strict):
    """A sentence for whoever finds the file."""

    en: str
    zh: str


class Told(_Strict):
    """One table: None rows before if a redaction made it, None rows after if it was left out."""

    before: Count | None
    after: Count | None
    columns_left_out: tuple[str, ...]


class Redaction(_Strict):
    """One redaction as done: see `gridmap.model.Redacted`."""

    kind: str
    redaction: str
    table: str
    k: Count
    before: Count
    after: Count
    left_out: Count


class Output(_Strict):
    """The product's own bytes."""

    bytes: Count
    sha256: Sha256


class Input(_Strict):
    """What it was made from; keyed with the project's secret, or None, where ids are new."""

    keyed: bool
    data: Hash | None
    settings: Hash | None
    changed_outside: Count


class Manifest(_Strict):
    """What is known of one product."""

    format: Literal[1]
    about: About
    product: str
    action: Annotated[str, Field(pattern=r"^(map|summary|atlas|export .+|coverage (map|strip|bars))$")]
    options: dict[str, str]
    audience: str
    unit: str | None
    decimals: Count
    ids: Literal["true", "new"]
    k: Count | None
    redactions: tuple[Redaction, ...]
    tables: dict[str, Told]
    output: Output
    input: Input
    versions: dict[str, str]

    @property
    def recipe(self) -> Recipe:
        """How the product was made."""
        return Recipe(self.action, self.audience, self.unit, self.options)

    def to_bytes(self) -> bytes:
        """Return the bytes of the file."""
        text = json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, indent=2)
        return f"{text}\n".encode("utf-8", "backslashreplace")

    @property
    def sha256(self) -> str:
        """The hash of the manifest itself, as it was made."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def words(self) -> bytes:
        """Return every text that came from the project or from whoever called, a line each.

        All the rest is gridmap's own words, counts and hashes. In the digits of a hash a private text of four
        characters would be found sooner or later, and means nothing there.
        """
        return "\n".join(self._words()).encode("utf-8", "backslashreplace")

    def _words(self) -> Iterator[str]:
        yield from (self.product, self.action, self.audience, self.unit or "")
        yield from self.options.values()
        for name, told in self.tables.items():
            yield name
            yield from told.columns_left_out
        for one in self.redactions:
            yield from (one.kind, one.redaction, one.table)


@dataclass(frozen=True)
class Record:
    """What a manifest is made of, besides the product's bytes and name.

    Parameters
    ----------
    recipe : Recipe
        How the product was made.
    view : View
        What its audience may see.
    tables : mapping of str to frame
        All there was: what the view was made from.
    source : Source
        Hashes of the data and the settings.
    keeps_ids : bool
        Whether the audience sees the true ids.
    releases : Releases, optional
        Holds the secret of the project; without it an audience that gets new ids has no hash of the input.
    also : mapping of str to frame
        Tables that the view was not made from, and whose exact positions must not be in the bytes either:
        where households live that stand at their camps.
    """

    recipe: Recipe
    view: View
    tables: Mapping[str, pd.DataFrame]
    source: Source
    keeps_ids: bool
    releases: Releases | None = None
    also: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def manifest_path(product: Path) -> Path:
    """Return where the manifest of a product is."""
    return product.with_name(product.name + SUFFIX)


def make_manifest(data: bytes, name: str, record: Record) -> Manifest:
    """Return the manifest of finished bytes.

    Parameters
    ----------
    data : bytes
        The product.
    name : str
        Name of its file.
    record : Record
        How it was made, and from what.
    """
    view, recipe = record.view, record.recipe
    fewest = [one.k for one in view.redacted if one.k]
    return Manifest(
        format=FORMAT,
        about=About(**ABOUT),
        product=name,
        action=recipe.action,
        options=dict(recipe.options),
        audience=recipe.audience,
        unit=recipe.unit,
        decimals=view.decimals,
        ids="true" if record.keeps_ids else "new",
        k=min(fewest) if fewest else None,
        redactions=tuple(Redaction(**asdict(one)) for one in view.redacted),
        tables=_tables(record),
        output=Output(bytes=len(data), sha256=hashlib.sha256(data).hexdigest()),
        input=input_of(record),
        versions=dict(versions()),
    )


def input_of(record: Record) -> Input:
    """Return the hashes of what a product was made from.

    Notes
    -----
    A plain hash of private data lets somebody who knows all but one value try the rest until it fits. For
    an audience that gets new ids it is keyed with the project's secret.
    """
    source, recipe = record.source, record.recipe
    if record.keeps_ids:
        hashes: dict[str, str | None] = {"data": source.data, "settings": source.settings}
    elif record.releases is None:
        hashes = {"data": None, "settings": None}
    else:
        plain = {"data": source.data, "settings": source.settings}
        receiver = (recipe.audience, recipe.unit or "")
        hashes = {
            name: record.releases.keyed("manifest", *receiver, name, value).hex()
            for name, value in plain.items()
        }
    return Input(keyed=not record.keeps_ids, changed_outside=source.outside, **hashes)


def read_manifest(path: Path) -> Manifest:
    """Read a manifest strictly: it may come from anybody.

    Raises
    ------
    PublishError
        GM604 if it is not there, cannot be read, is damaged, or is of a later gridmap.
    """
    data = _bytes_of(path)
    try:
        plain = json.loads(data.decode("utf-8"), object_pairs_hook=_once_each)
        form = plain.get("format") if isinstance(plain, dict) else None
        if type(form) is int and form > FORMAT:
            raise _bad(path, "it is of a format that a later gridmap made", fix="update gridmap")
        return Manifest.model_validate_json(data)
    except ValidationError as error:
        raise _bad(path, _first_fault(error)) from error
    except (ValueError, RecursionError) as error:
        # Also nested without end, an integer of 5,000 digits, a key that is there twice.
        raise _bad(path, "it is damaged: no JSON as a manifest is written") from error


def _bytes_of(path: Path) -> bytes:
    if not path.exists():
        raise PublishError(
            "GM604",
            "there is no manifest beside the product",
            where=str(path),
            fix="put the manifest back beside it, or make the product again: its manifest comes with it",
        )
    try:
        # Not a device or a pipe, which would never end.
        if not path.is_file():
            raise _bad(path, "it is no file")
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise _bad(path, "you may not read it, or the disk fails") from error
    if len(data) > LARGEST:
        raise _bad(path, "it is larger than any manifest")
    return data


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that is there twice: a reader might go by the first and a program by the last."""
    found = dict(pairs)
    if len(found) != len(pairs):
        msg = "a key is there twice"
        raise ValueError(msg)
    return found


def _first_fault(error: ValidationError) -> str:
    """Say what is wrong without a word of the file's own: whoever damaged it may have chosen them."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    key = str(first["loc"][0]) if first["loc"] else ""
    if key not in Manifest.model_fields:
        return "it has keys that no manifest has"
    return f"{key} is missing" if first["type"] == "missing" else f"{key} is not as a manifest has it"


def _bad(path: Path, what: str, *, fix: str = "") -> PublishError:
    return PublishError(
        "GM604",
        f"the manifest cannot be read: {what}",
        where=str(path),
        fix=fix or "put a good copy back, or make the product again",
    )


def _tables(record: Record) -> dict[str, Told]:
    """Return what became of every table, by name."""
    shown = {name: table.frame for name, table in record.view.tables.items()}
    return {
        name: _told(record.tables.get(name), shown.get(name)) for name in sorted({*record.tables, *shown})
    }


def _told(given: pd.DataFrame | None, shown: pd.DataFrame | None) -> Told:
    had = [] if given is None else map(str, given.columns)
    kept = set() if shown is None else set(map(str, shown.columns))
    return Told(
        before=None if given is None else len(given),
        after=None if shown is None else len(shown),
        columns_left_out=tuple(sorted(name for name in had if name not in kept)),
    )


@cache
def versions() -> Mapping[str, str]:
    """Return the versions of what makes the bytes of products."""
    found = {
        "python": ".".join(platform.python_version_tuple()[:2]),
        "GDAL": pyogrio.__gdal_version_string__,
        "GEOS": shapely.geos_version_string,
        "PROJ": pyproj.proj_version_str,
    }
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            # An extra that is not installed made no byte.
            continue
    return found
