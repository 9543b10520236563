"""Words inside an image file: what was asked, written into a copy without encoding its pixels again."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

from PIL import Image

from imgwidgets.images.header import sniff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["embedded"]

_SIGNED = (b"caBX", b"C2PA", b"c2pa", b"jumb")  # C2PA: any change would void what the maker signed
_DESCRIPTION, _SOFTWARE, _COMMENT, _EXIF_FOLDER = 0x010E, 0x0131, 0x9286, 0x8769
_MAKER = "imgwidgets"
_LARGEST_SEGMENT = 65_533  # bytes: all that a JPEG segment can hold


def embedded(data: bytes, said: Mapping[str, Any]) -> bytes:
    """Give a copy of a file that says what was asked for it; the pixels stay bit for bit.

    Parameters
    ----------
    data : bytes
        A complete file.
    said : mapping
        What to say: ``prompt``, ``model``, ``parameters``, ... Values are text, or are written as JSON.

    Returns
    -------
    bytes
        PNG: one text chunk for each entry. JPEG and WebP: EXIF, with the prompt as ImageDescription and
        all of it as JSON in UserComment. GIF: a comment. Other formats, damaged files and files signed by
        their maker (C2PA) come back unchanged.

    Examples
    --------
    >>> import io
    >>> from PIL import Image
    >>> buffer = io.BytesIO()
    >>> Image.new("RGB", (8, 8)).save(buffer, "png")
    >>> copy = embedded(buffer.getvalue(), {"prompt": "a red fox", "parameters": {"quality": "low"}})
    >>> Image.open(io.BytesIO(copy)).text["prompt"]
    'a red fox'
    """
    write = _WRITERS.get(sniff(data).format)
    if write is None or not said or _is_signed(data):
        return data
    try:
        return write(data, said)
    except (ValueError, IndexError, OSError, SyntaxError):  # damaged: the copy is what there is
        return data


def _is_signed(data: bytes) -> bool:
    ends = data[: 1 << 16], data[-(1 << 16) :]  # a WebP has it at its end
    return any(mark in end for mark in _SIGNED for end in ends)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


# -- PNG ----------------------------------------------------------------------------------------------------


def _png(data: bytes, said: Mapping[str, Any]) -> bytes:
    """Put text chunks behind the header, where every reader finds them."""
    end = 8 + 12 + int.from_bytes(data[8:12], "big")
    if data[12:16] != b"IHDR" or end > len(data):
        raise ValueError("no PNG header")
    words = {**said, "Software": _MAKER}
    chunks = b"".join(
        _chunk(b"iTXt", name.encode("latin-1", "replace")[:79] + bytes(5) + _text(value).encode())
        for name, value in words.items()
    )
    return data[:end] + chunks + data[end:]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


# -- EXIF ---------------------------------------------------------------------------------------------------


def _exif(before: bytes, said: Mapping[str, Any]) -> bytes:
    """Give the file's own EXIF, if it has any, with what is said added."""
    exif = Image.Exif()
    if before:
        exif.load(before)
    exif[_DESCRIPTION] = _text(said.get("prompt", "")).encode()
    exif[_SOFTWARE] = _MAKER
    everything = json.dumps(dict(said), ensure_ascii=False, default=str)
    exif.get_ifd(_EXIF_FOLDER)[_COMMENT] = b"UNICODE\0" + everything.encode("utf-16-be")
    return exif.tobytes()


def _jpeg(data: bytes, said: Mapping[str, Any]) -> bytes:
    """Put an EXIF segment in front, in place of the one that is there."""
    start, before, rest = b"", b"", 2
    at = 2
    while data[at] == 0xFF and data[at + 1] in range(0xE0, 0xF0):
        length = 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        segment = data[at : at + length]
        if length < 4 or len(segment) < length:
            raise ValueError("a segment is cut off")
        if segment[1] == 0xE1 and segment[4:10] == b"Exif\0\0":
            before = segment[4:]
        else:
            start += segment
        at += length
        rest = at
    exif = _exif(before, said)
    if not exif.startswith(b"Exif\0\0"):
        exif = b"Exif\0\0" + exif
    if len(exif) > _LARGEST_SEGMENT:
        exif = _exif(before, _shortened(said))
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    jfif = start[: 2 + int.from_bytes(start[2:4], "big")] if start[1:2] == b"\xe0" else b""
    return data[:2] + jfif + segment + start[len(jfif) :] + data[rest:]


def _shortened(said: Mapping[str, Any]) -> dict[str, Any]:
    """Cut long texts: a prompt of 32,000 characters is twice too much for one segment."""
    return {name: value[:4_000] if isinstance(value, str) else value for name, value in said.items()}


# -- WebP ---------------------------------------------------------------------------------------------------


def _webp(data: bytes, said: Mapping[str, Any]) -> bytes:
    """Put an EXIF chunk at the end, and say in the header that it is there."""
    header = sniff(data)
    if header.size is None:
        raise ValueError("no size")
    chunks = [(kind, body) for kind, body in _riff(data) if kind != b"EXIF"]
    before = next((body for kind, body in _riff(data) if kind == b"EXIF"), b"")
    exif = _exif(before, said).removeprefix(b"Exif\0\0")
    if chunks[0][0] == b"VP8X":
        flags, rest = chunks[0][1][0], chunks[0][1][1:]
    else:
        width, height = header.size  # without EXIF, it lies as it is stored
        flags = 0x10 if header.has_alpha else 0
        rest = bytes(3) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        chunks.insert(0, (b"VP8X", b""))
    chunks[0] = b"VP8X", bytes([flags | 0x08]) + rest
    chunks.append((b"EXIF", exif))
    body = b"".join(
        kind + len(part).to_bytes(4, "little") + part + bytes(len(part) % 2) for kind, part in chunks
    )
    return b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WEBP" + body


def _riff(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


# -- GIF ----------------------------------------------------------------------------------------------------


def _gif(data: bytes, said: Mapping[str, Any]) -> bytes:
    """Put a comment in front of the frames."""
    flags = data[10]
    at = 13 + (3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0)
    words = json.dumps(dict(said), ensure_ascii=False, default=str).encode()
    blocks = b"".join(
        bytes([len(part)]) + part for part in (words[i : i + 255] for i in range(0, len(words), 255))
    )
    return b"GIF89a" + data[6:at] + b"\x21\xfe" + blocks + b"\0" + data[at:]


_WRITERS: dict[str, Callable[[bytes, Mapping[str, Any]], bytes]] = {
    "png": _png,
    "jpeg": _jpeg,
    "webp": _webp,
    "gif": _gif,
}
