"""Each test has a history of its own, and a sandbox that draws small pictures."""

from __future__ import annotations

import pytest
from sweep.places import Place, Wishes

import imgwidgets as iw
from imgwidgets.history import History


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty history in its usual place."""
    folder = tmp_path / "home"
    monkeypatch.setenv("IMGWIDGETS_HOME", str(folder))
    return folder


@pytest.fixture
def history(home):  # noqa: ARG001 (it says where)
    with History() as opened:
        yield opened


@pytest.fixture
def place():
    wishes = Wishes()
    with (
        iw.Sandbox(faults=wishes) as sandbox,
        iw.Client("sandbox", base_url=sandbox.base_url) as client,
    ):
        yield Place(sandbox, client, wishes)


@pytest.fixture
def animals():
    """Make a sweep of small pictures over some words."""

    def make(*words, **more):
        settings = {"model": "dall-e-2", "size": "256x256", **more}
        return iw.Sweep("a {animal}", animal=list(words), **settings)

    return make
