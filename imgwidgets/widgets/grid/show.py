"""How a result shows itself as the last line of a cell."""

from __future__ import annotations

import threading
from typing import Any

from ipywidgets.widgets.widget import _instances

from imgwidgets.widgets.grid import still as grid_still
from imgwidgets.widgets.grid.grid import ResultGrid
from imgwidgets.widgets.page import in_notebook

__all__ = ["show"]

_lock = threading.Lock()
_shown: dict[str, tuple[str, list[ResultGrid]]] = {}  # cell -> its last run, and what that showed


def show(result: Any, include: Any = None, exclude: Any = None) -> Any:
    """Show a result as the last line of a cell: what its ``_repr_mimebundle_`` answers.

    Parameters
    ----------
    result : ImageResult or ResultImage
    include, exclude : optional
        As IPython passes them on.

    Returns
    -------
    dict or (dict, dict)
        A live grid and one line of text; only the text where there is no notebook.
    """
    if not in_notebook():
        return {"text/plain": repr(result)}
    grid = ResultGrid(result)
    _instead(grid)
    bundle = grid._repr_mimebundle_(include=include, exclude=exclude)
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
    return {**data, "text/plain": repr(result)}, metadata


def _instead(grid: ResultGrid) -> None:
    """Close the grids that the same cell showed when it ran before: nobody has a name for them.

    Without this each run of the cell would leave one, with its images, for as long as the kernel lives.
    """
    parent = grid_still.message()
    cell = str(parent.get("metadata", {}).get("cellId") or "")
    run = str(parent.get("header", {}).get("msg_id") or "")
    # What goes into an output widget stays there when the cell runs again.
    if not cell or any(getattr(widget, "msg_id", "") == run for widget in list(_instances.values())):
        return
    with _lock:
        before, grids = _shown.get(cell, ("", []))
        old = grids if before != run else []
        _shown[cell] = run, [grid, *(grids if before == run else [])]
    for one in old:
        one.close()
