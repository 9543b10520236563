"""Scenes as SVG documents: the same shapes, no scripts, nothing from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import numpy as np

from imgwidgets.sandbox.scene.brief import read
from imgwidgets.sandbox.scene.colour import RGB, hexa, mix
from imgwidgets.sandbox.scene.compose import compose, extent_of, workable
from imgwidgets.sandbox.scene.picture import detail_of
from imgwidgets.sandbox.scene.shapes import Gradient, Layer, Mirror, Points, Shape
from imgwidgets.sandbox.scene.styles import treatment_for

if TYPE_CHECKING:
    from imgwidgets.sandbox.scene.paint import Treatment

__all__ = ["svg"]


def svg(
    prompt: str, size: tuple[int, int], take: int = 0, *, quality: str = "medium", style: str = ""
) -> str:
    """Draw a picture from a prompt as an SVG document.

    Parameters
    ----------
    prompt : str
        What to draw.
    size : tuple of int
        (width, height) in pixels.
    take : int
        Which take.
    quality : str
        As in `render`; more detail makes longer documents.
    style : str
        A style to prefer over what the prompt says; contours and colours follow it, paper does not.

    Returns
    -------
    str
        The document; it refers to nothing outside itself.

    Examples
    --------
    >>> svg("a fox", (64, 64)).startswith("<svg ")
    True
    """
    brief = read(prompt, style)
    room = workable(size)
    scene = compose(brief, extent_of(room), detail=detail_of(quality), take=take)
    writer = _Writer(room, treatment_for(brief.style))
    for layer in scene.layers:
        if isinstance(layer, Mirror):
            writer.mirror(layer)
        else:
            writer.layer(layer)
    return writer.document(brief.seed, size)


class _Writer:
    def __init__(self, size: tuple[int, int], treatment: Treatment) -> None:
        self.size, self.unit, self.treatment = size, min(size), treatment
        self.defs: list[str] = []
        self.body: list[str] = []

    def document(self, title: str, size: tuple[int, int]) -> str:
        room = f'viewBox="0 0 {self.size[0]} {self.size[1]}" preserveAspectRatio="none"'
        view = f'width="{size[0]}" height="{size[1]}" {room}'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {view}>'
        # characters that XML forbids must not make a picture unreadable
        text = escape("".join(c for c in title[:200] if c.isprintable()))
        return "".join([head, f"<title>{text}</title><defs>", *self.defs, "</defs>", *self.body, "</svg>"])

    def layer(self, layer: Layer) -> None:
        self.body.append(f'<g class="{escape(layer.name)}">')
        self.body.extend(self.shape(shape) for shape in layer.shapes)
        self.body.append("</g>")

    def mirror(self, mirror: Mirror) -> None:
        """Write what is there so far once more, upside down in a window below the waterline."""
        line, bottom = mirror.waterline * self.unit, mirror.bottom * self.unit
        window = f'<rect x="0" y="{line:.1f}" width="{self.size[0]}" height="{bottom - line:.1f}"/>'
        self.defs.append(f'<clipPath id="water">{window}</clipPath>')
        above = list(self.body)
        self.body.append(f'<g clip-path="url(#water)" opacity="{mirror.clearness * 0.8:.2f}">')
        self.body.append(f'<g transform="matrix(1 0 0 -1 0 {2 * line:.1f})">')
        self.body.extend([*above, "</g></g>"])

    def shape(self, shape: Shape) -> str:
        paint = self.paint(shape.paint, airy=not shape.outline)
        faint = f' opacity="{shape.opacity:.2f}"' if shape.opacity < 1 else ""
        path = " ".join(self.path(ring, closed=not shape.width) for ring in shape.rings)
        if shape.width:
            pen = f'stroke="{paint}" stroke-width="{shape.width * self.unit:.1f}" stroke-linecap="round"'
            return f'<path d="{path}" fill="none" {pen}{faint}/>'
        contour = ""
        if self.treatment.line and shape.outline > 0.05:
            fill = shape.paint.stops[0][1] if isinstance(shape.paint, Gradient) else shape.paint
            line = hexa(self.treatment.line_colour(fill))
            width = self.treatment.line * self.unit * shape.outline
            contour = f' stroke="{line}" stroke-width="{width:.1f}" stroke-linejoin="round"'
        return f'<path d="{path}" fill="{paint}"{contour}{faint}/>'

    def path(self, ring: Points, *, closed: bool) -> str:
        # beyond the frame nothing is seen, and short numbers keep the document small
        reach = 2.0 * max(self.size)
        points = np.clip(ring * self.unit, -reach, reach)
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points.tolist()) + ("Z" if closed else "")

    def paint(self, paint: RGB | Gradient, *, airy: bool) -> str:
        treatment = self.treatment

        def colour(own: RGB) -> str:
            styled = treatment.colour(own)
            return hexa(mix(styled, treatment.paper, treatment.air) if airy else styled)

        if not isinstance(paint, Gradient):
            return colour(paint)
        name = f"g{len(self.defs)}"
        (x0, y0), (x1, y1) = [(x * self.unit, y * self.unit) for x, y in (paint.start, paint.end)]
        stops = "".join(
            f'<stop offset="{offset:.3f}" stop-color="{colour(own)}"'
            + (f' stop-opacity="{opacity:.2f}"/>' if opacity < 1 else "/>")
            for offset, own, opacity in paint.stops
        )
        units = f'id="{name}" gradientUnits="userSpaceOnUse"'
        if paint.radial:
            radius = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
            place = f'cx="{x0:.1f}" cy="{y0:.1f}" r="{radius:.1f}"'
            self.defs.append(f"<radialGradient {units} {place}>{stops}</radialGradient>")
        else:
            place = f'x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}"'
            self.defs.append(f"<linearGradient {units} {place}>{stops}</linearGradient>")
        return f"url(#{name})"
