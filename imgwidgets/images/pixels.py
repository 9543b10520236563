"""Files to pixels and back, with a bound: the only place where an image is decoded."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageOps

from imgwidgets.errors import ImageInputError
from imgwidgets.images.header import sniff

if TYPE_CHECKING:
    import numpy.typing as npt

    from imgwidgets.images.header import Header

__all__ = ["MAX_PIXELS", "decode", "encode_png", "open_image", "to_uint8", "upright"]

MAX_PIXELS = 89_000_000
"""More is refused before decoding: it would take 356 MB as RGBA, and Pillow itself calls it a bomb."""

_DECODERS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")

_SMOOTH = ("L", "LA", "RGB", "RGBA", "CMYK", "YCbCr")  # modes that Pillow resamples well

# EXIF orientation -> what turns the stored pixels upright
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def open_image(data: bytes | memoryview, *, what: str = "image", edge: int | None = None) -> Image.Image:
    """Decode the first picture of a file, upright.

    Parameters
    ----------
    data : bytes
        A complete file.
    what : str
        How errors call it.
    edge : int, optional
        Pixels: no more than this along the longer edge is needed, which makes large files much quicker.

    Returns
    -------
    PIL.Image.Image
        Loaded, in its own mode, with EXIF rotation applied.

    Raises
    ------
    ImageInputError
        Where the bytes are no image, are damaged, or hold more than ``MAX_PIXELS``.
    """
    header = sniff(data)
    if header.format == "svg":
        raise ImageInputError(f"{what}: an svg holds drawing commands, not pixels; convert it to png first")
    if not header.format or header.size is None:
        raise ImageInputError(f"{what}: these {len(data):,} bytes are no image file that can be read here")
    _bound(header.size, what)
    try:
        image: Image.Image = Image.open(io.BytesIO(data), formats=_DECODERS)
        _bound(image.size, what)
        if edge is not None and image.mode in _SMOOTH:  # a JPEG is then decoded at a fraction of its size
            image.thumbnail((edge, edge), reducing_gap=2.0)
        image.load()
        if edge is not None and max(image.size) > edge:
            image = Image.fromarray(to_uint8(image))
            image.thumbnail((edge, edge), reducing_gap=2.0)
        return upright(image, _turn_of(header))
    except ImageInputError:
        raise
    except Exception as error:  # decoders raise nearly anything on hostile bytes
        raise ImageInputError(f"{what}: the {header.format} file is damaged: {error}") from error


def _turn_of(header: Header) -> int | None:
    """Give the orientation still to be applied: None leaves it to Pillow's reading of the file.

    An AVIF's rotation is a property of its own, which Pillow translates into EXIF; a TIFF's is applied by
    Pillow while it loads.
    """
    return {"avif": None, "tiff": 1}.get(header.format, header.orientation)


def _bound(size: tuple[int, int], what: str) -> None:
    if size[0] * size[1] > MAX_PIXELS:
        raise ImageInputError(
            f"{what}: {size[0]}x{size[1]} is {size[0] * size[1]:,} pixels; at most {MAX_PIXELS:,} are decoded"
        )


def upright(image: Image.Image, orientation: int | None = None) -> Image.Image:
    """Apply an EXIF orientation; None reads it from the image."""
    if orientation is None:
        return ImageOps.exif_transpose(image)
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def to_uint8(image: Image.Image) -> npt.NDArray[np.uint8]:
    """Give an image's pixels as ``(H, W, 3) uint8``, or ``(H, W, 4)`` where it has transparency.

    Palettes, gray, CMYK and 16 bits a channel are converted; 16 bits are rounded to 8.
    """
    if image.mode.startswith("I") or image.mode == "F":
        gray = _gray8(np.asarray(image))
        return np.repeat(gray[:, :, None], 3, axis=2)
    transparent = image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info
    return np.asarray(image.convert("RGBA" if transparent else "RGB"))


def _gray8(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    top = float(np.nanmax(values, initial=0.0))
    if values.dtype.kind == "f":
        levels = np.nan_to_num(values) * (255.0 if top <= 1.0 else 1.0)
    elif values.dtype.itemsize > 2 and top <= 255:  # a 32-bit file with 8-bit values
        levels = values
    else:
        levels = values / 257.0
    eight: npt.NDArray[np.uint8] = np.rint(np.clip(levels, 0, 255)).astype(np.uint8, copy=False)
    return eight


def decode(data: bytes | memoryview, *, what: str = "image") -> npt.NDArray[np.uint8]:
    """Decode a file to ``(H, W, 3 or 4) uint8``; see :func:`open_image` for its errors."""
    return to_uint8(open_image(data, what=what))


def encode_png(pixels: npt.NDArray[np.uint8] | Image.Image) -> bytes:
    """Write a PNG, quickly rather than smallest: it is on its way to a server."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    buffer = io.BytesIO()
    image.save(buffer, "png", compress_level=1)
    return buffer.getvalue()
