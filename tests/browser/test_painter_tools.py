"""The painter's wand and smart box, its markup, the other images, and the line after an edit."""

import numpy as np
import pytest
from browser.painting import (
    CLEAR,
    OPAQUE,
    agreement,
    pixels_of,
    selected,
    shown,
    to_image,
    wait_for_picture,
)

DISC = """
y, x = np.mgrid[:600, :800]
disc = np.hypot(x - 400, y - 300) < 150
flat = np.where(disc[:, :, None], (200, 30, 30), (20, 40, 160)).astype(np.uint8)
painter = iw.MaskPainter(flat)
painter
"""

STATUS = "text => document.querySelector('.iwp-status').textContent.includes(text)"


def test_wand_and_smart_box_select_what_is_there(open_painter):
    notebook, ink, box = open_painter(painter=DISC)
    page = notebook.page
    page.get_by_role("button", name="Magic wand").click()
    tolerance = page.get_by_label("Tolerance")
    tolerance.focus()
    page.keyboard.press("ArrowRight")
    notebook.wait_for_python("painter.tolerance == 33")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    notebook.wait_for_python("painter.mask.area > 0")
    assert notebook.evaluate_python("np.array_equal(painter.mask.selected, disc)")
    page.get_by_role("button", name="Undo").click()
    notebook.wait_for_python("painter.mask.area == 0")
    assert not page.get_by_label("Softness").is_visible()
    page.get_by_role("button", name="Smart box").click()
    assert not tolerance.is_visible()
    scale = box["width"] / 800
    notebook.drag(ink, [(220 * scale, 120 * scale), (580 * scale, 480 * scale)])
    notebook.wait_for_python("painter.mask.area > 0")
    assert notebook.evaluate_python("(painter.mask.selected == disc).mean()") > 0.99
    page.wait_for_function("() => !document.querySelector('.iwp-waiting')")
    assert page.locator(".iwp-outline path").first.get_attribute("d") == ""
    assert notebook.console_errors == []


def test_without_opencv_wand_and_smart_box_are_off_and_say_what_they_need(lab):
    hidden = "import sys; sys.modules['cv2'] = None\nimport imgwidgets as iw, numpy as np\n"
    painter = "painter = iw.MaskPainter(np.full((300, 400, 3), 200, np.uint8))\npainter"
    notebook = lab.open_notebook([hidden, painter])
    notebook.run_all()
    shown(notebook)
    notebook.wait_idle()
    for name in ("Magic wand", "Smart box"):
        button = notebook.page.get_by_role("button", name=name)
        assert button.is_disabled()
        assert 'pip install "imgwidgets[select]"' in button.get_attribute("title")
    notebook.page.locator(".iwp-ink").focus()
    notebook.page.keyboard.press("w")
    assert notebook.evaluate_python("painter.tool") == "brush"


def test_strokes_and_arrows_of_the_markup_are_coloured_ink_at_once_and_then_the_markup(open_painter):
    notebook, ink, box = open_painter("import time; time.sleep(4)")
    page = notebook.page
    before = pixels_of(notebook).astype(int)
    page.get_by_role("button", name="Markup").click()
    notebook.wait_for_python("painter.mode == 'markup'")
    notebook.evaluate_python("painter.markup_width = 40; painter.markup_color = '#00c000'")
    page.wait_for_function("() => document.querySelector('.iwp-colour').value === '#00c000'")
    notebook.start_cell(2)
    notebook.drag(ink, [(100, 100), (300, 250)])
    page.keyboard.press("a")
    notebook.drag(ink, [(100, 500), (400, 400)])
    drawn = pixels_of(notebook, ".iwp-ink")
    if drawn[:, :, 3].any():  # depending on ipykernel, the kernel may have taken them up already
        opaque = drawn[:, :, 3] == 255
        assert np.abs(drawn[opaque][:, :3].astype(int) - (0, 192, 0)).max() <= 3  # smooth edges are rounded
    notebook.wait_for_cell(2)
    notebook.wait_for_python("len(painter.marks) == 2")
    page.wait_for_function(CLEAR)
    points = notebook.evaluate_python("[mark.points for mark in painter.marks]")
    assert points[0][-1] == pytest.approx(to_image([(300, 250)], box)[0], abs=1)
    assert points[1] == [pytest.approx(point, abs=1) for point in to_image([(100, 500), (400, 400)], box)]
    assert notebook.evaluate_python("painter.marks[1].arrow and painter.mask.area == 0")
    notebook.evaluate_python(
        "from PIL import Image\n"
        "small = Image.fromarray(painter.markup).resize((600, 600), Image.Resampling.BOX)\n"
        "covered = np.asarray(small)[:, :, 3] > 127"
    )
    packed = notebook.evaluate_python("np.packbits(covered).tobytes().hex()")
    covered = np.unpackbits(np.frombuffer(bytes.fromhex(packed), np.uint8)).reshape(600, 600).astype(bool)
    changed = np.abs(pixels_of(notebook).astype(int) - before)[:, :, :3].max(axis=2) > 40
    assert agreement(changed, covered) > 0.9
    if drawn[:, :, 3].any():
        assert agreement(drawn[:, :, 3] > 127, covered) > 0.97
    page.get_by_role("button", name="Undo").click()
    notebook.wait_for_python("len(painter.marks) == 1")
    assert notebook.console_errors == []


def test_switching_shows_the_one_or_the_other_and_forgets_neither(open_painter):
    notebook, ink, _ = open_painter()
    page = notebook.page
    empty = pixels_of(notebook).astype(int)
    notebook.drag(ink, [(100, 100), (300, 250)])
    notebook.wait_for_python("len(painter.mask.operations) == 1")
    page.wait_for_function(CLEAR)
    masked = pixels_of(notebook).astype(int)
    page.keyboard.press("m")
    page.wait_for_function(STATUS, arg="nothing drawn")
    wait_for_picture(notebook, empty)
    notebook.drag(ink, [(100, 400), (300, 400)])
    notebook.wait_for_python("len(painter.marks) == 1")
    page.wait_for_function(CLEAR)
    assert not page.get_by_role("button", name="Lasso").is_visible()
    assert not page.get_by_role("button", name="Mask only").is_visible()
    page.keyboard.press("m")
    page.wait_for_function(STATUS, arg="% selected")
    wait_for_picture(notebook, masked)
    assert notebook.evaluate_python("painter.markup is None and len(painter.marks) == 1")


def test_the_markup_is_shown_in_the_images_own_pixels_when_zoomed_in_and_erased(open_painter):
    notebook, ink, box = open_painter()
    page = notebook.page
    page.get_by_role("button", name="Markup").click()
    page.mouse.move(box["x"] + 300, box["y"] + 300)
    page.keyboard.down("Alt")
    page.mouse.wheel(0, -1000)
    page.keyboard.up("Alt")
    page.wait_for_selector(".iwp-detail", state="attached")
    notebook.evaluate_python("painter.markup_width = 30")
    notebook.drag(ink, [(200, 300), (400, 300)])
    notebook.wait_for_python("len(painter.marks) == 1")
    page.wait_for_function(CLEAR)
    page.wait_for_function(f"() => ({OPAQUE})() > 0")
    drawn = page.evaluate(OPAQUE)
    ink.hover(position={"x": 300, "y": 300})
    page.mouse.down(button="right")
    page.mouse.up(button="right")
    notebook.wait_for_python("len(painter.marks) == 2 and painter.marks[1].erase")
    page.wait_for_function(f"drawn => ({OPAQUE})() < drawn", arg=drawn)
    assert notebook.console_errors == []


def test_other_images_are_shown_small_and_the_line_after_an_edit_is_one_line(open_painter):
    several = "painter = iw.MaskPainter([photo, photo[:400], 'https://example.test/fox.png'])\npainter"
    notebook, _, _ = open_painter(painter=several)
    page = notebook.page
    others = page.locator(".iwp-other")
    others.nth(1).wait_for()
    assert others.all_inner_texts() == ["Image 2: 1024 × 400", "Image 3: https://example.test/fox.png"]  # noqa: RUF001 (the sign for sizes)
    page.wait_for_function("() => document.querySelector('.iwp-other img').naturalWidth === 128")
    notebook.evaluate_python(
        "painter.stroke([(500, 500)], radius=100); edited = photo.copy(); edited[:20, :20] ^= 255; painter.compare(edited); 1"
    )
    line = page.get_by_text("400 pixels changed outside the mask")
    line.wait_for()
    assert line.bounding_box()["height"] < 40
    notebook.evaluate_python("painter.image = photo[:400].copy()")
    page.wait_for_function("() => !document.querySelector('.iwp-other')")
    assert selected(notebook).shape == (400, 1024)
    assert not line.is_visible()
