"""Server-sent events: lines become events, and their JSON is read while it arrives.

The rules are those of the HTML standard (section 9.2, server-sent events): lines end with LF, CR or
both; a line is ``field: value``; ``data`` lines of one event are joined by line feeds; an empty line
ends the event; a line that begins with a colon is a comment. Two liberties are taken for servers that
send only ``data:`` lines: an event is also over when its JSON is complete and another ``data`` line
begins, or when the stream ends.
"""

from __future__ import annotations

from typing import Any

import msgspec

from imgwidgets.client import limits
from imgwidgets.client.reader import JsonReader
from imgwidgets.errors import ReplyError

__all__ = ["ServerEvent", "SseReader", "looks_like_events"]

_BOM = b"\xef\xbb\xbf"
_LONGEST_FIELD = 1_000  # bytes of a line that is no data
_LONGEST_WORD = 64_000  # bytes of data that is no JSON
_DONE = b"[DONE]"
_FIELDS = (b"data:", b"event:", b"id:", b"retry:", b":")


class ServerEvent(msgspec.Struct, frozen=True):
    """One event.

    Attributes
    ----------
    name : str
        Its ``event:`` field; empty where there was none.
    value : object
        Its data: JSON as ``JsonReader`` gives it, or a str where it is no JSON.

    Examples
    --------
    >>> ServerEvent("ping", "hello").name
    'ping'
    """

    name: str
    value: Any


def looks_like_events(media_type: str, first_bytes: bytes) -> bool:
    """Whether a reply is an event stream: its first bytes decide, then its media type.

    Examples
    --------
    >>> looks_like_events("text/plain", b"data: {}"), looks_like_events("text/event-stream", b'{"data": []}')
    (True, False)
    """
    start = first_bytes.removeprefix(_BOM).lstrip(b" \t\r\n")
    if start.startswith(_FIELDS):
        return not start[:11].lower().startswith(b"data:image/")  # a bare data URL
    if start[:1] in {b"{", b"["} or start.startswith((b"\x89PNG", b"<")):
        return False
    return media_type.partition(";")[0].strip().lower() == "text/event-stream"


class SseReader:
    r"""Reads server-sent events from chunks of bytes.

    Parameters
    ----------
    max_event_bytes, max_total_bytes : int, optional
        Bytes of one event's data, and of the whole stream; default: those of ``bounds``.
    bounds : Limits, optional
        What else bounds each event's JSON.

    Examples
    --------
    >>> reader = SseReader()
    >>> reader.feed(b'event: ping\ndata: {"a":')
    []
    >>> reader.feed(b" 1}\n\n")
    [ServerEvent(name='ping', value={'a': 1})]
    """

    def __init__(
        self,
        *,
        max_event_bytes: int | None = None,
        max_total_bytes: int | None = None,
        bounds: limits.Limits | None = None,
    ) -> None:
        bounds = bounds or limits.Limits()
        self._json = bounds.for_json() | {"max_bytes": max_event_bytes or bounds.event_bytes}
        self._max_total_bytes = max_total_bytes or bounds.stream_bytes
        self._max_lines = bounds.stream_lines
        self._total = 0
        self._lines = 0
        self._start = bytearray()
        self._opening: bytes | None = b""
        self._after_cr = False  # a line feed now belongs to the line that is over
        self._line = bytearray()  # a line of which the field is not known yet, or a short field
        self._in_data = False
        self._strip_space = False
        self._skip = False
        self._name = ""
        self._data: _Data | None = None
        self._ready: list[ServerEvent] = []
        self._failure: ReplyError | None = None

    def feed(self, chunk: bytes | memoryview) -> list[ServerEvent]:
        """Take the next bytes; give the events that are complete now.

        Raises
        ------
        ReplyError
            Where an event's JSON is broken, or more arrives than allowed. Events that were complete
            before are given first; the next call raises.
        """
        if self._failure is not None:
            raise self._failure
        try:
            self._take(bytes(chunk))
        except ReplyError as error:
            # What was complete before is delivered first: a partial picture must not be lost with it.
            self._failure = error
            if not self._ready:
                raise
        ready, self._ready = self._ready, []
        return ready

    def finish(self) -> list[ServerEvent]:
        """Give the event that no empty line ended, if it is whole.

        Raises
        ------
        ReplyError
            Where the stream stops in the middle of an event.
        """
        if self._failure is not None:
            raise self._failure
        if self._line or self._in_data:
            self._end_line()
        self._dispatch()
        ready, self._ready = self._ready, []
        return ready

    def _take(self, data: bytes) -> None:
        """Take the next bytes; complete events are put into ``_ready``."""
        if len(self._start) < limits.BODY_CHARACTERS:
            self._start += data[: limits.BODY_CHARACTERS - len(self._start)]
        if self._opening is not None:  # a byte order mark may be cut in two as anything may
            data = self._opening + data
            if len(data) < len(_BOM) and _BOM.startswith(data):
                self._opening = data
                return
            self._opening = None
            data = data.removeprefix(_BOM)
        self._total += len(data)
        if self._total > self._max_total_bytes:
            raise self._error(f"The stream has more than {self._max_total_bytes:,} bytes; Limits sets it.")
        position = 0
        if self._after_cr and data:
            position = 1 if data[:1] == b"\n" else 0
            self._after_cr = False
        returns = data.find(b"\r", position)
        while position < len(data):
            feeds = data.find(b"\n", position)
            if 0 <= returns < position:
                returns = data.find(b"\r", position)
            ends = [end for end in (feeds, returns) if end >= 0]
            end = min(ends, default=len(data))
            self._part(data[position:end])
            if not ends:
                break
            self._end_line()
            position = end + 1
            if end == returns:
                self._after_cr = position == len(data)
                position += data[position : position + 1] == b"\n"

    def _part(self, piece: bytes) -> None:
        """Take a part of a line."""
        if self._skip or not piece:
            return
        if not self._in_data:
            self._line += piece
            if not self._line.startswith(b"data:"):
                self._skip = bytes(self._line[:1]) == b":" or len(self._line) > _LONGEST_FIELD
                return
            piece = bytes(self._line[5:])
            self._line.clear()
            self._in_data = self._strip_space = True
            self._begin_data()
        if self._strip_space and piece:
            piece = piece.removeprefix(b" ")
            self._strip_space = False
        if self._data is not None and piece:
            self._data.feed(piece)

    def _end_line(self) -> None:
        self._lines += 1
        if self._lines > self._max_lines:
            raise self._error(f"The stream has more than {self._max_lines:,} lines; Limits sets it.")
        line = bytes(self._line)
        if self._in_data:
            if self._data is not None:
                self._data.end_line()
        elif line == b"data":
            self._begin_data()
        elif line.startswith(b"event:") and not self._skip:
            self._name = line[6:].decode("utf-8", "replace").strip()
        elif not line and not self._skip:
            self._dispatch()
        self._line.clear()
        self._in_data = self._skip = self._strip_space = False

    def _begin_data(self) -> None:
        if self._data is not None and self._data.complete:
            self._dispatch()
        if self._data is None:
            self._data = _Data(self._json)
        else:
            self._data.feed(b"\n")

    def _dispatch(self) -> None:
        data, self._data = self._data, None
        name, self._name = self._name, ""
        if data is not None and not data.empty:
            self._ready.append(ServerEvent(name, data.finish()))

    def _error(self, message: str) -> ReplyError:
        return ReplyError(message, body=self._start.decode("utf-8", "replace"))


class _Data:
    """The data of one event: JSON goes to a reader at once, a few bytes of anything else are kept."""

    def __init__(self, bounds: dict[str, int]) -> None:
        self._bounds = bounds
        self._head = bytearray()  # undecided, or no JSON
        self._is_done = False
        self._reader: JsonReader | None = None

    @property
    def complete(self) -> bool:
        return self._is_done or (self._reader is not None and self._reader.complete)

    @property
    def empty(self) -> bool:
        return self._reader is None and not self._head.strip()

    def feed(self, piece: bytes) -> None:
        if self._reader is not None:
            self._reader.feed(piece)
            return
        self._head += piece
        start = bytes(self._head[:64]).lstrip()
        if start[:1] == b"{" or (start[:1] == b"[" and len(start) >= len(_DONE) and start[:6] != _DONE):
            self._reader = JsonReader(**self._bounds)
            self._reader.feed(bytes(self._head))
        elif len(self._head) > _LONGEST_WORD:
            raise ReplyError(
                f"An event of the stream holds {len(self._head):,} bytes that are no JSON.",
                body=self._head[: limits.BODY_CHARACTERS].decode("utf-8", "replace"),
            )

    def end_line(self) -> None:
        self._is_done = self._reader is None and self._head.strip() == _DONE

    def finish(self) -> Any:
        if self._reader is None and self._head.lstrip().startswith(b"[") and self._head.strip() != _DONE:
            self._reader = JsonReader(**self._bounds)
            self._reader.feed(bytes(self._head))
        if self._reader is not None:
            return self._reader.finish()
        return self._head.decode("utf-8", "replace").strip()
