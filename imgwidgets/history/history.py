"""The history: what was asked, what came back, what it cost."""

from __future__ import annotations

import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from imgwidgets.errors import HistoryError
from imgwidgets.history import upkeep
from imgwidgets.history.database import Database
from imgwidgets.history.export import export, numbers_of, to_pandas
from imgwidgets.history.files import Files
from imgwidgets.history.journal import Journal
from imgwidgets.history.marks import Marking
from imgwidgets.history.pictures import StoredImages
from imgwidgets.history.place import default_folder
from imgwidgets.history.rows import ENDED
from imgwidgets.history.search import TOGETHER, conditions, entries_of, long_ago, page_of

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    from imgwidgets.history.entry import Entry
    from imgwidgets.history.pictures import StoredImage
    from imgwidgets.history.search import Moment
    from imgwidgets.history.upkeep import Fault, Pruned

__all__ = ["History"]


class History(Journal, Marking):
    """Every request that a client made, with its images, on disk.

    Safe to use from any thread, and with several processes on one folder. A request has a row before it is
    sent, and its images are on disk before they are shown: after a process was killed at any moment, whoever
    opens the history next finds every image that had arrived, and marks what has no known end as
    ``maybe_billed``.

    Parameters
    ----------
    path : str or path, optional
        A folder, made where it does not exist, with access for its owner only. Default: ``history`` in the
        folder that ``IMGWIDGETS_HOME`` names, else in the user's data folder.

    Raises
    ------
    HistoryError
        Where it cannot be opened: a read-only folder, a full disk, a newer version's tables.

    Notes
    -----
    ``Client.upload`` and ``Client.models`` cost nothing and are not written down. Partial images of a stream
    are kept, too (``entry.partial_images``), as is the first of several pictures while the others are on
    their way.

    API keys are never written: request headers do not come here. Of input addresses, user names, passwords
    and the values of keys such as ``token`` or ``signature`` are left out (``entry.notes`` says so), and
    parameters with such names altogether.

    Where the folder lies on another machine (NFS, SMB), SQLite keeps a rollback journal in place of its
    write-ahead log, which needs memory that all writers share.

    Examples
    --------
    >>> import tempfile
    >>> import imgwidgets as iw
    >>> picture = iw.ResultImage(b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>')
    >>> request = iw.ImageRequest(prompt="a red fox", model="gpt-image-2", provider="openai")
    >>> with tempfile.TemporaryDirectory() as folder, iw.History(folder) as history:
    ...     number = history.started(request)  # a client does this, before it sends
    ...     history.finished(number, iw.ImageResult([picture], request=request, cost=0.25))
    ...     [entry.images[0].size for entry in history.search("fox")], history.spent()
    ([(8, 8)], 0.25)
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        folder = Path(path).expanduser().absolute() if path is not None else default_folder()
        super().__init__(Database(folder), Files(folder))
        self.path = folder
        # Closed when nobody holds it any more. Not before: at the end of a program, threads may still bring
        # answers, which are paid for.
        self._finalizer = weakref.finalize(self, self._database.close)
        self._finalizer.atexit = False
        try:
            self.recover()
        except BaseException:
            self.close()
            raise

    # -- looking ----------------------------------------------------------------------------------------

    def search(  # noqa: PLR0913 (one for each thing to search by)
        self,
        text: str = "",
        *,
        model: str | None = None,
        provider: str | None = None,
        since: Moment = None,
        until: Moment = None,
        min_cost: float | None = None,
        max_cost: float | None = None,
        starred: bool | None = None,
        status: str | Iterable[str] | None = None,
        run: str | None = None,
        limit: int | None = 100,
        offset: int = 0,
    ) -> list[Entry]:
        """Find entries, the newest first.

        Parameters
        ----------
        text : str
            Words that all occur in the prompt, the model's name or what the provider made of the prompt;
            upper and lower case are the same.
        model, provider : str, optional
            Exactly this one.
        since, until : datetime, date, str, timedelta or number, optional
            When it was asked: ``"2026-11-20"``, ``timedelta(hours=2)`` or ``7`` (days ago); a date stands for
            the whole day.
        min_cost, max_cost : float, optional
            US dollars; what has no known cost is not found then.
        starred : bool, optional
            Only those with a star (of their own, or of one of their pictures), or only those without.
        status : str or several, optional
            ``running``, ``done``, ``failed``, ``maybe_billed``, ``not_sent``.
        run : str, optional
            Only those of this run of a sweep.
        limit : int or None, default 100
            At most so many; None for all.
        offset : int, default 0
            So many of the newest are left out: the next page.

        Raises
        ------
        ValueError, TypeError
            For a time or a status that is none.
        HistoryError
            Where it cannot be read.
        """
        where, values = conditions(
            text,
            model=model,
            provider=provider,
            since=since,
            until=until,
            min_cost=min_cost,
            max_cost=max_cost,
            starred=starred,
            status=status,
            run=run,
        )
        page = page_of(limit, offset)
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT * FROM entries{where} ORDER BY created DESC, id DESC LIMIT ? OFFSET ?",  # noqa: S608 (question marks)
                (*values, *page),
            ).fetchall()
            return entries_of(connection, rows, self)

    def count(self, text: str = "", **filters: Any) -> int:
        """Tell how many entries a search would find without a limit; parameters as for :meth:`search`."""
        where, values = conditions(text, **filters)
        return int(self._database.ask(f"SELECT count(*) FROM entries{where}", values)[0][0])  # noqa: S608 (question marks)

    def known(self, what: Literal["model", "provider", "status"]) -> list[str]:
        """Give the models, providers or statuses that occur, the most frequent first.

        Raises
        ------
        ValueError
            For anything else.
        """
        if what not in ("model", "provider", "status"):
            raise ValueError(f"what is {what!r}; it is model, provider or status")
        rows = self._database.ask(
            f"SELECT {what} FROM entries GROUP BY {what} ORDER BY count(*) DESC, {what}"  # noqa: S608 (as checked)
        )
        return [row[0] for row in rows]

    @property
    def version(self) -> tuple[int, ...]:
        """Something that is equal only as long as nobody has written, in this process or another."""
        return self._database.version

    def entry(self, number: int) -> Entry:
        """Give one entry by its number.

        Raises
        ------
        HistoryError
            Where there is none.
        """
        with self._database.reading() as connection:
            rows = connection.execute("SELECT * FROM entries WHERE id = ?", (number,)).fetchall()
            found = entries_of(connection, rows, self)
        if not found:
            raise HistoryError(f"there is no entry {number!r} in the history {self.path}")
        return found[0]

    def lookup(self, key: str, *, base_url: str | None = None) -> Entry | None:
        """Give the newest finished entry of a request, all of whose images are there; else None.

        Parameters
        ----------
        key : str
            ``ImageRequest.key``.
        base_url : str, optional
            Only an answer from there: a provider such as ``openai-compatible`` may be many servers.
        """
        return self.lookup_many([key], base_url=base_url).get(key)

    def lookup_many(self, keys: Iterable[str], *, base_url: str | None = None) -> dict[str, Entry]:
        """As :meth:`lookup` for many requests at once; gives those that were found, by their key."""
        return {key: entries[0] for key, entries in self.answers(keys, base_url=base_url).items()}

    def answers(self, keys: Iterable[str], *, base_url: str | None = None) -> dict[str, list[Entry]]:
        """As :meth:`lookup_many`, with all finished entries of each request, the newest first."""
        asked = list(dict.fromkeys(keys))
        found: dict[str, list[Entry]] = {}
        for start in range(0, len(asked), TOGETHER):
            some = asked[start : start + TOGETHER]
            with self._database.reading() as connection:
                # A plus sign keeps SQLite from walking along all that is done.
                rows = connection.execute(
                    f"SELECT * FROM entries WHERE key IN ({', '.join('?' * len(some))}) "  # noqa: S608 (question marks)
                    "AND +status = 'done' AND (? IS NULL OR base_url = ?) ORDER BY created DESC, id DESC",
                    (*some, base_url, base_url),
                ).fetchall()
                entries = entries_of(connection, rows, self)
            for entry in entries:
                paths = [self._files.path(image.sha256) for image in entry.images]
                if paths and all(path.is_file() for path in paths):
                    found.setdefault(entry.key, []).append(entry)
        return found

    def path_of(self, sha256: str) -> Path:
        """Give where the file with these bytes is, or would be."""
        return self._files.path(sha256)

    @property
    def images(self) -> Sequence[StoredImage]:
        """All images of finished requests, the newest request's first; each is read when it is needed."""
        rows = self._database.ask(
            "SELECT p.*, e.prompt, e.model FROM pictures p JOIN entries e ON e.id = p.entry "
            "WHERE p.role = 'image' AND e.stage = ? ORDER BY e.created DESC, e.id DESC, p.position",
            (ENDED,),
        )
        return StoredImages(rows, self)

    def spent(self, since: Moment = None) -> float:
        """Give the sum of all known costs in US dollars, without those of the embedded sandbox.

        Parameters
        ----------
        since : datetime, date, str, timedelta or number, optional
            As for :meth:`search`.
        """
        where, values = conditions(since=since)
        question = (
            f"SELECT total(cost) FROM entries{where or ' WHERE 1'} AND embedded = 0 AND cost IS NOT NULL"  # noqa: S608 (question marks)
        )
        return float(self._database.ask(question, values)[0][0])

    def to_pandas(self, text: str = "", **filters: Any) -> Any:
        """Give a table, one row an entry, the newest first.

        Columns: ``id``, ``created``, ``status``, ``prompt``, ``model``, ``provider``, ``endpoint``, ``cost``,
        ``seconds``, ``images`` (how many), ``starred``, ``rating``, ``error``, ``notes``, and one for each
        parameter that was given.

        Parameters
        ----------
        text, **filters
            As for :meth:`search`, without a limit unless one is given.

        Raises
        ------
        ImportError
            Without pandas; it comes with ``pip install 'imgwidgets[sweep]'``.
        """
        return to_pandas(self.search(text, **{"limit": None, **filters}))

    # -- upkeep -----------------------------------------------------------------------------------------

    def recover(self) -> int:
        """Give an end to what processes left open that died; tells how many entries that were.

        Done whenever a history is opened. What had arrived is ``done``, what had been sent ``maybe_billed``,
        what had not ``not_sent``. A process that lives is left alone; one of another machine, for two
        hours, and an answer that comes to it later still makes the entry ``done``.
        """
        return upkeep.recover(self._database, self._files)

    def verify(self) -> list[Fault]:
        """Read every file and compare it with its name; an empty list says that all is well.

        Returns
        -------
        list of Fault
            Missing and altered files, and what is wrong with the database.
        """
        return upkeep.verify(self._database, self._files)

    def prune(self, *, older_than: Moment, keep_starred: bool = True) -> Pruned:
        """Throw old entries away, and the files that no other entry needs.

        Parameters
        ----------
        older_than : number, timedelta, datetime, date or str
            ``30`` is 30 days.
        keep_starred : bool, default True
            Whether those with a star stay.

        Returns
        -------
        Pruned
            How many, and how much room that made. What is still running stays.

        Raises
        ------
        ValueError, TypeError
            For what is no point in time, or a negative age.
        """
        before = long_ago(older_than, what="older_than")
        return upkeep.prune(self._database, self._files, before, keep_starred=keep_starred)

    def export(self, folder: str | os.PathLike[str], entries: Iterable[Entry] | None = None) -> Path:
        """Copy entries into a folder: images byte for byte, and ``manifest.json`` with all that is known.

        Parameters
        ----------
        folder : str or path
            Made where it does not exist.
        entries : iterable of Entry, optional
            As :meth:`search` gives them; default: all.

        Returns
        -------
        pathlib.Path
            The manifest. File names in it are relative to the folder.

        Raises
        ------
        FileExistsError
            Where the folder holds a manifest already.
        TypeError
            For entries that are none.
        HistoryError
            Where an entry was removed meanwhile.

        Warns
        -----
        RuntimeWarning
            Where files are missing or were altered; the manifest says which (``problem``).
        """
        if entries is None:
            numbers = [row["id"] for row in self._database.ask("SELECT id FROM entries ORDER BY id")]
        else:
            numbers = numbers_of(entries)
        # One after the other: together their pictures may be more than memory holds.
        return export(folder, (self.entry(number) for number in numbers))

    # -- opening and closing ----------------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._database.closed

    def close(self) -> None:
        """Close the database; entries and images that were found stay readable."""
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path,)

    def __repr__(self) -> str:
        if self._database.closed:
            return f"<History {self.path}, closed>"
        try:
            count = self._database.ask("SELECT count(*) FROM entries")[0][0]
        except HistoryError:
            return f"<History {self.path}>"
        return f"<History {self.path}: {count:,} {'entry' if count == 1 else 'entries'}>"
