"""JSON is read while it arrives, and the images in it are bytes before the last bracket is there.

The reader splits the bytes it is fed into strings and the rest. A long string that is base64 goes
through a ``Base64Sink``; everything else is collected as it came, and the standard library parses it
at the end. Where an image was, the collected text has ``NaN``: the parser calls back for each ``NaN``
in order, and gets the next image. Nobody can forge that mark, since the reader refuses every ``N``
that stands outside a string, as JSON itself does.

====================  ==========================================================================
state                 what is next
====================  ==========================================================================
between strings       brackets, commas, numbers, and strings shorter than 256 bytes
in a text             the rest of a long string that is no base64
in a sink             the rest of a long string that has been base64 so far
====================  ==========================================================================
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from imgwidgets.client import limits
from imgwidgets.client.sink import Base64Sink, Blob, sink_for
from imgwidgets.errors import ReplyError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Blob", "JsonReader"]

_LONG = 256  # bytes of JSON from which on a string may be base64
_HEAD = 512  # bytes of a string that are looked at to decide
_MOST_DIGITS = 400  # of an integer; a float of that length is infinite

# Structure and complete short strings, in one match. A string has at most 127 + 6 * 17 bytes, or with more
# escapes 15 + 24 * 10: so never 256.
_RUN = re.compile(
    rb'(?:[^"]*+"(?:[^"\\]{0,127}+(?:\\.[^"\\]{0,15}+){0,6}+"|[^"\\]{0,15}+(?:\\.[^"\\]{0,8}+){0,24}+"))*+[^"]*+',
    re.DOTALL,
)
_SHORT_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_TEXT = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n"
_STRUCTURE = b'{}[]:,"0123456789+-.eE' + b"truefalsn" + _SPACE
_NO_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))


class JsonReader:
    """Reads one JSON value from chunks of bytes, decoding base64 strings on the way.

    Parameters
    ----------
    max_bytes : int
        Bytes of the whole value as it arrives.
    max_image_bytes : int
        Bytes of one decoded string.
    max_depth : int
        Nested arrays and objects.
    max_text_bytes : int
        Bytes of everything that is not base64.
    max_structure_bytes : int
        Bytes outside strings, white space excepted, and quotes.
    max_images : int
        Strings that are decoded; later ones are left as text.

    Examples
    --------
    >>> reader = JsonReader()
    >>> reader.feed(b'{"created": 1, "data": [{"b64_json": "' + b"iVBORw0KGgoA" * 20)
    >>> reader.feed(b"iVBORw0KGgoA" * 20 + b'"}]}')
    >>> reader.finish()
    {'created': 1, 'data': [{'b64_json': <Blob  360 bytes>}]}
    """

    def __init__(  # noqa: PLR0913 (one keyword for each bound)
        self,
        *,
        max_bytes: int = limits.REPLY_BYTES,
        max_image_bytes: int = limits.IMAGE_BYTES,
        max_depth: int = limits.JSON_DEPTH,
        max_text_bytes: int = limits.TEXT_BYTES,
        max_structure_bytes: int = limits.STRUCTURE_BYTES,
        max_images: int = limits.IMAGES_PER_REPLY,
    ) -> None:
        self._max_bytes = max_bytes
        self._max_image_bytes = max_image_bytes
        self._max_depth = max_depth
        self._max_text_bytes = max_text_bytes
        self._max_structure_bytes = max_structure_bytes
        self._max_images = max_images
        self._start = bytearray()  # for error messages
        self._total = 0
        self._structure = 0
        self._depth = 0
        self._opened = False
        self._begun = False
        self._skeleton = bytearray()  # the JSON without its images
        self._blobs: list[Blob] = []
        self._blob: Blob | None = None  # complete, but it may turn out to be an object's key
        self._sink: Base64Sink | None = None
        self._in_text = False
        self._carry = b""  # bytes that cannot be understood before more of them are there

    @property
    def complete(self) -> bool:
        """Whether an object or array was opened and closed again."""
        return self._begun and self._depth == 0 and not (self._in_text or self._sink or self._carry)

    @property
    def images(self) -> tuple[Blob, ...]:
        """The base64 strings that are complete so far: what a reply that was cut off did bring."""
        return (*self._blobs, self._blob) if self._blob is not None else tuple(self._blobs)

    @property
    def start(self) -> str:
        """The first characters of what was fed."""
        return self._start.decode("utf-8", "replace")[: limits.BODY_CHARACTERS]

    def feed(self, chunk: bytes | memoryview) -> None:
        """Take the next bytes.

        Raises
        ------
        ReplyError
            Where this cannot be JSON any more, or is larger or deeper than allowed.
        """
        data = bytes(chunk)  # no copy if it is bytes already
        if len(self._start) < limits.BODY_CHARACTERS:
            self._start += data[: limits.BODY_CHARACTERS - len(self._start)]
        self._total += len(data)
        if self._total > self._max_bytes:
            raise self._too_large("The reply", self._max_bytes)
        if self._carry:
            data = self._carry + data
            self._carry = b""
        position = 0
        if not self._opened:  # a byte order mark is tolerated, as by json.loads
            if len(data) < len(_BOM) and _BOM.startswith(data):
                self._carry = data
                return
            self._opened = True
            position = len(_BOM) if data.startswith(_BOM) else 0
        while position < len(data):
            if self._sink is not None:
                position = self._through_sink(self._sink, data, position)
            elif self._in_text:
                position = self._through_text(data, position)
            else:
                position = self._between_strings(data, position)
        if len(self._skeleton) > self._max_text_bytes:
            raise self._too_large("The text of the reply", self._max_text_bytes)

    def finish(self) -> Any:
        """Give the value: what ``json.loads`` gives, but a ``Blob`` for each base64 string.

        Returns
        -------
        object
            dict, list, str, int, float, bool, None or Blob.

        Raises
        ------
        ReplyError
            Where the JSON is cut off, is none, or holds text or numbers that Python cannot.
        """
        if self._in_text or self._sink is not None or self._carry or self._depth > 0:
            raise self._error(
                f"The reply was cut off: its JSON stops in the middle, after {self._total:,} bytes."
            )
        self._place_blob(b",")
        skeleton, self._skeleton = self._skeleton, bytearray()
        try:
            value = _parse(skeleton.decode(), iter(self._blobs))
            if _SURROGATE.search(skeleton):  # rare, and a whole pair is fine
                json.dumps(value, ensure_ascii=False, default=str).encode()
        except UnicodeDecodeError as error:
            raise self._error("The reply is not valid UTF-8 text.") from error
        except UnicodeEncodeError as error:
            raise self._error("The reply holds half of a surrogate pair, which is no text.") from error
        except json.JSONDecodeError as error:
            said = "is empty" if not skeleton.strip(_SPACE) else f"is not JSON ({error.msg})"
            raise self._error(f"The reply {said}.") from error
        except (ValueError, RecursionError) as error:
            raise self._error(f"The reply is JSON that cannot be read: {error}.") from error
        return value

    def _between_strings(self, data: bytes, position: int) -> int:
        match = _RUN.match(data, position)
        end = match.end() if match else position
        if end > position:
            self._take_structure(data[position:end])
        if end == len(data):
            return end
        # A string begins here that is long, or has many escapes, or is not all there.
        inside = end + 1
        stop = _text_end(data, inside, inside + _HEAD)
        closed = stop < min(len(data), inside + _HEAD) and data[stop] == ord('"')
        if not closed and len(data) < inside + _HEAD:
            self._carry = data[end:]
            return len(data)
        self._place_blob(b",")
        self._count_structure(2)
        if closed and stop - inside < _LONG:
            self._skeleton += data[end : stop + 1]
            return stop + 1
        if len(self._blobs) < self._max_images:
            found = sink_for(data[inside : stop if closed else inside + _HEAD], self._max_image_bytes)
            if found:
                self._sink = found[0]
                return inside + found[1]
        self._skeleton += b'"'
        self._in_text = True
        return inside

    def _take_structure(self, run: bytes) -> None:
        """Collect brackets, commas, numbers and short strings, and count them."""
        if self._blob is not None:
            run = run.lstrip(_SPACE)
            if not run:
                return
            self._place_blob(run[:1])
        bare = _SHORT_STRING.sub(b'""', run) if b'"' in run else run
        if bare.translate(None, _STRUCTURE):
            raise self._error(f"The reply is not JSON{_excerpt(self._start)}.")
        self._count_structure(len(bare.translate(None, _SPACE)))
        for bracket in bare.translate(None, _NO_BRACKETS):
            self._begun = True
            self._depth += 1 if bracket in b"{[" else -1
            if not 0 <= self._depth <= self._max_depth:
                too = "has more closing than opening brackets" if self._depth < 0 else "is nested too deeply"
                raise self._error(f"The reply {too}; at most {self._max_depth} levels are read.")
        self._skeleton += run

    def _through_text(self, data: bytes, position: int) -> int:
        end = _text_end(data, position, len(data))
        self._skeleton += data[position:end]
        if end == len(data):
            return end
        if data[end] == ord('"'):
            self._skeleton += b'"'
            self._in_text = False
            return end + 1
        self._carry = data[end:]  # a backslash without what it escapes
        return len(data)

    def _through_sink(self, sink: Base64Sink, data: bytes, position: int) -> int:
        end = data.find(b'"', position)
        stop = len(data) if end < 0 else end
        taken = sink.feed(data, position, stop)
        if sink.too_large:
            raise self._too_large("An image in the reply", self._max_image_bytes)
        if end < 0 and not sink.refused:
            self._carry = data[taken:]  # nothing, or an escape that was cut
            return stop
        if taken == end:
            blob = sink.finish()
            if blob is not None:
                self._sink, self._blob = None, blob
                return end + 1
        # It was text all along: spell it again.
        if sink.text_length > self._max_text_bytes:
            raise self._too_large("The text of the reply", self._max_text_bytes)
        self._sink, self._in_text = None, True
        self._skeleton += b'"' + json.dumps(sink.text())[1:-1].encode()
        return taken

    def _place_blob(self, following: bytes) -> None:
        """Mark the place of the last image, now that it is known to be a value and no key."""
        blob, self._blob = self._blob, None
        if blob is None:
            return
        if following == b":":
            self._skeleton += json.dumps(blob.text).encode()
        else:
            self._skeleton += b"NaN"
            self._blobs.append(blob)

    def _count_structure(self, count: int) -> None:
        self._structure += count
        if self._structure > self._max_structure_bytes:
            raise self._too_large("The JSON structure of the reply", self._max_structure_bytes)

    def _too_large(self, what: str, limit: int) -> ReplyError:
        return self._error(
            f"{what} is larger than {limit:,} bytes, the most that is read (Limits can allow more)."
        )

    def _error(self, message: str) -> ReplyError:
        return ReplyError(message, body=self.start)


def _text_end(data: bytes, start: int, end: int) -> int:
    """Where a string's text stops: at its quote, at a backslash that is cut off, or at ``end``."""
    match = _TEXT.match(data, start, end)
    return match.end() if match else start


def _excerpt(start: bytearray) -> str:
    """Give the first characters, for a message: a gateway's page is known by them."""
    text = " ".join(start.decode("utf-8", "replace").split())
    return f"; it begins with {text[:80]!r}" if text else ""


def _parse(text: str, blobs: Iterator[Blob]) -> Any:
    def whole(digits: str) -> int:
        if len(digits) > _MOST_DIGITS:
            raise ValueError("a number has too many digits")
        return int(digits)

    def real(digits: str) -> float:
        number = float(digits)
        if not math.isfinite(number):
            raise ValueError("a number is too large")
        return number

    return json.loads(text, parse_constant=lambda _: next(blobs), parse_int=whole, parse_float=real)
