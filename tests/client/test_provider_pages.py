"""The providers' own pages, request by request: what goes over the wire, and what the sandbox says to it.

Each page is written down once, as a :class:`Page`. Its requests are sent to a server that records them
byte by byte, and to the sandbox in that provider's role.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field

import pytest
from client.scripted import KEY, b64, images_reply, picture

import imgwidgets as iw
from imgwidgets import catalog
from imgwidgets.client.shape import shape
from imgwidgets.errors import ImageInputError, ParameterError, ReplyError
from imgwidgets.images import to_input

SIZE = (96, 96)
PNG, JPEG, WEBP = picture(SIZE), picture(SIZE, "jpeg"), picture(SIZE, "webp")
MASK = iw.Mask.blank(SIZE).rectangle((10, 10, 60, 60)).to_png()
KNOWN = catalog.current()
GPT_IMAGE = ("gpt-image-2", "gpt-image-1.5", "gpt-image-1")

# -- what the pages list ------------------------------------------------------------------------------

TTAPI_EDITS = {
    "background": ["transparent", "opaque", "auto"],
    "input_fidelity": ["high", "low"],
    "moderation": ["low", "auto"],
    "n": [1, 10],
    "output_compression": [0, 100],
    "output_format": ["png", "jpeg", "webp"],
    "partial_images": [0, 3],
    "quality": ["auto", "high", "medium", "low"],
    "size": ["1024x1024", "1536x1024", "1024x1536", "auto"],
    "stream": [True, False],
    "user": ["someone"],
}
TTAPI_GENERATIONS = {
    **{name: values for name, values in TTAPI_EDITS.items() if name != "input_fidelity"},
}
# What the page says to go together: one value needs another beside it.
BESIDE = {
    ("background", "transparent"): {"output_format": "webp"},
    ("output_compression", 0): {"output_format": "jpeg"},
    ("partial_images", 3): {"stream": True},
}
FIXED = {
    "dall-e-2": {
        "n": [1, 10],
        "quality": ["auto", "standard"],
        "response_format": ["url", "b64_json"],
        "size": ["256x256", "512x512", "1024x1024"],
        "user": ["someone"],
    },
    "dall-e-3": {
        "n": [1],
        "quality": ["auto", "hd", "standard"],
        "response_format": ["url", "b64_json"],
        "size": ["1024x1024", "1792x1024", "1024x1792"],
        "style": ["vivid", "natural"],
        "user": ["someone"],
    },
}
COMPATIBLE = {
    "gpt-image-1": {
        "background": ["transparent", "opaque", "auto"],
        "input_fidelity": ["high", "low"],
        "n": [1, 10],
        "output_compression": [0, 100],
        "output_format": ["png", "jpeg", "webp"],
        "partial_images": [0, 3],
        "quality": ["auto", "high", "medium", "low", "standard"],
        "response_format": ["url", "b64_json"],
        "size": ["1024x1024", "1536x1024", "1024x1536", "auto", "256x256", "512x512"],
        "stream": [True, False],
        "user": ["someone"],
    },
    "dall-e-2": {
        "n": [1, 10],
        "partial_images": [0, 3],
        "quality": ["auto", "high", "medium", "low", "standard"],
        "response_format": ["url", "b64_json"],
        "size": ["1024x1024", "1536x1024", "1024x1536", "auto", "256x256", "512x512"],
        "stream": [True, False],
        "user": ["someone"],
    },
}
KKIAI = {
    "background": ["transparent", "opaque", "auto"],
    "moderation": ["low", "auto"],
    "n": [1, 10],
    "quality": ["auto", "high", "medium", "low"],
    "size": ["1024x1024", "1536x1024", "1024x1536", "auto"],
}
FLUX = {
    "n": [1, 10],
    "response_format": ["url", "b64_json"],
    "size": ["1024x1024", "1536x1024", "1024x1536", "auto"],
}


@dataclass
class Page:
    """One page: who, where, which models, and the values of every parameter that it lists."""

    provider: str
    endpoint: str
    url: str
    models: dict
    longest: dict = field(default_factory=dict)  # characters of a prompt

    @property
    def name(self):
        return f"{self.provider}-{self.endpoint}"


PAGES = [
    Page(
        "ttapi",
        "edits",
        "https://api.ttapi.io/v1/images/edits",
        {**dict.fromkeys(GPT_IMAGE, TTAPI_EDITS), "dall-e-2": FIXED["dall-e-2"]},
        {**dict.fromkeys(GPT_IMAGE, 32_000), "dall-e-2": 1_000},
    ),
    Page(
        "ttapi",
        "generations",
        "https://api.ttapi.io/v1/images/generations",
        {**dict.fromkeys(GPT_IMAGE, TTAPI_GENERATIONS), **FIXED},
        {**dict.fromkeys(GPT_IMAGE, 32_000), "dall-e-2": 1_000, "dall-e-3": 4_000},
    ),
    Page("openai-compatible", "edits", "http://sandbox.mintlify.com/v1/images/edits", COMPATIBLE),
    Page(
        "kkiai",
        "edits",
        "https://www.kkiai.com/v1/images/edits",
        {
            **dict.fromkeys(["gpt-image-1", "gpt-image-1-all"], KKIAI),
            **dict.fromkeys(["flux-kontext-pro", "flux-kontext-max"], FLUX),
        },
        {"gpt-image-1": 32_000},
    ),
]

ASKED = [
    pytest.param(page, model, name, value, id=f"{page.name}-{model}-{name}={value}")
    for page in PAGES
    for model, listed in page.models.items()
    for name, values in listed.items()
    for value in values
]


def request_for(page, model, *, prompt="a fox", **parameters):
    images = (to_input(PNG),) if page.endpoint == "edits" else ()
    return iw.ImageRequest(
        provider=page.provider,
        endpoint=page.endpoint,
        model=model,
        prompt=prompt,
        parameters=parameters,
        images=images,
    )


# -- every value of every page ------------------------------------------------------------------------


@pytest.mark.parametrize(("page", "model", "name", "value"), ASKED)
def test_what_a_page_lists_is_accepted_known_and_sent(page, model, name, value):
    parameters = {name: value, **BESIDE.get((name, value), {})}
    if model.startswith("dall-e") or page.provider == "kkiai":
        parameters.pop("output_format", None)
    asked = request_for(page, model, **parameters)
    assert catalog.check(asked) == ()
    assert catalog.unknown(asked) == ()
    made = shape(
        asked, KNOWN.provider(page.provider), KNOWN.model(model, page.provider), base_url="http://h/v1"
    )
    body = b"".join(made.body)
    spelled = json.dumps(value, ensure_ascii=False) if isinstance(value, bool) else str(value)
    said = (
        json.loads(body)[name]
        if made.headers["Content-Type"] == "application/json"
        else body.partition(f'name="{name}"\r\n\r\n'.encode())[2].partition(b"\r\n")[0].decode()
    )
    assert said == (value if made.headers["Content-Type"] == "application/json" else spelled)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_longest_prompt_of_a_page_passes_and_one_character_more_does_not(page):
    for model, most in page.longest.items():
        assert catalog.check(request_for(page, model, prompt="x" * most)) == ()
        [problem] = catalog.check(request_for(page, model, prompt="x" * (most + 1)))
        assert problem.parameter == "prompt"


@pytest.mark.parametrize(
    ("page", "model", "parameters"),
    [
        (PAGES[1], "dall-e-3", {"n": 2}),
        (PAGES[1], "gpt-image-1", {"response_format": "url"}),
        (PAGES[1], "gpt-image-1", {"style": "vivid"}),
        (PAGES[1], "gpt-image-2", {"n": 11}),
        (PAGES[1], "gpt-image-2", {"size": "1000x1000"}),
        (PAGES[1], "gpt-image-2", {"size": "3200x1024"}),
        (PAGES[1], "gpt-image-2", {"background": "transparent", "output_format": "jpeg"}),
        (PAGES[1], "gpt-image-2", {"partial_images": 2}),
        (PAGES[1], "dall-e-2", {"size": "1792x1024"}),
        (PAGES[0], "gpt-image-2", {"size": "2048x2048"}),
        (PAGES[0], "gpt-image-2", {"input_fidelity": "medium"}),
        (PAGES[2], "dall-e-2", {"background": "opaque"}),
        (PAGES[2], "dall-e-2", {"input_fidelity": "low"}),
        (PAGES[2], "gpt-image-1", {"quality": "hd"}),
        (PAGES[3], "gpt-image-1", {"response_format": "url"}),
    ],
)
def test_what_a_page_rules_out_is_refused(page, model, parameters):
    problems = catalog.check(request_for(page, model, **parameters))
    assert problems[0].parameter in parameters


@pytest.mark.parametrize("size", ["16x16", "256x256", "512x512", "4096x4096", "1024x3072", "3072x1024"])
def test_ttapis_free_sizes_have_no_limit_of_pixels(size):
    assert catalog.check(request_for(PAGES[1], "gpt-image-2", size=size)) == ()


# -- word for word, over HTTP ---------------------------------------------------------------------------


@pytest.fixture
def ask(server):
    """Give a client of a provider whose address is the recording server's."""
    made = []

    def start(provider, **options):
        made.append(iw.Client(provider, base_url=server.base_url, api_key=KEY, **options))
        return made[-1]

    server.json(images_reply())
    yield start
    for client in made:
        client.close()


def fields_of(received):
    return {name: content.decode() for name, _, kind, content in received.form if kind is None}


def files_of(received):
    return [(name, kind, content) for name, _, kind, content in received.form if kind is not None]


def data_url(data, kind="png"):
    return f"data:image/{kind};base64,{b64(data)}"


@pytest.mark.parametrize("model", GPT_IMAGE)
def test_ttapi_edits_take_json_with_references_and_every_parameter(server, ask, model):
    said = {
        "background": "opaque",
        "input_fidelity": "high",
        "moderation": "low",
        "n": 2,
        "output_compression": 80,
        "output_format": "webp",
        "quality": "medium",
        "size": "1536x1024",
        "user": "someone",
    }
    ask("ttapi").edit(
        ["https://example.org/a.png", {"file_id": "file-7"}],
        "a hat",
        mask={"file_id": "file-8"},
        model=model,
        **said,
    )
    [received] = server.requests
    assert (received.method, received.target) == ("POST", "/v1/images/edits")
    assert received.headers["authorization"] == f"Bearer {KEY}"
    assert received.headers["content-type"] == "application/json"
    assert received.json == {
        "model": model,
        "prompt": "a hat",
        "images": [{"image_url": "https://example.org/a.png"}, {"file_id": "file-7"}],
        "mask": {"file_id": "file-8"},
        **said,
    }


def test_ttapi_edits_of_local_pixels_of_the_newer_models_are_data_urls(server, ask):
    ask("ttapi").edit([PNG, JPEG, WEBP], "merge them", mask=iw.Mask.from_image(MASK), model="gpt-image-2")
    said = server.requests[0].json
    assert said["images"] == [
        {"image_url": data_url(PNG)},
        {"image_url": data_url(JPEG, "jpeg")},
        {"image_url": data_url(WEBP, "webp")},
    ]
    assert set(said["mask"]) == {"image_url"}
    assert said["mask"]["image_url"].startswith("data:image/png;base64,")


def test_ttapi_edits_stream_with_the_number_of_partials(server, ask):
    server.script.clear()
    server.events({"type": "image_edit.completed", "b64_json": b64(PNG)})
    *_, result = ask("ttapi").edit_stream({"file_id": "file-7"}, "a hat", partial_images=3)
    assert result[0].bytes == PNG
    said = server.requests[0].json
    assert (said["stream"], said["partial_images"]) == (True, 3)
    assert "text/event-stream" in server.requests[0].headers["accept"]


def test_ttapi_edits_take_sixteen_images_and_no_seventeenth(server, ask):
    client = ask("ttapi")
    client.edit([PNG] * 16, "merge them")
    assert len(server.requests[0].json["images"]) == 16
    with pytest.raises(ImageInputError, match="at most 16"):
        client.edit([PNG] * 17, "merge them")


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (
            "gpt-image-1",
            {
                "n": 2,
                "quality": "high",
                "size": "1024x1536",
                "output_format": "webp",
                "output_compression": 60,
            },
        ),
        ("dall-e-2", {"n": 2, "quality": "standard", "size": "512x512", "response_format": "url"}),
    ],
)
def test_ttapis_older_page_takes_files_with_every_parameter(server, ask, model, said):
    ask("ttapi").edit(PNG, "a hat", mask=iw.Mask.from_image(MASK), model=model, **said)
    [received] = server.requests
    assert received.target == "/v1/images/edits"
    assert received.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert received.headers["authorization"] == f"Bearer {KEY}"
    assert fields_of(received) == {
        "model": model,
        "prompt": "a hat",
        **{name: str(value) for name, value in said.items()},
    }
    image, mask = files_of(received)
    assert image == ("image", "image/png", PNG)
    assert mask[:2] == ("mask", "image/png")


def test_ttapis_older_page_takes_several_files_of_gpt_image_1(server, ask):
    ask("ttapi").edit([PNG, JPEG, WEBP], "merge them", model="gpt-image-1")
    assert files_of(server.requests[0]) == [
        ("image[]", "image/png", PNG),
        ("image[]", "image/jpeg", JPEG),
        ("image[]", "image/webp", WEBP),
    ]


@pytest.mark.parametrize(("provider", "model"), [("ttapi", "gpt-image-1"), ("kkiai", "gpt-image-1")])
def test_files_above_25_mb_are_refused_with_both_figures(server, ask, provider, model):
    large = PNG + bytes(25 * 1024 * 1024 - len(PNG))
    client = ask(provider)
    client.edit(large, "a hat", model=model)
    with pytest.raises(ImageInputError, match=r"26,214,401 bytes.*26,214,400"):
        client.edit(large + b"\0", "a hat", model=model)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("image", "says"),
    [
        (picture((96, 64)), "squares only"),
        (JPEG, "jpeg file, but dall-e-2 takes png"),
        (PNG + bytes(4 * 1024 * 1024), "at most 4,194,304"),
        ([PNG, PNG], "at most 1"),
    ],
)
@pytest.mark.parametrize("provider", ["ttapi", "openai-compatible"])
def test_dall_e_2_takes_one_square_png_below_4_mb(server, ask, provider, image, says):
    with pytest.raises(ImageInputError, match=says):
        ask(provider).edit(image, "a hat", model="dall-e-2")
    assert server.requests == []


@pytest.mark.parametrize(
    ("model", "said"),
    [
        *[
            (
                model,
                {
                    "background": "transparent",
                    "moderation": "low",
                    "n": 3,
                    "output_compression": 40,
                    "output_format": "webp",
                    "quality": "high",
                    "size": "1024x1536",
                    "stream": False,
                    "user": "someone",
                },
            )
            for model in GPT_IMAGE
        ],
        (
            "dall-e-3",
            {"n": 1, "quality": "hd", "response_format": "url", "size": "1792x1024", "style": "natural"},
        ),
        ("dall-e-2", {"n": 10, "quality": "standard", "response_format": "b64_json", "size": "256x256"}),
    ],
)
def test_ttapi_generations_with_every_parameter_of_each_model(server, ask, model, said):
    ask("ttapi").generate("a fox", model=model, **said)
    [received] = server.requests
    assert (received.method, received.target) == ("POST", "/v1/images/generations")
    assert received.headers["content-type"] == "application/json"
    assert received.headers["authorization"] == f"Bearer {KEY}"
    assert received.json == {"model": model, "prompt": "a fox", **said}


CURL = {  # of the page for any compatible server; `image.0` and `image.1.items` are its generator's artefacts
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
ROSE = "在图片中添加一朵红色的玫瑰花"


def test_the_compatible_servers_curl_word_for_word_and_its_reply(server, ask):
    server.script.clear()
    said = {
        "created": 1589478378,
        "background": "auto",
        "output_format": "png",
        "quality": "high",
        "size": "1024x1024",
        "data": [{"url": f"{server.origin}/edited-image.png"}],
        "usage": {
            "input_tokens": 18,
            "input_tokens_details": {"image_tokens": 5, "text_tokens": 13},
            "output_tokens": 1,
            "total_tokens": 19,
        },
    }
    server.json(said).answer(body=PNG, headers={"Content-Type": "image/png"})
    result = ask("openai-compatible").edit(
        PNG, ROSE, mask=iw.Mask.from_image(MASK), model="gpt-image-1", **CURL
    )
    received, fetched = server.requests
    assert (received.method, received.target) == ("POST", "/v1/images/edits")
    assert received.headers["authorization"] == f"Bearer {KEY}"
    assert received.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert fields_of(received) == {
        "prompt": ROSE,
        "background": "transparent",
        "input_fidelity": "high",
        "model": "gpt-image-1",
        "n": "1",
        "output_compression": "100",
        "output_format": "png",
        "partial_images": "0",
        "quality": "auto",
        "response_format": "url",
        "size": "1024x1024",
        "stream": "false",
        "user": "someone",
    }
    image, mask = files_of(received)
    assert image == ("image", "image/png", PNG)
    assert mask[:2] == ("mask", "image/png")
    assert (fetched.method, fetched.target) == ("GET", "/edited-image.png")
    assert result[0].bytes == PNG
    assert result.created == 1589478378
    assert (result.usage.input_image_tokens, result.usage.input_text_tokens) == (5, 13)
    assert (result.usage.output_tokens, result.usage.total_tokens) == (1, 19)
    assert {name: result.extra[name] for name in ("background", "output_format", "quality", "size")} == {
        name: said[name] for name in ("background", "output_format", "quality", "size")
    }


@pytest.mark.parametrize("quality", ["hd", "standard"])
def test_the_compatible_servers_reply_may_name_qualities_that_the_model_does_not_have(server, ask, quality):
    server.script.clear()
    server.json(images_reply(quality=quality, background="auto"))
    result = ask("openai-compatible").edit(PNG, "a hat", model="gpt-image-1")
    assert result.extra["quality"] == quality


def test_kkiais_curl_word_for_word(server, ask):
    ask("kkiai").edit([PNG, WEBP], "Merge them in one image", model="gpt-image-1", n=1, size="1024x1536")
    [received] = server.requests
    assert (received.method, received.target) == ("POST", "/v1/images/edits")
    assert received.headers["accept"] == "application/json"
    assert received.headers["authorization"] == f"Bearer {KEY}"
    assert received.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert fields_of(received) == {
        "prompt": "Merge them in one image",
        "model": "gpt-image-1",
        "n": "1",
        "size": "1024x1536",
    }
    assert files_of(received) == [("image", "image/png", PNG), ("image", "image/webp", WEBP)]


@pytest.mark.parametrize("model", ["gpt-image-1", "gpt-image-1-all", "flux-kontext-pro", "flux-kontext-max"])
def test_all_of_kkiais_models_go_to_its_one_route_with_a_mask(server, ask, model):
    ask("kkiai").edit(PNG, "a hat", mask=iw.Mask.from_image(MASK), model=model)
    assert fields_of(server.requests[0])["model"] == model
    assert [part[:2] for part in files_of(server.requests[0])] == [
        ("image", "image/png"),
        ("mask", "image/png"),
    ]


def chat(content):
    """Give kkiai's documented reply with another content."""
    message = {"role": "assistant", "content": content}
    return {
        "id": "chatcmpl-123",
        "object": "chat.completion",
        "created": 1677652288,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21},
    }


def test_kkiais_reply_is_a_chat_completion_with_a_picture_in_it(server, ask):
    server.script.clear()
    server.json(chat(f"Here it is: ![image]({data_url(WEBP, 'webp')})"))
    result = ask("kkiai").edit(PNG, "a hat")
    assert (result[0].bytes, result[0].format) == (WEBP, "webp")
    assert (result.usage.input_tokens, result.usage.output_tokens, result.usage.total_tokens) == (9, 12, 21)
    assert (result.created, result.extra["id"]) == (1677652288, "chatcmpl-123")


def test_kkiais_documented_reply_has_no_picture_so_its_words_are_shown(server, ask):
    server.script.clear()
    server.json(chat("\n\nHello there, how may I assist you today?"))
    with pytest.raises(ReplyError, match="Hello there, how may I assist you today") as caught:
        ask("kkiai").edit(PNG, "a hat")
    assert caught.value.maybe_billed
    assert len(server.requests) == 1


def test_kkiais_reply_may_be_images_shaped_as_well(server, ask):
    server.script.clear()
    server.json(images_reply(WEBP))
    assert ask("kkiai").edit(PNG, "a hat", model="gpt-image-1-all")[0].bytes == WEBP


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_address_of_a_page_is_the_catalogs(page):
    provider = KNOWN.provider(page.provider)
    base = provider.base_url or "http://sandbox.mintlify.com/v1"
    asked = request_for(page, next(iter(page.models)))
    model = KNOWN.model(asked.model, page.provider)
    assert shape(asked, provider, model, base_url=base).url == page.url


# -- the same requests, answered by the sandbox ----------------------------------------------------------


@contextlib.contextmanager
def playing(provider, **options):
    """Give a running sandbox in the role of one provider, and a client of it."""
    with (
        iw.Sandbox(provider=provider, **options) as sandbox,
        iw.Client(provider, base_url=sandbox.base_url, api_key=KEY) as client,
    ):
        yield sandbox, client


def last_post(sandbox):
    return next(one for one in reversed(list(sandbox.requests)) if one.method == "POST")


def test_the_sandbox_plays_ttapi():
    with playing("ttapi") as (sandbox, client):
        uploaded = client.upload(PNG)
        [edited] = client.edit(
            uploaded,
            "a red fox",
            mask={"file_id": client.upload(MASK)["file_id"]},
            input_fidelity="high",
            moderation="low",
            size="1024x1024",
            quality="low",
            output_format="webp",
            output_compression=50,
            user="someone",
        )
        assert (edited.format, edited.size) == ("webp", (1024, 1024))
        assert last_post(sandbox).kind == "json"
        assert last_post(sandbox).fields["images"] == [uploaded]

        made = client.edit(PNG, "a red fox", model="dall-e-2", size="256x256", response_format="url")
        assert (made[0].format, made[0].size) == ("png", (256, 256))
        assert last_post(sandbox).kind == "multipart"
        assert [(file.field, file.content_type) for file in last_post(sandbox).files] == [
            ("image", "image/png")
        ]

        drawn = client.generate("a red fox", model="gpt-image-2", size="256x256", quality="low")
        assert drawn[0].size == (256, 256)
        assert drawn.usage.total_tokens > 0


def test_the_sandbox_plays_any_compatible_server():
    said = {**CURL, "size": "256x256"}
    with playing("openai-compatible") as (sandbox, client):
        result = client.edit(PNG, ROSE, mask=iw.Mask.from_image(MASK), model="gpt-image-1", **said)
        assert (result[0].format, result[0].size) == ("png", (256, 256))
        posted, fetched = list(sandbox.requests)[-2:]
    assert set(posted.fields) == {"model", "prompt", *said}
    assert posted.fields["prompt"] == ROSE
    assert {file.field for file in posted.files} == {"image", "mask"}
    assert fetched.path.startswith("/v1/results/")  # response_format=url was honoured
    assert result.usage.total_tokens > 0


def test_the_sandbox_plays_kkiai():
    with playing("kkiai") as (sandbox, client):
        result = client.edit([PNG, PNG], "Merge them in one image", n=1, size="1024x1536", quality="low")
        posted = last_post(sandbox)
    assert result[0].size == (1024, 1536)
    assert posted.headers["accept"] == "application/json"
    assert posted.headers["authorization"] == "Bearer ***"
    assert (posted.fields["model"], posted.fields["n"]) == ("gpt-image-1", "1")
    assert [file.field for file in posted.files] == ["image", "image"]
    assert result.extra["object"] == "chat.completion"


def test_the_sandbox_plays_kkiais_refusal_in_words():
    with (
        playing("kkiai", reply="chat_text") as (_, client),
        pytest.raises(ReplyError, match="I cannot draw this"),
    ):
        client.edit(PNG, "a hat", model="flux-kontext-pro", size="256x256")


@pytest.mark.parametrize("provider", ["ttapi", "openai-compatible", "kkiai"])
def test_what_a_page_rules_out_is_found_before_it_is_sent(provider):
    with playing(provider) as (sandbox, client):
        with pytest.raises(ParameterError, match="1792x1024"):
            client.edit(PNG, "a hat", model="gpt-image-1", size="1792x1024")
        assert len(sandbox.requests) == 0
