"""Uploads and results, kept in memory for a while: bounded, and never on disk."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

import msgspec

from imgwidgets.sandbox.bounds import MAX_STORED_BYTES, MAX_STORED_FILES

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Store", "Stored"]


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A file in memory.

    Attributes
    ----------
    data : bytes
        The file.
    name, media_type, purpose : str
        What was said about it.
    created : float
        Seconds since 1970.
    expires : float
        On the store's clock, in seconds.
    """

    data: bytes
    name: str = ""
    media_type: str = "application/octet-stream"
    purpose: str = ""
    created: float = 0.0
    expires: float = float("inf")

    def __repr__(self) -> str:
        return f"<Stored {self.name} {len(self.data):,} bytes>"


class Store:
    """Files by name; the oldest make room for new ones.

    Parameters
    ----------
    lifetime : float
        Seconds for which a file can be read.
    max_bytes, max_files : int
        How much is kept.
    clock : callable
        Gives seconds; tests bring their own.

    Examples
    --------
    >>> from imgwidgets.sandbox.store import Store
    >>> store = Store(max_files=1)
    >>> store.put("a", b"first"), store.put("b", b"second")
    (<Stored  5 bytes>, <Stored  6 bytes>)
    >>> store.get("a") is None
    True
    """

    def __init__(
        self,
        *,
        lifetime: float = float("inf"),
        max_bytes: int = MAX_STORED_BYTES,
        max_files: int = MAX_STORED_FILES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lifetime = lifetime
        self._max_bytes = max_bytes
        self._max_files = max_files
        self._clock = clock
        self._files: OrderedDict[str, Stored] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def put(  # noqa: PLR0913 (what is said about a file)
        self,
        key: str,
        data: bytes,
        *,
        name: str = "",
        media_type: str = "application/octet-stream",
        purpose: str = "",
        lifetime: float | None = None,
    ) -> Stored:
        """Keep a file under a name, for `lifetime` seconds or the store's own."""
        stored = Stored(
            data=data,
            name=name,
            media_type=media_type,
            purpose=purpose,
            created=time.time(),
            expires=self._clock() + (self._lifetime if lifetime is None else lifetime),
        )
        with self._lock:
            self._drop(key)
            self._files[key] = stored
            self._bytes += len(data)
            while len(self._files) > 1 and (
                len(self._files) > self._max_files or self._bytes > self._max_bytes
            ):
                self._drop(next(iter(self._files)))
        return stored

    def get(self, key: str) -> Stored | None:
        """Give the file, or None where there is none or its time is over."""
        with self._lock:
            stored = self._files.get(key)
            if stored is not None and stored.expires <= self._clock():
                self._drop(key)
                return None
            return stored

    def delete(self, key: str) -> bool:
        """Forget a file; False where there was none."""
        with self._lock:
            return self._drop(key)

    def items(self) -> list[tuple[str, Stored]]:
        """Give all names and files, oldest first."""
        with self._lock:
            now = self._clock()
            return [(key, stored) for key, stored in self._files.items() if stored.expires > now]

    def _drop(self, key: str) -> bool:
        stored = self._files.pop(key, None)
        if stored is None:
            return False
        self._bytes -= len(stored.data)
        return True
