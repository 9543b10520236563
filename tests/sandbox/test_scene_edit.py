"""The sandbox's painter: edits, collages, SVG."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image, ImageDraw
from skimage import data

from imgwidgets.sandbox.scene import merge, redraw, render, svg
from imgwidgets.sandbox.scene.inpaint import seam


@pytest.fixture(scope="module")
def photo():
    return np.ascontiguousarray(np.asarray(Image.fromarray(data.astronaut()).resize((320, 240))))


def mask(size=(320, 240), *, kind="ellipse"):
    sheet = Image.new("L", size, 255)
    draw = ImageDraw.Draw(sheet)
    if kind == "ellipse":
        draw.ellipse((60, 50, 220, 200), fill=0)
    elif kind == "box":
        draw.rectangle((0, 0, 150, 239), fill=0)
    elif kind == "stroke":
        draw.line((20, 200, 120, 40, 260, 160), fill=0, width=7)
    elif kind == "soft":
        return np.tile(np.linspace(0, 255, size[0]).astype(np.uint8), (size[1], 1))
    elif kind == "dot":
        draw.point((100, 100), fill=0)
    return np.asarray(sheet)


def tone(image):
    return np.asarray(Image.fromarray(image[..., :3]).convert("L"), float)


KINDS = ["ellipse", "box", "stroke", "soft", "dot"]


@pytest.mark.parametrize("prompt", ["a straw hat", "在图片中添加一朵红色的玫瑰花", "mountains at night", ""])
@pytest.mark.parametrize("kind", KINDS)
def test_outside_the_mask_every_pixel_stays(photo, prompt, kind):
    alpha = mask(kind=kind)
    new = redraw(photo, prompt, alpha=alpha)
    assert new.shape == photo.shape
    assert np.array_equal(new[alpha == 255], photo[alpha == 255])


@pytest.mark.parametrize("prompt", ["a straw hat", "在图片中添加一朵红色的玫瑰花", "mountains at night", ""])
@pytest.mark.parametrize("kind", ["ellipse", "box", "stroke"])
def test_inside_the_mask_the_picture_is_new(photo, prompt, kind):
    alpha = mask(kind=kind)
    new = redraw(photo, prompt, alpha=alpha)
    changed = (new != photo).any(-1)[alpha == 0]
    assert changed.mean() > 0.6


def test_the_seam_is_soft_and_inside():
    weight = seam(mask(kind="box"))
    row = weight[120]
    assert (row[151:] == 0).all()
    assert 0 < row[150] < row[148] < row[146] < 1
    assert (row[:130] == 1).all()


def test_a_seam_never_exceeds_what_the_mask_allows():
    alpha = mask(kind="soft")
    assert (seam(alpha) <= 1 - alpha / 255 + 1e-6).all()


def test_intermediate_alpha_is_a_mixture(photo):
    alpha = np.full(photo.shape[:2], 255, np.uint8)
    alpha[:, 80:240] = 128
    new = redraw(photo, "night", alpha=alpha).astype(int)
    full = redraw(photo, "night", alpha=np.where(alpha == 255, 255, 0).astype(np.uint8)).astype(int)
    moved, whole = np.abs(new - photo)[:, 140:180].mean(), np.abs(full - photo)[:, 140:180].mean()
    assert 0.35 < moved / whole < 0.65


def test_the_object_stands_in_the_mask_in_its_colour():
    alpha = mask(kind="ellipse")
    grey = np.full((240, 320, 3), 150, np.uint8)
    new = redraw(grey, "a red rose", alpha=alpha).astype(int)
    red = (new[..., 0] > 130) & (new[..., 1] < 100) & (new[..., 2] < 110)
    assert 0.08 < red[alpha == 0].mean() < 0.7
    assert not red[alpha == 255].any()


def test_the_ground_behind_an_object_continues_the_surroundings():
    ramp = np.repeat(np.linspace(40, 220, 320).astype(np.uint8)[None, :, None], 240, 0).repeat(3, 2)
    new = redraw(ramp, "a straw hat", alpha=mask(kind="ellipse"))
    corner = new[70:85, 110:120].astype(int) - ramp[70:85, 110:120]
    assert np.abs(corner).mean() < 25


def test_edits_are_deterministic_and_takes_differ(photo):
    alpha = mask()
    first = redraw(photo, "a straw hat", alpha=alpha, take=0)
    assert np.array_equal(first, redraw(photo, "a straw hat", alpha=alpha, take=0))
    assert (first != redraw(photo, "a straw hat", alpha=alpha, take=1)).mean() > 0.02


def test_the_input_is_not_changed(photo):
    copy = photo.copy()
    redraw(photo, "a cat", alpha=mask())
    redraw(photo, "a cat at night")
    assert np.array_equal(copy, photo)


@pytest.mark.parametrize(
    "prompt", ["at night", "in winter snow", "autumn", "sunset", "watercolour", "ink drawing", "oil painting"]
)
def test_without_a_mask_the_composition_is_kept(photo, prompt):
    new = redraw(photo, prompt)
    small = [
        np.asarray(Image.fromarray(tone(i).astype(np.uint8)).resize((64, 48)), float).ravel()
        for i in (photo, new)
    ]
    assert np.corrcoef(*small)[0, 1] > 0.75
    assert np.abs(new.astype(int) - photo).mean() > 5


def test_night_darkens_and_snow_brightens(photo):
    assert redraw(photo, "at night").mean() < photo.mean() - 15
    assert redraw(photo, "in winter snow").mean() > photo.mean() + 15


def test_an_object_is_added_to_a_restyled_picture(photo):
    with_cat, without = redraw(photo, "a green cat at night"), redraw(photo, "at night")
    assert (np.abs(with_cat.astype(int) - without).sum(-1) > 60).mean() > 0.04


@pytest.mark.parametrize("alpha", [None, mask()])
def test_an_alpha_channel_comes_and_stays(photo, alpha):
    opacity = np.tile(np.linspace(0, 255, 320).astype(np.uint8), (240, 1))
    image = np.dstack([photo, opacity])
    new = redraw(image, "a straw hat at night", alpha=alpha)
    assert new.shape == image.shape
    kept = np.ones(opacity.shape, bool) if alpha is None else alpha == 255
    assert np.array_equal(new[..., 3][kept], opacity[kept])
    assert redraw(photo, "a hat", alpha=alpha, transparent=True).shape == (240, 320, 4)


def test_transparent_edits_clear_what_is_around_the_object(photo):
    new = redraw(photo, "a straw hat", alpha=mask(kind="box"), transparent=True)
    assert (new[:, :140, 3] == 0).mean() > 0.2
    assert (new[:, :140, 3] == 255).mean() > 0.1
    assert (new[:, 151:, 3] == 255).all()


def test_nothing_selected_changes_nothing_and_all_selected_changes_all(photo):
    assert np.array_equal(redraw(photo, "a cat", alpha=np.full((240, 320), 255, np.uint8)), photo)
    new = redraw(photo, "a cat in a forest", alpha=np.zeros((240, 320), np.uint8))
    assert (new != photo).any(-1).mean() > 0.9


@pytest.mark.parametrize("size", [(1, 1), (17, 1), (1, 30), (8, 8), (400, 3)])
@pytest.mark.parametrize("prompt", ["a straw hat", "mountains", "ink", "a cat in snow, oil"])
def test_small_pictures_can_be_edited(size, prompt):
    image = np.full((size[1], size[0], 3), 90, np.uint8)
    half = np.full((size[1], size[0]), 255, np.uint8)
    half[:, : (size[0] + 1) // 2] = 0
    for alpha in (None, half, np.zeros_like(half)):
        assert redraw(image, prompt, alpha=alpha).shape == image.shape


def test_shapes_that_do_not_fit_are_refused(photo):
    with pytest.raises(ValueError, match="mask has the shape"):
        redraw(photo, "a cat", alpha=np.zeros((10, 10), np.uint8))
    with pytest.raises(ValueError, match="image has the shape"):
        redraw(photo[..., 0], "a cat")


@pytest.mark.parametrize("count", [0, 1, 2, 5, 16])
def test_pictures_are_merged_into_one(count):
    colours = [np.full((60, 90 + i, 3), (255, 0, 255), np.uint8) for i in range(count)]
    image = merge(colours, "a meadow", (300, 200))
    assert image.shape == (200, 300, 3)
    magenta = (image == (255, 0, 255)).all(-1).mean()
    assert magenta > 0.15 if count else magenta == 0


@pytest.mark.parametrize(
    "prompt",
    [
        "a blue boat on a lake, mountains",
        "a fox, ink",
        "",
        "<script>alert(1)</script> & \x00 \ud800",
        "a town at night",
    ],
)
def test_svg_is_xml_without_scripts_or_outside_references(prompt):
    text = svg(prompt, (320, 200))
    root = ET.fromstring(text.encode())
    assert root.get("width") == "320"
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert names <= {
        "svg",
        "title",
        "defs",
        "g",
        "path",
        "rect",
        "clipPath",
        "linearGradient",
        "radialGradient",
        "stop",
    }
    ids = {element.get("id") for element in root.iter()}
    for element in root.iter():
        for key, value in element.attrib.items():
            assert not key.lower().startswith("on")
            assert "href" not in key
            if "url(" in value:
                assert value.removeprefix("url(#").removesuffix(")") in ids


def test_svg_takes_and_prompts_differ():
    assert svg("a fox", (64, 64)) == svg("a fox", (64, 64))
    assert len({svg("a fox", (64, 64), take) for take in range(3)} | {svg("a cat", (64, 64))}) == 4


def test_rendered_pictures_can_be_edited_again():
    picture = render("a red fox in snow", (160, 120))
    alpha = np.full((120, 160), 255, np.uint8)
    alpha[20:60, 40:120] = 0
    edited = redraw(picture, "a straw hat", alpha=alpha)
    assert np.array_equal(edited[alpha == 255], picture[alpha == 255])
