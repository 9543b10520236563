"""Tells whoever listens what becomes of cells, in order, on a thread of its own."""

from __future__ import annotations

import logging
import queue
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgwidgets.sweep.outcome import Outcome

__all__ = ["Herald"]

_logger = logging.getLogger("imgwidgets")


class Herald:
    """Calls back with each change; a slow listener slows down nobody but the listeners.

    Examples
    --------
    >>> from imgwidgets.sweep.outcome import Outcome
    >>> herald, heard = Herald(), []
    >>> leave = herald.listen(lambda index, outcome: heard.append((index, outcome.status)))
    >>> herald.tell(3, Outcome(status="running"))
    >>> herald.wait(10), heard
    (True, [(3, 'running')])
    """

    def __init__(self) -> None:
        self._listeners: list[Callable[[int, Outcome], Any]] = []
        self._tickers: list[Callable[[bool], Any]] = []
        self._news: queue.SimpleQueue[tuple[int, Outcome] | threading.Event | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def listen(self, callback: Callable[[int, Outcome], Any]) -> Callable[[], None]:
        """Call back from now on; gives what ends that."""
        with self._lock:
            self._listeners.append(callback)

        def leave() -> None:
            with self._lock:
                if callback in self._listeners:
                    self._listeners.remove(callback)

        return leave

    def on_tick(self, callback: Callable[[bool], Any]) -> None:
        """Call back every second or so, and with True at the end."""
        self._tickers.append(callback)

    def tick(self, *, last: bool = False) -> None:
        """Let time pass."""
        for callback in self._tickers:
            callback(last)

    def tell(self, index: int, outcome: Outcome) -> None:
        """Say what became of a cell; returns at once."""
        with self._lock:
            if not self._listeners:
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._speak, name="imgwidgets-sweep-news", daemon=True)
                self._thread.start()
        self._news.put((index, outcome))

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all that was said is heard; False where the time is up."""
        if self._thread is None or threading.current_thread() is self._thread:
            return True
        heard = threading.Event()
        self._news.put(heard)
        return heard.wait(timeout)

    def _speak(self) -> None:
        while (news := self._news.get()) is not None:
            if isinstance(news, threading.Event):
                news.set()
                continue
            with self._lock:
                listeners = tuple(self._listeners)
            for callback in listeners:
                try:
                    callback(*news)
                except Exception:
                    # Somebody's display must not end a run that costs money.
                    _logger.exception("a listener of a sweep failed")

    def close(self) -> None:
        """End the thread when all is said."""
        with self._lock:
            if self._thread is not None:
                self._news.put(None)
                self._thread = None
