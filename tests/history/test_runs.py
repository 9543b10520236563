"""Runs of sweeps, and the entries that belong to them."""

import pytest
from history.making import picture, recorded, request, result

from imgwidgets.errors import HistoryError
from imgwidgets.history import History


def asked_in(history, run, cell, prompt="a fox"):
    asked = request(prompt)
    number = history.started(asked, run=run, cell=cell)
    history.finished(number, result(asked))
    return number


def test_a_run_remembers_its_plan_and_its_requests(history, folder):
    manifest = {"prompt": "a {animal}", "axes": {"animal": ["fox", "owl"]}, "client": {"api_key": "sk-1"}}
    run_id = history.start_run(manifest, name="animals")
    numbers = [asked_in(history, run_id, cell, prompt) for cell, prompt in enumerate(["a fox", "an owl"])]
    recorded(history, "of no run")
    history.update_run(run_id, status="paused")
    with History(folder) as other:
        run = other.run(run_id)
        assert (run.id, run.name, run.status) == (run_id, "animals", "paused")
        assert run.manifest == {**manifest, "client": {}}, "a key is never written"
        assert [(entry.id, entry.cell, entry.run) for entry in run.entries] == [
            (numbers[0], 0, run_id),
            (numbers[1], 1, run_id),
        ]
        assert [entry.id for entry in other.search("owl", run=run_id)] == numbers[1:]
        assert run_id in repr(run)


def test_ids_are_short_and_different(history):
    ids = [history.start_run({}) for _ in range(50)]
    assert len(set(ids)) == 50
    assert all(len(one) == 8 and one.isalnum() for one in ids)
    assert [run.id for run in history.runs(limit=3)] == ids[:-4:-1]
    assert len(history.runs(limit=None)) == 50
    assert len(history.runs()) == 20


def test_an_unknown_run_is_said_with_those_there_are(history):
    with pytest.raises(HistoryError, match=r"there is no run 'x' in .*; it has none yet"):
        history.run("x")
    first, second = history.start_run({}), history.start_run({}, name="animals")
    for ask in (
        lambda: history.run("x"),
        lambda: history.update_run("x", status="done"),
        lambda: history.started(request(), run="x", cell=0),
        lambda: history.keep_file("x", b"bytes"),
    ):
        with pytest.raises(HistoryError, match=rf"no run 'x' .*the latest are {second} \(animals\), {first}"):
            ask()
    assert history.search() == []


def test_only_what_a_run_has_can_be_changed(history):
    run_id = history.start_run({"a": 1})
    with pytest.raises(ValueError, match="status is 'lost'; it is one of running, paused, cancelled, done"):
        history.update_run(run_id, status="lost")
    with pytest.raises(TypeError, match="takes status, name and manifest, not colour"):
        history.update_run(run_id, colour="red")
    history.update_run(run_id, manifest={"b": 2}, name="new", status="done")
    run = history.run(run_id)
    assert (run.manifest, run.name, run.status) == ({"b": 2}, "new", "done")


def test_files_of_a_run_stay_as_long_as_it_may_go_on(history):
    run_id = history.start_run({})
    data = picture("an input").bytes
    digest = history.keep_file(run_id, data)
    assert history.keep_file(run_id, data) == digest
    assert history.prune(older_than=0).files == 0
    assert history.read_file(digest) == data
    history.update_run(run_id, status="done")
    assert history.prune(older_than=0).files == 1
    with pytest.raises(HistoryError, match="is missing"):
        history.read_file(digest)
    with pytest.raises(HistoryError, match="no run"):
        history.run(run_id)


def test_verify_looks_at_the_files_of_runs_too(history):
    digest = history.keep_file(history.start_run({}), b"an input")
    history._files.path(digest).write_bytes(b"another")
    (fault,) = history.verify()
    assert (fault.problem, fault.role, fault.entry) == ("altered", "run", None)


def test_a_run_with_entries_is_not_thrown_away(history):
    run_id = history.start_run({})
    number = asked_in(history, run_id, 0)
    history.star(number)
    history.update_run(run_id, status="done")
    history.prune(older_than=0)
    assert [entry.id for entry in history.run(run_id).entries] == [number]
