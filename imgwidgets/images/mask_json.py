"""A mask's recipe as JSON, read with suspicion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from imgwidgets.errors import ImageInputError
from imgwidgets.images.mask_limits import MAX_OPERATIONS, MAX_POINTS, check_size
from imgwidgets.images.operations import Operation, Pixels, check_operations, walk

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["read", "write"]

MAX_TEXT = 256 * 1024 * 1024
"""Bytes; the largest mask's pixels as base64 stay below."""

LONG_TEXT = 16 * 1024 * 1024
"""Bytes; from here on the pixels themselves may be shorter than the recipe."""


MAX_COMMAS = 4 * MAX_POINTS + 16 * MAX_OPERATIONS


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal["imgwidgets.mask"]
    version: Literal[1]
    size: tuple[int, int]
    operations: tuple[Operation, ...]
    marks: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    """A markup on the same image, which a painter writes beside its mask; it says nothing about the mask."""


_DECODER = msgspec.json.Decoder(_Document)


def write(
    size: tuple[int, int], operations: tuple[Operation, ...], alpha: Callable[[], NDArray[np.uint8]]
) -> str:
    """Give the text; where a recipe would be long, the pixels if these are shorter."""
    if _too_much(operations):
        return _text(size, (Pixels.of(alpha()),)).decode()
    text = _text(size, operations)
    if len(text) > LONG_TEXT:
        text = min(text, _text(size, (Pixels.of(alpha()),)), key=len)
    return text.decode()


def _too_much(operations: tuple[Operation, ...]) -> bool:
    """Tell whether a recipe is longer than a reader would take."""
    inner = [operation for operation, _ in walk(operations)]
    points = sum(len(getattr(operation, "points", ())) for operation in inner)
    return len(inner) > MAX_OPERATIONS or points > MAX_POINTS


def _text(size: tuple[int, int], operations: tuple[Operation, ...]) -> bytes:
    return msgspec.json.encode(
        _Document(format="imgwidgets.mask", version=1, size=size, operations=operations)
    )


def read(text: str | bytes) -> tuple[tuple[int, int], tuple[Operation, ...]]:
    """Give size and operations, checked.

    Raises
    ------
    ImageInputError
        For text that is no mask, or larger than a mask may be.
    """
    if not isinstance(text, (str, bytes)):
        raise ImageInputError(f"a mask's JSON is text, not {type(text).__name__}")
    data = text.encode("utf-8", "replace") if isinstance(text, str) else text
    if len(data) > MAX_TEXT:
        raise ImageInputError(f"a mask's JSON is at most {MAX_TEXT:,} bytes, not {len(data):,}")
    # Counted before anything is built: a short text may ask for a long list.
    for sign, most in (
        (b"{", MAX_OPERATIONS + 1),
        (b"[", MAX_POINTS + 5 * MAX_OPERATIONS),
        (b",", MAX_COMMAS),
    ):
        if data.count(sign) > most:
            raise ImageInputError(
                f"a mask has at most {MAX_OPERATIONS:,} operations and {MAX_POINTS:,} points, this JSON more"
            )
    try:
        document = _DECODER.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as problem:
        raise ImageInputError(f"this JSON is no mask: {problem}") from problem
    size = check_size(document.size)
    check_operations(document.operations, size)
    return size, document.operations
