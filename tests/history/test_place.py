"""Which folder, who may read it, and what is said where it cannot be used."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import textwrap

import pytest
from history.making import an_input, picture, recorded, request, result

from imgwidgets.errors import HistoryError
from imgwidgets.history import History, place
from imgwidgets.history import database as database_module


def modes(folder):
    return {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 40 MB."""
    point = tmp_path / "disk"
    point.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(point)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"mounting a small disk needs root: {mounted.stderr.strip()}")
    yield point
    subprocess.run(["umount", "-l", str(point)], check=True)


def test_imgwidgets_home_says_where_it_is(tmp_path, monkeypatch):
    monkeypatch.setenv("IMGWIDGETS_HOME", str(tmp_path / "home"))
    with History() as history:
        assert history.path == tmp_path / "home" / "history"


def test_without_it_the_users_data_folder_is_taken(tmp_path, monkeypatch):
    monkeypatch.delenv("IMGWIDGETS_HOME", raising=False)
    monkeypatch.setattr("platformdirs.user_data_path", lambda name, **_: tmp_path / name)
    assert place.default_folder() == tmp_path / "imgwidgets" / "history"


def test_a_relative_path_stays_the_same_folder_wherever_the_program_goes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with History("here") as history:
        monkeypatch.chdir("/")
        recorded(history)
        assert history.path == tmp_path / "here"


@pytest.mark.skipif(os.name != "posix", reason="modes are a thing of POSIX")
def test_only_the_owner_can_read_folders_and_files(tmp_path, monkeypatch):
    monkeypatch.setenv("IMGWIDGETS_HOME", str(tmp_path / "deep" / "home"))
    before = os.umask(0o000)
    try:
        with History() as history:
            recorded(history, "a fox", endpoint="edits", images=(an_input(),))
            found = modes(tmp_path / "deep")
    finally:
        os.umask(before)
    assert {path.name for path in found} >= {
        "home",
        "history.sqlite",
        "history.sqlite-wal",
        "files",
        "incoming",
    }
    for path, mode in found.items():
        assert mode == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.skipif(os.name != "posix", reason="modes are a thing of POSIX")
def test_an_empty_folder_becomes_private_but_a_used_one_is_left_alone(tmp_path):
    empty, used = tmp_path / "empty", tmp_path / "used"
    for folder in (empty, used):
        folder.mkdir()
        folder.chmod(0o755)
    (used / "notes.txt").write_text("mine")
    for folder in (empty, used):
        with History(folder) as history:
            recorded(history)
    assert stat.S_IMODE(empty.stat().st_mode) == 0o700
    assert stat.S_IMODE(used.stat().st_mode) == 0o755
    assert all(
        mode & 0o077 == 0 for path, mode in modes(used).items() if path not in (used, used / "notes.txt")
    )


@pytest.mark.usefixtures("history")
def test_the_log_is_written_ahead(folder):
    with sqlite3.connect(folder / "history.sqlite") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_a_remote_folder_is_told_by_the_mounts():
    mounts = "/dev/vda / ext4 rw 0 0\nserver:/home /nfs\\040home nfs4 rw 0 0\ntmpfs /nfs\\040home/here tmpfs rw 0 0\n"
    assert place.is_remote(place.Path("/nfs home/me"), mounts)
    assert not place.is_remote(place.Path("/nfs home/here/me"), mounts)
    assert not place.is_remote(place.Path("/var"), mounts)
    assert not place.is_remote(place.Path("/var"), "")


def test_on_a_remote_folder_no_log_is_shared_in_memory(folder, monkeypatch):
    monkeypatch.setattr(database_module, "is_remote", lambda _: True)
    with History(folder) as history:
        recorded(history)
        assert not (folder / "history.sqlite-wal").exists()
        assert len(history.search("fox")) == 1


def test_a_file_where_the_folder_should_be_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    for wrong in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(HistoryError, match=r"cannot be used: .*history=False"):
            History(wrong)


def test_a_folder_that_cannot_be_made_is_said():
    # root may write everywhere but here
    with pytest.raises(HistoryError, match="history=False"):
        History("/proc/imgwidgets")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write in a read-only folder")
def test_a_read_only_folder_is_said(tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(HistoryError, match="cannot be written"):
        History(folder)


def test_a_read_only_disk_is_said_before_anything_is_sent(small_disk):
    with History(small_disk / "h") as history:
        recorded(history)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for name in ("h", "other"):
        with pytest.raises(HistoryError, match=r"cannot be written .*history=False"):
            History(small_disk / name)


def test_a_disk_with_too_little_room_is_said_before_anything_is_sent(history, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=20_000_000))
    history.started(request())
    with pytest.raises(HistoryError, match=r"full: 20 MB are free, and an answer may need 64 MB; make room"):
        history.started(request(parameters={"n": 4}))


def test_a_full_disk_loses_nothing_that_was_written_before(small_disk):
    with History(small_disk / "h") as history:
        kept = picture("kept", padding=100_000)
        recorded(history, "first", kept)
        asked = request("too much")
        number = history.started(asked)
        with pytest.raises(HistoryError, match="full"):
            history.finished(number, result(asked, picture("small"), picture("large", padding=60_000_000)))
        entry = history.entry(number)
        assert entry.status == "maybe_billed"
        assert "could not be written" in entry.error
        assert [image.bytes for image in entry.images] == [picture("small").bytes]
        assert entry.cost == 0.25

        (small_disk / "filler").write_bytes(bytes(38_000_000))
        with pytest.raises(HistoryError, match=r"is full: .* MB are free"):
            history.started(request("not sent"))
        assert history.search("not sent") == []
        (small_disk / "filler").unlink()
        recorded(history, "room again")
        assert history.verify() == []
        assert history.search("first")[0].images[0].bytes == kept.bytes


def test_files_that_cannot_grow_are_said_and_leave_nothing_behind(tmp_path):
    """A quota, as the system reports it in the midst of a write."""
    script = """
        import resource, sys
        from history.making import picture, request, result, an_input
        from imgwidgets.errors import HistoryError
        from imgwidgets.history import History
        history = History(sys.argv[1])
        asked = request("a fox")
        number = history.started(asked)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
        try:
            history.finished(number, result(asked, picture("large", padding=1_000_000)))
        except HistoryError as error:
            print("answer:", error)
        try:
            history.started(request("an owl", endpoint="edits", images=(an_input("large", padding=900_000),)))
        except HistoryError as error:
            print("input:", error)
        try:
            for count in range(2000):
                history.started(request("row " * 100))
        except HistoryError as error:
            print("row:", error)
    """
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path / "h")],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    said = dict(line.split(": ", 1) for line in ended.stdout.splitlines())
    assert set(said) == {"answer", "input", "row"}
    assert all("history=False" in message for message in said.values())
    assert "full" in said["answer"]
    with History(tmp_path / "h") as history:
        assert [entry.status for entry in history.search("fox")] == ["maybe_billed"]
        assert [entry.status for entry in history.search("owl")] == ["not_sent"]
        assert history.verify() == []
        assert list((tmp_path / "h" / "incoming").iterdir()) == []


def test_a_folder_that_was_removed_is_made_again(history, folder):
    recorded(history, "gone")
    shutil.rmtree(folder)
    number = recorded(history, "new")
    assert [entry.prompt for entry in history.search()] == ["new"]
    assert history.entry(number).images[0].bytes
    assert history.verify() == []


def test_a_damaged_database_is_said(folder):
    folder.mkdir()
    (folder / "history.sqlite").write_bytes(b"this is no database" * 1000)
    with pytest.raises(HistoryError, match=r"damaged .* move the folder away"):
        History(folder)


def test_a_writer_that_never_ends_is_said(history, folder, monkeypatch):
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.05)
    blocker = sqlite3.connect(folder / "history.sqlite", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(HistoryError, match="another process has been writing"):
            History(folder).started(request())
    finally:
        blocker.close()
    recorded(history)


def test_no_test_writes_where_the_user_keeps_pictures():
    """Programs that tests start inherit it: kernels, servers, scripts."""
    code = "from imgwidgets.history.place import default_folder; print(default_folder())"
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()
    for folder in (place.Path(said), place.default_folder()):
        assert folder.is_relative_to(tempfile.gettempdir())
        assert "imgwidgets-tests-" in str(folder)
