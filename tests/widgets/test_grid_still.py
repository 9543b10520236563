"""The grid in a real kernel: what is left in the notebook, and how long the main thread is held."""

import json
import re
import subprocess
import sys

import nbclient
import nbformat
import pytest
from nbconvert import HTMLExporter

SETUP = """
import io, time
import numpy as np
from PIL import Image
import imgwidgets as iw
from imgwidgets.catalog import ImageRequest

def png(seed, size=(512, 512)):
    noise = np.random.default_rng(seed).integers(0, 255, (16, 16, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC).save(buffer, "png", compress_level=1)
    return buffer.getvalue()

data = [png(i) for i in range(4)]
request = ImageRequest(prompt="</script><b>$x$", model="gpt-image-2")
images = [iw.ResultImage(data[i % 4], prompt=f"</script><b>$x$ {i}", model="gpt-image-2") for i in range(60)]
r = iw.ImageResult(images, request=request, cost=0.6, seconds=2.0)
"""
# The same cell runs three times, as a notebook's page says it; then another one.
BARE = """
from ipywidgets import Output
from ipywidgets.widgets.widget import _instances

def living():
    return [grid for grid in list(_instances.values()) if isinstance(grid, iw.ResultGrid)]

before = len(living())
kernel = get_ipython().kernel
parent = kernel.get_parent()
counts = []

def run(number, cell, act):
    head = {**parent["header"], "msg_id": f"run {number}"}
    kernel.set_parent([], {**parent, "header": head, "metadata": {"cellId": cell}})
    act()
    kernel.set_parent([], parent)
    counts.append(len(living()) - before)

def twice():
    r[:1]._repr_mimebundle_()
    r[0]._repr_mimebundle_()

def captured():
    with Output():
        r[0]._repr_mimebundle_()

for number, (cell, act) in enumerate([("a", twice)] * 3 + [("b", twice)] + [("c", captured)] * 2):
    run(number, cell, act)
print(counts)
"""
CELLS = [
    SETUP,
    "iw.ResultGrid(r, budget=200_000)",
    "grid = iw.ResultGrid()\ndisplay(grid)\nexpected = grid.expect(2, prompt='late')\nexpected.result(r[:2])",
    "display(iw.ResultGrid(r[:30], budget=60_000))\ndisplay(iw.ResultGrid(r[30:], budget=60_000))",
    "r[0]",
    "print(r)\nrepr(r[0])",
    "iw.ResultGrid(['missing.png', images[0]])",
    BARE,
]


@pytest.fixture(scope="module")
def executed():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    nbclient.NotebookClient(notebook, timeout=120).execute()
    return notebook


def pages(executed, cell):
    return [
        output["data"]["text/html"]
        for output in executed.cells[cell].outputs
        if "text/html" in output.get("data", {})
    ]


def pictures(text):
    return re.findall(r'<img src="data:image/webp;base64,', text)


def test_a_cell_leaves_a_picture_of_each_image_within_its_budget(executed):
    [html] = pages(executed, 1)
    assert len(pictures(html)) == 60
    assert len(json.dumps(html)) <= 200_000
    assert "small pictures, to keep this notebook small" in html
    for output in executed.cells[1].outputs:
        kinds = set(output["data"])
        assert kinds in ({"text/html"}, {"text/plain", "application/vnd.jupyter.widget-view+json"})


def test_what_came_while_the_cell_ran_is_in_the_copy(executed):
    [html] = pages(executed, 2)
    assert len(pictures(html)) == 2


def test_several_grids_of_one_cell_share_its_budget(executed):
    found = pages(executed, 3)
    assert len(found) == 2
    assert sum(len(json.dumps(html)) for html in found) <= 60_000


def test_a_bare_image_shows_itself_and_print_stays_one_line(executed):
    assert len(pictures("".join(pages(executed, 4)))) == 1
    printed = executed.cells[5].outputs
    assert printed[0]["text"].count("\n") == 1
    assert "\n" not in printed[1]["data"]["text/plain"]


def test_a_cell_that_runs_again_keeps_only_its_last_bare_results_alive(executed):
    said = [output["text"] for output in executed.cells[7].outputs if output["output_type"] == "stream"]
    assert "".join(said).strip() == "[2, 2, 2, 4, 5, 6]", "output widgets keep what they captured"


def test_failures_are_told_in_the_copy(executed):
    [html] = pages(executed, 6)
    assert "there is no file missing.png" in html
    assert len(pictures(html)) == 1


def test_saved_widget_state_is_under_a_kilobyte_a_tile(executed):
    states = executed.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    grids = [state for state in states.values() if "_twin" in state["state"]]
    assert len(grids) == 6
    assert all(len(json.dumps(state)) < 4_000 for state in grids), "however many tiles it has"
    assert "base64" not in json.dumps(grids)


@pytest.mark.parametrize("with_state", [True, False])
def test_an_exported_page_shows_every_image_without_a_kernel(executed, with_state):
    notebook = nbformat.from_dict(executed)
    if not with_state:
        notebook = nbformat.from_dict({**executed, "metadata": {}})
    page, _ = HTMLExporter().from_notebook_node(notebook)
    shown = sum(len(pictures(html)) for cell in range(1, len(CELLS)) for html in pages(executed, cell))
    assert page.count("data:image/webp;base64,") == shown >= 60 + 2 + 1 + 1
    outputs = page[page.index("imgwidgets-static") :]
    assert "</script><b>" not in outputs.replace("$", "")


WATCHED = """
import jupyter_client, json, sys, time
manager = jupyter_client.KernelManager(kernel_name="python3")
manager.start_kernel(stderr=__import__("subprocess").DEVNULL)
client = manager.blocking_client()
client.start_channels()
client.wait_for_ready(timeout=60)
outputs, texts = [], []
def hear(message):
    if message["msg_type"] in ("display_data", "update_display_data") and "text/html" in message["content"]["data"]:
        data = message["content"]["data"]["text/html"]
        outputs.append([message["msg_type"], message["content"]["transient"]["display_id"], data.count("<img ")])
    if message["msg_type"] == "stream":
        texts.append(message["content"]["text"])
setup, show = json.load(sys.stdin)
client.execute_interactive(setup, allow_stdin=True, output_hook=hear, timeout=60)
client.execute_interactive(show, allow_stdin=True, output_hook=hear, timeout=60)
deadline = time.monotonic() + 60
while not any(kind == "update_display_data" for kind, *_ in outputs) and time.monotonic() < deadline:
    try:
        hear(client.get_iopub_msg(timeout=1))
    except Exception:
        pass
client.stop_channels()
manager.shutdown_kernel(now=True)
print(json.dumps([outputs, texts]))
"""


def test_where_somebody_watches_the_cell_ends_at_once_and_the_pictures_follow():
    # Nothing can be made before the last line: who waited for it would wait for ever.
    show = """
import threading
from imgwidgets.widgets.grid import thumbnails as grid_thumbnails
gate = threading.Event()
for _ in range(grid_thumbnails._workers._max_workers):
    grid_thumbnails._workers.submit(gate.wait, 60)
display(iw.ResultGrid(r))
print("shown", flush=True)
gate.set()
"""
    done = subprocess.run(
        [sys.executable, "-c", WATCHED],
        input=json.dumps([SETUP, show]),
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    outputs, texts = json.loads(done.stdout)
    (first, name, none), (second, same, all_) = outputs
    assert (first, none) == ("display_data", 0), "captions at once"
    assert (second, same, all_) == ("update_display_data", name, 60), "pictures in their place"
    assert texts == ["shown\n"]
