"""From a brief to a scene: chooses the setting, builds it from back to front, puts the subject in."""

from __future__ import annotations

import msgspec
import numpy as np

from imgwidgets.sandbox.scene import land
from imgwidgets.sandbox.scene.abstract import abstraction
from imgwidgets.sandbox.scene.actors import figure, fit, place, recoloured
from imgwidgets.sandbox.scene.brief import Brief, Subject
from imgwidgets.sandbox.scene.cast import act, crowd, stand, swim, table_top
from imgwidgets.sandbox.scene.chance import generator
from imgwidgets.sandbox.scene.colour import shade
from imgwidgets.sandbox.scene.motifs import MOTIFS
from imgwidgets.sandbox.scene.palette import choose
from imgwidgets.sandbox.scene.room import still_life
from imgwidgets.sandbox.scene.shapes import Layer, Points, Scene, Shape, bounds, moved
from imgwidgets.sandbox.scene.sky import build_sky, build_weather
from imgwidgets.sandbox.scene.stage import Stage
from imgwidgets.sandbox.scene.town import town
from imgwidgets.sandbox.scene.water import water
from imgwidgets.sandbox.scene.worlds import deep_water, outer_space

__all__ = ["compose", "cutout", "extent_of", "focal", "stage_for", "workable"]

# landscapes for prompts that name none; neighbouring takes get neighbouring entries
_ANYWHERE: tuple[frozenset[str], ...] = tuple(
    frozenset(places.split())
    for places in (
        "mountain hill",
        "lake mountain",
        "hill",
        "forest",
        "sea",
        "mountain lake forest",
        "hill town",
        "river hill",
    )
)
_HOMES: dict[str, tuple[str, ...]] = {
    "boat": ("sea", "lake mountain"),
    "duck": ("lake hill", "lake forest"),
    "whale": ("sea",),
    "cactus": ("desert",),
    "lighthouse": ("sea",),
    "penguin": ("sea mountain",),
    "snowman": ("hill", "forest"),
    "palm": ("sea", "desert"),
    "owl": ("forest", "hill town"),
    "deer": ("forest", "mountain hill"),
    "bear": ("forest", "mountain hill"),
    "car": ("hill", "mountain hill", "desert"),
    "balloon": ("mountain hill", "hill", "lake mountain"),
    "castle": ("mountain hill", "hill"),
    "plane": ("mountain", "sea"),
}
_HOURS = {"space": "night", "under": "day"}
_FOCAL = {
    "desert": "cactus",
    "sea": "boat",
    "lake": "boat",
    "town": "house",
    "forest": "pine",
    "space": "rocket",
    "mountain": "pine",
    "hill": "tree",
    "river": "tree",
    "underwater": "fish",
    "table": "cup",
}


def extent_of(size: tuple[int, int]) -> tuple[float, float]:
    """Give (width, height) in scene units for a size in pixels."""
    short = min(size)
    return size[0] / short, size[1] / short


def workable(size: tuple[int, int]) -> tuple[int, int]:
    """Give the size to compose for: a strip longer than six times its height has no room for a picture."""
    least = -(-max(size) // 6)
    return max(size[0], least), max(size[1], least)


def focal(brief: Brief) -> Subject:
    """Give the main subject: the first that is no mere scenery, or what suits the place."""
    for subject in brief.subjects:
        if not subject.motif.scenery and not (subject.motif.held and len(brief.subjects) > 1):
            return subject
    if brief.subjects:
        return brief.subjects[0]
    if "moon" in brief.extras:
        return Subject(MOTIFS["moon"])
    if "sun" in brief.extras:
        return Subject(MOTIFS["sun"])
    colour = brief.colours[0] if brief.colours else None
    for name in sorted(brief.places):
        return Subject(MOTIFS[_FOCAL[name]], colour)
    names = ("tree", "flower", "balloon", "bird", "house", "butterfly", "star", "mushroom")
    return Subject(MOTIFS[names[int(generator(brief.seed, "focal").integers(len(names)))]], colour)


def _holding(main: Subject, brief: Brief) -> tuple[Subject, list[Subject]]:
    """Give the main subject with what it holds, and the others."""
    others = [s for s in brief.subjects if s is not main]
    held = [s for s in others if s.motif.held and main.motif.head]
    if held:
        main = msgspec.structs.replace(main, wears=(*main.wears, *held))
        others = [s for s in others if s not in held]
    return main, others


def stage_for(brief: Brief, extent: tuple[float, float], *, detail: int, take: int) -> Stage:
    """Give an empty stage: palette, sun and focus chosen."""
    key = (brief.seed, take)
    palette = choose(brief, generator(brief.seed, "palette"), take)
    stage = Stage(extent, brief, palette, key, detail)
    luck = generator(brief.seed, "focus")
    side = (int(luck.integers(2)) + take) % 2
    shift = float(stage.luck("shift").uniform(0.0, 0.14))
    stage.focus = stage.width * (0.5 + (shift if side else -shift))
    away = 0.24 if side else 0.76
    stage.sun = (
        stage.width * (away + float(stage.luck("sun x").uniform(-0.08, 0.08))),
        stage.horizon * float(stage.luck("sun y").uniform(0.26, 0.42))
        if palette.dark or brief.time not in {"dawn", "sunset"}
        else stage.horizon * float(stage.luck("sun y").uniform(0.62, 0.86)),
    )
    return stage


def _kind(brief: Brief, main: Subject | None) -> str:
    """Give the kind of stage."""
    places, outdoors = brief.places, bool(brief.season or brief.weather or brief.places)
    habitat = main.motif.habitat if main else ""
    rocket = main is not None and main.motif.name == "rocket"
    tests = {
        "abstract": "abstract" in brief.extras and not outdoors,
        "table": "table" in places or (habitat == "table" and not outdoors),
        "under": "underwater" in places or (habitat == "under" and not places),
        "space": "space" in places or (rocket and not brief.named),
    }
    return next((kind for kind, fits in tests.items() if fits), "land")


def _lands(brief: Brief, main: Subject | None, take: int) -> frozenset[str]:
    """Give the landscapes: those named, or such as suit the subject."""
    if brief.places:
        return brief.places
    habitat = main.motif.habitat if main else ""
    start = int(generator(brief.seed, "places").integers(len(_ANYWHERE)))
    if main and main.motif.name in _HOMES:
        homes = _HOMES[main.motif.name]
        return frozenset(homes[(start + take) % len(homes)].split())
    if habitat == "water":
        return frozenset({"lake", "hill"})
    if main and habitat in {"ground", "perch"}:
        wintry = brief.season == "winter"
        dry = [p for p in _ANYWHERE if "sea" not in p and not (wintry and p & {"river", "lake"})]
        return dry[(start + take) % len(dry)]
    return _ANYWHERE[(start + take) % len(_ANYWHERE)]


def compose(brief: Brief, extent: tuple[float, float], *, detail: int = 3, take: int = 0) -> Scene:
    """Compose the scene for a brief.

    Parameters
    ----------
    brief : Brief
        What to draw.
    extent : tuple of float
        (width, height) in scene units, see `extent_of`.
    detail : int
        1 (low) to 5 (max).
    take : int
        Which take; each is another composition.
    """
    main = focal(brief) if brief.subjects else None
    kind, places = _kind(brief, main), _lands(brief, main, take)
    if kind in _HOURS and not brief.time:
        brief = msgspec.structs.replace(brief, time=_HOURS[kind])
    stage = stage_for(brief, extent, detail=detail, take=take)
    others: list[Subject] = []
    if main is not None:
        main, others = _holding(main, brief)
    if kind == "abstract":
        abstraction(stage)
        lonely = Subject(MOTIFS["person" if brief.mood == "lonely" else "tree"])
        if main is not None or brief.mood:
            stand(stage, main or lonely, stage.horizon + 0.025, scale=0.8 if main else 0.36)
    elif kind == "table":
        edge = still_life(stage)
        table_top(stage, main or Subject(MOTIFS["cup"]), others, edge)
    elif kind == "under":
        bed = deep_water(stage)
        swim(stage, main or Subject(MOTIFS["fish"], count=4), others, bed)
    elif kind == "space":
        build_sky(stage, airless=True)
        ground = outer_space(stage)
        act(stage, main or Subject(MOTIFS["rocket"]), others, ground, frozenset())
    else:
        build_sky(stage)
        _landscape(stage, main, others, places)
    build_weather(stage)
    return Scene(extent, tuple(stage.layers), stage.sun)


def _landscape(stage: Stage, main: Subject | None, others: list[Subject], places: frozenset[str]) -> None:
    wet = bool(places & {"sea", "lake"})
    _distance(stage, places, wet=wet)
    scale = 1.0 if main else 0.42
    main = main or _wanderer(stage, places)
    back = [s for s in others if s.motif.scenery]
    level = stage.height * (0.8 if wet else 0.78)
    if not (wet and main.motif.habitat == "water"):
        rise = 0.16 if "hill" in places else 0.07
        xs, ys = land.build_ground(stage, level=level + (0.05 if scale < 1 else 0.0), rise=rise, headland=wet)
        level = float(np.interp(stage.focus, xs, ys)) + 0.045 * scale
        if "river" in places:
            _river(stage, xs, ys)
        _backdrop(stage, back, xs, ys)
    elif back:
        xs = stage.columns()
        _backdrop(stage, back, xs, np.full_like(xs, stage.horizon + 0.03))
    act(stage, main, [s for s in others if not s.motif.scenery], level, places, scale=scale)
    if stage.detail > 2 and not wet and "desert" not in places:
        _frame(stage)


def _distance(stage: Stage, places: frozenset[str], *, wet: bool) -> None:
    """Paint all that is behind the ground at the viewer's feet."""
    horizon = stage.horizon
    if "mountain" in places:
        land.mountains(stage, ranges=2 if stage.detail > 1 else 1)
    if "desert" in places:
        land.dunes(stage)
    lines: list[land.Ground] = []
    if "forest" in places:
        land.woods(stage)
    elif "desert" not in places and not (
        "sea" in places and "mountain" not in places and "hill" not in places
    ):
        lines = land.hills(stage, count=1 if wet else 3, last=0.02 if wet else 0.13)
    if "town" in places:
        xs = stage.columns()
        base = lines[-1] if lines else (xs, np.full_like(xs, horizon + 0.03))
        town(stage, base, tall="city" in stage.brief.seed or "skyline" in stage.brief.seed)
    if wet:
        shore = horizon + (0.035 if "lake" in places else 0.0)
        water(stage, top=shore, bottom=stage.height + 0.05, still="lake" in places)


def _wanderer(stage: Stage, places: frozenset[str]) -> Subject:
    """Give a small focus to a landscape whose prompt names no subject."""
    if stage.brief.mood == "lonely":
        return Subject(MOTIFS["person"])
    options = [_FOCAL[p] for p in sorted(places) if p in _FOCAL and p != "town"] + ["house", "tree", "deer"]
    if "town" in places:
        options = ["tree"]
    if places & {"desert", "sea"}:
        options = [_FOCAL[p] for p in sorted(places & {"desert", "sea"})]
    return Subject(MOTIFS[options[int(stage.luck("wanderer").integers(len(options)))]])


def _river(stage: Stage, line: Points, crest: Points) -> None:
    """Let a river wind from the crest of the ground past the subject."""
    palette, luck = stage.palette, stage.luck("river")
    part = np.linspace(0, 1, 60)
    side = -1 if stage.focus > stage.width / 2 else 1
    source = stage.focus + side * 0.3
    top = float(np.interp(source, line, crest)) + 0.002
    ys = top + (stage.height + 0.05 - top) * part
    middle = source + np.sin(part * 5 + float(luck.uniform(0, 1))) * 0.07 * part - side * 0.1 * part**2
    half = 0.008 + 0.2 * part**1.5
    ring = np.concatenate([np.stack([middle - half, ys], 1), np.stack([middle + half, ys], 1)[::-1]])
    own = palette.under(palette.water, 0.35)
    stage.add("water", [Shape((ring,), stage.fall(ring, palette.sky[2], own), outline=0.6)])


def _backdrop(stage: Stage, back: list[Subject], xs: Points, ys: Points) -> None:
    """Put trees and houses behind and beside the subject."""
    shapes: list[Shape] = []
    luck = stage.luck("backdrop")
    sides = [-1, 1] if stage.focus > stage.width / 2 else [1, -1]
    for i, subject in enumerate(back):
        for n in range(subject.count):
            reach = 0.34 + 0.2 * (i // 2 + n // 2) + float(luck.uniform(-0.03, 0.05))
            x = float(np.clip(stage.focus + sides[(i + n) % 2] * reach, 0.08, stage.width - 0.08))
            y = float(np.interp(x, xs, ys)) + 0.02
            height = subject.motif.size * (0.8 if n == 0 else 0.6)
            shapes += place(stage, subject, x=x, y=y, height=height, haze=0.08)
    stage.add("scenery", shapes, relief=0.6)


def _frame(stage: Stage) -> None:
    """Put dark leaves into the lower corners, near the eye: depth for little work."""
    luck = stage.luck("frame")
    if luck.random() < 0.35 and stage.brief.season != "winter":
        return
    tone = shade(stage.palette.under(stage.palette.deep), -0.42)
    rings = []
    for corner in (0.0, stage.width):
        inward = 1 if corner == 0 else -1
        for a, b, c in luck.uniform(0, 1, (9, 3)):
            foot = np.array([corner + inward * (0.16 * a - 0.04), stage.height + 0.02])
            tall, lean = 0.08 + 0.15 * b * (1 - a * 0.6), inward * (0.02 + 0.09 * c)
            tip = foot + np.array([lean, -tall])
            mid = foot + np.array([lean * 0.25, -tall * 0.55])
            half = np.array([0.0135, 0.0])
            rings.append(np.array([foot - half, mid - half, tip, mid + half, foot + half]))
    stage.add("frame", [Shape(tuple(rings), tone, 0.9, outline=0.5)], sway=(0.004, 0.0))


def cutout(
    brief: Brief, extent: tuple[float, float], *, detail: int = 3, take: int = 0, margin: float = 0.06
) -> Scene:
    """Compose the main subject alone, as large as the picture allows: for transparent backgrounds."""
    stage = stage_for(brief, extent, detail=detail, take=take)
    main, _ = _holding(focal(brief), brief)
    shapes: list[Shape] = []
    for i, (dx, dy, size) in enumerate(crowd(main)):
        one = figure(main, detail=detail)
        x0, _, x1, _ = bounds(one)
        flip = bool((take + i) % 2)
        middle = (x0 + x1) / 2 * (-1 if flip else 1)
        shapes += [
            moved(s, scale=size, x=dx * 130 - middle * size, y=dy * 100 - 100 * size, flip=flip) for s in one
        ]
    luck = stage.luck("cutout")
    inset = margin + float(luck.uniform(0.0, 0.035))
    tilt = float(luck.uniform(-3.5, 3.5)) if take else 0.0
    frame = (inset, inset, extent[0] - inset, extent[1] - inset)
    shapes = fit([moved(s, turn=tilt) for s in shapes], frame)
    drift = 1 + float(luck.uniform(-0.05, 0.05)) * bool(take)

    def vary(colour: tuple[int, int, int]) -> tuple[int, int, int]:
        red, green, blue = (min(255, round(c * drift)) for c in colour)
        return red, green, blue

    layer = Layer("subject", tuple(recoloured(s, vary) for s in shapes), 0.85 if detail > 1 else 0.0)
    return Scene(extent, (layer,), stage.sun)
