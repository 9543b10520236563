"""Whatever a person calls an image, as pixels in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from imgwidgets.errors import ImageInputError
from imgwidgets.images.inputs import array_to_uint8, to_input
from imgwidgets.images.pixels import decode, to_uint8, upright

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["picture"]


def picture(image: Any, *, what: str = "image") -> NDArray[np.uint8]:
    """Give an image's pixels.

    Parameters
    ----------
    image : path, bytes, PIL.Image.Image, numpy.ndarray, ResultImage, or an object with ``array`` or ``bytes``
        Arrays as for :func:`~imgwidgets.images.to_input`.
    what : str
        How errors call it.

    Returns
    -------
    numpy.ndarray
        ``(H, W, 3)`` or, with transparency, ``(H, W, 4)`` uint8.

    Raises
    ------
    ImageInputError
        Where it is something else, is damaged, or is a reference that only a provider can read.
    """
    if isinstance(image, np.ndarray):
        return array_to_uint8(image, what=what)
    if isinstance(image, Image.Image):
        return to_uint8(upright(image))
    pixels = getattr(image, "array", None)
    if isinstance(pixels, np.ndarray):
        return array_to_uint8(pixels, what=what)
    data = getattr(image, "bytes", None)
    given = to_input(data if isinstance(data, bytes) else image, what=what)
    if given.data is None:
        raise ImageInputError(
            f"{what}: {given!r} is a reference, and its pixels are needed here; give a file"
        )
    return decode(given.data, what=what)
