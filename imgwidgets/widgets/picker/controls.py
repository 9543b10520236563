"""The picker's controls: one row for each parameter, made of ipywidgets.

A row knows how to show a value and how to tell what was clicked; it decides nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from imgwidgets.widgets import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from imgwidgets.widgets.picker.domain import Control
    from imgwidgets.widgets.picker.state import Offer, PickerState

__all__ = ["NOT_SENT", "ChoiceRow", "FixedRow", "OpenRow", "Row", "TextRow", "button", "html"]

NOT_SENT = object()
"""The option "default", where the provider's default is not known."""

_ANOTHER = object()  # the option that opens a box


def html(value: str = "", *classes: str) -> widgets.HTML:
    """Make an element whose text has been through ``text.escape``."""
    element = widgets.HTML(value)
    for name in classes:
        element.add_class(name)
    return element


def button(label: str, tooltip: str, act: Callable[[], None], *classes: str) -> widgets.Button:
    """Make a small, quiet button."""
    made = widgets.Button(description=label, tooltip=tooltip)
    for name in ("iw-small", *classes):
        made.add_class(name)
    made.on_click(lambda _: act())
    return made


class Row:
    """One parameter: label, control, reset button, help.

    Parameters
    ----------
    control : Control
        What it offers.
    choose : callable
        Called with (name, value) when somebody chose; value None is the default.

    Attributes
    ----------
    message : str
        What became of the last thing that was typed here.
    """

    def __init__(self, control: Control, choose: Callable[[str, Any], None]) -> None:
        self.control = control
        self.message = ""
        self._choose = choose
        self.input = self._build()
        self.input.add_class("iw-control")
        # Its text is its name for screen readers; the style sheet draws an arrow instead.
        name = f"Reset {control.label}"
        self.reset = button(name, name, lambda: self._choose(control.name, None), "iw-reset")
        self.help = html("", "iw-help")
        self.widget = widgets.HBox([self.input, self.reset, self.help])
        self.widget.add_class("iw-row")

    def show(self, state: PickerState, offer: Offer) -> None:
        """Bring the row in line with the state."""
        name = self.control.name
        self.widget.layout.display = "none" if offer.reason else None
        if offer.reason:
            return
        self._show(state, state.current(name), offer)
        if name in state.parameters:
            self.widget.add_class("iw-changed")
        else:
            self.widget.remove_class("iw-changed")
        lines = [text.escape(" ".join(filter(None, (self.control.help, self.control.note))))]
        reasons: dict[str, list[str]] = {}
        for value, reason in offer.off:
            reasons.setdefault(reason, []).append(text.literal(value))
        lines += [
            f'<span class="iw-off">{text.escape(_and(values))} off: {text.escape(reason)}</span>'
            for reason, values in reasons.items()
        ]
        if self.message:
            lines.append(f'<span class="iw-said" role="status">{text.escape(self.message)}</span>')
        self.help.value = "".join(lines)

    def fitted(self, state: PickerState, value: Any) -> Any:  # noqa: ARG002 (the same for all rows)
        """Give the valid value that was meant, and say in ``message`` where that is another one."""
        return value

    def _build(self) -> widgets.Widget:
        raise NotImplementedError

    def _show(self, state: PickerState, value: Any, offer: Offer) -> None:
        raise NotImplementedError

    def _tell(self, value: Any) -> None:
        self._choose(self.control.name, value)


class ChoiceRow(Row):
    """Toggle buttons for a few values, a dropdown for more."""

    def _build(self) -> widgets.Widget:
        kind = widgets.ToggleButtons if self.control.kind == "toggle" else widgets.Dropdown
        made = kind(
            options=[("default", NOT_SENT)], description=self.control.label, tooltip=self.control.help
        )
        made.observe(self._changed, "value")
        return made

    def _changed(self, change: Any) -> None:
        self._tell(None if change["new"] is NOT_SENT else change["new"])

    def _show(self, state: PickerState, value: Any, offer: Offer) -> None:  # noqa: ARG002 (as all rows)
        options: list[tuple[str, Any]] = [(text.literal(one), one) for one in offer.values]
        if self.control.default is None:
            options.insert(0, ("default", NOT_SENT))
        held = NOT_SENT if value is None else value
        if all(held is not one and held != one for _, one in options):
            # Passed on unchecked, or set from Python: shown as it is.
            options.append((f"{text.literal(value)} (not listed)", held))
        if options != list(self.input.options):
            self.input.options = options
        if self.input.value is not held and self.input.value != held:
            self.input.value = held


class FixedRow(Row):
    """The only value that there is."""

    def _build(self) -> widgets.Widget:
        return widgets.HTML(description=self.control.label, tooltip=self.control.help)

    def _show(self, state: PickerState, value: Any, offer: Offer) -> None:  # noqa: ARG002 (as all rows)
        self.input.value = f'<span class="iw-only">{text.escape(text.literal(value))}</span>'


class OpenRow(Row):
    """Known values to pick from, and a box for others."""

    def _build(self) -> widgets.Widget:
        label, about = self.control.label, self.control.help
        options = [(text.literal(value), value) for value in self.control.values]
        if self.control.default is None:
            options.insert(0, ("default", NOT_SENT))
        self.known = widgets.Dropdown(
            options=[*options, ("another value…", _ANOTHER)], description=label, tooltip=about
        )
        self.other = widgets.Text(
            description=f"{label}, another value", tooltip=about, continuous_update=False
        )
        self.known.observe(self._picked, "value")
        self.other.observe(lambda change: self._tell(change["new"].strip() or None), "value")
        self.known.add_class("iw-control")
        self.other.add_class("iw-control")
        self.other.add_class("iw-unlabelled")
        box = widgets.VBox([self.known, self.other])
        box.add_class("iw-size")
        return box

    def _picked(self, change: Any) -> None:
        if change["new"] is _ANOTHER:
            self.other.layout.display = None
        else:
            self._tell(None if change["new"] is NOT_SENT else change["new"])

    def _show(self, state: PickerState, value: Any, offer: Offer) -> None:  # noqa: ARG002 (as all rows)
        held = NOT_SENT if value is None else value
        listed = any(held is one or held == one for _, one in self.known.options)
        shown = held if listed else _ANOTHER
        if self.known.value is not shown and self.known.value != shown:
            self.known.value = shown
        self.other.value = "" if listed else text.literal(value)
        self.other.layout.display = "none" if listed else None


class TextRow(Row):
    """Free text, or an object as JSON."""

    def _build(self) -> widgets.Widget:
        made = widgets.Text(
            description=self.control.label,
            tooltip=self.control.help,
            placeholder='{"key": "value"}' if self.control.kind == "json" else _placeholder(self.control),
            continuous_update=False,
        )
        made.observe(self._changed, "value")
        return made

    def _changed(self, change: Any) -> None:
        said = change["new"].strip()
        if not said:
            self._tell(None)
        elif self.control.kind == "json":
            try:
                value = json.loads(said)
            except ValueError:
                value = said  # the catalog says what is wrong with it
            self._tell(value)
        else:
            self._tell(said)

    def _show(self, state: PickerState, value: Any, offer: Offer) -> None:  # noqa: ARG002 (as all rows)
        is_default = value is None or value == self.control.default
        said = "" if is_default else json.dumps(value) if self.control.kind == "json" else str(value)
        if self.input.value.strip() != said:
            self.input.value = said


def _placeholder(control: Control) -> str:
    return "default" if control.default is None else f"{text.literal(control.default)} (default)"


def _and(words: Iterable[str]) -> str:
    said = list(words)
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
