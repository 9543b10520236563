"""Plain lines on stderr while a run goes on, outside a notebook."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Lines", "in_notebook", "line_of", "spoken"]

_FIRST = 2.0  # seconds until the first line
_EVERY = 5.0
_WORDS = (("failed", "failed"), ("maybe_billed", "may have been billed"), ("not_sent", "not sent"))
_LATER = 30.0  # of a run that takes longer than some minutes


def in_notebook() -> bool:
    """Whether a person can be shown a widget: this is a Jupyter kernel."""
    shell = sys.modules.get("IPython")
    found = shell.get_ipython() if shell is not None else None
    return getattr(found, "kernel", None) is not None


def spoken(seconds: float) -> str:
    """Give a time as people say it.

    >>> spoken(42.4), spoken(100), spoken(7300)
    ('42 s', '2 min', '2.0 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def line_of(run: Any) -> str:
    """Say how far a run is, in one line.

    Parameters
    ----------
    run : Run
        Its ``progress`` tells.
    """
    now = run.progress
    ended = now["cells"] - now["running"] - now["waiting"]
    parts = [f"{ended} of {now['cells']} cells"]
    for name, word in (
        ("failed", "failed"),
        ("maybe_billed", "may have been billed"),
        ("not_sent", "not sent"),
    ):
        if now[name]:
            parts.append(f"{now[name]} {word}")
    if now["running"]:
        parts.append(f"{now['running']} in flight")
    parts.append(
        f"${now['spent']:,.3f} spent" + (f" of ${run.budget:,.2f}" if run.budget is not None else "")
    )
    if run.state in ("paused", "cancelled"):
        parts.append(run.state)
    elif now["waiting"] and now["reason"]:
        parts.append(f"waiting: {now['reason']}")
    if now["remaining"] is not None and now["waiting"]:
        parts.append(f"about {spoken(now['remaining'])} left")
    line = f"sweep {run.id}: {', '.join(parts)}"
    if now["maybe_billed"] and run.state in ("done", "cancelled"):
        line += "; run.retry(resend=True) asks again for what may have been billed"
    return line


class Lines:
    """Writes a line now and then, and one at the end.

    Parameters
    ----------
    say : callable
        Gives the line.
    """

    def __init__(self, say: Callable[[], str]) -> None:
        self._say = say
        self._began = time.monotonic()
        self._next = self._began + _FIRST

    def tick(self, last: bool) -> None:  # noqa: FBT001 (as the herald calls)
        """Write, where it is time to."""
        now = time.monotonic()
        if not last and now < self._next:
            return
        self._next = now + (_EVERY if now - self._began < 180 else _LATER)
        if sys.stderr is not None:
            sys.stderr.write(f"{self._say()}\n")
            sys.stderr.flush()
