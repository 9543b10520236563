"""Every shape against a slow reference in exact fractions."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgwidgets.images.mask import Mask

WIDTH, HEIGHT = 20, 14
SIZE = (WIDTH, HEIGHT)

quarters = st.integers(-24, 120).map(lambda k: k / 4)  # from outside on the left to outside on the right
places = st.tuples(quarters, quarters)
radii = st.integers(0, 32).map(lambda k: k / 4)
exactly = settings(max_examples=50, deadline=None)


def centres():
    for row in range(HEIGHT):
        for column in range(WIDTH):
            yield row, column, Fraction(2 * column + 1, 2), Fraction(2 * row + 1, 2)


def picture(inside):
    selected = np.zeros((HEIGHT, WIDTH), bool)
    for row, column, x, y in centres():
        selected[row, column] = inside(x, y)
    return selected


def in_hull(x, y, one, other):
    """Whether (x, y) is in any disc between two: |p - c(t)|^2 <= r(t)^2 for some t, a quadratic in t."""
    (x0, y0, r0), (x1, y1, r1) = ([Fraction(value) for value in dot] for dot in (one, other))
    px, py, dx, dy, dr = x - x0, y - y0, x1 - x0, y1 - y0, r1 - r0
    a, b, c = dx * dx + dy * dy - dr * dr, -2 * (px * dx + py * dy + r0 * dr), px * px + py * py - r0 * r0
    if c <= 0 or a + b + c <= 0:
        return True
    return a > 0 and 0 < -b < 2 * a and c - b * b / (4 * a) <= 0


def in_stroke(x, y, dots):
    return any(in_hull(x, y, one, other) for one, other in zip(dots, [*dots[1:], dots[-1]], strict=True))


def crossings(x, y, points):
    """Yield +1 or -1 for each side left of (x, y) that a line to the left crosses."""
    for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True):
        ends = sorted([(Fraction(y0), Fraction(x0)), (Fraction(y1), Fraction(x1))])
        (top, top_x), (bottom, bottom_x) = ends
        if top <= y < bottom and top_x + (y - top) * (bottom_x - top_x) / (bottom - top) <= x:
            yield 1 if y0 < y1 else -1


@exactly
@given(st.lists(places, min_size=1, max_size=5), radii)
def test_a_stroke_selects_the_centres_within_its_radius(points, radius):
    dots = [(x, y, radius) for x, y in points]
    expected = picture(lambda x, y: in_stroke(x, y, dots))
    assert np.array_equal(Mask.blank(SIZE).stroke(points, radius=radius).selected, expected)


@exactly
@given(st.lists(st.tuples(quarters, quarters, radii), min_size=1, max_size=5))
def test_a_stroke_with_pen_pressure_selects_the_hulls_of_neighbouring_discs(dots):
    points, sizes = [dot[:2] for dot in dots], [dot[2] for dot in dots]
    expected = picture(lambda x, y: in_stroke(x, y, dots))
    assert np.array_equal(Mask.blank(SIZE).stroke(points, radius=sizes).selected, expected)


@exactly
@given(st.lists(places, min_size=1, max_size=4), radii)
def test_an_eraser_takes_away_what_the_brush_adds(points, radius):
    brush = Mask.blank(SIZE).stroke(points, radius=radius)
    eraser = Mask.blank(SIZE).fill().stroke(points, radius=radius, erase=True)
    assert eraser == ~brush


@pytest.mark.parametrize("radius", [1, 2, 3, 5, 6, 7])
@pytest.mark.parametrize("way", [(3, 4), (-4, 3), (-3, -4), (4, -3), (12, 5), (5, -12)])
def test_centres_exactly_on_a_slanted_edge_are_selected(way, radius):
    # Along the sides of 3-4-5 and 5-12-13 triangles, pixel centres lie exactly at whole distances from
    # the axis, while the corners of the stroke are no numbers that float64 holds.
    dots = [(10.5 - way[0], 6.5 - way[1], radius), (10.5 + way[0], 6.5 + way[1], radius)]
    expected = picture(lambda x, y: in_stroke(x, y, dots))
    mask = Mask.blank(SIZE).stroke([dot[:2] for dot in dots], radius=radius)
    assert np.array_equal(mask.selected, expected)


def test_a_long_stroke_at_full_resolution_is_the_exact_capsule():
    rng = np.random.default_rng(5)
    for _ in range(5):
        (x0, y0), (x1, y1) = rng.uniform(-50, 850, (2, 2))
        radius = rng.uniform(0.5, 90)
        selected = Mask.blank((800, 600)).stroke([(x0, y0), (x1, y1)], radius=radius).selected
        y, x = np.mgrid[0.5:600, 0.5:800]
        along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / ((x1 - x0) ** 2 + (y1 - y0) ** 2)
        along = np.clip(along, 0, 1)
        away = np.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0))
        clear = np.abs(away - radius) > 1e-6
        assert np.array_equal(selected[clear], (away <= radius)[clear])


@pytest.mark.parametrize("pressure", [False, True])
@pytest.mark.parametrize("softness", [0.2, 1.0])
def test_a_soft_stroke_fades_evenly_across_its_radius(softness, pressure):
    rng = np.random.default_rng(8)
    points = rng.uniform(0, 40, (4, 2))
    sizes = rng.uniform(2, 9, 4) if pressure else np.full(4, 6.0)
    alpha = Mask.blank((40, 40)).stroke(points, radius=sizes, softness=softness).alpha
    y, x = np.mgrid[0.5:40, 0.5:40]
    ratio = np.full((40, 40), np.inf)
    for i in range(3):
        for t in np.linspace(0, 1, 1001):
            (cx, cy), size = points[i] * (1 - t) + points[i + 1] * t, sizes[i] * (1 - t) + sizes[i + 1] * t
            ratio = np.minimum(ratio, np.hypot(x - cx, y - cy) / size)
    expected = 255 - 255 * np.clip((1 + softness - ratio) / (2 * softness), 0, 1)
    assert np.abs(alpha - expected).max() <= 1.5
    assert ((alpha > 0) & (alpha < 255)).any()


@exactly
@given(
    st.lists(st.tuples(quarters, quarters, radii), min_size=1, max_size=4),
    st.sampled_from([0.1, 0.5, 1.0]),
)
def test_softness_does_not_move_the_edge_of_what_is_selected(dots, softness):
    points, sizes = [dot[:2] for dot in dots], [max(dot[2], 0.25) for dot in dots]
    hard = Mask.blank(SIZE).stroke(points, radius=sizes)
    soft = Mask.blank(SIZE).stroke(points, radius=sizes, softness=softness)
    edge = Mask.blank(SIZE).stroke(points, radius=[size + 1e-6 for size in sizes]) - Mask.blank(SIZE).stroke(
        points, radius=[max(0, size - 1e-6) for size in sizes]
    )
    assert ((hard ^ soft) - edge).area == 0


@exactly
@given(st.lists(quarters, min_size=4, max_size=4))
def test_a_rectangle_selects_the_centres_in_its_half_open_box(values):
    left, right = sorted(values[:2])
    top, bottom = sorted(values[2:])
    mask = Mask.blank(SIZE).rectangle((left, top, right, bottom))
    expected = picture(lambda x, y: left <= x < right and top <= y < bottom)
    assert np.array_equal(mask.selected, expected)
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    assert mask == Mask.blank(SIZE).polygon(corners) == Mask.blank(SIZE).lasso(corners[::-1])


@exactly
@given(st.lists(quarters, min_size=4, max_size=4))
def test_an_ellipse_selects_the_centres_within_it(values):
    left, right = sorted(values[:2])
    top, bottom = sorted(values[2:])
    a, b = Fraction(right - left) / 2, Fraction(bottom - top) / 2
    x0, y0 = Fraction(left + right) / 2, Fraction(top + bottom) / 2
    expected = picture(lambda x, y: a and b and ((x - x0) / a) ** 2 + ((y - y0) / b) ** 2 <= 1)
    assert np.array_equal(Mask.blank(SIZE).ellipse((left, top, right, bottom)).selected, expected)


@exactly
@given(st.lists(places, min_size=3, max_size=9))
def test_a_polygon_follows_the_even_odd_rule(points):
    expected = picture(lambda x, y: sum(1 for _ in crossings(x, y, points)) % 2 == 1)
    assert np.array_equal(Mask.blank(SIZE).polygon(points).selected, expected)


@exactly
@given(st.lists(places, min_size=3, max_size=9))
def test_a_lasso_follows_the_winding_rule(points):
    expected = picture(lambda x, y: sum(crossings(x, y, points)) != 0)
    assert np.array_equal(Mask.blank(SIZE).lasso(points).selected, expected)


@exactly
@given(st.lists(places, min_size=4, max_size=4), st.booleans())
def test_polygons_that_share_a_side_neither_overlap_nor_leave_a_gap(points, flip):
    a, b, c, d = points
    one = Mask.blank(SIZE).polygon([a, b, c])
    other = Mask.blank(SIZE).polygon([c, b, d] if flip else [b, c, d])
    both = Mask.blank(SIZE).polygon([a, b, d, c])  # the outline of the two
    assert one ^ other == both


def test_the_loops_of_a_star_are_out_in_a_polygon_and_in_in_a_lasso():
    star = [
        (50 + 45 * math.sin(4 * math.pi * k / 5), 50 - 45 * math.cos(4 * math.pi * k / 5)) for k in range(5)
    ]
    middle = (50, 50)
    assert not Mask.blank((100, 100)).polygon(star).selected[middle]
    assert Mask.blank((100, 100)).lasso(star).selected[middle]


def test_a_polygon_of_many_crossings_comes_in_bands_without_seams(monkeypatch):
    points = np.random.default_rng(3).uniform(-20, 220, (300, 2))
    whole = [Mask.blank((200, 200)).polygon(points).alpha, Mask.blank((200, 200)).lasso(points).alpha]
    monkeypatch.setattr("imgwidgets.images.polygons.MAX_SPANS", 500)
    parts = [Mask.blank((200, 200)).polygon(points).alpha, Mask.blank((200, 200)).lasso(points).alpha]
    assert np.array_equal(whole, parts)


def test_a_stroke_of_many_points_comes_in_parts_without_seams(monkeypatch):
    points = np.random.default_rng(3).uniform(-20, 220, (60, 2))
    whole = Mask.blank((200, 200)).stroke(points, radius=7).alpha
    monkeypatch.setattr("imgwidgets.images.spans.MAX_SPANS", 1)
    assert np.array_equal(whole, Mask.blank((200, 200)).stroke(points, radius=7).alpha)


@pytest.mark.parametrize("shape", ["rectangle", "ellipse"])
def test_a_soft_shape_fades_at_its_edge_and_can_be_erased(shape):
    box = (30, 30, 90, 70)
    hard = getattr(Mask.blank((120, 100)), shape)(box)
    soft = getattr(Mask.blank((120, 100)), shape)(box, softness=0.3)
    assert len(np.unique(soft.alpha)) > 20
    assert (soft.selected ^ hard.selected).sum() < 0.05 * hard.area
    assert getattr(Mask.blank((120, 100)).fill(), shape)(box, softness=0.3, erase=True) == ~soft


def neighbours(row, column):
    yield from ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1))


def flood(where, row, column):
    """Walk from pixel to pixel."""
    value, found, open_ = where[row, column], np.zeros_like(where), [(row, column)]
    while open_:
        row, column = open_.pop()
        inside = 0 <= row < where.shape[0] and 0 <= column < where.shape[1]
        if inside and not found[row, column] and where[row, column] == value:
            found[row, column] = True
            open_.extend(neighbours(row, column))
    return found


@exactly
@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(1, 20), st.floats(0.2, 0.8), st.booleans())
def test_the_bucket_fills_what_hangs_together_by_its_sides(seed, width, height, density, erase):
    rng = np.random.default_rng(seed)
    selected = rng.random((height, width)) < density
    column, row = int(rng.integers(width)), int(rng.integers(height))
    region = flood(selected, row, column)
    filled = Mask.from_array(selected).fill(at=(column + 0.7, row + 0.2), erase=erase)
    assert np.array_equal(filled.selected, selected & ~region if erase else selected | region)


def test_the_bucket_follows_a_long_spiral():
    walls = np.zeros((101, 101), bool)
    row, column, step_row, step_column = 0, 0, 0, 1
    seen = np.zeros_like(walls)
    while True:  # draw a one-pixel wall that winds inwards, with a gap of one pixel
        seen[row, column] = walls[row, column] = True
        ahead = row + 2 * step_row, column + 2 * step_column
        next_ = row + step_row, column + step_column
        blocked = not (0 <= next_[0] < 101 and 0 <= next_[1] < 101) or (
            0 <= ahead[0] < 101 and 0 <= ahead[1] < 101 and seen[ahead]
        )
        if blocked:
            step_row, step_column = step_column, -step_row
            next_ = row + step_row, column + step_column
            ahead = row + 2 * step_row, column + 2 * step_column
            if seen[next_] or (0 <= ahead[0] < 101 and 0 <= ahead[1] < 101 and seen[ahead]):
                break
        row, column = next_
    filled = Mask.from_array(walls).fill(at=(0, 1))
    assert np.array_equal(filled.selected, walls | flood(walls, 1, 0))
    assert filled.area > walls.sum() + 2000
