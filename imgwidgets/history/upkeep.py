"""Marking what a dead process left, checking, throwing away."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import msgspec

from imgwidgets.history import process
from imgwidgets.history.marks import STARRED
from imgwidgets.history.place import clear_errors
from imgwidgets.history.rows import ARRIVED, ENDED, PREPARING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from imgwidgets.history.database import Database
    from imgwidgets.history.files import Files

__all__ = ["Fault", "Pruned", "prune", "recover", "settle", "verify"]

# A process of another machine cannot be asked. No request runs longer than this.
LONGEST_SECONDS = 2 * 3600.0
_TOGETHER = 200

_LOST = (
    "the process ended before an answer was written down; the provider may have billed it: look at their "
    "usage page before you ask again"
)
_UNSENT = "the process ended before this was sent"
_MIDST = (
    "the process ended in the midst of the answer; what had arrived is kept, and the provider may have "
    "billed all of it"
)
_PARTLY = "the answer came, but not all of its pictures were written down before the process ended"


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What :meth:`History.verify` found wrong with one file.

    Attributes
    ----------
    problem : str
        ``missing``, ``altered`` or ``unreadable: ...``; of the database, SQLite's own words.
    path : pathlib.Path
        The file.
    entry : int or None
        The entry it belongs to; None for the database itself, and for what belongs to a run.
    role : str
        What it is there: ``image``, ``partial``, ``input``, ``mask``, ``markup``, or ``run`` for what a sweep
        needs to go on.
    position : int
        Which of that role, from 0.
    """

    problem: str
    path: Path
    entry: int | None = None
    role: str = ""
    position: int = 0


class Pruned(msgspec.Struct, frozen=True, kw_only=True):
    """What :meth:`History.prune` threw away.

    Attributes
    ----------
    entries, files : int
        How many.
    bytes : int
        How much room that made.
    """

    entries: int
    files: int
    bytes: int


# -- what a dead process left ---------------------------------------------------------------------------


def recover(database: Database, files: Files) -> int:
    """Give an end to the requests of processes that died; tells how many."""
    open_rows = database.ask(
        "SELECT e.id AS entry, e.created, p.* FROM entries e JOIN processes p ON p.id = e.process "
        "WHERE e.stage < ?",
        (ENDED,),
    )
    dead: dict[int, bool] = {}
    marked = 0
    for row in open_rows:
        if row["id"] not in dead:
            dead[row["id"]] = _is_dead(
                process.Process(row["host"], row["boot"], row["pid"], row["born"]), row["created"]
            )
        marked += dead[row["id"]] and settle(database, files, row["entry"])
    _sweep_up(database, files)
    return marked


def _is_dead(owner: process.Process, asked: float) -> bool:
    alive = process.is_alive(owner)
    return not alive if alive is not None else time.time() - asked > LONGEST_SECONDS


def settle(database: Database, files: Files, entry: int, said: str = "") -> bool:
    """End an entry with what is there of it; tells whether that was needed.

    Parameters
    ----------
    database, files : Database, Files
        Of the history.
    entry : int
        Which.
    said : str
        Why; default: that its process ended.
    """
    with database.writing() as connection:
        row = connection.execute(
            "SELECT stage, error FROM entries WHERE id = ? AND stage < ?", (entry, ENDED)
        ).fetchone()
        if row is None:
            return False  # another process was quicker
        missing = _missing(connection, files, entry, inputs=row["stage"] == PREPARING)
        if row["stage"] == PREPARING:
            status, error = "not_sent", said or _UNSENT
        elif row["stage"] != ARRIVED:
            status, error = "maybe_billed", said or (_MIDST if _has_some(connection, entry) else _LOST)
        elif missing or row["error"]:  # an error here is that of a stream, which was cut
            status, error = "maybe_billed", said or _PARTLY
        else:
            status, error = "done", ""
        connection.execute(
            "UPDATE entries SET stage = ?, status = ?, error = CASE error WHEN '' THEN ? ELSE error END "
            "WHERE id = ?",
            (ENDED, status, error, entry),
        )
    return True


def _has_some(connection: sqlite3.Connection, entry: int) -> bool:
    question = "SELECT 1 FROM pictures WHERE entry = ? AND role IN ('image', 'partial') LIMIT 1"
    return connection.execute(question, (entry,)).fetchone() is not None


def _missing(connection: sqlite3.Connection, files: Files, entry: int, *, inputs: bool) -> int:
    """Take the names of files away that were not written any more; tells how many."""
    missing = 0
    for picture in connection.execute(
        "SELECT role, position, sha256 FROM pictures WHERE entry = ? AND sha256 IS NOT NULL "
        "AND (role IN ('image', 'partial') OR ?)",
        (entry, inputs),
    ).fetchall():
        if files.flaw(picture["sha256"]):
            missing += 1
            change = "UPDATE pictures SET sha256 = NULL, bytes = NULL" if inputs else "DELETE FROM pictures"
            connection.execute(
                f"{change} WHERE entry = ? AND role = ? AND position = ?",
                (entry, picture["role"], picture["position"]),
            )
    return missing


def _sweep_up(database: Database, files: Files) -> None:
    """Remove what dead processes had not finished writing."""
    unfinished = files.unfinished()
    if not unfinished:
        return
    known = {row["id"]: row for row in database.ask("SELECT * FROM processes")}
    for writer, paths in unfinished.items():
        for path in paths:
            # A living process may finish one meanwhile: it is gone then, and all is well.
            with clear_errors(database.folder), contextlib.suppress(FileNotFoundError):
                row = known.get(writer)
                written = path.stat().st_mtime
                if row is None or _is_dead(
                    process.Process(row["host"], row["boot"], row["pid"], row["born"]), written
                ):
                    path.unlink(missing_ok=True)


# -- checking -------------------------------------------------------------------------------------------


def verify(database: Database, files: Files) -> list[Fault]:
    """Read every file and compare it with its name."""
    faults = [
        Fault(problem=row[0], path=database.path)
        for row in database.ask("PRAGMA integrity_check(10)")
        if row[0] != "ok"
    ]
    # What is being written just now has a name already, and no file yet.
    rows = database.ask(
        "SELECT p.entry, p.role, p.position, p.sha256 FROM pictures p JOIN entries e ON e.id = p.entry "
        "WHERE p.sha256 IS NOT NULL AND e.stage = ? ORDER BY p.entry, p.role, p.position",
        (ENDED,),
    )
    rows += database.ask(
        "SELECT NULL AS entry, 'run' AS role, 0 AS position, sha256 FROM run_files ORDER BY run, sha256"
    )
    flaws: dict[str, str] = {}
    for row in rows:
        digest = row["sha256"]
        if digest not in flaws:
            flaws[digest] = files.flaw(digest)
        if flaws[digest]:
            faults.append(
                Fault(
                    problem=flaws[digest],
                    path=files.path(digest),
                    entry=row["entry"],
                    role=row["role"],
                    position=row["position"],
                )
            )
    return faults


# -- throwing away --------------------------------------------------------------------------------------


def prune(database: Database, files: Files, before: float, *, keep_starred: bool) -> Pruned:
    """Throw away entries that were made before a time, then the files that no entry names any more."""
    with database.writing() as connection:
        gone = connection.execute(
            f"DELETE FROM entries WHERE stage = ? AND created < ? AND NOT (? AND {STARRED})",  # noqa: S608 (our own words)
            (ENDED, before, keep_starred),
        ).rowcount
        # A run that may still go on keeps its plan, and the pictures that it will send.
        connection.execute(
            "DELETE FROM runs WHERE created < ? AND status IN ('done', 'cancelled') "
            "AND NOT EXISTS (SELECT 1 FROM entries WHERE entries.run = runs.id)",
            (before,),
        )
        connection.execute(
            "DELETE FROM marks WHERE NOT EXISTS (SELECT 1 FROM pictures WHERE pictures.sha256 = marks.sha256)"
        )
    # First the rows, then the files: killed between the two, files are left that the next prune removes.
    names = list(files.names())
    count = size = 0
    for start in range(0, len(names), _TOGETHER):
        removed = _remove_unnamed(database, files, names[start : start + _TOGETHER])
        count, size = count + len(removed), size + sum(removed)
    return Pruned(entries=gone, files=count, bytes=size)


def _remove_unnamed(database: Database, files: Files, names: Sequence[str]) -> list[int]:
    # Nobody can name a file while this transaction is open, and who names one looks for it afterwards.
    with database.writing() as connection:
        unnamed: Iterable[str] = [
            name
            for name in names
            if connection.execute(
                "SELECT 1 FROM pictures WHERE sha256 = ?1 UNION ALL "
                "SELECT 1 FROM run_files WHERE sha256 = ?1 LIMIT 1",
                (name,),
            ).fetchone()
            is None
        ]
        return [files.remove(name) for name in unnamed]
