"""What a client tells the history."""

import asyncio
import pickle
import shutil
import subprocess
import sys
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
    with iw.Client(history=history) as client:
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
    with iw.Client(history=history) as client:
        again = client.send(newest.request)
    assert history.lookup(again.request.key).images[0].bytes == again[0].bytes


def test_a_stream_is_written_down_before_its_result_is_shown(history):
    with iw.Client(history=history) as client:
        stream = client.generate_stream("a fox", quality="low", size="1024x1024", partial_images=2)
        next(stream)
        assert history.search()[0].status == "running"
        for event in stream:
            if isinstance(event, iw.ImageResult):
                assert history.search()[0].status == "done"
                assert history.search()[0].images[0].bytes == event[0].bytes


def test_an_abandoned_stream_may_have_been_billed(history):
    with iw.Client(history=history) as client:
        stream = client.generate_stream("a fox", quality="low", size="1024x1024", partial_images=2)
        next(stream)
        stream.close()
    assert (history.search()[0].status, history.search()[0].error_type) == ("maybe_billed", "GeneratorExit")


def test_an_awaited_client_writes_down_too(history):
    async def ask():
        async with iw.AsyncClient(history=history) as client:
            await asyncio.gather(
                *(client.generate(f"fox {n}", quality="low", size="1024x1024") for n in range(3))
            )

    asyncio.run(ask())
    assert sorted(entry.prompt for entry in history.search(status="done")) == ["fox 0", "fox 1", "fox 2"]


@pytest.mark.parametrize(("fault", "status"), [("forbidden", "failed"), ("bad_gateway", "maybe_billed")])
def test_a_failure_is_written_down(history, fault, status):
    with (
        iw.Sandbox(faults=[fault]) as sandbox,
        iw.Client("sandbox", base_url=sandbox.base_url, max_retries=0, history=history) as client,
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
        iw.Client("sandbox", base_url=sandbox.base_url, history=history) as client,
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


# -- the option of a client -----------------------------------------------------------------------------


LOW = {"quality": "low", "size": "1024x1024", "model": "gpt-image-2"}


def test_a_client_writes_to_the_usual_place_unless_it_is_told_otherwise(home, tmp_path):
    with iw.Client() as client:
        client.generate("usual", **LOW)
    with iw.Client(history=False) as client:
        client.generate("nowhere", **LOW)
    with History(tmp_path / "mine") as mine, iw.Client(history=mine) as client:
        client.generate("mine", **LOW)
        assert [entry.prompt for entry in mine.search()] == ["mine"]
    assert [entry.prompt for entry in iw.History().search()] == ["usual"]
    assert (home / "history" / "history.sqlite").is_file()


@pytest.mark.parametrize("wrong", [None, 1, "folder"])
def test_another_option_is_refused_at_once(wrong):
    for kind in (iw.Client, iw.AsyncClient):
        with pytest.raises(TypeError, match=r"history is .*; give True, False or a History"):
            kind(history=wrong)


def test_what_was_written_down_says_where(history):
    with iw.Client(history=history) as client:
        result = client.generate("a fox", n=2, **LOW)
    for position, image in enumerate(result):
        kept = image.kept
        assert (kept.history, kept.position, kept.sha256, kept.role) == (
            history,
            position,
            image.sha256,
            "image",
        )
        stored = history.entry(kept.entry).images[position]
        assert (stored.kept.entry, stored.kept.position, stored.kept.sha256) == (
            kept.entry,
            position,
            image.sha256,
        )
        for copy in (pickle.loads(pickle.dumps(image)), pickle.loads(pickle.dumps(stored))):
            assert (copy.kept, copy.bytes) == (None, image.bytes)
    with iw.Client(history=False) as client:
        assert client.generate("a fox", **LOW)[0].kept is None


def test_a_pickled_client_opens_the_same_folder_with_its_first_request(history, folder, home):
    with iw.Client(history=history) as client, iw.Client(history=False) as silent, iw.Client() as usual:
        copies = [
            pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(one)))) for one in (client, silent, usual)
        ]
    assert not home.exists()
    history.close()
    assert [copy.history for copy in copies[1:]] == [False, True]
    assert copies[0].history.path == folder
    for copy in copies:
        copy.generate("from afar", **LOW)
        copy.close()
    shared(folder).close()
    with History(folder) as there:
        assert [entry.prompt for entry in there.search()] == ["from afar"]
    assert len(iw.History().search()) == 1


def test_a_client_without_history_loads_no_database():
    code = (
        "import sys, imgwidgets as iw\n"
        "iw.Client(history=False).generate('a fox', model='gpt-image-2', quality='low')\n"
        "print({'sqlite3', 'imgwidgets.history'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_home_that_cannot_be_written_is_said_before_anything_is_sent(monkeypatch, tmp_path):
    """For the sandbox as for all others; root may write everywhere but in /proc."""
    (tmp_path / "file").write_text("in the way")
    for home in (tmp_path / "file", "/proc/imgwidgets"):
        monkeypatch.setenv("IMGWIDGETS_HOME", str(home))
        with iw.Sandbox() as sandbox:
            with iw.Client("sandbox", base_url=sandbox.base_url) as client:
                for ask in (
                    lambda: client.generate("a fox", **LOW),
                    lambda: list(client.generate_stream("a fox", **LOW)),
                ):
                    with pytest.raises(
                        errors.HistoryError, match=r"IMGWIDGETS_HOME.*Client\(history=False\)"
                    ):
                        ask()

            async def ask_async(base_url=sandbox.base_url):
                async with iw.AsyncClient("sandbox", base_url=base_url) as client:
                    await client.generate("a fox", **LOW)

            with pytest.raises(errors.HistoryError, match=r"IMGWIDGETS_HOME.*Client\(history=False\)"):
                asyncio.run(ask_async())
            assert list(sandbox.requests) == []


def test_a_full_disk_is_said_before_anything_is_sent(home, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=5_000_000))
    with iw.Sandbox() as sandbox, iw.Client("sandbox", base_url=sandbox.base_url) as client:
        with pytest.raises(errors.HistoryError, match=r"is full: .*IMGWIDGETS_HOME.*history=False"):
            client.generate("a fox", **LOW)
        assert list(sandbox.requests) == []
    assert iw.History(home / "history").search() == []
