"""What undo and redo need: one step each, with the compressed difference it made."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

from imgwidgets.images.morphology import is_hard
from imgwidgets.images.operations import Pixels, walk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from imgwidgets.images.mask_limits import Box
    from imgwidgets.images.operations import Operation

    Alpha = NDArray[np.uint8]

__all__ = ["Patch", "Step", "bytes_of"]


class Patch:
    """The difference between two rasters (their exclusive or), compressed; it leads both ways."""

    __slots__ = ("_data", "_hard", "box")

    def __init__(self, box: Box, data: bytes, *, hard: bool) -> None:
        self.box = box
        self._data = data
        self._hard = hard

    @classmethod
    def of(cls, difference: Alpha, inner: Box, corner: tuple[int, int]) -> Patch:
        """Compress the inner box of a difference whose corner lies at (x, y) of the raster."""
        left, top, right, bottom = inner
        part = difference[top:bottom, left:right]
        x, y = corner
        box = (left + x, top + y, right + x, bottom + y)
        if not part.size:
            return cls(box, b"", hard=True)
        hard = is_hard(part)
        raw = np.packbits(part, axis=1) if hard else np.ascontiguousarray(part)
        return cls(box, zlib.compress(raw.data, level=1), hard=hard)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return len(self._data)

    def turn(self, alpha: Alpha) -> None:
        """Lead a raster to the other side of the step."""
        if not self._data:
            return
        left, top, right, bottom = self.box
        raw = np.frombuffer(zlib.decompress(self._data), np.uint8).reshape(bottom - top, -1)
        if self._hard:
            raw = np.negative(np.unpackbits(raw, axis=1, count=right - left))  # 1 becomes 255
        alpha[top:bottom, left:right] ^= raw


class Step:
    """One step of the history: an operation added, or all of them replaced.

    Attributes
    ----------
    patch : Patch or None
        What it changed; None where that was given up.
    behind, ahead : dict
        The bytes of the rasters, by their ids, that only going back, or forth, over it brings back.
    """

    __slots__ = ("_after", "_before", "_operation", "ahead", "behind", "patch")

    def __init__(
        self,
        operation: Operation | None = None,
        *,
        before: list[Operation] | None = None,
        after: list[Operation] | None = None,
    ) -> None:
        self._operation = operation
        self._before = before
        self._after = after
        self.patch: Patch | None = None
        self.behind = _stored(before or ())
        self.ahead = _stored((after or ()) if operation is None else (operation,))

    @property
    def nbytes(self) -> int:
        """Bytes of the difference."""
        return 0 if self.patch is None else self.patch.nbytes

    def forwards(self, operations: list[Operation]) -> list[Operation]:
        """Give the operations after the step, from those before it."""
        if self._operation is None:
            return self._after or []
        operations.append(self._operation)
        return operations

    def backwards(self, operations: list[Operation]) -> list[Operation]:
        """Give the operations before the step, from those after it."""
        if self._operation is None:
            return self._before or []
        operations.pop()
        return operations


def bytes_of(undo: Iterable[Step], redo: Iterable[Step]) -> int:
    """Give the bytes of the rasters stored in operations that only the history holds, each once."""
    stored: dict[int, int] = {}
    for step in undo:
        stored |= step.behind
    for step in redo:
        stored |= step.ahead
    return sum(stored.values())


def _stored(operations: Iterable[Operation]) -> dict[int, int]:
    found = (operation for operation, _ in walk(tuple(operations)))
    return {id(operation): len(operation.data) for operation in found if isinstance(operation, Pixels)}
