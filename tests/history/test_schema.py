"""The tables, and how those of earlier versions become these."""

import sqlite3

import pytest
from history.making import recorded

from imgwidgets.errors import HistoryError
from imgwidgets.history import History, schema


@pytest.fixture
def connect(folder):
    opened = []

    def connect():
        folder.mkdir(exist_ok=True)
        opened.append(sqlite3.connect(folder / "history.sqlite", isolation_level=None))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


def version(connection):
    return connection.execute("PRAGMA user_version").fetchone()[0]


@pytest.mark.parametrize("start", range(len(schema.MIGRATIONS) + 1))
def test_every_earlier_version_becomes_this_one(connect, folder, start, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:start])
        schema.migrate(connect(), folder)
    with History(folder) as history:
        recorded(history)
        assert len(history.search("fox")) == 1
    assert version(connect()) == len(schema.MIGRATIONS)


def test_a_migration_keeps_what_was_written(connect, folder, monkeypatch):
    with History(folder) as history:
        recorded(history, "from before")
    further = ("ALTER TABLE entries ADD COLUMN remark TEXT NOT NULL DEFAULT 'none'",)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, further))
    with History(folder) as history:
        recorded(history, "from after")
        assert [entry.prompt for entry in history.search()] == ["from after", "from before"]
    assert version(connect()) == len(schema.MIGRATIONS)
    assert connect().execute("SELECT DISTINCT remark FROM entries").fetchall() == [("none",)]


def test_a_migration_that_fails_changes_nothing(connect, folder, monkeypatch):
    with History(folder) as history:
        recorded(history)
    broken = ("ALTER TABLE entries ADD COLUMN remark TEXT", "this is no SQL")
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, broken))
        with pytest.raises(HistoryError, match="syntax error"):
            History(folder)
    assert version(connect()) == len(schema.MIGRATIONS)
    assert "remark" not in [row[1] for row in connect().execute("PRAGMA table_info(entries)")]
    with History(folder) as history:
        assert len(history.search()) == 1


def test_tables_of_a_newer_version_are_refused(connect, folder):
    with History(folder) as history:
        recorded(history)
    connect().execute("PRAGMA user_version = 99")
    with pytest.raises(
        HistoryError, match=r"newer imgwidgets \(version 99 of its tables, this one knows \d+\): upgrade"
    ):
        History(folder)
    assert version(connect()) == 99


@pytest.mark.parametrize("statement", ["CREATE TABLE theirs (a)", "PRAGMA user_version = 1"])
def test_the_database_of_another_program_is_refused(connect, folder, statement):
    connect().execute(statement)
    with pytest.raises(HistoryError, match="was not written by imgwidgets"):
        History(folder)
    assert connect().execute("SELECT count(*) FROM sqlite_master WHERE name = 'entries'").fetchone() == (0,)
