"""Painting with ipycanvas alone, where the companion cannot run: slower, but it works everywhere."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageColor

from imgwidgets.widgets.canvas import drawing, put_picture

if TYPE_CHECKING:
    from collections.abc import Callable

    import ipycanvas
    import numpy.typing as npt

    from imgwidgets.widgets.painter_core import Core

__all__ = ["IMAGE", "INK", "MASK", "PlainHand", "draw_mask"]

IMAGE, MASK, INK = range(3)
"""The layers, from below. The last one receives ipycanvas' events."""

_KEY = "ipycanvas"


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
        Gives (radius in image pixels, erase, colour of the ink).
    done : callable
        Called after a change; its argument tells whether a stroke has ended.
    """

    def __init__(
        self,
        canvas: ipycanvas.MultiCanvas,
        core: Core,
        brush: Callable[[], tuple[float, bool, str]],
        done: Callable[..., None],
    ) -> None:
        self._canvas = canvas
        self._core = core
        self._brush = brush
        self._done = done
        self._last: tuple[float, float] | None = None
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
            self._core.end(_KEY)
        self._done(finished=True)
        with drawing(self._canvas):
            self._canvas[INK].clear()

    def _draw(self, x: float, y: float) -> None:
        radius, erase, colour = self._brush()
        width, height = self._core.canvas.size
        sx, sy = width / self._canvas.width, height / self._canvas.height
        self._core.draw(_KEY, np.array([[x * sx, y * sy]]), np.array([radius]), erase=erase)
        with drawing(self._canvas):
            ink = self._canvas[INK]
            ink.stroke_style = colour
            ink.line_cap = "round"
            ink.line_width = 2 * radius / sx
            ink.stroke_line(*(self._last or (x, y)), x, y)
        self._last = (x, y)


def draw_mask(
    canvas: ipycanvas.MultiCanvas,
    rect: tuple[int, int, int, int],
    coverage: npt.NDArray[np.uint8],
    *,
    colour: str,
    opacity: float,
) -> None:
    """Draw a part of the mask on its layer, with ipycanvas itself.

    Parameters
    ----------
    canvas : ipycanvas.MultiCanvas
        The painter's.
    rect : (x, y, w, h)
        Where it goes, in canvas pixels.
    coverage : (h, w) uint8
        255 = edit.
    colour, opacity
        Of the overlay.
    """
    pixels = np.empty((*coverage.shape, 4), np.uint8)
    pixels[:, :, :3] = ImageColor.getrgb(colour)[:3]
    pixels[:, :, 3] = np.rint(coverage * np.float32(opacity))
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "png", compress_level=1)
    layer: Any = canvas[MASK]
    with drawing(canvas):
        layer.clear_rect(*rect)
        put_picture(layer, buffer.getvalue(), rect[0], rect[1])
