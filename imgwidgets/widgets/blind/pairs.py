"""Which two pictures a blind test shows next. No widgets here."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec
import numpy as np

from imgwidgets.images.ratings import MEAN, Game, bradley_terry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imgwidgets.widgets.blind.votes import Vote

__all__ = ["Pairing", "Plan"]

Pairing = Literal["auto", "round-robin", "adaptive"]

_ALL_PAIRS = 45  # so many are shown one by one; of more, the telling ones are chosen
Thing = TypeVar("Thing")


class Plan(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """How pairs are chosen: the same votes and the same seed give the same next pair.

    Attributes
    ----------
    groups : dict
        The pictures' names for each of the compared (a label, or a parameter's value).
    facts : dict
        Facts of each picture: pictures that share most of them are compared.
    rounds : int
        Pairs in all.
    adaptive : bool
        Whether votes decide what comes next; otherwise every pair has its turn.
    seed : int
        For order and sides.
    """

    groups: Mapping[str, Sequence[str]]
    facts: Mapping[str, Mapping[str, str]]
    rounds: int
    adaptive: bool
    seed: int

    @classmethod
    def of(
        cls,
        groups: Mapping[str, Sequence[str]],
        facts: Mapping[str, Mapping[str, str]],
        *,
        rounds: int | None,
        pairing: Pairing,
        seed: int,
    ) -> Plan:
        """Choose rounds and order where nobody did.

        Every pair once where that is little work (45 pairs); otherwise three pairs for each of the
        compared, at least 30, chosen so that each tells most.
        """
        count = sum(len(_matched(groups[one], groups[two], facts)) for one, two in _pairs(groups))
        if rounds is None:
            many = count > _ALL_PAIRS if pairing == "auto" else pairing == "adaptive"
            rounds = max(30, 3 * len(groups)) if many and count > 30 else count
        adaptive = rounds < count if pairing == "auto" else pairing == "adaptive"
        return cls(groups=groups, facts=facts, rounds=rounds, adaptive=adaptive, seed=seed)

    def pair(self, votes: Sequence[Vote]) -> tuple[str, str]:
        """Give the names of the next two pictures, left and right."""
        chance = np.random.default_rng([self.seed, len(votes)])
        one, two = self._telling(votes, chance) if self.adaptive else self._turn(len(votes))
        return (one, two) if chance.random() < 0.5 else (two, one)

    def _turn(self, place: int) -> tuple[str, str]:
        """Give the pair whose turn it is: all of the compared meet once before any meet again."""
        cycle, place = divmod(place, len(self._queue(0)))
        return self._queue(cycle)[place]

    def _queue(self, cycle: int) -> list[tuple[str, str]]:
        known: dict[int, list[tuple[str, str]]] = self.__dict__.setdefault("_queues", {})
        if cycle not in known:
            chance = np.random.default_rng([self.seed, 1 << 20, cycle])
            lists = [
                _matched(self.groups[one], self.groups[two], self.facts) for one, two in _pairs(self.groups)
            ]
            layers = itertools.zip_longest(*(_shuffled(pairs, chance) for pairs in lists))
            known[cycle] = [
                pair for layer in layers for pair in _shuffled([pair for pair in layer if pair], chance)
            ]
        return known[cycle]

    def _telling(self, votes: Sequence[Vote], chance: np.random.Generator) -> tuple[str, str]:
        """Give the least seen of the compared, against the one whose game with it is most open."""
        group = {name: label for label, names in self.groups.items() for name in names}
        met: Counter[frozenset[str]] = Counter()
        seen: Counter[str] = Counter()
        games = []
        for vote in votes:
            one, two = group[vote.left_picture], group[vote.right_picture]
            met[frozenset((one, two))] += 1
            seen.update((one, two))
            if vote.result is not None:
                games.append(Game(one, two, vote.result))
        labels = list(self.groups)
        score = {rating.name: rating.score for rating in bradley_terry(games, labels)} if games else {}
        order = _shuffled(labels, chance)
        first = min(order, key=lambda label: seen[label])

        def telling(other: str) -> float:
            odds = 10 ** ((score.get(first, MEAN) - score.get(other, MEAN)) / 400)
            return float(odds / (1 + odds) ** 2 / (1 + met[frozenset((first, other))]))

        second = max((label for label in order if label != first), key=telling)
        shown = Counter(name for vote in votes for name in (vote.left_picture, vote.right_picture))
        pairs = _shuffled(_matched(self.groups[first], self.groups[second], self.facts), chance)
        return min(pairs, key=lambda pair: shown[pair[0]] + shown[pair[1]])


def _pairs(groups: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    return list(itertools.combinations(groups, 2))


def _matched(
    one: Sequence[str], two: Sequence[str], facts: Mapping[str, Mapping[str, str]]
) -> list[tuple[str, str]]:
    """Give the pairs between two groups that have most in common: the same prompt, if there is one.

    A fair comparison of two models shows what both made of the same prompt.
    """
    scored: dict[tuple[int, int], list[tuple[str, str]]] = {}
    for pair in itertools.product(one, two):
        a, b = facts[pair[0]], facts[pair[1]]
        same = (int(a.get("prompt") == b.get("prompt")), sum(a[name] == b.get(name) for name in a))
        scored.setdefault(same, []).append(pair)
    return scored[max(scored)]


def _shuffled(things: Sequence[Thing], chance: np.random.Generator) -> list[Thing]:
    return [things[i] for i in chance.permutation(len(things))]
