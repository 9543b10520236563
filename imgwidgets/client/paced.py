"""The client that a sweep sends through: the sweep paces, retries and writes down by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import msgspec

from imgwidgets import catalog as _catalog
from imgwidgets.client.client import Client
from imgwidgets.client.transport import is_loopback

if TYPE_CHECKING:
    import threading

    from imgwidgets.catalog import ImageRequest, Model
    from imgwidgets.client.session import Session
    from imgwidgets.images import ImageResult

__all__ = ["PacedClient"]


class PacedClient(Client):
    """Asks as another client does, but writes nothing down and tries nothing again.

    Parameters
    ----------
    **options
        As :class:`imgwidgets.Client`.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> with iw.Client("openai-compatible", base_url="http://127.0.0.1:1/v1") as client:
    ...     paced = PacedClient.of(client)
    >>> paced.base_url
    'http://127.0.0.1:1/v1'
    >>> paced.close()
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**options, "history": False, "max_retries": 0})
        self._is_paced = True

    @classmethod
    def of(cls, other: Session) -> Self:
        """Give one with the key and the settings of another client, and connections of its own."""
        twin = object.__new__(cls)
        twin.__dict__.update(other.separate().__dict__)
        twin._history = False
        twin._prepare()
        twin._max_retries, twin._is_paced = 0, True
        return twin

    @property
    def settings(self) -> dict[str, Any]:
        """What another process needs to ask alike, apart from the key, which it finds for itself."""
        state = self.__getstate__()
        return {
            "provider": state["_provider_name"],
            "base_url": self.base_url,
            "timeout": state["_timeout"],
            "headers": state["_headers"],
            "limits": state["_limits"],
        }

    @property
    def is_near(self) -> bool:
        """Whether the provider is on this computer."""
        return is_loopback(self.base_url)

    @property
    def is_embedded(self) -> bool:
        """Whether it is asked at the sandbox that runs in this process."""
        return not self._base()

    @property
    def is_at_home(self) -> bool:
        """Whether it is asked at its own address, where the catalog's limits hold."""
        own = self.provider.base_url.rstrip("/")
        return bool(own) and not self.provider.embedded and self.base_url == own

    def known_model(self, name: str) -> Model | None:
        """Give what the catalog knows of a model of this provider."""
        return _catalog.current().model(name, self._provider_name)

    def attempt(
        self, request: ImageRequest, *, take: int = 0, stop: threading.Event | None = None
    ) -> ImageResult:
        """Send a request as :meth:`send` does, without a warning about what the catalog does not know.

        Parameters
        ----------
        request : ImageRequest
            What to ask.
        take : int, default 0
            How many pictures of the same request were asked for before.
        stop : threading.Event, optional
            What :meth:`give_up` can stop together.

        Raises
        ------
        ImgWidgetsError
            As :meth:`generate` does.
        """
        job = msgspec.structs.replace(self._job(request, warn=False), take=take)
        return self._delivered(job if stop is None else msgspec.structs.replace(job, stop=stop))

    def give_up(self, stop: threading.Event) -> None:
        """Cut what shares an event, whether or not it was billed."""
        stop.set()
        self._transport.cancel(stop)

    def rest(self) -> None:
        """Give the connections back; the next attempt opens others."""
        self._transport.close()
