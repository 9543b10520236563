"""Moves bytes: the only module that knows httpx, so that its successor can take its place here.

No two calls share a connection at a time, so that a cancelled call closes what it means. A connection is
used again only right after its last reply (see ``lanes.py``): no stale one must swallow a request that
costs money. Tasks (``AsyncTransport``) take a new one each time.

Exceptions of httpx never leave this module: their request would carry the API key.
"""

from __future__ import annotations

import contextlib
import ipaddress
import threading
from typing import TYPE_CHECKING, Any, Protocol, Self
from urllib.parse import urlsplit

import httpx

import imgwidgets
from imgwidgets.client.flight import AsyncUpload, Flight, Flights, Timeouts, Upload
from imgwidgets.client.lanes import KEPT_SECONDS, Lanes

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Mapping

    from imgwidgets.client.fetch import Target
    from imgwidgets.client.shape import Call

__all__ = ["AsyncResponse", "AsyncTransport", "Response", "Timeouts", "Transport", "is_loopback"]

_WRITE_SECONDS = 60.0  # for one slice of an upload
# One connection a call; no ceiling on calls side by side, since callers pace themselves.
_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=0)
_KEPT = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEPT_SECONDS)
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
        """Give the connection back, or close it where the reply is not complete; once."""
        self._raw.close()
        forget, self._forget = self._forget, _nothing
        forget()

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


def _nothing() -> None:
    """Do nothing: what there was to do is done."""


class _Over(Protocol):
    """Called when a call is over; ``well`` where its connection may be used again."""

    def __call__(self, *, well: bool) -> None: ...


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def is_loopback(url: str) -> bool:
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
    """Sends calls from any thread; no two share a connection at a time."""

    def __init__(self) -> None:
        self._flights = Flights()
        self._lock = threading.Lock()
        self._trust: ssl.SSLContext | None = None
        self._lanes = Lanes(lambda origin: self._client(origin, _KEPT))

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
        content = Upload(call.body, flight) if call.body is not None else None
        lane = self._lanes.take(_origin(call.url))
        # Where the lane's connection is used again, nothing connects and tells of a socket.
        flight.socket = lane.socket

        def over(*, well: bool) -> None:
            lane.socket = flight.socket
            flight.landed()
            if well:
                self._lanes.give(lane)
            else:
                lane.client.close()

        headers = {**call.headers, **key}
        return self._send(
            flight,
            lane.client,
            call.method,
            call.url,
            headers=headers,
            options={},
            content=content,
            over=over,
        )

    def get(self, target: Target, headers: Mapping[str, str], timeouts: Timeouts) -> Response:
        """Fetch an address that was checked, from the checked IP address; redirects are not followed."""
        flight = Flight(target.url, timeouts, sent=True)
        said, options = _fetching(target, headers)
        client = self._client(_origin(target.pinned_url), _LIMITS)

        def over(*, well: bool) -> None:
            del well
            flight.landed()
            client.close()

        return self._send(
            flight,
            client,
            "GET",
            target.pinned_url,
            headers=said,
            options=options,
            content=None,
            over=over,
        )

    def _send(  # noqa: PLR0913 (what a request is made of)
        self,
        flight: Flight,
        client: httpx.Client,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        options: dict[str, Any],
        content: Upload | None,
        over: _Over,
    ) -> Response:
        def forget() -> None:
            self._flights.discard(flight)
            over(well=True)

        self._flights.add(flight)
        try:
            with _translated(flight):
                flight.check_wanted()
                request = client.build_request(
                    method,
                    url,
                    headers=dict(headers),
                    content=content,
                    timeout=_options(flight.timeouts),
                    extensions={"trace": flight.connected, **options},
                )
                raw = client.send(request, stream=True)
                return Response(raw, flight, forget)
        except BaseException:
            self._flights.discard(flight)
            over(well=False)
            raise

    def _client(self, origin: str, limits: httpx.Limits) -> httpx.Client:
        local = is_loopback(origin)
        return httpx.Client(
            limits=limits, headers=_HEADERS, trust_env=not local, verify=self._context(origin)
        )

    def _context(self, origin: str) -> ssl.SSLContext | bool:
        """Read the system's certificates once, and only where they are needed."""
        if origin.startswith("http:") and is_loopback(origin):
            return False
        with self._lock:
            if self._trust is None:
                self._trust = httpx.create_ssl_context()
            return self._trust

    def cancel(self, stop: threading.Event | None = None) -> None:
        """Close all connections, or those that share an event; see :meth:`Flights.cancel`."""
        self._flights.cancel(stop)

    def close(self) -> None:
        """Cancel what is in the air and give everything back."""
        self.cancel()
        self._lanes.close()


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
        content = AsyncUpload(call.body, flight) if call.body is not None else None
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
        content: AsyncUpload | None,
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
        local = is_loopback(url)
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
