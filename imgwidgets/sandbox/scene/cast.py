"""The subjects take their places: on the ground, afloat, in the air, on a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from imgwidgets.sandbox.scene.actors import branch, place, reflection
from imgwidgets.sandbox.scene.shapes import Shape, bounds, moved

if TYPE_CHECKING:
    from imgwidgets.sandbox.scene.brief import Subject
    from imgwidgets.sandbox.scene.stage import Stage

__all__ = ["act", "crowd", "stand", "swim", "table_top"]


def act(  # noqa: PLR0913 (options go by keyword)
    stage: Stage,
    main: Subject,
    others: list[Subject],
    level: float,
    places: frozenset[str],
    *,
    scale: float = 1.0,
) -> None:
    """Put the main subject where it belongs, and the others beside it."""
    habitat = main.motif.habitat
    if habitat == "water" and places & {"sea", "lake"}:
        _float(stage, main, scale)
    elif habitat == "perch" and scale == 1.0:
        _perch(stage, main)
    elif habitat in {"sky", "under"}:
        _fly(stage, main, scale)
    else:
        stand(stage, main, level, scale=scale)
    for i, other in enumerate(others):
        side = -1 if (i % 2 == 0) == (stage.focus >= stage.width / 2) else 1
        x = float(np.clip(stage.focus + side * (0.36 + 0.12 * (i // 2)), 0.14, stage.width - 0.14))
        if other.motif.habitat == "sky":
            shapes = _centred(stage, other, x, stage.horizon * 0.42, other.motif.size * 0.5)
            stage.add("other", shapes, relief=0.7, sway=(0.0, 0.02))
        else:
            height = other.motif.size * 0.66
            y = level + 0.05 + 0.02 * i
            shapes = place(stage, other, x=x, y=y, height=height, flip=side > 0)
            stage.add("shade", [_foot_shadow(stage, shapes, y)])
            stage.add("other", shapes, relief=0.7)


def _foot_shadow(stage: Stage, shapes: list[Shape], y: float) -> Shape:
    x0, _, x1, _ = bounds(shapes)
    return stage.shadow((x0 + x1) / 2 + 0.02, y + 0.002, (x1 - x0) * 0.52, 0.02 + (x1 - x0) * 0.035)


def crowd(subject: Subject) -> list[tuple[float, float, float]]:
    """Give (dx, dy, scale) for each of a subject's count, from back to front."""
    if subject.count == 1:
        return [(0.0, 0.0, 1.0)]
    if subject.count == 2:
        return [(-0.25, 0.0, 0.8), (0.25, 0.015, 0.74)]
    spots = [
        (-0.36, -0.03, 0.55),
        (0.36, -0.035, 0.52),
        (-0.18, -0.01, 0.62),
        (0.2, 0.0, 0.6),
        (0.0, 0.03, 0.72),
    ]
    return spots[-subject.count :] if subject.count < 5 else spots


def stand(stage: Stage, main: Subject, level: float, *, scale: float = 1.0) -> None:
    """Stand a subject on the ground at ``level``, with its shadow."""
    tall = min(1.25, 0.75 + 0.25 * stage.height)
    flip = (
        bool(stage.luck("flip").integers(2))
        if main.motif.natural or not main.motif.head
        else stage.focus > stage.width / 2
    )
    for i, (dx, dy, size) in enumerate(crowd(main)):
        height = min(main.motif.size * size * scale * tall, level + dy - 0.07)
        x = float(np.clip(stage.focus + dx, 0.1, stage.width - 0.1))
        shapes = place(stage, main, x=x, y=level + dy, height=height, flip=flip != (i % 2 == 1))
        stage.add("shade", [_foot_shadow(stage, shapes, level + dy)])
        stage.add("subject", shapes, relief=0.85, sway=(0.0, 0.008))


def _float(stage: Stage, main: Subject, scale: float) -> None:
    for i, (dx, dy, size) in enumerate(crowd(main)):
        level = stage.horizon + (stage.height - stage.horizon) * (0.52 + dy)
        if scale < 1:
            level = stage.horizon + (stage.height - stage.horizon) * 0.3
        flip = (stage.focus > stage.width / 2) != (i % 2 == 1)
        shapes = place(
            stage, main, x=stage.focus + dx, y=level, height=main.motif.size * size * scale, flip=flip
        )
        waterline = level + 0.004
        stage.add("reflection", reflection(stage, shapes, waterline), sway=(0.0, -0.008))
        stage.add("subject", _cut(shapes, waterline), relief=0.85, sway=(0.0, 0.008))
        x0, _, x1, _ = bounds(shapes)
        reach = (x1 - x0) / 2
        lines = tuple(
            np.array([((x0 + x1) / 2 - reach * a, waterline + b), ((x0 + x1) / 2 + reach * c, waterline + b)])
            for a, b, c in ((0.95, 0.0, 0.9), (1.1, 0.012, 0.5), (0.4, 0.02, 1.15))
        )
        stage.add("wake", [Shape(lines, (255, 255, 255), 0.5, width=0.004, outline=0.0)], sway=(0.01, 0.0))


def _cut(shapes: list[Shape], waterline: float) -> list[Shape]:
    """Give shapes without what is under water."""
    return [
        msgspec.structs.replace(
            s, rings=tuple(np.stack([r[:, 0], np.minimum(r[:, 1], waterline)], 1) for r in s.rings)
        )
        for s in shapes
    ]


def _perch(stage: Stage, main: Subject) -> None:
    left = stage.focus < stage.width / 2
    y = stage.height * 0.8
    tall = min(1.2, 0.75 + 0.25 * stage.height)
    stage.add("branch", branch(stage, stage.focus, y, left=left), relief=0.5)
    for i, (dx, _, size) in enumerate(crowd(main)):
        shapes = place(
            stage,
            main,
            x=stage.focus + dx,
            y=y + 0.024,
            height=main.motif.size * 1.05 * size * tall,
            flip=i % 2 == 1,
        )
        stage.add("subject", shapes, relief=0.85, sway=(0.0, 0.006))


def _centred(  # noqa: PLR0913 (options go by keyword)
    stage: Stage, subject: Subject, x: float, y: float, height: float, *, flip: bool = False
) -> list[Shape]:
    shapes = place(stage, subject, x=x, y=y, height=height, flip=flip)
    _, y0, _, y1 = bounds(shapes)
    return [moved(s, y=y - (y0 + y1) / 2) for s in shapes]


def _fly(stage: Stage, main: Subject, scale: float) -> None:
    tall = min(1.2, 0.75 + 0.25 * stage.height)
    for i, (dx, dy, size) in enumerate(crowd(main)):
        height = main.motif.size * size * scale * tall
        y = max(stage.height * 0.44, height / 2 + 0.05) - (0.12 * ((i * 2) % 3) if main.count > 1 else 0) + dy
        shapes = _centred(stage, main, stage.focus + dx, y, height, flip=stage.focus > stage.width / 2)
        stage.add("subject", shapes, relief=0.85, sway=(0.012, 0.03))


def swim(stage: Stage, main: Subject, others: list[Subject], bed: float) -> None:
    """Let subjects swim between the surface and the sea ``bed``."""
    for subject, scale in [(main, 1.0), *((s, 0.5) for s in others)]:
        for i, (dx, dy, size) in enumerate(crowd(subject)):
            x = stage.focus + dx + (0.3 if scale < 1 else 0.0)
            y = stage.height * 0.5 + dy * 4 + (0.1 if i % 2 else -0.06) * (subject.count > 1)
            if subject.motif.habitat == "ground":
                y = bed - subject.motif.size * scale / 2
            shapes = _centred(
                stage,
                subject,
                x,
                y,
                subject.motif.size * size * scale * 1.1,
                flip=stage.focus > stage.width / 2,
            )
            stage.add("subject", shapes, relief=0.85, sway=(0.02, 0.015))


def table_top(stage: Stage, main: Subject, others: list[Subject], edge: float) -> None:
    """Put subjects on a table whose far edge is at ``edge``."""
    y = edge + (stage.height - edge) * 0.5
    first = -1 if stage.focus >= stage.width / 2 else 1
    if others:
        stage.focus += -first * 0.06
    cast = [
        *((s, 0.6, -first if i % 2 else first) for i, s in enumerate(others)),
        (main, 0.9 if others else 1.0, 0),
    ]
    for subject, scale, side in cast:
        for dx, dy, size in crowd(subject):
            at = float(np.clip(stage.focus + dx + side * 0.43, 0.14, stage.width - 0.14))
            foot = y + dy - (0.03 if side else 0.0)
            shapes = place(stage, subject, x=at, y=foot, height=subject.motif.size * size * scale * 1.1)
            stage.add("shade", [_foot_shadow(stage, shapes, foot - 0.008)])
            stage.add("subject" if not side else "other", shapes, relief=0.85, sway=(0.0, 0.004))
