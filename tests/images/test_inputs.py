"""Everything that a person may call an image, and what is said about everything else."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data as photographs

from imgwidgets.catalog import ImageInput
from imgwidgets.errors import ImageInputError
from imgwidgets.images import ResultImage, to_input
from imgwidgets.images.pixels import decode


@pytest.fixture(scope="module")
def photo():
    return photographs.astronaut()[:64, :96]


@pytest.fixture(scope="module")
def png(photo):
    buffer = io.BytesIO()
    Image.fromarray(photo).save(buffer, "png")
    return buffer.getvalue()


def pixels(image_input):
    return decode(image_input.data)


def test_a_path_is_read_as_it_is(png, tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(png)
    for given in (path, str(path)):
        taken = to_input(given)
        assert (taken.data, taken.format, taken.size, taken.name) == (png, "png", (96, 64), "photo.png")


def test_a_home_folder_is_understood(png, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "photo.png").write_bytes(png)
    assert to_input("~/photo.png").data == png


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_are_taken_as_they_are(png, kind):
    assert to_input(kind(png)).data == png


def test_a_result_image_keeps_its_bytes(png):
    assert to_input(ResultImage(png)).data == png


def test_a_pil_image_keeps_its_pixels(photo):
    taken = to_input(Image.fromarray(photo))
    assert taken.size == (96, 64)
    assert np.array_equal(pixels(taken), photo)


def test_a_pil_image_is_turned_upright(photo):
    exif = Image.Exif()
    exif[274] = 6
    buffer = io.BytesIO()
    Image.fromarray(photo).save(buffer, "png", exif=exif)
    taken = to_input(Image.open(io.BytesIO(buffer.getvalue())))
    assert taken.size == (64, 96)
    assert np.array_equal(pixels(taken), np.rot90(photo, -1))


def test_a_photograph_from_a_turned_camera_has_its_displayed_size(photo, tmp_path):
    exif = Image.Exif()
    exif[274] = 8
    Image.fromarray(photo).save(tmp_path / "turned.jpg", exif=exif)
    taken = to_input(tmp_path / "turned.jpg")
    assert (taken.size, taken.format) == ((64, 96), "jpeg")
    assert taken.data == (tmp_path / "turned.jpg").read_bytes()


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "I", "F", "HSV"]
)
def test_pil_images_of_every_mode_are_taken(mode):
    image = Image.effect_noise((20, 10), 60)
    image = (
        image.convert("I").point(lambda v: v * 256).convert("I;16") if mode == "I;16" else image.convert(mode)
    )
    taken = to_input(image)
    assert taken.size == (20, 10)
    assert pixels(taken).shape == (10, 20, 4 if mode in ("LA", "RGBA") else 3)


ARRAYS = {
    "gray uint8": (lambda p: p[:, :, 0], lambda p: np.repeat(p[:, :, :1], 3, axis=2)),
    "gray with one channel": (lambda p: p[:, :, :1], lambda p: np.repeat(p[:, :, :1], 3, axis=2)),
    "colour uint8": (lambda p: p, lambda p: p),
    "transparent uint8": (lambda p: np.dstack([p, p[:, :, 0]]), lambda p: np.dstack([p, p[:, :, 0]])),
    "float64": (lambda p: p / 255, lambda p: p),
    "float32": (lambda p: (p / 255).astype(np.float32), lambda p: p),
    "float16": (lambda p: (p > 127).astype(np.float16), lambda p: (p > 127) * np.uint8(255)),
    "bool": (lambda p: p > 127, lambda p: (p > 127) * np.uint8(255)),
    "not contiguous": (lambda p: p[::-1, ::2], lambda p: p[::-1, ::2]),
    "float a hair above one": (lambda _: np.full((2, 2), 1.0000001), lambda _: np.full((2, 2, 3), 255)),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_keep_their_pixels(photo, name):
    make, expected = ARRAYS[name]
    taken = to_input(make(photo))
    assert np.array_equal(pixels(taken), expected(photo))
    assert taken.size == (make(photo).shape[1], make(photo).shape[0])


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros((3, 10, 10), np.uint8), "channels come last"),
        (np.zeros((2, 10, 10, 3), np.uint8), "give one image, or a list of them"),
        (np.zeros((10, 10, 2), np.uint8), r"shape \(10, 10, 2\)"),
        (np.zeros(10, np.uint8), r"shape \(10,\)"),
        (np.zeros((0, 10), np.uint8), "no pixels"),
        (np.zeros((4, 4), np.int64), "array of int64"),
        (np.zeros((4, 4), np.uint16), "array of uint16"),
        (np.array([["a"]]), "array of <U1"),
        (np.array([[0.5, np.nan]]), "holds nan"),
        (np.array([[0.5, np.inf]]), "holds inf"),
        (np.array([[0.5, 200.0]]), r"holds 200.0; .* divide by 255"),
        (np.array([[0.5, -0.25]]), "holds -0.25"),
    ],
)
def test_an_unfit_array_is_an_error_that_says_which(array, says):
    with pytest.raises(ImageInputError, match=says):
        to_input(array)


def test_urls_and_file_ids_are_passed_on_unread():
    assert to_input("https://example.org/a.png").url == "https://example.org/a.png"
    assert to_input({"image_url": "https://example.org/a.png"}).url == "https://example.org/a.png"
    assert to_input({"image_url": {"url": "http://example.org/a.png"}}).url == "http://example.org/a.png"
    assert to_input({"file_id": "file-7"}).file_id == "file-7"


@pytest.mark.parametrize("wrap", [lambda url: url, lambda url: {"image_url": url}])
def test_a_data_url_becomes_its_bytes(png, wrap):
    url = "data:image/png;base64," + base64.b64encode(png).decode()
    assert to_input(wrap(url)).data == png


def test_a_data_url_of_the_url_safe_alphabet_with_line_breaks_and_no_padding_is_read(png):
    text = base64.urlsafe_b64encode(png).decode().rstrip("=")
    assert to_input("data:image/png;base64," + text[:50] + "\r\n" + text[50:]).data == png


def test_a_percent_encoded_svg_is_read():
    assert to_input("data:image/svg+xml,%3Csvg%20width='8'%20height='6'/%3E").size == (8, 6)


def test_an_image_input_is_kept(png):
    known = to_input(png)
    assert to_input(known) is known
    assert to_input(ImageInput(data=png)).size == (96, 64)


def test_a_tensor_that_numpy_can_read_is_taken(photo):
    class Tensor:
        def __array__(self, dtype=None, copy=None):
            return photo

    assert np.array_equal(pixels(to_input(Tensor())), photo)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (None, "got NoneType"),
        (7, "got int"),
        (["a.png"], "got list"),
        (io.BytesIO(b"x"), "BytesIO, an open file"),
        ({}, "exactly one key"),
        ({"file_id": "a", "image_url": "b"}, "exactly one key"),
        ({"file_id": "a", "detail": "b"}, "exactly one key"),
        ({"file_id": 7}, "file_id is int"),
        ({"image_url": "photo.png"}, "no http, https or data URL"),
        ("ftp://example.org/a.png", "only http, https and data URLs"),
        ("https://", "no complete URL"),
        ("https://exa mple.org/a.png", "no complete URL"),
        ("https://[::1", "no complete URL"),
        ("data:image/png;base64;,AAAA", "no data URL"),
        ("data:image/png;base64,????", "base64 of the data URL"),
        ("data:image/png;base64,", "empty"),
        ("photo-that-is-not-there.png", "there is no file photo-that-is-not-there.png"),
        (Path("nowhere/photo.png"), "there is no file nowhere/photo.png"),
        ("x" * 100_000, r"100,000 characters"),
        ("a\0b.png", "cannot be read"),
        (b"", r"empty \(0 bytes\)"),
        (b"hello, world", "these 12 bytes are no image"),
        (b"\x89PNG\r\n\x1a\n" + bytes(30), "the png file is damaged"),
        (ImageInput(), "neither data nor a url nor a file_id"),
    ],
)
def test_anything_else_is_an_error_that_says_what_was_given(given, says):
    with pytest.raises(ImageInputError, match=says):
        to_input(given)


def test_a_folder_is_named(tmp_path):
    with pytest.raises(ImageInputError, match="is a folder"):
        to_input(tmp_path)


def test_an_unreadable_and_a_damaged_file_are_named(png, tmp_path):
    (tmp_path / "cut.png").write_bytes(png[: len(png) // 2])
    with pytest.raises(
        ImageInputError, match=r"cut\.png: the png file is damaged: it ends inside its IDAT chunk"
    ):
        to_input(tmp_path / "cut.png")
    (tmp_path / "nothing.png").write_bytes(b"")
    with pytest.raises(ImageInputError, match=r"nothing\.png: the file is empty"):
        to_input(tmp_path / "nothing.png")


def test_a_truncated_pil_image_is_an_input_error(png):
    with pytest.raises(ImageInputError, match="the PIL image cannot be read"):
        to_input(Image.open(io.BytesIO(png[: len(png) // 2])))


def test_errors_name_the_image_by_its_place():
    with pytest.raises(ImageInputError, match=r"^image 2: got NoneType"):
        to_input(None, what="image 2")
