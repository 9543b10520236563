"""Which entries: filters become SQL."""

from __future__ import annotations

import datetime as dt
import time
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from imgwidgets.history.entry import Entry, entry_from
from imgwidgets.history.marks import STARRED
from imgwidgets.history.rows import STATUSES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from imgwidgets.history.history import History

__all__ = ["TOGETHER", "Moment", "conditions", "entries_of", "long_ago", "moment", "page_of"]

Moment = dt.datetime | dt.date | dt.timedelta | float | str | None
"""A point in time: a datetime (without a zone: this machine's), a date, ``"2026-11-20"`` or
``"2026-11-20 14:30"``, a timedelta (so long ago), or a number (so many days ago)."""

_PICTURES = (
    "SELECT p.*, m.starred AS picture_starred, m.rating AS picture_rating FROM pictures p "
    "LEFT JOIN marks m ON m.sha256 = p.sha256 WHERE p.entry IN ({}) ORDER BY p.entry, p.role, p.position"
)

_MOST_DAYS = 1e6  # further back than any calendar of Python's
TOGETHER = 500  # rows named in one question; SQLite before 3.32 takes 999 values


def moment(value: Moment, *, what: str, last: bool = False) -> float | None:
    """Give a point in time as seconds since 1970.

    Parameters
    ----------
    value : Moment
        See there.
    what : str
        How errors call it.
    last : bool
        Of a date, the end of that day and not its beginning.

    Raises
    ------
    ValueError, TypeError
        For what is no point in time.

    Examples
    --------
    >>> moment("2026-11-20T12:00:00+00:00", what="since")
    1795176000.0
    """
    if value is None:
        return None
    if isinstance(value, str):
        value = _read(value, what)
    if isinstance(value, dt.timedelta):
        return time.time() - value.total_seconds()
    if isinstance(value, dt.datetime):
        return value.timestamp()
    if isinstance(value, dt.date):
        day = value + dt.timedelta(days=1) if last else value
        return dt.datetime.combine(day, dt.time()).timestamp()
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not abs(value) < _MOST_DAYS:
            raise ValueError(f"{what} is {value!r}, which is no number of days ago; give 30 for 30 days")
        return time.time() - dt.timedelta(days=value).total_seconds()
    raise TypeError(
        f"{what} is {type(value).__name__}; give a datetime, a date, a text such as '2026-11-20', "
        "a timedelta or a number of days ago"
    )


def long_ago(value: Moment, *, what: str) -> float:
    """Give a point in time as :func:`moment` does; an age below zero, as of a slip of the hand, is none.

    Raises
    ------
    ValueError, TypeError
        For what is no point in time, or a negative age.
    """
    point = moment(value, what=what)
    if point is None:
        raise TypeError(f"{what} is None; give a number of days, a timedelta or a date")
    days = value.total_seconds() if isinstance(value, dt.timedelta) else value
    if isinstance(days, int | float) and days < 0:
        raise ValueError(f"{what} is {value!r}, which lies ahead: 30 is 30 days ago, 0 is now")
    return point


def _read(text: str, what: str) -> dt.datetime | dt.date:
    for read in (dt.date.fromisoformat, dt.datetime.fromisoformat):
        try:
            return read(text.strip())
        except ValueError:
            continue
    raise ValueError(f"{what} is {text!r}; write it as '2026-11-20' or '2026-11-20 14:30'; 7 is 7 days ago")


def conditions(  # noqa: PLR0913 (one for each thing to search by)
    text: str = "",
    *,
    model: str | None = None,
    provider: str | None = None,
    since: Moment = None,
    until: Moment = None,
    min_cost: float | None = None,
    max_cost: float | None = None,
    starred: bool | None = None,
    status: str | Iterable[str] | None = None,
    run: str | None = None,
) -> tuple[str, list[Any]]:
    """Give the WHERE of a search and its values; :meth:`History.search` says what they mean."""
    _check_filters(text, (model, provider, run), (min_cost, max_cost), starred)
    wanted: list[str] = []
    values: list[Any] = []
    for word in text.casefold().split():
        wanted.append("instr(words, ?)")
        values.append(word)
    compared: tuple[tuple[str, Any], ...] = (
        ("model = ?", model),
        ("provider = ?", provider),
        ("created >= ?", moment(since, what="since")),
        ("created < ?", moment(until, what="until", last=True)),
        ("cost >= ?", None if min_cost is None else float(min_cost)),
        ("cost <= ?", None if max_cost is None else float(max_cost)),
        ("run = ?", run),
    )
    for condition, value in compared:
        if value is not None:
            wanted.append(condition)
            values.append(value)
    if starred is not None:
        wanted.append(STARRED if starred else f"NOT {STARRED}")
    if status is not None:
        several = (status,) if isinstance(status, str) else tuple(status)
        for one in several:
            if one not in STATUSES:
                raise ValueError(f"status is {one!r}; it is one of {', '.join(STATUSES)}")
        wanted.append(f"status IN ({_marks(several)})")
        values += several
    return (f" WHERE {' AND '.join(wanted)}" if wanted else ""), values


def entries_of(connection: sqlite3.Connection, rows: Sequence[sqlite3.Row], history: History) -> list[Entry]:
    """Make entries of rows of ``entries``, each with its pictures."""
    pictures: dict[int, list[sqlite3.Row]] = {}
    for start in range(0, len(rows), TOGETHER):
        numbers = [row["id"] for row in rows[start : start + TOGETHER]]
        for picture in connection.execute(
            _PICTURES.format(_marks(numbers)),
            numbers,
        ):
            pictures.setdefault(picture["entry"], []).append(picture)
    return [entry_from(row, pictures.get(row["id"], ()), history) for row in rows]


def page_of(limit: Any, offset: Any) -> tuple[int, int]:
    """Give LIMIT and OFFSET as SQLite takes them.

    Raises
    ------
    TypeError
        For what is no whole number.
    """
    _check("limit", limit, Integral | None, "a whole number, or None for all")
    _check("offset", offset, Integral, "a whole number")
    return (-1 if limit is None else max(0, int(limit))), max(0, int(offset))


def _check_filters(text: Any, names: tuple[Any, ...], dollars: tuple[Any, ...], starred: Any) -> None:
    _check("text", text, str, "words, such as 'red fox'")
    for name, given in zip(("model", "provider", "run"), names, strict=True):
        _check(name, given, str | None, "a name")
    for name, given in zip(("min_cost", "max_cost"), dollars, strict=True):
        _check(name, given, Real | None, "US dollars, such as 0.05")
    if starred not in (True, False, None):
        raise TypeError(f"starred is {starred!r}; give True, False or None")


def _check(name: str, value: Any, kind: Any, wanted: str) -> None:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(f"{name} is {value!r:.80}; give {wanted}")


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))
