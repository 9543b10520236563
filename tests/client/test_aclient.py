"""The async client does what the sync one does, and can be cancelled."""

from __future__ import annotations

import asyncio
import inspect
import time

import pytest
from client.scripted import KEY, PICTURE, Answer, images_reply

import imgwidgets as iw
from imgwidgets.errors import ConnectionFailed, ImageInputError, ParameterError, RequestError


def asked(server, work, **options):
    async def main():
        async with iw.AsyncClient(
            "openai-compatible", base_url=server.base_url, api_key=KEY, **options
        ) as client:
            return await work(client)

    return asyncio.run(main())


def public(kind):
    return {name for name in dir(kind) if not name.startswith("_")}


def test_both_clients_have_the_same_methods_with_the_same_parameters():
    assert public(iw.Client) == public(iw.AsyncClient)
    for name in public(iw.Client):
        sync, awaited = getattr(iw.Client, name), getattr(iw.AsyncClient, name)
        if callable(sync):
            assert list(inspect.signature(sync).parameters.values()) == list(
                inspect.signature(awaited).parameters.values()
            ), name


def test_it_generates_edits_and_sends_again(server):
    server.json(images_reply())

    async def work(client):
        first = await client.generate("a fox")
        edited = await client.edit([first[0], PICTURE], "a hat", mask=None)
        return first, edited, await client.send(edited.request)

    results = asked(server, work)
    assert [result[0].bytes for result in results] == [PICTURE] * 3
    assert [request.target for request in server.requests] == [
        "/v1/images/generations",
        "/v1/images/edits",
        "/v1/images/edits",
    ]


def test_bodies_are_the_same_as_those_of_the_sync_client(server, client):
    server.json(images_reply())
    client.generate("a fox", n=2)
    asked(server, lambda one: one.generate("a fox", n=2))
    assert server.requests[0].body == server.requests[1].body
    assert {**server.requests[0].headers} == {**server.requests[1].headers}


def test_many_requests_run_side_by_side(server):
    gate = server.event()
    server.json(images_reply(), before=gate)

    async def work(client):
        tasks = [asyncio.create_task(client.generate(f"fox {i}")) for i in range(8)]
        for _ in tasks:
            assert await asyncio.to_thread(server.arrived.acquire, timeout=10)
        gate.set()
        return await asyncio.gather(*tasks)

    assert len(asked(server, work)) == 8


def test_a_cancelled_task_closes_its_connection(server):
    server.answer(before=server.event())

    async def work(client):
        task = asyncio.create_task(client.generate("a fox"))
        assert await asyncio.to_thread(server.arrived.acquire, timeout=10)
        began = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert client._transport._flights._flights == set()
        return time.monotonic() - began

    assert asked(server, work) < 2
    assert server.closed_early.wait(5)


def test_cancel_stops_what_is_in_flight(server):
    server.answer(before=server.event())

    async def work(client):
        task = asyncio.create_task(client.generate("a fox"))
        assert await asyncio.to_thread(server.arrived.acquire, timeout=10)
        client.cancel()
        with pytest.raises(ConnectionFailed, match="cancelled") as caught:
            await task
        return caught.value

    assert asked(server, work).maybe_billed


@pytest.mark.parametrize(
    ("answers", "requests", "kind"),
    [
        ([Answer(status=429), Answer(status=503), Answer(body=PICTURE)], 3, None),
        ([Answer(status=502)], 1, iw.errors.ServerError),
        ([Answer(status=None)], 1, ConnectionFailed),
        ([Answer(body=b"{", cut_after=1, headers={"Content-Length": "9"})], 1, ConnectionFailed),
    ],
)
def test_it_tries_again_only_where_nothing_can_have_been_billed(server, answers, requests, kind):
    server.answer(*answers)
    if kind is None:
        assert asked(server, lambda one: one.generate("a fox"))[0].bytes == PICTURE
    else:
        with pytest.raises(kind) as caught:
            asked(server, lambda one: one.generate("a fox"))
        assert caught.value.maybe_billed
        assert KEY not in repr(vars(caught.value))
        assert caught.value.__context__ is None or not isinstance(caught.value, ConnectionFailed)
    assert len(server.requests) == requests


def test_a_refused_connection_says_who_refused():
    async def main():
        async with iw.AsyncClient("openai-compatible", base_url="http://127.0.0.1:9/v1") as client:
            await client.generate("a fox")

    with pytest.raises(ConnectionFailed, match=r"127\.0\.0\.1:9 refuses") as caught:
        asyncio.run(main())
    assert not caught.value.maybe_billed


def test_what_is_refused_before_sending_is_refused_here_too(server):
    with pytest.raises(ImageInputError, match="image: the file is empty"):
        asked(server, lambda one: one.edit(b"", "a hat"))
    with pytest.raises(ParameterError):
        asyncio.run(iw.AsyncClient("openai", api_key=KEY).generate("a fox", size="17x17"))
    assert server.requests == []


def test_an_unknown_parameter_warns_at_the_users_line(server):
    server.json(images_reply())
    with pytest.warns(iw.errors.UnknownParameterWarning) as caught:
        asked(server, _generate_with_seed)
    assert caught[0].filename == __file__


async def _generate_with_seed(client):
    return await client.generate("a fox", seed=1)


def test_the_other_spelling_is_tried_and_remembered(server):
    refusal = {"detail": [{"loc": ["body", "image"], "msg": "Field required"}]}
    server.json(refusal, status=422).json(images_reply())

    async def work(client):
        await client.edit([PICTURE, PICTURE], "merge")
        await client.edit([PICTURE, PICTURE], "merge")

    asked(server, work)
    assert [{n for n, _, kind, _ in r.form if kind} for r in server.requests] == [
        {"image[]"},
        {"image"},
        {"image"},
    ]


def test_addresses_are_fetched_and_inputs_too(server):
    png = {"Content-Type": "image/png"}
    server.routes = {
        "/a.png": Answer(status=302, headers={"Location": "/b.png"}),
        "/b.png": Answer(body=PICTURE, headers=png),
    }
    server.json({"data": [{"url": "/a.png"}, {"url": "/b.png"}]})
    assert len(asked(server, lambda one: one.generate("a fox", n=2))) == 2

    async def kkiai():
        async with iw.AsyncClient("kkiai", base_url=server.base_url, api_key=KEY) as client:
            return await client.edit(f"{server.origin}/b.png", "a hat")

    assert len(asyncio.run(kkiai())) == 2
    server.routes["/b.png"] = Answer(status=404)
    with pytest.raises(ImageInputError, match="answered 404"):
        asyncio.run(kkiai())


def test_small_calls_work_too(server):
    server.routes = {
        "/v1/files": Answer(body=b'{"id": "file-7"}'),
        "/v1/models": Answer(body=b'{"data": [{"id": "a"}]}'),
    }

    async def work(client):
        return await client.upload(PICTURE), await client.models()

    assert asked(server, work) == ({"file_id": "file-7"}, [{"id": "a"}])


def test_a_closed_client_says_so(server):
    async def main():
        client = iw.AsyncClient("openai-compatible", base_url=server.base_url)
        await client.close()
        for call in (client.generate("a fox"), client.models()):
            with pytest.raises(RuntimeError, match="this client is closed"):
                await call

    asyncio.run(main())


def test_one_client_may_be_used_from_one_event_loop_after_another(server):
    server.json(images_reply())
    client = iw.AsyncClient("openai-compatible", base_url=server.base_url)
    for _ in range(2):
        assert len(asyncio.run(client.generate("a fox"))) == 1
    asyncio.run(client.close())


def test_silence_is_given_up(server):
    server.answer(before=server.event())
    with pytest.raises(RequestError, match=r"sent nothing for 0\.2 s"):
        asked(server, lambda one: one.generate("a fox"), timeout=0.2)


def test_whoever_records_hears_of_streams_and_failures(server):
    heard = []

    class Recorder:
        def started(self, request, *, base_url):
            assert base_url == server.base_url
            heard.append(("started", request.prompt))

        def finished(self, _, result):
            heard.append(("finished", len(result)))

        def failed(self, _, error):
            heard.append(("failed", type(error).__name__))

    async def work(client):
        client._recorder = Recorder()
        await client.generate("a fox")
        async for _ in client.generate_stream("an owl"):
            pass
        with pytest.raises(iw.errors.BadRequest):
            await client.generate("a bear")

    server.json(images_reply()).json(images_reply()).json({"error": "no"}, status=400)
    asked(server, work)
    assert heard == [
        ("started", "a fox"),
        ("finished", 1),
        ("started", "an owl"),
        ("finished", 1),
        ("started", "a bear"),
        ("failed", "BadRequest"),
    ]
