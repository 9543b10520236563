"""What a person is asked before a run sends anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgwidgets import catalog as _catalog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgwidgets.sweep.cell import Cell

__all__ = ["CONFIRM_ABOVE", "advice_for", "confirmation_for", "threshold_of"]

CONFIRM_ABOVE = 1.0
"""US dollars that a run may cost at real providers without being asked for a confirmation."""


def threshold_of(confirm: bool | float) -> float | None:  # noqa: FBT001 (the option itself)
    """Give the US dollars above which to ask; None for never.

    Raises
    ------
    ValueError
        For a value that says neither.
    """
    if confirm is True:
        return CONFIRM_ABOVE
    if confirm is False:
        return None
    if not isinstance(confirm, int | float) or not confirm >= 0:
        raise ValueError(f"confirm is {confirm!r}; it is True, False, or US dollars above which to ask")
    return float(confirm)


def advice_for(plan: Iterable[Cell]) -> str:
    """Say what answers :func:`confirmation_for`, outside a notebook; no budget holds what has no price."""
    known = _catalog.current()
    unpriced = any(not cell.price and not known.provider(cell.provider).embedded for cell in plan)
    sent = "Send them with confirm=False"
    return f"{sent}." if unpriced else f"{sent}, or name a budget=... below that."


def confirmation_for(plan: Iterable[Cell], budget: float | None, threshold: float | None) -> str:
    """Say what a person should confirm before the first request is sent; empty where nothing.

    Parameters
    ----------
    plan : iterable of Cell
        What would be sent; at the embedded provider it costs nothing.
    budget : float or None
        US dollars; the run cannot cost more.
    threshold : float or None
        US dollars above which to ask; None never asks.
    """
    known = _catalog.current()
    real = [cell for cell in plan if not known.provider(cell.provider).embedded]
    if threshold is None or not real:
        return ""
    high = sum(cell.price[1] for cell in real if cell.price is not None)
    high = high if budget is None else min(high, budget)
    unpriced = sorted(
        {f"{cell.provider}:{cell.request.model}" for cell in real if not cell.price and cell.request}
    )
    said = []
    if high > threshold:
        said.append(f"this run may cost up to ${high:,.2f}, above ${threshold:,.2f}.")
    if unpriced:
        said.append(
            f"no price is known for {', '.join(unpriced)}: such cells count as zero, also against a budget."
        )
    if not said:
        return ""
    count = len(real)
    said.append(f"{count} request{'s' * (count != 1)} would be sent; sweep.plan() lists them.")
    return " ".join(said)[0].upper() + " ".join(said)[1:]
