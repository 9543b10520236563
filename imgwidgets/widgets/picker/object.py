"""A parameter that is an object, one control for each of its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from imgwidgets.widgets import text
from imgwidgets.widgets.picker.controls import NOT_SENT, Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from imgwidgets.widgets.picker.state import Offer, PickerState

__all__ = ["ObjectRow", "leaves", "put"]

Path = tuple[str, ...]


def leaves(fields: Mapping[str, Any], above: Path = ()) -> Iterator[tuple[Path, tuple[Any, ...]]]:
    """Give each field's path and its values; no values mean free text.

    Examples
    --------
    >>> list(leaves({"model": "text", "reasoning": {"effort": ["low", "high"]}}))
    [(('model',), ()), (('reasoning', 'effort'), ('low', 'high'))]
    """
    for name, kind in fields.items():
        if isinstance(kind, dict):
            yield from leaves(kind, (*above, name))
        else:
            yield (*above, name), tuple(kind) if isinstance(kind, list | tuple) else ()


def put(held: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """Give a copy with one field changed; None takes it out, and what is empty then.

    Examples
    --------
    >>> put({"model": "gpt-5"}, ("reasoning", "effort"), "low")
    {'model': 'gpt-5', 'reasoning': {'effort': 'low'}}
    >>> put({"reasoning": {"effort": "low"}}, ("reasoning", "effort"), None)
    {}
    """
    name, *below = path
    inner: Any = value
    if below:
        under = held.get(name)
        inner = put(under if isinstance(under, dict) else {}, tuple(below), value) or None
    rest = {key: one for key, one in held.items() if key != name or inner is not None}
    return rest if inner is None else {**rest, name: inner}


class ObjectRow(Row):
    """One control for each field; what has none of its own (set from Python) is kept."""

    def _build(self) -> widgets.Widget:
        self._held: dict[str, Any] = {}
        self.fields: dict[Path, widgets.Widget] = {}
        for path, values in leaves(self.control.fields):
            words = {"description": " ".join((self.control.label, *path)), "tooltip": self.control.help}
            if values:
                options = [("default", NOT_SENT), *((text.literal(value), value) for value in values)]
                made = widgets.Dropdown(options=options, **words)
            else:
                made = widgets.Text(placeholder="default", continuous_update=False, **words)
            made.add_class("iw-control")
            made.observe(lambda change, path=path: self._changed(path, change["new"]), "value")
            self.fields[path] = made
        box = widgets.VBox(list(self.fields.values()))
        box.add_class("iw-size")
        return box

    def _changed(self, path: Path, said: Any) -> None:
        value = None if said is NOT_SENT else said.strip() if isinstance(said, str) else said
        self._tell(put(self._held, path, value or None) or None)

    def _show(self, state: PickerState, value: Any, offer: Offer) -> None:  # noqa: ARG002 (as all rows)
        self._held = value if isinstance(value, dict) else {}
        for path, part in self.fields.items():
            held: Any = self._held
            for name in path:
                held = held.get(name) if isinstance(held, dict) else None
            if isinstance(part, widgets.Text):
                part.value = "" if held is None else text.literal(held)
            else:
                listed = [one for _, one in part.options]
                if held is not None and held not in listed:
                    part.options = [*part.options, (f"{text.literal(held)} (not listed)", held)]
                part.value = NOT_SENT if held is None else held
