"""Tiles that wait for a request that is on its way."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from imgwidgets.widgets.grid.items import Item, failure, items_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from imgwidgets.images import PartialImage
    from imgwidgets.widgets.grid.list import Items

__all__ = ["Expected"]


class Place(Protocol):
    """What a grid lets its expectations do with its list."""

    items: Items
    put: Callable[[int, Item], bool]
    insert: Callable[[int, Iterable[Item]], list[Item]]
    drop: Callable[[Iterable[int]], None]


class Expected:
    """Tiles of a grid that wait for one request: made by :meth:`ResultGrid.expect`.

    Any thread may call. A tile that a person has deleted meanwhile stays deleted.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> grid = iw.ResultGrid()
    >>> expected = grid.expect(2, prompt="a red fox", model="gpt-image-2")
    >>> grid
    <ResultGrid: 0 images, 2 waiting>
    >>> svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'
    >>> expected.result(iw.ImageResult([iw.ResultImage(svg)] * 2, request=None))
    >>> grid
    <ResultGrid: 2 images>
    """

    def __init__(
        self, grid: Place, found: Iterable[Item], count: int, retry: Callable[[], Any] | None
    ) -> None:
        self._grid = grid
        self._lock = threading.RLock()
        self._keys = [item.key for item in found]
        self._count = count
        self._retry = retry
        self._blank = Item()
        for item in self.tiles:
            self._blank = item

    @property
    def tiles(self) -> tuple[Item, ...]:
        """The tiles as they are now, without those that were deleted."""
        found = (self._grid.items.get(key) for key in self._keys)
        return tuple(item for item in found if item is not None)

    def partial(self, image: PartialImage) -> None:
        """Show a partial image in its tile, chosen by ``image.image_index``."""
        with self._lock:
            place = image.image_index
            if not 0 <= place < len(self._keys):
                return  # more pictures than were asked for: they come with the result
            [item] = items_of(image, **self._known())
            self._grid.put(self._keys[place], item)

    def result(self, result: Any) -> None:
        """Let the images take their tiles' places.

        Parameters
        ----------
        result : ImageResult
            Or whatever :meth:`ResultGrid.add` takes. More images than tiles get tiles of their own;
            tiles without an image go; no image at all is an error.
        """
        known = {name: value for name, value in self._known().items() if value}
        found = [_filled(item, known) for item in items_of(result)]
        if not found:
            self.failed("The reply held no image.")
            return
        self._take(found)

    def failed(self, error: BaseException | str) -> None:
        """Say why there is no image: one error tile, with a Retry button where that is possible."""
        again = None if self._retry is None else self._again
        self._take([failure(error, retry=again, **self._known())])

    def remove(self) -> None:
        """Take the tiles out of the grid: the request was cancelled, or another one took its place."""
        with self._lock:
            self._grid.drop(self._keys)
            self._keys.clear()

    def _known(self) -> dict[str, Any]:
        blank = self._blank
        return {name: getattr(blank, name) for name in ("title", "model", "parameters", "request")}

    def _take(self, found: list[Item]) -> None:
        with self._lock, self._grid.items.lock:
            for key, item in zip(self._keys, found, strict=False):
                self._grid.put(key, item)
            more = found[len(self._keys) :]
            if more and self._keys:
                self._keys += [item.key for item in self._grid.insert(self._keys[-1], more)]
            elif len(found) < len(self._keys):
                self._grid.drop(self._keys[len(found) :])
                del self._keys[len(found) :]

    def _again(self) -> None:
        """Wait anew, and ask."""
        blank = msgspec.structs.replace(self._blank, waiting_since=time.monotonic())
        self._take([blank] * self._count)
        assert self._retry is not None  # noqa: S101 (only then it is offered)
        try:
            self._retry()
        except Exception as error:  # noqa: BLE001 (whatever it is, the person sees it where they asked)
            self.failed(error)


def _filled(item: Item, known: dict[str, Any]) -> Item:
    """Add what was known when it was asked for, where the answer does not tell."""
    missing = {name: value for name, value in known.items() if not getattr(item, name)}
    return msgspec.structs.replace(item, **missing) if missing else item
