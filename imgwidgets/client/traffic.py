"""What was sent to a provider in the last minute, and what it said about its limits.

One :class:`Traffic` for each provider, address and key in a process, shared by every client and widget: a
sweep that paces itself must know what a click sent meanwhile. Nothing waits here.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets import catalog as _catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from imgwidgets.catalog import ImageRequest
    from imgwidgets.client.keys import Key
    from imgwidgets.client.session import Job

__all__ = ["Counted", "Load", "Traffic", "load_of", "traffic_of"]

_REMEMBERED = 70.0  # seconds: limits are by the minute
_INPUT_TOKENS = 1_300  # of one input picture: the highest figure that was reported


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What one request counts for against limits by the minute.

    Attributes
    ----------
    model : str
        Whose limits it counts against.
    requests, images, input_images, tokens : int
        Images that are asked for; images that are sent; an estimate of input and output tokens.
    """

    model: str
    requests: int = 1
    images: int = 1
    input_images: int = 0
    tokens: int = 0


def load_of(request: ImageRequest) -> Load:
    """Tell what a request counts for.

    Examples
    --------
    >>> from imgwidgets.catalog import ImageRequest
    >>> asked = {"size": "1024x1024", "quality": "low", "n": 2}
    >>> load_of(ImageRequest(prompt="a fox", model="gpt-image-2", provider="openai", parameters=asked))
    Load(model='gpt-image-2', requests=1, images=2, input_images=0, tokens=394)
    """
    given = request.parameters
    count = given.get("n", 1)
    count = count if isinstance(count, int) and not isinstance(count, bool) and count > 0 else 1
    model = _catalog.current().model(request.model, request.provider)
    size = _catalog.parse_size(given.get("size")) or (1024, 1024)
    each = _catalog.output_tokens(model, size, str(given.get("quality", "high"))) if model else None
    words = -(-len(request.prompt) // 4)
    sent = len(request.images)
    tokens = words + sent * _INPUT_TOKENS + (each[1] if each else 0) * count
    return Load(model=request.model, images=count, input_images=sent, tokens=tokens)


class Traffic:
    """The requests of the last minute, and whoever listens.

    Parameters
    ----------
    clock : callable
        Gives seconds; tests bring their own.

    Examples
    --------
    >>> traffic = Traffic(clock=lambda: 5.0)
    >>> traffic.sent(Load(model="gpt-image-2"))
    >>> [(at, load.model) for at, load in traffic.recent()]
    [(5.0, 'gpt-image-2')]
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.pace: Any = None
        """Whatever says when the next request of a sweep may go."""
        self.on_sent: list[Callable[[Load], None]] = []
        """Called with each request that goes out."""
        self.on_heard: list[Callable[[str, int, Mapping[str, str]], None]] = []
        """Called with the model, the status and the headers (lower-case names) of each reply."""
        self._recent: deque[tuple[float, Load]] = deque()
        self._lock = threading.Lock()

    def sent(self, load: Load) -> None:
        """Note that a request goes out now."""
        now = self.clock()
        with self._lock:
            self._recent.append((now, load))
            while self._recent and self._recent[0][0] < now - _REMEMBERED:
                self._recent.popleft()
        for listener in tuple(self.on_sent):
            listener(load)

    def heard(self, model: str, status: int, headers: Mapping[str, str]) -> None:
        """Note what a reply's first lines say."""
        for listener in tuple(self.on_heard):
            listener(model, status, headers)

    def recent(self) -> list[tuple[float, Load]]:
        """Give what was sent in the last minute, the oldest first."""
        since = self.clock() - _REMEMBERED
        with self._lock:
            return [one for one in self._recent if one[0] >= since]


class Counted:
    """The part of a client that counts what it sends."""

    _provider_name: str
    _key: Key
    _is_paced: bool

    if TYPE_CHECKING:

        def _base(self) -> str: ...  # the client's own

    @property
    def traffic(self) -> Traffic:
        """What was sent to this provider with this key, by whatever client of this process."""
        return traffic_of(self._provider_name, self._base(), self._key.fingerprint)

    def _goes_out(self, job: Job) -> None:
        """Count a request that no sweep has counted already."""
        if not self._is_paced:
            self.traffic.sent(load_of(job.request))


_lock = threading.Lock()
_all: weakref.WeakValueDictionary[tuple[str, str, bytes], Traffic] = weakref.WeakValueDictionary()
_kept: deque[Traffic] = deque(maxlen=64)  # a client may come and go; its last minute stays known


def traffic_of(provider: str, address: str, key: bytes) -> Traffic:
    """Give the one record of a provider, an address and a key (its fingerprint) in this process."""
    with _lock:
        found = _all.get((provider, address, key))
        if found is None:
            found = _all[provider, address, key] = Traffic()
        if found not in _kept:
            _kept.append(found)
        return found
