"""What a hundred results cost: the grid beside the ways that people use without it.

Run with ``python tests/benchmarks/bench_grid.py [count]``. Images of 1024x1024 are shown in JupyterLab in
Chromium by the result grid, by ``ipywidgets.Image`` in a ``VBox``, by matplotlib subplots and by displaying
PIL images one by one. Reported for each: how long the kernel's main thread was held (wall clock, and its
own CPU time), the time from the start of the cell to the first and to the last picture in view, the bytes
that reached the page, and the size of the saved notebook (of its widget state too, as nbclient saves it).
Nothing is asserted: read the figures.
"""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import nbclient
import nbformat
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from browser.lab import Lab
from browser.programs import FLAGS, LabServer, find_chromium

SETUP = """
import io, time
import numpy as np
import ipywidgets
from PIL import Image
import matplotlib
matplotlib.use("module://matplotlib_inline.backend_inline")
import matplotlib.pyplot as plt
from IPython.display import display
import imgwidgets as iw
from imgwidgets.catalog import ImageRequest

def png(seed):
    random = np.random.default_rng(seed)
    picture = Image.fromarray(random.integers(0, 255, (40, 40, 3), np.uint8)).resize((1024, 1024), 3)
    grain = np.asarray(picture, np.int16) + random.integers(-6, 7, (1024, 1024, 3))
    buffer = io.BytesIO()
    Image.fromarray(grain.clip(0, 255).astype(np.uint8)).save(buffer, "png", compress_level=1)
    return buffer.getvalue()

COUNT = {count}
data = [png(seed) for seed in range(8)]
files = [data[i % 8] for i in range(COUNT)]
request = ImageRequest(prompt="a red fox in snow", model="gpt-image-2", parameters={{"quality": "low", "n": COUNT}})
images = [iw.ResultImage(file, prompt=f"a red fox in snow, take {{i}}", model="gpt-image-2", index=i)
          for i, file in enumerate(files)]
result = iw.ImageResult(images, request=request, cost=0.006 * COUNT, seconds=12.0)
whole = sum(map(len, files))
iw.ResultGrid, plt.figure
"""
WAYS = {
    "ResultGrid": "display(iw.ResultGrid(result))",
    "VBox of ipywidgets.Image": "display(ipywidgets.VBox([ipywidgets.Image(value=file) for file in files]))",
    "matplotlib subplots": (
        "figure, axes = plt.subplots(-(-COUNT // 5), 5, figsize=(12, 2.4 * -(-COUNT // 5)))\n"
        "for axis, file in zip(axes.flat, files):\n"
        "    axis.imshow(Image.open(io.BytesIO(file)))\n"
        "    axis.axis('off')\n"
        "plt.show()"
    ),
    "display of PIL images": "for file in files:\n    display(Image.open(io.BytesIO(file)))",
}
TIMED = "started, own = time.perf_counter(), time.thread_time()\n{way}\nheld = [time.perf_counter() - started, time.thread_time() - own]"

WATCH = """() => {
    window.received = 0;
    window.first = window.last = null;
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    kernel.anyMessage.connect((_, {msg, direction}) => {
        if (direction !== 'recv') return;
        window.received += JSON.stringify(msg.content).length
            + (msg.buffers ?? []).reduce((sum, buffer) => sum + buffer.byteLength, 0);
    });
    const look = () => {
        const seen = [...document.querySelectorAll('.jp-OutputArea img')].filter(image => image.complete
            && image.naturalWidth && !image.closest('.imgwidgets-static') && image.getBoundingClientRect().top < innerHeight);
        if (seen.length) {
            window.first ??= performance.now();
            if (seen.length !== window.count) window.last = performance.now();
            window.count = seen.length;
        }
        requestAnimationFrame(look);
    };
    window.begun = performance.now();
    look();
}"""


def look(server, browser, count, way):
    """Show the images in one way in a notebook of its own, and give the figures."""
    lab = Lab(server, browser)
    notebook = lab.open_notebook([SETUP.format(count=count), TIMED.format(way=way)])
    try:
        notebook.run_cell(0)
        notebook.page.evaluate(WATCH)
        notebook.run_cell(1, timeout=300)
        notebook.page.wait_for_function("() => window.first !== null", timeout=120_000)
        notebook.page.wait_for_function(
            "() => performance.now() - window.last > 2500", timeout=120_000, polling=200
        )
        first, last = notebook.page.evaluate(
            "() => [window.first - window.begun, window.last - window.begun]"
        )
        (held, own), whole = notebook.evaluate_python("[held, whole]")
        scroll = scrolled(notebook) if "ResultGrid" in way else None
        if scroll:
            notebook.output(1).locator(".imgwidgets-static img").first.wait_for(
                state="attached", timeout=120_000
            )
        received = notebook.page.evaluate("() => window.received")
        notebook.save(timeout=120)
        saved = (server.root / notebook.path).stat().st_size
    finally:
        lab.close()
    return {
        "held": held, "own": own, "first": first / 1000, "last": last / 1000, "received": received,
        "saved": saved, "whole": whole, "scroll": scroll,
    }  # fmt: skip


def scrolled(notebook):
    """Scroll through the whole grid, and give (median, longest) milliseconds between two frames."""
    gaps = notebook.page.evaluate(
        """async () => {
            const body = document.querySelector('.iw-body');
            const gaps = [];
            let before = performance.now();
            for (let frame = 0; frame < 240; frame += 1) {
                body.scrollTop = body.scrollHeight * frame / 240;
                await new Promise(requestAnimationFrame);
                gaps.push(performance.now() - before);
                before = performance.now();
            }
            return gaps;
        }"""
    )
    return statistics.median(gaps), max(gaps)


def state_of(count, way):
    """Give the bytes of widget state that nbclient saves with the notebook."""
    cells = [nbformat.v4.new_code_cell(source) for source in (SETUP.format(count=count), way)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, timeout=600).execute()
    return len(json.dumps(notebook.metadata.get("widgets", {})))


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = LabServer(Path(folder) / "lab")
        server.start()
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        try:
            print(f"{count} images of 1024x1024, {time.strftime('%H:%M')}")
            print(
                f"{'':26}{'held':>9}{'own CPU':>9}{'first':>8}{'all seen':>9}{'to page':>10}{'notebook':>10}{'state':>10}"
            )
            for name, way in WAYS.items():
                if count > 200 and name != "ResultGrid":
                    continue
                found = look(server, browser, count, way)
                state = state_of(count, way)
                print(
                    f"{name:26}{1000 * found['held']:6.0f} ms{1000 * found['own']:6.0f} ms{found['first']:6.2f} s"
                    f"{found['last']:7.2f} s{found['received'] / 1e6:7.2f} MB{found['saved'] / 1e6:7.2f} MB"
                    f"{state / 1e6:7.2f} MB"
                )
                if found["scroll"]:
                    share = 100 * found["received"] / found["whole"]
                    median, longest = found["scroll"]
                    print(f"  {share:.1f} % of the images' own {found['whole'] / 1e6:.0f} MB", end="; ")
                    print(f"scrolling: {median:.0f} ms a frame, longest {longest:.0f} ms")
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main()
