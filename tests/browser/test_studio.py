"""The Studio in JupyterLab: what a person sees and clicks, from the first prompt to the second edit."""

import base64
import io
import json
import os

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser.painting import SHOWN
from PIL import Image

OPEN = """
import imgwidgets as iw
sandbox = iw.Sandbox(latency={latency}, faults={faults}).start()
client = iw.Client("sandbox", base_url=sandbox.base_url, history={history})
studio = iw.Studio(client=client)
studio.picker.value = {value}
studio
"""
QUICK = {"quality": "low", "size": "1024x1024"}
THEMES = ("JupyterLab Light", "JupyterLab Dark")
TABS = ("Results", "Edit", "Sweep", "History")
# Whether the tab that is looked at has something in it.
FILLED = """() => [...document.querySelectorAll('.iws [role=tabpanel]')]
    .find(one => one.offsetParent)?.childElementCount > 0"""


@pytest.fixture
def open_studio(lab):
    """Open a notebook with a Studio in its first cell; give the notebook and the Studio's element."""

    def open_one(*cells, latency=0, faults=(), value=QUICK, history=False, **options):
        opening = OPEN.format(latency=latency, faults=list(faults), value=value, history=history)
        notebook = lab.open_notebook([opening, *cells], **options)
        notebook.page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
        notebook.run_cell(0)
        studio = notebook.output(0).locator(".iws")
        studio.locator(".iws-primary").wait_for(timeout=60_000)
        return notebook, studio

    return open_one


def tiles(studio, state=""):
    return studio.locator(f".iws-panel-results .iw-tile{state}")


def write_prompt(studio, words):
    studio.get_by_label("prompt").first.fill(words)


def action(studio, name, place=0):
    """Choose something from the menu of a tile."""
    tile = tiles(studio).nth(place)
    tile.hover()
    tile.get_by_role("button", name="Actions").click()
    studio.get_by_role("menuitem", name=name).click()


def overflow(page):
    """Say by how many CSS pixels a Studio, or anything in it that is shown, is wider than its place."""
    return page.evaluate(
        """() => {
            const root = document.querySelector('.iws');
            const right = root.getBoundingClientRect().right + 1;
            const hangs = [...root.querySelectorAll('*')].filter(one => {
                const box = one.getBoundingClientRect();
                const scrolls = one.closest('pre, .iws-spoken, .iw-lightbox');
                return box.width && !scrolls && box.right > right && getComputedStyle(one).visibility !== 'hidden';
            }).map(one => one.className);
            const output = root.closest('.jp-OutputArea-output');
            return [...hangs.slice(0, 5), ...(output.scrollWidth > output.clientWidth + 1 ? ['the output'] : [])];
        }"""
    )


def violations(page):
    found = Axe().run(page, context=".iws").response["violations"]
    return [(one["id"], [node["html"][:160] for node in one["nodes"]][:3]) for one in found]


def test_the_loop_from_a_prompt_to_the_second_edit_takes_few_clicks(open_studio):
    notebook, studio = open_studio(height=1300)
    page = notebook.page
    studio.get_by_text("Your images appear here").wait_for()
    write_prompt(studio, "a red fox in snow")
    studio.get_by_role("button", name="Generate", exact=True).last.click()  # one
    tiles(studio).locator("img").first.wait_for(timeout=30_000)
    assert not studio.get_by_text("Your images appear here").is_visible()
    action(studio, "Edit")  # two: the menu, and the choice
    ink = studio.locator(".iwp-ink")
    ink.wait_for(timeout=30_000)
    page.wait_for_function(SHOWN, arg=".iwp-picture")
    notebook.drag(ink, [(150, 150), (300, 200), (350, 120)])  # three
    notebook.wait_for_python("studio.mask.area > 0")
    studio.get_by_text("may change").wait_for()
    write_prompt(studio, "a straw hat")
    studio.locator(".iws-primary").click()  # four
    studio.locator(".iws-stage .iws-before").wait_for(timeout=30_000)
    request = notebook.evaluate_python(
        "[studio.result.request.endpoint, studio.result.request.mask is not None]"
    )
    assert request == ["edits", True]
    split = studio.get_by_label("How much of the image before")
    split.focus()
    page.keyboard.press("Home")
    clip = studio.locator(".iws-before").evaluate("image => image.style.clipPath")
    assert "100%" in clip, "only what came is seen"
    studio.get_by_role("button", name="Go on with this result").click()  # five
    notebook.wait_for_python("studio.image is studio.result[0]")
    notebook.wait_for_python("studio.mask.area == 0")
    ink.wait_for()
    studio.get_by_role("button", name="Back to the image before").click()
    notebook.wait_for_python("studio.image is studio.grid.images[0] and studio.mask.area > 0")
    assert notebook.console_errors == []


def test_while_a_cell_runs_the_studio_sends_streams_stops_and_shows_errors(open_studio):
    busy = "import time, pathlib\nwhile not pathlib.Path('stop').exists(): time.sleep(0.05)"
    notebook, studio = open_studio(
        busy,
        latency=1.5,
        faults=[None, "hang", "moderation_input"],
        value={**QUICK, "stream": True, "partial_images": 3},
    )
    page = notebook.page
    page.evaluate(
        """() => { window.seen = new Set();
            new MutationObserver(() => {
                for (const tile of document.querySelectorAll('.iws .iw-growing img')) window.seen.add(tile.src);
            }).observe(document.querySelector('.iws'), {subtree: true, childList: true, attributes: true}); }"""
    )
    notebook.start_cell(1)
    write_prompt(studio, "a red fox")
    primary, stop = studio.locator(".iws-primary"), studio.get_by_role("button", name="Stop")
    primary.click()
    primary.click()
    stop.wait_for(timeout=30_000)
    studio.locator(".iws-line").get_by_text("1 waiting").wait_for()
    studio.locator(".iws-line").get_by_text("usually about").wait_for()
    tiles(studio).locator("img").first.wait_for(timeout=60_000)
    page.wait_for_function("() => window.seen.size >= 2", timeout=60_000)  # it grew sharper
    page.wait_for_function("() => document.querySelectorAll('.iws .iw-tile img').length === 1")
    page.wait_for_function("() => !document.querySelector('.iws .iw-growing')", timeout=60_000)
    stop.click()  # the second one would hang for ever
    studio.get_by_text("Stopped").first.wait_for(timeout=30_000)
    stop.wait_for(state="hidden")
    primary.click()
    failed = tiles(studio, ".iw-failed").last
    failed.get_by_role("button", name="Retry").wait_for(timeout=30_000)
    failed.get_by_role("button", name="Show code").click()
    failed.get_by_text("client.generate").wait_for()
    failed.get_by_role("button", name="Retry").click()
    page.wait_for_function(
        "() => document.querySelectorAll('.iws .iw-tile img').length === 2", timeout=60_000
    )
    assert page.evaluate("window.finishedCells[1]") is False, "the cell is still running"
    notebook.server.root.joinpath("stop").write_text("")
    notebook.wait_for_cell(1)
    notebook.server.root.joinpath("stop").unlink()
    assert notebook.evaluate_python("len(studio.grid.images)") == 2
    assert notebook.console_errors == []


def test_images_come_by_upload_drop_and_paste_and_a_cell_can_be_run_again(open_studio, tmp_path):
    notebook, studio = open_studio("0")
    page = notebook.page
    pixels = np.random.default_rng(0).integers(0, 255, (700, 900, 3), np.uint8)  # more than one piece
    file = tmp_path / "noise.png"
    Image.fromarray(pixels).save(file)
    studio.locator("input[type=file]").set_input_files(file)
    notebook.wait_for_python("studio.image is not None")
    assert notebook.evaluate_python("len(studio.image.bytes)") == file.stat().st_size
    assert notebook.evaluate_python("studio.picker.endpoint") == "edits"
    studio.locator(".iws-image img").wait_for()
    small = io.BytesIO()
    Image.new("RGB", (64, 48), "gold").save(small, "png")
    for kind, target in (("drop", ".iws-drop"), ("paste", ".iws-drop button")):
        page.evaluate(
            """([kind, target, code]) => {
                const bytes = Uint8Array.from(atob(code), c => c.charCodeAt(0));
                const data = new DataTransfer();
                data.items.add(new File([bytes], `${kind}ed.png`, {type: 'image/png'}));
                const options = {bubbles: true, cancelable: true};
                const event = kind === 'drop' ? new DragEvent('drop', {...options, dataTransfer: data})
                    : new ClipboardEvent('paste', {...options, clipboardData: data});
                document.querySelector(target).dispatchEvent(event);
            }""",
            [kind, target, base64.b64encode(small.getvalue()).decode()],
        )
        studio.get_by_text(f"{kind}ed.png").wait_for()
    assert notebook.evaluate_python("[one.size for one in studio.image]") == [[900, 700], [64, 48], [64, 48]]
    studio.get_by_role("button", name="Remove noise.png").click()
    notebook.wait_for_python("len(studio.image) == 2")
    # Nothing of this is in the notebook's file.
    notebook.save()
    saved = json.loads(notebook.server.root.joinpath(notebook.path).read_text())
    assert len(json.dumps(saved)) < 20_000
    # Run again: the old one is gone with its threads, the new one works.
    notebook.evaluate_python("before = studio; 1")
    notebook.run_cell(0)
    notebook.wait_for_python("before._closed and before.comm is None and not studio._closed")
    assert studio.count() == 1
    write_prompt(studio, "an owl")
    studio.get_by_text("6 of").wait_for()
    page.keyboard.press("Control+Enter")
    tiles(studio).locator("img").first.wait_for(timeout=30_000)
    assert not notebook.evaluate_python(
        "[one.name for one in __import__('threading').enumerate() if one.name == 'imgwidgets-studio']"
    )
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    studio.locator(".iws-tabbar").get_by_role("button", name="Copy as Python").click()
    studio.get_by_text("Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == notebook.evaluate_python("studio.code()")
    assert notebook.console_errors == []


def test_it_looks_right_in_both_themes_and_all_widths_and_axe_finds_nothing(open_studio, tmp_path):
    """With STUDIO_SCREENSHOTS=folder the screenshots are kept, to be looked at."""
    notebook, studio = open_studio(value={**QUICK, "n": 4}, height=1000, history=True)
    page = notebook.page
    notebook.evaluate_python(
        "studio.picker.prompt = 'a red fox in snow'; studio.run(); studio.wait();"
        "studio.image = studio.result[0]; studio.mask = iw.Mask.blank((1024, 1024)).ellipse((380, 60, 660, 300)); 1"
    )
    page.wait_for_function(
        "() => document.querySelectorAll('.iws .iw-tile img').length === 4", timeout=60_000
    )
    folder = os.environ.get("STUDIO_SCREENSHOTS") or tmp_path
    found = []  # all of it is told at the end, with all screenshots there
    for theme in THEMES:
        notebook.set_theme(theme)
        for width in (1400, 1000, 700):
            page.set_viewport_size({"width": width, "height": 1000 if width > 700 else 1800})
            for tab in TABS if width != 1000 else TABS[:1]:
                studio.get_by_role("tab", name=tab).click()
                page.wait_for_function(FILLED, timeout=30_000)
                if tab == "Edit":
                    page.wait_for_function(SHOWN, arg=".iwp-picture", timeout=30_000)
                found += [(width, tab, what) for what in overflow(page)]
                if width == 1400:
                    found += [(theme, tab, *what) for what in violations(page)]
                page.screenshot(path=f"{folder}/studio-{theme.split()[1].lower()}-{width}-{tab.lower()}.png")
    assert found == []
    assert notebook.console_errors == []


def test_in_notebook_7_it_works_too(open_studio):
    notebook, _ = open_studio()
    page, server = notebook.page.context.new_page(), notebook.server
    page.goto(f"{server.url}/notebooks/{notebook.path}?token={server.token}")
    cell = page.locator(".jp-CodeCell").first
    cell.wait_for(timeout=60_000)
    cell.click()
    page.keyboard.press("Shift+Enter")
    studio = page.locator(".iws")
    studio.locator(".iws-primary").wait_for(timeout=60_000)
    write_prompt(studio, "an owl")
    page.keyboard.press("Control+Enter")
    tiles(studio).locator("img").first.wait_for(timeout=30_000)
    assert overflow(page) == []
