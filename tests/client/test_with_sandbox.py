"""The client against the real server that ships with the package, over HTTP."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

import imgwidgets as iw
from imgwidgets import errors


@pytest.fixture(scope="module")
def fox():
    with iw.Client() as client:
        return client.generate("a red fox in snow", quality="low", n=2)


def test_pictures_come_as_asked(fox):
    assert [image.size for image in fox] == [(1024, 1024)] * 2
    assert fox.usage.output_tokens > 0
    assert fox.cost > 0
    assert fox.request_id
    assert fox.notes == ()


def test_an_edit_changes_the_selected_pixels_and_no_other(fox):
    selected = np.zeros((1024, 1024), bool)
    selected[200:500, 300:700] = True
    with iw.Client() as client:
        edited = client.edit(fox[0], "a straw hat", mask=selected, quality="low")
    changed = (edited[0].array != fox[0].array[:, :, : edited[0].array.shape[2]]).any(axis=2)
    assert changed[selected].any()
    assert not changed[~selected].any()


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_the_format_is_the_one_asked_for(kind):
    with iw.Client() as client:
        result = client.generate("a fox", quality="low", output_format=kind)
    assert (result[0].format, result.notes) == (kind, ())


def test_an_uploaded_file_can_be_edited(fox):
    with iw.Client() as client:
        assert len(client.edit(client.upload(fox[0]), "a hat", quality="low")) == 1


def test_a_mix_of_pixels_and_references_goes_as_json(fox):
    with iw.Client() as client:
        result = client.edit([client.upload(fox[0]), fox[1]], "merge", quality="low")
    assert len(result) == 1


@pytest.mark.parametrize("reply", ["images", "chat", "fal"])
def test_every_reply_shape_of_the_sandbox_is_read(reply):
    with iw.Sandbox(reply=reply) as sandbox, iw.Client("sandbox", base_url=sandbox.base_url) as client:
        assert client.generate("a fox", quality="low")[0].size == (1024, 1024)


def test_its_list_of_models_is_the_catalogs():
    with iw.Client() as client:
        assert {row["id"] for row in client.models()} >= {model.name for model in iw.models("sandbox")}


def test_too_many_requests_for_now_are_raised_after_the_tries():
    with (
        iw.Sandbox(requests_per_minute=1) as sandbox,
        iw.Client("sandbox", base_url=sandbox.base_url, max_retries=0) as client,
    ):
        client.generate("a fox", quality="low")
        with pytest.raises(errors.RateLimited) as caught:
            client.generate("a fox", quality="low")
    assert caught.value.retry_after > 0
    assert caught.value.request_id


def test_a_stopped_sandbox_refuses_the_connection():
    with iw.Sandbox() as sandbox:
        url = sandbox.base_url
    with (
        iw.Client("sandbox", base_url=url) as client,
        pytest.raises(errors.ConnectionFailed, match="refuses"),
    ):
        client.generate("a fox")


def test_streams_get_sharper():
    async def main():
        async with iw.AsyncClient() as client:
            return [e async for e in client.generate_stream("a red fox", quality="low", partial_images=2)]

    *partials, result = asyncio.run(main())
    far = [np.abs(p.array.astype(int) - result[0].array[:, :, : p.array.shape[2]]).mean() for p in partials]
    assert [partial.partial_index for partial in partials] == [0, 1]
    assert far[0] > far[1]


def test_a_stream_of_several_pictures_gives_the_same_pictures_as_the_plain_request():
    asked = {"model": "gpt-image-2", "size": "1024x1024", "quality": "low", "n": 3}
    with iw.Client() as client:
        plain = client.generate("a red fox in snow", **asked)
        *_, streamed = client.generate_stream("a red fox in snow", partial_images=1, **asked)
    assert [image.sha256 for image in streamed] == [image.sha256 for image in plain]
    assert len({image.sha256 for image in streamed}) == 3
