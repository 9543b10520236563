"""The painter's half in the browser, and the joining of its modules into one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import anywidget
import ipycanvas
import traitlets
from ipywidgets import widget_serialization

__all__ = ["MODES", "SHOWS", "TOOLS", "Companion", "joined"]

STATIC = Path(__file__).parent / "static"
MODULES = (
    "strokes.js",
    "painter_tools.js",
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

_IMPORT = re.compile(r'^import [^;]*? from "\./[\w.]+";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)
_REMARK = re.compile(r"^\s*(?:/\*\*.*?\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
_INDENT = re.compile(r"^ +", re.MULTILINE)


def joined(modules: tuple[str, ...] = MODULES, folder: Path = STATIC) -> str:
    """Give ES modules as one text.

    A widget's module comes to the page as text and cannot import its neighbours. These modules share
    one scope happily, so leaving out their imports and exports is all that is needed. Remarks and
    indents stay behind too: a notebook that is saved with its widgets' state holds this text.

    Parameters
    ----------
    modules : tuple of str
        File names, from the bottom up.
    folder : Path
        Where they are.
    """
    texts = [(folder / name).read_text(encoding="utf-8") for name in modules]
    return _INDENT.sub(
        "", _REMARK.sub("", "\n".join(_EXPORT.sub("", _IMPORT.sub("", text)) for text in texts))
    )


class Companion(anywidget.AnyWidget):
    """Shows ipycanvas' canvas with ink above it, and the tools.

    Pictures, masks and points travel as custom messages, never as traits: a notebook that is saved with
    its widgets' state holds none of them.
    """

    _esm = joined()
    _css = (STATIC / "painter.css").read_text(encoding="utf-8")

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

    def _repr_keys(self) -> Any:
        return iter(())
