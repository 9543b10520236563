"""The grid's second output, which stays when the kernel is gone: when it is made, and by whom.

Small pictures for a hundred images take a second to make. The main thread does not wait for that: the
output is in the cell at once, with captions, and the threads that make the pictures put them there
when they have them. Where a program runs the notebook (nbclient, nbconvert, nbval, Papermill), what comes
after a cell's end is lost, and nobody is kept waiting: there the cell ends when the pictures are ready.
A program is told from a person by the kernel's own messages: it says that it could not answer a question.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import threading
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

from IPython import get_ipython
from IPython.display import publish_display_data

from imgwidgets.widgets.grid.static import BUDGET, MOST, placeholder, static_copy, weight
from imgwidgets.widgets.grid.tiles import named

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from imgwidgets.widgets.grid.items import Item
    from imgwidgets.widgets.grid.list import Items
    from imgwidgets.widgets.grid.thumbnails import Thumbnails

__all__ = ["BUDGET", "Still", "message", "publish", "somebody_watches"]


class _Spent:
    """How much of its budget each cell has used: a cell may show several grids."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_cell: dict[str, dict[str, int]] = {}

    def left(self, cell: str, budget: int, name: str) -> int:
        """Give what one output of a cell may still take."""
        with self._lock:
            return budget - sum(used for other, used in self._by_cell.get(cell, {}).items() if other != name)

    def use(self, cell: str, name: str, amount: int) -> None:
        with self._lock:
            self._by_cell.setdefault(cell, {})[name] = amount
            while len(self._by_cell) > 50:
                del self._by_cell[next(iter(self._by_cell))]


_spent = _Spent()


class Still:
    """The static copy of one grid in one cell.

    Parameters
    ----------
    items : Items
        The grid's list.
    thumbnails : Thumbnails
        Of the same grid.
    settle : callable
        Waits until nothing is being read any more.
    fail : callable
        Takes (item, error) where an image cannot be decoded.
    cell : str
        Which cell it is in; all grids of a cell share one budget.
    budget : int
        Of the cell, in bytes.
    """

    def __init__(  # noqa: PLR0913 (what a grid hands over)
        self,
        items: Items,
        thumbnails: Thumbnails,
        *,
        settle: Callable[[], None],
        fail: Callable[[Item, BaseException], None],
        cell: str,
        budget: int,
    ) -> None:
        self._items = items
        self._thumbnails = thumbnails
        self._settle = settle
        self._fail = fail
        self._cell = cell
        self._budget = budget
        self.marker = marker_of(items.all())
        self._name = secrets.token_hex(8)
        self._shown = False
        self._versions: list[tuple[int, int]] | None = None
        self._lock = threading.Lock()  # one copy is made at a time, and the last one is the newest

    def show(self) -> None:
        """Show captions at once, and pictures as soon as they are there."""
        items = self._items.all()
        if items:
            self._publish(placeholder(items[:MOST], total=len(items), marker=self.marker))
            threading.Thread(target=self.make, name="imgwidgets-still", daemon=True).start()

    def end(self) -> None:
        """At the end of a cell: what came while it ran is shown too."""
        if not self._shown:
            self.show()
        elif self._now() != self._versions:
            threading.Thread(target=self.make, name="imgwidgets-still", daemon=True).start()

    def begin(self) -> None:
        """Let the thumbnails be made while the cell goes on."""
        for item in self._items.all()[:MOST]:
            if item.shown is not None:
                self._thumbnails.start(item)

    def make(self) -> None:
        """Make the copy of what there is now, and wait until it is published."""
        with self._lock:
            self._settle()
            if self._now() == self._versions:
                return
            self._versions = self._now()
            html = self._html()
            if html:
                self._publish(html)

    def _now(self) -> list[tuple[int, int]]:
        return [(item.key, item.version) for item in self._items.all()]

    def _html(self) -> str:
        start = self._items.all()[:MOST]
        futures = [self._thumbnails.start(item) if item.shown is not None else None for item in start]
        made = [self._finished(item, future) for item, future in zip(start, futures, strict=True)]
        items = [self._items.get(item.key) or item for item in start]
        if not items:
            return ""
        left = _spent.left(self._cell, self._budget, self._name)
        return static_copy(items, made, total=len(self._items), budget=left, marker=self.marker)

    def _finished(self, item: Item, future: Future[tuple[bytes, str]] | None) -> tuple[bytes, str] | None:
        if future is None:
            return None
        try:
            return future.result()
        except CancelledError:  # the grid was closed, or the tile deleted
            return None
        except Exception as error:  # noqa: BLE001 (the tile says what it was)
            self._fail(item, error)
            return None

    def _publish(self, html: str) -> None:
        _spent.use(self._cell, self._name, weight(html))
        again, self._shown = self._shown, True
        publish_display_data({"text/html": html}, transient={"display_id": self._name}, update=again)  # type: ignore[no-untyped-call]


def publish(make: Callable[[str], Still]) -> str:
    """Leave a static copy of a grid in the cell that shows it.

    Parameters
    ----------
    make : callable
        Gives the copy of a cell, named by the message that runs it.

    Returns
    -------
    str
        The copy's marker.
    """
    parent = message()
    still = make(str(parent.get("header", {}).get("msg_id", "")))
    in_cell = parent.get("header", {}).get("msg_type") == "execute_request"
    at_end = in_cell and threading.current_thread() is threading.main_thread()
    if somebody_watches():
        still.show()
        if at_end:
            _at_the_end(still.end)
    elif at_end:
        still.begin()
        _at_the_end(still.make)
    else:
        still.make()
    return still.marker


def somebody_watches() -> bool:
    """Tell a person from a program that runs the notebook: the program could not answer a question."""
    return bool(message().get("content", {}).get("allow_stdin", True))


def marker_of(items: Sequence[Item]) -> str:
    """Give the name by which the live widget finds its copy: the same for the same images."""
    # Nothing that is known only when a file has been read: it would be another name by then.
    said = [(item.title[:400], item.model, named(item)) for item in items[:MOST]]
    return hashlib.sha256(repr((len(items), said)).encode()).hexdigest()[:12]


def message() -> dict[str, Any]:
    """Give the message that the kernel works on; empty where it cannot be found out."""
    kernel: Any = getattr(get_ipython(), "kernel", None)
    with contextlib.suppress(Exception):  # another kernel than ipykernel: then somebody is watching
        parent = kernel.get_parent()
        if isinstance(parent, dict):
            return parent
    return {}


def _at_the_end(act: Any) -> None:
    """Call something once, when the running cell has ended, but before the page is told so."""
    shell: Any = get_ipython()
    events = shell.events

    def once(*_: Any) -> None:
        events.unregister("post_run_cell", once)
        act()

    events.register("post_run_cell", once)
