"""Sends from threads of this process."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

from imgwidgets.errors import ImgWidgetsError, RequestError

if TYPE_CHECKING:
    from imgwidgets.images import ImageResult
    from imgwidgets.sweep.engine import Engine
    from imgwidgets.sweep.tasks import Task

__all__ = ["Threads"]

_WRITERS = 16  # answers that are being written to disk while their places are taken by others


class Threads:
    """One thread for each request in flight, made when it is needed.

    Parameters
    ----------
    engine : Engine
        Whose tasks these are.
    at_once : int
        Requests in flight at all providers together.
    """

    def __init__(self, engine: Engine, at_once: int) -> None:
        self._engine = engine
        self._most = at_once + _WRITERS
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._busy = 0
        self._closed = False
        self._desks: dict[int, Task] = {}

    @property
    def room(self) -> bool:
        """Whether a thread is free, or one more may be made."""
        return self._busy < self._most

    def send(self, task: Task) -> None:
        """Take one; returns at once."""
        with self._lock:
            self._busy += 1
            self._desks.setdefault(id(task.desk), task)
            if self._busy > len(self._threads):
                thread = threading.Thread(target=self._work, name="imgwidgets-send", daemon=True)
                self._threads.append(thread)
                thread.start()
        self._tasks.put(task)

    def cut(self) -> None:
        """Close the connections of what is in flight."""
        with self._lock:
            desks = [task.desk for task in self._desks.values()]
        for desk in desks:
            desk.client.give_up(self._engine.stop)

    def close(self) -> None:
        """End the threads; nothing is in flight any more."""
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()
        for task in self._desks.values():
            task.desk.client.rest()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                self._one(task)
            finally:
                with self._lock:
                    self._busy -= 1
            del task  # a thread that waits keeps no request alive
            with self._engine.changed:
                self._engine.changed.notify_all()

    def _one(self, task: Task) -> None:
        engine = self._engine
        if not engine.begin(task):
            engine.give_back(task)
            return
        end: ImageResult | BaseException
        try:
            end = task.desk.client.attempt(task.request, take=task.take, stop=engine.stop)
        except (RequestError, ImgWidgetsError) as error:
            end = error
        except BaseException as error:  # noqa: BLE001 (whatever it is, it is this cell's)
            end = error
        if isinstance(end, BaseException):
            # The run looks at a failure before the place is taken: it may be the last that is borne.
            engine.ended(task, end)
            engine.replied(task, well=False)
        else:
            engine.replied(task, well=True)
            engine.ended(task, end)
