"""A small JSON file in the user's data folder that several notebooks share.

Writers take turns by a lock file and replace the file as a whole, so that a reader never sees half of
one and none takes another's entries away. A file that cannot be read is put aside, never overwritten.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import BufferedRandom

__all__ = ["SharedFile", "data_folder"]

_BYTES = 4_000_000  # a larger file is none of ours
_NEXT = "the next save puts it aside and begins a new one"


def data_folder() -> Path:
    """Give the folder of the user's own things: ``IMGWIDGETS_HOME``, else the system's place for data."""
    home = os.environ.get("IMGWIDGETS_HOME")
    if home:
        return Path(home).expanduser().absolute()
    import platformdirs  # noqa: PLC0415 (14 ms that only who keeps presets should pay)

    return platformdirs.user_data_path("imgwidgets", appauthor=False)


class SharedFile:
    """A table of names in one file.

    Parameters
    ----------
    name : str
        Of the file, in :func:`data_folder`.
    inner : str, optional
        A name in the table that holds a table too.

    Examples
    --------
    >>> import os, tempfile
    >>> os.environ["IMGWIDGETS_HOME"] = tempfile.mkdtemp()
    >>> file = SharedFile("example.json")
    >>> file.change(lambda table: {**table, "fast": {"quality": "low"}})
    ''
    >>> file.read()
    ({'fast': {'quality': 'low'}}, '')
    >>> del os.environ["IMGWIDGETS_HOME"]
    """

    def __init__(self, name: str, *, inner: str = "") -> None:
        self.name = name
        self._inner = inner

    @property
    def path(self) -> Path:
        """Where it is; the environment may move it at any time."""
        return data_folder() / self.name

    def read(self) -> tuple[dict[str, Any], str]:
        """Give what is in it, and what is wrong with it; empty where all is well."""
        path = self.path
        try:
            if path.stat().st_size > _BYTES:
                return {}, f"{path} has more than {_BYTES:,} bytes; {_NEXT}"
            found = msgspec.json.decode(path.read_bytes())
        except FileNotFoundError:
            return {}, ""
        except OSError as error:
            return {}, f"{path} cannot be read: {error.strerror or error}"
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return {}, f"{path} is damaged ({error}); {_NEXT}"
        if not isinstance(found, dict) or not isinstance(found.get(self._inner, {}), dict):
            return {}, f"{path} holds no table; {_NEXT}"
        return found, ""

    def change(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> str:
        """Change what is in it, while no other writer does.

        Parameters
        ----------
        change : callable
            Given the table as it is now, gives the new one; nothing is written where it raises.

        Returns
        -------
        str
            Where a damaged file was put aside: under which name.

        Raises
        ------
        OSError
            Where the file cannot be written.
        """
        path = self.path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(path.with_suffix(".lock")):
            table, wrong = self.read()
            changed = msgspec.json.format(msgspec.json.encode(change(table)), indent=2)
            aside = _aside(path)
            if wrong:
                path.replace(aside)
            _replace(path, changed)
        return f"{path.name} was damaged; it is kept as {aside}" if wrong else ""


def _replace(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")).exists():
        number += 1
    return aside


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock that other threads and processes wait for; the system frees it when a process dies."""
    with path.open("a+b") as file:
        unlock = _locked(file)
        try:
            yield
        finally:
            unlock()


def _locked(file: BufferedRandom) -> Callable[[], object]:
    # Looked up by name: each of these exists on one kind of system only.
    if os.name == "nt":
        windows = importlib.import_module("msvcrt")
        file.seek(0)
        windows.locking(file.fileno(), windows.LK_LOCK, 1)

        def unlock() -> None:
            file.seek(0)
            windows.locking(file.fileno(), windows.LK_UNLCK, 1)

        return unlock
    unix = importlib.import_module("fcntl")
    unix.flock(file, unix.LOCK_EX)
    return lambda: unix.flock(file, unix.LOCK_UN)
