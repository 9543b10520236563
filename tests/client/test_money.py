"""Money is never spent twice: what is sent again, what may have been billed, and how waiting ends.

All of it over HTTP against the sandbox's faults, whose log counts what really arrived.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time

import pytest
import stamina
from client.scripted import KEY, images_reply, picture

import imgwidgets as iw
from imgwidgets.client import Limits
from imgwidgets.client.flight import Flight
from imgwidgets.errors import (
    AuthenticationError,
    BadRequest,
    ConnectionFailed,
    ModelNotFound,
    ModerationBlocked,
    PermissionDenied,
    QuotaExhausted,
    RateLimited,
    ReplyError,
    ServerError,
)
from imgwidgets.sandbox import FAULTS

SMALL = {"model": "dall-e-2", "size": "256x256", "response_format": "b64_json"}
LOW = {"model": "gpt-image-2", "size": "1024x640", "quality": "low"}

# Fault -> (what is raised, whether it may have been billed, how often it is sent). None: pictures come.
PLAIN = {
    # refused before anything was made
    "unauthorized": (AuthenticationError, False, 1),
    "forbidden": (PermissionDenied, False, 1),
    "model_not_found": (ModelNotFound, False, 1),
    "not_found_html": (BadRequest, False, 1),
    "conflict": (BadRequest, False, 1),
    "duplicate_parameter": (BadRequest, False, 1),
    "missing_field": (BadRequest, False, 1),
    "detail_text": (BadRequest, False, 1),
    "error_text": (BadRequest, False, 1),
    "nested_error": (BadRequest, False, 1),
    "ansi_message": (BadRequest, False, 1),
    "redirect_elsewhere": (BadRequest, False, 1),
    "redirect_file": (BadRequest, False, 1),
    "redirect_private": (BadRequest, False, 1),
    "moderation_input": (ModerationBlocked, False, 1),
    "quota": (QuotaExhausted, False, 1),
    # refused for now: waiting helps and costs nothing
    "rate_limit": (RateLimited, False, 3),
    "rate_limit_text": (RateLimited, False, 3),
    "rate_limit_date": (RateLimited, False, 3),
    "retry_after_year": (RateLimited, False, 1),
    "overloaded": (ServerError, False, 3),
    "unavailable_html": (ServerError, False, 3),
    # the picture may have been made
    "moderation_output": (ModerationBlocked, True, 1),
    "server_error": (ServerError, True, 1),
    "bad_gateway": (ServerError, True, 1),
    "gateway_timeout": (ServerError, True, 1),
    "error_200": (BadRequest, True, 1),
    "html_200": (ReplyError, True, 1),
    "empty_body": (ReplyError, True, 1),
    "not_json": (ReplyError, True, 1),
    "deep_nesting": (ReplyError, True, 1),
    "nan": (ReplyError, True, 1),
    "task": (ReplyError, True, 1),
    "cut_before_reply": (ConnectionFailed, True, 1),
    "reset_before_reply": (ConnectionFailed, True, 1),
    "hang": (ConnectionFailed, True, 1),
    "cut_in_reply": (ConnectionFailed, True, 1),
    "reset_in_reply": (ConnectionFailed, True, 1),
    "hang_in_reply": (ConnectionFailed, True, 1),
    "endless_body": (ReplyError, True, 1),
    "huge_body": (ReplyError, True, 1),
    "truncated_json": (ReplyError, True, 1),
    "truncated_base64": (ReplyError, True, 1),
    "base64_rubbish": (ReplyError, True, 1),
    "no_images": (ReplyError, True, 1),
    "null_data": (ReplyError, True, 1),
    "expired_url": (ReplyError, True, 1),
    "url_elsewhere": (ReplyError, True, 1),
    "url_private": (ReplyError, True, 1),
    "url_file": (ReplyError, True, 1),
    "url_redirect": (ReplyError, True, 1),
    "many_links": (ReplyError, True, 1),
    # pictures all the same
    "slow_drip": (None, False, 1),
    "base64_line_breaks": (None, False, 1),
    "base64_url_safe": (None, False, 1),
    "base64_data_prefix": (None, False, 1),
    "escaped_slashes": (None, False, 1),
    "key_order": (None, False, 1),
    "extra_image": (None, False, 1),
    "fewer_images": (None, False, 1),
    "wrong_format": (None, False, 1),
    "wrong_size": (None, False, 1),
    "pixel_bomb": (None, False, 1),
    "not_an_image": (None, False, 1),
    "svg_script": (None, False, 1),
}
STREAMED = {
    "error_in_stream": (ServerError, True, 1),
    "cut_in_stream": (ConnectionFailed, True, 1),
    "garbage_in_stream": (ReplyError, True, 1),
    "endless_stream": (ReplyError, True, 1),
    "no_partials": (None, False, 1),
    "fewer_partials": (None, False, 1),
    "data_only_stream": (None, False, 1),
    "bare_stream": (None, False, 1),
    "bad_index": (None, False, 1),
    "plain_reply_to_stream": (None, False, 1),
    # what does not begin as a stream is as before
    "rate_limit": (RateLimited, False, 3),
    "overloaded": (ServerError, False, 3),
    "bad_gateway": (ServerError, True, 1),
    "moderation_input": (ModerationBlocked, False, 1),
    "quota": (QuotaExhausted, False, 1),
    "cut_before_reply": (ConnectionFailed, True, 1),
    "hang": (ConnectionFailed, True, 1),
}


def test_every_fault_of_the_sandbox_has_its_verdict():
    assert {*PLAIN, *STREAMED} == set(FAULTS)


@pytest.fixture(scope="module")
def sandbox():
    with iw.Sandbox(provider="openai") as running:
        yield running


def options(sandbox, fault=None):
    """Give the options of a client whose every request meets a fault."""
    return {
        "base_url": sandbox.base_url,
        "api_key": KEY,
        "headers": {"X-Sandbox-Fault": fault} if fault else {},
        "timeout": 1.0 if fault in ("hang", "hang_in_reply") else 30.0,
        "limits": Limits(reply_bytes=4 << 20, stream_bytes=4 << 20, urls_per_reply=1),
    }


def posts(sandbox):
    return sum(one.method == "POST" for one in sandbox.requests)


def ask(sandbox, fault, *, is_async, stream):
    """Ask once, and give the result or the exception, and how often it was sent."""
    sandbox.requests.clear()
    parameters = {**LOW, "partial_images": 2} if stream else SMALL

    async def asynchronously():
        async with iw.AsyncClient("openai", **options(sandbox, fault)) as client:
            if stream:
                return [event async for event in client.generate_stream("a red fox", **parameters)][-1]
            return await client.generate("a red fox", **parameters)

    def synchronously():
        with iw.Client("openai", **options(sandbox, fault)) as client:
            if stream:
                return list(client.generate_stream("a red fox", **parameters))[-1]
            return client.generate("a red fox", **parameters)

    try:
        found = asyncio.run(asynchronously()) if is_async else synchronously()
    except iw.errors.RequestError as error:
        found = error
    return found, posts(sandbox)


CASES = [
    pytest.param(fault, verdict, stream, id=f"{'stream' if stream else 'plain'}-{fault}")
    for table, stream in ((PLAIN, False), (STREAMED, True))
    for fault, verdict in table.items()
]


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize(("fault", "verdict", "stream"), CASES)
def test_a_request_is_sent_again_only_where_it_cannot_have_been_billed(
    sandbox, fault, verdict, stream, is_async
):
    kind, billed, times = verdict
    found, sent = ask(sandbox, fault, is_async=is_async, stream=stream)
    if kind is None:
        assert isinstance(found, iw.images.ImageResult), repr(found)
        assert len(found) >= 1
    else:
        assert type(found) is kind, repr(found)
        assert found.maybe_billed is billed
        assert KEY not in str(found)
    assert sent == times


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("fault", ["rate_limit", "overloaded", "unavailable_html"])
def test_a_refusal_for_now_ends_in_pictures_when_it_is_over(fault, is_async):
    with iw.Sandbox(provider="openai", faults=[fault, fault]) as sandbox:
        found, sent = ask(sandbox, None, is_async=is_async, stream=False)
    assert len(found) == 1
    assert sent == 3


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("fault", ["duplicate_parameter", "missing_field"])
def test_an_edit_whose_spelling_was_refused_is_sent_once_more_under_the_other(fault, is_async):
    image = picture((64, 64))

    async def asynchronously(**how):
        async with iw.AsyncClient("openai", **how) as client:
            return await client.edit(image, "a hat", **SMALL)

    with iw.Sandbox(provider="openai", faults=[fault]) as sandbox:
        if is_async:
            result = asyncio.run(asynchronously(**options(sandbox)))
        else:
            with iw.Client("openai", **options(sandbox)) as client:
                result = client.edit(image, "a hat", **SMALL)
        fields = [file.field for one in sandbox.requests for file in one.files]
    assert fields == ["image", "image[]"]
    assert len(result) == 1


def test_a_server_that_comes_up_meanwhile_is_asked_and_the_refused_tries_do_not_count(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    refused, plain = threading.Event(), Flight.fail

    def fail(flight, *details):
        refused.set()
        plain(flight, *details)

    monkeypatch.setattr(Flight, "fail", fail)
    sandbox, found = iw.Sandbox(provider="openai", port=port), []
    how = options(sandbox.start())
    sandbox.stop()
    with stamina.set_testing(False), iw.Client("openai", **how) as client:
        thread = threading.Thread(target=lambda: found.append(client.generate("a red fox", **SMALL)))
        thread.start()
        assert refused.wait(10)
        with sandbox:
            thread.join(20)
            assert len(found[0]) == 1
            assert posts(sandbox) == 1


# -- how long ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize(
    ("fault", "least"),
    [
        ("rate_limit", 1.0),  # Retry-After in seconds and in milliseconds
        ("rate_limit_text", 0.25),  # in words only
        ("rate_limit_date", 1.0),  # two seconds from now, cut to whole seconds
    ],
)
def test_the_wait_is_the_providers(fault, least, is_async):
    with stamina.set_testing(False), iw.Sandbox(provider="openai", faults=[fault]) as sandbox:
        found, sent = ask(sandbox, None, is_async=is_async, stream=False)
        first, second = (one.time for one in sandbox.requests)
    assert len(found) == 1
    assert sent == 2
    assert least <= second - first < least + 4


@pytest.mark.parametrize(
    ("headers", "message", "seconds"),
    [
        ({"retry-after": "0.3"}, "slow down", 0.3),
        ({"retry-after-ms": "300", "retry-after": "9"}, "slow down", 0.3),
        ({}, "Please try again in 0.2 s.", 0.2),
        ({}, "Rate limit reached. Please try again in 200ms", 0.2),
    ],
)
def test_each_spelling_of_a_wait_is_waited(server, client, headers, message, seconds):
    arrived = []
    plain = server._receive

    def receive(connection):
        received = plain(connection)
        arrived.append(time.monotonic())
        return received

    server._receive = receive
    server.json({"error": {"message": message}}, status=429, headers=headers).json(images_reply())
    with stamina.set_testing(False):
        client.generate("a fox")
    assert seconds <= arrived[1] - arrived[0] < seconds + 4


def test_a_rate_limit_of_the_sandbox_is_kept():
    """A bucket of one request a second: the third of three waits for it."""
    with stamina.set_testing(False), iw.Sandbox(provider="openai", requests_per_minute=60) as sandbox:
        with iw.Client("openai", **options(sandbox)) as client:
            sandbox._options["pace"]._left = 1.0
            for _ in range(2):
                assert len(client.generate("a red fox", **SMALL)) == 1
        assert 2 <= posts(sandbox) <= 3


# -- stopping -----------------------------------------------------------------------------------------------


def until(condition, seconds=10.0):
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


async def until_then(condition):
    """As :func:`until`, while other tasks run."""
    while not condition():  # noqa: ASYNC110 (what is waited for happens in another thread)
        await asyncio.sleep(0.005)


def open_connections(sandbox):
    return len(sandbox._server.server_state.connections)


@pytest.fixture
def hanging():
    with iw.Sandbox(provider="openai", faults="hang") as sandbox:
        yield sandbox


@contextlib.contextmanager
def running(call):
    """Run a call in a thread; give the list in which its exception will be."""
    caught = []

    def run():
        try:
            call()
        except BaseException as error:  # noqa: BLE001 (it is what the test looks at)
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    yield caught
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_cancel_closes_the_connection_and_says_what_it_may_cost(hanging, stream):
    with iw.Client("openai", **options(hanging)) as client:

        def call():
            return (
                list(client.generate_stream("a red fox", **LOW, n=3))
                if stream
                else client.generate("a red fox", **SMALL)
            )

        with running(call) as caught:
            until(lambda: posts(hanging) == (3 if stream else 1))
            client.cancel()
        assert isinstance(caught[0], ConnectionFailed)
        assert caught[0].maybe_billed
        until(lambda: open_connections(hanging) == 0)
    assert posts(hanging) == (3 if stream else 1)


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_a_cancelled_task_closes_its_connections(hanging, stream):
    async def main():
        async with iw.AsyncClient("openai", **options(hanging)) as client:

            async def call():
                if stream:
                    return [event async for event in client.generate_stream("a red fox", **LOW, n=3)]
                return await client.generate("a red fox", **SMALL)

            task = asyncio.create_task(call())
            await until_then(lambda: posts(hanging) == (3 if stream else 1))
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await until_then(lambda: open_connections(hanging) == 0)

    asyncio.run(asyncio.wait_for(main(), 20))
    assert posts(hanging) == (3 if stream else 1)


def test_the_async_clients_cancel_closes_its_connections_too(hanging):
    async def main():
        async with iw.AsyncClient("openai", **options(hanging)) as client:
            task = asyncio.create_task(client.generate("a red fox", **SMALL))
            await until_then(lambda: posts(hanging) == 1)
            client.cancel()
            with pytest.raises(ConnectionFailed) as caught:
                await task
            assert caught.value.maybe_billed

    asyncio.run(asyncio.wait_for(main(), 20))
    until(lambda: open_connections(hanging) == 0)


def limited(server):
    """Let a server ask for a wait that no test waits for."""
    return server.json({"error": {"message": "slow down"}}, status=429, headers={"retry-after": "100"})


def test_the_async_clients_cancel_ends_a_wait_at_once(server):
    limited(server)

    async def main():
        async with iw.AsyncClient("openai-compatible", base_url=server.base_url) as client:
            task = asyncio.create_task(client.generate("a fox"))
            await until_then(lambda: server.requests and not client._transport._flights._flights)
            client.cancel()
            with pytest.raises(ConnectionFailed, match="cancelled") as caught:
                await task
            assert not caught.value.maybe_billed

    with stamina.set_testing(False):
        asyncio.run(asyncio.wait_for(main(), 10))
    assert len(server.requests) == 1


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("where", ["in a reply", "in a stream", "in a wait"])
def test_control_c_stops_at_once_wherever_it_is(server, where, is_async):
    """In a process of its own, since it ends in the whole process."""
    if where == "in a wait":
        limited(server)
    else:
        server.answer(before=server.event())
    call = "generate_stream" if where == "in a stream" else "generate"
    asked = f'client.{call}("a fox", model="gpt-image-2")'
    plain = f"""
        import imgwidgets as iw
        with iw.Client("openai", base_url={server.base_url!r}, api_key="k") as client:
            try:
                {f"list({asked})" if call == "generate_stream" else asked}
            finally:
                print(len(client._transport._flights._flights), flush=True)
    """
    awaited = f"""
        import asyncio
        import imgwidgets as iw

        async def main():
            async with iw.AsyncClient("openai", base_url={server.base_url!r}, api_key="k") as client:
                try:
                    {f"[event async for event in {asked}]" if call == "generate_stream" else f"await {asked}"}
                finally:
                    print(len(client._transport._flights._flights), flush=True)

        asyncio.run(main())
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(awaited if is_async else plain)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    try:
        assert server.arrived.acquire(timeout=60)
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert said.rstrip().endswith("KeyboardInterrupt"), said
    assert out == "0\n"
    if where != "in a wait":
        assert server.closed_early.wait(5)
    assert len(server.requests) == 1


def test_leaving_a_stream_closes_its_connection():
    with iw.Sandbox(provider="openai", faults="endless_stream") as sandbox:
        with iw.Client("openai", **options(sandbox)) as client:
            stream = client.generate_stream("a red fox", **LOW, partial_images=1)
            next(stream)
            stream.close()
            until(lambda: open_connections(sandbox) == 0)
        assert posts(sandbox) == 1
