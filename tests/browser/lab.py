"""A real JupyterLab in a real Chromium, for tests that look and click as a person would.

A test asks for the fixture ``lab`` and gets a :class:`Lab`::

    def test_a_click_reaches_python(lab):
        notebook = lab.open_notebook([
            "import ipywidgets as widgets\\nbutton = widgets.Button(description='Add')\\ncount = 0",
            "def add(_):\\n    global count\\n    count += 1\\nbutton.on_click(add)\\nbutton",
        ])
        notebook.run_all()
        notebook.output(1).get_by_role("button", name="Add").click()
        notebook.wait_for_python("count == 1")
        assert notebook.console_errors == []

``lab.open_notebook`` takes a list of code cells, or the path of a notebook below ``notebooks/``
(the server has its own copy of that folder). ``notebook.page`` is the Playwright page for all that
is not offered here: https://playwright.dev/python/docs/api/class-page.

Every notebook has a kernel, a workspace and a browser context of its own; all are gone when the test ends.
"""

from __future__ import annotations

import ast
import json
import time
import uuid
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from browser.programs import notebook_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from browser.programs import LabServer
    from playwright.sync_api import Browser, Locator, Page

MARK = "imgwidgets-test-value:"

# Messages of JupyterLab and Chromium themselves, which say nothing about this package.
HARMLESS_CONSOLE_ERRORS = (
    "favicon",
    "ERR_INTERNET_DISCONNECTED",
    "/api/kernels/",  # a status poll that met the kernel's shutdown
)

PANEL = "window.jupyterapp.shell.currentWidget"


class Lab:
    """Opens notebooks for one test, and ends what it opened."""

    def __init__(self, server: LabServer, browser: Browser) -> None:
        self.server = server
        self._browser = browser
        self._open: list[NotebookPage] = []

    def open_notebook(
        self,
        cells: Sequence[str] | str | Path,
        *,
        width: int = 1400,
        height: int = 1000,
        timeout: float = 90,
        **context: Any,
    ) -> NotebookPage:
        """Open a notebook and wait until its kernel is idle.

        Parameters
        ----------
        cells : list of str, or str or Path
            The code of each cell of a new notebook; or the path of one below the server's root
            (``"notebooks/01-quickstart.ipynb"``).
        width, height : int
            CSS pixels of the browser's window.
        timeout : float
            Seconds until it must be there.
        **context
            More of Playwright's ``new_context``: ``has_touch=True``, ``device_scale_factor=2``, ...
        """
        path = cells if isinstance(cells, (str, Path)) else self._write(cells)
        page = self._browser.new_context(viewport={"width": width, "height": height}, **context).new_page()
        notebook = NotebookPage(self.server, page, str(PurePosixPath(path)))
        self._open.append(notebook)
        notebook.load(timeout=timeout)
        return notebook

    def _write(self, cells: Sequence[str]) -> str:
        name = f"test-{uuid.uuid4().hex[:12]}.ipynb"
        (self.server.root / name).write_text(json.dumps(notebook_of(cells)))
        return name

    def screenshots(self, folder: Path) -> list[Path]:
        """Write a PNG of every open notebook, and give the files."""
        files = [folder / f"{number}.png" for number in range(len(self._open))]
        for file, notebook in zip(files, self._open, strict=True):
            notebook.screenshot(file, timeout=10_000)
        return files

    def close(self) -> None:
        for notebook in self._open:
            notebook.close()
        self._open.clear()


class NotebookPage:
    """One notebook, open in one browser window.

    Attributes
    ----------
    page : playwright.sync_api.Page
        For everything that is not offered here.
    path : str
        Of the notebook, below the server's root.
    """

    def __init__(self, server: LabServer, page: Page, path: str) -> None:
        self.server = server
        self.page = page
        self.path = path
        self._workspace = uuid.uuid4().hex[:12]  # a shared one would open the notebooks of other tests again
        self._console: list[str] = []
        page.on("console", lambda message: self._heard(message.type, f"{message.text} ({message.location})"))
        page.on("pageerror", lambda error: self._heard("error", str(error)))

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error":
            self._console.append(text)

    @property
    def console_errors(self) -> list[str]:
        """What the page reported as an error, without what is known to be harmless."""
        return [text for text in self._console if not any(part in text for part in HARMLESS_CONSOLE_ERRORS)]

    # Opening and closing

    def load(self, *, timeout: float = 90) -> None:
        token = f"?token={self.server.token}"
        self.page.goto(f"{self.server.url}/lab/workspaces/{self._workspace}/tree/{self.path}{token}")
        self._wait_until_ready(timeout)

    def reload(self, *, timeout: float = 90) -> None:
        """Load the page again, as after pressing F5; the kernel lives on. Save first, or outputs are lost."""
        self.page.reload()
        self._wait_until_ready(timeout)

    def _wait_until_ready(self, timeout: float) -> None:
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=1000 * timeout)
        self._wait_for(
            f"async () => {{ const panel = {PANEL};"
            f" if (!panel || !panel.context || panel.context.path !== {json.dumps(self.path)}) return false;"
            " await panel.revealed; await panel.sessionContext.ready;"
            " return panel.sessionContext.session?.kernel?.status === 'idle'; }",
            timeout=timeout,
        )

    def save(self, *, timeout: float = 30) -> None:
        """Save the notebook, as with Ctrl+S."""
        with self.page.expect_response(
            lambda reply: reply.request.method == "PUT" and "/api/contents/" in reply.url,
            timeout=1000 * timeout,
        ):
            self.page.evaluate("() => { window.jupyterapp.commands.execute('docmanager:save'); }")
        self._wait_for(f"() => !{PANEL}.context.model.dirty", timeout=timeout)

    def close(self) -> None:
        self.page.context.close()
        self.server.end_kernels(self.path)

    # Running cells

    @property
    def cell_types(self) -> list[str]:
        """``"code"`` or ``"markdown"`` for each cell."""
        return list(self.page.evaluate(f"() => {PANEL}.content.widgets.map(cell => cell.model.type)"))

    def find_cell(self, text: str) -> int:
        """Give the number of the one code cell whose source has some text in it."""
        sources = self.page.evaluate(
            f"() => {PANEL}.content.widgets.map(cell => cell.model.sharedModel.source)"
        )
        kinds = self.cell_types
        found = [
            number for number, source in enumerate(sources) if text in source and kinds[number] == "code"
        ]
        assert len(found) == 1, f"{text!r} is in the code cells {found}, not in exactly one"
        return found[0]

    def start_cell(self, index: int) -> None:
        """Run a cell and do not wait for it."""
        self.page.evaluate(
            f"""index => {{
                {PANEL}.content.deselectAll();
                {PANEL}.content.activeCellIndex = index;
                window.finishedCells ??= {{}};
                window.finishedCells[index] = false;
                window.jupyterapp.commands.execute('notebook:run-cell')
                    .then(() => {{ window.finishedCells[index] = true; }});
            }}""",
            index,
        )

    def wait_for_cell(self, index: int, *, timeout: float = 60, check: bool = True) -> None:
        """Wait until a started cell has finished; an exception fails the test unless ``check=False``."""
        self._wait_for("index => window.finishedCells[index]", index, timeout=timeout)
        errors = [output for output in self.outputs(index) if output["output_type"] == "error"]
        if check and errors:
            trace = "\n".join(errors[0]["traceback"])
            raise AssertionError(f"cell {index} raised {errors[0]['ename']}: {errors[0]['evalue']}\n{trace}")

    def run_cell(self, index: int, *, timeout: float = 60, check: bool = True) -> None:
        """Run a cell (code or markdown; counted from 0) and wait until it has finished."""
        self.start_cell(index)
        self.wait_for_cell(index, timeout=timeout, check=check)

    def run_all(self, *, first: int = 0, stop: int | None = None, timeout: float = 120) -> None:
        """Run all cells, or those from `first` to before `stop`, in order; an exception fails the test."""
        deadline = time.monotonic() + timeout
        for index in range(len(self.cell_types))[first:stop]:
            self.run_cell(index, timeout=max(1.0, deadline - time.monotonic()))

    def outputs(self, index: int) -> list[dict[str, Any]]:
        """Give a cell's outputs as the notebook file would hold them."""
        return list(
            self.page.evaluate(
                f"index => {PANEL}.content.widgets[index].model.sharedModel.toJSON().outputs ?? []", index
            )
        )

    def wait_idle(self, *, timeout: float = 60) -> None:
        """Wait until the kernel has nothing to do."""
        self._wait_for(f"() => {PANEL}.sessionContext.session?.kernel?.status === 'idle'", timeout=timeout)

    def evaluate_python(self, code: str, *, timeout: float = 60) -> Any:
        """Run code in the notebook's kernel and give the value of its last line.

        No cell is written. The value travels as JSON; numpy values become numbers and lists. The
        kernel takes this up when it has finished the cells before it.
        """
        self._wait_for(f"() => {PANEL}.sessionContext.session?.kernel", timeout=timeout)
        said = self.page.evaluate(
            f"""async ([code, milliseconds]) => {{
                const kernel = {PANEL}.sessionContext.session.kernel;
                const future = kernel.requestExecute({{code, store_history: false, stop_on_error: false}});
                let text = '', error = null;
                future.onIOPub = message => {{
                    if (message.header.msg_type === 'stream') text += message.content.text;
                    if (message.header.msg_type === 'error') error = message.content.traceback.join('\\n');
                }};
                const late = new Promise(resolve => setTimeout(() => resolve('late'), milliseconds));
                const end = await Promise.race([future.done, late]);
                if (end === 'late') error = `no answer from the kernel within ${{milliseconds}} ms`;
                return {{text, error}};
            }}""",
            [_printing_last_value(code), round(1000 * timeout)],
        )
        if said["error"]:
            raise AssertionError(f"in the kernel:\n{said['error']}")
        values = [line for line in said["text"].splitlines() if line.startswith(MARK)]
        return json.loads(values[-1].removeprefix(MARK)) if values else None

    def wait_for_python(self, expression: str, *, timeout: float = 30) -> Any:
        """Wait until an expression is true in the kernel, and give its value."""
        deadline = time.monotonic() + timeout
        while not (value := self.evaluate_python(expression)):
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"{expression!r} did not become true within {timeout} s; it is {value!r}"
                )
            self.page.wait_for_timeout(50)
        return value

    # Looking and pointing

    def cell(self, index: int) -> Locator:
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def output(self, index: int) -> Locator:
        """Locate the output area of a cell."""
        return self.cell(index).locator(".jp-Cell-outputArea")

    def drag(self, target: Locator, points: Sequence[tuple[float, float]], *, steps: int = 20) -> None:
        """Press, move and release the mouse inside an element.

        Parameters
        ----------
        target : Locator
            The element; it is scrolled into view first.
        points : sequence of (float, float)
            CSS pixels from the element's top-left corner; ``steps`` mouse moves lead to each.
        """
        target.scroll_into_view_if_needed()
        box = target.bounding_box()
        assert box is not None, "the element to drag on is not visible"
        at = [(box["x"] + x, box["y"] + y) for x, y in points]
        mouse = self.page.mouse
        mouse.move(*at[0])
        mouse.down()
        for x, y in at[1:]:
            mouse.move(x, y, steps=steps)
        mouse.up()

    def set_theme(self, name: str = "JupyterLab Dark") -> None:
        """Choose a theme: ``JupyterLab Light``, ``JupyterLab Dark`` or ``JupyterLab Dark High Contrast``."""
        self.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", name
        )
        self._wait_for("name => document.body.dataset.jpThemeName === name", name, timeout=30)

    def screenshot(self, path: str | Path, **options: Any) -> None:
        """Write a PNG of the window (or of more: Playwright's options)."""
        self.page.screenshot(path=path, **options)

    def _wait_for(self, condition: str, argument: Any = None, *, timeout: float) -> None:
        self.page.wait_for_function(condition, arg=argument, timeout=1000 * timeout, polling=50)


def _printing_last_value(code: str) -> str:
    tree = ast.parse(code)
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        value = ast.unparse(tree.body[-1].value)
        tree.body.pop()
        encode = f"__import__('json').dumps({value}, default=lambda value: value.tolist())"
        # A leading line break: other threads may print in the middle of a line.
        return f"{ast.unparse(tree)}\nprint('\\n{MARK}' + {encode}, flush=True)"
    return code
