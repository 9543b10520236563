"""The little language that motifs are drawn in.

One shape a line, from back to front, on a sheet about 100 wide whose ground is y = 100::

    [|][2:]FILL KIND numbers

    FILL   a name from the motif's colours; +3 lighter, -3 darker (tenths); @5 opacity (tenths);
           a>b runs from a at the top to b at the bottom
    blob   x,y x,y! ...        a smooth closed curve through the points; ! makes a corner
    poly   x,y x,y ...         straight edges
    oval   x,y rx ry [turn]    an ellipse, turned by degrees
    rect   x,y x,y [round]     a box with round corners
    line   width x,y x,y ...   a smooth open stroke
    |      also its mirror image about x = 50
    2:     only from this level of detail on (1 low ... 5 max)
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from imgwidgets.sandbox.scene.colour import RGB, rgb, shade
from imgwidgets.sandbox.scene.shapes import Gradient, Points, Shape, oval, spline

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Motif", "draw", "outline_box"]

COMMON = {"ink": "#2b2233", "white": "#fffdf6", "cream": "#fbeedb", "pink": "#f2a0a0", "gold": "#f2b844"}
_FILL = re.compile(r"([a-z]+|#[0-9a-f]{6})(?:([+-])(\d+))?(?:@(\d+))?")


class Motif(msgspec.Struct, frozen=True):
    """A thing that can be drawn, as data.

    Parameters
    ----------
    name : str
        What it is called.
    words : str
        The words of a prompt that mean it, separated by spaces; ``_`` joins words.
    drawing : str
        Its shapes, in the language of this module.
    colours : dict
        Its own colours by name; ``main`` is what a colour word in the prompt changes.
    habitat : str
        Where it goes: ``ground``, ``sky``, ``water``, ``under`` (below the surface), ``table`` or ``perch``.
    size : float
        Height as the main subject, in scene units; 1 is the picture's shorter edge.
    head : tuple of float
        (x, y, width) of the top of its head, for hats; empty if it wears none.
    scenery : bool
        Makes a background rather than a subject when something else is named too.
    level : float
        Height of the drawing that is in the ground or the water, in sheet units.
    natural : dict
        What a colour word means for it, where that is not the plain colour ("a red fox").
    worn : float
        A thing worn on a head: how wide, in heads; 0 for all else.
    held : float
        A thing held over a head by whoever is named with it: how wide, in heads; 0 for all else.

    Examples
    --------
    >>> Motif("dot", "dot point", "main oval 50,50 40 40", {"main": "#cc3333"}).habitat
    'ground'
    """

    name: str
    words: str
    drawing: str
    colours: dict[str, str]
    habitat: str = "ground"
    size: float = 0.55
    head: tuple[float, ...] = ()
    scenery: bool = False
    level: float = 0.0
    natural: dict[str, str] = {}
    worn: float = 0.0
    held: float = 0.0


class _Part(msgspec.Struct, frozen=True):
    fills: tuple[tuple[str, float, float], ...]
    rings: tuple[Points, ...]
    width: float
    level: int
    outline: float


def _pairs(words: list[str]) -> tuple[Points, list[bool]]:
    points = np.array([[float(v) for v in word.rstrip("!").split(",")] for word in words])
    return points, [word.endswith("!") for word in words]


def _ring(kind: str, words: list[str]) -> tuple[Points, float]:
    if kind == "oval":
        (x, y), rest = (float(v) for v in words[0].split(",")), [float(v) for v in words[1:]]
        return oval(x, y, rest[0], rest[1], turn=rest[2] if len(rest) > 2 else 0.0), 0.0
    if kind == "line":
        points, corners = _pairs(words[1:])
        return spline(points, corners, closed=False, steps=8), float(words[0])
    if kind == "rect":
        (x0, y0), (x1, y1) = _pairs(words[:2])[0]
        r = float(words[2]) if len(words) > 2 else 0.0
        if not r:
            return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]), 0.0
        quarter = np.linspace(0, np.pi / 2, 7)
        arc = np.stack([np.cos(quarter), np.sin(quarter)], 1) * r
        turned = [arc, arc[::-1] * (-1, 1), arc * (-1, -1), arc[::-1] * (1, -1)]
        middles = [(x1 - r, y1 - r), (x0 + r, y1 - r), (x0 + r, y0 + r), (x1 - r, y0 + r)]
        return np.concatenate([t + m for t, m in zip(turned, middles, strict=True)]), 0.0
    points, corners = _pairs(words)
    return (points if kind == "poly" else spline(points, corners)), 0.0


@lru_cache(maxsize=256)
def _parts(drawing: str) -> tuple[_Part, ...]:
    parts: list[_Part] = []
    for raw in drawing.strip().splitlines():
        text = raw.split("#! ", maxsplit=1)[0].strip()
        if not text:
            continue
        mirrored = text.startswith("|")
        text = text.removeprefix("|")
        level = 1
        if text[1] == ":":
            level, text = int(text[0]), text[2:]
        fill, kind, *words = text.split()
        fills = []
        for name in fill.split(">"):
            match = _FILL.fullmatch(name)
            if match is None:
                raise ValueError(f"no such fill: {name!r} in {raw!r}")
            base, sign, amount, opacity = match.groups()
            step = int(amount or 0) / 10 * (-1 if sign == "-" else 1)
            fills.append((base, step, int(opacity) / 10 if opacity else 1.0))
        ring, width = _ring(kind, words)
        extent = ring.max(0) - ring.min(0)
        outline = (
            0.0 if fills[0][2] < 1 else float(np.clip(extent.max() / 22, 0.02, 1.0)) * (not width or 0.02)
        )
        rings = [ring, (ring * (-1, 1) + (100, 0))] if mirrored else [ring]
        parts.extend(_Part(tuple(fills), (one,), width, level, outline) for one in rings)
    return tuple(parts)


@lru_cache(maxsize=256)
def outline_box(drawing: str) -> tuple[float, float, float, float]:
    """Give the box (x0, y0, x1, y1) of a drawing on its sheet."""
    rings = [(ring, part.width / 2) for part in _parts(drawing) for ring in part.rings]
    low = np.min([ring.min(0) - pen for ring, pen in rings], axis=0)
    high = np.max([ring.max(0) + pen for ring, pen in rings], axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def draw(
    motif: Motif, *, colour: RGB | None = None, level: int = 3, overrides: Mapping[str, RGB] | None = None
) -> list[Shape]:
    """Give a motif's shapes on its sheet.

    Parameters
    ----------
    motif : Motif
        What to draw.
    colour : RGB, optional
        Its main colour, instead of its own.
    level : int
        Detail, 1 (low) to 5 (max).
    overrides : mapping, optional
        Other colours by name.
    """
    colours = {name: rgb(code) for name, code in (COMMON | motif.colours).items()}
    colours.update(overrides or {})
    if colour is not None:
        colours["main"] = colour
    shapes = []
    for part in _parts(motif.drawing):
        if part.level > level:
            continue
        tones = [
            (shade(rgb(name) if name.startswith("#") else colours[name], step), opacity)
            for name, step, opacity in part.fills
        ]
        opacity = tones[0][1] if len(tones) == 1 else 1.0
        ring = part.rings[0]
        top, bottom = float(ring[:, 1].min()), float(ring[:, 1].max())
        paint: RGB | Gradient = tones[0][0]
        if len(tones) > 1:
            stops = tuple((i / (len(tones) - 1), tone, alpha) for i, (tone, alpha) in enumerate(tones))
            paint = Gradient((0.0, top), (0.0, bottom), stops)
        elif level > 1 and bottom - top > 14 and not part.width:
            # a plain fill is a touch lighter on top: daylight comes from above
            base = tones[0][0]
            paint = Gradient(
                (0.0, top), (0.0, bottom), ((0.0, shade(base, 0.07), 1.0), (1.0, shade(base, -0.12), 1.0))
            )
        shapes.append(Shape(part.rings, paint, opacity, part.width, part.outline))
    return shapes
