"""Open water: a mirror or a sea, its waves and its glitter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imgwidgets.sandbox.scene.colour import mix, shade
from imgwidgets.sandbox.scene.shapes import Gradient, Mirror, Points, Shape, box

if TYPE_CHECKING:
    from imgwidgets.sandbox.scene.stage import Stage

__all__ = ["water"]


def water(stage: Stage, *, top: float, bottom: float, still: bool) -> None:
    """Paint water from ``top`` to ``bottom``: a mirror if ``still``, else a sea with waves."""
    palette = stage.palette
    own = palette.under(palette.water, 0.35)
    far = mix(own, palette.sky[2], 0.5)
    surface = box(-1, top, stage.width + 1, bottom + 0.02)
    stops = ((0.0, far, 1.0), (0.35, mix(own, far, 0.25), 1.0), (1.0, shade(own, -0.28), 1.0))
    stage.add("water", [Shape((surface,), Gradient((0, top), (0, bottom), stops), outline=0.0)])
    if still:
        stage.layers.append(Mirror(top, bottom, mix(own, palette.sky[1], 0.3), 0.74))
    stage.add("waves", _waves(stage, top, bottom, still=still), sway=(0.02, 0.0))
    edge = mix(palette.haze, (255, 255, 255), 0.3)
    stage.add(
        "shoreline", [Shape((box(-1, top - 0.0012, stage.width + 1, top + 0.0012),), edge, 0.5, outline=0.0)]
    )


def _lens(x: float, y: float, half: float, thick: float) -> Points:
    return np.array(
        [
            (x - half, y),
            (x - half * 0.4, y - thick),
            (x + half * 0.4, y - thick * 0.8),
            (x + half, y),
            (x, y + thick * 0.7),
        ]
    )


def _waves(stage: Stage, top: float, bottom: float, *, still: bool) -> list[Shape]:
    rng, palette = stage.luck("waves"), stage.palette
    count = round(
        (20, 50, 90, 140, 190)[stage.detail - 1] * (0.5 if still else 1.0) * max(1.0, stage.width * 0.8)
    )
    luck = rng.uniform(0, 1, (600, 4))[:count]
    light: list[Points] = []
    dark: list[Points] = []
    for x, y, size, kind in luck:
        depth = float(y) ** 1.5
        half = (0.010 + 0.07 * depth) * (0.5 + float(size))
        ring = _lens(
            float(x) * stage.width,
            top + 0.006 + (bottom - top) * depth,
            half,
            0.0009 + 0.0048 * depth * (0.6 if still else 1),
        )
        (light if kind < 0.6 else dark).append(ring)
    glitter = []
    for x, y, size, _ in rng.uniform(0, 1, (60, 4))[: 16 + 8 * stage.detail]:
        depth = float(y)
        spread = (0.03 + 0.12 * depth) * (float(x) - 0.5) * 2
        ring = _lens(
            stage.sun[0] + spread,
            top + 0.004 + (bottom - top) * depth * 0.9,
            (0.01 + 0.03 * depth) * (0.4 + float(size)),
            0.0012 + 0.003 * depth,
        )
        glitter.append(ring)
    shapes = [
        Shape(tuple(light), mix(palette.sky[2], (255, 255, 255), 0.3), 0.34, outline=0.0),
        Shape(tuple(dark), shade(palette.under(palette.water), -0.4), 0.3, outline=0.0),
    ]
    if stage.brief.weather not in {"rain", "cloud"}:
        shapes.append(Shape(tuple(glitter), palette.sun, 0.6, outline=0.0))
    return [shape for shape in shapes if shape.rings]
