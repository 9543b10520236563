"""The box format of AVIF and HEIC files, as far as size, transparency and rotation need it."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read"]

MAX_BOXES = 4_096
MAX_META = 1 << 20  # bytes of boxes looked at; real files use a few hundred

_BRANDS = {
    b"avif": "avif",
    b"avis": "avif",
    b"heic": "heic",
    b"heix": "heic",
    b"hevc": "heic",
    b"hevx": "heic",
    b"heim": "heic",
    b"heis": "heic",
}


def read(view: memoryview) -> tuple[str, tuple[int, int] | None, bool, int, int]:
    """Give format, displayed size, transparency, frames and orientation of an AVIF or HEIC file."""
    kind = ""
    for name, start, end in _boxes(view, 0, len(view)):
        if name == b"ftyp":
            brands = [bytes(view[start : start + 4])]
            brands += [bytes(view[at : at + 4]) for at in range(start + 8, min(end, start + 256), 4)]
            kind = next((_BRANDS[brand] for brand in brands if brand in _BRANDS), "")
            if not kind:
                break
        elif name == b"meta":
            size, alpha, turned = _meta(view, start + 4, min(end, start + MAX_META))
            # A quarter turn exchanges the edges; decoders apply it by themselves, so the pixels are upright.
            return kind, (size[::-1] if size and turned else size), alpha, 1, 1
    return kind, None, False, 1, 1


def _boxes(view: memoryview, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    for _ in range(MAX_BOXES):
        if at + 8 > end:
            return
        length, name = struct.unpack_from(">I4s", view, at)
        start = at + 8
        if length == 1:
            if start + 8 > end:
                return
            (length,) = struct.unpack_from(">Q", view, start)
            start += 8
        elif length == 0:
            length = end - at
        if length < start - at:
            return
        yield name, start, min(at + length, end)
        at += length


def _meta(view: memoryview, at: int, end: int) -> tuple[tuple[int, int] | None, bool, bool]:
    primary: int | None = None
    properties: list[tuple[bytes, int, int]] = []
    owners: dict[int, list[int]] = {}
    for name, start, stop in _boxes(view, at, end):
        if name == b"pitm":
            width = 2 if view[start] == 0 else 4
            primary = int.from_bytes(view[start + 4 : start + 4 + width], "big")
        elif name == b"iprp":
            for inner, first, last in _boxes(view, start, stop):
                if inner == b"ipco":
                    properties = list(_boxes(view, first, last))
                elif inner == b"ipma":
                    owners.update(_associations(view, first, last))
    mine = owners.get(primary, []) if primary is not None else []
    own = [properties[i - 1] for i in mine if 0 < i <= len(properties)] or properties
    sizes = [struct.unpack_from(">II", view, start + 4) for name, start, _ in own if name == b"ispe"]
    size = max(sizes, key=lambda pair: pair[0] * pair[1], default=None)
    turned = any(name == b"irot" and view[start] & 1 for name, start, _ in own)
    alpha = any(
        name == b"auxC" and b"alpha" in bytes(view[start:stop][:96]) for name, start, stop in properties
    )
    return ((int(size[0]), int(size[1])) if size and all(size) else None), alpha, turned


def _associations(view: memoryview, at: int, end: int) -> dict[int, list[int]]:
    version, wide = view[at], bool(view[at + 3] & 1)
    (count,) = struct.unpack_from(">I", view, at + 4)
    at += 8
    found: dict[int, list[int]] = {}
    for _ in range(min(count, MAX_BOXES)):
        if at + 3 > end:
            break
        id_width = 2 if version < 1 else 4
        item = int.from_bytes(view[at : at + id_width], "big")
        number = view[at + id_width]
        at += id_width + 1
        step = 2 if wide else 1
        mask = 0x7FFF if wide else 0x7F
        found[item] = [
            int.from_bytes(view[i : i + step], "big") & mask
            for i in range(at, min(at + number * step, end), step)
        ]
        at += number * step
    return found
