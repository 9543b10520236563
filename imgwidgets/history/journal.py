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
from imgwidgets.history.runs import Runs

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from imgwidgets.catalog import ImageRequest
    from imgwidgets.history.database import Database
    from imgwidgets.history.files import Files
    from imgwidgets.history.rows import Picture
    from imgwidgets.images import ImageResult, ResultImage

__all__ = ["Journal"]

# A PNG of the largest size that is sold today has about 12 MB.
_ROOM_FOR_ONE = 16_000_000
_NOT_WRITTEN = "the answer came, but its pictures could not be written: {}"


class Journal(Runs):
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

    def started(
        self, request: ImageRequest, *, base_url: str = "", run: str | None = None, cell: int | None = None
    ) -> int:
        """Write a request down, with its inputs, before it is sent.

        Parameters
        ----------
        request : ImageRequest
            What will be asked.
        base_url : str
            Where it will go.
        run : str, optional
            The run of a sweep that asks, from :meth:`start_run`.
        cell : int, optional
            Which cell of it.

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
            "run": run,
            "cell": cell,
        }
        with self._database.writing() as connection:
            if run is not None:
                self._need_run(connection, run)
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
                self._change(entry, stage=SENT)
            except BaseException as error:
                self._settle(entry, str(error) or type(error).__name__)
                raise
        return entry

    def partial(self, entry: int, image: ResultImage) -> int:
        """Write a partial image of a stream down, before it is shown; gives its position among them."""
        return self._arrived(entry, [image], "partial", None)

    def arrived(self, entry: int, images: Sequence[ResultImage], *, position: int = 0) -> None:
        """Write pictures down while others of the same answer are still on their way.

        Parameters
        ----------
        entry : int
            From :meth:`started`.
        images : sequence of ResultImage
            What came.
        position : int
            The place of the first of them in the answer.

        Raises
        ------
        HistoryError
            Where they could not be written.
        """
        self._arrived(entry, images, "image", position)

    def _arrived(self, entry: int, images: Sequence[ResultImage], role: str, position: int | None) -> int:
        with self._database.writing() as connection:
            self._need_entry(connection, entry)
            if position is None:
                position = _next_position(connection, entry, role)
            pictures = list(pictures_of(images, role, position))
            named = _name(connection, entry, pictures)
        try:
            self._keep(named)
        except BaseException:
            with contextlib.suppress(HistoryError), self._database.writing() as connection:
                for picture in pictures:
                    if not self._files.has(picture.sha256, len(picture.data or b"")):
                        connection.execute(
                            "DELETE FROM pictures WHERE entry = ? AND role = ? AND position = ?",
                            (entry, role, picture.position),
                        )
            raise
        return position

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
                self._change(entry, pictures_of(result), instead_of="image", **changes)
                self._change(entry, stage=ENDED, status="done")
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
        came = [
            picture
            for role, images in (("image", "images"), ("partial", "partial_images"))
            for picture in self._not_written(entry, role, getattr(error, images, ()))
        ]
        try:
            if came:
                self._change(entry, came, stage=ARRIVED, status="running", **said)
            self._change(entry, stage=ENDED, status=status_of(error), **said)
        except HistoryError:
            self._settle(entry, said["error"])
            raise

    def _not_written(self, entry: int, role: str, images: Iterable[ResultImage]) -> list[Picture]:
        """Give the pictures that were not written down when they came."""
        rows = self._database.ask(
            "SELECT position, sha256 FROM pictures WHERE entry = ? AND role = ?", (entry, role)
        )
        names = {row["sha256"] for row in rows}
        new = [image for image in images if image.sha256 not in names]
        return list(pictures_of(new, role, 1 + max((row["position"] for row in rows), default=-1)))

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

    def _change(
        self, entry: int, pictures: Iterable[Picture] = (), *, instead_of: str = "", **changes: Any
    ) -> None:
        """Change an entry; name its new pictures, instead of those of a role, and then write their files."""
        new = list(pictures)
        with self._database.writing() as connection:
            self._need_entry(connection, entry)
            connection.execute(
                f"UPDATE entries SET {', '.join(f'{name} = ?' for name in changes)} WHERE id = ?",  # noqa: S608 (our own names)
                (*changes.values(), entry),
            )
            if instead_of:
                _set_aside(connection, entry, instead_of, {picture.sha256 for picture in new})
            named = _name(connection, entry, new)
        self._keep(named)

    def _need_entry(self, connection: sqlite3.Connection, entry: int) -> None:
        if connection.execute("SELECT 1 FROM entries WHERE id = ?", (entry,)).fetchone() is None:
            raise HistoryError(
                f"there is no entry {entry!r} in the history {self._files.folder}; was it removed?"
            )

    def _keep(self, named: Sequence[tuple[str, bytes]]) -> None:
        writer = self._database.process
        for digest, data in named:
            self._files.put(digest, data, writer=writer)


def _set_aside(connection: sqlite3.Connection, entry: int, role: str, names: set[str]) -> None:
    """Make room for the whole answer, where parts of it were written down on the way.

    They are part of the whole, maybe at another place. What is not (of a stream that was cut after its
    picture, while others went on) stays as a partial image: it has arrived.
    """
    rows = connection.execute(
        "SELECT * FROM pictures WHERE entry = ? AND role = ? ORDER BY position", (entry, role)
    ).fetchall()
    connection.execute("DELETE FROM pictures WHERE entry = ? AND role = ?", (entry, role))
    for row in rows:
        if row["sha256"] not in names:
            position = _next_position(connection, entry, "partial")
            connection.execute(
                "INSERT INTO pictures VALUES (?, 'partial', ?, ?, ?, ?, ?)",
                (entry, position, row["sha256"], row["bytes"], row["header"], row["details"]),
            )


def _next_position(connection: sqlite3.Connection, entry: int, role: str) -> int:
    question = "SELECT coalesce(max(position) + 1, 0) FROM pictures WHERE entry = ? AND role = ?"
    return int(connection.execute(question, (entry, role)).fetchone()[0])


def _name(connection: sqlite3.Connection, entry: int, pictures: Iterable[Picture]) -> list[tuple[str, bytes]]:
    """Write down which pictures an entry has; gives what must then be on disk."""
    named = []
    for picture in pictures:
        row = picture.row()
        connection.execute("INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?, ?, ?)", (entry, *row))
        if picture.data is not None and row[2] is not None:
            named.append((row[2], picture.data))
    return named
