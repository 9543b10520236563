"""LiteLLM's proxy between our client and the sandbox: what teams put in front of their providers.

Outside ``make test``, since it downloads some 700 MB into a virtual environment that is thrown away::

    .venv/bin/python -m pytest tests/client/test_litellm_proxy.py
    LITELLM=/path/to/bin/litellm .venv/bin/python -m pytest tests/client/test_litellm_proxy.py

The second form takes a proxy that is installed already. Where it can be neither installed (no network, a
quarter of an hour is over) nor started, the tests are skipped and say why.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import numpy as np
import pytest

import imgwidgets as iw
from imgwidgets.errors import BadRequest, ModelNotFound, ServerError, UnknownParameterWarning

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]

INSTALL_SECONDS = 900
START_SECONDS = 180
KEY = "sk-proxy-0123"
MODELS = ("gpt-image-2", "gpt-image-1.5", "dall-e-2")
SIZE = (1024, 640)
LOW = {"model": "gpt-image-2", "size": "1024x640", "quality": "low"}
PHOTO = np.random.default_rng(7).integers(0, 256, (SIZE[1], SIZE[0], 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def command(tmp_path_factory):
    """Give the path of an installed ``litellm`` command."""
    if found := os.environ.get("LITELLM"):
        yield found
        return
    folder = tmp_path_factory.mktemp("litellm") / "venv"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True, timeout=120)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "litellm[proxy]"],
            check=True,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
        )
    except (subprocess.SubprocessError, OSError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"LiteLLM cannot be installed: {str(getattr(error, 'stderr', None) or error)[-500:]}")
    yield str(python.with_name("litellm"))
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def sandbox():
    with iw.Sandbox(provider="openai") as running:
        yield running


@pytest.fixture(scope="module")
def proxy(command, sandbox, tmp_path_factory):
    """Give the base URL of a running proxy in front of the sandbox."""
    folder = tmp_path_factory.mktemp("proxy")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    upstream = {"api_base": sandbox.base_url, "api_key": "sk-sandbox"}
    config = {
        "model_list": [
            {"model_name": name, "litellm_params": {"model": f"openai/{name}", **upstream}} for name in MODELS
        ],
        "general_settings": {"master_key": KEY},
    }
    (folder / "config.yaml").write_text(json.dumps(config))  # JSON is YAML
    log = folder / "log"
    environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "DISABLE_ADMIN_UI": "True"}
    options = ["--config", folder / "config.yaml", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [command, *options, "--telemetry", "False"],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=folder,
        )
    try:
        if not _answers(process, f"http://127.0.0.1:{port}/health/liveliness"):
            pytest.skip(f"LiteLLM does not start: {log.read_text(errors='replace')[-500:]}")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(process, url):
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5) as reply:
            return reply.status == 200
        time.sleep(0.2)
    return False


@pytest.fixture
def client(proxy):
    with iw.Client("litellm", base_url=proxy, api_key=KEY, timeout=60) as client:
        yield client


@pytest.fixture
def arrived(sandbox):
    """Give what arrived behind the proxy in this test."""
    sandbox.requests.clear()
    return sandbox.requests


def test_its_models_are_listed(client):
    assert [row["id"] for row in client.models()] == sorted(MODELS)


def test_pictures_are_generated_with_usage_and_without_a_note(client, arrived):
    result = client.generate("a red fox in snow", **LOW, n=2)
    assert [(image.format, image.size) for image in result] == [("png", SIZE)] * 2
    assert result.usage.output_tokens > 0
    assert result.notes == ()
    assert arrived[-1].fields == {"prompt": "a red fox in snow", **LOW, "n": 2}


def test_every_parameter_of_its_list_gets_through(client, arrived):
    said = {
        "background": "transparent",
        "moderation": "low",
        "output_compression": 70,
        "output_format": "webp",
        "user": "someone",
    }
    result = client.generate("a red fox", **LOW, **said)
    assert result[0].format == "webp"
    assert said.items() <= arrived[-1].fields.items()


def test_an_older_model_gives_what_it_gave(client):
    result = client.generate("a red fox", model="dall-e-2", size="256x256", response_format="b64_json")
    assert result[0].size == (256, 256)


def test_a_masked_edit_changes_the_selected_pixels_and_no_other(client, arrived):
    mask = iw.Mask.blank(SIZE).rectangle((100, 100, 500, 400))
    result = client.edit(PHOTO, "a straw hat", mask=mask, model="gpt-image-2", quality="low")
    assert sorted(file.field.removesuffix("[]") for file in arrived[-1].files) == ["image", "mask"]
    changed = (result[0].array[..., :3] != PHOTO).any(axis=-1)
    assert changed[mask.selected].mean() > 0.5
    assert not changed[~mask.selected].any()


def test_several_pictures_are_edited_together(client, arrived):
    result = client.edit([PHOTO, PHOTO], "merge them", model="gpt-image-1.5", size="1024x1024", quality="low")
    assert result[0].size == (1024, 1024)
    assert len(arrived[-1].files) == 2


def test_what_the_provider_behind_it_refuses_names_the_parameter(client, arrived):
    """The rules are not LiteLLM's own, so they are a note here and the provider's to refuse."""
    with pytest.raises(BadRequest, match="816x816") as caught:
        client.generate("a red fox", model="gpt-image-2", size="512x512")
    assert caught.value.param == "size"
    assert not caught.value.maybe_billed
    assert len(arrived) == 1


def test_a_model_that_it_does_not_route_is_not_found(client, arrived):
    with pytest.warns(UnknownParameterWarning), pytest.raises(ModelNotFound):
        client.generate("a red fox", model="gpt-image-9")
    assert len(arrived) == 0


def test_a_stream_ends_in_a_picture_or_in_one_error_that_may_have_been_billed(client):
    """Some releases of the proxy break streams of pictures; ours must not ask again."""
    error = None
    try:
        *_, result = client.generate_stream("a red fox", **LOW, partial_images=1)
    except ServerError as raised:
        error = raised
    assert error.maybe_billed if error is not None else result[0].size == SIZE
