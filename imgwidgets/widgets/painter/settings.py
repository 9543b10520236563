"""What can be set on a painter: checked values, linked to its controls in all pages."""

from __future__ import annotations

import math
import numbers
import re
from typing import Any

import traitlets

from imgwidgets.images import select
from imgwidgets.widgets.painter.companion import MODES, SHOWS, TOOLS

__all__ = ["SHARED", "Given", "Number", "Settings"]

SHARED = (
    "mode",
    "tool",
    "brush_radius",
    "softness",
    "tolerance",
    "markup_color",
    "markup_width",
    "overlay_color",
    "overlay_opacity",
    "show",
    "error",
)
"""The traits that the companion has too."""

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class Number(traitlets.Float[float, float]):
    """A float that also takes numpy's numbers: sizes are often computed with it."""

    def validate(self, obj: Any, value: Any) -> float:
        """Give a Python float."""
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise traitlets.TraitError(f"{self.name}={value!r}: give a number")
        return super().validate(obj, float(value))


class Given(traitlets.Any):
    """Anything, and None like the rest: traitlets itself would let it pass unchecked."""

    allow_none = False


class Settings(traitlets.HasTraits):
    """The settings of a painter; each refuses a value that makes no sense, with the reason."""

    mode = traitlets.Enum(tuple(MODES), "mask")
    tool = traitlets.Enum(TOOLS, "brush")
    brush_radius = Number(20.0)
    softness = Number(0.0)
    tolerance = Number(32.0)
    markup_color = traitlets.Unicode("#e5004c")
    markup_width = Number(8.0)
    overlay_color = traitlets.Unicode("#ff0066")
    overlay_opacity = Number(0.5)
    show = traitlets.Enum(SHOWS, "overlay")
    error = traitlets.Unicode("")

    @traitlets.validate("brush_radius", "markup_width")
    def _check_length(self, proposal: Any) -> float:
        length: float = proposal["value"]
        if not (math.isfinite(length) and 0 < length <= 100_000):
            bound = "at most 100,000" if length > 0 else "more than 0"
            raise traitlets.TraitError(f"{proposal['trait'].name}={length!r}: give image pixels, {bound}")
        return length

    @traitlets.validate("softness", "overlay_opacity")
    def _check_share(self, proposal: Any) -> float:
        share: float = proposal["value"]
        if not 0 <= share <= 1:
            raise traitlets.TraitError(f"{proposal['trait'].name}={share!r}: give a share between 0 and 1")
        return share

    @traitlets.validate("tolerance")
    def _check_tolerance(self, proposal: Any) -> float:
        tolerance: float = proposal["value"]
        if not 0 <= tolerance <= 255:
            raise traitlets.TraitError(f"tolerance={tolerance!r}: give a difference between 0 and 255")
        return tolerance

    @traitlets.validate("markup_color", "overlay_color")
    def _check_colour(self, proposal: Any) -> str:
        if not _COLOUR.fullmatch(proposal["value"]):
            name = proposal["trait"].name
            raise traitlets.TraitError(f"{name}={proposal['value']!r}: give a colour as '#rrggbb'")
        return str(proposal["value"])

    @traitlets.validate("tool")
    def _check_tool(self, proposal: Any) -> str:
        tool = str(proposal["value"])
        if tool in ("wand", "box") and not select.available():
            raise traitlets.TraitError(
                f'tool={tool!r} needs OpenCV, which is not installed: pip install "imgwidgets[select]"'
            )
        return tool

    # A tool belongs to a mode: whoever chooses one gets the other.

    @traitlets.observe("tool")
    def _on_tool(self, change: Any) -> None:
        if change["new"] not in MODES[self.mode]:
            self.mode = next(mode for mode, tools in MODES.items() if change["new"] in tools)

    @traitlets.observe("mode")
    def _on_mode(self, change: Any) -> None:
        if self.tool not in MODES[change["new"]]:
            self.tool = "brush"
