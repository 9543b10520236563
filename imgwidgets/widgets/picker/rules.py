"""What can be chosen next, under the catalog's rules across parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.catalog.rules import applies, is_given

if TYPE_CHECKING:
    from imgwidgets.catalog import Endpoint, ImageRequest, Rule
    from imgwidgets.widgets.picker.domain import Control
    from imgwidgets.widgets.picker.state import PickerState

__all__ = ["Offer", "blocked", "choices", "offer"]


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What can be clicked on one control now.

    Attributes
    ----------
    values : tuple
        Values that can be clicked; for a range, its (lowest, highest).
    reason : str
        Why the control is not offered at all; empty where it is.
    off : tuple of (value, str)
        Values that are out of reach now, each with the reason.
    """

    values: tuple[Any, ...] = ()
    reason: str = ""
    off: tuple[tuple[Any, str], ...] = ()


def choices(state: PickerState) -> dict[str, tuple[Any, ...]]:
    """Give all that goes with the present value as it stands.

    Returns
    -------
    dict
        For each control the values of a choice, the presets of a size, or the (lowest, highest) of a
        range (a million where there is no bound). A parameter that can only have its default now is
        left out, and so is free text.
    """
    offered: dict[str, tuple[Any, ...]] = {}
    for control in state.controls:
        good = tuple(v for v in control.probes if not state.faults(state.changed(control.name, v)))
        if not good or (good == (control.default,) and len(control.probes) > 1):
            continue
        if control.kind in ("slider", "number") or (control.kind == "fixed" and not control.values):
            good = (good[0], good[-1])
        offered[control.name] = good
    return offered


def offer(state: PickerState, control: Control) -> Offer:
    """Say what can be clicked on a control: more than :func:`choices`, since other wishes give way."""
    if control.kind in ("text", "json", "fields"):
        trial = "text" if control.kind == "text" else {"model": state.model}
        return Offer(reason=blocked(state, control.name, trial))
    good, off = [], []
    for value in control.probes:
        reason = blocked(state, control.name, value)
        if reason:
            off.append((value, reason))
        else:
            good.append(value)
    if off and all(value == control.default for value in good):
        return Offer(values=tuple(good), reason=off[0][1], off=tuple(off))
    if control.kind in ("slider", "number") and good:
        return Offer(values=(good[0], good[-1]))
    return Offer(values=tuple(good), off=tuple(off))


def blocked(state: PickerState, name: str, value: Any) -> str:
    """Say which rule keeps a value out of reach, or nothing.

    A rule has a direction. "Transparent needs png or webp" turns jpeg off while transparent is chosen,
    but never transparent: choosing that moves the format. "Compression needs jpeg or webp" lets
    compression appear, and never holds on to jpeg.
    """
    view = state.view
    if view is None or state.entry is None or view.borrowed:
        return ""
    trial = state.request(state.changed(name, value))
    given = is_given(name, trial, view)
    for rule in view.rules:
        if rule.advice or name in rule.when or not applies(rule, trial, view):
            continue
        if name in rule.when_given:
            if _breaks(rule, trial, view):
                return rule.message
        elif not rule.when_given and (
            value not in rule.require.get(name, (value,)) or (given and name in rule.forbid)
        ):
            return rule.message
    if name == "size":
        return next((problem.message for problem in state.faults(trial.parameters)), "")
    return ""


def _breaks(rule: Rule, trial: ImageRequest, view: Endpoint) -> bool:
    for name, values in rule.require.items():
        parameter = view.parameters.get(name)
        if trial.parameters.get(name, parameter.default if parameter else None) not in values:
            return True
    return any(is_given(name, trial, view) for name in rule.forbid) or any(
        not is_given(name, trial, view) for name in rule.need
    )
