"""The widgets: everything that needs a browser. Nothing below this package imports it.

=================  =====================================================================
``picker.py``      :class:`ParameterPicker`: controls that offer only what a model accepts
``painter.py``     :class:`MaskPainter`: paint on an image what an edit may change
``grid.py``        :class:`ResultGrid`: look at images, compare, select, save
``sweep_*.py``     :class:`SweepPanel`, :class:`SweepTable`, :class:`SweepBuilder`: a run of many requests
``studio.py``      :class:`Studio`: all of it in one cell
``history_*.py``   :class:`HistoryView`: search all that was asked, and look at it
``blind.py``       :class:`BlindTest`: which of two images is better, with labels hidden
``text.py``        the one place where foreign text is made safe for the screen
=================  =====================================================================

Each widget is loaded when it is first used: the grid works where ipycanvas is missing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

_HOME = {
    "BlindTest": "imgwidgets.widgets.blind",
    "HistoryView": "imgwidgets.widgets.history_view",
    "MaskPainter": "imgwidgets.widgets.painter",
    "ParameterPicker": "imgwidgets.widgets.picker",
    "ResultGrid": "imgwidgets.widgets.grid",
    "Studio": "imgwidgets.widgets.studio",
    "SweepBuilder": "imgwidgets.widgets.sweep_builder",
    "SweepPanel": "imgwidgets.widgets.sweep_panel",
    "SweepTable": "imgwidgets.widgets.sweep_table",
    "plan_page": "imgwidgets.widgets.sweep_page",
    "blind_test": "imgwidgets.widgets.blind",
    "show": "imgwidgets.widgets.grid_show",
}

__all__ = [
    "BlindTest",
    "HistoryView",
    "MaskPainter",
    "ParameterPicker",
    "ResultGrid",
    "Studio",
    "SweepBuilder",
    "SweepPanel",
    "SweepTable",
    "blind_test",
    "plan_page",
    "show",
]

if TYPE_CHECKING:
    from imgwidgets.widgets.blind import BlindTest, blind_test
    from imgwidgets.widgets.grid import ResultGrid
    from imgwidgets.widgets.grid_show import show
    from imgwidgets.widgets.history_view import HistoryView
    from imgwidgets.widgets.painter import MaskPainter
    from imgwidgets.widgets.picker import ParameterPicker
    from imgwidgets.widgets.studio import Studio
    from imgwidgets.widgets.sweep_builder import SweepBuilder
    from imgwidgets.widgets.sweep_page import plan_page
    from imgwidgets.widgets.sweep_panel import SweepPanel
    from imgwidgets.widgets.sweep_table import SweepTable


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'imgwidgets.widgets' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
