"""The Studio's screen: what stands where. It decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from imgwidgets.widgets.grid.grid import ResultGrid
from imgwidgets.widgets.page import STATIC
from imgwidgets.widgets.picker.controls import html
from imgwidgets.widgets.picker.picker import ParameterPicker
from imgwidgets.widgets.studio.edit import EditPanel
from imgwidgets.widgets.studio.part import Part

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["TABS", "Screen"]

TABS = ("results", "edit", "sweep", "history")

_NO_RESULTS = (
    '<div class="iws-empty"><strong>Your images appear here</strong>'
    "<p>Say on the left what you want to see, then press <em>Generate</em> (Ctrl+Enter). "
    "Each image can be opened, compared, saved, and used again as the start of an edit.</p></div>"
)


class Screen:
    """All parts of a Studio.

    Parameters
    ----------
    failed : callable
        Called with an exception that a click ended in.
    picker : dict
        Options of the picker.
    folder : str
        Where the grid saves.
    edit : dict
        What the Edit tab calls: ``painted`` and ``use``.

    Attributes
    ----------
    mode, inputs, run, tabs : Part
        See ``static/studio.js``.
    picker, grid, edit : ParameterPicker, ResultGrid, EditPanel
        The widgets that are used on their own, too.
    sweep, history : ipywidgets.VBox
        Filled when they are first looked at.
    """

    def __init__(
        self,
        *,
        failed: Callable[[BaseException], None],
        picker: dict[str, Any],
        folder: str,
        edit: dict[str, Any],
    ) -> None:
        self.mode = Part("mode", failed, endpoint="generations", notice="")
        self.picker = ParameterPicker(**picker, compact=True, show_endpoint=False)
        self.inputs = Part(
            "inputs",
            failed,
            used=False,
            images=[],
            mask="",
            hint="",
            error="",
            can_undo=False,
            can_redo=False,
        )
        self.run = Part(
            "run",
            failed,
            label="Generate",
            price="",
            error="",
            running=False,
            number=0,
            began=0.0,
            usual=None,
            waiting=0,
            said="",
        )
        self.tabs = Part("tabs", failed, tab="results", turn=0, counts={}, code="")
        self.grid = ResultGrid(folder=folder, static=False)
        self.edit = EditPanel(failed=failed, **edit)
        self._no_results = html(_NO_RESULTS)
        self._results = _panel("results", self._no_results, self.grid)
        self.sweep = _panel("sweep")
        self.history = _panel("history")
        style = html(f"<style>{(STATIC / 'studio.css').read_text(encoding='utf-8')}</style>", "iws-style")
        form = _box("iws-form", self.mode, self.inputs, self.picker)
        left = _box("iws-left", form, self.run)
        right = _box("iws-right", self.tabs, self._results, self.edit, self.sweep, self.history)
        main = widgets.HBox([left, right])
        main.add_class("iws-main")
        self.parts = [style, main]
        self.show_results(0)

    def turn_to(self, tab: str) -> None:
        """Show another tab, on all pages."""
        self.tabs.show(tab=tab, turn=self.tabs.shows("turn") + 1)

    def show_results(self, count: int) -> None:
        """Follow the number of tiles."""
        self._no_results.layout.display = "none" if count else None
        self.grid.layout.display = None if count else "none"
        self.tabs.show(counts={"results": count})


def _box(name: str, *children: widgets.Widget) -> widgets.VBox:
    box = widgets.VBox(list(children))
    box.add_class(name)
    return box


def _panel(name: str, *children: widgets.Widget) -> widgets.VBox:
    panel = _box("iws-panel", *children)
    panel.add_class(f"iws-panel-{name}")
    return panel
