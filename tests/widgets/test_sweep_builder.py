"""A sweep made by hand: rows for the template's fields and the picker's choices, a plan, a start."""

import pytest

import imgwidgets as iw
from imgwidgets.widgets import SweepBuilder, text
from imgwidgets.widgets.sweep.page import price_words


@pytest.fixture(scope="module")
def sandbox():
    with iw.Sandbox() as running:
        yield running


@pytest.fixture
def client(sandbox):
    with iw.Client("sandbox", base_url=sandbox.base_url, history=False) as made:
        yield made


@pytest.fixture
def builder(client):
    picker = iw.ParameterPicker("gpt-image-2", provider="sandbox")
    picker.value = {"quality": "low", "size": "1024x1024"}
    made = SweepBuilder(picker, client)
    yield made
    made.close()


def rows(builder):
    return {name: row.values for name, row in builder._rows.items()}


def test_each_field_of_the_template_has_a_row(builder):
    assert list(rows(builder)) == ["animal", "style"]
    builder.template = "a {bird} at {time}"
    assert rows(builder) == {"bird": [], "time": []}
    assert builder.plan is None
    assert "bird" in builder._said.value
    builder._rows["bird"].editor._area.value = "owl\n\n wren "
    builder._rows["time"].editor._area.value = "noon"
    assert builder.axes == {"bird": ["owl", "wren"], "time": ["noon"]}
    assert [cell.request.prompt for cell in builder.plan] == ["a owl at noon", "a wren at noon"]


def test_parameters_are_added_from_what_the_pickers_model_takes(builder):
    assert "quality" in builder._add.options
    assert "input_fidelity" not in builder._add.options
    builder._add.value = "quality"
    assert rows(builder)["quality"] == ["low"], "it begins with the picker's value"
    builder._rows["quality"].editor._buttons[2].value = True
    assert rows(builder)["quality"] == ["low", "medium"]
    assert len(builder.plan) == 8
    builder._add.value = "n"
    builder._rows["n"].editor._text.value = "1, 2, many"
    assert rows(builder)["n"] == [1, 2, "many"]
    assert builder.plan.counts["invalid"] == 8
    builder._rows["n"].children[-1].click()
    assert "n" not in builder.axes
    assert "n" in builder._add.options


def test_axes_can_be_set_from_python(builder):
    builder.axes = {
        "animal": ["fox"],
        "style": ["ink"],
        "size": ["1536x1024", "1040x1040"],
        "model": ["gpt-image-2"],
    }
    assert rows(builder)["size"] == ["1536x1024", "1040x1040"], "a size of one's own too"
    assert [cell.request.parameters["size"] for cell in builder.plan] == ["1536x1024", "1040x1040"]
    builder.repeat = 3
    assert len(builder.plan) == 6
    space = {}
    exec(builder.code(), space)
    assert [cell.key for cell in space["sweep"].cells()] == [cell.key for cell in builder.sweep.cells()]


def test_the_pickers_model_and_values_are_what_is_fixed(builder):
    assert {cell.request.parameters["quality"] for cell in builder.plan} == {"low"}
    builder.axes = {**builder.axes, "quality": ["low", "xhigh"]}
    builder.picker.model = "gpt-image-1"
    assert "xhigh" not in rows(builder).get("quality", [])
    assert {cell.request.model for cell in builder.plan} == {"gpt-image-1"}
    assert {cell.provider for cell in builder.plan} == {"sandbox"}


def test_images_and_masks_are_given_as_inputs(builder):
    mask = iw.Mask.blank((64, 64)).rectangle((0, 0, 32, 64))
    builder.picker.endpoint = "edits"
    assert builder.plan.counts["invalid"] == 4
    builder.inputs = {"image": mask.to_png(), "mask": mask}
    assert builder.plan.to_send == 4
    assert builder.plan[0].request.mask is not None


def test_a_template_that_is_half_written_says_so_and_keeps_the_rows(builder):
    builder.template = "a {animal"
    assert builder.plan is None
    assert builder._start.disabled
    assert "{{" in builder._said.value
    builder.template = "a {animal} & <i>"
    assert rows(builder)["animal"] == ["fox", "owl"]
    assert not builder._start.disabled
    assert builder._said.value == ""


def test_start_sends_what_the_plan_says_and_shows_the_run(builder):
    assert builder._start.description == "Start: 4 images, free in the sandbox"
    assert price_words(builder.plan) == "free in the sandbox, else $0.024"
    assert text.escape(price_words(builder.plan)) in builder._page.value
    builder.budget = 0.5
    builder._start.click()
    run = builder.run
    run.wait(60)
    assert run.budget == 0.5
    assert [outcome.status for outcome in run.outcomes] == ["done"] * 4
    assert builder._place.children == (builder._panel,)
    assert builder._panel.run is run


def test_without_a_picker_it_brings_its_own():
    builder = SweepBuilder()
    assert builder.children[0] is builder.picker
    assert builder.plan is not None
    builder.close()


def test_a_template_in_the_pickers_prompt_is_taken_over():
    builder = SweepBuilder(iw.ParameterPicker(provider="sandbox", prompt="a {thing}"))
    assert builder.template == "a {thing}"
    assert "thing" in builder._rows
    builder.close()


def test_a_run_that_cannot_begin_says_why(builder, monkeypatch):
    def refused(*_, **__):
        raise iw.errors.AuthenticationError("no API key for <openai>")

    monkeypatch.setattr(iw.Sweep, "run", refused)
    assert builder.start() is None
    assert "no API key for &lt;openai&gt;" in builder._said.value


def test_an_old_run_does_not_stay_under_a_new_error(builder, monkeypatch):
    builder.start().wait(60)

    def refused(*_, **__):
        raise iw.errors.AuthenticationError("no API key")

    monkeypatch.setattr(iw.Sweep, "run", refused)
    builder.start()
    assert builder._place.children == ()


def test_a_price_that_is_not_known_is_not_called_zero():
    builder = SweepBuilder(iw.ParameterPicker("my-model", provider="openai-compatible"))
    assert builder._start.description == "Start: 4 images, no price known"
    assert text.escape("$0.00") not in builder._page.value
    builder.close()
