"""The widgets: everything that needs a browser. Nothing below this package imports it.

=============  =======================================================================================
``picker``     controls that offer only what a model accepts: :class:`ParameterPicker`
``painter``    paint on an image what an edit may change: :class:`MaskPainter`
``grid``       look at images, compare, select, save: :class:`ResultGrid`
``sweep``      a run of many requests: :class:`SweepPanel`, :class:`SweepTable`, :class:`SweepBuilder`
``history``    search all that was asked, and look at it: :class:`HistoryView`
``blind``      which of two images is better, with labels hidden: :class:`BlindTest`
``studio``     all of it in one cell: :class:`Studio`
``canvas.py``  the one place that draws with ipycanvas, made safe
``page.py``    between Python and the page: what travels there, and whether there is one
``text.py``    the one place where foreign text is made safe for the screen
``static/``    the pages' half: JavaScript modules and style sheets, named after the folders here
=============  =======================================================================================

Each widget is loaded when it is first used: the grid works where ipycanvas is missing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

_HOME = {
    "BlindTest": "imgwidgets.widgets.blind.blind",
    "HistoryView": "imgwidgets.widgets.history.view",
    "MaskPainter": "imgwidgets.widgets.painter.painter",
    "ParameterPicker": "imgwidgets.widgets.picker.picker",
    "ResultGrid": "imgwidgets.widgets.grid.grid",
    "Studio": "imgwidgets.widgets.studio.studio",
    "SweepBuilder": "imgwidgets.widgets.sweep.builder",
    "SweepPanel": "imgwidgets.widgets.sweep.panel",
    "SweepTable": "imgwidgets.widgets.sweep.table",
    "plan_page": "imgwidgets.widgets.sweep.page",
    "blind_test": "imgwidgets.widgets.blind.blind",
    "show": "imgwidgets.widgets.grid.show",
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
    from imgwidgets.widgets.blind.blind import BlindTest, blind_test
    from imgwidgets.widgets.grid.grid import ResultGrid
    from imgwidgets.widgets.grid.show import show
    from imgwidgets.widgets.history.view import HistoryView
    from imgwidgets.widgets.painter.painter import MaskPainter
    from imgwidgets.widgets.picker.picker import ParameterPicker
    from imgwidgets.widgets.studio.studio import Studio
    from imgwidgets.widgets.sweep.builder import SweepBuilder
    from imgwidgets.widgets.sweep.page import plan_page
    from imgwidgets.widgets.sweep.panel import SweepPanel
    from imgwidgets.widgets.sweep.table import SweepTable


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'imgwidgets.widgets' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
