"""Painting with ipycanvas alone, where the companion cannot run: slower, but it works everywhere."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from PIL import Image

from imgwidgets.widgets.canvas import drawing, put_picture

if TYPE_CHECKING:
    from collections.abc import Callable

    import ipycanvas
    import numpy.typing as npt

    from imgwidgets.widgets.painter.core import Core

__all__ = ["IMAGE", "INK", "MASK", "Brush", "PlainHand", "draw_part"]

IMAGE, MASK, INK = range(3)
"""The layers, from below. The last one receives ipycanvas' events."""

_KEY = "ipycanvas"


class Brush(NamedTuple):
    """What the next stroke is drawn with.

    Attributes
    ----------
    radius : float
        Image pixels.
    erase : bool
        Whether it takes away.
    color : str
        Of a mark: ``#rrggbb``; None paints on the mask.
    ink : str
        What the line looks like until then, as CSS has it.
    """

    radius: float
    erase: bool
    color: str | None
    ink: str


class PlainHand:
    """Turns ipycanvas' mouse and touch events into strokes.

    ipycanvas sends each move on its own and tells neither the button nor a release outside, so a stroke
    also ends where the mouse leaves the canvas.

    Parameters
    ----------
    canvas : ipycanvas.MultiCanvas
        Whose events count.
    core : Core
        What is painted on.
    brush : callable
        Gives the Brush, which counts for a whole stroke.
    done : callable
        Called after a change; its argument tells whether a stroke has ended.
    """

    def __init__(
        self,
        canvas: ipycanvas.MultiCanvas,
        core: Core,
        brush: Callable[[], Brush],
        done: Callable[..., None],
    ) -> None:
        self._canvas = canvas
        self._core = core
        self._brush = brush
        self._done = done
        self._last: tuple[float, float] | None = None
        self._with = brush()
        canvas.on_mouse_down(self._down)
        canvas.on_mouse_move(self._move)
        canvas.on_mouse_up(self._up)
        canvas.on_mouse_out(self._up)
        canvas.on_touch_start(lambda touches: self._down(*touches[0]) if touches else None)
        canvas.on_touch_move(lambda touches: self._move(*touches[0]) if touches else None)
        canvas.on_touch_end(lambda touches: None if touches else self._lift())
        canvas.on_touch_cancel(lambda _: self._lift())

    # ``done`` is called after the lock is given back: whoever hears of the change may take long, or paint.

    def _down(self, x: float, y: float) -> None:
        self._lift()  # one that was released where ipycanvas could not see it
        with self._core.lock:
            self._last = (x, y)
            self._with = self._brush()
            self._draw(x, y)
        self._done(finished=False)

    def _move(self, x: float, y: float) -> None:
        with self._core.lock:
            if self._last is None:
                return
            self._draw(x, y)
        self._done(finished=False)

    def _up(self, x: float, y: float) -> None:
        self._move(x, y)
        self._lift()

    def _lift(self) -> None:
        with self._core.lock:
            if self._last is None:
                return
            self._last = None
            brush = self._with
            if brush.color is None:
                self._core.end(_KEY)
            else:
                self._core.end_mark(_KEY, width=2 * brush.radius, color=brush.color, erase=brush.erase)
        self._done(finished=True)
        with drawing(self._canvas):
            self._canvas[INK].clear()

    def _draw(self, x: float, y: float) -> None:
        brush = self._with
        width, height = self._core.canvas.size
        sx, sy = width / self._canvas.width, height / self._canvas.height
        if brush.color is None:
            radii = np.array([brush.radius])
            self._core.draw(_KEY, np.array([[x * sx, y * sy]]), radii, erase=brush.erase)
        else:
            self._core.draw_mark(_KEY, np.array([[x * sx, y * sy, 1.0]]))
        with drawing(self._canvas):
            ink = self._canvas[INK]
            ink.stroke_style = brush.ink
            ink.line_cap = "round"
            ink.line_width = 2 * brush.radius / sx
            ink.stroke_line(*(self._last or (x, y)), x, y)
        self._last = (x, y)


def draw_part(
    canvas: ipycanvas.MultiCanvas, rect: tuple[int, int, int, int], pixels: npt.NDArray[np.uint8]
) -> None:
    """Put a part of the mask or the markup on its layer, with ipycanvas itself.

    Parameters
    ----------
    canvas : ipycanvas.MultiCanvas
        The painter's.
    rect : (x, y, w, h)
        Where it goes, in canvas pixels.
    pixels : (h, w, 4) uint8
        With transparency.
    """
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "png", compress_level=1)
    layer: Any = canvas[MASK]
    with drawing(canvas):
        layer.clear_rect(*rect)
        put_picture(layer, buffer.getvalue(), rect[0], rect[1])
