"""The engine of a run: one thread decides what goes next, one lock guards what is known.

A task's way::

    waiting -> (budget set aside, pace says go) -> handed to the sender -> begin: written down, then sent
            -> replied: its place is free -> ended: done, failed, maybe billed, or waiting once more

A failure has ended before its place is free: it may be the one after which nothing more is sent.

The sender is this process' threads (``engine_threads.py``) or an executor (``executor.py``); it calls
:meth:`Engine.begin`, :meth:`Engine.replied` and :meth:`Engine.ended`, or :meth:`Engine.give_back` for what
was not sent.
"""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING

from imgwidgets.errors import BudgetExceeded, HistoryError, ImgWidgetsError
from imgwidgets.sweep.engine_ends import Ends
from imgwidgets.sweep.herald import Herald
from imgwidgets.sweep.outcome import Outcome
from imgwidgets.sweep.tasks import Queue, Task
from imgwidgets.sweep.verdict import outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from imgwidgets.sweep.budget import Budget
    from imgwidgets.sweep.cell import Cell
    from imgwidgets.sweep.journal import Journal
    from imgwidgets.sweep.sender import Sender

__all__ = ["Engine"]

_LOOK = 1.0  # seconds: nothing is waited for longer without a look at the clock


class Engine(Ends):
    """Sends tasks until all have ended.

    Parameters
    ----------
    cells : sequence of Cell
        The plan.
    tasks : iterable of Task
        What is to be sent.
    outcomes : mapping
        What is known of other cells: index -> Outcome.
    journal : Journal
        Where all is written down.
    budget : Budget
        What may be spent.
    at_once : int
        Requests in flight at each provider.
    retries : mapping
        Provider -> further tries of what was certainly not billed.
    """

    def __init__(  # noqa: PLR0913 (what a run is made of)
        self,
        cells: Sequence[Cell],
        tasks: Iterable[Task],
        outcomes: Mapping[int, Outcome],
        *,
        journal: Journal,
        budget: Budget,
        at_once: int,
        retries: Mapping[str, int],
    ) -> None:
        self.journal = journal
        self.budget = budget
        self.herald = Herald()
        self.error: BaseException | None = None
        self.state = "waiting for start"
        self.began = False
        """Whether it was ever started."""
        self.stop = threading.Event()
        """Shared by what is in flight."""
        self.changed = threading.Condition(threading.RLock())
        self._cells = cells
        self._outcomes = {cell.index: outcomes.get(cell.index, Outcome()) for cell in cells}
        self._tasks = {task.index: task for task in tasks}
        self._queue = Queue()
        self._queue.add(self._tasks.values())
        self._unaffordable: list[Task] = []  # for now
        self._running: dict[int, Task] = {}  # by attempt
        self._at_once = at_once
        self._retries = retries
        self._numbers = itertools.count(1)
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._sender: Sender | None = None
        self._twins: dict[int, list[int]] = {}
        for cell in cells:
            if cell.same_as is not None:
                self._twins.setdefault(cell.same_as, []).append(cell.index)

    # -- what is known ----------------------------------------------------------------------------------

    def outcomes(self) -> list[Outcome]:
        """Give what became of each cell until now, in the plan's order."""
        with self.changed:
            return [self._outcomes[cell.index] for cell in self._cells]

    def reason(self) -> str:
        """Say what the next request waits for; empty where nothing holds it back."""
        with self.changed:
            task = next(self._queue.heads(), None)
            return task.desk.pace.reason(task.load, task.desk.rates(task.load.model)) if task else ""

    def outcome(self, index: int) -> Outcome:
        """Give what became of one cell until now."""
        with self.changed:
            return self._outcomes[index]

    # -- from outside -----------------------------------------------------------------------------------

    def start(self, make_sender: Callable[[Engine], Sender], on_end: Callable[[], None]) -> None:
        """Begin to send, or go on after :meth:`again`."""
        with self.changed:
            if self.state in ("running", "paused"):
                return
            self.state = "running"
            self.error = None
            self.began = True
            if self.stop.is_set():
                self.stop = threading.Event()
            self._over.clear()
            self._thread = threading.Thread(
                target=self._coordinate, args=(make_sender, on_end), name="imgwidgets-sweep", daemon=True
            )
            self._thread.start()

    def pause(self, *, on: bool) -> None:
        """Send nothing more for now, or go on; what is in flight is answered."""
        with self.changed:
            if self.state in ("running", "paused"):
                self.state = "paused" if on else "running"
                self.changed.notify_all()

    def cancel(self, *, cut: bool = False) -> None:
        """Send nothing more; cut what is in flight too, where asked to, whether or not it was billed."""
        with self.changed:
            if self.state == "waiting for start":
                self.state = "cancelled"
                self._leave(self._queue.drain(), "cancelled before it was sent", "")
                self._over.set()
            elif self.state in ("running", "paused"):
                self.state = "cancelled"
            if cut:
                self.stop.set()
            sender = self._sender
            self.changed.notify_all()
        if cut and sender is not None:
            sender.cut()

    def again(self, tasks: Iterable[Task]) -> None:
        """Take cells up again that have ended."""
        with self.changed:
            fresh = [task for task in tasks if self._outcomes[task.index].ended]
            for task in fresh:
                task.tries, task.not_before = 0, 0.0
                task.desk.dead_ends = 0
                self._tasks[task.index] = task
                self.budget.found(task.index)
                self._set(task.index, Outcome())
            self._queue.add(fresh)
            self.changed.notify_all()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all has ended and whoever listens has heard it; False where the time is up."""
        return self._over.wait(timeout)

    def leave(self) -> None:
        """End with the program: send nothing more, and wait for what is in flight."""
        with self.changed:
            going = self.state in ("running", "paused")
            left = len(self._queue) + len(self._unaffordable)
        if going:
            if left and self.journal.is_lasting:
                self.fail(
                    ImgWidgetsError(
                        "the program ended before this was sent: run.wait() waits for it, and "
                        f"iw.Sweep.resume({self.journal.run_id!r}) sends it"
                    )
                )
            self.cancel()
            self.wait()

    # -- the thread that decides ------------------------------------------------------------------------

    def _coordinate(self, make_sender: Callable[[Engine], Sender], on_end: Callable[[], None]) -> None:
        try:
            sender = make_sender(self)
            with self.changed:
                self._sender = sender
            for desk in {id(task.desk): task.desk for task in self._tasks.values()}.values():
                desk.pace.wakes(self.changed)
            try:
                while self._step(sender):
                    self.herald.tick()
            finally:
                sender.close()
        except Exception as error:  # noqa: BLE001 (shown by the run: a thread's own would go to stderr)
            self.fail(error)
        with self.changed:
            left = [*self._queue.drain(), *self._unaffordable]
            self._unaffordable = []
            said = "cancelled before it was sent" if self.state == "cancelled" else str(self.error or "")
            self._leave(left, said, type(self.error).__name__ if self.error else "")
            self.state = "cancelled" if self.state == "cancelled" else "done"
            self._sender = None
        on_end()
        self.herald.tick(last=True)
        self.herald.wait()
        self.herald.close()
        self._over.set()

    def _step(self, sender: Sender) -> bool:
        """Send one task, or wait for something to happen; False where all has ended."""
        with self.changed:
            wanted = self.state in ("running", "paused") and self.error is None
            if not self._running and (not wanted or not (len(self._queue) or self._unaffordable)):
                return False
            task, wait = self._next() if wanted and self.state == "running" and sender.room else (None, _LOOK)
            if task is None:
                if wait > 0:
                    self.changed.wait(wait)
                return True
            task.number = next(self._numbers)
            task.tries += 1
            self._running[task.number] = task
            self._set(task.index, Outcome(status="running", tries=task.tries))
        try:
            sender.send(task)
        except Exception as error:  # noqa: BLE001 (an executor that was shut down: all ends with its words)
            self.fail(error)
            self.give_back(task)
        return True

    def _next(self) -> tuple[Task | None, float]:
        """Give the next task that may go now, or the seconds after which to look again."""
        wait = _LOOK
        while True:
            dear = None
            for task in self._queue.heads():
                if not self.budget.reserve(task.index, task.load.model, task.high):
                    dear = task
                    break
                delay = task.desk.pace.ask(task.load, task.desk.rates(task.load.model), self._at_once)
                if delay == 0:
                    self._queue.remove(task)
                    return task, 0.0
                self.budget.release(task.index)
                wait = min(wait, delay)
            if dear is None:
                break
            self._queue.remove(dear)
            self._unaffordable.append(dear)  # until something in flight has cost less than was set aside
        if self._unaffordable and not len(self._queue) and not self._running:
            self._exceed()
            return None, 0.0
        return None, wait

    def _exceed(self) -> None:
        """End the cells that the budget has no room for."""
        tasks, self._unaffordable = self._unaffordable, []
        budget, count = self.budget, len(tasks)
        held = f" (and ${budget.reserved:,.4f} may have been billed)" if budget.reserved > 0 else ""
        self.error = BudgetExceeded(
            f"{count} cell{'s were' if count != 1 else ' was'} not sent: the cheapest of them may cost "
            f"${min(task.high for task in tasks):,.4f}, and of the budget of ${budget.limit or 0:,.2f} "
            f"${budget.spent:,.4f} are spent{held}. All others are as they are; run.retry(budget=...) or "
            f"iw.Sweep.resume({self.journal.run_id!r}, budget=...) sends the rest"
        )
        self._leave(tasks, "the budget has no room for it", "BudgetExceeded")

    # -- called by the sender, from any thread ------------------------------------------------------------

    def begin(self, task: Task) -> bool:
        """Write a request down that is about to be sent; False: do not send it."""
        with self.changed:
            if task.number not in self._running or self.state == "cancelled" or self.error is not None:
                return False
        try:
            entry = self.journal.started(task.request, task.index, task.desk.base_url)
        except HistoryError as error:
            self.fail(error)
            return False
        with self.changed:
            task.entry = entry
        return True

    def give_back(self, task: Task, error: ImgWidgetsError | None = None) -> None:
        """Take a task back that was not sent: it waits again, or ends with the error."""
        task.desk.pace.ended(well=False)  # outside of the lock: it wakes other runs
        with self.changed:
            if self._running.pop(task.number, None) is None:
                return
            self.budget.release(task.index)
            if error is not None:
                self._dead_end(task, error)
                self._set(task.index, outcome_of(error, task, sent=False))
            else:
                task.tries -= 1
                self._set(task.index, Outcome())
                self._queue.add([task], first=True)
            self._unblock()

    def replied(self, task: Task, *, well: bool) -> None:
        """Free a request's place; its pictures need not be on disk for that."""
        task.desk.pace.ended(well=well)
