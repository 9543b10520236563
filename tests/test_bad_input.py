"""What goes wrong on a first day: each has an error of its own that names the value and the way out."""

import socket

import numpy as np
import pytest
from PIL import Image

import imgwidgets as iw
from imgwidgets import errors


@pytest.fixture(scope="module")
def client():
    with iw.Client() as client:
        yield client


@pytest.fixture(scope="module")
def picture():
    return np.full((64, 96, 3), 200, np.uint8)


def test_a_model_that_the_provider_does_not_have(client):
    with pytest.raises(errors.ModelNotFound, match=r"gpt-imag-2.*gpt-image-2") as error:
        client.generate("a fox", model="gpt-imag-2")
    assert "gpt-image-2" in error.value.suggestions


def test_a_model_that_only_the_provider_can_know_it_does_not_have():
    with iw.Sandbox(provider="openai") as sandbox:
        client = iw.Client("openai", base_url=sandbox.base_url, api_key="any")
        with (
            pytest.warns(errors.UnknownParameterWarning, match="gpt-imag-2"),
            pytest.raises(errors.ModelNotFound, match=r"gpt-imag-2.*gpt-image-2") as error,
        ):
            client.generate("a fox", model="gpt-imag-2")
        client.close()
    assert error.value.status == 404
    assert error.value.request_id


def test_a_wrong_size(client):
    with pytest.raises(errors.ParameterError, match=r"1000x1000.*1008x1008") as error:
        client.generate("a fox", model="gpt-image-2", size="1000x1000")
    [problem] = error.value.problems
    assert (problem.parameter, problem.value, problem.suggestion) == ("size", "1000x1000", "1008x1008")


def test_a_prompt_too_long(client):
    with pytest.raises(errors.ParameterError, match=r"32,001.*at most 32,000"):
        client.generate("x" * 32_001, model="gpt-image-2")


def test_a_corrupt_image_file(client, tmp_path):
    file = tmp_path / "broken.png"
    Image.new("RGB", (64, 64)).save(file)
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(errors.ImageInputError, match=r"broken\.png"):
        client.edit(file, "a hat")
    text = tmp_path / "notes.png"
    text.write_text("not a picture")
    with pytest.raises(errors.ImageInputError, match=r"notes\.png"):
        client.edit(text, "a hat")


def test_a_0_byte_mask(client, picture, tmp_path):
    file = tmp_path / "mask.png"
    file.write_bytes(b"")
    for mask in (file, b""):
        with pytest.raises(errors.ImageInputError, match=r"mask.*empty|empty.*mask|0 bytes"):
            client.edit(picture, "a hat", mask=mask)


def test_a_mask_of_another_size(client, picture):
    mask = iw.Mask.blank((64, 64)).rectangle((0, 0, 32, 32))
    with pytest.raises(errors.ImageInputError, match=r"64x64.*96x64.*resize_mask=True"):
        client.edit(picture, "a hat", mask=mask)
    assert len(client.edit(picture, "a hat", mask=mask, resize_mask=True, size="1024x1024")) == 1


@pytest.mark.parametrize("thing", [3.5, None, object(), [[1, 2], [3, 4]], {"path": "x"}, set()])
def test_what_is_no_image_is_named(client, thing):
    with pytest.raises(errors.ImageInputError):
        client.edit(thing, "a hat")


def test_no_key_for_a_provider_that_needs_one(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(errors.AuthenticationError, match=r"OPENAI_API_KEY"):
        iw.Client("openai")


def test_a_provider_that_is_not_known():
    with pytest.raises(errors.CatalogError, match=r"opnai.*openai"):
        iw.Client("opnai")


def test_an_unreachable_server():
    with socket.socket() as placeholder:
        placeholder.bind(("127.0.0.1", 0))
        port = placeholder.getsockname()[1]
    client = iw.Client(
        "openai-compatible", base_url=f"http://127.0.0.1:{port}/v1", api_key="any", max_retries=0
    )
    with pytest.raises(errors.ConnectionFailed, match=rf"127\.0\.0\.1:{port}") as error:
        client.generate("a fox", model="gpt-image-1")
    assert not error.value.maybe_billed
    client.close()


def test_a_port_in_use():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(errors.SandboxError, match=str(port)):
            iw.Sandbox(port=port).start()


def test_an_unknown_keyword_is_a_type_error():
    for make in (iw.Client, iw.AsyncClient, iw.Sandbox, iw.ParameterPicker):
        with pytest.raises(TypeError, match="colour"):
            make(colour="red")
