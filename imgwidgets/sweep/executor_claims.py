"""How a worker asks whether it may send: so that a cell is sent once, whatever its executor does.

Executors run a task again when its worker died (dask by itself), or give up on it (ipyparallel), and none of
them knows whether the request had been sent by then. So a worker connects to the run before it sends, and is
given the request only then, once for each attempt. What comes of it goes back on the same connection as soon
as it is there; where that ends early, the worker died with a request that may have been billed.

Connections are authenticated both ways with a secret of the run (``multiprocessing.connection``); it is no
API key. The run listens on the loopback address, and on the others only when a worker says that it is on
another machine.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import secrets
import socket
import threading
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, answer_challenge, deliver_challenge
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["HOST_VARIABLE", "Claim", "Claims"]

HOST_VARIABLE = "IMGWIDGETS_COORDINATOR"
"""An address of this machine that workers can reach, where they cannot reach it under its own name."""

_CONNECT_SECONDS = 5.0
_QUESTION_SECONDS = 30.0  # until whoever connects has asked
_LONGEST_QUESTION = 100  # bytes
# Whoever connects may be anybody, go away, or be of another version.
_UNUSABLE = (
    OSError,
    EOFError,
    AuthenticationError,
    ValueError,
    pickle.UnpicklingError,
    ImportError,
    AttributeError,
)


class Claims:
    """Listens for workers.

    Parameters
    ----------
    decide : callable
        Gets the number of an attempt; gives what its worker needs, or None where it must not send.
    take : callable
        Called with the number of an attempt and what came of it.
    lost : callable
        Called with the number of an attempt whose worker went away in the midst of it.
    """

    def __init__(
        self, decide: Callable[[int], Any], take: Callable[[int, Any], None], lost: Callable[[int], None]
    ) -> None:
        self.secret = secrets.token_bytes(32)
        self._decide = decide
        self._take = take
        self._lost = lost
        self._listening: list[socket.socket] = []
        self.addresses: tuple[tuple[str, int], ...] = ()
        """Where workers may try to connect, in this order."""
        self._listen("127.0.0.1", ["127.0.0.1"])

    def widen(self) -> None:
        """Listen for workers on other machines too."""
        named = os.environ.get(HOST_VARIABLE, "").strip()
        self._listen("", [named] if named else [_outward(), socket.gethostname()])

    @property
    def is_wide(self) -> bool:
        """Whether workers on other machines can connect."""
        return len(self._listening) > 1

    def _listen(self, host: str, names: Sequence[str]) -> None:
        listening = socket.create_server((host, 0), backlog=128)
        port = listening.getsockname()[1]
        self._listening.append(listening)
        self.addresses += tuple((name, port) for name in dict.fromkeys(names) if name)
        threading.Thread(
            target=self._accept, args=(listening,), name="imgwidgets-claims", daemon=True
        ).start()

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                connected, _ = listening.accept()
            except OSError:  # closed
                return
            threading.Thread(
                target=self._serve, args=(connected,), name="imgwidgets-claim", daemon=True
            ).start()

    def _serve(self, connected: socket.socket) -> None:
        number: int | None = None
        told = False
        with contextlib.suppress(*_UNUSABLE):
            _bound(connected, _QUESTION_SECONDS)
            with Connection(connected.detach()) as connection:
                deliver_challenge(connection, self.secret)
                answer_challenge(connection, self.secret)
                number = int(connection.recv_bytes(_LONGEST_QUESTION))
                order = self._decide(number)
                told = order is None
                connection.send_bytes(pickle.dumps(order))
                if order is not None:
                    # However long the provider takes; a worker that dies closes it.
                    _unbound(connection)
                    came = pickle.loads(connection.recv_bytes())  # noqa: S301 (both sides proved the secret)
                    told = True
                    self._take(number, came)
                    connection.send_bytes(b"taken")
        if number is not None and not told:
            self._lost(number)

    def close(self) -> None:
        """Listen no more."""
        for listening in self._listening:
            # A thread that waits in accept() would keep it open.
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            listening.close()


class Claim:
    """The worker's side: ask whether an attempt may be sent, and tell when it is over.

    Parameters
    ----------
    addresses : sequence of (str, int)
        Where the run listens.
    secret : bytes
        Of the run.
    number : int
        Of the attempt.

    Raises
    ------
    OSError
        Where none of the addresses answers as the run would.
    """

    def __init__(self, addresses: Sequence[tuple[str, int]], secret: bytes, number: int) -> None:
        self._connection = _connect(addresses, secret)
        try:
            self._connection.send_bytes(str(number).encode())
            self.order: Any = pickle.loads(self._connection.recv_bytes())  # noqa: S301 (both sides proved the secret)
            """What to send; None: nothing."""
        except EOFError as error:
            self._connection.close()
            raise ConnectionResetError("the run ended") from error
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def deliver(self, came: Any) -> bool:
        """Give what came of it to the run; False where the run cannot be reached any more."""
        try:
            self._connection.send_bytes(pickle.dumps(came))
            return self._connection.recv_bytes(_LONGEST_QUESTION) == b"taken"
        except (OSError, EOFError):
            return False

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def _connect(addresses: Sequence[tuple[str, int]], secret: bytes) -> Connection[Any, Any]:
    trouble: Exception | None = None
    for address in addresses:
        try:
            connected = socket.create_connection(address, _CONNECT_SECONDS)
            _bound(connected, _CONNECT_SECONDS)
            connection: Connection[Any, Any] = Connection(connected.detach())
            try:
                answer_challenge(connection, secret)
                deliver_challenge(connection, secret)
            except BaseException:
                connection.close()
                raise
            _unbound(connection)
        except (OSError, EOFError, AuthenticationError) as error:
            trouble = error
        else:
            return connection
    raise ConnectionRefusedError(str(trouble))


def _bound(connected: socket.socket, seconds: float) -> None:
    """Let no read of a blocking socket take longer: whoever is there may be somebody else."""
    connected.settimeout(None)
    _limit(connected, seconds)


def _unbound(connection: Connection[Any, Any]) -> None:
    with socket.socket(fileno=os.dup(connection.fileno())) as same:
        _limit(same, 0)


def _limit(connected: socket.socket, seconds: float) -> None:
    if os.name == "posix":
        import struct  # noqa: PLC0415 (only there is a timeout this structure)

        connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", int(seconds), 0))


def _outward() -> str:
    """Give this machine's address as others see it; no packet is sent."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return ""
