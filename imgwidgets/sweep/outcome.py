"""What became of a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgwidgets.images import ImageResult

__all__ = ["STATUSES", "Outcome", "Status"]

Status = Literal["done", "failed", "maybe_billed", "not_sent", "running", "waiting"]
STATUSES: tuple[Status, ...] = ("done", "failed", "maybe_billed", "not_sent", "running", "waiting")


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a cell, as it was when it was looked up.

    Attributes
    ----------
    status : str
        ``waiting``, ``running``, and in the end ``done``, ``failed``, ``maybe_billed`` (it was sent, no
        answer came, and it may have been charged) or ``not_sent``.
    error, error_type : str
        Why it is not done, and the exception's name; empty where all is well.
    cost : float or None
        US dollars that this run paid for it: 0 where the history or an identical cell had the answer, None
        where it is not known.
    seconds : float or None
        From sending to the last byte.
    entry : int or None
        Its number in the history.
    from_history : bool
        Whether it was answered before this run.
    tries : int
        How often it was sent.

    Examples
    --------
    >>> Outcome(status="failed", error="refused", error_type="ModerationBlocked").result is None
    True
    """

    status: Status = "waiting"
    error: str = ""
    error_type: str = ""
    cost: float | None = None
    seconds: float | None = None
    entry: int | None = None
    from_history: bool = False
    tries: int = 0
    load: Callable[[], Any] | None = None

    @property
    def result(self) -> ImageResult | None:
        """The images, where there are some; those of a history are read when they are needed, not kept."""
        found: ImageResult | None = self.load() if self.load is not None else None
        return found

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it by itself."""
        return self.status not in ("running", "waiting")
