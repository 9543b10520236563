"""The history in a notebook, driven as its page would."""

import datetime as dt
import json
import threading
import time

import pytest
from history.making import an_input, picture, recorded, request

from imgwidgets import errors
from imgwidgets.history import History, shared
from imgwidgets.history.rows import STATUSES
from imgwidgets.widgets import HistoryView
from imgwidgets.widgets.history import view as history_view


@pytest.fixture
def history(tmp_path):
    with History(tmp_path / "h") as opened:
        yield opened


@pytest.fixture
def show(history):
    """Give a view of the history; closed in the end."""
    views = []

    def show(*arguments):
        views.append(HistoryView(*(arguments or (history,))))
        return views[-1]

    yield show
    for view in views:
        view.close()


def state(view):
    return view._bar._state


def say(view, **message):
    view._bar._receive(None, message, [])


def until(true):
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


def prompts(view):
    return [entry.prompt for entry in view.entries]


def test_it_shows_what_is_there_newest_first(history, show):
    recorded(history, "a red fox", picture("one"), picture("two"))
    number = history.started(request("a bear"))
    history.failed(number, errors.BadRequest("no bears"))
    history.started(request("still running"))
    view = show()
    assert prompts(view) == ["a bear", "a red fox"]
    assert [item.error for item in view.grid.items] == ["no bears", "", ""]
    assert [image.bytes for image in view.grid.images] == [picture("one").bytes, picture("two").bytes]
    said = state(view)
    assert (said["found"], said["running"], said["spent"], said["today"]) == (2, 1, "$0.25", "$0.25")
    assert (said["models"], said["providers"]) == (["gpt-image-2"], ["openai"])
    json.dumps(said)


def test_only_one_page_is_read(history, show, monkeypatch):
    monkeypatch.setattr(history_view, "PAGE", 4)
    for number in range(10):
        recorded(history, f"fox {number}")
    view = show()
    assert prompts(view) == ["fox 9", "fox 8", "fox 7", "fox 6"]
    assert (view.found, state(view)["pages"], len(view.grid.images)) == (10, 3, 4)
    say(view, do="page", to=2)
    assert prompts(view) == ["fox 1", "fox 0"]
    say(view, do="page", to=99)
    assert state(view)["page"] == 2
    say(view, do="page", to=-5)
    assert state(view)["page"] == 0


def test_ten_thousand_entries_make_a_page_no_slower(history, show):
    """As long as only the page is read, the rows that a page asks for do not grow with the history."""
    writer = history._database.process
    with history._database.writing() as connection:
        recorded_in_bulk = [
            (writer, 1e9 + number, f"key {number}", f"fox {number}") for number in range(10_000)
        ]
        connection.executemany(
            "INSERT INTO entries (process, created, stage, status, key, provider, embedded, base_url, model, endpoint, "
            "prompt, parameters, words) VALUES (?, ?, 3, 'failed', ?, 'openai', 0, '', 'm', 'generations', ?, '{}', '')",
            recorded_in_bulk,
        )
    view = show()
    assert (view.found, len(view.entries), len(view.grid.items)) == (10_000, 48, 48)
    began = time.perf_counter()
    view.go_to(100)
    assert time.perf_counter() - began < 10
    assert prompts(view)[0] == "fox 5199"


def test_the_page_searches_with_all_filters(history, show):
    recorded(history, "a red fox", cost=0.5)
    number = recorded(history, "an owl", cost=0.1, model="other")
    history.star(number)
    view = show()
    wishes = {
        "an owl": {"text": "OWL"},
        "a red fox": {"model": "gpt-image-2"},
    }
    for prompt, wish in wishes.items():
        say(view, do="search", wish=wish)
        assert prompts(view) == [prompt]
    for wish, count in (
        ({"starred": True}, 1),
        ({"starred": False}, 2),
        ({"min_cost": 0.3}, 1),
        ({"max_cost": 0.3}, 1),
        ({"status": "failed"}, 0),
        ({"provider": "openai"}, 2),
        ({"since": time.strftime("%Y-%m-%d"), "until": time.strftime("%Y-%m-%d")}, 2),
        ({"until": "2020-01-01"}, 0),
        ({"text": "", "model": "", "status": "", "since": "", "min_cost": None}, 2),
    ):
        say(view, do="search", wish=wish)
        assert (view.found, state(view)["error"]) == (count, ""), wish


def test_a_search_from_python_shows_in_the_fields(history, show):
    recorded(history, "a red fox")
    view = show()
    assert [entry.prompt for entry in view.search("fox", model="gpt-image-2", since=dt.date(2020, 1, 2))] == [
        "a red fox"
    ]
    assert view._bar._wish == {"text": "fox", "model": "gpt-image-2", "since": "2020-01-02"}
    assert view.search(since=dt.timedelta(hours=1))
    assert view._bar._wish == {"text": "", "since": ""}
    with pytest.raises(TypeError, match="search\\(\\) takes no colour; it takes model"):
        view.search(colour="red")
    with pytest.raises(ValueError, match="status is"):
        view.search(status="lost")
    assert prompts(view) == ["a red fox"], "what was shown stays"


@pytest.mark.parametrize(
    "message",
    [
        {"do": "search", "wish": {"since": "yesterday"}},
        {"do": "search", "wish": {"status": "lost"}},
        {"do": "page", "to": "far"},
        {"do": "page"},
        {"do": "code"},
    ],
)
def test_an_error_is_shown_in_the_view(history, show, message):
    recorded(history)
    view = show()
    say(view, **message)
    assert state(view)["error"]
    say(view, do="search", wish={})
    assert (state(view)["error"], view.found) == ("", 1)


def test_what_is_no_message_is_left_alone(show):
    view = show()
    for message in (None, "search", {}, {"do": "fly"}, {"do": "search", "wish": "fox"}):
        view._bar._receive(None, message, [])
    assert state(view)["error"] == ""


def test_what_is_new_comes_by_itself_and_moves_nothing(history, show, monkeypatch):
    monkeypatch.setattr(history_view, "PAGE", 3)
    monkeypatch.setattr(history_view, "_PATIENCE", 0.01)
    for number in range(4):
        recorded(history, f"fox {number}")
    view = show()
    before = view.grid.images
    view.grid.selected = before[:1]
    with History(history.path) as other:  # as another process would
        recorded(other, "a new owl")
    until(lambda: "a new owl" in prompts(view) and view.found == 5)
    assert [image for image in view.grid.images if image in before] == before
    assert view.grid.selected == before[:1]
    assert view.grid.sort_by == "-time"
    view.go_to(1)
    shown = prompts(view)
    recorded(history, "another")
    until(lambda: state(view)["fresh"] == 1)
    assert prompts(view) == shown
    view.go_to(0)
    assert (prompts(view)[0], state(view)["fresh"]) == ("another", 0)


def test_a_running_request_comes_when_it_has_ended(history, show, monkeypatch):
    monkeypatch.setattr(history_view, "_PATIENCE", 0.01)
    view = show()
    number = history.started(request("slow"))
    until(lambda: state(view)["running"] == 1)
    assert len(view.grid) == 0
    history.failed(number, errors.ServerError("too slow"))
    until(lambda: len(view.grid) == 1)
    assert state(view)["running"] == 0


def test_code_asks_again_for_what_is_selected(history, show):
    recorded(history, "a red fox")
    recorded(
        history,
        "a hat",
        endpoint="edits",
        images=(an_input(),),
        provider="openai-compatible",
        base_url="http://x/v1",
    )
    view = show()
    view.grid.selected = view.grid.images
    lines = view.code().splitlines()
    assert lines[2:] == [
        f"history = iw.History({str(history.path)!r})",
        "client = iw.Client('openai-compatible', base_url='http://x/v1')",
        "client_2 = iw.Client('openai')",
        "result_1 = client.send(history.entry(2).request)  # a hat",
        "result_2 = client_2.send(history.entry(1).request)  # a red fox",
    ]
    compile(view.code(), "code", "exec")
    say(view, do="code")
    assert state(view)["code"] == view.code()
    say(view, do="hide")
    assert state(view)["code"] == ""


def test_a_prompt_cannot_leave_its_comment(history, show):
    recorded(history, "a fox\nimport os; os.abort()\u2028print()")
    view = show()
    view.grid.selected = view.grid.images
    assert "# a fox import os; os.abort()" in view.code()
    assert len(view.code().splitlines()) == 5


def test_export_takes_what_is_selected_or_else_all_that_was_found(history, show, tmp_path, monkeypatch):
    for name in ("a red fox", "an owl", "a bear"):
        recorded(history, name)
    view = show()
    view.search("a")
    view.export(tmp_path / "all")
    assert len(json.loads((tmp_path / "all" / "manifest.json").read_text())["entries"]) == 3
    view.grid.selected = view.grid.images[:1]
    monkeypatch.chdir(tmp_path)
    say(view, do="export")
    until(lambda: state(view)["notice"].startswith("Exported to "))
    (manifest,) = tmp_path.glob("history-*/manifest.json")
    assert [entry["prompt"] for entry in json.loads(manifest.read_text())["entries"]] == ["a bear"]


def test_the_folder_is_said(history, show, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    view = show()
    say(view, do="folder")
    assert str(history.path) in state(view)["notice"]


def test_a_history_that_cannot_be_opened_is_said_in_the_view(show, monkeypatch, tmp_path):
    monkeypatch.setenv("IMGWIDGETS_HOME", "/proc/imgwidgets")
    view = show(None)
    assert "IMGWIDGETS_HOME" in state(view)["error"]
    monkeypatch.setenv("IMGWIDGETS_HOME", str(tmp_path))
    say(view, do="search", wish={})
    assert state(view)["error"] == ""
    assert view.history is shared()
    shared().close()


def test_something_else_than_a_history_is_refused():
    with pytest.raises(TypeError, match="history is str; give a History"):
        HistoryView("folder")


def test_a_closed_view_looks_no_more(history):
    before = set(threading.enumerate())
    view = HistoryView(history)
    (thread,) = [one for one in set(threading.enumerate()) - before if one._target is history_view._follow]
    view.close()
    thread.join(10)
    assert not thread.is_alive()


def test_every_outcome_can_be_filtered_by():
    kit = (history_view.STATIC / "history_kit.js").read_text("utf-8")
    assert all(f'["{status}", ' in kit for status in STATUSES)
