"""One limit by the minute: so many requests, images, input images or tokens, in pyrate-limiter's bucket.

A sliding window: within no minute more than so many. Whatever window a provider has itself (sliding, aligned
to the clock, or a bucket that refills evenly), one who keeps to this one keeps to it.
"""

from __future__ import annotations

import math

from pyrate_limiter import InMemoryBucket, Rate, RateItem

__all__ = ["Limit"]

_MINUTE = 60_000  # milliseconds
_MARGIN = 400  # a request of the next minute may travel faster than one of this
_FINEST = 4_000  # units a minute; the bucket has an entry for each, so large limits count in tens or hundreds


class Limit:
    """So many units a minute.

    Parameters
    ----------
    per_minute : float
        Above 0.

    Examples
    --------
    >>> limit = Limit(2)
    >>> [limit.wait(1, at=0.0), limit.count(2, at=0.0), limit.wait(1, at=1.0)]
    [0.0, None, 59.401]
    """

    def __init__(self, per_minute: float) -> None:
        self.per_minute = per_minute
        self._unit = max(1.0, per_minute / _FINEST)
        units = per_minute / self._unit
        self._most = max(1, math.floor(units))
        self._window = round(_MINUTE * self._most / units) + _MARGIN
        self._bucket = InMemoryBucket([Rate(self._most, self._window)])

    def wait(self, amount: float, *, at: float) -> float:
        """Give the seconds until so many more may go; 0 for now.

        Parameters
        ----------
        amount : float
            Units. More than a whole minute's go as a whole minute's.
        at : float
            Now, in seconds.
        """
        now = round(at * 1000)
        self._bucket.leak(now)
        oldest = self._bucket.peek(self._most - self._entries(amount)) if amount else None
        if oldest is None:
            return 0.0
        return max(0, oldest.timestamp + self._window - now + 1) / 1000

    def count(self, amount: float, *, at: float) -> None:
        """Note that so many went; what is beyond the limit is cut off."""
        now = round(at * 1000)
        self._bucket.leak(now)
        entries = min(self._entries(amount), self._most - self._bucket.count()) if amount else 0
        if entries > 0:
            self._bucket.put(RateItem("sent", now, weight=entries))

    def used(self, *, at: float) -> float:
        """Give how many went within the last minute."""
        self._bucket.leak(round(at * 1000))
        return self._bucket.count() * self._unit

    def _entries(self, amount: float) -> int:
        return min(self._most, max(1, math.ceil(amount / self._unit)))
