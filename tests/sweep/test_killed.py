"""kill -9 at any moment: what was answered is not sent again, and no image that was shown is lost."""

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sweep.places import asked

import imgwidgets as iw
from imgwidgets.history import History

CELLS = 60
SWEEPER = str(Path(__file__).with_name("sweeper.py"))
MOMENTS = [*range(3), *(pytest.param(moment, marks=pytest.mark.slow) for moment in range(3, 25))]


class Child:
    """The program, and what it has said until now."""

    def __init__(self, *arguments):
        self._popen = subprocess.Popen(
            [sys.executable, SWEEPER, *map(str, arguments)], stdout=subprocess.PIPE, text=True
        )
        self.run_id, self.came = "", set()

    def read(self, *, until=None):
        """Read what it says; kill it after so many images, or shortly after."""
        for line in self._popen.stdout:
            word, value = line.split()
            if word == "run":
                self.run_id = value
            else:
                self.came.add(int(value))
            if until is not None and self.run_id and len(self.came) >= until[0]:
                # From another thread and a moment later: anywhere in the program's way, not just after a line.
                threading.Timer(until[1], self._popen.kill).start()
                until = None
        self._popen.stdout.close()
        return self._popen.wait(60)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_sweep_that_was_killed_goes_on_without_asking_twice(moment):
    chance = random.Random(f"{moment} {os.environ.get('PYTEST_XDIST_TESTRUNUID', '')}")
    until = (chance.randrange(0, CELLS - 8), chance.random() * 0.1)
    with iw.Sandbox() as sandbox:
        child = Child(sandbox.base_url, CELLS)
        assert child.read(until=until) == -signal.SIGKILL
        before = asked(sandbox)
        with History() as history:
            entries = history.run(child.run_id).entries
            known = {entry.cell: entry.status for entry in entries}
            assert all(known[cell] == "done" for cell in child.came), "an image that was shown is lost"
            assert set(known.values()) <= {"done", "maybe_billed"}
            assert len(entries) == len(known)
            sent = {int(prompt.rpartition(" ")[2]) for prompt in before}
            assert sent <= set(known), "a request that was sent is not known"
        with iw.Client("sandbox", base_url=sandbox.base_url) as client:
            run = iw.Sweep.resume(child.run_id, client=client, progress=False).wait(100)
        assert run.id == child.run_id
        after = asked(sandbox)
        statuses = {index: outcome.status for index, outcome in enumerate(run.outcomes)}
        lost = {cell for cell, status in known.items() if status == "maybe_billed"}
        assert {cell for cell, status in statuses.items() if status == "maybe_billed"} == lost
        assert all(statuses[cell] == "done" for cell in range(CELLS) if cell not in lost)
        assert max(after.values()) == 1, "a cell was asked twice"
        assert sum(after.values()) >= CELLS - len(lost)
        assert run.spent == pytest.approx(0.016 * (CELLS - len(lost)))
        for cell in child.came:
            assert run.outcomes[cell].result[0].size == (256, 256)
        with History() as history:
            assert history.verify() == []


def test_killed_twice_and_what_may_have_been_billed_is_resent_when_asked_to():
    with iw.Sandbox() as sandbox:
        first = Child(sandbox.base_url, CELLS)
        assert first.read(until=(10, 0.02)) == -signal.SIGKILL
        second = Child(sandbox.base_url, CELLS, first.run_id)
        assert second.read(until=(30, 0.02)) == -signal.SIGKILL
        with iw.Client("sandbox", base_url=sandbox.base_url) as client:
            run = iw.Sweep.resume(first.run_id, client=client, progress=False).wait(100)
            assert max(asked(sandbox).values()) == 1
            lost = [index for index, outcome in enumerate(run.outcomes) if outcome.status == "maybe_billed"]
            for cell in lost:
                assert "may" in run.outcomes[cell].error or "ended" in run.outcomes[cell].error
            again = iw.Sweep.resume(first.run_id, client=client, resend=True, progress=False).wait(100)
        assert [outcome.status for outcome in again.outcomes] == ["done"] * CELLS
        counts = asked(sandbox)
        assert {int(prompt.rpartition(" ")[2]) for prompt, count in counts.items() if count > 1} <= set(lost)
        assert max(counts.values()) <= 2
