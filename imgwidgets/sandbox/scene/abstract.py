"""Abstract pictures: plain forms in balance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imgwidgets.sandbox.scene.colour import mix, shade
from imgwidgets.sandbox.scene.shapes import Gradient, Shape, box, oval, polygon

if TYPE_CHECKING:
    from imgwidgets.sandbox.scene.stage import Stage

__all__ = ["abstraction"]


def abstraction(stage: Stage) -> None:
    """Paint a picture of plain forms: tiles and arcs, or for quiet moods a disc over a plain."""
    palette = stage.palette
    whole = box(-1, -1, stage.width + 1, stage.height + 1)
    stops = ((0.0, palette.sky[0], 1.0), (0.6, palette.sky[1], 1.0), (1.0, palette.sky[2], 1.0))
    stage.add(
        "sky", [Shape((whole,), Gradient((0, 0), (stage.width * 0.3, stage.height), stops), outline=0.0)]
    )
    if stage.brief.mood:
        _quiet(stage)
    else:
        _tiles(stage)


def _quiet(stage: Stage) -> None:
    rng, palette = stage.luck("abstract"), stage.palette
    x, level = stage.width * float(rng.uniform(0.34, 0.66)), stage.height * float(rng.uniform(0.64, 0.74))
    radius = float(rng.uniform(0.24, 0.33))
    centre = (x, level - radius * float(rng.uniform(0.35, 0.8)))
    stage.add(
        "forms",
        [
            Shape((oval(*centre, radius * (1.5 + 0.5 * i), count=96),), palette.haze, 0.12, outline=0.3)
            for i in (2, 1, 0)
        ],
        sway=(0.0, 0.02),
    )
    stops = ((0.0, palette.sun, 1.0), (1.0, mix(palette.sun, palette.sky[1], 0.75), 1.0))
    disc = Gradient((x, centre[1] - radius), (x, centre[1] + radius), stops)
    stage.add("forms", [Shape((oval(*centre, radius, count=96),), disc)], relief=0.25, sway=(0.0, 0.03))
    bars = []
    for i in range(3 + stage.detail):
        at, thin, tall = rng.uniform(0, 1, 3).tolist()
        left = at * stage.width
        bars.append(
            box(
                left,
                level - 0.12 - 0.5 * tall * (1 - abs(left - x)),
                left + 0.006 + 0.016 * thin * (i % 3),
                level + 0.02,
            )
        )
    stage.add("lines", [Shape(tuple(bars), shade(palette.sky[0], -0.35), 0.55, outline=0.3)])
    for step, dark in ((0.0, -0.3), (0.09, -0.48), (0.2, -0.62)):
        xs = stage.columns(0.05)
        ring = stage.below(xs, level + step + (xs - x) * float(rng.uniform(-0.06, 0.06)))
        stage.add("ground", [Shape((ring,), shade(palette.sky[0], dark), 0.96, outline=0.5)])
    arcs = []
    for i in range(2):
        ring = oval(x, level, radius * (1.7 + 0.4 * i), count=120)
        start = int(rng.integers(60, 76))
        arcs.append(Shape((ring[start : start + 34],), palette.sun, 0.55, width=0.003, outline=0.0))
    stage.add("lines", arcs, sway=(0.0, 0.03))
    stage.focus = x + (radius * 0.55 if x < stage.width / 2 else -radius * 0.55)
    stage.horizon = level + 0.05
    foot = (stage.focus, stage.horizon + 0.02)
    lean = 0.32 if stage.focus > x else -0.32
    shadow = polygon(
        [
            (foot[0] - 0.012, foot[1]),
            (foot[0] + 0.012, foot[1]),
            (foot[0] + lean + 0.03, stage.height + 0.02),
            (foot[0] + lean - 0.03, stage.height + 0.02),
        ]
    )
    stage.add("shade", [Shape((shadow,), shade(palette.sky[0], -0.8), 0.6, outline=0.0)])


def _tiles(stage: Stage) -> None:
    rng, palette = stage.luck("tiles"), stage.palette
    tones = [*palette.sky, palette.sun, palette.under(palette.leaf), palette.haze]
    tones += [shade(palette.sky[0], -0.45), (238, 108, 77), *stage.brief.colours * 2]
    rows = int(rng.integers(4, 6))
    side = stage.height / rows if stage.height <= stage.width else stage.width / rows
    groups: list[list[Shape]] = [[], [], []]
    for row in range(int(np.ceil(stage.height / side))):
        for column in range(int(np.ceil(stage.width / side))):
            luck = rng.uniform(0, 1, 6)
            x, y = column * side, row * side
            back, front, third = (tones[int(v * len(tones))] for v in luck[:3])
            if front == back:
                front = shade(back, 0.4)
            groups[0].append(Shape((box(x, y, x + side, y + side),), back, outline=0.3))
            corner = ((x, y), (x + side, y), (x + side, y + side), (x, y + side))[int(luck[3] * 4)]
            turn = int(luck[3] * 4) * np.pi / 2
            angles = np.linspace(turn, turn + np.pi / 2, 24)
            kind = int(luck[4] * 5)
            if kind in {0, 1}:
                for reach, tone in ((1.0, front), (0.5, third))[: 1 + kind]:
                    arc = np.stack(
                        [
                            corner[0] + side * reach * np.cos(angles),
                            corner[1] + side * reach * np.sin(angles),
                        ],
                        1,
                    )
                    groups[1].append(Shape((np.concatenate([arc, [corner]]),), tone))
            elif kind == 2:
                groups[1].append(Shape((oval(x + side / 2, y + side / 2, side * 0.5),), front))
                groups[2].append(Shape((oval(x + side / 2, y + side / 2, side * 0.2),), third))
            elif kind == 3:
                half = np.linspace(turn, turn + np.pi, 40)
                ring = np.stack(
                    [x + side / 2 + side / 2 * np.cos(half), y + side / 2 + side / 2 * np.sin(half)], 1
                )
                groups[1].append(Shape((ring,), front))
            else:
                bars = tuple(
                    box(x, y + side * (i + 0.5) / 5, x + side, y + side * (i + 1) / 5) for i in range(5)
                )
                groups[1].append(Shape(bars, front, outline=0.3))
    for group in groups:
        stage.add("forms", group, relief=0.0)
    if stage.detail > 1:
        _worked(stage, groups[1], side)
    stage.horizon = stage.height * 0.86


def _worked(stage: Stage, forms: list[Shape], side: float) -> None:
    """Add the work of the hand to tiles: inked seams, an inner line in each form, hatching.

    The forms beneath stay as they are, so that more detail is the same picture, closer to the end.
    """
    palette, luck = stage.palette, stage.luck("tiles by hand")
    ink = shade(palette.sky[0], -0.6)
    lines = [
        np.array([(0.0, row * side), (stage.width, row * side)])
        for row in range(1, int(np.ceil(stage.height / side)))
    ]
    lines += [
        np.array([(column * side, 0.0), (column * side, stage.height)])
        for column in range(1, int(np.ceil(stage.width / side)))
    ]
    inner = []
    for form in forms:
        for ring in form.rings:
            middle = (ring.min(0) + ring.max(0)) / 2
            inside = middle + (ring - middle) * 0.86
            inner.append(np.concatenate([inside, inside[:1]]))
    hatch = []
    rows, columns = int(np.ceil(stage.height / side)), int(np.ceil(stage.width / side))
    for row in range(rows):
        for column in range(columns):
            chosen, slope = luck.uniform(0, 1, 2).tolist()
            if chosen > 0.12 * stage.detail:
                continue
            count = 8 + 4 * stage.detail
            for i in range(1, count):
                part = side * i / count
                start, end = (part, 0.0), (0.0, part)
                if slope < 0.5:
                    start, end = (side - part, 0.0), (side, part)
                corner = np.array([column * side, row * side])
                hatch.append(np.array([start, end]) + corner)
    stage.add(
        "lines",
        [
            Shape(tuple(lines), ink, 0.75, width=0.0035, outline=0.0),
            Shape(tuple(inner), ink, 0.4, width=0.0028, outline=0.0),
            Shape(tuple(hatch), ink, 0.45, width=0.0022, outline=0.0),
        ],
    )
