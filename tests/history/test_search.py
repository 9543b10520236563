"""Finding, marking, adding up."""

import datetime as dt
import importlib

import pytest
from history.making import picture, recorded, request

from imgwidgets import errors
from imgwidgets.history import History


def prompts(entries):
    return [entry.prompt for entry in entries]


def moved(history, number, created):
    """Give an entry another time, as if it had been made then."""
    history._change(number, created=created.timestamp())


def test_every_word_must_occur_in_any_case(history):
    for prompt in ("A red FOX in snow", "a red owl", "Füchse im SCHNEE", "100% _fox_"):
        recorded(history, prompt)
    assert prompts(history.search("fox RED")) == ["A red FOX in snow"]
    assert prompts(history.search("FÜCHSE schnee")) == ["Füchse im SCHNEE"]
    assert prompts(history.search("%")) == ["100% _fox_"]
    assert prompts(history.search("_fox_")) == ["100% _fox_"]
    assert history.search("cat") == []
    assert len(history.search("  ")) == 4


def test_the_revised_prompt_and_the_model_are_searched_too(history):
    recorded(history, "a fox", picture("x", revised_prompt="An elegant vulpine portrait"))
    recorded(history, "an owl", model="gpt-image-1.5")
    assert prompts(history.search("vulpine")) == ["a fox"]
    assert prompts(history.search("image-1.5")) == ["an owl"]


def test_model_provider_cost_status_and_star_narrow_the_search(history):
    cheap = recorded(history, "cheap", cost=0.01)
    recorded(history, "dear", cost=2.0, model="gpt-image-1.5")
    recorded(history, "unknown", cost=None, provider="openai-compatible")
    history.failed(history.started(request("failed")), errors.ServerError("no"))
    history.star(cheap)
    assert prompts(history.search(model="gpt-image-1.5")) == ["dear"]
    assert prompts(history.search(provider="openai-compatible")) == ["unknown"]
    assert prompts(history.search(min_cost=0.5)) == ["dear"]
    assert prompts(history.search(starred=True)) == ["cheap"]
    assert prompts(history.search(starred=False)) == ["failed", "unknown", "dear"]
    assert prompts(history.search(status="failed")) == ["failed"]
    assert prompts(history.search(status=["failed", "done"], model="gpt-image-2")) == [
        "failed",
        "unknown",
        "cheap",
    ]
    history.star(cheap, on=False)
    assert history.search(starred=True) == []


def test_the_newest_come_first_and_a_limit_holds(history):
    for number in range(120):
        recorded(history, f"fox {number}", picture("same"))
    assert prompts(history.search(limit=2)) == ["fox 119", "fox 118"]
    assert len(history.search()) == 100
    assert len(history.search(limit=None)) == 120
    assert len(history.search(limit=0)) == 0


def test_times_are_dates_texts_spans_and_numbers_of_days(history):
    now = dt.datetime.now().astimezone()
    for days in (0, 3, 10):
        moved(history, recorded(history, f"{days} days"), now - dt.timedelta(days=days))
    three = (now - dt.timedelta(days=3)).date()
    assert prompts(history.search(since=5)) == ["0 days", "3 days"]
    assert prompts(history.search(since=dt.timedelta(hours=1))) == ["0 days"]
    assert prompts(history.search(until=dt.timedelta(days=5))) == ["10 days"]
    assert prompts(history.search(since=three, until=three)) == ["3 days"]
    assert prompts(history.search(since=three.isoformat(), until=three.isoformat())) == ["3 days"]
    assert prompts(history.search(since=now - dt.timedelta(days=4), until=now - dt.timedelta(days=2))) == [
        "3 days"
    ]
    assert prompts(history.search(until=(now - dt.timedelta(days=9)).isoformat())) == ["10 days"]


@pytest.mark.parametrize("wrong", ["yesterday", "2026-13-01", ""])
def test_a_time_that_is_none_is_said(history, wrong):
    with pytest.raises(ValueError, match="since is"):
        history.search(since=wrong)


def test_wrong_arguments_are_said(history):
    with pytest.raises(TypeError, match="since is list"):
        history.search(since=[])
    with pytest.raises(ValueError, match="status is 'finished'; it is one of running"):
        history.search(status="finished")
    with pytest.raises(TypeError):
        history.search(modell="x")


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": None},
        {"text": 3},
        {"model": 3},
        {"provider": b"openai"},
        {"run": 1},
        {"min_cost": "a"},
        {"max_cost": True},
        {"starred": "yes"},
        {"limit": "3"},
        {"limit": 2.5},
        {"offset": None},
    ],
)
def test_a_filter_of_another_kind_is_said_and_not_taken_for_nothing_found(history, wrong):
    (name,) = wrong
    with pytest.raises(TypeError, match=f"{name} is .*; give "):
        history.search(**wrong)


def test_ratings_are_one_to_five(history):
    number = recorded(history)
    history.rate(number, 4)
    assert history.entry(number).rating == 4
    history.rate(number, None)
    assert history.entry(number).rating is None
    for wrong in (0, 6, 2.5, True, "3"):
        with pytest.raises(ValueError, match="rating is"):
            history.rate(number, wrong)


def test_spent_leaves_the_embedded_sandbox_and_unknown_costs_out(history):
    recorded(history, cost=0.25)
    recorded(history, cost=None)
    recorded(history, cost=100.0, provider="sandbox")
    old = recorded(history, cost=4.0)
    moved(history, old, dt.datetime.now().astimezone() - dt.timedelta(days=40))
    assert history.spent() == 4.25
    assert history.spent(since=30) == 0.25
    assert history.search(provider="sandbox")[0].cost == 100.0
    assert history.search(provider="sandbox")[0].embedded


def test_nothing_spent_is_zero(history):
    assert history.spent() == 0.0


def test_lookup_gives_the_newest_finished_answer(history):
    asked = request("a fox")
    assert history.lookup(asked.key) is None
    history.failed(history.started(asked), errors.ServerError("no"))
    history.started(asked)
    assert history.lookup(asked.key) is None
    recorded(history, "a fox", picture("first"))
    newest = recorded(history, "a fox", picture("second"))
    assert history.lookup(asked.key).id == newest
    assert history.lookup(request("an owl").key) is None


def test_lookup_passes_over_answers_whose_images_are_gone(history, folder):
    first = recorded(history, "a fox", picture("first"))
    recorded(history, "a fox", picture("second"))
    digest = picture("second").sha256
    (folder / "files" / digest[:2] / digest[2:4] / digest).unlink()
    assert history.lookup(request("a fox").key).id == first


def test_lookup_can_tell_servers_of_one_provider_apart(history):
    recorded(history, "a fox", base_url="http://one/v1")
    two = recorded(history, "a fox", base_url="http://two/v1")
    recorded(history, "a fox", base_url="http://three/v1")
    assert history.lookup(request("a fox").key, base_url="http://two/v1").id == two
    assert history.lookup(request("a fox").key, base_url="http://four/v1") is None


def test_a_table_has_a_column_for_each_parameter(history):
    recorded(history, "a fox", notes=("odd", "very"))
    history.failed(
        history.started(request("an owl", parameters={"quality": "low", "status": "x"})),
        errors.ServerError("no"),
    )
    table = history.to_pandas()
    assert list(table["prompt"]) == ["an owl", "a fox"]
    assert table["quality"].iloc[0] == "low"
    assert table["size"].iloc[1] == "1024x1024"
    assert list(table["status"]) == ["failed", "done"]
    assert table["parameter.status"].iloc[0] == "x"
    assert list(table["images"]) == [0, 1]
    assert list(table["notes"]) == ["", "odd\nvery"]
    assert table["created"].dt.tz is not None
    assert len(history.to_pandas("owl")) == 1
    assert list(history.to_pandas("nothing").columns)[:3] == ["id", "created", "status"]


def test_a_table_of_nothing_has_the_kinds_of_one_of_something(history):
    empty = history.to_pandas("nothing").dtypes
    recorded(history, "a fox", cost=None)
    some = history.to_pandas().dtypes
    assert list(empty.index) == list(some.index)[: len(empty)]
    for name in ("id", "created", "cost", "seconds", "images", "starred", "rating"):
        assert str(empty[name]) == str(some[name]), name
    assert str(some["cost"]) == "float64"
    assert history.to_pandas("nothing")["created"].dt.year.tolist() == []


def test_a_table_without_pandas_names_the_extra(history, monkeypatch):
    real = importlib.import_module

    def without_pandas(name, *rest):
        if name == "pandas":
            raise ModuleNotFoundError(name)
        return real(name, *rest)

    monkeypatch.setattr(importlib, "import_module", without_pandas)
    with pytest.raises(ImportError, match=r"imgwidgets\[sweep\]"):
        history.to_pandas()


def test_pages_follow_each_other(history):
    for number in range(7):
        recorded(history, f"fox {number}")
    pages = [[entry.prompt[-1] for entry in history.search(limit=3, offset=start)] for start in (0, 3, 6, 9)]
    assert pages == [["6", "5", "4"], ["3", "2", "1"], ["0"], []]
    assert (history.count(), history.count("fox 3"), history.count(model="none")) == (7, 1, 0)


def test_costs_have_two_bounds(history):
    for cost in (0.1, 0.2, 0.3, None):
        recorded(history, f"fox {cost}", cost=cost)
    assert [entry.cost for entry in history.search(min_cost=0.15, max_cost=0.25)] == [0.2]
    assert history.count(max_cost=0.3) == 3, "a cost that nobody knows is no cost below a bound"


def test_what_occurs_is_told_by_how_often(history):
    for model in ("rare", "often", "often"):
        recorded(history, model=model)
    assert history.known("model") == ["often", "rare"]
    assert (history.known("provider"), history.known("status")) == (["openai"], ["done"])
    with pytest.raises(ValueError, match="it is model, provider or status"):
        history.known("id; DROP TABLE entries")


def test_the_version_changes_when_anyone_writes(history, folder):
    recorded(history)
    seen = history.version
    assert history.version == seen
    with History(folder) as other:
        assert history.version == seen, "looking is no change"
        other.star(1)
        assert history.version != seen
        seen = history.version
        history.star(1, False)  # noqa: FBT003 (the promised call)
        assert history.version != seen


def test_many_requests_are_looked_up_at_once(history):
    asked = [request(f"fox {number}") for number in range(1200)]
    for number in (0, 600, 600, 1199):
        recorded(history, f"fox {number}", picture(f"fox {number}"))
    found = history.lookup_many([one.key for one in asked])
    assert sorted(found) == sorted(asked[number].key for number in (0, 600, 1199))
    assert [entry.id for entry in history.answers([asked[600].key])[asked[600].key]] == [3, 2]
    assert history.lookup_many([]) == {}
    history.path_of(picture("fox 0").sha256).unlink()
    assert asked[0].key not in history.lookup_many([asked[0].key]), "an answer whose picture is gone is none"
    assert history.lookup_many([asked[600].key], base_url="http://elsewhere") == {}
