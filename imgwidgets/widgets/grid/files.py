"""Writing images into a folder or a zip."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["write", "zipped"]


def write(path: Path, data: bytes) -> Path:
    """Write a file under the first free name; an equal file that is there already is enough."""
    attempt, count = path, 1
    while True:
        try:
            with attempt.open("xb") as file:
                file.write(data)
        except FileExistsError:
            if attempt.is_file() and attempt.stat().st_size == len(data) and attempt.read_bytes() == data:
                return attempt
            count += 1
            attempt = path.with_name(f"{path.stem}-{count}{path.suffix}")
        else:
            return attempt


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Put files into a zip as they are: images do not get smaller.

    Examples
    --------
    >>> import io, zipfile
    >>> zipfile.ZipFile(io.BytesIO(zipped([("a.png", b"...")]))).namelist()
    ['a.png']
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files:
            # A fixed date: the same images give the same zip.
            archive.writestr(zipfile.ZipInfo(name), data)
    return buffer.getvalue()
