"""What was typed, and the valid value that is nearest to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgwidgets.catalog import SizeRule, nearest_size
from imgwidgets.catalog.rules import applies
from imgwidgets.widgets import text
from imgwidgets.widgets.picker.domain import snapped

if TYPE_CHECKING:
    from imgwidgets.widgets.picker.state import PickerState

__all__ = ["nearest", "size_rule", "snap"]

_LONGEST = 99_999  # pixels; a longer edge is a slip of the hand


def size_rule(state: PickerState) -> SizeRule | None:
    """Say which free sizes are valid now: a rule may replace the parameter's own (a gif's sizes)."""
    view = state.view
    parameter = view.parameters.get("size") if view else None
    if view is None or parameter is None or parameter.size is None or not parameter.size.free:
        return None
    if state.entry is None:
        return SizeRule(free=True)  # the rules of a model that is not known would be a guess
    if view.borrowed:
        return parameter.size  # its rules are only notes
    request = state.request()
    active = (r.size for r in view.rules if r.size and not r.advice and applies(r, request, view))
    return next(active, parameter.size)


def snap(state: PickerState, asked: tuple[int, int]) -> tuple[str, str]:
    """Give the nearest valid size, as the API writes it, and what was changed."""
    width, height = (min(max(1, edge), _LONGEST) for edge in asked)
    rule = size_rule(state)
    if rule is None:
        return f"{width}x{height}", ""
    near = nearest_size(rule, (width, height))
    return f"{near[0]}x{near[1]}", snapped(rule, asked, near)


def nearest(state: PickerState, name: str, value: Any) -> tuple[Any, str]:
    """Give the nearest valid value of a parameter, and what was changed."""
    problems = (p for p in state.faults(state.changed(name, value)) if p.parameter == name)
    problem = next(problems, None)
    control = next((control for control in state.controls if control.name == name), None)
    near = problem.suggestion if problem else None
    if problem is None and control is not None and state.entry is not None:
        # Where nobody documents a provider's own bounds, the maker's are what can be offered.
        near = control.clipped(value)
    if near is None or near == value:
        return value, ""
    said = f"{text.literal(value)} → {text.literal(near)}"
    return near, f"{said}: {control.bounds}" if control and control.bounds else said
