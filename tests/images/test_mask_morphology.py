"""Grow, shrink and feather against brute force."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data

from imgwidgets.images.mask import Mask
from imgwidgets.images.morphology import box_widths

slowly = settings(max_examples=40, deadline=None)
rasters = st.builds(
    lambda seed, width, height, density: np.random.default_rng(seed).random((height, width)) < density,
    st.integers(0, 2**32 - 1),
    st.integers(1, 150),
    st.integers(1, 24),
    st.sampled_from([0.0, 0.005, 0.05, 0.5, 0.98, 1.0]),
)
distances = st.one_of(
    st.integers(0, 9), st.floats(0, 9), st.sampled_from([math.sqrt(2), math.sqrt(5), 40, 500])
)


def grown(alpha, px):
    """Take the smallest alpha of all pixels within a distance: one shifted copy for each of them."""
    height, width = alpha.shape
    result = alpha.copy()
    reach = min(math.floor(px), max(height, width))
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            if dx * dx + dy * dy <= px * px and abs(dy) < height and abs(dx) < width:
                there = alpha[max(0, dy) : height + min(0, dy), max(0, dx) : width + min(0, dx)]
                here = result[max(0, -dy) : height + min(0, -dy), max(0, -dx) : width + min(0, -dx)]
                np.minimum(here, there, out=here)
    return result


@slowly
@given(rasters, distances)
def test_grow_selects_exactly_what_is_within_the_distance(selected, px):
    mask = Mask.from_array(selected)
    assert np.array_equal(mask.grow(px).alpha, grown(mask.alpha, px))


@slowly
@given(rasters, distances)
def test_shrink_is_grow_of_what_is_not_selected(selected, px):
    mask = Mask.from_array(selected)
    assert np.array_equal(mask.shrink(px).alpha, 255 - grown(255 - mask.alpha, px))
    assert mask.shrink(px) == ~((~mask).grow(px))


@slowly
@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(1, 20), distances)
def test_a_soft_mask_grows_and_shrinks_at_every_level(seed, width, height, px):
    alpha = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    mask = Mask.from_array(alpha)
    assert np.array_equal(mask.grow(px).alpha, grown(alpha, px))
    assert np.array_equal(mask.shrink(px).alpha, 255 - grown(255 - alpha, px))


def test_a_single_pixel_grows_to_a_euclidean_disc():
    mask = Mask.blank((301, 301)).rectangle((150, 150, 151, 151)).grow(120.5)
    y, x = np.mgrid[:301, :301]
    assert np.array_equal(mask.selected, (x - 150) ** 2 + (y - 150) ** 2 <= 120.5**2)


@pytest.mark.parametrize("px", [4, 9, 9.5, 17, 33, 200])
@pytest.mark.parametrize("place", [(0, 0), (69, 0), (0, 19), (69, 19), (63, 5), (64, 6)])
def test_a_single_pixel_grows_without_gaps_at_the_border_too(px, place):
    for level in (0, 90):
        alpha = np.full((20, 70), 255, np.uint8)
        alpha[place[1], place[0]] = level
        assert np.array_equal(Mask.from_array(alpha).grow(px).alpha, grown(alpha, px))


def test_shrink_leaves_a_selection_at_the_border_of_the_image():
    mask = Mask.blank((40, 30)).rectangle((0, 0, 20, 30)).shrink(5)
    assert mask.bbox == (0, 0, 15, 30)


def blurred(alpha, widths):
    """Blur by summing each window, first down the columns, then along the rows."""
    kernel = np.ones(1, dtype=object)
    for width in widths:
        kernel = np.convolve(kernel, np.ones(width, dtype=object))
    reach, total = len(kernel) // 2, int(sum(kernel))
    height, width = alpha.shape
    padded = np.pad(alpha, reach, mode="edge").astype(object)
    down = sum(int(k) * padded[i : i + height] for i, k in enumerate(kernel))
    down = (down * 256 + total // 2) // total
    along = sum(int(k) * down[:, i : i + width] for i, k in enumerate(kernel))
    return ((along + 128 * total) // (256 * total)).astype(np.uint8)


@slowly
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 20), st.floats(0, 6), st.booleans())
def test_feather_is_three_box_blurs_in_whole_numbers(seed, width, height, px, hard):
    alpha = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    if hard:
        alpha = np.where(alpha < 128, 0, 255).astype(np.uint8)
    assert np.array_equal(Mask.from_array(alpha).feather(px).alpha, blurred(alpha, box_widths(px)))


def test_a_wide_feather_needs_wider_sums_and_is_as_exact():
    alpha = np.random.default_rng(1).integers(0, 256, (9, 300), dtype=np.uint8)
    widths = box_widths(45)
    assert 65_280 * math.prod(widths) > 1 << 32
    assert np.array_equal(Mask.from_array(alpha).feather(45).alpha, blurred(alpha, widths))


@pytest.mark.parametrize(("px", "most"), [(1, 18), (2.5, 6), (4, 4), (12, 3), (30, 3)])
def test_feather_is_nearly_a_gaussian(px, most):
    width = 400
    alpha = Mask.blank((width, 3)).rectangle((0, 0, 200, 3)).feather(px).alpha[1]
    x = np.arange(width) + 0.5 - 200
    expected = 255 * (0.5 + 0.5 * np.array([math.erf(value / (px * math.sqrt(2))) for value in x]))
    assert np.abs(alpha - expected).max() < most
    assert (alpha < 128).sum() == 200


def test_feather_does_not_fade_at_the_border_of_the_image():
    mask = Mask.blank((60, 50)).rectangle((0, 0, 30, 50)).feather(5)
    assert (mask.alpha == mask.alpha[:1]).all()
    assert Mask.blank((60, 50)).fill().feather(5) == Mask.blank((60, 50)).fill()
    assert Mask.blank((60, 50)).feather(5) == Mask.blank((60, 50))


def test_the_mask_of_a_real_photograph_grows_and_shrinks_back():
    selected = data.camera() < 60
    mask = Mask.from_array(selected)
    assert np.array_equal(mask.grow(6).alpha, grown(mask.alpha, 6))
    closed = mask.grow(6).shrink(6)
    assert (mask - closed).area == 0  # closing never takes away
    assert closed.grow(6).shrink(6) == closed  # and a second time adds nothing
