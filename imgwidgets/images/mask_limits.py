"""What numbers, points, boxes and sizes a mask takes, and what is said to others."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from imgwidgets.errors import ImageInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "MAX_COORDINATE",
    "MAX_DEPTH",
    "MAX_EDGE",
    "MAX_OPERATIONS",
    "MAX_PIXELS",
    "MAX_POINTS",
    "Box",
    "Number",
    "check_points",
    "check_size",
    "corners",
    "edges",
    "plain",
    "whole",
]

MAX_PIXELS = 100_000_000
MAX_EDGE = 65_535
MAX_COORDINATE = 1_000_000
MAX_POINTS = 1_000_000
MAX_OPERATIONS = 10_000
MAX_DEPTH = 16

Number = int | float
Box = tuple[int, int, int, int]
"""(left, top, right, bottom) in whole pixels, half-open as in Pillow's crop."""


def plain(
    value: Any,
    what: str,
    low: float = -MAX_COORDINATE,
    high: float = MAX_COORDINATE,
    *,
    unit: str = " of pixels",
) -> Number:
    """Give a finite number in bounds, as an int where it is whole (that keeps the JSON short)."""
    try:
        number = float(None if isinstance(value, (str, bytes)) else value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise ImageInputError(f"{what} must be a number{unit}, not {value!r:.80}") from None
    if not math.isfinite(number):
        raise ImageInputError(f"{what} must be finite, not {value!r}")
    if not low <= number <= high:
        bounds = f"{low:,} and {high:,}{unit.removeprefix(' of')}"
        raise ImageInputError(f"{what} must be between {bounds}, not {value!r}")
    return int(number) if number.is_integer() else number


def check_size(size: Any, what: str = "a mask's size") -> tuple[int, int]:
    """Give ``(width, height)`` as ints, or say why it cannot be the size of a mask."""
    try:
        width, height = size
        whole = [int(edge) for edge in (width, height)]
    except (TypeError, ValueError, OverflowError):
        raise ImageInputError(f"{what} must be (width, height) in pixels, not {size!r}") from None
    if any(isinstance(edge, bool) or edge != number for edge, number in zip(size, whole, strict=True)):
        raise ImageInputError(f"{what} must be two whole numbers of pixels, not {size!r}")
    if min(whole) < 1:
        raise ImageInputError(f"{what} must be at least 1x1 pixel, not {size!r}")
    if max(whole) > MAX_EDGE or whole[0] * whole[1] > MAX_PIXELS:
        raise ImageInputError(
            f"{what} must be at most {MAX_PIXELS:,} pixels with edges up to {MAX_EDGE:,}, not {size!r}"
        )
    return whole[0], whole[1]


def check_points(points: Any, what: str, least: int = 1) -> NDArray[np.float64]:
    """Give points as an (N, 2) float64 array of (x, y), or say which one is wrong."""
    try:
        given = np.asarray(points)
        array = given.astype(np.float64) if given.dtype.kind in "biufO" else None
    except (TypeError, ValueError, OverflowError):
        raise ImageInputError(
            f"{what} needs points as (x, y) pairs of numbers, not {points!r:.200}"
        ) from None
    if array is None or array.ndim == 0:
        raise ImageInputError(f"{what} needs points as (x, y) pairs of numbers, not {points!r:.200}")
    if array.size == 0:
        raise ImageInputError(f"{what} needs at least {least} point(s), got none")
    if array.ndim != 2 or array.shape[1] != 2:
        raise ImageInputError(f"{what} needs points as (x, y) pairs, not an array of shape {array.shape}")
    if len(array) < least:
        raise ImageInputError(f"{what} needs at least {least} points, got {len(array)}")
    if len(array) > MAX_POINTS:
        raise ImageInputError(f"{what} takes at most {MAX_POINTS:,} points, got {len(array):,}")
    good = (np.abs(array) <= MAX_COORDINATE).all(axis=1)
    if not good.all():
        index = int(np.argmin(good))
        raise ImageInputError(
            f"{what}: point {index} is {tuple(array[index].tolist())}; coordinates must be finite and within "
            f"{MAX_COORDINATE:,} pixels of the origin"
        )
    return array


def corners(points: Any, what: str, least: int) -> tuple[tuple[Number, Number], ...]:
    """Give checked points as pairs of plain numbers."""
    return tuple(
        (int(x) if x.is_integer() else x, int(y) if y.is_integer() else y)
        for x, y in check_points(points, what, least).tolist()
    )


def whole(values: Any, what: str, low: int = -MAX_COORDINATE) -> tuple[int, ...]:
    """Give whole numbers of pixels, or say which is none."""
    return tuple(_whole(value, what, low) for value in values)


def _whole(value: Any, what: str, low: int) -> int:
    number = plain(value, what, low)
    if isinstance(number, float) or isinstance(value, bool):
        raise ImageInputError(f"{what} must be a whole number of pixels, not {value!r}")
    return number


def edges(box: Any, what: str) -> tuple[Number, Number, Number, Number]:
    """Give a checked box (left, top, right, bottom)."""
    try:
        left, top, right, bottom = box
    except (TypeError, ValueError):
        raise ImageInputError(f"{what} needs a box (left, top, right, bottom), not {box!r:.200}") from None
    sides = tuple(plain(edge, f"{what}: the box {box!r:.200}") for edge in (left, top, right, bottom))
    if sides[0] > sides[2] or sides[1] > sides[3]:
        raise ImageInputError(
            f"{what} needs a box (left, top, right, bottom), left <= right, top <= bottom, not {box!r:.200}"
        )
    return sides[0], sides[1], sides[2], sides[3]
