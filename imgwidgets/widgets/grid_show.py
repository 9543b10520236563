"""How a result shows itself as the last line of a cell."""

from __future__ import annotations

from typing import Any

from imgwidgets.widgets.grid import ResultGrid
from imgwidgets.widgets.page import in_notebook

__all__ = ["show"]


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
    bundle = ResultGrid(result)._repr_mimebundle_(include=include, exclude=exclude)
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
    return {**data, "text/plain": repr(result)}, metadata
