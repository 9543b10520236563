"""Connections that are used again, one call at a time.

A kept connection saves a handshake, and may be dead without our knowing: a provider that closed it just now
never saw the request that went out on it, yet nobody can be sure, and such a request counts as
``maybe_billed``. So a connection is used again only within a second of its last reply, far below the five
seconds and more that servers wait, and only where its socket shows no sign of having been closed.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["KEPT_SECONDS", "Lane", "Lanes"]

KEPT_SECONDS = 1.0
"""Seconds without a call after which a connection is not used again."""

_MOST_IDLE = 8  # connections that are kept open while nothing is asked; more than a person's own clicks need


class _Closable(Protocol):
    def close(self) -> None: ...


_Client = TypeVar("_Client", bound=_Closable)


class Lane(Generic[_Client]):
    """One connection to one server, whichever it is just now.

    Parameters
    ----------
    client : object
        What keeps at most one connection.
    origin : str
        Scheme, host and port.
    """

    def __init__(self, client: _Client, origin: str) -> None:
        self.client = client
        self.origin = origin
        self.socket: Any = None
        """Of the last connection; another where that was not used again."""


class Lanes(Generic[_Client]):
    """Lends out lanes, from any thread.

    Parameters
    ----------
    make : callable
        Gives a client for an origin.
    """

    def __init__(self, make: Callable[[str], _Client]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._idle: list[Lane[_Client]] = []
        self._process = os.getpid()
        self._closed = False
        # Whoever forgets to close it leaves nothing open all the same.
        weakref.finalize(self, _close_all, self._idle)

    def take(self, origin: str) -> Lane[_Client]:
        """Give a lane that nobody else uses: the one that was used last, else a new one."""
        with self._lock:
            if self._process != os.getpid():
                # After a fork, the parent still talks on these.
                self._idle.clear()
                self._process = os.getpid()
            for lane in reversed(self._idle):
                if lane.origin == origin:
                    self._idle.remove(lane)
                    return lane
        return Lane(self._make(origin), origin)

    def give(self, lane: Lane[_Client]) -> None:
        """Take a lane back whose reply is closed."""
        with self._lock:
            self._idle.append(lane)
            too_many = self._closed or len(self._idle) > _MOST_IDLE
            oldest = self._idle.pop(0) if too_many else None
        if oldest is not None:
            oldest.client.close()

    def close(self) -> None:
        """Close all that nobody uses, and from now on what is given back."""
        with self._lock:
            self._closed = True
            _close_all(self._idle)


def _close_all(idle: list[Lane[Any]]) -> None:
    while idle:
        idle.pop().client.close()
