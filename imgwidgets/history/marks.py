"""What a person thought of a picture, and where a picture is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.errors import HistoryError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from imgwidgets.history.database import Database
    from imgwidgets.history.history import History

__all__ = ["STARRED", "Kept", "Marking", "Marks", "valid_rating"]

STARRED = (
    "(id IN (SELECT id FROM entries WHERE starred UNION "
    "SELECT p.entry FROM marks m JOIN pictures p ON p.sha256 = m.sha256 "
    "WHERE m.starred AND p.role IN ('image', 'partial')))"
)
"""SQL: an entry has a star of its own, or one of its pictures has one."""

_TOGETHER = 500  # pictures named in one question; SQLite before 3.32 takes 999 values


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """What a person thought of one picture.

    Attributes
    ----------
    starred : bool
        Kept by :meth:`History.prune`.
    rating : int or None
        1 to 5.
    selected : bool
        Chosen in a grid.

    Examples
    --------
    >>> Marks(rating=4)
    Marks(starred=False, rating=4, selected=False)
    """

    starred: bool = False
    rating: int | None = None
    selected: bool = False


class Kept(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Where a picture is kept: ``image.kept`` of what a client gave and of what a history holds.

    Attributes
    ----------
    history : History
        Which history.
    entry : int
        The entry's number in it.
    position : int
        Which of the entry's pictures, from 0.
    sha256 : str
        The name of its bytes; marks belong to it.
    role : str
        ``image``, or ``partial`` for a partial image of a stream.

    Examples
    --------
    >>> import tempfile
    >>> import imgwidgets as iw
    >>> with tempfile.TemporaryDirectory() as folder, iw.History(folder) as history:
    ...     with iw.Client("sandbox", history=history) as client:
    ...         image = client.generate("a red fox", quality="low", size="1024x1024")[0]
    ...     image.kept.entry, image.kept.history.mark(image.kept.sha256, starred=True).starred
    (1, True)
    """

    history: History
    entry: int
    position: int
    sha256: str
    role: str = "image"


class Marking:
    """The part of a :class:`~imgwidgets.history.History` that remembers what a person thought."""

    _database: Database

    def marks(self, digests: Iterable[str]) -> dict[str, Marks]:
        """Give the marks of pictures, by the sha-256 of their bytes.

        Parameters
        ----------
        digests : iterable of str
            ``image.sha256`` of each.

        Returns
        -------
        dict of str to Marks
            One for each that was asked for, also where nobody has marked it.
        """
        found = dict.fromkeys(digests, Marks())
        names = list(found)
        with self._database.reading() as connection:
            for start in range(0, len(names), _TOGETHER):
                some = names[start : start + _TOGETHER]
                for row in connection.execute(
                    f"SELECT * FROM marks WHERE sha256 IN ({', '.join('?' * len(some))})",  # noqa: S608 (question marks)
                    some,
                ):
                    found[row["sha256"]] = _marks_of(row)
        return found

    def mark(
        self,
        sha256: str,
        *,
        starred: bool | None = None,
        rating: int | msgspec.UnsetType | None = msgspec.UNSET,
        selected: bool | None = None,
    ) -> Marks:
        """Mark a picture, wherever its bytes occur; what is left out stays as it is.

        Parameters
        ----------
        sha256 : str
            ``image.sha256``.
        starred, selected : bool, optional
            On or off.
        rating : int or None, optional
            1 to 5; None takes it away.

        Returns
        -------
        Marks
            As they are now.

        Raises
        ------
        ValueError
            For another rating.
        HistoryError
            Where it cannot be written.
        """
        changes: dict[str, Any] = {"starred": starred, "selected": selected}
        changes = {name: bool(value) for name, value in changes.items() if value is not None}
        if rating is not msgspec.UNSET:
            changes["rating"] = valid_rating(rating)
        with self._database.writing() as connection:
            connection.execute("INSERT OR IGNORE INTO marks (sha256) VALUES (?)", (sha256,))
            for name, value in changes.items():
                connection.execute(f"UPDATE marks SET {name} = ? WHERE sha256 = ?", (value, sha256))  # noqa: S608 (our own names)
            row = connection.execute("SELECT * FROM marks WHERE sha256 = ?", (sha256,)).fetchone()
        return _marks_of(row)

    def star(self, number: int, on: bool = True) -> None:  # noqa: FBT001, FBT002 (the promised call)
        """Mark an entry, so that :meth:`prune` keeps it; taken away, its pictures lose their stars too.

        Raises
        ------
        HistoryError
            Where there is no such entry.
        """
        self._set(number, starred=bool(on))

    def rate(self, number: int, rating: int | None) -> None:
        """Give an entry 1 to 5, or None to take that back.

        Raises
        ------
        ValueError
            For another rating.
        HistoryError
            Where there is no such entry.
        """
        self._set(number, rating=valid_rating(rating))

    def _set(self, number: int, **changes: Any) -> None:
        if isinstance(number, bool) or not isinstance(number, int):
            raise TypeError(f"number is {type(number).__name__}; give the id of an entry")
        ((name, value),) = changes.items()
        with self._database.writing() as connection:
            if not connection.execute(
                f"UPDATE entries SET {name} = ? WHERE id = ?",  # noqa: S608 (our own names)
                (value, number),
            ).rowcount:
                raise HistoryError(
                    f"there is no entry {number!r} in the history {self._database.folder}; was it removed?"
                )
            if not value:
                # An entry counts as its best picture does, so taking a mark away concerns these too.
                connection.execute(
                    f"UPDATE marks SET {name} = ? WHERE sha256 IN "  # noqa: S608 (our own names)
                    "(SELECT sha256 FROM pictures WHERE entry = ? AND role IN ('image', 'partial'))",
                    (value, number),
                )


def valid_rating(rating: Any) -> int | None:
    """Give a rating that can be written.

    Raises
    ------
    ValueError
        For anything but 1 to 5 and None.
    """
    if rating is not None and (
        isinstance(rating, bool) or not isinstance(rating, int) or rating not in range(1, 6)
    ):
        raise ValueError(f"rating is {rating!r}; it is 1 to 5, or None")
    return rating


def _marks_of(row: sqlite3.Row) -> Marks:
    return Marks(starred=bool(row["starred"]), rating=row["rating"], selected=bool(row["selected"]))
