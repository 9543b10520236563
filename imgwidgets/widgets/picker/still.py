"""The still copy of a picker: what a saved notebook shows where no kernel runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgwidgets.widgets import text
from imgwidgets.widgets.picker.words import price

if TYPE_CHECKING:
    from imgwidgets.widgets.picker.domain import Control
    from imgwidgets.widgets.picker.state import PickerState

__all__ = ["still_html"]

_CELL = "padding:2px 16px 2px 0;text-align:left;vertical-align:top;font-weight:"


def still_html(state: PickerState, *, prompt: bool = True) -> str:
    """Give what is chosen as a small table; the picker's style sheet hides it where the picker lives.

    Parameters
    ----------
    state : PickerState
        What is chosen.
    prompt : bool
        Whether the prompt is part of it.
    """
    title = state.supplier.title or state.provider
    facts = {"model": f"{state.model}, {title}, {state.endpoint}"}
    facts |= {"prompt": text.shorten(state.prompt, 400)} if prompt and state.prompt else {}
    facts |= {control.label: text.literal(state.current(control.name)) for control in _telling(state)}
    known = {control.name for control in state.controls}
    facts |= {name: text.literal(one) for name, one in state.parameters.items() if name not in known}
    changed = {"model", "prompt", *state.parameters, *(name.replace("_", " ") for name in state.parameters)}
    rows = "".join(
        f'<tr><th scope="row" style="{_CELL}normal">{text.escape(name)}</th>'
        f'<td style="{_CELL}{"600" if name in changed else "normal"}">{text.escape(said)}</td></tr>'
        for name, said in facts.items()
    )
    return (
        '<div class="imgwidgets-picker-still mathjax_ignore tex2jax_ignore">'
        f'<table style="border-collapse:collapse;margin:0">{rows}</table>'
        f'<p style="margin:4px 0">{text.escape(price(state))}</p>'
        f'<pre style="margin:0;white-space:pre-wrap">{text.escape(state.code())}</pre></div>'
    )


def _telling(state: PickerState) -> list[Control]:
    """Give the parameters that apply and have a value to tell."""
    return [
        control
        for control in state.controls
        if state.current(control.name) is not None and not state.offer(control).reason
    ]
