"""Markup: coloured strokes and arrows on a transparent layer, as values, and the layer itself."""

from __future__ import annotations

import itertools
import math
import re
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from PIL import ImageColor

from imgwidgets.errors import ImageInputError
from imgwidgets.images import raster
from imgwidgets.images.mask_limits import corners, plain
from imgwidgets.images.spans import join

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from imgwidgets.images.mask_limits import Box

    Layer = npt.NDArray[np.uint8]

__all__ = ["Mark", "MarkupCanvas", "arrow_head", "draw", "marks_in", "marks_of", "with_marks"]

MAX_MARKS = 2_000
MAX_STEPS = 500
"""How many steps can be taken back: each holds the list of the marks that there were."""

HEAD_LENGTH = 5.0
"""An arrow's head in widths of its line."""

HEAD_SHARE = 0.6
"""A short arrow's head takes no more of its length than this."""

HEAD_ANGLE = 0.5
"""Radians between an arrow's line and each side of its head."""

_GRID = 16  # points are kept to a sixteenth of a pixel, so that a part of the layer is drawn like the whole
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class Mark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One stroke or arrow of a markup.

    Parameters
    ----------
    points : sequence of (x, y)
        Image pixels, at least one; an arrow needs two different ones and points at the last.
    width : float or sequence of float
        Of the line, in image pixels; one for all points, or one for each (pen pressure).
    color : str
        ``#rrggbb``.
    arrow : bool
        Whether it ends in a head.
    erase : bool
        True takes away what was drawn before.

    Examples
    --------
    >>> Mark(points=[(10, 10), (90, 40)], width=6, color="#e53935", arrow=True).box
    (6, 6, 94, 48)
    """

    points: tuple[tuple[float, float], ...]
    width: float | tuple[float, ...]
    color: str = "#000000"
    arrow: bool = False
    erase: bool = False

    def __post_init__(self) -> None:
        points = tuple(
            (round(x * _GRID) / _GRID, round(y * _GRID) / _GRID) for x, y in corners(self.points, "a mark", 1)
        )
        given = self.width if np.ndim(self.width) else (self.width,)
        widths = tuple(float(plain(each, "a mark's width", 0)) for each in given)  # type: ignore[union-attr]
        if len(widths) not in (1, len(points)):
            raise ImageInputError(
                f"a mark of {len(points)} points needs one width or one for each, not {len(widths)}"
            )
        if not _COLOUR.fullmatch(self.color):
            raise ImageInputError(f"a mark's color is '#rrggbb', not {self.color!r}")
        if self.arrow and len(set(points)) < 2:
            raise ImageInputError("an arrow needs two different points")
        same = len(set(widths)) == 1
        for name, value in {"points": points, "width": widths[0] if same else widths}.items():
            msgspec.structs.force_setattr(self, name, value)

    @property
    def line(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """The points that a round pen draws along, (N, 2), and its radius at each, (N,)."""
        points = list(self.points)
        radii = np.broadcast_to(np.asarray(self.width, np.float64) / 2, (len(points),))
        if self.arrow:
            head = arrow_head(self.points, 2 * float(radii[-1]))
            points += head
            radii = np.concatenate((radii, np.full(len(head), radii[-1])))
        return np.array(points, np.float64), np.ascontiguousarray(radii)

    @property
    def box(self) -> Box:
        """(left, top, right, bottom) in whole pixels around all that it may touch."""
        points, radii = self.line
        reach = radii[:, None] + 0.5
        left, top = np.floor((points - reach).min(axis=0)).astype(int).tolist()
        right, bottom = np.ceil((points + reach).max(axis=0)).astype(int).tolist()
        return left, top, right, bottom


def arrow_head(points: Iterable[tuple[float, float]], width: float) -> list[tuple[float, float]]:
    """Give the three points that a pen draws after an arrow's last one: a side, the tip, the other side.

    Parameters
    ----------
    points : sequence of (x, y)
        Of the arrow, at least two different ones.
    width : float
        Of its line, in pixels.

    Examples
    --------
    >>> [(round(x, 1), round(y, 1)) for x, y in arrow_head([(0, 0), (100, 0)], 4)]
    [(82.4, 9.6), (100, 0), (82.4, -9.6)]
    """
    listed = list(points)
    tip = listed[-1]
    start = next(point for point in reversed(listed) if point != tip)
    whole = sum(math.dist(one, other) for one, other in itertools.pairwise(listed))
    length = min(HEAD_LENGTH * width, HEAD_SHARE * whole)
    axis = math.atan2(tip[1] - start[1], tip[0] - start[0])
    sides = [
        (tip[0] - length * math.cos(axis + turn), tip[1] - length * math.sin(axis + turn))
        for turn in (-HEAD_ANGLE, HEAD_ANGLE)
    ]
    one, other = _on_grid(sides)
    return [one, tip, other]


def _on_grid(points: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    return tuple((round(x * _GRID) / _GRID, round(y * _GRID) / _GRID) for x, y in points)


def draw(layer: Layer, marks: Iterable[Mark], corner: tuple[int, int] = (0, 0)) -> None:
    """Draw marks, with smooth edges, on a part of a transparent layer.

    Parameters
    ----------
    layer : (H, W, 4) uint8
        Changed. Red, green, blue and alpha, where alpha 0 is transparent.
    marks : iterable of Mark
        From below.
    corner : (int, int)
        (x, y) of the part in the whole layer.
    """
    height, width = layer.shape[:2]
    for mark in marks:
        box = _common(mark.box, (corner[0], corner[1], corner[0] + width, corner[1] + height))
        if box is None:
            continue
        left, top, right, bottom = box
        part = layer[top - corner[1] : bottom - corner[1], left - corner[0] : right - corner[0]]
        points, radii = mark.line
        keep = np.full(part.shape[:2], 255, np.uint8)
        # An edge that fades over one pixel.
        softness = min(1.0, 0.5 / max(float(radii.max()), 0.5))
        raster.stroke(keep, points - (left, top), radii, softness=softness)
        _cover(part, keep, None if mark.erase else ImageColor.getrgb(mark.color)[:3])


def _cover(part: Layer, keep: npt.NDArray[np.uint8], colour: tuple[int, ...] | None) -> None:
    """Lay a colour over a part where `keep` is not 255, or take away what is there."""
    part[keep == 0] = 0 if colour is None else (*colour, 255)
    edge = (keep > 0) & (keep < 255)
    old = part[edge].astype(np.float64)
    new = 1 - keep[edge].astype(np.float64) / 255
    under = old[:, 3] / 255 * (1 - new)
    mixed = np.zeros(old.shape)
    if colour is None:
        mixed[:, :3], mixed[:, 3] = old[:, :3], 255 * under
    else:
        whole = new + under
        mixed[:, :3] = (np.array(colour) * new[:, None] + old[:, :3] * under[:, None]) / whole[:, None]
        mixed[:, 3] = 255 * whole
    rounded = np.rint(mixed).astype(np.uint8)
    rounded[rounded[:, 3] == 0] = 0
    part[edge] = rounded


def _common(one: Box, other: Box) -> Box | None:
    left, top = max(one[0], other[0]), max(one[1], other[1])
    right, bottom = min(one[2], other[2]), min(one[3], other[3])
    return (left, top, right, bottom) if left < right and top < bottom else None


class MarkupCanvas:
    """The marks on an image, with undo; for one thread at a time: its owner has the lock.

    Parameters
    ----------
    size : (int, int)
        (width, height) of the image.

    Examples
    --------
    >>> canvas = MarkupCanvas((64, 48))
    >>> canvas.add(Mark(points=[(10, 10), (30, 10)], width=6, color="#ff0000"))
    (6, 6, 34, 14)
    >>> canvas.pixels()[10, 20].tolist(), canvas.pixels()[40, 20].tolist()
    ([255, 0, 0, 255], [0, 0, 0, 0])
    >>> canvas.undo(), canvas.pixels()
    ((6, 6, 34, 14), None)
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size
        self.marks: tuple[Mark, ...] = ()
        self._undo: list[tuple[Mark, ...]] = []
        self._redo: list[tuple[Mark, ...]] = []
        self._layer: Layer | None = None  # none until there is something: 33 MB for a 4K image
        self._given = False  # whether somebody else has the layer: then the next change makes another

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether a step was taken back that can be done again."""
        return bool(self._redo)

    @property
    def layer(self) -> Layer | None:
        """The (H, W, 4) uint8 layer for reading at once; None where nothing was ever drawn."""
        return self._layer

    def pixels(self) -> Layer | None:
        """Give the layer as it stays, read-only; None where nothing is visible on it."""
        if self._layer is None or not self._layer[:, :, 3].any():
            return None
        self._given = True
        self._layer.flags.writeable = False
        return self._layer.view()

    # Each of these gives the box around what may have changed, or None where nothing has.

    def add(self, mark: Mark) -> Box | None:
        """Draw one more mark, as one step."""
        if len(self.marks) >= MAX_MARKS:
            raise ImageInputError(f"a markup takes at most {MAX_MARKS:,} marks; clear it, or undo some")
        self._note()
        self.marks = (*self.marks, mark)
        box = _common(mark.box, (0, 0, *self.size))
        if box is not None:
            layer = self._own()
            draw(layer[box[1] : box[3], box[0] : box[2]], (mark,), box[:2])
        return box

    def replace(self, marks: tuple[Mark, ...]) -> Box | None:
        """Put other marks in place of these, as one step."""
        if len(marks) > MAX_MARKS:
            raise ImageInputError(f"a markup takes at most {MAX_MARKS:,} marks, not {len(marks):,}")
        if marks == self.marks:
            return None
        self._note()
        return self._turn(marks)

    def undo(self) -> Box | None:
        """Take the last step back."""
        if not self._undo:
            return None
        self._redo.append(self.marks)
        return self._turn(self._undo.pop())

    def redo(self) -> Box | None:
        """Do again what was undone last."""
        if not self._redo:
            return None
        self._undo.append(self.marks)
        return self._turn(self._redo.pop())

    def _note(self) -> None:
        self._undo.append(self.marks)
        del self._undo[:-MAX_STEPS]
        self._redo.clear()

    def _turn(self, marks: tuple[Mark, ...]) -> Box | None:
        """Go over to other marks, and draw anew where they differ."""
        same = 0
        for one, other in zip(self.marks, marks, strict=False):
            if one is not other:
                break
            same += 1
        box: Box | None = None
        for mark in (*self.marks[same:], *marks[same:]):
            box = join(box, _common(mark.box, (0, 0, *self.size)))
        self.marks = marks
        if box is not None:
            part = self._own()[box[1] : box[3], box[0] : box[2]]
            part[:] = 0
            draw(part, marks, box[:2])
        return box

    def _own(self) -> Layer:
        if self._layer is None:
            self._layer = np.zeros((self.size[1], self.size[0], 4), np.uint8)
        elif self._given:
            self._layer = self._layer.copy()
        self._given = False
        return self._layer


def marks_of(values: Any) -> tuple[Mark, ...]:
    """Take marks in the forms that Python and JSON have for them, and refuse all else.

    Raises
    ------
    ImageInputError
        Where one of them is no mark.
    """
    if isinstance(values, tuple) and all(isinstance(value, Mark) for value in values):
        return values
    try:
        return tuple(value if isinstance(value, Mark) else msgspec.convert(value, Mark) for value in values)
    except (TypeError, msgspec.ValidationError) as error:
        raise ImageInputError(f"marks is a sequence of marks: {error}") from error


class _Document(msgspec.Struct, frozen=True):
    """What concerns the markup in a mask's JSON; the mask's own part is left to the mask."""

    marks: tuple[Mark, ...] | None = None


# Made when the module is: msgspec must not meet a type for the first time in several threads at once.
_DOCUMENT = msgspec.json.Decoder(_Document)


def with_marks(mask: str, marks: tuple[Mark, ...]) -> str:
    """Add marks to a mask's JSON; it stays one that ``Mask.from_json`` reads.

    Examples
    --------
    >>> with_marks('{"format":"imgwidgets.mask"}', (Mark(points=[(1, 2)], width=3),))
    '{"format":"imgwidgets.mask","marks":[{"points":[[1.0,2.0]],"width":3.0}]}'
    """
    return f'{mask.rstrip().removesuffix("}")},"marks":{msgspec.json.encode(marks).decode()}}}'


def marks_in(text: str) -> tuple[Mark, ...] | None:
    """Read the marks that :func:`with_marks` added; None where there are none of any kind.

    Raises
    ------
    ImageInputError
        Where they are no marks.
    """
    try:
        return _DOCUMENT.decode(text).marks
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as problem:
        raise ImageInputError(f"the marks in this JSON cannot be read: {problem}") from problem
