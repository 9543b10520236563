"""Messages from the painter's companion: put in order, checked, and turned into typed values.

A widget's callbacks may run on any thread, and two at once; while a cell runs, one batch of a stroke may
wait for the main thread and the next one be handled on another. So the companion numbers what it sends,
and the inbox gives it out in that order. A number that does not come is asked for again.
"""

from __future__ import annotations

import math
import numbers
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np

from imgwidgets.errors import ImageInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy.typing as npt

__all__ = ["Inbox", "points_in"]

MAX_CLIENTS = 64
MAX_WAITING = 20_000
MAX_POINTS = 200_000
FARTHEST = 1_000_000
"""Image pixels: what is farther away is pulled to this distance."""

_PATIENCE = 0.5  # seconds until a missing message is asked for

Message = tuple["Mapping[str, Any]", "Sequence[Any]"]


class Inbox:
    """Gives each page's messages in the order in which they were sent.

    It is not safe for several threads: its owner has the lock.

    Examples
    --------
    >>> inbox = Inbox()
    >>> second, first = {"client": "a", "seq": 2}, {"client": "a", "seq": 1}
    >>> list(inbox.take(second, [])), [content["seq"] for content, _ in inbox.take(first, [])]
    ([], [1, 2])
    """

    def __init__(self, clock: Any = time.monotonic) -> None:
        self._clock = clock
        # client -> (last number given out, what waits, since when something is missing)
        self._last: OrderedDict[str, int] = OrderedDict()
        self._waiting: dict[str, dict[int, Message]] = {}
        self._since: dict[str, float] = {}

    @property
    def done(self) -> dict[str, int]:
        """For each page, the number up to which everything was given out."""
        return dict(self._last)

    def take(self, content: Mapping[str, Any], buffers: Iterable[Any]) -> Iterator[Message]:
        """Put a message in; give what can be handled now, in order. A repeated one is dropped."""
        client, number = str(content.get("client"))[:64], content.get("seq")
        if not isinstance(number, int) or number < 1:
            raise ImageInputError(f"the painter sent a message without a number: {str(content)[:200]}")
        last = self._last.setdefault(client, 0)
        waiting = self._waiting.setdefault(client, {})
        self._last.move_to_end(client)
        self._forget_old()
        if number <= last or len(waiting) >= MAX_WAITING:
            return
        waiting[number] = (content, list(buffers))
        while (message := waiting.pop(self._last[client] + 1, None)) is not None:
            self._last[client] += 1
            self._since.pop(client, None)
            yield message
        if waiting:
            self._since.setdefault(client, self._clock())

    def missing(self, client: str) -> tuple[int, int] | None:
        """Give the first and last number to ask a page for again; None if nothing is late."""
        waiting = self._waiting.get(client)
        since = self._since.get(client)
        if not waiting or since is None or self._clock() - since < _PATIENCE:
            return None
        self._since[client] = self._clock()
        return self._last[client] + 1, min(waiting) - 1

    def _forget_old(self) -> None:
        while len(self._last) > MAX_CLIENTS:
            client, _ = self._last.popitem(last=False)
            self._waiting.pop(client, None)
            self._since.pop(client, None)


def points_in(buffer: Any, columns: int) -> npt.NDArray[np.float64]:
    """Read points from a message's buffer.

    Parameters
    ----------
    buffer : bytes or memoryview
        32-bit little-endian floats.
    columns : int
        2 for x and y, 3 with a width besides.

    Returns
    -------
    (N, columns) float64
        Finite, and not absurdly far away.

    Raises
    ------
    ImageInputError
        For a buffer that cannot be such points.
    """
    data = bytes(buffer)
    if len(data) % (4 * columns) or len(data) > 4 * columns * MAX_POINTS:
        raise ImageInputError(f"the painter sent {len(data)} bytes, which are not points")
    points = np.frombuffer(data, "<f4").reshape(-1, columns).astype(np.float64)
    if not np.isfinite(points).all():
        raise ImageInputError("the painter sent points that are not numbers")
    return np.clip(points, -FARTHEST, FARTHEST)


def amount_in(content: Mapping[str, Any], *, most: float = 1000.0) -> float:
    """Read the number of pixels of a command such as grow."""
    amount = content.get("amount")
    number = float(amount) if isinstance(amount, numbers.Real) else math.nan  # numpy's too
    if not 0 < number <= most or isinstance(amount, bool):
        raise ImageInputError(f"{amount!s:.40} is no number of pixels between 0 and {most:g}")
    return number
