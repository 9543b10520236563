"""What is to be sent, in which order, and by whom it is answered."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any

from imgwidgets.client.retry import MAX_RETRIES
from imgwidgets.client.traffic import load_of
from imgwidgets.sweep.pace import pace_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from imgwidgets.client.paced import PacedClient
    from imgwidgets.client.traffic import Load
    from imgwidgets.sweep.cell import Cell
    from imgwidgets.sweep.pace import Pace

__all__ = ["ORDERS", "Desk", "Queue", "Task", "ranks"]

ORDERS = ("as given", "cheapest", "diagonal first")
_LOOK_AHEAD = 64  # tasks of one queue that are looked at, where the first ones wait to be tried again


class Desk:
    """One provider of a run: the client that asks it, and the pace that holds for it.

    Parameters
    ----------
    client : PacedClient
        Who asks.
    retries : int, default 2
        Further tries of what was certainly not billed.
    """

    def __init__(self, client: PacedClient, retries: int = MAX_RETRIES) -> None:
        self.client = client
        self.retries = retries
        self.base_url = client.base_url
        self.provider = client.provider.name
        self.pace: Pace = pace_of(client.traffic, near=client.is_near)
        self._has_rates = client.is_at_home
        self._rates: dict[str, Mapping[str, float]] = {}
        self.dead_ends = 0
        """Cells in a row that failed as all others will: no credit, a key that is not accepted."""

    def rates(self, model: str) -> Mapping[str, float]:
        """Give the catalog's limits of a model; none at an address that is not the provider's own."""
        if model not in self._rates:
            known = self.client.known_model(model) if self._has_rates else None
            self._rates[model] = known.rates if known is not None else {}
        return self._rates[model]


class Task:
    """A cell on its way; its engine's lock guards it."""

    __slots__ = ("cell", "desk", "entry", "load", "not_before", "number", "rank", "request", "tries")

    def __init__(self, cell: Cell, desk: Desk, rank: int) -> None:
        if cell.request is None:
            raise ValueError(f"cell {cell.index} has no request")
        self.cell = cell
        self.request = cell.request
        self.desk = desk
        self.rank = rank
        self.load: Load = load_of(cell.request)
        self.tries = 0
        self.not_before = 0.0  # on time.monotonic's clock
        self.entry: int | None = None
        self.number = 0  # of this attempt; no two of a run are alike

    @property
    def index(self) -> int:
        """The cell's place in the plan."""
        return self.cell.index

    @property
    def take(self) -> int:
        """How many pictures of the same request the earlier repeats ask for."""
        return self.cell.repeat * self.load.images

    @property
    def high(self) -> float:
        """What it costs at most, in US dollars; an unknown price counts as nothing."""
        return self.cell.price[1] if self.cell.price is not None else 0.0


class Queue:
    """Tasks by provider and model, so that one that waits holds up no other; each queue in order."""

    def __init__(self) -> None:
        self._queues: dict[tuple[str, str], deque[Task]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def add(self, tasks: Iterable[Task], *, first: bool = False) -> None:
        """Put tasks at the end, or in front."""
        ordered = sorted(tasks, key=lambda task: task.rank, reverse=first)
        for task in ordered:
            queue = self._queues.setdefault((task.desk.provider, task.load.model), deque())
            (queue.appendleft if first else queue.append)(task)

    def remove(self, task: Task) -> None:
        """Take a task out."""
        self._queues[task.desk.provider, task.load.model].remove(task)

    def heads(self) -> Iterator[Task]:
        """Give the next task of each provider and model whose time has come, in order."""
        now = time.monotonic()
        found = []
        for queue in self._queues.values():
            for position, task in enumerate(queue):
                if task.not_before <= now:
                    found.append(task)
                    break
                if position >= _LOOK_AHEAD:
                    break
        yield from sorted(found, key=lambda task: task.rank)

    def drain(self, provider: str | None = None) -> list[Task]:
        """Take all tasks out, or those of one provider."""
        names = [name for name in self._queues if provider in (None, name[0])]
        return [task for name in names for task in self._queues.pop(name)]


def ranks(order: str, cells: Sequence[Cell], axes: Sequence[Any]) -> dict[int, int]:
    """Give each cell its place in the order.

    Parameters
    ----------
    order : str
        ``"as given"``; ``"cheapest"`` (unknown prices last); ``"diagonal first"`` (a few cells that show
        each value of each axis, then the others as given).
    cells : sequence of Cell
        The plan.
    axes : sequence of Axis
        What varies.

    Raises
    ------
    ValueError
        For another order.
    """
    if order not in ORDERS:
        raise ValueError(f"order is {order!r}; it is one of {', '.join(map(repr, ORDERS))}")
    if order == "cheapest":
        return _placed(sorted(cells, key=lambda cell: cell.price[1] if cell.price else float("inf")))
    if order == "diagonal first":
        longest = max((len(axis.shown) for axis in axes), default=1)
        steps = [tuple(step % len(axis.shown) for axis in axes) for step in range(longest)]
        by_place = {place: step for step, place in reversed(list(enumerate(steps)))}
        first = {cell.index: by_place.get(_place(cell, axes), longest) for cell in cells}
        return _placed(sorted(cells, key=lambda cell: longest if cell.repeat else first[cell.index]))
    return _placed(cells)


def _placed(cells: Sequence[Cell]) -> dict[int, int]:
    return {cell.index: place for place, cell in enumerate(cells)}


def _place(cell: Cell, axes: Sequence[Any]) -> tuple[int, ...]:
    return tuple(list(axis.shown).index(cell.values[axis.name]) for axis in axes)
