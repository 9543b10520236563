"""The painter under a real mouse, pen and keyboard, in JupyterLab."""

import base64
import contextlib
import io
import json

import numpy as np
import pytest
from browser.lab import PANEL
from browser.painting import (
    CLEAR,
    OPAQUE,
    PHOTO,
    SHOWN,
    STOPWATCH,
    SharedNotebook,
    agreement,
    capsule,
    pixels_of,
    selected,
    shown,
    to_image,
    wait_for_picture,
)
from PIL import Image
from playwright.sync_api import TimeoutError  # noqa: A004 (the name that Playwright gives it)


def test_a_stroke_by_mouse_is_in_the_mask_and_the_picture_fills_its_canvas(open_painter):
    notebook, ink, box = open_painter()
    assert box == notebook.page.locator(".iwp-picture").bounding_box()
    path = [(100, 100), (300, 250), (500, 120)]
    notebook.drag(ink, path)
    notebook.wait_for_python("len(painter.mask.operations) == 1")
    expected = capsule(to_image(path, box), 30)
    assert agreement(selected(notebook), expected) > 0.98
    assert notebook.page.locator(".imgwidgets-plain:not(.iwp-picture)").count() == 0
    assert notebook.console_errors == []


def ink_like(notebook, expected):
    """Give the ink once its last points are drawn, or the kernel has it all: a busy machine takes longer."""
    for _ in range(20):
        drawn = pixels_of(notebook, ".iwp-ink")[:, :, 3] > 128
        if not drawn.any() or agreement(drawn, expected) > 0.98:
            break
        notebook.page.wait_for_timeout(100)
    return drawn


def test_ink_is_there_within_a_frame_also_while_a_cell_runs_and_becomes_the_mask(open_painter):
    notebook, ink, box = open_painter("import time; time.sleep(6)", alone=True)
    notebook.page.evaluate(STOPWATCH)
    notebook.drag(ink, [(80, 80), (520, 80)], steps=40)
    notebook.wait_for_python("len(painter.mask.operations) == 1")
    idle = notebook.page.evaluate("() => window.waits.splice(0)")
    notebook.start_cell(2)
    notebook.page.wait_for_function("() => document.querySelectorAll('.iwp-ink').length === 1")
    ink.scroll_into_view_if_needed()
    path = [(80, 200), (520, 200), (300, 320)]
    notebook.drag(ink, path, steps=40)
    notebook.page.wait_for_timeout(50)
    busy = notebook.page.evaluate("() => window.waits")
    for waits in (idle, busy):
        assert len(waits) >= 20
        assert None not in waits
        assert np.median(waits) < 17
    drawn = ink_like(notebook, capsule(path, 30 * 600 / 1024, (600, 600)))
    notebook.wait_for_cell(2)
    notebook.wait_for_python("len(painter.mask.operations) == 2")
    assert (
        agreement(
            selected(notebook),
            capsule(to_image([(80, 80), (520, 80)], box), 30) | capsule(to_image(path, box), 30),
        )
        > 0.98
    )
    # Depending on ipykernel, the kernel may have taken the stroke up while the cell ran.
    if drawn.any():
        assert agreement(drawn, capsule(path, 30 * 600 / 1024, (600, 600))) > 0.98
    notebook.page.wait_for_function(CLEAR)


def test_the_overlay_agrees_with_the_mask(open_painter):
    notebook, ink, _ = open_painter()
    before = pixels_of(notebook).astype(int)
    notebook.drag(ink, [(100, 100), (400, 300)])
    notebook.wait_for_python("len(painter.mask.operations) == 1")
    notebook.page.wait_for_function(CLEAR)
    changed = np.abs(pixels_of(notebook).astype(int) - before)[:, :, :3].max(axis=2) > 8
    expected = selected(notebook)[::2, ::2]  # 1024 to 600 pixels, roughly
    rows = (np.arange(600) * 1024 / 600).astype(int)
    expected = selected(notebook)[rows][:, rows]
    assert agreement(changed, expected) > 0.95


def test_a_stroke_goes_on_outside_of_the_canvas_and_ends_where_the_button_is_released(open_painter):
    notebook, ink, box = open_painter()
    path = [(500, 300), (box["width"] + 90, 300), (box["width"] + 90, 400), (500, 400)]
    notebook.drag(ink, path)
    notebook.wait_for_python("len(painter.mask.operations) == 1")
    notebook.drag(ink, [(100, 300), (box["width"] + 50, 560)])
    notebook.wait_for_python("len(painter.mask.operations) == 2")
    notebook.page.mouse.move(box["x"] + 50, box["y"] + 50, steps=5)
    expected = capsule(to_image(path, box), 30) | capsule(
        to_image([(100, 300), (box["width"] + 50, 560)], box), 30
    )
    assert agreement(selected(notebook), expected) > 0.98


def test_the_right_button_erases_and_undo_and_redo_lead_back(open_painter):
    notebook, _, box = open_painter()
    mouse = notebook.page.mouse

    def drag(button, start, end):
        mouse.move(box["x"] + start[0], box["y"] + start[1])
        mouse.down(button=button)
        mouse.move(box["x"] + end[0], box["y"] + end[1], steps=10)
        mouse.up(button=button)

    drag("left", (100, 200), (500, 200))
    drag("right", (300, 100), (300, 300))
    notebook.wait_for_python("len(painter.mask.operations) == 2")
    assert notebook.page.locator(".lm-Menu").count() == 0
    line = capsule(to_image([(100, 200), (500, 200)], box), 30)
    hole = capsule(to_image([(300, 100), (300, 300)], box), 30)
    assert agreement(selected(notebook), line & ~hole) > 0.97
    notebook.page.keyboard.press("Control+z")
    notebook.wait_for_python("len(painter.mask.operations) == 1")
    assert agreement(selected(notebook), line) > 0.98
    notebook.page.keyboard.press("Control+Shift+Z")
    notebook.wait_for_python("len(painter.mask.operations) == 2")
    notebook.page.keyboard.press("Control+z")
    notebook.page.keyboard.press("Control+y")
    notebook.wait_for_python("painter._core.canvas.can_redo is False and len(painter.mask.operations) == 2")


def test_shapes_by_mouse_are_the_masks_own(open_painter):
    notebook, ink, box = open_painter()
    page = notebook.page
    ink.focus()

    def drag(key, start, end):
        page.keyboard.press(key)
        notebook.drag(ink, [start, end])

    drag("r", (50, 50), (150, 120))
    drag("o", (200, 50), (350, 200))
    page.keyboard.press("p")
    for x, y in [(400, 300), (560, 300), (560, 400)]:
        page.mouse.click(box["x"] + x, box["y"] + y)
    page.mouse.dblclick(box["x"] + 420, box["y"] + 390)
    page.keyboard.press("l")
    notebook.drag(ink, [(100, 300), (250, 300), (250, 450), (100, 450)])
    notebook.wait_for_python("len(painter.mask.operations) == 4")
    names = notebook.evaluate_python("[type(step).__name__ for step in painter.mask.operations]")
    assert names == ["Rectangle", "Ellipse", "Polygon", "Lasso"]
    assert notebook.evaluate_python("painter.error") == ""
    scale = 1024 / box["width"]
    found = selected(notebook)
    for x, y, inside in [
        (100, 90, True),
        (275, 125, True),
        (205, 55, False),
        (520, 350, True),
        (200, 400, True),
        (30, 30, False),
    ]:
        assert found[int(y * scale), int(x * scale)] == inside, (x, y)


def test_a_polygon_can_be_closed_at_its_first_corner_and_a_shape_given_up(open_painter):
    notebook, ink, box = open_painter()
    page = notebook.page
    ink.focus()
    page.keyboard.press("p")
    for x, y in [(100, 100), (300, 100), (350, 250)]:
        page.mouse.click(box["x"] + x, box["y"] + y)
    page.keyboard.press("Control+z")  # takes the last corner back
    for x, y in [(200, 300), (102, 101)]:
        page.mouse.click(box["x"] + x, box["y"] + y)
    notebook.wait_for_python("len(painter.mask.operations) == 1")
    page.keyboard.press("b")
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 80, steps=4)
    page.keyboard.press("Control+z")  # takes back what is being drawn, and nothing before it
    page.mouse.up()
    assert notebook.evaluate_python("len(painter.mask.operations[0].points)") == 3
    page.keyboard.press("r")
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 80, steps=4)
    page.keyboard.press("Escape")
    page.mouse.up()
    page.keyboard.press("i")
    notebook.wait_for_python(
        "[type(step).__name__ for step in painter.mask.operations] == ['Polygon', 'Invert']"
    )


def test_a_pen_presses_and_its_other_end_erases(open_painter):
    notebook, _, box = open_painter()
    notebook.page.evaluate(
        """box => {
            const ink = document.querySelector('.iwp-ink');
            const fire = (type, x, y, pressure, button, buttons) => ink.dispatchEvent(new PointerEvent(type, {
                bubbles: true, cancelable: true, pointerId: 7, pointerType: 'pen', isPrimary: true,
                clientX: box.x + x, clientY: box.y + y, pressure, button, buttons }));
            fire('pointerdown', 100, 300, 0.1, 0, 1);
            for (let step = 1; step <= 40; step += 1) fire('pointermove', 100 + 10 * step, 300, 0.1 + step * 0.0225, -1, 1);
            fire('pointerup', 500, 300, 0, 0, 0);
            fire('pointerdown', 300, 300, 0.5, 5, 32);
            fire('pointerup', 300, 300, 0, 5, 0);
        }""",
        box,
    )
    notebook.wait_for_python("len(painter.mask.operations) == 2")
    found = selected(notebook)
    scale = 1024 / box["width"]
    for x in (120, 220, 480):
        pressure = 0.1 + 0.00225 * (x - 100)
        height = found[:, int(x * scale)].sum()
        assert height == pytest.approx(60 * (0.1 + 0.9 * pressure), abs=4), x
    assert not found[int(300 * scale), int(300 * scale)]


def test_brush_size_by_keys_and_wheel_while_the_wheel_alone_scrolls(open_painter):
    notebook, ink, box = open_painter(*["print('\\n' * 60)"])
    notebook.run_cell(2)
    page = notebook.page
    ink.scroll_into_view_if_needed()
    box = ink.bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    ink.focus()
    page.keyboard.press("]")
    notebook.wait_for_python("painter.brush_radius > 30")
    page.keyboard.press("[")
    page.keyboard.press("[")
    notebook.wait_for_python("painter.brush_radius < 30")
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    notebook.wait_for_python("painter.brush_radius >= 29")
    page.mouse.move(box["x"] + 210, box["y"] + 200)
    ring = page.locator(".iwp-ring").bounding_box()
    radius = notebook.evaluate_python("painter.brush_radius")
    assert ring["width"] == pytest.approx(2 * radius * box["width"] / 1024, abs=1.5)
    assert ring["x"] + ring["width"] / 2 == pytest.approx(box["x"] + 210, abs=1)
    # Without a move of the mouse, and with the focus on a control.
    page.get_by_role("button", name="Brush", exact=True).focus()
    page.keyboard.press("]")
    notebook.wait_for_python(f"painter.brush_radius > {radius}")
    wider = "width => document.querySelector('.iwp-ring').getBoundingClientRect().width > width + 2"
    page.wait_for_function(wider, arg=ring["width"])
    assert page.locator(".iwp-ring").bounding_box()["width"] == pytest.approx(
        2 * notebook.evaluate_python("painter.brush_radius") * box["width"] / 1024, abs=1.5
    )
    page.keyboard.press("r")
    notebook.wait_for_python("painter.tool == 'rectangle'")
    page.locator(".iwp-ring").wait_for(state="hidden")
    page.keyboard.press("b")
    page.locator(".iwp-ring").wait_for()
    ink.focus()
    page.mouse.wheel(0, 150)
    page.wait_for_function(
        "y => Math.abs(document.querySelector('.iwp-ink').getBoundingClientRect().y - y) > 50", arg=box["y"]
    )


def saves(page):
    """Press the keys that save; JupyterLab drops those that come while it is still busy with a save."""
    for _ in range(10):
        with (
            contextlib.suppress(TimeoutError),
            page.expect_request(lambda it: it.method == "PUT" and "/api/contents/" in it.url, timeout=3000),
        ):
            page.keyboard.press("Control+s")
            return True
    return False


def test_keys_stay_in_the_painter_and_tab_leaves_it(open_painter):
    notebook, _, box = open_painter("1 + 1")
    page = notebook.page
    page.mouse.click(box["x"] + 100, box["y"] + 100)
    for key in ["d", "d", "x", "a", "b", "Shift+Enter", "Delete", "ArrowDown"]:
        page.keyboard.press(key)
    assert len(notebook.cell_types) == SharedNotebook.CELLS
    assert notebook.outputs(2) == []
    for focused in (".iwp-ink", ".iwp-button", ".iwp-range"):  # but saving is the notebook's
        page.locator(focused).first.focus()
        assert saves(page)
    kept = page.locator(".iwp :is(button, input, .iwp-ink)")
    page.wait_for_function(
        "() => document.querySelector('.iwp-range').hasAttribute('data-lm-suppress-shortcuts')"
    )
    assert kept.count() == page.locator(".iwp [data-lm-suppress-shortcuts]").count()
    page.locator(".iwp-ink").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement !== document.querySelector('.iwp-ink')")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement !== document.querySelector('.iwp-ink')")


def test_a_click_does_not_scroll_the_page(open_painter):
    notebook, ink, _ = open_painter()
    page = notebook.page
    page.set_viewport_size({"width": 1400, "height": 700})
    page.evaluate("document.querySelector('.iwp-ink').scrollIntoView({block: 'center'})")
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(300)
    before = ink.bounding_box()
    assert before["y"] + before["height"] > 700 or before["y"] < 90, "part of the canvas is out of sight"
    y = max(before["y"], 100) + 40
    page.mouse.move(before["x"] + 200, y)
    page.mouse.down()
    assert ink.bounding_box() == before
    page.mouse.move(before["x"] + 300, y, steps=5)
    page.mouse.up()
    notebook.wait_for_python("len(painter.mask.operations) == 1")
    place = (y - before["y"]) * 1024 / before["height"]
    assert notebook.evaluate_python("painter.mask.operations[0].points[0][1]") == pytest.approx(place, abs=1)


def test_keyboard_alone_paints(open_painter):
    notebook, ink, _ = open_painter()
    page = notebook.page
    ink.focus()
    page.keyboard.press("Enter")  # shows the crosshair
    page.keyboard.press("Enter")  # puts the brush down
    for _ in range(8):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")  # lifts it
    notebook.wait_for_python("len(painter.mask.operations) == 1")
    found = selected(notebook)
    assert found[512, 512]
    assert found[512, 512 + 8 * 51]
    page.keyboard.press("r")
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Enter")
    for key in ["Shift+ArrowUp", "Shift+ArrowLeft"]:
        page.keyboard.press(key)
    page.keyboard.press("Alt+Shift+ArrowUp")  # moves it as a whole
    page.keyboard.press("Enter")
    notebook.wait_for_python("len(painter.mask.operations) == 2")
    left, top, right, bottom = notebook.evaluate_python("list(painter.mask.operations[1].box)")
    assert right - left == pytest.approx(51.2, abs=1)
    assert bottom - top == pytest.approx(51.2, abs=1)
    assert bottom == pytest.approx(512 - 2 * 51.2, abs=1)
    page.keyboard.press("Control+a")
    notebook.wait_for_python("painter.mask.area == 1024 * 1024")
    page.keyboard.press("Delete")
    notebook.wait_for_python("painter.mask.area == 0")


def test_keyboard_alone_paints_zoomed_in_and_the_crosshair_stays_in_view(open_painter):
    notebook, ink, box = open_painter()
    page = notebook.page
    cross = page.locator(".iwp-cross")

    def seen():
        x, y = (cross.bounding_box()[side] - box[side] for side in "xy")
        return 0 <= x <= box["width"] and 0 <= y <= box["height"]

    ink.focus()
    for key in ["Enter", *["Shift+ArrowRight"] * 6, *["Shift+ArrowDown"] * 4]:
        page.keyboard.press(key)
    before = cross.bounding_box()
    for _ in range(5):
        page.keyboard.press("+")  # zooms to the crosshair
        assert cross.bounding_box() == pytest.approx(before, abs=1)
    zoom = 1.5**5
    page.keyboard.press("Enter")
    for _ in range(24):
        page.keyboard.press("Shift+ArrowLeft")
        assert seen()
    page.keyboard.press("Enter")
    notebook.wait_for_python("len(painter.mask.operations) == 1")
    points = np.array(notebook.evaluate_python("painter.mask.operations[0].points"))
    assert points[0] == pytest.approx((512 + 6 * 51.2, 512 + 4 * 51.2), abs=1)
    assert points[-1] == pytest.approx((points[0, 0] - 24 * 51.2 / zoom, points[0, 1]), abs=1)
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowLeft")  # a new crosshair begins in what is seen
    assert seen()


def test_a_rectangle_moved_against_the_border_keeps_its_size(open_painter):
    notebook, ink, _ = open_painter()
    page = notebook.page
    ink.focus()
    for key in ["r", "Enter", "Enter", *["Shift+ArrowRight"] * 4, *["Shift+ArrowDown"] * 2]:
        page.keyboard.press(key)
    for _ in range(10):
        page.keyboard.press("Alt+Shift+ArrowRight")
    page.keyboard.press("Enter")
    notebook.wait_for_python("len(painter.mask.operations) == 1")
    left, top, right, bottom = notebook.evaluate_python("list(painter.mask.operations[0].box)")
    assert (right, top) == pytest.approx((1024, 512), abs=1)
    assert (right - left, bottom - top) == pytest.approx((4 * 51.2, 2 * 51.2), abs=1)


def test_painting_while_zoomed_in_lands_where_the_pointer_is(open_painter):
    notebook, ink, box = open_painter()
    page = notebook.page
    page.mouse.move(box["x"] + 400, box["y"] + 200)
    page.keyboard.down("Alt")
    for _ in range(4):
        page.mouse.wheel(0, -240)
    page.keyboard.up("Alt")
    page.wait_for_selector(".iwp-detail", timeout=10_000, state="attached")
    place = to_image([(400, 200)], box)[0]
    page.mouse.down()
    page.mouse.move(box["x"] + 401, box["y"] + 200)
    page.mouse.up()
    notebook.wait_for_python("len(painter.mask.operations) == 1")
    x, y = notebook.evaluate_python("painter.mask.operations[0].points[0]")
    assert (x, y) == (pytest.approx(place[0], abs=1), pytest.approx(place[1], abs=1))
    # The detail shows it, and then the ink goes.
    page.wait_for_function(CLEAR)
    assert page.evaluate(SHOWN, ".iwp-detail + .iwp-detail")
    page.get_by_role("button", name="show all of the picture").click()
    assert page.locator(".iwp-detail").count() == 0
    assert ink.bounding_box() == page.locator(".iwp-picture").bounding_box()


def test_what_python_does_is_seen_at_once(open_painter):
    notebook, _, _ = open_painter()
    before = pixels_of(notebook)
    notebook.evaluate_python("painter.mask = iw.Mask.blank((1024, 1024)).rectangle((0, 0, 512, 1024))")
    notebook.page.wait_for_function(
        "() => document.querySelector('.iwp-status').textContent.startsWith('50.0 %')"
    )
    after = pixels_of(notebook)
    assert np.abs(after[:, 310:].astype(int) - before[:, 310:]).max() == 0
    assert np.abs(after[:, :290].astype(int) - before[:, :290]).mean() > 10
    notebook.evaluate_python("painter.image = np.full((300, 600, 3), 200, np.uint8)")
    notebook.page.wait_for_function(
        "() => { const c = document.querySelector('.iwp-picture'); return c.width === 2 * c.height; }"
    )
    notebook.page.wait_for_function(SHOWN, arg=".iwp-picture")
    assert np.abs(pixels_of(notebook)[:, :, :3].astype(int) - 200).max() < 6


def test_after_a_reload_picture_and_mask_are_there_and_painting_goes_on(open_painter):
    notebook, ink, _ = open_painter(alone=True)
    notebook.drag(ink, [(100, 100), (300, 250)])
    notebook.wait_for_python("len(painter.mask.operations) == 1")
    notebook.page.wait_for_function(
        "() => document.querySelector('.iwp-status').textContent.includes('% selected')"
    )
    notebook.page.wait_for_function(CLEAR)
    before = pixels_of(notebook).astype(int)
    notebook.save()
    notebook.reload()
    ink, _ = shown(notebook)
    wait_for_picture(notebook, before, most=1, measure=np.mean)
    assert not notebook.page.locator(".imgwidgets-still").is_visible()
    notebook.drag(ink, [(100, 400), (300, 450)])
    notebook.wait_for_python("len(painter.mask.operations) == 2")
    assert notebook.console_errors == []


def test_a_second_view_shows_the_same_and_two_painters_do_not_disturb_each_other(open_painter):
    notebook, ink, _ = open_painter("painter", "other = iw.MaskPainter(photo[:512], brush_radius=50)\nother")
    notebook.run_cell(2)
    notebook.run_cell(3)
    shown(notebook, 2)
    notebook.drag(notebook.output(2).locator(".iwp-ink"), [(100, 100), (300, 250)])
    notebook.wait_for_python("len(painter.mask.operations) == 1")
    other, _ = shown(notebook, 3)
    notebook.drag(other, [(50, 100), (200, 100)])
    notebook.wait_for_python("len(other.mask.operations) == 1")
    assert notebook.evaluate_python("len(painter.mask.operations)") == 1
    data = "canvas => canvas.getContext('2d').getImageData(200, 175, 1, 1).data.join()"
    views = [notebook.output(index).locator(".iwp-picture").evaluate(data) for index in (1, 2)]
    assert views[0] == views[1]
    notebook.drag(ink, [(100, 500), (300, 500)])
    notebook.wait_for_python("len(painter.mask.operations) == 2")
    assert notebook.console_errors == []


def test_where_the_companion_cannot_load_ipycanvas_paints(lab):
    broken = "painter._pages.companion._esm = 'throw new Error(\"no companion here\")'\npainter"
    notebook = lab.open_notebook([PHOTO, "painter = iw.MaskPainter(photo, brush_radius=30)", broken])
    notebook.run_all()
    canvas = notebook.output(2).locator("canvas.imgwidgets-plain")
    canvas.wait_for(state="visible", timeout=30_000)
    notebook.page.wait_for_function(SHOWN, arg="canvas.imgwidgets-plain", timeout=30_000)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    path = [(100, 100), (300, 250)]
    notebook.drag(canvas, path, steps=30)
    notebook.wait_for_python("len(painter.mask.operations) == 1")
    assert agreement(selected(notebook), capsule(to_image(path, box), 30)) > 0.97


def still_in(outputs):
    """Give the one still picture among a cell's outputs, (H, W, 3)."""
    htmls = ["".join(output["data"].get("text/html", "")) for output in outputs]
    (still,) = [html for html in htmls if "imgwidgets-still" in html]
    data = base64.b64decode(still.split("base64,")[1].split('"')[0])
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def test_a_saved_notebook_holds_no_picture_but_a_small_one_of_what_was_painted(open_painter):
    notebook, ink, _ = open_painter()
    before = still_in(notebook.outputs(1))
    shown_before = notebook.page.locator(".imgwidgets-still img").get_attribute("src")
    notebook.drag(ink, [(100, 150), (500, 150)])
    # Painted by hand: no cell runs, and the output follows a moment later.
    notebook.page.wait_for_function(
        "old => document.querySelector('.imgwidgets-still img').src !== old", arg=shown_before
    )
    notebook.save()
    saved = (notebook.server.root / notebook.path).read_text()
    assert len(saved) < 100_000
    changed = np.abs(still_in(json.loads(saved)["cells"][1]["outputs"]) - before).max(axis=2) > 60
    assert changed[120, 100:380].mean() > 0.9
    assert changed[300:].mean() < 0.01
    assert not notebook.page.locator(".imgwidgets-still").is_visible()


def test_ink_of_a_soft_brush_is_soft_at_once_and_only_then(open_painter):
    notebook, _, box = open_painter()
    notebook.evaluate_python("painter.softness = 0.8; painter.brush_radius = 60; 1")
    page = notebook.page
    page.wait_for_function("() => document.querySelector('.iwp-value').textContent === '60 px'")
    page.mouse.move(box["x"] + 100, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 150, steps=10)
    spread = 60 * 0.8 * box["width"] / 1024 / 3**0.5
    blur = page.evaluate("document.querySelector('.iwp-ink').style.filter")
    assert float(blur.removeprefix("blur(").removesuffix("px)")) == pytest.approx(spread, abs=0.1)
    seen = np.asarray(Image.open(io.BytesIO(page.screenshot(clip=box))).convert("RGB")).astype(int)
    page.mouse.up()
    page.wait_for_function(CLEAR)
    page.wait_for_function("() => document.querySelector('.iwp-ink').style.filter === ''")
    page.mouse.move(box["x"] + 400, box["y"] + 500)
    after = np.asarray(Image.open(io.BytesIO(page.screenshot(clip=box))).convert("RGB")).astype(int)
    assert np.abs(seen - after)[60:240, 80:340].max() < 30, "soft ink and soft mask look alike"


def test_a_4k_image_is_painted_to_the_pixel_at_sixteen_times(open_painter):
    large = (
        "large = np.zeros((2160, 3840, 3), np.uint8); large[::2, ::2] = 255\n"
        "painter = iw.MaskPainter(large, brush_radius=1.5)\npainter"
    )
    notebook, ink, box = open_painter(painter=large)
    page = notebook.page
    assert box["width"] < 1000
    at = (round(box["x"]) + 300, round(box["y"]) + 200)
    page.mouse.move(*at)
    page.keyboard.down("Alt")
    for _ in range(20):
        page.mouse.wheel(0, -240)
    page.keyboard.up("Alt")
    page.wait_for_function("() => document.querySelector('.iwp-zoom').textContent === '1600 %'")
    page.wait_for_selector(".iwp-detail", state="attached")
    x = (at[0] - box["x"]) * 3840 / box["width"]
    y = (at[1] - box["y"]) * 2160 / box["height"]
    page.mouse.click(*at)
    page.mouse.click(at[0] + 80, at[1] + 32)  # five pixels to the right, two down
    notebook.wait_for_python("len(painter.mask.operations) == 2")
    points = notebook.evaluate_python("[step.points[0] for step in painter.mask.operations]")
    assert points == [pytest.approx((x, y), abs=1 / 16), pytest.approx((x + 5, y + 2), abs=1 / 16)]
    found = selected(notebook)
    rows, columns = np.mgrid[:2160, :3840] + 0.5
    discs = [(columns - x) ** 2 + (rows - y) ** 2 <= 1.5**2 for x, y in points]
    assert np.array_equal(found, discs[0] | discs[1])
    # One image pixel is one pixel of the detail: nothing in between was resampled.
    page.wait_for_function(CLEAR)
    page.wait_for_function(f"count => ({OPAQUE})() === count", arg=int(found.sum()))
    place = "document.querySelector('.iwp-plane').style.transform"
    before = page.evaluate(place)
    page.mouse.wheel(0, 120)  # with the focus, and zoomed in: the picture moves, not the page
    page.wait_for_function(f"old => {place} !== old", arg=before)
    assert ink.bounding_box() == box
    before = page.evaluate(place)
    page.keyboard.down(" ")
    page.mouse.down()
    page.mouse.move(at[0] + 120, at[1] + 90, steps=4)
    page.mouse.up()
    page.keyboard.up(" ")
    page.wait_for_function(f"old => {place} !== old", arg=before)
    page.keyboard.press("1")
    page.wait_for_function("() => document.querySelector('.iwp-zoom').textContent === '100 %'")
    page.keyboard.press("0")
    assert page.evaluate(place) == ""
    assert len(notebook.evaluate_python("[1 for step in painter.mask.operations]")) == 2
    assert notebook.console_errors == []


END = {
    "restarted": "panel.sessionContext.session.kernel.restart()",
    "killed": "panel.sessionContext.session.kernel.requestExecute({code: 'import os; os.kill(os.getpid(), 9)'})",
}


@pytest.mark.parametrize("how", ["restarted", pytest.param("killed", marks=pytest.mark.slow)])
def test_when_the_kernel_is_gone_the_painter_says_so_and_takes_no_ink_until_the_cell_runs_again(
    open_painter, how
):
    notebook, ink, _ = open_painter(alone=True)
    page = notebook.page
    notebook.drag(ink, [(100, 100), (300, 250)])
    notebook.wait_for_python("len(painter.mask.operations) == 1")
    page.wait_for_function(CLEAR)
    painted = pixels_of(notebook)
    page.evaluate(f"() => {{ const panel = {PANEL}; {END[how]}; }}")
    page.locator(".iwp-lost").wait_for()
    assert page.locator(".iwp-error").inner_text() == (
        "The kernel that made this is gone: run the cell again"
    )
    notebook.drag(ink, [(100, 400), (300, 400)])
    page.keyboard.press("i")
    assert page.evaluate(CLEAR)
    assert np.array_equal(pixels_of(notebook), painted), "what was painted can still be seen"
    notebook.wait_idle()
    notebook.run_all()
    ink, _ = shown(notebook)
    assert page.locator(".iwp-error").inner_text() == ""
    notebook.drag(ink, [(100, 100), (300, 250)])
    notebook.wait_for_python("len(painter.mask.operations) == 1")
    assert notebook.console_errors == []


def test_the_painter_fits_into_700_pixels_and_every_control_has_a_name(open_painter):
    notebook, ink, _ = open_painter()
    page = notebook.page
    page.set_viewport_size({"width": 1110, "height": 1000})
    page.wait_for_function("() => document.querySelector('.iwp').getBoundingClientRect().width <= 710")
    root = page.locator(".iwp")
    assert root.evaluate("el => el.scrollWidth <= el.clientWidth")
    # The zoom is told anew: how large an image pixel is on the screen.
    share = f"{round(100 * ink.bounding_box()['width'] / 1024)} %"
    page.wait_for_function("share => document.querySelector('.iwp-zoom').textContent === share", arg=share)
    names = root.evaluate(
        """el => [...el.querySelectorAll('button, input')].filter(control => control.offsetParent)
            .map(control => (control.getAttribute('aria-label') || control.textContent.trim()
                || control.closest('label')?.textContent || '').trim())"""
    )
    assert all(names)
    assert len(set(names)) == len(names)
