"""Markup: marks as values, the layer they are drawn on, and the painter's second mode."""

import io
import itertools
import json
import zlib

import ipycanvas
import numpy as np
import pytest
import traitlets
from PIL import Image

import imgwidgets as iw
from imgwidgets.errors import ImageInputError
from imgwidgets.widgets.painter.companion import MODES
from imgwidgets.widgets.painter.marks import MAX_MARKS, Mark, MarkupCanvas, arrow_head, draw
from imgwidgets.widgets.painter.painter import MaskPainter
from imgwidgets.widgets.painter.plain import INK

SIZE = (320, 240)


def photo(size=SIZE):
    return np.random.default_rng(7).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)


def distance_to_line(points, size=SIZE):
    y, x = np.mgrid[: size[1], : size[0]] + 0.5
    nearest = np.full((size[1], size[0]), np.inf)
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        length = max(1e-9, (x1 - x0) ** 2 + (y1 - y0) ** 2)
        share = np.clip(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length, 0, 1)
        nearest = np.minimum(nearest, np.hypot(x - x0 - share * (x1 - x0), y - y0 - share * (y1 - y0)))
    return nearest


@pytest.fixture
def painter():
    painter = MaskPainter(photo(), mode="markup", markup_color="#ff0000", markup_width=6)
    yield painter
    painter.close()


def says(painter, content, *buffers):
    painter._pages.companion._handle_custom_msg(content, list(buffers))


def line(*points):
    return np.array([(x, y, 1) for x, y in points], "<f4").tobytes()


# ---- marks


def test_a_line_has_its_width_its_colour_and_an_edge_of_one_pixel():
    layer = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    points = [(50, 60), (200, 90), (120, 200)]
    draw(layer, [Mark(points=points, width=12, color="#1080c0")])
    distance = distance_to_line(points)
    alpha = layer[:, :, 3]
    assert (alpha[distance < 5.4] == 255).all()
    assert (alpha[distance > 6.6] == 0).all()
    edge = (distance > 5.8) & (distance < 6.2)
    assert 60 < alpha[edge].mean() < 200
    assert (layer[alpha > 0][:, :3] == (0x10, 0x80, 0xC0)).all()
    assert (layer[alpha == 0] == 0).all()


def test_where_marks_overlap_the_last_one_is_seen_and_edges_mix():
    layer = np.zeros((40, 40, 4), np.uint8)
    draw(layer, [Mark(points=[(20, 20)], width=20, color="#ff0000")])
    draw(layer, [Mark(points=[(20, 20)], width=10, color="#0000ff")])
    assert layer[20, 20].tolist() == [0, 0, 255, 255]
    assert layer[20, 12].tolist() == [255, 0, 0, 255]
    mixed = layer[(layer[:, :, 0] > 0) & (layer[:, :, 2] > 0)]
    assert len(mixed)
    assert (mixed[:, 3] == 255).all()


def test_an_eraser_takes_away_and_leaves_no_colour_behind():
    layer = np.zeros((40, 40, 4), np.uint8)
    draw(layer, [Mark(points=[(20, 20)], width=30, color="#ff0000")])
    draw(layer, [Mark(points=[(20, 20)], width=10, erase=True)])
    assert layer[20, 20].tolist() == [0, 0, 0, 0]
    assert layer[20, 10].tolist() == [255, 0, 0, 255]


def test_a_pens_pressure_is_a_width_for_each_point():
    layer = np.zeros((100, 300, 4), np.uint8)
    draw(layer, [Mark(points=[(50, 50), (250, 50)], width=[4, 40], color="#000000")])
    assert (layer[:, 55, 3] > 127).sum() == pytest.approx(5, abs=2)
    assert (layer[:, 245, 3] > 127).sum() == pytest.approx(39, abs=3)


def test_an_arrow_has_a_head_at_its_end_and_a_short_one_a_small_head():
    (x0, y0), tip, (x1, y1) = arrow_head([(100, 100), (100, 300)], 10)
    assert tip == (100, 300)
    assert y0 == y1 == pytest.approx(300 - 50 * np.cos(0.5), abs=0.1)
    assert sorted([x0, x1]) == pytest.approx([100 - 24, 100 + 24], abs=0.1)
    short = arrow_head([(0, 0), (10, 0)], 10)
    assert np.hypot(short[0][0] - 10, short[0][1]) == pytest.approx(6, abs=0.1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"points": [], "width": 3},
        {"points": [(0, float("nan"))], "width": 3},
        {"points": [(0, 0)], "width": -1},
        {"points": [(0, 0)], "width": [1, 2]},
        {"points": [(0, 0)], "width": 3, "color": "red"},
        {"points": [(5, 5), (5, 5)], "width": 3, "arrow": True},
    ],
)
def test_a_mark_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ImageInputError):
        Mark(**wrong)


# ---- the layer


def test_undo_and_redo_give_the_same_pixels_as_drawing_anew():
    rng = np.random.default_rng(3)
    canvas = MarkupCanvas(SIZE)
    for step in range(120):
        if step % 5 == 3:
            canvas.undo()
        elif step % 11 == 7:
            canvas.redo()
        else:
            points = rng.uniform(-40, 340, (rng.integers(2, 6), 2)).tolist()
            colour = "#" + "".join(f"{level:02x}" for level in rng.integers(0, 256, 3))
            kind = {"arrow": bool(rng.integers(2)), "erase": bool(rng.integers(4) == 0)}
            canvas.add(Mark(points=points, width=float(rng.uniform(1, 30)), color=colour, **kind))
        anew = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
        draw(anew, canvas.marks)
        assert np.array_equal(canvas.layer if canvas.layer is not None else np.zeros_like(anew), anew), step


def test_the_boxes_that_steps_report_hold_all_that_changed():
    canvas = MarkupCanvas(SIZE)
    before = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    one, other = (
        Mark(points=[(50, 50), (90, 80)], width=9),
        Mark(points=[(200, 90)], width=20, color="#00ff00"),
    )
    steps = [
        lambda: canvas.add(one),
        lambda: canvas.add(other),
        canvas.undo,
        canvas.redo,
        lambda: canvas.replace((other,)),
        lambda: canvas.replace(()),
        canvas.undo,
    ]
    for step in steps:
        left, top, right, bottom = step()
        now = canvas.layer.copy()
        before[top:bottom, left:right] = now[top:bottom, left:right]
        assert np.array_equal(before, now)


def test_pixels_that_were_given_stay_what_they_were():
    canvas = MarkupCanvas(SIZE)
    canvas.add(Mark(points=[(50, 50)], width=20, color="#ff0000"))
    seen = canvas.pixels()
    kept = seen.copy()
    canvas.add(Mark(points=[(50, 50)], width=40, color="#0000ff"))
    assert np.array_equal(seen, kept)
    with pytest.raises(ValueError, match="read-only"):
        seen[0, 0] = 1


def test_a_markup_does_not_grow_for_ever():
    canvas = MarkupCanvas((8, 8))
    canvas.marks = (Mark(points=[(1, 1)], width=1),) * MAX_MARKS
    with pytest.raises(ImageInputError, match="at most 2,000 marks"):
        canvas.add(Mark(points=[(1, 1)], width=1))


# ---- the painter's second mode


def test_the_markup_is_rgba_in_its_own_mode_and_none_where_it_does_not_count(painter):
    assert painter.markup is None
    painter.mark([(50, 50), (150, 90)])
    assert painter.markup.shape == (240, 320, 4)
    assert painter.markup.dtype == np.uint8
    assert painter.markup[50, 50].tolist() == [255, 0, 0, 255]
    painter.mode = "mask"
    assert painter.markup is None
    painter.mode = "markup"
    assert painter.markup is not None


def test_both_are_kept_while_one_switches_and_undo_concerns_the_one_that_is_shown(painter):
    painter.mark([(50, 50), (150, 90)])
    painter.stroke([(100, 200)])
    painter.undo()
    assert painter.marks == ()
    assert painter.mask.area > 0
    painter.redo()
    painter.mode = "mask"
    painter.undo()
    assert painter.mask.area == 0
    assert len(painter.marks) == 1


def test_marks_can_be_observed_set_and_cleared(painter):
    seen = []
    painter.observe(lambda change: seen.append(len(change["new"])), "marks")
    painter.mark([(50, 50), (150, 90)], arrow=True, color="#00ff00", width=9)
    painter.clear()
    painter.undo()
    painter.marks = [{"points": [[1, 2], [30, 40]], "width": 3}]
    painter.undo()
    assert seen == [1, 0, 1, 1, 1]
    assert painter.marks[0].arrow
    with pytest.raises(ImageInputError, match="marks"):
        painter.marks = [{"points": "nonsense"}]
    assert len(painter.marks) == 1


def test_a_callback_of_the_mask_may_draw_marks_without_losing_any(painter):
    painter.observe(lambda _: painter.mark([(10, 10), (20, 20)]), "mask")
    painter.stroke([(100, 100)])
    painter.stroke([(200, 100)])
    assert len(painter.marks) == 2
    assert painter._core.markup.marks == painter.marks


def test_what_pages_draw_becomes_marks(painter):
    content = {"client": "a", "kind": "mark", "erase": False, "color": "#0000ff", "width": 8}
    says(painter, content | {"seq": 1, "stroke": 1, "end": False}, line((20, 20), (60, 20)))
    assert painter.marks == ()
    says(painter, content | {"seq": 2, "stroke": 1, "end": True}, line((60, 90)))
    arrow = {"seq": 3, "stroke": 2, "end": True, "arrow": True}
    says(painter, content | arrow, line((100, 20), (200, 120)))
    says(painter, {"client": "a", "seq": 4, "kind": "mark", "stroke": 3, "cancel": True})
    one = Mark(points=[(20, 20), (60, 20), (60, 90)], width=8, color="#0000ff")
    other = Mark(points=[(100, 20), (200, 120)], width=8, color="#0000ff", arrow=True)
    assert painter.marks == (one, other)
    assert painter.mask.area == 0
    says(painter, {"client": "a", "seq": 5, "kind": "command", "mode": "markup", "name": "undo"})
    assert painter.marks == (one,)


def test_commands_of_the_mask_are_refused_in_the_markup(painter):
    says(painter, {"client": "a", "seq": 1, "kind": "command", "mode": "markup", "name": "invert"})
    assert "no command 'invert'" in painter.error


def test_a_tool_of_the_other_mode_switches_to_it_and_a_mode_brings_a_tool_it_has(painter):
    painter.tool = "arrow"
    painter.mode = "mask"
    assert painter.tool == "brush"
    painter.tool = "lasso"
    painter.mode = "markup"
    assert painter.tool == "brush"
    painter.tool = "lasso"
    assert painter.mode == "mask"
    painter.tool = "arrow"
    assert (painter.mode, painter._pages.companion.mode) == ("markup", "markup")
    for mode, tool in [("mask", "brush"), ("markup", "arrow"), ("mask", "ellipse")]:
        painter._pages.companion.set_state({"tool": tool, "mode": mode})
        assert (painter.mode, painter.tool) == (mode, tool)
        assert tool in MODES[mode]


@pytest.mark.parametrize(
    ("name", "value"), [("markup_color", "red"), ("markup_width", 0), ("mode", "both"), ("tolerance", 300)]
)
def test_settings_of_the_markup_that_make_no_sense_are_refused(painter, name, value):
    with pytest.raises(traitlets.TraitError):
        setattr(painter, name, value)


def test_pages_hear_of_the_part_of_the_markup_that_changed(painter, monkeypatch):
    sent = []
    monkeypatch.setattr(
        painter._pages.companion, "send", lambda content, buffers=None: sent.append((content, buffers or []))
    )
    painter.mark([(50, 50), (80, 90)])
    content, buffers = sent[-1]
    assert content["rect"] is None
    x, y, width, height = content["marked"]
    part = np.frombuffer(zlib.decompress(buffers[0]), np.uint8).reshape(height, width, 4)
    small = np.asarray(Image.fromarray(painter.markup).resize(painter._pages.display, Image.Resampling.BOX))
    expected = np.zeros_like(small)
    expected[y : y + height, x : x + width] = part
    visible = small[:, :, 3] > 0
    assert np.array_equal(expected[:, :, 3] > 0, visible)
    assert np.abs(expected[visible].astype(int) - small[visible]).max() <= 2
    says(painter, {"kind": "hello", "client": "b", "blank": False})
    content, buffers = sent[-1]
    assert content["fresh"]
    assert len(buffers) == 2
    asked = {"kind": "detail", "view": "v", "mode": "markup", "box": [40, 40, 90, 90], "size": [50, 50]}
    says(painter, asked)
    content, buffers = sent[-1]
    part = np.frombuffer(zlib.decompress(buffers[0]), np.uint8).reshape(50, 50, 4)
    assert np.array_equal(part, painter.markup[40:90, 40:90])


def test_without_the_companion_ipycanvas_draws_marks(painter, monkeypatch):
    sent = []

    def record(_, command, buffers=()):
        sent.append((command, buffers))

    monkeypatch.setattr(type(ipycanvas.canvas._CANVAS_MANAGER), "_send_custom", record)
    layer = painter.canvas[INK]
    for name, x in [("mouse_down", 100), ("mouse_move", 200), ("mouse_up", 200)]:
        layer._handle_frontend_event(layer, {"event": name, "x": x, "y": 100}, [])
    (mark,) = painter.marks
    assert mark.color == "#ff0000"
    assert mark.width == pytest.approx(6)
    assert painter.mask.area == 0
    picture = Image.open(io.BytesIO(bytes(next(buffers[0] for _, buffers in reversed(sent) if len(buffers)))))
    assert (255, 0, 0, 255) in {colour for _, colour in picture.getcolors(100_000)}


def test_another_image_keeps_the_marks_where_its_size_fits(painter):
    painter.mark([(50, 50), (80, 90)])
    painter.image = photo()
    assert len(painter.marks) == 1
    painter.image = photo((100, 50))
    assert painter.marks == ()


def test_saved_state_does_not_grow_with_the_markup(painter):
    before = len(json.dumps(painter._pages.companion.get_state(), default=str))
    for number in range(30):
        painter.mark([(10 * number, 50), (300, 8 * number)])
    assert len(json.dumps(painter._pages.companion.get_state(), default=str)) < before + 100


def test_a_markup_is_sent_as_it_is_and_never_beside_a_mask(painter):
    model = "gpt-image-2.6-flare"
    painter.image = photo((1024, 1024))
    painter.mark([(200, 200), (800, 800)], arrow=True, width=40)
    with iw.Client(history=False) as client:
        edited = client.edit(painter.images[0], "move it there", markup=painter.markup, model=model)
        assert edited[0].size == (1024, 1024)
        painter.stroke([(500, 500)])
        with pytest.raises(ImageInputError, match="exclude each other"):
            client.edit(painter.images[0], "x", markup=painter.markup, mask=painter.mask, model=model)
