"""The whole picture in another light, season or style, its composition kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from imgwidgets.sandbox.scene.chance import generator
from imgwidgets.sandbox.scene.colour import mix
from imgwidgets.sandbox.scene.palette import choose
from imgwidgets.sandbox.scene.picture import detail_of
from imgwidgets.sandbox.scene.styles import filter_image

if TYPE_CHECKING:
    from imgwidgets.sandbox.scene.brief import Brief

__all__ = ["restyle"]

Bytes = npt.NDArray[np.uint8]


Floats = npt.NDArray[np.float32]


def restyle(base: Bytes, brief: Brief, *, quality: str, take: int) -> Bytes:
    """Give the picture in the prompt's light, season and style, composition kept."""
    height, _width = base.shape[:2]
    palette = choose(brief, generator(brief.seed, "palette"), take)
    image = base.astype(np.float32)
    tone = image @ np.array([0.299, 0.587, 0.114], np.float32) / 255
    ramp = [
        mix(palette.sky[0], (10, 8, 24), 0.6),
        palette.sky[0],
        palette.sky[1],
        palette.sky[2],
        palette.sun,
    ]
    stops = (
        np.array([0.0, 0.3, 0.55, 0.8, 1.0]) if not palette.dark else np.array([0.0, 0.35, 0.65, 0.88, 1.0])
    )
    graded = np.stack([np.interp(tone, stops, [c[k] for c in ramp]) for k in range(3)], -1).astype(np.float32)
    # the sky's colours from top to bottom, as a filter before the lens
    fall = np.stack(
        [np.interp(np.linspace(0, 1, height), [0, 0.5, 1], [c[k] for c in palette.sky]) for k in range(3)], -1
    )
    veil = (fall / fall.max()).astype(np.float32)[:, None, :]
    graded = graded * 0.55 + (0.25 + 0.75 * tone[..., None]) * 255 * veil * 0.45
    strength = (
        0.62
        if palette.dark
        else 0.58
        if brief.time
        else 0.34
        if brief.named or brief.mood or brief.colours
        else 0.16
    )
    if brief.style and not brief.named:
        strength = 0.0
    strength = min(0.8, strength + 0.05 * (take % 3))
    if brief.season == "autumn":
        image = _towards(image, (214, 128, 52), greens=True)
    elif brief.season == "spring":
        image = _towards(image, (150, 206, 96), greens=True)
    elif brief.season == "winter":
        grey = tone[..., None] * 255
        image = np.asarray(grey * 0.6 + image * 0.4, np.float32)
        bright = np.asarray(0.25 + 0.5 * np.clip(tone * 1.6 - 0.35, 0, 1), np.float32)[..., None]
        image = image + (np.array([242, 247, 255], np.float32) - image) * bright
    image += (graded - image) * np.float32(strength)
    if brief.weather == "fog":
        depth = np.linspace(0.75, 0.3, height, dtype=np.float32)[:, None, None]
        image += (np.array(palette.haze, np.float32) - image) * depth
    new = np.clip(image + 0.5, 0, 255).astype(np.uint8)
    new = filter_image(
        new,
        brief.style or ("" if brief.named or brief.subjects else "watercolour"),
        key=(brief.seed, take),
        detail=detail_of(quality),
    )
    if brief.weather == "snow":
        new = _snowed(new, brief, take)
    return new


def _towards(image: Floats, colour: tuple[int, int, int], *, greens: bool) -> Floats:
    """Turn greens (and yellows) to another colour of the same lightness."""
    red, green, blue = image[..., 0], image[..., 1], image[..., 2]
    amount = np.clip((green - np.maximum(blue, red * 0.86)) / 40, 0, 1) if greens else np.ones_like(red)
    light = image.max(-1, keepdims=True) / 190
    return np.asarray(
        image + (np.array(colour, np.float32) * light - image) * (0.8 * amount)[..., None], np.float32
    )


def _snowed(image: Bytes, brief: Brief, take: int) -> Bytes:
    height, width = image.shape[:2]
    sheet = Image.new("L", (width, height))
    draw = ImageDraw.Draw(sheet)
    unit = min(width, height)
    for x, y, s in generator(brief.seed, take, "flakes").uniform(0, 1, (260, 3)).tolist():
        r = max(0.8, unit * (0.0018 + 0.006 * s**3))
        draw.ellipse(
            (x * width - r, y * height - r, x * width + r, y * height + r), fill=round(150 + 100 * s)
        )
    canvas = Image.fromarray(image)
    canvas.paste((255, 255, 255), None, sheet.filter(ImageFilter.GaussianBlur(max(0.5, unit / 1400))))
    return np.asarray(canvas)
