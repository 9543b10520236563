"""The seam to whoever writes down what was asked and what came of it."""

from __future__ import annotations

import asyncio
import importlib
import sys
import threading
from typing import TYPE_CHECKING, Any, Self

from imgwidgets.errors import ImgWidgetsError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Sequence
    from types import TracebackType

    from imgwidgets.catalog import ImageRequest
    from imgwidgets.client.exchange import Exchange
    from imgwidgets.images import ImageResult, PartialImage, ResultImage

__all__ = ["UNRECORDED", "Recording", "recorder_for"]


def recorder_for(history: Any) -> Any:
    """Give what a client's option ``history`` asks for; None where nothing is to be written.

    The history is imported only where it is wanted, and opened with the first request.

    Raises
    ------
    TypeError
        For anything but True, False and a History.
    """
    if history is False:
        return None
    return importlib.import_module("imgwidgets.history").recorder(history)


class Recording:
    """Tells a recorder what becomes of one request; with ``async with``, it does so on threads.

    Parameters
    ----------
    recorder : Recorder or None
        ``.started(request, base_url=...)`` gives a token; ``.partial(token, image)``,
        ``.arrived(token, images, position=...)``, ``.finished(token, result)`` and
        ``.failed(token, error)`` take it.
    request : ImageRequest, optional
        What will be sent; needed where there is a recorder.
    base_url : str
        Where it goes.
    """

    def __init__(self, recorder: Any, request: ImageRequest | None = None, base_url: str = "") -> None:
        self._recorder = recorder
        self._request = request
        self._base_url = base_url
        self._token: Any = None
        self._lock = threading.Lock()
        self._unwanted = False  # cancelled while the request was being written down

    def partial(self, image: PartialImage) -> None:
        """Write down a partial image of a stream, before it is shown."""
        if self._recorder is not None:
            self._recorder.partial(self._token, image)

    def fed(self, exchange: Exchange, chunk: bytes) -> Iterator[PartialImage]:
        """Let a reply take its next bytes, and write down each picture that is complete now."""
        for image in exchange.feed(chunk):
            self.partial(image)
            yield image
        self.arrived(*exchange.arrivals())

    def arrived(self, images: Sequence[ResultImage], position: int) -> None:
        """Write pictures down while others of the same answer are still on their way.

        Parameters
        ----------
        images : sequence of ResultImage
            What came; may be empty.
        position : int
            The place of the first of them in the answer.
        """
        if self._recorder is not None and images:
            self._recorder.arrived(self._token, images, position=position)

    def finished(self, result: ImageResult) -> None:
        """Write down what came, before anything shows it."""
        if self._recorder is not None:
            self._recorder.finished(self._token, result)

    def __enter__(self) -> Self:
        if self._recorder is not None:
            self._token = self._recorder.started(self._request, base_url=self._base_url)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A stream that is left until the interpreter ends: nothing can be written any more, and whoever opens
        # the history next gives that request its end.
        if self._recorder is not None and error is not None and not sys.is_finalizing():
            self._recorder.failed(self._token, error)

    # -- awaited: a disk that is slow, or a database that another process holds, stops no other task ------

    async def apartial(self, image: PartialImage) -> None:
        """As :meth:`partial`."""
        if self._recorder is not None:
            await asyncio.to_thread(self.partial, image)

    async def afed(self, exchange: Exchange, chunk: bytes) -> AsyncGenerator[PartialImage]:
        """As :meth:`fed`."""
        for image in exchange.feed(chunk):
            await self.apartial(image)
            yield image
        await self.aarrived(*exchange.arrivals())

    async def aarrived(self, images: Sequence[ResultImage], position: int) -> None:
        """As :meth:`arrived`."""
        if self._recorder is not None and images:
            await asyncio.to_thread(self.arrived, images, position)

    async def afinished(self, result: ImageResult) -> None:
        """As :meth:`finished`."""
        if self._recorder is not None:
            await asyncio.to_thread(self.finished, result)

    async def __aenter__(self) -> Self:
        if self._recorder is None:
            return self
        try:
            await asyncio.to_thread(self._start)
        except asyncio.CancelledError:
            with self._lock:
                self._unwanted = True
                self._take_back()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._recorder is not None and error is not None:
            await asyncio.to_thread(self.__exit__, kind, error, trace)

    def _start(self) -> None:
        # The thread goes on where its task is cancelled: whoever comes second takes the row back.
        self.__enter__()
        with self._lock:
            self._take_back()

    def _take_back(self) -> None:
        if self._unwanted and self._token is not None:
            self._recorder.failed(self._token, ImgWidgetsError("cancelled before it was sent"))


UNRECORDED = Recording(None)
"""For what is read and is no answer: the body of an error."""
