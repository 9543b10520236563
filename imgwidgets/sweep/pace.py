"""When the next request may go: the catalog's limits, the provider's headers and its 429s.

One :class:`Pace` for each provider and key in a process; all its runs share it, and what other clients send
with the same key counts too.

====================================  ====================================================================
what is known                         what is kept to
====================================  ====================================================================
``rates`` of the model's TOML         they, at the provider's own address, until its headers say otherwise
``x-ratelimit-limit-*`` of a reply    they, with what they say is left where somebody else uses the key too
a 429                                 nothing goes until the time it names; then half as many at once
some such in a row, no headers        what passed within the minute before; a tenth more each minute after
nothing                               so many at once; far away, it starts with a few
====================================  ====================================================================
"""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

from imgwidgets.sweep.headers import read_headers
from imgwidgets.sweep.limit import Limit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgwidgets.client.traffic import Load, Traffic

__all__ = ["AT_ONCE", "Pace", "pace_of"]

AT_ONCE = 64
"""Requests in flight where no limit is known."""

_FIRST_NEAR = 56  # at once before the first answer: a server of this machine rarely has a limit
_FIRST_FAR = 8
_SURPRISES = 3  # 429s of which one who was told when to come again is told more
_MEMORY = 180.0  # seconds
_RESOURCES = ("requests", "images", "input_images", "tokens")
_LONGEST_HOLD = 120.0  # seconds: whoever asks for more is not waited for
_NEVER_LATER = 1.0  # seconds: look again at the latest then


class Pace:
    """Says when a request may go.

    Parameters
    ----------
    traffic : Traffic
        What is sent with this key.
    near : bool, default False
        Whether the provider is on this machine.

    Examples
    --------
    >>> from imgwidgets.client.traffic import Load, Traffic
    >>> pace = Pace(Traffic(clock=lambda: 0.0), near=True)
    >>> load = Load(model="gpt-image-2")
    >>> [pace.ask(load, {"requests": 2}) for _ in range(3)]
    [0.0, 0.0, 1.0]
    >>> pace.reason(load, {"requests": 2})
    '2 requests a minute, from the catalog'
    """

    def __init__(self, traffic: Traffic, *, near: bool = False) -> None:
        self.traffic = traffic
        self.in_flight = 0
        """Requests of sweeps that were sent and not answered yet."""
        self._near = near
        self._window = float(_FIRST_NEAR if near else _FIRST_FAR)
        self._lock = threading.RLock()
        self._limits: dict[tuple[str, str, float], Limit] = {}  # (who says it, resource, per minute)
        self._said: dict[tuple[str, str], float] = {}  # (model, resource) -> per minute, from headers
        self._rates: dict[tuple[str, str], float] = {}  # likewise, from the catalog
        self._hold = float("-inf")
        self._refused: list[float] = []
        self._rounds: list[float] = []  # 429s that came as a surprise
        self._guess: tuple[float, float] | None = None  # requests a minute, and since when
        self._wakes: weakref.WeakSet[threading.Condition] = weakref.WeakSet()
        traffic.on_sent.append(self._note)
        traffic.on_heard.append(self._hear)

    # -- asking -----------------------------------------------------------------------------------------

    def ask(self, load: Load, rates: Mapping[str, float] | None = None, at_once: int = AT_ONCE) -> float:
        """Count a request that goes now, or say how long to wait at the least.

        Parameters
        ----------
        load : Load
            What it counts for.
        rates : mapping, optional
            The catalog's limits of its model, where they hold.
        at_once : int
            Requests in flight, at most.

        Returns
        -------
        float
            0: it was counted, send it. Else seconds.
        """
        with self._lock:
            now = self.traffic.clock()
            self._learn(load, rates or {}, now)
            wait = self._wait(load, at_once, now)
            if wait > 0:
                return min(wait, _NEVER_LATER)
            self.in_flight += 1
            self.traffic.sent(load)
        return 0.0

    def ended(self, *, well: bool) -> None:
        """Note that a request counted by :meth:`ask` was answered, or failed."""
        with self._lock:
            self.in_flight -= 1
            if well:
                self._window += 1 if self._window < AT_ONCE else 0
                if self._near and not self._rounds:
                    self._window = max(self._window, float(AT_ONCE))
            wakes = list(self._wakes)
        for wake in wakes:
            with wake:
                wake.notify_all()

    def refused(self, retry_after: float | None) -> None:
        """Note a 429, with the seconds that it asks to wait."""
        with self._lock:
            now = self.traffic.clock()
            if now >= self._hold:  # not one of those that were in flight when the first was refused
                self._rounds = [at for at in self._rounds if at > now - _MEMORY] + [now]
                self._window = max(1.0, min(self._window, float(self.in_flight)) / 2)
            self._refused = [at for at in self._refused if at > now - 60] + [now]
            surprises = len(self._rounds) + (retry_after is None)
            if retry_after is None:
                retry_after = min(60.0, 2.0 ** len(self._rounds) / 2)
            if retry_after <= _LONGEST_HOLD:
                self._hold = max(self._hold, now + retry_after)
            known = any(resource == "requests" for _, resource in self._said)
            if not known and surprises >= _SURPRISES:
                passed = sum(load.requests for at, load in self.traffic.recent() if at > now - 60)
                self._guess = (max(1.0, passed - len(self._refused)), now)

    def wakes(self, condition: threading.Condition) -> None:
        """Notify a condition whenever something ended."""
        with self._lock:
            self._wakes.add(condition)

    def reason(self, load: Load, rates: Mapping[str, float] | None = None) -> str:
        """Say what holds a request back, for people; empty where nothing does."""
        with self._lock:
            now = self.traffic.clock()
            self._learn(load, rates or {}, now)
            if now < self._hold:
                return f"the provider asked to wait {self._hold - now:.0f} s"
            who = {"headers": "as the provider says", "catalog": "from the catalog", "guess": "as it seems"}
            for source, resource, limit in self._for(load):
                if limit.wait(getattr(load, resource), at=now) > 0:
                    return f"{limit.per_minute:g} {resource.replace('_', ' ')} a minute, {who[source]}"
            return ""

    # -- what is known ----------------------------------------------------------------------------------

    def _wait(self, load: Load, at_once: int, now: float) -> float:
        known = any(model == load.model for model, _ in (*self._said, *self._rates))
        if self.in_flight >= (at_once if known else min(at_once, max(1, int(self._window)))):
            return _NEVER_LATER
        waits = [limit.wait(getattr(load, resource), at=now) for _, resource, limit in self._for(load)]
        return max([0.0, self._hold - now, *waits])

    def _for(self, load: Load) -> list[tuple[str, str, Limit]]:
        """Give the limits that a request counts against: who says it, of what, and the limit."""
        found = []
        for resource in _RESOURCES:
            said, rate = self._said.get((load.model, resource)), self._rates.get((load.model, resource))
            if said is not None:
                found.append(("headers", resource, self._limit("headers", resource, said)))
            elif rate is not None:
                found.append(("catalog", resource, self._limit(f"catalog {load.model}", resource, rate)))
        if self._guess is not None:
            found.append(("guess", "requests", self._limit("guess", "requests", self._guess[0])))
        return found

    def _limit(self, source: str, resource: str, per_minute: float) -> Limit:
        """Give a limit; a new one knows the last minute."""
        key = (source, resource, per_minute)
        if key not in self._limits:
            self._limits = {k: v for k, v in self._limits.items() if k[0] != "guess" or source != "guess"}
            limit = self._limits[key] = Limit(per_minute)
            for at, load in self.traffic.recent():
                if self._counts(key, load):
                    limit.count(getattr(load, resource), at=at)
        return self._limits[key]

    def _counts(self, key: tuple[str, str, float], load: Load) -> bool:
        source, resource, per_minute = key
        if source == "headers":
            # Models with the same limit share it, for all that is known.
            return self._said.get((load.model, resource), per_minute) == per_minute
        return source in ("guess", f"catalog {load.model}")

    def _learn(self, load: Load, rates: Mapping[str, float], now: float) -> None:
        for resource, per_minute in rates.items():
            if resource in _RESOURCES and per_minute > 0:
                self._rates[load.model, resource] = per_minute
        if self._guess is not None and now - self._guess[1] >= 60:
            self._guess = (self._guess[0] * 1.1 + 1, now)

    # -- what is heard ----------------------------------------------------------------------------------

    def _note(self, load: Load) -> None:
        with self._lock:
            now = self.traffic.clock()
            for key, limit in self._limits.items():
                if self._counts(key, load):
                    limit.count(getattr(load, key[1]), at=now)

    def _hear(self, model: str, status: int, headers: Mapping[str, str]) -> None:
        heard = list(read_headers(headers))
        with self._lock:
            now = self.traffic.clock()
            if status < 300 and not heard:
                self._said = {key: limit for key, limit in self._said.items() if key[0] != model}
            for said in heard:
                self._said[model, said.resource] = said.per_minute
                if said.resource == "requests":
                    self._guess = None
                limit = self._limit("headers", said.resource, said.per_minute)
                if said.remaining is not None:
                    # More is used than was ever sent from here: somebody else has the same key.
                    others = said.per_minute - said.remaining - limit.used(at=now)
                    if others >= 1:
                        limit.count(others, at=now)


_lock = threading.Lock()


def pace_of(traffic: Traffic, *, near: bool = False) -> Pace:
    """Give the one pace of a provider and key in this process."""
    with _lock:
        if traffic.pace is None:
            traffic.pace = Pace(traffic, near=near)
        found: Pace = traffic.pace
        return found
