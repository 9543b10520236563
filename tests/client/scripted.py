"""A server on loopback that answers with exact bytes, and pictures to answer with."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import socket
import threading
from dataclasses import dataclass, field

from PIL import Image


@dataclass
class Received:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def form(self):
        """The parts of a multipart body: (name, file name or None, content type or None, content)."""
        kind = self.headers["content-type"]
        boundary = kind.partition("boundary=")[2].encode()
        parts = []
        for part in self.body.split(b"--" + boundary)[1:-1]:
            head, _, content = part[2:-2].partition(b"\r\n\r\n")
            lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
            said = dict(
                word.split("=", 1) for word in lines["Content-Disposition"].split("; ")[1:] if "=" in word
            )
            name = said["name"].strip('"')
            file = said.get("filename", "").strip('"') or None
            parts.append((name, file, lines.get("Content-Type"), content))
        return parts


@dataclass
class Answer:
    """What the server does with one request."""

    status: int = 200
    body: bytes = b""
    headers: dict = field(default_factory=dict)
    chunks: list | None = None  # sent one by one; each may be a threading.Event to wait for
    cut_after: int | None = None  # bytes of the body after which the connection is closed
    before: threading.Event | None = None  # waited for before a byte is sent
    read_body: bool = True


class ScriptedServer:
    """Answers each request with the next answer of its script; the last one again and again."""

    def __init__(self):
        self.script = []
        self.routes = {}  # path -> Answer, before the script
        self.requests = []
        self.closed_early = threading.Event()  # a client closed its connection before the answer was complete
        self.arrived = threading.Semaphore(0)
        self._events = []
        self._stop = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self):
        return f"{self.origin}/v1"

    def answer(self, *answers, **details):
        self.script += answers or [Answer(**details)]
        return self

    def json(self, value, status=200, **details):
        headers = {"Content-Type": "application/json", **details.pop("headers", {})}
        return self.answer(status=status, body=json.dumps(value).encode(), headers=headers, **details)

    def events(self, *events, end=b"data: [DONE]\n\n", **details):
        lines = [b"data: " + json.dumps(event).encode() + b"\n\n" for event in events] + [end]
        return self.answer(body=b"".join(lines), headers={"Content-Type": "text/event-stream"}, **details)

    def event(self):
        """Make an event that is set at the end, so that no thread waits for ever."""
        self._events.append(threading.Event())
        return self._events[-1]

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self._stop:
                connection.close()
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection):
        with connection:
            connection.settimeout(30)
            try:
                received, answer = self._receive(connection)
                if received is None:
                    return
                self._send(connection, answer)
            except OSError:
                self.closed_early.set()

    def _receive(self, connection):
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return None, None
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        answer = self.routes.get(target.partition("?")[0])
        if answer is None:
            answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        pieces, have = [body], len(body)
        length = int(headers.get("content-length", 0))
        while answer.read_body and have < length:
            more = connection.recv(1 << 20)
            if not more:
                break
            pieces.append(more)
            have += len(more)
        received = Received(method, target, headers, b"".join(pieces))
        self.requests.append(received)
        self.arrived.release()
        return received, answer

    def _send(self, connection, answer):
        if answer.before is not None:
            self._wait(connection, answer.before)
        if answer.status is None:
            return
        headers = dict(answer.headers)
        chunks = answer.chunks if answer.chunks is not None else [answer.body]
        if answer.chunks is None:
            headers.setdefault("Content-Length", str(len(answer.body)))
        headers.setdefault("Connection", "close")
        head = f"HTTP/1.1 {answer.status} Said\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items())
        connection.sendall(head.encode("latin-1") + b"\r\n")
        left = answer.cut_after
        for chunk in chunks:
            if isinstance(chunk, threading.Event):
                self._wait(connection, chunk)
                continue
            connection.sendall(chunk if left is None else chunk[:left])
            if left is not None:
                left -= len(chunk)
                if left <= 0:
                    return

    def _wait(self, connection, event):
        """Wait for an event, noticing whether the client leaves meanwhile."""
        connection.settimeout(0.02)
        while not event.is_set() and not self._stop:
            try:
                if connection.recv(1) == b"":
                    self.closed_early.set()
                    raise ConnectionError
            except TimeoutError:
                continue
        connection.settimeout(30)

    def close(self):
        self._stop = True
        for event in self._events:
            event.set()
        with contextlib.suppress(OSError):  # wakes the thread that accepts
            socket.create_connection(("127.0.0.1", self.port), 0.2).close()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()


def picture(size=(64, 48), kind="png", colour="teal", mode="RGB", **options):
    buffer = io.BytesIO()
    Image.new(mode, size, colour).save(buffer, kind, **options)
    return buffer.getvalue()


def b64(data):
    return base64.b64encode(data).decode()


def images_reply(*pictures, **more):
    return {
        "created": 1_700_000_000,
        "data": [{"b64_json": b64(p)} for p in pictures or (picture(),)],
        **more,
    }


PICTURE = picture()
KEY = "sk-secret-123"
