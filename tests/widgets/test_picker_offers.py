"""What is offered is what the catalog accepts and the sandbox takes, for every model of every provider."""

import random

import pytest
from widgets.picking import KNOWN, PLACES, faults, taken_by_sandbox, whole

from imgwidgets.widgets.picker.state import PickerState


def offered(state):
    """Give every value of every control that goes with the present ones; of a range, the ends that it has."""
    choices = state.choices
    for control in state.controls:
        if control.kind == "number" and control.maximum is None and control.name in choices:
            choices[control.name] = choices[control.name][:1]
    return choices


def everywhere():
    """Give every value that any place of the catalog lists, by parameter."""
    found = {}
    for provider, model, endpoint in KNOWN:
        for parameter in PickerState(model, endpoint=endpoint, provider=provider).view.parameters.values():
            found.setdefault(parameter.name, {}).update(dict.fromkeys(parameter.values))
    return found


EVERYWHERE = everywhere()


@pytest.mark.parametrize(("provider", "model", "endpoint"), PLACES)
def test_every_single_value_on_offer_is_taken_by_the_catalog_and_the_sandbox(provider, model, endpoint):
    state = PickerState(model, endpoint=endpoint, provider=provider)
    assert taken_by_sandbox(whole(state, {})) is None
    for name, values in offered(state).items():
        for value in values:
            parameters = state.changed(name, value)
            assert not faults(state, parameters), parameters
            assert taken_by_sandbox(whole(state, parameters)) is None, parameters


@pytest.mark.parametrize(("provider", "model", "endpoint"), PLACES)
def test_no_value_that_another_model_has_is_missing_here_though_it_is_taken(provider, model, endpoint):
    state = PickerState(model, endpoint=endpoint, provider=provider)
    choices = offered(state)
    for control in state.controls:
        parameter = state.view.parameters[control.name]
        if control.name not in choices or parameter.open or control.kind in ("slider", "number"):
            continue
        for value in EVERYWHERE[control.name]:
            accepted = not faults(state, {control.name: value})
            if state.view.borrowed:
                # What is not known to be wrong passes with a note; the picker offers what is known.
                assert value not in choices[control.name] or accepted
            elif parameter.size is None or not parameter.size.free:
                assert (value in choices[control.name]) == accepted, (control.name, value)
                if not accepted:
                    assert taken_by_sandbox(whole(state, {control.name: value})) is not None


@pytest.mark.parametrize(("provider", "model", "endpoint"), PLACES)
def test_a_range_ends_where_the_catalog_and_the_sandbox_end(provider, model, endpoint):
    state = PickerState(model, endpoint=endpoint, provider=provider)
    for control in state.controls:
        if control.kind != "slider" or control.name not in state.choices or state.view.borrowed:
            continue
        low, high = state.choices[control.name]
        for value in (low - 1, high + 1):
            assert faults(state, {control.name: value})
            assert taken_by_sandbox(whole(state, {control.name: value})) is not None


@pytest.mark.parametrize(("provider", "model", "endpoint"), PLACES)
def test_every_pair_on_offer_is_taken_by_the_catalog_and_some_by_the_sandbox(provider, model, endpoint):
    state = PickerState(model, endpoint=endpoint, provider=provider)
    luck = random.Random(f"{provider} {model} {endpoint}")
    pairs = []
    for name, values in offered(state).items():
        for value in values:
            state.assign(state.changed(name, value))
            held = state.parameters
            for other, others in offered(state).items():
                pairs += [state.changed(other, one) for one in others if other != name]
            for pair in pairs[-luck.randint(1, 3) :]:
                assert taken_by_sandbox(whole(state, pair)) is None, pair
            assert state.parameters == held
            state.reset()
    for pair in pairs:
        assert not faults(state, pair), pair
