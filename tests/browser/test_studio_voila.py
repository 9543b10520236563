"""The Studio without a notebook around it: the shipped notebook, as `imgwidgets studio` opens it."""

import json
from pathlib import Path

import pytest
from browser.programs import VoilaServer

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "studio.ipynb"


@pytest.fixture
def voila(tmp_path):
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    server = VoilaServer(
        tmp_path / "voila", ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    )
    try:
        server.start()
        yield server
    finally:
        server.stop()


def test_in_voila_a_person_without_a_notebook_generates_and_paints(voila, chromium):
    context = chromium.new_context(viewport={"width": 1000, "height": 1200})
    try:
        page = context.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(voila.url, timeout=60_000)
        studio = page.locator(".iws")
        studio.locator(".iws-primary").wait_for(timeout=60_000)
        assert page.locator(".iws-still").is_hidden()
        studio.locator(".iws-primary").click()
        studio.locator(".iw-tile img").wait_for(timeout=60_000)
        studio.locator(".iw-tile").hover()
        studio.get_by_role("button", name="Actions").click()
        studio.get_by_role("menuitem", name="Edit").click()
        studio.locator(".iwp-ink").wait_for(timeout=30_000)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, "nothing hangs out on the right"
        assert errors == []
    finally:
        context.close()
