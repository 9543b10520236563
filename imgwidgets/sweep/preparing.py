"""From a sweep and a client to a run that can begin: nothing is sent here, and all that can be refused is."""

from __future__ import annotations

import atexit
import importlib
import os
import threading
import weakref
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.client import Client
from imgwidgets.client.paced import PacedClient
from imgwidgets.errors import BudgetExceeded
from imgwidgets.history import History, recorder
from imgwidgets.history.process import this_process
from imgwidgets.sweep.budget import Budget
from imgwidgets.sweep.confirming import advice_for, confirmation_for, threshold_of
from imgwidgets.sweep.engine import Engine
from imgwidgets.sweep.engine_threads import Threads
from imgwidgets.sweep.journal import Journal, StoredResult
from imgwidgets.sweep.outcome import Outcome
from imgwidgets.sweep.pace import AT_ONCE
from imgwidgets.sweep.progress import Lines, in_notebook, line_of
from imgwidgets.sweep.stored import clients_in
from imgwidgets.sweep.tasks import Desk, Task, ranks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from imgwidgets.sweep.plan import Plan
    from imgwidgets.sweep.run import Run
    from imgwidgets.sweep.sender import Sender
    from imgwidgets.sweep.sweep import Sweep

__all__ = [
    "Prepared",
    "check_executor",
    "desks_for",
    "history_for",
    "is_going",
    "outcomes_of",
    "prepare",
    "process_of",
]


class Prepared:
    """A run before and behind its face.

    Parameters
    ----------
    sweep, plan : Sweep, Plan
        What is to be done.
    engine : Engine
        Who does it.
    desks : mapping
        Provider -> Desk.
    order : mapping
        Cell -> its place.
    options : mapping
        What was asked for, as JSON.
    executor : Executor or None
        Where cells are sent from.
    at_once : int
        Requests in flight at each provider.
    confirmation : str
        What is to be confirmed before the first is sent; empty: nothing.
    shows_lines : bool
        Whether lines go to stderr.
    """

    def __init__(  # noqa: PLR0913 (what a run is made of)
        self,
        sweep: Sweep,
        plan: Plan,
        engine: Engine,
        *,
        desks: Mapping[str, Desk],
        order: Mapping[int, int],
        options: Mapping[str, Any],
        executor: Executor | None,
        at_once: int,
        confirmation: str = "",
        shows_lines: bool = True,
    ) -> None:
        self.sweep = sweep
        self.plan = plan
        self.engine = engine
        self.options = options
        self.confirmation = confirmation
        self._desks = desks
        self._order = order
        self._executor = executor
        self._at_once = at_once
        self._shows_lines = shows_lines
        _engines.add(engine)

    def attach(self, run: Run) -> None:
        """Begin, where nothing is to be confirmed."""
        if self._shows_lines:
            self.engine.herald.on_tick(Lines(lambda: line_of(run)).tick)
        if not self.confirmation:
            self.send()

    def send(self) -> None:
        """Begin to send, or once more."""
        self.engine.journal.update(status="running")
        self.engine.start(self._sender, self._ended)

    def _sender(self, engine: Engine) -> Sender:
        if self._executor is None:
            return Threads(engine, self._at_once * max(1, len(self._desks)))
        made: Sender = importlib.import_module("imgwidgets.sweep.executor").Workers(
            engine, self._executor, self._at_once
        )
        return made

    def _ended(self) -> None:
        self.engine.journal.update(status=self.engine.state)

    def task(self, index: int) -> Task:
        """Make the task of a cell."""
        cell = self.plan[index]
        return Task(cell, self._desks[cell.provider], self._order[index])

    def again(self, cells: Iterable[int] | None, resend: Iterable[int] | bool) -> list[Task]:  # noqa: FBT001 (True for all)
        """Give the tasks to take up again; see :meth:`Run.retry`.

        Raises
        ------
        ValueError
            For a cell that cannot be sent.
        """
        outcomes = self.engine.outcomes()
        by_index = {cell.index: outcome for cell, outcome in zip(self.plan, outcomes, strict=True)}
        lost = [index for index, outcome in by_index.items() if outcome.status == "maybe_billed"]
        again = lost if resend is True else sorted(set(resend or ()))
        if cells is None:
            wanted = [i for i, outcome in by_index.items() if outcome.status in ("failed", "not_sent")]
            wanted = [i for i in wanted if self.plan[i].valid and self.plan[i].same_as is None]
        else:
            wanted = sorted(set(cells))
        for index in (*wanted, *again):
            self._check(index, by_index, may_resend=index in again)
        return [self.task(index) for index in sorted({*wanted, *again})]

    def _check(self, index: int, outcomes: Mapping[int, Outcome], *, may_resend: bool) -> None:
        if index not in outcomes:
            raise ValueError(f"there is no cell {index!r}; they are 0 to {len(outcomes) - 1}")
        cell, status = self.plan[index], outcomes[index].status
        if not cell.valid:
            raise ValueError(f"cell {index} is invalid: {'; '.join(p.message for p in cell.problems)}")
        if cell.same_as is not None:
            raise ValueError(f"cell {index} asks for the same as cell {cell.same_as}; retry that one")
        if status == "maybe_billed" and not may_resend:
            raise ValueError(f"cell {index} may have been billed; resend=[{index}] asks for it all the same")
        if status in ("done", "running", "waiting"):
            raise ValueError(f"cell {index} is {status}")

    def raise_budget(self, budget: float) -> None:
        """Allow another sum, for the whole run."""
        limit = Budget(budget).limit
        with self.engine.changed:
            self.engine.budget.limit = limit


def prepare(  # noqa: PLR0913 (the public options of a run)
    sweep: Sweep,
    client: Any = None,
    *,
    budget: float | None = None,
    order: str = "as given",
    executor: Executor | None = None,
    confirm: bool | float = True,
    history: History | bool | None = None,
    fresh: bool = False,
    at_once: int = AT_ONCE,
    progress: bool | None = None,
    name: str = "",
) -> Prepared:
    """Plan, check, ask, and open the journal; nothing is sent.

    Parameters, and what is raised, are those of :meth:`imgwidgets.Sweep.run`.
    """
    limit, threshold = Budget(budget), threshold_of(confirm)
    check_executor(executor)
    if isinstance(at_once, bool) or not isinstance(at_once, int) or at_once < 1:
        raise ValueError(f"at_once is {at_once!r}; it needs a whole number of requests above 0")
    kept = history_for(history, client)
    plan = sweep.plan(client, history=kept if kept is not None else False, fresh=fresh)
    places = ranks(order, plan, plan.axes)
    confirmation = confirmation_for(plan.cells_to_send, limit.limit, threshold)
    if confirmation and not in_notebook():
        raise BudgetExceeded(f"{confirmation} {advice_for(plan.cells_to_send)}")
    desks = desks_for(plan, client)
    journal = Journal(kept)
    options = {"order": order, "fresh": fresh, "at_once": at_once, "budget": budget}
    options = {key: value for key, value in options.items() if value != _DEFAULTS[key]}
    asked = [{"provider": desk.provider, "base_url": _fixed_address(desk)} for desk in desks.values()]
    journal.begin(
        sweep.manifest() | {"run": options | {"clients": asked, "process": process_of()}},
        sweep.files(),
        name=name,
    )
    tasks = [Task(cell, desks[cell.provider], places[cell.index]) for cell in plan.cells_to_send]
    engine = Engine(
        plan,
        tasks,
        outcomes_of(plan, journal),
        journal=journal,
        budget=limit,
        at_once=at_once,
        retries={desk.provider: desk.retries for desk in desks.values()},
    )
    return Prepared(
        sweep,
        plan,
        engine,
        desks=desks,
        order=places,
        options=options,
        executor=executor,
        at_once=at_once,
        confirmation=confirmation,
        shows_lines=not in_notebook() if progress is None else progress,
    )


_DEFAULTS = {"order": "as given", "fresh": False, "at_once": AT_ONCE, "budget": None}


def process_of() -> dict[str, Any]:
    """Describe this process, so that no other one works on the same run."""
    found: dict[str, Any] = msgspec.to_builtins(this_process())
    return found


def is_going(run_id: str) -> bool:
    """Say whether this process works on a run now."""
    return any(
        engine.journal.run_id == run_id and engine.state in ("waiting for start", "running", "paused")
        for engine in tuple(_engines)
    )


def check_executor(executor: Any) -> None:
    """Refuse what is no executor.

    Raises
    ------
    TypeError
        With the way to one, where it is a cluster's client or view.
    """
    if executor is not None and not isinstance(executor, Executor):
        raise TypeError(
            f"executor is {type(executor).__module__}.{type(executor).__name__}; it needs a "
            "concurrent.futures.Executor: dask's client.get_executor(), ipyparallel's "
            "client.load_balanced_view().executor, a ProcessPoolExecutor, ..."
        )


def history_for(given: History | bool | None, client: Any) -> History | None:  # noqa: FBT001 (an option)
    """Give where a run is written down: as said, else as its client does; None for nowhere."""
    wanted: Any = given
    if wanted is None:
        wanted = next((one.history for one in clients_in(client) if not isinstance(one, str)), True)
    found = recorder(wanted)
    return found.history if found is not None else None


def desks_for(plan: Iterable[Any], client: Any) -> dict[str, Desk]:
    """Give whoever asks each provider of a plan: the clients given, else one with the key that is found.

    Raises
    ------
    AuthenticationError, CatalogError
        Where there is no key, or no address.
    """
    given = {one.provider.name: one for one in clients_in(client) if not isinstance(one, str)}
    desks: dict[str, Desk] = {}
    for provider in dict.fromkeys(cell.provider for cell in plan if cell.valid):
        if provider in given:
            desks[provider] = Desk(PacedClient.of(given[provider]), given[provider].max_retries)
        else:
            with Client(provider, history=False) as made:
                desks[provider] = Desk(PacedClient.of(made), made.max_retries)
    return desks


def _fixed_address(desk: Desk) -> str:
    """Give the address under which a provider is found again; the embedded one is started anew."""
    return "" if desk.client.is_embedded else desk.base_url


def outcomes_of(plan: Plan, journal: Journal) -> dict[int, Outcome]:
    """Give what is known of cells that are not sent: invalid ones, and those that the history answers."""
    found: dict[int, Outcome] = {}
    for cell in plan:
        leader = cell if cell.same_as is None else plan[cell.same_as]
        if not leader.valid:
            said = "; ".join(problem.message for problem in leader.problems) or "it cannot be sent"
            found[cell.index] = Outcome(status="not_sent", error=said, error_type="ParameterError")
        elif leader.stored is not None:
            found[cell.index] = Outcome(
                status="done",
                cost=0.0,
                seconds=leader.stored.seconds,
                entry=leader.stored.id,
                from_history=True,
                load=StoredResult(journal, leader.stored.id, cell.request),
            )
    return found


_engines: weakref.WeakSet[Engine] = weakref.WeakSet()


def _leave() -> None:
    """Let a program that ends send nothing more, and wait for what it has paid for."""
    for engine in tuple(_engines):
        engine.leave()


# An answer may point to files that are fetched on a ThreadPoolExecutor, and those are closed before atexit's
# turn; what they use themselves comes earlier, and is private.
getattr(threading, "_register_atexit", atexit.register)(_leave)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_engines.clear)  # a child has none of the parent's threads
