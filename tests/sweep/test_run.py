"""Running a sweep: what is sent, what is not, what becomes of failures."""

import os
import subprocess
import sys
import threading
import time

import pytest
from sweep.places import asked

import imgwidgets as iw
from imgwidgets import errors
from imgwidgets.history import History, StoredImage
from imgwidgets.history import place as history_place
from imgwidgets.sweep import preparing

FACES = {"fox", "owl", "cat"}


def statuses(run):
    return [outcome.status for outcome in run.outcomes]


def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


# -- the way of a run -------------------------------------------------------------------------------------


def test_run_returns_at_once_and_every_image_is_in_the_history_before_it_is_shown(animals, history):
    shown = []

    def look(index, outcome):
        if outcome.status == "done":
            shown.append((index, history.entry(outcome.entry).status))

    with iw.Sandbox(latency=0.5) as slow, iw.Client("sandbox", base_url=slow.base_url) as client:
        run = animals("fox", "owl").run(client, progress=False)
        run.on_change(look)
        assert run.state == "running"
        assert run.wait(60) is run
    assert run.state == "done"
    assert sorted(shown) == [(0, "done"), (1, "done")]
    assert statuses(run) == ["done", "done"]
    entries = history.run(run.id).entries
    assert sorted((entry.cell, entry.prompt) for entry in entries) == [(0, "a fox"), (1, "a owl")]
    assert history.run(run.id).status == "done"
    image = run.outcomes[1].result[0]
    assert isinstance(image, StoredImage)
    assert image.size == (256, 256)
    assert run.outcomes[1].result.request.prompt == "a owl"
    assert run.spent == pytest.approx(sum(entry.cost for entry in entries))


def test_changes_are_told_in_order_and_all_before_wait_returns(place, animals):
    heard = []
    run = animals("fox", "owl", "cat").run(place.client, progress=False)
    leave = run.on_change(lambda index, outcome: heard.append((index, outcome.status)))
    run.on_change(lambda *_: 1 / 0)  # somebody's display breaks
    run.wait(60)
    assert [status for index, status in heard if index == 1][-1] == "done"
    leave()
    before = len(heard)
    place.wishes.faults["owl"] = "moderation_input"
    animals("owl").run(place.client, fresh=True, progress=False).wait(60)
    assert len(heard) == before


def test_repeats_are_different_pictures(place, animals):
    run = animals("fox", repeat=3).run(place.client, progress=False).wait(60)
    assert len({outcome.result[0].sha256 for outcome in run.outcomes}) == 3


def test_a_client_may_be_closed_while_its_run_goes_on(place, animals):
    with iw.Client("sandbox", base_url=place.sandbox.base_url) as client:
        run = animals("fox", "owl").run(client, progress=False)
    assert statuses(run.wait(60)) == ["done", "done"]


def test_several_providers_in_one_sweep_are_each_asked_by_their_own_client():
    with (
        iw.Sandbox(provider="openai") as one,
        iw.Sandbox(provider="kkiai") as other,
        iw.Client("openai", base_url=one.base_url, api_key="sk-1234567890") as openai,
        iw.Client("kkiai", base_url=other.base_url, api_key="kk-1234567890") as kkiai,
    ):
        sweep = iw.Sweep(
            "a fox",
            model=["openai:gpt-image-2", "kkiai:gpt-image-1"],
            size="1024x1024",
            quality="low",
            image=iw.ResultImage(png()),
        )
        run = sweep.run([openai, kkiai], confirm=False, progress=False)
        run.wait(60)
        assert statuses(run) == ["done", "done"], [outcome.error for outcome in run.outcomes]
        assert (asked(one).total(), asked(other).total()) == (1, 1)


def png():
    import io

    from PIL import Image

    data = io.BytesIO()
    Image.new("RGB", (1024, 1024), "white").save(data, "PNG")
    return data.getvalue()


# -- failures ---------------------------------------------------------------------------------------------


def test_a_failure_is_its_cells_own_and_is_retried_or_left_by_kind(place, animals, history):
    place.wishes.faults = {"owl": "moderation_input", "cat": "server_error"}
    place.wishes.once = {"hen": "rate_limit_text", "emu": "overloaded"}
    run = animals("fox", "owl", "cat", "hen", "emu").run(place.client, progress=False).wait(60)
    assert statuses(run) == ["done", "failed", "maybe_billed", "done", "done"]
    assert run.outcomes[1].error_type == "ModerationBlocked"
    assert "safety" in run.outcomes[1].error
    assert place.asked() == {"a fox": 1, "a owl": 1, "a cat": 1, "a hen": 2, "a emu": 2}
    assert run.error is None
    assert list(run.to_pandas()["status"]) == statuses(run)

    place.wishes.faults = {}
    with pytest.raises(ValueError, match="may have been billed"):
        run.retry([2])
    with pytest.raises(ValueError, match="cell 0 is done"):
        run.retry([0])
    run.retry().wait(60)
    assert statuses(run) == ["done", "done", "maybe_billed", "done", "done"]
    assert place.asked()["a cat"] == 1, "what may have been billed is sent again only when asked to"
    run.retry(resend=True).wait(60)
    assert statuses(run) == ["done"] * 5
    assert place.asked()["a cat"] == 2
    assert [entry.status for entry in history.search("emu")] == ["done", "failed"]


def test_a_key_that_is_refused_ends_the_run_after_a_few_cells(place, animals):
    place.wishes.faults = {"a ": "unauthorized"}
    run = animals(*(f"fox {number}" for number in range(60))).run(place.client, at_once=2, progress=False)
    with pytest.raises(errors.AuthenticationError):
        run.wait(60)
    # Three in a row, and what was under way when the third was looked at.
    assert 3 <= statuses(run).count("failed") <= 24
    assert statuses(run).count("not_sent") == 60 - statuses(run).count("failed")
    assert sum(place.asked().values()) == statuses(run).count("failed")


@pytest.mark.parametrize("fault", ["unauthorized", "quota"])
def test_one_at_a_time_a_run_ends_with_the_third_refusal(place, animals, fault):
    place.wishes.faults = {"a ": fault}
    run = animals(*(f"fox {number}" for number in range(12))).run(place.client, at_once=1, progress=False)
    with pytest.raises((errors.AuthenticationError, errors.QuotaExhausted)):
        run.wait(60)
    assert sum(place.asked().values()) == 3


def test_without_a_key_nothing_is_sent(home):
    with pytest.raises(errors.AuthenticationError, match="OPENAI_API_KEY"):
        iw.Sweep("a fox", model="openai:gpt-image-2").run(confirm=False)
    assert not (home / "history" / "history.sqlite").exists() or not History().runs()


def test_invalid_cells_are_not_sent_and_say_why(place):
    sweep = iw.Sweep("a fox", model="dall-e-2", size=["256x256", "300x300"])
    run = sweep.run(place.client, progress=False).wait(60)
    assert statuses(run) == ["done", "not_sent"]
    assert "300x300" in run.outcomes[1].error
    with pytest.raises(ValueError, match="invalid"):
        run.retry([1])


# -- what is known is not asked again -----------------------------------------------------------------------


def test_identical_cells_are_asked_once(place, animals):
    run = animals("fox", "owl", "fox").run(place.client, progress=False).wait(60)
    assert statuses(run) == ["done"] * 3
    assert place.asked() == {"a fox": 1, "a owl": 1}
    assert run.outcomes[2].cost == 0
    assert run.outcomes[2].result[0].sha256 == run.outcomes[0].result[0].sha256


def test_what_the_history_has_is_not_asked_again_unless_fresh(place, animals):
    animals("fox", "owl").run(place.client, progress=False).wait(60)
    more = animals("fox", "owl", "cat").run(place.client, progress=False).wait(60)
    assert [outcome.from_history for outcome in more.outcomes] == [True, True, False]
    assert more.spent == pytest.approx(more.outcomes[2].cost)
    assert place.asked() == {"a fox": 1, "a owl": 1, "a cat": 1}
    again = animals("fox", "owl", "cat").run(place.client, fresh=True, progress=False).wait(60)
    assert not any(outcome.from_history for outcome in again.outcomes)
    assert sum(place.asked().values()) == 6


def test_one_stored_answer_is_one_of_two_repeats(place, animals):
    animals("fox").run(place.client, progress=False).wait(60)
    run = animals("fox", repeat=2).run(place.client, progress=False).wait(60)
    assert [outcome.from_history for outcome in run.outcomes] == [True, False]
    assert place.asked() == {"a fox": 2}
    assert len({outcome.result[0].sha256 for outcome in run.outcomes}) == 2


def test_errors_are_never_cached(place, animals):
    place.wishes.faults = {"owl": "moderation_input"}
    animals("owl").run(place.client, progress=False).wait(60)
    place.wishes.faults = {}
    run = animals("owl").run(place.client, progress=False).wait(60)
    assert statuses(run) == ["done"]
    assert place.asked() == {"a owl": 2}


# -- money --------------------------------------------------------------------------------------------------


@pytest.fixture
def openai():
    with (
        iw.Sandbox(provider="openai") as sandbox,
        iw.Client("openai", base_url=sandbox.base_url, api_key="sk-1234567890") as client,
    ):
        yield client, sandbox


def test_above_a_dollar_a_run_asks_first(openai):
    client, sandbox = openai
    sweep = iw.Sweep("a {n}", n=list(range(12)), model="gpt-image-2", quality="high", size="1024x1024")
    with pytest.raises(errors.BudgetExceeded, match=r"up to \$2\.53.*confirm=False"):
        sweep.run(client)
    assert sandbox.requests.total == 0
    with pytest.raises(errors.BudgetExceeded, match="confirm=False"):
        iw.Sweep("a fox", model="openai:gpt-image-99").run(client)
    run = sweep.run(client, budget=0.0, progress=False)  # it cannot cost more than that
    with pytest.raises(errors.BudgetExceeded, match="12 cells were not sent"):
        run.wait(60)


def test_no_budget_is_advised_against_what_has_no_price(openai):
    client, sandbox = openai
    sweep = iw.Sweep("a fox", model=["gpt-image-2", "nobody-knows"], quality="low")
    with pytest.raises(errors.BudgetExceeded, match=r"openai:nobody-knows.*confirm=False") as caught:
        sweep.run(client, budget=0.5)
    assert "budget=..." not in str(caught.value)
    assert not asked(sandbox)


@pytest.mark.parametrize("options", [{"bugdet": 3}, {"client": 42}, {"client": [None]}])
def test_an_option_that_is_none_is_said(place, animals, options):
    with pytest.raises(TypeError, match=r"bugdet|client is (int|NoneType)"):
        animals("fox").run(**{"client": place.client, **options})


def test_the_embedded_sandbox_never_asks():
    sweep = iw.Sweep("a {n}", n=list(range(12)), model="gpt-image-2", quality="high", size="1024x1024")
    run = sweep.run(iw.Client(history=False), budget=0, progress=False)
    with pytest.raises(errors.BudgetExceeded):
        run.wait(60)


def test_in_a_notebook_the_run_waits_for_start(openai, monkeypatch):
    client, sandbox = openai
    monkeypatch.setattr(preparing, "in_notebook", lambda: True)
    sweep = iw.Sweep("a {n}", n=[1, 2], model="gpt-image-2", quality="low", size="1024x1024")
    run = sweep.run(client, confirm=0.001)
    assert run.state == "waiting for start"
    assert "$0.01" in run.confirmation
    with pytest.raises(errors.BudgetExceeded, match=r"run\.start\(\)"):
        run.wait(60)
    assert sandbox.requests.total == 0
    assert statuses(run.start().wait(60)) == ["done", "done"]
    left = sweep.run(client, confirm=0.001, fresh=True).cancel()
    assert (left.state, statuses(left)) == ("cancelled", ["not_sent", "not_sent"])


def test_a_cell_that_would_exceed_the_budget_is_not_sent_and_the_rest_is_intact(place):
    sweep = iw.Sweep("a fox {n}", n=[1, 2, 3], quality=["high", "low"], model="gpt-image-2", size="1024x1024")
    run = sweep.run(place.client, budget=0.25, order="cheapest", progress=False)
    with pytest.raises(errors.BudgetExceeded, match="2 cells were not sent"):
        run.wait(100)
    assert isinstance(run.error, errors.BudgetExceeded)
    assert statuses(run).count("done") == 4
    assert {outcome.error_type for outcome in run.outcomes if outcome.status == "not_sent"} == {
        "BudgetExceeded"
    }
    assert run.spent <= 0.25
    run.retry(budget=0.47)
    with pytest.raises(errors.BudgetExceeded, match="1 cell was not sent"):
        run.wait(100)
    assert run.retry(budget=1).wait(100).state == "done"
    assert statuses(run) == ["done"] * 6


@pytest.mark.parametrize(
    ("order", "first"),
    [("as given", [0, 1, 2, 3]), ("cheapest", [1, 3, 5, 0]), ("diagonal first", [0, 3, 4, 1])],
)
def test_the_order_is_as_asked(place, order, first):
    sweep = iw.Sweep("a {n}", n=["fox", "owl", "cat"], size=["1024x1024", "256x256"], model="dall-e-2")
    sent = []
    run = sweep.run(place.client, order=order, at_once=1, budget=0.0, progress=False)
    with pytest.raises(errors.BudgetExceeded):
        run.wait(60)
    run.on_change(lambda index, outcome: sent.append(index) if outcome.status == "running" else None)
    run.retry(budget=1).wait(60)
    assert sent[:4] == first
    with pytest.raises(ValueError, match="diagonal first"):
        sweep.run(place.client, order="random")


# -- by hand --------------------------------------------------------------------------------------------------


@pytest.fixture
def slow():
    with (
        iw.Sandbox(latency=0.4) as sandbox,
        iw.Client("sandbox", base_url=sandbox.base_url) as client,
    ):
        yield client, sandbox


def test_pause_sends_nothing_and_go_on_sends_the_rest(slow, animals, history):
    client, sandbox = slow
    run = animals(*"abcdef").run(client, at_once=2, progress=False)
    until(lambda: asked(sandbox).total() >= 2)
    run.pause()
    until(lambda: run.progress["running"] == 0)
    arrived = asked(sandbox).total()
    assert (run.state, history.run(run.id).status) == ("paused", "paused")
    assert run.progress["waiting"] == 6 - arrived
    with pytest.raises(TimeoutError, match=r"paused.*run\.go_on\(\)"):
        run.wait(0.3)
    with pytest.raises(TimeoutError, match="paused"):
        run.wait(-1)
    assert asked(sandbox).total() == arrived
    assert statuses(run.go_on().wait(60)) == ["done"] * 6
    for late in (run.pause, run.go_on):
        assert (late().state, history.run(run.id).status) == ("done", "done"), "it has ended"


def test_cancel_keeps_what_was_paid_for_and_sends_nothing_more(slow, animals, history):
    client, sandbox = slow
    run = animals(*"abcdefgh").run(client, at_once=2, progress=False)
    until(lambda: asked(sandbox).total() >= 2)
    run.cancel().wait(60)
    assert run.state == history.run(run.id).status == "cancelled"
    assert statuses(run).count("done") == asked(sandbox).total() < 8
    assert statuses(run).count("not_sent") == 8 - asked(sandbox).total()
    assert statuses(run.retry().wait(60)) == ["done"] * 8


def test_cancel_with_cut_lists_what_may_have_been_billed(animals):
    with iw.Sandbox(latency=30) as sandbox, iw.Client("sandbox", base_url=sandbox.base_url) as client:
        run = animals(*"abcd").run(client, at_once=2, progress=False)
        until(lambda: asked(sandbox).total() >= 2)
        run.cancel(cut=True).wait(20)
        assert sorted(statuses(run)) == ["maybe_billed", "maybe_billed", "not_sent", "not_sent"]


def test_lines_on_stderr_say_how_far_it_is(place, animals, capsys):
    place.wishes.faults = {"owl": "moderation_input"}
    run = animals("fox", "owl").run(place.client).wait(60)
    line = capsys.readouterr().err.splitlines()[-1]
    assert line == f"sweep {run.id}: 2 of 2 cells, 1 failed, $0.016 spent"
    animals("fox").run(place.client, progress=False).wait(60)
    assert capsys.readouterr().err == ""


def test_a_program_that_ends_waits_for_what_it_has_sent_and_sends_nothing_more(slow):
    client, sandbox = slow
    program = (
        "import imgwidgets as iw, time\n"
        f"client = iw.Client('sandbox', base_url={client.base_url!r})\n"
        "run = iw.Sweep('a {n}', n=list(range(9)), model='dall-e-2', size='256x256').run(client, at_once=2)\n"
        "while run.progress['running'] < 2: time.sleep(0.01)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=os.environ,
    )
    assert "cancelled" in done.stderr.splitlines()[-1]
    (stored,) = History().runs()
    assert [entry.status for entry in stored.entries] == ["done"] * asked(sandbox).total()
    assert asked(sandbox).total() < 9
    assert stored.status == "cancelled"
    run = iw.Sweep.resume(stored.id, client=client, progress=False).wait(60)
    assert statuses(run) == ["done"] * 9
    assert asked(sandbox).total() == 9


# -- where nothing can be kept --------------------------------------------------------------------------------


def test_without_a_history_images_leave_memory_all_the_same(place, animals, home):
    with iw.Client("sandbox", base_url=place.sandbox.base_url, history=False) as client:
        run = animals("fox").run(client, progress=False).wait(60)
        assert isinstance(run.outcomes[0].result[0], StoredImage)
        assert run.outcomes[0].result[0].array.shape == (256, 256, 3)
        assert not run.is_lasting
        with pytest.raises(errors.HistoryError, match="history=False"):
            iw.Sweep.resume(run.id, client=client)
    assert not (home / "history").exists()


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_said_before_anything_is_sent(place, animals, tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(errors.HistoryError, match="cannot be written"):
        animals("fox").run(place.client, history=History(folder / "h"), progress=False)
    assert place.sandbox.requests.total == 0


def test_a_history_that_turned_read_only_is_said_before_anything_is_sent(place, animals, history):
    history._database._writer.execute("PRAGMA query_only = ON")
    with pytest.raises(errors.HistoryError, match="cannot be written"):
        animals("fox").run(place.client, history=history, progress=False)
    assert place.sandbox.requests.total == 0


def test_a_full_disk_is_said_before_anything_is_sent(place, animals, monkeypatch):
    usage = type("Usage", (), {"free": 1_000_000})
    monkeypatch.setattr(history_place.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(errors.HistoryError, match="full"):
        animals("fox").run(place.client, progress=False)
    assert place.sandbox.requests.total == 0


def test_a_disk_that_fills_up_meanwhile_ends_the_run_and_keeps_what_came(place, animals, monkeypatch):
    calls = []

    def usage(folder):
        calls.append(folder)
        return type("Usage", (), {"free": 1_000_000_000 if len(calls) < 4 else 1_000_000})

    monkeypatch.setattr(history_place.shutil, "disk_usage", usage)
    run = animals(*"abcdefgh").run(place.client, at_once=1, progress=False)
    with pytest.raises(errors.HistoryError, match="full"):
        run.wait(60)
    assert 1 <= statuses(run).count("done") == sum(place.asked().values()) <= 3
    assert statuses(run).count("not_sent") == 8 - statuses(run).count("done")
    monkeypatch.undo()


def test_listeners_may_ask_the_run_from_their_thread(place, animals):
    seen = []
    run = animals("fox", "owl").run(place.client, progress=False)
    run.on_change(lambda *_: seen.append((threading.current_thread().name, run.progress["done"])))
    run.wait(60)
    assert all(name == "imgwidgets-sweep-news" for name, _ in seen)
