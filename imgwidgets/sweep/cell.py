"""One point of a sweep, ready to be sent or with the reason why it cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgwidgets.catalog import ImageRequest, Problem
    from imgwidgets.history import Entry

__all__ = ["Cell"]


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One point of a sweep.

    Attributes
    ----------
    index : int
        Its place in the plan, from 0.
    values : mapping
        Axis name -> value as it was given; for ``image``, ``mask`` and ``markup`` a short label.
    repeat : int
        Which repeat of the same point, from 0.
    request : ImageRequest or None
        What is sent. None where none could be made; `problems` then says why.
    problems : tuple of Problem
        Why it cannot be sent; empty where it can.
    notes : tuple of str
        What a person should know.
    price : (float, float) or None
        The lowest and highest price in US dollars, for all of its images; None where no price is known.
    images : int
        How many images it asks for (``n``).
    provider : str
        Who is asked.
    key : str
        Equal for cells that ask for the same: they are sent once. ``ImageRequest.key`` and the repeat.
    same_as : int or None
        The index of an earlier cell with the same `key`; that one is sent, and this one shows its images.
    stored : Entry or None
        The entry of the history that answers this cell already.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> cell = iw.Sweep("a {animal}", animal=["fox", "owl"], quality="low").plan(history=False)[1]
    >>> cell.values, cell.request.prompt, cell.valid
    ({'animal': 'owl'}, 'a owl', True)
    """

    index: int
    values: Mapping[str, Any]
    repeat: int = 0
    request: ImageRequest | None = None
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    price: tuple[float, float] | None = None
    images: int = 1
    provider: str = ""
    key: str = ""
    same_as: int | None = None
    stored: Entry | None = None

    @property
    def valid(self) -> bool:
        """Whether it can be sent."""
        return self.request is not None and not self.problems

    @property
    def to_send(self) -> bool:
        """Whether a run sends it: valid, the first of its kind, and not in the history."""
        return self.valid and self.same_as is None and self.stored is None

    @property
    def state(self) -> str:
        """What a run makes of it: ``invalid``, ``duplicate``, ``in history`` or ``to send``."""
        if not self.valid:
            return "invalid"
        if self.same_as is not None:
            return "duplicate"
        return "in history" if self.stored is not None else "to send"
