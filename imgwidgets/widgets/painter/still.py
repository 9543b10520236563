"""The still picture of image and mask: what a notebook shows where no kernel runs."""

from __future__ import annotations

import base64
import io
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any

from IPython import display, get_ipython

from imgwidgets.widgets import text

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

    from imgwidgets.images import Mask
    from imgwidgets.widgets.painter.picture import Picture

__all__ = ["Still", "still_html"]

EDGE = 480
"""Pixels of the picture's longer edge."""

BYTES = 45_000
"""What it may add to a notebook, before base64."""

QUIET = 1.0
"""Seconds without a change until the still picture is drawn anew."""


class Still:
    """The output with the still picture, kept as the painter is: what is saved is what was painted.

    A change made by hand is shown when the hand has rested for a moment; what a cell has done, at the
    cell's end, so that a notebook that runs without a person holds it too.

    Parameters
    ----------
    draw : callable
        Gives the picture as HTML.
    """

    def __init__(self, draw: Callable[[], str]) -> None:
        self._draw = draw
        self._id = f"imgwidgets-{uuid.uuid4().hex}"
        self._lock = threading.Lock()
        self._shell: Any = None  # where it is shown; None while it is nowhere
        self._timer: threading.Timer | None = None
        self._changed: float | None = None  # when, on the clock; None where the output is up to date

    def show(self) -> None:
        """Put the picture into the present cell's output."""
        shell = get_ipython()
        with self._lock:
            self._changed = None
            if self._shell is None and shell is not None:
                self._shell = shell
                shell.events.register("post_execute", self.update)
        self._publish(update=False)

    def touch(self) -> None:
        """Hear that the painter has changed."""
        with self._lock:
            if self._shell is None:
                return
            self._changed = time.monotonic()
            if self._timer is None:
                self._wait(QUIET)

    def update(self) -> None:
        """Draw it anew where it is shown, if anything has changed."""
        with self._lock:
            if self._changed is None or self._shell is None:
                return
            self._changed = None
        self._publish(update=True)

    def close(self) -> None:
        """Leave the output as it is from now on."""
        with self._lock:
            shell, self._shell = self._shell, None
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        if shell is not None:
            shell.events.unregister("post_execute", self.update)

    def _wait(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._look)
        self._timer.daemon = True
        self._timer.start()

    def _look(self) -> None:
        with self._lock:
            self._timer = None
            if self._changed is None or self._shell is None:
                return
            left = self._changed + QUIET - time.monotonic()
            if left > 0:
                self._wait(left)
                return
        self.update()

    def _publish(self, *, update: bool) -> None:
        display.publish_display_data(  # type: ignore[no-untyped-call]
            {"text/html": self._draw()}, transient={"display_id": self._id}, update=update
        )


def still_html(
    picture: Picture, mask: Mask, *, colour: str, opacity: float, markup: npt.NDArray[np.uint8] | None = None
) -> str:
    """Give image and mask, or image and markup, as one small picture in HTML.

    With widget state stored, exporters show nothing of a bundle that also names a widget, so this is an
    output of its own; the painter's style sheet hides it where the painter lives.

    Parameters
    ----------
    picture, mask
        What is shown, and what lies over it.
    colour, opacity
        Of the overlay: ``#rrggbb``, and 0 to 1.
    markup : (H, W, 4) uint8, optional
        Lies over the picture instead of the mask.
    """
    width, height = picture.size
    scale = min(1.0, EDGE / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    if markup is None:
        image = picture.under(mask.alpha, size, colour=colour, opacity=opacity)
        about = "with a mask over it"
    else:
        image = picture.marked(markup, size)
        about = "drawn upon"
    data = b""
    for quality in (75, 50, 25, 5):
        buffer = io.BytesIO()
        image.save(buffer, "webp", method=4, quality=quality)
        data = buffer.getvalue()
        if len(data) <= BYTES:
            break
    said = text.attribute(f"An image of {width} by {height} pixels, {about}")
    return (
        f'<div class="imgwidgets-still"><img width="{size[0]}" height="{size[1]}" alt="{said}" '
        'style="max-width:100%;height:auto" '
        f'src="data:image/webp;base64,{base64.b64encode(data).decode()}"></div>'
    )
