"""What the sandbox refuses for its own sake, and what it says on stderr: nothing."""

from __future__ import annotations

import logging

import httpx
import pytest

import imgwidgets as iw
from imgwidgets.errors import SandboxError
from imgwidgets.sandbox.draw import Painter

KEY = {"authorization": "Bearer sk-secret-42"}


@pytest.mark.parametrize("port", ["8000", 8000.0, None, True, -1, 65536])
def test_a_port_that_is_no_port_is_refused_before_anything_is_opened(port):
    with pytest.raises(SandboxError, match=f"0 .*65535, not {port!r}"):
        iw.Sandbox(port=port)


@pytest.mark.parametrize("provider", ["sandbox", "openai", "openai-compatible", "kkiai", "vllm-omni"])
@pytest.mark.parametrize("prompt", [5, 1.5, True, ["a fox"], {"text": "a fox"}])
def test_a_prompt_that_is_no_text_is_a_400_at_every_provider(calling, pictures, provider, prompt):
    call = calling(provider=provider)
    error = pictures.error(call.generate(model="gpt-image-1", prompt=prompt), 400)
    assert (error["code"], error["param"]) == ("invalid_type", "prompt")


@pytest.mark.parametrize(
    ("size", "bound"),
    [
        ("1x100000", "8192 pixels an edge"),
        ("100000x100000", "8192 pixels an edge"),
        ("8192x4096", "16,777,216 pixels"),
        ("16x1024", "16:1"),
        ("1024x16", "16:1"),
    ],
)
def test_a_size_that_nobody_limits_is_limited_by_the_sandbox(calling, pictures, size, bound):
    call = calling(provider="vllm-omni")
    error = pictures.error(call.generate(model="any", prompt="a fox", size=size), 400)
    assert (error["code"], error["param"]) == ("invalid_value", "size")
    assert bound in error["message"]


def test_what_the_bounds_allow_is_drawn_in_its_own_size(calling, pictures):
    call = calling(provider="vllm-omni")
    [made] = pictures.of(call.generate(model="any", prompt="a fox", size="1024x64"))
    assert pictures.opened(made).size == (1024, 64)


def test_a_strip_as_an_input_gives_a_picture_within_bounds(calling, pictures):
    call = calling(provider="vllm-omni")
    strip = pictures.png(pictures.noise((2, 9000)))
    files = {"image": ("strip.png", strip, "image/png")}
    [made] = pictures.of(call.edit(files=files, model="any", prompt="a fox"))
    width, height = pictures.opened(made).size
    assert height <= 16 * width <= 8192 * 16


def test_an_edit_without_pictures_is_told_the_field_of_its_own_kind_of_body(call, pictures):
    error = pictures.error(call.edit_json(model="gpt-image-1", prompt="a fox"), 400)
    assert (error["code"], error["param"]) == ("missing_required_parameter", "images")
    assert "'images'" in error["message"]
    form = call.edit(files=[("prompt", (None, "a fox"))], model="gpt-image-1")
    assert pictures.error(form, 400)["param"] == "image"


@pytest.fixture
def unconfigured_logging(monkeypatch):
    """Give a function that takes the test runner's handlers away: as where nobody configured logging."""
    return lambda: monkeypatch.setattr(logging.getLogger(), "handlers", [])


def test_a_form_that_cannot_be_read_is_answered_and_prints_nothing(
    call, pictures, capfd, unconfigured_logging
):
    unconfigured_logging()
    headers = {**KEY, "content-type": "multipart/form-data; boundary=abc"}
    for body in (b"--xyz\r\n\r\n", b"--abc\r\nno header\r\n", b"--abc-", b"\x00" * 100):
        reply = call.http.post("/images/edits", content=body, headers=headers)
        pictures.error(reply, 400)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("stream", [False, True])
def test_a_mistake_of_its_own_is_a_500_without_a_traceback_on_stderr(  # noqa: PLR0917 (fixtures)
    call, pictures, capfd, monkeypatch, unconfigured_logging, stream
):
    unconfigured_logging()

    def broken(*_):
        raise RuntimeError("a bug")

    monkeypatch.setattr(Painter, "picture", broken)
    if stream:
        body = {"model": "gpt-image-1", "prompt": "a fox", "stream": True, "partial_images": 1}
        _, error = call.until_it_breaks(body)
        assert isinstance(error, httpx.RemoteProtocolError)
    else:
        assert pictures.error(call.generate(**pictures.small), 500)["type"] == "server_error"
    assert capfd.readouterr().err == ""
