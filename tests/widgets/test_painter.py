"""The painter as Python sees it, and as ipycanvas' own events drive it. The browser's half: tests/browser."""

import base64
import io
import json
import re
import threading
import zlib

import ipycanvas
import numpy as np
import pytest
import traitlets
from PIL import Image

from imgwidgets.errors import ImageInputError
from imgwidgets.images import ImageResult, Mask, ResultImage
from imgwidgets.widgets.canvas import drawing, put_picture
from imgwidgets.widgets.painter.painter import MaskPainter
from imgwidgets.widgets.painter.picture import coverage, fit, patch, read_picture
from imgwidgets.widgets.painter.plain import IMAGE, INK
from imgwidgets.widgets.painter.still import still_html

SIZE = (640, 480)


def noise(size=SIZE, channels=3):
    return np.random.default_rng(7).integers(0, 256, (size[1], size[0], channels), dtype=np.uint8)


def png(array):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "png")
    return buffer.getvalue()


@pytest.fixture
def painter():
    painter = MaskPainter(noise(), brush_radius=20)
    yield painter
    painter.close()


def still(painter):
    return still_html(painter._pages.picture, painter.mask, colour="#ff0066", opacity=0.5)


@pytest.fixture
def sent(painter, monkeypatch):
    """Record what the companion's pages would receive."""
    messages = []
    monkeypatch.setattr(
        painter._pages.companion,
        "send",
        lambda content, buffers=None: messages.append((content, buffers or [])),
    )
    return messages


@pytest.fixture
def drawn(monkeypatch):
    """Record what ipycanvas sends."""
    messages = []

    def record(_, command, buffers=()):
        messages.append((command, list(buffers)))

    monkeypatch.setattr(type(ipycanvas.canvas._CANVAS_MANAGER), "_send_custom", record)
    return messages


def says(painter, content, *buffers):
    """Send what a page would send."""
    painter._pages.companion._handle_custom_msg(content, list(buffers))


def names_of(drawn):
    commands = [
        each for command, _ in drawn for each in (command if isinstance(command[0], list) else [command])
    ]
    return [ipycanvas.canvas._CMD_LIST[command[0]] if command[0] != "set" else "set" for command in commands]


# ---- the mask


def test_strokes_are_recorded_in_image_pixels_however_small_the_canvas():
    painter = MaskPainter(np.zeros((2160, 3840, 3), np.uint8), width=800)
    assert (painter.canvas.width, painter.canvas.height) == (800, 450)
    painter.stroke([(1000, 1000), (2000, 1500)], radius=100)
    assert painter.mask == Mask.blank((3840, 2160)).stroke([(1000, 1000), (2000, 1500)], radius=100)
    assert painter.alpha.shape == (2160, 3840)


def test_the_mask_is_observed_once_for_each_change(painter):
    seen = []
    painter.observe(lambda change: seen.append(change["new"].area), "mask")
    painter.stroke([(100, 100)])
    painter.stroke([(300, 100)])
    painter.undo()
    painter.redo()
    painter.clear()
    painter.invert()
    assert len(seen) == 6
    assert seen[0] == seen[2]
    assert seen[1] == seen[3]
    assert seen[4:] == [0, 640 * 480]


def test_a_mask_set_from_python_is_one_step_that_can_be_undone(painter, sent):
    selected = np.zeros(SIZE[::-1], bool)
    selected[100:200, 50:80] = True
    painter.mask = selected
    assert np.array_equal(painter.mask.selected, selected)
    assert sent[-1][0]["rect"] is not None
    painter.undo()
    assert painter.mask.area == 0


def test_a_callback_may_change_the_mask_it_hears_of(painter):
    def keep_the_top(change):
        if change["new"].bbox and change["new"].bbox[3] > 240:
            painter.mask = change["new"] & Mask.blank(SIZE).rectangle((0, 0, 640, 240))

    painter.observe(keep_the_top, "mask")
    painter.stroke([(300, 240)], radius=50)
    assert painter.mask.bbox[3] == 240


def test_a_mask_can_come_from_another_painter_or_a_file(painter, tmp_path):
    painter.stroke([(100, 100), (200, 50)])
    (tmp_path / "mask.png").write_bytes(painter.mask.to_png())
    assert MaskPainter(noise(), mask=painter).mask == painter.mask
    assert MaskPainter(noise(), mask=tmp_path / "mask.png").mask == painter.mask


def test_a_mask_of_another_size_is_refused_with_both_sizes(painter):
    with pytest.raises(ImageInputError, match=r"100x50.*640x480.*resize"):
        painter.mask = Mask.blank((100, 50))
    assert painter.mask.size == SIZE


def test_strokes_survive_a_file(painter, tmp_path):
    painter.stroke([(100, 100), (200, 50)])
    painter.grow(5)
    painter.save_strokes(tmp_path / "strokes.json")
    other = MaskPainter(noise())
    other.load_strokes(tmp_path / "strokes.json")
    assert other.mask == painter.mask
    assert len(other.mask.operations) == 2
    with pytest.raises(ImageInputError, match=r"missing\.json"):
        other.load_strokes(tmp_path / "missing.json")


# ---- images


@pytest.mark.parametrize("form", ["array", "bytes", "path", "pil", "result", "list", "results"])
def test_an_image_may_come_in_any_form_that_edit_takes(form, tmp_path):
    array = noise((32, 24))
    (tmp_path / "image.png").write_bytes(png(array))
    result = ResultImage(png(array))
    image = {
        "array": array,
        "bytes": png(array),
        "path": tmp_path / "image.png",
        "pil": Image.fromarray(array),
        "result": result,
        "list": [array, png(noise((9, 9)))],
        "results": ImageResult([result], request=None),
    }[form]
    painter = MaskPainter(image)
    assert painter.mask.size == (32, 24)
    assert painter.image is image


@pytest.mark.parametrize(
    "image", [b"", b"not an image", "https://example.test/fox.png", {"file_id": "file-7"}, [], None, 3.5]
)
def test_what_cannot_be_painted_on_is_refused(image):
    with pytest.raises(ImageInputError):
        MaskPainter(image)


def test_a_truncated_image_never_reaches_ipycanvas(painter, drawn):
    before = painter.image
    with pytest.raises(ImageInputError):
        painter.image = png(noise())[:-2000]
    assert painter.image is before
    assert drawn == []


def test_another_image_of_the_same_size_keeps_the_mask_and_another_size_does_not(painter):
    painter.stroke([(100, 100)])
    mask = painter.mask
    painter.image = noise()[::-1].copy()
    assert painter.mask is mask
    painter.image = noise((300, 200))
    assert painter.mask == Mask.blank((300, 200))
    assert (painter.canvas.width, painter.canvas.height) == fit((300, 200))
    assert painter._pages.companion._size == (300, 200)


def test_transparent_pixels_are_shown_as_checks_and_the_picture_is_opaque():
    pixels = np.zeros((64, 64, 4), np.uint8)
    shown = Image.open(io.BytesIO(read_picture(pixels).encoded((64, 64))))
    assert shown.mode == "RGB"
    assert len({shown.getpixel((4, 4)), shown.getpixel((12, 4))}) == 2


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (3840, 2160), (64, 64), (1024, 1536)])
def test_every_image_fits_into_a_cell(size):
    width, height = fit(size)
    assert 1 <= width <= 900
    assert 1 <= height <= 600


# ---- settings


def test_an_unknown_option_is_a_type_error():
    with pytest.raises(TypeError, match="brush_size"):
        MaskPainter(noise(), brush_size=3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("brush_radius", 0),
        ("brush_radius", float("nan")),
        ("tool", "chainsaw"),
        ("softness", 1.5),
        ("overlay_opacity", -1),
        ("overlay_color", "red;}"),
        ("show", "everything"),
    ],
)
def test_settings_that_make_no_sense_are_refused(painter, name, value):
    before = getattr(painter, name)
    with pytest.raises(traitlets.TraitError):
        setattr(painter, name, value)
    assert getattr(painter, name) == before


def test_settings_and_their_controls_are_linked_both_ways(painter):
    painter.brush_radius = 12
    painter.tool = "eraser"
    assert (painter._pages.companion.brush_radius, painter._pages.companion.tool) == (12, "eraser")
    painter._pages.companion.set_state({"brush_radius": 33.5, "tool": "lasso"})
    assert (painter.brush_radius, painter.tool) == (33.5, "lasso")


def test_the_repr_is_short_and_says_the_size(painter):
    painter.stroke([(100, 100)], radius=5)
    assert repr(painter) == f"MaskPainter(640x480, {painter.mask.area} pixels selected)"


# ---- what pages hear


def inflated(message):
    content, buffers = message
    x, y, width, height = content["rect"]
    return np.frombuffer(zlib.decompress(buffers[0]), np.uint8).reshape(height, width), (x, y)


def test_after_a_stroke_pages_hear_only_of_the_part_that_changed(painter, sent):
    painter.stroke([(100, 100), (200, 150)])
    part, (x, y) = inflated(sent[-1])
    expected = coverage(painter.alpha, painter._pages.display)
    full = np.zeros_like(expected)
    full[y : y + part.shape[0], x : x + part.shape[1]] = part
    assert np.array_equal(full, expected)
    assert part.size < 0.1 * full.size


def test_all_batches_of_a_stroke_are_in_what_pages_hear(painter, sent):
    for number, (x, end) in enumerate([(50, False), (200, False), (400, True)], start=1):
        content = {"client": "a", "seq": number, "kind": "stroke", "stroke": 1, "erase": False, "radius": 20}
        says(painter, content | {"end": end}, np.array([x, 100, 1], "<f4").tobytes())
    (message,) = [message for message in sent if message[0]["kind"] == "overlay"]
    assert message[0]["done"] == {"a": 3}
    part, _ = inflated(message)
    assert part.shape[1] >= 350 * painter._pages.display[0] / 640


@pytest.mark.parametrize("scale", [0.25, 0.37, 1.0, 3.0])
def test_parts_of_the_overlay_are_the_overlay(scale):
    rng = np.random.default_rng(3)
    alpha = np.where(rng.random((200, 300)) < 0.5, 0, 255).astype(np.uint8)
    display = round(300 * scale), round(200 * scale)
    whole = coverage(alpha, display)
    for _ in range(20):
        x0, x1 = sorted(rng.integers(0, 301, 2).tolist())
        y0, y1 = sorted(rng.integers(0, 201, 2).tolist())
        found = patch(alpha, (x0, y0, x1, y1), display)
        if found is None:
            assert x0 == x1 or y0 == y1
            continue
        (x, y, width, height), part = found
        difference = whole[y : y + height, x : x + width].astype(int) - part
        assert np.abs(difference).max() <= 2  # Pillow rounds the corner of a part
        assert x <= x0 * scale
        assert x + width >= x1 * scale - 1e-9


def test_a_new_page_gets_the_picture_once_and_the_mask(painter, sent):
    painter.stroke([(100, 100)])
    sent.clear()
    says(painter, {"kind": "hello", "client": "a", "blank": True})
    assert [content["kind"] for content, _ in sent] == ["picture", "overlay"]
    assert Image.open(io.BytesIO(sent[0][1][0])).size == painter._pages.display
    sent.clear()
    says(painter, {"kind": "hello", "client": "b", "blank": False})
    assert [content["kind"] for content, _ in sent] == ["overlay"]


def test_a_zoomed_view_gets_its_part_in_the_images_own_pixels(painter, sent):
    painter.stroke([(100, 100)])
    asked = {"kind": "detail", "view": "v", "box": [80, 60, 180, 160], "size": [100, 100], "picture": True}
    says(painter, asked)
    content, buffers = sent[-1]
    assert content["view"] == "v"
    mask = np.frombuffer(zlib.decompress(buffers[0]), np.uint8).reshape(100, 100)
    assert np.array_equal(mask, 255 - painter.alpha[60:160, 80:180])
    assert Image.open(io.BytesIO(buffers[1])).size == (100, 100)


def test_what_a_page_gets_wrong_is_shown_in_the_painter_and_goes_with_the_next_success(painter):
    says(painter, {"kind": "detail", "view": "v", "box": [0, 0, 9999, 9999], "size": [100, 100]})
    assert "not there" in painter._pages.companion.error
    says(painter, {"kind": "command", "client": "a", "seq": 1, "name": "<b>explode"})
    assert "<b>explode" in painter.error
    says(painter, {"kind": "command", "client": "a", "seq": 2, "name": "invert"})
    assert painter.error == ""


def test_a_message_that_is_lost_is_asked_for(painter, sent):
    now = [0.0]
    painter._core.inbox._clock = lambda: now[0]
    says(painter, {"kind": "command", "client": "a", "seq": 2, "name": "invert"})
    now[0] = 2.0
    says(painter, {"kind": "command", "client": "a", "seq": 3, "name": "invert"})
    assert sent[-1][0] == {"kind": "missing", "client": "a", "from": 1, "to": 1}


# ---- state


def test_saved_state_is_small_and_holds_neither_image_nor_mask(painter):
    painter.stroke([(100, 100), (500, 300)])
    states = [widget.get_state() for widget in (painter, *painter.children, *painter.canvas)]
    text = json.dumps(states, default=lambda value: repr(value)[:10_000_000])
    assert len(text) < 100_000
    assert "mask" not in painter.get_state()
    assert "image" not in painter.get_state()
    assert painter.canvas.sync_image_data is False


def test_the_still_picture_shows_image_and_mask_and_is_small(painter):
    empty = still(painter)
    painter.stroke([(320, 240)], radius=100)
    html = still(painter)
    assert len(html) < 100_000
    code = re.search(r"data:image/webp;base64,([^\"]+)", html)[1]
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(code))).convert("RGB")).astype(int)
    height, width = picture.shape[:2]
    assert width / height == pytest.approx(640 / 480, rel=0.02)
    centre = picture[height // 2 - 20 : height // 2 + 20, width // 2 - 20 : width // 2 + 20].mean(axis=(0, 1))
    assert centre[0] - centre[1] > 50, "the mask's colour lies over the middle"
    assert html != empty


# ---- ipycanvas alone


def event(painter, name, **more):
    painter.canvas[INK]._handle_frontend_event(painter.canvas[INK], {"event": name, **more}, [])


def test_without_the_companion_ipycanvas_mouse_events_paint(painter):
    assert painter.canvas.width == fit(SIZE)[0]
    scale = SIZE[0] / painter.canvas.width
    event(painter, "mouse_move", x=5, y=5)
    event(painter, "mouse_down", x=100, y=100)
    event(painter, "mouse_move", x=200, y=150)
    event(painter, "mouse_move", x=300, y=100)
    event(painter, "mouse_up", x=300, y=100)
    event(painter, "mouse_move", x=400, y=400)
    corners = [(x * scale, y * scale) for x, y in [(100, 100), (200, 150), (300, 100)]]
    expected = Mask.blank(SIZE).stroke(corners, radius=20).selected
    found = painter.mask.selected
    assert (found & expected).sum() / (found | expected).sum() > 0.99


def test_without_the_companion_touch_paints_and_a_stroke_ends_at_the_edge(painter):
    event(painter, "touch_start", touches=[{"x": 50, "y": 50}])
    event(painter, "touch_move", touches=[{"x": 90, "y": 50}])
    event(painter, "touch_end", touches=[])
    assert len(painter.mask.operations) == 1
    event(painter, "mouse_down", x=200, y=200)
    event(painter, "mouse_out", x=-5, y=200)
    assert len(painter.mask.operations) == 2
    event(painter, "mouse_move", x=300, y=300)
    assert len(painter.mask.operations) == 2


def test_without_the_companion_the_eraser_erases(painter):
    painter.fill()
    painter.tool = "eraser"
    event(painter, "mouse_down", x=100, y=100)
    event(painter, "mouse_up", x=100, y=100)
    assert painter.mask.area < 640 * 480


def test_without_the_companion_image_mask_and_ink_are_drawn_by_ipycanvas(painter, drawn):
    painter._pages.draw()
    assert names_of(drawn).count("putImageData") == 2
    drawn.clear()
    event(painter, "mouse_down", x=100, y=100)
    assert "strokeLine" in names_of(drawn)
    drawn.clear()
    event(painter, "mouse_up", x=150, y=100)
    assert "putImageData" in names_of(drawn)


def test_a_page_whose_companion_does_not_report_is_drawn_by_ipycanvas(painter, drawn, monkeypatch):
    monkeypatch.setattr("imgwidgets.widgets.painter.pages.GRACE", 0.01)
    event(painter, "client_ready")
    painter._pages._waiting.join(10)
    assert "putImageData" in names_of(drawn)


def test_a_page_whose_companion_reports_is_left_to_it(painter, drawn, monkeypatch):
    monkeypatch.setattr("imgwidgets.widgets.painter.pages.GRACE", 0.2)
    event(painter, "client_ready")
    says(painter, {"kind": "hello", "client": "a", "blank": True})
    painter._pages._waiting.join(10)
    assert drawn == []


# ---- ipycanvas made safe


def test_an_exception_inside_drawing_does_not_leave_ipycanvas_buffering(drawn):
    canvas, other = ipycanvas.MultiCanvas(2), ipycanvas.Canvas()
    drawn.clear()

    def fail():
        with drawing(canvas):
            canvas[0].fill_rect(0, 0, 5, 5)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert drawn == []
    other.fill_rect(1, 2, 3, 4)
    assert names_of(drawn) == ["switchCanvas", "fillRect"]


def test_drawing_says_which_canvas_it_means_each_time_for_pages_that_were_loaded_again(drawn):
    canvas = ipycanvas.MultiCanvas(2)
    drawn.clear()
    for _ in range(2):
        with drawing(canvas):
            canvas[0].fill_rect(0, 0, 5, 5)
    assert names_of(drawn) == ["switchCanvas", "fillRect"] * 2


def test_drawing_inside_somebodys_hold_canvas_waits_for_its_end(drawn):
    canvas = ipycanvas.MultiCanvas(2)
    drawn.clear()
    with ipycanvas.hold_canvas():
        canvas[0].fill_rect(0, 0, 1, 1)
        with drawing(canvas):
            canvas[1].fill_rect(0, 0, 2, 2)
        canvas[0].fill_rect(0, 0, 3, 3)
    assert names_of(drawn).count("fillRect") == 3
    assert ipycanvas.canvas._CANVAS_MANAGER._caching is False


def test_a_picture_that_cannot_be_decoded_is_not_sent(drawn):
    canvas = ipycanvas.MultiCanvas(2)
    drawn.clear()
    for data in (b"", b"no picture", png(noise())[:3000]):
        with pytest.raises(ImageInputError, match="cannot be decoded"):
            put_picture(canvas[IMAGE], data)
    assert drawn == []


# ---- threads


def test_threads_may_paint_and_take_back_at_once_and_the_last_mask_heard_is_the_last_there_is(painter):
    heard = []
    problems = []
    painter.observe(lambda change: heard.append(change["new"]), "mask")

    def guarded(work):
        def run():
            try:
                for number in range(25):
                    work(number)
            except Exception as error:  # noqa: BLE001 (the test reports it)
                problems.append(error)

        return threading.Thread(target=run)

    threads = [
        guarded(lambda number: painter.stroke([(20 * number, 100), (20 * number, 300)])),
        guarded(lambda number: event(painter, "mouse_down", x=10 * number, y=50)),
        guarded(lambda number: painter.undo() if number % 2 else painter.redo()),
        guarded(lambda number: setattr(painter, "brush_radius", 5 + number)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    painter.stroke([(1, 1)])
    assert heard[-1] is painter.mask
    assert painter.mask == painter._core.canvas.mask
