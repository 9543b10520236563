"""The live panel of a run: what it says, what its buttons do."""

import threading

import pytest

import imgwidgets as iw
from imgwidgets.widgets.sweep.panel import SweepPanel


@pytest.fixture(scope="module")
def sandbox():
    with iw.Sandbox() as running:
        yield running


@pytest.fixture
def client(sandbox):
    with iw.Client("sandbox", base_url=sandbox.base_url, history=False) as made:
        yield made


def test_the_panel_follows_a_run_to_its_end(client):
    sweep = iw.Sweep("a {x}", x=["fox", "owl"], quality="low", size=["1024x1024", "1000x1000"])
    run = sweep.run(client, budget=1, progress=False)
    panel = SweepPanel(run)
    ended = threading.Event()
    panel.bar.observe(lambda change: change["new"].get("state") == "done" and ended.set(), "_now")
    run.wait(60)
    assert ended.wait(30) or panel.bar._now["state"] == "done"
    panel.bar._show()
    now = panel.bar._now
    assert now["progress"]["done"] == 2
    assert (now["invalid"], now["images"], now["budget"], now["free"]) == (2, 2, 1, True)
    assert now["estimate"] == "$0.012"
    assert now["progress"]["spent"] == pytest.approx(run.spent)
    panel.table._show_news()
    assert len(panel.table.images) == 2
    assert "SweepPanel" in repr(panel)
    panel.close()
    assert run._engine.herald._listeners == []


def test_the_buttons_pause_go_on_cancel_and_retry(client):
    run = iw.Sweep("a {x}", x=["fox", "owl"], quality="low", size="1024x1024").run(client, progress=False)
    panel = SweepPanel(run)

    def press(kind):
        panel.bar._receive(panel.bar, {"kind": kind}, [])

    press("pause")
    if run.state == "paused":
        assert panel.bar._now["state"] == "paused"
        press("go_on")
    press("cancel")
    assert run.state in ("cancelled", "done")
    press("retry")
    run.wait(60)
    assert [outcome.status for outcome in run.outcomes] == ["done", "done"]
    press("nonsense")
    panel.bar._receive(panel.bar, "nonsense", [])
    panel.close()


def test_what_a_button_cannot_do_is_said_in_the_panel(client, monkeypatch):
    run = iw.Sweep("a fox", quality="low", size="1024x1024").run(client, progress=False).wait(60)
    panel = SweepPanel(run)

    def broken():
        raise ValueError("there is nothing to <retry>")

    monkeypatch.setattr(panel.bar._run, "retry", broken)
    panel.bar._receive(panel.bar, {"kind": "retry"}, [])
    assert panel.bar._now["trouble"] == "there is nothing to <retry>"
    panel.close()


def test_a_run_shows_its_panel_in_a_notebook_and_its_words_elsewhere(client):
    run = iw.Sweep("a fox", quality="low", size="1024x1024").run(client, progress=False).wait(60)
    bundle = run._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["text/plain"] == repr(run)
    assert "application/vnd.jupyter.widget-view+json" in data
