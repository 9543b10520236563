"""Requests per minute: a bucket that holds a minute's worth and refills evenly."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Pace", "Verdict"]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a request may pass, and what its headers say.

    Attributes
    ----------
    allowed : bool
        Whether it may pass.
    wait : float
        Seconds until one more would be allowed; 0 where it was.
    headers : dict
        ``x-ratelimit-*``, and ``retry-after`` where it was not allowed.
    """

    allowed: bool
    wait: float = 0.0
    headers: dict[str, str] = {}


def duration(seconds: float) -> str:
    """Write a time as the rate limit headers do.

    >>> duration(0.012), duration(8.64), duration(75)
    ('12ms', '8.64s', '1m15s')
    """
    if seconds < 1:
        return f"{math.ceil(seconds * 1000)}ms"
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)}m{rest:.3g}s" if minutes else f"{rest:.3g}s"


class Pace:
    """Lets so many requests a minute pass.

    Parameters
    ----------
    requests_per_minute : float or None
        None: all pass, and no header is sent.
    clock : callable
        Gives seconds; tests bring their own.

    Examples
    --------
    >>> from imgwidgets.sandbox.pace import Pace
    >>> pace = Pace(2, clock=lambda: 0.0)
    >>> [pace.ask().allowed for _ in range(3)], pace.ask().headers["retry-after"]
    ([True, True, False], '30')
    """

    def __init__(
        self, requests_per_minute: float | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if requests_per_minute is not None and not requests_per_minute > 0:
            raise ValueError(
                f"requests_per_minute must be above 0, or None for no limit, not {requests_per_minute!r}"
            )
        self._limit = requests_per_minute
        self._clock = clock
        self._capacity = max(1.0, requests_per_minute or 1.0)
        self._left = self._capacity
        self._at = clock()
        self._lock = threading.Lock()

    def ask(self) -> Verdict:
        """Say whether one more request may pass now; one that may not costs nothing."""
        if self._limit is None:
            return Verdict(allowed=True)
        per_second = self._limit / 60
        with self._lock:
            now = self._clock()
            self._left = min(self._capacity, self._left + (now - self._at) * per_second)
            self._at = now
            # A millionth of a request forgives the rounding of a client that waited exactly as told.
            allowed = self._left >= 1 - 1e-6
            if allowed:
                self._left = max(0.0, self._left - 1)
            left = self._left
        wait = 0.0 if allowed else (1 - left) / per_second
        headers = {
            "x-ratelimit-limit-requests": f"{self._limit:g}",
            "x-ratelimit-remaining-requests": str(int(left)),
            "x-ratelimit-reset-requests": duration((self._capacity - left) / per_second),
        }
        if not allowed:
            headers["retry-after"] = str(math.ceil(wait))
            headers["retry-after-ms"] = str(math.ceil(wait * 1000))
        return Verdict(allowed=allowed, wait=wait, headers=headers)
