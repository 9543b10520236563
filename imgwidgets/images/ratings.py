"""From votes between pairs to scores: Bradley-Terry and Elo, in numpy and without state.

Both answer the same question: how much more often would one be preferred to another? Scores are on
the scale of chess: 1000 is the average of all that were compared, and 400 more means preferred ten
times out of eleven.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["MEAN", "Game", "Method", "Rating", "bradley_terry", "elo", "rate"]

Method = Literal["bradley-terry", "elo"]

MEAN = 1000.0
"""The average score."""

_SCALE = 400 / math.log(10)  # points for each unit of log-strength
_PRIOR = 0.5  # games won, and games lost, against an opponent of average strength
_SURE = 1.959963984540054  # standard errors to either side that hold 95 %
_ROUNDS = 20_000
_SHUFFLES = 200
_STEP = 32.0  # points that an Elo game can move


class Game(msgspec.Struct, frozen=True):
    """One comparison.

    Attributes
    ----------
    first, second : str
        Who was compared.
    result : float
        1 where the first was preferred, 0 where the second was, 0.5 for a tie.
    """

    first: str
    second: str
    result: float


class Rating(msgspec.Struct, frozen=True, kw_only=True):
    """What the games say about one of the compared.

    Attributes
    ----------
    name : str
        Who.
    wins, losses, ties : int
        Games.
    score : float
        1000 is the average; 400 more means preferred ten times out of eleven.
    low, high : float
        Where the score lies with 95 % certainty, as far as the games tell.
    """

    name: str
    wins: int
    losses: int
    ties: int
    score: float
    low: float
    high: float

    @property
    def games(self) -> int:
        """How many comparisons there were."""
        return self.wins + self.losses + self.ties


def rate(
    games: Iterable[Game], names: Sequence[str] = (), *, method: Method = "bradley-terry"
) -> list[Rating]:
    """Rate by the method of that name.

    Parameters
    ----------
    games, names
        As for :func:`bradley_terry`.
    method : str
        ``"bradley-terry"`` or ``"elo"``.

    Returns
    -------
    list of Rating
        The best first.

    Raises
    ------
    ValueError
        For another method.
    """
    methods: dict[str, Callable[[Iterable[Game], Sequence[str]], list[Rating]]]
    methods = {"bradley-terry": bradley_terry, "elo": elo}
    if method not in methods:
        raise ValueError(f"no method {method!r}: choose one of {', '.join(map(repr, methods))}")
    return methods[method](games, names)


def bradley_terry(games: Iterable[Game], names: Sequence[str] = (), *, prior: float = _PRIOR) -> list[Rating]:
    """Fit the Bradley-Terry model: P(i before j) = s_i / (s_i + s_j).

    The strengths are found by minorisation-maximisation (Hunter 2004, Annals of Statistics 32:384);
    a tie is half a win for each. Everyone also plays a little against an opponent of average
    strength: whoever won or lost every game, or met only half of the field, has a finite score too.
    Intervals come from the curvature of the likelihood at its maximum.

    Parameters
    ----------
    games : iterable of Game
        In any order.
    names : sequence of str
        Those to rate although they may have no game.
    prior : float
        Games won and lost against the opponent of average strength, above 0; it draws few games
        towards the average and many hardly at all.

    Returns
    -------
    list of Rating
        The best first; equals in the order of ``names``.

    Raises
    ------
    ValueError
        Where the prior is not above 0, or a result is not between 0 and 1.

    Examples
    --------
    >>> votes = [Game("fox", "owl", 1), Game("fox", "owl", 1), Game("owl", "cat", 1), Game("fox", "cat", 0.5)]
    >>> [(rating.name, rating.wins, rating.ties) for rating in bradley_terry(votes)]
    [('fox', 2, 1), ('owl', 1, 0), ('cat', 0, 1)]
    """
    if not prior > 0:
        raise ValueError(
            f"the prior must be above 0, not {prior}: without it, who wins every game has no score"
        )
    played = list(games)
    order = _order(played, names)
    if not order:
        return []
    won, met = _tables(played, order)
    strength = _strengths(won.sum(axis=1), met, prior)
    logs = np.log(strength)
    scores = MEAN + _SCALE * (logs - logs.mean())
    margin = _SURE * _SCALE * _errors(strength, met, prior)
    return _ratings(played, order, scores, scores - margin, scores + margin)


def elo(games: Iterable[Game], names: Sequence[str] = (), *, step: float = _STEP) -> list[Rating]:
    """Rate as in chess, where each game moves its two players by at most ``step`` points.

    Such scores depend on the order of the games. Votes have none that matters, so this is the mean
    over 200 orders; the interval is that of 200 samples of the games, drawn with replacement. The
    same games give the same scores each time.

    Parameters
    ----------
    games, names
        As for :func:`bradley_terry`.
    step : float
        Points that one game can move, above 0.

    Returns
    -------
    list of Rating
        The best first.

    Examples
    --------
    >>> best, worst = elo([Game("fox", "owl", 1)])
    >>> best.name, best.score, worst.score
    ('fox', 1016.0, 984.0)
    """
    if not step > 0:
        raise ValueError(f"a game must move its players by more than 0 points, not {step}")
    played = list(games)
    order = _order(played, names)
    if not order:
        return []
    place = {name: i for i, name in enumerate(order)}
    table = np.array([(place[g.first], place[g.second], g.result) for g in played]).reshape(-1, 3)
    chance = np.random.default_rng(0)
    shuffled = np.stack([chance.permutation(len(played)) for _ in range(_SHUFFLES)])
    drawn = chance.integers(0, max(1, len(played)), (_SHUFFLES, len(played)))
    scores = _played_out(table, shuffled, len(order), step).mean(axis=0)
    low, high = np.percentile(_played_out(table, drawn, len(order), step), (2.5, 97.5), axis=0)
    return _ratings(played, order, scores, np.minimum(low, scores), np.maximum(high, scores))


def _order(games: Sequence[Game], names: Sequence[str]) -> list[str]:
    for game in games:
        if not 0 <= game.result <= 1 or game.first == game.second:
            raise ValueError(f"no game between two that ends between 0 and 1: {game}")
    return list(dict.fromkeys((*names, *(name for game in games for name in (game.first, game.second)))))


def _tables(games: Sequence[Game], order: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give who won how often against whom, and how often they met, both (k, k)."""
    place = {name: i for i, name in enumerate(order)}
    won = np.zeros((len(order), len(order)))
    for game in games:
        first, second = place[game.first], place[game.second]
        won[first, second] += game.result
        won[second, first] += 1 - game.result
    return won, won + won.T


def _strengths(wins: NDArray[np.float64], met: NDArray[np.float64], prior: float) -> NDArray[np.float64]:
    strength = np.ones(len(wins))
    for _ in range(_ROUNDS):
        expected = (met / (strength[:, None] + strength[None, :])).sum(axis=1) + 2 * prior / (strength + 1)
        better: NDArray[np.float64] = (wins + prior) / expected
        if np.abs(np.log(better / strength)).max() < 1e-9:
            return better
        strength = better
    return strength


def _errors(strength: NDArray[np.float64], met: NDArray[np.float64], prior: float) -> NDArray[np.float64]:
    """Give standard errors of the log-strengths, measured from their mean."""
    pairs = strength[:, None] * strength[None, :] / (strength[:, None] + strength[None, :]) ** 2
    information = -met * pairs
    against_average = 2 * prior * strength / (strength + 1) ** 2
    np.fill_diagonal(information, (met * pairs).sum(axis=1) + against_average)
    count = len(strength)
    centred = np.eye(count) - 1 / count
    covariance = centred @ np.linalg.inv(information) @ centred
    return np.sqrt(np.clip(np.diag(covariance), 0, None))


def _played_out(
    games: NDArray[np.float64], orders: NDArray[np.int64], count: int, step: float
) -> NDArray[np.float64]:
    """Play all orders side by side: (orders, count) scores."""
    scores = np.full((len(orders), count), MEAN)
    rows = np.arange(len(orders))
    for column in orders.T:
        first, second = games[column, 0].astype(int), games[column, 1].astype(int)
        expected = 1 / (1 + 10 ** ((scores[rows, second] - scores[rows, first]) / 400))
        change = step * (games[column, 2] - expected)
        scores[rows, first] += change
        scores[rows, second] -= change
    return scores


def _ratings(
    games: Sequence[Game],
    order: Sequence[str],
    scores: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> list[Rating]:
    counts = {name: [0, 0, 0] for name in order}  # wins, losses, ties
    for game in games:
        for name, result in ((game.first, game.result), (game.second, 1 - game.result)):
            counts[name][0 if result > 0.5 else 1 if result < 0.5 else 2] += 1
    ratings = [
        Rating(
            name=name,
            wins=counts[name][0],
            losses=counts[name][1],
            ties=counts[name][2],
            score=float(scores[i]),
            low=float(low[i]),
            high=float(high[i]),
        )
        for i, name in enumerate(order)
    ]
    # Rounded, so that what the iteration leaves between equals decides nothing.
    return sorted(ratings, key=lambda rating: -round(rating.score, 4))
