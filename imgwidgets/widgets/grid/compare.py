"""Comparing two to four images of a grid: what the page is told besides the pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from imgwidgets.errors import ImgWidgetsError
from imgwidgets.images import Mask
from imgwidgets.widgets import text
from imgwidgets.widgets.grid.actions import Actions
from imgwidgets.widgets.grid.table import differences, table_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imgwidgets.widgets.grid.items import Item

__all__ = ["FEWEST", "MOST_AT_ONCE", "Comparing", "outline"]

FEWEST, MOST_AT_ONCE = 2, 4

_EDGE = 1024  # pixels of a mask's longer edge; a finer outline is not seen
_RUNS = 20_000  # straight pieces of an outline; more is speckle, and is drawn coarser


class Comparing(Actions):
    """What a grid says about its images side by side and in a table."""

    def __init__(self, **traits: Any) -> None:
        # Asked for in Python before a page was there: opened by the first one that comes up.
        self._to_compare: list[int] = []
        super().__init__(**traits)
        self.on_msg(self._receive_comparing)

    def compare(self, images: Any = None) -> None:
        """Open the comparison of two to four images over the page.

        Side by side with one zoom for all, under a slider, blinking, or as a map of what differs;
        with a table of the parameters that differ. Where the grid is not shown yet, it opens as
        soon as it is.

        Parameters
        ----------
        images : iterable of ResultImage, optional
            Two to four of ``grid.images``; default: those that are selected.

        Raises
        ------
        ValueError
            Where these are fewer or more, or one is not in the grid.
        """
        items = self._items_of(self.selected if images is None else images)
        if not FEWEST <= len(items) <= MOST_AT_ONCE:
            which = "selected" if images is None else "given"
            raise ValueError(
                f"two to four images can be compared, and {len(items)} are {which}: "
                "pass some, as in grid.compare(grid.images[:2])"
            )
        with self._list.lock:
            self._to_compare = [item.key for item in items]
            self._open_comparison()

    def to_pandas(self) -> Any:
        """Give a table with one row for each tile, in the order of the grid.

        Waits for files and URLs that are being read.

        Returns
        -------
        pandas.DataFrame
            Columns: ``prompt``, ``model``, ``provider``, ``size`` (``"WIDTHxHEIGHT"`` of the
            picture), ``cost`` (US dollars), ``seconds``, one for each parameter by the API's name
            (``asked_size`` for the size that was asked for), ``starred``, ``rating`` and ``error``.

        Raises
        ------
        MissingExtra
            Where pandas is not installed.
        """
        self._settle()
        return table_of(self._list.all())

    def _send_tiles(self, start: int, *, reset: bool = False) -> None:
        with self._list.lock:
            super()._send_tiles(start, reset=reset)
            self._open_comparison()

    def _open_comparison(self) -> None:
        if self._heard and self._to_compare:
            keys, self._to_compare = self._to_compare, []
            self._say({"kind": "compare", "keys": keys})

    def _receive_comparing(self, _widget: Any, message: Any, _buffers: Any) -> None:
        match message:
            case {"kind": "differences", "keys": list(keys), "request": request}:
                items = [item for key in keys if isinstance(key, int) and (item := self._list.get(key))]
                if len(items) == len(keys) <= MOST_AT_ONCE:
                    rows, outlines = differences(items), [_outline_of(item) for item in items]
                    self._say({"kind": "differences", "request": request, "rows": rows, "outlines": outlines})
                else:
                    said = "One of these images is no longer in the grid."
                    self._say({"kind": "failed", "request": request, "message": said})


def _outline_of(item: Item) -> dict[str, Any] | None:
    """Give the outline of the mask that an edit was asked for with; None where there is none."""
    mask = item.request.mask if item.request is not None else None
    if mask is None or mask.data is None:
        return None
    try:
        selected = Mask.from_image(mask.data).selected
    except (ImgWidgetsError, OSError) as error:
        return {"error": text.one_line(error, 200)}
    return outline(selected)


def outline(selected: NDArray[np.bool_]) -> dict[str, Any] | None:
    """Give the edge of a selection as an SVG path of straight pieces.

    Parameters
    ----------
    selected : (H, W) bool
        True = edit here.

    Returns
    -------
    dict or None
        ``path``, and the ``width`` and ``height`` of its units; None where nothing is selected.

    Examples
    --------
    >>> import numpy as np
    >>> outline(np.ones((2, 3), bool))
    {'path': 'M0 0h3M0 2h3M0 0v2M3 0v2', 'width': 3, 'height': 2}
    """
    if not selected.any():
        return None
    height, width = selected.shape
    step = -(-max(width, height) // _EDGE)
    while True:
        # A block is selected where any of its pixels is: a thin stroke does not vanish.
        rows, columns = -(-height // step), -(-width // step)
        padded = np.zeros((rows * step, columns * step), bool)
        padded[:height, :width] = selected
        small = padded.reshape(rows, step, columns, step).any(axis=(1, 3))
        framed = np.pad(small, 1)
        level = _runs(framed[1:, 1:-1] != framed[:-1, 1:-1])
        upright = _runs((framed[1:-1, 1:] != framed[1:-1, :-1]).T)
        if len(level) + len(upright) <= _RUNS or step > max(width, height):
            break
        step *= 2
    pieces = [f"M{start} {line}h{length}" for line, start, length in level]
    pieces += [f"M{line} {start}v{length}" for line, start, length in upright]
    # In units of blocks; the last ones may reach beyond the picture, so its own size is a fraction of them.
    return {"path": "".join(pieces), "width": _plain(width / step), "height": _plain(height / step)}


def _plain(number: float) -> float:
    return int(number) if number.is_integer() else number


def _runs(edges: NDArray[np.bool_]) -> Sequence[tuple[int, int, int]]:
    """Give (line, start, length) of each stretch of True."""
    framed = np.pad(edges, ((0, 0), (1, 1))).astype(np.int8)
    change = np.diff(framed, axis=1)
    lines, starts = np.nonzero(change == 1)
    _, ends = np.nonzero(change == -1)
    return [(int(a), int(b), int(c - b)) for a, b, c in zip(lines, starts, ends, strict=True)]
