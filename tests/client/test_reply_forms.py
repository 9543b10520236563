"""Every form in which a picture may come back, through the whole client over HTTP, sync and async.

The forms are those of providers' documentation and of relays in the wild; the sandbox's own are there too,
each compared with the very bytes that it draws.
"""

from __future__ import annotations

import asyncio
import json

import pytest
from client.scripted import KEY, Answer, b64, images_reply, picture

import imgwidgets as iw
from imgwidgets.errors import ConnectionFailed, ReplyError, ServerError
from imgwidgets.images import ImageResult
from imgwidgets.sandbox import REPLIES

RED, BLUE = picture(colour="red"), picture(colour="blue", kind="webp")
LOW = {"model": "gpt-image-2", "size": "1024x640", "quality": "low"}


class Asking:
    """Asks in one of the two ways; what comes is the same."""

    def __init__(self, is_async):
        self.is_async = is_async

    def _run(self, options, act):
        if not self.is_async:
            with iw.Client(**options) as client:
                return act(client)

        async def main():
            async with iw.AsyncClient(**options) as client:
                return await act(client)

        return asyncio.run(main())

    def generate(self, options, prompt="a red fox", **parameters):
        return self._run(options, lambda client: client.generate(prompt, **parameters))

    def stream(self, options, prompt="a red fox", *, image=None, **parameters):
        """Give all events of a stream, the exception that ended it among them."""

        def begun(client):
            if image is not None:
                return client.edit_stream(image, prompt, **parameters)
            return client.generate_stream(prompt, **parameters)

        events = []

        def act(client):
            try:
                events.extend(begun(client))
            except iw.errors.RequestError as error:
                events.append(error)

        async def async_act(client):
            try:
                async for event in begun(client):
                    events.append(event)  # noqa: PERF401 (what came before an error is kept)
            except iw.errors.RequestError as error:
                events.append(error)

        self._run(options, async_act if self.is_async else act)
        return events


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def asking(request):
    return Asking(request.param)


@pytest.fixture
def options(server):
    """Give the options of a client of the scripted server, which has two pictures behind addresses."""
    server.routes = {
        f"{path}": Answer(body=data, headers={"Content-Type": "application/octet-stream"})
        for path, data in {
            "/red.png": RED,
            "/blue.webp": BLUE,
            "/v1/red.png": RED,
            "/v1/images/7/content": BLUE,
            "/signed": RED,
        }.items()
    }
    return {"provider": "openai-compatible", "base_url": server.base_url, "api_key": KEY}


def data_url(data, kind="png"):
    return f"data:image/{kind};base64,{b64(data)}"


def chat(content, **message):
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": content, **message}}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21},
    }


def url_part(url):
    return {"type": "image_url", "image_url": {"url": url}}


# What a server says (ORIGIN stands for its address), and the pictures in it.
FORMS = {
    # Images and its spellings
    "b64_json": ({"data": [{"b64_json": b64(RED)}, {"b64_json": b64(BLUE)}]}, [RED, BLUE]),
    "url": ({"data": [{"url": "ORIGIN/red.png"}, {"url": "ORIGIN/blue.webp"}]}, [RED, BLUE]),
    "url from the root": ({"data": [{"url": "/v1/images/7/content?variant=0"}]}, [BLUE]),
    "url from the base": ({"data": [{"url": "red.png"}]}, [RED]),
    "url that is a data url": ({"data": [{"url": data_url(RED)}]}, [RED]),
    "b64_json with a data prefix": ({"data": [{"b64_json": data_url(RED)}]}, [RED]),
    "b64_json with line breaks": (
        {"data": [{"b64_json": "\r\n".join(b64(RED)[i : i + 76] for i in range(0, len(b64(RED)), 76))}]},
        [RED],
    ),
    "b64_json in the url-safe alphabet": (
        {"data": [{"b64_json": b64(RED).replace("+", "-").replace("/", "_").rstrip("=")}]},
        [RED],
    ),
    "null beside the picture": (
        {"data": [{"b64_json": b64(RED), "url": None, "revised_prompt": None}]},
        [RED],
    ),
    "one item in place of a list": ({"data": {"b64_json": b64(RED)}}, [RED]),
    "a bare list": ([{"b64_json": b64(RED)}], [RED]),
    "the same picture twice": ({"data": [{"b64_json": b64(RED)}] * 2}, [RED, RED]),
    "a list with strings": ({"data": [data_url(RED), "ORIGIN/blue.webp"]}, [RED, BLUE]),
    "OpenRouter": (
        {"data": [{"b64_json": b64(BLUE), "media_type": "image/webp"}], "usage": {"cost": 0.04}},
        [BLUE],
    ),
    # fal-like
    "fal": (
        {
            "images": [{"url": "ORIGIN/red.png", "content_type": "image/png", "width": 64, "height": 48}],
            "timings": {"inference": 2.1},
            "seed": 7,
        },
        [RED],
    ),
    "fal in sync mode": ({"images": [{"url": data_url(RED)}, {"url": data_url(BLUE, "webp")}]}, [RED, BLUE]),
    "fal with one image": ({"image": {"url": "ORIGIN/blue.webp"}}, [BLUE]),
    # Responses
    "Responses": (
        {
            "object": "response",
            "output": [
                {"type": "reasoning", "summary": []},
                {"type": "image_generation_call", "status": "completed", "result": b64(RED)},
                {"type": "message", "content": [{"type": "output_text", "text": "Here it is."}]},
            ],
        },
        [RED],
    ),
    # chat, in the order in which it is searched
    "message.images": (
        chat("Here.", images=[url_part(data_url(RED)), url_part("ORIGIN/blue.webp")]),
        [RED, BLUE],
    ),
    "message.images with url": (chat(None, images=[{"url": "ORIGIN/red.png"}]), [RED]),
    "content parts": (chat([{"type": "text", "text": "Here."}, url_part(data_url(RED))]), [RED]),
    "content parts with a string": (chat([{"type": "image_url", "image_url": "ORIGIN/red.png"}]), [RED]),
    "markdown in a text part": (chat([{"type": "text", "text": "![a](ORIGIN/blue.webp)"}]), [BLUE]),
    "markdown": (chat("One ![a](ORIGIN/red.png) and two ![b](ORIGIN/blue.webp)."), [RED, BLUE]),
    "markdown with a title": (chat('![a](ORIGIN/red.png "a fox")'), [RED]),
    "markdown with data": (chat(f"Here:\n\n![fox]({data_url(RED)})\n\nDone."), [RED]),
    "html": (chat("<p>Here: <img alt='a' src='ORIGIN/red.png'></p>"), [RED]),
    "a bare data url": (chat(data_url(BLUE, "webp")), [BLUE]),
    "a bare address": (chat("It is at ORIGIN/red.png, for an hour."), [RED]),
    "the only address": (chat("ORIGIN/signed?token=a.b&expires=1"), [RED]),
    "a link to download": (chat("Ready: [download](ORIGIN/red.png)"), [RED]),
    "preview and download are one": (
        chat("![preview](ORIGIN/red.png)\n\n[download](ORIGIN/red.png)\nORIGIN/red.png"),
        [RED],
    ),
    "bare base64": (chat(b64(RED)), [RED]),
    "json in a string": (chat(json.dumps({"data": [{"b64_json": b64(RED)}]})), [RED]),
    "json in a fence": (chat(f"```json\n{json.dumps({'data': [{'url': 'ORIGIN/red.png'}]})}\n```"), [RED]),
    "several choices": (
        {"choices": [{"message": {"content": f"![a]({data_url(one)})"}} for one in (RED, BLUE)]},
        [RED, BLUE],
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_each_form_gives_its_pictures(server, options, asking, name):
    reply, pictures = FORMS[name]
    server.answer(
        body=json.dumps(reply).replace("ORIGIN", server.origin).encode(),
        headers={"Content-Type": "application/json"},
    )
    result = asking.generate(options)
    assert [image.bytes for image in result] == pictures
    assert [(image.format, image.size) for image in result] == [
        ("png" if data is RED else "webp", (64, 48)) for data in pictures
    ]
    assert sum(request.method == "POST" for request in server.requests) == 1


WHOLE = {
    "an image file": (RED, "image/png"),
    "an image file of another type than promised": (BLUE, "image/png"),
    "an image file without a type": (RED, ""),
    "an image file that claims to be json": (RED, "application/json"),
    "a data url": (data_url(RED).encode(), "text/plain"),
    "markdown": (f"![a]({data_url(RED)})".encode(), "text/markdown"),
    "base64": (b64(RED).encode(), "text/plain"),
    "json without its type": (json.dumps(images_reply(RED)).encode(), "text/html"),
    "json behind a byte order mark": (
        b"\xef\xbb\xbf" + json.dumps(images_reply(RED)).encode(),
        "application/json",
    ),
    "json behind spaces": (b"\n  \n" + json.dumps(images_reply(RED)).encode(), "application/json"),
    "json with escaped slashes": (
        json.dumps(images_reply(RED)).replace("/", "\\/").encode(),
        "application/json",
    ),
    "json with every letter escaped": (
        b'{"data": [{"b64_json": "' + "".join(f"\\u{ord(one):04x}" for one in b64(RED)).encode() + b'"}]}',
        "application/json",
    ),
    "events though none were asked for": (
        f'data: {{"type": "image_generation.completed", "b64_json": "{b64(RED)}"}}\n\n'.encode(),
        "text/event-stream",
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_each_kind_of_body_is_told_by_its_content(server, options, asking, name):
    body, kind = WHOLE[name]
    server.answer(body=body, headers={"Content-Type": kind} if kind else {})
    [image] = asking.generate(options)
    assert image.bytes == (BLUE if body is BLUE else RED)


@pytest.mark.parametrize("step", [1, 3, 64, 1000])
def test_a_reply_may_come_in_pieces_of_any_size(server, options, asking, step):
    body = json.dumps(images_reply(RED, BLUE, novelty={"b": [1, 2]})).encode()
    server.answer(
        chunks=[body[i : i + step] for i in range(0, len(body), step)],
        headers={"Content-Type": "application/json", "Content-Length": str(len(body))},
    )
    result = asking.generate(options)
    assert [image.bytes for image in result] == [RED, BLUE]
    assert result.extra["novelty"] == {"b": [1, 2]}


def test_what_nobody_knows_is_kept_beside_the_result_and_beside_its_picture(server, options, asking):
    server.json(
        {
            "novelty": {"deep": [1, None, "text"]},
            "data": [{"b64_json": b64(RED), "generation_id": "gen-7", "revised_prompt": "a very red fox"}],
            "created": 1_700_000_000,
            "background": "opaque",
            "usage": {"total_tokens": 7, "new_tokens": 3},
            "svg_usage": {"total_tokens": 5},
        },
        headers={"x-request-id": "req-7"},
    )
    result = asking.generate(options)
    assert result.extra["novelty"] == {"deep": [1, None, "text"]}
    assert (result.extra["background"], result.extra["svg_usage"]) == ("opaque", {"total_tokens": 5})
    assert (result.usage.total_tokens, result.usage.extra) == (7, {"new_tokens": 3})
    assert (result.created, result.request_id) == (1_700_000_000, "req-7")
    assert result[0].extra["generation_id"] == "gen-7"
    assert result[0].revised_prompt == "a very red fox"


def test_the_price_that_a_provider_states_is_the_cost(server, options, asking):
    server.json(images_reply(RED, usage={"prompt_tokens": 9, "completion_tokens": 400, "cost": 0.0375}))
    result = asking.generate(options)
    assert result.cost == 0.0375
    assert (result.usage.input_tokens, result.usage.output_tokens) == (9, 400)


@pytest.mark.parametrize(
    ("parameters", "reply", "note"),
    [
        ({"size": "1536x1024"}, images_reply(RED), "1536x1024 asked for, 64x48 came"),
        ({"output_format": "jpeg"}, images_reply(RED), "jpeg asked for, png came"),
        ({"n": 3}, images_reply(RED, RED), "3 pictures asked for, 2 came"),
        ({"n": 1}, images_reply(RED, RED), "1 picture asked for, 2 came"),
        (
            {"quality": "high"},
            images_reply(RED, quality="medium"),
            "'high' asked for, the reply says 'medium'",
        ),
    ],
)
def test_what_differs_from_what_was_asked_is_noted(server, options, asking, parameters, reply, note):  # noqa: PLR0917 (fixtures and a case)
    server.json(reply)
    assert any(note in said for said in asking.generate(options, **parameters).notes)


REFUSALS = {
    "words": (chat("I cannot help with that picture."), "I cannot help with that picture"),
    "a refusal": (chat(None, refusal="Not this one."), "Not this one"),
    "a task": ({"task_id": "task-7", "status": "queued"}, "task-7"),
    "a task of another kind": ({"id": "task-8", "status": "processing", "data": None}, "task-8"),
    "no data": ({"created": 1, "data": []}, "no picture"),
    "an error": (
        {"error": {"message": "the upstream failed", "code": "bad_upstream"}},
        "the upstream failed",
    ),
    "an error in words": ({"error": "the upstream failed"}, "the upstream failed"),
    "an error of its item": ({"data": [{"error": {"message": "it was too red"}}]}, "it was too red"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_reply_without_a_picture_says_what_it_says_and_may_have_been_billed(server, options, asking, name):
    reply, says = REFUSALS[name]
    server.json(reply)
    with pytest.raises(iw.errors.RequestError, match=says) as caught:
        asking.generate(options)
    assert caught.value.maybe_billed
    assert len(server.requests) == 1


# -- the sandbox's own forms --------------------------------------------------------------------------------


def drawn(**how):
    return {"provider": "openai", "api_key": KEY, **how}


@pytest.fixture(scope="module")
def right():
    """Give the two pictures that the sandbox draws, as bytes."""
    with iw.Sandbox(provider="openai") as sandbox, iw.Client(**drawn(base_url=sandbox.base_url)) as client:
        result = client.generate("a red fox", **LOW, n=2)
        assert result.notes == ()
        return [image.bytes for image in result]


ONE_ONLY = {"raw", "chat_base64"}


@pytest.mark.parametrize("reply", [name for name in REPLIES if name != "chat_text"])
def test_each_reply_of_the_sandbox_holds_the_pictures_that_it_drew(asking, right, reply):
    with iw.Sandbox(provider="openai", reply=reply) as sandbox:
        result = asking.generate(drawn(base_url=sandbox.base_url), **LOW, n=2)
        assert sum(one.method == "POST" for one in sandbox.requests) == 1
    assert [image.bytes for image in result] == (right[:1] if reply in ONE_ONLY else right)
    assert any("2 pictures asked for, 1 came" in note for note in result.notes) is (reply in ONE_ONLY)


@pytest.mark.parametrize(
    "fault",
    [
        "base64_line_breaks",
        "base64_url_safe",
        "base64_data_prefix",
        "escaped_slashes",
        "key_order",
        "slow_drip",
    ],
)
def test_each_spelling_of_the_sandbox_is_the_same_picture(asking, right, fault):
    with iw.Sandbox(provider="openai", faults=fault) as sandbox:
        result = asking.generate(drawn(base_url=sandbox.base_url), **LOW, n=2)
    assert [image.bytes for image in result] == right


# -- streams --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "partials"),
    [
        (None, 2),
        ("no_partials", 0),
        ("fewer_partials", 1),
        ("data_only_stream", 2),
        ("bare_stream", 2),
        ("bad_index", 2),
        ("plain_reply_to_stream", 0),
    ],
)
def test_each_way_of_streaming_ends_in_the_picture(asking, right, fault, partials):
    with iw.Sandbox(provider="openai", faults=fault or ()) as sandbox:
        *came, result = asking.stream(drawn(base_url=sandbox.base_url), **LOW, partial_images=2)
    assert isinstance(result, ImageResult), repr(result)
    assert result[0].bytes == right[0]
    assert [(one.partial_index, one.image_index, one.size) for one in came] == [
        (index, 0, (1024, 640)) for index in range(partials)
    ]
    assert result.usage.output_tokens > 0


def test_an_edit_streams_its_partials_and_its_result(asking):
    with iw.Sandbox(provider="openai") as sandbox:
        *came, result = asking.stream(
            drawn(base_url=sandbox.base_url), image=picture((1024, 640)), **LOW, partial_images=1
        )
    assert [one.partial_index for one in came] == [0]
    assert result[0].size == (1024, 640)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("error_in_stream", ServerError),
        ("cut_in_stream", ConnectionFailed),
        ("garbage_in_stream", ReplyError),
    ],
)
def test_a_stream_that_breaks_keeps_its_partial_picture(asking, fault, kind):
    with iw.Sandbox(provider="openai", faults=fault) as sandbox:
        partial, error = asking.stream(drawn(base_url=sandbox.base_url), **LOW, partial_images=2)
        assert len(sandbox.requests) == 1
    assert type(error) is kind
    assert error.maybe_billed
    if kind is not ServerError:
        assert [one.bytes for one in error.partial_images] == [partial.bytes]


def test_several_pictures_stream_side_by_side_one_request_each(asking):
    with iw.Sandbox(provider="openai") as sandbox:
        *came, result = asking.stream(drawn(base_url=sandbox.base_url), **LOW, partial_images=1, n=3)
        asked = [request.fields for request in sandbox.requests]
    assert len(asked) == 3
    assert all("n" not in fields for fields in asked)
    assert sorted(one.image_index for one in came) == [0, 1, 2]
    assert len(result) == 3
    assert [image.index for image in result] == [0, 1, 2]
    assert {image.size for image in result} == {(1024, 640)}


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_a_streamed_chat_is_joined_whatever_the_pieces(server, options, asking, size):
    text = f"Here it is: ![fox]({data_url(RED)}) and that is all."
    step = max(size, len(text) // 400)
    deltas = [text[i : i + step] for i in range(0, len(text), step)]
    events = [{"choices": [{"index": 0, "delta": {"content": delta}}]} for delta in deltas]
    server.events({"choices": [{"index": 0, "delta": {"role": "assistant"}}]}, *events)
    *came, result = asking.stream(options)
    assert came == []
    assert [image.bytes for image in result] == [RED]
