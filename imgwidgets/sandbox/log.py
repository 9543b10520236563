"""What arrived, for tests that count requests: keys masked, pictures reduced to their sizes."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imgwidgets.sandbox.incoming import Part

__all__ = ["Arrival", "ArrivedFile", "Log", "masked"]

_SECRET = re.compile(r"auth|key|token|secret|cookie", re.IGNORECASE)
# A data URL in the log would be a picture in the log.
_LONGEST_TEXT = 500


class ArrivedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a multipart body.

    Attributes
    ----------
    field, name, content_type : str
        As they were sent.
    size : int
        Bytes.
    sha256 : str
        Of the content, in hexadecimal digits.
    """

    field: str
    name: str
    content_type: str
    size: int
    sha256: str


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """One request as it arrived.

    Attributes
    ----------
    method, path : str
        ``POST``, ``/v1/images/edits``.
    headers : dict
        Lower-case names; values that may hold a key are masked.
    query : dict
        Of the URL, masked likewise.
    kind : str
        ``json``, ``multipart`` or empty.
    fields : dict
        The JSON object, or the text fields of a form; long texts are cut.
    names : tuple of str
        The fields' names in the order in which they came, repeated ones repeated.
    files : tuple of ArrivedFile
        The files of a form.
    time : float
        Seconds, on ``time.monotonic``'s clock.
    """

    method: str
    path: str
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    kind: str = ""
    fields: dict[str, Any] = {}
    names: tuple[str, ...] = ()
    files: tuple[ArrivedFile, ...] = ()
    time: float = 0.0


def masked(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Hide the values that may be keys, keeping a scheme such as ``Bearer``."""
    return {name.lower(): _hidden(value) if _SECRET.search(name) else value for name, value in pairs}


def _hidden(value: str) -> str:
    scheme, space, rest = value.partition(" ")
    return f"{scheme} ***" if space and rest else "***"


def shortened(value: Any) -> Any:
    """Cut long texts, at any depth."""
    if isinstance(value, str):
        return (
            value
            if len(value) <= _LONGEST_TEXT
            else f"{value[:_LONGEST_TEXT]}... ({len(value):,} characters)"
        )
    if isinstance(value, dict):
        return {key: shortened(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [shortened(entry) for entry in value]
    return value


def arrived_file(part: Part) -> ArrivedFile:
    """Reduce a file to what identifies it."""
    return ArrivedFile(
        field=part.field,
        name=part.filename,
        content_type=part.content_type,
        size=len(part.data),
        sha256=hashlib.sha256(part.data).hexdigest(),
    )


class Log:
    """The newest arrivals, oldest first; it can be read from any thread.

    Parameters
    ----------
    keep : int
        How many.

    Examples
    --------
    >>> from imgwidgets.sandbox.log import Arrival, Log
    >>> log = Log(keep=2)
    >>> for path in ("/a", "/b", "/c"):
    ...     log.add(Arrival(method="GET", path=path))
    >>> len(log), log[-1].path, log.total
    (2, '/c', 3)
    """

    def __init__(self, *, keep: int) -> None:
        self._entries: deque[Arrival] = deque(maxlen=keep)
        self._total = 0
        self._lock = threading.Lock()

    def add(self, arrival: Arrival) -> None:
        """Remember an arrival; the oldest may be forgotten."""
        with self._lock:
            self._entries.append(arrival)
            self._total += 1

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._entries.clear()
            self._total = 0

    @property
    def total(self) -> int:
        """How many arrived since the start or the last ``clear``, forgotten ones included."""
        return self._total

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Arrival]:
        with self._lock:
            return iter(list(self._entries))

    def __getitem__(self, index: int) -> Arrival:
        with self._lock:
            return self._entries[index]

    def __repr__(self) -> str:
        return f"<Log of {len(self._entries)} requests>"
