"""How an answer travels: whole and well, or in one of the ways in which networks fail."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.responses import Response

from imgwidgets.sandbox.pieces import length, written

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Iterable, Iterator, Mapping

    from starlette.types import Receive, Scope, Send

    from imgwidgets.sandbox.pieces import Piece

__all__ = ["BodyResponse", "EventResponse", "HangUp", "gone", "while_there", "wire"]

_Result = TypeVar("_Result")

# A dripping reply takes this long, in this many pieces.
DRIP_SECONDS = 2.0
DRIP_STEPS = 40
# What an endless or huge body is made of: JSON allows any amount of space.
_FILLER = b" " * 65_536
_HUGE = 2 * 1024**3


class HangUp(Exception):
    """Raised by a stream of events to cut the connection where it stands."""


class Wire:
    """The connection under a request: it can be closed or reset.

    Parameters
    ----------
    transport : asyncio.Transport
        Of the connection.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    @property
    def is_gone(self) -> bool:
        """Whether either side has closed it."""
        return self._transport.is_closing()

    def close(self) -> None:
        """End the connection after what was sent; the other side sees the end of the data."""
        self._transport.close()

    def reset(self) -> None:
        """End the connection at once; the other side sees ECONNRESET."""
        raw = self._transport.get_extra_info("socket")
        if raw is not None:
            # Lingering for 0 seconds makes the kernel send RST instead of FIN.
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()


async def gone(receive: Receive) -> None:
    """Wait until the connection is closed and the server knows it (the request's body was read before)."""
    while (await receive())["type"] != "http.disconnect":
        pass


def wire(scope: Scope) -> Wire:
    """Give the connection under a request (the server puts its transport into the scope)."""
    return Wire(scope["state"]["transport"])


async def while_there(receive: Receive, work: Awaitable[_Result]) -> _Result:
    """Wait for work, but stop it when the client is no longer there to get its result.

    Raises
    ------
    ClientDisconnect
        Where the client left first.
    """
    doing, leaving = asyncio.ensure_future(work), asyncio.ensure_future(gone(receive))
    try:
        await asyncio.wait((doing, leaving), return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        raise ClientDisconnect
    finally:
        leaving.cancel()
        doing.cancel()
        await asyncio.gather(doing, leaving, return_exceptions=True)


class BodyResponse(Response):
    """An answer made of pieces that are written while they are sent.

    Parameters
    ----------
    pieces : sequence of pieces
        The body.
    status_code : int
        The HTTP status.
    headers : mapping
        Added to the answer's own.
    media_type : str
        Of the body.
    connection : str
        Empty, or a key of ``CONNECTIONS``.
    """

    def __init__(
        self,
        pieces: Iterable[Piece],
        *,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str = "application/json",
        connection: str = "",
    ) -> None:
        super().__init__(None, status_code=status_code, headers=headers, media_type=media_type)
        self._pieces = list(pieces)
        self._connection = connection

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        line = wire(scope)
        how = CONNECTIONS[self._connection]
        if not how.get("reply", True):
            if how["end"] == "reset":
                line.reset()
            elif how["end"] == "close":
                line.close()
            await gone(receive)
            return
        total = length(self._pieces)
        said = how.get("length", total)
        headers = [(name, value) for name, value in self.raw_headers if name != b"content-length"]
        if said is not None:
            headers.append((b"content-length", str(said).encode()))
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        until = int(total * how.get("share", 1.0))
        sent = 0
        for chunk in _stepped(written(self._pieces), total, how):
            if line.is_gone:
                await gone(receive)
                return
            part = chunk[: until - sent]
            if part:
                await send({"type": "http.response.body", "body": part, "more_body": True})
            sent += len(part)
            if sent >= until and until < total:
                break
            if how.get("pause"):
                await asyncio.sleep(how["pause"])
        await _finish(line, how, receive, send)


def _stepped(chunks: Iterator[bytes], total: int, how: dict[str, Any]) -> Iterator[bytes]:
    if "steps" not in how:
        yield from chunks
        return
    step = max(1, -(-total // how["steps"]))
    for chunk in chunks:
        for start in range(0, len(chunk), step):
            yield chunk[start : start + step]


async def _finish(line: Wire, how: dict[str, Any], receive: Receive, send: Send) -> None:
    end = how.get("end", "")
    if end == "fill":
        while not line.is_gone:
            await send({"type": "http.response.body", "body": _FILLER, "more_body": True})
            await asyncio.sleep(0)
    elif end in ("close", "reset"):
        line.close() if end == "close" else line.reset()
    if end:
        await gone(receive)
        return
    await send({"type": "http.response.body", "body": b"", "more_body": False})


CONNECTIONS: dict[str, dict[str, Any]] = {
    "": {},
    "cut_before_reply": {"reply": False, "end": "close"},
    "reset_before_reply": {"reply": False, "end": "reset"},
    "hang": {"reply": False, "end": "hang"},
    "cut_in_reply": {"share": 0.5, "end": "close"},
    "reset_in_reply": {"share": 0.5, "end": "reset"},
    "hang_in_reply": {"share": 0.5, "end": "hang"},
    "drip": {"steps": DRIP_STEPS, "pause": DRIP_SECONDS / DRIP_STEPS},
    "endless": {"length": None, "end": "fill"},
    "huge": {"length": _HUGE, "end": "fill"},
}
"""Name -> what happens: whether there is a reply, which share of it is sent, and how it ends."""


class EventResponse(Response):
    """Server-sent events, sent as they come.

    Parameters
    ----------
    events : async generator of pieces
        Each entry is one event. :class:`HangUp` raised by it cuts the connection.
    headers : mapping
        Added to the answer's own.
    """

    media_type = "text/event-stream"

    def __init__(
        self, events: AsyncGenerator[list[Piece], None], *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(None, headers={"cache-control": "no-cache", **(headers or {})})
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        headers = [(name, value) for name, value in self.raw_headers if name != b"content-length"]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        try:
            await while_there(receive, self._deliver(send))
        except HangUp:
            wire(scope).close()
            await gone(receive)

    async def _deliver(self, send: Send) -> None:
        # Closing the generator, however this ends, stops the drawing.
        async with contextlib.aclosing(self._events) as events:
            async for pieces in events:
                for chunk in written(pieces):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
