"""Moves bytes: the only module that knows httpx, so that its successor can take its place here.

Each call has a connection of its own. A request takes seconds, a handshake milliseconds; in return no
stale connection can swallow a request that costs money, and a cancelled call closes what it means.

Exceptions of httpx never leave this module: their request would carry the API key.
"""

from __future__ import annotations

import contextlib
import ipaddress
import threading
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import httpx

import imgwidgets
from imgwidgets.client.flight import Flight, Flights, Timeouts

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator, Mapping

    from imgwidgets.client.fetch import Target
    from imgwidgets.client.shape import Call

__all__ = ["AsyncResponse", "AsyncTransport", "Response", "Timeouts", "Transport"]

_WRITE_SECONDS = 60.0  # for one slice of an upload
# One connection a call; no ceiling on calls side by side, since callers pace themselves.
_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=0)
_HEADERS = {"User-Agent": f"imgwidgets/{imgwidgets.__version__}"}

_TROUBLES: tuple[tuple[type[Exception], str], ...] = (  # the first that fits
    (httpx.ConnectTimeout, "connect_timeout"),
    (httpx.ProxyError, "proxy"),
    (httpx.ConnectError, "connect"),
    (httpx.UnsupportedProtocol, "unsendable"),
    (httpx.LocalProtocolError, "unsendable"),
    (httpx.InvalidURL, "unsendable"),
    (httpx.ReadTimeout, "silent"),
    (httpx.DecodingError, "unpack"),
    (httpx.HTTPError, "cut"),
    (httpx.StreamError, "cut"),
    (OSError, "cut"),
)


@contextlib.contextmanager
def _translated(flight: Flight) -> Iterator[None]:
    """Let no exception of httpx out."""
    trouble, error = "", None
    try:
        yield
    except Exception as raised:
        trouble = next((word for kind, word in _TROUBLES if isinstance(raised, kind)), "")
        if not trouble and not flight.cancelled:
            raise
        error = raised
    if error is not None:  # raised outside the handler, so that nothing is chained
        flight.fail(trouble or "cut", error)


class _Upload:
    """A body on its way; it knows when the last byte has gone."""

    def __init__(self, call: Call, flight: Flight) -> None:
        self._body = call.body
        self._flight = flight

    def _pieces(self) -> Iterator[bytes]:
        if self._body is not None:
            yield from self._body
        self._flight.sent = True


class _SyncUpload(_Upload):
    def __iter__(self) -> Iterator[bytes]:
        return self._pieces()


class _AsyncUpload(_Upload):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces():
            yield piece


class _Reply:
    """What a reply's status line and headers say; names of headers are lower case."""

    def __init__(self, raw: httpx.Response, flight: Flight, forget: Callable[[], None]) -> None:
        self._raw = raw
        self._flight = flight
        self._forget = forget
        self.status = raw.status_code
        self.headers = {name.lower(): value for name, value in raw.headers.items()}

    @property
    def cancelled(self) -> bool:
        """Whether it was closed on purpose."""
        return self._flight.cancelled


class Response(_Reply):
    """A reply whose body is still to come; read its chunks once, and close it."""

    def chunks(self) -> Generator[bytes]:
        """Yield the body as it arrives; once."""
        with _translated(self._flight):
            for chunk in self._raw.iter_bytes():
                yield chunk
                self._flight.check_time()
            self._flight.check_whole()

    def close(self) -> None:
        """Close the connection, whether or not the reply is complete."""
        self._raw.close()
        self._forget()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncResponse(_Reply):
    """As :class:`Response`, awaitable."""

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Yield the body as it arrives; once."""
        with _translated(self._flight):
            async for chunk in self._raw.aiter_bytes():
                yield chunk
                self._flight.check_time()
            self._flight.check_whole()

    async def aclose(self) -> None:
        """Close the connection, whether or not the reply is complete."""
        await self._raw.aclose()
        self._forget()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def _options(timeouts: Timeouts) -> httpx.Timeout:
    return httpx.Timeout(timeouts.read, connect=timeouts.connect, write=_WRITE_SECONDS, pool=None)


def _is_loopback(url: str) -> bool:
    """Whether an address is on this computer: no proxy of the environment leads there."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _fetching(target: Target, headers: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Any]]:
    """Give headers and options of a GET that is pinned to a checked IP address."""
    said = {"Host": target.host_header, "Accept": "image/*", "Accept-Encoding": "identity", **headers}
    return said, {"sni_hostname": target.host}


class Transport:
    """Sends calls from any thread, each on a connection of its own."""

    def __init__(self) -> None:
        self._flights = Flights()
        self._lock = threading.Lock()
        self._clients: dict[bool, httpx.Client] = {}

    def open(
        self,
        call: Call,
        key: Mapping[str, str],
        timeouts: Timeouts,
        *,
        costs: bool = True,
        stop: threading.Event | None = None,
    ) -> Response:
        """Send a call and wait for the headers of its reply.

        Parameters
        ----------
        call : Call
            What to send.
        key : mapping
            The header that carries the API key.
        timeouts : Timeouts
            How long it may take.
        costs : bool, default True
            False for calls that no provider charges for.
        stop : threading.Event, optional
            Set where the call is not wanted any more; what :meth:`cancel` can stop together.

        Raises
        ------
        ConnectionFailed
            With ``maybe_billed`` where the provider may have received the whole request.
        """
        flight = Flight(call.url, timeouts, sent=call.body is None, costs=costs, stop=stop)
        content = _SyncUpload(call, flight) if call.body is not None else None
        return self._send(
            flight, call.method, call.url, headers={**call.headers, **key}, options={}, content=content
        )

    def get(self, target: Target, headers: Mapping[str, str], timeouts: Timeouts) -> Response:
        """Fetch an address that was checked, from the checked IP address; redirects are not followed."""
        flight = Flight(target.url, timeouts, sent=True)
        said, options = _fetching(target, headers)
        return self._send(flight, "GET", target.pinned_url, headers=said, options=options, content=None)

    def _send(  # noqa: PLR0913 (what a request is made of)
        self,
        flight: Flight,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        options: dict[str, Any],
        content: _SyncUpload | None,
    ) -> Response:
        self._flights.add(flight)
        try:
            with _translated(flight):
                flight.check_wanted()
                client = self._client(url)
                request = client.build_request(
                    method,
                    url,
                    headers=dict(headers),
                    content=content,
                    timeout=_options(flight.timeouts),
                    extensions={"trace": flight.connected, **options},
                )
                raw = client.send(request, stream=True)
                return Response(raw, flight, lambda: self._flights.discard(flight))
        except BaseException:
            self._flights.discard(flight)
            raise

    def _client(self, url: str) -> httpx.Client:
        local = _is_loopback(url)
        with self._lock:
            if local not in self._clients:
                self._clients[local] = httpx.Client(limits=_LIMITS, headers=_HEADERS, trust_env=not local)
            return self._clients[local]

    def cancel(self, stop: threading.Event | None = None) -> None:
        """Close all connections, or those that share an event; see :meth:`Flights.cancel`."""
        self._flights.cancel(stop)

    def close(self) -> None:
        """Cancel what is in the air and give everything back."""
        self.cancel()
        with self._lock:
            clients, self._clients = self._clients, {}
        for client in clients.values():
            client.close()


class AsyncTransport:
    """As :class:`Transport`, awaitable; cancelling a task closes its connection."""

    def __init__(self) -> None:
        self._flights = Flights()
        self._lock = threading.Lock()
        self._clients: dict[bool, httpx.AsyncClient] = {}

    async def open(
        self,
        call: Call,
        key: Mapping[str, str],
        timeouts: Timeouts,
        *,
        costs: bool = True,
        stop: threading.Event | None = None,
    ) -> AsyncResponse:
        """As :meth:`Transport.open`."""
        flight = Flight(call.url, timeouts, sent=call.body is None, costs=costs, stop=stop)
        content = _AsyncUpload(call, flight) if call.body is not None else None
        return await self._send(
            flight, call.method, call.url, headers={**call.headers, **key}, options={}, content=content
        )

    async def get(self, target: Target, headers: Mapping[str, str], timeouts: Timeouts) -> AsyncResponse:
        """As :meth:`Transport.get`."""
        flight = Flight(target.url, timeouts, sent=True)
        said, options = _fetching(target, headers)
        return await self._send(flight, "GET", target.pinned_url, headers=said, options=options, content=None)

    async def _send(  # noqa: PLR0913 (what a request is made of)
        self,
        flight: Flight,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        options: dict[str, Any],
        content: _AsyncUpload | None,
    ) -> AsyncResponse:
        self._flights.add(flight)
        try:
            with _translated(flight):
                flight.check_wanted()
                client = self._client(url)
                request = client.build_request(
                    method,
                    url,
                    headers=dict(headers),
                    content=content,
                    timeout=_options(flight.timeouts),
                    extensions={"trace": flight.aconnected, **options},
                )
                raw = await client.send(request, stream=True)
                return AsyncResponse(raw, flight, lambda: self._flights.discard(flight))
        except BaseException:
            self._flights.discard(flight)
            raise

    def _client(self, url: str) -> httpx.AsyncClient:
        local = _is_loopback(url)
        with self._lock:
            if local not in self._clients:
                self._clients[local] = httpx.AsyncClient(
                    limits=_LIMITS, headers=_HEADERS, trust_env=not local
                )
            return self._clients[local]

    def cancel(self, stop: threading.Event | None = None) -> None:
        """Close all connections, or those that share an event; see :meth:`Flights.cancel`."""
        self._flights.cancel(stop)

    async def aclose(self) -> None:
        """Cancel what is in the air and give everything back."""
        self.cancel()
        with self._lock:
            clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()
