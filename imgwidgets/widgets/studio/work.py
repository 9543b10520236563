"""The Studio's requests: one after another, on a thread of their own, each of which can be stopped."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol

from imgwidgets.catalog import current
from imgwidgets.client.checks import usual_seconds
from imgwidgets.errors import ConnectionFailed, ImgWidgetsError
from imgwidgets.images import ImageResult, PartialImage
from imgwidgets.widgets.studio.clients import fitted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imgwidgets.catalog import ImageRequest
    from imgwidgets.client import Client

__all__ = ["Task", "Work", "count_of", "usual"]


class Tiles(Protocol):
    """What a grid gives for images that are expected."""

    def partial(self, image: PartialImage) -> None: ...
    def result(self, result: Any) -> None: ...
    def failed(self, error: BaseException | str) -> None: ...


def count_of(request: ImageRequest) -> int:
    """Give how many images a request asks for."""
    count = request.parameters.get("n", 1)
    return count if isinstance(count, int) and count > 0 else 1


def usual(request: ImageRequest) -> float | None:
    """Give the seconds that a request usually takes; None where the catalog does not know."""
    return usual_seconds(request, current().model(request.model, request.provider))


class Task:
    """One request on its way to the screen.

    Parameters
    ----------
    request : ImageRequest
        What is asked.
    client : callable
        Gives the client that asks, when it is time.
    tiles : Tiles
        Where its images appear.
    take : int
        How many pictures of the same request were asked for before.
    came : callable
        Called with each partial image and with the result, after the tiles have it.
    """

    def __init__(
        self,
        request: ImageRequest,
        *,
        client: Callable[[], Client],
        tiles: Tiles,
        take: int = 0,
        came: Callable[[PartialImage | ImageResult], None],
    ) -> None:
        self.request = request
        self.tiles = tiles
        self.began = 0.0  # seconds since 1970
        self.number = 0  # counts what was begun
        self._find = client
        self._take = take
        self._came = came
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._stopped = False

    def stop(self) -> None:
        """End it, from any thread; its tiles say so."""
        with self._lock:
            self._stopped = True
            client = self._client
        if client is not None:
            client.close()

    def again(self) -> None:
        """Make it ready to be asked once more."""
        with self._lock:
            self._stopped = False

    def run(self) -> None:
        """Ask, show what comes as it comes, and show what went wrong."""
        try:
            client = self._find().separate(take=self._take)
        except Exception as error:  # noqa: BLE001 (it is shown in the tile)
            self.tiles.failed(error)
            return
        with self._lock:
            self._client = client
            stopped = self._stopped
        try:
            if stopped:
                self.tiles.failed("Stopped before it was sent: nothing was charged.")
                return
            for event in _events(client, fitted(self.request, client)):
                if isinstance(event, PartialImage):
                    self.tiles.partial(event)
                else:
                    self.tiles.result(event)
                self._came(event)
        except Exception as error:  # noqa: BLE001 (it is shown in the tile)
            self.tiles.failed(self._end(error))
        finally:
            with self._lock:
                self._client = None
            client.close()

    def _end(self, error: Exception) -> Exception | str:
        if not self._stopped:
            return error
        if isinstance(error, ConnectionFailed) and error.maybe_billed:
            seconds = time.time() - self.began
            return f"Stopped after {seconds:.0f} s. The provider may charge for it all the same."
        if isinstance(error, ImgWidgetsError | RuntimeError):
            return "Stopped before it was sent: nothing was charged."
        return error


def _events(client: Client, request: ImageRequest) -> Iterator[PartialImage | ImageResult]:
    parameters = dict(request.parameters)
    streamed = bool(parameters.pop("stream", False))
    if request.endpoint == "edits":
        inputs: dict[str, Any] = {
            "mask": request.mask.data if request.mask else None,
            "markup": request.markup,
            "model": request.model,
        }
        given = list(request.images)
        if streamed:
            yield from client.edit_stream(given, request.prompt, **inputs, **parameters)
        else:
            yield client.edit(given, request.prompt, **inputs, **parameters)
    elif streamed:
        yield from client.generate_stream(request.prompt, model=request.model, **parameters)
    else:
        yield client.generate(request.prompt, model=request.model, **parameters)


class Work:
    """A queue with one thread, which is there only while there is something to do.

    Parameters
    ----------
    changed : callable
        Called without arguments, from any thread and without any lock held, when something begins or ends.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Task] = deque()
        self._running: Task | None = None
        self._thread: threading.Thread | None = None
        self._begun = 0
        self._closed = False
        self._changed = changed

    @property
    def running(self) -> Task | None:
        """What is on its way now."""
        with self._lock:
            return self._running

    @property
    def waiting(self) -> int:
        """How many wait behind it."""
        with self._lock:
            return len(self._waiting)

    def submit(self, task: Task) -> None:
        """Ask as soon as all before it have been answered.

        Raises
        ------
        RuntimeError
            Where the queue is closed.
        """
        with self._lock:
            if self._closed:
                raise RuntimeError("this Studio is closed: run its cell again")
            self._waiting.append(task)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="imgwidgets-studio", daemon=True)
                self._thread.start()
        self._changed()

    def stop(self) -> None:
        """End the request that is on its way; the next one begins."""
        task = self.running
        if task is not None:
            task.stop()

    def drop(self, reason: str = "Taken out of the queue: it was not sent.") -> None:
        """Take out what waits."""
        with self._lock:
            dropped = list(self._waiting)
            self._waiting.clear()
        for task in dropped:
            task.tiles.failed(reason)
        self._changed()

    def close(self, *, stop: bool = True) -> None:
        """Take no more, drop what waits and end the thread: now, or when what runs has been answered."""
        with self._lock:
            self._closed = True
            dropped = bool(self._waiting)
        if dropped:
            self.drop("The Studio was closed: it was not sent.")
        if stop:
            self.stop()

    def join(self, timeout: float | None = None) -> bool:
        """Wait until nothing is left to do; say whether that is so."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(timeout)
            return not thread.is_alive()
        return True

    def _run(self) -> None:
        while True:
            with self._lock:
                self._running = self._waiting.popleft() if self._waiting else None
                if self._running is None:
                    self._thread = None
                    break
                task = self._running
                self._begun += 1
                task.began, task.number = time.time(), self._begun
            self._changed()
            with contextlib.suppress(Exception):  # a tile that cannot be shown must not end the queue
                task.run()
        self._changed()
