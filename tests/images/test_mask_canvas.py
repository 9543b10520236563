"""The raster under a brush: live strokes, undo, redo, snapshots, and two threads at once."""

import contextlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgwidgets.errors import ImageInputError
from imgwidgets.images import mask_canvas
from imgwidgets.images import operations as op
from imgwidgets.images.mask import Mask
from imgwidgets.images.mask_canvas import MaskCanvas

SIZE = (120, 90)


def differs(one, other):
    """Give the box in which two masks differ."""
    return Mask.from_array(one.alpha != other.alpha).bbox


def inside(inner, outer):
    return inner is None or (
        outer is not None
        and outer[0] <= inner[0]
        and outer[1] <= inner[1]
        and inner[2] <= outer[2]
        and inner[3] <= outer[3]
    )


@pytest.mark.parametrize("softness", [0, 0.4])
@pytest.mark.parametrize("erase", [False, True])
@pytest.mark.parametrize("pressure", [False, True])
def test_a_stroke_in_batches_is_the_same_to_the_bit_as_the_whole(pressure, erase, softness):
    rng = np.random.default_rng(2)
    points = np.round(rng.uniform(-20, 140, (23, 2)) * 16) / 16
    radii = np.round(rng.uniform(0, 15, 23) * 16) / 16 if pressure else np.full(23, 6.5)
    base = Mask.blank(SIZE).ellipse((10, 10, 110, 80))
    canvas = MaskCanvas(base)
    canvas.begin_stroke(points[:2], radius=radii[:2], erase=erase, softness=softness)
    for start, stop in ((2, 3), (3, 12), (12, 23)):
        if pressure:
            canvas.extend_stroke(points[start:stop], radius=radii[start:stop])
        else:
            canvas.extend_stroke(points[start:stop])
        assert np.array_equal(canvas.pixels(), Mask.from_json(canvas.mask.to_json()).alpha)
    stroke = canvas.end_stroke()
    radius = radii if pressure else 6.5
    expected = base.stroke(points, radius=radius, erase=erase, softness=softness)
    assert np.array_equal(canvas.mask.alpha, expected.alpha)
    assert canvas.operations == expected.operations
    assert stroke == expected.operations[-1]


def test_every_change_tells_a_box_around_it():
    canvas = MaskCanvas(SIZE)
    before = canvas.mask
    changes = [
        lambda: canvas.begin_stroke([(20, 20)], radius=7),
        lambda: canvas.extend_stroke([(60, 50), (61, 50)]),
        lambda: canvas.apply(op.Ellipse(box=(70, 10, 110, 60))),
        lambda: canvas.apply(op.Rectangle(box=(75, 15, 90, 40), erase=True, softness=0.5)),
        lambda: canvas.apply(op.Lasso(points=((1, 1), (50, 3), (30, 70)))),
        lambda: canvas.apply(op.Grow(px=5)),
        lambda: canvas.apply(op.Feather(px=3)),
        lambda: canvas.apply(op.Fill(at=(119, 89))),
        lambda: canvas.apply(op.Invert()),
        canvas.undo,
        canvas.undo,
        canvas.redo,
        canvas.clear,
        canvas.undo,
        lambda: canvas.replace(Mask.blank(SIZE).rectangle((1, 2, 3, 4))),
    ]
    for change in changes:
        version = canvas.version
        box = change()
        after = canvas.mask
        assert differs(before, after) is not None
        assert inside(differs(before, after), box)
        assert inside(box, (0, 0, *SIZE))
        assert canvas.version > version
        assert np.array_equal(canvas.pixels(box), after.alpha[box[1] : box[3], box[0] : box[2]])
        before = after


def test_what_lies_outside_changes_nothing():
    canvas = MaskCanvas(SIZE)
    assert canvas.begin_stroke([(-500, -500)], radius=5) is None
    assert canvas.extend_stroke([(-400, -500)]) is None
    assert isinstance(canvas.end_stroke(), op.Stroke)
    assert canvas.apply(op.Rectangle(box=(200, 200, 300, 300))) is None
    assert canvas.mask.area == 0
    assert canvas.undo() is None
    assert len(canvas.operations) == 1


def test_a_snapshot_stays_what_it_is():
    canvas = MaskCanvas(SIZE)
    canvas.begin_stroke([(20, 20)], radius=7)
    live = canvas.mask
    assert canvas.mask is live
    area = live.area
    alpha = live.alpha
    canvas.extend_stroke([(60, 60)])
    assert live.area == area
    canvas.end_stroke()
    done = canvas.mask
    copies = alpha.copy(), done.alpha.copy()
    canvas.apply(op.Fill())
    canvas.undo()
    canvas.undo()
    canvas.redo()
    canvas.begin_stroke([(90, 20)], radius=7)
    assert np.array_equal(alpha, copies[0])
    assert np.array_equal(done.alpha, copies[1])
    with pytest.raises(ValueError, match="read-only"):
        done.alpha[0, 0] = 0


def test_a_stroke_can_be_cancelled():
    base = Mask.blank(SIZE).ellipse((10, 10, 60, 60))
    canvas = MaskCanvas(base)
    assert canvas.cancel_stroke() is None
    canvas.begin_stroke([(20, 20)], radius=7, erase=True)
    canvas.extend_stroke([(60, 60)])
    assert canvas.painting
    assert canvas.can_undo
    assert canvas.cancel_stroke() == (13, 13, 67, 67)
    assert not canvas.painting
    assert not canvas.can_undo
    assert canvas.mask == base


def test_undo_of_an_unfinished_stroke_takes_it_back():
    canvas = MaskCanvas(SIZE)
    canvas.begin_stroke([(20, 20)], radius=7)
    assert canvas.undo() == (13, 13, 27, 27)
    assert canvas.mask.area == 0
    assert canvas.redo() == (13, 13, 27, 27)
    assert canvas.undo() is not None
    assert canvas.undo() is None


def test_a_new_step_ends_what_can_be_redone():
    canvas = MaskCanvas(SIZE)
    canvas.apply(op.Ellipse(box=(1, 1, 30, 30)))
    canvas.undo()
    assert canvas.can_redo
    canvas.apply(op.Rectangle(box=(1, 1, 5, 5)))
    assert not canvas.can_redo
    assert canvas.redo() is None
    assert canvas.mask == Mask.blank(SIZE).rectangle((1, 1, 5, 5))


def test_what_does_not_fit_is_refused_and_changes_nothing():
    canvas = MaskCanvas(Mask.blank(SIZE).ellipse((10, 10, 60, 60)))
    before = canvas.mask
    with pytest.raises(ImageInputError, match="outside"):
        canvas.apply(op.Fill(at=(500, 2)))
    with pytest.raises(ImageInputError, match="10x10"):
        canvas.replace(Mask.blank((10, 10)))
    with pytest.raises(ImageInputError, match="begin_stroke"):
        canvas.extend_stroke([(1, 2)])
    with pytest.raises(ImageInputError, match="nan"):
        canvas.begin_stroke([(float("nan"), 2)], radius=3)
    with pytest.raises(ImageInputError, match="radius"):
        canvas.begin_stroke([(1, 2)], radius=-3)
    canvas.begin_stroke([(1, 2)], radius=3)
    with pytest.raises(ImageInputError, match="not 3"):
        canvas.extend_stroke([(1, 2), (3, 4)], radius=[1, 2, 3])
    canvas.cancel_stroke()
    assert canvas.mask == before
    assert not canvas.can_undo


shapes = st.one_of(
    st.builds(
        lambda x, y, r, erase: op.Stroke(points=((x, y), (y, x)), radius=r, erase=erase),
        st.integers(0, 120),
        st.integers(0, 90),
        st.integers(0, 20),
        st.booleans(),
    ),
    st.sampled_from(
        [op.Invert(), op.Grow(px=3), op.Shrink(px=2), op.Feather(px=2), op.Fill(), op.Fill(erase=True)]
    ),
)
actions = st.lists(
    st.one_of(shapes, st.sampled_from(["undo", "redo", "clear", "snapshot", "live"])), max_size=25
)


@settings(max_examples=80, deadline=None)
@given(actions, st.booleans())
def test_any_history_of_steps_agrees_with_the_operations(todo, forgetful):
    """The plain model: a list of states, and a place in it."""
    canvas = MaskCanvas(SIZE)
    states, place = [Mask.blank(SIZE)], 0
    limit, mask_canvas.HISTORY_BYTES = mask_canvas.HISTORY_BYTES, 60 if forgetful else 10**9
    try:
        for action in todo:
            if action == "undo":
                place = max(0, place - 1)
                canvas.undo()
            elif action == "redo":
                place = min(len(states) - 1, place + 1)
                canvas.redo()
            elif action == "snapshot":
                assert canvas.mask.size == SIZE
            else:
                before = states[place]
                if action == "clear":
                    canvas.clear()
                    after = Mask.blank(SIZE)
                elif action == "live":
                    canvas.begin_stroke([(3, 3)], radius=2)
                    canvas.extend_stroke([(90, 50)], radius=9)
                    canvas.end_stroke()
                    after = before.stroke([(3, 3), (90, 50)], radius=[2, 9])
                else:
                    canvas.apply(action)
                    after = before.apply(action)
                del states[place + 1 :]
                states.append(after)
                place += 1
            assert np.array_equal(canvas.pixels(), states[place].alpha)
            assert canvas.operations == states[place].operations
            assert (canvas.can_undo, canvas.can_redo) == (place > 0, place + 1 < len(states))
        assert np.array_equal(Mask.from_json(canvas.mask.to_json()).alpha, states[place].alpha)
    finally:
        mask_canvas.HISTORY_BYTES = limit


def test_a_recipe_that_grows_too_long_becomes_pixels(monkeypatch):
    monkeypatch.setattr(mask_canvas, "MAX_OPERATIONS", 10)
    canvas = MaskCanvas(SIZE)
    expected = Mask.blank(SIZE)
    for k in range(30):
        canvas.apply(op.Stroke(points=((k * 4, k * 3),), radius=3))
        expected = expected.stroke([(k * 4, k * 3)], radius=3)
        assert len(canvas.operations) <= 10
    assert np.array_equal(Mask.from_json(canvas.mask.to_json()).alpha, expected.alpha)
    for _ in range(30):
        canvas.undo()
    assert canvas.mask.area == 0
    assert canvas.operations == ()
    for _ in range(30):
        canvas.redo()
    assert np.array_equal(canvas.pixels(), expected.alpha)


def test_the_history_of_a_large_mask_stays_small():
    canvas = MaskCanvas((2048, 2048))
    rng = np.random.default_rng(0)
    for k in range(40):
        canvas.apply(op.Stroke(points=rng.uniform(0, 2048, (20, 2)), radius=40))
        if k % 8 == 0:
            canvas.apply(op.Feather(px=3))
            canvas.apply(op.Invert())
    assert canvas.history_bytes < 16 * 1024 * 1024
    while canvas.can_undo:
        canvas.undo()
    assert canvas.mask.area == 0


def test_a_history_of_whole_rasters_is_bounded_too_and_its_last_step_can_always_be_taken_back(monkeypatch):
    monkeypatch.setattr(mask_canvas, "HISTORY_BYTES", 100_000)
    canvas = MaskCanvas((200, 200))
    rng = np.random.default_rng(0)
    states = [canvas.mask]
    for _ in range(12):  # of noise, which takes 40 kB each however it is packed
        canvas.replace(Mask.from_array(rng.integers(0, 256, (200, 200), dtype=np.uint8)))
        states.append(canvas.mask)
        assert canvas.history_bytes <= 100_000 + 200 * 200
    steps = 0
    while canvas.can_undo:
        canvas.undo()
        steps += 1
        assert np.array_equal(canvas.pixels(), states[-1 - steps].alpha)
        assert canvas.history_bytes <= 100_000 + 200 * 200
    assert steps == 2
    while canvas.can_redo:
        canvas.redo()
    assert np.array_equal(canvas.pixels(), states[-1].alpha)
    monkeypatch.setattr(mask_canvas, "HISTORY_BYTES", 10)
    canvas.replace(states[3])
    canvas.undo()
    assert np.array_equal(canvas.pixels(), states[-1].alpha)


def test_rasters_that_steps_share_are_counted_once():
    canvas = MaskCanvas((300, 300))
    mask = Mask.from_array(np.random.default_rng(0).integers(0, 256, (300, 300), dtype=np.uint8))
    for _ in range(20):
        mask = mask.stroke([(5, 5)], radius=3)
        canvas.replace(mask)
    assert canvas.history_bytes < 4 * 300 * 300


def test_old_differences_are_given_up_for_memory_and_rendered_when_undone(monkeypatch):
    monkeypatch.setattr(mask_canvas, "HISTORY_BYTES", 2000)
    canvas = MaskCanvas((600, 400))
    rng = np.random.default_rng(0)
    states = [canvas.mask]
    for _ in range(30):
        canvas.apply(op.Stroke(points=rng.uniform(0, 600, (8, 2)), radius=20))
        states.append(canvas.mask)
        assert canvas.history_bytes <= 2000 + 600 * 400
    for state in states[-2::-1]:
        canvas.undo()
        assert np.array_equal(canvas.pixels(), state.alpha)
        assert canvas.history_bytes <= 2000 + 600 * 400
    for state in states[1:]:
        canvas.redo()
        assert np.array_equal(canvas.pixels(), state.alpha)


def paint(canvas, seed):
    rng = np.random.default_rng(seed)
    for _ in range(30):
        canvas.begin_stroke(rng.uniform(0, 400, (3, 2)), radius=9)
        for _ in range(3):
            with contextlib.suppress(ImageInputError):  # another thread may have ended the stroke in between
                canvas.extend_stroke(rng.uniform(0, 400, (4, 2)))
        canvas.end_stroke()


def meddle(canvas):
    for k in range(30):
        canvas.undo()
        canvas.redo() if k % 3 else canvas.apply(op.Grow(px=2))


def look(canvas):
    for _ in range(30):
        mask = canvas.mask
        assert np.array_equal(Mask.from_json(mask.to_json()).alpha, mask.alpha)


def test_two_threads_paint_while_a_third_undoes():
    canvas = MaskCanvas((400, 300))
    with ThreadPoolExecutor(4) as pool:
        work = [pool.submit(paint, canvas, 1), pool.submit(paint, canvas, 2)]
        work += [pool.submit(meddle, canvas), pool.submit(look, canvas)]
        for each in work:
            each.result()
    final = canvas.mask
    assert np.array_equal(Mask.from_json(final.to_json()).alpha, final.alpha)
    assert final.area > 0
    while canvas.can_undo:
        canvas.undo()
    assert canvas.mask == Mask.blank((400, 300))
    while canvas.can_redo:
        canvas.redo()
    assert canvas.mask == final
