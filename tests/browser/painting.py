"""A painter in a notebook, and what to expect of it: shared by the painter's browser tests and benchmark."""

from __future__ import annotations

import base64
import io
import itertools
import time

import numpy as np
from browser.lab import PANEL, Lab
from PIL import Image

PHOTO = """
import imgwidgets as iw, numpy as np
from skimage import data
photo = data.astronaut().repeat(2, axis=0).repeat(2, axis=1)
"""
PAINTER = "painter = iw.MaskPainter(photo, brush_radius=30)\npainter"
SIZE = (1024, 1024)

# Whether a canvas shows something other than nothing in its middle.
SHOWN = """selector => [...document.querySelectorAll(selector)].some(canvas => {
    const pen = canvas.getContext('2d');
    return pen.getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data[3] > 0; })"""

# Whether all ink has become mask.
CLEAR = """() => {
    const canvas = document.querySelector('.iwp-ink');
    return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.every(value => value === 0); }"""

# How many pixels of the detail that a zoomed view shows are covered by mask or markup.
OPAQUE = """() => {
    const canvas = document.querySelector('.iwp-detail + .iwp-detail');
    const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    let count = 0;
    for (let at = 3; at < data.length; at += 4) count += data[at] > 0;
    return count; }"""

# Milliseconds from each pointer event to the first time that its place has ink.
STOPWATCH = """() => {
    const ink = document.querySelector('.iwp-ink'), pen = ink.getContext('2d');
    window.waits = [];
    window.addEventListener('pointermove', event => {
        if (event.buttons !== 1) return;
        const box = ink.getBoundingClientRect();
        const x = Math.round((event.clientX - box.left) * ink.width / box.width);
        const y = Math.round((event.clientY - box.top) * ink.height / box.height);
        const index = window.waits.push(null) - 1;
        const look = () => {
            if (pen.getImageData(x, y, 1, 1).data[3] > 128) window.waits[index] = performance.now() - event.timeStamp;
            else requestAnimationFrame(look);
        };
        look();
    });
}"""


def capsule(corners, radius, size=SIZE):
    """Where a round brush goes along a line: every pixel whose centre is near enough to it."""
    y, x = np.mgrid[: size[1], : size[0]] + 0.5
    covered = np.zeros((size[1], size[0]), bool)
    for (x0, y0), (x1, y1) in itertools.pairwise(corners):
        length = max(1e-9, (x1 - x0) ** 2 + (y1 - y0) ** 2)
        share = np.clip(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length, 0, 1)
        covered |= (x - x0 - share * (x1 - x0)) ** 2 + (y - y0 - share * (y1 - y0)) ** 2 <= radius**2
    return covered


def agreement(one, other):
    return (one & other).sum() / max(1, (one | other).sum())


def at_display(mask, size):
    """Where a mask covers at least half of a pixel of the display."""
    return np.asarray(Image.fromarray(mask.astype(np.uint8) * 255).resize(size, Image.Resampling.BOX)) > 127


def selected(notebook, name="painter"):
    rows = notebook.evaluate_python(f"np.packbits({name}.mask.selected).tobytes().hex()")
    size = notebook.evaluate_python(f"list({name}.mask.size)")
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(rows), np.uint8), count=size[0] * size[1])
    return bits.reshape(size[1], size[0]).astype(bool)


def shown(notebook, index=1):
    """Wait until a painter shows its picture; give its ink canvas and that canvas's box."""
    ink = notebook.output(index).locator(".iwp-ink").first
    ink.wait_for(timeout=60_000)
    notebook.page.wait_for_function(SHOWN, arg=".iwp-picture", timeout=30_000)
    ink.scroll_into_view_if_needed()
    return ink, ink.bounding_box()


def to_image(points, box, size=SIZE):
    return [(x * size[0] / box["width"], y * size[1] / box["height"]) for x, y in points]


def pixels_of(notebook, selector=".iwp-picture"):
    """Give a canvas's pixels, (H, W, 4)."""
    url = notebook.page.evaluate("selector => document.querySelector(selector).toDataURL()", selector)
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("RGBA"))


def wait_for_picture(notebook, expected, *, most=0, measure=np.max, seconds=30):
    """Wait until a painter's picture is an expected one, up to a difference of so much in 255."""
    deadline = time.monotonic() + seconds
    while True:
        found = pixels_of(notebook).astype(int)
        apart = measure(np.abs(found - expected)) if found.shape == expected.shape else 255
        if apart <= most:
            return
        assert time.monotonic() < deadline, f"the picture stays {apart} away from what was expected"
        notebook.page.wait_for_timeout(50)


def open_painter_in(lab, *cells, painter=PAINTER, **options):
    """Open a notebook with a painter in its second cell; give it, the ink canvas, and that canvas's box."""
    notebook = lab.open_notebook([PHOTO, painter, *cells], **options)
    notebook.run_cell(0)
    notebook.run_cell(1)
    return notebook, *shown(notebook)


class SharedNotebook:
    """One notebook and kernel for several tests, each with a new painter: opening them takes seconds.

    Parameters
    ----------
    server, browser
        The fixtures ``lab_server`` and ``chromium``.
    **options
        As for ``Lab.open_notebook``.
    """

    CELLS = 4

    def __init__(self, server, browser, **options):
        self._lab = Lab(server, browser)
        self.notebook = self._lab.open_notebook([PHOTO, *[""] * (self.CELLS - 1)], **options)
        self.notebook.run_cell(0)
        self.window = self.notebook.page.viewport_size

    def open(self, *cells, painter=PAINTER):
        """Show a new painter in the second cell; give notebook, ink canvas, and that canvas's box."""
        notebook = self.notebook
        sources = [painter, *cells, *[""] * (self.CELLS - 2 - len(cells))]
        notebook.evaluate_python(
            "from ipywidgets.widgets import widget\n"
            "for old in list(widget._instances.values()):\n"
            "    if isinstance(old, iw.MaskPainter): old.close()\n1"
        )
        notebook.page.evaluate(
            f"""sources => {PANEL}.content.widgets.slice(1).forEach((cell, index) => {{
                cell.model.sharedModel.setSource(sources[index]);
                cell.model.clearExecution();
            }})""",
            sources,
        )
        notebook.page.wait_for_function("() => !document.querySelector('.iwp')")
        notebook.page.set_viewport_size(self.window)
        notebook.page.evaluate("document.querySelector('.jp-WindowedPanel-outer').scrollTop = 0")
        notebook._console.clear()
        notebook.run_cell(1)
        return notebook, *shown(notebook)

    def close(self):
        self._lab.close()
