"""Runs of sweeps: what was planned, and what is there of it."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import secrets
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.errors import HistoryError
from imgwidgets.history.redact import plain, to_json

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from imgwidgets.history.database import Database
    from imgwidgets.history.entry import Entry
    from imgwidgets.history.files import Files

__all__ = ["RUN_STATUSES", "Runs", "StoredRun"]

RUN_STATUSES = ("running", "paused", "cancelled", "done")

_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that looks like another
_RECENT = 5  # named where a run is not found


class StoredRun(msgspec.Struct, frozen=True, kw_only=True, dict=True, eq=False):
    """One run of a sweep, as it is remembered.

    Attributes
    ----------
    id : str
        A short text, for ``Sweep.resume``.
    created : datetime.datetime
        When it began, with this machine's time zone.
    name : str
        What a person called it.
    status : str
        ``running`` (also where its process died meanwhile), ``paused``, ``cancelled`` or ``done``.
    manifest : dict
        What was planned.

    Examples
    --------
    >>> import tempfile
    >>> import imgwidgets as iw
    >>> with tempfile.TemporaryDirectory() as folder, iw.History(folder) as history:
    ...     run_id = history.start_run({"prompt": "a {animal}"}, name="animals")
    ...     request = iw.ImageRequest(prompt="a fox", model="gpt-image-2")
    ...     number = history.started(request, run=run_id, cell=0)
    ...     run = history.run(run_id)
    ...     run.name, run.manifest, [entry.prompt for entry in run.entries]
    ('animals', {'prompt': 'a {animal}'}, ['a fox'])
    """

    id: str
    created: dt.datetime
    name: str
    status: str
    manifest: dict[str, Any]
    _history: Any

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Its requests in the order in which they were sent, as they are when this is first asked."""
        return tuple(reversed(self._history.search(run=self.id, limit=None)))

    def __repr__(self) -> str:
        name = f" {self.name!r}" if self.name else ""
        return f"<StoredRun {self.id}{name}, {self.created:%Y-%m-%d %H:%M}: {self.status}>"


class Runs:
    """The part of a :class:`~imgwidgets.history.History` that knows sweeps."""

    _database: Database
    _files: Files

    def start_run(self, manifest: Mapping[str, Any], *, name: str = "") -> str:
        """Write down what a sweep is about to do, and give the run its name.

        Parameters
        ----------
        manifest : mapping
            JSON-like; what looks like a secret is left out.
        name : str
            For people.

        Returns
        -------
        str
            The run's id, for :meth:`run`, :meth:`update_run` and ``started(run=...)``.

        Raises
        ------
        HistoryError
            Where it cannot be written.
        """
        with self._database.writing() as connection:
            while True:
                run_id = "".join(secrets.choice(_LETTERS) for _ in range(8))
                if connection.execute(
                    "INSERT OR IGNORE INTO runs (id, created, name, status, manifest) VALUES (?, ?, ?, ?, ?)",
                    (run_id, time.time(), plain(name), "running", to_json(manifest)),
                ).rowcount:
                    return run_id

    def update_run(self, run_id: str, **changes: Any) -> None:
        """Write down what became of a run.

        Parameters
        ----------
        run_id : str
            From :meth:`start_run`.
        **changes
            ``status`` (``running``, ``paused``, ``cancelled``, ``done``), ``name`` or ``manifest``.

        Raises
        ------
        ValueError, TypeError
            For another status, or anything else.
        HistoryError
            For an unknown run; where it cannot be written.
        """
        if changes.get("status", "running") not in RUN_STATUSES:
            raise ValueError(f"status is {changes['status']!r}; it is one of {', '.join(RUN_STATUSES)}")
        encoders: dict[str, Callable[[Any], str]] = {"status": str, "name": plain, "manifest": to_json}
        unknown = [name for name in changes if name not in encoders]
        if unknown:
            raise TypeError(f"update_run() takes status, name and manifest, not {', '.join(unknown)}")
        with self._database.writing() as connection:
            self._need_run(connection, run_id)
            for name, value in changes.items():
                connection.execute(
                    f"UPDATE runs SET {name} = ? WHERE id = ?",  # noqa: S608 (our own names)
                    (encoders[name](value), run_id),
                )

    def run(self, run_id: str) -> StoredRun:
        """Give a run by its id.

        Raises
        ------
        HistoryError
            Where there is none; the message names the latest ones.
        """
        with self._database.reading() as connection:
            self._need_run(connection, run_id)
            row = connection.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
        return self._run_of(row)

    def runs(self, limit: int | None = 20) -> list[StoredRun]:
        """Give the latest runs, the newest first; ``limit=None`` gives all."""
        rows = self._database.ask(
            "SELECT * FROM runs ORDER BY created DESC LIMIT ?", (-1 if limit is None else max(0, limit),)
        )
        return [self._run_of(row) for row in rows]

    def keep_file(self, run_id: str, data: bytes) -> str:
        """Keep bytes that a run needs to go on, such as an input image; gives their sha-256.

        Raises
        ------
        HistoryError
            For an unknown run; where it cannot be written.
        """
        digest = hashlib.sha256(data).hexdigest()
        writer = self._database.process
        with self._database.writing() as connection:
            self._need_run(connection, run_id)
            connection.execute("INSERT OR IGNORE INTO run_files VALUES (?, ?)", (run_id, digest))
        try:
            self._files.put(digest, data, writer=writer)
        except BaseException:
            with contextlib.suppress(HistoryError), self._database.writing() as connection:
                connection.execute("DELETE FROM run_files WHERE run = ? AND sha256 = ?", (run_id, digest))
            raise
        return digest

    def read_file(self, sha256: str) -> bytes:
        """Give bytes by their sha-256, compared with it.

        Raises
        ------
        HistoryError
            Where they are missing or were altered.
        """
        return self._files.read(sha256)

    def _need_run(self, connection: sqlite3.Connection, run_id: str) -> None:
        if connection.execute("SELECT 1 FROM runs WHERE id = ?", (run_id,)).fetchone() is None:
            recent = connection.execute("SELECT id, name FROM runs ORDER BY created DESC LIMIT ?", (_RECENT,))
            named = [f"{row['id']} ({row['name']})" if row["name"] else row["id"] for row in recent]
            known = f"the latest are {', '.join(named)}" if named else "it has none yet"
            raise HistoryError(f"there is no run {run_id!r} in the history {self._database.folder}; {known}")

    def _run_of(self, row: sqlite3.Row) -> StoredRun:
        return StoredRun(
            id=row["id"],
            created=dt.datetime.fromtimestamp(row["created"]).astimezone(),
            name=row["name"],
            status=row["status"],
            manifest=msgspec.json.decode(row["manifest"]),
            _history=self,
        )
