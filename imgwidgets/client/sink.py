"""Base64 becomes bytes piece by piece, and becomes the same text again if it was none.

A sink takes the inside of one JSON string as it arrives. What it has decoded it does not keep as
text; it keeps only what is needed to spell the text again: which alphabet, where the line breaks
were, and how it was padded.
"""

from __future__ import annotations

import binascii
import io
import json
import re
from array import array

import msgspec
import pybase64

__all__ = ["Base64Sink", "Blob", "looks_like_image", "sink_for"]

_SLICE = 1 << 18  # decoded at once: large enough for speed, small enough not to show in memory
_MOST_PADDING = 4
_FEW_BREAKS = 1_000
_STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_URL_SAFE = _STANDARD[:-2] + b"-_"
# Serializers escape these and no letters or digits. Were the backslash escaped itself, one would remain.
_ESCAPES = (
    (rb"\/", b"/"),
    (rb"\n", b"\n"),
    (rb"\r", b"\r"),
    *((rb"\u00%02x" % code, bytes([code])) for code in b"/+=-_\n\r"),
    *((rb"\u00%02X" % code, bytes([code])) for code in b"/+=-_\n\r"),
)
_CUT_ESCAPE = re.compile(rb"\\(?:u[0-9A-Fa-f]{0,3})?\Z")
_BREAK = re.compile(rb"[\r\n]")
_DATA_URL = re.compile(rb'(?i)data:[^,"\x00-\x1f\x7f-\xff]{0,200}?;base64,')
_STRICT = re.compile(rb"(?:[A-Za-z0-9+/]|\\/){240}")
_MAGIC = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"RIFF",
    b"GIF8",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"\xff\x0a",
    b"\0\0\0\x0cJXL ",
    b"\0\0\0\x0cjP  ",
    b"8BPS",
    b"<svg",
    b"<?xml",
)


class Spelling(msgspec.Struct, frozen=True):
    """How base64 was written where it differs from the standard's way.

    Attributes
    ----------
    url_safe : bool
        ``-`` and ``_`` instead of ``+`` and ``/``.
    padding : str
        The ``=`` signs as they came.
    breaks : array of int
        For each removed line break character, how many other characters came before it.
    characters : bytes
        The removed characters.
    """

    url_safe: bool
    padding: str
    breaks: array[int]
    characters: bytes

    def write(self, plain: str) -> str:
        """Give unpadded standard base64 its own spelling again."""
        if self.url_safe:
            plain = plain.translate({ord("+"): "-", ord("/"): "_"})
        plain += self.padding
        if not self.breaks:
            return plain
        pieces, start = [], 0
        for stop, character in zip(self.breaks, self.characters.decode(), strict=True):
            pieces += [plain[start:stop], character]
            start = stop
        return "".join([*pieces, plain[start:]])


class Blob(msgspec.Struct, frozen=True):
    r"""A JSON string that was base64, decoded while it arrived.

    Attributes
    ----------
    data : bytes
        What the base64 stood for.
    prefix : str
        ``data:image/png;base64`` where the string was a data URL, else empty.

    Examples
    --------
    >>> Blob(b"\x89PNG", "data:image/png;base64").text
    'data:image/png;base64,iVBORw=='
    """

    data: bytes
    prefix: str = ""
    spelling: Spelling | None = None

    @property
    def text(self) -> str:
        """The string exactly as it was."""
        plain = pybase64.b64encode(self.data).decode()
        if self.spelling is not None:
            plain = self.spelling.write(plain.rstrip("="))
        return f"{self.prefix},{plain}" if self.prefix else plain

    def __repr__(self) -> str:
        return f"<Blob {self.prefix} {len(self.data):,} bytes>"


def looks_like_image(start: bytes) -> bool:
    """Whether bytes begin as a known image format does (16 bytes are enough).

    Examples
    --------
    >>> looks_like_image(b"GIF89a"), looks_like_image(b"<!DOCTYPE html>")
    (True, False)
    """
    return start.startswith(_MAGIC) or (start[:3] == b"\0\0\0" and start[4:8] == b"ftyp")


def sink_for(head: bytes, max_bytes: int) -> tuple[Base64Sink, int] | None:
    """Give a sink where the first bytes of a JSON string look like base64, else None.

    Strings that start as an image or with ``data:...;base64,`` may be spelled loosely (line breaks,
    the URL-safe alphabet, no padding). All others must be base64 to the letter, so that a word of
    300 letters stays a word.

    Parameters
    ----------
    head : bytes
        The start of the string as it stands in the JSON, without its quote.
    max_bytes : int
        The most that may be decoded.

    Returns
    -------
    (Base64Sink, int) or None
        The sink, and how many bytes of the head are the data URL's prefix.
    """
    match = _DATA_URL.match(head)
    if match:
        try:
            prefix = json.loads(b'"' + match.group()[:-1] + b'"')
            prefix.encode()
        except ValueError:  # an escape that is none, or half a surrogate pair: the text path reports it
            return None
        return Base64Sink(prefix=prefix, loose=True, max_bytes=max_bytes), match.end()
    start = _unescape(head[:120]).translate(bytes.maketrans(b"-_", b"+/"), b"\r\n")[:40]
    try:
        first = pybase64.b64decode(start[: len(start) & ~3], validate=True)
    except binascii.Error:
        return None
    if looks_like_image(first):
        return Base64Sink(prefix="", loose=True, max_bytes=max_bytes), 0
    if _STRICT.match(head):
        return Base64Sink(prefix="", loose=False, max_bytes=max_bytes), 0
    return None


class Base64Sink:
    """Decodes the base64 inside one JSON string while it arrives.

    Parameters
    ----------
    prefix : str
        What came before: ``data:image/png;base64``, or empty.
    loose : bool
        Whether line breaks, the URL-safe alphabet and missing padding are base64 too.
    max_bytes : int
        Beyond it, ``too_large`` is set.

    Attributes
    ----------
    refused : bool
        Whether something came that is no base64.

    Examples
    --------
    >>> sink = Base64Sink(prefix="", loose=True, max_bytes=1000)
    >>> sink.feed(b"aGVsb", 0, 5), sink.feed(b"G8", 0, 2)
    (5, 2)
    >>> sink.finish().data
    b'hello'
    """

    __slots__ = (
        "_breaks",
        "_characters",
        "_count",
        "_loose",
        "_max_bytes",
        "_out",
        "_padding",
        "_prefix",
        "_tail",
        "_url_safe",
        "refused",
    )

    def __init__(self, *, prefix: str, loose: bool, max_bytes: int) -> None:
        self._prefix = prefix
        self._loose = loose
        self._max_bytes = max_bytes
        self._out = io.BytesIO()  # its getvalue() hands the buffer over without a copy
        self._tail = b""  # up to three base64 digits that wait for a fourth
        self._padding = b""
        self._count = 0  # digits and padding so far
        self._url_safe = False
        self._breaks = array("I")
        self._characters = bytearray()
        self.refused = False

    @property
    def too_large(self) -> bool:
        """Whether more was decoded than allowed."""
        return self._out.tell() > self._max_bytes

    def feed(self, data: bytes, start: int, end: int) -> int:
        """Take ``data[start:end]``, the next part of the JSON string.

        Returns
        -------
        int
            How far it was taken. Short of ``end``, the string is no base64 if ``refused`` is set
            (then ``text()`` and what was not taken make it up), else a JSON escape was cut there.
        """
        while start < end:
            stop = min(end, start + _SLICE)
            equals = data.find(b"=", start, stop)
            if equals > start:
                stop = equals
            if self._fast(data, start, stop):
                start = stop
                continue
            taken = self._slow(data[start:stop])
            self.refused = taken is None
            if not taken:
                return start
            start += taken
        return end

    def finish(self) -> Blob | None:
        """Give what was decoded, or None where the string is no base64 after all."""
        last = self._last()
        if last is None:
            return None
        usual = len(self._padding) == -len(self._tail) % 4 and not self._url_safe and not self._breaks
        if not usual and not self._loose:
            return None
        self._out.write(last)
        spelling = (
            None
            if usual
            else Spelling(self._url_safe, self._padding.decode(), self._breaks, bytes(self._characters))
        )
        return Blob(self._out.getvalue(), self._prefix, spelling)

    def text(self) -> str:
        """Give all that was taken, spelled as it came; call it before ``finish``."""
        plain = pybase64.b64encode(self._out.getbuffer()).decode()
        tail = self._tail.translate(bytes.maketrans(b"-_", b"+/")).decode()
        spelling = Spelling(self._url_safe, self._padding.decode(), self._breaks, bytes(self._characters))
        written = spelling.write(plain + tail)
        return f"{self._prefix},{written}" if self._prefix else written

    @property
    def text_length(self) -> int:
        """How many characters ``text()`` will have, about."""
        return self._out.tell() * 4 // 3 + len(self._prefix) + len(self._breaks) + 8

    def _last(self) -> bytes | None:
        """Decode the digits that found no fourth; None where they say more than whole bytes."""
        if len(self._tail) == 1:
            return None
        if not self._tail:
            return b""
        digits = self._tail.translate(bytes.maketrans(b"-_", b"+/"))
        last = pybase64.b64decode(digits + b"=" * (4 - len(digits)))
        return last if pybase64.b64encode(last).rstrip(b"=") == digits else None

    def _decode(self, digits: bytes | memoryview) -> bytes:
        if self._url_safe:
            return pybase64.b64decode(digits, altchars=b"-_", validate=True)
        return pybase64.b64decode(digits, validate=True)

    def _fast(self, data: bytes, start: int, end: int) -> bool:
        """Take a part that is nothing but digits, as nearly all are; False where it is not."""
        if self._padding or (self._url_safe and _has(data, b"+/", start, end)):
            return False
        middle = start + -len(self._tail) % 4
        stop = end - (end - middle) % 4
        if middle > end or data.find(b"=", start, end) >= 0:
            return False
        tail = data[stop:end]
        if tail.translate(None, _URL_SAFE if self._url_safe else _STANDARD):
            return False
        try:
            first = self._decode(self._tail + data[start:middle])
            body = self._decode(memoryview(data)[middle:stop])
        except binascii.Error:
            return False
        self._out.write(first)
        self._out.write(body)
        self._tail = tail
        self._count += end - start
        return True

    def _slow(self, raw: bytes) -> int | None:
        """Take a part with escapes, line breaks, padding or the other alphabet; None where it is text."""
        cut = _CUT_ESCAPE.search(raw, max(0, len(raw) - 6))
        taken = cut.start() if cut else len(raw)
        text = _unescape(raw[:taken])
        digits = text.translate(None, b"\r\n")
        equals = digits.find(b"=")
        padding = b"" if equals < 0 else digits[equals:]
        digits = digits if equals < 0 else digits[:equals]
        whole = self._tail + digits
        url_safe = self._url_safe or b"-" in digits or b"_" in digits
        if (
            padding.strip(b"=")
            or (self._padding and digits)
            or len(self._padding) + len(padding) > _MOST_PADDING
            or digits.translate(None, _URL_SAFE if url_safe else _STANDARD)
            or (url_safe and not self._url_safe and (not self._loose or self._used_standard()))
        ):
            return None
        breaks = len(text) - len(digits) - len(padding)
        if breaks:
            # Lines of base64 have 64 or 76 digits; a reply of nothing but breaks must not cost us.
            if not self._loose or (len(self._breaks) + breaks) * 8 > self._count + len(text) + _FEW_BREAKS:
                return None
            for removed, match in enumerate(_BREAK.finditer(text)):
                self._breaks.append(self._count + match.start() - removed)
                self._characters += match.group()
        self._url_safe = url_safe
        stop = len(whole) & ~3
        self._out.write(self._decode(whole[:stop]))
        self._tail = whole[stop:]
        self._padding += padding
        self._count += len(digits) + len(padding)
        return taken

    def _used_standard(self) -> bool:
        """Whether ``+`` or ``/`` came before: then ``-`` and ``_`` are not base64's."""
        return _has(pybase64.b64encode(self._out.getbuffer()) + self._tail, b"+/")


def _has(data: bytes, characters: bytes, start: int = 0, end: int | None = None) -> bool:
    return any(data.find(character, start, end) >= 0 for character in characters)


def _unescape(raw: bytes) -> bytes:
    """Undo the JSON escapes that base64 may carry; any other leaves a backslash, which is no base64."""
    if b"\\" not in raw:
        return raw
    for escape, plain in _ESCAPES if b"\\u" in raw else _ESCAPES[:3]:
        raw = raw.replace(escape, plain)
    return raw
