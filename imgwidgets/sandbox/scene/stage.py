"""What the builders of a scene share: the picture's shape, its light, its luck."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imgwidgets.sandbox.scene.chance import generator
from imgwidgets.sandbox.scene.colour import RGB, shade
from imgwidgets.sandbox.scene.shapes import Gradient, Layer, Mirror, Points, Shape

if TYPE_CHECKING:
    from imgwidgets.sandbox.scene.brief import Brief
    from imgwidgets.sandbox.scene.palette import Palette

__all__ = ["Stage"]


class Stage:
    """A scene while it is built.

    Parameters
    ----------
    extent : tuple of float
        (width, height) in scene units.
    brief : Brief
        What is asked for.
    palette : Palette
        Its colours.
    key : tuple of str or int
        The prompt and the take: the source of chance.
    detail : int
        1 (low) to 5 (max).

    Examples
    --------
    >>> from imgwidgets.sandbox.scene import brief, chance, palette
    >>> asked = brief.read("dawn")
    >>> Stage((1.0, 1.0), asked, palette.choose(asked, chance.generator(0)), ("dawn", 0), 3).layers
    []
    """

    def __init__(
        self,
        extent: tuple[float, float],
        brief: Brief,
        palette: Palette,
        key: tuple[str | int, ...],
        detail: int,
    ) -> None:
        self.width, self.height = extent
        self.brief, self.palette, self.key, self.detail = brief, palette, key, detail
        self.horizon = self.height * float(self.luck("horizon").uniform(0.54, 0.64))
        self.focus = self.width / 2  # where the subject stands
        self.sun = (self.width * 0.25, self.height * 0.2)
        self.layers: list[Layer | Mirror] = []

    def add(
        self, name: str, shapes: list[Shape], *, relief: float = 0.0, sway: tuple[float, float] = (0.0, 0.0)
    ) -> None:
        """Put a layer in front of those that are there."""
        if shapes:
            self.layers.append(Layer(name, tuple(shapes), relief if self.detail > 1 else 0.0, sway))

    def luck(self, name: str) -> np.random.Generator:
        """Give chance for one part, so that more detail in another part changes nothing here."""
        return generator(*self.key, name)

    def columns(self, step: float = 0.012) -> Points:
        """Give x positions from a little left of the picture to a little right of it."""
        count = max(24, min(700, round((self.width + 0.2) / step)))
        return np.linspace(-0.1, self.width + 0.1, count)

    def below(self, xs: Points, ys: Points) -> Points:
        """Give the ring between a skyline and the picture's lower edge."""
        floor = self.height + 0.1
        return np.concatenate([np.stack([xs, ys], 1), [(xs[-1], floor), (xs[0], floor)]])

    def fall(self, ring: Points, top: RGB, bottom: RGB, *, depth: float = 0.0) -> RGB | Gradient:
        """Give a paint from ``top`` to ``bottom`` over a ring's height, or over ``depth`` from its top."""
        if self.detail == 1:
            return top
        y0 = float(ring[:, 1].min())
        y1 = y0 + depth if depth else min(float(ring[:, 1].max()), self.height)
        return Gradient((0.0, y0), (0.0, max(y1, y0 + 1e-3)), ((0.0, top, 1.0), (1.0, bottom, 1.0)))

    def glow(self, x: float, y: float, radius: float, colour: RGB, strength: float) -> Shape:
        """Give light around a point."""
        ring = np.array(
            [
                (x - radius, y - radius),
                (x + radius, y - radius),
                (x + radius, y + radius),
                (x - radius, y + radius),
            ]
        )
        stops = ((0.0, colour, strength), (0.35, colour, strength * 0.45), (1.0, colour, 0.0))
        return Shape((ring,), Gradient((x, y), (x + radius, y), stops, radial=True), outline=0.0)

    def shadow(self, x: float, y: float, rx: float, ry: float, strength: float = 0.42) -> Shape:
        """Give the soft shadow of a thing that stands at (x, y)."""
        tone = shade(self.palette.under(self.palette.deep), -0.75)
        angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        ring = np.stack([x + rx * np.cos(angles), y + ry * np.sin(angles)], 1)
        return Shape((ring,), tone, strength * 0.55, outline=0.0)
