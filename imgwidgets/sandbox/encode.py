"""From pixels to files. No file carries a date or a name: the same pixels give the same bytes."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    import numpy.typing as npt

    from imgwidgets.sandbox.plan import Plan

    Pixels = npt.NDArray[np.uint8]

__all__ = ["MEDIA_TYPES", "animated", "encoded"]

MEDIA_TYPES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "svg": "image/svg+xml",
}
"""The API's name of a format -> media type."""

# How far a frame of an animation comes nearer, at most.
_ZOOM = 0.12
# Cells along the longer edge of a traced picture.
_CELLS = 96


def encoded(pixels: Pixels, plan: Plan) -> bytes:
    """Give the file in the plan's format.

    Parameters
    ----------
    pixels : array
        ``(H, W, 3 or 4) uint8``.
    plan : Plan
        Format, compression, frames.
    """
    if plan.output_format == "svg":
        return traced(pixels)
    if plan.output_format == "gif":
        return animated(approach(Image.fromarray(pixels), plan.frames), plan.frame_milliseconds)
    picture = Image.fromarray(pixels)
    target = io.BytesIO()
    if plan.output_format == "jpeg":
        flattened(picture).save(target, "JPEG", quality=plan.compression)
    elif plan.output_format == "webp":
        # Method 2 of 6: the files are a little larger and made in half the time.
        picture.save(target, "WEBP", quality=plan.compression, method=2)
    else:
        # Level 3 of 9: 4K takes a third of the time, and the file is a sixth larger.
        picture.save(target, "PNG", compress_level=3)
    return target.getvalue()


def flattened(picture: Image.Image) -> Image.Image:
    """Put a transparent picture on white."""
    if picture.mode != "RGBA":
        return picture.convert("RGB")
    page = Image.new("RGBA", picture.size, "white")
    page.alpha_composite(picture)
    return page.convert("RGB")


def approach(picture: Image.Image, frames: int) -> list[Image.Image]:
    """Give an animation of one picture: the camera comes slowly nearer and goes back again."""
    width, height = picture.size
    shots = []
    for index in range(frames):
        near = _ZOOM * (1 - math.cos(2 * math.pi * index / frames)) / 2
        inset = near * width / 2, near * height / 2
        box = (inset[0], inset[1], width - inset[0], height - inset[1])
        shots.append(picture.resize((width, height), Image.Resampling.BILINEAR, box=box))
    return shots


def animated(shots: list[Image.Image], milliseconds: int) -> bytes:
    """Give a GIF that repeats forever."""
    target = io.BytesIO()
    shots[0].save(
        target,
        "GIF",
        save_all=True,
        append_images=shots[1:],
        duration=round(milliseconds / 10) * 10,
        loop=0,
        disposal=2,
        optimize=False,
    )
    return target.getvalue()


def traced(pixels: Pixels) -> bytes:
    """Give the picture as SVG: rectangles of one colour each, nothing embedded."""
    height, width = pixels.shape[:2]
    scale = max(1.0, max(width, height) / _CELLS)
    cells = (max(1, round(width / scale)), max(1, round(height / scale)))
    small = Image.fromarray(pixels).convert("RGBA").resize(cells, Image.Resampling.BOX)
    grid = np.asarray(small).copy()
    # Sixteen steps of each colour let neighbours run together.
    grid[..., :3] = np.minimum(255, (grid[..., :3].astype(np.int16) + 8) // 17 * 17)
    start = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {cells[0]} {cells[1]}" preserveAspectRatio="none" shape-rendering="crispEdges">'
    )
    rows = ("".join(_runs(row, y)) for y, row in enumerate(grid.tolist()))
    return "".join([start, *rows, "</svg>"]).encode()


def _runs(row: list[Any], y: int) -> list[str]:
    rectangles, start = [], 0
    for x in range(1, len(row) + 1):
        if x < len(row) and row[x] == row[start]:
            continue
        red, green, blue, alpha = row[start]
        if alpha:
            opacity = f' fill-opacity="{alpha / 255:.2f}"' if alpha < 255 else ""
            colour = f'fill="#{red:02x}{green:02x}{blue:02x}"{opacity}'
            rectangles.append(f'<rect x="{start}" y="{y}" width="{x - start}" height="1" {colour}/>')
        start = x
    return rectangles
