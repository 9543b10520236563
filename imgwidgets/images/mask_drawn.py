"""A mask as a recipe and its pixels: how it is drawn, and what it holds."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from imgwidgets.images import mask_files, raster
from imgwidgets.images.mask_limits import MAX_OPERATIONS, Box, check_size
from imgwidgets.images.operations import (
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
    check_operations,
)
from imgwidgets.images.regions import box_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from numpy.typing import ArrayLike, NDArray

    Alpha = NDArray[np.uint8]

__all__ = ["DrawnMask"]


class DrawnMask:
    """The half of :class:`~imgwidgets.images.Mask` that draws and holds; use that class.

    It remembers its operations and renders them when its pixels are first asked for, from the
    raster of the mask before where that was rendered already.
    """

    __slots__ = ("__weakref__", "_alpha", "_digest", "_note", "_operations", "_size", "_start")

    _size: tuple[int, int]
    _operations: tuple[Operation, ...]
    _start: tuple[Alpha | None, int]  # a raster to render from, and how many operations it holds
    _alpha: Alpha | None
    _digest: bytes | None
    _note: str

    def __init__(self) -> None:
        raise TypeError("make a mask with Mask.blank((width, height)), Mask.from_array or Mask.from_image")

    @classmethod
    def _make(
        cls,
        size: tuple[int, int],
        operations: tuple[Operation, ...],
        *,
        start: tuple[Alpha | None, int] = (None, 0),
        alpha: Alpha | None = None,
        note: str = "",
    ) -> Self:
        mask = object.__new__(cls)
        mask._size = size
        mask._operations = operations
        mask._start = start
        mask._alpha = None if alpha is None else _frozen(alpha)
        mask._digest = None
        mask._note = note
        return mask

    @classmethod
    def blank(cls, size: tuple[int, int]) -> Self:
        """Give a mask of ``(width, height)`` pixels in which nothing is selected."""
        return cls._make(check_size(size), ())

    # ---- drawing ---------------------------------------------------------------------------------

    def stroke(
        self,
        points: ArrayLike,
        *,
        radius: float | Sequence[float],
        erase: bool = False,
        softness: float = 0,
    ) -> Self:
        """Draw a round brush along points.

        Parameters
        ----------
        points : sequence of (x, y)
            Image pixels; one point is a dab.
        radius : float or sequence of float
            Pixels: one for all, or one for each point (pen pressure).
        erase : bool
            True takes away from the selection.
        softness : float
            0 is hard. Else the share of the radius, up to 1, over which the edge fades to either
            side of it; ``selected`` ends at the radius all the same.
        """
        return self._with(
            Stroke(points=_tuple(points), radius=_tuple(radius), erase=erase, softness=softness)
        )

    def rectangle(self, box: Sequence[float], *, erase: bool = False, softness: float = 0) -> Self:
        """Select the half-open box ``(left, top, right, bottom)``.

        ``softness`` is a share of half its shorter side.
        """
        return self._with(Rectangle(box=_tuple(box), erase=erase, softness=softness))

    def ellipse(self, box: Sequence[float], *, erase: bool = False, softness: float = 0) -> Self:
        """Select the ellipse that touches the sides of ``(left, top, right, bottom)``."""
        return self._with(Ellipse(box=_tuple(box), erase=erase, softness=softness))

    def polygon(self, points: ArrayLike, *, erase: bool = False, softness: float = 0) -> Self:
        """Select the inside of a polygon by the even-odd rule: a star's middle stays out."""
        return self._with(Polygon(points=_tuple(points), erase=erase, softness=softness))

    def lasso(self, points: ArrayLike, *, erase: bool = False, softness: float = 0) -> Self:
        """Select all that a closed free-hand line goes around, loops included."""
        return self._with(Lasso(points=_tuple(points), erase=erase, softness=softness))

    def fill(self, at: tuple[float, float] | None = None, *, erase: bool = False) -> Self:
        """Select everything, or the region around a point.

        Parameters
        ----------
        at : (float, float), optional
            (x, y): the bucket fills the pixels that hang together with this one (by their sides) and
            are selected, or not, as it is.
        erase : bool
            True takes away from the selection.
        """
        operation = Fill(at=None if at is None else _tuple(at), erase=erase)
        check_at(operation.at, self._size)
        return self._with(operation)

    def grow(self, px: float) -> Self:
        """Select every pixel within ``px`` pixels, centre to centre, of a selected one."""
        return self._with(Grow(px=px))

    def shrink(self, px: float) -> Self:
        """Keep only what is further than ``px`` pixels from all that is not selected.

        The border of the image is no edge: what touches it keeps touching it.
        """
        return self._with(Shrink(px=px))

    def feather(self, px: float) -> Self:
        """Soften the edge: nearly a Gaussian blur of standard deviation ``px`` pixels."""
        return self._with(Feather(px=px))

    def invert(self) -> Self:
        """Swap what is selected and what is not; the same as ``~mask``."""
        return self._with(Invert())

    def apply(self, *operations: Operation) -> Self:
        """Apply operations from :mod:`imgwidgets.images.operations` as they are."""
        check_operations(operations, self._size)
        return self._with(*operations)

    def _with(self, *operations: Operation) -> Self:
        before = self._operations
        if len(before) + len(operations) > MAX_OPERATIONS:
            before = (Pixels.of(self.alpha),)
            operations = operations if len(operations) < MAX_OPERATIONS else self._flat(operations)
            return self._make(self._size, before + operations, start=(self.alpha, 1), note=self._note)
        start = self._start if self._alpha is None else (self._alpha, len(before))
        return self._make(self._size, before + operations, start=start, note=self._note)

    def _flat(self, operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
        return (Pixels.of(raster.render(self._size, operations, self.alpha)),)

    # ---- what it holds ---------------------------------------------------------------------------

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self._size

    @property
    def operations(self) -> tuple[Operation, ...]:
        """How it was made, in order, from a blank mask."""
        return self._operations

    @property
    def note(self) -> str:
        """A remark on how it was read from a picture; empty otherwise."""
        return self._note

    @property
    def alpha(self) -> Alpha:
        """(H, W) uint8, read-only: 0 = edit here, 255 = keep; the API's own convention."""
        alpha = self._alpha
        if alpha is None:
            base, done = self._start
            alpha = self._alpha = _frozen(raster.render(self._size, self._operations[done:], base))
            self._start = (None, 0)  # the raster before is no longer held
        return alpha

    @property
    def selected(self) -> NDArray[np.bool_]:
        """(H, W) bool, a new array: True = edit here; where alpha is below 128."""
        return self.alpha < 128

    @property
    def bbox(self) -> Box | None:
        """(left, top, right, bottom) around the selected pixels, half-open; None where there are none."""
        return box_of(self.selected)

    @property
    def area(self) -> int:
        """How many pixels are selected."""
        return int(np.count_nonzero(self.selected))

    # `mask | array` means the pixels' union; numpy's own bitwise operation on alphas would mean nothing.
    __array_ufunc__ = None

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:  # noqa: FBT001 (numpy's protocol)
        return np.array(self.alpha, dtype=dtype, copy=copy)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DrawnMask):
            return NotImplemented
        if self is other:
            return True
        if self._size != other._size:
            return False
        return self._operations == other._operations or np.array_equal(self.alpha, other.alpha)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __hash__(self) -> int:
        if self._digest is None:
            self._digest = hashlib.sha256(self.alpha.data).digest()
        return hash((self._size, self._digest))

    def __repr__(self) -> str:
        steps, area = len(self._operations), self.area
        return (
            f"{type(self).__name__}({self._size[0]}x{self._size[1]}, {steps} operation{'s' * (steps != 1)}, "
            f"{area:,} pixel{'s' * (area != 1)} selected)"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self._size, self._operations, self._note)

    def _repr_png_(self) -> bytes:
        return mask_files.preview(self.alpha)


def _rebuild(
    cls: type[DrawnMask], size: tuple[int, int], operations: tuple[Operation, ...], note: str
) -> DrawnMask:
    return cls._make(size, operations, note=note)


def _frozen(alpha: Alpha) -> Alpha:
    """Give a read-only view that cannot be made writable again."""
    alpha.flags.writeable = False
    return alpha.view()


def _tuple(values: Any) -> Any:
    """Leave everything to the operation's own checks; only an iterator must be listed first."""
    return values if hasattr(values, "__len__") else list(values) if hasattr(values, "__iter__") else values
