"""Connections and transactions.

One connection writes and one reads, each behind its own lock: threads wait for each other here, without
polling; other processes are waited for by SQLite's busy timeout.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any

from imgwidgets.errors import HistoryError
from imgwidgets.history import process, schema
from imgwidgets.history.place import clear_errors, is_remote, make_file, make_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Database"]

BUSY_SECONDS = 30.0
"""For how long other processes are waited for; a transaction here takes less than a millisecond."""


class Database:
    """The SQLite file of a history.

    Parameters
    ----------
    folder : pathlib.Path
        Where ``history.sqlite`` is or will be.

    Raises
    ------
    HistoryError
        Where it cannot be opened.
    """

    _process: int | None  # the row of this process
    _file: tuple[int, int] | None  # which file is open
    _writer: sqlite3.Connection
    _reader: sqlite3.Connection

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "history.sqlite"
        self.closed = False
        self._forget()
        with clear_errors(folder):
            self._open()
        _OPEN.add(self)

    @property
    def process(self) -> int:
        """The row of this process; its first use writes it."""
        self._ready()
        if self._process is None:
            me = process.this_process()
            with self.writing() as connection:
                found = connection.execute(
                    "INSERT INTO processes (host, boot, pid, born) VALUES (?, ?, ?, ?)",
                    (me.host, me.boot, me.pid, me.born),
                )
                self._process = int(found.lastrowid or 0)
        return self._process

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Run a transaction that writes; nobody else writes meanwhile, so keep it short.

        Raises
        ------
        HistoryError
            Where it cannot be written; nothing of the transaction is kept.
        """
        self._ready()
        with self._write_lock, clear_errors(self.folder):
            connection = self._writer
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    # What went wrong first is what is told.
                    with contextlib.suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read from one state of the database, whatever is written meanwhile.

        Raises
        ------
        HistoryError
            Where it cannot be read.
        """
        self._ready()
        with self._read_lock, clear_errors(self.folder):
            connection = self._reader
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("COMMIT")

    def ask(self, question: str, values: Any = ()) -> list[Any]:
        """Give all rows of one question."""
        with self.reading() as connection:
            return connection.execute(question, values).fetchall()

    @property
    def version(self) -> tuple[int, ...]:
        """Something that is equal only as long as nobody has written; asking for it reads no page."""
        self._ready()
        with self._read_lock, clear_errors(self.folder):
            return (*(self._file or ()), int(self._reader.execute("PRAGMA data_version").fetchone()[0]))

    def close(self) -> None:
        """Close the connections; SQLite then folds its log into the file."""
        self.closed = True
        with self._write_lock, self._read_lock:
            self._shut()

    # -- connections ------------------------------------------------------------------------------------

    def _forget(self) -> None:
        """Begin anew, without touching what another process or a removed folder left."""
        self._write_lock = threading.RLock()
        self._read_lock = threading.RLock()
        self._process = None
        self._file = None

    def _after_fork(self) -> None:
        """In the child: connections and locks are the parent's, which may be in the midst of something."""
        if self._file is not None:
            _INHERITED.extend((self._writer, self._reader))
        self._forget()

    def _open(self) -> None:
        make_folder(self.folder)
        if not any(self.folder.iterdir()):
            self.folder.chmod(0o700)  # empty, so that nobody relied on reading what is in it
        make_file(self.path)
        self._writer = self._connect()
        try:
            schema.migrate(self._writer, self.folder)
            self._reader = self._connect()
        except BaseException:
            self._writer.close()
            raise
        self._file = self._identity()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            connection.row_factory = sqlite3.Row
            _set_journal(connection, "delete" if is_remote(self.folder) else "wal")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
        return connection

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return (found.st_dev, found.st_ino)

    def _ready(self) -> None:
        """Open again where the file is another one: removed by hand, or this is the child of a fork."""
        if self.closed:
            raise HistoryError(f"the history {self.folder} is closed; make a new one: History(path)")
        if self._is_open():
            return
        # Both locks, always in this order.
        with self._write_lock, self._read_lock, clear_errors(self.folder):
            if self._is_open():
                return
            self._shut()  # what is written to a removed file is lost, and nobody would know
            self._process = None
            self._open()

    def _is_open(self) -> bool:
        return self._file is not None and self._identity() == self._file

    def _shut(self) -> None:
        if self._file is not None:
            for connection in (self._reader, self._writer):
                with contextlib.suppress(sqlite3.Error):
                    connection.close()
            self._file = None


def _set_journal(connection: sqlite3.Connection, wanted: str) -> None:
    """Switch the journal; SQLite's busy timeout does not hold for that."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != wanted:
                connection.execute(f"PRAGMA journal_mode = {wanted}")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


# Connections of a parent process. Closing them here could release its locks, so they are kept for good.
_INHERITED: list[sqlite3.Connection] = []
_OPEN: weakref.WeakSet[Database] = weakref.WeakSet()


def _after_fork() -> None:
    for database in list(_OPEN):
        database._after_fork()  # noqa: SLF001 (the other half of this module)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
