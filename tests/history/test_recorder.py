"""What a client tells the history."""

import asyncio
import warnings

import pytest
from history.making import picture, recorded, request, result

import imgwidgets as iw
from imgwidgets import errors
from imgwidgets.history import History, Recorder, recorder, shared


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("IMGWIDGETS_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    shared().close()


def recording(client, history):
    """Plug a recorder in."""
    client._recorder = Recorder(history)
    return client


def test_an_option_is_true_false_or_a_history(history, home):
    assert recorder(history=False) is None
    assert recorder(history).history is history
    assert recorder(history=True).history.path == home / "history"
    for wrong in (None, 1, "folder"):
        with pytest.raises(TypeError, match="history is"):
            recorder(wrong)


def test_all_clients_share_the_history_in_its_usual_place(home, monkeypatch, tmp_path):
    first = recorder(history=True)
    assert not home.exists()  # made when it is needed
    assert first.history is recorder(history=True).history is shared()
    first.history.close()
    assert not shared().closed
    monkeypatch.setenv("IMGWIDGETS_HOME", str(tmp_path / "another"))
    assert first.history.path == tmp_path / "another" / "history"
    shared().close()
    monkeypatch.undo()
    monkeypatch.setenv("IMGWIDGETS_HOME", str(home))


def test_a_client_writes_down_what_the_sandbox_drew(history):
    with recording(iw.Client(), history) as client:
        drawn = client.generate("a red fox", quality="low", size="1024x1024", n=2)
        edited = client.edit(
            drawn[0], "a hat", mask=iw.Mask.blank((1024, 1024)).ellipse((10, 10, 300, 300)), quality="low"
        )
    newest, first = history.search()
    assert [image.bytes for image in first.images] == [image.bytes for image in drawn]
    assert (first.status, first.cost, first.usage) == ("done", drawn.cost, drawn.usage)
    assert first.cost > 0
    assert history.spent() == 0
    assert newest.images[0].bytes == edited[0].bytes
    assert newest.request.images[0].data == drawn[0].bytes
    assert newest.request == edited.request
    with recording(iw.Client(), history) as client:
        again = client.send(newest.request)
    assert history.lookup(again.request.key).images[0].bytes == again[0].bytes


def test_a_stream_is_written_down_before_its_result_is_shown(history):
    with recording(iw.Client(), history) as client:
        stream = client.generate_stream("a fox", quality="low", size="1024x1024", partial_images=2)
        next(stream)
        assert history.search()[0].status == "running"
        for event in stream:
            if isinstance(event, iw.ImageResult):
                assert history.search()[0].status == "done"
                assert history.search()[0].images[0].bytes == event[0].bytes


def test_an_abandoned_stream_may_have_been_billed(history):
    with recording(iw.Client(), history) as client:
        stream = client.generate_stream("a fox", quality="low", size="1024x1024", partial_images=2)
        next(stream)
        stream.close()
    assert (history.search()[0].status, history.search()[0].error_type) == ("maybe_billed", "GeneratorExit")


def test_an_awaited_client_writes_down_too(history):
    async def ask():
        async with iw.AsyncClient() as client:
            recording(client, history)
            await asyncio.gather(
                *(client.generate(f"fox {n}", quality="low", size="1024x1024") for n in range(3))
            )

    asyncio.run(ask())
    assert sorted(entry.prompt for entry in history.search(status="done")) == ["fox 0", "fox 1", "fox 2"]


@pytest.mark.parametrize(("fault", "status"), [("forbidden", "failed"), ("bad_gateway", "maybe_billed")])
def test_a_failure_is_written_down(history, fault, status):
    with (
        iw.Sandbox(faults=[fault]) as sandbox,
        recording(iw.Client("sandbox", base_url=sandbox.base_url, max_retries=0), history) as client,
        pytest.raises(errors.RequestError) as raised,
    ):
        client.generate("a fox", quality="low", size="1024x1024")
    entry = history.search()[0]
    assert (entry.status, entry.error_type) == (status, type(raised.value).__name__)
    assert entry.error == str(raised.value)


def test_what_cannot_be_written_down_is_not_sent(tmp_path):
    history = History(tmp_path / "h")
    history.close()
    with (
        iw.Sandbox() as sandbox,
        recording(iw.Client("sandbox", base_url=sandbox.base_url), history) as client,
    ):
        with pytest.raises(errors.HistoryError):
            client.generate("a fox", quality="low", size="1024x1024")
        assert list(sandbox.requests) == []


def test_an_answer_that_cannot_be_written_down_is_shown_all_the_same(history):
    told = Recorder(history)
    asked = request()
    token = told.started(asked)
    answer = result(asked, picture("paid for"))
    history.close()
    with pytest.warns(RuntimeWarning, match="not in the history, save it yourself"):
        told.finished(token, answer)
    assert "not in the history" in answer.notes[-1]
    assert answer[0].bytes == picture("paid for").bytes


def test_a_failure_that_cannot_be_written_down_stays_what_it_is(history):
    told = Recorder(history)
    token = told.started(request())
    history.close()
    error = errors.ServerError("no")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        told.failed(token, error)
    assert any("could not be written to the history" in note for note in error.__notes__)


def test_an_answer_goes_to_the_history_that_its_request_went_to(tmp_path, home, monkeypatch):
    told = Recorder()
    asked = request()
    token = told.started(asked)
    monkeypatch.setenv("IMGWIDGETS_HOME", str(tmp_path / "moved"))
    told.finished(token, result(asked))
    with History(home / "history") as there:
        assert there.search()[0].status == "done"
    assert not (tmp_path / "moved").exists()
    monkeypatch.setenv("IMGWIDGETS_HOME", str(home))


def test_a_history_that_was_recorded_can_be_read_by_another(history, folder):
    recorded(history)
    with History(folder) as other:
        assert len(other.search()) == 1
