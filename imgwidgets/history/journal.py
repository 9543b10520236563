"""Writing: a request before it is sent, its answer before it is shown."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING, Any

from imgwidgets.errors import HistoryError
from imgwidgets.history import upkeep
from imgwidgets.history.place import need_room
from imgwidgets.history.rows import (
    ARRIVED,
    ENDED,
    PREPARING,
    SENT,
    inputs_of,
    of_error,
    of_request,
    of_result,
    pictures_of,
    status_of,
    words_of,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from imgwidgets.catalog import ImageRequest
    from imgwidgets.history.database import Database
    from imgwidgets.history.files import Files
    from imgwidgets.history.rows import Picture
    from imgwidgets.images import ImageResult

__all__ = ["Journal"]

# A PNG of the largest size that is sold today has about 12 MB.
_ROOM_FOR_ONE = 16_000_000
_NOT_WRITTEN = "the answer came, but its pictures could not be written: {}"


class Journal:
    """The half of a :class:`~imgwidgets.history.History` that writes.

    Parameters
    ----------
    database : Database
        Its rows.
    files : Files
        Its pictures.
    """

    def __init__(self, database: Database, files: Files) -> None:
        self._database = database
        self._files = files
        self._turns: dict[int, threading.Lock] = {}

    def started(self, request: ImageRequest, *, base_url: str = "") -> int:
        """Write a request down, with its inputs, before it is sent.

        Parameters
        ----------
        request : ImageRequest
            What will be asked.
        base_url : str
            Where it will go.

        Returns
        -------
        int
            The entry's number, for :meth:`finished` or :meth:`failed`.

        Raises
        ------
        HistoryError
            Where it cannot be written, or the answer could not be: it must not be sent then.
        """
        count = request.parameters.get("n", 1)
        count = count if isinstance(count, int) and not isinstance(count, bool) and 1 < count < 100 else 1
        process = self._database.process
        need_room(self._files.folder, count * _ROOM_FOR_ONE)
        pictures = inputs_of(request)
        files = any(picture.data is not None for picture in pictures)
        row = {
            "process": process,
            "created": time.time(),
            "stage": PREPARING if files else SENT,
            "status": "running",
            **of_request(request, base_url),
        }
        with self._database.writing() as connection:
            entry = int(
                connection.execute(
                    f"INSERT INTO entries ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",  # noqa: S608 (our own names)
                    tuple(row.values()),
                ).lastrowid
                or 0
            )
            named = _name(connection, entry, pictures)
        if files:
            try:
                self._keep(named)
                self.change(entry, stage=SENT)
            except BaseException as error:
                self._settle(entry, str(error) or type(error).__name__)
                raise
        return entry

    def finished(self, entry: int, result: ImageResult) -> None:
        """Write an answer down, before it is shown.

        Parameters
        ----------
        entry : int
            From :meth:`started`.
        result : ImageResult
            What came.

        Raises
        ------
        HistoryError
            Where it could not be written; the entry says so, where that can be written.
        """
        changes: dict[str, Any] = {"stage": ARRIVED, "status": "running", **of_result(result)}
        changes |= {"error": "", "error_type": ""}
        if result.request is not None and any(image.revised_prompt for image in result):
            changes["words"] = words_of(result.request, result)
        with self._turn(entry):
            try:
                self.change(entry, pictures_of(result), **changes)
                self.change(entry, stage=ENDED, status="done")
            except HistoryError as error:
                self._settle(entry, _NOT_WRITTEN.format(error))
                raise

    def failed(self, entry: int, error: BaseException) -> None:
        """Write down why no answer came, with what a stream had delivered until then.

        Parameters
        ----------
        entry : int
            From :meth:`started`.
        error : BaseException
            ``maybe_billed`` of a ``RequestError`` decides between ``failed`` and ``maybe_billed``; an
            interrupt or an abandoned stream may have been billed.

        Raises
        ------
        HistoryError
            Where it could not be written.
        """
        with self._turn(entry):
            self._failed(entry, error)

    def _failed(self, entry: int, error: BaseException) -> None:
        said = of_error(error)
        rows = self._database.ask("SELECT stage, status FROM entries WHERE id = ?", (entry,))
        if rows and (rows[0]["stage"] == ARRIVED or rows[0]["status"] == "done"):
            # An interrupt while the answer was being written: what is there of it counts.
            self._settle(entry, _NOT_WRITTEN.format(said["error"]))
            return
        partial = list(pictures_of(getattr(error, "partial_images", ()), "partial"))
        try:
            if partial:
                self.change(entry, partial, stage=ARRIVED, status="running", **said)
            self.change(entry, stage=ENDED, status=status_of(error), **said)
        except HistoryError:
            self._settle(entry, said["error"])
            raise

    @contextlib.contextmanager
    def _turn(self, entry: int) -> Iterator[None]:
        """Let an entry be ended by one thread after the other.

        A task that writes an answer on a thread may be cancelled meanwhile, and then tells of a failure.
        """
        with self._turns.setdefault(entry, threading.Lock()):
            yield
        self._turns.pop(entry, None)

    def _settle(self, entry: int, said: str) -> None:
        """End an entry with what is there of it, where that can be written."""
        with contextlib.suppress(HistoryError):  # what went wrong first is what is told
            upkeep.settle(self._database, self._files, entry, said)

    def change(self, entry: int, pictures: Iterable[Picture] = (), **changes: Any) -> None:
        """Change an entry; name its new pictures and then write their files."""
        new = list(pictures)
        with self._database.writing() as connection:
            changed = connection.execute(
                f"UPDATE entries SET {', '.join(f'{name} = ?' for name in changes)} WHERE id = ?",  # noqa: S608 (our own names)
                (*changes.values(), entry),
            ).rowcount
            if not changed:
                raise HistoryError(
                    f"there is no entry {entry!r} in the history {self._files.folder}; was it removed?"
                )
            named = _name(connection, entry, new)
        self._keep(named)

    def _keep(self, named: Sequence[tuple[str, bytes]]) -> None:
        writer = self._database.process
        for digest, data in named:
            self._files.put(digest, data, writer=writer)


def _name(connection: sqlite3.Connection, entry: int, pictures: Iterable[Picture]) -> list[tuple[str, bytes]]:
    """Write down which pictures an entry has; gives what must then be on disk."""
    named = []
    for picture in pictures:
        row = picture.row()
        connection.execute("INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?, ?, ?)", (entry, *row))
        if picture.data is not None and row[2] is not None:
            named.append((row[2], picture.data))
    return named
