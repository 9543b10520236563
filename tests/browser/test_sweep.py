"""Sweeps in a real JupyterLab: the plan, the live panel, the table of tiles, the builder."""

import json

SETUP = """
import threading
from concurrent.futures import ThreadPoolExecutor
import imgwidgets as iw
from imgwidgets.widgets import SweepBuilder

class Gate(ThreadPoolExecutor):
    '''Lets cells go one by one, as the test says.'''
    def __init__(self):
        super().__init__(8)
        self.free = threading.Semaphore(0)
    def submit(self, call, *arguments, **named):
        def wait():
            self.free.acquire()
            return call(*arguments, **named)
        return super().submit(wait)

gate = Gate()
client = iw.Client(history=False)
sweep = iw.Sweep("a {animal} on <i>{paper}</i>", animal=["fox", "owl"], paper=["red", "blue"],
                 size=["1024x1024", "1000x1000"], quality="low", repeat=2, model="gpt-image-2")
"""


BUILDER = """
picker = iw.ParameterPicker('gpt-image-2', provider='sandbox')
picker.value = {'quality': 'low', 'size': '1024x1024'}
builder = SweepBuilder(picker, client)
builder
"""


def test_a_sweep_is_planned_run_and_looked_at(lab):
    notebook = lab.open_notebook(
        [
            SETUP,
            "sweep.plan()",
            "run = sweep.run(client, executor=gate)\nrun",
            "table = run.grid(rows='paper', columns='animal')\ntable",
        ],
        height=1400,
    )
    notebook.run_all(stop=3)
    check_plan(notebook)
    follow_run(notebook)
    notebook.run_cell(3)
    look_at_table(notebook)
    move_axes(notebook)
    scroll(notebook)
    use_keyboard(notebook)
    check_saved(notebook)
    assert notebook.console_errors == []


def check_plan(notebook):
    # The plan: totals, a map with a sign in each square, the reason; what people wrote is text.
    plan = notebook.output(1).locator(".imgwidgets-plan")
    plan.wait_for()
    said = plan.inner_text()
    assert "16 cells" in said
    assert "● 8 to send" in said
    assert "nearest is 1008x1008" in said
    assert plan.locator("td[title]").count() >= 4


def follow_run(notebook):
    # The live panel: nothing is there but the states, then one tile comes while the others wait.
    panel = notebook.output(2)
    panel.get_by_role("button", name="Pause").wait_for()
    panel.locator(".iw-sweep-invalid").first.wait_for()
    notebook.evaluate_python("gate.free.release()")
    panel.locator(".iw-sweep-picture img").first.wait_for()
    assert notebook.evaluate_python("run.state") == "running"
    panel.get_by_role("button", name="Pause").click()
    panel.get_by_text("Paused").wait_for()
    panel.get_by_role("button", name="Go on").click()
    notebook.evaluate_python("gate.free.release(100)")
    panel.get_by_text("Done", exact=True).wait_for()
    assert "✗ 8 invalid" in panel.inner_text()
    assert notebook.evaluate_python("run.wait().state") == "done"


def look_at_table(notebook):
    # The table: headers, repeats side by side, a slider for the size.
    table = notebook.output(3)
    pictures = table.locator(".iw-sweep-picture img")
    pictures.nth(7).wait_for()
    assert pictures.count() == 8
    assert [cell.strip() for cell in table.locator(".iw-sweep-table thead th").all_inner_texts()] == [
        "paper ╲ animal",
        "fox",
        "owl",
    ]
    slider = table.get_by_role("slider", name="size")
    slider.press("ArrowRight")
    table.locator(".iw-sweep-invalid").nth(7).wait_for()
    assert pictures.count() == 0
    slider.press("ArrowLeft")
    pictures.nth(7).wait_for()


def move_axes(notebook):
    table = notebook.output(3)
    pictures = table.locator(".iw-sweep-picture img")
    # Axes change places from the page and from Python.
    table.get_by_label("Down").select_option("animal")
    notebook.wait_for_python("(table.rows, table.columns) == (['animal'], ['paper'])")
    table.locator(".iw-sweep-table thead th", has_text="animal ╲ paper").wait_for()
    notebook.evaluate_python("table.set_trait('columns', ['repeat'])")
    table.locator(".iw-sweep-table thead th", has_text="animal ╲ repeat").wait_for()
    notebook.evaluate_python("table.set_trait('columns', ['paper'])")
    table.locator(".iw-sweep-table thead th", has_text="animal ╲ paper").wait_for()
    pictures.nth(7).wait_for()


def scroll(notebook):
    table = notebook.output(3)
    # The headers stay in sight while the rest scrolls under them.
    box = table.locator(".iw-sweep-scroll")
    box.evaluate(
        "box => { box.style.maxHeight = '160px'; box.style.width = '300px'; box.scrollTo(150, 120); }"
    )
    assert box.evaluate("box => box.scrollTop > 0 && box.scrollLeft > 0")
    stays = box.evaluate(
        """box => {
            const edge = box.getBoundingClientRect();
            const head = box.querySelector('thead th:nth-child(2)').getBoundingClientRect();
            const row = box.querySelector('tbody th').getBoundingClientRect();
            const corner = box.querySelector('.iw-sweep-corner').getBoundingClientRect();
            return [head.top - edge.top, row.left - edge.left, corner.top - edge.top, corner.left - edge.left];
        }"""
    )
    assert all(abs(distance) <= 2 for distance in stays)
    box.evaluate("box => { box.style.maxHeight = ''; box.style.width = ''; box.scrollTo(0, 0); }")


def use_keyboard(notebook):
    table = notebook.output(3)
    pictures = table.locator(".iw-sweep-picture img")
    # By keyboard: arrows, Space selects, Enter opens; two that are selected can be compared.
    pictures.first.wait_for()
    tiles = table.locator(".iw-sweep-picture")
    tiles.first.focus()
    notebook.page.keyboard.press(" ")
    notebook.page.keyboard.press("ArrowDown")
    notebook.page.keyboard.press(" ")
    notebook.wait_for_python("len(table.selected) == 2")
    assert notebook.evaluate_python("sorted(i.prompt.split()[1] for i in table.selected)") == ["fox", "owl"]
    table.get_by_role("button", name="Compare").wait_for()
    notebook.page.keyboard.press("Enter")
    dialog = notebook.page.locator("dialog.iw-lightbox")
    dialog.wait_for()
    assert "a owl on <i>red</i>" in dialog.inner_text()
    notebook.page.keyboard.press("Escape")
    dialog.wait_for(state="detached")


def check_saved(notebook):
    table = notebook.output(3)
    # What a notebook keeps: a table of small pictures within its budget, hidden while the widget lives.
    notebook.wait_for_python("True")
    notebook.save()
    saved = notebook.outputs(3)
    pages = [str(out["data"]["text/html"]) for out in saved if "text/html" in out.get("data", {})]
    [page] = [html for html in pages if "imgwidgets-static" in html]
    assert page.count("<img") == 8
    assert "&lt;i&gt;" in page or "red" in page
    assert len(json.dumps(saved)) < 800_000
    assert table.locator(".imgwidgets-static").first.is_hidden()


def test_a_sweep_is_made_by_hand(lab):
    notebook = lab.open_notebook(
        [
            SETUP,
            BUILDER,
        ],
        width=1000,
        height=1400,
    )
    notebook.run_all()
    output = notebook.output(1)
    prompt = output.locator("textarea").first
    prompt.fill("a {bird}")
    prompt.press("Tab")
    notebook.wait_for_python("'bird' in builder._rows")
    row = output.locator("textarea").nth(1)
    row.fill("owl\nwren")
    row.press("Tab")
    output.get_by_role("button", name="Start: 2 images, free in the sandbox").wait_for()
    output.locator("select").first.select_option("quality")
    notebook.wait_for_python("builder.axes.get('quality') == ['low']")
    output.get_by_role("button", name="high", exact=True).click()
    notebook.wait_for_python("len(builder.plan or ()) == 4")
    output.get_by_role("button", name="low", exact=True).click()
    output.get_by_role("button", name="high", exact=True).click()
    notebook.wait_for_python("len(builder.plan or ()) == 2")
    check_form(notebook, output)
    output.get_by_role("button", name="Start").click()
    output.locator(".iw-sweep-picture img").nth(1).wait_for()
    notebook.wait_for_python("builder.run.state == 'done'")
    assert notebook.console_errors == []


def check_form(notebook, output):
    # Fields end at the same edges, in a narrow window too; nothing sticks out.
    for width in (1000, 700):
        notebook.page.set_viewport_size({"width": width, "height": 1400})
        edges, out = output.locator(".iw-sb").evaluate(
            """form => {
                const box = form.getBoundingClientRect();
                const lines = form.querySelectorAll('textarea, .iw-sb-options, .iw-sb-editor, .iw-sb-start');
                const edges = [...lines].map(line => line.getBoundingClientRect());
                return [
                    edges.flatMap(line => [line.left - box.left, box.right - line.right]),
                    form.scrollWidth - form.clientWidth,
                ];
            }"""
        )
        assert max(map(abs, edges)) <= 1
        assert out <= 0
        heights = output.locator(".iw-sb-options :is(select, input)").evaluate_all(
            "fields => fields.map(field => field.offsetHeight)"
        )
        assert heights == [28] * 4
