"""Streams: partial pictures as they come, whatever a server makes of a streaming request."""

from __future__ import annotations

import asyncio
import json
import threading
import time

import pytest
import stamina
from client.scripted import KEY, PICTURE, Answer, b64, images_reply, picture

import imgwidgets as iw
from imgwidgets.errors import BadRequest, ConnectionFailed, ReplyError

SSE = {"Content-Type": "text/event-stream"}
FINAL = picture(colour="red")


def partial(index=0, data=PICTURE, kind="image_generation"):
    return {"type": f"{kind}.partial_image", "b64_json": b64(data), "partial_image_index": index}


def completed(data=FINAL, kind="image_generation", **more):
    return {"type": f"{kind}.completed", "b64_json": b64(data), **more}


def sse(*events, named=True, end=b"data: [DONE]\n\n"):
    lines = []
    for event in events:
        name = f"event: {event['type']}\n" if named and "type" in event else ""
        lines.append(f"{name}data: {json.dumps(event)}\n\n".encode())
    return b"".join([*lines, end])


@pytest.fixture(params=["sync", "async"])
def run(request, server):
    """Collect the events of a stream, by the sync or the async client."""

    def collect(client, edit, parameters):
        call = client.edit_stream if edit else client.generate_stream
        return call(*edit, "a fox", **parameters)

    options = {"base_url": server.base_url, "api_key": KEY}

    def sync(*edit, **parameters):
        with iw.Client("openai-compatible", **options) as client:
            return list(collect(client, edit, parameters))

    async def awaited(edit, parameters):
        async with iw.AsyncClient("openai-compatible", **options) as client:
            return [event async for event in collect(client, edit, parameters)]

    return sync if request.param == "sync" else lambda *edit, **more: asyncio.run(awaited(edit, more))


def kinds(events):
    return [type(event).__name__ for event in events]


def test_partial_pictures_come_before_the_result(server, run):
    usage = {"input_tokens": 5, "output_tokens": 100, "total_tokens": 105}
    body = sse(partial(0), partial(1), completed(usage=usage, created_at=1_700_000_000, quality="low"))
    server.answer(body=body, headers={**SSE, "x-request-id": "req_1"})
    events = run(partial_images=2)
    assert kinds(events) == ["PartialImage", "PartialImage", "ImageResult"]
    assert [(event.partial_index, event.image_index) for event in events[:2]] == [(0, 0), (1, 0)]
    result = events[-1]
    assert (result[0].bytes, result.request_id, result.created) == (FINAL, "req_1", 1_700_000_000)
    assert (result.usage.output_tokens, result.extra["quality"]) == (100, "low")
    assert server.requests[0].json["stream"] is True
    assert server.requests[0].json["partial_images"] == 2


def test_an_edit_streams_too(server, run):
    server.answer(body=sse(partial(0, kind="image_edit"), completed(kind="image_edit")), headers=SSE)
    assert kinds(run(PICTURE, partial_images=1)) == ["PartialImage", "ImageResult"]
    fields = {name: content for name, _, kind, content in server.requests[0].form if not kind}
    assert (fields["stream"], fields["partial_images"]) == (b"true", b"1")


@pytest.mark.parametrize(
    "body",
    [
        sse(partial(0), completed(), named=False),
        sse(partial(0), completed(), end=b""),
        sse(partial(0), completed()).replace(b"\n", b"\r\n"),
        b": hello\n\n" + sse(partial(0), completed()),
        sse(partial(0), completed()).rstrip(),
        sse(
            {"type": "image_generation.partial_image", "b64_json": b64(PICTURE)},
            {"type": "image_generation.completed", "b64_json": b64(FINAL)},
        ),
    ],
    ids=["data-lines-only", "no-done", "crlf", "comment", "no-last-line", "bare"],
)
def test_every_way_of_writing_events_is_read(server, run, body):
    server.answer(body=body, headers=SSE)
    events = run(partial_images=1)
    assert kinds(events) == ["PartialImage", "ImageResult"]
    assert events[-1][0].bytes == FINAL


def test_events_of_more_than_a_mebibyte_arrive_in_any_pieces(server, run):
    large = PICTURE + bytes(range(256)) * 8_000
    body = sse(partial(0, large), completed(large))
    pieces = [body[at : at + 10_007] for at in range(0, len(body), 10_007)]
    server.answer(chunks=pieces, headers={**SSE, "Content-Length": str(len(body))})
    events = run(partial_images=1)
    assert [events[0].bytes, events[1][0].bytes] == [large, large]


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_partials_than_asked_or_none_are_normal(server, run, count):
    server.answer(body=sse(*[partial(0)] * count, completed()), headers=SSE)
    assert len(run(partial_images=3)) == count + 1


def test_a_plain_reply_to_a_streaming_request_is_a_result(server, run):
    server.json(images_reply(FINAL))
    events = run(partial_images=3)
    assert kinds(events) == ["ImageResult"]
    assert events[0][0].bytes == FINAL


def test_a_server_that_keeps_the_connection_after_done_is_not_waited_for(server, run):
    body = sse(completed())
    server.answer(chunks=[body, server.event()], headers={**SSE, "Content-Length": str(len(body) + 100)})
    assert kinds(run()) == ["ImageResult"]


@pytest.mark.parametrize(
    "error",
    [
        {"type": "error", "error": {"message": "blocked", "code": "moderation_blocked"}},
        {"error": {"message": "blocked", "code": "moderation_blocked"}},
    ],
)
def test_an_error_in_the_stream_is_raised_as_what_it_says_with_the_partials(server, run, error):
    server.answer(body=sse(partial(0), error), headers={**SSE, "x-request-id": "req_2"})
    with pytest.raises(iw.errors.ModerationBlocked, match="blocked") as caught:
        run(partial_images=1)
    assert caught.value.request_id == "req_2"


def test_a_refusal_before_the_stream_is_the_usual_error(server, run):
    server.json({"error": {"message": "bad size", "code": "invalid_value"}}, status=400)
    with pytest.raises(BadRequest, match="bad size"):
        run()


def test_a_refusal_for_now_before_the_stream_is_tried_again(server, run):
    server.json({"error": {"message": "slow down"}}, status=429)
    server.answer(body=sse(completed()), headers=SSE)
    assert kinds(run()) == ["ImageResult"]
    assert len(server.requests) == 2


def test_a_stream_that_is_cut_keeps_its_partial_pictures(server, run):
    line = sse(partial(0), end=b"data: {")
    server.answer(chunks=[line], headers={**SSE, "Content-Length": str(len(line) + 5_000)})
    with pytest.raises(ConnectionFailed) as caught:
        run(partial_images=1)
    assert [image.bytes for image in caught.value.partial_images] == [PICTURE]
    assert caught.value.maybe_billed
    assert len(server.requests) == 1


def test_a_stream_that_ends_without_a_picture_keeps_its_partial_ones(server, run):
    server.answer(body=sse(partial(0)), headers=SSE)
    with pytest.raises(ReplyError, match="without a finished picture, after 1 partial one") as caught:
        run(partial_images=1)
    assert [image.bytes for image in caught.value.partial_images] == [PICTURE]
    assert caught.value.maybe_billed


def test_several_pictures_stream_side_by_side_and_each_partial_belongs_to_one(server, run):
    gate = server.event()
    seen = []

    def body(request_number):
        data = picture(colour=("red", "green", "blue")[request_number])
        return sse(
            partial(0, data),
            completed(data, usage={"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}),
        )

    server.answer(*[Answer(body=body(i), headers=SSE, before=gate) for i in range(3)])

    def open_gate():
        for _ in range(3):
            assert server.arrived.acquire(timeout=10)
        seen.append(len(server.requests))
        gate.set()

    thread = threading.Thread(target=open_gate)
    thread.start()
    events = run(n=3, partial_images=1)
    thread.join()
    assert seen == [3]
    assert all("n" not in request.json for request in server.requests)
    partials, result = events[:-1], events[-1]
    assert sorted(event.image_index for event in partials) == [0, 1, 2]
    assert [image.index for image in result] == [0, 1, 2]
    for event in partials:
        assert event.bytes == result[event.image_index].bytes
    assert (result.usage.output_tokens, result.request.parameters["n"]) == (6, 3)
    assert not any("came" in note for note in result.notes)


def test_of_several_streams_what_came_is_kept_and_what_failed_is_noted(server, run):
    server.answer(
        Answer(body=sse(completed()), headers=SSE),
        Answer(status=400, body=b'{"error": {"message": "blocked", "code": "moderation_blocked"}}'),
    )
    result = run(n=2)[-1]
    assert len(result) == 1
    assert any("failed" in note and "blocked" in note for note in result.notes)
    assert "2 pictures asked for, 1 came" in result.notes


def test_several_streams_that_all_fail_raise_the_first_error(server, run):
    server.json({"error": {"message": "blocked", "code": "moderation_blocked"}}, status=400)
    with pytest.raises(iw.errors.ModerationBlocked):
        run(n=3)


def test_a_request_is_checked_when_the_stream_is_asked_for_not_when_it_is_read(server):
    for client in (
        iw.Client("openai", api_key=KEY, base_url=server.base_url),
        iw.AsyncClient("openai", api_key=KEY, base_url=server.base_url),
    ):
        with pytest.raises(iw.errors.ParameterError):
            client.generate_stream("a fox", size="17x17")
        with pytest.raises(iw.errors.ImageInputError):
            client.edit_stream(b"", "a fox")


@pytest.mark.parametrize("n", [1, 2])
def test_a_stream_that_is_left_closes_its_connections(server, n):
    line = sse(partial(0), end=b"")
    server.answer(chunks=[line, server.event()], headers={**SSE, "Content-Length": str(len(line) + 100)})
    with iw.Client("openai-compatible", base_url=server.base_url) as client:
        for event in client.generate_stream("a fox", partial_images=1, n=n):
            assert event.bytes == PICTURE
            break
        # A generator that is dropped is closed at once; so are its connections.
        assert server.closed_early.wait(5)
        assert client._transport._flights._flights == set()


def test_an_async_stream_that_is_left_closes_its_connection(server):
    line = sse(partial(0), end=b"")
    server.answer(chunks=[line, server.event()], headers={**SSE, "Content-Length": str(len(line) + 100)})

    async def main():
        async with iw.AsyncClient("openai-compatible", base_url=server.base_url) as client:
            stream = client.generate_stream("a fox", partial_images=1, n=2)
            async for event in stream:
                assert event.bytes == PICTURE
                break
            await stream.aclose()
            assert client._transport._flights._flights == set()

    asyncio.run(main())
    assert server.closed_early.wait(5)


def test_generate_with_stream_gives_the_result_alone(server):
    server.answer(body=sse(partial(0), completed()), headers=SSE)
    with iw.Client("openai-compatible", base_url=server.base_url) as client:
        assert client.generate("a fox", stream=True)[0].bytes == FINAL
    request = iw.ImageRequest(
        prompt="a fox", model="gpt-image-1", provider="openai-compatible", parameters={"stream": True}
    )

    async def main():
        async with iw.AsyncClient("openai-compatible", base_url=server.base_url) as client:
            return await client.send(request)

    assert asyncio.run(main())[0].bytes == FINAL


def test_a_final_picture_behind_an_address_is_fetched(server, run):
    server.routes = {"/a.png": Answer(body=FINAL, headers={"Content-Type": "image/png"})}
    event = {"type": "image_generation.completed", "url": f"{server.origin}/a.png"}
    server.answer(body=sse(event), headers=SSE)
    assert run()[-1][0].bytes == FINAL


def test_streams_of_the_sandbox_get_sharper():
    with iw.Client() as client:
        events = list(client.generate_stream("a red fox", quality="low", partial_images=2))
    assert kinds(events) == ["PartialImage", "PartialImage", "ImageResult"]


def test_a_stream_that_is_left_sends_nothing_more_even_from_a_wait(server):
    """One picture streams, the other waits to be tried again; leaving must not pay for a second try."""
    line = sse(partial(0), end=b"")
    server.answer(
        Answer(chunks=[line, server.event()], headers={**SSE, "Content-Length": str(len(line) + 100)}),
        Answer(status=429, headers={"Retry-After": "60"}),
    )
    began = time.monotonic()
    with stamina.set_testing(False), iw.Client("openai-compatible", base_url=server.base_url) as client:
        for _ in client.generate_stream("a fox", partial_images=1, n=2):
            for _ in range(2):
                assert server.arrived.acquire(timeout=10)
            break
    assert time.monotonic() - began < 10
    assert len(server.requests) == 2
