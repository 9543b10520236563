"""Around the mask: outpainting, the leak meter, and selecting by looking (OpenCV)."""

import sys

import numpy as np
import pytest
from PIL import Image
from skimage import data

from imgwidgets.errors import ImageInputError, ImgWidgetsError
from imgwidgets.images.leak import compare_edit
from imgwidgets.images.mask import Mask
from imgwidgets.images.outpaint import outpaint
from imgwidgets.images.result import ResultImage
from imgwidgets.images.select import available

needs_opencv = pytest.mark.skipif(not available(), reason="needs OpenCV: the extra [select]")


@pytest.fixture(scope="module")
def cat():
    return data.chelsea()


# ---- outpainting ---------------------------------------------------------------------------------


def test_outpainting_keeps_the_picture_and_selects_its_border(cat):
    image, mask = outpaint(cat, left=64, top=10, right=32)
    height, width = cat.shape[:2]
    assert image.size == mask.size == (width + 96, height + 10)
    assert np.array_equal(np.asarray(image)[10:, 64 : 64 + width], cat)
    assert not mask.selected[10:, 64 : 64 + width].any()
    assert mask.area == image.size[0] * image.size[1] - width * height
    assert (np.asarray(image)[20, :64] == cat[10, 0]).all()  # the outermost pixels drawn out


def test_an_overlap_may_be_redrawn_along_the_extended_sides_only(cat):
    _, mask = outpaint(cat, left=64, overlap=16)
    height, width = cat.shape[:2]
    assert np.array_equal(
        mask.selected, Mask.blank((width + 64, height)).rectangle((0, 0, 80, height)).selected
    )


def test_the_border_may_be_mirrored_black_or_empty(cat):
    assert np.array_equal(np.asarray(outpaint(cat, left=5, fill="mirror").image)[:, :5], cat[:, 4::-1])
    assert not np.asarray(outpaint(cat, top=5, fill="black").image)[:5].any()
    empty = np.asarray(outpaint(cat, top=5, fill="transparent").image)
    assert empty.shape[2] == 4
    assert not empty[:5].any()
    assert (empty[5:, :, 3] == 255).all()
    seen = np.dstack((cat, np.full(cat.shape[:2], 200, np.uint8)))
    black = np.asarray(outpaint(seen, bottom=5, fill="black").image)
    assert (black[-5:] == (0, 0, 0, 255)).all()
    assert np.array_equal(black[:-5], seen)


def test_outpainting_takes_pictures_in_every_form(cat, tmp_path):
    path = tmp_path / "cat.png"
    Image.fromarray(cat).save(path)
    expected = np.asarray(outpaint(cat, right=7).image)
    for form in (path, str(path), path.read_bytes(), Image.open(path), ResultImage(path.read_bytes())):
        assert np.array_equal(np.asarray(outpaint(form, right=7).image), expected)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "adds nothing"),
        ({"left": -1}, "between 0"),
        ({"left": 1.5}, "whole number"),
        ({"left": 90_000}, "100,000,000"),
        ({"left": 5, "overlap": 500}, "leaves nothing"),
        ({"left": 5, "fill": "red"}, "'red'"),
    ],
)
def test_an_outpainting_that_cannot_be_is_refused(cat, options, says):
    with pytest.raises(ImageInputError, match=says):
        outpaint(cat, **options)


# ---- the leak meter ------------------------------------------------------------------------------


def test_an_edit_that_keeps_to_its_mask_leaks_nothing(cat):
    mask = Mask.blank(cat.shape[1::-1]).ellipse((100, 50, 250, 200))
    after = np.where(mask.selected[:, :, None], 255 - cat, cat)
    comparison = compare_edit(cat, after, mask)
    assert (comparison.changed, comparison.max_difference, comparison.mean_difference) == (0, 0, 0.0)
    assert comparison.outside == cat.shape[0] * cat.shape[1] - mask.area
    assert str(comparison) == "nothing changed outside the mask (tolerance 2)"


def test_a_leak_is_counted_measured_and_mapped(cat):
    mask = Mask.blank(cat.shape[1::-1]).rectangle((100, 50, 250, 200))
    after = cat.copy()
    after[100:150, 200:300] = 255 - after[100:150, 200:300]  # half of it inside the mask
    after[0, 0, 1] += 2  # within the tolerance
    difference = np.abs(after.astype(int) - cat.astype(int)).max(axis=2) * ~mask.selected
    comparison = compare_edit(Image.fromarray(cat), Image.fromarray(after), mask)
    assert comparison.changed == (difference > 2).sum()
    assert compare_edit(cat, after, mask, tolerance=1).changed == (difference > 1).sum()
    assert comparison.max_difference == difference.max()
    assert comparison.mean_difference == pytest.approx(difference.sum() / (~mask.selected).sum())
    assert np.array_equal(comparison.heat, difference)
    assert not comparison.heat.flags.writeable
    assert f"{comparison.changed:,} pixels changed outside the mask" in str(comparison)
    with pytest.raises(AttributeError):
        comparison.changed = 0


def test_the_heat_map_shows_the_leak_in_red_and_all_else_in_gray(cat):
    mask = Mask.blank(cat.shape[1::-1]).rectangle((100, 50, 250, 200))
    after = cat.copy()
    after[100:150, 200:300] = 255 - after[100:150, 200:300]
    comparison = compare_edit(cat, after, mask)
    heat = np.asarray(comparison.heat_map())
    assert heat.shape == cat.shape
    red = (heat[:, :, 0] == 255) & (heat[:, :, 2] == 0)
    assert np.array_equal(red, comparison.heat > 2)
    assert (np.ptp(heat[~red], axis=1) == 0).all()
    html = comparison._repr_html_()
    assert str(comparison) in html
    assert "data:image/webp;base64," in html
    assert len(html) < 100_000


@pytest.mark.parametrize("feather", [0, 4, 15])
def test_restoring_gives_the_original_outside_and_the_edit_inside(cat, feather):
    mask = Mask.blank(cat.shape[1::-1]).ellipse((100, 30, 330, 260))
    comparison = compare_edit(cat, 255 - cat, mask)
    restored = np.asarray(comparison.restore(feather=feather))
    assert np.array_equal(restored[~mask.selected], cat[~mask.selected])
    deep = mask.shrink(3 * feather + 2).selected
    assert deep.any()
    assert np.array_equal(restored[deep], 255 - cat[deep])
    assert compare_edit(cat, restored, mask).changed == 0
    if feather:  # the seam is gradual: at the edge nearly the original
        edge = (mask - mask.shrink(1.5)).selected
        away = np.abs(restored[edge].astype(int) - cat[edge]).mean()
        assert away < 0.4 * np.abs(255 - 2 * cat[edge].astype(int)).mean()


def test_transparency_counts_as_a_channel():
    before = np.full((20, 30, 3), 90, np.uint8)
    after = np.dstack((before, np.full((20, 30), 255, np.uint8)))
    mask = Mask.blank((30, 20)).rectangle((0, 0, 5, 5))
    assert compare_edit(before, after, mask).changed == 0
    after[10, 10, 3] = 100
    assert compare_edit(before, after, mask).max_difference == 155


def test_a_full_mask_has_no_outside():
    before = np.zeros((20, 30, 3), np.uint8)
    comparison = compare_edit(before, before + np.uint8(9), np.ones((20, 30), bool))
    assert (comparison.outside, comparison.changed, comparison.share) == (0, 0, 0.0)
    assert "nothing lies outside" in str(comparison)


def test_a_leak_of_one_pixel_is_said_as_one_and_not_as_none_of_it():
    before = np.zeros((100, 100, 3), np.uint8)
    after = before.copy()
    after[0, 0] = 9
    comparison = compare_edit(before, after, Mask.blank((100, 100)))
    assert str(comparison).startswith("1 pixel changed outside the mask (under 0.1% of it), by at most 9")


def test_a_seam_wider_than_a_mask_can_be_feathered_is_refused_by_its_own_name():
    same = np.zeros((10, 10, 3), np.uint8)
    with pytest.raises(ImageInputError, match=r"the seam's feather must be between 0 and 2,000 pixels"):
        compare_edit(same, same, Mask.blank((10, 10))).restore(2_001)


def test_pictures_of_different_sizes_are_not_compared():
    with pytest.raises(ImageInputError, match="before is 30x20, after is 20x30, mask is 30x20"):
        compare_edit(np.zeros((20, 30)), np.zeros((30, 20)), Mask.blank((30, 20)))


# ---- wand and grab -------------------------------------------------------------------------------


@pytest.mark.parametrize("select", [lambda i: Mask.wand(i, at=(5, 5)), lambda i: Mask.grab(i, (1, 1, 9, 9))])
def test_without_opencv_the_error_names_the_extra(cat, monkeypatch, select):
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(ImgWidgetsError, match=r'pip install "imgwidgets\[select\]"') as caught:
        select(cat)
    assert isinstance(caught.value, ImportError)
    assert not available()


@needs_opencv
@pytest.mark.parametrize("contiguous", [True, False])
def test_the_wand_selects_what_is_within_its_tolerance(cat, contiguous):
    mask = Mask.wand(cat, at=(225.5, 150.2), tolerance=30, contiguous=contiguous)
    alike = (np.abs(cat.astype(int) - cat[150, 225].astype(int)) <= 30).all(axis=2)
    expected = Mask.from_array(alike)
    if contiguous:
        expected = expected - expected.fill(at=(225.5, 150.2), erase=True)
        assert 0 < expected.area < alike.sum()
    assert mask == expected


@needs_opencv
def test_grab_finds_an_object_in_its_box_and_finds_it_again():
    picture = np.full((300, 400, 3), (60, 140, 60), np.uint8)
    noise = np.random.default_rng(0).integers(-15, 15, picture.shape)
    truth = Mask.blank((400, 300)).ellipse((120, 60, 280, 240))
    picture[truth.selected] = (200, 60, 40)
    picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
    mask = Mask.grab(picture, (90, 40, 310, 260))
    assert (mask & truth).area / (mask | truth).area > 0.97
    assert Mask.grab(picture, (90, 40, 310, 260)) == mask
    large = Mask.grab(Image.fromarray(picture).resize((2000, 1500)), (450, 200, 1550, 1300))
    wide = truth.resize((2000, 1500))
    assert (large & wide).area / (large | wide).area > 0.97


@needs_opencv
@pytest.mark.parametrize(
    ("select", "says"),
    [
        (lambda i: Mask.wand(i, at=(5000, 5)), "outside the 451x300"),
        (lambda i: Mask.wand(i, at=(5, 5), tolerance=-1), "tolerance"),
        (lambda i: Mask.grab(i, (5, 5, 5, 5)), "at least 2x2"),
        (lambda i: Mask.grab(i, (-5, -5, 5000, 5000)), "whole image"),
        (lambda i: Mask.grab(i, (9, 5, 5, 9)), "left <= right"),
    ],
)
def test_a_selection_that_cannot_be_is_refused(cat, select, says):
    with pytest.raises(ImageInputError, match=says):
        select(cat)
