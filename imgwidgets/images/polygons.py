"""The inside of a closed line, however often it crosses itself.

Every side leaves one mark in each row that it crosses, at the first pixel right of the crossing. A
pixel is inside where the number of marks up to it is odd; sixty-four pixels to a machine word, that
is a handful of shifts for a whole raster, whatever the number of sides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imgwidgets.images.spans import MAX_SPANS, first_pixel, join, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from imgwidgets.images.mask_limits import Box

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["fill_polygon"]


def fill_polygon(raster: NDArray[np.uint8], points: Floats, value: int, *, winding: bool) -> Box | None:
    """Write 0 or 255 into the inside of a closed line, in place.

    A centre exactly on a left or upper side is in, on a right or lower side it is out: polygons that
    share a side neither overlap nor leave a gap, and a rectangle drawn as a polygon is the rectangle.

    Parameters
    ----------
    raster : (H, W) uint8
        Changed.
    points : (N, 2) float64
        Corners (x, y); the last is joined to the first.
    value : int
        0 or 255.
    winding : bool
        True: the non-zero rule; False: the even-odd rule.

    Returns
    -------
    (left, top, right, bottom) or None
        What was touched.
    """
    height, width = raster.shape
    box: Box | None = None
    for rows, columns, down in _crossings(points, width, height):
        if winding:
            rows, columns = _outline(rows, columns, down, width)  # noqa: PLW2901 (fewer marks, the same kind)
        if len(rows):
            box = join(box, _fill(raster, rows, columns, value))
    return box


def _crossings(points: Floats, width: int, height: int) -> Iterator[tuple[Ints, Ints, NDArray[np.bool_]]]:
    """Give (row, column, whether the side goes down there) of all crossings, in bands of rows."""
    start, stop = points, np.roll(points, -1, axis=0)
    down = start[:, 1] <= stop[:, 1]
    # Sides are measured from their upper end, so that two polygons see a shared side alike.
    upper = np.where(down[:, None], start, stop)
    lower = np.where(down[:, None], stop, start)
    first = np.clip(first_pixel(upper[:, 1]), 0, height)
    after = np.clip(first_pixel(lower[:, 1]), 0, height)
    some = first < after
    if not some.any():
        return
    upper, lower, first, after, down = upper[some], lower[some], first[some], after[some], down[some]
    slope = (lower[:, 0] - upper[:, 0]) / (lower[:, 1] - upper[:, 1])
    bands = [(int(first.min()), int(after.max()))]
    while bands:
        low, high = bands.pop()
        counts = np.maximum(np.minimum(after, high) - np.maximum(first, low), 0)
        if counts.sum() > MAX_SPANS and high - low > 1:
            middle = (low + high) // 2
            bands += [(low, middle), (middle, high)]
            continue
        _, rows = rows_of(np.maximum(first, low), np.minimum(after, high))
        at = rows + (0.5 - np.repeat(upper[:, 1], counts))
        at *= np.repeat(slope, counts)
        at += np.repeat(upper[:, 0], counts)
        yield rows, np.clip(first_pixel(at), 0, width), np.repeat(down, counts)


def _outline(rows: Ints, columns: Ints, down: NDArray[np.bool_], width: int) -> tuple[Ints, Ints]:
    """Keep of the crossings those where the winding number leaves nought or comes back to it."""
    stride = width + 1
    key = np.sort((rows * stride + columns) * 2 + down, kind="stable")  # each side is in order already
    count = np.cumsum((key & 1) * 2 - 1)
    before = np.concatenate(([0], count[:-1]))
    place = key[(before == 0) ^ (count == 0)] >> 1
    row = place // stride
    return row, place - row * stride


def _fill(raster: NDArray[np.uint8], rows: Ints, columns: Ints, value: int) -> Box:
    width = raster.shape[1]
    top, bottom = int(rows.min()), int(rows.max()) + 1
    first, right = int(columns.min()) // 64, int(columns.max())
    left, words = first * 64, right // 64 - first + 1
    marks = np.zeros((bottom - top, words), "<u8")
    place = (rows - top) * words + ((columns >> 6) - first)
    bit = np.left_shift(np.uint64(1), (columns & 63).astype(np.uint64))
    np.bitwise_xor.at(marks.reshape(-1), place, bit)
    _parity(marks)
    count = min(width, left + words * 64) - left
    if count > 0:
        bits = np.unpackbits(marks.view(np.uint8), axis=1, count=count, bitorder="little")
        part = raster[top:bottom, left : left + count]
        if value:
            part |= np.negative(bits, out=bits)
        else:
            part &= np.subtract(bits, np.uint8(1), out=bits)
    return int(columns.min()), top, right, bottom


def _parity(marks: NDArray[np.uint64]) -> None:
    """Turn each bit of a row into the parity of all bits up to it, in place."""
    shifted = np.empty_like(marks)
    for step in (1, 2, 4, 8, 16, 32):
        np.left_shift(marks, np.uint64(step), out=shifted)
        np.bitwise_xor(marks, shifted, out=marks)
    last = (marks >> np.uint64(63)).astype(np.uint16)
    odd = (np.cumsum(last, axis=1, dtype=np.uint16) - last) & np.uint16(1)
    marks ^= np.negative(odd.astype(np.uint64))  # all ones where the words before end inside
