"""Subjects on the stage: their size, their place, their hats, shadows and reflections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from imgwidgets.sandbox.scene.colour import RGB, mix, rgb, shade
from imgwidgets.sandbox.scene.motifs import Motif, draw, outline_box
from imgwidgets.sandbox.scene.shapes import Gradient, Shape, bounds, moved, polygon, spline

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgwidgets.sandbox.scene.brief import Subject
    from imgwidgets.sandbox.scene.stage import Stage

__all__ = ["branch", "figure", "fit", "place", "reflection"]


def figure(subject: Subject, *, detail: int) -> list[Shape]:
    """Give a subject with all it wears and holds, on its own sheet (ground at y = 100)."""
    shapes = draw(subject.motif, colour=subject.colour, level=detail)
    for extra in subject.wears:
        hat = draw(extra.motif, colour=extra.colour, level=detail)
        x0, _y0, x1, y1 = outline_box(extra.motif.drawing)
        x, y, head = subject.motif.head
        if extra.motif.worn:
            scale = head * extra.motif.worn / (x1 - x0)
            brim = y + head * (0.27 if extra.motif.worn > 1 else 0.1)
            shapes += [moved(s, scale=scale, x=x - (x0 + x1) / 2 * scale, y=brim - y1 * scale) for s in hat]
        else:
            scale = head * extra.motif.held / (x1 - x0)
            # the canopy ends at the brow; the stick goes down behind the shoulder
            side, brow = x + head * 0.5, y + head * 0.12
            shapes = [
                *(moved(s, scale=scale, x=side - 50 * scale, y=brow - 54 * scale) for s in hat),
                *shapes,
            ]
    return shapes


def fit(shapes: list[Shape], box: tuple[float, float, float, float]) -> list[Shape]:
    """Scale shapes to the largest size that fits a box (x0, y0, x1, y1), standing on its lower edge."""
    x0, y0, x1, y1 = bounds(shapes)
    scale = min((box[2] - box[0]) / max(x1 - x0, 1e-6), (box[3] - box[1]) / max(y1 - y0, 1e-6))
    dx = (box[0] + box[2]) / 2 - (x0 + x1) / 2 * scale
    dy = box[3] - y1 * scale
    if scale * (y1 - y0) < (box[3] - box[1]) * 0.8:  # much wider than tall: in the middle looks better
        dy = (box[1] + box[3]) / 2 - (y0 + y1) / 2 * scale
    return [moved(shape, scale=scale, x=dx, y=dy) for shape in shapes]


def recoloured(shape: Shape, change: Callable[[RGB], RGB]) -> Shape:
    """Give a shape with every colour changed."""
    paint = shape.paint
    if isinstance(paint, Gradient):
        stops = tuple((offset, change(colour), opacity) for offset, colour, opacity in paint.stops)
        return msgspec.structs.replace(shape, paint=msgspec.structs.replace(paint, stops=stops))
    return msgspec.structs.replace(shape, paint=change(paint))


def place(  # noqa: PLR0913 (options go by keyword)
    stage: Stage,
    subject: Subject,
    *,
    x: float,
    y: float,
    height: float,
    flip: bool = False,
    haze: float = 0.0,
) -> list[Shape]:
    """Give a subject whose ground (or waterline) is at (x, y), in the picture's light.

    Parameters
    ----------
    stage : Stage
        Where.
    subject : Subject
        Who.
    x, y : float
        The middle of its foot, scene units.
    height : float
        Of the drawing without what it wears, scene units.
    flip : bool
        Looking the other way.
    haze : float
        0..1, how far away it is.
    """
    motif = subject.motif
    x0, y0, x1, y1 = outline_box(motif.drawing)
    scale = height / (min(y1, 100.0) - y0)
    scale = min(scale, 0.8 * stage.width / (x1 - x0))
    foot = (100.0 if motif.habitat in {"ground", "perch"} else y1) - motif.level
    middle = (x0 + x1) / 2 * (-1 if flip else 1)
    palette = stage.palette

    def light(colour: RGB) -> RGB:
        return mix(palette.under(colour, 0.5), palette.haze, haze)

    shapes = figure(subject, detail=stage.detail)
    glowing = {colour for name, colour in _own_lights(motif)} if palette.dark else set()

    def seen(colour: RGB) -> RGB:
        return colour if colour in glowing else light(colour)

    return [
        recoloured(moved(s, scale=scale, x=x - middle * scale, y=y - foot * scale, flip=flip), seen)
        for s in shapes
    ]


def _own_lights(motif: Motif) -> list[tuple[str, RGB]]:
    base = [(name, rgb(code)) for name, code in motif.colours.items() if name == "glow"]
    return [(name, shade(colour, step)) for name, colour in base for step in (0.0, 0.07, -0.12)]


def reflection(stage: Stage, shapes: list[Shape], waterline: float, *, squash: float = 0.5) -> list[Shape]:
    """Give the broken mirror image of floating shapes below a waterline."""
    palette = stage.palette
    water = palette.under(palette.water, 0.35)
    drawn = []
    for shape in shapes:
        rings = []
        for ring in shape.rings:
            ys = waterline + (waterline - ring[:, 1]) * squash
            wobble = np.sin((ys - waterline) * 190) * 0.0035
            rings.append(np.stack([ring[:, 0] + wobble, ys], 1))
        tone = shape.paint.stops[0][1] if isinstance(shape.paint, Gradient) else shape.paint
        drawn.append(
            Shape(tuple(rings), mix(tone, water, 0.5), 0.4 * shape.opacity, shape.width, outline=0.0)
        )
    return drawn


def branch(stage: Stage, x: float, y: float, *, left: bool) -> list[Shape]:
    """Give a branch that reaches in from the picture's edge to a little beyond x, with some leaves."""
    rng, palette = stage.luck("branch"), stage.palette
    start = -0.1 if left else stage.width + 0.1
    away = 1 if left else -1
    end = x + away * 0.34
    xs = np.linspace(start, end, 9)
    part = np.linspace(0, 1, 9)
    ys = y + 0.05 * (1 - part) ** 2 - 0.012 * np.sin(part * 7) - 0.03 * part**3
    thick = 0.034 * (1 - part) ** 0.8 + 0.006
    ring = spline(np.concatenate([np.stack([xs, ys - thick * 0.5], 1), np.stack([xs, ys + thick], 1)[::-1]]))
    bark = palette.under((92, 66, 58), 0.6)
    shapes = [Shape((ring,), bark)]
    leaves = []
    twigs = []
    for at in range(16 if stage.detail > 1 else 8):
        p = float(rng.uniform(0.1, 1.0))
        bx, by = float(np.interp(p, part, xs)), float(np.interp(p, part, ys))
        if abs(bx - x) < 0.13:
            continue
        turn = float(rng.uniform(0.3, 1.4)) * (1 if at % 2 else -1)
        size = float(rng.uniform(0.03, 0.055))
        tip = (bx + away * np.cos(turn) * size * 1.9, by + np.sin(turn) * size * 1.9)
        twigs.append(np.array([(bx, by), tip]))
        if stage.brief.season != "winter":
            side = np.array([-(tip[1] - by), tip[0] - bx]) * 0.28
            middle = ((bx + tip[0] * 2) / 3, (by + tip[1] * 2) / 3)
            foot = ((bx * 2 + tip[0]) / 3, (by * 2 + tip[1]) / 3)
            leaves.append(
                spline(
                    polygon(
                        [
                            foot,
                            (middle[0] + side[0], middle[1] + side[1]),
                            tip,
                            (middle[0] - side[0], middle[1] - side[1]),
                        ]
                    ),
                    [True, False, True, False],
                )
            )
    shapes.append(Shape(tuple(twigs), bark, width=0.005, outline=0.0))
    if leaves:
        shapes.append(Shape(tuple(leaves[::2]), palette.under(shade(palette.leaf, -0.2)), outline=0.5))
        shapes.append(Shape(tuple(leaves[1::2]), palette.under(shade(palette.leaf, 0.05)), outline=0.5))
    elif stage.detail > 1:
        caps = np.concatenate(
            [
                np.stack([xs[1:-1], ys[1:-1] - thick[1:-1] * 0.95], 1),
                np.stack([xs[1:-1], ys[1:-1] - thick[1:-1] * 0.3], 1)[::-1],
            ]
        )
        shapes.append(Shape((spline(caps),), palette.under((246, 249, 255), 0.5), outline=0.3))
    return [shape for shape in shapes if shape.rings]
