"""The half of the engine that takes the ends of requests: done, failed, maybe billed, or once more."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.errors import HistoryError
from imgwidgets.sweep.outcome import Outcome
from imgwidgets.sweep.verdict import ends_all, next_try, outcome_of

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterable, Mapping

    from imgwidgets.images import ImageResult
    from imgwidgets.sweep.budget import Budget
    from imgwidgets.sweep.herald import Herald
    from imgwidgets.sweep.journal import Journal
    from imgwidgets.sweep.tasks import Queue, Task

__all__ = ["Ends"]

_DEAD_ENDS = 3  # cells in a row: one refusal of a key may be a mistake of the provider's


class Ends:
    """What becomes of tasks; :class:`~imgwidgets.sweep.engine.Engine` has the rest, and the lock."""

    journal: Journal
    budget: Budget
    herald: Herald
    changed: threading.Condition
    state: str
    error: BaseException | None
    _outcomes: dict[int, Outcome]
    _queue: Queue
    _running: dict[int, Task]
    _unaffordable: list[Task]
    _retries: Mapping[str, int]
    _twins: dict[int, list[int]]

    def ended(self, task: Task, end: ImageResult | BaseException) -> None:
        """Take the end of a request that was sent."""
        if isinstance(end, BaseException):
            self._failed(task, end)
        else:
            self._done(task, end)

    def fail(self, error: BaseException) -> None:
        """End the run for a reason that holds for all that is left."""
        with self.changed:
            self.error = self.error or error
            self.changed.notify_all()

    def _done(self, task: Task, result: ImageResult) -> None:
        load: Any
        said, kind = "", ""
        entry = task.entry
        try:
            load = self.journal.finished(entry or 0, result)
        except HistoryError as error:
            said = f"this is not in the history, save it yourself: {error}"
            kind = type(error).__name__
            result.notes = (*result.notes, said)
            load = partial(_same, result)
            self.fail(error)
        with self.changed:
            if self._running.pop(task.number, None) is None:
                if self._outcomes[task.index].status != "maybe_billed":
                    return
                self.budget.found(task.index)  # it was given up, and came all the same
            self.budget.settle(task.index, result.cost)
            task.desk.dead_ends = 0
            self._set(
                task.index,
                Outcome(
                    status="done",
                    cost=result.cost,
                    seconds=result.seconds,
                    entry=entry,
                    load=load,
                    tries=task.tries,
                    error=said,
                    error_type=kind,
                ),
            )
            self._unblock()

    def _failed(self, task: Task, error: BaseException) -> None:
        if task.entry is not None:
            self.journal.failed(task.entry, error)
        with self.changed:
            if self._running.pop(task.number, None) is None:
                return
            outcome = outcome_of(error, task, sent=True)
            wait = next_try(error, task, self._retries.get(task.desk.provider, 0))
            if outcome.status == "maybe_billed":
                self.budget.lose(task.index)
            else:
                self.budget.release(task.index)
            if wait is not None and self.state != "cancelled" and self.error is None:
                task.not_before = time.monotonic() + wait
                task.entry = None
                self._set(task.index, Outcome(tries=task.tries, error=outcome.error))
                self._queue.add([task], first=True)
            else:
                self._dead_end(task, error)
                self._set(task.index, outcome)
            self._unblock()

    def _dead_end(self, task: Task, error: BaseException) -> None:
        """Stop asking a provider where all that is left will fail likewise."""
        desk = task.desk
        desk.dead_ends = desk.dead_ends + 1 if ends_all(error) else 0
        if desk.dead_ends >= _DEAD_ENDS:
            self.error = self.error or error
            self._leave(self._queue.drain(desk.provider), str(error), type(error).__name__)

    def _unblock(self) -> None:
        """Look again at what was too dear a moment ago; wake the thread that decides."""
        if self._unaffordable:
            room = self.budget.left
            waiting, self._unaffordable = self._unaffordable, []
            self._queue.add([task for task in waiting if task.high <= room], first=True)
            self._unaffordable += [task for task in waiting if task.high > room]
        self.changed.notify_all()

    def _leave(self, tasks: Iterable[Task], said: str, kind: str) -> None:
        for task in tasks:
            self._set(task.index, Outcome(status="not_sent", error=said, error_type=kind, tries=task.tries))

    def _set(self, index: int, outcome: Outcome) -> None:
        self._outcomes[index] = outcome
        self.herald.tell(index, outcome)
        twins = self._twins.get(index, ())
        if twins:
            same = msgspec.structs.replace(outcome, cost=0.0 if outcome.status == "done" else None)
            for twin in twins:
                self._outcomes[twin] = same
                self.herald.tell(twin, same)


def _same(result: ImageResult) -> ImageResult:
    return result
