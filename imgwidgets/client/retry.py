"""What may be tried again, and when: money is never spent twice.

===========================================  =========  =======================================
what happened                                again?     because
===========================================  =========  =======================================
429 (too many requests)                      yes        it was refused, so it costs nothing
429 (no credit left)                         no         waiting does not help
a refused connection                         yes        nothing was sent
503, or the provider's own "overloaded"      yes        it was refused
any other 5xx, a gateway's 502 or 504        no         the picture may have been made and billed
a timeout, a cut connection                  no         likewise
moderation, any other 4xx                    no         the same request gets the same answer
===========================================  =========  =======================================

The errors carry the verdict already (``maybe_billed``, their class); this module only reads it.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import logging
import random
import re
from typing import TYPE_CHECKING

import stamina

from imgwidgets.errors import ConnectionFailed, QuotaExhausted, RateLimited, ServerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["MAX_RETRIES", "MAX_WAIT", "attempts", "may_retry", "wait_asked_for"]

MAX_RETRIES = 2
"""Further tries after the first."""

MAX_WAIT = 120.0
"""Seconds: a provider that asks for more is reported instead of waited for."""

# What stamina calls these retries, to its hooks and in its metrics.
_NAME = "imgwidgets"
_logger = logging.getLogger("imgwidgets")


def _not_ours(record: logging.LogRecord) -> bool:
    return getattr(record, "stamina.callable", None) != _NAME


# Stamina's hooks are one setting for the whole process, and by default one warns of every retry with a bare
# "stamina.retry_scheduled", which logging prints to stderr where nobody has configured it. Ours are told
# below, as a sentence; other people's retries, and hooks that somebody has set, stay as they are.
logging.getLogger("stamina").addFilter(_not_ours)

_IN_TEXT = re.compile(
    r"(?:try again|retry|wait)\D{0,40}?(\d{1,6}(?:\.\d{1,6})?)\s*"
    r"(ms|milliseconds?|s|sec(?:onds?)?|m|min(?:utes?)?)\b",
    re.IGNORECASE,
)


def may_retry(error: BaseException) -> bool:
    """Say whether the same request may be sent again after this error."""
    if isinstance(error, QuotaExhausted):
        return False
    if isinstance(error, RateLimited | ServerError):
        wait = error.retry_after
        return not error.maybe_billed and (wait is None or wait <= MAX_WAIT)
    return isinstance(error, ConnectionFailed) and isinstance(error.__cause__, ConnectionRefusedError)


def wait_asked_for(
    headers: Mapping[str, str], text: str = "", *, now: dt.datetime | None = None
) -> float | None:
    """Give the seconds that a provider asks to wait, or None.

    Parameters
    ----------
    headers : mapping
        Of the reply, with lower-case names: ``retry-after-ms``, then ``retry-after`` (seconds or a date).
    text : str
        The error's message: "Please try again in 12s", "retry after 250 ms".
    now : datetime, optional
        For tests.

    Examples
    --------
    >>> wait_asked_for({"retry-after": "7"})
    7.0
    >>> wait_asked_for({}, "Rate limit reached. Please try again in 12s.")
    12.0
    """
    for value in (
        _number(headers.get("retry-after-ms"), 0.001),
        _number(headers.get("retry-after"), 1.0),
        _until(headers.get("retry-after"), now),
    ):
        if value is not None:
            return value
    found = _IN_TEXT.search(text[:4_000])
    if found is None:
        return None
    unit = found[2].lower()
    seconds = 0.001 if unit.startswith(("ms", "milli")) else 60.0 if unit.startswith("m") else 1.0
    return float(found[1]) * seconds


def _number(text: str | None, unit: float) -> float | None:
    try:
        value = float(text or "") * unit
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def _until(text: str | None, now: dt.datetime | None) -> float | None:
    try:
        then = email.utils.parsedate_to_datetime(text or "")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=dt.UTC)
    return max(0.0, (then - (now or dt.datetime.now(dt.UTC))).total_seconds())


def attempts(
    max_retries: int, pause: Callable[[float], None] | None = None
) -> stamina._core._RetryContextIterator:
    """Give stamina's attempts for one request: ``for attempt in attempts(2): with attempt: ...``.

    Parameters
    ----------
    max_retries : int
        Further tries after the first; 0 for none.
    pause : callable, optional
        Waits the given seconds in place of stamina, so that a cancelled client need not wait to the end.
    """
    tries = 0

    def verdict(error: Exception) -> bool | float:
        nonlocal tries
        tries += 1
        if not may_retry(error) or tries > max_retries:
            return False
        wait = getattr(error, "retry_after", None)
        if pause is None or stamina.is_testing():
            _tell(error, wait, tries)
            return True if wait is None else float(wait)
        if wait is None:  # no two of a sweep's requests come back at the same moment
            wait = min(0.5 * 2 ** (tries - 1), 8.0) + random.uniform(0.0, 0.5)  # noqa: S311 (no secret)
        _tell(error, wait, tries)
        pause(float(wait))
        return 0.0

    context = stamina.retry_context(
        on=verdict, attempts=max_retries + 1, timeout=None, wait_initial=0.5, wait_max=8.0, wait_jitter=0.5
    )
    return context.with_name(_NAME, (), {})


def _tell(error: Exception, wait: float | None, tries: int) -> None:
    """Log a retry by its kind alone: the words of an error may quote what a server said."""
    _logger.info(
        "%s: trying again%s (retry %d)",
        type(error).__name__,
        "" if wait is None else f" in {float(wait):.1f} s",
        tries,
    )
