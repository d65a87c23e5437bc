"""A picture under a map goes to everybody who gets the map: only the picture, and only where it belongs."""

from __future__ import annotations

import numpy as np
import picture_files as made
import pytest
from PIL import Image

from gridmap.errors import InputError
from gridmap.exchange.pictures import MOST_PIXELS, take_picture

SECRET = b"SECRET-42.53N-110.12E"


def exif() -> Image.Exif:
    said = Image.Exif()
    said[0x010E] = SECRET.decode()
    said[0x0112] = 1
    return said


@pytest.mark.parametrize("name", [b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"iCCP", b"tIME", b"acTL", b"abCd"])
def test_a_png_leaves_with_its_pixels_alone(name):
    data = made.png(made.colours(), (b"gAMA", b"\0\0\xb1\x8f"), (name, b"k\0" + SECRET)) + SECRET
    picture = take_picture(data, where="topo.png")
    assert SECRET not in picture.data
    assert name not in picture.data
    assert b"gAMA" in picture.data
    assert (picture.media, picture.width, picture.height) == ("image/png", 60, 40)
    assert (made.pixels(picture.data) == made.colours()).all()


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"subsampling": 0}]
)
def test_a_jpeg_leaves_with_its_pixels_alone(options):
    data = made.saved("JPEG", exif=exif(), comment=SECRET, icc_profile=SECRET, **options) + SECRET
    assert data.count(SECRET) >= 3
    picture = take_picture(data, where="photo.jpg")
    assert SECRET not in picture.data
    assert b"Exif" not in picture.data
    assert (picture.media, picture.width, picture.height) == ("image/jpeg", 60, 40)
    assert (made.pixels(picture.data) == made.pixels(data)).all()


def test_a_jpeg_in_the_colours_of_print_is_still_read_as_such():
    out = made.io.BytesIO()
    Image.fromarray(made.colours()).convert("CMYK").save(out, "JPEG")
    picture = take_picture(out.getvalue(), where="scan.jpg")
    assert b"Adobe" in picture.data
    assert (made.pixels(picture.data) == made.pixels(out.getvalue())).all()


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 80}])
def test_a_webp_leaves_with_its_pixels_alone(options):
    data = made.saved("WEBP", exif=exif(), xmp=SECRET, icc_profile=SECRET, **options)
    assert SECRET in data
    picture = take_picture(data, where="topo.webp")
    assert SECRET not in picture.data
    assert not any(one in picture.data for one in (b"EXIF", b"XMP ", b"ICCP"))
    assert (picture.media, picture.width, picture.height) == ("image/webp", 60, 40)
    assert (made.pixels(picture.data) == made.pixels(data)).all()


def test_what_a_picture_is_its_bytes_say_and_not_its_name():
    assert take_picture(made.saved("JPEG"), where="topo.png").media == "image/jpeg"
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    for data in (svg, b"GIF89a....", b"II*\0", b"", b"<html>", b"RIFF\0\0\0\0WAVE"):
        with pytest.raises(InputError, match=r"\[GM205\]"):
            take_picture(data, where="topo.png")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_damaged_picture_is_refused_and_not_handed_on(kind):
    whole = made.saved(kind)
    for size in [*range(13, len(whole) - 1, 7), len(whole) - 1]:
        with pytest.raises(InputError, match=r"\[GM20[25]\]"):
            take_picture(whole[:size], where="topo")


def test_an_animation_is_no_map():
    frames = [Image.fromarray(made.colours()), Image.fromarray(255 - made.colours())]
    out = made.io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    with pytest.raises(InputError, match="animation"):
        take_picture(out.getvalue(), where="topo.webp")


def test_more_pixels_than_a_browser_holds_are_refused():
    wide = np.zeros((1, MOST_PIXELS + 1, 3), dtype=np.uint8)
    with pytest.raises(InputError, match=r"\[GM209\]"):
        take_picture(made.png(wide), where="topo.png")
    assert take_picture(made.png(wide[:, 1:]), where="topo.png").width == MOST_PIXELS
