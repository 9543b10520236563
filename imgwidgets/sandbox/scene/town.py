"""Towns and cities: rows of houses with windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imgwidgets.sandbox.scene.colour import RGB, adjust, pick, shade
from imgwidgets.sandbox.scene.shapes import Points, Shape, box, polygon

if TYPE_CHECKING:
    from imgwidgets.sandbox.scene.land import Ground
    from imgwidgets.sandbox.scene.stage import Stage

__all__ = ["town"]

_WALLS = ("#f2dcc0", "#e9c3a4", "#f4ead8", "#d9b6a0", "#c9d4d8", "#e6cf9c", "#d8a48c")


_ROOFS = ("#b9523f", "#8c4a4a", "#5f6a86", "#a8643c", "#6f4f5c")


def town(stage: Stage, skyline: Ground, *, tall: bool = False, scale: float = 1.0) -> None:
    """Paint houses along a skyline, windows lit when it is dark; ``tall`` makes it a city."""
    rng, palette = stage.luck("town"), stage.palette
    xs, ys = skyline
    back: list[Shape] = []
    front: list[Shape] = []
    glass: list[Points] = []
    dim: list[Points] = []
    for row, shapes in enumerate((back, front)):
        x = -0.06
        while x < stage.width + 0.06:
            luck = rng.uniform(0, 1, 8)
            wide = (0.055 + 0.05 * luck[0]) * scale
            high = wide * (1.0 + 3.2 * luck[1] ** 1.6 if tall else 0.75 + 0.7 * luck[1])
            foot = float(np.interp(x + wide / 2, xs, ys)) + (0.035 * row + 0.02) * scale
            haze = 0.34 - 0.24 * row
            wall = palette.far(adjust(pick(_WALLS, luck[2]), value=0.92), haze)
            roof = palette.far(pick(_ROOFS, luck[3]), haze)
            if luck[4] > (0.05 if tall else 0.2):
                _house(
                    shapes,
                    glass if luck[5] < 0.75 else dim,
                    (x, foot, wide, high),
                    wall,
                    roof,
                    tall=tall,
                    lucky=luck[6],
                    detail=stage.detail,
                )
            x += wide * (0.95 + 0.5 * luck[7])
    for shapes in (back, front):
        stage.add("town", shapes)
    lit = (255, 214, 122)
    panes = (lit if palette.dark else palette.under((120, 150, 176)), palette.under((86, 96, 124)))
    windows = [Shape(tuple(g), tone, outline=0.0) for g, tone in zip((glass, dim), panes, strict=True) if g]
    if palette.dark and stage.detail > 1:
        halo = [
            stage.glow(float(ring[:, 0].mean()), float(ring[:, 1].mean()), 0.03 * scale, lit, 0.4)
            for ring in glass[:: max(1, len(glass) // 14)]
        ]
        windows = halo + windows
    stage.add("windows", windows)


def _house(  # noqa: PLR0913 (options go by keyword)
    shapes: list[Shape], panes: list[Points], place: tuple[float, float, float, float], wall: RGB, roof: RGB,
    *, tall: bool, lucky: float, detail: int,
) -> None:  # fmt: skip
    x, foot, wide, high = place
    top = foot - high
    shapes.append(Shape((box(x, top, x + wide, foot + 0.09),), wall, outline=0.6))
    shapes.append(Shape((box(x + wide * 0.72, top, x + wide, foot + 0.09),), shade(wall, -0.14), outline=0.0))
    if not tall or lucky < 0.25:
        rise = wide * (0.38 + 0.3 * lucky)
        over = wide * 0.09
        ring = polygon([(x - over, top), (x + wide / 2, top - rise), (x + wide + over, top)])
        shapes.append(Shape((ring,), roof, outline=0.6))
        if detail > 1 and lucky > 0.4:
            cx = x + wide * 0.7
            shapes.append(
                Shape(
                    (box(cx, top - rise * 0.85, cx + wide * 0.13, top - rise * 0.2),),
                    shade(roof, -0.25),
                    outline=0.4,
                )
            )
    elif lucky > 0.7:
        shapes.append(
            Shape(
                (box(x + wide * 0.2, top - wide * 0.12, x + wide * 0.8, top),), shade(wall, -0.2), outline=0.4
            )
        )
    pane = wide * 0.15
    rows = max(1, int(high / (pane * 2.6)))
    for row in range(rows):
        for column in range(2):
            if (row * 7 + column * 3 + int(lucky * 40)) % 5 == 0:
                continue
            px, py = x + wide * (0.2 + 0.36 * column), top + pane * (0.8 + 2.4 * row)
            panes.append(box(px, py, px + pane, py + pane * 1.35))
