"""The sandbox as a server in a daemon thread of this process."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import logging
import os
import socket
import threading
from typing import TYPE_CHECKING, Any, Self

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from imgwidgets.catalog import current
from imgwidgets.errors import SandboxError
from imgwidgets.sandbox.app import make_app
from imgwidgets.sandbox.bounds import (
    DRAWING_THREADS,
    KEEP_LOG,
    MAX_BODY_BYTES,
    READING_THREADS,
    URL_LIFETIME,
)
from imgwidgets.sandbox.faults import Faults
from imgwidgets.sandbox.log import Log
from imgwidgets.sandbox.pace import Pace
from imgwidgets.sandbox.replies import REPLIES
from imgwidgets.sandbox.settings import Settings
from imgwidgets.sandbox.store import Store
from imgwidgets.sandbox.threads import Threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from imgwidgets.sandbox.log import Arrival

__all__ = ["Sandbox"]

_BACKLOG = 128
_LAST_PORT = 65_535
# A thread that does not end in this time is left behind; it is a daemon.
_STOP_SECONDS = 10.0
# How long a handler may take to notice that its client is gone.
_HANDLER_SECONDS = 2.0


class _Protocol(H11Protocol):
    """HTTP over h11 that lets an application cut its own connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    """Uvicorn without signal handlers and polling: it starts at once and stops at once."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until :meth:`stop`."""
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        if not self.config.loaded:
            self.config.load()
        self.lifespan = self.config.lifespan_class(self.config)
        await self.startup(sockets)
        if not self.should_exit:
            await self._stop.wait()
        await self.shutdown(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what is open; handlers notice that nobody is left to answer."""
        for server in self.servers:
            server.close()
        for listening in sockets or ():
            listening.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        tasks = list(self.server_state.tasks)
        if tasks:
            await asyncio.wait(tasks, timeout=_HANDLER_SECONDS)
        for server in self.servers:
            await server.wait_closed()

    def stop(self) -> None:
        """End :meth:`serve`, from any thread, even before it has begun."""
        self.should_exit = True
        if self._loop is not None and self._stop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(self._stop.set)


class Sandbox:
    """A provider in this process: real HTTP on a loopback port, pictures that it draws itself.

    Parameters
    ----------
    provider : str
        Whose models, bodies and limits it takes on; ``sandbox`` serves every model of the catalog.
    port : int
        0: any free one.
    latency : float
        Seconds that every request for images takes longer.
    requests_per_minute : float, optional
        More are answered with 429 and the headers that say when to come again.
    reply : str, optional
        A shape of replies (see ``imgwidgets.sandbox.replies``); default: the provider's own.
    faults : str, sequence of str or None, or callable
        What goes wrong (see ``imgwidgets.sandbox.faults``): one name for all requests for images, or
        one entry for each in order (None: nothing), or ``fault(number, arrival) -> name or None``.
    url_lifetime : float
        Seconds for which the URL of a result works.
    keep_log : int
        How many requests :attr:`requests` remembers.
    max_body_bytes : int
        Larger bodies are answered with 413.
    host : str
        A loopback address.

    Raises
    ------
    CatalogError
        For a provider that is not in the catalog.
    SandboxError
        For a port that is none, and a host that is not this machine.
    ValueError
        For an unknown reply or fault; the message names what there is.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> with iw.Sandbox(requests_per_minute=60) as sandbox:
    ...     sandbox.base_url.startswith("http://127.0.0.1:")
    True
    """

    def __init__(  # noqa: PLR0913 (every option is a keyword with a default)
        self,
        provider: str = "sandbox",
        *,
        port: int = 0,
        latency: float = 0.0,
        requests_per_minute: float | None = None,
        reply: str | None = None,
        faults: str | Iterable[str | None] | Callable[[int, Arrival | None], str | None] = (),
        url_lifetime: float = URL_LIFETIME,
        keep_log: int = KEEP_LOG,
        max_body_bytes: int = MAX_BODY_BYTES,
        host: str = "127.0.0.1",
    ) -> None:
        if reply is not None and reply not in REPLIES:
            raise ValueError(f"there is no reply shape {reply!r}: use one of {', '.join(REPLIES)}")
        if not latency >= 0:
            raise ValueError(f"latency must be 0 or more seconds, not {latency!r}")
        _check_loopback(host)
        _check_port(port)
        catalog = current()
        self._host, self._port = host, port
        self._requests = Log(keep=keep_log)
        self._options: dict[str, Any] = {
            "name": catalog.provider(provider).name,
            "first_catalog": catalog,
            "latency": latency,
            "reply": reply or "",
            "max_body_bytes": max_body_bytes,
            "pace": Pace(requests_per_minute),
            "faults": Faults(faults),
            "log": self._requests,
            "files": Store(),
            "results": Store(lifetime=url_lifetime),
        }
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._threads: tuple[Threads, ...] = ()
        self._pid = os.getpid()

    @property
    def provider(self) -> str:
        """The provider whose view it takes on."""
        return str(self._options["name"])

    @property
    def requests(self) -> Log:
        """What arrived, oldest first: paths, fields, headers with keys masked."""
        return self._requests

    @property
    def is_running(self) -> bool:
        """Whether it answers in this process (a fork's child has no server of its own)."""
        thread = self._thread
        return thread is not None and thread.is_alive() and self._pid == os.getpid()

    @property
    def port(self) -> int:
        """The port that it listens on.

        Raises
        ------
        SandboxError
            Where it was not started.
        """
        listening = self._socket
        if listening is None or not self.is_running:
            raise SandboxError("the sandbox is not running: use it as a context manager, or call start()")
        return int(listening.getsockname()[1])

    @property
    def base_url(self) -> str:
        """What a client takes, such as ``http://127.0.0.1:43210/v1``."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}/v1"

    def start(self) -> Sandbox:
        """Start serving; a sandbox that runs already stays as it is.

        Returns
        -------
        Sandbox
            Itself.

        Raises
        ------
        SandboxError
            Where the port is in use.
        """
        with self._lock:
            if self.is_running:
                return self
            listening = _listen(self._host, self._port)
            drawing = Threads(DRAWING_THREADS, "sandbox-drawing")
            reading = Threads(READING_THREADS, "sandbox-reading")
            app = make_app(Settings(drawing=drawing, reading=reading, **self._options))
            _be_quiet()
            # No logger is configured: the notebook's own logging stays as it is.
            config = uvicorn.Config(
                app,
                http=_Protocol,
                loop="asyncio",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                backlog=_BACKLOG,
            )
            # Imported here: a fork while the thread imports would leave a lock held in the child.
            config.load()
            config.get_loop_factory()
            server = _Server(config)
            thread = threading.Thread(
                target=_run, args=(server, listening), name="imgwidgets-sandbox", daemon=True
            )
            self._pid = os.getpid()
            self._socket, self._server, self._thread = listening, server, thread
            self._threads = (drawing, reading)
            thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and free the port; connections that are open are closed."""
        if self._pid != os.getpid():
            self.forget()
            return
        with self._lock:
            server, thread, threads = self._server, self._thread, self._threads
            self._server = self._thread = self._socket = None
            self._threads = ()
        if server is None or thread is None:
            return
        server.stop()
        thread.join(_STOP_SECONDS)
        for each in threads:
            each.close()

    def forget(self) -> None:
        """In a fork's child: let go of the parent's server, whose thread does not exist here."""
        self._lock = threading.Lock()
        listening = self._socket
        self._server = self._thread = self._socket = None
        self._threads = ()
        if listening is not None:
            listening.close()

    def wait(self) -> None:
        """Block until it is stopped."""
        thread = self._thread
        while thread is not None and thread.is_alive():
            # With a timeout, so that Ctrl-C is noticed on Windows too.
            thread.join(0.5)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        where = self.base_url if self.is_running else "not running"
        return f"<Sandbox {self.provider}: {where}>"


def _run(server: _Server, listening: socket.socket) -> None:
    server.run(sockets=[listening])


# Libraries that warn about what a client sent. Without a handler, logging prints that to stderr, into
# somebody's notebook; with this one, it goes where their logging is configured to go, or nowhere.
_LOUD = ("python_multipart", "uvicorn.error")


def _be_quiet() -> None:
    for name in _LOUD:
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


def _check_port(port: int) -> None:
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= _LAST_PORT:
        raise SandboxError(f"port must be a whole number from 0 (any free one) to {_LAST_PORT}, not {port!r}")


def _check_loopback(host: str) -> None:
    if host == "localhost":
        return
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise SandboxError(
            f"the sandbox serves this machine only, so it cannot listen on {host!r}: use 127.0.0.1"
        )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            # A port that was used a minute ago is free; on Windows the option would mean sharing it.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        # Connections queue from now on, so that the address works before the thread has started.
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise SandboxError(_why(error, host, port)) from error
    return listening


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use: choose another one, or port 0 for any free one"
    if error.errno == errno.EACCES:
        return f"port {port} on {host} needs rights that this process lacks: choose one above 1023"
    return f"the sandbox cannot listen on {host}, port {port}: {error}"
