"""Killed at any moment, the next start finds everything that had arrived."""

import contextlib
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from history.making import picture

from imgwidgets.history import History

WRITER = str(Path(__file__).with_name("writer.py"))
MOMENTS = [*range(5), *(pytest.param(n, marks=pytest.mark.slow) for n in range(5, 25))]


@contextlib.contextmanager
def writer(folder, *arguments):
    with subprocess.Popen(
        [sys.executable, WRITER, str(folder), *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as child:
        try:
            yield child
        finally:
            if child.poll() is None:
                child.kill()


def told(lines):
    """Give the numbers that were said to be sent, to have come and to have been shown."""
    said = {"sent": set(), "half": set(), "came": set(), "shown": set(), "events": set()}
    for line in lines:
        word, number = line.split()
        said[word].add(int(number))
    return said


def check(folder, said):
    """Whatever happened, this holds."""
    with History(folder) as history:
        entries = {entry.id: entry for entry in history.search(limit=None)}
        assert said["sent"] <= set(entries), "a request that was sent is not known"
        for entry in entries.values():
            assert entry.status in ("done", "maybe_billed", "not_sent")
            names = [picture(f"{entry.prompt} {index}", padding=20_000).bytes for index in range(3)]
            kept = [image.bytes for image in entry.images]
            assert kept == [data for data in names if data in kept]
            if entry.id in said["sent"]:
                assert entry.status != "not_sent"
                assert [image.name for image in entry.request.images] == [f"{entry.prompt}.svg", "shared.svg"]
            if entry.id in said["shown"] and entry.error != "cut":
                assert (entry.status, kept) == ("done", names)
            partly = picture(f"{entry.prompt} partly", padding=20_000).bytes
            if entry.id in said["half"]:
                assert kept[:1] == names[:1]
                assert entry.partial_images[0].bytes == partly
            if entry.id in said["shown"] and entry.error == "cut":
                assert [image.bytes for image in entry.partial_images] == [partly, names[0]]
            if entry.status == "done":
                assert kept == names
            if entry.status == "not_sent":
                assert not entry.images
        assert history.verify() == []
        assert not list((folder / "incoming").glob("*")), "half a file was left"
        assert history.recover() == 0
        unnamed = history.prune(older_than=1000)
        assert unnamed.entries == 0
        assert history.verify() == []
        return list(entries.values())


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    """How many calls the program makes when nobody kills it."""
    folder = tmp_path_factory.mktemp("whole") / "h"
    with writer(folder, 3, 1, -1) as child:
        said = told(child.stdout)
    assert child.returncode == 0
    assert [entry.status for entry in check(folder, said)] == ["done"] * 3
    (count,) = said["events"]
    assert count > 1000
    return count


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_any_call(tmp_path, events, moment):
    event = random.Random(f"{moment} {os.environ.get('PYTEST_XDIST_TESTRUNUID', '')}").randrange(events)
    with writer(tmp_path / "h", 3, 1, event) as child:
        said = told(child.stdout)
    assert child.returncode == -signal.SIGKILL
    check(tmp_path / "h", said)


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_from_outside_while_four_threads_write(tmp_path, moment):
    stop = random.Random(moment).randrange(1, 180)
    lines = []
    with writer(tmp_path / "h", 20, 4) as child:
        for line in child.stdout:
            lines.append(line)
            if len(lines) == stop:
                child.kill()
    assert child.returncode == -signal.SIGKILL
    entries = check(tmp_path / "h", told(lines))
    assert len(entries) < 80
