"""The one place that draws with ipycanvas, made safe.

ipycanvas sends all drawing of a process through one manager, and its front end chains what arrives on
one promise. Three things would therefore break every canvas in the notebook, not only ours: an exception
inside ``hold_canvas`` (buffering stays on, and nothing is drawn any more), a picture that the browser
cannot decode (the promise never settles), and a command for a canvas that a reloaded page has not
switched to. Each is prevented here.
"""

from __future__ import annotations

import io
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import ipycanvas
from ipycanvas.canvas import COMMANDS
from PIL import Image

from imgwidgets.errors import ImageInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["drawing", "put_picture"]

# ipycanvas' buffer belongs to the whole process, so its lock does too.
_LOCK = threading.RLock()


@contextmanager
def drawing(canvas: ipycanvas.MultiCanvas) -> Iterator[ipycanvas.MultiCanvas]:
    """Collect drawing on a canvas and send it in one message, or nothing of it after an exception.

    Parameters
    ----------
    canvas : ipycanvas.MultiCanvas
        What is drawn on.

    Yields
    ------
    ipycanvas.MultiCanvas
        The same canvas.

    Examples
    --------
    >>> canvas = ipycanvas.MultiCanvas(2, width=64, height=48)
    >>> with drawing(canvas):
    ...     canvas[1].fill_rect(0, 0, 8, 8)
    """
    manager = canvas._canvas_manager  # noqa: SLF001 (ipycanvas offers no other way to undo its buffering)
    with _LOCK:
        # A page that was loaded again has forgotten which canvas is current.
        manager._current_canvas = None  # noqa: SLF001 (as above)
        outer = manager._caching  # noqa: SLF001 (as above)
        held = len(manager._commands_cache), len(manager._buffers_cache)  # noqa: SLF001 (as above)
        try:
            with ipycanvas.hold_canvas():
                yield canvas
        except BaseException:
            # What an outer hold_canvas has collected stays; ours goes.
            del manager._commands_cache[held[0] :]  # noqa: SLF001 (as above)
            del manager._buffers_cache[held[1] :]  # noqa: SLF001 (as above)
            manager._caching = outer  # noqa: SLF001 (as above)
            raise
        finally:
            manager._current_canvas = None  # noqa: SLF001 (as above)


def put_picture(layer: ipycanvas.Canvas, data: bytes, x: int = 0, y: int = 0) -> None:
    """Draw an encoded picture on a layer in its own size.

    ``put_image_data`` would encode an array itself: RGB as JPEG with visible errors, RGBA as a PNG of
    several megabytes.

    Parameters
    ----------
    layer : ipycanvas.Canvas
        What is drawn on.
    data : bytes
        A PNG, JPEG or WebP file.
    x, y : int
        Where its top-left corner goes, in canvas pixels.

    Raises
    ------
    ImageInputError
        Where it cannot be decoded; nothing is sent then.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as picture:
            picture.load()
    except Exception as error:  # decoders raise nearly anything on damaged bytes
        raise ImageInputError(f"a picture for the canvas cannot be decoded: {error}") from error
    manager: Any = layer._canvas_manager  # noqa: SLF001 (put_image_data takes no encoded picture)
    manager.send_draw_command(layer, COMMANDS["putImageData"], [x, y], [data])
