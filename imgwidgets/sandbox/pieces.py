"""JSON with pictures in it, written piece by piece.

A reply of ten 8 MB images is 110 MB of base64. It is never held: the length is known beforehand, and
the text is made while it is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pybase64

from imgwidgets.sandbox.bounds import BASE64_CHUNK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Base64", "Inline", "Piece", "join", "json_pieces", "length", "sse_pieces", "written"]


class Base64(msgspec.Struct, frozen=True):
    """Bytes that are sent as base64."""

    data: bytes

    def __len__(self) -> int:
        return (len(self.data) + 2) // 3 * 4

    def written(self) -> Iterator[bytes]:
        """Give the base64 text in pieces of half a megabyte."""
        view = memoryview(self.data)
        for start in range(0, len(view), BASE64_CHUNK):
            yield pybase64.b64encode(view[start : start + BASE64_CHUNK])


Piece = bytes | Base64


class Inline(msgspec.Struct, frozen=True):
    """A JSON string with base64 inside, such as a data URL.

    Examples
    --------
    >>> from imgwidgets.sandbox.pieces import Inline, join, json_pieces
    >>> join(json_pieces({"url": Inline(("data:image/png;base64,", b"abc"))}))
    b'{"url":"data:image/png;base64,YWJj"}'
    """

    parts: tuple[str | bytes, ...]

    def pieces(self) -> Iterator[Piece]:
        """Give the string without its quotes."""
        for part in self.parts:
            if isinstance(part, bytes):
                yield Base64(part)
            else:
                yield msgspec.json.encode(part)[1:-1]


def json_pieces(value: Any) -> list[Piece]:
    """Turn a value of dicts, lists, plain values and :class:`Inline` strings into pieces of JSON."""
    return list(_merged(_json(value)))


def _json(value: Any) -> Iterator[Piece]:
    if isinstance(value, Inline):
        yield b'"'
        yield from value.pieces()
        yield b'"'
    elif isinstance(value, dict):
        before = b"{"
        for key, entry in value.items():
            yield before + msgspec.json.encode(str(key)) + b":"
            yield from _json(entry)
            before = b","
        yield b"{}" if not value else b"}"
    elif isinstance(value, (list, tuple)):
        yield b"["
        for index, entry in enumerate(value):
            if index:
                yield b","
            yield from _json(entry)
        yield b"]"
    else:
        yield msgspec.json.encode(value)


def sse_pieces(data: Any, *, event: str | None = None) -> list[Piece]:
    """Give one server-sent event; `data` is JSON, or a string that is sent as it is."""
    start = f"event: {event}\ndata: ".encode() if event else b"data: "
    body = [data.encode()] if isinstance(data, str) else json_pieces(data)
    return list(_merged([start, *body, b"\n\n"]))


def _merged(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Join neighbouring small pieces: one write each would be one packet each."""
    small = bytearray()
    for piece in pieces:
        if isinstance(piece, bytes):
            small += piece
        else:
            if small:
                yield bytes(small)
                small.clear()
            yield piece
    if small:
        yield bytes(small)


def written(pieces: Iterable[Piece]) -> Iterator[bytes]:
    """Give the bytes of the pieces as they are sent."""
    for piece in pieces:
        if isinstance(piece, bytes):
            yield piece
        else:
            yield from piece.written()


def join(pieces: Iterable[Piece]) -> bytes:
    """Give all bytes at once."""
    return b"".join(written(pieces))


def length(pieces: Iterable[Piece]) -> int:
    """Give the number of bytes that :func:`written` will give."""
    return sum(len(piece) for piece in pieces)
