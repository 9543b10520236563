"""What is done to a mask, as plain frozen values that travel as JSON.

A mask is an ordered list of these over a blank raster. Coordinates are image pixels from the outer
corner of the top-left pixel; pixel (column c, row r) has its centre at (c + 0.5, r + 0.5).
Every value checks itself when it is made or decoded, so the rasterisers need not.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np

from imgwidgets.errors import ImageInputError
from imgwidgets.images.mask_limits import (
    MAX_DEPTH,
    MAX_OPERATIONS,
    MAX_POINTS,
    Box,
    Number,
    corners,
    edges,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = [
    "MAX_FEATHER",
    "Combine",
    "Ellipse",
    "Feather",
    "Fill",
    "Grow",
    "Invert",
    "Lasso",
    "Operation",
    "Pixels",
    "Polygon",
    "Rectangle",
    "Shrink",
    "Stroke",
    "check_at",
    "check_operations",
    "walk",
]


MAX_FEATHER = 2_000
"""Pixels; the time of a blur that is wider than its image grows with nothing to show for it."""


class _Operation(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="do"
):
    """One step of a mask."""

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            msgspec.structs.force_setattr(self, name, value)


class Stroke(_Operation, frozen=True, kw_only=True, tag="stroke"):
    """A round brush drawn along points.

    Between two neighbouring points it covers the convex hull of their two discs.

    Parameters
    ----------
    points : sequence of (x, y)
        Image pixels, at least one.
    radius : float or sequence of float
        Pixels; one for all points, or one for each (pen pressure).
    erase : bool
        True takes away from the selection.
    softness : float
        0 is hard. Else the share of the radius, up to 1, by which the edge fades to either side:
        from full at ``radius * (1 - softness)`` to nothing at ``radius * (1 + softness)``; the
        middle, where ``selected`` ends, stays at the radius.
    """

    points: tuple[tuple[Number, Number], ...]
    radius: Number | tuple[Number, ...]
    erase: bool = False
    softness: Number = 0

    def __post_init__(self) -> None:
        points = corners(self.points, "a stroke", 1)
        given: Any = self.radius
        if np.ndim(given) == 0:
            radius: Any = plain(given, "a stroke's radius", 0)
        else:
            if len(given) != len(points):
                raise ImageInputError(
                    f"a stroke of {len(points)} points needs one radius or one for each, not {len(given)}"
                )
            radius = tuple(plain(value, f"a stroke's radius {i}", 0) for i, value in enumerate(given))
        softness = plain(self.softness, "a stroke's softness", 0, 1, unit="")
        self._set(points=points, radius=radius, softness=softness, erase=bool(self.erase))

    @property
    def radii(self) -> NDArray[np.float64]:
        """One radius for each point, (N,) float64, pixels."""
        return np.broadcast_to(np.asarray(self.radius, dtype=np.float64), (len(self.points),))


class _Shape(_Operation, frozen=True, kw_only=True):
    """A filled shape; ``softness`` as a share of half the shorter side of its bounding box."""

    erase: bool = False
    softness: Number = 0

    def _finish(self, what: str, **values: Any) -> None:
        softness = plain(self.softness, f"{what}'s softness", 0, 1, unit="")
        self._set(softness=softness, erase=bool(self.erase), **values)


class Rectangle(_Shape, frozen=True, kw_only=True, tag="rectangle"):
    """The pixels whose centres lie in a half-open box (left, top, right, bottom)."""

    box: tuple[Number, Number, Number, Number]

    def __post_init__(self) -> None:
        self._finish("a rectangle", box=edges(self.box, "a rectangle"))


class Ellipse(_Shape, frozen=True, kw_only=True, tag="ellipse"):
    """The pixels whose centres lie in the ellipse that touches the sides of a box."""

    box: tuple[Number, Number, Number, Number]

    def __post_init__(self) -> None:
        self._finish("an ellipse", box=edges(self.box, "an ellipse"))


class Polygon(_Shape, frozen=True, kw_only=True, tag="polygon"):
    """The inside of a closed line by the even-odd rule: what is crossed twice is outside again."""

    points: tuple[tuple[Number, Number], ...]

    def __post_init__(self) -> None:
        self._finish("a polygon", points=corners(self.points, "a polygon", 3))


class Lasso(_Shape, frozen=True, kw_only=True, tag="lasso"):
    """All that a closed free-hand line goes around, loops included (the non-zero winding rule)."""

    points: tuple[tuple[Number, Number], ...]

    def __post_init__(self) -> None:
        self._finish("a lasso", points=corners(self.points, "a lasso", 3))


class Fill(_Operation, frozen=True, kw_only=True, tag="fill"):
    """Everything, or the 4-connected region of equally selected pixels around ``at`` (a bucket)."""

    at: tuple[Number, Number] | None = None
    erase: bool = False

    def __post_init__(self) -> None:
        if self.at is not None:
            (at,) = corners((self.at,), "fill", 1)
            self._set(at=at)
        self._set(erase=bool(self.erase))


class Grow(_Operation, frozen=True, kw_only=True, tag="grow"):
    """Add every pixel whose centre is within ``px`` pixels of a selected one's."""

    px: Number

    def __post_init__(self) -> None:
        self._set(px=plain(self.px, "grow", 0))


class Shrink(_Operation, frozen=True, kw_only=True, tag="shrink"):
    """Take away every pixel whose centre is within ``px`` pixels of one that is not selected."""

    px: Number

    def __post_init__(self) -> None:
        self._set(px=plain(self.px, "shrink", 0))


class Feather(_Operation, frozen=True, kw_only=True, tag="feather"):
    """Blur the edge, nearly a Gaussian of standard deviation ``px`` pixels."""

    px: Number

    def __post_init__(self) -> None:
        self._set(px=plain(self.px, "feather", 0, MAX_FEATHER))


class Invert(_Operation, frozen=True, kw_only=True, tag="invert"):
    """Swap what is selected and what is not."""


class Pixels(_Operation, frozen=True, kw_only=True, tag="pixels"):
    """A stored raster that replaces all before it.

    Attributes
    ----------
    box : (left, top, right, bottom)
        The stored part; around it nothing is selected.
    encoding : {"bits", "bytes"}
        One bit a pixel (1 = selected; rows padded to whole bytes), or its alpha as one byte.
    data : bytes
        The rows, compressed with zlib; base64 in JSON.
    """

    box: Box
    encoding: Literal["bits", "bytes"]
    data: bytes

    @classmethod
    def of(cls, alpha: NDArray[np.uint8]) -> Pixels:
        """Store a (H, W) uint8 alpha raster."""
        touched = alpha != 255
        rows = np.flatnonzero(touched.any(axis=1))
        if not len(rows):
            return cls(box=(0, 0, 0, 0), encoding="bits", data=zlib.compress(b""))
        top, bottom = int(rows[0]), int(rows[-1]) + 1
        columns = np.flatnonzero(touched[top:bottom].any(axis=0))
        left, right = int(columns[0]), int(columns[-1]) + 1
        part = alpha[top:bottom, left:right]
        hard = np.count_nonzero(part) == np.count_nonzero(part == 255)
        raw = np.packbits(part == 0, axis=1) if hard else np.ascontiguousarray(part)
        return cls(
            box=(left, top, right, bottom),
            encoding="bits" if hard else "bytes",
            data=zlib.compress(raw.data, level=1 if raw.nbytes > 1 << 20 else 6),
        )

    def part(self) -> NDArray[np.uint8]:
        """Give the alpha of the stored box, (bottom - top, right - left) uint8."""
        left, top, right, bottom = self.box
        width, height = right - left, bottom - top
        stride = (width + 7) // 8 if self.encoding == "bits" else width
        expected = stride * height
        try:
            stream = zlib.decompressobj()
            raw = stream.decompress(self.data, expected + 1)
        except zlib.error as problem:
            raise ImageInputError(f"stored pixels cannot be decompressed ({problem})") from problem
        if len(raw) != expected:
            got = f"more than {expected}" if len(raw) > expected else len(raw)
            raise ImageInputError(f"stored pixels of a {width}x{height} box are {got} bytes, not {expected}")
        rows = np.frombuffer(raw, np.uint8).reshape(height, stride)
        if self.encoding == "bytes":
            return rows
        bits = np.unpackbits(rows, axis=1, count=width) if rows.size else np.zeros((height, width), np.uint8)
        return np.subtract(bits, np.uint8(1))  # 1 (selected) becomes 0, 0 wraps around to 255


class Combine(_Operation, frozen=True, kw_only=True, tag="combine"):
    """Another mask of the same size, combined with what is there.

    Attributes
    ----------
    how : {"union", "intersection", "difference", "symmetric_difference"}
        Python's words for the operators ``|``, ``&``, ``-`` and ``^``.
    operations : tuple of Operation
        What makes the other mask.
    """

    how: Literal["union", "intersection", "difference", "symmetric_difference"]
    operations: tuple[Operation, ...]


Operation = (
    Stroke
    | Rectangle
    | Ellipse
    | Polygon
    | Lasso
    | Fill
    | Grow
    | Shrink
    | Feather
    | Invert
    | Pixels
    | Combine
)


def walk(operations: tuple[Operation, ...], depth: int = 1) -> Iterator[tuple[Operation, int]]:
    """Give each operation with its depth, those inside a Combine included."""
    for operation in operations:
        yield operation, depth
        if isinstance(operation, Combine):
            yield from walk(operation.operations, depth + 1)


def check_operations(operations: tuple[Operation, ...], size: tuple[int, int]) -> None:
    """Raise ImageInputError where operations do not fit a mask of this size or are too many."""
    width, height = size
    points = 0
    for count, (operation, depth) in enumerate(walk(operations), 1):
        if count > MAX_OPERATIONS or depth > MAX_DEPTH:
            raise ImageInputError(
                f"a mask takes at most {MAX_OPERATIONS:,} operations, combined at most {MAX_DEPTH} deep"
            )
        if isinstance(operation, (Stroke, Polygon, Lasso)):
            points += len(operation.points)
            if points > MAX_POINTS:
                raise ImageInputError(f"a mask takes at most {MAX_POINTS:,} points in all")
        elif isinstance(operation, Fill):
            check_at(operation.at, size)
        elif isinstance(operation, Pixels):
            left, top, right, bottom = operation.box
            if not (0 <= left <= right <= width and 0 <= top <= bottom <= height):
                raise ImageInputError(f"stored pixels {operation.box} lie outside a {width}x{height} mask")
            operation.part()


def check_at(at: tuple[Number, Number] | None, size: tuple[int, int]) -> None:
    """Raise ImageInputError where the seed of a fill lies outside the image."""
    if at is not None and not (0 <= at[0] < size[0] and 0 <= at[1] < size[1]):
        raise ImageInputError(f"fill at {at} lies outside the {size[0]}x{size[1]} image")
