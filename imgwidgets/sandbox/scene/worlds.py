"""Other worlds: space, and the sea from within."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imgwidgets.sandbox.scene.chance import ridge
from imgwidgets.sandbox.scene.colour import mix, pick, shade
from imgwidgets.sandbox.scene.shapes import Gradient, Shape, box, oval, polygon

if TYPE_CHECKING:
    from imgwidgets.sandbox.scene.stage import Stage

__all__ = ["deep_water", "outer_space"]


def outer_space(stage: Stage) -> float:
    """Paint stars, planets and a cratered ground; give the height of that ground."""
    rng = stage.luck("space")
    hues = (("#7a5fc0", "#e08aa8"), ("#2f8fa8", "#9a7fd8"), ("#d0705a", "#6a5fc8"))[int(rng.integers(3))]
    nebula = [
        stage.glow(
            stage.width * float(a), stage.height * float(b), 0.35 + 0.3 * float(c), pick(hues, i / 6), 0.34
        )
        for i, (a, b, c) in enumerate(rng.uniform(0.05, 0.9, (6, 3)))
    ]
    stage.add("nebula", nebula, sway=(0.02, 0.0))
    planets = []
    for i, radius in enumerate((0.14, 0.06, 0.035)):
        x, y = (
            stage.width * float((0.8, 0.16, 0.52)[i] + rng.uniform(-0.08, 0.08)),
            stage.height * float(rng.uniform(0.1, 0.42)),
        )
        tone = pick(("#e8a05a", "#5aa8c8", "#d0708a", "#9a86d8", "#7fc09a"), float(rng.random()))
        disc = oval(x, y, radius, count=72)
        planets.append(
            Shape(
                (disc,),
                Gradient(
                    (x - radius, y - radius),
                    (x + radius, y + radius),
                    ((0.0, shade(tone, 0.3), 1.0), (1.0, shade(tone, -0.6), 1.0)),
                ),
            )
        )
        if i == 0:
            for r, w in ((1.75, 0.012), (1.5, 0.016)):
                ring = oval(x, y, radius * r, radius * 0.34 * r, turn=-18, count=80)
                front = ring[(ring[:, 1] - y) > (ring[:, 0] - x) * -0.32]
                planets.append(
                    Shape((front[np.argsort(front[:, 0])],), shade(tone, 0.5), 0.75, width=w, outline=0.0)
                )
    stage.add("planets", planets, sway=(0.01, 0.01))
    level = stage.height * 0.84
    xs = stage.columns()
    ys = level + 0.03 - 0.06 * ridge(xs, rng, frequency=1.2, octaves=3)
    ring = stage.below(xs, ys)
    tone = pick(("#8f86a8", "#b08a86", "#7f92a8"), float(rng.random()))
    pits = [
        oval(
            float(a) * stage.width,
            level + 0.04 + 0.12 * float(b),
            0.02 + 0.05 * float(c),
            0.006 + 0.014 * float(c),
        )
        for a, b, c in rng.uniform(0, 1, (14, 3))
    ]
    stage.add(
        "ground",
        [
            Shape((ring,), stage.fall(ring, shade(tone, 0.1), shade(tone, -0.6))),
            Shape(tuple(pits), shade(tone, -0.5), 0.6, outline=0.3),
        ],
    )
    return level


def deep_water(stage: Stage) -> float:
    """Paint the sea from within: rays of light, weed, bubbles; give the height of the sea bed."""
    rng, palette = stage.luck("deep"), stage.palette
    own = stage.brief.tints.get("sea", palette.water)
    whole = box(-1, -1, stage.width + 1, stage.height + 1)
    stops = (
        (0.0, mix(shade(own, 0.5), (190, 246, 240), 0.35), 1.0),
        (0.45, own, 1.0),
        (1.0, shade(own, -0.6), 1.0),
    )
    stage.add("sky", [Shape((whole,), Gradient((0, 0), (0, stage.height), stops), outline=0.0)])
    rays = []
    for a, b in rng.uniform(0, 1, (6, 2)):
        x, wide = float(a) * stage.width, 0.03 + 0.07 * float(b)
        ring = polygon(
            [
                (x - wide * 0.4, -0.02),
                (x + wide * 0.4, -0.02),
                (x + wide * 2 - 0.25, stage.height),
                (x - wide * 2 - 0.25, stage.height),
            ]
        )
        rays.append(
            Shape(
                (ring,),
                Gradient(
                    (0, 0),
                    (0, stage.height * 0.8),
                    ((0.0, (255, 255, 240), 0.3), (1.0, (255, 255, 240), 0.0)),
                ),
                outline=0.0,
            )
        )
    stage.add("rays", rays, sway=(0.03, 0.0))
    level = stage.height * 0.86
    for layer in range(2):
        xs = stage.columns()
        ys = (
            level
            - 0.1
            + 0.11 * layer
            - 0.08 * ridge(xs, stage.luck(f"bed {layer}"), frequency=1.4, octaves=3)
        )
        tone = mix(shade(own, -0.42), (214, 196, 150), 0.12 + 0.34 * layer)
        weed = []
        for a, b, c in stage.luck(f"weed {layer}").uniform(0, 1, (26, 3))[: 8 + 4 * stage.detail]:
            x = float(a) * stage.width
            tall, foot = 0.08 + 0.2 * float(b), float(np.interp(x, xs, ys)) + 0.03
            heights = np.linspace(0, 1, 14)
            sway = np.sin(heights * 6 + float(c) * 6) * 0.016 * heights
            thick = 0.011 * (1 - heights) + 0.001
            weed.append(
                np.concatenate(
                    [
                        np.stack([x + sway - thick, foot - heights * tall], 1),
                        np.stack([x + sway + thick, foot - heights * tall], 1)[::-1],
                    ]
                )
            )
        leaf = mix(pick(("#3f9f7a", "#c2607a", "#d88a4a"), float(rng.random())), own, 0.45 - 0.2 * layer)
        ring = stage.below(xs, ys)
        stage.add("weed", [Shape(tuple(weed), leaf, outline=0.5)], sway=(0.008, 0.0))
        stage.add("ground", [Shape((ring,), stage.fall(ring, shade(tone, 0.12), shade(tone, -0.35)))])
    bubbles = tuple(
        oval(
            float(a) * stage.width,
            stage.height * (0.1 + 0.75 * float(b)),
            0.003 + 0.009 * float(c) ** 2,
            count=20,
        )
        for a, b, c in rng.uniform(0, 1, (40, 3))
    )
    stage.add("bubbles", [Shape(bubbles, (235, 255, 255), 0.4, outline=0.0)], sway=(0.0, -0.03))
    return level
