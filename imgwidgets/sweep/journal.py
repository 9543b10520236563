"""What a run writes down: each request before it is sent, its images before they are shown."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.errors import HistoryError
from imgwidgets.history import History
from imgwidgets.history.place import need_room
from imgwidgets.images import ImageResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgwidgets.catalog import ImageRequest

__all__ = ["Journal", "StoredResult"]

_ROOM = 16_000_000  # bytes: one large picture


class StoredResult(msgspec.Struct, frozen=True):
    """Gives a result of the history anew each time, so that no run holds its pictures.

    Attributes
    ----------
    journal : Journal
        Where it is; it lives as long as this.
    entry : int
        Its number.
    request : ImageRequest
        What was asked; cells share their inputs, entries would read them again.
    """

    journal: Any
    entry: int
    request: ImageRequest | None

    def __call__(self) -> ImageResult:
        """Read it.

        Raises
        ------
        HistoryError
            Where it was removed.
        """
        found = self.journal.history.entry(self.entry)
        return ImageResult(
            found.images,
            request=self.request,
            usage=found.usage,
            cost=found.cost,
            seconds=found.seconds,
            request_id=found.request_id,
            notes=found.notes,
            created=found.provider_created,
            extra=found.extra,
        )


class Journal:
    """One run's pages in a history.

    Parameters
    ----------
    history : History or None
        None keeps the images in a folder that is removed with the run: memory does not hold a thousand of
        them.
    run_id : str
        Of a run that goes on; empty: :meth:`begin` makes a new one.
    """

    def __init__(self, history: History | None, run_id: str = "") -> None:
        self.is_lasting = history is not None
        """Whether another process can find the run again."""
        if history is None:
            folder = Path(tempfile.mkdtemp(prefix="imgwidgets-run-"))
            history = History(folder)
            weakref.finalize(self, _remove, history, folder)
        self.history = history
        self.run_id = run_id

    def begin(self, manifest: Mapping[str, Any], files: Mapping[str, bytes], *, name: str = "") -> str:
        """Write down what is about to be done; gives the run's id.

        Raises
        ------
        HistoryError
            Where it cannot be written, or an answer could not be; nothing must be sent then.
        """
        need_room(self.history.path, _ROOM)
        self.run_id = self.history.start_run(manifest, name=name)
        for data in files.values():
            self.history.keep_file(self.run_id, data)
        return self.run_id

    def update(self, **changes: Any) -> None:
        """Write down what became of the run, where that can be written."""
        with contextlib.suppress(HistoryError):  # the cells tell it too, and their errors are raised
            self.history.update_run(self.run_id, **changes)

    def started(self, request: ImageRequest, cell: int, base_url: str) -> int:
        """Write a request down before it is sent; gives its entry.

        Raises
        ------
        HistoryError
            Where it cannot be written; it must not be sent then.
        """
        return self.history.started(request, base_url=base_url, run=self.run_id, cell=cell)

    def finished(self, entry: int, result: ImageResult) -> StoredResult:
        """Write an answer down; gives what reads it again.

        Raises
        ------
        HistoryError
            Where it could not be written.
        """
        self.history.finished(entry, result)
        return StoredResult(self, entry, result.request)

    def failed(self, entry: int, error: BaseException) -> None:
        """Write down why no answer came; a note of the exception says where that could not be."""
        try:
            self.history.failed(entry, error)
        except HistoryError as trouble:
            error.add_note(f"this failure could not be written to the history: {trouble}")


def _remove(history: History, folder: Path) -> None:
    history.close()
    shutil.rmtree(folder, ignore_errors=True)
