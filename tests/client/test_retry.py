"""What may be tried again, and how long to wait."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time

import pytest
import stamina
from client.scripted import images_reply

import imgwidgets as iw
from imgwidgets.client.retry import MAX_WAIT, may_retry, wait_asked_for
from imgwidgets.errors import (
    BadRequest,
    ConnectionFailed,
    ModerationBlocked,
    QuotaExhausted,
    RateLimited,
    ReplyError,
    ServerError,
)

NOW = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("headers", "text", "seconds"),
    [
        ({"retry-after": "7"}, "", 7.0),
        ({"retry-after": "0.5"}, "", 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, "", 0.25),
        ({"retry-after": "Fri, 20 Nov 2026 12:00:30 GMT"}, "", 30.0),
        ({"retry-after": "Fri, 20 Nov 2026 11:00:00 GMT"}, "", 0.0),
        ({"retry-after": "soon"}, "", None),
        ({"retry-after": "-5"}, "", None),
        ({"retry-after": "nan"}, "", None),
        ({"retry-after": "inf"}, "", None),
        ({"retry-after": "soon"}, "Please try again in 12s.", 12.0),
        ({}, "Rate limit reached for images per minute. Please try again in 12.5 seconds.", 12.5),
        ({}, "Please try again in 250ms.", 0.25),
        ({}, "Please retry after 2 minutes", 120.0),
        ({}, "wait 3 s", 3.0),
        ({}, "try again later", None),
        ({}, "", None),
    ],
)
def test_the_wait_is_read_from_headers_and_words(headers, text, seconds):
    assert wait_asked_for(headers, text, now=NOW) == seconds


def refused():
    error = ConnectionFailed("refused")
    error.__cause__ = ConnectionRefusedError()
    return error


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (RateLimited("429"), True),
        (RateLimited("429", retry_after=MAX_WAIT), True),
        (RateLimited("429", retry_after=MAX_WAIT + 1), False),
        (QuotaExhausted("no credit"), False),
        (ServerError("503"), True),
        (ServerError("502", maybe_billed=True), False),
        (refused(), True),
        (ConnectionFailed("a timeout", maybe_billed=True), False),
        (ConnectionFailed("no such name"), False),
        (BadRequest("400"), False),
        (ModerationBlocked("no"), False),
        (ReplyError("garbage", maybe_billed=True), False),
        (KeyboardInterrupt(), False),
        (ValueError("ours"), False),
    ],
)
def test_only_what_cannot_have_been_billed_is_tried_again(error, again):
    assert may_retry(error) is again


def overloaded(server, status, times=1, **headers):
    for _ in range(times):
        server.json({"error": {"message": "slow down"}}, status=status, headers=headers)
    return server.json(images_reply())


@pytest.mark.parametrize("status", [429, 503])
def test_a_refusal_for_now_is_tried_again(server, client, status):
    overloaded(server, status, times=2)
    assert len(client.generate("a fox")) == 1
    assert len(server.requests) == 3
    assert len({request.body for request in server.requests}) == 1


def test_after_the_last_try_its_error_is_raised(server, client):
    overloaded(server, 429, times=5)
    with pytest.raises(RateLimited):
        client.generate("a fox")
    assert len(server.requests) == 3


def test_no_retries_means_one_request(server):
    overloaded(server, 429)
    with (
        iw.Client("openai-compatible", base_url=server.base_url, max_retries=0) as client,
        pytest.raises(RateLimited),
    ):
        client.generate("a fox")
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [500, 502, 504, 520, 400, 401, 403, 404, 408, 409, 413, 422])
def test_what_may_have_been_billed_or_is_wrong_is_sent_once(server, client, status):
    overloaded(server, status)
    with pytest.raises(iw.errors.RequestError) as caught:
        client.generate("a fox")
    assert len(server.requests) == 1
    assert caught.value.maybe_billed == (status >= 500 or status == 408)


def test_a_provider_that_says_it_was_overloaded_is_tried_again_whatever_its_status(server, client):
    server.json({"error": {"message": "The engine is currently overloaded"}}, status=500)
    server.json(images_reply())
    assert len(client.generate("a fox")) == 1


def test_a_gateway_that_says_overloaded_in_html_is_not(server, client):
    server.answer(status=502, body=b"<html><h1>Server overloaded</h1></html>")
    with pytest.raises(ServerError) as caught:
        client.generate("a fox")
    assert caught.value.maybe_billed


def test_moderation_and_quota_are_sent_once(server, client):
    for code, status, kind in (
        ("moderation_blocked", 400, ModerationBlocked),
        ("insufficient_quota", 429, QuotaExhausted),
    ):
        server.script.clear()
        server.requests.clear()
        server.json({"error": {"message": "no", "code": code}}, status=status)
        with pytest.raises(kind):
            client.generate("a fox")
        assert len(server.requests) == 1


def test_the_provider_decides_how_long_to_wait(server):
    overloaded(server, 429, **{"retry-after-ms": "150"})
    with stamina.set_testing(False), iw.Client("openai-compatible", base_url=server.base_url) as client:
        began = time.monotonic()
        client.generate("a fox")
    assert 0.15 <= time.monotonic() - began < 5


def test_cancel_ends_a_wait_at_once(server):
    overloaded(server, 429, **{"retry-after": "100"})
    caught = []

    def run(client):
        try:
            client.generate("a fox")
        except ConnectionFailed as error:
            caught.append(error)

    with stamina.set_testing(False), iw.Client("openai-compatible", base_url=server.base_url) as client:
        thread = threading.Thread(target=run, args=(client,))
        thread.start()
        assert server.arrived.acquire(timeout=10)
        while client._transport._flights._flights:  # until the answer is read and the wait begins
            thread.join(0.005)
        client.cancel()
        thread.join(10)
    assert "cancelled" in str(caught[0])
    assert not caught[0].maybe_billed


def test_a_retry_is_a_sentence_in_the_log_and_nothing_on_stderr(server, client, caplog, capfd, monkeypatch):
    caplog.set_level(logging.INFO, "imgwidgets")
    overloaded(server, 429, **{"retry-after": "3"})
    client.generate("a fox")
    said = [record.getMessage() for record in caplog.records if record.name in ("imgwidgets", "stamina")]
    assert said == ["RateLimited: trying again in 3.0 s (retry 1)"]
    # Without any handler, as in a notebook, logging prints warnings to stderr.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging.getLogger("imgwidgets"), "handlers", [])
    overloaded(server, 503)
    client.generate("a fox")
    assert capfd.readouterr().err == ""


def test_other_peoples_retries_are_logged_as_ever(caplog):
    tries = []
    for attempt in stamina.retry_context(on=ValueError):
        with attempt:
            tries.append(attempt.num)
            if len(tries) < 2:
                raise ValueError
    assert [record.getMessage() for record in caplog.records if record.name == "stamina"] == [
        "stamina.retry_scheduled"
    ]
