"""Fixtures for tests in a real browser; how to use them is told in lab.py."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from browser.lab import Lab
from browser.painting import SharedNotebook, open_painter_in
from browser.programs import FLAGS, LabServer, find_chromium

HERE = Path(__file__).parent
NOTEBOOKS = HERE.parents[1] / "notebooks"


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents and item.get_closest_marker("browser") is None:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory):
    server = LabServer(tmp_path_factory.mktemp("jupyterlab"), notebooks=NOTEBOOKS)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def chromium_path():
    path = find_chromium()
    if path is None:
        reason = "no Chromium was found: install the package 'chromium', or set CHROMIUM to the path of one"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(scope="module")
def chromium(chromium_path):
    # Playwright's sync API keeps an event loop running in this thread for as long as it is open, which
    # async tests elsewhere could not bear: hence a browser for each module, and not for the session.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def lab(lab_server, chromium):
    opened = Lab(lab_server, chromium)
    yield opened
    opened.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Show what a person would have seen when a browser test failed."""
    report = yield
    if call.when == "call" and report.failed and "lab" in item.funcargs:
        folder = Path(tempfile.mkdtemp(prefix="imgwidgets-failed-"))
        try:
            seen = "\n".join(map(str, item.funcargs["lab"].screenshots(folder)))
        except Exception as error:  # noqa: BLE001 (a dead browser must not hide why the test failed)
            seen = f"none could be taken: {error!r}"
        report.sections.append(("screenshots", seen))
    return report


@pytest.fixture(scope="module")
def shared(request, lab_server, chromium):
    """Give one notebook for a module's painters, opened with what the module's ``NOTEBOOK`` says."""
    notebook = SharedNotebook(lab_server, chromium, **getattr(request.module, "NOTEBOOK", {}))
    yield notebook
    notebook.close()


@pytest.fixture
def open_painter(lab, shared):
    """Open a painter in the module's notebook, or in one of its own where it needs more than that."""

    def open_it(*cells, alone=False, **options):
        if alone or options.keys() - {"painter"}:
            return open_painter_in(lab, *cells, **options)
        return shared.open(*cells, **options)

    lab._open.append(shared.notebook)  # so that a failure shows it
    yield open_it
    lab._open.remove(shared.notebook)
