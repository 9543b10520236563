"""Everything that goes wrong on request, and the limits of the pace."""

from __future__ import annotations

import base64
import contextlib
import email.utils
import json
import re
import time

import httpx
import pytest

from imgwidgets.sandbox import FAULTS, Sandbox
from imgwidgets.sandbox import faults as faults_module
from imgwidgets.sandbox.pace import Pace

LOW = {"model": "gpt-image-2", "prompt": "a red fox", "size": "1024x640", "quality": "low"}


def asking_for(call, fault, **body):
    return call.generate(**{**LOW, **body}, headers={"x-sandbox-fault": fault})


def test_the_table_in_the_documentation_names_every_fault_and_no_other():
    text = faults_module.__doc__
    documented = re.findall(r"^(\w+)  +\S", text, flags=re.MULTILINE)
    assert sorted(set(documented) - {"name"}) == sorted(FAULTS)


# -- who gets a fault -------------------------------------------------------------------------------------


def test_a_list_gives_one_fault_to_each_request_in_order_and_then_none(calling, pictures):
    call = calling(faults=["rate_limit", None, "", "overloaded"])
    statuses = [call.generate(**pictures.small).status_code for _ in range(6)]
    assert statuses == [429, 200, 200, 503, 200, 200]


def test_a_name_gives_the_fault_to_every_request(calling, pictures):
    call = calling(faults="quota")
    assert [call.generate(**pictures.small).status_code for _ in range(3)] == [429] * 3


def test_a_function_decides_by_number_and_arrival(calling, pictures):
    def every_other_edit(number, arrival):
        return "server_error" if number % 2 and arrival.path.endswith("generations") else None

    call = calling(faults=every_other_edit)
    assert [call.generate(**pictures.small).status_code for _ in range(4)] == [200, 500, 200, 500]


def test_only_requests_for_images_use_a_fault_up(calling, pictures):
    call = calling(faults=["server_error"])
    assert call.http.get("/models").status_code == 200
    assert call.http.get("/files").status_code == 200
    assert call.generate(**pictures.small).status_code == 500


def test_a_header_asks_for_one_request_and_uses_nothing_up(calling, pictures):
    call = calling(faults=["server_error"])
    assert asking_for(call, "quota").status_code == 429
    assert call.generate(**pictures.small).status_code == 500
    error = pictures.error(asking_for(call, "rate_limits"), 400)
    assert "rate_limit" in error["message"]


# -- answers at once --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("unauthorized", (401, "invalid_request_error", "invalid_api_key")),
        ("forbidden", (403, "invalid_request_error", None)),
        ("model_not_found", (404, "invalid_request_error", "model_not_found")),
        ("conflict", (409, "invalid_request_error", "conflict")),
        ("duplicate_parameter", (400, "invalid_request_error", "duplicate_parameter")),
        ("moderation_input", (400, "image_generation_user_error", "moderation_blocked")),
        ("moderation_output", (400, "image_generation_user_error", "moderation_blocked")),
        ("rate_limit", (429, "requests", "rate_limit_exceeded")),
        ("rate_limit_text", (429, "requests", "rate_limit_exceeded")),
        ("rate_limit_date", (429, "requests", "rate_limit_exceeded")),
        ("retry_after_year", (429, "requests", "rate_limit_exceeded")),
        ("quota", (429, "insufficient_quota", "insufficient_quota")),
        ("server_error", (500, "server_error", None)),
        ("overloaded", (503, "server_error", "overloaded")),
    ],
)
def test_errors_have_the_apis_shape_and_status(call, pictures, fault, answer):
    status, kind, code = answer
    error = pictures.error(asking_for(call, fault), status)
    assert (error["type"], error["code"]) == (kind, code)


def test_a_moderation_error_tells_stage_and_categories(call):
    details = asking_for(call, "moderation_output").json()["error"]["moderation_details"]
    assert details == {"moderation_stage": "output", "categories": ["sexual", "violence"]}


def test_waits_are_told_in_every_way_that_servers_have(call):
    assert asking_for(call, "rate_limit").headers["retry-after"] == "1"
    assert asking_for(call, "rate_limit").headers["retry-after-ms"] == "1000"
    assert asking_for(call, "retry_after_year").headers["retry-after"] == str(365 * 24 * 3600)
    assert "retry-after" not in asking_for(call, "rate_limit_text").headers
    assert "250ms" in asking_for(call, "rate_limit_text").json()["error"]["message"]
    date = email.utils.parsedate_to_datetime(asking_for(call, "rate_limit_date").headers["retry-after"])
    assert 0 < date.timestamp() - time.time() <= 2.5


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("bad_gateway", 502),
        ("unavailable_html", 503),
        ("gateway_timeout", 504),
        ("html_200", 200),
        ("not_found_html", 404),
    ],
)
def test_proxies_answer_with_pages(call, fault, status):
    reply = asking_for(call, fault)
    assert reply.status_code == status
    assert reply.headers["content-type"].startswith("text/html")
    assert reply.text.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    "fault", ["detail_text", "error_text", "missing_field", "nested_error", "error_200", "task"]
)
def test_other_shapes_of_errors_are_json_without_pictures(call, fault):
    reply = asking_for(call, fault).json()
    assert "data" not in reply
    assert set(reply) & {"detail", "error", "task_id"}


@pytest.mark.parametrize("fault", ["empty_body", "not_json", "deep_nesting", "truncated_json"])
def test_bodies_that_are_no_json(call, fault):
    reply = asking_for(call, fault)
    assert reply.status_code == 200
    with pytest.raises((json.JSONDecodeError, RecursionError)):
        reply.json()


def test_nan_is_what_pythons_own_parser_lets_pass(call):
    assert "NaN" in asking_for(call, "nan").text


def test_a_hostile_message_has_control_characters_and_markup(call):
    message = asking_for(call, "ansi_message").json()["error"]["message"]
    assert "\x1b[" in message
    assert "<script>" in message
    assert len(message) > 5000


@pytest.mark.parametrize("fault", ["redirect_elsewhere", "redirect_file", "redirect_private"])
def test_redirects_go_where_no_client_should_follow(call, fault):
    reply = asking_for(call, fault)
    assert reply.status_code == 307
    assert not reply.headers["location"].startswith(call.sandbox.base_url)


# -- the connection -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("cut_before_reply", httpx.RemoteProtocolError),
        ("reset_before_reply", httpx.ReadError),
        ("cut_in_reply", httpx.RemoteProtocolError),
        ("reset_in_reply", httpx.ReadError),
    ],
)
def test_connections_break(call, pictures, fault, error):
    with pytest.raises(error):
        asking_for(call, fault)
    assert call.generate(**pictures.small).status_code == 200


def test_a_cut_reply_arrives_by_half(call):
    lines, error = call.until_it_breaks(LOW, {"x-sandbox-fault": "cut_in_reply"})
    whole = len(call.generate(**LOW).content)
    assert isinstance(error, httpx.RemoteProtocolError)
    assert lines == []  # one line of JSON, and its end never came
    with pytest.raises(httpx.RemoteProtocolError, match=f"received {whole // 2} bytes,"):
        asking_for(call, "cut_in_reply")


@pytest.mark.parametrize("fault", ["hang", "hang_in_reply"])
def test_servers_hang(call, fault):
    with pytest.raises(httpx.ReadTimeout):
        call.http.post("/images/generations", json=LOW, headers={"x-sandbox-fault": fault}, timeout=1)


def test_a_dripping_reply_is_whole_in_the_end(call, pictures):
    reply = asking_for(call, "slow_drip")
    assert reply.elapsed.total_seconds() > 1.5
    assert pictures.of(reply) == pictures.of(call.generate(**LOW))


@pytest.mark.parametrize("fault", ["endless_body", "huge_body"])
def test_some_bodies_never_end(call, fault):
    seen = 0
    with call.http.stream(
        "POST", "/images/generations", json=LOW, headers={"x-sandbox-fault": fault}
    ) as reply:
        told = reply.headers.get("content-length")
        for chunk in reply.iter_raw():
            seen += len(chunk)
            if seen > 20_000_000:
                break
    assert seen > 20_000_000
    assert told == (None if fault == "endless_body" else str(2 * 1024**3))


def test_connection_faults_hold_for_streams_too(call):
    body = {**LOW, "stream": True, "partial_images": 1}
    _, error = call.until_it_breaks(body, {"x-sandbox-fault": "cut_before_reply"})
    assert isinstance(error, httpx.RemoteProtocolError)


# -- the reply ------------------------------------------------------------------------------------------------


def entries(call, fault, **body):
    reply = asking_for(call, fault, **body)
    assert reply.status_code == 200, reply.text[:300]
    return reply.json()["data"]


def test_base64_comes_in_several_dialects(call, pictures):
    [right] = pictures.of(call.generate(**LOW))
    plain = base64.b64encode(right).decode()
    [broken] = entries(call, "base64_line_breaks")
    assert max(map(len, broken["b64_json"].splitlines())) == 76
    assert broken["b64_json"].replace("\n", "") == plain
    [safe] = entries(call, "base64_url_safe")
    assert not set("+/=") & set(safe["b64_json"])
    assert base64.urlsafe_b64decode(safe["b64_json"] + "=" * (-len(safe["b64_json"]) % 4)) == right
    [prefixed] = entries(call, "base64_data_prefix")
    assert prefixed["b64_json"] == f"data:image/png;base64,{plain}"
    [escaped] = entries(call, "escaped_slashes")
    assert escaped["b64_json"] == plain
    assert "\\/" in asking_for(call, "escaped_slashes").text


@pytest.mark.parametrize("fault", ["truncated_base64", "base64_rubbish"])
def test_some_base64_cannot_be_decoded(call, fault):
    [entry] = entries(call, fault)
    with pytest.raises(ValueError, match=r"padding|characters"):
        base64.b64decode(entry["b64_json"], validate=True)


@pytest.mark.parametrize(
    ("fault", "count"), [("no_images", 0), ("extra_image", 3), ("fewer_images", 1), ("key_order", 2)]
)
def test_the_number_of_pictures_is_not_always_what_was_asked(call, fault, count):
    assert len(entries(call, fault, n=2)) == count


def test_data_may_be_null_and_keys_in_any_order(call):
    assert entries(call, "null_data") is None
    assert list(asking_for(call, "key_order").json())[-1] == "data"


def test_a_format_or_size_other_than_promised(call, pictures):
    def picture(fault, **body):
        [entry] = entries(call, fault, **body)
        return pictures.opened(base64.b64decode(entry["b64_json"]))

    assert picture("wrong_format").format == "JPEG"
    assert picture("wrong_format", output_format="jpeg").format == "PNG"
    assert picture("wrong_size").size == (512, 320)


def test_small_files_can_be_large_pictures_or_none(call):
    [entry] = entries(call, "pixel_bomb")
    data = base64.b64decode(entry["b64_json"])
    assert len(data) < 80_000
    assert (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) == (8000, 8000)
    [entry] = entries(call, "not_an_image")
    assert base64.b64decode(entry["b64_json"]).startswith(b"this is not")
    [entry] = entries(call, "svg_script")
    assert b"<script>" in base64.b64decode(entry["b64_json"])


@pytest.mark.parametrize(
    ("fault", "start"),
    [
        ("url_elsewhere", "http://elsewhere.invalid/"),
        ("url_private", "http://169.254.169.254/"),
        ("url_file", "file:///"),
    ],
)
def test_urls_lead_where_no_client_should_go(call, fault, start):
    [entry] = entries(call, fault)
    assert entry["url"].startswith(start)


def test_a_url_may_have_expired_or_redirect_to_a_private_address(call):
    [entry] = entries(call, "expired_url")
    assert httpx.get(entry["url"]).status_code == 404
    [entry] = entries(call, "url_redirect")
    reply = httpx.get(entry["url"])
    assert (reply.status_code, reply.headers["location"]) == (302, "http://169.254.169.254/picture.png")


def test_a_chat_reply_may_have_ten_thousand_links(call):
    content = asking_for(call, "many_links").json()["choices"][0]["message"]["content"]
    assert content.count("](http") == 10_000


@pytest.fixture(scope="module")
def shaped():
    """Give one running sandbox for each of several reply shapes."""
    with contextlib.ExitStack() as stack:
        shapes = ("chat", "chat_images", "fal", "raw", "responses", "url")
        yield [stack.enter_context(Sandbox(reply=shape)) for shape in shapes]


@pytest.mark.parametrize("fault", sorted(name for name, fault in FAULTS.items() if fault.spoil or fault.raw))
def test_no_fault_breaks_the_sandbox_itself_in_any_reply_shape(shaped, pictures, fault):
    headers = {"authorization": "Bearer x", "x-sandbox-fault": fault}
    for sandbox in shaped:
        url = f"{sandbox.base_url}/images/generations"
        assert httpx.post(url, json=pictures.small, headers=headers, timeout=30).status_code == 200


# -- pace ---------------------------------------------------------------------------------------------------


def test_more_requests_than_the_minute_holds_are_told_when_to_come_again(calling, pictures):
    call = calling(requests_per_minute=2)
    first, second, third = (call.generate(**pictures.small) for _ in range(3))
    assert [reply.status_code for reply in (first, second, third)] == [200, 200, 429]
    assert first.headers["x-ratelimit-limit-requests"] == "2"
    assert [reply.headers["x-ratelimit-remaining-requests"] for reply in (first, second, third)] == [
        "1",
        "0",
        "0",
    ]
    assert re.fullmatch(r"(\d+m)?[\d.]+m?s", first.headers["x-ratelimit-reset-requests"])
    error = pictures.error(third, 429)
    assert error["code"] == "rate_limit_exceeded"
    assert "Please try again in" in error["message"]
    assert 25 <= int(third.headers["retry-after"]) <= 30
    assert 25_000 <= int(third.headers["retry-after-ms"]) <= 30_000


def test_who_waits_as_told_is_let_in(calling, pictures):
    call = calling(requests_per_minute=120)
    call.sandbox._options["pace"]._left = 0.0
    refused = call.generate(**pictures.small)
    assert refused.status_code == 429
    time.sleep(int(refused.headers["retry-after-ms"]) / 1000)
    assert call.generate(**pictures.small).status_code == 200


def test_a_bucket_refills_evenly_up_to_a_minutes_worth():
    now = [0.0]
    pace = Pace(60, clock=lambda: now[0])
    assert sum(pace.ask().allowed for _ in range(100)) == 60
    now[0] = 1.0
    assert [pace.ask().allowed for _ in range(2)] == [True, False]
    now[0] = 1000.0
    assert sum(pace.ask().allowed for _ in range(100)) == 60


def test_a_refused_request_costs_nothing():
    now = [0.0]
    pace = Pace(1, clock=lambda: now[0])
    assert pace.ask().allowed
    assert not any(pace.ask().allowed for _ in range(50))
    assert pace.ask().wait == pytest.approx(60)
    now[0] = 60.0
    assert pace.ask().allowed


def test_without_a_limit_no_header_speaks_of_one(call, pictures):
    assert not [name for name in call.generate(**pictures.small).headers if name.startswith("x-ratelimit")]
