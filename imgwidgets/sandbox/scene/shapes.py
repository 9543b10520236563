"""The display list: what a scene is made of before it is pixels or SVG.

Scene units: the shorter edge of the picture is 1, x grows to the right, y downwards. The same list
is painted at any size, in any style, and written as SVG.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imgwidgets.sandbox.scene.colour import RGB

__all__ = [
    "Gradient",
    "Layer",
    "Mirror",
    "Points",
    "Scene",
    "Shape",
    "bounds",
    "box",
    "moved",
    "oval",
    "polygon",
    "spline",
]

Points = npt.NDArray[np.float64]


class Gradient(msgspec.Struct, frozen=True):
    """A linear or radial colour run, in scene units.

    Parameters
    ----------
    start, end : tuple of float
        The line along which the colours run; radial: the centre and a point on the rim.
    stops : tuple of (float, RGB, float)
        Offset 0..1, colour, opacity 0..1.
    radial : bool
        Rings around ``start`` instead of bands.

    Examples
    --------
    >>> Gradient((0, 0), (0, 1), ((0.0, (0, 0, 0), 1.0), (1.0, (255, 255, 255), 1.0))).radial
    False
    """

    start: tuple[float, float]
    end: tuple[float, float]
    stops: tuple[tuple[float, RGB, float], ...]
    radial: bool = False


class Shape(msgspec.Struct, frozen=True):
    """One painted thing: closed rings that are filled, or open lines with a width.

    Parameters
    ----------
    rings : tuple of ndarray
        Each (N, 2) float, scene units.
    paint : RGB or Gradient
        What fills it.
    opacity : float
        0..1.
    width : float
        0: the rings are filled. More: they are lines of that width, with round ends.
    outline : float
        Weight of the contour in styles that draw contours; 0 for light, haze and texture.

    Examples
    --------
    >>> len(Shape((oval(0.5, 0.5, 0.2),), (200, 60, 40)).rings)
    1
    """

    rings: tuple[Points, ...]
    paint: RGB | Gradient
    opacity: float = 1.0
    width: float = 0.0
    outline: float = 1.0


class Layer(msgspec.Struct, frozen=True):
    """Shapes that belong together, from back to front.

    Parameters
    ----------
    name : str
        What it is: ``"sky"``, ``"clouds"``, ``"far"``, ``"land"``, ``"subject"``, ...
    shapes : tuple of Shape
        Painted in this order.
    relief : float
        0: flat. More: light on the sun's side and shadow on the other, over the layer as a whole.
    sway : tuple of float
        How far the layer moves (x, y) in an animation, scene units.

    Examples
    --------
    >>> Layer("land", ()).relief
    0.0
    """

    name: str
    shapes: tuple[Shape, ...]
    relief: float = 0.0
    sway: tuple[float, float] = (0.0, 0.0)


class Mirror(msgspec.Struct, frozen=True):
    """Still water: shows upside down what was painted above ``waterline``.

    Parameters
    ----------
    waterline, bottom : float
        Between these two y the water lies.
    colour : RGB
        The water's own colour.
    clearness : float
        0..1, how much of the reflection is seen.

    Examples
    --------
    >>> Mirror(0.6, 1.0, (40, 90, 130), 0.6).bottom
    1.0
    """

    waterline: float
    bottom: float
    colour: RGB
    clearness: float


class Scene(msgspec.Struct, frozen=True):
    """A whole picture as data.

    Parameters
    ----------
    extent : tuple of float
        (width, height) in scene units; the shorter is 1.
    layers : tuple of Layer or Mirror
        From back to front.
    sun : tuple of float
        Where the light comes from, scene units.

    Examples
    --------
    >>> Scene((1.5, 1.0), (), (0.2, 0.2)).layers
    ()
    """

    extent: tuple[float, float]
    layers: tuple[Layer | Mirror, ...]
    sun: tuple[float, float]


@lru_cache(maxsize=64)
def _circle(count: int) -> Points:
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def oval(  # noqa: PLR0913 (options go by keyword)
    x: float, y: float, rx: float, ry: float | None = None, *, turn: float = 0.0, count: int = 48
) -> Points:
    """Give an ellipse as a ring, (count, 2); ``turn`` in degrees, clockwise on the screen."""
    ring = _circle(count) * (rx, rx if ry is None else ry)
    if turn:
        angle = np.radians(turn)
        ring = ring @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(ring + np.array([x, y]))


def box(x0: float, y0: float, x1: float, y1: float) -> Points:
    """Give an upright rectangle as a ring, (4, 2)."""
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float64)


def polygon(points: Iterable[Sequence[float]]) -> Points:
    """Give straight-edged points as a ring, (N, 2)."""
    return np.array(list(points), np.float64).reshape(-1, 2)


@lru_cache(maxsize=8)
def _bezier(steps: int) -> npt.NDArray[np.float64]:
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    return np.concatenate([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3], axis=1)


def spline(
    points: Points, corners: Sequence[bool] | None = None, *, closed: bool = True, steps: int = 10
) -> Points:
    """Give a smooth curve through ``points`` (Catmull-Rom), (N, 2).

    Parameters
    ----------
    points : ndarray
        (N, 2).
    corners : sequence of bool, optional
        Where the curve has a corner instead of passing smoothly.
    closed : bool
        A ring, or a line with two ends.
    steps : int
        Points per piece.
    """
    count = len(points)
    if count < 3:
        return points
    sharp = np.zeros(count, bool) if corners is None else np.asarray(corners, bool).copy()
    if not closed:
        sharp[[0, -1]] = True
    before, after, later = np.roll(points, 1, 0), np.roll(points, -1, 0), np.roll(points, -2, 0)
    out = np.where(sharp[:, None], (after - points) / 3, (after - before) / 6)
    into = np.where(np.roll(sharp, -1)[:, None], (after - points) / 3, (later - points) / 6)
    control = np.stack([points, points + out, after - into, after], axis=1)
    curve = np.einsum("sk,nkd->nsd", _bezier(steps), control)
    if not closed:
        return np.concatenate([curve[:-1].reshape(-1, 2), points[-1:]])
    return np.asarray(curve.reshape(-1, 2))


def bounds(shapes: Iterable[Shape]) -> tuple[float, float, float, float]:
    """Give the box (x0, y0, x1, y1) around shapes, half their line width included."""
    boxes = [
        (*(ring.min(0) - shape.width / 2), *(ring.max(0) + shape.width / 2))
        for shape in shapes
        for ring in shape.rings
        if len(ring)
    ]
    if not boxes:
        return 0.0, 0.0, 0.0, 0.0
    table = np.array(boxes)
    return (
        float(table[:, 0].min()),
        float(table[:, 1].min()),
        float(table[:, 2].max()),
        float(table[:, 3].max()),
    )


def moved(  # noqa: PLR0913 (options go by keyword)
    shape: Shape, *, scale: float = 1.0, x: float = 0.0, y: float = 0.0, flip: bool = False, turn: float = 0.0
) -> Shape:
    """Give ``shape`` mirrored if ``flip``, turned (degrees), scaled, then shifted by (x, y)."""
    angle = np.radians(turn)
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) * scale
    if flip:
        matrix = np.array([[-1.0, 0.0], [0.0, 1.0]]) @ matrix

    def place(point: tuple[float, float]) -> tuple[float, float]:
        new = np.array(point) @ matrix + (x, y)
        return float(new[0]), float(new[1])

    paint = shape.paint
    if isinstance(paint, Gradient):
        paint = msgspec.structs.replace(paint, start=place(paint.start), end=place(paint.end))
    return Shape(
        tuple(ring @ matrix + (x, y) for ring in shape.rings),
        paint,
        shape.opacity,
        shape.width * scale,
        shape.outline,
    )
