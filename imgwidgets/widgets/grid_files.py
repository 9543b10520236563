"""Writing images into a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["write"]


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
