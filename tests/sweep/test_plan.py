"""What a plan says of each cell, and what it does not do: nothing is sent, started or written."""

import importlib
import os
import subprocess
import sys
import time
import tracemalloc

import numpy as np
import pytest

import imgwidgets as iw
from imgwidgets import catalog
from imgwidgets.errors import CatalogError, ParameterError
from imgwidgets.history import History


def test_invalid_cells_say_why_in_the_catalogs_words():
    plan = iw.Sweep("a fox", size=["1024x1024", "1000x1000"], model="openai:gpt-image-2").plan(history=False)
    good, bad = plan
    assert (good.valid, good.state) == (True, "to send")
    assert (bad.valid, bad.state, bad.price, bad.key) == (False, "invalid", None, "")
    assert bad.problems == catalog.check(bad.request)
    assert bad.problems[0].suggestion == "1008x1008"


def test_a_provider_that_was_mistyped_before_a_model_is_an_error_with_the_name_meant():
    with pytest.raises(CatalogError, match=r"'opnai'.*did you mean 'openai'"):
        iw.Sweep("a fox", model="opnai:gpt-image-2").plan(history=False)


def test_a_model_that_is_not_there_or_has_no_such_endpoint_is_an_invalid_cell():
    plan = iw.Sweep("a fox", model=["sandbox:gpt-image-9", "openai:gpt-image-2"]).plan(history=False)
    assert plan[0].problems[0].code == "model_not_found"
    assert plan[1].valid
    [edit] = iw.Sweep("a fox", endpoint="edits", model="openai:gpt-image-2").plan(history=False)
    assert "at least 1 image" in edit.problems[0].message


def test_the_totals_count_what_will_be_sent_only():
    sweep = iw.Sweep(
        "a {animal}",
        animal=["fox", "owl", "fox"],
        size=["1024x1024", "1000x1000"],
        n=[1, 2],
        quality="low",
        model="openai:gpt-image-2",
    )
    plan = sweep.plan(history=False)
    assert plan.counts == {"to send": 4, "in history": 0, "duplicate": 2, "invalid": 6}
    assert (plan.to_send, plan.images, len(plan.cells_to_send)) == (4, 6, 4)
    one = catalog.estimate(plan[0].request)
    assert plan.cost == pytest.approx((6 * one[0], 6 * one[1]), rel=1e-3)
    assert [cell.same_as for cell in plan if cell.same_as is not None] == [0, 1]
    assert repr(plan).startswith("<Plan: 12 cells, 4 to send, 6 images, $0.03")
    assert "\n" not in repr(plan)


def test_repeats_are_no_duplicates():
    plan = iw.Sweep("a {x}", x=["fox", "fox"], repeat=2).plan(history=False)
    assert [(cell.repeat, cell.same_as) for cell in plan] == [(0, None), (1, None), (0, 0), (1, 1)]
    assert len({cell.key for cell in plan}) == 2
    assert plan[0].request.key == plan[1].request.key


def test_cells_without_a_known_price_are_named_and_count_as_zero():
    plan = iw.Sweep("a fox", model=["openai-compatible:my-model", "openai:gpt-image-2"], quality="low").plan(
        history=False
    )
    assert plan.unpriced == ("openai-compatible:my-model",)
    assert plan[0].valid
    assert plan.cost == plan[1].price
    assert "no price known for openai-compatible:my-model" in repr(plan)
    assert "No price is known for openai-compatible:my-model" in plan._repr_html_()


def test_the_client_says_who_is_asked_where_the_model_does_not(monkeypatch):
    sweep = iw.Sweep("a fox", model=["gpt-image-2", "kkiai:gpt-image-2"], quality="low")
    assert [cell.provider for cell in sweep.plan(history=False)] == ["sandbox", "kkiai"]
    assert [cell.provider for cell in sweep.plan("openai", history=False)] == ["openai", "kkiai"]
    with iw.Client("openai", api_key="sk-test", history=False) as client:
        assert [cell.provider for cell in sweep.plan(client)] == ["openai", "kkiai"]
        assert [cell.provider for cell in sweep.plan([client], history=False)] == ["openai", "kkiai"]
    monkeypatch.setenv("IMGWIDGETS_PROVIDER", "ttapi")
    assert [cell.provider for cell in sweep.plan(history=False)] == ["ttapi", "kkiai"]
    with pytest.raises(TypeError, match="give a Client"):
        sweep.plan(3)


def test_a_plan_is_a_sequence():
    plan = iw.Sweep("a {x}", x=list("abc")).plan(history=False)
    assert (len(plan), plan[-1].values, len(plan[1:]), plan.index(plan[1])) == (3, {"x": "c"}, 2, 1)
    assert [cell.index for cell in reversed(plan)] == [2, 1, 0]


def test_too_many_cells_are_refused_at_once_with_the_way_out():
    many = list(range(1000))
    sweep = iw.Sweep("{a} {b} {c}", a=many, b=many, c=many)
    assert sweep.count == 10**9
    began = time.monotonic()
    with pytest.raises(ParameterError, match=r"1,000,000,000 cells.*iw.sample"):
        sweep.plan(history=False)
    assert time.monotonic() - began < 5


def test_planning_starts_no_sandbox_makes_no_history_and_needs_no_key(tmp_path):
    code = (
        "import imgwidgets as iw, sys\n"
        "sweep = iw.Sweep('a {x}', x=['fox', 'owl'], model=['openai:gpt-image-2', 'gpt-image-2'])\n"
        "plan = sweep.plan(); repr(plan)\n"
        "assert plan.to_send == 4\n"
        "assert 'uvicorn' not in sys.modules and 'imgwidgets.sandbox' not in sys.modules\n"
        "assert not {'ipywidgets', 'IPython', 'anywidget'} & set(sys.modules)\n"
    )
    home = tmp_path / "home"
    environment = {**os.environ, "IMGWIDGETS_HOME": str(home)}
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, env=environment)
    assert not home.exists()


# -- the history ------------------------------------------------------------------------------------------

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="8"/>'


def answer(history, request, width=8, **known):
    number = history.started(request, **known)
    history.finished(number, iw.ImageResult([iw.ResultImage(SVG % width)], request=request, cost=0.5))
    return number


@pytest.fixture
def history(tmp_path):
    with History(tmp_path / "history") as opened:
        yield opened


def test_what_the_history_has_is_not_sent_again_unless_fresh(history):
    sweep = iw.Sweep("a {x}", x=["fox", "owl"], quality="low")
    number = answer(history, sweep.plan(history=False)[0].request)
    plan = sweep.plan(history=history)
    assert [cell.state for cell in plan] == ["in history", "to send"]
    assert plan[0].stored.id == number
    assert plan.cost == plan[1].price
    assert [cell.state for cell in sweep.plan(history=history, fresh=True)] == ["to send", "to send"]


def test_a_value_more_pays_only_for_its_cells(history):
    small = iw.Sweep("a {x}, {y}", x=["fox", "owl"], y=["ink", "clay"], repeat=2)
    for cell in small.plan(history=False):
        answer(history, cell.request)
    assert small.plan(history=history).to_send == 0
    larger = iw.Sweep("a {x}, {y}", x=["fox", "hen", "owl"], y=["ink", "clay"], repeat=2)
    plan = larger.plan(history=history)
    assert [cell.values["x"] for cell in plan.cells_to_send] == ["hen"] * 4


def test_each_repeat_has_an_answer_of_its_own(history):
    sweep = iw.Sweep("a fox", repeat=3)
    request = sweep.plan(history=False)[0].request
    numbers = [answer(history, request, width) for width in (8, 9)]
    plan = sweep.plan(history=history)
    assert [cell.stored and cell.stored.id for cell in plan] == [*numbers, None]
    assert iw.Sweep("a fox").plan(history=history)[0].stored.id == numbers[-1], (
        "the newest, as lookup gives it"
    )


def test_errors_and_answers_of_another_server_are_no_answers(history):
    sweep = iw.Sweep("a fox", model="openai-compatible:mine")
    request = sweep.plan(history=False)[0].request
    history.failed(history.started(request), iw.errors.ServerError("down"))
    assert sweep.plan(history=history).to_send == 1
    answer(history, request, base_url="http://one.example/v1")
    assert sweep.plan(history=history).to_send == 0
    one, two = (
        iw.Client("openai-compatible", base_url=f"http://{name}.example/v1", api_key="x", history=False)
        for name in ("one", "two")
    )
    with one, two:
        assert sweep.plan(one, history=history).to_send == 0
        assert sweep.plan(two, history=history).to_send == 1


def test_the_history_in_its_usual_place_is_looked_into_where_there_is_one(tmp_path, monkeypatch):
    monkeypatch.setenv("IMGWIDGETS_HOME", str(tmp_path))
    sweep = iw.Sweep("a fox")
    assert sweep.plan().to_send == 1
    assert list(tmp_path.iterdir()) == []
    with History() as usual:
        answer(usual, sweep.plan(history=False)[0].request)
    assert sweep.plan().to_send == 0
    with iw.Client(history=False) as client:
        assert sweep.plan(client).to_send == 1, "the client keeps none"
    assert sweep.plan(history=False).to_send == 1
    with pytest.raises(TypeError, match="give a History"):
        sweep.plan(history="here")


# -- size ---------------------------------------------------------------------------------------------------


def test_cells_share_their_images_and_stay_small():
    picture = np.random.default_rng(1).integers(0, 255, (512, 512, 3), np.uint8)
    mask = iw.Mask.blank((64, 64)).rectangle((0, 0, 32, 64))
    words = [f"word {i}" for i in range(500)]
    sweep = iw.Sweep(
        "a {x}", x=words, image=[picture, picture[:256]], mask=[None, mask], quality=["low", "high"]
    )
    tracemalloc.start()
    try:
        plan = sweep.plan(history=False)
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (len(plan), plan.to_send) == (4_000, 4_000)
    assert used / len(plan) < 4_000  # bytes a cell
    assert len({id(cell.request.images[0]) for cell in plan}) == 2
    assert len({id(cell.request.mask) for cell in plan}) == 3  # none, and one for each size


# -- looks --------------------------------------------------------------------------------------------------


def test_the_page_has_totals_a_map_reasons_and_cells():
    sweep = iw.Sweep(
        "{x}", x=["fox", "owl", "fox"], size=["1024x1024", "1000x1000"], model="openai:gpt-image-2"
    )
    page = sweep.plan(history=False)._repr_html_()
    for said in (
        "6 cells",
        "● 2 to send",
        "= 1 the same",
        "✗ 3 invalid",
        "size=&#x27;1000x1000&#x27;",
        "<b><span>$</span>0.01",
    ):
        assert said in page
    # Colour is not the only sign: each square of the map holds one.
    assert page.count("background:") >= 6
    assert "(3 cells)" in page


def test_the_page_escapes_what_comes_from_outside():
    evil = '<img src=x onerror=alert(1)>$x$" onmouseover="x'
    page = (
        iw.Sweep("{x} {y}", x=[evil, "b"], y=["c", evil], other_parameters={"z": evil})
        .plan(history=False)
        ._repr_html_()
    )
    assert "<img" not in page
    assert 'onmouseover="' not in page.replace("&quot;", "")
    assert "$x$" not in page


@pytest.mark.parametrize("repeat", [1, 10])
def test_the_page_of_ten_thousand_cells_stays_small(repeat):
    long = ["x" * 300 + str(i) for i in range(100)]
    plan = iw.Sweep("{a} {b}", a=long, b=long[: 100 // repeat], repeat=repeat).plan(history=False)
    assert len(plan) == 10_000
    page = plan._repr_html_()
    assert len(page) < 300_000
    assert "9,940 more" in page


def test_a_plan_as_a_table():
    plan = iw.Sweep("{cost} {x}", cost=["high"], x=["fox", 3], size=["1000x1000"], repeat=2).plan(
        history=False
    )
    frame = plan.to_pandas()
    assert list(frame)[:8] == ["cell", "state", "low", "high", "images", "cost", "x", "size"]
    assert len(frame) == 4
    assert set(frame["state"]) == {"invalid"}
    assert frame["problem"].str.contains("1008x1008").all()


def test_a_plan_without_pandas_names_the_extra(monkeypatch):
    plan = iw.Sweep("a fox").plan(history=False)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(iw.errors.MissingExtra, match=r"imgwidgets\[sweep\]"):
        plan.to_pandas()


def test_the_names_of_a_sweep_are_public():
    assert iw.Sweep is importlib.import_module("imgwidgets.sweep").Sweep
    assert {"Sweep", "zip_axes", "sample"} <= set(iw.__all__)
