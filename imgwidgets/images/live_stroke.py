"""A stroke while it is drawn: points come in batches, and each batch is drawn as it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from imgwidgets.errors import ImageInputError
from imgwidgets.images.mask_limits import MAX_POINTS, Box, check_points, plain
from imgwidgets.images.operations import Stroke
from imgwidgets.images.spans import join

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["LiveStroke"]

GRID = 16
"""Live points are kept to a sixteenth of a pixel: finer than any pen, and short in JSON."""


class LiveStroke:
    """A stroke while it is drawn."""

    def __init__(self, *, erase: bool, softness: float) -> None:
        self.erase = erase
        self.softness = softness
        self.box: Box | None = None
        self._points: list[NDArray[np.float64]] = []
        self._radii: list[NDArray[np.float64]] = []
        self._count = 0

    @property
    def empty(self) -> bool:
        """Whether nothing has been drawn yet."""
        return not self._points

    def batch(self, points: ArrayLike, radius: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give what to draw: new points with their radii, after the last point there was."""
        new = np.round(check_points(points, "a stroke") * GRID) / GRID
        if self._count + len(new) > MAX_POINTS:
            raise ImageInputError(f"a stroke takes at most {MAX_POINTS:,} points")
        if radius is None:
            radii = np.full(len(new), self._radii[-1][-1])
        else:
            sizes = [float(plain(each, "a stroke's radius", 0)) for each in np.atleast_1d(radius).tolist()]
            if len(sizes) not in (1, len(new)):
                raise ImageInputError(
                    f"a stroke needs one radius, or one for each of its {len(new)} points, not {len(sizes)}"
                )
            radii = np.broadcast_to(np.round(np.array(sizes) * GRID) / GRID, (len(new),))
        if self._points:
            new = np.concatenate((self._points[-1][-1:], new))
            radii = np.concatenate((self._radii[-1][-1:], radii))
        return new, radii

    def add(self, points: NDArray[np.float64], radii: NDArray[np.float64], box: Box | None) -> None:
        """Remember a batch that was drawn."""
        first = 1 if self._points else 0
        self._points.append(points[first:])
        self._radii.append(radii[first:])
        self._count += len(points) - first
        self.box = join(self.box, box)

    def operation(self) -> Stroke:
        """Give the stroke as far as it has come."""
        radii = np.concatenate(self._radii)
        even = bool((radii == radii[0]).all())
        points: Any = np.concatenate(self._points)
        radius: Any = float(radii[0]) if even else radii
        return Stroke(points=points, radius=radius, erase=self.erase, softness=self.softness)
