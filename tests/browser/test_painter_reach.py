"""The painter by finger and pen, from a second tab, and from far away."""

import itertools

import pytest
from browser.lab import Lab
from browser.painting import (
    CLEAR,
    PAINTER,
    PHOTO,
    agreement,
    at_display,
    capsule,
    pixels_of,
    selected,
    shown,
    to_image,
    wait_for_picture,
)
from browser.proxy import DelayingProxy

STATUS = "text => document.querySelector('.iwp-status').textContent.includes(text)"


NOTEBOOK = {"has_touch": True}  # of all that is opened here


class Far:
    """A server as it is seen through a proxy."""

    def __init__(self, server, proxy):
        self._server = server
        self.url = f"http://127.0.0.1:{proxy.port}"

    def __getattr__(self, name):
        return getattr(self._server, name)


@pytest.fixture
def far_lab(lab_server, chromium):
    with DelayingProxy(lab_server.port) as proxy:
        opened = Lab(Far(lab_server, proxy), chromium)
        yield opened, proxy
        opened.close()


def touch(session, kind, *points):
    at = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})


def test_a_finger_paints_and_two_fingers_zoom_without_a_stroke(open_painter):
    notebook, _, box = open_painter()
    session = notebook.page.context.new_cdp_session(notebook.page)
    path = [(100, 100), (300, 250), (500, 120)]
    there = [(box["x"] + x, box["y"] + y) for x, y in path]
    touch(session, "touchStart", there[0])
    for (x0, y0), (x1, y1) in itertools.pairwise(there):
        for step in range(1, 11):
            touch(session, "touchMove", (x0 + (x1 - x0) * step / 10, y0 + (y1 - y0) * step / 10))
    touch(session, "touchEnd")
    notebook.wait_for_python("len(painter.mask.operations) == 1")
    assert agreement(selected(notebook), capsule(to_image(path, box), 30)) > 0.98
    x, y = box["x"] + 300, box["y"] + 300
    notebook.evaluate_python(
        "painter.tool = 'fill'; 1"
    )  # what takes one click must not be quicker than the pinch
    notebook.page.wait_for_function("() => document.querySelector('.iwp-stage').dataset.tool === 'fill'")
    touch(session, "touchStart", (x - 20, y))
    touch(session, "touchStart", (x - 20, y), (x + 20, y))
    for apart in range(20, 120, 5):
        touch(session, "touchMove", (x - apart, y), (x + apart, y))
    touch(session, "touchEnd")
    notebook.page.wait_for_selector(".iwp-detail", state="attached")
    zoom = notebook.page.locator(".iwp-zoom").inner_text()
    assert int(zoom.split()[0]) > 200
    notebook.wait_idle()
    assert notebook.evaluate_python("len(painter.mask.operations)") == 1
    assert notebook.console_errors == []


def test_a_real_pens_pressure_is_the_width_of_the_stroke(open_painter):
    notebook, _, box = open_painter()
    session = notebook.page.context.new_cdp_session(notebook.page)

    def pen(kind, x, force, buttons):
        place = {"x": box["x"] + x, "y": box["y"] + 300}
        more = {"button": "left", "buttons": buttons, "pointerType": "pen", "force": force}
        session.send("Input.dispatchMouseEvent", {"type": kind, **place, **more, "clickCount": 1})

    pen("mousePressed", 100, 0.2, 1)
    for step in range(1, 41):
        pen("mouseMoved", 100 + 10 * step, 0.2 + 0.02 * step, 1)
    pen("mouseReleased", 500, 0, 0)
    notebook.wait_for_python("len(painter.mask.operations) == 1")
    heights = selected(notebook).sum(axis=0)
    scale = 1024 / box["width"]
    for x in (150, 300, 450):
        pressure = 0.2 + 0.002 * (x - 100)
        assert heights[int(x * scale)] == pytest.approx(60 * (0.1 + 0.9 * pressure), abs=5), x


def test_a_second_tab_shows_the_full_state_and_paints_on_the_same_mask(lab, open_painter):
    notebook, ink, _ = open_painter(alone=True)
    notebook.drag(ink, [(100, 100), (300, 250)])
    notebook.wait_for_python("len(painter.mask.operations) == 1")
    notebook.evaluate_python(
        "painter.mark([(700, 200), (900, 400)], arrow=True); painter.brush_radius = 55; 1"
    )
    notebook.page.wait_for_function(CLEAR)
    notebook.save()
    other = lab.open_notebook(notebook.path)
    other_ink, box = shown(other)
    other.page.wait_for_function(STATUS, arg="% selected")
    wait_for_picture(other, pixels_of(notebook), most=1)
    assert other.page.locator(".iwp-value").first.inner_text() == "55 px"
    path = [(100, 500), (400, 500)]
    other.drag(other_ink, path)
    notebook.wait_for_python("len(painter.mask.operations) == 2")
    other.page.wait_for_function(CLEAR)
    line = capsule(to_image(path, box), 55)
    assert agreement(selected(notebook) & line, line) > 0.98
    notebook.wait_idle()
    notebook.page.wait_for_function(
        "() => document.querySelector('.iwp-picture').getContext('2d').getImageData(250, 500, 1, 1).data[0] > 100"
    )
    wait_for_picture(other, pixels_of(notebook), most=1)
    for tab in (notebook, other):
        tab.page.get_by_role("button", name="Markup").click()
        tab.page.wait_for_function(STATUS, arg="1 mark")
    wait_for_picture(other, pixels_of(notebook), most=1)
    assert notebook.console_errors + other.console_errors == []


def test_from_far_away_ink_is_there_before_the_kernel_has_answered_and_no_point_is_lost(far_lab):
    lab, proxy = far_lab
    notebook = lab.open_notebook([PHOTO, PAINTER], timeout=120)
    notebook.run_all()
    _, box = shown(notebook)
    mouse = notebook.page.mouse
    proxy.delay = 0.15
    there = [(100, 100), (300, 250), (500, 120)]
    mouse.move(box["x"] + 100, box["y"] + 100)
    mouse.down()
    for x, y in there[1:]:
        mouse.move(box["x"] + x, box["y"] + y, steps=20)
    drawn = pixels_of(notebook, ".iwp-ink")[:, :, 3] > 127
    mouse.up()
    said = notebook.page.locator(".iwp-status").inner_text()
    assert said.startswith("nothing selected"), "the kernel has answered: the proxy does not delay"
    assert agreement(drawn, capsule(there, 30 * 600 / 1024, (600, 600))) > 0.98
    notebook.page.wait_for_function(STATUS, arg="% selected")
    notebook.page.wait_for_function(CLEAR)
    mask = selected(notebook)
    assert agreement(mask, capsule(to_image(there, box), 30)) > 0.98
    assert agreement(drawn, at_display(mask, (600, 600))) >= 0.99
    assert notebook.console_errors == []


def test_two_painters_in_one_notebook_have_a_mode_and_a_markup_each(open_painter):
    notebook, _, _ = open_painter("other = iw.MaskPainter(photo[:512], mode='markup')\nother")
    notebook.run_cell(2)
    other, _ = shown(notebook, 2)
    notebook.drag(other, [(50, 100), (200, 100)])
    notebook.wait_for_python("len(other.marks) == 1")
    first = notebook.output(1).locator(".iwp-ink")
    notebook.drag(first, [(100, 100), (300, 250)])
    notebook.wait_for_python("len(painter.mask.operations) == 1")
    assert notebook.evaluate_python("[len(painter.marks), other.mask.area, painter.mode]") == [0, 0, "mask"]
    assert notebook.console_errors == []
