"""What people call: providers, checks before sending, pictures and their notes, files behind addresses."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import tracemalloc
import warnings

import numpy as np
import pytest
from client.scripted import KEY, PICTURE, Answer, ScriptedServer, b64, images_reply, picture
from PIL import Image

import imgwidgets as iw
from imgwidgets.client.place import PROVIDER_VARIABLE
from imgwidgets.errors import (
    AuthenticationError,
    CatalogError,
    ImageInputError,
    ModelNotFound,
    ParameterError,
    ReplyError,
    UnknownParameterWarning,
)

PNG = {"Content-Type": "image/png"}


# -- who is asked -------------------------------------------------------------------------------------


def test_with_no_provider_the_sandbox_is_asked_and_no_other(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-would-cost-money")
    client = iw.Client()
    assert client.provider.embedded
    assert client._key.headers()
    assert "sk-would" not in str.__str__(client._key.headers()["Authorization"])


def test_the_environment_names_the_provider(monkeypatch):
    monkeypatch.setenv(PROVIDER_VARIABLE, "openai-compatible")
    monkeypatch.setenv("OPENAI_COMPATIBLE_BASE_URL", "http://127.0.0.1:1/v1")
    assert repr(iw.Client()) == "<Client openai-compatible (127.0.0.1:1)>"
    assert repr(iw.Client("sandbox")) == "<Client sandbox (started when first used)>"


def test_the_address_comes_from_the_argument_then_the_environment_then_the_catalog(monkeypatch):
    assert iw.Client("openai", api_key="k").base_url == "https://api.openai.com/v1"
    monkeypatch.setenv("OPENAI_BASE_URL", "http://from.environment/v1/")
    assert iw.Client("openai", api_key="k").base_url == "http://from.environment/v1"
    assert (
        iw.Client("openai", api_key="k", base_url="http://from.argument").base_url == "http://from.argument"
    )


def test_the_sandbox_is_started_only_when_something_is_sent(monkeypatch):
    started = []
    monkeypatch.setattr("imgwidgets.sandbox.embedded", lambda: started.append(1), raising=False)
    client = iw.Client()
    with pytest.raises(ParameterError):
        client.generate("a fox", size="17x17")
    repr(client)
    assert started == []


def test_an_unknown_provider_brings_the_nearest_names():
    with pytest.raises(CatalogError, match="'openai'"):
        iw.Client("opnai")


def test_a_provider_without_an_address_says_how_to_give_one():
    with pytest.raises(CatalogError, match="OPENAI_COMPATIBLE_BASE_URL"):
        iw.Client("openai-compatible")


@pytest.mark.parametrize(
    "url",
    ["api.example.org/v1", "ftp://h/v1", "http://", "http://[::1", "http://h:99999/v1", "http://a b/v1", "x"],
)
def test_a_broken_address_is_refused_at_once(url):
    with pytest.raises(CatalogError, match="base_url"):
        iw.Client("openai-compatible", base_url=url)


def test_a_password_in_an_address_is_refused_without_being_shown():
    with pytest.raises(CatalogError) as caught:
        iw.Client("openai-compatible", base_url="http://me:hunter2@host/v1")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "options", [{"timeout": 0}, {"timeout": -1}, {"max_retries": -1}, {"max_retries": True}]
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        iw.Client(**options)


def test_an_unknown_option_is_a_type_error():
    with pytest.raises(TypeError, match="api_kye"):
        iw.Client(api_kye="x")


def test_a_header_that_is_no_text_is_refused():
    with pytest.raises(ValueError, match="X-A"):
        iw.Client(headers={"X-A": "1\r\nX-B: 2"})


# -- before anything is sent ----------------------------------------------------------------------------


@pytest.fixture
def openai(server):
    server.json(images_reply())
    with iw.Client("openai", base_url=server.base_url, api_key="k") as client:
        yield client


def test_what_the_model_refuses_is_not_sent(server, openai):
    with pytest.raises(ParameterError) as caught:
        openai.generate("a fox", size="1000x1000", quality="ultra")
    assert {problem.parameter for problem in caught.value.problems} == {"size", "quality"}
    assert "1008x1008" in str(caught.value)
    assert server.requests == []


def test_a_model_that_the_sandbox_does_not_have_brings_the_nearest_names():
    with iw.Client() as client, pytest.raises(ModelNotFound) as caught:
        client.generate("a fox", model="gpt-imag-2")
    assert caught.value.model == "gpt-imag-2"
    assert caught.value.suggestions[0] == "gpt-image-2"


def test_an_unknown_model_is_passed_on_with_a_warning_at_the_users_line(server, openai):
    with pytest.warns(UnknownParameterWarning, match="gpt-image-9") as caught:
        result = openai.generate("a fox", model="gpt-image-9")
    assert caught[0].filename == __file__
    assert server.requests[0].json["model"] == "gpt-image-9"
    assert any("gpt-image-9" in note for note in result.notes)


def test_an_unknown_parameter_is_passed_on_with_a_warning_and_a_note(server, openai):
    with pytest.warns(UnknownParameterWarning, match="seed") as caught:
        result = openai.generate("a fox", seed=7)
    assert caught[0].filename == __file__
    assert server.requests[0].json["seed"] == 7
    assert any("seed" in note for note in result.notes)


def test_an_input_that_the_model_refuses_is_an_input_error(server, openai):
    with pytest.raises(ImageInputError, match="at most 16"):
        openai.edit([PICTURE] * 17, "merge")
    with pytest.raises(ImageInputError, match="gif"):
        openai.edit(picture(kind="gif"), "a hat")
    assert server.requests == []


def test_images_are_named_by_their_place():
    with iw.Client() as client, pytest.raises(ImageInputError, match="image 2: got NoneType"):
        client.edit([PICTURE, None], "merge")


@pytest.mark.parametrize("prompt", [None, 7, b"a fox"])
def test_a_prompt_that_is_no_text_is_a_type_error(prompt):
    with iw.Client() as client, pytest.raises(TypeError, match="prompt"):
        client.generate(prompt)


def test_numbers_of_numpy_and_sizes_as_tuples_are_understood(server, openai):
    openai.generate("a fox", n=np.int64(1), size=(1536, 1024), quality=None)
    assert server.requests[0].json == {
        "model": "gpt-image-2",
        "prompt": "a fox",
        "n": 1,
        "size": "1536x1024",
    }


# -- masks ----------------------------------------------------------------------------------------------

PHOTO = picture((96, 64))
SELECTED = np.zeros((64, 96), bool)
SELECTED[:32] = True


def sent_mask(server):
    parts = {name: content for name, _, kind, content in server.requests[-1].form if kind}
    return iw.Mask.from_image(parts["mask"])


@pytest.mark.parametrize(
    "mask",
    [
        iw.Mask.from_array(SELECTED),
        SELECTED,
        np.where(SELECTED, 0, 255).astype(np.uint8),
        iw.Mask.from_array(SELECTED).to_png(),
        Image.fromarray(
            np.dstack([np.zeros((64, 96, 3), np.uint8), np.where(SELECTED, 0, 255).astype(np.uint8)])
        ),
    ],
    ids=["mask", "bool", "alpha", "png", "pil"],
)
def test_a_mask_in_any_form_selects_the_same(server, openai, mask):
    openai.edit(PHOTO, "a hat", mask=mask)
    assert np.array_equal(sent_mask(server).selected, SELECTED)


def test_a_mask_from_a_path_goes_as_it_is(server, openai, tmp_path):
    data = iw.Mask.from_array(SELECTED).to_png()
    (tmp_path / "mask.png").write_bytes(data)
    openai.edit(PHOTO, "a hat", mask=tmp_path / "mask.png")
    assert data in [content for _, _, _, content in server.requests[0].form]


def test_a_mask_without_transparency_is_refused_before_it_costs_anything(server, openai):
    with pytest.raises(ImageInputError, match=r"mask is a png without transparency.*Mask\.from_image"):
        openai.edit(PHOTO, "a hat", mask=Image.fromarray(SELECTED))
    assert server.requests == []


def test_how_a_masks_picture_was_understood_is_a_note(openai):
    guessed = iw.Mask.from_image(Image.fromarray(SELECTED))
    result = openai.edit(PHOTO, "a hat", mask=guessed)
    assert any(note.startswith("mask: ") and "white was read as edit" in note for note in result.notes)


def test_a_mask_of_another_size_names_both_sizes_and_the_way_out(server, openai):
    small = iw.Mask.from_array(SELECTED).resize((48, 32))
    for mask in (small, small.to_png(), small.selected):
        with pytest.raises(ImageInputError, match=r"48x32, but its image is 96x64.*resize_mask=True"):
            openai.edit(PHOTO, "a hat", mask=mask)
        openai.edit(PHOTO, "a hat", mask=mask, resize_mask=True)
        assert sent_mask(server).size == (96, 64)
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("mask", "says"),
    [
        (b"", r"mask: the file is empty \(0 bytes\)"),
        (iw.Mask.blank((96, 64)).to_png()[:-20], "mask: the png file is damaged"),
        (b"nonsense", "mask: these 8 bytes are no image"),
        ("no-such-mask.png", "mask: there is no file no-such-mask.png"),
        (7, "mask: got int"),
        (np.zeros((64, 96)), "float64"),
        ([[True]], "mask: got list"),
    ],
)
def test_a_mask_that_cannot_be_used_is_its_own_error(server, openai, mask, says):
    with pytest.raises(ImageInputError, match=says):
        openai.edit(PHOTO, "a hat", mask=mask)
    assert server.requests == []


def test_an_empty_mask_file_is_named(openai, tmp_path):
    (tmp_path / "mask.png").write_bytes(b"")
    with pytest.raises(ImageInputError, match=r"mask\.png: the file is empty"):
        openai.edit(PHOTO, "a hat", mask=tmp_path / "mask.png")


# -- what comes back ------------------------------------------------------------------------------------


def test_the_result_holds_the_bytes_as_they_came_and_all_that_is_known(server, openai):
    pictures = [picture(colour="red"), picture(colour="blue")]
    usage = {
        "input_tokens": 10,
        "output_tokens": 392,
        "total_tokens": 402,
        "input_tokens_details": {"text_tokens": 10, "image_tokens": 0},
    }
    server.script.clear()
    server.json(images_reply(*pictures, usage=usage, novelty=7), headers={"x-request-id": "req_1"})
    result = openai.generate("a fox", n=2)
    assert [image.bytes for image in result] == pictures
    assert [image.index for image in result] == [0, 1]
    assert (result[0].prompt, result[0].model) == ("a fox", "gpt-image-2")
    assert (result.usage.output_tokens, result.usage.input_text_tokens) == (392, 10)
    assert result.cost == pytest.approx(10 * 5e-6 + 392 * 30e-6)
    assert (result.request_id, result.created, result.extra["novelty"]) == ("req_1", 1_700_000_000, 7)
    assert 0 < result.seconds < 30
    assert result.request.parameters == {"n": 2}


@pytest.mark.parametrize(
    ("parameters", "reply", "note"),
    [
        ({"n": 3}, images_reply(), "3 pictures asked for, 1 came"),
        ({}, images_reply(PICTURE, PICTURE), "1 picture asked for, 2 came"),
        ({"output_format": "webp"}, images_reply(), "webp asked for, png came"),
        ({}, images_reply(picture(kind="jpeg")), "png asked for, jpeg came"),
        ({"size": "1536x1024"}, images_reply(), "1536x1024 asked for, 64x48 came"),
        ({"quality": "high"}, images_reply(quality="low"), "quality 'high' asked for, the reply says 'low'"),
        ({}, {"data": [{"b64_json": b64(b"no image at all" * 30)}]}, "in no format known here"),
    ],
)
def test_what_differs_from_what_was_asked_is_noted(server, openai, parameters, reply, note):
    server.script.clear()
    server.json(reply)
    assert any(note in said for said in openai.generate("a fox", **parameters).notes)


def test_what_is_as_asked_needs_no_note(server, openai):
    server.script.clear()
    server.json(images_reply(picture((1024, 1024), "webp"), size="1024x1024", quality="low"))
    result = openai.generate("a fox", size="1024x1024", quality="low", output_format="webp")
    assert result.notes == ()


def test_raw_image_bytes_are_a_reply(server, openai):
    server.script.clear()
    server.answer(body=PICTURE, headers=PNG)
    assert openai.generate("a fox")[0].bytes == PICTURE


def test_a_chat_shaped_reply_is_a_reply(server, openai):
    server.script.clear()
    server.json({"choices": [{"message": {"content": f"![fox](data:image/png;base64,{b64(PICTURE)})"}}]})
    assert openai.generate("a fox")[0].bytes == PICTURE


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ({"choices": [{"message": {"content": "I cannot draw that."}}]}, "I cannot draw that"),
        ({"task_id": "task-7", "status": "queued"}, "task-7"),
        ({"data": []}, "no picture"),
        ({}, "no picture"),
        ("words", "words"),
    ],
)
def test_a_reply_without_a_picture_is_an_error_that_shows_what_came(server, openai, reply, says):
    server.script.clear()
    server.json(reply, headers={"x-request-id": "req_9"})
    with pytest.raises(ReplyError, match=says) as caught:
        openai.generate("a fox")
    assert caught.value.maybe_billed
    assert caught.value.request_id == "req_9"
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"<html><title>Welcome to nginx</title></html>",
        b'{"data": [',
        b'{"data": nope}',
        b"\0" * 50,
    ],
)
def test_a_reply_that_is_none_is_an_error_that_keeps_its_start(server, openai, body):
    server.script.clear()
    server.answer(body=body, headers={"Content-Type": "application/json"})
    with pytest.raises(ReplyError) as caught:
        openai.generate("a fox")
    assert caught.value.maybe_billed
    assert caught.value.status == 200


# -- pictures behind addresses --------------------------------------------------------------------------


def urls(server, *paths):
    return {"data": [{"url": f"{server.origin}{path}"} for path in paths]}


def test_addresses_are_fetched_at_once_in_order_and_without_the_key_elsewhere(server, client):
    pictures = {f"/p/{colour}.png": picture(colour=colour) for colour in ("red", "green", "blue")}
    server.routes = {path: Answer(body=data, headers=PNG) for path, data in pictures.items()}
    server.json(urls(server, *pictures))
    result = client.generate("a fox")
    assert [image.bytes for image in result] == list(pictures.values())
    assert result[0].extra["url"].endswith("/p/red.png")


def test_the_key_goes_to_the_providers_own_origin_only(server, client):
    other = ScriptedServer()
    try:
        other.answer(body=PICTURE, headers=PNG)
        server.routes = {"/own.png": Answer(body=PICTURE, headers=PNG)}
        server.json({"data": [{"url": f"{server.origin}/own.png"}, {"url": f"{other.origin}/other.png"}]})
        result = client.generate("a fox")
        assert "authorization" in server.requests[-1].headers
        # Another port of this computer is no place to be sent to.
        assert other.requests == []
        assert len(result) == 1
        assert any("was not fetched" in note for note in result.notes)
    finally:
        other.close()


def test_addresses_are_fetched_side_by_side(server, client):
    gate = server.event()
    server.routes = {f"/{i}.png": Answer(body=PICTURE, headers=PNG, before=gate) for i in range(3)}
    server.json(urls(server, *server.routes))
    done = []
    thread = threading.Thread(target=lambda: done.append(client.generate("a fox")))
    thread.start()
    for _ in range(4):  # the request and three fetches, all before the first is answered
        assert server.arrived.acquire(timeout=10)
    gate.set()
    thread.join(10)
    assert len(done[0]) == 3


def test_a_redirect_of_a_picture_is_judged_and_followed(server, client):
    server.routes = {
        "/a.png": Answer(status=302, headers={"Location": "/b.png"}),
        "/b.png": Answer(body=PICTURE, headers=PNG),
    }
    server.json(urls(server, "/a.png"))
    assert client.generate("a fox")[0].bytes == PICTURE


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(status=404, body=b"gone"), "answered 404 .such addresses expire.: gone"),
        (Answer(body=b"<html>log in</html>"), "no image"),
        (Answer(status=302, headers={"Location": "/a.png"}), "too many redirects"),
        (Answer(status=302, headers={"Location": "http://169.254.169.254/"}), "link-local"),
        (Answer(body=PICTURE, cut_after=20), "cut the connection"),
    ],
)
def test_a_picture_that_cannot_be_fetched_may_have_been_billed(server, client, answer, says):
    server.routes = {"/a.png": answer}
    server.json(urls(server, "/a.png"), headers={"x-request-id": "req_3"})
    with pytest.raises(iw.errors.RequestError, match=says) as caught:
        client.generate("a fox")
    assert caught.value.maybe_billed
    assert caught.value.request_id == "req_3"


def test_of_several_pictures_those_that_could_be_fetched_are_kept(server, client):
    server.routes = {"/a.png": Answer(status=404), "/b.png": Answer(body=PICTURE, headers=PNG)}
    server.json(urls(server, "/a.png", "/b.png"))
    result = client.generate("a fox", n=2)
    assert [image.bytes for image in result] == [PICTURE]
    assert any("/a.png could not be fetched" in note for note in result.notes)


def test_a_picture_that_never_ends_is_given_up(server):
    limits = iw.client.Limits(image_bytes=10_000)
    server.routes = {"/a.png": Answer(body=PICTURE + bytes(100_000), headers=PNG)}
    server.json(urls(server, "/a.png"))
    client = iw.Client("openai-compatible", base_url=server.base_url, limits=limits)
    with client, pytest.raises(ReplyError, match="more than 10,000 bytes"):
        client.generate("a fox")


def test_an_input_url_is_fetched_where_only_files_are_taken(server):
    server.routes = {"/in.png": Answer(body=PICTURE, headers=PNG)}
    server.json(images_reply())
    with iw.Client("kkiai", base_url=server.base_url, api_key="k") as client:
        client.edit([f"{server.origin}/in.png", PICTURE], "merge")
        files = [(name, content) for name, _, kind, content in server.requests[-1].form if kind]
        assert files == [("image", PICTURE), ("image", PICTURE)]
        server.routes["/in.png"] = Answer(status=404)
        with pytest.raises(ImageInputError, match=r"in\.png.*answered 404"):
            client.edit(f"{server.origin}/in.png", "a hat")


# -- spelling, sending again, uploads -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        (
            400,
            {
                "error": {
                    "message": "Duplicate parameter: 'image'",
                    "code": "duplicate_parameter",
                    "param": "image",
                }
            },
        ),
        (422, {"detail": [{"loc": ["body", "image"], "msg": "Field required", "type": "missing"}]}),
    ],
)
def test_a_server_that_wants_the_other_spelling_is_asked_once_more_and_it_is_remembered(
    server, client, status, refusal
):
    def names():
        return [{name for name, _, kind, _ in request.form if kind} for request in server.requests]

    server.json(refusal, status=status).json(images_reply())
    client.edit([PICTURE, PICTURE], "merge")
    assert names() == [{"image[]"}, {"image"}]
    client.edit([PICTURE, PICTURE], "merge")
    assert names()[2:] == [{"image"}]


def test_a_server_that_takes_neither_spelling_is_asked_twice_and_no_more(server, client):
    server.json({"detail": [{"loc": ["body", "image"], "msg": "Field required"}]}, status=422)
    for _ in range(2):
        server.requests.clear()
        with pytest.raises(iw.errors.BadRequest):
            client.edit([PICTURE, PICTURE], "merge")
        assert len(server.requests) <= 2


def test_a_request_can_be_sent_again(server, openai):
    first = openai.edit(PHOTO, "a hat", mask=SELECTED, quality="low")
    again = openai.send(first.request)
    assert again.request == first.request
    forms = [sorted((name, content) for name, _, _, content in request.form) for request in server.requests]
    assert forms[0] == forms[1]


def test_a_request_made_for_another_provider_is_asked_of_this_one(openai):
    asked = iw.ImageRequest(prompt="a fox", model="gpt-image-2", provider="sandbox")
    assert openai.send(asked).request.provider == "openai"


def test_an_upload_gives_what_edit_takes(server, client):
    server.routes = {"/v1/files": Answer(body=b'{"id": "file-7", "object": "file"}')}
    assert client.upload(PICTURE) == {"file_id": "file-7"}
    parts = server.requests[0].form
    assert [(name, content) for name, _, _, content in parts] == [("purpose", b"vision"), ("file", PICTURE)]


def test_an_upload_that_fails_cannot_have_been_billed(server, client):
    server.routes = {"/v1/files": Answer(status=None)}
    with pytest.raises(iw.errors.ConnectionFailed) as caught:
        client.upload(PICTURE)
    assert not caught.value.maybe_billed
    server.routes = {"/v1/files": Answer(body=b"{}")}
    with pytest.raises(ReplyError, match="no file id"):
        client.upload(PICTURE)
    with pytest.raises(ImageInputError, match="reference already"):
        client.upload("https://example.org/a.png")


def test_the_providers_own_list_of_models_can_be_asked_for(server, client):
    rows = [{"id": "b", "shutdown_date": "2026-12-01"}, {"id": "a"}]
    server.routes = {"/v1/models": Answer(body=json.dumps({"data": rows}).encode())}
    assert client.models() == [{"id": "a"}, {"id": "b", "shutdown_date": "2026-12-01"}]
    server.routes = {"/v1/models": Answer(status=401, body=b'{"error": {"message": "no"}}')}
    with pytest.raises(AuthenticationError):
        client.models()


# -- the rest -------------------------------------------------------------------------------------------


def test_the_timeout_follows_from_model_quality_and_size():
    with iw.Client("openai", api_key="k") as client:

        def read(**parameters):
            return client._job(client._generation("a fox", None, parameters)).timeouts.read

        assert read(quality="low") == 300
        assert read(quality="high") == 4 * 155
        assert read(quality="high", size="2048x2048") == pytest.approx(16 * 155)
        assert read(quality="high", n=2) == 8 * 155
    with iw.Client("openai", api_key="k", timeout=7) as client:
        assert read(quality="high") == 7


def test_many_threads_may_share_a_client(server, client):
    server.json(images_reply())
    results = []
    threads = [threading.Thread(target=lambda: results.append(client.generate("a fox"))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(results) == 16


def test_whoever_records_hears_of_the_request_before_and_of_the_result_before_it_is_shown(server, client):
    heard = []

    class Recorder:
        def started(self, request, *, base_url):
            assert base_url == server.base_url
            heard.append(("started", request.prompt, len(server.requests)))
            return "token"

        def finished(self, token, result):
            heard.append(("finished", token, len(result)))

        def failed(self, token, error):
            heard.append(("failed", token, type(error).__name__))

    client._recorder = Recorder()
    server.json(images_reply()).json({"error": {"message": "no"}}, status=400)
    client.generate("a fox")
    with pytest.raises(iw.errors.BadRequest):
        client.generate("an owl")
    assert heard == [
        ("started", "a fox", 0),
        ("finished", "token", 1),
        ("started", "an owl", 1),
        ("failed", "token", "BadRequest"),
    ]


def test_large_pictures_are_decoded_while_they_arrive(server, client):
    size = 4 << 20
    rng = np.random.default_rng(7)
    pictures = [PICTURE + rng.integers(0, 256, size, np.uint8).tobytes() for _ in range(4)]
    body = json.dumps({"data": [{"b64_json": b64(data)} for data in pictures]}).encode()
    server.answer(body=body, headers={"Content-Type": "application/json"})
    total = sum(map(len, pictures))
    del pictures
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        result = client.generate("a fox")
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert sum(len(image.bytes) for image in result) == total
    assert peak - total < 16 << 20


def test_importing_the_client_loads_no_widget():
    code = "import sys, imgwidgets.client; print({'ipywidgets', 'IPython', 'anywidget'} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out == "set()\n"


def test_no_warning_is_given_for_what_the_catalog_knows(openai):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        openai.generate("a fox", quality="low", size="1536x1024")


def test_seconds_are_those_of_the_whole_call(server, client):
    gate = server.event()
    server.json(images_reply(), before=gate)
    threading.Timer(0.2, gate.set).start()
    began = time.monotonic()
    result = client.generate("a fox")
    assert 0.15 < result.seconds <= time.monotonic() - began


def test_a_key_that_a_reply_without_a_picture_echoes_is_taken_out(server, client):
    for value in ({"choices": [{"message": {"content": f"hello {KEY}\x1b[31m"}}]}, {"data": [], "note": KEY}):
        server.script.clear()
        server.json(value)
        with pytest.raises(ReplyError) as caught:
            client.generate("a fox")
        assert KEY not in str(caught.value) + repr(vars(caught.value))
        assert str(caught.value).isprintable()


def test_a_long_timeout_is_not_cut_short_by_the_bound_of_a_whole_reply():
    with iw.Client("openai", api_key="k", timeout=7_200) as client:
        assert client._job(client._generation("a fox", None, {})).timeouts.total == 7_200


def test_a_mask_that_selects_nothing_is_noted(openai):
    result = openai.edit(PHOTO, "a hat", mask=iw.Mask.blank((96, 64)))
    assert any("selects nothing" in note and "paint something" in note for note in result.notes)
    painted = openai.edit(PHOTO, "a hat", mask=SELECTED)
    assert not any("selects nothing" in note for note in painted.notes)
