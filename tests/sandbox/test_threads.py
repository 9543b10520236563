"""Work for an event loop, until the very end of the process."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time

import pytest

from imgwidgets.sandbox.threads import Threads


def run_script(code, tmp_path, seconds=60):
    """Run a script to its end and beyond; give what it said and how long it took."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    return done, time.monotonic() - began


@pytest.fixture
def threads():
    made = Threads(2, "test")
    yield made
    made.close()


def test_results_and_errors_come_back_to_the_loop(threads):
    async def ask():
        assert await threads.run(lambda: 6 * 7) == 42
        with pytest.raises(ZeroDivisionError):
            await threads.run(lambda: 1 / 0)

    asyncio.run(ask())


def test_no_more_pieces_run_at_once_than_there_are_threads(threads):
    running, most = [], []

    def piece(number):
        running.append(number)
        most.append(len(running))
        time.sleep(0.01)
        running.remove(number)

    async def ask():
        await asyncio.gather(*(threads.run(lambda number=number: piece(number)) for number in range(8)))

    asyncio.run(ask())
    assert max(most) <= 2


def test_what_was_cancelled_while_it_waited_is_never_run(threads):
    go, ran = threading.Event(), []

    async def ask():
        first = [threads.run(lambda: go.wait(10)) for _ in range(2)]
        late = threads.run(lambda: ran.append("late"))
        late.cancel()
        go.set()
        await asyncio.gather(*first)
        await threads.run(lambda: ran.append("last"))

    asyncio.run(ask())
    assert ran == ["last"]


def test_closing_ends_the_threads_and_waits_two_seconds_at_most_for_a_slow_piece():
    go, began = threading.Event(), threading.Event()
    threads = Threads(1, "slow")

    async def ask():
        threads.run(lambda: (began.set(), go.wait(30)))
        await asyncio.to_thread(began.wait, 10)
        started = time.monotonic()
        await asyncio.to_thread(threads.close)
        return time.monotonic() - started

    assert asyncio.run(ask()) < 5
    go.set()
    threads._threads[0].join(10)
    assert not threads._threads[0].is_alive()


def test_requests_that_python_waits_for_at_the_end_of_a_script_all_finish(tmp_path):
    done, seconds = run_script(
        """
import atexit
import imgwidgets as iw
from concurrent.futures import ThreadPoolExecutor
client = iw.Client()
pool = ThreadPoolExecutor(4)
futures = [pool.submit(client.generate, f"x{number}", model="gpt-image-1-mini", quality="low") for number in range(11)]
image = client.generate("a fox", model="gpt-image-1-mini", quality="low")[0]
futures.append(pool.submit(client.edit, [image] * 2, "a red fox"))
atexit.register(lambda: print([len(future.result()) for future in futures]))
""",
        tmp_path,
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, str([1] * 12), "")
    assert seconds < 40


@pytest.mark.parametrize(
    "code",
    [
        "for event in client.generate_stream('a fox', model='gpt-image-1', partial_images=3): break",
        "stream = client.generate_stream('a fox', model='gpt-image-1', partial_images=3); next(stream)",
        "stream = client.generate_stream('a fox', model='gpt-image-1', n=3, partial_images=1); next(stream)",
    ],
)
def test_a_stream_that_is_left_at_the_end_of_a_script_prints_nothing(tmp_path, code):
    done, seconds = run_script(f"import imgwidgets as iw\nclient = iw.Client()\n{code}", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert seconds < 30


def test_a_process_does_not_wait_for_requests_on_daemon_threads(tmp_path):
    done, _ = run_script(
        """
import atexit, threading, time
import imgwidgets as iw
from imgwidgets.sandbox import embedded
client = iw.Client()
how = {"model": "gpt-image-2", "size": "3840x2160", "quality": "high"}
for number in range(8):
    threading.Thread(target=client.generate, args=(f"x{number}",), kwargs=how, daemon=True).start()
while len(embedded().requests) < 8:
    time.sleep(0.01)
began = time.monotonic()
import imgwidgets.sandbox.threads as module
atexit.unregister(module._rest)
atexit.register(lambda: print(time.monotonic() - began < 4))
atexit.register(module._rest)
""",
        tmp_path,
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "True", "")
