"""The picker's controls: one row for each parameter, made of ipywidgets.

A row knows how to show a value and how to tell what was clicked; it decides nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from imgwidgets.catalog import parse_size
from imgwidgets.widgets import text
from imgwidgets.widgets.picker_domain import size_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from imgwidgets.widgets.picker_domain import Control
    from imgwidgets.widgets.picker_state import Offer, PickerState

__all__ = ["Row", "button", "html", "row_for"]

_NOT_SENT = object()  # the option "default", where the provider's default is not known
_CUSTOM = object()  # the option that opens width and height
_WIDEST_EDGE = 16_384  # pixels; for models that name no bound


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
    """

    def __init__(self, control: Control, choose: Callable[[str, Any], None]) -> None:
        self.control = control
        self._choose = choose
        self.input = self._build()
        self.input.add_class("iw-control")
        self.reset = button(
            "↺", f"Reset {control.label}", lambda: self._choose(control.name, None), "iw-reset"
        )
        self.help = html("", "iw-help")
        self.widget = widgets.HBox([self.input, self.reset, self.help])
        self.widget.add_class("iw-row")

    def show(self, state: PickerState, offer: Offer) -> None:
        """Bring the row in line with the state."""
        name = self.control.name
        self.widget.layout.display = "none" if offer.reason else None
        if offer.reason:
            return
        self._show(state.current(name), offer)
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
        self.help.value = "".join(lines)

    def _build(self) -> widgets.Widget:
        raise NotImplementedError

    def _show(self, value: Any, offer: Offer) -> None:
        raise NotImplementedError

    def _tell(self, value: Any) -> None:
        self._choose(self.control.name, value)


class ChoiceRow(Row):
    """Toggle buttons for a few values, a dropdown for more."""

    def _build(self) -> widgets.Widget:
        kind = widgets.ToggleButtons if self.control.kind == "toggle" else widgets.Dropdown
        made = kind(
            options=[("default", _NOT_SENT)], description=self.control.label, tooltip=self.control.help
        )
        made.observe(self._changed, "value")
        return made

    def _changed(self, change: Any) -> None:
        self._tell(None if change["new"] is _NOT_SENT else change["new"])

    def _show(self, value: Any, offer: Offer) -> None:
        options: list[tuple[str, Any]] = [(text.literal(one), one) for one in offer.values]
        if self.control.default is None:
            options.insert(0, ("default", _NOT_SENT))
        held = _NOT_SENT if value is None else value
        if all(held is not one and held != one for _, one in options):
            # Passed on unchecked, or set from Python: shown as it is.
            options.append((f"{text.literal(value)} (not listed)", held))
        if options != list(self.input.options):
            self.input.options = options
        if self.input.value is not held and self.input.value != held:
            self.input.value = held


class RangeRow(Row):
    """A slider with its number beside it; only the number for a very wide range."""

    def _build(self) -> widgets.Widget:
        control = self.control
        slider, number = (
            (widgets.IntSlider, widgets.BoundedIntText)
            if control.whole
            else (widgets.FloatSlider, widgets.BoundedFloatText)
        )
        low, high = control.probes[0], control.probes[-1]
        bounds = {"min": low, "max": high, "step": control.number(control.step or 1), "value": low}
        slides = control.kind == "slider"
        self.number = number(
            **bounds,
            description=f"{control.label} as a number" if slides else control.label,
            tooltip=control.help,
            continuous_update=False,
        )
        self.number.observe(lambda change: self._tell(change["new"]), "value")
        if not slides:
            self.slider = None
            return self.number
        self.slider = slider(
            **bounds, description=control.label, tooltip=control.help, readout=False, continuous_update=False
        )
        self.slider.observe(lambda change: self._tell(change["new"]), "value")
        box = widgets.HBox([self.slider, self.number])
        box.add_class("iw-range")
        return box

    def _show(self, value: Any, offer: Offer) -> None:
        low, high = offer.values if len(offer.values) == 2 else (value, value)
        for part in (self.slider, self.number):
            if part is None:
                continue
            # Bounds may only move outwards before the value is set, or ipywidgets would clip it.
            part.min, part.max = min(low, value, part.value), max(high, value, part.value)
            part.value = value
            part.min, part.max = min(low, value), max(high, value)
            part.disabled = low == high


class SizeRow(Row):
    """Named presets, and width and height where the model takes them."""

    def _build(self) -> widgets.Widget:
        self.custom = False
        self.message = ""
        self.presets = widgets.Dropdown(
            options=[("default", _NOT_SENT)], description=self.control.label, tooltip=self.control.help
        )
        self.presets.observe(self._preset, "value")
        rule = self.control.size
        step = rule.multiple_of if rule else 1
        edge = {"min": 1, "max": (rule and rule.max_edge) or _WIDEST_EDGE, "step": step, "value": 1024}
        self.width = widgets.BoundedIntText(**edge, description="width in pixels", continuous_update=False)
        self.height = widgets.BoundedIntText(**edge, description="height in pixels", continuous_update=False)
        self.width.observe(lambda change: self._edge(change, "width"), "value")
        self.height.observe(lambda change: self._edge(change, "height"), "value")
        self.lock = widgets.ToggleButton(
            description="lock", tooltip="Keep the proportions when one edge changes", value=False
        )
        self.lock.add_class("iw-small")
        self.swap = button("⇄", "Swap width and height", self._swap)
        self.said = html()
        self.free = widgets.HBox([self.width, html("×"), self.height, self.swap, self.lock, self.said])  # noqa: RUF001
        self.free.add_class("iw-free")
        box = widgets.VBox([self.presets, self.free])
        box.add_class("iw-size")
        return box

    def _preset(self, change: Any) -> None:
        chosen = change["new"]
        self.custom = chosen is _CUSTOM
        self.message = ""
        if self.custom:
            self._tell(f"{self.width.value}x{self.height.value}")
        else:
            self._tell(None if chosen is _NOT_SENT else chosen)

    def _edge(self, change: Any, which: str) -> None:
        width, height = self.width.value, self.height.value
        if self.lock.value and change["old"]:
            factor = change["new"] / change["old"]
            if which == "width":
                height = round(height * factor)
            else:
                width = round(width * factor)
        self.custom = True
        self._tell(f"{width}x{height}")

    def _swap(self) -> None:
        self.custom = True
        self._tell(f"{self.height.value}x{self.width.value}")

    def snapped(self, state: PickerState, value: Any) -> Any:
        """Give the nearest valid size to what was typed, and remember what to say about it."""
        self.message = ""
        size = parse_size(value)
        if not self.custom or size is None or self.control.size is None:
            return value
        near, self.message = state.snap(*size)
        return near

    def _show(self, value: Any, offer: Offer) -> None:
        options: list[tuple[str, Any]] = [(size_words(one), one) for one in offer.values]
        if self.control.default is None:
            options.insert(0, ("default", _NOT_SENT))
        size = parse_size(value)
        free = self.control.size is not None
        if free:
            options.append(("custom: width × height", _CUSTOM))  # noqa: RUF001
        listed = value is None or any(value == one for one in offer.values)
        if not listed and not free:
            options.append((f"{size_words(value)} (not listed)", value))
        if size is None:
            self.custom = False
        elif free and not listed:
            self.custom = True
        if options != list(self.presets.options):
            self.presets.options = options
        held = _CUSTOM if self.custom and free else _NOT_SENT if value is None else value
        if self.presets.value is not held and self.presets.value != held:
            self.presets.value = held
        self.free.layout.display = None if self.custom and free else "none"
        if size:
            self.width.value, self.height.value = size
            self.said.value = text.escape(self._words(size))

    def _words(self, size: tuple[int, int]) -> str:
        words = [text.megapixels(*size)]
        limit = self.control.size.experimental_above if self.control.size else None
        if limit is not None and size[0] * size[1] > limit:
            words.append(f"experimental above {limit / 1e6:.1f} MP")
        if self.message:
            words.append(self.message)
        return " · ".join(words)


class TextRow(Row):
    """Free text, a number without known bounds, or an object as JSON."""

    def _build(self) -> widgets.Widget:
        hint = '{"key": "value"}' if self.control.kind == "json" else "default"
        made = widgets.Text(
            description=self.control.label,
            tooltip=self.control.help,
            placeholder=hint,
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

    def _show(self, value: Any, offer: Offer) -> None:  # noqa: ARG002 (the same for all rows)
        said = "" if value is None else json.dumps(value) if self.control.kind == "json" else str(value)
        if self.input.value.strip() != said and not (value is None and self.control.default is not None):
            self.input.value = said


def row_for(control: Control, choose: Callable[[str, Any], None]) -> Row:
    """Make the row that suits a control."""
    kinds: dict[str, type[Row]] = {
        "toggle": ChoiceRow,
        "dropdown": ChoiceRow,
        "slider": RangeRow,
        "number": RangeRow,
        "size": SizeRow,
    }
    return kinds.get(control.kind, TextRow)(control, choose)


def _and(words: Iterable[str]) -> str:
    said = list(words)
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
