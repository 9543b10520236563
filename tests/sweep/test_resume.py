"""Taking a run up again: what is known, what it has cost, what it needs."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from sweep.places import asked

import imgwidgets as iw
from imgwidgets import errors
from imgwidgets.history import History
from imgwidgets.sweep import preparing

SWEEPER = str(Path(__file__).with_name("sweeper.py"))


def statuses(run):
    return [outcome.status for outcome in run.outcomes]


def png(colour):
    data = io.BytesIO()
    Image.new("RGBA", (256, 256), colour).save(data, "PNG")
    return data.getvalue()


def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


def test_an_unknown_run_is_said_with_those_there_are(place, animals):
    run = animals("fox").run(place.client, progress=False, name="foxes").wait(60)
    with pytest.raises(errors.HistoryError, match=rf"no run 'abc'.*{run.id} \(foxes\)"):
        iw.Sweep.resume("abc", client=place.client)
    with pytest.raises(errors.HistoryError, match="run_id is int"):
        iw.Sweep.resume(3)


def test_a_finished_run_can_be_looked_at_again_and_nothing_is_sent(place, animals):
    run = animals("fox", "owl", "fox").run(place.client, progress=False, order="cheapest").wait(60)
    again = iw.Sweep.resume(run.id, client=place.client, progress=False).wait(60)
    assert again.id == run.id
    assert [outcome.entry for outcome in again.outcomes] == [outcome.entry for outcome in run.outcomes]
    assert [outcome.cost for outcome in again.outcomes] == [0.016, 0.016, 0]
    assert again.spent == pytest.approx(run.spent)
    assert again.options == {"order": "cheapest"}
    assert place.asked().total() == 2
    assert json.dumps(again.manifest())


def test_the_client_is_found_again_by_provider_and_address(animals, monkeypatch):
    with iw.Sandbox(provider="openai") as sandbox:
        with iw.Client("openai", base_url=sandbox.base_url, api_key="sk-argument-123") as client:
            run = animals("fox", "owl").run(client, at_once=1, progress=False)
            until(lambda: run.progress["done"] >= 1)
            run.cancel().wait(60)
        with pytest.raises(errors.AuthenticationError, match="OPENAI_API_KEY"):
            iw.Sweep.resume(run.id)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-environment-123")
        again = iw.Sweep.resume(run.id, progress=False).wait(60)
        assert statuses(again) == ["done", "done"]
        assert asked(sandbox) == {"a fox": 1, "a owl": 1}


def test_images_and_masks_are_found_again_by_their_content(place):
    mask = iw.Mask.blank((128, 128)).rectangle((0, 0, 64, 128))
    sweep = iw.Sweep(
        "a {what}",
        what=["hat", "scarf"],
        image={"red": png("red"), "blue": png("blue")},
        mask=mask,
        model="dall-e-2",
        size="256x256",
    )
    run = sweep.run(place.client, budget=0.02, progress=False)
    with pytest.raises(errors.BudgetExceeded):
        run.wait(60)
    again = iw.Sweep.resume(run.id, client=place.client, budget=1, progress=False).wait(60)
    assert statuses(again) == ["done"] * 4
    assert place.asked().total() == 4
    assert again.plan[1].values == {"what": "hat", "image": "blue"}
    assert again.outcomes[1].result.request.images[0].data == png("blue")


def test_what_was_spent_before_counts_against_the_budget(place, animals):
    run = animals("fox", "owl", "cat", "hen").run(place.client, budget=0.04, progress=False)
    with pytest.raises(errors.BudgetExceeded):
        run.wait(60)
    again = iw.Sweep.resume(run.id, client=place.client, progress=False)
    with pytest.raises(errors.BudgetExceeded, match=r"of the budget of \$0\.04 \$0\.0320 are spent"):
        again.wait(60)
    assert place.asked().total() == 2
    more = iw.Sweep.resume(run.id, client=place.client, budget=0.05, progress=False)
    with pytest.raises(errors.BudgetExceeded):
        more.wait(60)
    assert (place.asked().total(), round(more.spent, 3)) == (3, 0.048)


def test_what_cannot_succeed_is_left_and_other_failures_are_sent_again(place, animals):
    place.wishes.faults = {"owl": "moderation_input", "cat": "server_error", "hen": "quota"}
    run = animals("fox", "owl", "cat", "hen").run(place.client, progress=False).wait(60)
    assert statuses(run) == ["done", "failed", "maybe_billed", "failed"]
    place.wishes.faults = {}
    again = iw.Sweep.resume(run.id, client=place.client, progress=False).wait(60)
    assert statuses(again) == ["done", "failed", "maybe_billed", "done"]
    assert again.outcomes[1].error == run.outcomes[1].error
    assert again.reserved == pytest.approx(0.016)
    with pytest.raises(ValueError, match=r"cell 0.*\[2\]"):
        iw.Sweep.resume(run.id, client=place.client, resend=[0])
    last = iw.Sweep.resume(run.id, client=place.client, resend=[2], progress=False).wait(60)
    assert statuses(last) == ["done", "failed", "done", "done"]
    assert last.reserved == 0
    assert statuses(last.retry().wait(60)) == ["done"] * 4
    assert place.asked() == {"a fox": 1, "a owl": 2, "a cat": 2, "a hen": 2}


def test_repeats_are_counted_by_cell(place, animals, history):
    run = animals("fox", repeat=3).run(place.client, at_once=1, budget=0.0, progress=False)
    with pytest.raises(errors.BudgetExceeded):
        run.wait(60)
    run.retry([1], budget=1).wait(60)  # the second repeat only
    again = iw.Sweep.resume(run.id, client=place.client, budget=1, progress=False).wait(60)
    assert statuses(again) == ["done"] * 3
    assert place.asked() == {"a fox": 3}
    assert len({outcome.result[0].sha256 for outcome in again.outcomes}) == 3
    assert sorted(entry.cell for entry in history.run(run.id).entries) == [0, 1, 2]


def test_a_run_that_is_still_going_is_not_taken_up_twice(animals):
    with iw.Sandbox(latency=0.5) as sandbox, iw.Client("sandbox", base_url=sandbox.base_url) as client:
        run = animals("fox", "owl").run(client, progress=False)
        with pytest.raises(errors.HistoryError, match="this program"):
            iw.Sweep.resume(run.id, client=client)
        run.wait(60)
        child = subprocess.Popen(
            [sys.executable, SWEEPER, sandbox.base_url, "40"], stdout=subprocess.PIPE, text=True
        )
        try:
            run_id = child.stdout.readline().split()[1]
            with pytest.raises(errors.HistoryError, match=f"the process {child.pid}"):
                iw.Sweep.resume(run_id, client=client)
        finally:
            child.send_signal(signal.SIGKILL)
            child.stdout.close()
            child.wait()


def test_two_processes_sweep_into_one_history():
    with iw.Sandbox() as sandbox:
        command = [sys.executable, SWEEPER, sandbox.base_url, "12"]
        children = [
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) for _ in range(2)
        ]
        said = [child.communicate(timeout=100)[0].split() for child in children]
        assert [child.returncode for child in children] == [0, 0]
        with History() as history:
            runs = [history.run(words[words.index("run") + 1]) for words in said]
            assert {one.status for one in runs} == {"done"}
            done = [entry for one in runs for entry in one.entries]
            assert {entry.status for entry in done} == {"done"}
            assert len(done) == asked(sandbox).total()
            assert {entry.prompt for entry in done} == {f"a fox {number}" for number in range(12)}
            assert history.verify() == []


def test_what_is_left_needs_a_confirmation_too(monkeypatch):
    with (
        iw.Sandbox(provider="openai") as sandbox,
        iw.Client("openai", base_url=sandbox.base_url, api_key="sk-1234567890") as client,
    ):
        sweep = iw.Sweep("a {n}", n=list(range(8)), model="gpt-image-2", quality="high", size="1024x1024")
        run = sweep.run(client, budget=0.0, progress=False)
        with pytest.raises(errors.BudgetExceeded):
            run.wait(60)
        with pytest.raises(errors.BudgetExceeded, match="confirm=False"):
            iw.Sweep.resume(run.id, client=client, budget=5)
        monkeypatch.setattr("imgwidgets.sweep.resuming.in_notebook", lambda: True)
        again = iw.Sweep.resume(run.id, client=client, budget=5)
        assert again.state == "waiting for start"
        assert preparing.is_going(run.id)
        again.cancel()
        assert sandbox.requests.total == 0
