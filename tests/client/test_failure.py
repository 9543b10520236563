"""Every shape of an error becomes the right exception, with the provider's own words."""

from __future__ import annotations

import json
import pickle
import traceback

import pytest
from client.scripted import KEY, images_reply

from imgwidgets import catalog, errors
from imgwidgets.catalog import ImageRequest
from imgwidgets.client.complaint import read_complaint
from imgwidgets.client.failure import Failure, wants_other_spelling

KNOWN = catalog.current()
REQUEST = ImageRequest(prompt="a fox", model="gpt-image-2", provider="openai")


def make(status, body, headers=None, request=REQUEST, hide=lambda text: text):
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    return Failure(KNOWN.provider("openai"), request, KNOWN, hide).from_reply(status, headers or {}, body)


def openai(message="no", **details):
    return {"error": {"message": message, "type": None, "param": None, "code": None, **details}}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, openai(code="invalid_value", param="size"), errors.BadRequest),
        (400, openai(code="unknown_parameter", param="style"), errors.BadRequest),
        (401, openai("Incorrect API key provided"), errors.AuthenticationError),
        (402, {"error": {"message": "Payment required"}}, errors.QuotaExhausted),
        (403, openai("Your organization must be verified"), errors.PermissionDenied),
        (404, openai("The model `x` does not exist"), errors.ModelNotFound),
        (400, openai("gone", code="model_not_found"), errors.ModelNotFound),
        (404, {"detail": "Not Found"}, errors.BadRequest),
        (408, b"", errors.ConnectionFailed),
        (409, openai(), errors.BadRequest),
        (413, b"<html><title>413 Request Entity Too Large</title></html>", errors.BadRequest),
        (422, {"detail": [{"loc": ["body", "prompt"], "msg": "field required"}]}, errors.BadRequest),
        (429, openai(code="rate_limit_exceeded"), errors.RateLimited),
        (429, openai(code="insufficient_quota"), errors.QuotaExhausted),
        (429, openai("You exceeded your current quota, please check your plan"), errors.QuotaExhausted),
        (400, openai(code="billing_hard_limit_reached"), errors.QuotaExhausted),
        (
            400,
            openai(code="moderation_blocked", type="image_generation_user_error"),
            errors.ModerationBlocked,
        ),
        (400, {"error": {"code": "contentFilter", "message": "blocked"}}, errors.ModerationBlocked),
        (400, openai("Your request was rejected by the safety system"), errors.ModerationBlocked),
        (500, openai(), errors.ServerError),
        (502, b"<html><h1>502 Bad Gateway</h1></html>", errors.ServerError),
        (503, b"", errors.ServerError),
        (599, b"\x00\xff garbage", errors.ServerError),
        (302, b"", errors.BadRequest),
        (418, b"", errors.BadRequest),
    ],
)
def test_status_and_words_decide_the_class(status, body, kind):
    error = make(status, body)
    assert type(error) is kind
    assert error.status == status


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (openai("no such size"), "no such size"),
        ({"error": "no such size"}, "no such size"),
        ({"detail": "no such size"}, "no such size"),
        ({"message": "no such size"}, "no such size"),
        ({"code": 400, "msg": "no such size"}, "no such size"),
        ({"errors": [{"message": "no such size"}]}, "no such size"),
        ({"error": {"code": "1302", "message": "no such size"}}, "no such size"),
        ({"detail": [{"loc": ["body", "size"], "msg": "bad", "type": "value_error"}]}, "size: bad"),
        ({"detail": [{"loc": ["body", "n"], "msg": "a"}, {"loc": ["body", "m"], "msg": "b"}]}, "n: a; m: b"),
        (
            {"success": False, "error": {"message": json.dumps(openai("no such size"))}, "status": 400},
            "no such size",
        ),
        ({"error": "400: " + json.dumps(openai("no such size"))}, "no such size"),
        ({"error": {"message": "", "inner_error": {"message": "no such size"}}}, "no such size"),
        ({"title": "Bad", "detail": "no such size", "status": 400}, "no such size"),
        ([{"error": {"message": "no such size"}}], "no such size"),
        ("no such size", "no such size"),
    ],
)
def test_every_shape_of_an_error_is_read(body, message):
    assert read_complaint(json.dumps(body).encode()).message == message
    assert message in str(make(400, body))


@pytest.mark.parametrize(
    ("page", "message"),
    [
        (b"upstream connect error", "upstream connect error"),
        (b"<html><head><title>504 Gateway\n Time-out</title></head></html>", "504 Gateway Time-out"),
        (b"<h1>Not&nbsp;here</h1><script>alert('x')</script>", "Not here"),
        (b"", ""),
    ],
)
def test_a_gateways_page_becomes_one_line(page, message):
    assert read_complaint(page).message == message


def test_a_hostile_page_is_read_quickly_and_cut():
    for page in (b"<" * 1_000_000, b"<script>" * 100_000, b"<title>" * 100_000):
        assert len(read_complaint(page).message) <= 300


def test_the_providers_own_words_are_kept():
    body = openai("no such size", type="invalid_request_error", code="invalid_value", param="image[0]")
    error = make(400, body, {"x-request-id": "req_7"})
    assert (error.type, error.code, error.param) == ("invalid_request_error", "invalid_value", "image[0]")
    assert (error.request_id, error.body) == ("req_7", json.dumps(body))
    text = str(error)
    for part in ("400", "invalid_value", "parameter image[0]", "no such size", "req_7"):
        assert part in text


def test_an_http_status_repeated_as_code_is_no_code():
    assert make(400, {"error": {"message": "no", "code": "400"}}).code is None
    assert make(400, {"error": {"message": "no", "code": 400}}).code is None


def test_moderation_tells_stage_and_categories_and_what_it_may_have_cost():
    details = {"moderation_stage": "output", "categories": ["violence"]}
    error = make(400, openai("blocked", code="moderation_blocked", moderation_details=details))
    assert (error.stage, error.categories, error.maybe_billed) == ("output", ("violence",), True)
    assert "violence" in str(error)
    filters = {"hate": {"filtered": False}, "violence": {"filtered": True}}
    azure = {
        "error": {"code": "contentFilter", "message": "x", "inner_error": {"content_filter_results": filters}}
    }
    assert make(400, azure).categories == ("violence",)
    assert not make(400, azure).maybe_billed


def test_a_missing_model_brings_the_nearest_names():
    asked = REQUEST.replace(model="gpt-imag-2")
    error = make(404, openai("The model does not exist", code="model_not_found"), request=asked)
    assert error.model == "gpt-imag-2"
    assert error.suggestions[0] == "gpt-image-2"
    assert "gpt-image-2" in str(error)


def test_retry_after_is_on_the_exception():
    assert make(429, openai(), {"retry-after": "7"}).retry_after == 7.0
    assert make(503, openai(), {"retry-after": "30"}).retry_after == 30.0
    assert make(429, openai("Please try again in 12s")).retry_after == 12.0


@pytest.mark.parametrize(
    ("status", "body", "billed"),
    [
        (503, b"", False),
        (500, openai("The server is overloaded"), False),
        (500, openai("oops"), True),
        (502, b"", True),
        (504, b"overloaded", True),
        (529, openai("x", type="overloaded_error"), False),
    ],
)
def test_which_failures_may_have_been_billed(status, body, billed):
    error = make(status, body)
    assert error.maybe_billed is billed
    assert ("billed" in str(error)) is billed


def test_a_redirect_says_where_to():
    error = make(308, b"", {"location": "https://other.example/v1"})
    assert "https://other.example/v1" in str(error)


def test_hostile_text_becomes_one_printable_bounded_line():
    error = make(400, openai("a\x1b[31mred\u202e\n\r\x00" + "x" * 100_000))
    assert str(error).isprintable()
    assert len(str(error)) < 3_000
    assert len(error.body) <= 2_000


@pytest.mark.parametrize(
    "body",
    [
        b"{" * 10_000,
        b'{"error":' * 200 + b"1" + b"}" * 200,
        json.dumps({"error": {"message": None, "code": ["a"], "type": 7, "param": {}}}).encode(),
        json.dumps({"error": [], "detail": [1, None, {"loc": "x"}]}).encode(),
        json.dumps({"error": {"message": '{"error":' * 50}}).encode(),
        b"null",
        b"[]",
        b'"\\ud800"',
    ],
)
def test_a_broken_error_is_still_an_error(body):
    assert isinstance(make(400, body), errors.BadRequest)


def test_a_key_that_the_server_echoes_is_taken_out(server, client):
    server.json(openai(f"Incorrect API key provided: {KEY}"), status=401, headers={"x-request-id": "req_1"})
    with pytest.raises(errors.AuthenticationError) as caught:
        client.generate("a fox")
    error = caught.value
    shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    for text in (str(error), repr(error), error.body, repr(error.__dict__), repr(pickle.dumps(error)), shown):
        assert KEY not in text
    assert error.request_id == "req_1"


def test_errors_survive_pickling():
    error = pickle.loads(pickle.dumps(make(404, openai(code="model_not_found"), {"x-request-id": "r"})))
    assert (type(error), error.request_id, error.model) == (errors.ModelNotFound, "r", "gpt-image-2")


@pytest.mark.parametrize(
    ("status", "body", "other"),
    [
        (400, openai("Duplicate parameter: 'image'", code="duplicate_parameter", param="image"), True),
        (422, {"detail": [{"loc": ["body", "image"], "msg": "Field required", "type": "missing"}]}, True),
        (422, {"detail": [{"loc": ["body", "image[]"], "msg": "field required"}]}, True),
        (422, {"detail": [{"loc": ["body", "prompt"], "msg": "Field required"}]}, False),
        (400, openai("Duplicate parameter: 'n'", code="duplicate_parameter", param="n"), False),
        (400, openai("image too large", code="invalid_value", param="image"), False),
        (500, openai("image missing"), False),
    ],
)
def test_which_refusals_are_about_the_spelling_of_image(status, body, other):
    assert wants_other_spelling(make(status, body)) is other


def test_an_error_under_a_status_of_success_is_raised_as_what_it_says(server, client):
    server.json(
        {"error": {"message": "blocked", "code": "moderation_blocked"}}, headers={"x-request-id": "r"}
    )
    with pytest.raises(errors.ModerationBlocked) as caught:
        client.generate("a fox")
    assert caught.value.request_id == "r"


def test_after_an_error_the_client_goes_on(server, client):
    server.json(openai(), status=400).json(images_reply())
    with pytest.raises(errors.BadRequest):
        client.generate("a fox")
    assert len(client.generate("a fox")) == 1
