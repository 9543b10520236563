import json

from browser.lab import PANEL

SETUP = """
import io
import numpy as np
from PIL import Image
import imgwidgets as iw
from imgwidgets.catalog import ImageRequest

def png(seed, size=(1024, 1024)):
    noise = np.random.default_rng(seed).integers(0, 255, (32, 32, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC).save(buffer, "png", compress_level=1)
    return buffer.getvalue()

def result(count, prompt="a red fox in snow", **details):
    images = [iw.ResultImage(png(i), prompt=prompt, model="gpt-image-2", index=i) for i in range(count)]
    request = ImageRequest(prompt=prompt, model="gpt-image-2", parameters={"n": count})
    return iw.ImageResult(images, request=request, cost=0.006 * count, seconds=1.5, **details)

r = result(4)
"""


def tiles(notebook, cell=1):
    return notebook.output(cell).locator(".iw-tile")


def pictures(notebook, cell=1):
    return notebook.output(cell).locator(".iw-tile img")


def wait_for_pictures(notebook, count, cell=1):
    # Thumbnails come when their tile is in view.
    notebook.output(cell).locator(".iw-grid").scroll_into_view_if_needed()
    pictures(notebook, cell).nth(count - 1).wait_for()


def test_the_grid_of_a_bare_result_can_be_looked_at_selected_and_saved(lab):
    notebook = lab.open_notebook([SETUP, "grid = iw.ResultGrid(r)\ngrid", "r"])
    notebook.run_all()
    wait_for_pictures(notebook, 4)
    wait_for_pictures(notebook, 4, cell=2)
    assert pictures(notebook).first.get_attribute("alt").startswith("a red fox in snow")
    assert "gpt-image-2 · 1024×1024 · $0.006" in tiles(notebook).first.inner_text().replace("\xa0", " ")  # noqa: RUF001

    # Ctrl-click, then the keyboard.
    tiles(notebook).nth(1).click(modifiers=["Control"])
    notebook.wait_for_python("[i.index for i in grid.selected] == [1]")
    notebook.page.keyboard.press("ArrowRight")
    notebook.page.keyboard.press(" ")
    notebook.wait_for_python("[i.index for i in grid.selected] == [1, 2]")
    notebook.page.keyboard.press("Control+a")
    notebook.wait_for_python("len(grid.selected) == 4")
    notebook.page.keyboard.press("Escape")
    notebook.wait_for_python("grid.selected == []")

    # Keys that mean nothing here mean nothing to the notebook either: X would cut the cell.
    for focus in (tiles(notebook).nth(2), notebook.output(1).get_by_role("button", name="Save")):
        focus.focus()
        for key in ("b", "x", "y"):
            notebook.page.keyboard.press(key)
        assert focus.evaluate("element => element === document.activeElement")
        assert notebook.cell_types == ["code"] * 3
    notebook.evaluate_python("grid.selected = grid.images[3:]")
    notebook.output(1).locator(".iw-tile[aria-selected=true]").wait_for()
    assert tiles(notebook).nth(3).get_attribute("aria-selected") == "true"

    # The keys reached the grid and not the notebook.
    assert notebook.cell_types == ["code"] * 3

    notebook.output(1).get_by_role("button", name="Save").click()
    notebook.output(1).get_by_text("Saved 1 image in images").wait_for()
    saved = "open('images/a-red-fox-in-snow-4.png', 'rb').read()"
    assert notebook.evaluate_python(f"{saved}.endswith(r[3].bytes[33:])"), "the same pixels, with the prompt"

    # The keyboard stays in the grid when its tile is deleted.
    notebook.evaluate_python("grid.selected = []")
    tiles(notebook).nth(3).focus()
    for left in (3, 2):
        notebook.page.keyboard.press("Delete")
        notebook.wait_for_python(f"len(grid) == {left}")
        notebook.page.wait_for_function(f"document.activeElement.dataset.key === '{left - 1}'")

    # A bare result that is shown again leaves no grid behind.
    alive = "from ipywidgets.widgets.widget import _instances\nlen([w for w in _instances.values() if isinstance(w, iw.ResultGrid)])"
    assert notebook.evaluate_python(alive) == 2
    notebook.run_cell(2)
    wait_for_pictures(notebook, 4, cell=2)
    assert notebook.evaluate_python(alive) == 2
    assert notebook.console_errors == []


def test_hostile_prompts_are_text_everywhere_and_hostile_files_are_tiles_that_say_why(lab):
    prompt = "<img src=x onerror='window.hacked = 1'><script>window.hacked = 1</script> $x^2$ \u202eend"
    files = """open('text.png', 'w').write('no picture')
bad = bytearray(png(1, (32, 32)))
bad[16:24] = (100_000).to_bytes(4, 'big') * 2
grid = iw.ResultGrid(['text.png', iw.ResultImage(bytes(bad)), iw.ResultImage(png(1)[:2000])])
grid"""
    cells = [SETUP, f"hostile = result(1, prompt={prompt!r}, notes=[{prompt!r}])\nhostile", files]
    notebook = lab.open_notebook(cells)
    notebook.run_all()
    wait_for_pictures(notebook, 1)
    tiles(notebook).first.click()
    full = notebook.page.locator(".iw-full-prompt")
    full.wait_for()
    assert full.inner_text() == prompt.replace("\u202e", "")
    notebook.page.keyboard.press("Escape")
    assert notebook.page.evaluate("() => window.hacked === undefined")
    assert notebook.output(1).locator("mjx-container, .MathJax").count() == 0
    notebook.output(2).locator(".iw-grid").scroll_into_view_if_needed()
    notebook.output(2).locator(".iw-reason").nth(2).wait_for()
    reasons = notebook.output(2).locator(".iw-reason").all_inner_texts()
    assert "text.png" in reasons[0]
    assert "pixels" in reasons[1]
    assert "damaged" in reasons[2]


def test_a_thousand_images_fetch_only_what_is_in_view(lab):
    cells = [
        SETUP,
        """data = [png(i, (64, 64)) for i in range(8)]
grid = iw.ResultGrid([iw.ResultImage(data[i % 8], prompt=str(i)) for i in range(1000)], static=False)
grid""",
    ]
    notebook = lab.open_notebook(cells)
    notebook.run_all()
    wait_for_pictures(notebook, 8)
    asked = "len(grid._thumbnails._made)"
    early = notebook.evaluate_python("len([f for _, f in grid._thumbnails._made.values()])")
    assert pictures(notebook).count() < 120
    assert tiles(notebook).count() == 1000
    tiles(notebook).first.focus()
    notebook.page.keyboard.press("Control+End")
    notebook.output(1).locator(".iw-tile[data-key='999'] img").wait_for()
    assert notebook.page.evaluate("() => document.activeElement.dataset.key") == "999"
    assert pictures(notebook).count() < 240, "tiles that are far away hold no picture"
    assert notebook.evaluate_python(asked) >= early
    assert early <= 200


def test_the_page_can_be_reloaded_and_the_grid_shown_twice(lab):
    notebook = lab.open_notebook([SETUP, "grid = iw.ResultGrid(r)\ngrid", "grid"])
    notebook.run_all()
    wait_for_pictures(notebook, 4)
    wait_for_pictures(notebook, 4, cell=2)
    tiles(notebook).nth(2).click(modifiers=["Control"])
    notebook.output(2).locator(".iw-tile[aria-selected=true]").wait_for()
    notebook.save()
    notebook.reload()
    wait_for_pictures(notebook, 4)
    assert tiles(notebook).nth(2).get_attribute("aria-selected") == "true"


def test_images_added_while_the_cell_runs_appear_at_once(lab):
    notebook = lab.open_notebook(
        [
            SETUP,
            "grid = iw.ResultGrid(r)\ngrid",
            """import time, pathlib
grid.add(r[:2])
while not pathlib.Path('go-on').exists():
    time.sleep(0.05)""",
        ]
    )
    notebook.run_cell(0)
    notebook.run_cell(1)
    wait_for_pictures(notebook, 4)
    notebook.start_cell(2)
    try:
        wait_for_pictures(notebook, 6)
    finally:
        (notebook.server.root / "go-on").touch()
    notebook.wait_for_cell(2)


def test_the_static_copy_is_hidden_while_the_kernel_lives_and_shown_when_it_is_gone(lab):
    notebook = lab.open_notebook([SETUP, "r"])
    notebook.run_all()
    wait_for_pictures(notebook, 4)
    twin = notebook.output(1).locator(".imgwidgets-static")
    twin.locator("img").nth(3).wait_for(state="attached")  # it came after the cell had ended
    twin.wait_for(state="hidden")
    kinds = [set(output["data"]) for output in notebook.outputs(1)]
    assert kinds[0] == {"text/html"}
    assert "application/vnd.jupyter.widget-view+json" in kinds[1]
    assert len(json.dumps(notebook.outputs(1))) < 700_000
    notebook.save()

    # The page stays open, and its kernel begins anew.
    notebook.page.evaluate(f"() => {PANEL}.sessionContext.session.kernel.restart()")
    said = notebook.output(1).get_by_text("The kernel that made this is gone: run the cell again.")
    said.wait_for()
    twin.wait_for()
    assert not tiles(notebook).first.is_visible()

    # Another day.
    notebook.server.end_kernels(notebook.path)
    notebook.page.goto("about:blank")
    notebook.load()
    twin = notebook.output(1).locator(".imgwidgets-static")
    twin.wait_for()
    assert twin.locator("img").count() == 4
    loaded = "() => [...document.querySelectorAll('.imgwidgets-static img')].every(i => i.naturalWidth > 0)"
    notebook.page.wait_for_function(loaded)
    assert "a red fox in snow" in twin.inner_text()
