"""The list of a grid's items: one lock, one owner."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imgwidgets.images import ResultImage
    from imgwidgets.widgets.grid.items import Item

__all__ = ["Items"]


class Items:
    """Items in their order, each under a key that is never used twice.

    Any thread may call. Whoever does several things in one go, or tells the page of a change in the
    order in which it happened, holds :attr:`lock` meanwhile.

    Examples
    --------
    >>> from imgwidgets.widgets.grid.items import Item
    >>> items = Items()
    >>> [item.key for item in items.append([Item(title="one"), Item(title="two")])]
    [0, 1]
    >>> _ = items.replace(1, Item(error="no"))
    >>> [(item.version, item.error) for item in items.all()]
    [(0, ''), (1, 'no')]
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._items: list[Item] = []
        self._places: dict[int, int] = {}
        self._next = 0

    def all(self) -> list[Item]:
        """Give the items as they are now."""
        with self.lock:
            return list(self._items)

    def get(self, key: int) -> Item | None:
        """Give the item of a key; None where it is gone."""
        with self.lock:
            place = self._places.get(key)
            return None if place is None else self._items[place]

    def place(self, key: int) -> int:
        """Give the place of a key, counted from 0; -1 where it is gone."""
        with self.lock:
            return self._places.get(key, -1)

    def of(self, image: ResultImage) -> Item:
        """Give the item of an image, compared by identity: equal pictures may stand in one grid twice.

        Raises
        ------
        ValueError
            Where it is not here.
        """
        with self.lock:
            for item in self._items:
                if item.image is image:
                    return item
        raise ValueError(f"{image!r} is not in this grid")

    def append(self, found: Iterable[Item]) -> list[Item]:
        """Add items at the end, and give them with their keys."""
        return self.insert(len(self._items), found)

    def insert(self, place: int, found: Iterable[Item]) -> list[Item]:
        """Add items before a place, and give them with their keys."""
        now = time.time()
        with self.lock:
            new = []
            for item in found:
                new.append(msgspec.structs.replace(item, key=self._next, added=item.added or now))
                self._next += 1
            self._items[place:place] = new
            self._number(place)
            return new

    def replace(self, key: int, item: Item) -> Item | None:
        """Put another item in a place; None where the place is gone."""
        with self.lock:
            place = self._places.get(key)
            if place is None:
                return None
            before = self._items[place]
            new = msgspec.structs.replace(
                item, key=key, version=before.version + 1, added=item.added or before.added
            )
            self._items[place] = new
            return new

    def change(self, key: int, **fields: Any) -> Item | None:
        """Change what is said of an item whose picture stays; None where it is gone."""
        with self.lock:
            place = self._places.get(key)
            if place is None:
                return None
            self._items[place] = msgspec.structs.replace(self._items[place], **fields)
            return self._items[place]

    def remove(self, keys: Iterable[int]) -> list[int]:
        """Take items out, and give the keys of those that were there."""
        with self.lock:
            gone = [key for key in dict.fromkeys(keys) if key in self._places]
            left = set(gone)
            self._items = [item for item in self._items if item.key not in left]
            self._places.clear()
            self._number(0)
            return gone

    def _number(self, start: int) -> None:
        rest: Sequence[Item] = self._items[start:]
        self._places.update((item.key, start + i) for i, item in enumerate(rest))

    def __len__(self) -> int:
        return len(self._items)
