"""A scripted server, and a client that asks it."""

from __future__ import annotations

import pytest
import stamina
from client.scripted import KEY, ScriptedServer

import imgwidgets as iw


@pytest.fixture
def server():
    server = ScriptedServer()
    yield server
    server.close()


@pytest.fixture
def client(server):
    with iw.Client("openai-compatible", base_url=server.base_url, api_key=KEY) as client:
        yield client


@pytest.fixture(autouse=True)
def _quick_retries():
    """Keep the number of tries and take the waits between them away."""
    with stamina.set_testing(True, attempts=10, cap=True):
        yield
