"""What people do with a grid: mark, filter, take along, edit, wait, and all of it without a mouse."""

import zipfile

import pytest
from axe_playwright_python.sync_playwright import Axe

SETUP = """
import io
import numpy as np
from PIL import Image
import imgwidgets as iw
from imgwidgets.catalog import ImageRequest

def png(seed, size=(256, 256)):
    noise = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC).save(buffer, "png", compress_level=1)
    return buffer.getvalue()

def result(prompt, quality, cost):
    request = ImageRequest(prompt=prompt, model="gpt-image-2", parameters={"quality": quality})
    image = iw.ResultImage(png(len(prompt)), prompt=prompt, model="gpt-image-2")
    return iw.ImageResult([image], request=request, cost=cost, seconds=2.0, notes=["a note"] if cost > 0.1 else [])

frames = [Image.new("RGB", (64, 48), (20 * i, 80, 160)) for i in range(8)]
moving = io.BytesIO()
frames[0].save(moving, "gif", save_all=True, append_images=frames[1:], duration=100, loop=0)
clear = np.zeros((64, 64, 4), np.uint8)
clear[16:48, 16:48] = (200, 40, 90, 255)
svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><circle r="30" cx="32" cy="32"/></svg>'
"""
GRID = """
grid = iw.ResultGrid([result("a red fox in snow", "low", 0.01), result("a red owl in snow", "high", 0.2),
                      result("a red hen in snow", "high", 0.05)])
grid.add_error("The provider refused the prompt.", prompt="something else", retry=lambda: used.append("retry"))
grid.add([iw.ResultImage(svg, prompt="a drawing"), clear])
used = []
grid.on_action("use", used.extend)
grid
"""


def tile(notebook, number, cell=1):
    return notebook.output(cell).locator(".iw-tile").nth(number)


def violations(page):
    found = Axe().run(page, context=".jp-OutputArea .iw-grid").response["violations"]
    return [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found]


def menu(notebook, number, entry):
    tile(notebook, number).hover()
    tile(notebook, number).get_by_role("button", name="Actions").click()
    notebook.page.locator(".iw-menu").get_by_role("menuitem", name=entry).click()


def order(notebook):
    prompts = notebook.output(1).locator(".iw-prompt").all_inner_texts()
    return [prompt.split()[2] if prompt.startswith("a red") else prompt for prompt in prompts if prompt]


def status(notebook, text):
    notebook.output(1).locator(".iw-status").get_by_text(text).wait_for()


@pytest.fixture
def opened(lab):
    notebook = lab.open_notebook([SETUP, GRID], permissions=["clipboard-read", "clipboard-write"])
    notebook.run_all()
    notebook.output(1).locator(".iw-grid").scroll_into_view_if_needed()
    notebook.output(1).locator(".iw-tile img").nth(4).wait_for()
    return notebook


def test_images_are_marked_filtered_taken_along_and_edited(opened):
    look(opened)
    mark(opened)
    choose(opened)
    take_along(opened)
    edit(opened)
    assert opened.console_errors == []


def look(notebook):
    """See captions, notes, drawings, transparency."""
    assert "a red fox in snow" in tile(notebook, 0).inner_text()
    assert tile(notebook, 0).locator(".iw-prompt b").inner_text().strip() == "fox", (
        "what its neighbour has not"
    )
    assert tile(notebook, 1).locator(".iw-badge").inner_text() == "note"
    assert tile(notebook, 4).locator("img").get_attribute("src").startswith("blob:"), (
        "an SVG is only an image"
    )
    assert notebook.output(1).locator(".iw-tile circle").count() == 0
    checkered = "element => getComputedStyle(element).backgroundImage.includes('conic')"
    assert tile(notebook, 5).locator("img").evaluate(checkered)


def mark(notebook):
    """Set stars by mouse, ratings by key."""
    page = notebook.page
    tile(notebook, 1).hover()
    tile(notebook, 1).get_by_role("button", name="Star").click()
    notebook.wait_for_python("grid.starred == [grid.images[1]]")
    tile(notebook, 0).focus()
    page.keyboard.press("4")
    notebook.wait_for_python("grid.ratings[:3] == [4, None, None]")
    tile(notebook, 0).locator(".iw-rated").wait_for()
    assert "rated 4 of 5" in tile(notebook, 0).get_attribute("aria-label")


def choose(notebook):
    """Filter, sort, group."""
    page = notebook.page
    page.get_by_role("button", name="Sort and filter").click()
    assert violations(page) == []
    page.get_by_label("Sort").select_option("-cost")
    notebook.output(1).locator(".iw-tile").first.get_by_text("owl").wait_for()
    assert order(notebook)[:3] == ["owl", "hen", "fox"]
    page.get_by_label("Group by").select_option("quality")
    notebook.output(1).locator(".iw-heading").get_by_text("quality: high").wait_for()
    assert notebook.evaluate_python("[grid.sort_by, grid.group_by]") == ["-cost", "quality"]
    assert violations(page) == []
    page.get_by_label("Find").fill("HEN low")
    notebook.output(1).get_by_text("No image is like that.").wait_for()
    page.get_by_label("Find").fill("hen")
    notebook.output(1).get_by_text("1 shown of 5 images").wait_for()
    page.get_by_role("button", name="Show all").click()
    notebook.output(1).get_by_text("5 images · 1 failed · $0.26").wait_for()
    page.get_by_label("Starred only").check()
    notebook.output(1).get_by_text("1 shown of").wait_for()
    notebook.evaluate_python("grid.filter_starred = False")
    notebook.output(1).get_by_text("5 images · 1 failed").wait_for()


def take_along(notebook):
    """Copy, download, use."""
    page = notebook.page
    menu(notebook, 2, "Copy as Python")
    status(notebook, "lines of Python")
    code = page.evaluate("() => navigator.clipboard.readText()")
    assert "client.generate('a red hen in snow', model='gpt-image-2', quality='high')" in code
    tile(notebook, 1).focus()
    page.keyboard.press("c")
    status(notebook, "Copied the image")
    kinds = page.evaluate("async () => (await navigator.clipboard.read()).flatMap(item => item.types)")
    assert kinds == ["image/png"]
    for number in (0, 2):
        tile(notebook, number).click(modifiers=["Control"])
    with page.expect_download() as download:
        notebook.output(1).get_by_role("button", name="Download").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.namelist() == ["a-red-fox-in-snow-1.png", "a-red-hen-in-snow-3.png"]
    notebook.output(1).get_by_role("button", name="Use as input").click()
    notebook.wait_for_python("used == [grid.images[0], grid.images[2]]")
    assert violations(page) == []


def edit(notebook):
    """Retry, paint inside the grid, delete."""
    page = notebook.page
    tile(notebook, 3).get_by_role("button", name="Retry").click()
    notebook.wait_for_python("used[-1] == 'retry'")
    menu(notebook, 1, "Edit")
    ink = notebook.output(1).locator(".iw-editor .iwp-ink")
    ink.wait_for()
    notebook.drag(ink, [(40, 40), (120, 90)])
    notebook.wait_for_python("grid.painter.mask.area > 0")
    assert notebook.evaluate_python("grid.painter.image is grid.images[1]")
    page.get_by_role("button", name="Close the painter").click()
    ink.wait_for(state="detached")

    tile(notebook, 0).focus()
    page.keyboard.press("Delete")
    status(notebook, "Took 2 tiles out of the grid")
    assert notebook.evaluate_python("[i.prompt for i in grid.images]") == [
        "a red owl in snow",
        "a drawing",
        "",
    ]
    assert notebook.console_errors == []


def test_animations_stand_still_for_who_wants_that_and_can_be_stopped(lab):
    cells = [SETUP, "grid = iw.ResultGrid(iw.ResultImage(moving.getvalue(), prompt='moving'))\ngrid"]
    notebook = lab.open_notebook(cells)
    notebook.run_all()
    tile(notebook, 0).locator("img").wait_for()

    def wait_for(kind):
        notebook.page.wait_for_function(
            """async kind => {
                const image = document.querySelector('.iw-tile img');
                return image && (await (await fetch(image.src)).blob()).type === kind;
            }""",
            arg=kind,
        )

    def press(name):
        tile(notebook, 0).hover()
        tile(notebook, 0).get_by_role("button", name=name).click()

    wait_for("image/gif")
    notebook.page.emulate_media(reduced_motion="reduce")
    wait_for("image/webp")
    running = "() => document.getAnimations().filter(a => a.effect.target.closest?.('.iw-grid')).length"
    assert notebook.page.evaluate(running) == 0
    press("Play")
    wait_for("image/gif")
    press("Pause")
    wait_for("image/webp")


def test_partial_images_are_seen_while_the_cell_that_shows_them_runs(lab):
    cell = """import pathlib, time
def until(name):
    while not pathlib.Path(name).exists():
        time.sleep(0.02)
grid = iw.ResultGrid()
display(grid)
expected = grid.expect(2, prompt="a fox", model="gpt-image-2", usual_seconds=18)
until("one")
expected.partial(iw.PartialImage(png(1), image_index=0))
until("two")
made = result("a fox", "low", 0.01)
expected.result(made)
until("three")"""
    notebook = lab.open_notebook([SETUP, cell])
    notebook.run_cell(0)
    notebook.start_cell(1)
    root = notebook.server.root
    try:
        waiting = notebook.output(1).locator(".iw-elapsed")
        waiting.nth(1).wait_for()
        assert "usually 18 s" in waiting.first.inner_text()
        (root / "one").touch()
        notebook.output(1).locator(".iw-growing img").wait_for()
        assert waiting.count() == 1
        (root / "two").touch()
        notebook.output(1).get_by_text("1 image · $0.01").wait_for()
        notebook.output(1).locator(".iw-tile img").wait_for()
        assert notebook.output(1).locator(".iw-tile").count() == 1
    finally:
        for name in ("one", "two", "three"):
            (root / name).touch()
    notebook.wait_for_cell(1)
    twin = notebook.output(1).locator(".imgwidgets-static img")
    twin.wait_for(state="attached")
    assert twin.count() == 1
    for name in ("one", "two", "three"):
        (root / name).unlink()


def test_many_images_reach_the_page_as_small_pictures(lab):
    cells = [
        SETUP,
        """data = [png(i, (1024, 1024)) for i in range(4)]
images = [iw.ResultImage(data[i % 4], prompt=f"number {i}") for i in range(40)]
whole = sum(len(image.bytes) for image in images)""",
        "import time\nt = time.thread_time()\ngrid = iw.ResultGrid(images)\ndisplay(grid)\nheld = time.thread_time() - t",
    ]
    notebook = lab.open_notebook(cells)
    notebook.run_cell(0)
    notebook.run_cell(1)
    received = []
    socket = """() => { window.received = 0;
        const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
        kernel.anyMessage.connect((_, {msg, direction}) => { if (direction === 'recv') window.received +=
            JSON.stringify(msg.content).length + (msg.buffers ?? []).reduce((sum, b) => sum + b.byteLength, 0); }); }"""
    notebook.page.evaluate(socket)
    notebook.run_cell(2)
    grid = notebook.output(2).locator(".iw-grid")
    grid.scroll_into_view_if_needed()
    for key in (*range(0, 40, 6), 39):  # every tile comes into view
        one = notebook.output(2).locator(f".iw-tile[data-key='{key}']")
        one.scroll_into_view_if_needed()
        one.locator("img").wait_for()
    notebook.output(2).locator(".imgwidgets-static img").nth(39).wait_for(state="attached")
    received = notebook.page.evaluate("() => window.received")
    whole, held = notebook.evaluate_python("[whole, held]")
    assert received < 0.03 * whole, f"{received:,} of {whole:,} bytes"
    assert held < 0.3, "the thumbnails are made elsewhere (the benchmark says how long)"


def test_it_fits_narrow_and_wide_pages_in_both_themes(lab):
    notebook = lab.open_notebook([SETUP, GRID, "iw.ParameterPicker('gpt-image-2.6-flare')"])
    notebook.run_all()
    notebook.output(1).locator(".iw-tile img").nth(4).wait_for()
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        notebook.set_theme(theme)
        for width in (700, 1000):
            notebook.page.set_viewport_size({"width": width, "height": 1000})
            tile(notebook, 0).click(modifiers=["Control"])
            for cell in (1, 2):
                spread = notebook.output(cell).evaluate("area => area.scrollWidth - area.clientWidth")
                assert spread <= 0, "nothing has to be scrolled sideways"
            assert violations(notebook.page) == [], f"{theme}, {width}"
        colours = notebook.page.evaluate(
            """() => { const look = element => getComputedStyle(element);
                const grid = document.querySelector('.iw-grid');
                return [look(grid).color, look(grid.querySelector('.iw-tile')).backgroundColor]; }"""
        )
        assert len(set(colours)) == 2
