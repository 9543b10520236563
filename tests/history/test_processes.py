"""Several threads, processes and forks at once."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from history.making import an_input, picture, recorded, request

from imgwidgets.history import History

WRITER = str(Path(__file__).with_name("writer.py"))


def test_two_processes_write_at_once(folder):
    running = [
        subprocess.Popen(
            [sys.executable, WRITER, str(folder), "15", "2"],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        for _ in range(2)
    ]
    for child in running:
        child.communicate()
    assert [child.returncode for child in running] == [0, 0]
    with History(folder) as history:
        entries = history.search(limit=None)
        assert len(entries) == 60
        assert sum(entry.status == "done" for entry in entries) == 56
        for entry in entries:
            if entry.status == "done":
                wanted = [picture(f"{entry.prompt} {index}", padding=20_000).bytes for index in range(3)]
                assert [image.bytes for image in entry.images] == wanted
        assert history.verify() == []


def test_many_threads_share_one_history(history):
    problems = []

    def work(worker):
        try:
            for index in range(8):
                recorded(history, f"fox-{worker}-{index}.", picture(f"{worker} {index}"), picture("shared"))
                assert history.search(f"fox-{worker}-{index}.")[0].status == "done"
        except BaseException as error:  # noqa: BLE001 (it is raised below)
            problems.append(error)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(history.search(limit=None)) == 128
    assert history.verify() == []


def test_prune_takes_nothing_that_another_process_is_about_to_name(history, folder):
    """The same pictures are thrown away and come again, over and over."""
    stop = threading.Event()
    rounds = []

    def throw_away():
        with History(folder) as other:
            while not stop.is_set():
                rounds.append(other.prune(older_than=0))

    thread = threading.Thread(target=throw_away)
    thread.start()
    try:
        # As many rounds as it takes until something was thrown away in between: a busy machine is slower.
        end = time.monotonic() + 60
        for count in itertools.count():
            if count >= 80 and (sum(pruned.files for pruned in list(rounds)) > 2 or time.monotonic() > end):
                break
            recorded(history, "again", picture("same"), endpoint="edits", images=(an_input("same input"),))
            with history._database.writing() as connection:  # nothing is thrown away meanwhile
                for row in connection.execute("SELECT sha256, bytes FROM pictures").fetchall():
                    assert history._files.has(*row)
    finally:
        stop.set()
        thread.join()
    assert sum(pruned.files for pruned in rounds) > 2
    assert history.verify() == []


def test_eight_processes_may_open_a_new_history_at_once(folder):
    opening = "import sys; from imgwidgets.history import History; History(sys.argv[1]).close()"
    running = [subprocess.Popen([sys.executable, "-c", opening, str(folder)]) for _ in range(8)]
    assert [child.wait() for child in running] == [0] * 8


def forked(work):
    """Run something in a fork, and give its exit status; one that hangs ends by a signal."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.alarm(60)
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_writes_with_connections_of_its_own(history):
    number = history.started(request("the parent's"))

    def child():
        recorded(history, "the child's", picture("child"))
        history.started(request("the child dies with this"))

    assert forked(child) == 0
    recorded(history, "the parent's second")
    assert history.recover() == 1
    found = {entry.prompt: entry.status for entry in history.search()}
    assert found == {
        "the parent's": "running",
        "the child's": "done",
        "the child dies with this": "maybe_billed",
        "the parent's second": "done",
    }
    assert history.entry(number).status == "running"
    assert history.verify() == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_does_not_wait_for_a_thread_that_it_does_not_have(history):
    number = history.started(request("a fox"))
    held, release = threading.Event(), threading.Event()

    def hold():
        with history._database.writing(), history._database.reading():
            held.set()
            assert release.wait(120)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert held.wait(60)
        assert forked(lambda: history.entry(number)) == 0
    finally:
        release.set()
        thread.join()
    recorded(history)
