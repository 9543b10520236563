"""Clicks as a front end sends them, in any order, never reach a value that cannot be sent."""

import tempfile

import ipywidgets as widgets
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from widgets.picking import KNOWN, PLACES, asked_by, faults, visible

import imgwidgets as iw
from imgwidgets.widgets import ParameterPicker
from imgwidgets.widgets.picker.state import PickerState

NUMBERS = st.one_of(st.integers(-5, 40), st.integers(-(10**9), 10**9))
WORDS = st.sampled_from(
    ["", " ", "7", "1e400", "-3", "2.5", "nan", "gpt-image-9", "<b>", "x" * 200, "16:9", "{"]
)


def clicked(data, part):
    """Do to one control what a person can do to it."""
    if isinstance(part, widgets.Button):
        part.click()
    elif isinstance(part, widgets.ToggleButton):
        part.value = not part.value
    elif isinstance(part, widgets.Dropdown | widgets.ToggleButtons):
        part.index = data.draw(st.integers(0, len(part.options) - 1))
    elif isinstance(part, widgets.IntSlider | widgets.FloatSlider):
        part.value = data.draw(st.integers(int(part.min), int(part.max)))
    elif isinstance(part, widgets.IntText):
        part.value = data.draw(NUMBERS)
    elif isinstance(part, widgets.FloatText):
        part.value = data.draw(st.floats(allow_nan=False, allow_infinity=False))
    elif isinstance(part, widgets.Text | widgets.Textarea | widgets.Combobox):
        part.value = data.draw(WORDS)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_sequence_of_clicks_leads_to_an_invalid_value(data):
    provider, model, endpoint = data.draw(st.sampled_from(KNOWN))
    with tempfile.TemporaryDirectory() as home, pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMGWIDGETS_HOME", home)  # presets of other runs would be choices of this one
        click_about(data, provider, model, endpoint)


def click_about(data, provider, model, endpoint):
    picker = ParameterPicker(model, endpoint=endpoint, provider=provider)
    try:
        for _ in range(data.draw(st.integers(1, 15))):
            clicked(data, data.draw(st.sampled_from(list(visible(picker)))))
            state = picker._desk.state
            assert not faults(state, state.parameters)
            assert picker.value == state.value
            assert (picker.model, picker.endpoint, picker.provider) == (
                state.model,
                state.endpoint,
                state.provider,
            )
            assert all(picker.value[name] != state.default(name) for name in state.parameters)
            assert {p.parameter for p in picker.problems} <= {"prompt"}
        if picker.value:
            request = asked_by(picker.code(), picker.provider)
            assert (request.model, request.parameters) == (picker.model, state.parameters)
    finally:
        picker.close()


@pytest.mark.parametrize(("provider", "model", "endpoint"), PLACES)
@pytest.mark.filterwarnings("ignore::imgwidgets.errors.UnknownParameterWarning")
def test_the_code_sends_the_request_that_was_chosen(provider, model, endpoint):
    state = PickerState(model, endpoint=endpoint, provider=provider)
    chosen = [{}]
    for name, values in state.choices.items():
        chosen += [state.changed(name, values[0]), state.changed(name, values[-1])]
    for parameters in chosen:
        state.assign(parameters)
        sent = asked_by(state.code(), provider)
        wanted = state.request().replace(prompt="a red fox", images=sent.images, mask=sent.mask)
        assert sent.key == wanted.key
        assert bool(sent.images) == (endpoint == "edits")


def test_the_code_of_a_stream_gives_its_result_over_real_http():
    picker = ParameterPicker("gpt-image-2.6-flare")
    picker.value = {"stream": True, "partial_images": 1, "quality": "low", "size": "1024x1024"}
    with iw.Client(history=False) as client:
        result = eval(picker.code(), {"client": client, "prompt": "a red fox"})
    assert result[0].size == (1024, 1024)
    assert result.request.parameters == {
        "stream": True,
        "partial_images": 1,
        "quality": "low",
        "size": "1024x1024",
    }
