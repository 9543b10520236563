"""The painter's side of the conversation with the pages that show it."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING, Any

import ipycanvas
import ipywidgets
import numpy as np
from PIL import Image, ImageColor

from imgwidgets.errors import ImageInputError
from imgwidgets.images import select
from imgwidgets.widgets.canvas import drawing, put_picture
from imgwidgets.widgets.painter.companion import Companion
from imgwidgets.widgets.painter.picture import coverage, fit, part_of, patch, squeezed, tinted
from imgwidgets.widgets.painter.plain import IMAGE, INK, MASK, Brush, PlainHand, draw_part

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from imgwidgets.widgets.painter.core import Core
    from imgwidgets.widgets.painter.others import Other
    from imgwidgets.widgets.painter.picture import Box, Picture

__all__ = ["Pages"]

GRACE = 2.0
"""Seconds that a page's companion has to report, before ipycanvas draws alone."""

_LARGEST_DETAIL = 4096  # pixels of an edge of the part that a zoomed view asks for

# ipycanvas' own view stands beside the companion and is hidden; the companion takes it away when it
# runs. Where it does not run within these seconds, the view appears and paints by itself.
_STYLE = (
    "<style>@keyframes imgwidgets-wait{from,to{visibility:hidden;position:absolute}}"
    ".imgwidgets-painter>.imgwidgets-plain{animation:imgwidgets-wait 10s step-end}</style>"
)


class Pages:
    """Shows a picture and a mask in any number of pages, and takes up what they paint.

    A page whose companion runs gets the picture and the changed parts of the mask by custom message, and
    draws them on ipycanvas' layers itself (why: static/painter_surface.js). ipycanvas' own drawing serves
    the first display, which must not wait for an answer, and pages without the companion.

    Parameters
    ----------
    core : Core
        The mask and its strokes.
    picture : Picture
        What is painted on.
    width : int or None
        CSS pixels of the canvas; None fits it to a cell.
    changed : callable
        Called without arguments, and without any lock held, after pages have changed the mask.

    Attributes
    ----------
    canvas : ipycanvas.MultiCanvas
        Image, mask and ink.
    companion : Companion
        The painter's half in the browser.
    others : tuple of Other
        What is shown beside the picture, small.
    """

    def __init__(
        self, core: Core, picture: Picture, *, width: int | None, changed: Callable[[], None]
    ) -> None:
        self.picture = picture
        self.others: tuple[Other, ...] = ()
        self._core = core
        self._width = width
        self._changed = changed
        self._plain = False  # whether a page without the companion has been seen
        self._drawn = -math.inf
        self._heard = -math.inf
        self._waiting: threading.Timer | None = None
        self.canvas = ipycanvas.MultiCanvas(INK + 1, width=self.display[0], height=self.display[1])
        self.canvas.add_class("imgwidgets-plain")
        self.canvas.layout = ipywidgets.Layout(max_width="100%")
        self.companion = Companion(_canvas=self.canvas, **self._measures())
        style = ipywidgets.HTML(_STYLE, layout=ipywidgets.Layout(display="none"))
        # In this order, so that the first canvas in a page is the companion's.
        self.widgets = (self.companion, style, self.canvas)
        self._tell_status()
        self.companion.on_msg(self._on_message)
        self.companion.observe(lambda _: self._turn(), "mode")
        self.canvas.on_client_ready(self._on_client_ready)
        self._hand = PlainHand(self.canvas, core, self._brush, self._after_plain)

    @property
    def display(self) -> tuple[int, int]:
        """(width, height) of the canvas in pixels."""
        return fit(self.picture.size, self._width)

    def _measures(self) -> dict[str, Any]:
        size = self.picture.size
        return {"_size": size, "_display": self.display, "_largest_radius": max(8.0, max(size) / 4)}

    def close(self) -> None:
        """Leave all pages."""
        if self._waiting is not None:
            self._waiting.cancel()
        for widget in self.widgets:
            widget.close()

    # ---- what they hear --------------------------------------------------------------------------

    def show(self, picture: Picture, others: tuple[Other, ...] = ()) -> None:
        """Go on with another picture; the core already has a mask of its size."""
        with self._core.lock:
            self.picture, self.others = picture, others
            with drawing(self.canvas):  # a new size empties the layers
                self.canvas.width, self.canvas.height = self.display
            with self.companion.hold_sync():
                for name, value in self._measures().items():
                    setattr(self.companion, name, value)
            self._send_picture()
            self._send_others()
            if self._plain:
                self.draw()

    def tell(self, *, whole: bool = False) -> bool:
        """Tell pages what has changed; give whether anything was finished."""
        with self._core.lock:
            change = self._core.finished()
            if change is None and not whole:
                return False
            size = self.picture.size
            if whole or change is None:
                self._send_overlay((0, 0, *size), (0, 0, *size), fresh=True)
            else:
                self._send_overlay(change.box, change.marked)
            self._tell_status()
            return True

    def draw(self) -> None:
        """Draw picture and mask with ipycanvas itself, in all pages."""
        with self._core.lock:
            picture = self.picture.encoded(self.display)
            with drawing(self.canvas):
                put_picture(self.canvas[IMAGE], picture)
                self.canvas[MASK].clear()
            box = (0, 0, *self.picture.size)
            self._draw_parts(*self._parts(box, box))
            self._drawn = time.monotonic()

    def _parts(self, box: Box | None, marked: Box | None) -> tuple[Any, Any]:
        """Give what pages need of the mask and of the markup: (rect, pixels), or None."""
        layer = self._core.markup.layer
        mask = patch(self._core.canvas.mask.alpha, box, self.display)
        return mask, None if layer is None else part_of(layer, marked, self.display)

    def _draw_parts(self, mask: Any, marks: Any) -> None:
        look = self.companion
        if look.mode == "markup":
            if marks:
                draw_part(self.canvas, *marks)
        elif mask:
            rect, covered = mask
            draw_part(self.canvas, rect, tinted(covered, look.overlay_color, look.overlay_opacity))

    def _turn(self) -> None:
        """Show mask or markup: the companion does it by itself."""
        with self._core.lock:
            self._tell_status()
            if self._plain:
                self.draw()

    def _tell_status(self) -> None:
        core = self._core
        marking = self.companion.mode == "markup"
        canvas: Any = core.markup if marking else core.canvas
        width, height = canvas.size
        if marking:
            count = len(core.markup.marks)
            said = f"{count} mark{'s' * (count != 1)}" if count else "nothing drawn"
        else:
            area = core.canvas.mask.area
            share = 100 * area / (width * height)
            said = (
                f"{share:.1f} % selected" if share >= 0.05 else f"{area:,} pixel{'s' * (area != 1)} selected"
            )
            if not area:
                said = "nothing selected"
        with self.companion.hold_sync():
            self.companion.set_trait("_can_undo", canvas.can_undo)
            self.companion.set_trait("_can_redo", canvas.can_redo)
            self.companion.set_trait("_status", f"{said} · {width} × {height}")  # noqa: RUF001 (the sign for sizes)

    def _send_overlay(self, box: Box | None, marked: Box | None, *, fresh: bool = False) -> None:
        mask, marks = parts = self._parts(box, marked)
        content = {
            "kind": "overlay",
            "size": self.display,
            "done": self._core.inbox.done,
            "fresh": fresh,  # whether pages forget what they had
            "rect": mask and mask[0],
            "marked": marks and marks[0],
        }
        self.companion.send(content, [squeezed(part[1]) for part in parts if part])
        if self._plain:
            self._draw_parts(mask, marks)

    def _send_picture(self) -> None:
        self.companion.send({"kind": "picture"}, [self.picture.encoded(self.display)])

    def _send_detail(self, content: Mapping[str, Any]) -> None:
        """Send the part that a zoomed view shows, in the image's own pixels."""
        width, height = self.picture.size
        left, top, right, bottom = (int(number) for number in content["box"])
        w, h = (int(number) for number in content["size"])
        inside = 0 <= left < right <= width and 0 <= top < bottom <= height
        if not (inside and 0 < w <= _LARGEST_DETAIL and 0 < h <= _LARGEST_DETAIL):
            raise ImageInputError(f"the painter asked for a part that is not there: {dict(content)}")
        box, mode = (left, top, right, bottom), content.get("mode", "mask")
        buffers = [self._detail_of(box, (w, h), marking=mode == "markup")]
        if content.get("picture"):
            buffers.append(self.picture.encoded((w, h), box))
        answer = {"kind": "detail", "view": content["view"], "mode": mode, "box": box, "size": [w, h]}
        self.companion.send({**answer, "done": self._core.inbox.done}, buffers)

    def _detail_of(self, box: Box, size: tuple[int, int], *, marking: bool) -> bytes:
        left, top, right, bottom = box
        if not marking:
            return squeezed(coverage(self._core.canvas.mask.alpha[top:bottom, left:right], size))
        layer = self._core.markup.layer
        if layer is None:
            return squeezed(np.zeros((size[1], size[0], 4), np.uint8))
        part = Image.fromarray(layer[top:bottom, left:right]).resize(size, Image.Resampling.BOX)
        return squeezed(np.asarray(part))

    def _send_others(self) -> None:
        shown = [other.data is not None for other in self.others]
        content = {"kind": "others", "labels": [other.label for other in self.others], "shown": shown}
        self.companion.send(content, [other.data for other in self.others if other.data is not None])

    # ---- what they say ---------------------------------------------------------------------------

    def _on_message(self, _: Any, content: Any, buffers: Any) -> None:
        # ipywidgets would print an exception where nobody looks.
        try:
            self._handle(content, buffers)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is shown in the painter)
            self.companion.show_error(error)

    def _handle(self, content: Mapping[str, Any], buffers: Any) -> None:
        kind = content.get("kind")
        if kind == "hello":
            with self._core.lock:
                self._heard = time.monotonic()
                # At first display ipycanvas has the picture already on its way.
                if content.get("blank") and self._heard - self._drawn > 1:
                    self._send_picture()
                box = (0, 0, *self.picture.size)
                self._send_overlay(box, box, fresh=True)
                if self.others:
                    self._send_others()
            # Looking for OpenCV takes a moment, for which no picture shall wait.
            self.companion.set_trait("_can_select", select.available())
        elif kind == "picture":
            self._send_picture()
        elif kind == "detail":
            with self._core.lock:
                self._send_detail(content)
        else:
            self._take(content, buffers)

    def _take(self, content: Mapping[str, Any], buffers: Any) -> None:
        problems = self._core.receive(content, buffers)
        self._changed()
        missing = self._core.inbox.missing(str(content.get("client")))
        if missing:
            first, last = missing
            asked = {"kind": "missing", "client": content["client"], "from": first, "to": last}
            self.companion.send(asked)
        for problem in problems:
            self.companion.show_error(problem)
        if not problems and self.companion.error:
            self.companion.set_trait("error", "")

    # ---- pages without the companion -------------------------------------------------------------

    def _on_client_ready(self) -> None:
        """Wait for a new page's companion, and draw with ipycanvas alone where it does not come."""
        since = time.monotonic()

        def look() -> None:
            if self._heard < since and self.canvas.comm is not None:
                self._plain = True
                self.draw()

        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = threading.Timer(GRACE, look)
        self._waiting.daemon = True
        self._waiting.start()

    def _brush(self) -> Brush:
        look = self.companion
        marking, erase = look.mode == "markup", look.tool == "eraser"
        colour = look.markup_color if marking else look.overlay_color
        red, green, blue = ImageColor.getrgb(colour)[:3]
        ink = (
            "rgba(128, 128, 128, 0.5)" if erase else f"rgba({red}, {green}, {blue}, {1 if marking else 0.5})"
        )
        radius = look.markup_width / 2 if marking else look.brush_radius
        return Brush(radius, erase, colour if marking else None, ink)

    def _after_plain(self, *, finished: bool) -> None:
        self._plain = True
        if finished:
            self._changed()
