"""Files that are named by their content: the same bytes are kept once and are never changed."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
from typing import TYPE_CHECKING

from imgwidgets.errors import HistoryError
from imgwidgets.history.place import clear_errors, make_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Files"]

_DIGITS = 64


class Files:
    """The pictures of a history.

    A file is written under another name, flushed to the disk and then renamed, so that a name in ``files``
    always stands for all of its bytes.

    Parameters
    ----------
    folder : pathlib.Path
        The history's; ``files`` and ``incoming`` are made in it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files = folder / "files"
        self._incoming = folder / "incoming"

    def path(self, digest: str) -> Path:
        """Give where the file with this sha-256 is or would be."""
        return self._files / digest[:2] / digest[2:4] / digest

    def has(self, digest: str, size: int) -> bool:
        """Tell whether it is there with so many bytes; what they are is for :meth:`flaw` to say."""
        try:
            return self.path(digest).stat().st_size == size
        except OSError:
            return False

    def put(self, digest: str, data: bytes, *, writer: int) -> None:
        """Keep bytes under their name.

        Parameters
        ----------
        digest : str
            Their sha-256, in hexadecimal.
        data : bytes
            What to keep; nothing is written where it is there already.
        writer : int
            Which process, by its row: its unfinished files can be told when it is dead.

        Raises
        ------
        HistoryError
            For a full disk, a folder that cannot be written, ...; nothing is left of it.
        """
        if self.has(digest, len(data)):
            return
        target = self.path(digest)
        unfinished = self._incoming / f"{writer}-{secrets.token_hex(8)}"
        with clear_errors(self.folder):
            make_folder(target.parent)
            make_folder(self._incoming)
            try:
                with os.fdopen(
                    os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb"
                ) as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                unfinished.replace(target)
            except BaseException:
                with contextlib.suppress(OSError):
                    unfinished.unlink()
                raise

    def read(self, digest: str) -> bytes:
        """Give a file's bytes.

        Raises
        ------
        HistoryError
            Where it is missing, or is not what was written.
        """
        try:
            data = self.path(digest).read_bytes()
        except FileNotFoundError:
            raise HistoryError(f"the picture {self.path(digest)} is missing from the history") from None
        except OSError as error:
            raise HistoryError(
                f"the picture {self.path(digest)} cannot be read: {error.strerror or error}"
            ) from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise HistoryError(
                f"the picture {self.path(digest)} was altered: its bytes are not those that were kept"
            )
        return data

    def flaw(self, digest: str) -> str:
        """Tell what is wrong with a file: ``missing``, ``altered`` or ``unreadable: ...``; empty: nothing."""
        try:
            with self.path(digest).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            return "missing"
        except OSError as error:
            return f"unreadable: {error.strerror or error}"
        return "" if found == digest else "altered"

    def remove(self, digest: str) -> int:
        """Throw a file away; gives its bytes, 0 where there was none."""
        path = self.path(digest)
        with clear_errors(self.folder):
            try:
                size = path.stat().st_size
                path.unlink()
            except OSError as error:
                if error.errno in (errno.ENOENT, errno.ENOTDIR):
                    return 0
                raise
        return size

    def names(self) -> Iterator[str]:
        """Give the names of all files that are there."""
        for path in self._files.glob("??/??/*"):
            if len(path.name) == _DIGITS:
                yield path.name

    def unfinished(self) -> dict[int, list[Path]]:
        """Give what is still being written, by the process that does it."""
        found: dict[int, list[Path]] = {}
        with contextlib.suppress(FileNotFoundError):
            for path in self._incoming.iterdir():
                writer, _, rest = path.name.partition("-")
                if writer.isdecimal() and rest:
                    found.setdefault(int(writer), []).append(path)
        return found
