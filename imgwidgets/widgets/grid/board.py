"""The grid's machinery: its list, what is made of it on other threads, and what the page is told."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import anywidget
import msgspec
import traitlets as t

from imgwidgets.widgets import text
from imgwidgets.widgets.grid import boot as grid_boot
from imgwidgets.widgets.grid import sources as grid_sources
from imgwidgets.widgets.grid.items import reason_of
from imgwidgets.widgets.grid.list import Items
from imgwidgets.widgets.grid.thumbnails import Thumbnails
from imgwidgets.widgets.grid.tiles import tile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from concurrent.futures import Future

    from imgwidgets.images import ResultImage
    from imgwidgets.widgets.grid.items import Item

__all__ = ["Board"]

_TILES_A_MESSAGE = 200
# So many thumbnails of new images are sent unasked: while a cell runs, the page's wishes may have to wait.
_UNASKED = 16


class _Place:
    """What a grid lets an :class:`Expected` do with its list."""

    def __init__(self, board: Board) -> None:
        self.items = board._list  # noqa: SLF001 (its own module)
        self.put: Callable[[int, Item], bool] = board._put  # noqa: SLF001
        self.insert: Callable[[int, Iterable[Item]], list[Item]] = board._insert  # noqa: SLF001
        self.drop: Callable[[Iterable[int]], None] = board._drop  # noqa: SLF001


class Board(anywidget.AnyWidget):
    """What :class:`ResultGrid` is made of, below what people call."""

    # What the page may know without asking: numbers and a few words, never pictures or prompts.
    _count = t.Int(0).tag(sync=True)
    _selected = t.List(t.Int()).tag(sync=True)
    _cost = t.Unicode("").tag(sync=True)
    _module = t.Unicode(grid_boot.HASH).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        # The list's lock is held while the page is told of a change: so it hears of all in their order.
        self._list = Items()
        self._thumbnails = Thumbnails()
        self._reading: dict[int, Future[ResultImage]] = {}
        self._heard = False  # whether any page has said that it is there
        self._greeting: grid_boot.Greeting | None = None
        self._closed = False
        self._summing = threading.Lock()  # ipywidgets' hold_sync is for one thread at a time
        self._finished = threading.Condition()  # told when something awaited has come
        super().__init__(**traits)

    # -- changes of the list ---------------------------------------------------------------------------

    def _append(self, found: Sequence[Item]) -> list[Item]:
        with self._list.lock:
            new = self._list.append(found)
            if self._listening and new:
                self._send_tiles(0 if not self._heard else len(self._list) - len(new))
        self._begin(new)
        return new

    def _insert(self, after: int, found: Iterable[Item]) -> list[Item]:
        with self._list.lock:
            place = self._list.place(after) + 1 or len(self._list)
            new = self._list.insert(place, found)
            if self._listening:
                self._send_tiles(0, reset=True)
        self._begin(new)
        return new

    def _begin(self, new: Sequence[Item]) -> None:
        self._summarise()
        self._read([item for item in new if item.source is not None and item.image is None])
        if self._listening:
            self._push(new[:_UNASKED])

    def _put(self, key: int, item: Item) -> bool:
        """Put another item in a place; say whether that place is still there."""
        with self._list.lock:
            new = self._list.replace(key, item)
            if new is None:
                return False
            self._tell(new)
        self._push([new])
        self._summarise()
        return True

    def _drop(self, keys: Iterable[int]) -> None:
        with self._list.lock:
            gone = self._list.remove(keys)
            if not gone:
                return
            for key in gone:
                self._thumbnails.forget(key)
                self._stop_reading(key)
            self._say({"kind": "gone", "keys": gone})
        self._summarise()

    @property
    def _place(self) -> _Place:
        return _Place(self)

    def _free(self) -> None:
        """Let go of everything: the grid is closed."""
        self._closed = True
        if self._greeting is not None:
            self._greeting.end()
        self._list.remove([item.key for item in self._list.all()])
        self._thumbnails.clear()

    def _fail(self, item: Item, error: BaseException, *, retry: Callable[[], None] | None = None) -> None:
        """Turn a tile whose image cannot be read or decoded into one that says why."""
        with self._list.lock:
            now = self._list.get(item.key)
            if now is None or now.version != item.version:
                return
            said = msgspec.structs.replace(now, error=reason_of(error), source=None, retry=retry)
            failed = self._list.replace(item.key, said)
            if failed is not None:
                self._tell(failed)
        self._summarise()

    def _summarise(self) -> None:
        with self._summing:
            items = self._list.all()
            costs = [item.cost for item in items if item.cost is not None]
            with self.hold_sync():
                self._count = len(items)
                self._cost = text.dollars(sum(costs)) if costs else ""

    # -- the page ----------------------------------------------------------------------------------------

    def _say(self, message: dict[str, Any], *buffers: bytes) -> None:
        if not self._closed:
            self.send(message, list(buffers) or None)

    def _greet(self) -> None:
        """Tell a page that will soon be there: the grid is being shown."""
        if not self._heard and self._greeting is None:
            self._greeting = grid_boot.Greeting(
                lambda: self._welcome(module=True), lambda: self._heard or self._closed
            )

    def _welcome(self, *, module: bool) -> None:
        """Send a page what it needs to begin."""
        if module:
            self._say({"kind": "module", "esm": grid_boot.CODE, "css": grid_boot.STYLE})
        self._send_tiles(0)
        self._push(self._list.all()[:_UNASKED])

    @property
    def _listening(self) -> bool:
        """Whether a page is there, or may be."""
        return self._heard or self._greeting is not None

    @property
    def _retries(self) -> bool:
        """Whether somebody is there who asks again."""
        return False

    def _tell(self, item: Item) -> None:
        self._say({"kind": "tile", "tile": tile(item, self._list.place(item.key), retries=self._retries)})

    def _send_tiles(self, start: int, *, reset: bool = False) -> None:
        with self._list.lock:
            items = self._list.all()
            for first in range(start, max(len(items), start + 1), _TILES_A_MESSAGE):
                part = items[first : first + _TILES_A_MESSAGE]
                tiles = [tile(item, first + i, retries=self._retries) for i, item in enumerate(part)]
                self._say(
                    {
                        "kind": "tiles",
                        "start": first,
                        "total": len(items),
                        "reset": reset and first == start,
                        "model_id": self.model_id,
                        "tiles": tiles,
                    }
                )

    # -- made on other threads -------------------------------------------------------------------------

    def _read(self, items: Iterable[Item]) -> None:
        """Read what images are yet to come from."""
        for item in items:
            future = grid_sources.start(item)
            with self._finished:
                self._reading[item.key] = future
            future.add_done_callback(partial(self._have_read, item))

    def _have_read(self, item: Item, future: Future[ResultImage]) -> None:
        try:
            if future.cancelled() or self._closed:
                return
            error = future.exception()
            if error is not None:
                # A server may answer later, a file may come; bytes and arrays will be no better then.
                named = isinstance(item.source, (str, os.PathLike, Mapping))
                self._fail(item, error, retry=partial(self._read_again, item) if named else None)
            else:
                self._put(item.key, msgspec.structs.replace(item, image=future.result(), source=None))
        finally:
            self._stop_reading(item.key)

    def _read_again(self, item: Item) -> None:
        with self._list.lock:
            waiting = self._list.replace(item.key, item)
            if waiting is None:
                return
            self._tell(waiting)
        self._summarise()
        self._read([waiting])

    def _stop_reading(self, key: int) -> None:
        with self._finished:
            self._reading.pop(key, None)
            self._finished.notify_all()

    def _settle(self) -> None:
        """Wait until everything that is being read is there."""
        with self._finished:
            self._finished.wait_for(lambda: not self._reading)

    def _push(self, items: Iterable[Item]) -> None:
        """Send thumbnails as they get ready, from the threads that make them."""
        for item in items:
            if item.shown is not None:
                self._thumbnails.start(item).add_done_callback(partial(self._ready, item))

    def _ready(self, item: Item, future: Future[tuple[bytes, str]]) -> None:
        if future.cancelled() or self._closed:
            return
        error = future.exception()
        if error is not None:
            self._fail(item, error)
            return
        data, media_type = future.result()
        self._say(
            {"kind": "thumbnail", "key": item.key, "version": item.version, "media_type": media_type}, data
        )
