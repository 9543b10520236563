"""Images that are read when they are needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

import msgspec

from imgwidgets.history.marks import Kept
from imgwidgets.images import Header, ResultImage

if TYPE_CHECKING:
    import sqlite3

    from imgwidgets.history.history import History

__all__ = ["StoredImage", "StoredImages", "image_from"]


class StoredImage(ResultImage):
    """A picture of the history: everything a :class:`~imgwidgets.ResultImage` is, read when it is needed.

    Format and size are known at once; the file is read, and compared with its sha-256, when its bytes or
    pixels are first asked for.

    Parameters
    ----------
    kept : Kept
        Where.
    header : Header
        What was read from its bytes.
    **details
        As :class:`~imgwidgets.ResultImage`.

    Examples
    --------
    >>> import tempfile
    >>> import imgwidgets as iw
    >>> from imgwidgets.history import History
    >>> picture = iw.ResultImage(b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>')
    >>> request = iw.ImageRequest(prompt="a dot", model="gpt-image-2")
    >>> with tempfile.TemporaryDirectory() as folder, History(folder) as history:
    ...     history.finished(history.started(request), iw.ImageResult([picture], request=request))
    ...     history.images[0].size, history.images[0].bytes == picture.bytes
    ((8, 8), True)
    """

    kept: Kept

    def __init__(self, kept: Kept, header: Header, **details: Any) -> None:
        super().__init__(b"", **details)
        del self.__dict__["_data"]
        self._header = header
        self.kept = kept
        self.__dict__["sha256"] = kept.sha256  # known, so it need not be computed

    @property
    def entry(self) -> int:
        """The number of the entry it belongs to."""
        return self.kept.entry

    def __getattr__(self, name: str) -> Any:
        # Called only for what is not there yet: the bytes, until they are first needed.
        if name != "_data" or "kept" not in self.__dict__:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        self._data = self.kept.history.read_file(self.sha256)
        return self._data

    def __repr__(self) -> str:
        size = f"{self.width}x{self.height}" if self._header.size else "size unknown"
        short = self.prompt if len(self.prompt) <= 40 else f"{self.prompt[:39]}…"
        return f"<StoredImage {self.format or 'unknown format'} {size}, entry {self.entry}: {short!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process may not see the history: the bytes travel.
        details = {
            name: getattr(self, name)
            for name in ("prompt", "model", "revised_prompt", "index", "extra", "notes")
        }
        return _whole, (self.bytes, details)


def _whole(data: bytes, details: dict[str, Any]) -> ResultImage:
    return ResultImage(data, **details)


def image_from(row: sqlite3.Row, history: History, prompt: str, model: str) -> StoredImage:
    """Make a picture of its row."""
    details = msgspec.json.decode(row["details"])
    header = msgspec.json.decode(row["header"])
    size = header.get("size")
    return StoredImage(
        Kept(
            history=history,
            entry=row["entry"],
            position=row["position"],
            sha256=row["sha256"],
            role=row["role"],
        ),
        Header(
            format=header.get("format", ""),
            size=(int(size[0]), int(size[1])) if size else None,
            has_alpha=bool(header.get("has_alpha")),
            frames=int(header.get("frames") or 1),
        ),
        prompt=prompt,
        model=model,
        revised_prompt=details.get("revised_prompt") or "",
        index=details.get("index") or 0,
        extra=details.get("extra") or {},
        notes=tuple(details.get("notes") or ()),
    )


class StoredImages(Sequence[StoredImage]):
    """Pictures that are made when they are asked for, and not kept: a history may hold thousands."""

    def __init__(self, rows: Sequence[sqlite3.Row], history: History) -> None:
        self._rows = rows
        self._history = history

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> StoredImage: ...
    @overload
    def __getitem__(self, index: slice) -> StoredImages: ...
    def __getitem__(self, index: int | slice) -> StoredImage | StoredImages:
        if isinstance(index, slice):
            return StoredImages(self._rows[index], self._history)
        row = self._rows[index]
        return image_from(row, self._history, row["prompt"], row["model"])

    def __repr__(self) -> str:
        return f"<{len(self)} image{'' if len(self) == 1 else 's'} of a history>"
