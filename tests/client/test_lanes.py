"""Connections are used again where that is safe, and only there."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from client.scripted import KEY, images_reply

import imgwidgets as iw
from imgwidgets.client import lanes
from imgwidgets.client.lanes import Lanes
from imgwidgets.errors import ConnectionFailed


class PatientServer:
    """Answers on a connection for as long as the other side keeps it."""

    def __init__(self):
        self.connections = []  # how many requests came on each
        self.hold = None  # an event to wait for before an answer
        self.arrived = threading.Semaphore(0)
        self._open = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            self.connections.append(0)
            number = len(self.connections) - 1
            threading.Thread(target=self._talk, args=(connection, number), daemon=True).start()

    def _talk(self, connection, number):
        body = json.dumps(images_reply()).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        with contextlib.suppress(OSError), connection.makefile("rb") as lines:
            while True:
                length = 0
                while (line := lines.readline()) not in (b"\r\n", b""):
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                if not line:
                    return
                lines.read(length)
                self.connections[number] += 1
                self.arrived.release()
                if self.hold is not None:
                    self.hold.wait(30)
                connection.sendall(head.encode() + body)

    def hang_up(self):
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self):
        if self.hold is not None:
            self.hold.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()
        for connection in self._open:
            connection.close()
        self._thread.join(30)


@pytest.fixture
def patient():
    server = PatientServer()
    yield server
    server.close()


@pytest.fixture
def client(patient):
    with iw.Client("openai-compatible", base_url=patient.base_url, api_key=KEY, history=False) as client:
        yield client


def test_requests_in_a_row_share_a_connection(patient, client):
    for _ in range(5):
        client.generate("a fox")
    assert patient.connections == [5]


def test_requests_side_by_side_have_connections_of_their_own(patient, client):
    patient.hold = threading.Event()
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(client.generate, "a fox") for _ in range(4)]
        for _ in range(4):
            assert patient.arrived.acquire(timeout=30)
        assert patient.connections == [1, 1, 1, 1]
        patient.hold.set()
        assert all(len(one.result(30)) == 1 for one in asked)


def test_a_connection_that_was_closed_meanwhile_is_not_used_again(patient, client):
    client.generate("a fox")
    patient.hang_up()
    assert len(client.generate("a fox")) == 1
    assert patient.connections == [1, 1]


def test_a_connection_that_was_idle_for_long_is_not_used_again(patient, monkeypatch):
    monkeypatch.setattr("imgwidgets.client.transport._KEPT", _expiring_at_once())
    with iw.Client("openai-compatible", base_url=patient.base_url, api_key=KEY, history=False) as client:
        client.generate("a fox")
        client.generate("a fox")
    assert patient.connections == [1, 1]


def _expiring_at_once():
    from imgwidgets.client import transport

    assert transport._KEPT.keepalive_expiry == lanes.KEPT_SECONDS <= 1.0
    return transport.httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=0.0)


def test_cancelling_reaches_a_request_on_a_connection_that_is_used_again(patient, client):
    client.generate("a fox")
    assert patient.arrived.acquire(timeout=30)
    patient.hold = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(client.generate, "a fox")
        assert patient.arrived.acquire(timeout=30)
        client.cancel()
        with pytest.raises(ConnectionFailed, match="cancelled"):
            asked.result(30)
    assert patient.connections == [2]


def test_a_cancelled_request_leaves_no_connection_for_the_next(patient, client):
    test_cancelling_reaches_a_request_on_a_connection_that_is_used_again(patient, client)
    patient.hold.set()
    assert len(client.generate("a fox")) == 1
    assert len(patient.connections) == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_leaves_its_parents_connections_alone(monkeypatch):
    made = []

    class Kept:
        def close(self):
            made.remove(self)

    def make(_origin):
        made.append(Kept())
        return made[-1]

    pool = Lanes(make)
    parents = pool.take("http://a")
    pool.give(parents)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert pool.take("http://a") is not parents
    assert len(made) == 2, "the parent's was closed"


def test_few_connections_are_kept_while_nothing_is_asked():
    class Kept:
        closed = False

        def close(self):
            self.closed = True

    pool = Lanes(lambda _origin: Kept())
    taken = [pool.take("http://a") for _ in range(20)]
    for lane in taken:
        pool.give(lane)
    assert sum(not lane.client.closed for lane in taken) == 8
    pool.close()
    assert all(lane.client.closed for lane in taken)
    late = pool.take("http://a")
    pool.give(late)
    assert late.client.closed
