"""The painter's half in the browser."""

from __future__ import annotations

import re
from typing import Any

import anywidget
import ipycanvas
import traitlets
from ipywidgets import widget_serialization

from imgwidgets.errors import ImgWidgetsError
from imgwidgets.widgets import text
from imgwidgets.widgets.page import STATIC, joined

__all__ = ["MODES", "SHOWS", "TOOLS", "Companion", "slim"]

MODULES = (
    "strokes.js",
    "painter_tools.js",
    "painter_layers.js",
    "painter_surface.js",
    "painter_view.js",
    "painter_draw.js",
    "painter_hand.js",
    "painter_keys.js",
    "painter_toolbar.js",
    "painter.js",
)
"""From the bottom up: each imports only what stands before it."""

MODES = {
    "mask": ("brush", "eraser", "rectangle", "ellipse", "lasso", "polygon", "fill", "wand", "box", "hand"),
    "markup": ("brush", "eraser", "arrow", "hand"),
}
"""What is painted, and the tools for it; static/painter_tools.js has their names and pictures."""

TOOLS = tuple(dict.fromkeys(tool for tools in MODES.values() for tool in tools))
SHOWS = ("overlay", "mask", "sent")

_REMARK = re.compile(r"^\s*(?:/\*\*.*?\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
_INDENT = re.compile(r"^ +", re.MULTILINE)


def slim(code: str) -> str:
    """Leave remarks and indents out: a notebook that is saved with its widgets' state holds this text."""
    return _INDENT.sub("", _REMARK.sub("", code))


class Companion(anywidget.AnyWidget):
    """Shows ipycanvas' canvas with ink above it, and the tools.

    Pictures, masks and points travel as custom messages, never as traits: a notebook that is saved with
    its widgets' state holds none of them.
    """

    _esm = slim(joined(*MODULES))
    _css = slim((STATIC / "painter.css").read_text(encoding="utf-8"))

    _canvas = traitlets.Instance(ipycanvas.MultiCanvas).tag(sync=True, **widget_serialization)
    _size = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=(1, 1)).tag(sync=True)
    _display = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=(1, 1)).tag(sync=True)
    _largest_radius = traitlets.Float(100.0).tag(sync=True)
    _can_undo = traitlets.Bool(default_value=False).tag(sync=True)
    _can_redo = traitlets.Bool(default_value=False).tag(sync=True)
    _can_select = traitlets.Bool(default_value=False).tag(sync=True)
    _status = traitlets.Unicode("").tag(sync=True)
    _result = traitlets.Unicode("").tag(sync=True)

    error = traitlets.Unicode("").tag(sync=True)
    mode = traitlets.Enum(tuple(MODES), "mask").tag(sync=True)
    tool = traitlets.Enum(TOOLS, "brush").tag(sync=True)
    brush_radius = traitlets.Float(20.0).tag(sync=True)
    softness = traitlets.Float(0.0).tag(sync=True)
    overlay_color = traitlets.Unicode("#ff0066").tag(sync=True)
    overlay_opacity = traitlets.Float(0.5).tag(sync=True)
    tolerance = traitlets.Float(32.0).tag(sync=True)
    markup_color = traitlets.Unicode("#e5004c").tag(sync=True)
    markup_width = traitlets.Float(8.0).tag(sync=True)
    show = traitlets.Enum(SHOWS, "overlay").tag(sync=True)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take values from a page.

        What goes wrong with one, or in what observes it, is shown in the painter: ipywidgets would print
        it where nobody looks.
        """
        try:
            super().set_state(sync_data)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is shown)
            self.show_error(error)
            self.send_state(list(sync_data))  # the page shows what really is

    def show_error(self, error: Exception) -> None:
        """Say in the painter what went wrong."""
        plain = isinstance(error, ImgWidgetsError | traitlets.TraitError)
        said = str(error) if plain else f"{type(error).__name__}: {error}"
        self.set_trait("error", text.one_line(said, 500))

    def _repr_keys(self) -> Any:
        return iter(())
