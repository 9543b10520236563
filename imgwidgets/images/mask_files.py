"""Masks as picture files: read by what they show, written as providers want them."""

from __future__ import annotations

import io
import struct
import sys
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from imgwidgets.errors import ImageInputError
from imgwidgets.images.morphology import is_hard
from imgwidgets.images.pictures import picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Alpha = NDArray[np.uint8]

__all__ = ["preview", "read", "resized", "write"]

SOURCES = ("auto", "alpha", "luminance", "white_is_edit")
POLARITIES = ("transparent", "white")


def read(image: Any, source: str) -> tuple[Alpha, str]:
    """Give a picture's mask as (H, W) uint8 alpha, and a remark on how it was read."""
    if source not in SOURCES:
        raise ImageInputError(f"source is one of {', '.join(SOURCES)}, not {source!r}")
    pixels = picture(image, what="mask")
    has_alpha = pixels.shape[2] == 4
    if source == "auto":
        source = "alpha" if has_alpha and int(pixels[:, :, 3].min()) < 255 else "white_is_edit"
        note = _remark(pixels, source, has_alpha=has_alpha)
    else:
        note = ""
    if source == "alpha":
        if not has_alpha:
            raise ImageInputError(
                "mask: the picture has no alpha channel; say source='white_is_edit' or source='luminance' "
                "(black = edit)"
            )
        return np.ascontiguousarray(pixels[:, :, 3]), note
    gray = np.array(Image.fromarray(np.ascontiguousarray(pixels[:, :, :3])).convert("L"))
    if has_alpha and source == "white_is_edit":
        gray = np.minimum(gray, pixels[:, :, 3])  # what cannot be seen is not white
    return (np.invert(gray, out=gray) if source == "white_is_edit" else gray), note


def _remark(pixels: NDArray[np.uint8], source: str, *, has_alpha: bool) -> str:
    if source == "alpha":
        return "read from the alpha channel: transparent = edit"
    why = "its alpha channel is opaque throughout" if has_alpha else "it has no alpha channel"
    note = f"{why}, so white was read as edit; pass source='luminance' where black marks what to edit"
    colours = pixels[:, :, :3]
    extreme = ((colours < 16) | (colours > 239)).all(axis=2)
    middling = 1 - np.count_nonzero(extreme) / extreme.size
    brightest = int(colours.max())
    if 0 < brightest < 128:  # such as a label image of 0 and 1
        note += (
            f"; but its brightest value is {brightest} of 255, so nothing is selected: give the labels to "
            "edit, such as Mask.from_array(labels == 1)"
        )
    elif middling > 0.2:
        note += f"; {middling:.0%} of its pixels are neither black nor white: is this picture a mask?"
    return note


def write(alpha: Alpha, polarity: str, max_bytes: int | None) -> bytes:
    """Write a PNG, and a smaller one where the first is over the limit."""
    if polarity not in POLARITIES:
        raise ImageInputError(f"polarity is 'transparent' or 'white', not {polarity!r}")
    values = alpha if polarity == "transparent" else ~alpha
    limit = sys.maxsize if max_bytes is None else max_bytes
    for thorough in (False, True):
        data = _png(values, rgba=polarity == "transparent", thorough=thorough, limit=limit)
        if data is not None:
            return data
    height, width = alpha.shape
    raise ImageInputError(
        f"the {width}x{height} mask takes more than {limit:,} bytes as PNG, which is the limit: a mask "
        "with less noise is smaller (Mask.from_array(mask.selected) makes it hard), or raise max_bytes"
    )


def _png(values: Alpha, *, rgba: bool, thorough: bool, limit: int) -> bytes | None:
    """Write gray, or RGBA with black under the alpha, a block of rows at a time; None over the limit.

    At first each row is stored as its difference from the row above (PNG's filter 2), which leaves
    little but noughts, and zlib only looks for runs: three times as quick as its usual way, and
    shorter. The thorough way is for noise, where rows say nothing about each other.
    """
    height, width = values.shape
    channels = 4 if rgba else 1
    if thorough:
        packer = zlib.compressobj(6, zlib.DEFLATED, 15, 9)
    else:
        packer = zlib.compressobj(1, zlib.DEFLATED, 15, 9, zlib.Z_RLE)
    rows = max(1, (1 << 18) // (width * channels))
    lines = np.zeros((rows, 1 + channels * width), np.uint8)
    lines[:, 0] = 0 if thorough else 2
    seen = lines[:, channels::channels]
    above: Alpha = np.zeros((1, width), np.uint8)
    packed = []
    length = 57  # the signature, and the chunks but for the pixels
    for top in range(0, height, rows):
        block = values[top : top + rows]
        if thorough:
            np.copyto(seen[: len(block)], block)
        else:
            np.subtract(block[:1], above, out=seen[:1])
            np.subtract(block[1:], block[:-1], out=seen[1 : len(block)])
            above = block[-1:]
        packed.append(packer.compress(lines[: len(block)].data))
        length += len(packed[-1])
        if length > limit:
            return None
    packed.append(packer.flush())
    if length + len(packed[-1]) > limit:
        return None
    header = struct.pack(">IIBBBBB", width, height, 8, 6 if rgba else 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", b"".join(packed)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(name)))
        for name, body in chunks
    )


def resized(alpha: Alpha, size: tuple[int, int]) -> Alpha:
    """Scale to (width, height), averaging where it gets smaller; a hard mask stays hard."""
    scaled = np.array(Image.fromarray(alpha).resize(size, Image.Resampling.BILINEAR))
    return np.where(scaled < 128, np.uint8(0), np.uint8(255)) if is_hard(alpha) else scaled


def preview(alpha: Alpha, edge: int = 256) -> bytes:
    """Give a small PNG for a notebook: the selection in red on light gray."""
    image = Image.fromarray(~alpha)
    image.thumbnail((edge, edge), Image.Resampling.BOX)
    shown = Image.composite(
        Image.new("RGB", image.size, "#e5484d"), Image.new("RGB", image.size, "#e8e8e8"), image
    )
    buffer = io.BytesIO()
    shown.save(buffer, "png")
    return buffer.getvalue()
