"""What a run would do: every cell, and what they come to."""

from __future__ import annotations

import importlib
import math
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

from imgwidgets.sweep.cell import Cell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgwidgets.sweep.axes import Axis
    from imgwidgets.sweep.sweep import Sweep

__all__ = ["Plan", "money", "price_range"]

STATES = ("to send", "in history", "duplicate", "invalid")


class Plan(Sequence[Cell]):
    """Every cell of a sweep; nothing was sent. In a notebook, a table and a map.

    Parameters
    ----------
    cells : iterable of Cell
        In order.
    sweep : Sweep
        Whose cells these are.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> sweep = iw.Sweep("a {animal}", animal=["fox", "owl", "fox"], size=["1024x1024", "1000x1000"],
    ...                  quality="low", model="openai:gpt-image-2")
    >>> plan = sweep.plan(history=False)
    >>> plan
    <Plan: 6 cells, 2 to send, 2 images, $0.012; 1 duplicate, 3 invalid>
    >>> plan[1].problems[0].suggestion
    '1008x1008'
    >>> plan.to_send, plan.images, [round(end, 3) for end in plan.cost]
    (2, 2, [0.012, 0.012])
    """

    def __init__(self, cells: Iterable[Cell], *, sweep: Sweep) -> None:
        self._cells = tuple(cells)
        self.sweep = sweep
        """Whose cells these are."""

    def __len__(self) -> int:
        return len(self._cells)

    @overload
    def __getitem__(self, index: int) -> Cell: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Cell, ...]: ...
    def __getitem__(self, index: int | slice) -> Cell | tuple[Cell, ...]:
        return self._cells[index]

    # -- totals -----------------------------------------------------------------------------------------

    @property
    def axes(self) -> tuple[Axis, ...]:
        """What varies."""
        return self.sweep.axes

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many cells are ``to send``, ``in history``, ``duplicate`` and ``invalid``."""
        counted = Counter(cell.state for cell in self._cells)
        return {state: counted.get(state, 0) for state in STATES}

    @property
    def cells_to_send(self) -> tuple[Cell, ...]:
        """The cells that a run sends: valid, the first of their kind, and not in the history."""
        return tuple(cell for cell in self._cells if cell.to_send)

    @property
    def to_send(self) -> int:
        """How many requests a run sends."""
        return self.counts["to send"]

    @cached_property
    def images(self) -> int:
        """How many images those requests ask for."""
        return sum(cell.images for cell in self.cells_to_send)

    @cached_property
    def cost(self) -> tuple[float, float]:
        """The lowest and highest price of those requests in US dollars; an unknown price counts as zero."""
        prices = [cell.price for cell in self.cells_to_send if cell.price is not None]
        return math.fsum(low for low, _ in prices), math.fsum(high for _, high in prices)

    @cached_property
    def unpriced(self) -> tuple[str, ...]:
        """The models among those requests whose price is not known, as ``provider:model``."""
        names = (
            f"{cell.provider}:{cell.request.model}"
            for cell in self.cells_to_send
            if cell.price is None and cell.request is not None
        )
        return tuple(dict.fromkeys(names))

    # -- looking ----------------------------------------------------------------------------------------

    def to_pandas(self) -> Any:
        """Give a table, one row a cell.

        Columns: ``cell``, ``state`` (``to send``, ``in history``, ``duplicate``, ``invalid``), ``low`` and
        ``high`` (US dollars), ``images``, one for each axis, ``repeat``, ``provider``, ``model``, ``prompt``,
        ``problem`` and ``notes``.

        Raises
        ------
        MissingExtra
            Without pandas: ``pip install 'imgwidgets[sweep]'``.
        """
        from imgwidgets.sweep.table import plan_table  # noqa: PLC0415 (a table is made for few plans)

        return plan_table(self)

    def __repr__(self) -> str:
        said = [f"{len(self):,} cell{'' if len(self) == 1 else 's'}", f"{self.to_send:,} to send"]
        said.append(f"{self.images:,} image{'' if self.images == 1 else 's'}")
        said.append(price_range(self.cost))
        rest = [
            f"{count:,} {state}{'s' if state == 'duplicate' and count > 1 else ''}"
            for state, count in self.counts.items()
            if count and state != "to send"
        ]
        if self.unpriced:
            rest.append(
                f"no price known for {', '.join(self.unpriced[:3])}{' ...' * (len(self.unpriced) > 3)}"
            )
        return f"<Plan: {', '.join(said)}{'; ' * bool(rest)}{', '.join(rest)}>"

    def _repr_html_(self) -> str:
        # Found by name, and only when IPython asks: a script on a server never loads the widgets' room.
        return str(importlib.import_module("imgwidgets.widgets").plan_page(self))


def money(dollars: float) -> str:
    """Give an amount with as many digits as it needs.

    Examples
    --------
    >>> money(0.0123), money(0.5), money(12), money(1234.5)
    ('$0.012', '$0.50', '$12.00', '$1,234.50')
    """
    return f"${dollars:,.2f}" if dollars >= 0.1 or not dollars else f"${dollars:.2g}"


def price_range(cost: tuple[float, float]) -> str:
    """Give a range of prices; one price where its ends look alike."""
    low, high = map(money, cost)
    return low if low == high else f"{low} to {high}"
