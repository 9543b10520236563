"""The official SDK against the sandbox, as it would be used against its own API."""

from __future__ import annotations

import asyncio
import base64
import io

import numpy as np
import openai
import pytest

from imgwidgets import Sandbox

SIZE = (1024, 640)
LOW = {"model": "gpt-image-2", "prompt": "a red fox in snow", "quality": "low"}


@pytest.fixture(scope="module")
def client(sandbox):
    with openai.OpenAI(base_url=sandbox.base_url, api_key="sk-test", max_retries=0) as made:
        yield made


def named(data, name):
    file = io.BytesIO(data)
    file.name = name
    return file


def test_models_are_listed(client):
    rows = {model.id: model for model in client.models.list()}
    assert rows["gpt-image-1"].shutdown_date == "2026-10-23"
    assert client.models.retrieve("gpt-image-2").object == "model"


def test_pictures_are_generated(client, pictures):
    result = client.images.generate(**LOW, size="1024x640", n=2, output_format="webp", output_compression=80)
    assert len(result.data) == 2
    assert (result.size, result.quality, result.output_format, result.background) == (
        "1024x640",
        "low",
        "webp",
        "opaque",
    )
    assert result.usage.total_tokens == result.usage.input_tokens + result.usage.output_tokens
    assert result.usage.input_tokens_details.text_tokens > 0
    picture = pictures.opened(base64.b64decode(result.data[0].b64_json))
    assert (picture.format, picture.size) == ("WEBP", SIZE)


def test_a_picture_is_edited_with_a_mask(client, pictures):
    photo, mask = pictures.noise(SIZE), pictures.mask(SIZE, (300, 200, 700, 500))
    result = client.images.edit(
        image=named(pictures.png(photo), "photo.png"), mask=named(pictures.png(mask), "mask.png"), **LOW
    )
    made = pictures.array(base64.b64decode(result.data[0].b64_json))
    kept = mask[..., 3] == 255
    assert np.array_equal(made[kept], photo[kept])
    assert (made[~kept] != photo[~kept]).any(axis=-1).mean() > 0.9


def test_several_pictures_are_edited_together(client, pictures):
    files = [named(pictures.png(pictures.noise(SIZE, seed=seed)), f"{seed}.png") for seed in range(3)]
    result = client.images.edit(image=files, **LOW)
    assert len(result.data) == 1


def test_nested_settings_of_an_svg_arrive(client):
    result = client.images.generate(
        model="gpt-image-2.6-flare",
        prompt="a fox",
        quality="low",
        output_format="svg",
        svg={"model": "an-author"},
    )
    assert base64.b64decode(result.data[0].b64_json).lstrip().startswith(b"<svg")


@pytest.mark.parametrize("endpoint", ["generations", "edits"])
def test_events_are_streamed(client, pictures, endpoint):
    if endpoint == "generations":
        stream = client.images.generate(**LOW, size="1024x640", stream=True, partial_images=2)
    else:
        photo = named(pictures.png(pictures.noise(SIZE)), "photo.png")
        stream = client.images.edit(image=photo, **LOW, stream=True, partial_images=2)
    events = list(stream)
    kind = {"generations": "image_generation", "edits": "image_edit"}[endpoint]
    assert [event.type for event in events] == [f"{kind}.partial_image"] * 2 + [f"{kind}.completed"]
    assert [event.partial_image_index for event in events[:2]] == [0, 1]
    assert events[-1].usage.output_tokens > 200
    assert pictures.opened(base64.b64decode(events[-1].b64_json)).size == SIZE


def test_an_upload_is_used_by_its_id(client, pictures):
    photo = named(pictures.png(pictures.noise(SIZE)), "photo.png")
    uploaded = client.files.create(file=photo, purpose="vision")
    assert uploaded.filename == "photo.png"
    body = {**LOW, "images": [{"file_id": uploaded.id}]}
    result = client.post("/images/edits", body=body, cast_to=openai.types.ImagesResponse)
    assert len(result.data) == 1
    assert client.files.delete(uploaded.id).deleted


@pytest.mark.parametrize(
    ("change", "error", "code"),
    [
        ({"size": "1000x1000"}, openai.BadRequestError, "invalid_value"),
        ({"n": 99}, openai.BadRequestError, "integer_above_max_value"),
        ({"response_format": "url"}, openai.BadRequestError, "unknown_parameter"),
        ({"extra_body": {"seed": 1}}, openai.BadRequestError, "unknown_parameter"),
        ({"model": "gpt-image-9"}, openai.NotFoundError, "model_not_found"),
    ],
)
def test_refused_requests_raise_the_right_classes(client, change, error, code):
    with pytest.raises(error) as raised:
        client.images.generate(**{**LOW, **change})
    assert raised.value.code == code
    assert raised.value.param
    assert raised.value.request_id.startswith("req_")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("unauthorized", openai.AuthenticationError),
        ("forbidden", openai.PermissionDeniedError),
        ("conflict", openai.ConflictError),
        ("missing_field", openai.UnprocessableEntityError),
        ("moderation_input", openai.BadRequestError),
        ("rate_limit", openai.RateLimitError),
        ("quota", openai.RateLimitError),
        ("server_error", openai.InternalServerError),
        ("bad_gateway", openai.InternalServerError),
        ("cut_before_reply", openai.APIConnectionError),
    ],
)
def test_faults_raise_the_right_classes(client, fault, error):
    with pytest.raises(error):
        client.images.generate(**LOW, extra_headers={"X-Sandbox-Fault": fault})


def test_bytes_without_a_name_are_refused_as_the_real_api_refuses_them(client, pictures):
    with pytest.raises(openai.BadRequestError) as raised:
        client.images.edit(image=pictures.png(pictures.noise(SIZE)), **LOW)
    assert raised.value.code == "unsupported_file_mimetype"


def test_an_error_in_the_stream_is_raised(client):
    stream = client.images.generate(
        **LOW, stream=True, partial_images=1, extra_headers={"X-Sandbox-Fault": "error_in_stream"}
    )
    assert next(stream).type == "image_generation.partial_image"
    with pytest.raises(openai.APIError, match="error while making"):
        next(stream)


def test_a_rate_limit_is_waited_out_by_the_sdks_own_retries():
    with (
        Sandbox(faults=["rate_limit_text", "overloaded"]) as sandbox,
        openai.OpenAI(base_url=sandbox.base_url, api_key="sk-test", max_retries=2) as client,
    ):
        assert client.images.generate(**LOW, size="1024x640").data
        assert len(sandbox.requests) == 3


def test_the_asynchronous_client_works_too(sandbox):
    asyncio.run(_ask_asynchronously(sandbox))


async def _ask_asynchronously(sandbox):
    async with openai.AsyncOpenAI(base_url=sandbox.base_url, api_key="sk-test", max_retries=0) as client:
        result = await client.images.generate(**LOW, size="1024x640")
        assert result.data[0].b64_json
        stream = await client.images.generate(**LOW, size="1024x640", stream=True, partial_images=1)
        assert [event.type.rpartition(".")[2] async for event in stream] == ["partial_image", "completed"]
