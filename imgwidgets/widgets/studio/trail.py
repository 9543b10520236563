"""The way back: which images were worked on, with which mask."""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = ["Stage", "Trail"]

_LONGEST = 50


class Stage(msgspec.Struct, frozen=True):
    """What was being edited.

    Attributes
    ----------
    given : tuple
        The input images.
    mask : Mask or None
        What was painted on the first.
    """

    given: tuple[Any, ...] = ()
    mask: Any = None


class Trail:
    """Stages in order, and which of them is the present one.

    Not safe to be used by two threads at once: its owner has the lock.

    Examples
    --------
    >>> trail = Trail()
    >>> trail.go_on(Stage(("fox",))); trail.go_on(Stage(("hat",)))
    >>> trail.back().given
    ('fox',)
    >>> trail.forth().given
    ('hat',)
    """

    def __init__(self) -> None:
        self._stages = [Stage()]
        self._place = 0

    @property
    def now(self) -> Stage:
        """The present stage."""
        return self._stages[self._place]

    @property
    def can_go_back(self) -> bool:
        """Whether there is an earlier stage."""
        return self._place > 0

    @property
    def can_go_forth(self) -> bool:
        """Whether something was undone."""
        return self._place < len(self._stages) - 1

    def go_on(self, stage: Stage) -> None:
        """Go on with other images; what was undone is gone."""
        self._stages = [*self._stages[: self._place + 1], stage][-_LONGEST:]
        self._place = len(self._stages) - 1

    def note(self, mask: Any) -> None:
        """Remember what is painted on the present images."""
        self._stages[self._place] = Stage(self.now.given, mask)

    def back(self) -> Stage:
        """Go back to what was there before."""
        self._place = max(0, self._place - 1)
        return self.now

    def forth(self) -> Stage:
        """Go on to what was undone."""
        self._place = min(len(self._stages) - 1, self._place + 1)
        return self.now
