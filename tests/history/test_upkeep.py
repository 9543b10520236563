"""What a dead process left, checking, throwing away, copying out."""

import datetime as dt
import hashlib
import json
import os
import socket
import subprocess
import sys

import pytest
from history.making import an_input, picture, recorded, request, result

from imgwidgets import errors
from imgwidgets.history import History, process, upkeep


def path_of(folder, image):
    return folder / "files" / image.sha256[:2] / image.sha256[2:4] / image.sha256


@pytest.fixture
def dead():
    """A process that has ended."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        found = process.Process(
            socket.gethostname(), process.this_process().boot, child.pid, process._born(child.pid)
        )
        assert process.is_alive(found)
    assert process.is_alive(found) is False
    return found


def given_to(history, owner, **changes):
    """Make another process the writer of all that was written."""
    with history._database.writing() as connection:
        connection.execute(
            "UPDATE processes SET host = ?, boot = ?, pid = ?, born = ?",
            (owner.host, owner.boot, owner.pid, owner.born),
        )
    for number, columns in changes.items():
        history._change(int(number[1:]), **columns)


# -- what a dead process left ---------------------------------------------------------------------------


def test_a_request_without_an_end_may_have_been_billed_when_its_process_is_dead(history, folder, dead):
    number = history.started(request())
    given_to(history, dead)
    with History(folder) as later:
        entry = later.entry(number)
        assert entry.status == "maybe_billed"
        assert "may have billed it" in entry.error


def test_a_request_of_a_living_process_is_left_alone(history, folder):
    number = history.started(request())
    with History(folder) as later:
        assert later.entry(number).status == "running"
        assert later.recover() == 0


def test_a_process_number_that_was_given_out_again_is_another_process(history, dead):
    me = process.this_process()
    number = history.started(request())
    given_to(history, process.Process(me.host, me.boot, me.pid, dead.born))
    assert history.recover() == 1
    assert history.entry(number).status == "maybe_billed"


def test_after_the_machine_was_started_again_every_process_is_another_one(history):
    me = process.this_process()
    history.started(request())
    given_to(history, process.Process(me.host, "another boot", me.pid, me.born))
    assert history.recover() == (1 if me.boot else 0)


def test_a_process_of_another_machine_is_given_two_hours(history, dead):
    number = history.started(request())
    given_to(history, process.Process("elsewhere", "b", dead.pid, dead.born))
    assert history.recover() == 0
    created = (dt.datetime.now(dt.UTC) - dt.timedelta(hours=2, minutes=1)).timestamp()
    history._change(number, created=created)
    assert history.recover() == 1


def test_a_request_that_was_not_sent_yet_is_said_to_be_so(history, folder, dead):
    number = history.started(request(endpoint="edits", images=(an_input("there"), an_input("missing"))))
    path_of(folder, picture("missing")).unlink()
    given_to(history, dead, n1={"stage": 0})
    assert history.recover() == 1
    entry = history.entry(number)
    assert (entry.status, "before this was sent" in entry.error) == ("not_sent", True)
    with pytest.raises(errors.HistoryError, match="input 1 of entry 1 was not written down"):
        _ = entry.request
    assert history.verify() == []


def test_an_answer_whose_images_are_all_there_is_done(history, dead):
    recorded(history, "a fox", picture("one"), picture("two"))
    given_to(history, dead, n1={"stage": 2, "status": "running"})
    assert history.recover() == 1
    entry = history.entry(1)
    assert (entry.status, entry.error, entry.cost, len(entry.images)) == ("done", "", 0.25, 2)


def test_of_an_answer_that_was_written_in_part_what_is_there_is_kept(history, folder, dead):
    recorded(history, "a fox", picture("one"), picture("two"), picture("three"))
    path_of(folder, picture("two")).unlink()
    given_to(history, dead, n1={"stage": 2, "status": "running"})
    history.recover()
    entry = history.entry(1)
    assert (entry.status, entry.cost) == ("maybe_billed", 0.25)
    assert [image.bytes for image in entry.images] == [picture("one").bytes, picture("three").bytes]
    assert history.verify() == []


def test_a_stream_that_was_cut_is_not_done_because_its_partial_images_are_there(history, dead):
    number = history.started(request())
    cut = errors.ConnectionFailed("cut", maybe_billed=True, partial_images=[picture("half")])
    history.failed(number, cut)
    given_to(history, dead, n1={"stage": 2, "status": "running"})
    history.recover()
    assert (history.entry(number).status, history.entry(number).error) == ("maybe_billed", "cut")


def test_what_a_dead_process_had_not_finished_writing_is_removed(history, folder, dead):
    recorded(history)
    mine = history._database.process
    incoming = folder / "incoming"
    (incoming / f"{mine}-aa").write_bytes(b"half")
    (incoming / "999-bb").write_bytes(b"of nobody")
    (incoming / "notes.txt").write_bytes(b"not ours")
    history.recover()
    assert sorted(path.name for path in incoming.iterdir()) == sorted([f"{mine}-aa", "notes.txt"])
    given_to(history, dead)
    history.recover()
    assert [path.name for path in incoming.iterdir()] == ["notes.txt"]


def test_a_file_that_is_finished_while_others_are_swept_up_does_no_harm(history, folder, monkeypatch):
    finished = {
        history._database.process: [folder / "incoming" / "1-aa"],
        999: [folder / "incoming" / "999-bb"],
    }
    monkeypatch.setattr(history._files, "unfinished", lambda: finished)
    assert history.recover() == 0


def test_a_zombie_is_dead():
    child = subprocess.Popen([sys.executable, "-c", "pass"], stdin=subprocess.DEVNULL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # ended, and nobody asked for its status yet
    assert process._born(child.pid) is None
    child.wait()


def test_where_the_system_says_nothing_a_process_is_asked_for(monkeypatch, dead):
    monkeypatch.setattr(process, "_born", process._asked)
    me = process.Process(socket.gethostname(), "", os.getpid(), "")
    assert process.is_alive(me) is True
    assert process.is_alive(process.Process(socket.gethostname(), "", dead.pid, "")) is False


# -- checking -------------------------------------------------------------------------------------------


def test_verify_finds_missing_and_altered_files(history, folder):
    recorded(history, "one", picture("one"), picture("two"))
    recorded(history, "three", picture("three"), endpoint="edits", images=(an_input("input"),))
    assert history.verify() == []
    path_of(folder, picture("two")).unlink()
    damaged = bytearray(picture("three").bytes)
    damaged[40] ^= 1
    path_of(folder, picture("three")).write_bytes(damaged)
    path_of(folder, picture("input")).write_bytes(b"")
    faults = history.verify()
    assert [(fault.entry, fault.role, fault.position, fault.problem) for fault in faults] == [
        (1, "image", 1, "missing"),
        (2, "image", 0, "altered"),
        (2, "input", 0, "altered"),
    ]
    assert faults[0].path == path_of(folder, picture("two"))


def test_what_comes_again_heals_a_missing_or_truncated_file(history, folder):
    recorded(history, "one", picture("one"), picture("two"))
    path_of(folder, picture("one")).unlink()
    path_of(folder, picture("two")).write_bytes(b"cut o")
    recorded(history, "again", picture("one"), picture("two"))
    assert history.verify() == []


def test_verify_leaves_alone_what_is_being_written(history):
    asked = request()
    number = history.started(asked)
    history._change(number, stage=2)
    with history._database.writing() as connection:
        connection.execute(
            "INSERT INTO pictures VALUES (?, 'image', 0, ?, 1, '{}', '{}')", (number, "0" * 64)
        )
    assert history.verify() == []


# -- throwing away --------------------------------------------------------------------------------------


def aged(history, number, days):
    history._change(number, created=(dt.datetime.now(dt.UTC) - dt.timedelta(days=days)).timestamp())
    return number


def test_prune_throws_away_what_is_old_and_has_no_star(history, folder):
    old = aged(history, recorded(history, "old", picture("old"), picture("shared")), 40)
    starred = aged(history, recorded(history, "starred", picture("starred")), 40)
    history.star(starred)
    new = recorded(history, "new", picture("new"), picture("shared"))
    running = aged(history, history.started(request("running")), 40)

    pruned = history.prune(older_than=30)

    assert (pruned.entries, pruned.files, pruned.bytes) == (1, 1, len(picture("old").bytes))
    assert [entry.id for entry in history.search()] == [new, running, starred] or {
        entry.id for entry in history.search()
    } == {new, running, starred}
    assert not path_of(folder, picture("old")).exists()
    assert history.verify() == []
    with pytest.raises(errors.HistoryError, match=f"no entry {old}"):
        history.entry(old)
    assert history.prune(older_than=30, keep_starred=False).entries == 1
    assert history.prune(older_than=30) == upkeep.Pruned(entries=0, files=0, bytes=0)


def test_prune_removes_files_that_a_killed_prune_left(history, folder):
    recorded(history, "kept", picture("kept"))
    left = path_of(folder, picture("left"))
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(picture("left").bytes)
    assert history.prune(older_than=30).files == 1
    assert not left.exists()
    assert history.verify() == []


def test_a_number_is_never_given_again(history):
    first = aged(history, recorded(history), 2)
    history.prune(older_than=1)
    assert recorded(history) > first


@pytest.mark.parametrize("ahead", [-1, -0.5, dt.timedelta(days=-30), float("nan"), float("-inf"), 1e9])
def test_prune_throws_nothing_away_for_an_age_that_is_none(history, ahead):
    recorded(history, "a fox")
    with pytest.raises(ValueError, match="older_than is"):
        history.prune(older_than=ahead)
    assert history.count() == 1


def test_prune_needs_a_time(history):
    with pytest.raises(TypeError, match="older_than is None"):
        history.prune(older_than=None)
    with pytest.raises(TypeError):
        history.prune()


# -- copying out ----------------------------------------------------------------------------------------


def test_an_export_holds_every_image_byte_for_byte(history, tmp_path):
    one, two = picture("one"), picture("two", revised_prompt="twice")
    recorded(history, "a fox", one, two, notes=("odd",))
    mask = an_input("mask")
    recorded(history, "a hat", picture("three"), endpoint="edits", images=(an_input("input"),), mask=mask)
    history.failed(history.started(request("failed")), errors.ServerError("no"))
    history.star(2)

    manifest = history.export(tmp_path / "out")

    assert manifest == tmp_path / "out" / "manifest.json"
    told = json.loads(manifest.read_text())
    assert [entry["prompt"] for entry in told["entries"]] == ["a fox", "a hat", "failed"]
    fox, hat, failed = told["entries"]
    assert [(tmp_path / "out" / image["file"]).read_bytes() for image in fox["images"]] == [
        one.bytes,
        two.bytes,
    ]
    assert [image["file"] for image in fox["images"]] == ["images/000001-0.svg", "images/000001-1.svg"]
    assert fox["images"][1]["revised_prompt"] == "twice"
    assert (fox["cost"], fox["notes"], fox["parameters"]) == (0.25, ["odd"], {"size": "1024x1024"})
    assert dt.datetime.fromisoformat(fox["created"]) == history.entry(1).created
    assert [given["role"] for given in hat["inputs"]] == ["input", "mask"]
    assert (tmp_path / "out" / hat["inputs"][1]["file"]).read_bytes() == mask.data
    assert hat["starred"] is True
    assert (failed["status"], failed["error"], failed["images"]) == ("failed", "no", [])
    for image in (*fox["images"], *hat["images"]):
        assert hashlib.sha256((tmp_path / "out" / image["file"]).read_bytes()).hexdigest() == image["sha256"]


def test_an_export_may_be_of_some_entries(history, tmp_path):
    recorded(history, "a fox")
    recorded(history, "an owl")
    told = json.loads(history.export(tmp_path / "out", history.search("owl")).read_text())
    assert [entry["prompt"] for entry in told["entries"]] == ["an owl"]


def test_an_export_of_something_else_is_said(history, tmp_path):
    with pytest.raises(TypeError, match="entries holds 'fox'"):
        history.export(tmp_path / "copy", ["fox"])


def test_an_export_never_writes_over_another(history, tmp_path):
    recorded(history)
    history.export(tmp_path / "out")
    with pytest.raises(FileExistsError, match=r"manifest\.json exists"):
        history.export(tmp_path / "out")


def test_an_export_names_what_is_missing_and_goes_on(history, folder, tmp_path):
    recorded(history, "one", picture("one"), picture("two"))
    path_of(folder, picture("one")).unlink()
    with pytest.warns(RuntimeWarning, match="1 file could not be exported"):
        manifest = history.export(tmp_path / "out")
    first, second = json.loads(manifest.read_text())["entries"][0]["images"]
    assert "missing" in first["problem"]
    assert (tmp_path / "out" / second["file"]).read_bytes() == picture("two").bytes


def test_a_result_of_the_history_can_be_given_on(history):
    asked = request("a fox")
    recorded(history, "a fox", picture("one"))
    again = history.started(asked)
    history.finished(again, result(asked, *history.entry(1).result))
    assert history.entry(again).images[0].bytes == picture("one").bytes
