"""The tables, and how those of earlier versions become these."""

import sqlite3
from pathlib import Path

import pytest
from history.making import picture, recorded, request

from imgwidgets.errors import HistoryError
from imgwidgets.history import History, schema
from imgwidgets.history.files import Files


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


EARLIER = sorted(Path(__file__).with_name("earlier").glob("*.sql"))


def earlier(folder, script, names):
    """Make a history as an earlier imgwidgets left it: a dump of its database, and its files."""
    folder.mkdir()
    connection = sqlite3.connect(folder / "history.sqlite")
    connection.executescript(script.read_text("utf-8"))
    connection.close()
    files = Files(folder)
    for name in names:
        files.put(picture(name).sha256, picture(name).bytes, writer=1)


def test_there_is_a_file_of_every_earlier_version():
    assert [int(script.stem) for script in EARLIER] == list(range(1, len(schema.MIGRATIONS)))


@pytest.mark.parametrize("script", EARLIER, ids=lambda script: f"version {script.stem}")
def test_a_file_of_an_earlier_version_keeps_all_it_held(connect, folder, script):
    names = ("fox", "fox 2", "hat", "photo", "mask", "bear")
    earlier(folder, script, names)
    assert version(connect()) == int(script.stem)
    with History(folder) as history:
        assert version(connect()) == len(schema.MIGRATIONS)
        wolf, bear, owl, hat, fox = history.search()
        assert [one.status for one in (fox, hat, owl, bear, wolf)] == [
            "done",
            "done",
            "failed",
            "maybe_billed",
            "maybe_billed",  # its process, on another machine, was given up after two hours
        ]
        assert (fox.starred, fox.rating, fox.run, fox.cell) == (True, 4, None, None)
        assert [image.bytes for image in fox.images] == [picture("fox").bytes, picture("fox 2").bytes]
        assert (hat.notes, hat.cost, hat.usage.output_tokens) == (("a note",), 0.5, 9)
        assert hat.request.images[0].data == picture("photo").bytes
        assert hat.request.mask.data == picture("mask").bytes
        assert [image.bytes for image in bear.partial_images] == [picture("bear").bytes]
        assert (owl.error, owl.error_type) == ("no owls", "BadRequest")
        assert history.lookup(fox.key).id == fox.id
        assert (history.spent(), history.verify()) == (0.75, [])
        # And all that is new works with what is old.
        history.mark(picture("hat").sha256, starred=True)
        assert [entry.id for entry in history.search(starred=True)] == [hat.id, fox.id]
        number = history.started(request("a new one"), run=history.start_run({"prompt": "p"}), cell=0)
        assert number > wolf.id


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
