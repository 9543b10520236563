"""What a client tells the history, and what it does where that cannot write."""

from __future__ import annotations

import threading
import warnings
from typing import TYPE_CHECKING

from imgwidgets.errors import HistoryError
from imgwidgets.history.history import History
from imgwidgets.history.place import default_folder

if TYPE_CHECKING:
    from pathlib import Path

    from imgwidgets.catalog import ImageRequest
    from imgwidgets.images import ImageResult

__all__ = ["Recorder", "recorder", "shared"]

_lock = threading.Lock()
_shared: dict[Path, History] = {}


def shared() -> History:
    """Give the history in its usual place; one for all clients of a process.

    Raises
    ------
    HistoryError
        Where it cannot be opened.
    """
    folder = default_folder()
    with _lock:
        history = _shared.get(folder)
        if history is None or history.closed:
            history = _shared[folder] = History(folder)
        return history


def recorder(history: bool | History) -> Recorder | None:  # noqa: FBT001 (a client's option)
    """Give what a client's option ``history`` asks for.

    Parameters
    ----------
    history : bool or History
        True for the usual place, False for none.

    Raises
    ------
    TypeError
        For something else.
    """
    if history is False:
        return None
    if history is True:
        return Recorder()
    if isinstance(history, History):
        return Recorder(history)
    raise TypeError(f"history is {type(history).__name__}; give True, False or a History")


class Recorder:
    """Writes requests and answers down.

    A request that cannot be written is not sent. But an answer that cannot be written was paid for: it is
    shown all the same, with a note and a warning, and so is a failure.

    Parameters
    ----------
    history : History, optional
        Default: the one in its usual place, opened when the first request is sent.

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

    def __init__(self, history: History | None = None) -> None:
        self._given = history

    @property
    def history(self) -> History:
        """Where it writes to."""
        return self._given if self._given is not None else shared()

    def started(self, request: ImageRequest, *, base_url: str = "") -> tuple[History, int]:
        """Write a request down before it is sent.

        Raises
        ------
        HistoryError
            Where that cannot be; nothing must be sent then.
        """
        history = self.history
        return history, history.started(request, base_url=base_url)

    def finished(self, token: tuple[History, int], result: ImageResult) -> None:
        """Write an answer down before it is shown; a note in it says where that could not be."""
        history, entry = token
        try:
            history.finished(entry, result)
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
