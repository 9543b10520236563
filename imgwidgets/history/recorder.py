"""What a client tells the history, and what it does where that cannot write."""

from __future__ import annotations

import contextlib
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from imgwidgets.errors import HistoryError
from imgwidgets.history.history import History
from imgwidgets.history.marks import Kept
from imgwidgets.history.place import default_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imgwidgets.catalog import ImageRequest
    from imgwidgets.images import ImageResult, PartialImage, ResultImage

__all__ = ["Recorder", "recorder", "shared"]

_lock = threading.Lock()
_shared: dict[Path, History] = {}


def shared(folder: Path | None = None) -> History:
    """Give the history of a folder, default: in its usual place; one for all clients of a process.

    Raises
    ------
    HistoryError
        Where it cannot be opened.
    """
    folder = folder if folder is not None else default_folder()
    with _lock:
        history = _shared.get(folder)
        if history is None or history.closed:
            history = _shared[folder] = History(folder)
        return history


def recorder(history: bool | History | Path) -> Recorder | None:  # noqa: FBT001 (a client's option)
    """Give what a client's option ``history`` asks for.

    Parameters
    ----------
    history : bool, History or pathlib.Path
        True for the usual place, False for none; a path is what a pickled client carries.

    Raises
    ------
    TypeError
        For something else.
    """
    if history is False:
        return None
    if history is True:
        return Recorder()
    if isinstance(history, History | Path):
        return Recorder(history)
    raise TypeError(f"history is {type(history).__name__}; give True, False or a History")


class Recorder:
    """Writes requests and answers down.

    A request that cannot be written is not sent. But an answer that cannot be written was paid for: it is
    shown all the same, with a note and a warning, and so is a failure.

    Parameters
    ----------
    history : History or pathlib.Path, optional
        Default: the one in its usual place. A folder is opened when the first request is sent.

    Examples
    --------
    >>> import tempfile
    >>> import imgwidgets as iw
    >>> from imgwidgets.history import History, Recorder
    >>> request = iw.ImageRequest(prompt="a fox", model="gpt-image-2")
    >>> with tempfile.TemporaryDirectory() as folder, History(folder) as history:
    ...     recorder = Recorder(history)
    ...     token = recorder.started(request)
    ...     recorder.failed(token, KeyboardInterrupt())
    ...     history.search()[0].status
    'maybe_billed'
    """

    def __init__(self, history: History | Path | None = None) -> None:
        self._given = history

    @property
    def history(self) -> History:
        """Where it writes to."""
        return self._given if isinstance(self._given, History) else shared(self._given)

    def started(self, request: ImageRequest, *, base_url: str = "") -> tuple[History, int]:
        """Write a request down before it is sent.

        Raises
        ------
        HistoryError
            Where that cannot be; nothing must be sent then.
        """
        history = self.history
        return history, history.started(request, base_url=base_url)

    def partial(self, token: tuple[History, int], image: PartialImage) -> None:
        """Write a partial image down before it is shown; a warning says where that could not be."""
        history, entry = token
        with _or_a_warning("this partial image"):
            position = history.partial(entry, image)
            image.kept = Kept(
                history=history, entry=entry, position=position, sha256=image.sha256, role="partial"
            )

    def arrived(self, token: tuple[History, int], images: Sequence[ResultImage], *, position: int) -> None:
        """Write pictures down while others of the same answer are still on their way."""
        history, entry = token
        with _or_a_warning(f"picture {position}"):
            history.arrived(entry, images, position=position)

    def finished(self, token: tuple[History, int], result: ImageResult) -> None:
        """Write an answer down before it is shown; a note in it says where that could not be."""
        history, entry = token
        try:
            history.finished(entry, result)
            for position, image in enumerate(result):
                image.kept = Kept(history=history, entry=entry, position=position, sha256=image.sha256)
        except HistoryError as error:
            said = f"this is not in the history, save it yourself: {error}"
            result.notes = (*result.notes, said)
            warnings.warn(said, RuntimeWarning, stacklevel=2)

    def failed(self, token: tuple[History, int], error: BaseException) -> None:
        """Write down why no answer came; a note of the exception says where that could not be."""
        history, entry = token
        try:
            history.failed(entry, error)
        except HistoryError as trouble:
            error.add_note(f"this failure could not be written to the history: {trouble}")


@contextlib.contextmanager
def _or_a_warning(what: str) -> Iterator[None]:
    """Go on where something cannot be written: the rest of the answer is paid for."""
    try:
        yield
    except HistoryError as error:
        warnings.warn(f"{what} is not in the history: {error}", RuntimeWarning, stacklevel=4)
