"""Filling a hole from what is around it, and the soft seam of an edit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

__all__ = ["fill", "seam"]

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]


def fill(image: Bytes, hole: npt.NDArray[np.bool_]) -> Bytes:
    """Continue the surroundings smoothly into a hole.

    The known pixels are averaged into ever coarser pictures until no hole is left; on the way back
    each finer picture takes what it knows and the coarser one's guess elsewhere ("pull-push").

    Parameters
    ----------
    image : ndarray
        (H, W, 3) uint8.
    hole : ndarray
        (H, W) bool, True where unknown.

    Returns
    -------
    ndarray
        (H, W, 3) uint8; outside the hole as given.
    """
    known = ~hole
    if not known.any():
        return image.copy()
    levels: list[tuple[Floats, Floats]] = []
    weight = known.astype(np.float32)
    colour = image.astype(np.float32) * weight[..., None]
    while True:
        levels.append((colour, weight))
        if (weight > 0).all() or (min(weight.shape) <= 1 and max(weight.shape) <= 2):
            break
        colour, weight = _halve(colour), _halve(weight)
    colour, weight = levels.pop()
    guess = colour / np.maximum(weight, 1e-6)[..., None]
    for colour, weight in reversed(levels):
        size = (weight.shape[1], weight.shape[0])
        bands = [
            np.asarray(
                Image.fromarray(np.ascontiguousarray(guess[..., c])).resize(size, Image.Resampling.BILINEAR)
            )
            for c in range(3)
        ]
        part = np.minimum(weight, 1.0)[..., None]
        guess = colour / np.maximum(weight, 1e-6)[..., None] * part + np.stack(bands, -1) * (1 - part)
    smooth = np.clip(guess + 0.5, 0, 255).astype(np.uint8)
    return np.where(hole[..., None], smooth, image)


def _halve(values: Floats) -> Floats:
    height, width = values.shape[:2]
    padding = [(0, height % 2), (0, width % 2)] + [(0, 0)] * (values.ndim - 2)
    even = np.pad(values, padding, mode="edge")
    return np.asarray((even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4, np.float32)


def seam(alpha: Bytes) -> Floats:
    """Give how much of the new picture shows at each pixel.

    Parameters
    ----------
    alpha : ndarray
        (H, W) uint8, the API's mask: 0 = edit, 255 = keep.

    Returns
    -------
    ndarray
        (H, W) float32: 0 wherever ``alpha`` is 255, rising softly **inside** the area to at most
        ``1 - alpha / 255``. The seam's width follows the area's own width, so that a thin stroke
        is still redrawn.
    """
    selected = alpha < 255
    rows, columns = np.flatnonzero(selected.any(1)), np.flatnonzero(selected.any(0))
    weight = np.zeros(alpha.shape, np.float32)
    if not len(rows):
        return weight
    # one pixel more than what is selected shows where it ends
    area = (
        slice(max(0, int(rows[0]) - 1), int(rows[-1]) + 2),
        slice(max(0, int(columns[0]) - 1), int(columns[-1]) + 2),
    )
    inside = selected[area]
    want = 1 - alpha[area].astype(np.float32) / np.float32(255)
    if inside.all():
        weight[area] = want
        return weight
    steps = np.count_nonzero(inside[1:] != inside[:-1]) + np.count_nonzero(inside[:, 1:] != inside[:, :-1])
    thickness = 2.0 * float(inside.sum()) / max(1.0, float(steps))
    radius = float(np.clip(thickness / 9, 0.6, 0.016 * max(alpha.shape) + 1))
    margin = int(radius * 3) + 2
    wide = Image.fromarray(np.pad(inside.view(np.uint8), margin, mode="edge") * np.uint8(255))
    soft = np.asarray(wide.filter(ImageFilter.GaussianBlur(radius)))[margin:-margin, margin:-margin]
    rise = np.clip((np.arange(256, dtype=np.float32) / 255 - 0.45) / 0.5, 0.06, 1.0).astype(np.float32)
    weight[area] = want * rise[soft]
    return weight
