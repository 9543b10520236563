import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from widgets.picking import KNOWN, PLACES, faults, is_valid

from imgwidgets.catalog import current, parse_size
from imgwidgets.errors import CatalogError, ParameterError
from imgwidgets.widgets.picker.domain import control_of
from imgwidgets.widgets.picker.state import PickerState


@pytest.mark.parametrize(("provider", "model", "endpoint"), PLACES)
def test_each_accepted_parameter_that_is_not_hidden_has_a_control(provider, model, endpoint):
    state = PickerState(model, endpoint=endpoint, provider=provider)
    expected = {
        name
        for name, parameter in state.view.accepted.items()
        if not parameter.hidden and name not in ("prompt", "image", "mask", "markup")
    }
    assert {control.name for control in state.controls} == expected
    for control in state.controls:
        if control.kind == "toggle":
            assert 1 <= len(control.values) <= 4
        assert control.help


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_sequence_of_clicks_leads_to_an_invalid_value(data):
    provider, model, endpoint = data.draw(st.sampled_from(KNOWN))
    state = PickerState(model, endpoint=endpoint, provider=provider)
    for _ in range(data.draw(st.integers(1, 12))):
        if data.draw(st.integers(0, 4)) == 0:
            provider, model, endpoint = data.draw(st.sampled_from(KNOWN))
            state.move(provider=provider, model=model, endpoint=endpoint)
        else:
            controls = [c for c in state.controls if c.kind not in ("text", "json")]
            offered = [(c, state.offer(c)) for c in controls]
            open_now = [(c, o) for c, o in offered if not o.reason and o.values]
            control, offer = data.draw(st.sampled_from(open_now))
            if control.kind in ("slider", "number"):
                low, high = offer.values
                value = data.draw(st.integers(int(low), int(high)))
            elif control.size is not None and data.draw(st.booleans()):
                value, _ = state.snap(data.draw(st.integers(1, 5000)), data.draw(st.integers(1, 5000)))
            else:
                value = data.draw(st.sampled_from(offer.values))
            state.choose(control.name, value)
            assert state.current(control.name) == value, "a click does what it says"
        assert is_valid(state)
        assert all(state.value[name] != state.default(name) for name in state.parameters)
        for name, values in state.choices.items():
            for value in values:
                assert not faults(state, state.changed(name, value))


def test_transparent_turns_jpeg_off_and_says_why():
    state = PickerState("gpt-image-2")
    state.choose("output_format", "jpeg")
    state.choose("background", "transparent")
    assert state.value == {"model": "gpt-image-2", "background": "transparent"}
    assert state.remarks[0].startswith("output_format jpeg → png: a transparent background needs")
    assert "jpeg" not in state.choices["output_format"]
    control = next(c for c in state.controls if c.name == "output_format")
    [(value, reason)] = state.offer(control).off
    assert value == "jpeg"
    assert "transparent" in reason


def test_compression_appears_only_with_jpeg_or_webp_and_does_not_hold_on_to_them():
    state = PickerState("gpt-image-2")
    control = next(c for c in state.controls if c.name == "output_compression")
    assert "output_compression" not in state.choices
    assert "jpeg and webp" in state.offer(control).reason
    state.choose("output_format", "jpeg")
    assert state.choices["output_compression"] == (0, 100)
    assert not state.offer(control).reason
    state.choose("output_compression", 40)
    state.choose("output_format", "png")
    assert state.value == {"model": "gpt-image-2"}
    assert state.remarks == (
        "output_compression removed: only jpeg and webp files are compressed by degrees",
    )
    state.choose("output_format", "webp")
    assert state.value["output_compression"] == 40
    assert state.remarks == ("output_compression 40 is back",)


def test_gif_and_svg_switch_their_own_fields_on_and_excluded_ones_off():
    state = PickerState("gpt-image-2.6-flare")
    assert not {"frame_count", "svg"} & set(state.choices)
    state.choose("n", 4)
    state.choose("output_format", "gif")
    assert state.choices["frame_count"] == (2, 16)
    state.choose("frame_count", 4)
    state.choose("output_format", "svg")
    assert state.value == {"model": "gpt-image-2.6-flare", "output_format": "svg"}
    assert set(state.remarks) == {
        "n removed: an svg comes alone and whole",
        "frame_count removed: only a gif has frames",
    }


def test_switching_the_model_keeps_what_is_valid_and_brings_the_rest_back():
    state = PickerState("gpt-image-2.5-flare", endpoint="edits")
    state.assign({"quality": "xhigh", "size": "2048x1152", "output_format": "webp"})
    state.move(model="gpt-image-1.5")
    assert state.value == {
        "model": "gpt-image-1.5",
        "quality": "high",
        "size": "1536x1024",
        "output_format": "webp",
    }
    assert set(state.remarks) == {"quality xhigh → high", "size 2048x1152 → 1536x1024"}
    state.choose("input_fidelity", "high")
    state.move(model="gpt-image-2.5-flare")
    assert state.parameters == {"size": "2048x1152", "quality": "xhigh", "output_format": "webp"}
    assert "quality xhigh is back" in state.remarks
    assert "input_fidelity removed" in state.remarks
    state.move(model="gpt-image-1.5")
    assert state.parameters["input_fidelity"] == "high"


def test_a_provider_without_the_model_gets_its_own_default():
    state = PickerState("gpt-image-2.6-flare", provider="openai")
    state.move(provider="ttapi")
    assert state.model == current().provider("ttapi").default_model
    assert is_valid(state)


@pytest.mark.parametrize(
    ("value", "parameter"),
    [
        ({"size": "1000x1000"}, "size"),
        ({"quality": "max"}, "quality"),
        ({"n": 11}, "n"),
        ({"n": "4"}, "n"),
        ({"background": "transparent", "output_format": "jpeg"}, "output_format"),
        ({"output_compression": 50}, "output_compression"),
        ({"model": "no-such-model"}, "model"),
        ({"model": 3}, "model"),
        ({"prompt": "a fox"}, "prompt"),
        ({"mask": b""}, "mask"),
        ({"style": "vivid"}, "style"),
    ],
)
def test_an_invalid_value_is_refused_and_changes_nothing(value, parameter):
    state = PickerState("gpt-image-2")
    state.assign({"quality": "low", "n": 2})
    with pytest.raises(ParameterError) as caught:
        state.assign(value)
    assert caught.value.problems[0].parameter == parameter
    assert state.value == {"model": "gpt-image-2", "quality": "low", "n": 2}


def test_a_value_equal_to_the_default_is_not_part_of_the_value():
    state = PickerState("gpt-image-2")
    state.assign({"quality": "auto", "n": 1, "size": "1024x1024", "moderation": None})
    assert state.value == {"model": "gpt-image-2", "size": "1024x1024"}


def test_a_model_that_the_catalog_does_not_know_is_passed_on_with_a_note():
    state = PickerState("gpt-image-9", provider="openai")
    assert state.entry is None
    state.choose("quality", "high")
    assert state.value == {"model": "gpt-image-9", "quality": "high"}
    assert "unchecked" in state.notes[0]
    assert state.estimate is None


def test_an_unknown_parameter_set_from_python_is_kept_with_a_note():
    state = PickerState("gpt-image-2", provider="openai")
    state.assign({"seed": 7})
    assert state.value == {"model": "gpt-image-2", "seed": 7}
    assert "seed" in state.notes[0]
    state.choose("quality", "low")
    assert state.value["seed"] == 7


def test_a_complete_provider_has_no_other_models():
    with pytest.raises(ParameterError, match="gpt-image-2"):
        PickerState("gpt-imag-2", provider="sandbox")
    with pytest.raises(ParameterError, match="name a model"):
        PickerState("", provider="localai")
    with pytest.raises(CatalogError, match="endpoint"):
        PickerState("gpt-image-2", endpoint="variations")
    with pytest.raises(CatalogError):
        PickerState("gpt-image-2", provider="nobody")


def test_snapping_says_what_it_did():
    state = PickerState("gpt-image-2")
    assert state.snap(1000, 1000) == ("1008x1008", "1000 → 1008: multiples of 16")
    size, said = state.snap(5000, 5000)
    assert parse_size(size) == (2880, 2880)
    assert "pixels" in said
    assert state.snap(1024, 1024) == ("1024x1024", "")


def test_the_code_leaves_the_mask_out_where_none_is_taken():
    state = PickerState("gpt-image-2.6-flare", endpoint="edits")
    assert "mask=mask" in state.code()
    state.choose("output_format", "gif")
    assert "mask" not in state.code()


def test_the_estimate_follows_every_choice():
    state = PickerState("gpt-image-2")
    low, high = state.estimate
    assert low < high
    state.assign({"quality": "high", "size": "1024x1024", "n": 4})
    low, high = state.estimate
    assert low == high == pytest.approx(4 * 0.2107, abs=0.001)


def test_two_to_four_values_are_toggles_and_more_a_dropdown():
    view = current().model("gpt-image-2.6-flare").endpoints["generations"]
    kinds = {name: control_of(parameter).kind for name, parameter in view.accepted.items()}
    assert kinds["background"] == "toggle"
    assert kinds["quality"] == "dropdown"
    assert kinds["n"] == "slider"
    assert kinds["size"] == "size"
    assert kinds["frame_duration_ms"] == "number"
