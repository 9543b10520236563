"""How long the painter's ink takes from the pointer's event to the screen's pixels, in Chromium.

Run with ``python tests/benchmarks/bench_ink.py``. A stroke of 120 moves is drawn on localhost, through a
proxy that adds 300 ms of round trip, and while a cell runs for 10 s. For each move, each frame looks
whether its place has ink. A frame takes 16.7 ms; nothing is asserted: read the figures.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from browser.lab import Lab
from browser.painting import (
    CLEAR,
    PAINTER,
    PHOTO,
    STOPWATCH,
    agreement,
    at_display,
    pixels_of,
    selected,
    shown,
)
from browser.programs import FLAGS, LabServer, find_chromium
from browser.proxy import DelayingProxy

ROUND_TRIP = 0.3
BUSY = 10
PATH = [(80, 80), (520, 120), (100, 300), (500, 420), (80, 520)]


class Far:
    """The server as it is seen through the proxy."""

    def __init__(self, server, proxy):
        self._server = server
        self.url = f"http://127.0.0.1:{proxy.port}"

    def __getattr__(self, name):
        return getattr(self._server, name)


def stroke(notebook, ink, title):
    """Draw, and print how long each move took to be seen and the whole stroke to be in the mask."""
    notebook.page.evaluate("() => { window.waits.length = 0; }")
    notebook.drag(ink, PATH, steps=30)
    lifted = time.perf_counter()
    notebook.page.wait_for_timeout(100)
    drawn = pixels_of(notebook, ".iwp-ink")[:, :, 3] > 127
    waits = notebook.page.evaluate("() => window.waits")
    seen = [wait for wait in waits if wait is not None]
    notebook.page.wait_for_function(CLEAR, timeout=60_000)
    caught_up = time.perf_counter() - lifted
    mask = at_display(selected(notebook), drawn.shape[::-1])
    agrees = f"{agreement(drawn, mask):.4f}" if drawn.any() else "the kernel had it all"
    print(
        f"{title:34} {len(seen):4}/{len(waits):<4} {statistics.median(seen):8.1f}"
        f" {statistics.quantiles(seen, n=20)[-1]:8.1f} {max(seen):8.1f} ms {caught_up:8.2f} s   {agrees}"
    )
    notebook.evaluate_python("painter.clear(); 1")


def run():
    busy = f"import time; time.sleep({BUSY})"
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        server = LabServer(Path(home) / "lab")
        server.start()
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        try:
            with DelayingProxy(server.port) as proxy:
                lab = Lab(Far(server, proxy), browser)
                notebook = lab.open_notebook([PHOTO, PAINTER, busy])
                notebook.run_all(stop=2)
                ink, _ = shown(notebook)
                notebook.page.evaluate(STOPWATCH)
                stroke(notebook, ink, "localhost")
                notebook.start_cell(2)
                stroke(notebook, ink, f"localhost, a cell runs for {BUSY} s")
                notebook.wait_for_cell(2)
                proxy.delay = ROUND_TRIP / 2
                stroke(notebook, ink, f"round trip of {1000 * ROUND_TRIP:.0f} ms")
                notebook.start_cell(2)
                stroke(notebook, ink, "both")
                notebook.wait_for_cell(2)
                proxy.delay = 0.0
                lab.close()
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    print(f"{'':34} {'seen':>9} {'median':>8} {'95 %':>8} {'largest':>8}    in the mask   ink and mask agree")
    run()
