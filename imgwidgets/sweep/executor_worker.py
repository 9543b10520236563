"""What a worker does, in whatever process it is: find its key, ask whether it may send, send, decode."""

from __future__ import annotations

import pickle
import socket
import threading
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from imgwidgets.client.paced import PacedClient
from imgwidgets.errors import ImgWidgetsError
from imgwidgets.sweep.executor_claims import Claim

if TYPE_CHECKING:
    from imgwidgets.catalog import ImageRequest

__all__ = ["Delivery", "Order", "Parcel", "carry"]


class Parcel(msgspec.Struct, frozen=True):
    """What an executor carries to a worker: no key, no prompt, no pictures.

    Attributes
    ----------
    number : int
        Of the attempt.
    settings : dict
        Of the client: provider, address, timeout, headers without secrets.
    addresses : tuple of (str, int)
        Where the run listens.
    secret : bytes
        Of the run's connections.
    """

    number: int
    settings: dict[str, Any]
    addresses: tuple[tuple[str, int], ...]
    secret: bytes


class Order(msgspec.Struct, frozen=True):
    """What a worker is told to send, once it may.

    Attributes
    ----------
    request : ImageRequest
        What to ask.
    take : int
        How many pictures of the same request were asked for before.
    """

    request: ImageRequest
    take: int


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker gives back.

    Attributes
    ----------
    kind : str
        ``done``, ``failed`` (it was sent), ``delivered`` (one of these, on the claim's own connection),
        ``refused`` (it must not be sent), ``unreachable`` (the run is, so nothing was sent) or ``not ready``
        (no key, ...; nothing was sent).
    where : str
        The worker's machine.
    result : ImageResult or None
        Without its request, which the run has.
    error : BaseException or None
        Why there is none.
    heard : list of (int, dict)
        Status and rate limit headers of each reply.
    """

    kind: Literal["done", "failed", "delivered", "refused", "unreachable", "not ready"]
    where: str
    result: Any = None
    error: Any = None
    heard: list[tuple[int, dict[str, str]]] = []


def carry(parcel: Parcel) -> Delivery:
    """Send one request, where the run says so.

    Parameters
    ----------
    parcel : Parcel
        From the run.
    """
    where = socket.gethostname()
    try:
        client = _client_for(parcel.settings)
    except ImgWidgetsError as error:
        return Delivery(kind="not ready", where=where, error=_portable(error))
    try:
        claim = Claim(parcel.addresses, parcel.secret, parcel.number)
    except OSError as error:
        return Delivery(kind="unreachable", where=where, error=_portable(error))
    with claim:
        if claim.order is None:
            return Delivery(kind="refused", where=where)
        came = _sent(client, claim.order, where)
        return Delivery(kind="delivered", where=where) if claim.deliver(came) else came


def _sent(client: PacedClient, order: Order, where: str) -> Delivery:
    heard: list[tuple[int, dict[str, str]]] = []
    _mine.heard = heard
    try:
        result = client.attempt(order.request, take=order.take)
    except Exception as error:  # noqa: BLE001 (whatever it is, the run decides what it means)
        return Delivery(kind="failed", where=where, error=_portable(error), heard=heard)
    result.request = None
    return Delivery(kind="done", where=where, result=result, heard=heard)


_lock = threading.Lock()
_clients: dict[bytes, PacedClient] = {}
_mine = threading.local()


def _client_for(settings: dict[str, Any]) -> PacedClient:
    """Give the client of this process; where there is no key yet, it is looked for each time."""
    name = pickle.dumps(sorted(settings.items(), key=lambda item: item[0]))
    with _lock:
        if name not in _clients:
            client = _clients[name] = PacedClient(**settings)
            client.traffic.on_heard.append(_hear)
        return _clients[name]


def _hear(_model: str, status: int, headers: Any) -> None:
    """Keep what the run's pace should know; called on the thread that asked."""
    heard = getattr(_mine, "heard", None)
    if heard is not None:
        heard.append((status, {name: value for name, value in headers.items() if "ratelimit" in name}))


def _portable(error: Exception) -> Exception:
    """Give an exception that survives the way."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 (our own)
    except Exception:  # noqa: BLE001 (whatever its class does when pickled)
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
