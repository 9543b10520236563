"""Money by reservation: what a request may cost at most is set aside before it goes."""

from __future__ import annotations

import math

__all__ = ["Budget"]

_NOTHING = 1e-9  # US dollars: sums of floats


class Budget:
    """US dollars that a run may spend; its owner holds the lock.

    Parameters
    ----------
    limit : float or None
        None for no limit.

    Raises
    ------
    ValueError
        For a limit that is no amount of money.

    Examples
    --------
    >>> budget = Budget(1.0)
    >>> budget.reserve(0, "gpt-image-2", 0.6), budget.reserve(1, "gpt-image-2", 0.6)
    (True, False)
    >>> budget.settle(0, 0.35)
    >>> budget.reserve(1, "gpt-image-2", 0.6), budget.spent, budget.reserved
    (True, 0.35, 0.6)
    """

    def __init__(self, limit: float | None = None) -> None:
        if limit is not None and (
            isinstance(limit, bool) or not isinstance(limit, int | float) or not 0 <= limit < math.inf
        ):
            raise ValueError(f"budget is {limit!r}; it needs US dollars, 0 or more, or None for no limit")
        self.limit = limit
        self.spent = 0.0
        """US dollars that are known to be spent."""
        self._held: dict[int, tuple[str, float, float]] = {}  # in flight: model, estimate, what is set aside
        self._lost: dict[int, float] = {}  # may have been billed
        self._factor: dict[str, float] = {}  # model -> how far above the estimate it has been

    @property
    def reserved(self) -> float:
        """US dollars that are set aside: for requests in flight, and for those that may have been billed."""
        return math.fsum(amount for _, _, amount in self._held.values()) + math.fsum(self._lost.values())

    @property
    def in_flight(self) -> bool:
        """Whether something set aside may still be given back."""
        return bool(self._held)

    @property
    def left(self) -> float:
        """US dollars that can still be set aside."""
        return math.inf if self.limit is None else self.limit - self.spent - self.reserved

    def reserve(self, cell: int, model: str, estimate: float) -> bool:
        """Set the high end of an estimate aside, where it is there.

        A model that has cost more than its estimate has more set aside from then on.
        """
        amount = estimate * self._factor.get(model, 1.0)
        if amount > self.left + _NOTHING:
            return False
        self._held[cell] = (model, estimate, amount)
        return True

    def settle(self, cell: int, cost: float | None) -> None:
        """Put the true cost in the place of what was set aside; where it is not known, all of that counts."""
        model, estimate, amount = self._held.pop(cell, ("", 0.0, 0.0))
        self.spent += cost if cost is not None else amount
        if cost is not None and estimate > 0:
            self._factor[model] = max(self._factor.get(model, 1.0), cost / estimate)

    def release(self, cell: int) -> None:
        """Give back what was set aside for a request that cost nothing."""
        self._held.pop(cell, None)

    def lose(self, cell: int, amount: float | None = None) -> None:
        """Keep aside what a request may have cost that never answered."""
        _, _, held = self._held.pop(cell, ("", 0.0, 0.0))
        self._lost[cell] = amount if amount is not None else held

    def found(self, cell: int) -> None:
        """Forget that a request may have been billed: its cost is known now, or it is paid again."""
        self._lost.pop(cell, None)
