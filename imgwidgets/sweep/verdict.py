"""What an error means for a cell, and for the rest of the run."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from imgwidgets.client.retry import may_retry
from imgwidgets.errors import (
    AuthenticationError,
    ConnectionFailed,
    ImgWidgetsError,
    QuotaExhausted,
    RateLimited,
    RequestError,
)
from imgwidgets.sweep.outcome import Outcome

if TYPE_CHECKING:
    from imgwidgets.sweep.tasks import Task

__all__ = ["LEFT", "ends_all", "next_try", "outcome_of"]

LEFT = frozenset(
    {
        "BadRequest",
        "ImageInputError",
        "ModelNotFound",
        "ModerationBlocked",
        "ParameterError",
        "PermissionDenied",
    }
)
"""Errors after which the same request gets the same answer: a resumed run leaves such cells as they are."""

_PATIENCE = 20  # 429s of one cell: each costs nothing, and the pace waits as it is told


def outcome_of(error: BaseException, task: Task, *, sent: bool) -> Outcome:
    """Give what a cell that ended in an error is called."""
    status = "failed"
    if isinstance(error, RequestError):
        cancelled = isinstance(error, ConnectionFailed) and "cancelled" in str(error)
        status = "maybe_billed" if error.maybe_billed else "not_sent" if cancelled or not sent else "failed"
    elif isinstance(error, ImgWidgetsError):
        status = "not_sent"
    elif sent:
        status = "maybe_billed"
    return Outcome(
        status=status,  # type: ignore[arg-type]  # one of the statuses
        error=str(error) or type(error).__name__,
        error_type=type(error).__name__,
        entry=task.entry,
        tries=task.tries,
    )


def next_try(error: BaseException, task: Task, retries: int) -> float | None:
    """Give the seconds after which a cell is sent once more; None: it is not."""
    if not isinstance(error, Exception) or not may_retry(error):
        return None
    if isinstance(error, RateLimited):
        # The pace waits for all of them; by itself, none comes earlier than it was told.
        task.desk.pace.refused(error.retry_after)
        return 0.0 if task.tries <= _PATIENCE else None
    if task.tries > retries:
        return None
    said = getattr(error, "retry_after", None)
    if said is not None:
        return float(said)
    return min(2.0 ** (task.tries - 2), 8.0) + random.uniform(0.0, 0.5)  # noqa: S311 (no secret)


def ends_all(error: BaseException) -> bool:
    """Say whether other cells would fail likewise: no credit left, a key that is not accepted."""
    return isinstance(error, QuotaExhausted | AuthenticationError)
