"""The blind test as a voter meets it: nothing tells who drew what, every vote by key or button."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe

SECRET = "by-model-x"
SETUP = f"""
import io
import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo
import imgwidgets as iw

def image(seed):
    noise = np.random.default_rng(seed).integers(0, 255, (20, 20, 3), np.uint8)
    notes = PngInfo()
    notes.add_text("prompt", "{SECRET}")
    buffer = io.BytesIO()
    Image.fromarray(noise).resize((500, 500)).save(buffer, "png", pnginfo=notes)
    return iw.ResultImage(buffer.getvalue(), prompt="{SECRET}", model="{SECRET}-" + str(seed))

images = [image(seed) for seed in range(3)]
"""

# All that the page holds: elements, attributes, and the pictures' own bytes.
ALL = """async () => {
    const root = document.querySelector('.iw-blind').closest('.jp-Cell-outputArea');
    const files = await Promise.all([...root.querySelectorAll('img')].map(async (image) => (
        new TextDecoder('latin1').decode(await (await fetch(image.src)).arrayBuffer()))));
    return root.outerHTML + files.join();
}"""
OPEN = "() => document.querySelector('.iw-vote').getAttribute('aria-disabled') === 'false'"


def violations(page):
    found = Axe().run(page, context=".iw-blind").response["violations"]
    return [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]


def zoom_both(page, output):
    # A wheel scrolls the page; with Control it zooms, both pictures alike.
    box = output.locator(".iw-booth img").first.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    page.wait_for_function(
        "w => document.querySelector('.iw-booth img').getBoundingClientRect().width > w",
        arg=box["width"] * 1.1,
    )
    boxes = [output.locator(".iw-booth img").nth(i).bounding_box() for i in (0, 1)]
    assert boxes[0]["width"] == pytest.approx(boxes[1]["width"], abs=1)


def test_votes_are_cast_by_key_and_button_and_labels_come_at_the_end(lab):
    notebook = lab.open_notebook([SETUP, "test = iw.blind_test(images, by='model', seed=1)\ntest"], width=700)
    notebook.run_all()
    page, output = notebook.page, notebook.output(1)
    page.wait_for_function(OPEN)
    assert SECRET not in page.evaluate(ALL)
    alts = output.locator(".iw-booth img").evaluate_all("all => all.map(image => image.alt)")
    assert alts == ["Picture on the left", "Picture on the right"]
    assert output.locator(".imgwidgets-blind").is_hidden(), "the copy is for readers without a kernel"
    assert output.evaluate("area => area.scrollWidth - area.clientWidth") <= 0
    assert violations(page) == []
    notebook.set_theme("JupyterLab Dark")
    assert violations(page) == []

    # A vote, taken back, and cast again by the keyboard; the focus stays where it was.
    left = output.get_by_role("button", name="Left is better")
    left.click()
    output.get_by_text("Pair 2 of 3").wait_for()
    notebook.wait_for_python("[v.choice for v in test.votes] == ['left']")
    page.wait_for_function(OPEN)
    assert page.evaluate("document.activeElement.textContent").endswith("Left is better")
    output.locator(".iw-pane").first.click()
    for key in ("x", "u"):  # the first would cut the cell, if the notebook heard it
        page.keyboard.press(key)
    output.get_by_text("Pair 1 of 3").wait_for()
    assert len(notebook.cell_types) == 2
    for place, key in enumerate(["ArrowRight", "t"], start=2):
        page.wait_for_function(OPEN)
        page.keyboard.press(key)
        output.get_by_text(f"Pair {place} of 3").wait_for()
    notebook.wait_for_python("[v.choice for v in test.votes] == ['right', 'tie']")
    page.wait_for_function(OPEN)
    assert SECRET not in page.evaluate(ALL)
    zoom_both(page, output)

    # Ending early asks twice; the last vote ends by itself.
    output.get_by_role("button", name="End").click()
    output.get_by_role("button", name="End with 1 pair left?").wait_for()
    page.keyboard.press("s")
    output.locator(".iw-outcome table").wait_for()
    rows = output.locator(".iw-outcome tbody tr")
    assert rows.count() == 3
    assert SECRET in rows.first.inner_text()
    assert notebook.evaluate_python("[test.revealed, test.table()['wins'].sum()]") == [True, 1]
    assert violations(page) == []
    assert output.evaluate("area => area.scrollWidth - area.clientWidth") <= 0
    assert output.locator(".imgwidgets-blind").is_hidden()
    kept = json.dumps(notebook.outputs(1)[0])
    assert "Blind test, 3 votes" in kept
    assert SECRET in kept
    assert notebook.cell_types == ["code"] * 2, "the keys did not reach the notebook"
    assert notebook.console_errors == []
