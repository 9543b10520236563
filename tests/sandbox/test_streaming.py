"""Server-sent events: partial pictures that grow sharper, then the finished one."""

from __future__ import annotations

import base64
import json
import time

import httpx
import numpy as np
import pytest

LOW = {"model": "gpt-image-2", "prompt": "a red fox in snow", "size": "1024x640", "quality": "low"}


def decoded(event):
    return base64.b64decode(event["b64_json"], validate=True)


def test_partials_come_in_order_each_nearer_to_the_finished_picture(call, pictures):
    events = call.stream(**LOW, partial_images=3)
    assert [name for name, _ in events] == ["image_generation.partial_image"] * 3 + [
        "image_generation.completed"
    ]
    assert all(name == data["type"] for name, data in events)
    assert [data["partial_image_index"] for _, data in events[:3]] == [0, 1, 2]
    images = [pictures.array(decoded(data)).astype(float) for _, data in events]
    assert {image.shape for image in images} == {(640, 1024, 3)}
    distances = [np.abs(image - images[-1]).mean() for image in images]
    assert distances[0] > distances[1] > distances[2] > 0
    assert distances[3] == 0


def test_the_finished_picture_is_the_one_that_a_plain_request_gives(call, pictures):
    [(_, completed)] = call.stream(**LOW)
    assert decoded(completed) == pictures.of(call.generate(**LOW))[0]


def test_events_say_what_they_hold_and_each_partial_costs_a_hundred_tokens(call):
    events = call.stream(**LOW, partial_images=2, output_format="webp")
    for _, data in events:
        assert (data["size"], data["quality"], data["output_format"], data["background"]) == (
            "1024x640",
            "low",
            "webp",
            "opaque",
        )
        assert isinstance(data["created_at"], int)
        assert decoded(data)[8:12] == b"WEBP"
    plain = call.generate(**LOW).json()["usage"]
    streamed = events[-1][1]["usage"]
    assert streamed["output_tokens"] == plain["output_tokens"] + 200
    assert streamed["total_tokens"] == plain["total_tokens"] + 200


def test_no_done_marker_is_sent(call):
    lines = []
    with call.http.stream("POST", "/images/generations", json={**LOW, "stream": True}) as reply:
        lines = list(reply.iter_lines())
    assert not any("[DONE]" in line for line in lines)


def test_edits_stream_under_their_own_name(call, pictures):
    photo = pictures.data_url(pictures.png(pictures.noise((1024, 640))))
    body = {"model": "gpt-image-2", "prompt": "a hat", "quality": "low", "images": [{"image_url": photo}]}
    events = call.stream(path="/images/edits", **body, partial_images=1)
    assert [name for name, _ in events] == ["image_edit.partial_image", "image_edit.completed"]


def test_a_form_can_ask_for_a_stream(call, pictures):
    photo = pictures.png(pictures.noise((1024, 640)))
    reply = call.edit(
        files={"image": ("a.png", photo, "image/png")},
        model="gpt-image-2",
        prompt="a hat",
        quality="low",
        stream="true",
        partial_images="1",
    )
    events = list(call.events(reply.text.splitlines()))
    assert [data["type"] for _, data in events] == ["image_edit.partial_image", "image_edit.completed"]


def test_several_pictures_come_one_after_the_other_and_input_is_counted_once(call, pictures):
    events = call.stream(**LOW, n=2, partial_images=1)
    kinds = [name.rpartition(".")[2] for name, _ in events]
    assert kinds == ["partial_image", "completed"] * 2
    completed = [data for name, data in events if name.endswith("completed")]
    assert [decoded(data) for data in completed] == pictures.of(call.generate(**LOW, n=2))
    assert completed[0]["usage"]["input_tokens"] > 0
    assert completed[1]["usage"]["input_tokens"] == 0


def test_events_arrive_while_the_next_one_is_awaited(calling):
    call = calling(latency=0.8)
    body = {**LOW, "stream": True, "partial_images": 1}
    with call.http.stream("POST", "/images/generations", json=body) as reply:
        seen = [time.monotonic() for line in reply.iter_lines() if line.startswith("event:")]
    assert len(seen) == 2
    assert seen[1] - seen[0] >= 0.35


def test_a_stream_whose_reader_left_is_no_longer_drawn(calling):
    call = calling(faults="endless_stream")
    with call.http.stream(
        "POST", "/images/generations", json={**LOW, "stream": True, "partial_images": 1}
    ) as reply:
        next(reply.iter_lines())
    tasks = call.sandbox._server.server_state.tasks
    end = time.monotonic() + 5
    while tasks and time.monotonic() < end:
        time.sleep(0.01)
    assert not tasks


def test_a_refused_request_for_a_stream_is_a_plain_error(call, pictures):
    pictures.error(call.generate(**{**LOW, "size": "1x1"}, stream=True), 400)
    pictures.error(call.generate(**LOW, stream=True, partial_images=4), 400)
    body = {"model": "gpt-image-2.6-flare", "prompt": "a", "stream": True, "output_format": "gif"}
    pictures.error(call.generate(**body), 400)
    pictures.error(call.generate(model="dall-e-3", prompt="a", stream=True), 400)


# -- faults of streams --------------------------------------------------------------------------------------


def faulty(call, name, **more):
    return call.stream(**LOW, partial_images=2, headers={"x-sandbox-fault": name}, **more)


@pytest.mark.parametrize(("fault", "count"), [("no_partials", 0), ("fewer_partials", 1)])
def test_fewer_partials_than_asked(call, fault, count):
    events = faulty(call, fault)
    assert [name.rpartition(".")[2] for name, _ in events] == ["partial_image"] * count + ["completed"]


def test_a_stream_of_data_lines_only_ends_with_done(call):
    events = faulty(call, "data_only_stream")
    assert {name for name, _ in events} == {None}
    assert [data["type"].rpartition(".")[2] for _, data in events[:-1]] == ["partial_image"] * 2 + [
        "completed"
    ]
    assert events[-1][1] == "[DONE]"


def test_a_bare_stream_says_no_more_than_it_must(call):
    events = faulty(call, "bare_stream")
    assert set(events[0][1]) == {"type", "b64_json", "partial_image_index"}
    assert set(events[-1][1]) == {"type", "b64_json", "usage"}


@pytest.mark.parametrize("partials", [0, 2])
def test_an_error_in_the_stream_ends_it_before_the_finished_picture(call, partials):
    headers = {"x-sandbox-fault": "error_in_stream"}
    events = call.stream(**LOW, partial_images=partials, headers=headers)
    assert [name for name, _ in events] == [*["image_generation.partial_image"][:partials], "error"]
    assert events[-1][1]["error"]["code"] == "server_error"


@pytest.mark.parametrize("partials", [0, 2])
def test_a_cut_stream_breaks_off_before_the_finished_picture(call, partials):
    body = {**LOW, "stream": True, "partial_images": partials}
    headers = {"x-sandbox-fault": "cut_in_stream"}
    lines, error = call.until_it_breaks(body, headers)
    assert isinstance(error, httpx.RemoteProtocolError)
    names = [line for line in lines if line.startswith("event:")]
    assert names == ["event: image_generation.partial_image"][:partials]


def test_a_stream_with_garbage_goes_on_after_it(call):
    events = faulty(call, "garbage_in_stream")
    kinds = [type(data) for _, data in events]
    assert kinds == [dict, str, dict, dict]
    with pytest.raises(json.JSONDecodeError):
        json.loads(events[1][1])


def test_a_plain_reply_to_a_request_for_a_stream(call, pictures):
    headers = {"x-sandbox-fault": "plain_reply_to_stream"}
    reply = call.generate(**LOW, stream=True, headers=headers)
    assert reply.headers["content-type"] == "application/json"
    assert pictures.of(reply)
