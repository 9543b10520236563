"""A run: a sweep on its way."""

from __future__ import annotations

import importlib
import math
import time
from typing import TYPE_CHECKING, Any, Self

from imgwidgets.errors import BudgetExceeded, HistoryError
from imgwidgets.sweep.looking import Looking
from imgwidgets.sweep.outcome import STATUSES
from imgwidgets.sweep.progress import line_of, spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from imgwidgets.sweep.outcome import Outcome
    from imgwidgets.sweep.plan import Plan
    from imgwidgets.sweep.preparing import Prepared
    from imgwidgets.sweep.sweep import Sweep

__all__ = ["Run", "resume", "start"]


class Run(Looking):
    """A sweep on its way: it goes on by itself while you look; in a notebook, a live panel.

    Sweeps are begun with :meth:`imgwidgets.Sweep.run` and taken up again with
    :meth:`imgwidgets.Sweep.resume`. At most 64 requests are in flight at each provider, and no more go in a
    minute than the catalog, the provider's headers and its 429s allow, whatever else asks it with the same
    key. A cell's failure is that cell's. What was certainly not billed (429, a refused connection, an
    overloaded server) is tried again by itself; what may have been is listed and left.

    Notes
    -----
    A program that ends while a run goes on sends nothing more, and waits for the answers to what it has sent.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> sweep = iw.Sweep("a {animal}", animal=["fox", "owl"], quality="low", size="1024x1024")
    >>> with iw.Client(history=False) as client:
    ...     run = sweep.run(client, progress=False).wait()
    >>> run.state, [outcome.status for outcome in run.outcomes], round(run.spent, 3)
    ('done', ['done', 'done'], 0.012)
    >>> run.outcomes[0].result[0].size
    (1024, 1024)
    """

    def __init__(self, prepared: Prepared) -> None:
        self.sweep: Sweep = prepared.sweep
        """What was asked for."""
        self.plan: Plan = prepared.plan
        """Its cells."""
        self._prepared = prepared
        self._engine = prepared.engine
        self._began = time.monotonic()

    # -- how it stands ----------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """The name under which the history knows the run, for ``Sweep.resume``."""
        return self._engine.journal.run_id

    @property
    def options(self) -> dict[str, Any]:
        """What :meth:`Sweep.run` was told beside the client, where that can be written down."""
        return dict(self._prepared.options)

    @property
    def state(self) -> str:
        """``waiting for start``, ``running``, ``paused``, ``cancelled`` or ``done``."""
        return self._engine.state

    @property
    def outcomes(self) -> list[Outcome]:
        """What became of each cell until now, in the plan's order."""
        return self._engine.outcomes()

    @property
    def error(self) -> BaseException | None:
        """Why cells were not sent, for no fault of their own: a budget, a full disk, a refused key."""
        return self._engine.error

    @property
    def budget(self) -> float | None:
        """US dollars that it may spend; None for no limit."""
        return self._engine.budget.limit

    @property
    def spent(self) -> float:
        """US dollars that it has spent, as far as providers tell."""
        with self._engine.changed:
            return self._engine.budget.spent

    @property
    def reserved(self) -> float:
        """US dollars set aside for requests in flight, and for those that may have been billed."""
        with self._engine.changed:
            return self._engine.budget.reserved

    @property
    def confirmation(self) -> str:
        """What a run that waits for its start wants to be confirmed; else empty."""
        return self._prepared.confirmation if self.state == "waiting for start" else ""

    @property
    def is_lasting(self) -> bool:
        """Whether another process could go on with it: not with ``history=False``."""
        return self._engine.journal.is_lasting

    @property
    def progress(self) -> dict[str, Any]:
        """How far it is.

        Returns
        -------
        dict
            ``cells``, how many are ``waiting``, ``running``, ``done``, ``failed``, ``maybe_billed`` and
            ``not_sent``, ``spent`` and ``reserved`` (US dollars), ``remaining`` (seconds, None while that is
            not known) and ``reason`` (what the next request waits for, else empty).
        """
        outcomes = self.outcomes
        counts: dict[str, int] = dict.fromkeys(STATUSES, 0)
        sent = 0
        for outcome in outcomes:
            counts[outcome.status] += 1
            sent += outcome.status == "done" and not outcome.from_history and outcome.tries > 0
        to_come = counts["waiting"] + counts["running"]
        passed = time.monotonic() - self._began
        remaining = to_come * passed / sent if sent and self.state == "running" else None
        return {
            "cells": len(outcomes),
            **counts,
            "spent": self.spent,
            "reserved": self.reserved,
            "remaining": remaining,
            "reason": self._engine.reason() if counts["waiting"] and self.state == "running" else "",
        }

    def on_change(self, callback: Callable[[int, Outcome], Any]) -> Callable[[], None]:
        """Call back with a cell's index and its outcome whenever that changes, from a thread of the run.

        Returns
        -------
        callable
            Ends it.
        """
        return self._engine.herald.listen(callback)

    # -- what can be done -------------------------------------------------------------------------------

    def start(self) -> Self:
        """Begin to send, where it waits for that."""
        if self.state == "waiting for start":
            self._send()
        return self

    def wait(self, timeout: float | None = None) -> Self:
        """Wait until every cell has its end; an interrupt ends the waiting, not the run.

        Parameters
        ----------
        timeout : float, optional
            Seconds; default: as long as it takes. 0 or less only looks.

        Returns
        -------
        Run
            Itself.

        Raises
        ------
        BudgetExceeded
            Where cells were not sent since the budget had no room for them; what was sent is there all the
            same. Also where the run waits for its start.
        ImgWidgetsError
            For another reason that ended it early (:attr:`error`); likewise.
        TimeoutError
            Where the time is up; the run goes on, or stays paused until :meth:`go_on`.
        """
        if self.state == "waiting for start":
            raise BudgetExceeded(f"{self._prepared.confirmation} Press Start, or call run.start()")
        if not self._engine.wait(timeout if timeout is None else max(0.0, timeout)):
            then = "run.go_on() sends the rest" if self.state == "paused" else "it goes on"
            raise TimeoutError(f"{line_of(self)}; {then}")
        if self.error is not None:
            raise self.error
        return self

    def cancel(self, *, cut: bool = False) -> Self:
        """Send nothing more. What is in flight is paid for, so it is waited for.

        Parameters
        ----------
        cut : bool, default False
            Whether to cut the connections of what is in flight: those cells end as ``maybe_billed``.
        """
        self._engine.cancel(cut=cut)
        if self._engine.state == "cancelled" and not self._engine.began:
            self._engine.journal.update(status="cancelled")
        return self

    def pause(self) -> Self:
        """Send nothing more until :meth:`go_on`; what is in flight is answered."""
        self._engine.pause(on=True)
        self._write_state()
        return self

    def go_on(self) -> Self:
        """Send again after :meth:`pause`."""
        self._engine.pause(on=False)
        self._write_state()
        return self

    def retry(
        self,
        cells: Iterable[int] | None = None,
        *,
        resend: Iterable[int] | bool = (),
        budget: float | None = None,
    ) -> Self:
        """Send once more what failed or was not sent; returns at once.

        Parameters
        ----------
        cells : iterable of int, optional
            Indices of cells; default: all that failed or were not sent, apart from invalid ones.
        resend : iterable of int, or True for all
            Cells that may have been billed and are to be asked again all the same.
        budget : float, optional
            A new limit in US dollars, for the whole run.

        Raises
        ------
        ValueError
            For a cell that cannot be sent: it is not there, invalid, done, or may have been billed.
        """
        again = self._prepared.again(cells, resend)
        if budget is not None:
            self._prepared.raise_budget(budget)
        self._engine.again(again)
        self._send()
        return self

    def _write_state(self) -> None:
        # Of a run that has ended meanwhile, the history says so already.
        if self.state in ("running", "paused"):
            self._engine.journal.update(status=self.state)

    def _send(self) -> None:
        self._began = time.monotonic()
        self._prepared.send()

    # -- looks ------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        now = self.progress
        said = [f"{now['done']} of {now['cells']} cells done"]
        said += [f"{now[name]} {name}" for name in ("failed", "maybe_billed", "not_sent") if now[name]]
        said.append(f"${now['spent']:,.3f}")
        if now["remaining"] is not None and math.isfinite(now["remaining"]) and now["waiting"]:
            said.append(f"about {spoken(now['remaining'])} left")
        return f"<Run {self.id}, {self.state}: {', '.join(said)}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        try:
            panel = importlib.import_module("imgwidgets.widgets").SweepPanel
        except (ImportError, AttributeError):
            return {"text/plain": repr(self)}
        bundle = panel(self)._repr_mimebundle_(include=include, exclude=exclude)
        if bundle is None:
            return {"text/plain": repr(self)}
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "text/plain": repr(self)}, metadata


def start(sweep: Sweep, client: Any = None, **options: Any) -> Run:
    """Begin a run; see :meth:`imgwidgets.Sweep.run`."""
    prepared = importlib.import_module("imgwidgets.sweep.preparing").prepare(sweep, client, **options)
    run = Run(prepared)
    prepared.attach(run)
    return run


def resume(run_id: str, client: Any = None, **options: Any) -> Run:
    """Go on with a run whose program ended; see :meth:`imgwidgets.Sweep.resume`."""
    if not isinstance(run_id, str):
        raise HistoryError(f"run_id is {type(run_id).__name__}; it needs the text that run.id gave")
    prepared = importlib.import_module("imgwidgets.sweep.resuming").take_up(run_id, client, **options)
    run = Run(prepared)
    prepared.attach(run)
    return run
