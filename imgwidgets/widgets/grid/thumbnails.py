"""Thumbnails, made off the main thread and once for each image."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from imgwidgets.widgets.grid.items import small

if TYPE_CHECKING:
    from imgwidgets.widgets.grid.items import Item

__all__ = ["Thumbnails"]

# Decoding releases the GIL, and two threads are as many as a notebook should take from other work.
_workers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="imgwidgets-thumbnail")


class Thumbnails:
    """The thumbnails of one grid, finished and in the making.

    Examples
    --------
    >>> import io
    >>> from PIL import Image
    >>> import imgwidgets as iw
    >>> from imgwidgets.widgets.grid.items import items_of
    >>> file = io.BytesIO()
    >>> Image.new("RGB", (800, 600), "teal").save(file, "png")
    >>> [item] = items_of(iw.ResultImage(file.getvalue()))
    >>> data, media_type = Thumbnails().start(item).result()
    >>> media_type, iw.ResultImage(data).size
    ('image/webp', (384, 288))
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[int, tuple[int, Future[tuple[bytes, str]]]] = {}

    def start(self, item: Item) -> Future[tuple[bytes, str]]:
        """Give the thumbnail of an item (file, media type) as a future."""
        with self._lock:
            known = self._made.get(item.key)
            if known is not None and known[0] == item.version:
                return known[1]
            future = _workers.submit(small, item)
            self._made[item.key] = (item.version, future)
            return future

    def forget(self, key: int) -> None:
        """Forget one, and do not begin it if that has not begun."""
        with self._lock:
            known = self._made.pop(key, None)
            if known is not None:
                known[1].cancel()

    def clear(self) -> None:
        """Forget all, and do not begin what has not begun."""
        with self._lock:
            for _, future in self._made.values():
                future.cancel()
            self._made.clear()
