"""COCO's run-length encoding of a selection, as its Python tools read and write it.

Runs are counted down the columns, beginning with a run (maybe empty) of pixels that are not
selected. The compressed form writes each run, from the fourth on as the difference from the run two
before, in groups of five bits with the lowest first; bit 6 says that more follow, and 48 is added
to make each group a character.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from imgwidgets.errors import ImageInputError
from imgwidgets.images.mask_limits import check_size
from imgwidgets.images.regions import box_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["decode", "encode"]


def encode(selected: NDArray[np.bool_], *, compressed: bool = True) -> dict[str, Any]:
    """Give ``size`` ([height, width]), ``counts``, ``area`` and ``bbox`` ([x, y, width, height])."""
    height, width = selected.shape
    flat = np.ascontiguousarray(selected.T).reshape(-1)
    change = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    ends = np.concatenate(([0] if flat[0] else [], change, [flat.size])).astype(np.int64)
    counts = np.diff(ends, prepend=0)
    left, top, right, bottom = box_of(selected) or (0, 0, 0, 0)
    return {
        "size": [height, width],
        "counts": _pack(counts) if compressed else counts.tolist(),
        "area": int(counts[1::2].sum()),
        "bbox": [left, top, right - left, bottom - top],
    }


def decode(annotation: Any) -> NDArray[np.bool_]:
    """Give the selection as (H, W) bool.

    Raises
    ------
    ImageInputError
        Where the annotation is no run-length encoding, or its runs do not fill its size.
    """
    given = annotation
    if isinstance(given, Mapping) and isinstance(given.get("segmentation"), Mapping):
        given = given["segmentation"]
    if not isinstance(given, Mapping) or "counts" not in given or "size" not in given:
        hint = " (polygons: Mask.from_polygons)" if _has_polygons(annotation) else ""
        raise ImageInputError(
            f'a COCO mask is {{"size": [height, width], "counts": ...}}, not {annotation!r:.120}{hint}'
        )
    try:
        height, width = given["size"]
    except (TypeError, ValueError):
        raise ImageInputError(f"a COCO mask's size is [height, width], not {given['size']!r:.80}") from None
    width, height = check_size((width, height), "a COCO mask's size")
    counts = _counts(given["counts"])
    if counts.size == 0 or (counts < 0).any() or (counts > width * height).any():
        raise ImageInputError("a COCO mask's counts must be run lengths from 0 to its number of pixels")
    if int(counts.sum()) != width * height:
        raise ImageInputError(
            f"a COCO mask's counts add up to {int(counts.sum()):,} pixels, but {width}x{height} has "
            f"{width * height:,}"
        )
    flat = np.repeat(np.arange(len(counts)) % 2 == 1, counts)
    return np.ascontiguousarray(flat.reshape(width, height).T)


def _has_polygons(annotation: Any) -> bool:
    given = annotation.get("segmentation") if isinstance(annotation, Mapping) else annotation
    return isinstance(given, list)


def _counts(given: Any) -> Ints:
    if isinstance(given, str):
        if not given.isascii():
            raise ImageInputError("a COCO mask's counts hold a character that is not theirs")
        return _unpack(given.encode("ascii"))
    if isinstance(given, bytes):
        return _unpack(given)
    try:
        counts = np.asarray(given)
        whole = counts.astype(np.int64)
    except (TypeError, ValueError, OverflowError):
        counts = whole = np.zeros((0, 0), np.int64)
    if counts.ndim != 1 or counts.dtype.kind not in "iu":
        raise ImageInputError(f"a COCO mask's counts are text or a list of whole numbers, not {given!r:.80}")
    return whole


def _pack(counts: Ints) -> str:
    values = counts.copy()
    values[3:] -= counts[1:-2]
    groups = []
    open_ = np.ones(len(values), np.bool_)
    while open_.any():
        low = values & 31
        values >>= 5
        more = np.where(low & 16, values != -1, values != 0)
        groups.append(np.where(open_, low + np.where(more, 32, 0) + 48, 0))
        open_ &= more
    letters = np.stack(groups, axis=1).astype(np.uint8).reshape(-1)
    return bytes(letters[letters != 0]).decode("ascii")


def _unpack(text: bytes) -> Ints:
    letters = np.frombuffer(text, np.uint8).astype(np.int64) - 48
    if letters.size == 0 or letters.min() < 0 or letters.max() > 63:
        raise ImageInputError("a COCO mask's counts are empty or hold a character that is not theirs")
    last = letters & 32 == 0
    if not last[-1]:
        raise ImageInputError("a COCO mask's counts break off in the middle of a number")
    stops = np.flatnonzero(last) + 1
    starts = np.concatenate(([0], stops[:-1]))
    lengths = stops - starts
    if lengths.max() > 7:  # seven groups hold more than any mask has pixels
        raise ImageInputError("a COCO mask's counts hold a number longer than any run")
    shift = 5 * (np.arange(len(letters)) - np.repeat(starts, lengths))
    values: Ints = np.add.reduceat((letters & 31) << shift, starts)
    values -= np.where(letters[stops - 1] & 16, np.int64(1) << (5 * lengths), 0)
    for first in (1, 2):  # differences run two apart: odd and even runs each add up on their own
        values[first::2] = np.cumsum(values[first::2])
    return values
