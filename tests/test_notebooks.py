"""What a notebook must be before it is run; nbval runs it and compares its outputs."""

import json
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def test_there_is_a_notebook_to_begin_with():
    assert NOTEBOOKS[0].name == "01-quickstart.ipynb"


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return json.loads(request.param.read_text("utf-8"))


def test_a_notebook_is_well_formed_and_opens_without_asking_for_a_kernel(notebook):
    nbformat.validate(notebook)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"


def test_a_notebook_stores_no_state_of_widgets(notebook):
    # It would hold every picture again, and whatever was typed.
    assert "widgets" not in notebook["metadata"]


def test_a_notebook_stores_no_output_that_only_one_machine_could_give(notebook):
    text = json.dumps([cell.get("outputs", []) for cell in notebook["cells"]])
    for local in (str(Path.home()) + "/", "/tmp/", "Traceback (most recent call last)"):
        assert local not in text


def test_a_notebook_teaches_between_its_cells(notebook):
    assert notebook["cells"][0]["cell_type"] == "markdown"
    assert "".join(notebook["cells"][0]["source"]).startswith("# ")
