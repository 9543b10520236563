"""The history's grid in a real page."""

import os
from pathlib import Path

SETUP = """
import io
import numpy as np
from PIL import Image
import imgwidgets as iw
from imgwidgets import errors
from imgwidgets.catalog import ImageInput, ImageRequest
from imgwidgets.widgets import HistoryView

def png(seed):
    noise = np.random.default_rng(seed).integers(0, 255, (12, 18, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).resize((768, 512), Image.Resampling.BICUBIC).save(buffer, "png", compress_level=1)
    return buffer.getvalue()

PICTURES = [png(seed) for seed in range(8)]
history = iw.History("kept")

def ask(prompt, index, model="gpt-image-2", **details):
    request = ImageRequest(prompt=prompt, model=model, provider="openai", parameters={"quality": "low"}, **details)
    number = history.started(request)
    image = iw.ResultImage(PICTURES[index % 8] + b"%d" % index, prompt=prompt, model=model)
    history.finished(number, iw.ImageResult([image], request=request, cost=0.01, seconds=3.5))
    return number

for index in range(100):
    ask(f"{'an owl' if index % 5 else 'a red fox'} number {index} in <b>snow</b>", index, "gpt-image-1-mini" if index % 3 else "gpt-image-2")
number = history.started(ImageRequest(prompt="a bear", model="gpt-image-2", provider="openai"))
history.failed(number, errors.BadRequest("The prompt names an animal that nobody may draw."))
edit = ask("a straw hat", 300, endpoint="edits", images=(ImageInput(data=PICTURES[0], format="png", size=(768, 512)),))
"""


def bar(notebook):
    return notebook.output(1).locator(".iwh-bar")


def shoot(notebook, name):
    """Keep a screenshot where somebody asks for it: ``SCREENSHOTS=/some/folder``."""
    if os.environ.get("SCREENSHOTS"):
        notebook.screenshot(Path(os.environ["SCREENSHOTS"]) / name, timeout=10_000)


def test_the_history_is_searched_paged_and_asked_again(lab):
    notebook = lab.open_notebook([SETUP, "view = HistoryView(history)\nview"])
    notebook.run_all()
    output = notebook.output(1)
    output.locator(".iw-tile img").first.wait_for()
    bar(notebook).get_by_text("102 requests").wait_for()
    bar(notebook).get_by_text("Page 1 of 3").wait_for()
    shoot(notebook, "history.png")
    assert "<b>snow</b>" in output.locator(".iw-tile", has_text="number 99").inner_text()

    # Words, then filters.
    bar(notebook).get_by_label("Search the history").press_sequentially("red fox", delay=20)
    bar(notebook).get_by_text("20 requests").wait_for()
    notebook.wait_for_python("len(view.entries) == 20 and all('red fox' in e.prompt for e in view.entries)")
    bar(notebook).get_by_role("button", name="Filters").click()
    bar(notebook).get_by_label("Model").select_option("gpt-image-2")
    bar(notebook).get_by_text("7 requests").wait_for()
    shoot(notebook, "history-filters.png")
    bar(notebook).get_by_role("button", name="Clear").click()
    bar(notebook).get_by_text("102 requests").wait_for()
    bar(notebook).get_by_label("Outcome").select_option("failed")
    output.locator(".iw-grid").scroll_into_view_if_needed()
    output.get_by_text("an animal that nobody may draw").wait_for()
    shoot(notebook, "history-failed.png")
    bar(notebook).get_by_label("Outcome").select_option("")

    # Pages.
    bar(notebook).get_by_role("button", name="Older", exact=True).click()
    bar(notebook).get_by_text("Page 2 of 3").wait_for()
    notebook.wait_for_python("len(view.entries) == 48 and view.entries[0].id == 54")
    bar(notebook).get_by_role("button", name="Newer", exact=True).click()
    bar(notebook).get_by_text("Page 1 of 3").wait_for()

    # What is new comes by itself.
    notebook.evaluate_python("ask('a brand new whale', 7)")
    output.locator(".iw-tile", has_text="a brand new whale").wait_for()
    bar(notebook).get_by_text("103 requests").wait_for()

    # A star from here is found here.
    notebook.evaluate_python("view.grid.star(view.grid.images[:1])")
    bar(notebook).get_by_role("button", name="Starred").click()
    bar(notebook).get_by_text("1 request ·").wait_for()
    bar(notebook).get_by_role("button", name="Starred").click()

    # Code that sends an edit again, with its input.
    notebook.evaluate_python("view.search('straw hat') and None")
    bar(notebook).get_by_role("button", name="Code").click()
    bar(notebook).get_by_text("Select images first").wait_for()
    notebook.wait_for_python("len(view.grid.images) == 1")
    notebook.evaluate_python("view.grid.__setattr__('selected', view.grid.images)")
    bar(notebook).get_by_role("button", name="Code").click()
    bar(notebook).get_by_text("client.send(history.entry(102).request)").wait_for()
    shoot(notebook, "history-code.png")
    bar(notebook).get_by_role("button", name="Export").click()
    bar(notebook).get_by_text("Exported to").wait_for()
    notebook.wait_for_python("len(__import__('glob').glob('history-*/images/*.png')) == 1")
    bar(notebook).get_by_role("button", name="Folder").click()
    bar(notebook).get_by_text("The history is in").wait_for()
    assert notebook.console_errors == []
