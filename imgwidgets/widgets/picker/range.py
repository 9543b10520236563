"""A number in a range: a slider with its number beside it, or the number alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from imgwidgets.widgets import text
from imgwidgets.widgets.picker.controls import Row

if TYPE_CHECKING:
    from imgwidgets.widgets.picker.state import Offer, PickerState

__all__ = ["RangeRow"]


class RangeRow(Row):
    """A slider with its number; only the number where the range is very wide or open.

    Where the provider's default is not known, an empty number means that it is not sent.
    """

    def _build(self) -> widgets.Widget:
        control = self.control
        slides = control.kind == "slider"
        said = {
            "description": f"{control.label} as a number" if slides else control.label,
            "tooltip": control.help,
            "continuous_update": False,
        }
        if control.default is None:
            self.number = widgets.Text(placeholder="default", **said)
        else:
            # Not a bounded one: that would clip what was typed without a word.
            kind = widgets.IntText if control.whole else widgets.FloatText
            self.number = kind(value=control.default, step=control.number(control.step or 1), **said)
        self.number.observe(self._typed, "value")
        if not slides:
            self.slider = None
            return self.number
        low, high = control.probes[0], control.probes[-1]
        kind = widgets.IntSlider if control.whole else widgets.FloatSlider
        self.slider = kind(
            value=low,
            min=low,
            max=high,
            step=control.number(control.step or 1),
            description=control.label,
            tooltip=control.help,
            readout=False,
            continuous_update=False,
        )
        self.slider.observe(lambda change: self._tell(change["new"]), "value")
        box = widgets.HBox([self.slider, self.number])
        box.add_class("iw-range")
        return box

    def fitted(self, state: PickerState, value: Any) -> Any:
        """Give the nearest number of the range."""
        if value is None or isinstance(value, str):
            return value  # the catalog says what is wrong with a word
        near, self.message = state.nearest(self.control.name, value)
        return near

    def _typed(self, change: Any) -> None:
        said = change["new"]
        if isinstance(said, str):
            said = _number(said, whole=self.control.whole)
        self._tell(said)

    def _show(self, state: PickerState, value: Any, offer: Offer) -> None:  # noqa: ARG002 (as all rows)
        if isinstance(self.number, widgets.Text):
            words = "" if value is None else text.literal(value)
            if self.number.value.strip() != words:
                self.number.value = words
        else:
            self.number.value = value
        if self.slider is None:
            return
        low, high = (
            offer.values if len(offer.values) == 2 else self.control.probes[:: len(self.control.probes) - 1]
        )
        if value is None:
            self.slider.add_class("iw-unset")
            value = low
        else:
            self.slider.remove_class("iw-unset")
        # Bounds may only move outwards before the value is set, or ipywidgets would clip it.
        slider = self.slider
        slider.min, slider.max = min(low, value, slider.value), max(high, value, slider.value)
        slider.value = value
        slider.min, slider.max = min(low, value), max(high, value)
        slider.disabled = low == high


def _number(said: str, *, whole: bool) -> Any:
    """Read what was typed; words stay words."""
    said = said.strip()
    if not said:
        return None
    try:
        number = float(said)
    except ValueError:
        return said
    if not math.isfinite(number):
        return said
    return round(number) if whole else number
