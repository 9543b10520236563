"""The shapes in which providers answer, and JSON with pictures in it."""

from __future__ import annotations

import base64
import json
import re

import httpx
import pytest

from imgwidgets.sandbox import REPLIES
from imgwidgets.sandbox import replies as replies_module
from imgwidgets.sandbox.bounds import BASE64_CHUNK
from imgwidgets.sandbox.pieces import Base64, Inline, join, json_pieces, length, sse_pieces

LOW = {"model": "gpt-image-2", "prompt": "a red fox", "size": "1024x640", "quality": "low"}
DATA_URL = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]+)")


@pytest.fixture(scope="module")
def right(call, pictures):
    return pictures.of(call.generate(**LOW, n=2))


def asked(calling, reply):
    answer = calling(reply=reply).generate(**LOW, n=2)
    assert answer.status_code == 200
    return answer


def fetched(urls):
    return [httpx.get(url).content for url in urls]


def test_the_table_in_the_documentation_names_every_shape_and_no_other():
    documented = re.findall(r"^``(\w+)``", replies_module.__doc__, flags=re.MULTILINE)
    assert documented == list(REPLIES)


def test_images_with_urls(calling):
    answer = asked(calling, "url").json()
    assert "usage" in answer
    assert [set(entry) for entry in answer["data"]] == [{"url"}] * 2


def test_urls_work_while_the_sandbox_runs(calling, right):
    call = calling(reply="url")
    urls = [entry["url"] for entry in call.generate(**LOW, n=2).json()["data"]]
    assert fetched(urls) == right


def test_relative_urls_are_relative_to_the_servers_root(calling, right):
    call = calling(reply="relative_url")
    urls = [entry["url"] for entry in call.generate(**LOW, n=2).json()["data"]]
    assert all(url.startswith("/v1/results/") for url in urls)
    root = call.sandbox.base_url.removesuffix("/v1")
    assert fetched(root + url for url in urls) == right


def test_a_chat_completion_links_its_pictures_in_markdown(calling, right):
    call = calling(reply="chat")
    answer = call.generate(**LOW, n=2).json()
    assert answer["object"] == "chat.completion"
    [choice] = answer["choices"]
    assert (choice["finish_reason"], choice["message"]["role"]) == ("stop", "assistant")
    assert fetched(re.findall(r"!\[[^]]*\]\((http[^)]+)\)", choice["message"]["content"])) == right
    usage = answer["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 0


def content(calling, reply):
    return asked(calling, reply).json()["choices"][0]["message"]


def test_a_chat_completion_with_data_urls(calling, right):
    found = DATA_URL.findall(content(calling, "chat_data")["content"])
    assert [base64.b64decode(text) for text in found] == right


def test_a_chat_completion_with_images_beside_its_text(calling, right):
    message = content(calling, "chat_images")
    found = [DATA_URL.fullmatch(entry["image_url"]["url"])[1] for entry in message["images"]]
    assert [base64.b64decode(text) for text in found] == right
    assert isinstance(message["content"], str)


def test_a_chat_completion_in_parts(calling, right):
    parts = content(calling, "chat_parts")["content"]
    found = [DATA_URL.fullmatch(part["image_url"]["url"])[1] for part in parts if part["type"] == "image_url"]
    assert [base64.b64decode(text) for text in found] == right


def test_a_chat_completion_in_html(calling):
    assert len(re.findall(r'<img src="http://127[^"]+"', content(calling, "chat_html")["content"])) == 2


def test_a_chat_completion_that_is_base64_or_json(calling, right):
    assert base64.b64decode(content(calling, "chat_base64")["content"], validate=True) == right[0]
    inner = json.loads(content(calling, "chat_json")["content"])
    assert [base64.b64decode(entry["b64_json"]) for entry in inner["data"]] == right


def test_a_chat_completion_without_a_picture(calling):
    assert "http" not in content(calling, "chat_text")["content"]


def test_fal_gives_sizes_and_types_with_its_urls(calling, right):
    call = calling(reply="fal")
    images = call.generate(**LOW, n=2).json()["images"]
    assert [(entry["width"], entry["height"], entry["content_type"]) for entry in images] == [
        (1024, 640, "image/png")
    ] * 2
    assert fetched(entry["url"] for entry in images) == right


def test_openrouter_tells_type_and_cost(calling, right):
    answer = asked(calling, "openrouter").json()
    assert [entry["media_type"] for entry in answer["data"]] == ["image/png"] * 2
    assert [base64.b64decode(entry["b64_json"]) for entry in answer["data"]] == right
    assert answer["usage"]["cost"] > 0


def test_the_responses_api_has_calls_in_its_output(calling, right):
    output = asked(calling, "responses").json()["output"]
    assert [
        base64.b64decode(entry["result"]) for entry in output if entry["type"] == "image_generation_call"
    ] == right


def test_raw_is_the_first_picture_itself(calling, right):
    answer = asked(calling, "raw")
    assert answer.headers["content-type"] == "image/png"
    assert answer.content == right[0]


def test_a_provider_whose_page_documents_chat_answers_with_chat(calling, pictures):
    call = calling("kkiai")
    photo = pictures.png(pictures.noise((512, 512)))
    reply = call.edit(files={"image": ("a.png", photo, "image/png")}, model="gpt-image-1", prompt="a hat")
    assert reply.json()["object"] == "chat.completion"


def test_a_model_that_takes_a_style_tells_the_prompt_it_used(call):
    reply = call.generate(
        model="dall-e-3", prompt="a fox", style="natural", response_format="b64_json"
    ).json()
    assert reply["data"][0]["revised_prompt"] == "a fox"


def test_response_format_decides_where_a_model_takes_it(call, pictures):
    link = call.generate(**{**pictures.small, "response_format": "url"}).json()["data"][0]
    assert set(link) == {"url"}
    assert fetched([link["url"]]) == pictures.of(call.generate(**pictures.small))


# -- JSON with pictures in it ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "size", [0, 1, 2, 3, 100, BASE64_CHUNK - 1, BASE64_CHUNK, BASE64_CHUNK + 1, 3 * BASE64_CHUNK + 2]
)
def test_base64_is_written_in_pieces_of_the_length_that_was_told(size):
    data = bytes(index % 251 for index in range(size))
    piece = Base64(data)
    assert b"".join(piece.written()) == base64.b64encode(data)
    assert len(piece) == len(base64.b64encode(data))


def test_pieces_are_the_json_that_they_stand_for():
    value = {
        "": None,
        'a "b"\n\\': [1, -2.5, True, False, None, [], {}, "ü\u2028\x00"],
        "picture": Inline(("data:image/png;base64,", b"\x00\xff" * 1000, ' "end"\n')),
        "empty": Inline(()),
        "nested": {"list": [Inline((b"abc",)), {"x": (1, 2)}]},
    }
    pieces = json_pieces(value)
    text = join(pieces)
    assert length(pieces) == len(text)
    read = json.loads(text)
    coded = base64.b64encode(b"\x00\xff" * 1000).decode()
    assert read["picture"] == f'data:image/png;base64,{coded} "end"\n'
    assert (read["empty"], read["nested"]) == ("", {"list": ["YWJj", {"x": [1, 2]}]})
    plain = {key: entry for key, entry in value.items() if key not in ("picture", "empty", "nested")}
    assert {key: read[key] for key in plain} == plain


def test_an_event_is_one_line_of_data_however_large_its_picture():
    text = join(sse_pieces({"type": "x", "b64_json": Inline((bytes(1_000_000),))}, event="x"))
    assert text.startswith(b"event: x\ndata: {")
    assert text.endswith(b"}\n\n")
    assert text.count(b"\n") == 3


def test_a_reply_tells_its_length(call):
    reply = call.generate(**LOW, n=2)
    assert int(reply.headers["content-length"]) == len(reply.content)
