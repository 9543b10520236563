"""Connections that fail: what is said, what it may have cost, and that nothing of the key leaks out."""

from __future__ import annotations

import gc
import gzip
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
import traceback
from pathlib import Path

import pytest
from client.scripted import KEY, PICTURE, Answer, images_reply

import imgwidgets as iw
from imgwidgets.client.flight import Flight, Timeouts
from imgwidgets.errors import ConnectionFailed, ReplyError, RequestError


def make(server, **options):
    return iw.Client("openai-compatible", base_url=server.base_url, api_key=KEY, **options)


@pytest.fixture
def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def failure(call):
    with pytest.raises(ConnectionFailed) as caught:
        call()
    return caught.value


def test_a_refused_connection_is_tried_again_and_says_who_refused(free_port):
    with iw.Client("openai-compatible", base_url=f"http://127.0.0.1:{free_port}/v1") as client:
        error = failure(lambda: client.generate("a fox"))
    assert f"127.0.0.1:{free_port} refuses the connection" in str(error)
    assert not error.maybe_billed
    assert isinstance(error.__cause__, ConnectionRefusedError)


def test_a_server_that_comes_up_meanwhile_is_found(server, free_port, monkeypatch):
    tries = []
    plain = Flight.fail

    def count(flight, *details):
        tries.append(flight)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: real(server.port, *a, **k))
        plain(flight, *details)

    def real(port, host, _, *args, **kwargs):
        return lookup(host, port, *args, **kwargs)

    lookup = socket.getaddrinfo
    monkeypatch.setattr(Flight, "fail", count)
    server.json(images_reply())
    with iw.Client("openai-compatible", base_url=f"http://127.0.0.1:{free_port}/v1") as client:
        assert len(client.generate("a fox")) == 1
    assert len(tries) == 1


def test_an_unknown_name_is_not_tried_again():
    with iw.Client("openai-compatible", base_url="http://nobody.invalid/v1") as client:
        error = failure(lambda: client.generate("a fox"))
    assert "nobody.invalid cannot be resolved" in str(error)
    assert not error.maybe_billed


def test_silence_after_the_request_may_have_been_billed(server):
    server.answer(before=server.event())
    with make(server, timeout=0.2) as client:
        error = failure(lambda: client.generate("a fox"))
    assert "sent nothing for 0.2 s" in str(error)
    assert "timeout=" in str(error)
    assert error.maybe_billed
    assert len(server.requests) == 1


def test_silence_in_the_middle_of_a_reply_may_have_been_billed(server):
    server.answer(chunks=[b'{"data": [', server.event()], headers={"Content-Length": "100"})
    with make(server, timeout=0.2) as client:
        assert failure(lambda: client.generate("a fox")).maybe_billed


@pytest.mark.parametrize("cut", [0, 1, 100])
def test_a_reply_that_is_cut_may_have_been_billed_and_is_not_asked_for_again(server, client, cut):
    server.json(images_reply(), cut_after=cut)
    error = failure(lambda: client.generate("a fox"))
    assert error.maybe_billed
    assert "cut the connection" in str(error)
    assert len(server.requests) == 1


def test_a_connection_closed_without_a_word_may_have_been_billed(server, client):
    server.answer(status=None)
    assert failure(lambda: client.generate("a fox")).maybe_billed


def test_an_upload_that_was_cut_cannot_have_been_billed(server, client):
    server.answer(Answer(status=None, read_body=False))
    large = b"\x89PNG" + bytes(48 << 20)
    image = iw.catalog.ImageInput(data=large, format="png", size=(64, 48), name="a.png")
    error = failure(lambda: client.edit(image, "a hat"))
    assert "cut while the request was sent" in str(error)
    assert not error.maybe_billed


def test_a_refusal_that_comes_before_the_upload_is_complete_is_read(server, client):
    body = b'{"error": {"message": "too large"}}'
    server.answer(
        Answer(status=413, body=body, read_body=False, headers={"Content-Type": "application/json"})
    )
    image = iw.catalog.ImageInput(data=b"\x89PNG" + bytes(1 << 20), format="png", size=(64, 48), name="a.png")
    with pytest.raises(RequestError) as caught:
        client.edit(image, "a hat")
    assert not caught.value.maybe_billed


def test_an_error_whose_body_is_cut_is_still_that_error(server, client):
    server.json({"error": {"message": "bad size", "code": "invalid_value"}}, status=400, cut_after=20)
    with pytest.raises(iw.errors.BadRequest):
        client.generate("a fox")


def test_a_reply_that_drips_for_ever_is_stopped():
    flight = Flight("http://h/v1", Timeouts(total=0.0), sent=True)
    error = failure(flight.check_time)
    assert error.maybe_billed
    assert "still answering after 0 s" in str(error)


def test_a_packed_reply_is_unpacked_while_it_arrives(server, client):
    packed = gzip.compress(json.dumps(images_reply()).encode())
    server.answer(body=packed, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})
    assert client.generate("a fox")[0].bytes == PICTURE
    assert server.requests[0].headers["accept-encoding"] == "identity"


def test_a_reply_that_cannot_be_unpacked_is_a_reply_error(server, client):
    server.answer(body=b"not gzip at all", headers={"Content-Encoding": "gzip"})
    with pytest.raises(ReplyError, match="cannot be unpacked") as caught:
        client.generate("a fox")
    assert caught.value.maybe_billed


@pytest.mark.parametrize("kind", ["refused", "silent", "cut", "header"])
def test_no_trace_of_a_failure_holds_the_key(server, free_port, kind):
    url = f"http://127.0.0.1:{free_port}/v1" if kind == "refused" else server.base_url
    server.answer(before=server.event() if kind == "silent" else None, status=None if kind == "cut" else 200)
    headers = {"X Y": "1"} if kind == "header" else {}
    with (
        iw.Client(
            "openai-compatible", base_url=url, api_key=KEY, timeout=0.2, headers=headers, max_retries=0
        ) as client,
        pytest.raises(RequestError) as caught,
    ):
        client.generate("a fox")
    error = caught.value
    assert error.__context__ is None
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    for text in ("".join(shown.format()), repr(vars(error)), str(pickle.dumps(error)), repr(error.__cause__)):
        assert KEY not in text
    frames = []
    step = error.__traceback__
    while step is not None:
        frames.append(step.tb_frame.f_code.co_filename)
        step = step.tb_next
    assert not [name for name in frames if "httpx" in name or "httpcore" in name]


def test_the_key_is_sent_as_the_provider_wants_it(server, client):
    server.json(images_reply())
    client.generate("a fox")
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert server.requests[0].headers["user-agent"] == f"imgwidgets/{iw.__version__}"


def test_the_environments_proxy_is_not_asked_for_this_computer(server, client, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    server.json(images_reply())
    assert len(client.generate("a fox")) == 1


def test_each_call_has_its_own_connection_and_closes_it(server, client):
    server.json(images_reply())
    for _ in range(3):
        client.generate("a fox")
    assert client._transport._flights._flights == set()
    gc.collect()  # an unclosed socket would warn, and a warning is an error here


def test_cancel_stops_a_waiting_request_at_once_and_closes_its_connection(server, client):
    server.answer(before=server.event())
    errors = []

    def run():
        try:
            client.generate("a fox")
        except ConnectionFailed as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert server.arrived.acquire(timeout=10)
    began = time.monotonic()
    client.cancel()
    thread.join(10)
    assert time.monotonic() - began < 2
    assert "cancelled" in str(errors[0])
    assert errors[0].maybe_billed
    assert server.closed_early.wait(5)
    server.script[:] = []
    server.json(images_reply())
    assert len(client.generate("a fox")) == 1  # the client goes on


def test_cancel_stops_a_reply_in_the_middle(server, client):
    begun = server.event()
    server.answer(chunks=[b'{"data": [', begun], headers={"Content-Type": "application/json"})
    errors = []

    def run():
        try:
            client.generate("a fox")
        except ConnectionFailed as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert server.arrived.acquire(timeout=10)
    client.cancel()
    thread.join(10)
    assert errors[0].maybe_billed
    assert server.closed_early.wait(5)


def test_a_closed_client_stops_what_runs_and_says_so_afterwards(server):
    server.answer(before=server.event())
    client = make(server)
    errors = []

    def run():
        try:
            client.generate("a fox")
        except ConnectionFailed as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert server.arrived.acquire(timeout=10)
    client.close()
    thread.join(10)
    assert "cancelled" in str(errors[0])
    with pytest.raises(RuntimeError, match="this client is closed"):
        client.generate("a fox")


def test_control_c_closes_the_connection(server):
    server.answer(before=server.event())
    code = f"""
        import imgwidgets as iw
        with iw.Client("openai-compatible", base_url={server.base_url!r}) as client:
            try:
                client.generate("a fox")
            except KeyboardInterrupt:
                print("interrupted", len(client._transport._flights._flights), flush=True)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    try:
        assert server.arrived.acquire(timeout=30)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=10)
    finally:
        process.kill()
        process.wait()
    assert out == "interrupted 0\n"
    assert server.closed_early.wait(5)


def test_a_redirect_is_not_followed_with_the_key(server, client):
    server.answer(status=307, headers={"Location": "http://127.0.0.1:9/elsewhere"})
    with pytest.raises(iw.errors.BadRequest, match="elsewhere"):
        client.generate("a fox")
    assert len(server.requests) == 1


def test_only_the_transport_imports_httpx():
    root = Path(iw.__file__).parent
    users = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        for line in path.read_text().splitlines()
        if line.strip().startswith(("import httpx", "from httpx"))
    }
    assert users == {"client/transport.py"}
