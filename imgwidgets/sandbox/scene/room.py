"""A table by a window, for things that live indoors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imgwidgets.sandbox.scene.chance import ridge
from imgwidgets.sandbox.scene.colour import adjust, mix, pick, shade
from imgwidgets.sandbox.scene.shapes import Gradient, Shape, box, oval, polygon

if TYPE_CHECKING:
    from imgwidgets.sandbox.scene.stage import Stage

__all__ = ["still_life"]


def still_life(stage: Stage) -> float:
    """Paint a table before a wall with a window; give the height of the table's edge."""
    rng, palette = stage.luck("room"), stage.palette
    wall = adjust(
        pick(("#e8cdb4", "#cfd8cc", "#d9c4c8", "#c4d0da", "#e6d6b0"), float(rng.random())), value=0.98
    )
    if stage.brief.colours:
        wall = mix(wall, stage.brief.colours[0], 0.6)
    wall = palette.under(wall, 0.8)
    edge = stage.height * float(rng.uniform(0.64, 0.7))
    whole = box(-1, -1, stage.width + 1, stage.height + 1)
    left = rng.random() < 0.5
    stage.sun = (0.0 if left else stage.width, 0.1)
    bright, dull = shade(wall, 0.3), shade(wall, -0.22)
    ends = ((0.0, 0.0), (stage.width, edge)) if left else ((stage.width, 0.0), (0.0, edge))
    stage.add("sky", [Shape((whole,), Gradient(*ends, ((0.0, bright, 1.0), (1.0, dull, 1.0))), outline=0.0)])
    _window(stage, stage.width * (0.2 if left else 0.8), edge)
    wood = palette.under(pick(("#a8714a", "#c08a58", "#8a5a44", "#b8a088"), float(rng.random())), 0.8)
    top = box(-1, edge, stage.width + 1, stage.height + 1)
    paint = Gradient(
        (0, edge), (0, stage.height), ((0.0, shade(wood, 0.16), 1.0), (1.0, shade(wood, -0.28), 1.0))
    )
    shapes = [Shape((top,), paint, outline=0.5)]
    grains = tuple(
        np.array(
            [
                (float(a) * stage.width, edge + float(b) * (stage.height - edge)),
                (float(a) * stage.width + 0.1 + 0.3 * float(c), edge + float(b) * (stage.height - edge)),
            ]
        )
        for a, b, c in rng.uniform(0, 1, (90, 3))[: 12 * stage.detail]
    )
    shapes.append(Shape(grains, shade(wood, -0.35), 0.3, width=0.002, outline=0.0))
    shapes.append(Shape((box(-1, edge, stage.width + 1, edge + 0.006),), shade(wood, 0.4), 0.7, outline=0.0))
    stage.add("table", shapes)
    return edge


def _window(stage: Stage, x: float, edge: float) -> None:
    palette = stage.palette
    half, top, bottom = 0.17, stage.height * 0.1, edge - 0.16
    frame = shade(palette.under((246, 238, 224), 0.8), 0.05)
    pane = box(x - half, top, x + half, bottom)
    sky = Gradient((0, top), (0, bottom), tuple((i / 2, tone, 1.0) for i, tone in enumerate(palette.sky)))
    xs = np.linspace(x - half, x + half, 30)
    low = bottom - 0.05 - 0.08 * ridge(xs, stage.luck("view"), frequency=3, octaves=2)
    hill = np.concatenate([np.stack([xs, low], 1), [(x + half, bottom), (x - half, bottom)]])
    shapes = [
        Shape((box(x - half - 0.022, top - 0.022, x + half + 0.022, bottom + 0.022),), frame),
        Shape((pane,), sky, outline=0.6),
        Shape((oval(x + half * 0.4, top + half * 0.7, 0.035),), palette.sun, 0.9, outline=0.0),
        Shape((hill,), palette.far(palette.leaf, 0.35), outline=0.5),
        Shape((box(x - 0.007, top, x + 0.007, bottom),), frame, outline=0.5),
        Shape(
            (box(x - half, (top + bottom) / 2 - 0.006, x + half, (top + bottom) / 2 + 0.006),),
            frame,
            outline=0.5,
        ),
        Shape((box(x - half - 0.04, bottom + 0.014, x + half + 0.04, bottom + 0.036),), shade(frame, -0.1)),
    ]
    slant = 0.5 if x < stage.width / 2 else -0.5
    beam = polygon(
        [
            (x - half, top),
            (x + half, top),
            (x + half + slant * 1.2, stage.height),
            (x - half + slant * 1.5, stage.height),
        ]
    )
    tones = ((0.0, palette.sun, 0.22), (1.0, palette.sun, 0.0))
    stage.add("window", shapes)
    if stage.detail > 1:
        stage.add("beam", [Shape((beam,), Gradient((0, top), (0, stage.height), tones), outline=0.0)])
