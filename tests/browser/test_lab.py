"""That the fixtures for browser tests do what the other browser tests rely on."""

import ipywidgets
import pytest

BUTTON = """
import ipywidgets as widgets
button = widgets.Button(description="Add")
count = 0
def add(_):
    global count
    count += 1
button.on_click(add)
button
"""


def test_a_click_in_the_browser_reaches_the_kernel(lab):
    notebook = lab.open_notebook(["import numpy as np", BUTTON])
    notebook.run_all()
    button = notebook.output(1).get_by_role("button", name="Add")
    button.click()
    button.click()
    notebook.wait_for_python("count == 2")
    assert notebook.evaluate_python("x = np.arange(3)\n[x, x.sum(), 'text']") == [[0, 1, 2], 3, "text"]
    assert notebook.console_errors == []


def test_outputs_and_the_kernel_outlive_a_reload(lab, tmp_path):
    notebook = lab.open_notebook(["value = 41", "print('seen')"])
    notebook.run_all()
    notebook.save()
    notebook.reload()
    assert notebook.output(1).inner_text().strip() == "seen"
    assert notebook.evaluate_python("value + 1") == 42
    notebook.set_theme("JupyterLab Dark")
    notebook.screenshot(tmp_path / "dark.png")
    assert (tmp_path / "dark.png").stat().st_size > 10_000


def test_an_exception_in_a_cell_fails_the_test_that_runs_it(lab):
    notebook = lab.open_notebook(["1 / 0"])
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        notebook.run_all()
    with pytest.raises(AssertionError, match="NameError"):
        notebook.evaluate_python("no_such_name")


def test_the_kernel_is_the_one_under_test_and_ends_with_its_test(lab):
    notebook = lab.open_notebook(["import ipywidgets"])
    notebook.run_all()
    assert notebook.evaluate_python("ipywidgets.__file__") == ipywidgets.__file__
    notebook.close()
    assert [s for s in lab.server.ask("GET", "/api/sessions") if s["path"] == notebook.path] == []
