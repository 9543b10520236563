"""Apply operations to a mask's raster, in place.

The raster is a C-contiguous (H, W) uint8 array of alpha: 0 = edit here, 255 = keep. Every function
gives the box of what it touched, (left, top, right, bottom), or None.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from imgwidgets.images import morphology
from imgwidgets.images.operations import (
    MAX_FEATHER,
    Combine,
    Ellipse,
    Feather,
    Fill,
    Grow,
    Invert,
    Lasso,
    Operation,
    Pixels,
    Polygon,
    Rectangle,
    Shrink,
    Stroke,
    check_at,
)
from imgwidgets.images.polygons import fill_polygon
from imgwidgets.images.regions import region_runs
from imgwidgets.images.spans import ellipse_spans, fill_spans, join, stroke_spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from imgwidgets.images.mask_limits import Box
    from imgwidgets.images.spans import Spans

    Alpha = NDArray[np.uint8]

__all__ = ["apply", "blank", "combine", "render", "stroke"]


def blank(size: tuple[int, int]) -> Alpha:
    """Give a raster of (width, height) with nothing selected."""
    return np.full((size[1], size[0]), 255, np.uint8)


def render(size: tuple[int, int], operations: Iterable[Operation], start: Alpha | None = None) -> Alpha:
    """Give a new raster: a copy of ``start`` (or a blank one) with the operations applied."""
    raster = blank(size) if start is None else start.copy()
    for operation in operations:
        apply(raster, operation)
    return raster


def apply(raster: Alpha, operation: Operation) -> Box | None:
    """Apply one operation in place.

    Parameters
    ----------
    raster : (H, W) uint8, C-contiguous
        Changed.
    operation : Operation
        What to do.

    Returns
    -------
    (left, top, right, bottom) or None
        A box around all that may have changed.

    Raises
    ------
    ImageInputError
        Where the operation does not fit this raster.
    """
    rule: Callable[[Alpha, Any], Box | None] = _RULES[type(operation)]
    return rule(raster, operation)


def combine(alpha: Alpha, other: Alpha, how: str, out: Alpha | None = None) -> Alpha:
    """Combine two rasters: union is the minimum of the alphas, intersection the maximum."""
    if how == "union":
        return np.minimum(alpha, other, out=out)
    if how == "intersection":
        return np.maximum(alpha, other, out=out)
    without = np.maximum(alpha, ~other)
    if how == "difference":
        return without if out is None else _into(out, without)
    return np.minimum(without, np.maximum(other, ~alpha), out=out)


def _into(out: Alpha, values: Alpha) -> Alpha:
    out[...] = values
    return out


def _whole(raster: Alpha) -> Box:
    return 0, 0, raster.shape[1], raster.shape[0]


def stroke(  # noqa: PLR0913 (what a brush is, and where it is in its stroke)
    raster: Alpha,
    points: NDArray[np.float64],
    radii: NDArray[np.float64],
    *,
    erase: bool = False,
    softness: float = 0.0,
    first: bool = True,
) -> Box | None:
    """Draw a round brush along points, in place.

    A stroke may come in batches: the same pixels result, to the bit, when each batch after the first
    begins with the last point of the one before and says ``first=False``.

    Parameters
    ----------
    raster : (H, W) uint8, C-contiguous
        Changed.
    points : (N, 2) float64
        (x, y) in image pixels.
    radii : (N,) float64
        Pixels.
    erase : bool
        True takes away from the selection.
    softness : float
        0 to 1, as in :class:`~imgwidgets.images.operations.Stroke`.
    first : bool
        Whether the brush is put down at the first point, or goes on from there.
    """
    height, width = raster.shape
    if softness == 0:
        spans = stroke_spans(points, radii, width, height)
        return fill_spans(raster, spans, 255 if erase else 0)
    dots = [(x, y, r) for (x, y), r in zip(points.tolist(), radii.tolist(), strict=True)]
    segments = list(itertools.pairwise(dots))
    if first:
        segments.insert(0, (dots[0], dots[0]))
    box = None
    for one, other in segments:
        for piece in _pieces(one, other, softness):
            box = join(box, _soft_piece(raster, piece, erase=erase, softness=softness))
    return box


Dot = tuple[float, float, float]
Piece = tuple[float, float, float, float, float, float]


def _pieces(one: Dot, other: Dot, softness: float) -> Iterator[Piece]:
    """Cut a long segment, so that the boxes of its pieces stay near it."""
    (x0, y0, r0), (x1, y1, r1) = one, other
    reach = max(r0, r1) * (1 + softness) + 1
    count = max(1, math.ceil(max(abs(x1 - x0), abs(y1 - y0)) / (4 * reach)))
    cuts = [
        (x0 + (x1 - x0) * k / count, y0 + (y1 - y0) * k / count, r0 + (r1 - r0) * k / count)
        for k in range(count + 1)
    ]
    for start, stop in itertools.pairwise(cuts):
        yield (*start, *stop)


def _soft_piece(raster: Alpha, piece: Piece, *, erase: bool, softness: float) -> Box | None:
    """Draw one segment with a soft edge.

    With q the smallest distance to any point of the axis, in radii there, the coverage falls from 1
    at q = 1 - softness to 0 at q = 1 + softness; q = 1 is the edge of the hard brush.
    """
    x0, y0, r0, x1, y1, r1 = piece
    height, width = raster.shape
    out0, out1 = r0 * (1 + softness), r1 * (1 + softness)
    left, right = (
        max(0, math.floor(min(x0 - out0, x1 - out1))),
        min(width, math.ceil(max(x0 + out0, x1 + out1))),
    )
    top, bottom = (
        max(0, math.floor(min(y0 - out0, y1 - out1))),
        min(height, math.ceil(max(y0 + out0, y1 + out1))),
    )
    if left >= right or top >= bottom or max(r0, r1) == 0:
        return None
    dx, dy, dr = x1 - x0, y1 - y0, r1 - r0
    square = dx * dx + dy * dy
    x = np.arange(left, right) + (0.5 - x0)
    step = max(1, (1 << 16) // (right - left))
    for low in range(top, bottom, step):
        y = (np.arange(low, min(low + step, bottom)) + (0.5 - y0))[:, None]
        ratio = _ratio(x, y, (dx, dy, dr), r0, square)
        ratio -= 1 + softness
        ratio *= -255 / (2 * softness)
        ratio += 0.5
        cover = np.clip(ratio, 0, 255, out=ratio).astype(np.uint8)
        part = raster[low : low + len(y), left:right]
        if erase:
            np.maximum(part, cover, out=part)
        else:
            np.minimum(part, np.subtract(np.uint8(255), cover, out=cover), out=part)
    return left, top, right, bottom


def _ratio(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    run: tuple[float, float, float],
    r0: float,
    square: float,
) -> NDArray[np.float64]:
    """Give the smallest distance to the axis of a segment in terms of the radius there.

    For t along the axis that is the minimum of |p - t d| / (r0 + t dr); its derivative is linear.
    """
    dx, dy, dr = run
    tiny = 1e-6  # pixels: a radius of nought (a pen lifted) must not divide by nought
    along = x * dx + y * dy
    away = x * x + y * y
    if dr == 0:
        t = np.clip(along / square, 0, 1) if square > 0 else np.zeros_like(along)
        away -= 2 * t * along - t * t * square
        return np.sqrt(np.maximum(away, 0, out=away), out=away) / max(r0, tiny)
    below = along * dr + square * r0
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.clip((along * r0 + away * dr) / below, 0, 1)
    t = np.where(below > 0, t, 0.0)
    best = np.sqrt(away) / max(r0, tiny)
    for place in (t, 1.0):
        there = np.sqrt(np.maximum(away - place * (2 * along - place * square), 0))
        np.minimum(best, there / np.maximum(r0 + place * dr, tiny), out=best)
    return best


def _stroke(raster: Alpha, operation: Stroke) -> Box | None:
    points = np.asarray(operation.points, dtype=np.float64)
    return stroke(raster, points, operation.radii, erase=operation.erase, softness=operation.softness)


def _shape(raster: Alpha, operation: Rectangle | Ellipse | Polygon | Lasso) -> Box | None:
    if operation.softness == 0:
        return _hard_shape(raster, operation, 255 if operation.erase else 0)
    if isinstance(operation, (Rectangle, Ellipse)):
        left, top, right, bottom = operation.box
    else:
        points = np.asarray(operation.points, dtype=np.float64)
        (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    # A box blur of this spread fades about as far to either side as a soft brush does.
    spread = float(operation.softness) * min(right - left, bottom - top) / 4
    cover = blank((raster.shape[1], raster.shape[0]))
    _hard_shape(cover, operation, 0)
    box = morphology.feather(cover, min(spread, MAX_FEATHER))
    return _lay(raster, cover, box or _whole(raster), erase=operation.erase)


def _lay(raster: Alpha, cover: Alpha, box: Box, *, erase: bool) -> Box:
    left, top, right, bottom = box
    part, over = raster[top:bottom, left:right], cover[top:bottom, left:right]
    if erase:
        np.maximum(part, ~over, out=part)
    else:
        np.minimum(part, over, out=part)
    return box


def _hard_shape(raster: Alpha, operation: Rectangle | Ellipse | Polygon | Lasso, value: int) -> Box | None:
    height, width = raster.shape
    if isinstance(operation, Rectangle):
        left, top, right, bottom = (math.ceil(edge - 0.5) for edge in operation.box)
        left, right = max(0, left), min(width, right)
        top, bottom = max(0, top), min(height, bottom)
        if left >= right or top >= bottom:
            return None
        raster[top:bottom, left:right] = value
        return left, top, right, bottom
    if isinstance(operation, Ellipse):
        return fill_spans(raster, ellipse_spans(operation.box, width, height), value)
    points = np.asarray(operation.points, dtype=np.float64)
    return fill_polygon(raster, points, value, winding=isinstance(operation, Lasso))


def _fill(raster: Alpha, operation: Fill) -> Box | None:
    value = 255 if operation.erase else 0
    if operation.at is None:
        raster[...] = value
        return _whole(raster)
    height, width = raster.shape
    check_at(operation.at, (width, height))
    column, row = (math.floor(number) for number in operation.at)
    spans: Spans = region_runs(raster < 128, column, row)
    return fill_spans(raster, iter([spans]), value)


def _invert(raster: Alpha, _: Invert) -> Box:
    np.invert(raster, out=raster)
    return _whole(raster)


def _pixels(raster: Alpha, operation: Pixels) -> Box:
    left, top, right, bottom = operation.box
    part = operation.part()
    raster[...] = 255
    raster[top:bottom, left:right] = part
    return _whole(raster)


def _combine(raster: Alpha, operation: Combine) -> Box:
    other = render((raster.shape[1], raster.shape[0]), operation.operations)
    combine(raster, other, operation.how, out=raster)
    return _whole(raster)


_RULES: dict[type, Callable[[Alpha, Any], Box | None]] = {
    Stroke: _stroke,
    Rectangle: _shape,
    Ellipse: _shape,
    Polygon: _shape,
    Lasso: _shape,
    Fill: _fill,
    Grow: lambda raster, operation: morphology.grow(raster, operation.px),
    Shrink: lambda raster, operation: morphology.shrink(raster, operation.px),
    Feather: lambda raster, operation: morphology.feather(raster, operation.px),
    Invert: _invert,
    Pixels: _pixels,
    Combine: _combine,
}
