"""A running sandbox, and the short words with which tests talk to it over real HTTP."""

from __future__ import annotations

import base64
import io
import json

import httpx
import numpy as np
import pytest
from PIL import Image

from imgwidgets.sandbox import Sandbox

KEY = {"authorization": "Bearer sk-test-0123456789"}
# The fastest picture there is: small, one format, no tokens.
SMALL = {"model": "dall-e-2", "prompt": "a red fox", "size": "256x256", "response_format": "b64_json"}


class Caller:
    """Sends requests to one sandbox."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.http = httpx.Client(base_url=sandbox.base_url, headers=KEY, timeout=30)

    def generate(self, *, headers=None, **body):
        return self.http.post("/images/generations", json=body, headers=headers)

    def edit(self, *, files, headers=None, **fields):
        return self.http.post("/images/edits", data=fields, files=files, headers=headers)

    def edit_json(self, **body):
        return self.http.post("/images/edits", json=body)

    def stream(self, *, path="/images/generations", headers=None, **body):
        """Give (event name, data) of every event, with JSON data decoded."""
        with self.http.stream("POST", path, json={"stream": True, **body}, headers=headers) as reply:
            assert reply.status_code == 200, reply.read()
            assert reply.headers["content-type"].startswith("text/event-stream")
            return list(self.events(reply.iter_lines()))

    def until_it_breaks(self, body, headers=None):
        """Give the lines that came, and the error that ended them (or None)."""
        lines = []
        try:
            with self.http.stream("POST", "/images/generations", json=body, headers=headers) as reply:
                for line in reply.iter_lines():
                    lines.append(line)  # noqa: PERF402 (what came before an error is kept)
        except httpx.TransportError as error:
            return lines, error
        return lines, None

    @staticmethod
    def events(lines):
        name, data = None, []
        for line in lines:
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                data.append(line[6:])
            elif not line and data:
                text = "\n".join(data)
                yield name, (json.loads(text) if text.startswith("{") and text.endswith("}") else text)
                name, data = None, []


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def call(sandbox):
    caller = Caller(sandbox)
    with caller.http:
        yield caller


@pytest.fixture
def calling():
    """Give a function that starts a sandbox with options and gives its caller."""
    started = []

    def start(*args, **options):
        caller = Caller(Sandbox(*args, **options).start())
        started.append(caller)
        return caller

    yield start
    for caller in started:
        caller.http.close()
        caller.sandbox.stop()


class Pictures:
    """Makes input files, and reads what came back."""

    small = SMALL

    @staticmethod
    def png(array):
        target = io.BytesIO()
        Image.fromarray(array).save(target, "PNG")
        return target.getvalue()

    @staticmethod
    def noise(size, channels=3, seed=0):
        """Give a picture in which no pixel is like another, so that any change shows."""
        shape = (size[1], size[0], channels)
        return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)

    @staticmethod
    def mask(size, box):
        """Give an RGBA mask that is transparent in a box (left, top, right, bottom)."""
        mask = np.full((size[1], size[0], 4), 255, np.uint8)
        mask[box[1] : box[3], box[0] : box[2], 3] = 0
        return mask

    @staticmethod
    def opened(data):
        return Image.open(io.BytesIO(data))

    @classmethod
    def array(cls, data):
        return np.asarray(cls.opened(data))

    @staticmethod
    def of(reply):
        """Give the files of an Images-shaped reply."""
        assert reply.status_code == 200, reply.text[:500]
        return [base64.b64decode(entry["b64_json"], validate=True) for entry in reply.json()["data"]]

    @staticmethod
    def error(reply, status):
        """Give the error object of a refused request, after checking that it has OpenAI's shape."""
        assert reply.status_code == status, reply.text[:500]
        error = reply.json()["error"]
        assert {"message", "type", "param", "code"} <= set(error)
        assert error["message"]
        return error

    @staticmethod
    def data_url(data, media_type="image/png"):
        return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


@pytest.fixture(scope="session")
def pictures():
    return Pictures
