"""Request bodies that are written while they are sent: pixels are never held twice.

A body is a list of pieces, each a view of bytes that exist already or base64 still to be made of them. Its
length is known before the first byte is written, and it can be written again for a retry.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import msgspec
import pybase64

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Body", "DataUrl", "Upload", "json_body", "multipart_body"]

SLICE = 1 << 18
"""Bytes given to the socket at once; the only copy that is made is one of these."""
_BASE64_SLICE = SLICE // 4 * 3


class _Base64(msgspec.Struct, frozen=True):
    data: memoryview

    def __len__(self) -> int:
        return (len(self.data) + 2) // 3 * 4


class Body:
    """What is sent behind the headers.

    Parameters
    ----------
    pieces : iterable of memoryview or _Base64
        In order.
    content_type : str
        Its media type.

    Examples
    --------
    >>> body = json_body({"prompt": "a fox"})
    >>> body.content_type, body.length, b"".join(body)
    ('application/json', 18, b'{"prompt":"a fox"}')
    """

    def __init__(self, pieces: Iterable[memoryview | _Base64], content_type: str) -> None:
        self._pieces = tuple(pieces)
        self.content_type = content_type
        self.length = sum(len(piece) for piece in self._pieces)

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, _Base64):
                for at in range(0, len(piece.data), _BASE64_SLICE):
                    yield pybase64.b64encode(piece.data[at : at + _BASE64_SLICE])
            else:
                for at in range(0, len(piece), SLICE):
                    yield bytes(piece[at : at + SLICE])

    def __repr__(self) -> str:
        return f"<Body {self.content_type.partition(';')[0]}, {self.length:,} bytes>"


class Upload(msgspec.Struct, frozen=True):
    """One file of a multipart body."""

    name: str
    media_type: str
    data: bytes


class DataUrl(msgspec.Struct, frozen=True):
    """A place in a JSON body where a file is spelled as a data URL, while it is sent."""

    media_type: str
    data: bytes

    @property
    def length(self) -> int:
        """How many characters the URL has."""
        return len(f"data:{self.media_type};base64,") + (len(self.data) + 2) // 3 * 4


def json_body(value: Any) -> Body:
    """Write a value as JSON, each :class:`DataUrl` in it as base64 of its bytes."""
    mark = secrets.token_hex(16)  # a text that no prompt holds
    files: list[DataUrl] = []
    text = msgspec.json.encode(_marked(value, mark, files))
    pieces: list[memoryview | _Base64] = []
    for number, between in enumerate(text.split(mark.encode())):
        if number:
            file = files[number - 1]
            pieces += [memoryview(f"data:{file.media_type};base64,".encode()), _Base64(memoryview(file.data))]
        pieces.append(memoryview(between))
    return Body(pieces, "application/json")


def _marked(value: Any, mark: str, files: list[DataUrl]) -> Any:
    if isinstance(value, DataUrl):
        files.append(value)
        return mark
    if isinstance(value, dict):
        return {key: _marked(item, mark, files) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_marked(item, mark, files) for item in value]
    return value


def multipart_body(fields: Iterable[tuple[str, str | Upload]]) -> Body:
    """Write form fields and files as ``multipart/form-data``, in the given order.

    Examples
    --------
    >>> body = multipart_body([("prompt", "a fox"), ("image", Upload("a.png", "image/png", b"..."))])
    >>> b"".join(body).count(b"Content-Disposition: form-data")
    2
    """
    boundary = f"imgwidgets-{secrets.token_hex(16)}"
    pieces: list[memoryview | _Base64] = []
    for name, value in fields:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"'
        if isinstance(value, Upload):
            head += f'; filename="{_quoted(value.name)}"\r\nContent-Type: {value.media_type}'
        content = value.data if isinstance(value, Upload) else value.encode("utf-8", "replace")
        pieces += [memoryview(f"{head}\r\n\r\n".encode()), memoryview(content), memoryview(b"\r\n")]
    pieces.append(memoryview(f"--{boundary}--\r\n".encode()))
    return Body(pieces, f"multipart/form-data; boundary={boundary}")


def _quoted(text: str) -> str:
    """Spell a name inside quotes as browsers do."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
