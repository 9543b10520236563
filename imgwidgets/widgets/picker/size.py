"""The size chooser: named shapes, the model's presets, and width and height where the model takes them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from imgwidgets.catalog import nearest_size, parse_size, size_faults
from imgwidgets.widgets import text
from imgwidgets.widgets.picker.controls import NOT_SENT, Row, button, html
from imgwidgets.widgets.picker.domain import shape, size_words
from imgwidgets.widgets.picker.near import size_rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgwidgets.catalog import SizeRule
    from imgwidgets.widgets.picker.state import Offer, PickerState

__all__ = ["SizeRow", "shapes"]

_CUSTOM = object()  # the option that opens width and height

# What a shape is where the model takes any size and has no preset of it: about a megapixel, 3:2 and 16:9.
_USUAL = {
    "square": (1024, 1024),
    "landscape": (1536, 1024),
    "portrait": (1024, 1536),
    "wide": (1792, 1008),
    "tall": (1008, 1792),
}


def shapes(presets: Iterable[Any], rule: SizeRule | None) -> dict[str, tuple[str, ...]]:
    """Give the named shapes that can be chosen, each with its sizes as the API writes them.

    Parameters
    ----------
    presets : iterable
        Sizes, and words such as ``auto``, which are left out.
    rule : SizeRule or None
        Which other sizes are valid.

    Examples
    --------
    >>> shapes(["auto", "1024x1024", "1792x1024"], None)
    {'square': ('1024x1024',), 'wide': ('1792x1024',)}
    """
    found: dict[str, tuple[str, ...]] = {}
    sizes = [(one, size) for one in presets if (size := parse_size(one))]
    for name, usual in _USUAL.items():
        fitting = tuple(one for one, size in sizes if shape(*size) == name)
        if not fitting and rule is not None:
            near = nearest_size(rule, usual)
            fitting = ("{}x{}".format(*near),) if shape(*near) == name and not size_faults(rule, near) else ()
        if fitting:
            found[name] = fitting
    return found


class SizeRow(Row):
    """Shapes, presets, and free width and height with their proportions held if wanted."""

    def _build(self) -> widgets.Widget:
        self._custom = False  # whether width and height are being typed
        self._ratio: float | None = None  # width / height, while it is held
        self._named: dict[str, tuple[str, ...]] = {}
        self._now: tuple[int, int] | None = None
        label, about = self.control.label, self.control.help
        # The way in is a shape; the exact size comes second.
        self.shapes = widgets.ToggleButtons(options=[("default", NOT_SENT)], description=label, tooltip=about)
        self.shapes.add_class("iw-control")
        self.shapes.add_class("iw-shapes")
        self.shapes.observe(self._shaped, "value")
        self.presets = widgets.Dropdown(options=[("default", NOT_SENT)], description=label, tooltip=about)
        self.presets.add_class("iw-control")
        self.presets.observe(self._preset, "value")
        # Not bounded ones: those would clip what was typed without a word.
        step = self.control.size.multiple_of if self.control.size else 1
        edge = {"value": 1024, "step": step, "continuous_update": False}
        self.width = widgets.IntText(description="width in pixels", tooltip="Width in pixels", **edge)
        self.height = widgets.IntText(description="height in pixels", tooltip="Height in pixels", **edge)
        self.width.observe(self._edge, "value")
        self.height.observe(self._edge, "value")
        self.lock = widgets.ToggleButton(
            description="lock", tooltip="Keep the proportions when one edge changes", value=False
        )
        self.lock.add_class("iw-small")
        self.lock.observe(self._locked, "value")
        self.swap = button("swap", "Swap width and height", self._swap, "iw-swap")
        self.said = html("", "iw-sized")
        times = html("×", "iw-times")  # noqa: RUF001 (the sign that people read)
        self.free = widgets.HBox([self.width, times, self.height, self.swap, self.lock])
        self.free.add_class("iw-free")
        box = widgets.VBox([self.shapes, self.presets, self.free, self.said])
        box.add_class("iw-size")
        return box

    # -- clicked -----------------------------------------------------------------------------------------

    def _shaped(self, change: Any) -> None:
        chosen = change["new"]
        if chosen is None:
            return
        sizes = self._named.get(chosen, ()) if isinstance(chosen, str) else ()
        if sizes:
            self._tell(min(sizes, key=self._unlike))
        else:
            self._tell(None if chosen is NOT_SENT else chosen)

    def _unlike(self, size: str) -> float:
        """Say how far a size is from the present number of pixels: a shape should not change the price."""
        found = parse_size(size)
        if found is None or self._now is None:
            return 0.0
        return abs(math.log(found[0] * found[1] / (self._now[0] * self._now[1])))

    def _preset(self, change: Any) -> None:
        chosen = change["new"]
        if chosen is _CUSTOM:
            self._tell((self.width.value, self.height.value))
        else:
            self._tell(None if chosen is NOT_SENT else chosen)

    def _edge(self, change: Any) -> None:
        width, height = self.width.value, self.height.value
        if self._ratio is not None:
            if change["owner"] is self.width:
                height = round(width / self._ratio)
            else:
                width = round(height * self._ratio)
        self._tell((width, height))

    def _locked(self, change: Any) -> None:
        self._ratio = self.width.value / self.height.value if change["new"] and self.height.value else None

    def _swap(self) -> None:
        if self._ratio is not None:
            self._ratio = 1 / self._ratio
        self._tell((self.height.value, self.width.value))

    def fitted(self, state: PickerState, value: Any) -> Any:
        """Give the nearest valid size to the (width, height) that was typed."""
        self._custom = isinstance(value, tuple)
        if not isinstance(value, tuple):
            return value
        near, self.message = state.snap(*value)
        return near

    # -- shown -----------------------------------------------------------------------------------------------

    def _show(self, state: PickerState, value: Any, offer: Offer) -> None:
        rule = size_rule(state)
        self._now = parse_size(value)
        listed = value is None or any(value == one for one in offer.values)
        if self._now is None:
            self._custom = False
        elif rule is not None and not listed:
            self._custom = True
        if self._now and self.lock.value and not self._custom:
            self._ratio = self._now[0] / self._now[1]  # a preset brings its own proportions
        self._show_shapes(value, offer, rule)
        self._show_presets(value, offer, free=rule is not None, listed=listed)
        self.free.layout.display = None if rule is not None and self._now else "none"
        if self._now:
            self.width.value, self.height.value = self._now
        self.said.value = text.escape(self._facts(self._now, free=rule is not None)) if self._now else ""
        self.said.layout.display = None if self._now else "none"

    def _show_shapes(self, value: Any, offer: Offer, rule: SizeRule | None) -> None:
        self._named = shapes(offer.values, rule)
        options: list[tuple[str, Any]] = [(one, one) for one in offer.values if not parse_size(one)]
        if self.control.default is None:
            options.insert(0, ("default", NOT_SENT))
        options += [(name, name) for name in self._named]
        if options != list(self.shapes.options):
            self.shapes.options = options
            # The style sheet draws a shape by its tooltip.
            self.shapes.tooltips = [name if name in self._named else "" for name, _ in options]
        held = NOT_SENT if value is None else shape(*self._now) if self._now else value
        known = any(held is one or held == one for _, one in options)
        self.shapes.value = held if known else None
        self.shapes.layout.display = None if len(options) > 1 else "none"

    def _show_presets(self, value: Any, offer: Offer, *, free: bool, listed: bool) -> None:
        options: list[tuple[str, Any]] = [(size_words(one), one) for one in offer.values]
        if self.control.default is None:
            options.insert(0, ("default", NOT_SENT))
        if free:
            options.append(("custom: width × height", _CUSTOM))  # noqa: RUF001 (the sign that people read)
        elif not listed:
            options.append((f"{size_words(value)} (not listed)", value))
        if options != list(self.presets.options):
            self.presets.options = options
        held = _CUSTOM if self._custom and free else NOT_SENT if value is None else value
        if self.presets.value is not held and self.presets.value != held:
            self.presets.value = held
        # Where each shape is one size, the shapes say it all.
        plain = not free and listed and all(len(sizes) == 1 for sizes in self._named.values())
        chips = self.shapes.layout.display is None
        self.presets.layout.display = "none" if plain and chips else None
        if chips:
            self.presets.add_class("iw-unlabelled")
        else:
            self.presets.remove_class("iw-unlabelled")

    def _facts(self, size: tuple[int, int], *, free: bool) -> str:
        words = text.megapixels(*size)
        if not free:  # else the boxes show the edges
            words = f"{size[0]} × {size[1]} pixels, {words}"  # noqa: RUF001 (the sign that people read)
        limit = self.control.size.experimental_above if self.control.size else None
        if limit is not None and size[0] * size[1] > limit:
            words += f", experimental: above {limit / 1e6:.1f} MP results vary"
        return words
