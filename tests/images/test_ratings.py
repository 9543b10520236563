"""Scores from votes: known strengths are found again, and no vote breaks the arithmetic."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgwidgets.images.ratings import MEAN, Game, bradley_terry, elo, rate

NAMES = ["fox", "owl", "cat", "elk"]


def by_name(ratings):
    return {rating.name: rating for rating in ratings}


def league(strengths, games_each, seed=1):
    chance = np.random.default_rng(seed)
    return [
        Game(one, other, float(chance.random() < strengths[one] / (strengths[one] + strengths[other])))
        for one, other in itertools.combinations(strengths, 2)
        for _ in range(games_each)
    ]


def test_bradley_terry_finds_the_strengths_that_made_the_games():
    strengths = dict(zip(NAMES, (8.0, 4.0, 2.0, 1.0), strict=True))
    found = by_name(bradley_terry(league(strengths, 2000)))
    for one, other in itertools.pairwise(NAMES):
        expected = 400 * math.log10(strengths[one] / strengths[other])
        assert found[one].score - found[other].score == pytest.approx(expected, abs=25)
    assert sum(rating.score for rating in found.values()) / 4 == pytest.approx(MEAN)


def test_two_players_have_the_odds_that_their_games_have():
    # With a prior the fit has no closed form, so the prior is made tiny.
    games = [Game("fox", "owl", 1)] * 3 + [Game("owl", "fox", 1)]
    best, worst = bradley_terry(games, prior=1e-6)
    assert best.score - worst.score == pytest.approx(400 * math.log10(3), abs=0.01)


def test_intervals_hold_the_true_strength_as_often_as_they_say():
    strengths = dict(zip(NAMES, (3.0, 2.0, 1.5, 1.0), strict=True))
    logs = np.log10(list(strengths.values()))
    truth = dict(zip(NAMES, MEAN + 400 * (logs - logs.mean()), strict=True))
    held = [
        rating.low <= truth[rating.name] <= rating.high
        for seed in range(25)
        for rating in bradley_terry(league(strengths, 40, seed))
    ]
    assert 0.9 < np.mean(held) <= 1


def test_more_games_make_the_intervals_narrower():
    few, many = (by_name(bradley_terry(league(dict.fromkeys(NAMES, 1.0), n)))["fox"] for n in (3, 300))
    assert (few.high - few.low) > 5 * (many.high - many.low)


@pytest.mark.parametrize("method", ["bradley-terry", "elo"])
def test_who_never_lost_has_a_finite_score_and_leads(method):
    games = [Game("fox", name, 1) for name in NAMES[1:] for _ in range(5)] + [Game("owl", "cat", 0.5)]
    ratings = rate(games, method=method)
    assert ratings[0].name == "fox"
    assert (ratings[0].wins, ratings[0].losses, ratings[0].ties, ratings[0].games) == (15, 0, 0, 15)
    for rating in ratings:
        assert rating.low <= rating.score <= rating.high
        assert math.isfinite(rating.low)
        assert math.isfinite(rating.high)


@pytest.mark.parametrize("method", ["bradley-terry", "elo"])
def test_who_has_not_played_stands_at_the_average_and_is_uncertain(method):
    found = by_name(rate([Game("fox", "owl", 1)], names=NAMES, method=method))
    assert found["elk"].games == 0
    assert found["elk"].score == pytest.approx(MEAN, abs=1e-3)
    assert [*found][:: len(found) - 1] == ["fox", "owl"]


def test_groups_that_never_met_are_rated_too():
    ratings = bradley_terry([Game("fox", "owl", 1), Game("cat", "elk", 1)])
    assert {rating.name for rating in ratings[:2]} == {"fox", "cat"}


@pytest.mark.parametrize("method", ["bradley-terry", "elo"])
def test_nothing_gives_nothing_and_ties_alone_give_equals_in_order(method):
    assert rate([], method=method) == []
    ratings = rate([Game("owl", "fox", 0.5)] * 4, names=["fox", "owl"], method=method)
    assert [(r.name, r.ties, round(r.score)) for r in ratings] == [("fox", 4, 1000), ("owl", 4, 1000)]


def test_elo_does_not_depend_on_the_order_of_the_votes_more_than_chance_does():
    games = league(dict(zip(NAMES, (4.0, 2.0, 1.0, 0.5), strict=True)), 20)
    one, other = by_name(elo(games)), by_name(elo(games[::-1]))
    for name in NAMES:
        assert one[name].score == pytest.approx(other[name].score, abs=10)
    assert elo(games) == elo(games), "the same votes give the same scores"
    assert [rating.name for rating in elo(games)] == NAMES


def test_what_cannot_be_rated_is_refused():
    with pytest.raises(ValueError, match="no method 'glicko'"):
        rate([], method="glicko")
    with pytest.raises(ValueError, match="above 0"):
        bradley_terry([], prior=0)
    with pytest.raises(ValueError, match="more than 0"):
        elo([], step=0)
    for wrong in (Game("fox", "fox", 1), Game("fox", "owl", 2), Game("fox", "owl", float("nan"))):
        with pytest.raises(ValueError, match="no game"):
            bradley_terry([wrong])


games = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.sampled_from((0.0, 0.5, 1.0)))
    .filter(lambda game: game[0] != game[1])
    .map(lambda game: Game(*game)),
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(games)
def test_any_votes_give_finite_scores_whose_counts_add_up(played):
    for rating in bradley_terry(played, NAMES):
        assert math.isfinite(rating.score)
        assert rating.low < rating.score < rating.high
    assert sum(rating.games for rating in bradley_terry(played, NAMES)) == 2 * len(played)


@settings(max_examples=25, deadline=None)
@given(games)
def test_turning_all_votes_around_turns_the_ranking_around(played):
    turned = [Game(game.first, game.second, 1 - game.result) for game in played]
    one, other = by_name(bradley_terry(played, NAMES)), by_name(bradley_terry(turned, NAMES))
    for name in NAMES:
        assert one[name].score + other[name].score == pytest.approx(2 * MEAN, abs=0.01)
