"""Threads that work for an event loop until the very end of the process.

``concurrent.futures`` takes no more work once the interpreter began to shut down, and ``asyncio.to_thread``
is built on it. But that is when Python waits for the workers of a script that has run to its last line,
and those still want their pictures.
"""

from __future__ import annotations

import asyncio
import atexit
import collections
import contextlib
import os
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Threads"]

_Result = TypeVar("_Result")

# A piece of work that takes longer than this is left behind, on its daemon thread.
_END_SECONDS = 2.0


class Threads:
    """A few daemon threads, and what waits for them.

    Parameters
    ----------
    count : int
        How many.
    name : str
        What they are called in a debugger.

    Examples
    --------
    >>> import asyncio
    >>> threads = Threads(2, "example")
    >>> async def ask():
    ...     return await threads.run(lambda: 6 * 7)
    >>> asyncio.run(ask())
    42
    >>> threads.close()
    """

    def __init__(self, count: int, name: str) -> None:
        self._changed = threading.Condition()
        self._waiting: collections.deque[Callable[[], None]] = collections.deque()
        self._busy = 0
        self._closed = False
        self._pid = os.getpid()
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()
        _all.add(self)

    def run(self, function: Callable[[], _Result]) -> asyncio.Future[_Result]:
        """Run a function on one of the threads; to be called on the event loop.

        Returns
        -------
        asyncio.Future
            Its result. Where it is cancelled before a thread came to it, the function is not run.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_Result] = loop.create_future()

        def piece() -> None:
            if future.cancelled():
                return
            result: Any = None
            problem: BaseException | None = None
            try:
                result = function()
            except BaseException as error:  # noqa: BLE001 (it is raised where the result is awaited)
                problem = error
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits
                loop.call_soon_threadsafe(_settle, future, result, problem)

        with self._changed:
            self._waiting.append(piece)
            self._changed.notify()
        return future

    def close(self) -> None:
        """Drop what waits and end the threads; what is being done may end, within two seconds."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()
        end = time.monotonic() + _END_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def rest(self) -> None:
        """At the end of the process: drop what waits for nobody, and let what is being done end.

        The threads stay, for whatever else runs at the end. In a fork's child there are none.
        """
        if self._pid != os.getpid():
            return
        with self._changed:
            self._waiting.clear()
            self._changed.wait_for(lambda: not self._busy, timeout=_END_SECONDS)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                piece = self._waiting.popleft()
                self._busy += 1
            piece()
            del piece  # a picture is not kept until the next one
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()


def _settle(future: asyncio.Future[Any], result: Any, problem: BaseException | None) -> None:
    if future.done():  # cancelled meanwhile
        return
    if problem is None:
        future.set_result(result)
    else:
        future.set_exception(problem)


_all: weakref.WeakSet[Threads] = weakref.WeakSet()


@atexit.register
def _rest() -> None:
    """Leave no thread inside a drawing library's C code while the interpreter is taken apart."""
    for threads in list(_all):
        threads.rest()
