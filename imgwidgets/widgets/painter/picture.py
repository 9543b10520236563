"""What the painter shows of an image and a mask: small, encoded, and only the part that changed."""

from __future__ import annotations

import io
import math
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageColor

from imgwidgets.errors import ImageInputError
from imgwidgets.images import ImageResult
from imgwidgets.images.pictures import picture

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]

__all__ = [
    "Box",
    "Picture",
    "coverage",
    "fit",
    "listed",
    "part_of",
    "patch",
    "read_picture",
    "squeezed",
    "tinted",
]

Box = tuple[int, int, int, int]
"""(left, top, right, bottom) in whole pixels, half-open as in Pillow's crop."""

WIDEST, HIGHEST = 900, 600
"""CSS pixels of the canvas: as wide as a cell, and low enough to be seen with its tools."""

_SMALLEST = 480  # CSS pixels: a tiny image is enlarged to this width, so that it can be painted on
_CHECK = 8  # pixels of a square behind transparent images


def fit(size: tuple[int, int], width: int | None = None) -> tuple[int, int]:
    """Give the canvas's (width, height) for an image.

    Parameters
    ----------
    size : (int, int)
        (width, height) of the image.
    width : int, optional
        CSS pixels that the canvas shall have; None fits it to a cell.

    Examples
    --------
    >>> fit((3840, 2160)), fit((1024, 1536)), fit((64, 64)), fit((3840, 2160), width=800)
    ((900, 506), (400, 600), (480, 480), (800, 450))
    """
    if width is not None:
        scale = width / size[0]
    else:
        scale = min(WIDEST / size[0], HIGHEST / size[1])
        scale = min(scale, max(1.0, _SMALLEST / size[0]))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


class Picture:
    """An image as the painter shows it: opaque, and in any size.

    Parameters
    ----------
    pixels : (H, W, 3) or (H, W, 4) uint8
        What is transparent is shown over a checkerboard.
    """

    def __init__(self, pixels: npt.NDArray[np.uint8]) -> None:
        image = Image.fromarray(pixels)
        if image.mode == "RGBA":
            ground = _checks(image.size)
            ground.paste(image, mask=image.getchannel("A"))
            image = ground
        self._image = image
        self._small: Image.Image | None = None  # for still pictures, which are drawn again and again
        self.size: tuple[int, int] = image.size

    @property
    def pixels(self) -> Pixels:
        """(H, W, 3) uint8: what a person sees, and wand and smart box too."""
        return np.asarray(self._image)

    def encoded(self, size: tuple[int, int], box: Box | None = None, *, quality: int = 92) -> bytes:
        """Give a part of the image, or all of it, in a size, as WebP."""
        part = self._image.resize(size, Image.Resampling.BOX if box else Image.Resampling.LANCZOS, box=box)
        buffer = io.BytesIO()
        part.save(buffer, "webp", method=0, quality=quality)
        return buffer.getvalue()

    def under(self, alpha: Pixels, size: tuple[int, int], *, colour: str, opacity: float) -> Image.Image:
        """Give the image with a mask over it, small, for a still picture."""
        image = self._resized(size)
        covered = Image.fromarray(alpha).resize(size, Image.Resampling.BOX)
        weight = covered.point([round((255 - level) * opacity) for level in range(256)])
        image.paste(colour, (0, 0, *size), weight)
        return image

    def marked(self, markup: Pixels, size: tuple[int, int]) -> Image.Image:
        """Give the image with a markup, (H, W, 4) uint8, over it, small, for a still picture."""
        image = self._resized(size)
        marks = Image.fromarray(markup).resize(size, Image.Resampling.BOX)
        image.paste(marks, mask=marks.getchannel("A"))
        return image

    def _resized(self, size: tuple[int, int]) -> Image.Image:
        small = self._small
        if small is None or small.size != size:
            small = self._small = self._image.resize(size, Image.Resampling.LANCZOS)
        return small.copy()


def _checks(size: tuple[int, int]) -> Image.Image:
    rows, columns = (np.arange(edge) // _CHECK for edge in (size[1], size[0]))
    light = ((rows[:, None] + columns[None, :]) % 2).astype(bool)
    return Image.fromarray(np.where(light, np.uint8(255), np.uint8(204))).convert("RGB")


def listed(image: Any) -> tuple[Any, ...]:
    """Give one image or several as a tuple.

    Raises
    ------
    ImageInputError
        For an empty list.
    """
    if not isinstance(image, list | tuple | ImageResult):
        return (image,)
    if not len(image):
        raise ImageInputError("image: got an empty list; give an image to paint on")
    return tuple(image)


def read_picture(image: Any) -> Picture:
    """Decode what a person calls an image: all that ``edit`` takes, except references.

    Of a list or an ``ImageResult`` it is the first, which is the one that a mask belongs to.

    Raises
    ------
    ImageInputError
        Where it is no image, is damaged, or is a URL or a file id, whose pixels only the provider has.
    """
    return Picture(picture(listed(image)[0], what="image"))


def coverage(alpha: Pixels, size: tuple[int, int]) -> Pixels:
    """Give how much of each pixel is to be edited (255 = all), in another size.

    Parameters
    ----------
    alpha : (H, W) uint8
        0 = edit.
    size : (int, int)
        (width, height) of what is returned.

    Returns
    -------
    (h, w) uint8
    """
    small: Pixels = np.asarray(Image.fromarray(alpha).resize(size, Image.Resampling.BOX))
    return ~small


def part_of(
    pixels: Pixels, box: Box | None, display: tuple[int, int]
) -> tuple[tuple[int, int, int, int], Pixels] | None:
    """Give what changed of a raster, in the size that the display has.

    Parameters
    ----------
    pixels : (H, W) or (H, W, 4) uint8
        In the image's own size.
    box : (left, top, right, bottom) or None
        Where it changed, in image pixels.
    display : (int, int)
        (width, height) of the display.

    Returns
    -------
    ((x, y, width, height), (height, width) or (height, width, 4) uint8) or None
        The part of the display, and its pixels; None where nothing changed.
    """
    height, width = pixels.shape[:2]
    if box is None:
        return None
    sx, sy = display[0] / width, display[1] / height
    x0, y0 = max(0, math.floor(box[0] * sx)), max(0, math.floor(box[1] * sy))
    x1, y1 = min(display[0], math.ceil(box[2] * sx)), min(display[1], math.ceil(box[3] * sy))
    if x1 <= x0 or y1 <= y0:
        return None
    # The pixels under the part, and where in them it begins: a slice spares copying all the mask.
    left, top = math.floor(x0 / sx), math.floor(y0 / sy)
    right, bottom = min(width, math.ceil(x1 / sx)), min(height, math.ceil(y1 / sy))
    inside = (
        x0 / sx - left,
        y0 / sy - top,
        min(x1 / sx - left, right - left),
        min(y1 / sy - top, bottom - top),
    )
    image = Image.fromarray(pixels[top:bottom, left:right])
    small = image.resize((x1 - x0, y1 - y0), Image.Resampling.BOX, box=inside)
    return (x0, y0, x1 - x0, y1 - y0), np.asarray(small)


def patch(
    alpha: Pixels, box: Box | None, display: tuple[int, int]
) -> tuple[tuple[int, int, int, int], Pixels] | None:
    """Give what changed of the mask: as :func:`part_of`, but its coverage (255 = edit).

    Examples
    --------
    >>> alpha = np.full((400, 600), 255, np.uint8)
    >>> alpha[100:200, 300:400] = 0
    >>> rect, part = patch(alpha, (300, 100, 400, 200), (300, 200))
    >>> rect, part.shape, int(part.min())
    ((150, 50, 50, 50), (50, 50), 255)
    """
    changed = part_of(alpha, box, display)
    return changed and (changed[0], np.invert(changed[1]))


def tinted(coverage: Pixels, colour: str, opacity: float) -> Pixels:
    """Give the overlay of a mask: one colour, as opaque as it is covered.

    Parameters
    ----------
    coverage : (h, w) uint8
        255 = edit.
    colour, opacity : str, float
        ``#rrggbb``, and 0 to 1.

    Returns
    -------
    (h, w, 4) uint8
    """
    pixels = np.empty((*coverage.shape, 4), np.uint8)
    pixels[:, :, :3] = ImageColor.getrgb(colour)[:3]
    pixels[:, :, 3] = np.rint(coverage * np.float32(opacity))
    return pixels


def squeezed(part: Pixels) -> bytes:
    """Compress coverage or markup for its way to the page, which inflates it by itself."""
    return zlib.compress(part.tobytes(), 1)
