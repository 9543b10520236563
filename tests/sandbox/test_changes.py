"""The catalog changes while a sandbox runs: what it serves is what the files say now."""

from __future__ import annotations

import json
import os
import time

import imgwidgets as iw
from imgwidgets.sandbox import embedded

NEW = """
[models.{name}]
extends = "gpt-image-2"
title = "New"
providers = ["sandbox", "openai"]
"""


def write(path, name):
    path.write_text(NEW.format(name=name), encoding="utf-8")
    # Two writes within a clock's tick are told apart by their time.
    now = time.time_ns() + len(name) * 1_000_000_000
    os.utime(path, ns=(now, now))


def test_a_running_sandbox_serves_a_model_that_was_added_to_the_catalog_since(tmp_path, monkeypatch):
    with iw.Client() as client:
        client.generate("a fox", model="dall-e-2", size="256x256")
        running = embedded()
        path = tmp_path / "mine.toml"
        write(path, "brand-new")
        monkeypatch.setenv("IMGWIDGETS_CATALOG", str(path))
        assert len(client.generate("a fox", model="brand-new", quality="low")) == 1
        write(path, "newer-still")
        assert len(client.generate("a fox", model="newer-still", quality="low")) == 1
        assert embedded() is running


def test_lists_of_models_follow_the_catalog(tmp_path, monkeypatch, calling, pictures):
    call = calling("openai")
    pictures.error(call.http.get("/models/brand-new"), 404)
    path = tmp_path / "mine.toml"
    write(path, "brand-new")
    monkeypatch.setenv("IMGWIDGETS_CATALOG", str(path))
    assert call.http.get("/models/brand-new").json()["id"] == "brand-new"
    assert "brand-new" in [row["id"] for row in call.http.get("/models").json()["data"]]
    monkeypatch.delenv("IMGWIDGETS_CATALOG")
    pictures.error(call.generate(model="brand-new", prompt="a fox"), 404)


def test_a_provider_that_vanished_is_served_as_it_was_when_the_sandbox_started(
    tmp_path, monkeypatch, calling, pictures
):
    path = tmp_path / "mine.toml"
    path.write_text('[providers.mine]\nserves = ["dall-e-2"]\nbase_url = "https://mine.example/v1"\n')
    monkeypatch.setenv("IMGWIDGETS_CATALOG", str(path))
    call = calling("mine")
    monkeypatch.delenv("IMGWIDGETS_CATALOG")
    assert len(pictures.of(call.generate(**pictures.small))) == 1


def test_a_file_that_was_broken_meanwhile_is_named_in_the_answer(tmp_path, monkeypatch, calling, pictures):
    call = calling()
    path = tmp_path / "mine.toml"
    path.write_text("[models.")
    monkeypatch.setenv("IMGWIDGETS_CATALOG", str(path))
    error = pictures.error(call.generate(**pictures.small), 500)
    assert json.dumps(str(path))[1:-1] in error["message"] or str(path) in error["message"]
    monkeypatch.delenv("IMGWIDGETS_CATALOG")
    assert len(pictures.of(call.generate(**pictures.small))) == 1
