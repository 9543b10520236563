"""Every image whose bytes arrived is kept, whatever becomes of the rest of its answer."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from client.scripted import ScriptedServer, b64
from history.making import picture as drawn

import imgwidgets as iw
from imgwidgets import errors
from imgwidgets.history import History

ASKER = str(Path(__file__).with_name("asker.py"))
pytestmark = pytest.mark.filterwarnings("ignore::imgwidgets.errors.UnknownParameterWarning")


def data(name):
    return drawn(name, padding=3000).bytes


def event(kind, name, **details):
    said = {"type": f"image_generation.{kind}", "b64_json": b64(data(name)), **details}
    return b"data: " + json.dumps(said).encode() + b"\n\n"


def reply(*names):
    """Give the JSON of an answer in two pieces: all that is needed of the first picture, and the rest."""
    whole = json.dumps({"created": 7, "data": [{"b64_json": b64(data(name))} for name in names]}).encode()
    second = whole.index(b64(data(names[1])).encode()) + 100
    return whole[:second], whole[second:]


STREAM = {"Content-Type": "text/event-stream"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def server():
    server = ScriptedServer()
    yield server
    server.close()


@pytest.fixture
def client(server, history):
    with iw.Client("openai-compatible", base_url=server.base_url, max_retries=0, history=history) as client:
        yield client


@contextlib.contextmanager
def asker(folder, server, *arguments):
    """Run a program that asks; killed when this ends, as ``kill -9`` does."""
    command = [sys.executable, "-W", "ignore", ASKER, str(folder), server.base_url, *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as child:
        try:
            yield child
        finally:
            child.kill()
        child.wait()
        assert child.returncode == -signal.SIGKILL


def until(true):
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


def is_there(history):
    """Say whether the newest entry has a picture whose file is written, too: names come before files."""
    images = [image for entry in history.search(limit=1) for image in entry.images]
    return bool(images) and all(history._files.path(image.sha256).exists() for image in images)


def bytes_of(images):
    return [image.bytes for image in images]


@pytest.mark.parametrize("how", ["stream", "async"])
def test_partial_images_that_were_shown_survive_a_kill(folder, server, how):
    chunks = [event("partial_image", name, partial_image_index=i) for i, name in enumerate("ab")]
    server.answer(chunks=[*chunks, server.event()], headers=STREAM)
    with asker(folder, server, how, "partial_images=3") as child:
        assert [child.stdout.readline() for _ in "ab"] == ["partial 0\n"] * 2
    with History(folder) as history:
        (entry,) = history.search()
        assert (entry.status, entry.images) == ("maybe_billed", ())
        assert "what had arrived is kept" in entry.error
        assert bytes_of(entry.partial_images) == [data("a"), data("b")]
        assert history.verify() == []


@pytest.mark.parametrize("how", ["stream", "async"])
def test_a_picture_that_came_survives_a_kill_while_another_is_on_its_way(folder, server, how):
    done = [
        event("partial_image", "p", partial_image_index=0),
        event("completed", "first"),
        b"data: [DONE]\n\n",
    ]
    waits = [event("partial_image", "q", partial_image_index=0), server.event()]
    server.answer(chunks=done, headers=STREAM).answer(chunks=waits, headers=STREAM)
    with asker(folder, server, how, "partial_images=1", "n=2") as child:
        assert {child.stdout.readline() for _ in range(2)} == {"partial 0\n", "partial 1\n"}
        with History(folder) as history:
            until(lambda: is_there(history))
            assert history.search()[0].status == "running"  # another process looks, and changes nothing
    with History(folder) as history:
        (entry,) = history.search()
        assert entry.status == "maybe_billed"
        assert bytes_of(entry.images) == [data("first")]
        assert sorted(bytes_of(entry.partial_images)) == sorted([data("p"), data("q")])


def test_the_first_picture_of_a_reply_survives_a_kill_before_the_second_is_whole(folder, server):
    first, rest = reply("first", "second")
    server.answer(chunks=[first, server.event(), rest], headers=JSON)
    with asker(folder, server, "generate", "n=2"), History(folder) as history:
        until(lambda: is_there(history))
    with History(folder) as history:
        (entry,) = history.search()
        assert (entry.status, bytes_of(entry.images)) == ("maybe_billed", [data("first")])


def test_the_first_picture_of_a_reply_that_is_cut_is_kept_and_on_the_error(history, client, server):
    first, rest = reply("first", "second")
    length = {"Content-Length": str(len(first + rest))}
    server.answer(chunks=[first], headers=JSON | length)
    with pytest.raises(errors.ConnectionFailed) as raised:
        client.generate("a fox", model="m", n=2)
    assert bytes_of(raised.value.images) == [data("first")]
    (entry,) = history.search()
    assert (entry.status, bytes_of(entry.images)) == ("maybe_billed", [data("first")])


def test_a_stream_that_is_cut_after_its_picture_keeps_it(history, client, server):
    chunks = [event("partial_image", "p", partial_image_index=0), event("completed", "whole")]
    server.answer(chunks=chunks, headers=STREAM | {"Content-Length": "99999999"})
    with pytest.raises(errors.ConnectionFailed) as raised:
        list(client.generate_stream("a fox", model="m", partial_images=1))
    assert bytes_of(raised.value.images) == [data("whole")]
    (entry,) = history.search()
    assert (bytes_of(entry.images), bytes_of(entry.partial_images)) == ([data("whole")], [data("p")])


def test_of_several_streams_the_picture_of_one_that_failed_is_kept_beside_the_result(history, client, server):
    cut = [event("completed", "cut off")]
    server.answer(chunks=cut, headers=STREAM | {"Content-Length": "99999999"})
    server.answer(chunks=[event("completed", "well"), b"data: [DONE]\n\n"], headers=STREAM)
    *_, result = client.generate_stream("a fox", model="m", n=2)
    assert bytes_of(result) == [data("well")]
    (entry,) = history.search()
    assert (entry.status, bytes_of(entry.images)) == ("done", [data("well")])
    assert bytes_of(entry.partial_images) == [data("cut off")]
    assert history.verify() == []


def test_a_finished_stream_keeps_its_partial_images_too(history, client, server):
    chunks = [
        event("partial_image", "p", partial_image_index=0),
        event("completed", "whole"),
        b"data: [DONE]\n\n",
    ]
    server.answer(chunks=chunks, headers=STREAM)
    partial, result = client.generate_stream("a fox", model="m", partial_images=1)
    (entry,) = history.search()
    assert bytes_of(entry.partial_images) == [partial.bytes]
    assert bytes_of(entry.images) == bytes_of(result)
    assert (partial.kept.role, result[0].kept.role) == ("partial", "image")


def test_an_image_that_cannot_be_written_stops_neither_the_stream_nor_its_end(
    history, client, server, monkeypatch
):
    chunks = [
        event("partial_image", "p", partial_image_index=0),
        event("completed", "whole"),
        b"data: [DONE]\n\n",
    ]
    server.answer(chunks=chunks, headers=STREAM)
    put = history._files.put

    def full(digest, content, *, writer):
        if content == data("p"):
            raise errors.HistoryError("the disk is full")
        put(digest, content, writer=writer)

    monkeypatch.setattr(history._files, "put", full)
    with pytest.warns(RuntimeWarning, match="this partial image is not in the history: the disk is full"):
        partial, result = client.generate_stream("a fox", model="m", partial_images=1)
    assert (partial.kept, result[0].bytes) == (None, data("whole"))
    (entry,) = history.search()
    assert (entry.status, entry.partial_images, len(entry.images)) == ("done", (), 1)
    assert history.verify() == []


def test_a_task_that_is_cancelled_while_its_request_is_written_down_sends_nothing(
    history, server, monkeypatch
):
    began, go_on = asyncio.Event(), server.event()
    started = history.started

    async def ask():
        loop = asyncio.get_running_loop()

        def slow(*arguments, **options):
            loop.call_soon_threadsafe(began.set)
            assert go_on.wait(30)
            return started(*arguments, **options)

        monkeypatch.setattr(history, "started", slow)
        async with iw.AsyncClient("openai-compatible", base_url=server.base_url, history=history) as client:
            task = asyncio.create_task(client.generate("a fox", model="m"))
            await began.wait()
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            assert task.cancelled()
            go_on.set()

    asyncio.run(ask())
    (entry,) = history.search()
    assert (entry.status, entry.error) == ("not_sent", "cancelled before it was sent")
    assert server.requests == []


def test_a_database_that_is_busy_stops_no_other_task(history, folder, server):
    """While the history waits for another process, the event loop goes on."""
    import sqlite3

    server.json({"data": [{"b64_json": b64(data("a"))}]})
    ticks = 0

    async def ask():
        nonlocal ticks
        blocker = sqlite3.connect(folder / "history.sqlite", isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        async with iw.AsyncClient("openai-compatible", base_url=server.base_url, history=history) as client:
            task = asyncio.create_task(client.generate("a fox", model="m"))
            while ticks < 20:
                await asyncio.sleep(0.005)
                ticks += 1
            assert not task.done()
            blocker.execute("ROLLBACK")
            blocker.close()
            await task

    asyncio.run(ask())
    assert history.search()[0].status == "done"


def test_a_late_answer_corrects_what_another_machine_had_given_up(history):
    """A row of another host is marked after two hours; its process may be alive all the same."""
    from history.making import request, result

    asked = request()
    number = history.started(asked)
    with history._database.writing() as connection:
        connection.execute("UPDATE processes SET host = 'elsewhere'")
        connection.execute("UPDATE entries SET created = created - 3 * 3600")
    assert history.recover() == 1
    assert history.entry(number).status == "maybe_billed"
    history.finished(number, result(asked))
    entry = history.entry(number)
    assert (entry.status, entry.error, len(entry.images)) == ("done", "", 1)


def test_a_stream_that_is_left_when_the_program_ends_is_known(folder):
    script = """
        import sys
        import imgwidgets as iw
        client = iw.Client(history=iw.History(sys.argv[1]))
        stream = client.generate_stream("a fox", model="gpt-image-1", n=2, partial_images=1)
        next(stream)
    """
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(line.strip() for line in script.splitlines()), str(folder)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stderr == ""
    with History(folder) as history:
        (entry,) = history.search()
        assert entry.status == "maybe_billed"
        assert entry.partial_images
