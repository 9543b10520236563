"""What a mask is as a value: algebra, pixels in and out, other sizes, and what it refuses."""

import copy
import math
import pickle
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import imgwidgets as iw
from imgwidgets.errors import ImageInputError
from imgwidgets.images import operations as op
from imgwidgets.images.mask import Mask

SIZE = (48, 36)

alphas = st.builds(
    lambda seed, hard: _raster(np.random.default_rng(seed), hard), st.integers(0, 2**32 - 1), st.booleans()
)
masks = alphas.map(Mask.from_array)


def _raster(rng, hard):
    alpha = rng.integers(0, 256, SIZE[::-1], dtype=np.uint8)
    return np.where(alpha < 128, 0, 255).astype(np.uint8) if hard else alpha


def test_a_blank_mask_selects_nothing():
    mask = iw.Mask.blank((1536, 1024))
    assert mask.size == (1536, 1024)
    assert mask.alpha.shape == (1024, 1536)
    assert mask.alpha.dtype == np.uint8
    assert (mask.alpha == 255).all()
    assert not mask.selected.any()
    assert (mask.area, mask.bbox, mask.operations) == (0, None, ())


def test_a_mask_is_never_changed():
    mask = Mask.blank(SIZE)
    drawn = mask.rectangle((10, 5, 20, 15))
    assert mask.area == 0
    assert drawn.area == 100
    assert drawn.bbox == (10, 5, 20, 15)
    with pytest.raises(ValueError, match="read-only"):
        drawn.alpha[0, 0] = 0
    with pytest.raises(ValueError, match="WRITEABLE"):
        drawn.alpha.flags.writeable = True
    drawn.selected[...] = True  # a copy
    assert drawn.area == 100
    source = np.full(SIZE[::-1], 255, np.uint8)
    taken = Mask.from_array(source)
    source[...] = 0
    assert taken.area == 0


def test_rendering_from_the_mask_before_gives_the_same_pixels():
    steps = [
        lambda m: m.stroke([(3, 3), (40, 30)], radius=5),
        lambda m: m.rectangle((0, 0, 9, 9), erase=True),
        lambda m: m.grow(3),
        lambda m: m.feather(2),
        lambda m: m.invert(),
    ]
    eager = lazy = Mask.blank(SIZE)
    for step in steps:
        eager, lazy = step(eager), step(lazy)
        assert eager.alpha is not None
    assert np.array_equal(eager.alpha, lazy.alpha)
    assert eager.operations == lazy.operations


@settings(max_examples=40, deadline=None)
@given(masks, masks, masks)
def test_combining_follows_the_laws_of_fuzzy_sets(a, b, c):
    assert np.array_equal((a | b).alpha, np.minimum(a.alpha, b.alpha))
    assert np.array_equal((a & b).alpha, np.maximum(a.alpha, b.alpha))
    assert np.array_equal((~a).alpha, 255 - a.alpha)
    assert a - b == a & ~b
    assert a ^ b == (a & ~b) | (b & ~a)
    assert ~~a == a
    assert a | b == b | a
    assert a & b == b & a
    assert a ^ b == b ^ a
    assert (a | b) | c == a | (b | c)
    assert a & (b | c) == (a & b) | (a & c)
    assert ~(a | b) == ~a & ~b
    assert a | a == a & a == a


@settings(max_examples=30, deadline=None)
@given(masks, masks)
def test_combined_masks_render_from_their_recipe_alike(a, b):
    for combined in (a | b, a & b, a - b, a ^ b, (a | b) - (a ^ ~b)):
        assert np.array_equal(Mask.from_json(combined.to_json()).alpha, combined.alpha)


def test_masks_of_different_sizes_do_not_combine():
    with pytest.raises(ImageInputError, match="48x36 and 36x48"):
        Mask.blank(SIZE) | Mask.blank((36, 48))
    with pytest.raises(TypeError):
        Mask.blank(SIZE) | 1


def test_a_mask_combined_with_itself_again_and_again_stays_small():
    mask = Mask.blank(SIZE).stroke([(5, 5), (30, 20)], radius=4)
    expected = mask.alpha
    for _ in range(60):  # the recipe alone would double each time
        mask = mask | mask
    assert np.array_equal(mask.alpha, expected)
    assert len(mask.to_json()) < 2_000_000
    assert Mask.from_json(mask.to_json()) == mask


def test_a_mask_of_more_operations_than_allowed_keeps_its_pixels(monkeypatch):
    monkeypatch.setattr("imgwidgets.images.mask_drawn.MAX_OPERATIONS", 20)
    mask = expected = Mask.blank(SIZE)
    for k in range(50):
        mask = mask.stroke([(k, k % 36)], radius=1)
        expected = expected | Mask.blank(SIZE).stroke([(k, k % 36)], radius=1)
    assert len(mask.operations) <= 20
    assert mask == expected
    many = Mask.blank(SIZE).apply(*(op.Stroke(points=((k, k % 36),), radius=1) for k in range(50)))
    assert many == expected


def test_equality_and_hash_are_of_the_pixels():
    one = Mask.blank(SIZE).rectangle((3, 4, 20, 30))
    other = Mask.from_array(one.selected)
    assert one == other
    assert hash(one) == hash(other)
    assert one != other.invert()
    assert one != Mask.blank((36, 48))
    assert one != "a mask"
    assert len({one, other, one | other}) == 1


def test_copies_and_pickles_are_equal():
    mask = Mask.blank(SIZE).stroke([(3, 4), (20.5, 30)], radius=[2, 5.5]).feather(2)
    assert copy.deepcopy(mask) == mask
    assert copy.copy(mask) is mask
    assert pickle.loads(pickle.dumps(mask)) == mask
    assert np.array_equal(np.asarray(mask), mask.alpha)


def test_the_repr_is_one_line():
    mask = Mask.blank((640, 480)).rectangle((0, 0, 100, 50))
    assert repr(mask) == "Mask(640x480, 1 operation, 5,000 pixels selected)"
    assert mask._repr_png_().startswith(b"\x89PNG")


def test_the_operations_tell_how_it_was_made():
    mask = (
        Mask.blank(SIZE)
        .stroke([(1, 2)], radius=3)
        .rectangle((1, 2, 3, 4), erase=True)
        .fill(at=(5, 6))
        .grow(2)
    )
    assert mask.operations == (
        op.Stroke(points=((1, 2),), radius=3),
        op.Rectangle(box=(1, 2, 3, 4), erase=True),
        op.Fill(at=(5, 6)),
        op.Grow(px=2),
    )
    assert Mask.blank(SIZE).apply(*mask.operations) == mask


def test_one_mask_may_be_rendered_by_many_threads():
    mask = Mask.blank((600, 400)).stroke([(50, 50), (500, 300)], radius=30).grow(5).feather(3)
    expected = Mask.from_json(mask.to_json()).alpha
    start = threading.Barrier(8)
    found = []

    def look():
        start.wait()
        found.append(mask.alpha)

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(np.array_equal(alpha, expected) for alpha in found)


# ---- arrays, boxes, polygons ---------------------------------------------------------------------


@given(alphas)
def test_an_array_of_alpha_comes_out_as_it_went_in(alpha):
    assert np.array_equal(Mask.from_array(alpha).alpha, alpha)
    assert np.array_equal(Mask.from_array(alpha).selected, alpha < 128)
    assert np.array_equal(Mask.from_array(alpha < 90).selected, alpha < 90)
    assert np.array_equal(Mask.from_array(alpha[::-2, ::3]).alpha, alpha[::-2, ::3])
    assert np.array_equal(Mask.from_array(alpha[:, :, None]).alpha, alpha)
    rgba = np.dstack((alpha * 0, alpha * 0, alpha * 0, alpha))
    assert np.array_equal(Mask.from_array(rgba).alpha, alpha)


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros((4, 5)), "array > 0.5"),
        (np.zeros((4, 5), int), "array == 3"),
        (np.zeros((4, 5, 3), np.uint8), "from_image"),
        (np.zeros((4, 5, 4)), "float64"),
        (np.zeros(5, bool), r"\(5,\)"),
        (np.zeros((0, 5), bool), "at least 1x1"),
        ([[True, False], [True]], "rows of different lengths"),
        (None, "Python objects"),
        ("mask.png", "not <U8"),
    ],
)
def test_an_array_that_does_not_say_what_to_edit_is_refused(array, says):
    with pytest.raises(ImageInputError, match=says):
        Mask.from_array(array)


def test_boxes_and_polygons_select_all_that_lies_in_any():
    boxes = Mask.from_boxes(SIZE, [(1, 1, 5, 5), np.array([3, 3, 8, 8])])
    assert boxes.area == 16 + 25 - 4
    polygons = Mask.from_polygons(SIZE, [[1, 1, 5, 1, 5, 5, 1, 5], [(3, 3), (8, 3), (8, 8), (3, 8)]])
    assert polygons == boxes
    assert Mask.from_boxes(SIZE, []) == Mask.from_polygons(SIZE, []) == Mask.blank(SIZE)


# ---- another size --------------------------------------------------------------------------------


def test_crop_and_pad_move_the_pixels():
    mask = Mask.blank(SIZE).rectangle((10, 5, 20, 15)).feather(1)
    cropped = mask.crop((8, 4, 30, 20))
    assert cropped.size == (22, 16)
    assert np.array_equal(cropped.alpha, mask.alpha[4:20, 8:30])
    beyond = mask.crop((-5, -5, 100, 100))
    assert np.array_equal(beyond.alpha[5:41, 5:53], mask.alpha)
    assert beyond.area == mask.area
    padded = mask.pad(1, 2, 3, 4)
    assert padded.size == (52, 42)
    assert np.array_equal(padded.alpha[2:38, 1:49], mask.alpha)
    assert padded.area == mask.area + 52 * 42 - 48 * 36
    assert mask.pad(1, 2, 3, 4, edit_border=False).area == mask.area
    assert padded.crop((1, 2, 49, 38)) == mask


def test_a_hard_mask_stays_hard_when_resized():
    mask = Mask.blank((400, 300)).ellipse((50, 40, 350, 260))
    small = mask.resize((100, 75))
    assert small.size == (100, 75)
    assert set(np.unique(small.alpha)) == {0, 255}
    expected = Mask.blank((100, 75)).ellipse((12.5, 10, 87.5, 65))
    assert (small ^ expected).area < 0.01 * expected.area
    assert len(np.unique(mask.feather(5).resize((100, 75)).alpha)) > 10
    assert mask.resize((400, 300)) is mask


# ---- what is refused -----------------------------------------------------------------------------

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda _: Mask.blank((0, 5)), r"at least 1x1 pixel, not \(0, 5\)"),
        (lambda _: Mask.blank((5, -1)), r"\(5, -1\)"),
        (lambda _: Mask.blank((5.5, 4)), "whole numbers"),
        (lambda _: Mask.blank((True, 4)), "whole numbers"),
        (lambda _: Mask.blank("10x10"), "'10x10'"),
        (lambda _: Mask.blank((NAN, 4)), "nan"),
        (lambda _: Mask.blank(None), "None"),
        (lambda _: Mask.blank((20_000, 20_000)), "100,000,000"),
        (lambda _: Mask.blank((1, 70_000)), "65,535"),
        (lambda m: m.stroke([], radius=3), "at least 1 point"),
        (lambda m: m.stroke([(1, NAN)], radius=3), "point 0 is .*nan"),
        (lambda m: m.stroke([(1, 2), (INF, 2)], radius=3), "point 1 is .*inf"),
        (lambda m: m.stroke([(1, 2), (1e9, 2)], radius=3), "1,000,000"),
        (lambda m: m.stroke([(1, 2, 3)], radius=3), r"shape \(1, 3\)"),
        (lambda m: m.stroke([1, 2], radius=3), r"shape \(2,\)"),
        (lambda m: m.stroke([(1, 2), (3,)], radius=3), r"\(x, y\) pairs"),
        (lambda m: m.stroke("abc", radius=3), "abc"),
        (lambda m: m.stroke(None, radius=3), "None"),
        (lambda m: m.stroke([(1, 2)], radius=-3), "radius must be between 0 .* -3"),
        (lambda m: m.stroke([(1, 2)], radius=NAN), "radius must be finite, not nan"),
        (lambda m: m.stroke([(1, 2)], radius="3"), "radius must be a number of pixels, not '3'"),
        (lambda m: m.stroke([(1, 2)], radius=None), "radius must be a number"),
        (lambda m: m.stroke([(1, 2)], radius=[1, 2]), "1 points needs one radius"),
        (lambda m: m.stroke([(1, 2), (3, 4)], radius=[1, -2]), "radius 1 must be between"),
        (lambda m: m.stroke([(1, 2)], radius=1, softness=1.5), "softness must be between 0 and 1"),
        (lambda m: m.stroke([(1, 2)], radius=1, softness=2), "softness must be between 0 and 1, not 2"),
        (lambda m: m.rectangle((5, 5, 1, 9)), "left <= right"),
        (lambda m: m.rectangle((5, 5, 9)), "left, top, right, bottom"),
        (lambda m: m.ellipse((0, 0, NAN, 5)), "finite"),
        (lambda m: m.polygon([(1, 2), (3, 4)]), "at least 3 points, got 2"),
        (lambda m: m.lasso([]), "at least 3 point"),
        (lambda m: m.grow(-1), "grow must be between 0"),
        (lambda m: m.shrink(INF), "finite"),
        (lambda m: m.feather(1e5), "feather must be between 0 and 2,000"),
        (lambda m: m.fill(at=(48, 0)), "outside the 48x36 image"),
        (lambda m: m.fill(at=(-0.1, 0)), "outside"),
        (lambda m: m.crop((5, 5, 5, 9)), "some inside"),
        (lambda m: m.crop((0, 0, 9_000_000, 9)), "1,000,000"),
        (lambda m: m.crop((0, 0, 1.5, 9)), "whole number"),
        (lambda m: m.pad(-1), "pad must be between 0"),
        (lambda m: m.pad(900_000, 900_000), "100,000,000"),
        (lambda m: m.pad(left=True), "whole number"),
        (lambda m: m.crop("abc"), "not 'abc'"),
        (lambda m: m.crop((0, 0, NAN, 5)), "finite"),
        (lambda m: m.resize((0, 3)), "at least 1x1"),
        (lambda m: m.apply(op.Fill(at=(100, 100))), "outside"),
        (lambda m: m.apply(op.Pixels(box=(0, 0, 100, 1), encoding="bits", data=b"")), "outside a 48x36 mask"),
        (lambda _: Mask.from_boxes(SIZE, [(1, 2, 3)]), "left, top, right, bottom"),
        (lambda _: Mask.from_polygons(SIZE, [[1, 2, 3]]), "shape"),
    ],
)
def test_what_cannot_be_drawn_is_named(make, says):
    with pytest.raises(ImageInputError, match=says):
        make(Mask.blank(SIZE))


def test_unknown_keywords_and_positional_options_are_refused():
    with pytest.raises(TypeError):
        Mask.blank(SIZE).stroke([(1, 2)], radius=3, colour="red")
    with pytest.raises(TypeError):
        Mask.blank(SIZE).stroke([(1, 2)], 3)
    with pytest.raises(TypeError, match=r"Mask\.blank"):
        Mask()


def test_a_mask_of_a_hundred_megapixels_is_taken():
    mask = Mask.blank((10_000, 10_000)).stroke([(100, 100), (9900, 9900)], radius=50)
    assert mask.bbox == (50, 50, 9950, 9950)


def test_an_array_may_stand_on_either_side_of_the_algebra():
    mask = Mask.blank((4, 3)).rectangle((0, 0, 2, 3))
    right = np.zeros((3, 4), bool)
    right[:, 1:] = True
    selected = mask.selected
    for found, expected in (
        (mask | right, selected | right),
        (right | mask, selected | right),
        (mask & right, selected & right),
        (right & mask, selected & right),
        (mask ^ right, selected ^ right),
        (mask - right, selected & ~right),
        (right - mask, right & ~selected),
    ):
        assert isinstance(found, Mask)
        assert np.array_equal(found.selected, expected)
    with pytest.raises(TypeError):
        mask | 3
