"""The large view and the comparison as a person uses them: mouse, fingers, keyboard, axe-core."""

import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

SETUP = """
import io
import numpy as np
from PIL import Image
import imgwidgets as iw
from imgwidgets.catalog import ImageInput, ImageRequest

def png(seed, size=(600, 400)):
    noise = np.random.default_rng(seed).integers(0, 255, (20, 30, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC).save(buffer, "png", compress_level=1)
    return buffer.getvalue()

def result(seed, prompt="a red fox", mask=None, size=(600, 400), **parameters):
    mask = None if mask is None else ImageInput(data=mask.to_png(), format="png", size=mask.size)
    request = ImageRequest(prompt=prompt, model="gpt-image-2", parameters=parameters, mask=mask)
    return iw.ImageResult([iw.ResultImage(png(seed, size), prompt=prompt)], request=request, cost=0.01)
"""
BOX = "dialog.iw-lightbox"

# Which URLs of pictures the page holds: made and not yet freed.
COUNT_URLS = """() => {
    window.held = new Map();
    const make = URL.createObjectURL.bind(URL), free = URL.revokeObjectURL.bind(URL);
    URL.createObjectURL = (blob) => {
        const url = make(blob);
        if (blob.type.startsWith("image/")) window.held.set(url, blob.type);
        return url;
    };
    URL.revokeObjectURL = (url) => { window.held.delete(url); free(url); };
    window.whole = () => [...window.held.values()].filter((type) => type === "image/png").length;
}"""

# Two fingers on a pane, moved apart.
PINCH = """([selector, apart]) => {
    const el = document.querySelector(selector), box = el.getBoundingClientRect();
    el.setPointerCapture = () => {};
    const say = (kind, id, x) => el.dispatchEvent(new PointerEvent(kind, {
        pointerId: id, pointerType: "touch", isPrimary: id === 91, button: 0, bubbles: true,
        clientX: box.left + box.width / 2 + x, clientY: box.top + box.height / 2 }));
    say("pointerdown", 91, -50); say("pointerdown", 92, 50);
    say("pointermove", 91, -50 - apart / 2); say("pointermove", 92, 50 + apart / 2);
    say("pointerup", 91, 0); say("pointerup", 92, 0);
}"""


def violations(page, context=BOX):
    found = Axe().run(page, context=context).response["violations"]
    return [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]


def box_of(page, selector):
    return page.locator(selector).bounding_box()


def wait_loaded(page, selector, width=600):
    page.wait_for_function(
        "([selector, width]) => { const all = [...document.querySelectorAll(selector)];"
        " return all.length && all.every(image => image.naturalWidth === width); }",
        arg=[selector, width],
    )


def share_under(page, selector, x, y):
    """Which point of a picture is at (x, y), as a share of its width and height."""
    box = box_of(page, selector)
    return np.array([(x - box["x"]) / box["width"], (y - box["y"]) / box["height"]])


def zoom_and_pan(page, image):
    fitted = box_of(page, image)
    x, y = fitted["x"] + 100, fitted["y"] + 80
    before = share_under(page, image, x, y)
    page.mouse.move(x, y)
    page.mouse.wheel(0, -400)
    page.wait_for_function(
        f"w => document.querySelector('{image}').getBoundingClientRect().width > w", arg=fitted["width"] * 1.5
    )
    assert share_under(page, image, x, y) == pytest.approx(before, abs=0.005)
    at = box_of(page, image)
    page.mouse.down()
    page.mouse.move(x + 60, y + 30, steps=3)
    page.mouse.up()
    moved = box_of(page, image)
    assert (moved["x"] - at["x"], moved["y"] - at["y"]) == pytest.approx((60, 30), abs=1)
    page.keyboard.press("Shift+ArrowRight")
    assert box_of(page, image)["x"] == pytest.approx(moved["x"] - 60, abs=1)
    page.keyboard.press("0")
    assert box_of(page, image)["width"] == pytest.approx(fitted["width"], abs=1)
    page.mouse.dblclick(x, y)
    assert box_of(page, image)["width"] == pytest.approx(600, abs=1)
    assert share_under(page, image, x, y) == pytest.approx(before, abs=0.005)
    page.get_by_role("button", name="Fit").click()
    page.evaluate(PINCH, [f"{BOX} .iw-stage", 100])
    assert box_of(page, image)["width"] == pytest.approx(2 * fitted["width"], rel=0.01)
    page.get_by_role("button", name="Zoom out").click()
    assert box_of(page, image)["width"] == pytest.approx(2 / 1.5 * fitted["width"], rel=0.01)


def go_round(page):
    # Focus goes round inside, backwards and forwards.
    for key in ("Tab", "Shift+Tab"):
        seen = set()
        for _ in range(14):
            page.keyboard.press(key)
            assert page.evaluate(f"document.activeElement.closest('{BOX}') !== null")
            seen.add(
                page.evaluate(
                    "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
                )
            )
        assert {"Picture", "Close", "Download", "Previous image", "Next image", "Details"} <= seen


def test_the_large_view_zooms_to_the_pointer_pans_and_is_left_as_it_was_entered(lab):
    notebook = lab.open_notebook(
        [SETUP, "grid = iw.ResultGrid([result(i, f'fox {i}') for i in range(16)])\ngrid"],
        width=1000,
        height=800,
    )
    page = notebook.page
    page.evaluate(COUNT_URLS)
    notebook.run_all()
    tile = notebook.output(1).locator(".iw-tile").nth(1)
    tile.locator("img").wait_for()
    tile.focus()
    page.keyboard.press("Enter")
    image = f"{BOX} .iw-stage img"
    wait_loaded(page, image)
    assert page.locator(image).get_attribute("alt").startswith("fox 1")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Picture"
    # Neighbours come by themselves after what is looked at, and no others.
    page.wait_for_function("() => window.whole() === 3")

    zoom_and_pan(page, image)
    go_round(page)
    assert violations(page) == []

    page.keyboard.press("End")
    page.get_by_text("16 / 16").wait_for()
    wait_loaded(page, image)
    for place in range(15, 1, -1):
        page.keyboard.press("ArrowLeft")
        page.get_by_text(f"{place} / 16", exact=True).wait_for()
        wait_loaded(page, image)
    # An image that is taken out of the grid goes from here, too.
    notebook.evaluate_python("grid.remove(grid.images[1:2])")
    page.get_by_text("2 / 15").wait_for()
    page.keyboard.press("Escape")
    page.locator(BOX).wait_for(state="detached")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("2. fox 2")
    # A few are kept for going back; not everything that was ever looked at.
    assert page.evaluate("() => window.whole()") <= 12
    notebook.evaluate_python("grid.close()")
    page.wait_for_function("() => window.held.size === 0")
    assert notebook.console_errors == []


def test_a_moving_picture_stands_still_for_those_who_asked_for_less_motion(lab):
    cells = [
        SETUP,
        """buffer = io.BytesIO()
frames = [Image.new("RGB", (60, 40), colour) for colour in ("red", "lime", "blue")]
frames[0].save(buffer, "gif", save_all=True, append_images=frames[1:], duration=60, loop=0)
grid = iw.ResultGrid([buffer.getvalue(), png(1), png(2)])
grid""",
    ]
    notebook = lab.open_notebook(cells, reduced_motion="reduce", width=700, height=800)
    notebook.run_all()
    page = notebook.page
    notebook.output(1).locator(".iw-tile").first.click()
    play = page.locator(BOX).get_by_role("button", name="Play")
    play.wait_for()
    still = page.evaluate(
        f"async () => (await (await fetch(document.querySelector('{BOX} .iw-stage img').src)).blob()).type"
    )
    assert still == "image/png"
    play.click()
    page.locator(BOX).get_by_role("button", name="Pause").wait_for()
    page.wait_for_function(
        f"async () => (await (await fetch(document.querySelector('{BOX} .iw-stage img').src)).blob()).type === 'image/gif'"
    )
    page.keyboard.press("Escape")
    # Blinking waits for Play.
    notebook.evaluate_python("grid.compare(grid.images[1:])")
    page.get_by_role("button", name="Blink").click()
    page.get_by_role("button", name="Play").wait_for()
    assert page.locator(".iw-turn").inner_text() == "1 of 2"
    page.keyboard.press("ArrowRight")
    assert page.locator(".iw-turn").inner_text() == "2 of 2"
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => document.querySelector('.iw-turn').textContent === '1 of 2'")
    assert page.evaluate(f"() => document.querySelector('{BOX}').scrollWidth <= innerWidth")


def zoom_together(page):
    pictures = page.locator(".iw-comparison img")
    # One zoom for both.
    first, second = (pictures.nth(i).bounding_box() for i in (0, 1))
    assert first["x"] + first["width"] <= second["x"]
    page.mouse.move(first["x"] + 50, first["y"] + 50)
    page.mouse.wheel(0, -300)
    page.wait_for_function(
        "w => document.querySelector('.iw-comparison img').getBoundingClientRect().width > w",
        arg=first["width"] * 1.2,
    )
    panes = [page.locator(".iw-pane").nth(i).bounding_box() for i in (0, 1)]
    zoomed = [pictures.nth(i).bounding_box() for i in (0, 1)]
    for axis, side in (("x", "width"), ("y", "height")):
        offsets = [now[axis] - pane[axis] for now, pane in zip(zoomed, panes, strict=True)]
        assert offsets[0] == pytest.approx(offsets[1], abs=1)
        assert zoomed[0][side] == pytest.approx(zoomed[1][side], abs=1)
    page.keyboard.press("f")


def slide(page):
    pictures = page.locator(".iw-comparison img")
    # The slider, by keyboard and by mouse.
    page.get_by_role("button", name="Slider").click()
    part = "() => parseFloat(document.querySelector('.iw-pair').style.getPropertyValue('--iw-part'))"
    assert page.evaluate(part) == 50
    page.keyboard.press("ArrowRight")
    assert page.evaluate(part) == 52
    page.keyboard.press("Home")
    assert page.evaluate(part) == 0
    line = page.locator(".iw-line").bounding_box()
    picture = pictures.first.bounding_box()
    assert line["x"] == pytest.approx(picture["x"], abs=2)
    page.mouse.move(picture["x"] + picture["width"] * 0.2, picture["y"] + 40)
    page.mouse.down()
    page.mouse.move(picture["x"] + picture["width"] * 0.75, picture["y"] + 40, steps=4)
    page.mouse.up()
    assert page.evaluate(part) == pytest.approx(75, abs=0.5)
    page.get_by_label("Where the two images meet").press("End")
    assert page.evaluate(part) == 100


def see_the_mask(page):
    pictures = page.locator(".iw-comparison img")
    # The mask's outline lies where the mask is.
    page.get_by_label("Mask").check()
    outline = page.locator(".iw-outline-over").first.bounding_box()
    picture = pictures.first.bounding_box()
    scale = picture["width"] / 600
    found = [
        (outline["x"] - picture["x"]) / scale,
        (outline["y"] - picture["y"]) / scale,
        outline["width"] / scale,
    ]
    assert found == pytest.approx([100, 50, 200], abs=6), "with the width of its line"
    assert violations(page) == []


def see_the_difference_and_blink(page):
    page.keyboard.press("d")
    result = page.locator(".iw-result")
    result.filter(has_text="4.2 % of the pixels differ by more than 2 of 255; at most by 128").wait_for()
    heat = """() => { const c = document.querySelector('.iw-heat'), pen = c.getContext('2d');
        const clear = (x, y) => pen.getImageData(x, y, 1, 1).data[3] === 0;
        return [c.width, c.height, clear(119, 100), clear(120, 100), clear(219, 159), clear(220, 159)]; }"""
    assert page.evaluate(heat) == [600, 400, True, False, False, True]
    assert "4.2 %" in page.locator(".iw-heat").get_attribute("aria-label")
    assert violations(page) == []
    page.keyboard.press("b")
    shown = (
        "() => [...document.querySelectorAll('.iw-layers')].findIndex(l => !l.classList.contains('iw-away'))"
    )
    page.wait_for_function(f"{shown.replace('() => ', '() => (')}) === 1")
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Play").wait_for()
    page.keyboard.press("Escape")
    page.locator(BOX).wait_for(state="detached")


def test_two_images_are_compared_side_by_side_with_a_slider_blinking_and_by_their_difference(lab):
    cells = [
        SETUP,
        """mask = iw.Mask.blank((600, 400)).rectangle((100, 50, 300, 250))
one, two = result(1, "a red fox", quality="low"), result(1, "a red fox", mask=mask, quality="high")
pixels = two[0].array.copy()
pixels[60:160, 120:220, 0] ^= 128  # 10,000 of 240,000 pixels
buffer = io.BytesIO()
Image.fromarray(pixels).save(buffer, "png")
two = iw.ImageResult([iw.ResultImage(buffer.getvalue(), prompt="a red fox")], request=two.request, cost=0.02)
grid = iw.ResultGrid([one, two, result(3, "<img src=x onerror='window.hacked = 1'> $x^2$", size=(300, 200))])
grid.compare(grid.images[:2])
grid""",
    ]
    notebook = lab.open_notebook(cells, width=1000, height=800)
    notebook.run_all()
    page = notebook.page
    # Asked for before there was a page, it opens with the grid.
    page.locator(".iw-comparison").wait_for()
    wait_loaded(page, ".iw-comparison img")
    page.locator(".iw-differences td").first.wait_for()
    rows = dict(row.split("\t", 1) for row in page.locator(".iw-differences tbody tr").all_inner_texts())
    assert rows["quality"] == "low\thigh"
    assert rows["cost"] == "$0.010\t$0.020"
    assert "model" not in rows
    page.get_by_label("Show all").check()
    page.locator(".iw-same", has_text="gpt-image-2").wait_for()
    assert violations(page) == []

    zoom_together(page)
    slide(page)
    see_the_mask(page)
    see_the_difference_and_blink(page)

    # From the selection, with one of another size.
    tiles = notebook.output(1).locator(".iw-tile")
    for place in range(3):
        tiles.nth(place).click(modifiers=["Control"])
    notebook.wait_for_python("len(grid.selected) == 3")
    compare = notebook.output(1).get_by_role("button", name="Compare")
    compare.focus()
    page.keyboard.press("Enter")
    page.get_by_text(
        re.compile(r"different sizes \(600.400, 600.400, 300.200\) and are scaled to one")
    ).wait_for()
    # All at one size on the screen, whatever their own.
    page.wait_for_function(
        "() => { const all = [...document.querySelectorAll('.iw-comparison img')];"
        " const widths = all.map(image => Math.round(image.getBoundingClientRect().width));"
        " return all.length === 3 && all.every(image => image.complete) && new Set(widths).size === 1; }"
    )
    page.locator(".iw-differences td", has_text="<img src=x onerror='window.hacked = 1'> $x^2$").wait_for()
    assert page.evaluate("() => window.hacked === undefined")
    assert page.locator(f"{BOX} mjx-container").count() == 0
    page.get_by_role("button", name="Difference").click()
    result = page.locator(".iw-result")
    page.get_by_label("Second image").select_option("3")
    page.get_by_text(re.compile(r"different sizes \(600.400, 300.200\)")).wait_for()
    result.filter(has_text="% of the pixels differ").wait_for()
    page.keyboard.press("Escape")
    page.locator(BOX).wait_for(state="detached")
    assert page.evaluate("document.activeElement.textContent") == "Compare"
    assert notebook.console_errors == []
