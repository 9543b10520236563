"""Whether a file is whole, found out without decoding it: what a cut download or a failed copy leaves."""

from __future__ import annotations

import zlib

from imgwidgets.images.header import gif_walk, png_chunks

__all__ = ["damage"]

# Bytes of a PNG whose checksums are compared: a failed copy is broken early or cut, and the checksums of
# sixteen large files would take longer than sending them.
_CHECKED = 1 << 20
_JPEG_TAIL = 65_536  # bytes searched for the end marker; cameras and editors append a little after it


def damage(data: bytes | memoryview, format: str) -> str:  # noqa: A002 (the word for it everywhere)
    """Say what is broken in a file, or nothing.

    Parameters
    ----------
    data : bytes
        A complete file.
    format : str
        As :func:`imgwidgets.images.sniff` found it.

    Returns
    -------
    str
        Empty where nothing was found; a flaw inside compressed pixels is found in a PNG's first MiB only.

    Examples
    --------
    >>> damage(b"GIF89a" + bytes(20), "gif")
    'it ends inside a frame'
    """
    view = memoryview(data)
    if format == "png":
        return _png(view)
    if format == "jpeg" and b"\xff\xd9" not in bytes(view[-_JPEG_TAIL:]):
        return "it ends before its end-of-image marker"
    if format == "webp" and int.from_bytes(view[4:8], "little") + 8 > len(view):
        return f"it has {len(view):,} of {int.from_bytes(view[4:8], 'little') + 8:,} bytes"
    if format == "gif" and not gif_walk(view)[2]:
        return "it ends inside a frame"
    return ""


def _png(view: memoryview) -> str:
    pixels = False
    for name, at, length in png_chunks(view):
        if at + length + 4 > len(view):
            return f"it ends inside its {name.decode('ascii', 'replace')} chunk"
        pixels = pixels or name == b"IDAT"
        said = int.from_bytes(view[at + length : at + length + 4], "big")
        if at + length <= _CHECKED and zlib.crc32(view[at - 4 : at + length]) != said:
            return f"the checksum of its {name.decode('ascii', 'replace')} chunk is wrong"
        if name == b"IEND":
            return "" if pixels else "it holds no pixels"
    return "it ends before its IEND chunk"
