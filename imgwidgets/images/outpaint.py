"""Room around a picture, and the mask that says: draw here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from PIL import Image

from imgwidgets.errors import ImageInputError
from imgwidgets.images.mask import Mask
from imgwidgets.images.mask_limits import check_size, whole
from imgwidgets.images.pictures import picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Outpainting", "outpaint"]


class Outpainting(NamedTuple):
    """An extended picture and the mask of what is new in it; unpacks as ``image, mask``."""

    image: Image.Image
    mask: Mask


def outpaint(  # noqa: PLR0913 (four sides and two choices)
    image: Any,
    *,
    left: int = 0,
    top: int = 0,
    right: int = 0,
    bottom: int = 0,
    overlap: int = 0,
    fill: Literal["edge", "mirror", "black", "transparent"] = "edge",
) -> Outpainting:
    """Extend a picture for an edit that draws its surroundings.

    Parameters
    ----------
    image : path, bytes, PIL.Image.Image, numpy.ndarray or ResultImage
        The picture.
    left, top, right, bottom : int
        Pixels to add on each side.
    overlap : int
        Pixels of the old picture, along each extended side, that may be redrawn as well: a seam that
        a model can work on.
    fill : {"edge", "mirror", "black", "transparent"}
        What to put into the border for the model to see: the outermost pixels drawn out, the picture
        mirrored, black, or nothing (which makes the picture RGBA).

    Returns
    -------
    Outpainting
        ``image`` (PIL, RGB or RGBA) and ``mask`` of the same size: the border is selected.

    Raises
    ------
    ImageInputError
        Where the picture cannot be read, or nothing would be added.

    Examples
    --------
    >>> import numpy as np
    >>> image, mask = outpaint(np.zeros((48, 64, 3), np.uint8), left=16, right=16)
    >>> image.size, mask.size, mask.area
    ((96, 48), (96, 48), 1536)
    """
    pixels = picture(image)
    height, width = pixels.shape[:2]
    left, top, right, bottom, overlap = whole((left, top, right, bottom, overlap), "outpaint", 0)
    if not any((left, top, right, bottom)):
        raise ImageInputError("outpaint adds nothing: say left=, top=, right= or bottom= in pixels")
    check_size((width + left + right, height + top + bottom), "the extended picture's size")
    mask = Mask.blank((width, height)).pad(left, top, right, bottom)
    if overlap:
        kept = (
            left + (overlap if left else 0),
            top + (overlap if top else 0),
            left + width - (overlap if right else 0),
            top + height - (overlap if bottom else 0),
        )
        if kept[0] >= kept[2] or kept[1] >= kept[3]:
            raise ImageInputError(
                f"an overlap of {overlap} pixels leaves nothing of a {width}x{height} picture"
            )
        mask = ~Mask.blank(mask.size).rectangle(kept)
    return Outpainting(Image.fromarray(_extended(pixels, (left, top, right, bottom), fill)), mask)


def _extended(pixels: NDArray[np.uint8], amounts: tuple[int, int, int, int], fill: str) -> NDArray[np.uint8]:
    left, top, right, bottom = amounts
    sides = ((top, bottom), (left, right), (0, 0))
    if fill == "edge":
        return np.pad(pixels, sides, mode="edge")
    if fill == "mirror":
        return np.pad(pixels, sides, mode="symmetric")
    if fill == "black":
        border = np.pad(pixels, sides)
        if border.shape[2] == 4:
            outside = np.ones(border.shape[:2], np.bool_)
            outside[top : top + pixels.shape[0], left : left + pixels.shape[1]] = False
            border[outside, 3] = 255
        return border
    if fill == "transparent":
        if pixels.shape[2] == 3:
            pixels = np.dstack((pixels, np.full(pixels.shape[:2], 255, np.uint8)))
        return np.pad(pixels, sides)
    raise ImageInputError(f"fill is 'edge', 'mirror', 'black' or 'transparent', not {fill!r}")
