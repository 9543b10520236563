"""The table of a run in Python: what it tells the page, what follows when axes move, what stays in a notebook."""

import functools

import pytest
from PIL import Image

import imgwidgets as iw
from imgwidgets.errors import ParameterError
from imgwidgets.history import History
from imgwidgets.sweep.looking import Looking
from imgwidgets.sweep.outcome import Outcome
from imgwidgets.widgets.sweep.static import table_html
from imgwidgets.widgets.sweep.table import SweepTable


def drawn(number):
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="%d"/>' % (8 + number)
    return iw.ImageResult([iw.ResultImage(svg, prompt=f"cell {number}")], request=None, cost=0.01)


class Going(Looking):
    """A run whose cells end when the test says so."""

    id = "going"

    def __init__(self, sweep):
        self.sweep, self.plan = sweep, sweep.plan(history=False)
        self._outcomes = [Outcome() for _ in self.plan]
        self.listeners = []

    @property
    def outcomes(self):
        return list(self._outcomes)

    def on_change(self, callback):
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback)

    def becomes(self, index, **known):
        self._outcomes[index] = Outcome(**known)
        for callback in list(self.listeners):
            callback(index, self._outcomes[index])

    def finishes(self, index, result=None):
        load = functools.partial(lambda given: given, result or drawn(index))
        self.becomes(index, status="done", load=load, cost=0.01)


SWEEP = iw.Sweep(
    "{animal} {style}",
    animal=["fox", "owl"],
    style=["ink", "<b>clay</b>"],
    size=["1024x1024", "1000x1000"],
    model="openai:gpt-image-2",
    repeat=2,
)


@pytest.fixture
def run():
    return Going(SWEEP)


@pytest.fixture
def table(run):
    made = SweepTable(run)
    said = []
    made.send = lambda message, _buffers=None: said.append(message)
    made.said = said
    made._receive(made, {"kind": "hello", "module": True}, [])
    yield made
    made.close()


def last(table, kind):
    return [message for message in table.said if message["kind"] == kind][-1]


def settled(table, condition):
    """Wait for the moment in which changes are gathered."""
    for _ in range(1000):
        timer = table._timer
        if timer is None and condition():
            return True
        if timer is not None:
            timer.join(10)
    return condition()


def test_a_page_that_comes_up_gets_code_images_places_and_states(table):
    assert [message["kind"] for message in table.said[:4]] == ["module", "tiles", "table", "cells"]
    told = last(table, "table")
    assert told["rows"] == {"title": "animal", "labels": ["fox", "owl"]}
    assert told["columns"] == {"title": "size", "labels": ["1024x1024", "1000x1000"]}
    assert told["pages"] == [{"title": "style", "labels": ["ink", "<b>clay</b>"]}]
    assert [0, 0, [0], [0, 1]] in told["places"], "repeats stand in one place"
    states = {index: (status, reason) for index, status, reason, _ in last(table, "cells")["cells"]}
    assert states[0] == ("waiting", "")
    assert states[2][0] == "invalid"
    assert "1008x1008" in states[2][1]


def test_what_a_notebook_saves_of_a_table_is_small(table):
    state = table.get_state()
    assert len(str({name: state[name] for name in state if name != "_esm"})) < 5_000
    assert len(table._esm) < 5_000


def test_a_finished_cell_is_told_with_its_images(run, table):
    run.finishes(0)
    run.becomes(1, status="failed", error="the provider said <no>")
    assert settled(table, lambda: len(table.images) == 1)
    told = {index: rest for index, *rest in last(table, "cells")["cells"]}
    key = table.items[0].key
    assert told[0] == ["done", "", [key]]
    assert told[1] == ["failed", "the provider said <no>", []]
    assert repr(table) == "<SweepTable animal x size: 1 of 16 cells done>"


def test_a_cell_that_failed_and_is_retried_shows_its_image(run, table):
    run.becomes(0, status="failed", error="no")
    run.becomes(0, status="running")
    run.finishes(0)
    run.finishes(0)  # told twice
    assert settled(table, lambda: len(table.images) == 1)
    assert table._cells[0][0] == "done"


def test_what_ended_before_the_table_was_made_is_in_it(run):
    for index in (0, 1, 4):
        run.finishes(index)
    table = SweepTable(run, rows="style", columns=["animal", "size"])
    assert len(table.images) == 3
    assert table.layout_of_cells.columns.names == ("animal", "size")
    table.close()
    assert run.listeners == []


def test_axes_change_places(table):
    table.rows = "style"
    assert (table.rows, table.columns, table.pages) == (["style"], ["size"], ["animal"])
    table.columns = ["style"]
    assert (table.rows, table.columns, table.pages) == (["size"], ["style"], ["animal"])
    table.rows = ["animal", "repeat"]
    assert (table.rows, table.columns, table.pages) == (["animal", "repeat"], ["style"], ["size"])
    assert last(table, "table")["rows"]["labels"] == ["fox · 1", "fox · 2", "owl · 1", "owl · 2"]


def test_a_name_that_is_no_axis_is_refused(run, table):
    with pytest.raises(ParameterError, match="no axis"):
        table.rows = "colour"
    with pytest.raises(ParameterError, match="no axis"):
        SweepTable(run, columns="colour")
    assert table.rows == ["animal"]


def test_any_sweep_can_be_looked_at():
    for sweep in (
        iw.Sweep("a fox"),
        iw.Sweep("{a}", a=["x"], repeat=3),
        iw.Sweep("{a}", iw.sample(3, seed=1), a=range(9)),
    ):
        table = SweepTable(Going(sweep))
        assert len(table) == 0
        table.close()


def test_pictures_of_the_history_are_not_held_by_the_table(tmp_path, run):
    with History(tmp_path / "history") as history:
        number = history.started(run.plan[0].request)
        history.finished(number, drawn(0))
        stored = history.entry(number).result
        run.finishes(0, stored)
        table = SweepTable(run)
        [image] = table.images
        assert image.bytes == drawn(0)[0].bytes
        assert "_data" not in image.__dict__
        assert image.kept.entry == number
        table.close()


def test_the_static_copy_is_a_table_within_its_budget(run, tmp_path):
    noise = Image.effect_noise((400, 400), 80).convert("RGB")
    path = tmp_path / "noise.png"
    noise.save(path)
    for index in range(16):
        if run.plan[index].valid:
            run.finishes(index, iw.ImageResult([iw.ResultImage(path.read_bytes())], request=None))
    table = SweepTable(run)
    pictures = {item.key: (item, table._thumbnails.start(item).result()) for item in table.items}
    for budget in (700_000, 60_000, 14_000):
        html = table_html(table.layout_of_cells, table._states(), pictures, marker="abc", budget=budget)
        assert len(html.encode()) + html.count('"') <= budget
        assert "&lt;b&gt;clay" in html
        assert "<b>clay" not in html
        assert "✗ invalid: size=" in html
    assert html.count("run the cell to see it") > 0
    assert 'class="imgwidgets-static imgwidgets-static-abc' in html
    table.close()


def test_the_static_copy_of_thousands_of_cells_stays_small():
    many = [f"word {i}" for i in range(60)]
    run = Going(iw.Sweep("{a} {b}", a=many, b=many))
    table = SweepTable(run, static=False)
    html = table_html(table.layout_of_cells, table._states(), {}, marker="abc", budget=700_000)
    assert len(html) < 400_000
    table.close()
