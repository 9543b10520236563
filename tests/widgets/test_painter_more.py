"""The painter's wand and smart box, several images, and the leak meter's line."""

import sys

import numpy as np
import pytest
import traitlets

from imgwidgets.errors import ImageInputError
from imgwidgets.images import ImageResult, Mask, ResultImage, compare_edit, select
from imgwidgets.images.pixels import encode_png
from imgwidgets.widgets.painter.painter import MaskPainter

SIZE = (320, 240)


def scene():
    """A red disc on a blue ground, with a little noise."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    disc = np.hypot(x - 160, y - 120) < 60
    pixels = np.where(disc[:, :, None], (200, 30, 30), (20, 40, 160)).astype(np.int16)
    pixels += np.random.default_rng(5).integers(-8, 9, pixels.shape)
    return pixels.clip(0, 255).astype(np.uint8), disc


def says(painter, content, *buffers):
    painter._pages.companion._handle_custom_msg(content, list(buffers))


@pytest.fixture
def painter():
    painter = MaskPainter(scene()[0])
    yield painter
    painter.close()


@pytest.fixture
def no_opencv(monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)  # as where it is not installed


def agreement(one, other):
    return (one & other).sum() / (one | other).sum()


# ---- wand and smart box


def test_the_wand_adds_and_takes_away_what_looks_alike(painter):
    at = np.array([[160, 120]], "<f4").tobytes()
    wand = {"client": "a", "kind": "wand", "tolerance": 40}
    says(painter, wand | {"seq": 1, "erase": False}, at)
    assert np.array_equal(painter.mask.selected, select.wand(scene()[0], at=(160, 120), tolerance=40))
    assert agreement(painter.mask.selected, scene()[1]) > 0.99
    painter.fill()
    says(painter, wand | {"seq": 2, "erase": True}, at)
    assert agreement(painter.mask.selected, ~scene()[1]) > 0.99
    painter.undo()
    painter.undo()
    assert agreement(painter.mask.selected, scene()[1]) > 0.99
    assert painter.error == ""


def test_the_wands_reach_is_what_the_message_says(painter):
    at = np.array([[160, 120]], "<f4").tobytes()
    says(painter, {"client": "a", "seq": 1, "kind": "wand", "tolerance": 0, "erase": False}, at)
    assert painter.mask.area < 100


def test_the_smart_box_finds_the_object_whichever_corner_comes_first(painter):
    corners = np.array([[240, 200], [85, 45]], "<f4").tobytes()
    says(painter, {"client": "a", "seq": 1, "kind": "box", "erase": False}, corners)
    assert agreement(painter.mask.selected, scene()[1]) > 0.97
    again = Mask.from_json(painter.mask.to_json())
    assert np.array_equal(again.alpha, painter.mask.alpha)


def test_a_wand_outside_of_the_picture_says_so_and_the_painter_goes_on(painter):
    wand = {"client": "a", "kind": "wand", "tolerance": 40, "erase": False}
    says(painter, wand | {"seq": 1}, np.array([[900, 10]], "<f4").tobytes())
    assert "outside" in painter.error
    says(painter, wand | {"seq": 2}, np.array([[160, 120]], "<f4").tobytes())
    assert painter.error == ""
    assert painter.mask.area > 0


def test_pages_learn_whether_there_is_an_opencv(painter):
    assert painter._pages.companion._can_select is False
    says(painter, {"kind": "hello", "client": "a", "blank": False})
    assert painter._pages.companion._can_select is select.available()


@pytest.mark.usefixtures("no_opencv")
def test_without_opencv_the_extra_is_named(painter):
    says(painter, {"kind": "hello", "client": "a", "blank": False})
    assert painter._pages.companion._can_select is False
    with pytest.raises(traitlets.TraitError, match=r"imgwidgets\[select\]"):
        painter.tool = "wand"
    at = np.array([[160, 120]], "<f4").tobytes()
    says(painter, {"client": "a", "seq": 1, "kind": "wand", "tolerance": 4, "erase": False}, at)
    assert "imgwidgets[select]" in painter.error


# ---- several images


def test_of_several_images_the_first_is_painted_on_and_the_others_are_shown_small(monkeypatch):
    first, second = scene()[0], np.zeros((600, 900, 3), np.uint8)
    painter = MaskPainter([first, second, "https://example.test/fox.png", {"file_id": "file-7"}])
    assert painter.mask.size == SIZE
    assert painter.images[1] is second
    sent = []
    monkeypatch.setattr(
        painter._pages.companion, "send", lambda content, buffers=None: sent.append((content, buffers or []))
    )
    says(painter, {"kind": "hello", "client": "a", "blank": False})
    (others,) = [message for message in sent if message[0]["kind"] == "others"]
    assert others[0]["shown"] == [True, False, False]
    assert others[0]["labels"][0].startswith("Image 2: 900")
    assert "https://example.test/fox.png" in others[0]["labels"][1]
    assert "file-7" in others[0]["labels"][2]
    assert ResultImage(others[1][0]).size == (128, 85)
    painter.image = first
    assert painter.images == (first,)
    assert sent[-1][0]["kind"] == "overlay"
    assert [message for message in sent if message[0]["kind"] == "others"][-1][0]["labels"] == []


def test_a_damaged_second_image_is_refused_by_its_number():
    with pytest.raises(ImageInputError, match="image 3"):
        MaskPainter([scene()[0], scene()[0], b"not an image"])


# ---- the leak meter


def test_after_an_edit_one_line_says_what_leaked_and_a_new_stroke_takes_it_away(painter):
    painter.stroke([(160, 120)], radius=30)
    edited = scene()[0].copy()
    edited[60:140, 140:180] = 255
    found = painter.compare(edited)
    assert found.changed == compare_edit(scene()[0], edited, painter.mask).changed > 0
    assert painter._pages.companion._result == f"The edit: {found}"
    result = ImageResult([ResultImage(encode_png(scene()[0]))], request=None)
    assert painter.compare(result).changed == 0
    assert "nothing changed outside the mask" in painter._pages.companion._result
    painter.stroke([(10, 10)])
    assert painter._pages.companion._result == ""


def test_a_picture_of_another_size_is_not_compared(painter):
    with pytest.raises(ImageInputError, match="different sizes"):
        painter.compare(np.zeros((10, 10, 3), np.uint8))
    assert painter._pages.companion._result == ""
