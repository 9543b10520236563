"""Chance that always falls the same way: random generators and noise seeded from text.

Python's own ``hash`` differs from process to process and numpy's global generator belongs to the
user, so every picture draws its luck from a SHA-256 of what was asked.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["generator", "grain", "noise", "ridge"]

Floats = npt.NDArray[np.float32]
TILE = 512


def generator(*parts: object) -> np.random.Generator:
    """Give a random generator that depends on nothing but ``parts``.

    Parameters
    ----------
    *parts : object
        Anything whose ``str`` is stable: text and numbers.

    Returns
    -------
    numpy.random.Generator
        A PCG64 generator.

    Examples
    --------
    >>> generator("fox", 1).integers(1000) == generator("fox", 1).integers(1000)
    np.True_
    """
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


def noise(size: tuple[int, int], cells: float, rng: np.random.Generator, *, octaves: int = 1) -> Floats:
    """Give smooth noise, (H, W) float32 with mean 0 and values mostly in -1..1.

    Parameters
    ----------
    size : tuple of int
        (width, height) in pixels.
    cells : float
        Number of blobs along the shorter edge.
    rng : numpy.random.Generator
        Where the luck comes from.
    octaves : int
        How many times to add the same at twice the fineness and half the strength.
    """
    width, height = size
    short = max(1, min(width, height))
    # smooth is smooth: five samples for the finest blob are enough, the rest is interpolation
    fine = min(1.0, cells * 2 ** (octaves - 1) * 5 / short)
    work = (max(1, round(width * fine)), max(1, round(height * fine)))
    total = np.zeros((work[1], work[0]), np.float32)
    strength, reach = 1.0, 0.0
    for octave in range(octaves):
        count = cells * 2**octave
        grid = (max(2, round(count * height / short) + 1), max(2, round(count * width / short) + 1))
        coarse = Image.fromarray(
            rng.uniform(-1, 1, (min(grid[0], 4096), min(grid[1], 4096))).astype(np.float32)
        )
        total += np.asarray(coarse.resize(work, Image.Resampling.BICUBIC), np.float32) * np.float32(strength)
        reach += strength
        strength /= 2
    total /= np.float32(reach)
    if work == size:
        return total
    return np.asarray(Image.fromarray(total).resize(size, Image.Resampling.BILINEAR), np.float32)


@lru_cache(maxsize=4)
def _tile(name: str) -> npt.NDArray[np.int16]:
    rng = generator("grain", name)
    raw = rng.normal(0, 1, (TILE, TILE)).astype(np.float32)
    if name == "paper":  # neighbours alike, as fibres are
        raw = raw + np.roll(raw, 1, 0) + np.roll(raw, 1, 1) + np.roll(raw, (1, 1), (0, 1))
        raw /= 2
    return np.clip(raw * 64, -256, 256).astype(np.int16)


def grain(size: tuple[int, int], *, name: str = "film") -> npt.NDArray[np.int16]:
    """Give fine noise of one value per pixel, (H, W) int16, standard deviation 64.

    Parameters
    ----------
    size : tuple of int
        (width, height) in pixels.
    name : str
        ``"film"`` for single pixels, ``"paper"`` for soft fibres.
    """
    width, height = size
    across, down = -(-width // TILE), -(-height // TILE)
    return np.tile(_tile(name), (down, across))[:height, :width]


def ridge(  # noqa: PLR0913 (options go by keyword)
    xs: npt.NDArray[np.float64],
    rng: np.random.Generator,
    *,
    frequency: float = 2.0,
    octaves: int = 4,
    roughness: float = 0.5,
    sharp: bool = False,
) -> npt.NDArray[np.float64]:
    """Give the height of a skyline at each of ``xs``, in 0..1.

    Parameters
    ----------
    xs : ndarray of float
        Where to ask, in scene units.
    rng : numpy.random.Generator
        Where the luck comes from.
    frequency : float
        Hills per scene unit.
    octaves : int
        Levels of detail.
    roughness : float
        How much of each level goes into the next finer one.
    sharp : bool
        Straight slopes and pointed peaks instead of round hills.
    """
    total = np.zeros_like(xs)
    strength, reach = 1.0, 0.0
    for octave in range(octaves):
        pace = frequency * 2**octave
        heights: Sequence[float] = rng.uniform(0, 1, 512).tolist()
        table = np.asarray(heights)
        position = (xs + 4) * pace + rng.uniform(0, 1)
        cell = np.floor(position).astype(int)
        part = position - cell
        if not sharp or octave > 1:
            part = part * part * (3 - 2 * part)
        total += strength * (table[cell % 512] * (1 - part) + table[(cell + 1) % 512] * part)
        reach += strength
        strength *= roughness
    return np.asarray(total / reach)
