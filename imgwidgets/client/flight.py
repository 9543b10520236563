"""One call on its way: how it is stopped, how long it may take, and what its failure may have cost."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

import msgspec

from imgwidgets.client import limits
from imgwidgets.errors import ConnectionFailed, ReplyError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

__all__ = ["AsyncUpload", "Flight", "Flights", "Timeouts", "Upload", "root_of"]

_BILLED = "The provider may have charged for it, so it was not sent again."


class Timeouts(msgspec.Struct, frozen=True, kw_only=True):
    """How long a call may take, in seconds.

    Attributes
    ----------
    connect : float
        Until the connection stands.
    read : float
        Without a byte: before the reply begins, and between two of its bytes.
    total : float
        Until the last byte.
    """

    connect: float = limits.CONNECT_SECONDS
    read: float = 300.0
    total: float = limits.REPLY_SECONDS


class Flight:
    """One call.

    Parameters
    ----------
    url : str
        Where it goes; messages name the host only.
    timeouts : Timeouts
        How long it may take.
    sent : bool
        Whether the provider counts as having the whole request from the start.
    costs : bool
        Whether the provider charges for such calls at all.
    stop : threading.Event, optional
        Set where the call is not wanted any more; what shares it is cancelled together.
    """

    def __init__(
        self,
        url: str,
        timeouts: Timeouts,
        *,
        sent: bool,
        costs: bool = True,
        stop: threading.Event | None = None,
    ) -> None:
        self.host = urlsplit(url).netloc.rpartition("@")[2]
        self.timeouts = timeouts
        self.sent = sent
        self.costs = costs
        self.stop = stop
        self.cancelled = False
        self._deadline = time.monotonic() + timeouts.total
        self._lock = threading.Lock()
        self.socket: socket.socket | Any | None = None
        """What it travels on, so that :meth:`cancel` can reach it; None before and after."""

    def connected(self, event: str, info: Mapping[str, Any]) -> None:
        """Note the socket; httpcore calls this for all that happens."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self.socket = info["return_value"].get_extra_info("socket")
            if self.cancelled:
                self.cancel()

    async def aconnected(self, event: str, info: Mapping[str, Any]) -> None:
        """As :meth:`connected`."""
        self.connected(event, info)

    def cancel(self) -> None:
        """Close the connection from any thread; whoever waits on it gets an error at once."""
        self.cancelled = True
        with self._lock, contextlib.suppress(OSError):  # it may be closed already
            if isinstance(self.socket, socket.socket):
                # The plain socket's: that of TLS would first say goodbye.
                socket.socket.shutdown(self.socket, socket.SHUT_RDWR)
            elif self.socket is not None:  # asyncio's view of one
                self.socket.shutdown(socket.SHUT_RDWR)

    def landed(self) -> None:
        """Let go of the socket: from now on it may carry another call, which is not ours to cancel."""
        with self._lock:
            self.socket = None

    def check_wanted(self) -> None:
        """Stop before anything is sent, where the call is not wanted any more.

        Raises
        ------
        ConnectionFailed
            Where it was cancelled.
        """
        if self.cancelled or (self.stop is not None and self.stop.is_set()):
            self.cancelled = True
            self.sent = False
            self.fail("cancelled")

    def check_whole(self) -> None:
        """Tell a reply that :meth:`cancel` ended from one that has no stated length and just ends.

        Raises
        ------
        ConnectionFailed
            Where it was cancelled.
        """
        if self.cancelled:
            self.fail("cancelled")

    def check_time(self) -> None:
        """Stop a reply that drips for ever.

        Raises
        ------
        ConnectionFailed
            After ``timeouts.total`` seconds.
        """
        if time.monotonic() > self._deadline:
            self.fail("slow")

    def fail(self, trouble: str, error: BaseException | None = None) -> NoReturn:
        """Raise what a failure is called here.

        Parameters
        ----------
        trouble : str
            A key of the table below, or ``cut``.
        error : BaseException, optional
            What the HTTP library said. It is not chained: its request holds the API key, and so do the
            frames that its traceback keeps alive. The system's own error at its bottom is, as a bare copy.

        Raises
        ------
        ConnectionFailed, ReplyError
            With ``maybe_billed`` where the provider may have had the whole request.
        """
        root = root_of(error)
        if self.cancelled:
            trouble = "cancelled"
        text, billed = self._what(trouble, error, root)
        billed = billed and self.costs
        kind = ReplyError if trouble == "unpack" else ConnectionFailed
        new = kind(f"{text} {_BILLED}" if billed else text, maybe_billed=billed)
        try:
            raise new from (type(root)(*root.args) if root is not None else None)
        finally:
            new.__context__ = None

    def _what(self, trouble: str, error: BaseException | None, root: OSError | None) -> tuple[str, bool]:
        """Say what happened, and whether the provider may have had the whole request."""
        host, said = self.host, _short(root or error)
        if trouble == "connect" and isinstance(root, ConnectionRefusedError):
            trouble = "refused"
        if trouble == "connect" and isinstance(root, socket.gaierror):
            trouble = "unknown"
        before = {
            "refused": f"{host} refuses the connection: is a server running there?",
            "unknown": f"the name {host} cannot be resolved: is base_url right, and the network up?",
            "connect": f"no connection to {host}: {said}.",
            "connect_timeout": f"no connection to {host} within {self.timeouts.connect:g} s: "
            "is it the right host?",
            "proxy": f"the proxy gives no connection to {host} ({said}); see HTTPS_PROXY and NO_PROXY.",
            # Not the error's own words: they quote headers.
            "unsendable": f"the request cannot be sent to {host}: {type(error).__name__}.",
        }
        if trouble in before:
            return before[trouble], False
        after = {
            "cancelled": f"the request to {host} was cancelled.",
            "slow": f"{host} was still answering after {self.timeouts.total:g} s; it was stopped.",
            "silent": f"{host} sent nothing for {self.timeouts.read:g} s; timeout=... allows more.",
            "unpack": f"the reply of {host} cannot be unpacked: {said}.",
            "cut": f"{host} cut the connection before its reply was complete ({said}).",
        }
        if trouble == "cut" and not self.sent:
            return f"the connection to {host} was cut while the request was sent ({said}).", False
        return after[trouble], self.sent


class Flights:
    """The calls of one transport that are in the air."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flights: set[Flight] = set()

    def cancel(self, stop: threading.Event | None = None) -> None:
        """Close all connections, or those that share an event, at once and from any thread.

        Their callers get ``ConnectionFailed``. Set the event first: a call that begins meanwhile looks at
        it after it was noted here, so none slips through.
        """
        with self._lock:
            flights = [flight for flight in self._flights if stop is None or flight.stop is stop]
        for flight in flights:
            flight.cancel()

    def add(self, flight: Flight) -> Flight:
        """Note a call that begins."""
        with self._lock:
            self._flights.add(flight)
        return flight

    def discard(self, flight: Flight) -> None:
        """Forget a call that is over."""
        with self._lock:
            self._flights.discard(flight)


class Upload:
    """A body on its way, which tells its flight when the last byte has gone.

    Parameters
    ----------
    body : iterable of bytes
        What is sent.
    flight : Flight
        How it travels.
    """

    def __init__(self, body: Iterable[bytes], flight: Flight) -> None:
        self._body = body
        self._flight = flight

    def __iter__(self) -> Iterator[bytes]:
        yield from self._body
        self._flight.sent = True


class AsyncUpload:
    """As :class:`Upload`, for ``async for`` alone."""

    def __init__(self, body: Iterable[bytes], flight: Flight) -> None:
        self._upload = Upload(body, flight)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._upload:
            yield piece


def root_of(error: BaseException | None) -> OSError | None:
    """Find the system's own error at the bottom of a chain; a refused connection before any other."""
    found: OSError | None = None
    todo, seen = [error], 0
    while todo and seen < 50:
        seen += 1
        one = todo.pop()
        if one is None:
            continue
        if isinstance(one, OSError) and not isinstance(found, ConnectionRefusedError):
            found = one
        todo += [one.__context__, one.__cause__]
        if isinstance(one, BaseExceptionGroup):
            todo += list(one.exceptions)
    return found


def _short(error: BaseException | None) -> str:
    return str(error)[:200] or type(error).__name__
