"""The sky: its gradient, stars, sun or moon, clouds, and what falls from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imgwidgets.sandbox.scene.colour import RGB, mix, shade
from imgwidgets.sandbox.scene.shapes import Gradient, Points, Shape, box, oval, spline

if TYPE_CHECKING:
    from imgwidgets.sandbox.scene.stage import Stage

__all__ = ["build_sky", "build_weather"]

_RAINBOW = ((222, 84, 84), (240, 150, 70), (246, 210, 90), (110, 184, 110), (80, 140, 206), (130, 96, 180))


def build_sky(stage: Stage, *, airless: bool = False) -> None:
    """Paint everything above the horizon; ``airless``: stars only."""
    palette, rng = stage.palette, stage.luck("sky")
    whole = box(-1, -1, stage.width + 1, stage.height + 1)
    stops = ((0.0, palette.sky[0], 1.0), (0.55, palette.sky[1], 1.0), (1.0, palette.sky[2], 1.0))
    stage.add("sky", [Shape((whole,), Gradient((0, 0), (0, stage.horizon * 1.02), stops), outline=0.0)])
    if palette.dark or "stars" in stage.brief.extras:
        stage.add("stars", _stars(stage))
    if airless:
        return
    if "aurora" in stage.brief.extras:
        stage.add("aurora", _aurora(stage), sway=(0.03, 0.0))
    veiled = stage.brief.weather in {"rain", "cloud"} and not stage.brief.extras & {"sun", "moon"}
    if not veiled:
        stage.add("sun", _disc(stage), sway=(0.0, 0.02))
    if "rainbow" in stage.brief.extras:
        stage.add("rainbow", _rainbow(stage))
    stage.add("clouds", _clouds(stage), sway=(0.06, 0.0))
    if "birds" in stage.brief.extras or rng.random() < 0.4:
        stage.add("birds", _birds(stage), sway=(0.05, 0.02))


def _stars(stage: Stage) -> list[Shape]:
    rng = stage.luck("stars")
    count = (50, 110, 180, 260, 340)[stage.detail - 1]
    spots = rng.uniform(0, 1, (340, 3))[:count]
    tone = (255, 250, 232)
    groups: list[list[Points]] = [[], [], []]
    for x, y, brightness in spots:
        size = 0.0009 + 0.0022 * brightness**4
        groups[int(brightness * 2.999)].append(
            oval(x * stage.width, y**1.4 * stage.horizon * 0.95, size, count=8)
        )
    shapes = [
        Shape(tuple(group), tone, opacity, outline=0.0)
        for group, opacity in zip(groups, (0.35, 0.6, 0.95), strict=True)
        if group
    ]
    sparkles = []
    for x, y, brightness in spots[:: max(1, count // 7)]:
        cx, cy, r = x * stage.width, y**1.3 * stage.horizon * 0.7, 0.007 + 0.007 * brightness
        star = [(cx, cy - r), (cx + r / 6, cy - r / 6), (cx + r, cy), (cx + r / 6, cy + r / 6)]
        star += [(cx, cy + r), (cx - r / 6, cy + r / 6), (cx - r, cy), (cx - r / 6, cy - r / 6)]
        sparkles.append(np.array(star))
    shapes.append(Shape(tuple(sparkles), tone, 0.9, outline=0.0))
    return shapes


def _disc(stage: Stage) -> list[Shape]:
    palette, rng = stage.palette, stage.luck("disc")
    x, y = stage.sun
    radius = float(rng.uniform(0.058, 0.08)) * (0.9 if palette.dark else 1.0)
    glow = stage.glow(x, y, radius * 6.5, palette.sun, 0.5 if palette.dark else 0.75)
    shapes = [glow] if stage.detail > 1 else []
    shapes += [
        Shape((oval(x, y, radius * grow, count=72),), palette.sun, strength, outline=0.0)
        for grow, strength in ((2.5, 0.10), (1.75, 0.16), (1.3, 0.22))
    ]
    shapes.append(Shape((oval(x, y, radius, count=72),), palette.sun, outline=0.45))
    night = palette.dark and (stage.brief.time == "night" or "moon" in stage.brief.extras)
    if night and "sun" not in stage.brief.extras:
        crater = shade(palette.sun, -0.14)
        spots = ((-0.35, -0.25, 0.2), (0.3, 0.15, 0.26), (-0.15, 0.45, 0.14), (0.3, -0.45, 0.12))
        craters = tuple(oval(x + dx * radius, y + dy * radius, r * radius) for dx, dy, r in spots)
        shapes.append(Shape(craters, crater, 0.55, outline=0.0))
    return shapes


def _puff(x: float, y: float, size: float, rng: np.random.Generator) -> list[Points]:
    """Give a heap cloud with a flat foot, as overlapping rings."""
    count = int(rng.integers(3, 6))
    rings = []
    for i in range(count):
        part = (i + 0.5) / count
        r = size * (0.16 + 0.17 * np.sin(np.pi * part) * float(rng.uniform(0.7, 1.25)))
        rings.append(oval(x + (part - 0.5) * size * 1.25, y - r * 0.8, r * 1.25, r))
    h = size * 0.16
    rings.append(_capsule(x - size * 0.78, y - h, x + size * 0.78, y))
    return rings


def _capsule(x0: float, y0: float, x1: float, y1: float) -> Points:
    r = (y1 - y0) / 2
    angles = np.linspace(-np.pi / 2, np.pi / 2, 14)
    right = np.stack([x1 - r + r * np.cos(angles), y0 + r + r * np.sin(angles)], 1)
    left = np.stack([x0 + r - r * np.cos(angles), y0 + r - r * np.sin(angles)], 1)
    return np.concatenate([right, left])


def _clouds(stage: Stage) -> list[Shape]:
    palette, rng = stage.palette, stage.luck("clouds")
    heavy = stage.brief.weather in {"rain", "cloud", "snow"} or "clouds" in stage.brief.tints
    count = round(
        (3 + (0 if stage.brief.weather == "snow" else 3) * heavy + float(rng.uniform(0, 2.5)))
        * max(1.0, stage.width * 0.8)
    )
    streaks = not heavy and stage.brief.time in {"sunset", "dusk", "dawn", "night"} and rng.random() < 0.6
    shapes = []
    for _ in range(count):
        x, y = float(rng.uniform(-0.05, 1.05)) * stage.width, stage.horizon * float(rng.uniform(0.1, 0.82))
        near = 1 - y / stage.horizon
        size = (0.09 + 0.20 * near) * float(rng.uniform(0.7, 1.3)) * (1.3 if heavy else 1.0)
        rings: list[Points] = []
        if streaks:
            for step in range(int(rng.integers(2, 4))):
                half, h = size * float(rng.uniform(0.5, 1.3)), size * float(rng.uniform(0.05, 0.09))
                dx, dy = size * float(rng.uniform(-0.5, 0.5)), step * h * 1.5
                rings.append(_capsule(x + dx - half, y + dy, x + dx + half, y + dy + h))
        else:
            rings = _puff(x, y, size, rng)
        lower = mix(palette.cloud, palette.sky[1], 0.62)
        top = float(min(r[:, 1].min() for r in rings))
        bottom = float(max(r[:, 1].max() for r in rings))
        opacity = 0.5 if palette.dark else 0.88 if not streaks else 0.6
        paint: RGB | Gradient = palette.cloud
        if stage.detail > 1:
            paint = Gradient((0, top), (0, bottom), ((0.0, palette.cloud, 1.0), (1.0, lower, 0.75)))
        shapes.append(Shape(tuple(rings), paint, opacity, outline=0.0))
    return shapes


def _birds(stage: Stage) -> list[Shape]:
    rng = stage.luck("flock")
    side = -1 if stage.focus > stage.width / 2 else 1
    x = stage.focus + side * float(rng.uniform(0.3, 0.42)) * stage.width
    y = stage.horizon * float(rng.uniform(0.25, 0.55))
    rings = []
    for _ in range(int(rng.integers(3, 7))):
        bx, by = x + float(rng.normal(0, 0.09)), y + float(rng.normal(0, 0.04))
        s = float(rng.uniform(0.011, 0.02))
        wing = [(bx - s, by - s * 0.3), (bx - s * 0.5, by - s * 0.55), (bx, by), (bx + s * 0.5, by - s * 0.6)]
        rings.append(spline(np.array([*wing, (bx + s, by - s * 0.35)]), closed=False, steps=5))
    tone = mix(shade(stage.palette.sky[0], -0.5), stage.palette.haze, 0.15)
    return [Shape(tuple(rings), tone, 0.8, width=0.0035, outline=0.0)]


def _rainbow(stage: Stage) -> list[Shape]:
    x, y, radius = stage.width * 0.5, stage.horizon * 1.08, min(stage.width * 0.48, stage.horizon * 0.9)
    angles = np.linspace(np.pi, 2 * np.pi, 90)
    arcs = []
    for i, colour in enumerate(_RAINBOW):
        r = radius - i * 0.018
        arc = np.stack([x + r * np.cos(angles), y + r * np.sin(angles)], 1)
        arcs.append(Shape((arc,), colour, 0.5, width=0.0185, outline=0.0))
    return arcs


def _aurora(stage: Stage) -> list[Shape]:
    rng = stage.luck("aurora")
    shapes = []
    for colour, lift in (((70, 230, 170), 0.0), ((110, 170, 240), 0.08), ((190, 110, 220), 0.15)):
        xs = np.linspace(-0.05, stage.width + 0.05, 60)
        phase, pace = float(rng.uniform(0, 6)), float(rng.uniform(3, 5))
        base = (
            stage.horizon * (0.72 - lift) + 0.06 * np.sin(xs * pace + phase) + 0.03 * np.sin(xs * pace * 2.3)
        )
        top = base - stage.horizon * (0.36 + 0.1 * np.sin(xs * 1.7 + phase))
        ring = np.concatenate([np.stack([xs, base], 1), np.stack([xs, top], 1)[::-1]])
        y0, y1 = float(top.min()), float(base.max())
        stops = ((0.0, colour, 0.0), (0.75, colour, 0.42), (1.0, colour, 0.05))
        shapes.append(Shape((ring,), Gradient((0, y0), (0, y1), stops), outline=0.0))
    return shapes


def build_weather(stage: Stage) -> None:
    """Paint what is between the scene and the eye: snow, rain, mist."""
    weather, palette = stage.brief.weather, stage.palette
    rng = stage.luck("weather")
    level = stage.detail
    if weather == "snow":
        for name, size, count, opacity in (
            ("far", 0.0026, 110, 0.6),
            ("mid", 0.0048, 60, 0.8),
            ("near", 0.0085, 20, 0.85),
        ):
            spots = rng.uniform(0, 1, (count * 3, 3))[
                : round(count * (0.4 + 0.25 * level) * max(1.0, stage.width * 0.8))
            ]
            rings = tuple(
                oval(x * stage.width, y * stage.height, size * (0.6 + 0.8 * s), count=12) for x, y, s in spots
            )
            stage.add(
                f"snow {name}", [Shape(rings, (255, 255, 255), opacity, outline=0.0)], sway=(0.012, size * 8)
            )
    elif weather == "rain":
        spots = rng.uniform(0, 1, (420, 3))[: 90 + 60 * level]
        lines = tuple(
            np.array(
                [
                    (x * stage.width * 1.1, y * stage.height),
                    (x * stage.width * 1.1 - 0.012, y * stage.height + 0.03 + 0.03 * s),
                ]
            )
            for x, y, s in spots
        )
        tone = mix(palette.sky[2], (255, 255, 255), 0.4)
        stage.add("rain", [Shape(lines, tone, 0.42, width=0.0022, outline=0.0)], sway=(0.01, -0.05))
    elif weather == "fog":
        for step in range(4):
            y = (
                stage.horizon
                + (stage.height - stage.horizon) * (step / 4 - 0.12)
                + float(rng.uniform(-0.02, 0.02))
            )
            h = 0.13 + 0.03 * step
            tone = mix(palette.haze, (255, 255, 255), 0.35)
            stops = ((0.0, tone, 0.0), (0.5, tone, 0.55), (1.0, tone, 0.0))
            band = Gradient((0, y - h), (0, y + h), stops)
            ring = box(-1, y - h, stage.width + 1, y + h)
            stage.add("fog", [Shape((ring,), band, outline=0.0)], sway=(0.0, 0.015))
    if "fireflies" in stage.brief.extras:
        spots = rng.uniform(0, 1, (26, 3))
        shapes = []
        for x, y, s in spots:
            cx, cy = x * stage.width, stage.height * (0.35 + 0.6 * y)
            shapes += [stage.glow(cx, cy, 0.03 * (0.5 + s), (255, 226, 130), 0.7)]
            shapes += [Shape((oval(cx, cy, 0.003 + 0.003 * s, count=12),), (255, 247, 205), outline=0.0)]
        stage.add("fireflies", shapes, sway=(0.02, 0.02))
