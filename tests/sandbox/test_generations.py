"""POST /v1/images/generations: what is accepted, refused, drawn and reported."""

from __future__ import annotations

import hashlib
import json

import httpx
import numpy as np
import pytest

from imgwidgets.catalog import current, models, parse_size
from imgwidgets.catalog.values import ProviderEndpoint

LOW = {"model": "gpt-image-2", "prompt": "a red fox in snow", "size": "1024x640", "quality": "low"}


def test_a_picture_comes_back_as_a_png_of_the_size_that_was_asked(call, pictures):
    [data] = pictures.of(call.generate(**LOW))
    picture = pictures.opened(data)
    assert (picture.format, picture.size, picture.mode) == ("PNG", (1024, 640), "RGB")
    assert pictures.array(data).std() > 10


@pytest.mark.parametrize("model", [model.name for model in models("sandbox", "generations")])
def test_every_model_of_the_catalog_is_served_with_nothing_but_a_prompt(call, pictures, model):
    reply = call.generate(model=model, prompt="a boat", quality="low") if "gpt" in model else None
    reply = reply or call.generate(model=model, prompt="a boat", response_format="b64_json")
    [data] = pictures.of(reply)
    assert pictures.opened(data).size == (1024, 1024)


def test_a_dated_name_of_a_model_is_the_model(call, pictures):
    assert pictures.of(call.generate(**{**LOW, "model": "gpt-image-2-2026-04-21"})) == pictures.of(
        call.generate(**LOW)
    )


def test_without_a_model_the_providers_default_draws(call, pictures):
    body = {key: value for key, value in LOW.items() if key != "model"}
    default = current().provider("sandbox").default_model
    assert pictures.of(call.generate(**body)) == pictures.of(call.generate(**body, model=default))


def test_the_same_request_gives_the_same_bytes_and_each_of_n_is_another_take(call, calling, pictures):
    first = pictures.of(call.generate(**LOW, n=3))
    again = pictures.of(calling().generate(**LOW, n=3))
    assert first == again
    assert len({hashlib.sha256(data).hexdigest() for data in first}) == 3


@pytest.mark.parametrize(("asked", "format_name"), [("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WEBP")])
def test_the_format_that_was_asked_is_the_format_that_comes(call, pictures, asked, format_name):
    reply = call.generate(**LOW, output_format=asked)
    assert pictures.opened(pictures.of(reply)[0]).format == format_name
    assert reply.json()["output_format"] == asked


@pytest.mark.parametrize("output_format", ["jpeg", "webp"])
def test_a_lower_output_compression_makes_smaller_files(call, pictures, output_format):
    sizes = [
        len(pictures.of(call.generate(**LOW, output_format=output_format, output_compression=level))[0])
        for level in (10, 60, 95)
    ]
    assert sizes[0] < sizes[1] < sizes[2]


@pytest.mark.parametrize("output_format", ["png", "webp"])
def test_a_transparent_background_is_really_transparent(call, pictures, output_format):
    reply = call.generate(**LOW, background="transparent", output_format=output_format)
    alpha = pictures.array(pictures.of(reply)[0])[..., 3]
    assert (alpha == 0).mean() > 0.2
    assert (alpha == 255).any()
    assert reply.json()["background"] == "transparent"


def test_a_gif_has_the_frames_and_the_pace_that_were_asked(call, pictures):
    reply = call.generate(
        model="gpt-image-2.6-flare",
        prompt="a boat",
        size="512x288",
        quality="low",
        output_format="gif",
        frame_count=4,
        frame_duration_ms=124,
    )
    picture = pictures.opened(pictures.of(reply)[0])
    assert (picture.format, picture.size, picture.n_frames) == ("GIF", (512, 288), 4)
    assert picture.info["duration"] == 120
    frames = []
    for index in range(4):
        picture.seek(index)
        frames.append(np.asarray(picture.convert("RGB")))
    assert any((frames[0] != frame).any() for frame in frames[1:])


def test_an_svg_is_a_drawing_with_its_own_usage(call, pictures):
    reply = call.generate(
        model="gpt-image-2.6-sunburst", prompt="a boat", size="1024x640", quality="low", output_format="svg"
    )
    [data] = pictures.of(reply)
    text = data.decode()
    assert text.lstrip().startswith(("<svg", "<?xml"))
    assert "<image" not in text
    assert "<script" not in text
    assert 'width="1024"' in text
    usage = reply.json()["svg_usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"] + usage["reasoning_tokens"]


# -- size auto ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "size"),
    [
        ("a red fox", "1024x1024"),
        ("a wide panorama of the Alps", "1536x1024"),
        ("a tall lighthouse, vertical poster", "1024x1536"),
    ],
)
def test_size_auto_is_chosen_from_the_words(call, pictures, prompt, size):
    reply = call.generate(model="gpt-image-2", prompt=prompt, quality="low")
    assert reply.json()["size"] == size
    assert pictures.opened(pictures.of(reply)[0]).size == parse_size(size)


def test_quality_auto_is_reported_as_what_it_was(call):
    reply = call.generate(model="gpt-image-2", prompt="a fox", size="1024x640").json()
    assert reply["quality"] == "medium"


# -- usage ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "size", "quality", "tokens"),
    [
        ("gpt-image-2", "1024x1024", "low", 196),
        ("gpt-image-2", "1536x1024", "medium", 1372),
        ("gpt-image-2.5-flare", "1024x1024", "xhigh", 3122),
        ("gpt-image-1", "1536x1024", "low", 400),
        ("gpt-image-1.5", "1024x1536", "high", 6240),
    ],
)
def test_usage_is_what_the_published_figures_say(call, model, size, quality, tokens):
    prompt = "a fox " * 10
    usage = call.generate(model=model, prompt=prompt, size=size, quality=quality, n=2).json()["usage"]
    assert usage["output_tokens"] == 2 * tokens
    assert usage["output_tokens_details"] == {"image_tokens": 2 * tokens, "text_tokens": 0}
    assert usage["input_tokens"] == len(prompt) / 4
    assert usage["input_tokens_details"] == {"text_tokens": len(prompt) / 4, "image_tokens": 0}
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


def test_models_that_are_billed_by_the_picture_report_no_tokens(call, pictures):
    reply = call.generate(**pictures.small).json()
    assert set(reply) == {"created", "data"}


def test_the_safety_identifier_is_echoed_and_wins_over_user(call):
    reply = call.generate(**LOW, user="older", safety_identifier="newer").json()
    assert reply["safety_identifier"] == "newer"
    assert call.generate(**LOW, user="older").json()["safety_identifier"] == "older"


# -- refusals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({}, (400, "prompt", "missing_required_parameter")),
        ({"prompt": ""}, (400, "prompt", "missing_required_parameter")),
        ({"prompt": None}, (400, "prompt", "missing_required_parameter")),
        ({"prompt": 7}, (400, "prompt", "invalid_type")),
        ({"prompt": "x" * 32_001}, (400, "prompt", "string_above_max_length")),
        ({"prompt": "a", "model": "gpt-image-9"}, (404, "model", "model_not_found")),
        ({"prompt": "a", "model": 7}, (400, "model", "invalid_type")),
        ({"prompt": "a", "model": "flux-kontext-pro"}, (400, "model", "invalid_value")),
        ({"prompt": "a", "size": "1000x1000"}, (400, "size", "invalid_value")),
        ({"prompt": "a", "size": 1024}, (400, "size", "invalid_value")),
        ({"prompt": "a", "size": [1024, 1024]}, (400, "size", "invalid_value")),
        ({"prompt": "a", "quality": "hd"}, (400, "quality", "invalid_value")),
        ({"prompt": "a", "quality": ["low"]}, (400, "quality", "invalid_value")),
        ({"prompt": "a", "n": 0}, (400, "n", "integer_below_min_value")),
        ({"prompt": "a", "n": 11}, (400, "n", "integer_above_max_value")),
        ({"prompt": "a", "n": "2"}, (400, "n", "invalid_type")),
        ({"prompt": "a", "n": True}, (400, "n", "invalid_type")),
        ({"prompt": "a", "n": 1.5}, (400, "n", "invalid_type")),
        ({"prompt": "a", "stream": "yes"}, (400, "stream", "invalid_type")),
        ({"prompt": "a", "response_format": "url"}, (400, "response_format", "unknown_parameter")),
        ({"prompt": "a", "seed": 1}, (400, "seed", "unknown_parameter")),
        ({"prompt": "a", "image": "x"}, (400, "image", "unknown_parameter")),
        (
            {"prompt": "a", "background": "transparent", "output_format": "jpeg"},
            (400, "output_format", "invalid_value"),
        ),
        ({"prompt": "a", "output_compression": 50}, (400, "output_compression", None)),
        ({"prompt": "a", "partial_images": 2}, (400, "partial_images", None)),
        ({"prompt": "a", "model": "dall-e-3", "n": 2}, (400, "n", "integer_above_max_value")),
        ({"prompt": "a", "model": "dall-e-2", "style": "vivid"}, (400, "style", "unknown_parameter")),
    ],
)
def test_what_the_real_api_refuses_is_refused_in_its_shape(call, pictures, body, answer):
    status, param, code = answer
    error = pictures.error(
        call.http.post("/images/generations", json={"model": "gpt-image-2", **body}), status
    )
    assert error["type"] == "invalid_request_error"
    assert error["param"] == param
    assert code is None or error["code"] == code


def test_a_refusal_names_the_nearest_valid_value(call, pictures):
    assert (
        "1008x1008"
        in pictures.error(call.generate(model="gpt-image-2", prompt="a", size="1000x1000"), 400)["message"]
    )
    assert "'gpt-image-2'" in pictures.error(call.generate(model="gpt-imge-2", prompt="a"), 404)["message"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b'{"prompt": "a"',
        b"\xff\xfe",
        b'{"prompt": NaN}',
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_no_json_object_is_a_400(call, pictures, body):
    reply = call.http.post("/images/generations", content=body, headers={"content-type": "application/json"})
    pictures.error(reply, 400)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_a_body_of_another_kind_is_a_400(call, pictures, content_type):
    body = json.dumps({"prompt": "a"}).encode()
    pictures.error(
        call.http.post("/images/generations", content=body, headers={"content-type": content_type}), 400
    )


def test_a_form_is_refused_where_the_provider_wants_json(call, pictures):
    reply = call.http.post(
        "/images/generations", files={"prompt": (None, "a fox"), "model": (None, "gpt-image-2")}
    )
    assert pictures.error(reply, 400)["code"] == "unsupported_content_type"


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "Basic eDp5"},
        {"api-key": "x"},
    ],
)
@pytest.mark.parametrize("path", ["/images/generations", "/images/edits", "/models", "/files"])
def test_no_key_is_a_401(sandbox, pictures, header, path):
    method = "GET" if path in ("/models", "/files") else "POST"
    reply = httpx.request(method, f"{sandbox.base_url}{path}", headers=header)
    assert "API key" in pictures.error(reply, 401)["message"]


# -- other providers' views ---------------------------------------------------------------------------------


def test_a_provider_serves_its_own_models_only(calling, pictures):
    call = calling("ttapi")
    names = {row["id"] for row in call.http.get("/models").json()["data"]}
    assert names == {"gpt-image-2", "gpt-image-1.5", "gpt-image-1", "dall-e-3", "dall-e-2"}
    pictures.error(call.generate(model="gpt-image-2.5-flare", prompt="a"), 404)


def test_a_provider_whose_page_sets_no_limit_sets_none(calling, call, pictures):
    body = {"model": "gpt-image-2", "prompt": "a fox", "size": "64x64", "quality": "low"}
    pictures.error(call.generate(**body), 400)
    [data] = pictures.of(calling("ttapi").generate(**body))
    assert pictures.opened(data).size == (64, 64)


def test_where_rules_are_borrowed_unknown_parameters_pass_and_drawing_stays_bounded(calling, pictures):
    call = calling("openai-compatible")
    body = {"model": "gpt-image-2", "prompt": "a fox", "size": "64x64", "quality": "low"}
    assert len(pictures.of(call.generate(**body, frobnicate=1, n=2))) == 2
    assert "size" in pictures.error(call.generate(**{**body, "size": "99999x99999"}), 400)["message"]
    pictures.error(call.generate(**{**body, "n": 1000}), 400)
    pictures.error(call.generate(**{**body, "n": "many"}), 400)
    pictures.error(call.generate(**{**body, "output_format": "exe"}), 400)


def test_a_provider_that_takes_no_key_lets_everybody_in(calling, pictures):
    call = calling("openai-compatible")
    del call.http.headers["authorization"]
    assert pictures.of(call.generate(model="gpt-image-2", prompt="a", size="64x64"))


def test_a_providers_own_key_header_and_query_are_asked_for(calling, pictures):
    call = calling("azure")
    body = {"model": "gpt-image-2", "prompt": "a", "size": "1024x640", "quality": "low"}
    pictures.error(call.generate(**body), 401)
    call.http.headers["api-key"] = "secret"
    assert pictures.error(call.generate(**body), 400)["param"] == "api-version"
    call.http.params = {"api-version": "preview"}
    assert pictures.of(call.generate(**body))
    assert call.sandbox.requests[-1].headers["api-key"] == "***"


def test_one_path_for_both_endpoints_tells_an_edit_by_its_pictures(calling, pictures):
    call = calling("openrouter")
    picture = pictures.png(pictures.noise((96, 64)))
    part = {"type": "image_url", "image_url": {"url": pictures.data_url(picture)}}
    body = {"model": "someone/some-model", "prompt": "a fox", "size": "96x64"}
    [drawn] = pictures.of(call.http.post("/images", json=body))
    [edited] = pictures.of(call.http.post("/images", json={**body, "input_references": [part]}))
    assert pictures.opened(drawn).size == pictures.opened(edited).size == (96, 64)
    assert drawn != edited


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ({"aspect_ratio": "16:9"}, (1360, 768)),
        ({"resolution": "2K"}, (2048, 2048)),
        ({"size": "512"}, (512, 512)),
    ],
)
def test_shapes_and_tiers_instead_of_sizes_are_understood(calling, pictures, asked, size):
    call = calling("openrouter")
    [data] = pictures.of(
        call.http.post("/images", json={"model": "a/b", "prompt": "x", "quality": "low", **asked})
    )
    assert pictures.opened(data).size == size


def test_another_seed_is_another_picture_where_a_provider_takes_seeds(calling, pictures):
    call = calling("vllm-omni")
    body = {"model": "any", "prompt": "a fox", "size": "96x64"}
    first, again, other = (pictures.of(call.generate(**body, seed=seed)) for seed in (1, 1, 2))
    assert first == again != other


def test_a_catalogs_own_model_is_served_without_a_line_of_code(tmp_path, monkeypatch, calling, pictures):
    from imgwidgets import catalog

    (tmp_path / "mine.toml").write_text(
        '[models.house-model]\nextends = "gpt-image-2"\nproviders = ["sandbox"]\n'
        "parameters.n.maximum = 2\nparameters.size.size.min_pixels = 64\n"
    )
    monkeypatch.setenv("IMGWIDGETS_CATALOG", str(tmp_path))
    for name in ("current", "load"):
        clear = getattr(getattr(catalog, name), "cache_clear", None)
        if clear:
            clear()
    try:
        call = calling()
        body = {"model": "house-model", "prompt": "a fox", "size": "64x64", "quality": "low"}
        assert len(pictures.of(call.generate(**body, n=2))) == 2
        pictures.error(call.generate(**body, n=3), 400)
    finally:
        monkeypatch.undo()
        for name in ("current", "load"):
            clear = getattr(getattr(catalog, name), "cache_clear", None)
            if clear:
                clear()


def test_every_endpoint_of_every_provider_has_an_address(calling):
    for name, provider in current().providers.items():
        call = calling(name)
        for endpoint in ("generations", "edits"):
            way = provider.endpoints.get(endpoint, ProviderEndpoint(path=f"/images/{endpoint}"))
            reply = call.http.post(way.path or f"/images/{endpoint}", content=b"{}")
            assert (reply.status_code == 404) == bool(way.refused and not way.path), (
                name,
                endpoint,
                reply.text,
            )
