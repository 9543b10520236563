"""Copies for others: files and a manifest, a table."""

from __future__ import annotations

import datetime as dt
import importlib
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.errors import HistoryError
from imgwidgets.images import SUFFIXES

if TYPE_CHECKING:
    import os
    import sqlite3
    from collections.abc import Iterable, Sequence

    from imgwidgets.history.entry import Entry
    from imgwidgets.history.pictures import StoredImage

__all__ = ["export", "numbers_of", "to_pandas"]

_SUFFIX = {kind: suffix for suffix, kind in reversed(SUFFIXES.items())}
_COLUMNS = ("id", "created", "status", "prompt", "model", "provider", "endpoint", "cost", "seconds")
_MORE = ("images", "starred", "rating", "error", "notes")
_KINDS = {
    "id": "int64",
    "created": "datetime64[us, UTC]",
    "cost": "float64",
    "seconds": "float64",
    "images": "int64",
    "starred": "bool",
    "rating": "float64",  # NaN where there is none
}


def export(folder: str | os.PathLike[str], entries: Iterable[Entry]) -> Path:
    """Write images byte for byte and a manifest beside them; :meth:`History.export` says how."""
    target = Path(folder).expanduser()
    manifest = target / "manifest.json"
    if manifest.exists():
        raise FileExistsError(f"{manifest} exists; export into another folder, or remove that one first")
    target.mkdir(parents=True, exist_ok=True)
    told = [_told(entry, target) for entry in entries]
    said = {
        "format": "imgwidgets history",
        "version": 1,
        "exported": dt.datetime.now(dt.UTC),
        "entries": told,
    }
    broken = sum("problem" in one for entry in told for one in _files_of(entry))
    if broken:
        warnings.warn(
            f"{broken} file{'s' * (broken != 1)} could not be exported; the manifest says why (problem)",
            RuntimeWarning,
            stacklevel=3,
        )
    # Last, so that a folder with a manifest is complete.
    manifest.write_bytes(msgspec.json.format(msgspec.json.encode(said), indent=2) + b"\n")
    return manifest


def _told(entry: Entry, target: Path) -> dict[str, Any]:
    said: dict[str, Any] = {
        name: getattr(entry, name)
        for name in (*_COLUMNS, "base_url", "parameters", "usage", "notes", "error", "error_type")
    }
    said |= {"request_id": entry.request_id, "starred": entry.starred, "rating": entry.rating}
    said |= {"key": entry.key, "run": entry.run, "cell": entry.cell}
    said["images"] = [
        _picture(image, target, f"images/{entry.id:06d}-{position}")
        for position, image in enumerate(entry.images)
    ]
    said["partial_images"] = [
        _picture(image, target, f"images/{entry.id:06d}-partial-{position}")
        for position, image in enumerate(entry.partial_images)
    ]
    said["inputs"] = [_input(entry, row, target) for row in entry.inputs()]
    return said


def _files_of(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for name in ("images", "partial_images", "inputs") for one in told[name]]


def _picture(image: StoredImage, target: Path, name: str) -> dict[str, Any]:
    said: dict[str, Any] = {
        "sha256": image.sha256,
        "format": image.format,
        "size": image.size,
        "revised_prompt": image.revised_prompt,
    }
    try:
        said["file"] = _write(target, name + _suffix(image.format), image.bytes)
    except HistoryError as error:
        said["problem"] = str(error)
    return said


def _input(entry: Entry, row: sqlite3.Row, target: Path) -> dict[str, Any]:
    """Write what went out with a request; the same input of many requests is one file."""
    said: dict[str, Any] = {"role": row["role"]}
    try:
        image = entry.input_of(row)
    except HistoryError as error:
        return said | {"problem": str(error)}
    said["name"] = image.name
    if image.data is None:
        return said | {"url": image.url, "file_id": image.file_id}
    digest = image.identity.partition(":")[2]
    file = _write(target, f"inputs/{digest}{_suffix(image.format)}", image.data)
    return said | {"sha256": digest, "file": file}


def numbers_of(entries: Iterable[Entry]) -> list[int]:
    """Give the numbers of entries.

    Raises
    ------
    TypeError
        For entries that are none.
    """
    given = list(entries)
    wrong = next((one for one in given if not hasattr(one, "id")), None)
    if wrong is not None:
        raise TypeError(f"entries holds {wrong!r:.80}; give entries, as history.search() does")
    return [entry.id for entry in given]


def _write(target: Path, file: str, data: bytes) -> str:
    path = target / file
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return file


def _suffix(kind: str) -> str:
    return _SUFFIX.get(kind) or (f".{kind}" if kind.isalnum() else ".bin")


def to_pandas(entries: Sequence[Entry]) -> Any:
    """Make a table of entries; :meth:`History.to_pandas` says which columns."""
    try:
        pandas = importlib.import_module("pandas")
    except ImportError as error:
        raise ImportError("to_pandas() needs pandas: pip install 'imgwidgets[sweep]'") from error
    rows = []
    for entry in entries:
        row = {name: getattr(entry, name) for name in _COLUMNS}
        row |= {"images": len(entry.images), "starred": entry.starred, "rating": entry.rating}
        row |= {"error": entry.error, "notes": "\n".join(entry.notes)}
        for name, value in entry.parameters.items():
            row[f"parameter.{name}" if name in row else name] = value
        rows.append(row)
    frame = pandas.DataFrame(rows, columns=None if rows else [*_COLUMNS, *_MORE])
    # Also where nothing was found, or nothing has a price: sums and dates go on working.
    return frame.astype({name: kind for name, kind in _KINDS.items() if str(frame[name].dtype) == "object"})
