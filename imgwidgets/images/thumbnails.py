"""Small pictures for lists and grids."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image

from imgwidgets.images.header import sniff
from imgwidgets.images.pixels import open_image, to_uint8

if TYPE_CHECKING:
    from imgwidgets.images.result import ResultImage

__all__ = ["thumbnail"]


def thumbnail(image: bytes | ResultImage, edge: int = 256) -> tuple[bytes, str]:
    """Make a small WebP of an image, keeping its proportions and its transparency.

    Parameters
    ----------
    image : bytes or ResultImage
        A complete file.
    edge : int, default 256
        Pixels of the longer edge; a smaller image is not enlarged.

    Returns
    -------
    (bytes, str)
        The file and its media type. An SVG is small already and comes back as it is.

    Raises
    ------
    ImageInputError
        Where the bytes are no image or are damaged.

    Examples
    --------
    >>> import io
    >>> from PIL import Image
    >>> buffer = io.BytesIO()
    >>> Image.new("RGB", (640, 480), "teal").save(buffer, "png")
    >>> data, media_type = thumbnail(buffer.getvalue(), edge=64)
    >>> media_type, Image.open(io.BytesIO(data)).size
    ('image/webp', (64, 48))
    """
    data = image if isinstance(image, bytes) else image.bytes
    if sniff(data).format == "svg":
        return data, "image/svg+xml"
    small = open_image(data, edge=edge)
    if small.mode not in ("RGB", "RGBA"):
        small = _convert(small)
    buffer = io.BytesIO()
    small.save(buffer, "webp", method=0, quality=80)
    return buffer.getvalue(), "image/webp"


def _convert(image: Image.Image) -> Image.Image:
    return Image.fromarray(to_uint8(image))
