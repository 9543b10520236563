"""The sandbox's painter: pictures drawn from a prompt, in numpy and Pillow alone.

A prompt is read into a brief (`brief`), composed into a scene of plain shapes (`compose`), and that
scene is painted in a style (`paint`, `styles`) or written as SVG (`svg`). The same arguments always
give the same pixels.

Examples
--------
>>> picture = render("a red fox in snow", (96, 64))
>>> picture.shape, picture.dtype
((64, 96, 3), dtype('uint8'))
"""

from __future__ import annotations

from imgwidgets.sandbox.scene.collage import merge
from imgwidgets.sandbox.scene.edit import redraw
from imgwidgets.sandbox.scene.picture import frames, partial, render
from imgwidgets.sandbox.scene.svg import svg

__all__ = ["frames", "merge", "partial", "redraw", "render", "svg"]
