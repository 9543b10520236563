"""Which folder, who may read it, and whether there is room."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from imgwidgets.errors import HistoryError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["clear_errors", "default_folder", "is_remote", "make_file", "make_folder", "need_room"]

_REMOTE = ("9p", "afs", "beegfs", "ceph", "cifs", "fuse.sshfs", "glusterfs", "gpfs", "lustre", "smb", "nfs")
_WAY_OUT = "choose another folder (IMGWIDGETS_HOME), or do without: Client(history=False)"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


def default_folder() -> Path:
    """Give the folder of the history where none is named: ``IMGWIDGETS_HOME``, else the user's data."""
    home = os.environ.get("IMGWIDGETS_HOME")
    if home:
        return Path(home).expanduser().absolute() / "history"
    import platformdirs  # noqa: PLC0415 (14 ms that only a history in its usual place should cost)

    return platformdirs.user_data_path("imgwidgets", appauthor=False) / "history"


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it that do not exist, for the user's eyes only.

    Raises
    ------
    OSError
        Where that cannot be, also where a file stands in its place.
    """
    missing = []
    above = folder
    while not above.exists():
        missing.append(above)
        above = above.parent
    for path in reversed(missing):
        # Another process may make it at the same time.
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "a file stands where the folder should be", str(above))


def make_file(path: Path) -> None:
    """Make an empty file that only the user can read, or take that from an existing one."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)


def need_room(folder: Path, wanted: int) -> None:
    """Refuse where the disk has less than so many free bytes.

    Raises
    ------
    HistoryError
        Before anything is sent, since an answer could not be kept.
    """
    with clear_errors(folder):
        free = shutil.disk_usage(folder).free
    if free < wanted:
        raise HistoryError(
            f"the disk of the history {folder} is full: {free / 1e6:,.0f} MB are free, and an answer may "
            f"need {wanted / 1e6:,.0f} MB; make room (History().prune(older_than=30) throws old pictures "
            f"away), {_WAY_OUT}"
        )


def is_remote(folder: Path, mounts: str | None = None) -> bool:
    """Tell whether a folder lies on another machine, where SQLite's write-ahead log must not be used.

    Parameters
    ----------
    folder : pathlib.Path
        An existing one.
    mounts : str, optional
        The text of Linux' ``/proc/self/mounts``; other systems say nothing, and count as local.
    """
    if mounts is None:
        try:
            mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
    place = folder.resolve()
    best, kind = 0, ""
    for line in mounts.splitlines():
        words = line.split(" ")
        if len(words) < 3:
            continue
        point = Path(words[1].replace("\\040", " "))
        if place.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), words[2]
    return kind.startswith(_REMOTE)


@contextlib.contextmanager
def clear_errors(folder: Path) -> Iterator[None]:
    """Turn what the system and SQLite say into a sentence that says what to do.

    Raises
    ------
    HistoryError
        For an ``OSError`` or a ``sqlite3.Error``.
    """
    try:
        yield
    except HistoryError:
        raise
    except OSError as error:
        raise HistoryError(_system(folder, error)) from error
    except sqlite3.Error as error:
        raise HistoryError(_sqlite(folder, error)) from error


def _system(folder: Path, error: OSError) -> str:
    said = error.strerror or str(error)
    if error.errno in _FULL:
        return f"the disk of the history {folder} is full ({said}): make room, {_WAY_OUT}"
    if error.errno in _FORBIDDEN:
        return f"the history {folder} cannot be written ({said}): {_WAY_OUT}"
    where = f" at {error.filename}" if error.filename and str(error.filename) != str(folder) else ""
    return f"the history {folder} cannot be used: {said}{where}; {_WAY_OUT}"


def _sqlite(folder: Path, error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return f"the disk of the history {folder} is full ({error}): make room, {_WAY_OUT}"
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN):
        return f"the history {folder} cannot be written ({error}): {_WAY_OUT}"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return (
            f"the history {folder} is busy ({error}): another process has been writing to it for long; "
            f"end that one, {_WAY_OUT}"
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return (
            f"the file history.sqlite in {folder} is damaged ({error}): move the folder away; the pictures "
            f"are whole files under {folder / 'files'}"
        )
    return f"the history {folder} cannot be used: {error}; make room if its disk is full, {_WAY_OUT}"
