"""What a file's first bytes say: format, size, transparency. No pixel is ever decoded here.

Input files and replies are hostile: every read is bounds-checked (a short file gives an unknown size, never
an exception) and every walk over chunks, boxes or blocks has a limit.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, NamedTuple

from imgwidgets.images import isobmff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["MEDIA_TYPES", "SUFFIXES", "Header", "sniff"]

MEDIA_TYPES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "tiff": "image/tiff",
    "avif": "image/avif",
    "heic": "image/heic",
    "svg": "image/svg+xml",
}
"""Format name -> media type."""

SUFFIXES = {
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".jpe": "jpeg",
    ".webp": "webp",
    ".gif": "gif",
    ".bmp": "bmp",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".avif": "avif",
    ".svg": "svg",
}
"""File suffix (lower case) -> format name."""

MAX_STEPS = 100_000  # chunks, segments or blocks walked in one file: 0.1 s at worst
SVG_HEAD = 65_536  # bytes searched for the <svg> tag


class Header(NamedTuple):
    """What a file says about itself.

    Attributes
    ----------
    format : str
        ``png``, ``jpeg``, ``webp``, ``gif``, ``bmp``, ``tiff``, ``avif``, ``heic``, ``svg``, or empty where
        the bytes are none of these.
    size : (int, int) or None
        (width, height) in pixels as displayed: EXIF rotation is applied. None where it is not stated.
    has_alpha : bool
        Whether the file can carry transparency.
    frames : int
        Pictures of an animation; 1 for a still one.
    orientation : int
        The EXIF orientation, 1 to 8; 1 is upright.

    Examples
    --------
    >>> from imgwidgets.images import sniff
    >>> sniff(b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48"/>')
    Header(format='svg', size=(64, 48), has_alpha=True, frames=1, orientation=1)
    >>> sniff(b"hello").format
    ''
    """

    format: str = ""
    size: tuple[int, int] | None = None
    has_alpha: bool = False
    frames: int = 1
    orientation: int = 1


def sniff(data: bytes | bytearray | memoryview) -> Header:
    """Tell what kind of image these bytes begin, without decoding it.

    Parameters
    ----------
    data : bytes, bytearray or memoryview
        The whole file, or its start.

    Returns
    -------
    Header
        With an empty ``format`` where the bytes are no image that imgwidgets knows.
    """
    view = memoryview(data)
    head = bytes(view[:32])
    try:
        for begins, read in _READERS:
            if begins(head):
                return read(view)
        return _svg(bytes(view[:SVG_HEAD]))
    except (struct.error, IndexError):  # the file ends before its header does
        return Header(_FIRST.get(head[:2], ""))


_FIRST = {b"\x89P": "png", b"\xff\xd8": "jpeg", b"RI": "webp", b"GI": "gif", b"II": "tiff", b"MM": "tiff"}


def _upright(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    return size[::-1] if orientation >= 5 else size


# -- PNG ---------------------------------------------------------------------------------------------


def png_chunks(view: memoryview) -> Iterator[tuple[bytes, int, int]]:
    """Walk a PNG's chunks: name, offset of the content, length of the content as it is stated."""
    at = 8
    for _ in range(MAX_STEPS):
        if at + 8 > len(view):
            return
        (length,) = struct.unpack_from(">I", view, at)
        name = bytes(view[at + 4 : at + 8])
        yield name, at + 8, length
        at += 12 + length


def _png(view: memoryview) -> Header:
    width, height, _depth, color = struct.unpack_from(">IIBB", view, 16)
    if bytes(view[12:16]) != b"IHDR" or not width or not height:
        return Header("png")
    alpha, frames, orientation = color in (4, 6), 1, 1
    for name, at, length in png_chunks(view):
        if name == b"tRNS":
            alpha = True
        elif name == b"acTL":
            (frames,) = struct.unpack_from(">I", view, at)
        elif name == b"eXIf":
            orientation = _orientation(view[at : at + length])
    return Header("png", _upright((width, height), orientation), alpha, max(frames, 1), orientation)


# -- JPEG --------------------------------------------------------------------------------------------

_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_LONE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})


def _jpeg(view: memoryview) -> Header:
    at, orientation = 2, 1
    for _ in range(MAX_STEPS):
        if view[at] != 0xFF:
            break
        marker = view[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        if marker in _LONE_MARKERS:
            at += 2
            continue
        (length,) = struct.unpack_from(">H", view, at + 2)
        if marker in _FRAME_MARKERS:
            height, width = struct.unpack_from(">HH", view, at + 5)
            size = _upright((width, height), orientation) if width and height else None
            return Header("jpeg", size, orientation=orientation)
        if marker == 0xE1 and bytes(view[at + 4 : at + 10]) == b"Exif\x00\x00":
            orientation = _orientation(view[at + 10 : at + 2 + length])
        if marker in (0xD9, 0xDA) or length < 2:
            break
        at += 2 + length
    return Header("jpeg", orientation=orientation)


# -- TIFF, and the EXIF block that is a small TIFF -----------------------------------------------------


def _tags(view: memoryview, wanted: frozenset[int]) -> dict[int, int]:
    """Read the wanted tags of a TIFF's first directory: the first number of each."""
    order = "<" if view[0] == 0x49 else ">"
    (start,) = struct.unpack_from(order + "I", view, 4)
    (count,) = struct.unpack_from(order + "H", view, start)
    found = {}
    for entry in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind = struct.unpack_from(order + "HH", view, entry)
        if tag in wanted:
            (found[tag],) = struct.unpack_from(order + ("H" if kind == 3 else "I"), view, entry + 8)
    return found


def _orientation(view: memoryview) -> int:
    try:
        value = _tags(view, frozenset({274})).get(274, 1)
    except (struct.error, IndexError):
        return 1
    return value if 1 <= value <= 8 else 1


def _tiff(view: memoryview) -> Header:
    if 0x2B in (view[2], view[3]):  # BigTIFF: 64-bit offsets, rare enough to leave its size unread
        return Header("tiff")
    tags = _tags(view, frozenset({256, 257, 274, 338}))
    orientation = tags.get(274, 1) if 1 <= tags.get(274, 1) <= 8 else 1
    width, height = tags.get(256, 0), tags.get(257, 0)
    size = _upright((width, height), orientation) if width and height else None
    return Header("tiff", size, 338 in tags, 1, orientation)


# -- WebP --------------------------------------------------------------------------------------------


def _webp(view: memoryview) -> Header:
    kind = bytes(view[12:16])
    if kind == b"VP8 ":
        if bytes(view[23:26]) != b"\x9d\x01\x2a":
            return Header("webp")
        width, height = struct.unpack_from("<HH", view, 26)
        return Header("webp", (width & 0x3FFF, height & 0x3FFF))
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", view, 21)
        return Header("webp", ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1), bool(bits >> 28 & 1))
    if kind != b"VP8X":
        return Header("webp")
    flags = view[20]
    width = int.from_bytes(view[24:27], "little") + 1
    height = int.from_bytes(view[27:30], "little") + 1
    if len(view) < 30:
        return Header("webp")
    frames, orientation, at = 0, 1, 30
    for _ in range(MAX_STEPS if flags & 0x0A else 0):  # only an animation or EXIF is worth the walk
        if at + 8 > len(view):
            break
        name, length = struct.unpack_from("<4sI", view, at)
        frames += name == b"ANMF"
        if name == b"EXIF":
            block = view[at + 8 : at + 8 + length]
            orientation = _orientation(block[6:] if bytes(block[:6]) == b"Exif\x00\x00" else block)
        at += 8 + length + (length & 1)
    return Header(
        "webp", _upright((width, height), orientation), bool(flags & 0x10), max(frames, 1), orientation
    )


# -- GIF, BMP, SVG -------------------------------------------------------------------------------------


def _gif(view: memoryview) -> Header:
    width, height = struct.unpack_from("<HH", view, 6)
    frames, alpha, _ = gif_walk(view)
    return Header("gif", (width, height) if width and height else None, alpha, max(frames, 1))


def gif_walk(view: memoryview) -> tuple[int, bool, bool]:
    """Walk a GIF's blocks: complete frames, whether one is transparent, whether nothing is missing."""
    flags = view[10]
    at = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    frames, alpha = 0, False
    for _ in range(MAX_STEPS):
        block = view[at] if at < len(view) else 0
        if block == 0x21 and at + 8 <= len(view):  # an extension; 0xF9 holds the transparent colour's flag
            alpha = alpha or (view[at + 1] == 0xF9 and bool(view[at + 3] & 1))
            at = _skip_blocks(view, at + 2)
        elif block == 0x2C and at + 11 <= len(view):
            local = view[at + 9]
            at = _skip_blocks(view, at + 11 + (3 << (local & 7) + 1 if local & 0x80 else 0))
            frames += at <= len(view)
        else:
            break
    return frames, alpha, at <= len(view) and frames > 0


def _skip_blocks(view: memoryview, at: int) -> int:
    for _ in range(MAX_STEPS):
        if at >= len(view):
            return len(view) + 1  # the end is missing
        if not view[at]:
            return at + 1
        at += 1 + view[at]
    return len(view) + 1


_BMP_HEADERS = frozenset(bytes([size]) for size in (12, 16, 40, 52, 56, 64, 108, 124))


def _bmp(view: memoryview) -> Header:
    (kind,) = struct.unpack_from("<I", view, 14)
    if kind == 12:
        width, height = struct.unpack_from("<HH", view, 18)
        return Header("bmp", (width, height) if width and height else None)
    width, height = struct.unpack_from("<ii", view, 18)
    alpha = kind >= 56 and struct.unpack_from("<I", view, 66)[0] != 0
    return Header("bmp", (width, abs(height)) if width > 0 and height else None, alpha)


_SVG_TAG = re.compile(rb"<svg(?=[\s>/])([^>]{0,8192})>")
_SVG_LENGTH = re.compile(
    rb"""\s(width|height)\s{0,8}=\s{0,8}["']\s{0,8}(\d{1,7}(?:\.\d{1,9})?)(px|pt|mm|cm|in)?\s{0,8}["']"""
)
_SVG_BOX = re.compile(
    rb"""\sviewBox\s{0,8}=\s{0,8}["']\s{0,8}[-+.\deE]{1,24}[\s,]{1,8}[-+.\deE]{1,24}[\s,]{1,8}"""
    rb"""(\d{1,7}(?:\.\d{1,9})?)[\s,]{1,8}(\d{1,7}(?:\.\d{1,9})?)"""
)
_PIXELS = {b"": 1.0, b"px": 1.0, b"pt": 96 / 72, b"mm": 96 / 25.4, b"cm": 96 / 2.54, b"in": 96.0}


def _svg(head: bytes) -> Header:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text.startswith((b"<?xml", b"<svg", b"<!")):  # anything else before the tag: prose, HTML, JSON
        return Header()
    tag = _SVG_TAG.search(text)
    before = text[: tag.start()].lower() if tag else b"<html"
    if not tag or b"<html" in before or b"<body" in before:
        return Header()
    lengths = {name: float(number) * _PIXELS[unit] for name, number, unit in _SVG_LENGTH.findall(tag[1])}
    if len(lengths) < 2 and (box := _SVG_BOX.search(tag[1])):
        lengths = {b"width": float(box[1]), b"height": float(box[2])}
    width, height = round(lengths.get(b"width", 0)), round(lengths.get(b"height", 0))
    return Header("svg", (width, height) if width and height else None, has_alpha=True)


_READERS: tuple[tuple[Callable[[bytes], bool], Callable[[memoryview], Header]], ...] = (
    (lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"), _png),
    (lambda head: head.startswith(b"\xff\xd8\xff"), _jpeg),
    (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", _webp),
    (lambda head: head[:6] in (b"GIF87a", b"GIF89a"), _gif),
    (lambda head: head[:4] in (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"), _tiff),
    (lambda head: head[4:8] == b"ftyp", lambda view: Header(*isobmff.read(view))),
    (lambda head: head[:2] == b"BM" and head[14:15] in _BMP_HEADERS, _bmp),  # two letters alone match prose
)
