"""What is sent: the literal requests of the documented pages, and every form between them."""

from __future__ import annotations

import base64
import itertools
import json
import tracemalloc

import numpy as np
import pytest
from client.scripted import picture

from imgwidgets import catalog
from imgwidgets.catalog import ImageInput, ImageRequest, Provider, ProviderEndpoint
from imgwidgets.client import shape as shaping
from imgwidgets.client.body import Body, DataUrl, json_body, multipart_body
from imgwidgets.client.shape import form_of, other_spelling, shape, shape_upload, to_fetch, url_for
from imgwidgets.errors import ImageInputError
from imgwidgets.images import Mask, to_input

KNOWN = catalog.current()
PNG, JPEG = picture(), picture(kind="jpeg")
MASK = Mask.blank((64, 48)).rectangle((0, 0, 32, 48)).to_png()


def call(request, provider=None, base_url="https://api.example/v1", **details):
    provider = provider or KNOWN.provider(request.provider)
    model = KNOWN.model(request.model, request.provider)
    return shape(request, provider, model, base_url=base_url, **details)


def text(body):
    return b"".join(body)


def sent_json(request, **details):
    return json.loads(text(call(request, **details).body))


def form(request, **details):
    """Give the parts of a multipart body as (name, content type, content)."""
    made = call(request, **details)
    boundary = made.headers["Content-Type"].partition("boundary=")[2].encode()
    parts = []
    for part in text(made.body).split(b"--" + boundary)[1:-1]:
        head, _, content = part[2:-2].partition(b"\r\n\r\n")
        name = head.partition(b'name="')[2].partition(b'"')[0].decode()
        kind = head.partition(b"Content-Type: ")[2].decode()
        parts.append((name, kind, content if kind else content.decode()))
    return parts


def ask(provider="openai", model="gpt-image-2", endpoint="generations", prompt="a fox", **details):
    return ImageRequest(provider=provider, model=model, endpoint=endpoint, prompt=prompt, **details)


def edit(*images, **details):
    return ask(endpoint="edits", images=tuple(map(to_input, images)), **details)


def test_a_generation_is_json_with_the_apis_names():
    made = call(ask(parameters={"size": "1536x1024", "n": 2}))
    assert (made.method, made.url) == ("POST", "https://api.example/v1/images/generations")
    assert json.loads(text(made.body)) == {
        "model": "gpt-image-2",
        "prompt": "a fox",
        "size": "1536x1024",
        "n": 2,
    }
    assert made.headers["Content-Type"] == "application/json"
    assert made.headers["Content-Length"] == str(len(text(made.body)))


def test_the_page_of_kkiai_word_for_word():
    asked = edit(
        PNG,
        PNG,
        provider="kkiai",
        model="gpt-image-1",
        prompt="Merge them in one image",
        parameters={"n": "1", "size": "1024x1536"},
    )
    base = KNOWN.provider("kkiai").base_url
    made = call(asked, base_url=base)
    assert made.url == "https://www.kkiai.com/v1/images/edits"
    assert made.headers["Accept"] == "application/json"
    parts = form(asked, base_url=base)
    assert [part for part in parts if part[0] == "image"] == [("image", "image/png", PNG)] * 2
    assert {name: value for name, kind, value in parts if not kind} == {
        "prompt": "Merge them in one image",
        "model": "gpt-image-1",
        "n": "1",
        "size": "1024x1536",
    }


def test_the_page_for_any_compatible_server_word_for_word():
    said = {
        "background": "transparent",
        "input_fidelity": "high",
        "n": 1,
        "output_compression": 100,
        "output_format": "png",
        "partial_images": 0,
        "quality": "auto",
        "response_format": "url",
        "size": "1024x1024",
        "stream": False,
        "user": "someone",
    }
    asked = edit(
        PNG,
        provider="openai-compatible",
        model="gpt-image-1",
        prompt="在图片中添加一朵红色的玫瑰花",
        parameters=said,
        mask=to_input(MASK),
    )
    assert catalog.check(asked) == ()
    base = "http://sandbox.example/v1"
    assert call(asked, base_url=base).url == "http://sandbox.example/v1/images/edits"
    parts = form(asked, base_url=base)
    fields = {name: value for name, kind, value in parts if not kind}
    assert fields == {
        "prompt": "在图片中添加一朵红色的玫瑰花",
        "model": "gpt-image-1",
        **{name: str(value) for name, value in said.items()},
        "stream": "false",
    }
    assert ("mask", "image/png", MASK) in parts
    assert ("image", "image/png", PNG) in parts


def test_ttapis_newer_page_takes_json_with_image_references():
    asked = edit(
        {"image_url": "https://example.org/a.png"},
        {"file_id": "file-7"},
        PNG,
        provider="ttapi",
        mask=to_input(MASK),
        parameters={"input_fidelity": "high", "moderation": "low"},
    )
    assert catalog.check(asked) == ()
    base = KNOWN.provider("ttapi").base_url
    made = call(asked, base_url=base)
    assert made.url == "https://api.ttapi.io/v1/images/edits"
    said = json.loads(text(made.body))
    assert said["images"] == [
        {"image_url": "https://example.org/a.png"},
        {"file_id": "file-7"},
        {"image_url": "data:image/png;base64," + base64.b64encode(PNG).decode()},
    ]
    assert said["mask"] == {"image_url": "data:image/png;base64," + base64.b64encode(MASK).decode()}
    assert (said["input_fidelity"], said["moderation"], said["model"]) == ("high", "low", "gpt-image-2")


def test_ttapis_older_page_takes_files():
    assert form_of(
        edit(PNG, provider="ttapi", model="dall-e-2"),
        KNOWN.model("dall-e-2", "ttapi").endpoints["edits"].call,
    ) == ("multipart")
    assert [part[:2] for part in form(edit(PNG, provider="ttapi", model="dall-e-2"))][-1] == (
        "image",
        "image/png",
    )


def test_one_image_is_called_image_and_several_are_called_image_brackets():
    assert [name for name, kind, _ in form(edit(PNG)) if kind] == ["image"]
    assert [name for name, kind, _ in form(edit(PNG, JPEG)) if kind] == ["image[]", "image[]"]


def test_the_content_type_is_sniffed_and_never_taken_from_a_name(tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(JPEG)
    assert [kind for _, kind, _ in form(edit(path)) if kind] == ["image/jpeg"]


def test_a_refused_spelling_is_replaced():
    made = call(edit(PNG, JPEG), image_field="image")
    assert made.image_field == "image"
    assert text(made.body).count(b'name="image"') == 2
    assert (other_spelling("image"), other_spelling("image[]")) == ("image[]", "image")


def test_parameters_in_a_form_are_text_and_objects_are_spelled_with_brackets():
    said = {
        "svg": {"model": "gpt-5", "reasoning": {"effort": "low"}},
        "n": 1,
        "stream": True,
        "tags": ["a", "b"],
        "strength": 0.5,
        "nothing": None,
    }
    fields = [(name, value) for name, kind, value in form(edit(PNG, parameters=said)) if not kind]
    assert fields == [
        ("model", "gpt-image-2"),
        ("prompt", "a fox"),
        ("svg[model]", "gpt-5"),
        ("svg[reasoning][effort]", "low"),
        ("n", "1"),
        ("stream", "true"),
        ("tags[]", "a"),
        ("tags[]", "b"),
        ("strength", "0.5"),
    ]


def test_names_cannot_break_out_of_their_quotes():
    body = text(multipart_body([('a"\r\nX: y', "v")]))
    assert b'name="a%22%0D%0AX: y"' in body


FILES, URLS, BOTH = (PNG,), ("https://example.org/a.png",), (PNG, "https://example.org/a.png")
IDS, MIXED = ({"file_id": "f"},), (PNG, {"file_id": "f"})


@pytest.mark.parametrize(
    ("bodies", "images", "form", "fetched"),
    [
        (("multipart", "json"), FILES, "multipart", 0),
        (("multipart", "json"), URLS, "json", 0),
        (("multipart", "json"), BOTH, "json", 0),
        (("multipart", "json"), MIXED, "json", 0),
        (("json", "multipart"), FILES, "json", 0),
        (("json",), FILES, "json", 0),
        (("json",), BOTH, "json", 0),
        (("multipart",), FILES, "multipart", 0),
        (("multipart",), URLS, "multipart", 1),
        (("multipart",), BOTH, "multipart", 1),
    ],
)
def test_the_form_follows_from_the_inputs_and_what_the_provider_takes(bodies, images, form, fetched):
    endpoint = ProviderEndpoint(path="/images/edits", bodies=bodies)
    assert form_of(edit(*images), endpoint) == form
    assert len(to_fetch(edit(*images), endpoint)) == fetched


@pytest.mark.parametrize("images", [IDS, MIXED])
def test_a_file_id_where_only_files_are_taken_is_an_error(images):
    with pytest.raises(ImageInputError, match="takes files only"):
        to_fetch(edit(*images), ProviderEndpoint(bodies=("multipart",)))


def test_a_file_too_large_for_a_data_url_goes_as_a_file(monkeypatch):
    monkeypatch.setattr(shaping, "MAX_IMAGE_URL", 100)
    both = ProviderEndpoint(bodies=("multipart", "json"))
    assert form_of(edit(*BOTH), both) == "multipart"
    assert to_fetch(edit(*BOTH), both) == ("https://example.org/a.png",)
    with pytest.raises(ImageInputError, match=r"upload that file too: client\.upload"):
        to_fetch(edit(*MIXED), both)


def provider(**endpoint):
    edits = ProviderEndpoint(path="/images/edits", **endpoint)
    return Provider(name="somewhere", endpoints={"edits": edits})


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("object", {"image_url": "https://example.org/a.png"}),
        ("part", {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}),
        ("text", "https://example.org/a.png"),
    ],
)
def test_references_are_spelled_as_the_provider_wants(style, expected):
    where = provider(bodies=("json",), references_field="input_references", reference_style=style)
    made = shape(edit(*URLS), where, None, base_url="http://h/v1")
    assert json.loads(text(made.body))["input_references"] == [expected]
    if style != "object":
        with pytest.raises(ImageInputError, match="no file ids"):
            shape(edit(*IDS), where, None, base_url="http://h/v1")


@pytest.mark.parametrize("bodies", [("multipart",), ("json",)])
def test_a_provider_that_paints_white_gets_a_white_mask(bodies):
    where = provider(bodies=bodies, mask_field="mask_image", mask_polarity="white")
    made = shape(edit(PNG, mask=to_input(MASK)), where, None, base_url="http://h/v1")
    body = text(made.body)
    if bodies == ("json",):
        data = base64.b64decode(json.loads(body)["mask_image"]["image_url"].partition(",")[2])
    else:
        part = body.partition(b'name="mask_image"')[2].partition(b"\r\n\r\n")[2]
        data = part[: part.index(b"IEND") + 8]
    sent = Mask.from_image(data, source="white_is_edit")
    assert np.array_equal(sent.selected, Mask.from_image(MASK).selected)


def test_what_the_provider_does_not_take_is_left_out():
    where = provider(bodies=("json",), omit=("moderation",), send_model=False)
    made = shape(edit(PNG, parameters={"moderation": "low", "n": 2}), where, None, base_url="http://h/v1")
    assert set(json.loads(text(made.body))) == {"prompt", "n", "images"}


@pytest.mark.parametrize(
    ("base", "path", "query", "url"),
    [
        ("https://h/v1", "/images/edits", {}, "https://h/v1/images/edits"),
        ("https://h/v1/", "/images/edits", {}, "https://h/v1/images/edits"),
        ("https://h/v1?tenant=7", "/a", {"api-version": "v1 x"}, "https://h/v1/a?tenant=7&api-version=v1+x"),
        ("http://[::1]:8000", "/d/{model}/a", {}, "http://[::1]:8000/d/my%2Fmodel/a"),
    ],
)
def test_urls_are_joined(base, path, query, url):
    assert url_for(base, path, Provider(name="x", query=query), model="my/model") == url


def test_the_users_headers_win_over_the_providers():
    where = Provider(name="x", headers={"Accept": "a", "X-One": "1"}, endpoints=provider().endpoints)
    made = shape(edit(PNG), where, None, base_url="http://h", headers={"accept": "b", "X-Two": "2"})
    assert {k.lower(): v for k, v in made.headers.items() if k[0] in "aAX"} == {
        "accept": "b",
        "x-one": "1",
        "x-two": "2",
        "accept-encoding": "identity",
    }


def test_an_upload_names_its_purpose_and_its_file():
    made = shape_upload(to_input(PNG), KNOWN.provider("openai"), purpose="vision", base_url="https://h/v1")
    assert made.url == "https://h/v1/files"
    body = text(made.body)
    assert b'name="purpose"\r\n\r\nvision\r\n' in body
    assert PNG in body


# -- bodies -------------------------------------------------------------------------------------------


def test_a_body_can_be_written_again_and_again_and_knows_its_length():
    value = {
        "a": [DataUrl("image/png", bytes(range(256)) * 3_000), {"b": DataUrl("image/webp", b"x")}],
        "c": "é",
    }
    body = json_body(value)
    assert text(body) == text(body)
    assert body.length == len(text(body))
    read = json.loads(text(body))
    assert base64.b64decode(read["a"][0].partition(",")[2]) == bytes(range(256)) * 3_000
    assert read["a"][1]["b"] == "data:image/webp;base64,eA=="
    assert DataUrl("image/webp", b"x").length == len("data:image/webp;base64,eA==")


@pytest.mark.parametrize("length", [0, 1, 2, 3, 196_607, 196_608, 196_609, 400_000])
def test_base64_written_in_slices_is_base64_of_the_whole(length):
    data = np.random.default_rng(length).integers(0, 256, length, np.uint8).tobytes()
    read = json.loads(text(json_body({"a": DataUrl("image/png", data)})))["a"]
    assert base64.b64decode(read.partition(",")[2], validate=True) == data


@pytest.mark.parametrize("bodies", [("multipart",), ("json",)])
def test_sixteen_images_of_eight_megabytes_are_not_held_twice(bodies):
    images = tuple(
        ImageInput(data=bytes([i]) * (8 << 20), format="png", size=(64, 48), name="a.png") for i in range(16)
    )
    asked = ask(endpoint="edits", images=images)
    tracemalloc.start()
    try:
        made = shape(asked, provider(bodies=bodies), None, base_url="http://h/v1")
        total = sum(len(piece) for piece in made.body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert total == made.body.length > 16 * (8 << 20)
    assert peak < 4 << 20
    assert isinstance(made.body, Body)


def test_every_provider_of_the_catalog_can_be_asked_for_every_model_it_serves():
    made = 0
    for name in KNOWN.providers:
        for model in KNOWN.models(name):
            for endpoint in model.endpoints:
                if model.endpoints[endpoint].call.refused:
                    continue
                images = (to_input(PNG),) if endpoint == "edits" else ()
                asked = ask(name, model.name, endpoint, images=images, parameters={"n": 1})
                sent = call(asked)
                assert sent.body.length == len(text(sent.body))
                made += 1
    assert made > 50


def test_the_boundary_of_a_form_is_new_each_time():
    kinds = {multipart_body([("a", "b")]).content_type for _ in range(20)}
    assert len(kinds) == 20
    assert all(kind.startswith("multipart/form-data; boundary=") for kind in kinds)


def test_the_mark_for_files_in_json_cannot_be_met_by_a_prompt():
    texts = [json.loads(text(json_body({"prompt": p, "i": DataUrl("a/b", b"x")}))) for p in ("", "x" * 99)]
    assert [len(each["prompt"]) for each in texts] == [0, 99]
    assert not list(itertools.filterfalse(lambda each: each["i"].endswith(",eA=="), texts))
