"""The land: mountains, hills, dunes, woods, and the ground at the viewer's feet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imgwidgets.sandbox.scene.chance import ridge
from imgwidgets.sandbox.scene.colour import RGB, adjust, mix, shade
from imgwidgets.sandbox.scene.shapes import Points, Shape, oval

if TYPE_CHECKING:
    from imgwidgets.sandbox.scene.stage import Stage

__all__ = ["Ground", "build_ground", "dunes", "hills", "mountains", "scatter_trees", "woods"]

Ground = tuple[Points, Points]


def mountains(stage: Stage, *, ranges: int = 2, base: float = 0.0, height: float = 0.34) -> None:
    """Paint ranges of peaks above the horizon, with a lit and a shaded side and some snow."""
    palette = stage.palette
    rock = mix(adjust(palette.deep, saturation=0.55), (100, 108, 156), 0.75)
    for layer in range(ranges):
        rng = stage.luck(f"mountain {layer}")
        near = (layer + 1) / ranges
        xs = stage.columns(0.006 if stage.detail > 2 else 0.012)
        profile = _peaks(xs, rng, stage)
        profile = (profile - profile.min()) / max(float(np.ptp(profile)), 1e-6)
        foot = stage.horizon + base + 0.02
        tall = height * (1.25 - 0.42 * near) * min(1.25, stage.horizon / 0.58)
        ys = foot - tall * (0.1 + 0.9 * profile)
        tone = palette.far(rock, 0.72 - 0.34 * near)
        ring = stage.below(xs, ys)
        light = mix(tone, palette.sun, 0.16)
        mist = mix(tone, palette.haze, 0.62)
        shapes = [Shape((ring,), stage.fall(ring, light, mist, depth=tall * 1.15))]
        shapes += _facets(stage, (xs, ys), foot, mix(tone, shade(tone, -0.45), 0.75), mist)
        cap = foot - tall * (0.4 if stage.brief.season == "winter" else 0.66)
        jag = ridge(xs, rng, frequency=16, octaves=2, sharp=True)
        lower = np.maximum(ys, np.minimum(cap + (jag - 0.5) * tall * 0.3, ys + tall * 0.26))
        white = palette.under(mix((255, 255, 255), palette.haze, 0.28 - 0.15 * near), 0.8)
        snow = np.concatenate([np.stack([xs, ys], 1), np.stack([xs, lower], 1)[::-1]])
        if "desert" not in stage.brief.places and float((lower - ys).max()) > 0.004:
            shapes.append(Shape((snow,), white, 0.95, outline=0.35))
        stage.add("mountains", shapes)


def _peaks(xs: Points, rng: np.random.Generator, stage: Stage) -> Points:
    """Give a skyline of pointed peaks, the tallest away from the subject."""
    count = round((stage.width + 0.3) * float(rng.uniform(2.0, 2.8))) + 1
    centres = np.linspace(-0.15, stage.width + 0.15, count) + rng.uniform(-0.12, 0.12, count)
    heights = rng.uniform(0.42, 0.82, count)
    heights[
        int(
            np.argmax(
                np.abs(centres - stage.focus) * (np.abs(centres - stage.width / 2) < stage.width * 0.42)
            )
        )
    ] = 1.0
    slopes = rng.uniform(1.7, 2.6, count)
    tents = heights - slopes * np.abs(xs[:, None] - centres)
    rough = ridge(xs, rng, frequency=9, octaves=3, sharp=True) - 0.5
    return np.asarray(np.maximum(tents.max(1), 0.12) + 0.11 * rough)


def _facets(stage: Stage, line: Ground, foot: float, dark: RGB, mist: RGB) -> list[Shape]:
    """Give the side of each peak that is away from the sun."""
    if stage.detail == 1:
        return []
    rng, (xs, ys) = stage.luck("facets"), line
    reach = max(3, round(0.05 / (xs[1] - xs[0])))
    away = 1 if stage.sun[0] < stage.width / 2 else -1
    rings = []
    for at in range(reach, len(xs) - reach):
        window = ys[at - reach : at + reach + 1]
        if ys[at] > window.min() + 1e-9 or foot - ys[at] < 0.07:
            continue
        fall = foot - ys[at]
        steps = np.linspace(0, 1, 7)
        zigzag = np.cumsum(np.concatenate([[0.0], rng.uniform(-0.035, 0.055, 6)])) * away
        spine = np.stack([xs[at] + zigzag * fall * 3, ys[at] + steps * fall], 1)
        span = slice(at, min(len(xs), at + reach * 5)) if away > 0 else slice(max(0, at - reach * 5), at + 1)
        flank = np.stack([xs[span], ys[span]], 1)
        if away < 0:
            flank = flank[::-1]
        # follow the flank downhill only, as far as the next valley
        drops = np.diff(flank[:, 1]) < -0.004
        stop = int(np.argmax(drops)) + 1 if drops.any() else len(flank)
        flank = flank[: max(stop, 2)]
        rings.append(np.concatenate([flank, [(flank[-1, 0], foot)], spine[::-1]]))
    if not rings:
        return []
    every = np.concatenate(rings)
    paint = stage.fall(every, dark, mist, depth=foot - float(every[:, 1].min()))
    return [Shape(tuple(rings), paint, 0.5, outline=0.2)]


def hills(
    stage: Stage, *, count: int = 3, first: float = 0.0, last: float = 0.16, wooded: bool = True
) -> list[Ground]:
    """Paint rows of round hills from the horizon to the front; give their skylines."""
    palette, lines = stage.palette, []
    for layer in range(count):
        rng = stage.luck(f"hill {layer}")
        near = (layer + 1) / (count + 1)
        xs = stage.columns()
        profile = ridge(xs, rng, frequency=float(rng.uniform(0.9, 1.7)), octaves=2, roughness=0.3)
        level = stage.horizon + first + (last - first) * layer / max(1, count - 1)
        ys = level + 0.045 - (0.13 - 0.04 * near) * profile
        tone = mix(palette.leaf, palette.ground, 0.35 + 0.5 * near)
        top = palette.far(tone, 0.66 * (1 - near) ** 1.2)
        ring = stage.below(xs, ys)
        low = mix(palette.far(palette.deep, 0.6 * (1 - near)), palette.haze, 0.35 * (1 - near))
        shapes = [Shape((ring,), stage.fall(ring, mix(top, palette.sun, 0.1), low, depth=0.26))]
        if wooded and stage.detail > 1:
            shapes += scatter_trees(stage, xs, ys, near, f"trees {layer}")
        stage.add("hills", shapes)
        lines.append((xs, ys))
    return lines


def scatter_trees(  # noqa: PLR0913 (options go by keyword)
    stage: Stage, xs: Points, ys: Points, near: float, name: str, *, density: float = 1.0
) -> list[Shape]:
    """Give little trees along a skyline, in clumps."""
    rng, palette = stage.luck(name), stage.palette
    cold = stage.brief.season == "winter" or "mountain" in stage.brief.places
    pointed = rng.random() < (0.85 if cold else 0.35)
    clump = ridge(xs, rng, frequency=2.2, octaves=2)
    tones = [palette.far(shade(palette.leaf, s), 0.55 * (1 - near)) for s in (-0.34, -0.2, -0.05)]
    groups: list[list[Points]] = [[], [], []]
    trunks: list[Points] = []
    pace = (0.055, 0.04, 0.03, 0.024, 0.02)[stage.detail - 1] * (0.7 + 0.6 * near) / density
    for x in np.arange(-0.05, stage.width + 0.05, pace):
        jitter, chance, size_luck, tone_luck = rng.uniform(0, 1, 4)
        px = x + (jitter - 0.5) * pace
        if np.interp(px, xs, clump) < 0.5 + 0.16 * chance:
            continue
        y = float(np.interp(px, xs, ys)) + 0.004
        size = (0.020 + 0.045 * near) * (0.65 + 0.7 * size_luck)
        group = groups[int(tone_luck * 2.99)]
        if pointed:
            group.append(
                np.array(
                    [
                        (px, y - size * 1.9),
                        (px + size * 0.42, y - size * 0.1),
                        (px - size * 0.42, y - size * 0.1),
                    ]
                )
            )
            if stage.detail > 2:
                group.append(
                    np.array(
                        [
                            (px, y - size * 1.5),
                            (px + size * 0.54, y + size * 0.06),
                            (px - size * 0.54, y + size * 0.06),
                        ]
                    )
                )
        else:
            group.append(oval(px, y - size * 0.85, size * 0.5, size * 0.62, count=20))
            if stage.detail > 2:
                group.append(oval(px + size * 0.3, y - size * 0.6, size * 0.36, size * 0.4, count=16))
        trunks.append(np.array([(px, y - size * 0.5), (px, y + size * 0.1)]))
    shapes = (
        [
            Shape(
                tuple(trunks),
                palette.far((92, 66, 56), 0.5 * (1 - near)),
                width=0.004 + 0.003 * near,
                outline=0.0,
            )
        ]
        if trunks
        else []
    )
    shapes += [Shape(tuple(g), tone, outline=0.4) for g, tone in zip(groups, tones, strict=True) if g]
    return shapes


def woods(stage: Stage) -> None:
    """Paint ranks of trees that fade into the distance."""
    palette = stage.palette
    pointed = stage.luck("woods").random() < 0.6 or stage.brief.season == "winter"
    for layer in range(3):
        rng = stage.luck(f"woods {layer}")
        near = (layer + 1) / 3
        level = stage.horizon + 0.02 + 0.07 * layer
        tone = palette.far(mix(shade(palette.leaf, -0.3), palette.deep, 0.3), 0.72 * (1 - near) + 0.1)
        rings: list[Points] = []
        pace = (0.05 + 0.03 * near) * (1.4 if stage.detail == 1 else 1.0)
        for x in np.arange(-0.1, stage.width + 0.1, pace):
            luck = rng.uniform(0, 1, 3)
            px, size = x + (luck[0] - 0.5) * pace, (0.16 + 0.17 * near) * (0.6 + 0.6 * luck[1])
            if pointed:
                rings += _fir(px, level, size, steps=2 + min(stage.detail, 4))
            else:
                rings.append(oval(px, level - size * 0.6, size * 0.3, size * 0.44, count=28))
                rings.append(
                    np.array(
                        [
                            (px - 0.006, level),
                            (px - 0.004, level - size * 0.5),
                            (px + 0.004, level - size * 0.5),
                            (px + 0.006, level),
                        ]
                    )
                )
        xs = stage.columns(0.04)
        floor = stage.below(xs, np.full_like(xs, level - (0.03 if pointed else 0.085)))
        top = mix(tone, palette.sun, 0.14)
        paint = stage.fall(np.concatenate(rings), top, mix(tone, palette.haze, 0.2 * (1 - near)), depth=0.42)
        stage.add("woods", [Shape((*rings, floor), paint, outline=0.5)])


def _fir(x: float, y: float, size: float, *, steps: int) -> list[Points]:
    rings = []
    for step in range(steps):
        part = step / steps
        top, bottom = y - size * (1 - part * 0.9), y - size * (0.92 - part * 0.9 - 1.35 / steps)
        half = size * 0.22 * (0.35 + 0.65 * (step + 1) / steps)
        rings.append(
            np.array(
                [
                    (x, top),
                    (x + half, min(bottom, y)),
                    (x, min(bottom, y) - size * 0.02),
                    (x - half, min(bottom, y)),
                ]
            )
        )
    return rings


def dunes(stage: Stage) -> None:
    """Paint rows of dunes, each with a sharp crest between sun and shade."""
    palette = stage.palette
    away = 1 if stage.sun[0] < stage.width / 2 else -1
    for layer in range(3):
        rng = stage.luck(f"dune {layer}")
        near = (layer + 1) / 4
        xs = stage.columns()
        profile = ridge(xs, rng, frequency=1.1, octaves=2, roughness=0.35, sharp=True)
        ys = stage.horizon + 0.03 + 0.075 * layer - 0.14 * (0.8 - 0.2 * near) * profile**1.3
        top = palette.far(mix(palette.ground, palette.sun, 0.14), 0.5 * (1 - near))
        low = palette.far(palette.deep, 0.45 * (1 - near))
        ring = stage.below(xs, ys)
        shapes = [Shape((ring,), stage.fall(ring, top, mix(top, low, 0.7), depth=0.3))]
        # the lee side, from the crest down, in shade
        slope = np.gradient(ys, xs) * away
        deep = 0.11 * np.clip(slope * 4, 0, 1)
        soft = np.convolve(deep, np.ones(9) / 9, "same")
        lee = np.concatenate([np.stack([xs, ys], 1), np.stack([xs + away * soft * 0.8, ys + soft], 1)[::-1]])
        shapes.append(Shape((lee,), low, 0.55, outline=0.0))
        stage.add("dunes", shapes)


def build_ground(stage: Stage, *, level: float, rise: float = 0.05, headland: bool = False) -> Ground:
    """Paint the ground in front, highest under the subject (a ``headland`` in water); give its skyline."""
    palette, rng = stage.palette, stage.luck("ground")
    xs = stage.columns()
    bump = np.exp(-(((xs - stage.focus) / (0.42 + 0.2 * stage.width)) ** 2))
    ys = level + 0.05 - rise * bump - 0.03 * ridge(xs, rng, frequency=1.3, octaves=2)
    if headland:
        narrow = np.exp(-((np.abs(xs - stage.focus) / 0.4) ** 2.6))
        ys += (stage.height * 0.95 - level) * (1 - narrow)
    ring = stage.below(xs, ys)
    top, low = palette.under(mix(palette.ground, palette.sun, 0.12)), palette.under(palette.deep)
    shapes = [Shape((ring,), stage.fall(ring, top, low, depth=stage.height - level + 0.1))]
    stage.add("ground", shapes)
    stage.add("grass", _growth(stage, xs, ys))
    return xs, ys


def _growth(stage: Stage, xs: Points, ys: Points) -> list[Shape]:
    """Give what grows or lies on the ground in front: tufts and flowers, drifts, pebbles."""
    rng, palette = stage.luck("growth"), stage.palette
    count = round((14, 60, 150, 260, 380)[stage.detail - 1] * max(1.0, stage.width * 0.8))
    luck = rng.uniform(0, 1, (1000, 5))[:count]
    desert, winter = (
        bool({"desert", "beach"} & (stage.brief.places | stage.brief.extras)),
        stage.brief.season == "winter",
    )
    rings: tuple[list[Points], list[Points], list[Points]] = ([], [], [])
    for x_luck, y_luck, size_luck, lean, kind in luck:
        x = float(x_luck * (stage.width + 0.1) - 0.05)
        surface = float(np.interp(x, xs, ys))
        y = surface + 0.008 + (stage.height - surface) * float(y_luck) ** 1.25
        depth = (y - surface) / max(stage.height - surface, 1e-6)
        size = (0.016 + 0.036 * depth) * (0.6 + 0.8 * float(size_luck))
        if desert or winter:
            rings[0 if kind < 0.6 else 1].append(
                oval(x, y, size * (1.5 if winter else 0.5), size * (0.1 if winter else 0.2), count=16)
            )
            continue
        for blade in (-1, 0, 1):
            tip = x + (blade * 0.45 + (lean - 0.5) * 0.7) * size
            foot = x + blade * size * 0.16
            rings[0 if kind < 0.55 else 1].append(
                np.array(
                    [
                        (foot - size * 0.07, y),
                        (tip, y - size * (1.1 - 0.25 * abs(blade))),
                        (foot + size * 0.07, y),
                    ]
                )
            )
        if kind > (0.5 if stage.brief.season == "spring" or "blossoms" in stage.brief.extras else 0.86):
            rings[2].append(oval(x + size * 0.3, y - size * 1.05, size * 0.2, count=12))
    light = palette.under(shade(palette.ground, 0.28 if winter else 0.16))
    dark = palette.under(shade(palette.deep, -0.05 if winter or desert else -0.12))
    bloom = palette.under(
        ((240, 120, 110), (250, 220, 120), (244, 240, 246), (206, 140, 214))[int(rng.integers(4))], 0.7
    )
    tones = ((dark, 0.16 if winter else 0.55), (light, 0.4 if winter else 0.75), (bloom, 1.0))
    return [Shape(tuple(r), tone, o, outline=0.0) for r, (tone, o) in zip(rings, tones, strict=True) if r]
