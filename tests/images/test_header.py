"""Formats and sizes read from real files of every kind, and from hostile ones."""

from __future__ import annotations

import io
import random
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from imgwidgets.images import sniff
from imgwidgets.images.damage import damage
from imgwidgets.images.pixels import open_image

FORMATS = ["png", "jpeg", "webp", "gif", "bmp", "tiff", "avif"]


def encode(mode="RGB", kind="png", size=(37, 23), **options):
    buffer = io.BytesIO()
    noise = Image.effect_noise(size, 40)
    image = noise.convert(mode)
    if mode == "RGBA":
        image.putalpha(noise)
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", FORMATS)
def test_format_and_size_are_read_from_the_bytes(kind):
    header = sniff(encode(kind=kind))
    assert (header.format, header.size, header.has_alpha) == (kind, (37, 23), False)


@pytest.mark.parametrize(
    ("kind", "options"),
    [("png", {}), ("webp", {}), ("webp", {"lossless": True}), ("avif", {}), ("tiff", {})],
)
def test_transparency_is_seen(kind, options):
    header = sniff(encode("RGBA", kind, **options))
    assert (header.format, header.size, header.has_alpha) == (kind, (37, 23), True)


def test_lossless_webp_without_alpha_has_none():
    assert not sniff(encode("RGB", "webp", lossless=True)).has_alpha


def test_a_palette_png_with_a_transparent_colour_has_alpha():
    assert sniff(encode("P", transparency=3)).has_alpha
    assert not sniff(encode("P")).has_alpha


def test_a_gif_with_a_transparent_colour_has_alpha():
    assert sniff(encode("P", "gif", transparency=128)).has_alpha
    assert not sniff(encode("P", "gif")).has_alpha


@pytest.mark.parametrize("kind", ["gif", "webp", "png"])
def test_frames_of_an_animation_are_counted(kind):
    frames = [Image.effect_noise((20, 10), 10 + 40 * i).convert("RGB") for i in range(5)]
    buffer = io.BytesIO()
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:], duration=100)
    header = sniff(buffer.getvalue())
    assert (header.size, header.frames) == ((20, 10), 5)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_size_is_the_displayed_one_for_every_exif_orientation(kind, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    data = encode(kind=kind, exif=exif)
    header = sniff(data)
    assert header.orientation == orientation
    assert header.size == ((37, 23) if orientation < 5 else (23, 37))
    assert open_image(data).size == header.size


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_rotated_avif_has_its_displayed_size(orientation):
    exif = Image.Exif()
    exif[274] = orientation
    data = encode(kind="avif", exif=exif)
    assert sniff(data).size == open_image(data).size == ((37, 23) if orientation < 5 else (23, 37))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_rotated_pixels_come_out_upright(orientation):
    upright = np.zeros((16, 32, 3), np.uint8)
    upright[:8, :16] = (255, 0, 0)
    upright[8:, 16:] = (0, 0, 255)
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Pillow's transpose that makes the stored picture
    stored = Image.fromarray(upright)
    if orientation > 1:
        stored = stored.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[274] = orientation
    buffer = io.BytesIO()
    stored.save(buffer, "png", exif=exif)
    assert np.array_equal(np.asarray(open_image(buffer.getvalue())), upright)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ('<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48"/>', (64, 48)),
        ("<?xml version='1.0'?>\n<!-- a > b --><svg height='48px' width='64px'></svg>", (64, 48)),
        ('\ufeff  <svg viewBox="0 0 300 150"></svg>', (300, 150)),
        ('<svg width="100%" viewBox="-5,-5,20,10"></svg>', (20, 10)),
        ('<svg width="1in" height="25.4mm"></svg>', (96, 96)),
        ("<svg></svg>", None),
    ],
)
def test_svg_sizes(text, size):
    assert (sniff(text.encode()).format, sniff(text.encode()).size) == ("svg", size)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"BMW drivers know this text is not a bitmap file",
        b"<html><body><svg width='1' height='1'></svg></body></html>",
        b"<!doctype html><html><svg></svg></html>",
        b'{"svg": "<svg></svg>"}',
        b"RIFF\x00\x00\x00\x00WAVEfmt ",
    ],
)
def test_what_is_no_image_has_no_format(data):
    assert sniff(data).format == ""


@pytest.mark.parametrize("kind", FORMATS)
def test_every_truncation_is_read_without_an_exception(kind):
    data = encode("RGB", kind)
    for end in range(len(data)):
        header = sniff(data[:end])
        assert header.size in (None, (37, 23))


@pytest.mark.parametrize("kind", FORMATS)
def test_flipped_bytes_are_read_without_an_exception(kind):
    data = encode("RGB", kind)
    rng = random.Random(kind)
    for _ in range(2_000):
        broken = bytearray(data)
        for _ in range(rng.randint(1, 8)):
            broken[rng.randrange(min(len(data), 400))] = rng.randrange(256)
        header = sniff(bytes(broken))
        assert header.size is None or all(isinstance(edge, int) and edge > 0 for edge in header.size)


STARTS = [
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe1",
    b"RIFF\xff\xff\xff\xffWEBPVP8X",
    b"GIF89a",
    b"II*\0",
    b"MM\0*",
]


@given(st.sampled_from([*STARTS, b"\0\0\0\x18ftypavif", b"BM", b"<svg ", b""]), st.binary(max_size=300))
def test_arbitrary_bytes_behind_a_signature_are_read_without_an_exception(start, rest):
    sniff(start + rest)


def test_a_gif_of_endless_tiny_blocks_is_given_up_early():
    data = b"GIF89a" + struct.pack("<HHBBB", 10, 10, 0, 0, 0) + b"\x21\xfe\x00" * 2_000_000
    assert sniff(data).size == (10, 10)


def test_a_view_into_a_larger_buffer_needs_no_copy():
    assert sniff(memoryview(encode())).size == (37, 23)


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "gif"])
def test_a_cut_file_is_found_out_without_decoding(kind):
    data = encode("RGB", kind, size=(200, 200))
    assert damage(data, kind) == ""
    assert damage(data[: len(data) // 2], kind) != ""


def test_a_changed_byte_in_a_png_is_found_by_its_checksum():
    data = bytearray(encode(size=(200, 200)))
    data[len(data) // 2] ^= 0xFF
    assert damage(bytes(data), "png") == "the checksum of its IDAT chunk is wrong"
