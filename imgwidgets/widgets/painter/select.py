"""Wand and smart box: what OpenCV finds in the picture becomes a step of the mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imgwidgets.errors import ImageInputError
from imgwidgets.images import select
from imgwidgets.images.operations import Combine, Pixels

if TYPE_CHECKING:
    import numpy.typing as npt

    from imgwidgets.images.operations import Operation

__all__ = ["select_box", "select_wand"]


def select_wand(
    pixels: npt.NDArray[np.uint8], points: npt.NDArray[np.float64], *, tolerance: float, erase: bool
) -> Operation:
    """Make the step that adds, or takes away, the area of similar colour around a point.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        The picture.
    points : (1, 2) float64
        (x, y) in image pixels.
    tolerance : float
        0 to 255: how far each of red, green and blue may be from the point's.
    erase : bool
        True takes away from the selection.

    Raises
    ------
    MissingExtra
        Without OpenCV.
    ImageInputError
        Where the point lies outside the picture.
    """
    x, y = points[0].tolist()
    return _step(select.wand(pixels, at=(x, y), tolerance=tolerance), erase=erase)


def select_box(pixels: npt.NDArray[np.uint8], points: npt.NDArray[np.float64], *, erase: bool) -> Operation:
    """Make the step that adds, or takes away, the object in a box.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        The picture.
    points : (2, 2) float64
        Two opposite corners, image pixels.
    erase : bool
        True takes away from the selection.

    Raises
    ------
    MissingExtra
        Without OpenCV.
    ImageInputError
        Where there is no object in the box, or it is too small or covers the whole picture.
    """
    left, top = points.min(axis=0).tolist()
    right, bottom = points.max(axis=0).tolist()
    found = select.grab(pixels, (left, top, right, bottom))
    if not found.any():
        raise ImageInputError("the smart box found no object; draw it a little larger than the object")
    return _step(found, erase=erase)


def _step(found: npt.NDArray[np.bool_], *, erase: bool) -> Operation:
    pixels = Pixels.of(np.where(found, np.uint8(0), np.uint8(255)))
    return Combine(how="difference" if erase else "union", operations=(pixels,))
