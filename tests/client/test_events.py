import base64
import itertools
import json
import os
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgwidgets.client.events import EventReader, looks_like_events
from imgwidgets.client.limits import Limits
from imgwidgets.client.sse import SseReader
from imgwidgets.errors import ReplyError

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 2
GIF = b"GIF89a" + bytes(300)
TEXT = base64.b64encode(PNG).decode()
URL = "https://cdn.example.org/fox.png"
USAGE = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}


def sse(*values, named=True, newline="\n"):
    lines = []
    for value in values:
        if named and isinstance(value, dict) and "type" in value:
            lines.append(f"event: {value['type']}")
        lines += [f"data: {value if isinstance(value, str) else json.dumps(value)}", ""]
    return newline.join([*lines, ""]).encode()


def read(stream, size=1 << 20, **options):
    reader = EventReader(**options)
    events = []
    for start in range(0, len(stream), size):
        events += reader.feed(stream[start : start + size])
    return events + reader.finish()


def facts(events):
    return [(event.kind, event.image or event.url, event.index) for event in events]


def partial(index, image=PNG, kind="image_generation"):
    return {
        "type": f"{kind}.partial_image",
        "b64_json": base64.b64encode(image).decode(),
        "partial_image_index": index,
        "size": "1024x1024",
    }


def completed(image=PNG, kind="image_generation"):
    return {
        "type": f"{kind}.completed",
        "b64_json": base64.b64encode(image).decode(),
        "usage": USAGE,
        "quality": "low",
    }


@pytest.mark.parametrize("kind", ["image_generation", "image_edit"])
@pytest.mark.parametrize("newline", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("size", [1, 7, 100, 1 << 20])
def test_partials_come_before_the_completed_image(kind, newline, named, size):
    stream = sse(
        partial(0, GIF, kind), partial(1, PNG, kind), completed(PNG, kind), named=named, newline=newline
    )
    events = read(stream, size)
    assert facts(events) == [("partial", GIF, 0), ("partial", PNG, 1), ("completed", PNG, -1)]
    assert events[0].payload == {
        "type": f"{kind}.partial_image",
        "partial_image_index": 0,
        "size": "1024x1024",
    }
    assert events[2].payload["usage"] == USAGE
    assert "b64_json" not in events[2].payload


def test_every_split_of_a_stream_gives_the_same_events():
    values = (partial(0, GIF), {"type": "x", "text": "é 😀"}, completed(), "[DONE]")
    for newline in ("\n", "\r\n", "\r"):
        stream = b"\xef\xbb\xbf: hello" + newline.encode() + sse(*values, newline=newline)
        whole = read(stream)
        assert [event.kind for event in whole] == ["partial", "other", "completed", "done"]
        for cut in range(len(stream)):
            reader = EventReader()
            assert reader.feed(stream[:cut]) + reader.feed(stream[cut:]) + reader.finish() == whole


def test_an_event_comes_out_as_soon_as_its_empty_line_is_there():
    reader = EventReader()
    stream = sse(partial(0))
    assert reader.feed(stream[:-1]) == []
    assert facts(reader.feed(stream[-1:])) == [("partial", PNG, 0)]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"data: 1\n\n", [("", "1")]),
        (b"data:x\n\n", [("", "x")]),
        (b"data:  x\n\n", [("", "x")]),
        (b"event: a\ndata: {}\n\n", [("a", {})]),
        (b"data: {}\nevent: a\n\n", [("a", {})]),
        (b"event:a\ndata: {}\n\ndata: {}\n\n", [("a", {}), ("", {})]),
        (b"event: a\n\ndata: {}\n\n", [("", {})]),
        (b": comment\n:\n\n\n\ndata: {}\nid: 3\nretry: 10\nnonsense\nfoo: bar\n\n", [("", {})]),
        (b'data: {"a":\ndata: [1,\ndata: 2]}\n\n', [("", {"a": [1, 2]})]),
        (b"data: a\ndata: b\n\n", [("", "a\nb")]),
        (b"data\ndata\n\ndata: {}\n\n", [("", {})]),
        (b"data:\n\ndata: {}\n\n", [("", {})]),
        (b"data: [DONE]\n\n", [("", "[DONE]")]),
        (b"data:[DONE]", [("", "[DONE]")]),
        (b"data: [1, 2, 3]\n\n", [("", [1, 2, 3])]),
        (b"data: [1]\n\n", [("", [1])]),
        # without empty lines, and without an end
        (b'data: {"a": 1}\ndata: {"a": 2}\ndata: [DONE]\n', [("", {"a": 1}), ("", {"a": 2}), ("", "[DONE]")]),
        (b'data: {"a": 1}', [("", {"a": 1})]),
        (b"\xef\xbb\xbfdata: {}\n\n", [("", {})]),
        (b"x" * 5000 + b"\ndata: {}\n\n", [("", {})]),
        (b"", []),
        (b"\n\n\n", []),
        (b"event: a\n", []),
        (b"\xef\xbb", []),
    ],
)
def test_lines_become_events_as_the_standard_has_it(stream, expected):
    for size in (1, 2, 3, 1000):
        reader = SseReader()
        events = []
        for start in range(0, len(stream), size):
            events += reader.feed(stream[start : start + size])
        events += reader.finish()
        assert [(event.name, event.value) for event in events] == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # Responses API
        (
            {
                "type": "response.image_generation_call.partial_image",
                "partial_image_b64": TEXT,
                "partial_image_index": 2,
                "output_index": 0,
            },
            [("partial", PNG, 2)],
        ),
        ({"type": "response.image_generation_call.completed", "output_index": 0}, [("other", None, -1)]),
        (
            {
                "type": "response.output_item.done",
                "output_index": 1,
                "item": {"type": "image_generation_call", "result": TEXT},
            },
            [("completed", PNG, 1)],
        ),
        (
            {
                "type": "response.output_item.done",
                "output_index": 1,
                "item": {"type": "message", "content": []},
            },
            [("other", None, -1)],
        ),
        # vLLM-Omni
        (
            {"object": "image.edit.chunk", "type": "ar_delta", "delta": "thinking", "index": 0},
            [("other", None, -1)],
        ),
        (
            {"object": "image.edit.chunk", "type": "image", "data": [{"b64_json": TEXT}, {"url": URL}]},
            [("completed", PNG, 0), ("completed", URL, 1)],
        ),
        # Xinference
        ({"type": "start", "message": "started"}, [("other", None, -1)]),
        ({"type": "processing", "progress": 0.5}, [("other", None, -1)]),
        ({"type": "processing", "image": TEXT}, [("partial", PNG, -1)]),
        ({"type": "complete", "data": [{"b64_json": TEXT}]}, [("completed", PNG, 0)]),
        ({"event": "complete", "data": {"created": 1, "data": [{"url": URL}]}}, [("completed", URL, -1)]),
        # OpenRouter, MiniMax
        (
            {"type": "image_generation.completed", "b64_json": TEXT, "media_type": "image/png", "created": 5},
            [("completed", PNG, -1)],
        ),
        ({"type": "image_generation.text", "phase": "svg", "text": "<svg"}, [("other", None, -1)]),
        (
            {"type": "image_generation.partial_succeeded", "url": URL, "image_index": 3},
            [("completed", URL, 3)],
        ),
        # clones
        ({"created": 1, "data": [{"url": URL}]}, [("completed", URL, 0)]),
        ({"b64_json": TEXT}, [("completed", PNG, -1)]),
        ([{"b64_json": TEXT}], [("completed", PNG, 0)]),
    ],
)
def test_each_server_s_events_are_understood(value, expected):
    for named in (True, False):
        assert facts(read(sse(value, named=named))) == expected


def test_an_event_without_a_type_takes_the_name_of_its_line():
    stream = (
        b"event: image_generation.partial_image\ndata: " + json.dumps({"b64_json": TEXT}).encode() + b"\n\n"
    )
    assert facts(read(stream)) == [("partial", PNG, -1)]


def test_the_last_response_repeats_no_image_and_brings_the_usage():
    item = {"type": "image_generation_call", "result": TEXT}
    stream = sse(
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": {"output": [item], "usage": USAGE}},
    )
    events = read(stream)
    assert facts(events) == [("completed", PNG, 0), ("other", None, -1)]
    assert events[1].payload["usage"] == USAGE
    alone = read(sse({"type": "response.completed", "response": {"output": [item], "usage": USAGE}}))
    assert facts(alone) == [("completed", PNG, -1)]
    assert alone[0].payload["usage"] == USAGE


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (
            {"error": {"message": "no", "code": "moderation_blocked"}},
            {"message": "no", "code": "moderation_blocked"},
        ),
        ({"type": "error", "error": {"message": "no"}}, {"message": "no"}),
        ({"error": "no"}, "no"),
        (
            {"object": "error", "message": "no", "code": 400},
            {"object": "error", "message": "no", "code": 400},
        ),
        (
            {"type": "image_generation.failed", "message": "no"},
            {"type": "image_generation.failed", "message": "no"},
        ),
        ({"type": "response.failed", "response": {"error": {"message": "no"}}}, {"message": "no"}),
    ],
)
def test_an_error_in_the_stream_is_an_error_event(value, error):
    [event] = read(sse(value))
    assert event.kind == "error"
    assert event.payload["error"] == error


def test_an_error_named_only_on_its_line_is_an_error_event():
    [event] = read(b'event: error\ndata: {"message": "no"}\n\n')
    assert (event.kind, event.payload["error"]) == ("error", {"message": "no"})


@pytest.mark.parametrize("index", [-1, 1000, "0", True, None, 1.0, [], "../../x"])
def test_a_malformed_index_is_unknown(index):
    [event] = read(sse({"type": "image_edit.partial_image", "b64_json": TEXT, "partial_image_index": index}))
    assert (event.kind, event.index) == ("partial", -1)


def test_a_broken_partial_is_passed_over_and_a_broken_last_image_is_an_error():
    broken = {"b64_json": TEXT[:-3]}
    assert read(sse({"type": "image_edit.partial_image", **broken}))[0].kind == "other"
    [event] = read(sse({"type": "image_edit.completed", **broken}))
    assert event.kind == "error"
    assert "not complete base64" in event.payload["error"]["message"]


@pytest.mark.parametrize("width", [1, 10, 300, 2_001])
@pytest.mark.parametrize("ending", [("[DONE]",), ()])
def test_the_deltas_of_a_chat_are_joined(width, ending):
    content = f"Here: ![fox](data:image/png;base64,{TEXT}) and ![owl]({URL})"
    deltas = [content[i : i + width] for i in range(0, len(content), width)]
    chunks = [{"choices": [{"index": 0, "delta": {"content": delta}}], "id": "c"} for delta in deltas]
    last = {"choices": [], "usage": {"prompt_tokens": 3}}
    events = read(sse(*chunks, last, *ending), 1000)
    assert [fact for fact in facts(events) if fact[0] == "completed"] == [
        ("completed", PNG, 0),
        ("completed", URL, 1),
    ]
    image = next(event for event in events if event.kind == "completed")
    assert image.payload["usage"] == {"prompt_tokens": 3}
    assert image.payload["text"].startswith("Here: ![fox](data:image/png;base64,")


def test_images_in_deltas_are_found_once():
    image = {"image_url": {"url": f"data:image/png;base64,{TEXT}"}}
    chunks = [
        {"choices": [{"delta": {"role": "assistant", "content": ""}}]},
        {"choices": [{"delta": {"images": [image]}}]},
        {"choices": [{"delta": {"images": [image], "content": [{"type": "text", "text": "done"}]}}]},
    ]
    assert ("completed", PNG, 0) in facts(read(sse(*chunks)))
    assert len([event for event in read(sse(*chunks)) if event.kind == "completed"]) == 1


def test_a_chat_without_an_image_leaves_its_words():
    reader = EventReader()
    reader.feed(sse(*({"choices": [{"delta": {"content": word}}]} for word in ("I ", "can", "not."))))
    assert reader.text == "I cannot."
    [event] = reader.finish()
    assert (event.kind, event.payload["text"]) == ("other", "I cannot.")
    assert reader.finish() == []


def test_a_long_word_spread_over_deltas_is_joined_exactly():
    content = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + os.urandom(5_000)).decode()
    for width in (257, 258, 259, 1001):
        deltas = [content[i : i + width] for i in range(0, len(content), width)]
        events = read(sse(*({"choices": [{"delta": {"content": delta}}]} for delta in deltas)))
        assert [event.image for event in events if event.kind == "completed"] == [
            base64.b64decode(content[22:])
        ]


def test_an_event_of_8_mb_is_decoded_as_it_arrives():
    image = b"\x89PNG" + os.urandom(8 << 20)
    stream = sse(partial(0, image))
    reader = EventReader()
    tracemalloc.start()
    try:
        events = [
            event
            for start in range(0, len(stream), 1 << 16)
            for event in reader.feed(stream[start : start + (1 << 16)])
        ]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert facts(events) == [("partial", image, 0)]
    assert peak - len(image) < 4 << 20


def test_a_stream_cut_in_an_event_is_a_reply_error_and_what_came_before_is_there():
    stream = sse(partial(0, GIF), completed())
    first = len(sse(partial(0, GIF)))
    last = stream.rindex(b"}")
    for cut in range(first, last):
        reader = EventReader()
        assert facts(reader.feed(stream[:cut])) == [("partial", GIF, 0)]
        if b"data: {" in stream[first:cut]:
            with pytest.raises(ReplyError):
                reader.finish()
        else:
            assert reader.finish() == []


def test_an_image_is_given_before_the_error_that_came_in_the_same_chunk():
    reader = EventReader()
    assert facts(reader.feed(sse(partial(0)) + b"data: {nonsense}\n\n")) == [("partial", PNG, 0)]
    with pytest.raises(ReplyError, match="not JSON"):
        reader.feed(b"\n")
    with pytest.raises(ReplyError, match="not JSON"):
        reader.finish()


@pytest.mark.parametrize(
    ("stream", "options", "message"),
    [
        (b"data: {" + b'"a" ' * 1000, {"max_event_bytes": 1000}, "larger than 1,000 bytes"),
        (b": ping\n" * 1000, {"max_total_bytes": 1000}, "more than 1,000 bytes"),
        (b"\n" * 2000, {"bounds": Limits(stream_lines=1000)}, "more than 1,000 lines"),
        (b"data: {" + b'"a" ' * 1000, {"bounds": Limits(event_bytes=1000)}, "larger than 1,000 bytes"),
        (b": ping\n" * 1000, {"bounds": Limits(stream_bytes=1000)}, "more than 1,000 bytes"),
        (b"data: {nonsense}\n\n", {}, "not JSON"),
        (b"data: {]\n\n", {}, "not JSON"),
        (b"data: " + b"word " * 20_000, {}, "no JSON"),
        (
            sse(*[{"choices": [{"delta": {"content": "word " * 100}}]}] * 10),
            {"bounds": Limits(text_bytes=2_000)},
            "more text",
        ),
    ],
)
def test_each_bound_of_a_stream_holds(stream, options, message):
    for size in (1, 999, len(stream)):
        with pytest.raises(ReplyError, match=message):
            read(stream, size, **options)


@pytest.mark.parametrize(
    ("media_type", "first", "expected"),
    [
        ("text/event-stream", b"", True),
        ("text/event-stream; charset=utf-8", b"\r\n: ping", True),
        ("text/event-stream", b'{"data": []}', False),
        ("text/event-stream", b"<html>", False),
        ("application/json", b"data: {}", True),
        ("text/plain", b"\xef\xbb\xbfevent: x", True),
        ("application/json", b'{"data": []}', False),
        ("image/png", b"\x89PNG\r\n", False),
        ("text/plain", b"hello", False),
        ("text/plain", b"data:image/png;base64,iVBO", False),
    ],
)
def test_event_streams_are_told_by_their_content(media_type, first, expected):
    assert looks_like_events(media_type, first) is expected


junk = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=10),
        st.sampled_from([TEXT, TEXT[:-3], URL]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "object",
                    "event",
                    "data",
                    "b64_json",
                    "choices",
                    "delta",
                    "message",
                    "content",
                    "images",
                    "item",
                    "response",
                    "output",
                    "error",
                    "partial_image_index",
                    "index",
                    "usage",
                    "url",
                    "result",
                    "status",
                ]
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=12,
)
streams = st.lists(
    st.one_of(
        junk.map(lambda value: b"data: " + json.dumps(value).encode() + b"\n\n"),
        st.sampled_from(
            [
                b"\n",
                b"\r",
                b"event: image_edit.partial_image\n",
                b"event: x.delta\n",
                b": c\n",
                b"data: [DONE]\n\n",
                b"data\n",
                b"data: ",
                sse(partial(0)),
                sse(completed()),
            ]
        ),
        st.binary(max_size=12),
    ),
    max_size=8,
).map(b"".join)


def outcome(chunks):
    reader = EventReader()
    events = []
    try:
        for chunk in chunks:
            events += reader.feed(chunk)
        events += reader.finish()
    except ReplyError:
        return "error"
    return events


@settings(max_examples=400, deadline=None)
@given(streams, st.lists(st.integers(0, 1 << 16), max_size=8))
def test_any_stream_in_any_pieces_gives_the_same_events_or_a_reply_error(stream, cuts):
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    events = outcome([stream[a:b] for a, b in itertools.pairwise(edges)])
    assert events == outcome([stream])
    for event in events if events != "error" else []:
        assert event.kind in {"partial", "completed", "error", "done", "other"}
        assert event.kind != "error" or event.payload["error"]
        assert -1 <= event.index <= 999
