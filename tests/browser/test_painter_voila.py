"""The painter in Voila: no JupyterLab around it, and the notebook's cells run when the page is opened."""

import json

import numpy as np
import pytest
from browser.painting import CLEAR, PHOTO, SHOWN, agreement, capsule, pixels_of, to_image
from browser.programs import VoilaServer

# A Voila page has no cells to run: the kernel writes down what it knows.
PAINTER = """
import json, pathlib
painter = iw.MaskPainter(photo, brush_radius=30)
def write(_):
    packed = np.packbits(painter.mask.selected).tobytes().hex()
    text = json.dumps({"selected": packed, "steps": len(painter.mask.operations)})
    temporary = pathlib.Path("painted.tmp")
    temporary.write_text(text)
    temporary.rename("painted.json")
painter.observe(write, "mask")
painter
"""


@pytest.fixture
def voila(tmp_path):
    server = VoilaServer(tmp_path / "voila", [PHOTO, PAINTER])
    try:
        server.start()
        yield server
    finally:
        server.stop()


class Page:
    """What browser.painting needs of a notebook."""

    def __init__(self, page):
        self.page = page


def test_in_voila_ink_is_seen_and_becomes_the_mask(voila, chromium):
    context = chromium.new_context(viewport={"width": 1000, "height": 900})
    try:
        page = context.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(voila.url, timeout=60_000)
        ink = page.locator(".iwp-ink")
        ink.wait_for(timeout=60_000)
        page.wait_for_function(SHOWN, arg=".iwp-picture", timeout=30_000)
        ink.scroll_into_view_if_needed()
        box = ink.bounding_box()
        path = [(100, 100), (300, 250), (500, 120)]
        page.mouse.move(box["x"] + path[0][0], box["y"] + path[0][1])
        page.mouse.down()
        for x, y in path[1:]:
            page.mouse.move(box["x"] + x, box["y"] + y, steps=20)
        drawn = pixels_of(Page(page), ".iwp-ink")[:, :, 3] > 127
        page.mouse.up()
        page.wait_for_function(CLEAR)
        page.wait_for_function(
            "() => document.querySelector('.iwp-status').textContent.includes('% selected')"
        )
        height, width = drawn.shape
        assert agreement(drawn, capsule(path, 30 * width / 1024, (width, height))) > 0.98
        found = json.loads((voila.root / "painted.json").read_text())
        bits = np.unpackbits(np.frombuffer(bytes.fromhex(found["selected"]), np.uint8))
        assert found["steps"] == 1
        expected = capsule(to_image(path, box), 30)
        assert agreement(bits.reshape(1024, 1024).astype(bool), expected) > 0.98
        assert page.locator(".imgwidgets-still").is_hidden()
        assert errors == []
    finally:
        context.close()
