"""The widgets: everything that needs a browser. Nothing below this package imports it.

=================  =====================================================================
``picker.py``      :class:`ParameterPicker`: controls that offer only what a model accepts
``painter.py``     :class:`MaskPainter`: paint on an image what an edit may change
``grid.py``        :class:`ResultGrid`: look at images, compare, select, save
``text.py``        the one place where foreign text is made safe for the screen
=================  =====================================================================

Each widget is loaded when it is first used: the grid works where ipycanvas is missing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

_HOME = {
    "MaskPainter": "imgwidgets.widgets.painter",
    "ParameterPicker": "imgwidgets.widgets.picker",
    "ResultGrid": "imgwidgets.widgets.grid",
    "show": "imgwidgets.widgets.grid_show",
}

__all__ = ["MaskPainter", "ParameterPicker", "ResultGrid", "show"]

if TYPE_CHECKING:
    from imgwidgets.widgets.grid import ResultGrid
    from imgwidgets.widgets.grid_show import show
    from imgwidgets.widgets.painter import MaskPainter
    from imgwidgets.widgets.picker import ParameterPicker


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'imgwidgets.widgets' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
