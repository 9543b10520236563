"""The table of a run: tiles under headers that stay in sight, any two axes across, sliders for the rest."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING, Any

import msgspec
import traitlets as t

from imgwidgets.history import StoredImage
from imgwidgets.images import Header
from imgwidgets.sweep.layout import REPEAT, Layout, Names, arrange, check_names
from imgwidgets.sweep.stored import result_of
from imgwidgets.widgets import text
from imgwidgets.widgets.grid import marks as grid_marks
from imgwidgets.widgets.grid import still as grid_still
from imgwidgets.widgets.grid.grid import ResultGrid
from imgwidgets.widgets.grid.items import Item, items_of
from imgwidgets.widgets.page import STATIC, in_notebook, joined
from imgwidgets.widgets.sweep.static import CellState, TableStill

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from imgwidgets.sweep.looking import Looking
    from imgwidgets.sweep.outcome import Outcome

__all__ = ["SweepTable"]

_MODULES = (
    "grid_kit.js",
    "grid_store.js",
    "grid_stage.js",
    "grid_lightbox.js",
    "grid_compare_kit.js",
    "grid_heat.js",
    "grid_compare.js",
    "grid_twin.js",
    "sweep_kit.js",
    "sweep_table_view.js",
    "sweep_table.js",
)
_SHEETS = ("grid.css", "grid_compare.css", "sweep.css")
CODE = joined(*_MODULES)
"""What the page runs; it travels as the grid's does (see ``grid/boot.py``)."""
STYLE = "\n".join((STATIC / name).read_text(encoding="utf-8") for name in _SHEETS)

Bytes = bytes  # inside a picture, `bytes` is a property

_TOGETHER = 0.1  # seconds in which changes are gathered into one message
_REASON = 300  # characters of a reason in a tile
_LABEL = 160
_CELLS_A_MESSAGE = 2_000


class _Names(t.TraitType):  # type: ignore[type-arg]
    """Names of axes: one, several or none."""

    info_text = "the name of an axis, or several"

    def validate(self, obj: Any, value: Any) -> Any:
        if isinstance(value, str):
            return [value]
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            self.error(obj, value)
        return list(value)


class SweepTable(ResultGrid):
    """A run as a labelled table: headers stay in sight, finished tiles come at once.

    Repeats of a point stand side by side. A click shows an image large; two to four that are selected can be
    compared. It is also a :class:`ResultGrid`: ``selected``, ``images``, Save and the history's marks are
    the same.

    Parameters
    ----------
    run : Run
        Of a sweep.
    rows, columns : str or several, optional
        Axes that go down and across; default: the first one down, the last one across.
    pages : str or several, optional
        Axes with a slider, in this order; what is named nowhere follows.
    folder, static, budget
        As for :class:`ResultGrid`.

    Attributes
    ----------
    rows, columns, pages : list of str
        What goes where; can be set, and follow the widget's menus.

    Raises
    ------
    ParameterError
        For a name that is no axis.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> sweep = iw.Sweep("{animal}, {style}", animal=["fox", "owl"], style=["ink", "clay"], quality="low")
    >>> with iw.Client(history=False) as client:
    ...     run = sweep.run(client, progress=False).wait()
    >>> table = run.grid(rows="style")
    >>> table, table.rows, table.columns
    (<SweepTable style x animal: 4 of 4 cells done>, ['style'], ['animal'])
    """

    _module = t.Unicode(hashlib.sha256((CODE + STYLE).encode()).hexdigest()[:12]).tag(sync=True)
    rows = _Names(default_value=[]).tag(sync=True)
    columns = _Names(default_value=[]).tag(sync=True)
    pages = _Names(default_value=[]).tag(sync=True)
    _axes = t.List(t.Unicode()).tag(sync=True)

    def __init__(  # noqa: PLR0913 (the public options)
        self,
        run: Looking,
        *,
        rows: Names = None,
        columns: Names = None,
        pages: Names = None,
        folder: str | Path = "images",
        static: bool = True,
        budget: int = 700_000,
    ) -> None:
        self._settling = False  # while the traits follow the layout
        self._run = run
        self._plan = run.plan
        self._layout = arrange(run.sweep, rows=rows, columns=columns, pages=pages)
        self._cells: dict[int, CellState] = {}
        self._news: dict[int, Outcome] = {}
        self._news_lock = threading.Lock()
        self._timer: threading.Timer | None = None
        super().__init__(folder=folder, static=static, budget=budget)
        repeat = ["repeat"] if run.sweep.repeat > 1 else []
        with self.hold_sync():
            self._axes = [*(axis.name for axis in run.sweep.axes), *repeat]
            self._say_layout()
        # From now on changes are heard, and then what is there already is taken: nothing falls between.
        self._leave: Callable[[], None] | None = run.on_change(self._changed)  # type: ignore[attr-defined]
        self._take_outcomes(dict(enumerate(run.outcomes)))

    # -- which goes where -------------------------------------------------------------------------------

    def _say_layout(self) -> None:
        self._settling = True
        try:
            for side, names in _placed(self._layout).items():
                self.set_trait(side, names)
        finally:
            self._settling = False

    @t.validate("rows", "columns", "pages")
    def _check_names(self, proposal: Any) -> list[str]:
        """Refuse what is no axis; what was elsewhere moves."""
        return check_names(self._run.sweep, proposal["value"], proposal["trait"].name)

    @t.observe("rows", "columns", "pages")
    def _arrange(self, change: Any) -> None:
        if self._settling:
            return
        wanted = moved(_placed(self._layout), change["name"], list(change["new"]))
        self._layout = arrange(
            self._run.sweep, rows=wanted["rows"], columns=wanted["columns"], pages=wanted["pages"]
        )
        with self.hold_sync():
            self._say_layout()
        self._send_table()

    @property
    def layout_of_cells(self) -> Layout:
        """Which cell stands where."""
        return self._layout

    # -- cells ------------------------------------------------------------------------------------------

    def _changed(self, index: int, outcome: Outcome) -> None:
        """Note a change; those of a moment are shown together."""
        with self._news_lock:
            self._news[index] = outcome
            if self._timer is None and not self._closed:
                self._timer = threading.Timer(_TOGETHER, self._show_news)
                self._timer.daemon = True
                self._timer.start()

    def _show_news(self) -> None:
        with self._news_lock:
            news, self._news, self._timer = self._news, {}, None
        if not self._closed:
            self._take_outcomes(news)

    def _take_outcomes(self, outcomes: Mapping[int, Outcome]) -> None:
        """Show what became of cells; what they showed before goes."""
        with self._list.lock:
            found: dict[int, list[Item]] = {}
            gone: list[int] = []
            why: dict[int, str] = {}
            for index, outcome in outcomes.items():
                _, _, old = self._cells.get(index, ("", "", []))
                if outcome.status == "done" and old:
                    continue  # told twice: when it was heard, and when all were taken
                gone += old
                result, why[index] = result_of(outcome) if outcome.status == "done" else (None, "")
                found[index] = [unkept(item) for item in items_of(result)] if result is not None else []
            marked, _ = grid_marks.recall([item for items in found.values() for item in items])
            new = iter(self._append(marked))
            for index, items in found.items():
                cell, outcome = self._plan[index], outcomes[index]
                reason = (
                    outcome.error or why[index] or "; ".join(problem.message for problem in cell.problems)
                )
                status = outcome.status if cell.valid else "invalid"
                keys = [next(new).key for _ in items]
                self._cells[index] = (status, text.one_line(reason, _REASON), keys)
            if gone:
                self._drop(gone)
        if self._listening:
            self._send_cells(sorted(found))

    def _send_cells(self, indices: Sequence[int]) -> None:
        with self._list.lock:
            told = [[index, *self._cells[index]] for index in indices if index in self._cells]
            for start in range(0, len(told), _CELLS_A_MESSAGE):
                self._say({"kind": "cells", "cells": told[start : start + _CELLS_A_MESSAGE]})

    def _welcome(self, *, module: bool) -> None:
        if module:
            self._say({"kind": "module", "esm": CODE, "css": STYLE})
        super()._welcome(module=False)
        self._send_table()
        self._send_cells(sorted(self._cells))

    def _send_table(self) -> None:
        layout = self._layout
        self._say(
            {
                "kind": "table",
                "rows": _side(layout.rows.names, layout.rows.headers),
                "columns": _side(layout.columns.names, layout.columns.headers),
                "pages": [_side(side.names, side.headers) for side in layout.pages],
                "places": [
                    [row, column, list(page), list(indices)]
                    for (row, column, page), indices in layout.cells.items()
                ],
            }
        )

    # -- looks ------------------------------------------------------------------------------------------

    def _still(self, cell: str) -> TableStill:
        return TableStill(
            self._list,
            self._thumbnails,
            settle=self._settle,
            fail=self._fail,
            cell=cell,
            budget=self._budget,
            table=self._layout,
            cells=self._states,
        )

    def _states(self) -> dict[int, CellState]:
        with self._list.lock:
            return dict(self._cells)

    def publish_static(self) -> None:
        """Do what showing the table itself does, where it is a part of something that is shown.

        Small pictures stay in the notebook's cell, and what comes while that cell runs is seen at once.
        """
        if not in_notebook():
            return
        if self._static:
            self._twin = grid_still.publish(self._still)
        if grid_still.somebody_watches():
            self._greet()

    def close(self) -> None:
        """Stop listening to the run, free the images and remove the table from the page."""
        leave, self._leave = getattr(self, "_leave", None), None
        if leave is not None:  # ipywidgets closes once more what is thrown away
            leave()
        super().close()

    def __repr__(self) -> str:
        done = sum(status == "done" for status, _, _ in self._cells.values())
        axes = " x ".join(", ".join(names) for names in (self.rows, self.columns) if names) or "one cell"
        return f"<SweepTable {axes}: {done} of {len(self._plan)} cells done>"


class _Unkept(StoredImage):
    """A picture of the history that is read each time: a table of thousands must not hold them all."""

    @property
    def bytes(self) -> Bytes:
        """The file as it was received."""
        return self.kept.history.read_file(self.sha256)


def unkept(item: Item) -> Item:
    """Give an item whose picture stays on disk, where the history has it."""
    image = item.image
    if not isinstance(image, StoredImage):
        return item
    said = {
        name: getattr(image, name)
        for name in ("prompt", "model", "revised_prompt", "index", "extra", "notes")
    }
    size = image.size if image.size != (0, 0) else None
    header = Header(format=image.format, size=size, has_alpha=image.has_alpha, frames=image.frames)
    return msgspec.structs.replace(item, image=_Unkept(image.kept, header, **said))


def moved(placed: dict[str, list[str]], side: str, names: list[str]) -> dict[str, list[str]]:
    """Say where axes go when a side gets others: what leaves it takes the place of what came.

    Examples
    --------
    >>> moved({"rows": ["animal"], "columns": ["style"], "pages": ["size"]}, "rows", ["style"])
    {'rows': ['style'], 'columns': ['animal'], 'pages': ['size']}
    >>> moved({"rows": ["animal"], "columns": ["style"], "pages": ["size"]}, "rows", ["size"])
    {'rows': ['size'], 'columns': ['style'], 'pages': ['animal']}
    """
    # Repeats that leave stand side by side again.
    left = [name for name in placed[side] if name not in names and name != REPEAT]
    found = {}
    for other, present in placed.items():
        kept = [name for name in present if name not in names]
        while other != side and left and len(kept) < len(present):
            kept.append(left.pop(0))
        found[other] = kept
    return found | {side: names}


def _placed(layout: Layout) -> dict[str, list[str]]:
    pages = [name for side in layout.pages for name in side.names]
    return {"rows": list(layout.rows.names), "columns": list(layout.columns.names), "pages": pages}


def _side(names: tuple[str, ...], headers: tuple[tuple[str, ...], ...]) -> dict[str, Any]:
    return {
        "title": text.one_line(", ".join(names), _LABEL),
        "labels": [text.one_line(" · ".join(header), _LABEL) for header in headers],
    }
