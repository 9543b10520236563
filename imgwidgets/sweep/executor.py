"""Sends through any ``concurrent.futures.Executor``: processes, a dask or an ipyparallel cluster.

The run keeps pace, budget and history; workers send and decode, each with the key of its own environment.
Whatever happens to a worker, no cell is sent twice by itself, and none is forgotten:

==============================================  =======================================================
a worker dies ...                               the cell ...
==============================================  =======================================================
before it asked whether it may send             is given to another one
after that, until its answer is here            ``maybe_billed``: listed, and sent again only if asked to
==============================================  =======================================================

What the executor itself does (dask runs the task again) changes nothing, see ``executor_claims.py``.
"""

from __future__ import annotations

import queue
import threading
from concurrent.futures import BrokenExecutor, Executor
from typing import TYPE_CHECKING, Any

from imgwidgets.errors import ConnectionFailed, ImgWidgetsError
from imgwidgets.sweep.executor_claims import HOST_VARIABLE, Claims
from imgwidgets.sweep.executor_worker import Delivery, Order, Parcel, carry

if TYPE_CHECKING:
    from concurrent.futures import Future

    from imgwidgets.sweep.engine import Engine
    from imgwidgets.sweep.tasks import Task

__all__ = ["Workers"]

_WRITERS = 8  # threads that write answers down
_WAITING = 16  # answers that may wait for that
_PATIENCE = 3  # workers in a row that could not even ask
_GRACE = 20.0  # seconds after a worker has gone, until its executor says so too


class Workers:
    """Hands tasks to an executor.

    Parameters
    ----------
    engine : Engine
        Whose tasks these are.
    executor : concurrent.futures.Executor
        Who runs them.
    at_once : int
        Tasks that the executor has, at most.

    Raises
    ------
    TypeError
        For something that is no executor.
    """

    def __init__(self, engine: Engine, executor: Executor, at_once: int) -> None:
        self._engine = engine
        self._executor = executor
        self._most = at_once + _WAITING
        self._lock = threading.Lock()
        self._tasks: dict[int, Task] = {}  # by attempt
        self._claimed: set[int] = set()
        self._futures: dict[int, Future[Delivery]] = {}
        self._failures = 0
        self._answers: queue.SimpleQueue[tuple[int, Future[Delivery]] | None] = queue.SimpleQueue()
        self._claims = Claims(self._decide, self._came, self._gone)
        self._threads = [
            threading.Thread(target=self._take, name="imgwidgets-take", daemon=True) for _ in range(_WRITERS)
        ]
        for thread in self._threads:
            thread.start()

    # -- as a sender ------------------------------------------------------------------------------------

    @property
    def room(self) -> bool:
        """Whether the executor may have one more."""
        return len(self._tasks) < self._most

    def send(self, task: Task) -> None:
        """Hand one over; returns at once."""
        number = task.number
        parcel = Parcel(number, task.desk.client.settings, self._claims.addresses, self._claims.secret)
        with self._lock:
            self._tasks[number] = task
        try:
            future = self._executor.submit(carry, parcel)
        except BaseException:
            with self._lock:
                self._tasks.pop(number, None)
            raise
        with self._lock:
            self._futures[number] = future
        future.add_done_callback(lambda done: self._answers.put((number, done)))

    def cut(self) -> None:
        """Take back what no worker has begun; a request that a worker has sent is waited for."""
        with self._lock:
            futures = list(self._futures.values())
        for future in futures:
            future.cancel()

    def close(self) -> None:
        """Listen no more, and end the threads."""
        self._claims.close()
        for _ in self._threads:
            self._answers.put(None)

    # -- what workers ask and say -----------------------------------------------------------------------

    def _decide(self, number: int) -> Order | None:
        with self._lock:
            task = self._tasks.get(number)
            if task is None or number in self._claimed:
                return None
            self._claimed.add(number)
            self._failures = 0
        if self._engine.begin(task):
            return Order(task.request, task.take)
        with self._lock:
            self._claimed.discard(number)
        return None

    def _gone(self, number: int) -> None:
        """Give up on a worker that went away; its executor usually says so first."""
        timer = threading.Timer(_GRACE, self._lose, (number,))
        timer.daemon = True
        timer.start()

    def _lose(self, number: int) -> None:
        task = self._pop(number)
        if task is not None:
            self._engine.replied(task, well=False)
            self._engine.ended(
                task,
                ConnectionFailed(
                    "the worker that had sent this went away before its answer came; the provider may have "
                    "charged for it, so it was not sent again",
                    maybe_billed=True,
                ),
            )

    def _pop(self, number: int) -> Task | None:
        with self._lock:
            self._futures.pop(number, None)
            return self._tasks.pop(number, None)

    # -- what comes back --------------------------------------------------------------------------------

    def _take(self) -> None:
        while (answer := self._answers.get()) is not None:
            number, future = answer
            try:
                self._one(number, future)
            except Exception as error:  # noqa: BLE001 (the run ends with it, instead of waiting for ever)
                self._engine.fail(error)
            del answer, future

    def _one(self, number: int, future: Future[Delivery]) -> None:
        if future.cancelled():
            self._back(number)
            return
        trouble = future.exception()
        if trouble is not None:
            self._failed(number, trouble)
            return
        delivery: Any = future.result()
        if not isinstance(delivery, Delivery):
            self._engine.fail(
                TypeError(
                    f"the executor gave a {type(delivery).__name__} for one task: it needs one that runs "
                    "each task once, as ipyparallel's client.load_balanced_view().executor"
                )
            )
            self._back(number)
            return
        if delivery.kind in ("done", "failed"):
            self._came(number, delivery)
        elif delivery.kind == "delivered":
            self._back(number)  # nothing is left to take back, but where the run could not read it
        elif delivery.kind == "refused":
            # Or a worker that came second: the first one had begun, and its answer is lost.
            self._back(number)
        elif delivery.kind == "unreachable" and not self._claims.is_wide:
            self._claims.widen()
            self._back(number)
        elif delivery.kind == "unreachable":
            self._unfit(
                number,
                ConnectionFailed(
                    f"a worker on {delivery.where} cannot reach this run at "
                    f"{', '.join(f'{host}:{port}' for host, port in self._claims.addresses)}, so nothing was "
                    f"sent: set {HOST_VARIABLE} here to an address that it can reach"
                ),
            )
        else:
            self._unfit(number, delivery.error)

    def _came(self, number: int, delivery: Delivery) -> None:
        task = self._pop(number)
        if task is None:
            return
        for status, headers in delivery.heard:
            task.desk.client.traffic.heard(task.load.model, status, headers)
        well = delivery.kind == "done"
        if well:
            self._engine.replied(task, well=True)
        try:
            if delivery.kind == "failed":
                self._engine.ended(task, delivery.error)
            else:
                delivery.result.request = task.request
                self._engine.ended(task, delivery.result)
        except Exception as error:  # noqa: BLE001 (the run ends with it, instead of waiting for ever)
            self._engine.fail(error)
        if not well:  # after the run has looked at the failure: it may be the last that is borne
            self._engine.replied(task, well=False)

    def _back(self, number: int) -> None:
        """Take a task back that was not sent by this worker."""
        with self._lock:
            claimed = number in self._claimed
        if claimed:
            self._lose(number)
            return
        task = self._pop(number)
        if task is not None:
            self._engine.give_back(task)

    def _unfit(self, number: int, error: BaseException) -> None:
        """Take a task back from a worker that cannot send; where none can, the run ends."""
        with self._lock:
            self._failures += 1
            failures = self._failures
        if failures >= _PATIENCE:
            self._engine.fail(error)
        self._back(number)

    def _failed(self, number: int, trouble: BaseException) -> None:
        """Take the failure of a task for which the executor has no result."""
        said = f"{type(trouble).__name__}: {trouble}"
        if isinstance(trouble, BrokenExecutor):
            self._engine.fail(
                ImgWidgetsError(
                    f"the executor is broken ({said[:300]}): "
                    f"iw.Sweep.resume({self._engine.journal.run_id!r}, executor=...) goes on with another one"
                )
            )
            self._back(number)
            return
        self._unfit(number, ImgWidgetsError(f"workers fail before they send anything: {said[:2000]}"))
