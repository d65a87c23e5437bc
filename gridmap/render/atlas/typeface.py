"""Typefaces that can write Chinese: which ones serve, and which file of this machine holds one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridmap.errors import ConfigError, RenderError

Weight = str  # "regular" or "bold"

# Files that hold Chinese, the best first, by the beginning of their names: (regular, bold).
FAMILIES = (
    ("NotoSansCJK-Regular", "NotoSansCJK-Bold"),
    ("NotoSansCJKsc-Regular", "NotoSansCJKsc-Bold"),
    ("NotoSansSC-Regular", "NotoSansSC-Bold"),
    ("SourceHanSansSC-Regular", "SourceHanSansSC-Bold"),
    ("SourceHanSansCN-Regular", "SourceHanSansCN-Bold"),
    ("SourceHanSans-Regular", "SourceHanSans-Bold"),
    ("msyh", "msyhbd"),
    ("Deng", "Dengb"),
    ("PingFang", "PingFang"),
    ("Hiragino Sans GB", "Hiragino Sans GB"),
    ("STHeiti Light", "STHeiti Medium"),
    ("simhei", "simhei"),
    ("wqy-microhei", "wqy-microhei"),
    ("wqy-zenhei", "wqy-zenhei"),
    ("DroidSansFallbackFull", "DroidSansFallbackFull"),
    ("simsun", "simsun"),
    ("Arial Unicode", "Arial Unicode"),
)
SUFFIXES = {".ttf", ".ttc", ".otf", ".otc"}
# Of the faces in one file, those for simplified Chinese have one of these in their name.
SIMPLIFIED = (" SC", " CN", " GB", "YaHei", "Hei")
# A face that lacks one of these is no Chinese one, whatever it is called.
PROBE = "边界线苏木嘎查里程图例"
RESTRICTED = 0x0002  # OS/2 fsType: may not be embedded at all


@dataclass(frozen=True, slots=True)
class Typeface:
    """One face of a font file.

    Parameters
    ----------
    path : Path
        A TrueType or OpenType file, or a collection of them.
    number : int
        Which face of a collection.
    """

    path: Path
    number: int = 0


def tools() -> Any:
    """Return matplotlib, which draws the atlas; it brings the reader of font files.

    Raises
    ------
    ConfigError
        GM111 if it is not installed.
    """
    try:
        import fontTools.ttLib  # noqa: PLC0415
        import matplotlib as mpl  # noqa: PLC0415
        import matplotlib.font_manager  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            "GM111",
            "an atlas needs the library matplotlib, and it is not installed",
            where="gridmap atlas",
            fix='pip install "gridmap[print]"',
        ) from error
    _ = fontTools.ttLib
    return mpl


def latin(weight: Weight) -> Typeface:
    """Return the face that matplotlib brings: Latin letters, Cyrillic, signs."""
    name = "DejaVuSans-Bold.ttf" if weight == "bold" else "DejaVuSans.ttf"
    return Typeface(Path(tools().get_data_path()) / "fonts" / "ttf" / name)


def chinese(weight: Weight) -> Typeface | None:
    """Return the best Chinese face of this machine in a weight, or None.

    A family without a bold file writes bold text in its regular one.
    """
    files = _installed()
    for regular, bold in FAMILIES:
        names = (bold, regular) if weight == "bold" else (regular,)
        for name in names:
            found = next((one for path in files.get(name.lower(), ()) for one in _faces(path)), None)
            if found is not None:
                return found
    return None


def no_chinese() -> RenderError:
    """Return the error of a machine that has no Chinese font."""
    return RenderError(
        "GM703",
        "there is no font with Chinese characters on this machine",
        where="the fonts that are installed",
        fix="install one: on Debian and Ubuntu `apt-get install fonts-noto-cjk`, on Fedora "
        "`dnf install google-noto-sans-cjk-fonts`; Windows (Microsoft YaHei) and macOS (PingFang) bring one",
    )


def _installed() -> dict[str, list[Path]]:
    """Return the font files of this machine by the name without its suffix, in small letters."""
    found: dict[str, list[Path]] = {}
    for one in sorted(tools().font_manager.findSystemFonts()):
        path = Path(one)
        if path.suffix.lower() in SUFFIXES:
            found.setdefault(path.stem.lower(), []).append(path)
    return found


def _faces(path: Path) -> Iterator[Typeface]:
    """Yield the faces of a file that write simplified Chinese and may be embedded, the fittest first."""
    from fontTools.ttLib import TTCollection, TTFont, TTLibError  # noqa: PLC0415

    try:
        if path.suffix.lower() in {".ttc", ".otc"}:
            with TTCollection(str(path), lazy=True) as collection:
                fonts = list(enumerate(collection.fonts))
                yield from (Typeface(path, number) for number in _ranked(fonts))
        else:
            with TTFont(str(path), lazy=True) as font:
                yield from (Typeface(path) for _ in _ranked([(0, font)]))
    except (OSError, TTLibError, KeyError, ValueError, AssertionError):
        # A damaged file is none that serves.
        return


def _ranked(fonts: list[tuple[int, Any]]) -> Iterator[int]:
    named = [(not any(mark in _name(font) for mark in SIMPLIFIED), number, font) for number, font in fonts]
    for _, number, font in sorted(named, key=lambda one: one[:2]):
        if _serves(font):
            yield number


def _name(font: Any) -> str:
    return str(font["name"].getDebugName(4) or "")


def _serves(font: Any) -> bool:
    outlines = "glyf" in font or "CFF " in font
    allowed = not ("OS/2" in font and font["OS/2"].fsType & RESTRICTED)
    known = font.getBestCmap() or {}
    return outlines and allowed and all(ord(one) in known for one in PROBE)
