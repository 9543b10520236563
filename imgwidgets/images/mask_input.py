"""Whatever a person calls a mask, as the PNG that the provider wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from imgwidgets.catalog.request import ImageInput
from imgwidgets.errors import ImageInputError
from imgwidgets.images.inputs import to_input
from imgwidgets.images.mask import Mask

if TYPE_CHECKING:
    from imgwidgets.images.result import ResultImage

__all__ = ["GivenMask", "read_mask", "to_mask"]


class GivenMask(NamedTuple):
    """A mask as it is sent, a remark on how it was understood, and whether it selects nothing at all.

    The remark is empty where the mask is sent as it was given; a file that is sent unread counts as not
    empty.
    """

    image: ImageInput
    note: str = ""
    empty: bool = False


def to_mask(
    mask: Mask | ResultImage | Any,
    *,
    size: tuple[int, int] | None = None,
    resize: bool = False,
    max_bytes: int | None = None,
) -> ImageInput:
    """Take a mask in any usual form, and give the PNG that an edit sends (alpha 0 = edit).

    Parameters
    ----------
    mask : Mask, numpy.ndarray, path, bytes, PIL.Image.Image, ResultImage, URL or {"file_id": ...}
        An array ``(H, W)`` is bool (True = edit) or uint8 alpha (0 = edit); of ``(H, W, 4)`` only the alpha
        counts. A PNG with transparency is sent as it is. References are passed on unread.
    size : (int, int), optional
        (width, height) of the image that it belongs to; None where that is not known.
    resize : bool, default False
        Whether a mask of another size is scaled to the image's; else it is an error.
    max_bytes : int, optional
        The provider's limit: a larger file is written anew, with stronger compression.

    Raises
    ------
    ImageInputError
        For an empty or damaged file, another size, or something that is no mask.

    Examples
    --------
    >>> import numpy as np
    >>> selected = np.zeros((48, 64), bool)
    >>> to_mask(selected, size=(64, 48)).format
    'png'
    >>> to_mask(selected, size=(128, 96))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    imgwidgets.errors.ImageInputError: the mask is 64x48, but its image is 128x96: ...
    """
    return read_mask(mask, size=size, resize=resize, max_bytes=max_bytes).image


def read_mask(
    mask: Mask | ResultImage | Any,
    *,
    size: tuple[int, int] | None = None,
    resize: bool = False,
    max_bytes: int | None = None,
) -> GivenMask:
    """As :func:`to_mask`, with a remark on how the mask was understood."""
    given = _pixels(mask)
    if isinstance(given, ImageInput):
        if given.data is None:
            return GivenMask(given)  # only the provider can read it
        fits = size is None or given.size == size
        small = max_bytes is None or len(given.data) <= max_bytes
        if given.format == "png" and given.has_alpha and fits and small:
            return GivenMask(given)
        if not given.has_alpha:
            # Black and white could mean either, and a wrong guess is paid for.
            raise ImageInputError(
                f"the mask is a {given.format or 'picture'} without transparency, so it does not say where "
                "to edit: give a PNG with alpha 0 there, or iw.Mask.from_image(mask, "
                "source='white_is_edit') (or 'luminance', where black marks what to edit)"
            )
        given = Mask.from_image(given.data, source="alpha")
    note = f"mask: {given.note}" if given.note else ""
    if size is not None and given.size != size:
        if not resize:
            raise ImageInputError(
                f"the mask is {given.size[0]}x{given.size[1]}, but its image is {size[0]}x{size[1]}: "
                "make it as large as the image, or pass resize_mask=True to have it scaled"
            )
        given = given.resize(size)
    data = given.to_png(max_bytes=max_bytes)
    sent = ImageInput(data=data, format="png", size=given.size, has_alpha=True, name="mask.png")
    return GivenMask(sent, note, empty=not (given.alpha < 255).any())


def _pixels(mask: Any) -> Mask | ImageInput:
    if isinstance(mask, Mask):
        return mask
    if isinstance(mask, np.ndarray):
        return Mask.from_array(mask)
    if isinstance(mask, bool | int | float | list | tuple) or mask is None:
        raise ImageInputError(
            f"mask: got {type(mask).__name__}; give an imgwidgets.Mask, a (H, W) bool array (True = edit), "
            "a (H, W) uint8 array (alpha, 0 = edit), or a PNG with transparency as path, bytes or PIL image"
        )
    return to_input(mask, what="mask")
