"""The tables, and how those of earlier versions become these.

Migrations only add, so that a process that still runs an earlier imgwidgets goes on writing to the same file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgwidgets.errors import HistoryError

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

__all__ = ["APPLICATION", "MIGRATIONS", "migrate"]

APPLICATION = 0x696D6777  # "imgw", in the file's header: this database is a history

_FIRST = (
    """
    CREATE TABLE processes (
        id     INTEGER PRIMARY KEY,
        host   TEXT NOT NULL,
        boot   TEXT NOT NULL,
        pid    INTEGER NOT NULL,
        born   TEXT NOT NULL
    )
    """,
    # AUTOINCREMENT: the number of an entry that was thrown away is never given to another.
    """
    CREATE TABLE entries (
        id         INTEGER PRIMARY KEY AUTOINCREMENT,
        process    INTEGER NOT NULL REFERENCES processes,
        created    REAL NOT NULL,
        stage      INTEGER NOT NULL,
        status     TEXT NOT NULL,
        key        TEXT NOT NULL,
        provider   TEXT NOT NULL,
        embedded   INTEGER NOT NULL,
        base_url   TEXT NOT NULL,
        model      TEXT NOT NULL,
        endpoint   TEXT NOT NULL,
        prompt     TEXT NOT NULL,
        parameters TEXT NOT NULL,
        words      TEXT NOT NULL,
        cost       REAL,
        seconds    REAL,
        error_type TEXT NOT NULL DEFAULT '',
        error      TEXT NOT NULL DEFAULT '',
        outcome    TEXT NOT NULL DEFAULT '{}',
        starred    INTEGER NOT NULL DEFAULT 0,
        rating     INTEGER
    )
    """,
    "CREATE INDEX entries_by_key ON entries (key)",
    "CREATE INDEX entries_by_time ON entries (created)",
    "CREATE INDEX entries_open ON entries (process) WHERE stage < 3",
    """
    CREATE TABLE pictures (
        entry    INTEGER NOT NULL REFERENCES entries ON DELETE CASCADE,
        role     TEXT NOT NULL,
        position INTEGER NOT NULL,
        sha256   TEXT,
        bytes    INTEGER,
        header   TEXT NOT NULL,
        details  TEXT NOT NULL,
        PRIMARY KEY (entry, role, position)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX pictures_by_content ON pictures (sha256)",
)

_SECOND = (
    # Sweeps: what was planned, and which entry belongs to which cell of it.
    """
    CREATE TABLE runs (
        id       TEXT PRIMARY KEY,
        created  REAL NOT NULL,
        name     TEXT NOT NULL,
        status   TEXT NOT NULL,
        manifest TEXT NOT NULL
    ) WITHOUT ROWID
    """,
    "CREATE INDEX runs_by_time ON runs (created)",
    """
    CREATE TABLE run_files (
        run    TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        sha256 TEXT NOT NULL,
        PRIMARY KEY (run, sha256)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX run_files_by_content ON run_files (sha256)",
    "ALTER TABLE entries ADD COLUMN run TEXT",
    "ALTER TABLE entries ADD COLUMN cell INTEGER",
    "CREATE INDEX entries_by_run ON entries (run, cell) WHERE run IS NOT NULL",
    # What a person thought of a picture; the same bytes are the same picture, whoever they belong to.
    """
    CREATE TABLE marks (
        sha256   TEXT PRIMARY KEY,
        starred  INTEGER NOT NULL DEFAULT 0,
        rating   INTEGER,
        selected INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID
    """,
    # Rows hold prompts of thousands of words: a sum over all of them should not read those.
    "CREATE INDEX entries_by_cost ON entries (created, embedded, cost) WHERE cost IS NOT NULL",
    "CREATE INDEX entries_with_star ON entries (starred) WHERE starred",
    "CREATE INDEX marks_with_star ON marks (starred) WHERE starred",
    "CREATE INDEX entries_by_model ON entries (model, provider)",
    "CREATE INDEX entries_by_status ON entries (status, created)",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST, _SECOND)
"""What leads from version 0 (an empty file) to 1, from 1 to 2, ...; what was released is never edited."""


def migrate(connection: sqlite3.Connection, folder: Path) -> None:
    """Bring a database to the version of this imgwidgets, all of it or nothing.

    Raises
    ------
    HistoryError
        For a file that another program wrote, or a newer imgwidgets.
    """
    if _version(connection, folder) == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Asked again: another process may have done it while this one waited.
        for statements in MIGRATIONS[_version(connection, folder) :]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection, folder: Path) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    known = len(MIGRATIONS)
    strange = application != APPLICATION and (
        version or connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    )
    if strange:
        raise HistoryError(
            f"history.sqlite in {folder} was not written by imgwidgets; choose another folder: History(path)"
        )
    if version > known:
        raise HistoryError(
            f"the history {folder} was written by a newer imgwidgets (version {version} of its tables, "
            f"this one knows {known}): upgrade it, or choose another folder (History(path), IMGWIDGETS_HOME)"
        )
    return version
