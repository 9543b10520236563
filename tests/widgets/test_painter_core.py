"""Strokes from several pages and threads on one mask."""

import threading

import numpy as np
import pytest

from imgwidgets.errors import ImageInputError
from imgwidgets.images import Mask
from imgwidgets.images.operations import Stroke
from imgwidgets.widgets.painter.core import Core
from imgwidgets.widgets.painter.inbox import Inbox, amount_in, points_in

SIZE = (300, 200)


def points(*triples):
    return np.array(triples, "<f4").tobytes()


class Page:
    """What one page sends."""

    def __init__(self, core, name="page"):
        self.core = core
        self.name = name
        self.number = 0

    def message(self, **content):
        self.number += 1
        return content | {"client": self.name, "seq": self.number}

    def stroke(self, stroke, *triples, end=False, **more):
        content = {"kind": "stroke", "stroke": stroke, "radius": 10, "erase": False, "end": end} | more
        return self.message(**content), [points(*triples)]

    def send(self, message):
        return self.core.receive(*message)


@pytest.fixture
def core():
    return Core(Mask.blank(SIZE), lambda: np.zeros((SIZE[1], SIZE[0], 3), np.uint8))


def test_batches_make_one_stroke_of_all_their_points(core):
    page = Page(core)
    page.send(page.stroke(1, (50, 50, 1), (80, 60, 1)))
    assert core.finished() is None
    page.send(page.stroke(1, (120, 90, 1), (150, 50, 1)))
    page.send(page.stroke(1, (200, 100, 1), end=True))
    change = core.finished()
    expected = Mask.blank(SIZE).stroke([(50, 50), (80, 60), (120, 90), (150, 50), (200, 100)], radius=10)
    assert core.canvas.mask == expected
    assert len(core.canvas.mask.operations) == 1
    assert change.box == expected.bbox


def test_messages_that_arrive_in_another_order_give_the_same_mask(core):
    page = Page(core)
    messages = [
        page.stroke(1, (50, 50, 1)),
        page.stroke(1, (90, 60, 1)),
        page.stroke(1, (120, 150, 1), end=True),
        (page.message(kind="command", name="invert"), []),
    ]
    for index in (3, 1, 0, 2):
        page.send(messages[index])
    expected = ~Mask.blank(SIZE).stroke([(50, 50), (90, 60), (120, 150)], radius=10)
    assert core.canvas.mask == expected


def test_a_repeated_message_is_taken_once(core):
    page = Page(core)
    message = (page.message(kind="command", name="invert"), [])
    page.send(message)
    page.send(message)
    assert core.canvas.mask.area == SIZE[0] * SIZE[1]


def test_a_missing_message_is_asked_for_after_a_while():
    now = [0.0]
    inbox = Inbox(clock=lambda: now[0])
    assert list(inbox.take({"client": "a", "seq": 1}, []))
    assert not list(inbox.take({"client": "a", "seq": 4}, []))
    assert inbox.missing("a") is None
    now[0] = 1.0
    assert inbox.missing("a") == (2, 3)
    assert inbox.missing("a") is None, "asked once is enough for now"
    for number in (2, 3):
        list(inbox.take({"client": "a", "seq": number}, []))
    assert inbox.done == {"a": 4}
    now[0] = 9.0
    assert inbox.missing("a") is None


def test_strokes_of_two_pages_do_not_join(core):
    one, two = Page(core, "one"), Page(core, "two")
    one.send(one.stroke(1, (20, 20, 1), (60, 20, 1)))
    two.send(two.stroke(1, (20, 180, 1), (60, 180, 1)))
    one.send(one.stroke(1, (100, 20, 1), end=True))
    two.send(two.stroke(1, (100, 180, 1), end=True))
    expected = (
        Mask.blank(SIZE).stroke([(20, 20), (100, 20)], radius=10).stroke([(20, 180), (100, 180)], radius=10)
    )
    assert core.canvas.mask == expected


def test_pen_pressure_sets_the_width_of_each_point(core):
    page = Page(core)
    page.send(page.stroke(1, (50, 100, 0.2), (250, 100, 1), end=True))
    expected = Mask.blank(SIZE).stroke([(50, 100), (250, 100)], radius=[2, 10])
    assert core.canvas.mask == expected


def test_softness_and_erase_reach_the_mask(core):
    page = Page(core)
    page.send((page.message(kind="command", name="fill"), []))
    page.send(page.stroke(1, (150, 100, 1), end=True, erase=True, softness=0.5))
    (_, stroke) = core.canvas.mask.operations
    assert isinstance(stroke, Stroke)
    assert (stroke.erase, stroke.softness) == (True, 0.5)


def test_a_cancelled_stroke_leaves_no_trace(core):
    page = Page(core)
    page.send(page.stroke(1, (50, 50, 1), (90, 60, 1)))
    page.send((page.message(kind="stroke", stroke=1, cancel=True), []))
    assert core.canvas.mask.area == 0
    assert core.finished().finished
    assert not core.canvas.can_undo


@pytest.mark.parametrize(
    ("kind", "corners", "expected"),
    [
        ("rectangle", [(60, 80), (20, 30)], lambda mask: mask.rectangle((20, 30, 60, 80))),
        ("ellipse", [(20, 30), (60, 80)], lambda mask: mask.ellipse((20, 30, 60, 80))),
        (
            "polygon",
            [(10, 10), (90, 20), (40, 70)],
            lambda mask: mask.polygon([(10, 10), (90, 20), (40, 70)]),
        ),
        ("lasso", [(10, 10), (90, 20), (40, 70)], lambda mask: mask.lasso([(10, 10), (90, 20), (40, 70)])),
        ("fill", [(5, 5)], lambda mask: mask.fill((5, 5))),
    ],
)
def test_each_shape_is_the_masks_own(core, kind, corners, expected):
    page = Page(core)
    assert page.send((page.message(kind=kind, erase=False), [np.array(corners, "<f4").tobytes()])) == []
    assert core.canvas.mask == expected(Mask.blank(SIZE))


@pytest.mark.parametrize("name", ["grow", "shrink", "feather"])
def test_each_adjustment_is_the_masks_own(core, name):
    page = Page(core)
    page.send(page.stroke(1, (100, 100, 1), (150, 100, 1), end=True))
    page.send((page.message(kind="command", name=name, amount=4), []))
    stroke = Mask.blank(SIZE).stroke([(100, 100), (150, 100)], radius=10)
    assert core.canvas.mask == getattr(stroke, name)(4)


def test_undo_and_redo_lead_back_and_forth(core):
    page = Page(core)
    page.send(page.stroke(1, (100, 100, 1), end=True))
    after = core.canvas.mask
    core.command("undo")
    assert core.canvas.mask.area == 0
    core.command("redo")
    assert core.canvas.mask == after


@pytest.mark.parametrize(
    ("content", "buffers", "said"),
    [
        ({"kind": "nonsense"}, [points((1, 2, 3), (4, 5, 6))], "nonsense"),
        ({"kind": "command", "name": "explode"}, [], "explode"),
        ({"kind": "command", "name": "grow", "amount": -1}, [], "-1"),
        ({"kind": "command", "name": "grow", "amount": float("nan")}, [], "nan"),
        ({"kind": "rectangle"}, [b"12345"], "5 bytes"),
        ({"kind": "lasso"}, [np.array([[np.nan, 1], [1, 2], [3, 4]], "<f4").tobytes()], "not numbers"),
    ],
)
def test_a_bad_message_is_reported_and_the_next_one_works(core, content, buffers, said):
    page = Page(core)
    (problem,) = page.send((page.message(**content), buffers))
    assert said in str(problem)
    page.send(page.stroke(1, (100, 100, 1), end=True))
    assert core.canvas.mask.area > 0


def test_a_message_without_a_number_is_refused(core):
    with pytest.raises(ImageInputError, match="without a number"):
        core.receive({"kind": "command", "name": "undo"}, [])


def test_points_far_away_are_pulled_near_and_other_buffers_refused():
    assert points_in(np.array([1e30, -1e30], "<f4").tobytes(), 2).tolist() == [[1e6, -1e6]]
    with pytest.raises(ImageInputError, match="7 bytes"):
        points_in(b"1234567", 3)
    with pytest.raises(ImageInputError, match="between 0 and 1000"):
        amount_in({"amount": "8"})


def test_two_threads_paint_while_a_third_takes_back_and_the_recipe_still_gives_the_pixels(core):
    problems = []
    start = threading.Barrier(3)

    def paint(name, row):
        page = Page(core, name)
        start.wait()
        for number in range(40):
            for batch in range(4):
                x = 10 + 60 * batch + number
                problems.extend(
                    page.send(page.stroke(number, (x, row, 1), (x + 30, row + 20, 1), end=batch == 3))
                )

    def take_back():
        start.wait()
        for number in range(60):
            core.command("redo" if number % 3 == 2 else "undo")

    threads = [
        threading.Thread(target=paint, args=("one", 40)),
        threading.Thread(target=paint, args=("two", 140)),
        threading.Thread(target=take_back),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert problems == []
    mask = core.canvas.mask
    assert np.array_equal(Mask.from_json(mask.to_json()).alpha, mask.alpha)
    assert np.array_equal(core.canvas.pixels(), mask.alpha)
