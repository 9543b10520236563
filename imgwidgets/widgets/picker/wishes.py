"""From what was asked for to what holds: the newest wish first, and a sentence for what gives way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgwidgets.widgets import text
from imgwidgets.widgets.picker.rules import blocked, offer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from imgwidgets.widgets.picker.domain import Control
    from imgwidgets.widgets.picker.state import PickerState

__all__ = ["Wishes", "differences", "outcomes", "resolve"]


class Wishes:
    """What a person asked for, the newest last.

    Parameters
    ----------
    asked : mapping, optional
        Parameter -> value.
    strangers : iterable of str, optional
        Parameters among them that had no control when they were set: they are passed on unchecked.
    """

    def __init__(
        self, asked: Mapping[str, Any] | None = None, strangers: frozenset[str] = frozenset()
    ) -> None:
        self.asked = dict(asked or {})
        self.strangers = strangers

    def changed(self, name: str, value: Any, *, stranger: bool = False) -> Wishes:
        """Give a copy with one more wish; None takes one back."""
        asked = {key: held for key, held in self.asked.items() if key != name}
        strangers = self.strangers - {name}
        if value is not None:
            asked[name] = value
            strangers |= {name} if stranger else set()
        return Wishes(asked, strangers)


def resolve(state: PickerState, wishes: Wishes) -> dict[str, Any]:
    """Fulfil as many wishes as go together, the newest first."""
    held: dict[str, Any] = {}
    asked = wishes.asked
    waiting = [name for name in reversed(asked) if name in wishes.strangers or state.has_control(name)]
    progress = True
    while progress:  # a wish may need an older one to be there: frames need gif
        progress = False
        for name in list(waiting):
            if not state.faults({**held, name: asked[name]}):
                held[name] = asked[name]
                waiting.remove(name)
                progress = True
    for name in waiting:
        faults = state.faults({**held, name: asked[name]})
        near = next((problem.suggestion for problem in faults if problem.parameter == name), None)
        if near is not None and near != state.default(name) and not state.faults({**held, name: near}):
            held[name] = near
    return {name: value for name, value in held.items() if value != state.default(name)}


def outcomes(state: PickerState, wishes: Wishes) -> dict[str, Any]:
    """Give what holds now for each wish; None where the model has no such parameter."""
    return {
        name: state.current(name) if name in wishes.strangers or state.has_control(name) else None
        for name in wishes.asked
    }


def differences(
    state: PickerState, wishes: Wishes, before: Mapping[str, Any], *, explain: bool, chosen: str = ""
) -> Iterator[str]:
    """Say what became of the wishes, where that is not what it was.

    Parameters
    ----------
    state : PickerState
        After the change.
    wishes : Wishes
        Its wishes.
    before : mapping
        What held before for each; what is missing held as it was wished.
    explain : bool
        Whether the rule at fault is named.
    chosen : str
        A parameter that was just chosen: whoever did knows.
    """
    after = outcomes(state, wishes)
    controls = {control.name: control for control in state.controls}
    for name, wish in wishes.asked.items():
        old, new = before.get(name, wish), after[name]
        if old == new or name == chosen:
            continue
        if new == wish:
            yield f"{name} {text.literal(wish)} is back"
            continue
        control = controls.get(name)
        gone = new is None or (control is None and state.view is not None) or _withdrawn(state, control)
        what = f"{name} removed" if gone else f"{name} {text.literal(old)} → {text.literal(new)}"
        reason = _reason(state, name, wish) if explain else ""
        yield f"{what}: {reason}" if reason else what


def _withdrawn(state: PickerState, control: Control | None) -> bool:
    return control is not None and bool(offer(state, control).reason)


def _reason(state: PickerState, name: str, value: Any) -> str:
    problems = state.faults(state.changed(name, value))
    return blocked(state, name, value) or (problems[0].message if problems else "")
