"""What the picker holds, as Python."""

from __future__ import annotations

from keyword import iskeyword
from typing import TYPE_CHECKING

from imgwidgets.catalog.rules import applies

if TYPE_CHECKING:
    from imgwidgets.widgets.picker.state import PickerState

__all__ = ["call"]

_LINE = 88  # characters; a longer call gets a line for each argument
_METHODS = {"generations": "generate", "edits": "edit"}


def call(state: PickerState) -> str:
    """Give the shortest Python call that sends the present value.

    Returns
    -------
    str
        In terms of ``client`` and ``prompt``; for edits ``image``, and ``mask`` where one is taken.
    """
    parameters = state.parameters
    words = ["prompt"]
    if state.endpoint == "edits":
        words = ["image", "prompt", *(["mask=mask"] if _takes_mask(state) else [])]
    words.append(f"model={state.model!r}")
    odd = {name: value for name, value in parameters.items() if not name.isidentifier() or iskeyword(name)}
    words += [f"{name}={value!r}" for name, value in parameters.items() if name not in odd]
    words += [f"**{odd!r}"] if odd else []
    # A stream too: generate(stream=True) sends what generate_stream sends, and gives its result.
    method = f"client.{_METHODS[state.endpoint]}"
    said = f"{method}({', '.join(words)})"
    if len(said) > _LINE:
        said = f"{method}(\n    " + ",\n    ".join(words) + ",\n)"
    return said


def _takes_mask(state: PickerState) -> bool:
    view = state.view
    mask = view.inputs.get("mask") if view else None
    if view is None or mask is None or mask.refused:
        return False
    request = state.request()
    return not any("mask" in rule.forbid and applies(rule, request, view) for rule in view.rules)
