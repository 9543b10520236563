import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgwidgets.client.found import decode_base64
from imgwidgets.client.limits import Limits
from imgwidgets.client.reader import Blob, JsonReader
from imgwidgets.client.replies import read_raw, read_reply, read_usage
from imgwidgets.errors import ReplyError

BASE = "http://127.0.0.1:30000/v1"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 2
TEXT = base64.b64encode(PNG).decode()
URL = "https://cdn.example.org/fox.png"


def read(value, **options):
    """Read a value as it comes over the wire."""
    reader = JsonReader()
    reader.feed(json.dumps(value).encode())
    return read_reply(reader.finish(), base_url=BASE, **options)


def test_an_images_reply_gives_images_usage_and_all_that_is_said_beside_them():
    reply = read(
        {
            "created": 1713833628,
            "background": "transparent",
            "output_format": "png",
            "quality": "low",
            "size": "1024x1024",
            "safety_identifier": "s",
            "svg_usage": {"model": "m", "total_tokens": 3},
            "new_key": [1, {"a": None}],
            "data": [
                {"b64_json": TEXT, "revised_prompt": "a fox, red", "generation_id": "g1"},
                {"url": URL, "b64_json": None},
            ],
            "usage": {
                "input_tokens": 13,
                "input_tokens_details": {"text_tokens": 10, "image_tokens": 3},
                "output_tokens": 272,
                "output_tokens_details": {"image_tokens": 270, "text_tokens": 2},
                "total_tokens": 285,
                "image_count": 2,
            },
        }
    )
    assert reply.shape == "images"
    assert [(image.data, image.url) for image in reply.images] == [(PNG, None), (None, URL)]
    assert reply.images[0].revised_prompt == "a fox, red"
    assert reply.images[0].extra == {"generation_id": "g1"}
    assert reply.created == 1713833628
    assert reply.extra == {
        "background": "transparent",
        "output_format": "png",
        "quality": "low",
        "size": "1024x1024",
        "safety_identifier": "s",
        "svg_usage": {"model": "m", "total_tokens": 3},
        "new_key": [1, {"a": None}],
    }
    usage = reply.usage
    assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (13, 272, 285)
    assert (usage.input_text_tokens, usage.input_image_tokens) == (10, 3)
    assert (usage.output_image_tokens, usage.output_text_tokens) == (270, 2)
    assert usage.extra == {"image_count": 2}
    assert (reply.error, reply.problems, reply.text) == (None, (), "")


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"b64_json": TEXT}, PNG),
        ({"b64_json": f"data:image/png;base64,{TEXT}"}, PNG),
        ({"b64_json": base64.encodebytes(PNG).decode()}, PNG),
        ({"b64_json": base64.urlsafe_b64encode(PNG).decode().rstrip("=")}, PNG),
        ({"b64_json": "R0lGODlh"}, b"GIF89a"),
        ({"b64_json": "", "url": URL}, URL),
        ({"b64_json": URL}, URL),
        ({"url": f"data:image/png;base64,{TEXT}"}, PNG),
        ({"url": "data:image/svg+xml,%3Csvg/%3E"}, b"<svg/>"),
        ({"url": TEXT}, PNG),
        ({"url": "/v1/images/7/content?variant=0"}, "http://127.0.0.1:30000/v1/images/7/content?variant=0"),
        ({"url": "images/7.png"}, "http://127.0.0.1:30000/v1/images/7.png"),
        ({"url": "//cdn.example.org/7"}, "http://cdn.example.org/7"),
        ({"url": "7.png"}, "http://127.0.0.1:30000/v1/7.png"),
        ({"image_url": {"url": URL}}, URL),
        ({"image_base64": TEXT}, PNG),
        ({"image": {"url": URL}}, URL),
        (URL, URL),
        (TEXT, PNG),
        ("R0lGODlhAQABAAAAACw=", base64.b64decode("R0lGODlhAQABAAAAACw=")),
    ],
)
def test_each_spelling_of_an_item_is_one_image(item, expected):
    for value in (
        {"data": [item]},
        {"images": [item]},
        {"data": item},
        [item],
        {"result": {"images": [item]}},
    ):
        reply = read(value)
        assert [image.data or image.url for image in reply.images] == [expected]


def test_what_an_item_says_of_its_format_is_kept():
    reply = read(
        {"images": [{"url": URL, "content_type": "image/png", "format": "png", "width": 64}], "seed": 7}
    )
    assert reply.shape == "fal"
    assert reply.images[0].extra == {"content_type": "image/png", "format": "png", "width": 64}
    assert reply.extra == {"seed": 7}


def test_the_same_image_twice_in_an_images_reply_is_two_images():
    assert len(read({"data": [{"b64_json": TEXT}, {"b64_json": TEXT}]}).images) == 2


def test_a_chat_reply_is_read_and_its_usage_is_mapped():
    reply = read(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "gpt-image-1",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": f"![fox]({URL})"}}],
            "usage": {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21},
        }
    )
    assert reply.shape == "chat"
    assert [image.url for image in reply.images] == [URL]
    assert (reply.usage.input_tokens, reply.usage.output_tokens, reply.usage.total_tokens) == (9, 12, 21)
    assert reply.extra == {"id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-image-1"}


def test_a_chat_reply_without_an_image_gives_its_text():
    reply = read({"choices": [{"message": {"content": "I cannot draw that."}}]})
    assert (reply.images, reply.text, reply.shape, reply.error) == ((), "I cannot draw that.", "chat", None)


def test_a_responses_reply_gives_its_image_calls():
    reply = read(
        {
            "object": "response",
            "created_at": 5,
            "output": [
                {"type": "reasoning", "summary": []},
                {
                    "type": "image_generation_call",
                    "id": "ig_1",
                    "result": TEXT,
                    "revised_prompt": "r",
                    "size": "8x8",
                },
                {"type": "message", "content": [{"type": "output_text", "text": "Done."}]},
            ],
        }
    )
    assert reply.shape == "responses"
    assert [image.data for image in reply.images] == [PNG]
    assert reply.images[0].revised_prompt == "r"
    assert reply.images[0].extra["size"] == "8x8"
    assert (reply.text, reply.created) == ("Done.", 5)


def test_a_list_of_addresses_as_output_is_images():
    assert [
        image.url for image in read({"id": "p", "status": "succeeded", "output": [URL, URL + "2"]}).images
    ] == [URL, URL + "2"]


@pytest.mark.parametrize(
    "value",
    [
        {"task_id": "t1"},
        {"id": "t1", "status": "queued"},
        {"task_id": "t1", "message": "queued", "url": "https://api.example.org/tasks/t1"},
        {"code": 200, "task_id": "t1", "data": []},
    ],
)
def test_a_task_is_no_error_and_holds_no_image(value):
    reply = read(value)
    assert (reply.shape, reply.images, reply.error) == ("task", (), None)
    assert reply.extra


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ({"error": {"message": "no", "code": "x"}}, {"message": "no", "code": "x"}),
        ({"error": "no"}, "no"),
        ({"error": {"message": "no"}, "data": None}, {"message": "no"}),
        ({"error": {"message": "no"}, "choices": []}, {"message": "no"}),
        ({"choices": [{"error": {"message": "no"}}]}, {"message": "no"}),
        ({"data": [{"error": {"message": "no"}}]}, {"message": "no"}),
        ({"detail": "no"}, {"detail": "no"}),
        ({"detail": [{"loc": ["body"], "msg": "no"}]}, {"detail": [{"loc": ["body"], "msg": "no"}]}),
        ({"message": "no"}, {"message": "no"}),
        ({"code": 1302, "msg": "no", "data": None}, {"code": 1302, "msg": "no", "data": None}),
        ({"success": False, "status": 500}, {"success": False, "status": 500}),
        ({"id": "t", "status": "failed", "message": "no"}, {"id": "t", "status": "failed", "message": "no"}),
        ({"error": {"message": "see"}, "url": "https://docs.example.org"}, {"message": "see"}),
    ],
)
def test_an_error_in_a_successful_reply_is_handed_on(value, error):
    reply = read(value)
    assert reply.error == error
    assert reply.images == ()


def test_an_image_beside_an_error_is_not_lost():
    reply = read(
        {"data": [{"b64_json": TEXT}, {"error": {"message": "blocked"}}], "error": {"message": "partly"}}
    )
    assert (len(reply.images), reply.error) == (1, None)
    assert reply.extra["error"] == {"message": "partly"}


def test_a_broken_image_beside_a_whole_one_is_a_problem_and_not_an_error():
    reply = read({"data": [{"b64_json": TEXT[:-3]}, {"b64_json": TEXT}]})
    assert [image.data for image in reply.images] == [PNG]
    assert "b64_json is not complete base64" in reply.problems[0]


@pytest.mark.parametrize("text", [TEXT[:-3], TEXT + "!", "rubbish!", "data:image/png;base64,###", "é" * 300])
def test_a_reply_with_nothing_but_broken_images_is_a_reply_error(text):
    with pytest.raises(ReplyError, match="no readable image"):
        read({"data": [{"b64_json": text}]})


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"data": []},
        {"data": [{}]},
        {"data": None},
        {"data": [None, 1, True, []]},
        {"created": 1},
        None,
        5,
        True,
        [],
        "",
        "hello",
    ],
)
def test_a_reply_without_anything_has_no_images_and_no_error(value):
    reply = read(value)
    assert (reply.images, reply.error, reply.problems) == ((), None, ())


def test_more_images_than_allowed_are_left_and_noted():
    reply = read({"data": [{"url": f"{URL}?{i}"} for i in range(9)]}, limits=Limits(images_per_reply=3))
    assert len(reply.images) == 3
    assert reply.problems == ("The reply holds more than 3 images; the rest was left.",)


def test_long_strings_beside_images_are_shortened():
    reply = read(
        {
            "data": [{"url": URL, "thumbnail": base64.b64encode(PNG * 3).decode(), "note": "x " * 9_000}],
            "echo": "y " * 9_000,
        }
    )
    assert reply.images[0].extra["thumbnail"].startswith("<")
    assert len(reply.images[0].extra["note"]) < 10_100
    assert len(reply.extra["echo"]) < 10_100


@pytest.mark.parametrize("value", ["12", 12, 12.0])
def test_token_counts_of_any_type_are_read(value):
    assert read_usage({"input_tokens": value}).input_tokens == 12


@pytest.mark.parametrize("value", [None, True, -1, 1.5e300, "many", [], {}, "9" * 40])
def test_token_counts_that_are_none_are_none(value):
    usage = read_usage({"input_tokens": value, "total_tokens": 1})
    assert usage.input_tokens is None


@pytest.mark.parametrize(
    ("data", "media_type", "count", "text"),
    [
        (PNG, "image/png", 1, ""),
        (PNG, "application/octet-stream", 1, ""),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", 1, ""),
        (b"new format", "image/x-new", 1, ""),
        (json.dumps({"data": [{"b64_json": TEXT}]}).encode(), "text/plain", 1, ""),
        (TEXT.encode(), "text/plain", 1, ""),
        (f"data:image/png;base64,{TEXT}".encode(), "text/plain", 1, ""),
        (URL.encode(), "text/plain", 1, URL),
        (
            b"<html><img src='https://x.org/logo.png'>502</html>",
            "text/html",
            0,
            "<html><img src='https://x.org/logo.png'>502</html>",
        ),
        (b"<html>not an image</html>", "image/png", 0, "<html>not an image</html>"),
        (b"upstream timed out", "text/plain", 0, "upstream timed out"),
        (b"", "image/png", 0, ""),
    ],
)
def test_a_raw_body_is_read_by_its_content(data, media_type, count, text):
    reply = read_raw(data, media_type)
    assert len(reply.images) == count
    assert reply.text == text
    if count and data[:4] == PNG[:4]:
        assert reply.images[0].data is data


junk = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=20),
        st.sampled_from(
            [
                URL,
                TEXT,
                TEXT[:-3],
                "data:image/png;base64,iVBORw0KGgo=",
                "http://[::1",
                "//",
                "/",
                "data:,",
                "file:///x",
                Blob(PNG),
                Blob(b"x", "data:text/plain;base64"),
            ]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(
                [
                    "data",
                    "images",
                    "image",
                    "choices",
                    "message",
                    "content",
                    "output",
                    "result",
                    "url",
                    "b64_json",
                    "image_url",
                    "error",
                    "usage",
                    "created",
                    "status",
                    "id",
                    "task_id",
                    "type",
                    "input_tokens",
                    "input_tokens_details",
                    "revised_prompt",
                    "success",
                    "detail",
                    "code",
                ]
            ),
            inner,
            max_size=6,
        ),
    ),
    max_leaves=20,
)


@settings(max_examples=500, deadline=None)
@given(junk)
def test_values_of_the_wrong_type_give_a_reply_or_a_reply_error(value):
    try:
        reply = read_reply(value, base_url=BASE)
    except ReplyError:
        return
    assert all(isinstance(image.data, bytes) or isinstance(image.url, str) for image in reply.images)
    assert reply.error is None or isinstance(reply.error, dict | str)
    assert isinstance(reply.extra, dict)
    assert reply.created is None or isinstance(reply.created, int)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_base64_is_decoded_in_every_spelling(data):
    plain = base64.b64encode(data).decode()
    for text in (
        plain,
        plain.rstrip("="),
        base64.urlsafe_b64encode(data).decode(),
        base64.encodebytes(data).decode(),
    ):
        assert decode_base64(text) == data
