"""The mask under a brush: one raster, changed in place, with undo and redo."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from imgwidgets.errors import ImageInputError
from imgwidgets.images import raster
from imgwidgets.images.live_stroke import LiveStroke
from imgwidgets.images.mask import Mask
from imgwidgets.images.mask_history import Patch, Step, bytes_of
from imgwidgets.images.mask_limits import MAX_OPERATIONS, Box, plain
from imgwidgets.images.operations import Operation, Pixels, Stroke, check_operations
from imgwidgets.images.regions import box_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Alpha = NDArray[np.uint8]

__all__ = ["MaskCanvas"]

HISTORY_BYTES = 40 * 1024 * 1024
"""Kept for undo and redo: where differences take more, older steps are rendered anew instead."""


class MaskCanvas:
    """A mask being painted: the one owner of its pixels, safe to call from any thread.

    Every change is applied in place and gives the box of what it touched, (left, top, right,
    bottom), or None; :attr:`mask` gives the present state as a value. Each step of the history is
    kept as the compressed difference between before and after, which serves undo and redo alike.

    Parameters
    ----------
    mask : Mask or (int, int)
        What to start from: a mask, or the (width, height) of an empty one. Undo ends here.

    Examples
    --------
    >>> canvas = MaskCanvas((640, 480))
    >>> canvas.begin_stroke([(100, 100)], radius=20)
    (80, 80, 120, 120)
    >>> canvas.extend_stroke([(150, 100), (200, 100)])
    (80, 80, 220, 120)
    >>> canvas.end_stroke() is not None
    True
    >>> canvas.mask
    Mask(640x480, 1 operation, 5,264 pixels selected)
    >>> canvas.undo()
    (80, 80, 220, 120)
    >>> canvas.mask.area, canvas.can_redo
    (0, True)
    """

    def __init__(self, mask: Mask | tuple[int, int]) -> None:
        start = mask if isinstance(mask, Mask) else Mask.blank(mask)
        self._lock = threading.RLock()
        self._size = start.size
        self._raster: Alpha = start.alpha.copy()
        self._before: Alpha | None = None  # the raster as of the last finished step, once it is needed
        self._operations: list[Operation] = list(start.operations)
        self._undo: list[Step] = []
        self._redo: list[Step] = []
        self._live: LiveStroke | None = None
        self._snapshot: Mask | None = start
        self._version = 0

    # ---- what it holds ---------------------------------------------------------------------------

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self._size

    @property
    def version(self) -> int:
        """A number that grows with every change of the pixels."""
        return self._version

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back, an unfinished stroke included."""
        with self._lock:
            return bool(self._undo) or self._live is not None

    @property
    def can_redo(self) -> bool:
        """Whether a step was taken back that can be done again."""
        with self._lock:
            return bool(self._redo) and self._live is None

    @property
    def painting(self) -> bool:
        """Whether a stroke has begun and not ended."""
        return self._live is not None

    @property
    def operations(self) -> tuple[Operation, ...]:
        """All that has been done, an unfinished stroke included."""
        with self._lock:
            live = (self._live.operation(),) if self._live else ()
            return (*self._operations, *live)

    @property
    def history_bytes(self) -> int:
        """Bytes held for undo and redo: differences, stored rasters, and the raster before the last step."""
        with self._lock:
            held = 0 if self._before is None else self._before.nbytes
            stored = bytes_of(self._undo, self._redo)
            return held + stored + sum(step.nbytes for step in (*self._undo, *self._redo))

    @property
    def mask(self) -> Mask:
        """The present state as a value; it stays what it is when the painting goes on.

        The same object is given until something changes.
        """
        with self._lock:
            if self._snapshot is None:
                if self._live is None and self._before is not None:
                    alpha, self._before = self._before, None  # given away: the next step makes its own
                else:
                    alpha = self._raster.copy()
                self._snapshot = Mask._make(self._size, self.operations, alpha=alpha)
            return self._snapshot

    def pixels(self, box: Box | None = None) -> Alpha:
        """Give a copy of the alpha in a box, or of all of it: what a display needs after a change."""
        left, top, right, bottom = box or (0, 0, *self._size)
        with self._lock:
            return self._raster[top:bottom, left:right].copy()

    # ---- strokes, while they are drawn -----------------------------------------------------------

    def begin_stroke(
        self,
        points: ArrayLike,
        *,
        radius: float | Sequence[float],
        erase: bool = False,
        softness: float = 0,
    ) -> Box | None:
        """Put the brush down; a stroke that was not ended is ended first.

        Parameters
        ----------
        points : (N, 2) array of (x, y)
            Image pixels, at least one; kept to a sixteenth of a pixel.
        radius : float or sequence of float
            Pixels, for all points or one for each.
        erase, softness
            As for :meth:`Mask.stroke`.
        """
        live = LiveStroke(erase=bool(erase), softness=float(plain(softness, "a stroke's softness", 0, 1)))
        batch = live.batch(points, radius)
        with self._lock:
            self.end_stroke()
            self._ready()
            self._live = live
            return self._draw(live, *batch)

    def extend_stroke(
        self, points: ArrayLike, *, radius: float | Sequence[float] | None = None
    ) -> Box | None:
        """Go on with the stroke from its last point.

        Parameters
        ----------
        points : (N, 2) array of (x, y)
            Image pixels.
        radius : float or sequence of float, optional
            Pixels; without it the last radius stays.

        Raises
        ------
        ImageInputError
            Where no stroke has begun.
        """
        with self._lock:
            live = self._live
            if live is None:
                raise ImageInputError("extend_stroke without a stroke: call begin_stroke first")
            return self._draw(live, *live.batch(points, radius))

    def end_stroke(self) -> Stroke | None:
        """Lift the brush: the stroke becomes one step of the history. None where there was none."""
        with self._lock:
            live, self._live = self._live, None
            if live is None:
                return None
            operation = live.operation()
            self._commit(live.box, operation)
            return operation

    def cancel_stroke(self) -> Box | None:
        """Take an unfinished stroke back as if it had never begun."""
        with self._lock:
            live, self._live = self._live, None
            if live is None or live.box is None:
                return None
            self._restore(live.box)
            return live.box

    def _draw(self, live: LiveStroke, points: NDArray[np.float64], radii: NDArray[np.float64]) -> Box | None:
        box = raster.stroke(
            self._raster, points, radii, erase=live.erase, softness=live.softness, first=live.empty
        )
        live.add(points, radii, box)
        self._changed()
        return box

    # ---- whole steps -----------------------------------------------------------------------------

    def apply(self, operation: Operation) -> Box | None:
        """Apply one operation as one step; an unfinished stroke is ended first.

        Raises
        ------
        ImageInputError
            Where it does not fit; then nothing has changed.
        """
        check_operations((operation,), self._size)
        with self._lock:
            self.end_stroke()
            self._ready()
            try:
                box = raster.apply(self._raster, operation)
            except BaseException:
                self._restore((0, 0, *self._size))
                raise
            self._changed()
            self._commit(box, operation)
            return box

    def replace(self, mask: Mask) -> Box | None:
        """Put another mask in place of this one, as one step that can be undone."""
        if mask.size != self._size:
            raise ImageInputError(
                f"the mask is {mask.size[0]}x{mask.size[1]}, but this one is {self._size[0]}x{self._size[1]}"
            )
        alpha = mask.alpha
        with self._lock:
            self.end_stroke()
            self._ready()
            np.copyto(self._raster, alpha)
            self._changed()
            step = Step(before=self._operations, after=list(mask.operations))
            return self._finish(step, (0, 0, *self._size))

    def clear(self) -> Box | None:
        """Select nothing, as one step that can be undone."""
        return self.replace(Mask.blank(self._size))

    def _commit(self, box: Box | None, operation: Operation) -> None:
        if len(self._operations) + 1 > MAX_OPERATIONS:  # a recipe may not grow for ever
            step = Step(before=self._operations, after=[Pixels.of(self._raster)])
        else:
            step = Step(operation=operation)
        self._finish(step, box)

    def _finish(self, step: Step, box: Box | None) -> Box | None:
        """Note the difference that a step made, and bring the raster before it up to date."""
        before = self._ready() if box is None else self._before
        if before is None:
            raise RuntimeError("a step ended that had not begun")
        changed = None
        if box is not None:
            left, top, right, bottom = box
            part = before[top:bottom, left:right]
            difference = part ^ self._raster[top:bottom, left:right]
            inner = box_of(difference != 0)
            if inner is not None:
                step.patch = Patch.of(difference, inner, (left, top))
                np.copyto(part, self._raster[top:bottom, left:right])
                changed = step.patch.box
        if step.patch is None:
            step.patch = Patch.of(np.zeros((0, 0), np.uint8), (0, 0, 0, 0), (0, 0))
        self._undo.append(step)
        self._redo.clear()
        self._operations = step.forwards(self._operations)
        self._thin()
        return changed

    def undo(self) -> Box | None:
        """Take the last step back, or an unfinished stroke; None where nothing changed."""
        with self._lock:
            self.end_stroke()
            if not self._undo:
                return None
            step = self._undo.pop()
            self._operations = step.backwards(self._operations)
            self._redo.append(step)
            return self._turn(step)

    def redo(self) -> Box | None:
        """Do again what was undone last; None where nothing changed."""
        with self._lock:
            self.end_stroke()
            if not self._redo:
                return None
            step = self._redo.pop()
            self._operations = step.forwards(self._operations)
            self._undo.append(step)
            return self._turn(step)

    def _turn(self, step: Step) -> Box | None:
        self._changed()
        if step.patch is not None:
            step.patch.turn(self._raster)
            if self._before is not None:
                step.patch.turn(self._before)
            return step.patch.box if step.patch.nbytes else None
        # The difference was given up for memory; the recipe still knows.
        rendered = raster.render(self._size, self._operations)
        difference = rendered ^ self._raster
        box = box_of(difference != 0)
        if box is not None and len(self._operations) > 1:  # one alone is quick to render again
            step.patch = Patch.of(difference, box, (0, 0))
        self._raster = rendered
        self._before = None
        self._thin()
        return box

    # ---- the raster ------------------------------------------------------------------------------

    def _ready(self) -> Alpha:
        """Make sure that the raster before the coming step is there to compare with."""
        if self._before is None:
            self._before = self._raster.copy()
        return self._before

    def _changed(self) -> None:
        self._snapshot = None
        self._version += 1

    def _restore(self, box: Box) -> None:
        left, top, right, bottom = box
        self._raster[top:bottom, left:right] = self._ready()[top:bottom, left:right]
        self._changed()

    def _thin(self) -> None:
        """Give up the oldest differences where all together hold too much, and then the oldest steps."""
        steps = [*self._undo, *self._redo]
        stored = bytes_of(self._undo, self._redo)
        held = stored + sum(step.nbytes for step in steps)
        for step in steps:
            if held <= HISTORY_BYTES:
                return
            held -= step.nbytes
            step.patch = None
        # What is left are rasters that were put in whole. The last step can always be taken back.
        while stored > HISTORY_BYTES and len(self._undo) + len(self._redo) > 1:
            del (self._undo if len(self._undo) > 1 or not self._redo else self._redo)[0]
            stored = bytes_of(self._undo, self._redo)
