"""The pixel side of the styles: paper, pigment, bristles, glow.

Every filter takes and gives (H, W, 3) uint8 and works in fractions of the shorter edge, so that a
large picture looks like a small one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from imgwidgets.sandbox.scene.chance import generator, grain, noise

if TYPE_CHECKING:
    from imgwidgets.sandbox.scene.colour import RGB

__all__ = [
    "GRAPHITE",
    "INK",
    "PAPER",
    "SHEET",
    "clay",
    "ink",
    "neon",
    "oil",
    "pixel",
    "poster",
    "sketch",
    "watercolour",
]

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Key = tuple[str | int, ...]

PAPER: RGB = (246, 241, 228)
INK: RGB = (30, 30, 38)
SHEET: RGB = (248, 246, 240)
GRAPHITE: RGB = (62, 62, 70)
# a brush stroke's outline: part of its half length, part of its half width
_BRISTLES = np.array([(-1, 0), (-0.6, 1), (0.7, 1), (1, 0), (0.6, -1), (-0.7, -1)], np.float64)


def _tone(image: Bytes) -> Floats:
    """Give the lightness, (H, W) float32 0..1."""
    return np.asarray(Image.fromarray(image).convert("L"), np.float32) / np.float32(255)


def _blur(values: Floats, radius: float) -> Floats:
    """Blur values in 0..1 (8 bits are enough for what this is used for)."""
    picture = Image.fromarray((np.clip(values, 0, 1) * 255).astype(np.uint8))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(radius)), np.float32) / np.float32(255)


def _bytes(values: Floats) -> Bytes:
    return np.clip(values, 0, 255).astype(np.uint8)


def _lines(image: Bytes, width: float) -> Floats:
    """Give how much of a contour each pixel is, from differences of blurs; (H, W) 0..1."""
    tone = _tone(image)
    fine, wide = _blur(tone, width), _blur(tone, width * 2.2)
    return np.asarray(np.clip((wide - fine) * 16 - 0.12, 0, 1), np.float32)


def _fibres(size: tuple[int, int], strength: float) -> Floats:
    """Give paper, (H, W) float32 around 1."""
    return np.asarray(1 + grain(size, name="paper") * np.float32(strength / 64), np.float32)


def _washed(image: npt.NDArray[np.generic], paper: RGB, strength: Floats | None, gain: Floats) -> Bytes:
    """Give ``(paper + (image - paper) * strength) * gain``, in strips that fit the processor's cache.

    A strength of None is 1 everywhere.
    """
    height, width = image.shape[:2]
    flat = image.reshape(height, width * 3)
    ground = np.tile(np.array(paper, np.float32), width)
    result = np.empty((height, width * 3), np.uint8)
    for top in range(0, height, 32):
        rows = slice(top, top + 32)
        strip = flat[rows].astype(np.float32)
        if strength is not None:
            strip -= ground
            strip *= np.repeat(strength[rows], 3, axis=1)
            strip += ground
        strip *= np.repeat(gain[rows], 3, axis=1)
        np.clip(strip, 0, 255, out=strip)
        result[rows] = strip
    return result.reshape(height, width, 3)


def _simplified(image: Bytes) -> Bytes:
    """Give a photograph without its small detail."""
    height, width = image.shape[:2]
    shrink = max(1.0, min(height, width) / 560)
    small = Image.fromarray(image).resize(
        (round(width / shrink), round(height / shrink)), Image.Resampling.BOX
    )
    small = small.filter(ImageFilter.MedianFilter(3)).filter(ImageFilter.MedianFilter(3))
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))


def ink(image: Bytes, *, key: Key, detail: int, drawn: bool) -> Bytes:
    """Brush and ink on rice paper, with a seal."""
    height, width = image.shape[:2]
    short = min(height, width)
    if drawn:
        sheet: npt.NDArray[np.generic] = image
    else:
        tone = _blur(_tone(image), short / 400)
        dark = np.clip(1.02 - tone * 1.35, 0, 1)[..., None] ** 1.2 * np.float32(0.9)
        washed = (
            np.array(PAPER, np.float32) + (np.array(INK, np.float32) - np.array(PAPER, np.float32)) * dark
        )
        washed += (image - washed) * np.float32(0.08)
        washed += (np.array(INK, np.float32) - washed) * _lines(image, max(0.7, short / 700))[..., None]
        sheet = washed
    wash = 1 + noise((width, height), 5, generator(*key, "wash"), octaves=3) * np.float32(0.05)
    result = Image.fromarray(_washed(sheet, PAPER, wash, _fibres((width, height), 0.006 + 0.004 * detail)))
    if drawn and short >= 96:
        _seal(result, generator(*key, "seal"))
    return np.asarray(result)


def _seal(picture: Image.Image, luck: np.random.Generator) -> None:
    side = min(picture.size) * 0.062
    x, y = picture.width - side * 1.8, picture.height - side * 1.8
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((x, y, x + side, y + side), side * 0.16, fill=(178, 46, 38))
    pen = max(1, round(side * 0.075))
    for at, length in zip((0.25, 0.5, 0.75), luck.uniform(0.25, 0.6, 3).tolist(), strict=True):
        draw.line(
            (x + side * at, y + side * 0.2, x + side * at, y + side * (0.25 + length)), fill=PAPER, width=pen
        )
        draw.line(
            (x + side * 0.2, y + side * at, x + side * (0.3 + length), y + side * at), fill=PAPER, width=pen
        )


def _warped(image: Bytes, shift_x: Floats, shift_y: Floats) -> Bytes:
    height, width = image.shape[:2]
    rows = np.clip(np.arange(height, dtype=np.int32)[:, None] + shift_y.astype(np.int32), 0, height - 1)
    columns = np.clip(np.arange(width, dtype=np.int32) + shift_x.astype(np.int32), 0, width - 1)
    # four bytes at once: a pixel is moved as one number
    packed = np.asarray(Image.fromarray(image).convert("RGBA")).reshape(-1, 4).view(np.uint32)[:, 0]
    moved = packed.take(rows * width + columns)
    return np.ascontiguousarray(moved.view(np.uint8).reshape(height, width, 4)[..., :3])


def watercolour(image: Bytes, *, key: Key, detail: int, drawn: bool) -> Bytes:
    """Transparent pigment that pools at its edges, on rough paper with an unpainted margin."""
    height, width = image.shape[:2]
    short = min(height, width)
    luck = generator(*key, "water")
    if not drawn:
        image = _simplified(image)
    reach = short * 0.0042
    shifts = [noise((width, height), 26, luck, octaves=2) * np.float32(reach) for _ in range(2)]
    image = _warped(image, shifts[0], shifts[1])
    tone = _tone(image)
    pooled = np.clip((_blur(tone, short / 160) - tone) * 0.9, 0, 0.35)
    clouds = noise((width, height), 4, luck, octaves=4)
    strength = np.clip(0.86 + 0.3 * clouds + pooled * 1.6, 0.35, 1.3)
    gain = _fibres((width, height), 0.008 + 0.004 * detail)
    if drawn and short >= 48:
        edge = np.minimum(
            np.minimum(np.arange(width, dtype=np.float32), width - 1 - np.arange(width, dtype=np.float32))[
                None, :
            ],
            np.minimum(np.arange(height, dtype=np.float32), height - 1 - np.arange(height, dtype=np.float32))[
                :, None
            ],
        )
        ragged = edge / short - 0.03 + noise((width, height), 9, luck, octaves=3) * np.float32(0.018)
        painted = np.clip(ragged * np.float32(110), 0, 1)
        rim = np.clip(1 - np.abs(ragged - 0.007) * 220, 0, 1) * painted * np.float32(0.16)
        strength = (strength + rim) * painted
    return _washed(image, (253, 250, 243), strength, gain)


def clay(image: Bytes, *, key: Key, detail: int, drawn: bool) -> Bytes:
    """Soft matter with finger marks under a lamp."""
    height, width = image.shape[:2]
    short = min(height, width)
    if not drawn:
        image = _simplified(image)
    luck = generator(*key, "clay")
    bumps = noise((width, height), 22, luck, octaves=2 + (detail > 2))
    light = np.roll(bumps, (-1, -1), (0, 1)) - np.roll(bumps, (1, 1), (0, 1))
    light *= np.float32(short / 1024 * (0.5 + 0.12 * detail) * 0.6)
    if not drawn:
        tone = _blur(_tone(image), short / 130)
        step = max(1, short // 200)
        light += (np.roll(tone, (-step, -step), (0, 1)) - np.roll(tone, (step, step), (0, 1))) * np.float32(
            0.6
        )
    x = np.linspace(-1, 1, width, dtype=np.float32)
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    lamp = 1.05 - 0.16 * np.clip((x + 0.3) ** 2 + (y + 0.35) ** 2, 0, 2)
    return _washed(image, (0, 0, 0), None, np.asarray(lamp + light, np.float32))


def pixel(image: Bytes, *, key: Key, detail: int, drawn: bool) -> Bytes:  # noqa: ARG001 (all filters are called alike)
    """Large square pixels in few colours."""
    height, width = image.shape[:2]
    across = (56, 80, 104, 136, 168)[detail - 1]
    shrink = max(1.0, min(height, width) / across)
    small = (max(1, round(width / shrink)), max(1, round(height / shrink)))
    picture = Image.fromarray(image).resize(small, Image.Resampling.BOX)
    colours = (16, 24, 32, 40, 56)[detail - 1]
    # a little ordered dither turns the sky's gradient into the pattern of old screens
    bayer = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) - 7.5
    pattern = np.tile(bayer, (small[1] // 4 + 1, small[0] // 4 + 1))[: small[1], : small[0]]
    spread = np.float32(0.9 if drawn else 0.6)
    shown = np.clip(np.asarray(picture, np.float32) + pattern[..., None] * spread, 0, 255).astype(np.uint8)
    flat = picture.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    result = Image.fromarray(shown).quantize(palette=flat, dither=Image.Dither.NONE).convert("RGB")
    return np.asarray(result.resize((width, height), Image.Resampling.NEAREST))


def neon(image: Bytes, *, key: Key, detail: int, drawn: bool) -> Bytes:  # noqa: ARG001 (all filters are called alike)
    """Light tubes in the dark."""
    short = min(image.shape[:2])
    if drawn:
        tubes = Image.fromarray(image)
    else:
        edges = _lines(image, max(0.8, short / 500))[..., None]
        top = image.max(-1, keepdims=True).astype(np.float32)
        vivid = np.clip((image - 0.55 * top) / np.maximum(0.45 * top, 1), 0, 1) * 255
        dark = image * np.float32(0.16) + np.array((8, 5, 26), np.float32)
        tubes = Image.fromarray(_bytes(dark + (vivid - dark) * edges))
    bright = tubes.point([max(0, v - 70) for v in range(256)] * 3)
    small = bright.resize((max(1, bright.width // 4), max(1, bright.height // 4)), Image.Resampling.BOX)
    for radius, gain in (
        (short / 1000, 1.5),
        (short / 260, 1.9),
        (short / 70, 2.2)[:2] if detail == 1 else (short / 70, 2.2),
    ):
        halo = small.filter(ImageFilter.GaussianBlur(max(0.6, radius)))
        halo = halo.point([min(255, round(v * gain)) for v in range(256)] * 3)
        tubes = ImageChops.screen(tubes, halo.resize(tubes.size, Image.Resampling.BILINEAR))
    return np.asarray(tubes)


def sketch(image: Bytes, *, key: Key, detail: int, drawn: bool) -> Bytes:
    """Pencil: contours, and hatching where it is dark."""
    height, width = image.shape[:2]
    short = min(height, width)
    tone = _tone(image)
    if not drawn:
        lines = _lines(image, max(0.6, short / 900))
        tone = np.clip(0.3 + 0.75 * _blur(tone, short / 500), 0, 1)
        tone = tone * (1 - 0.8 * lines)
    luck = generator(*key, "hatch")
    x, y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
    shiver = noise((width, height), 14, luck) * np.float32(short * 0.002)
    pace = np.float32(2 * np.pi / (short * 0.0105))
    dark = np.clip((0.93 - tone) * 1.5, 0, 1)
    first = np.sin((x + y + shiver) * pace)
    hatch = np.clip((first - 1 + dark * 1.9) * 2.2, 0, 1) * np.float32(0.42)
    if detail > 1:
        second = np.sin((x * 0.35 - y + shiver) * pace * 1.07)
        hatch += np.clip((second - 1.25 + dark * 1.7) * 2.2, 0, 1) * np.float32(0.3)
    rough = 1 + grain((width, height), name="paper") * np.float32((0.10 + 0.05 * detail) / 64)
    marks = np.clip(1 - tone, 0, 1) * np.float32(0.75) + hatch * np.clip(rough, 0.2, 2)
    lead = np.empty(image.shape, np.uint8)
    lead[:] = GRAPHITE
    return _washed(lead, SHEET, np.clip(marks, 0, 1), _fibres((width, height), 0.008))


def oil(image: Bytes, *, key: Key, detail: int, drawn: bool) -> Bytes:  # noqa: ARG001 (all filters are called alike)
    """Brush strokes from broad to fine, along the forms, with the light on their ridges."""
    height, width = image.shape[:2]
    work = min(1.0, 1280 / max(height, width))
    size = (max(4, round(width * work)), max(4, round(height * work)))
    source = Image.fromarray(image).resize(size, Image.Resampling.BOX)
    short = min(size)
    extent = (size[0] / short, size[1] / short)
    small = source.resize((max(2, size[0] // 3), max(2, size[1] // 3)), Image.Resampling.BOX)
    soft = np.asarray(small.filter(ImageFilter.GaussianBlur(short * 0.002)))
    blurred = small.filter(ImageFilter.GaussianBlur(short * 0.004)).resize(size, Image.Resampling.BILINEAR)
    fine, tone = np.asarray(source.convert("L")), np.asarray(blurred.convert("L"))
    flow = noise(size, 3, generator(*key, "flow"), octaves=2) * np.float32(1.5)
    canvas, exact = blurred, np.asarray(source)
    relief = Image.new("L", size, 128)
    paint, ridge = ImageDraw.Draw(canvas), ImageDraw.Draw(relief)
    brushes = (0.036, 0.02, 0.011, 0.0065, 0.005)[: 2 + (detail > 1) + (detail > 2) + (detail > 4)]
    for level, brush in enumerate(brushes):
        luck = generator(*key, "brush", level)
        spots = luck.uniform(0, 1, (min(9000, round(extent[0] * extent[1] / (brush * brush * 1.3))), 5))
        px = np.minimum((spots[:, 0] * size[0]).astype(int), size[0] - 1)
        py = np.minimum((spots[:, 1] * size[1]).astype(int), size[1] - 1)
        # the slopes are only asked for where a stroke begins
        gx, gy = _slope(tone, py, px, 1), _slope(tone, py, px, 0)
        sharp = np.abs(fine[py, px].astype(np.float32) - tone[py, px]) / 255
        strong = np.hypot(gx, gy) > 0.0012 * 1024 / short
        angles = np.where(strong, np.arctan2(gx, -gy), flow[py, px] + 0.2) + (spots[:, 2] - 0.5) * 0.5
        taken = (
            soft[py * soft.shape[0] // size[1], px * soft.shape[1] // size[0]] if level < 2 else exact[py, px]
        )
        sampled = taken + ((spots[:, 3] - 0.5) * 20)[:, None]
        colours = np.clip(sampled, 0, 255).astype(int)
        wanted = np.ones(len(px), bool) if level == 0 else sharp > (0.0, 0.004, 0.012, 0.02, 0.03)[level]
        length, thick = brush * short * (0.9 + 0.9 * spots[:, 4]), brush * short * 0.26
        along = np.stack([np.cos(angles), np.sin(angles)], 1) * length[:, None]
        across = np.stack([-np.sin(angles), np.cos(angles)], 1) * thick
        rings = (
            np.stack([px, py], 1)[:, None, :]
            + _BRISTLES[:, :1] * along[:, None]
            + _BRISTLES[:, 1:] * across[:, None]
        )
        heights = (90 + 90 * spots[:, 3]).astype(int)
        strokes = zip(
            rings[wanted].reshape(-1, 12).tolist(),
            colours[wanted].tolist(),
            heights[wanted].tolist(),
            strict=True,
        )
        for ring, colour, high in strokes:
            paint.polygon(ring, fill=tuple(colour))
            if level < 3:
                ridge.polygon(ring, fill=high)
    bumps = relief.filter(ImageFilter.GaussianBlur(max(0.7, short / 900)))
    ahead, behind = ImageChops.offset(bumps, -1, -1), ImageChops.offset(bumps, 1, 1)
    gain = [round(v * 0.42) for v in range(256)]
    light, shadow = (
        Image.merge("RGB", [ImageChops.subtract(*sides).point(gain)] * 3)
        for sides in ((ahead, behind), (behind, ahead))
    )
    result = ImageChops.subtract(ImageChops.add(canvas, light), shadow)
    return np.asarray(
        result if result.size == (width, height) else result.resize((width, height), Image.Resampling.BICUBIC)
    )


def _slope(
    tone: Bytes, rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp], axis: int
) -> npt.NDArray[np.float64]:
    """Give how fast the lightness (0..1) rises along an axis, at some places."""
    places = [rows, columns]
    last = tone.shape[axis] - 1
    after, before = list(places), list(places)
    after[axis], before[axis] = np.minimum(places[axis] + 1, last), np.maximum(places[axis] - 1, 0)
    return np.asarray((tone[tuple(after)].astype(np.float64) - tone[tuple(before)]) / (2 * 255))


def poster(image: Bytes, *, key: Key, detail: int, drawn: bool) -> Bytes:
    """Flat inks on paper, a little worn."""
    height, width = image.shape[:2]
    if not drawn:
        smooth = Image.fromarray(_simplified(image))
        flat = smooth.quantize(6 + 3 * detail, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        image = np.asarray(flat.convert("RGB"))
    luck = generator(*key, "print")
    worn = noise((width, height), 60, luck, octaves=2) + grain((width, height)) * np.float32(0.45 / 64)
    gaps = np.clip((worn - 1.05) * 2, 0, 0.22) * np.float32(0.3 + 0.15 * detail)
    strength = np.asarray(1 - gaps, np.float32)
    if drawn and min(height, width) >= 96:
        margin = round(min(height, width) * 0.035)
        strength[:margin] = strength[-margin:] = 0
        strength[:, :margin] = strength[:, -margin:] = 0
    return _washed(image, (250, 243, 226), strength, _fibres((width, height), 0.006))
