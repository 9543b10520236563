"""From the display list to pixels: anti-aliased shapes, gradients, relief and reflections.

Each shape becomes a coverage mask (`cover`); only the parts of the shape's own box that it covers
are touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops

from imgwidgets.sandbox.scene.chance import grain
from imgwidgets.sandbox.scene.colour import RGB, mix, shade
from imgwidgets.sandbox.scene.cover import Box, Cover, Part, covers, tremble
from imgwidgets.sandbox.scene.light import lighten, relief
from imgwidgets.sandbox.scene.shapes import Gradient, Layer, Mirror, Points, Scene, Shape, bounds

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Treatment", "over", "paint_layer", "paint_scene"]

Pixels = npt.NDArray[np.uint8]


class Treatment(msgspec.Struct, frozen=True):
    """How a style paints shapes, before it filters the pixels.

    Parameters
    ----------
    colour : callable
        RGB to RGB: the style's own palette.
    flat : bool
        Gradients become their middle colour.
    line : float
        Width of contours in scene units; 0: none.
    line_colour : callable
        The contour's colour for a fill colour.
    strokes : int
        How often a contour is drawn over, each a little off.
    wobble : float
        How far contours and edges tremble, scene units.
    paper : RGB
        What shows through where paint is thin.
    air : float
        How much of the paper shows in sky, haze and texture, 0..1.
    relief : float
        Multiplies the light and shadow of layers.
    bevel : float
        Light and shadow for every single shape, as on a thing modelled by hand.

    Examples
    --------
    >>> Treatment().line
    0.0
    """

    colour: Callable[[RGB], RGB] = lambda c: c
    flat: bool = False
    line: float = 0.0
    line_colour: Callable[[RGB], RGB] = lambda c: shade(c, -0.7)
    strokes: int = 1
    wobble: float = 0.0
    paper: RGB = (255, 255, 255)
    air: float = 0.0
    relief: float = 1.0
    bevel: float = 0.0


class _Canvas:
    """A piece of the picture: an image, where it starts, and pixels per scene unit."""

    def __init__(
        self, image: Image.Image, origin: tuple[int, int], unit: float, treatment: Treatment
    ) -> None:
        self.image, self.origin, self.unit, self.treatment = image, origin, unit, treatment

    def paint(self, shape: Shape) -> None:
        rings = [ring * self.unit - self.origin for ring in shape.rings if len(ring)]
        treatment = self.treatment
        if treatment.wobble and shape.outline:
            rings = [tremble(ring, treatment.wobble * self.unit) for ring in rings]
        width = shape.width * self.unit
        box = self._clip(rings, width / 2)
        if box is None or shape.opacity <= 0:
            return
        solid = shape.opacity >= 1 and covers(rings, box, width)
        cover = None if solid else Cover(rings, box, width, shape.opacity)
        parts: list[Part] = [(box, None)] if cover is None else cover.parts()
        paint = shape.paint
        if 0 < shape.width < 0.016 and treatment.line and shape.outline and not isinstance(paint, Gradient):
            paint = treatment.line_colour(paint)  # a line is a contour by itself
        self._fill(paint, box, parts, airy=not shape.outline, drawn=paint is not shape.paint)
        if cover is not None and treatment.bevel and shape.outline and not width:
            self._bevel(cover, parts)
        if treatment.line and shape.outline > 0.05:
            self._contour(rings, shape, width)

    def _fill(
        self, paint: RGB | Gradient, box: Box, parts: list[Part], *, airy: bool, drawn: bool = False
    ) -> None:
        alpha = self.image.mode == "RGBA"
        treatment = self.treatment

        def colour(own: RGB) -> RGB:
            styled = own if drawn else treatment.colour(own)
            return mix(styled, treatment.paper, treatment.air) if airy and treatment.air else styled

        if isinstance(paint, Gradient) and self.treatment.flat and all(s[2] == 1 for s in paint.stops):
            paint = mix(paint.stops[0][1], paint.stops[-1][1], 0.5)
        if not isinstance(paint, Gradient):
            tone = colour(paint)
            for part, mask in parts:
                self.image.paste((*tone, 255) if alpha else tone, part, mask)
            return
        stops = tuple((offset, colour(c), opacity) for offset, c, opacity in paint.stops)
        paint = msgspec.structs.replace(paint, stops=stops)
        fill, veil = _gradient(paint, box, self.origin, self.unit)
        if alpha:
            fill = fill.convert("RGBA")
        for part, mask in parts:
            if part == box:
                own, thin = fill, veil
            else:
                inner = (part[0] - box[0], part[1] - box[1], part[2] - box[0], part[3] - box[1])
                own, thin = fill.crop(inner), veil.crop(inner) if veil is not None else None
            if thin is not None and mask is not None:
                thin = ImageChops.multiply(mask, thin)
            self.image.paste(own, part, mask if thin is None else thin)

    def _contour(self, rings: list[Points], shape: Shape, width: float) -> None:
        paint = shape.paint
        fill = paint.stops[len(paint.stops) // 2][1] if isinstance(paint, Gradient) else paint
        tone = self.treatment.line_colour(fill)
        ink = (*tone, 255) if self.image.mode == "RGBA" else tone
        pen = max(0.8, self.treatment.line * self.unit * shape.outline)
        for turn in range(self.treatment.strokes):
            drawn = (
                rings
                if turn == 0
                else [tremble(r, self.treatment.line * self.unit * 1.2, turn) for r in rings]
            )
            drawn = drawn if width else [np.concatenate([r, r[:1]]) for r in drawn]
            box = self._clip(drawn, pen / 2)
            if box is None:
                return
            opacity = shape.opacity * (1.0 if turn == 0 else 0.55)
            for part, mask in Cover(drawn, box, pen if not width else min(pen, width), opacity).parts():
                self.image.paste(ink, part, mask)

    def _bevel(self, cover: Cover, parts: list[Part]) -> None:
        box = cover.box
        size = (box[2] - box[0], box[3] - box[1])
        if min(size) < 3:
            return
        reach = min(min(size) * 0.22, 0.09 * self.unit)
        step = max(1, int(reach / 3))
        up, down = relief(cover.reduced(step), reach / step, size, self.treatment.bevel)
        for part, mask in parts:
            inner = (part[0] - box[0], part[1] - box[1], part[2] - box[0], part[3] - box[1])
            light, shadow = up.crop(inner), down.crop(inner)
            if light.getbbox() is None and shadow.getbbox() is None:
                continue
            piece = self.image.crop(part)
            lighten(piece, light, shadow)
            self.image.paste(piece, part, mask)

    def _clip(self, rings: list[Points], margin: float) -> Box | None:
        if not rings:
            return None
        low = np.min([ring.min(0) for ring in rings], axis=0) - margin
        high = np.max([ring.max(0) for ring in rings], axis=0) + margin
        x0, y0 = max(0, int(low[0])), max(0, int(low[1]))
        x1 = min(self.image.width, int(np.ceil(high[0])) + 1)
        y1 = min(self.image.height, int(np.ceil(high[1])) + 1)
        return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None


def _gradient(
    paint: Gradient, box: Box, origin: tuple[int, int], unit: float
) -> tuple[Image.Image, Image.Image | None]:
    """Give the colours of a gradient over ``box`` and, unless it is opaque, their opacity."""
    x0, y0 = (paint.start[0] * unit - origin[0], paint.start[1] * unit - origin[1])
    x1, y1 = (paint.end[0] * unit - origin[0], paint.end[1] * unit - origin[1])
    size = (box[2] - box[0], box[3] - box[1])
    upright = not paint.radial and abs(x1 - x0) < 1e-6
    coarse = (1, size[1]) if upright else (min(size[0], 2 + size[0] // 3), min(size[1], 2 + size[1] // 3))
    px = box[0] + (np.arange(coarse[0], dtype=np.float32) + 0.5) * (size[0] / coarse[0])
    py = box[1] + (np.arange(coarse[1], dtype=np.float32)[:, None] + 0.5) * (size[1] / coarse[1])
    length = max((x1 - x0) ** 2 + (y1 - y0) ** 2, 1e-9)
    if paint.radial:
        t = np.sqrt(((px - x0) ** 2 + (py - y0) ** 2) / length)
    else:
        t = ((px - x0) * (x1 - x0) + (py - y0) * (y1 - y0)) / length
    offsets = [stop[0] for stop in paint.stops]
    spread = [np.interp(t, offsets, [stop[1][c] for stop in paint.stops]) for c in range(3)]
    fill = Image.fromarray((np.stack(spread, -1) + 0.5).astype(np.uint8))
    fill = fill.resize(size, Image.Resampling.BILINEAR)
    if all(stop[2] >= 1 for stop in paint.stops):
        return fill, None
    veil = np.interp(t, offsets, [stop[2] * 255 for stop in paint.stops])
    veiled = Image.fromarray((veil + 0.5).astype(np.uint8)).resize(size, Image.Resampling.BILINEAR)
    return fill, veiled


def over(base: Image.Image, group: Image.Image, corner: tuple[int, int]) -> None:
    """Lay a group with premultiplied colours over an opaque image, in place."""
    box = (corner[0], corner[1], corner[0] + group.width, corner[1] + group.height)
    base.paste((0, 0, 0), box, group.getchannel("A"))
    base.paste(ImageChops.add(base.crop(box), group.convert("RGB")), corner)


def paint_layer(
    layer: Layer, unit: float, treatment: Treatment, box: Box, *, dust: float = 0.0
) -> Image.Image:
    """Paint one layer on nothing.

    Parameters
    ----------
    layer : Layer
        What to paint.
    unit : float
        Pixels per scene unit.
    treatment : Treatment
        The style.
    box : tuple of int
        (x0, y0, x1, y1), the pixels of the picture to paint.
    dust : float
        Grain in the shadows, 0..1.

    Returns
    -------
    PIL.Image.Image
        Mode RGBA with **premultiplied** colours, as large as ``box``.
    """
    group = Image.new("RGBA", (box[2] - box[0], box[3] - box[1]))
    canvas = _Canvas(group, (box[0], box[1]), unit, treatment)
    for shape in layer.shapes:
        canvas.paint(shape)
    strength = layer.relief * treatment.relief
    if strength > 0 and min(group.size) > 2:
        alpha = group.getchannel("A")
        reach = max(1.5, min(group.size) * 0.11)
        step = max(1, int(reach / 3))
        up, down = relief(alpha.reduce(step), reach / step, group.size, strength)
        if dust:
            up, down = _dusted(up, dust), _dusted(down, -dust)
        lighten(group, up, down)
        # light must not make a soft edge brighter than its own opacity
        red, green, blue, _ = group.split()
        group = Image.merge("RGBA", [*(ImageChops.darker(band, alpha) for band in (red, green, blue)), alpha])
    return group


def _dusted(light: Image.Image, dust: float) -> Image.Image:
    """Give light with a grain of its own strength."""
    gain = (grain(light.size) * np.float32(dust / 2)).astype(np.int16) + np.int16(32)
    return Image.fromarray(np.clip(np.asarray(light) * gain >> 5, 0, 255).astype(np.uint8))


def _box_of(layer: Layer, unit: float, size: tuple[int, int]) -> Box | None:
    x0, y0, x1, y1 = (value * unit for value in bounds(layer.shapes))
    box = (max(0, int(x0) - 4), max(0, int(y0) - 4), min(size[0], int(x1) + 5), min(size[1], int(y1) + 5))
    return box if box[2] > box[0] and box[3] > box[1] else None


def _reflect(image: Image.Image, mirror: Mirror, unit: float, treatment: Treatment, phase: float) -> None:
    """Draw what is above the waterline below it, in rows that waver more the nearer they are."""
    top, bottom = round(mirror.waterline * unit), min(image.height, round(mirror.bottom * unit))
    rows = bottom - top
    if rows < 1 or top < 1:
        return
    depth = np.arange(rows)
    source = np.clip(top - 1 - depth, 0, None)
    if rows > top:  # more water than there is picture above it: fold back
        source = np.abs(((top - 1 - depth) + top) % (2 * top) - top).clip(0, top - 1)
    above = np.asarray(image.crop((0, 0, image.width, top)))
    far = depth / unit
    sway = (np.sin(far * 260 / (1 + 5 * far) + phase) * 0.5 + np.sin(far * 97 + 2 * phase) * 0.3) * (
        0.002 + 0.02 * far
    )
    shift = np.round(sway * unit).astype(int)
    ripple = np.round(np.sin(far * 420 / (1 + 4 * far) + phase * 2) * far * 0.012 * unit).astype(int)
    source = np.clip(source + ripple, 0, top - 1)
    water = np.empty((rows, image.width, 3), np.uint8)
    own = np.array(treatment.colour(mirror.colour), np.float32)
    for row in range(rows):
        water[row] = np.roll(above[source[row]], shift[row], 0)
    clear = (mirror.clearness * (1 - 0.45 * depth / max(rows, 1))).astype(np.float32)
    scale = np.round(clear * 256).astype(np.uint16)[:, None, None]
    add = (own * (1 - clear[:, None])).astype(np.uint16)[:, None, :]
    image.paste(Image.fromarray(((water * scale >> 8) + add).astype(np.uint8)), (0, top))


def paint_scene(
    scene: Scene, size: tuple[int, int], treatment: Treatment, *, dust: float = 0.0, phase: float = 0.0
) -> Pixels:
    """Paint a scene, (H, W, 3) uint8.

    Parameters
    ----------
    scene : Scene
        What to paint.
    size : tuple of int
        (width, height) in pixels.
    treatment : Treatment
        The style.
    dust : float
        Grain in the shadows, 0..1.
    phase : float
        Where an animation stands, in radians: layers sway by their ``sway``.
    """
    unit = min(size) / min(scene.extent)
    image = Image.new("RGB", size, (255, 255, 255))
    for layer in scene.layers:
        if isinstance(layer, Mirror):
            _reflect(image, layer, unit, treatment, phase)
            continue
        shown = layer
        offset = (0, 0)
        if phase and layer.sway != (0.0, 0.0):
            # to the side and back, and down and up at half the pace: no two moments alike
            aside, down = np.sin(phase), 0.8 * (1 - np.cos(phase))
            offset = (-round(aside * layer.sway[0] * unit), -round(down * layer.sway[1] * unit))
        if shown.relief * treatment.relief > 0:
            box = _box_of(shown, unit, size)
            if box is not None:
                group = paint_layer(shown, unit, treatment, box, dust=dust)
                over(image, group, (box[0] - offset[0], box[1] - offset[1]))
            continue
        canvas = _Canvas(image, offset, unit, treatment)
        for shape in shown.shapes:
            canvas.paint(shape)
    return np.array(image)
