"""Selecting by looking at the picture: magic wand and GrabCut, with OpenCV where it is installed."""

from __future__ import annotations

import importlib
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from imgwidgets.errors import ImageInputError, MissingExtra
from imgwidgets.images.mask_limits import corners, edges, plain
from imgwidgets.images.pictures import picture
from imgwidgets.images.regions import region_runs
from imgwidgets.images.spans import fill_spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["available", "grab", "wand"]

GRAB_PIXELS = 600_000
"""GrabCut looks at a picture of at most this size: its time grows faster than the pixels."""


def available() -> bool:
    """Tell whether an OpenCV can be imported."""
    try:
        _opencv("")
    except MissingExtra:
        return False
    return True


def _opencv(what: str) -> Any:
    try:
        return importlib.import_module("cv2")
    except ImportError as problem:
        raise MissingExtra(
            f'{what} needs OpenCV, which is not installed: pip install "imgwidgets[select]"'
        ) from problem


def wand(
    image: Any, *, at: tuple[float, float], tolerance: float = 32, contiguous: bool = True
) -> NDArray[np.bool_]:
    """Select pixels whose red, green and blue are each within a tolerance of one pixel's.

    Parameters are those of :meth:`imgwidgets.Mask.wand`.

    Returns
    -------
    numpy.ndarray
        (H, W) bool.

    Raises
    ------
    MissingExtra
        Without OpenCV.
    ImageInputError
        Where the picture cannot be read, or the point lies outside it.
    """
    cv2 = _opencv("Mask.wand")
    reach = math.floor(plain(tolerance, "the wand's tolerance", 0, 255, unit=""))
    pixels = np.ascontiguousarray(picture(image)[:, :, :3])
    height, width = pixels.shape[:2]
    ((x, y),) = corners((at,), "the wand", 1)
    if not (0 <= x < width and 0 <= y < height):
        raise ImageInputError(f"the wand at {at} lies outside the {width}x{height} image")
    column, row = math.floor(x), math.floor(y)
    colour = pixels[row, column].astype(int)
    alike: NDArray[np.uint8] = cv2.inRange(
        pixels, tuple(np.maximum(colour - reach, 0).tolist()), tuple(np.minimum(colour + reach, 255).tolist())
    )
    if not contiguous:
        return np.not_equal(alike, 0)
    region = np.zeros((height, width), np.uint8)
    fill_spans(region, iter([region_runs(alike != 0, column, row)]), 1)
    return np.not_equal(region, 0)


def grab(image: Any, box: Sequence[float], *, rounds: int = 5) -> NDArray[np.bool_]:
    """Select the object inside a box by its colours and edges (GrabCut; Rother et al., 2004).

    Parameters are those of :meth:`imgwidgets.Mask.grab`. A large picture is looked at in a smaller
    copy, so that a 4K one takes about as long as a small one.

    Returns
    -------
    numpy.ndarray
        (H, W) bool.

    Raises
    ------
    MissingExtra
        Without OpenCV.
    ImageInputError
        Where the picture cannot be read, or the box leaves nothing to choose from.
    """
    cv2 = _opencv("Mask.grab")
    steps = math.floor(plain(rounds, "Mask.grab's rounds", 1, 1000, unit=""))
    pixels = np.ascontiguousarray(picture(image)[:, :, :3])
    height, width = pixels.shape[:2]
    left, top, right, bottom = (round(edge) for edge in edges(box, "Mask.grab"))
    left, right = max(0, left), min(width, right)
    top, bottom = max(0, top), min(height, bottom)
    if right - left < 2 or bottom - top < 2:
        raise ImageInputError(
            f"Mask.grab needs a box of at least 2x2 pixels in the image, not {tuple(box)!r}"
        )
    if right - left == width and bottom - top == height:
        raise ImageInputError("Mask.grab needs some background around the box; it covers the whole image")
    scale = min(1.0, math.sqrt(GRAB_PIXELS / (width * height)))
    small = (max(2, round(width * scale)), max(2, round(height * scale)))
    seen = cv2.resize(pixels, small, interpolation=cv2.INTER_AREA) if scale < 1 else pixels
    guess = np.full(seen.shape[:2], cv2.GC_BGD, np.uint8)
    x0, x1 = round(left * small[0] / width), max(round(right * small[0] / width), 2)
    y0, y1 = round(top * small[1] / height), max(round(bottom * small[1] / height), 2)
    guess[y0:y1, x0:x1] = cv2.GC_PR_FGD
    cv2.setRNGSeed(0)  # GrabCut begins with random clusters: the same picture shall give the same mask
    models = np.zeros((1, 65)), np.zeros((1, 65))
    try:
        cv2.grabCut(seen, guess, None, *models, steps, cv2.GC_INIT_WITH_MASK)
    except cv2.error as problem:
        raise ImageInputError(f"Mask.grab found no object in {tuple(box)!r}: {problem}") from problem
    inside = ((guess == cv2.GC_FGD) | (guess == cv2.GC_PR_FGD)).astype(np.uint8) * np.uint8(255)
    if scale < 1:
        inside = cv2.resize(inside, (width, height), interpolation=cv2.INTER_LINEAR)
    found: NDArray[np.bool_] = inside >= 128
    found[:top] = found[bottom:] = False
    found[:, :left] = found[:, right:] = False
    return found
