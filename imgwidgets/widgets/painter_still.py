"""The still picture of image and mask: what a notebook shows where no kernel runs."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

from imgwidgets.widgets import text

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from imgwidgets.images import Mask
    from imgwidgets.widgets.painter_picture import Picture

__all__ = ["still_html"]

EDGE = 480
"""Pixels of the picture's longer edge."""

BYTES = 45_000
"""What it may add to a notebook, before base64."""


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
        about = f"{mask.area:,} of them are selected"
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
    said = text.attribute(f"An image of {width} by {height} pixels; {about}")
    return (
        f'<div class="imgwidgets-still"><img width="{size[0]}" height="{size[1]}" alt="{said}" '
        'style="max-width:100%;height:auto" '
        f'src="data:image/webp;base64,{base64.b64encode(data).decode()}"></div>'
    )
