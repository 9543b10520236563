"""Money: whatever is in flight at once, a budget is never exceeded."""

import math
import random
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

import imgwidgets as iw
from imgwidgets import errors
from imgwidgets.sweep.budget import Budget


@given(
    st.floats(0, 10),
    st.lists(st.tuples(st.floats(0, 3), st.floats(0, 1), st.sampled_from(["settle", "release", "lose"]))),
    st.randoms(use_true_random=False),
)
def test_reservations_never_add_up_to_more_than_the_budget(limit, requests, chance):
    budget, flying, paid = Budget(limit), {}, 0.0
    for number, (estimate, part, end) in enumerate(requests):
        if budget.reserve(number, "model", estimate):
            flying[number] = (estimate * part, end)
        assert budget.spent + budget.reserved <= limit + 1e-6
        while flying and chance.random() < 0.5:
            done = chance.choice(list(flying))
            cost, how = flying.pop(done)
            if how == "settle":
                budget.settle(done, cost)
                paid += cost
            elif how == "lose":
                budget.lose(done)
            else:
                budget.release(done)
    assert math.isclose(budget.spent, paid, abs_tol=1e-9)


def test_what_may_have_been_billed_stays_set_aside_until_it_is_known():
    budget = Budget(1)
    assert budget.reserve(0, "m", 0.7)
    budget.lose(0)
    assert (budget.spent, budget.reserved) == (0, 0.7)
    assert not budget.reserve(1, "m", 0.4)
    budget.found(0)
    assert budget.reserve(1, "m", 0.4)


def test_a_model_that_costs_more_than_its_estimate_has_more_set_aside():
    budget = Budget(1)
    assert budget.reserve(0, "dear", 0.1)
    budget.settle(0, 0.2)
    assert not budget.reserve(1, "dear", 0.5)
    assert budget.reserve(2, "dear", 0.4)
    assert budget.reserved == pytest.approx(0.8)


def test_where_the_cost_is_not_told_all_that_was_set_aside_counts():
    budget = Budget(1)
    assert budget.reserve(0, "m", 0.3)
    budget.settle(0, None)
    assert budget.spent == 0.3


@pytest.mark.parametrize("wrong", [-1, math.nan, math.inf, "3", True])
def test_a_budget_is_an_amount_of_money(wrong):
    with pytest.raises(ValueError, match="US dollars"):
        Budget(wrong)


def test_a_budget_is_never_exceeded_under_concurrency_with_prices_that_vary(place):
    # Automatic quality and size: the estimate is a range, and each answer's usage says something else.
    sweep = iw.Sweep(
        "a fox {n}",
        n=list(range(4)),
        model="gpt-image-2",
        quality=["low", "medium", "auto"],
        size=["1024x1024", "816x816"],
        output_format="jpeg",
    )
    high = sorted({cell.price[1] for cell in sweep.plan(history=False)})
    assert len(high) >= 5
    budget, seen, lock = 0.9, [], threading.Lock()
    run = sweep.run(place.client, budget=budget, at_once=16, progress=False)

    def look(_index, _outcome):
        with lock, run._engine.changed:
            seen.append(run._engine.budget.spent + run._engine.budget.reserved)

    run.on_change(look)
    with pytest.raises(errors.BudgetExceeded):
        run.wait(110)
    assert max(seen) <= budget + 1e-9
    paid = math.fsum(outcome.cost or 0 for outcome in run.outcomes)
    assert paid == pytest.approx(run.spent)
    assert 0.3 < paid <= budget
    assert run.reserved == 0
    # Nothing that would still fit was left out.
    left = budget - paid
    for cell, outcome in zip(run.plan, run.outcomes, strict=True):
        assert outcome.status == "done" or cell.price[1] > left


def test_failures_give_back_what_was_set_aside_but_what_may_have_been_billed_does_not(place, animals):
    place.wishes.faults = {"owl": "moderation_input", "cat": "server_error"}
    run = animals("fox", "owl", "cat", "hen").run(place.client, budget=0.05, at_once=1, progress=False)
    run.wait(60)
    assert [outcome.status for outcome in run.outcomes] == ["done", "failed", "maybe_billed", "done"]
    assert run.spent == pytest.approx(0.032)
    assert run.reserved == pytest.approx(0.016)
    with pytest.raises(errors.BudgetExceeded, match=r"1 cell was not sent.*may have been billed"):
        run.retry().wait(60)


def test_a_random_run_of_many_threads_keeps_its_books():
    budget, lock, chance = Budget(5), threading.Lock(), random.Random(7)
    amounts = [chance.random() for _ in range(400)]

    def work(numbers):
        for number in numbers:
            with lock:
                fits = budget.reserve(number, "m", amounts[number])
            if fits:
                with lock:
                    budget.settle(number, amounts[number] / 2)

    threads = [threading.Thread(target=work, args=(range(start, 400, 8),)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 4 < budget.spent <= 5
    assert budget.reserved == 0
