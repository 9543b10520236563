"""Thumbnails are small, keep their shape and their transparency."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from skimage import data as photographs

from imgwidgets.errors import ImageInputError
from imgwidgets.images import ResultImage, thumbnail

PHOTO = photographs.astronaut()


def encode(array, kind="png", **options):
    buffer = io.BytesIO()
    image = array if isinstance(array, Image.Image) else Image.fromarray(array)
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def small(data, edge=256):
    made, media_type = thumbnail(data, edge)
    assert media_type == "image/webp"
    return Image.open(io.BytesIO(made))


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "gif", "bmp", "tiff", "avif"])
def test_every_format_gives_a_webp_that_looks_the_same(kind):
    made = small(encode(PHOTO[:, :256], kind), 128)
    assert made.size == (64, 128)
    expected = np.asarray(Image.fromarray(PHOTO[:, :256]).resize((64, 128), Image.Resampling.BICUBIC))
    assert np.abs(np.asarray(made.convert("RGB")).astype(int) - expected).mean() < 10


def test_a_small_picture_is_not_enlarged():
    assert small(encode(PHOTO[:20, :30])).size == (30, 20)


def test_a_result_image_is_taken_too():
    assert small(ResultImage(encode(PHOTO)), 32).size == (32, 32)


def test_transparency_stays():
    clear = np.dstack([PHOTO, np.zeros(PHOTO.shape[:2], np.uint8)])
    made = small(encode(clear), 64)
    assert made.mode == "RGBA"
    assert np.asarray(made)[:, :, 3].max() == 0


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16"])
def test_every_mode_gives_a_thumbnail(mode):
    gray = Image.fromarray(PHOTO).convert("L")
    image = (
        Image.fromarray(np.asarray(gray).astype(np.uint16) * 257) if mode == "I;16" else gray.convert(mode)
    )
    made = small(encode(image, "tiff" if mode == "CMYK" else "png"), 64)
    wanted = np.asarray(gray.resize((64, 64)))
    assert np.abs(np.asarray(made.convert("L")).astype(int) - wanted).mean() < 14


def test_a_turned_photograph_is_upright():
    exif = Image.Exif()
    exif[274] = 6
    assert small(encode(PHOTO[:256], "jpeg", exif=exif), 128).size == (64, 128)


def test_an_svg_comes_back_as_it_is():
    svg = b'<svg width="8" height="8"/>'
    assert thumbnail(svg) == (svg, "image/svg+xml")


def test_a_damaged_file_is_an_error():
    with pytest.raises(ImageInputError, match="damaged"):
        thumbnail(encode(PHOTO)[:-5000])
