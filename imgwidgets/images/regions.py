"""Where a mask's pixels are: the box around them, and the region that hangs together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imgwidgets.images.mask_limits import Box

__all__ = ["box_of", "region_runs"]


def box_of(where: NDArray[np.bool_], margin: int = 0) -> Box | None:
    """Give the box around all True pixels, widened by a margin within the array, or None."""
    height, width = where.shape
    rows = np.flatnonzero(where.any(axis=1))
    if not len(rows):
        return None
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(where[top:bottom].any(axis=0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    return (
        max(0, left - margin),
        max(0, top - margin),
        min(width, right + margin),
        min(height, bottom + margin),
    )


def region_runs(
    where: NDArray[np.bool_], column: int, row: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Give the 4-connected region of equal pixels around one pixel, as spans.

    Runs of equal pixels are joined where they touch in neighbouring rows; the number of steps
    follows the number of runs, not of pixels.

    Parameters
    ----------
    where : (H, W) bool
        Only the pixels equal to ``where[row, column]`` count.
    column, row : int
        The pixel to start from.

    Returns
    -------
    (rows, left, right)
        int64 arrays, in reading order.
    """
    height, width = where.shape
    stride = width + 1
    padded = np.zeros((height, stride), np.bool_)  # the extra column keeps rows apart
    np.equal(where, where[row, column], out=padded[:, :width])
    flat = padded.reshape(-1)
    change = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    if flat[0]:
        change = np.concatenate(([0], change))
    start, stop = change[0::2], change[1::2]
    seed = int(np.searchsorted(start, row * stride + column, side="right")) - 1
    label = _labels(start, stop, stride)
    same = label == label[seed]
    rows = start[same] // stride
    return rows, start[same] - rows * stride, stop[same] - rows * stride


def _labels(start: NDArray[np.int64], stop: NDArray[np.int64], stride: int) -> NDArray[np.int64]:
    """Give each run a number that connected ones share."""
    first = np.searchsorted(stop, start + stride, side="right")
    after = np.searchsorted(start, stop + stride, side="left")
    counts = np.maximum(after - first, 0)
    one = np.repeat(np.arange(len(start)), counts)
    other = np.arange(len(one)) - (np.cumsum(counts) - counts - first)[one]
    label = np.arange(len(start))
    while len(one):
        ends = label[one], label[other]
        apart = ends[0] != ends[1]
        one, other = one[apart], other[apart]
        np.minimum.at(label, np.maximum(*ends)[apart], np.minimum(*ends)[apart])
        while True:  # every run follows its number to the smallest one
            shorter = label[label]
            if np.array_equal(shorter, label):
                break
            label = shorter
    return label
