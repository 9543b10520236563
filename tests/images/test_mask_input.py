"""Every form of a mask becomes the PNG that an edit sends."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from imgwidgets.errors import ImageInputError
from imgwidgets.images import Mask, ResultImage, to_mask
from imgwidgets.images.mask_input import read_mask

SELECTED = np.zeros((48, 64), bool)
SELECTED[10:30, 20:50] = True
ALPHA = np.where(SELECTED, 0, 255).astype(np.uint8)
PNG = Mask.from_array(SELECTED).to_png()


def encode(array, kind="png"):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, kind)
    return buffer.getvalue()


FORMS = {
    "mask": Mask.from_array(SELECTED),
    "bool": SELECTED,
    "bool with a channel": SELECTED[:, :, None],
    "alpha": ALPHA,
    "rgba": np.dstack([np.zeros((48, 64, 3), np.uint8), ALPHA]),
    "png": PNG,
    "result": ResultImage(PNG),
    "pil": Image.open(io.BytesIO(PNG)),
    "white on black, said to be": Mask.from_image(encode(SELECTED), source="white_is_edit"),
    "webp": encode(np.dstack([np.zeros((48, 64, 3), np.uint8), ALPHA]), "webp"),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_selects_the_same(name):
    taken = to_mask(FORMS[name], size=(64, 48))
    assert (taken.format, taken.size, taken.has_alpha) == ("png", (64, 48), True)
    read = Mask.from_image(taken.data, source="alpha")
    assert np.array_equal(read.selected, SELECTED)


def test_a_png_with_transparency_is_sent_as_it_is():
    assert to_mask(PNG, size=(64, 48)).data == PNG


def test_references_are_passed_on_unread():
    assert to_mask("https://example.org/mask.png", size=(9, 9)).url == "https://example.org/mask.png"
    assert to_mask({"file_id": "file-7"}).file_id == "file-7"


def test_a_soft_mask_keeps_its_softness():
    soft = np.tile(np.linspace(0, 255, 64).astype(np.uint8), (48, 1))
    assert np.array_equal(Mask.from_image(to_mask(soft).data, source="alpha").alpha, soft)


@pytest.mark.parametrize("name", FORMS)
def test_another_size_is_an_error_or_is_scaled(name):
    with pytest.raises(ImageInputError, match="the mask is 64x48, but its image is 128x96"):
        to_mask(FORMS[name], size=(128, 96))
    scaled = to_mask(FORMS[name], size=(128, 96), resize=True)
    wanted = SELECTED.repeat(2, axis=0).repeat(2, axis=1)
    assert (Mask.from_image(scaled.data, source="alpha").selected == wanted).mean() > 0.98


def test_a_file_above_the_limit_is_written_anew_and_smaller():
    buffer = io.BytesIO()
    Image.fromarray(FORMS["rgba"]).save(buffer, "png", compress_level=0)
    taken = to_mask(buffer.getvalue(), max_bytes=5_000)
    assert len(taken.data) <= 5_000
    assert np.array_equal(Mask.from_image(taken.data).selected, SELECTED)


def test_noise_that_stays_above_the_limit_is_an_error_that_says_so():
    noise = np.random.default_rng(7).integers(0, 256, (48, 64)).astype(np.uint8)
    with pytest.raises(ImageInputError, match=r"\b100 bytes"):
        to_mask(noise, max_bytes=100)


def test_how_a_mask_was_understood_is_told():
    assert read_mask(PNG).note == ""
    assert read_mask(SELECTED).note == ""
    guessed = Mask.from_image(encode(SELECTED))
    assert "white was read as edit" in read_mask(guessed).note


def test_a_picture_that_does_not_say_where_to_edit_is_not_guessed_at():
    with pytest.raises(ImageInputError, match=r"without transparency.*Mask\.from_image"):
        to_mask(encode(SELECTED))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (b"", "mask: the file is empty"),
        (PNG[:-10], "mask: the png file is damaged"),
        (b"hello, world", "mask: these 12 bytes are no image"),
        (None, "mask: got NoneType; give an imgwidgets.Mask"),
        ([[1, 0]], "mask: got list"),
        (np.zeros((4, 4)), "float64"),
        (np.zeros((4, 4), np.int64), "int64"),
        (np.zeros((4, 4, 3), np.uint8), r"\(4, 4, 3\)"),
        (np.zeros(4, bool), r"\(4,\)"),
        (object(), "mask: got object"),
    ],
)
def test_what_is_no_mask_is_an_error_that_says_what_was_given(given, says):
    with pytest.raises(ImageInputError, match=says):
        to_mask(given)
