"""Which client asks: that of the chosen provider, or the sandbox where it has no key."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import msgspec

from imgwidgets.catalog import check, current
from imgwidgets.client import Client
from imgwidgets.errors import AuthenticationError, CatalogError
from imgwidgets.widgets.picker.state import PickerState

if TYPE_CHECKING:
    from imgwidgets.catalog import ImageRequest, Provider
    from imgwidgets.history import History

__all__ = ["Answerer", "Clients", "fitted"]


class Answerer(msgspec.Struct, frozen=True):
    """Who answers for a provider.

    Attributes
    ----------
    client : Client
        Who asks.
    stands_in : bool
        Whether it is the sandbox in the provider's place.
    reason : str
        Why: what was looked for, and what to do.
    """

    client: Client
    stands_in: bool = False
    reason: str = ""


def fitted(request: ImageRequest, client: Client) -> ImageRequest:
    """Give a request as the client that answers can take it.

    Where the sandbox stands in for a provider whose model it does not have, its own default model draws;
    what only the provider takes is left out.
    """
    provider = client.provider
    if provider.name == request.provider or not provider.embedded:
        return request
    here = request.replace(provider=provider.name)
    wrong = {problem.parameter for problem in check(here)}
    if not wrong:
        return here
    model = provider.default_model if "model" in wrong else request.model
    state = PickerState(model, endpoint=request.endpoint, provider=provider.name)
    state.load({**request.parameters, "model": state.model}, foreign=True)
    return here.replace(model=state.model, parameters=state.parameters)


class Clients:
    """The clients of a Studio, made when they are first needed.

    Parameters
    ----------
    given : Client, optional
        Asks for its own provider; it is never closed here.
    """

    def __init__(self, given: Client | None = None) -> None:
        self._given = given
        self._lock = threading.Lock()
        self._made: dict[str, Client] = {}
        self._lacking: dict[str, str] = {}  # provider -> why it has no client

    def answerer(self, provider: str, *, fresh: bool = False) -> Answerer:
        """Find who answers for a provider.

        Parameters
        ----------
        provider : str
            A name of the catalog.
        fresh : bool
            Whether a key that was missing is looked for again: keyrings may take a while.

        Raises
        ------
        CatalogError
            For a provider that the catalog does not know.
        """
        if self._given is not None and self._given.provider.name == provider:
            return Answerer(self._given)
        known = current().provider(provider)
        with self._lock:
            if fresh or known.name not in self._lacking:
                try:
                    return Answerer(self._client(known.name))
                except (AuthenticationError, CatalogError) as error:
                    self._lacking[known.name] = _reason(known, error)
            free = next(each for each in current().providers.values() if each.embedded)
            return Answerer(self._client(free.name), stands_in=True, reason=self._lacking[known.name])

    def _client(self, provider: str) -> Client:
        if provider not in self._made:
            self._made[provider] = Client(provider)
            self._lacking.pop(provider, None)
        return self._made[provider]

    @property
    def history(self) -> bool | History:
        """Where requests are written down: as the given client has it, else in the usual place."""
        return True if self._given is None else self._given.history

    def forget(self, provider: str) -> None:
        """Make a new client for a provider when it is next asked: it has a new key."""
        with self._lock:
            client = self._made.pop(provider, None)
            self._lacking.pop(provider, None)
        if client is not None:
            client.close()

    def close(self) -> None:
        """Close the clients that were made here; requests go on, on connections of their own."""
        with self._lock:
            made, self._made = list(self._made.values()), {}
        for client in made:
            client.close()


def _reason(provider: Provider, error: Exception) -> str:
    if isinstance(error, AuthenticationError):
        # The first sentence says where was looked; what to do is shorter here than in a script.
        looked = str(error).partition(". Do one of:")[0].replace("the environment variable ", "")
        return f"{looked}. iw.set_key({provider.name!r}), in a cell of its own, asks for one."
    return str(error)
