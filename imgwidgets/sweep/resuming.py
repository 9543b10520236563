"""Going on with a run whose program ended: what was answered is not sent again."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.client import Client
from imgwidgets.errors import BudgetExceeded, HistoryError
from imgwidgets.history.process import Process, is_alive, this_process
from imgwidgets.sweep.budget import Budget
from imgwidgets.sweep.confirming import advice_for, confirmation_for, threshold_of
from imgwidgets.sweep.engine import Engine
from imgwidgets.sweep.journal import Journal, StoredResult
from imgwidgets.sweep.outcome import Outcome
from imgwidgets.sweep.pace import AT_ONCE
from imgwidgets.sweep.plan import Plan
from imgwidgets.sweep.preparing import (
    Prepared,
    check_executor,
    desks_for,
    history_for,
    is_going,
    outcomes_of,
    process_of,
)
from imgwidgets.sweep.progress import in_notebook
from imgwidgets.sweep.tasks import Task, ranks
from imgwidgets.sweep.verdict import LEFT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from concurrent.futures import Executor

    from imgwidgets.history import Entry, History
    from imgwidgets.sweep.cell import Cell

__all__ = ["take_up"]

_BEST = ("done", "running", "maybe_billed", "failed", "not_sent")  # what counts where a cell was tried often


def take_up(  # noqa: PLR0913 (the public options)
    run_id: str,
    client: Any = None,
    *,
    resend: Iterable[int] | bool = (),
    budget: float | None = None,
    executor: Executor | None = None,
    confirm: bool | float = True,
    history: History | bool | None = None,
    at_once: int | None = None,
    progress: bool | None = None,
) -> Prepared:
    """Find a run in the history and prepare what is missing of it.

    Parameters, and what is raised, are those of :meth:`imgwidgets.Sweep.resume`.
    """
    check_executor(executor)
    kept = _history_of(history, client, run_id)
    kept.recover()
    stored = kept.run(run_id)
    manifest = stored.manifest
    said: Mapping[str, Any] = manifest.get("run") or {}
    _check_free(stored, said)
    sweep = importlib.import_module("imgwidgets.sweep.sweep").Sweep.from_manifest(manifest, history=kept)
    own = [] if client is not None else [_client(one) for one in said.get("clients", ())]
    try:
        asked = client if client is not None else own or None
        plan = sweep.plan(asked, history=False if said.get("fresh") else kept)
        plan = _without(plan, run_id)
        desks = desks_for(plan, asked)
    finally:
        for one in own:
            one.close()
    journal = Journal(kept, run_id)
    limit = Budget(budget if budget is not None else said.get("budget"))
    outcomes = outcomes_of(plan, journal) | _known(plan, stored.entries, journal, limit)
    again = _resent(resend, outcomes)
    for index in again:
        limit.found(index)
        del outcomes[index]
    for cell in plan:
        if cell.same_as is not None and cell.same_as in outcomes:
            same = outcomes[cell.same_as]
            free = 0.0 if same.status == "done" else None
            outcomes[cell.index] = msgspec.structs.replace(same, cost=free)
    left = [cell for cell in plan if cell.valid and cell.same_as is None and cell.index not in outcomes]
    more = None if limit.limit is None else max(0.0, limit.left)
    confirmation = confirmation_for(left, more, threshold_of(confirm))
    if confirmation and not in_notebook():
        raise BudgetExceeded(f"{confirmation} {advice_for(left)}")
    journal.update(manifest={**manifest, "run": {**said, "process": process_of()}})
    most = at_once if at_once is not None else said.get("at_once", AT_ONCE)
    places = ranks(said.get("order", "as given"), plan, plan.axes)
    engine = Engine(
        plan,
        [Task(cell, desks[cell.provider], places[cell.index]) for cell in left],
        outcomes,
        journal=journal,
        budget=limit,
        at_once=most,
        retries={desk.provider: desk.retries for desk in desks.values()},
    )
    return Prepared(
        sweep,
        plan,
        engine,
        desks=desks,
        order=places,
        options={key: said[key] for key in ("order", "fresh", "at_once", "budget") if key in said},
        executor=executor,
        at_once=most,
        confirmation=confirmation,
        shows_lines=not in_notebook() if progress is None else progress,
    )


def _history_of(given: History | bool | None, client: Any, run_id: str) -> History:  # noqa: FBT001 (an option)
    found = history_for(given, client)
    if found is None:
        raise HistoryError(
            f"the run {run_id!r} cannot be taken up: a client with history=False keeps nothing; "
            "name its history with history=..., or run the sweep anew"
        )
    return found


def _client(said: Mapping[str, Any]) -> Client:
    return Client(said["provider"], base_url=said.get("base_url") or None, history=False)


def _check_free(stored: Any, said: Mapping[str, Any]) -> None:
    """Refuse a run that a living process works on: two would send the same cells.

    Raises
    ------
    HistoryError
        Where there is one.
    """
    if stored.status not in ("running", "paused") or not said.get("process"):
        return
    owner = Process(**said["process"])
    if owner == this_process():
        if not is_going(stored.id):
            return
        who = "this program: run.wait() waits for it"
    elif is_alive(owner):
        who = f"the process {owner.pid}: end that one first, or wait for it"
    else:
        return
    raise HistoryError(f"the run {stored.id!r} is still being worked on by {who}")


def _without(plan: Plan, run_id: str) -> Plan:
    """Forget what the history has from this run itself: its cells say that better."""
    cells = [
        msgspec.structs.replace(cell, stored=None)
        if cell.stored is not None and cell.stored.run == run_id
        else cell
        for cell in plan
    ]
    return Plan(cells, sweep=plan.sweep)


def _known(plan: Plan, entries: Iterable[Entry], journal: Journal, budget: Budget) -> dict[int, Outcome]:
    """Give what became of cells when the run went on before; the budget learns what it cost."""
    by_cell: dict[int, list[Entry]] = {}
    for entry in entries:
        if entry.cell is not None:
            by_cell.setdefault(entry.cell, []).append(entry)
    found: dict[int, Outcome] = {}
    for cell in plan:
        tried = by_cell.get(cell.index, ())
        if not tried:
            continue
        for entry in tried:
            budget.spent += (entry.cost or 0.0) if entry.status == "done" else 0.0
        best = min(tried, key=lambda entry: _BEST.index(entry.status))
        outcome = _outcome(cell, best, len(tried), journal)
        if outcome is not None:
            found[cell.index] = outcome
        if best.status in ("maybe_billed", "running"):
            budget.lose(cell.index, cell.price[1] if cell.price else 0.0)
    return found


def _outcome(cell: Cell, entry: Entry, tries: int, journal: Journal) -> Outcome | None:
    """Give what a cell's best entry says; None where it is to be sent."""
    if entry.status == "done":
        load = StoredResult(journal, entry.id, cell.request)
        return Outcome(
            status="done", cost=entry.cost, seconds=entry.seconds, entry=entry.id, load=load, tries=tries
        )
    if entry.status in ("maybe_billed", "running"):
        said = entry.error or "the program ended before the answer came"
        return Outcome(
            status="maybe_billed", error=said, error_type=entry.error_type, entry=entry.id, tries=tries
        )
    if entry.status == "failed" and entry.error_type in LEFT:
        return Outcome(
            status="failed", error=entry.error, error_type=entry.error_type, entry=entry.id, tries=tries
        )
    return None


def _resent(resend: Iterable[int] | bool, outcomes: Mapping[int, Outcome]) -> list[int]:  # noqa: FBT001 (True for all)
    lost = [index for index, outcome in outcomes.items() if outcome.status == "maybe_billed"]
    if resend is True:
        return lost
    wanted = sorted(set(resend or ()))
    wrong = [index for index in wanted if index not in lost]
    if wrong:
        raise ValueError(
            f"resend names cell {wrong[0]!r}, which is not among those that may have been billed: {lost}"
        )
    return wanted
