"""Which pixels a shape covers: soft outlines, and the parts of a large box that need any work.

Pillow fills polygons fast but with hard edges, so a shape is drawn two to four times as large as
needed and averaged down. Most of a large shape is solid or empty, so only the tiles that its outline
runs through are averaged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from imgwidgets.sandbox.scene.shapes import Points

__all__ = ["Box", "Cover", "Part", "covers", "tremble"]

Box = tuple[int, int, int, int]
Part = tuple[Box, Image.Image | None]

_TILE = 64  # pixels; smaller ones cost more calls, larger ones more pixels
_STEP = 16.0  # pixels between the places of an outline that are looked at
_WORTH = 320 * 320  # pixels from which it pays to look at tiles at all
_BUSY = 0.7  # share of outlined tiles from which one large piece is quicker
_MANY = 200  # rings; flakes and leaves are everywhere
_LONG = 50000  # pixels of outline


def tremble(ring: Points, amount: float, turn: int = 0) -> Points:
    """Shift points by a smooth noise of place, so that neighbours shift alike."""
    x, y = ring[:, 0], ring[:, 1]
    pace = 0.9 / max(amount * 6, 1e-9)
    dx = np.sin(y * pace + turn * 2.1) + 0.6 * np.sin((x + y) * pace * 0.37 + 1.3 + turn)
    dy = np.sin(x * pace + 0.7 + turn * 1.7) + 0.6 * np.sin((x - y) * pace * 0.41 + turn)
    return ring + np.stack([dx, dy], 1) * amount


def covers(rings: list[Points], box: Box, width: float) -> bool:
    """Tell whether the shape is an upright rectangle that needs no soft edges."""
    if width or len(rings) != 1 or len(rings[0]) != 4:
        return False
    ring = rings[0]
    low, high = ring.min(0), ring.max(0)
    upright = all(min(abs(p[0] - low[0]), abs(p[0] - high[0])) < 1e-6 for p in ring) and all(
        min(abs(p[1] - low[1]), abs(p[1] - high[1])) < 1e-6 for p in ring
    )
    inside = low[0] <= box[0] and low[1] <= box[1] and high[0] >= box[2] and high[1] >= box[3]
    return upright and inside


class Cover:
    """How much of each pixel of a box some rings cover.

    Parameters
    ----------
    rings : list of ndarray
        The outlines, (N, 2) in pixels.
    box : tuple of int
        (x0, y0, x1, y1), the pixels to look at.
    width : float
        The pen's width in pixels; 0 fills the rings.
    opacity : float
        How much a covered pixel is covered, 0..1.

    Examples
    --------
    >>> square = np.array([(2.0, 2.0), (6.0, 2.0), (6.0, 6.0), (2.0, 6.0)])
    >>> Cover([square], (0, 0, 8, 8), 0).reduced().getpixel((4, 4))
    255
    """

    def __init__(self, rings: list[Points], box: Box, width: float, opacity: float = 1.0) -> None:
        self.box, self._filled = box, not width
        self._level = round(255 * min(1.0, opacity))
        across, down = box[2] - box[0], box[3] - box[1]
        largest = max(across, down)
        factor = 4 if largest <= 160 else 3 if largest <= 1100 else 2
        if len(rings) > 40 and largest > 500:
            factor = 2
        self._factor = factor
        self._edge = _outlined(rings, box, width) if across * down >= _WORTH else None
        self._seen = (0, 0, across, down)  # the part of the box that is drawn: all outlines are in it
        if self._edge is not None:
            rows, columns = np.flatnonzero(self._edge.any(1)), np.flatnonzero(self._edge.any(0))
            if len(rows):
                # one pixel more on each side shows what goes on beyond the last outline
                self._seen = (
                    max(0, int(columns[0]) * _TILE - 1),
                    max(0, int(rows[0]) * _TILE - 1),
                    min(across, (int(columns[-1]) + 1) * _TILE + 1),
                    min(down, (int(rows[-1]) + 1) * _TILE + 1),
                )
        x0, y0, x1, y1 = self._seen
        self._large = Image.new("L", ((x1 - x0) * factor, (y1 - y0) * factor))
        draw = ImageDraw.Draw(self._large)
        # Pillow's polygons include their border pixels, half a small pixel on each side
        shift = np.array([box[0] + x0, box[1] + y0]) + 0.5 / factor
        for ring in rings:
            points = ((ring - shift) * factor).ravel().tolist()
            if not width:
                if len(points) >= 6:
                    draw.polygon(points, fill=self._level)
                continue
            pen = max(1, round(width * factor))
            draw.line(points, fill=self._level, width=pen, joint="curve")
            radius = pen / 2
            if pen > 2:
                for x, y in (points[:2], points[-2:]):
                    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=self._level)

    def reduced(self, step: int = 1) -> Image.Image:
        """Give the coverage of the whole box, mode L, ``step`` times smaller."""
        small = self._large.reduce(self._factor * step)
        across, down = self.box[2] - self.box[0], self.box[3] - self.box[1]
        if self._seen == (0, 0, across, down):
            return small
        # beyond what is drawn, every row and column goes on as it was
        xs = np.arange(step // 2, across, step).clip(self._seen[0], self._seen[2] - 1) - self._seen[0]
        ys = np.arange(step // 2, down, step).clip(self._seen[1], self._seen[3] - 1) - self._seen[1]
        return Image.fromarray(np.asarray(small)[(ys // step)[:, None], xs // step])

    def parts(self) -> list[Part]:
        """Give the parts of the box that are covered.

        Returns
        -------
        list of tuple
            A box within the box, and how much of each of its pixels is covered, mode L; ``None``
            where all are covered whole. The parts do not overlap; together they are what `reduced`
            gives.
        """
        box, factor, edge = self.box, self._factor, self._edge
        across, down = box[2] - box[0], box[3] - box[1]
        if edge is None or (self._seen == (0, 0, across, down) and edge.mean() > _BUSY):
            return [(box, self._large.reduce(factor))]
        x0, y0, x1, y1 = self._seen
        found: list[Part] = []
        for row, touched in enumerate(edge.tolist()):
            top, bottom = row * _TILE, min(down, (row + 1) * _TILE)
            look = (min(max(top, y0), y1 - 1) - y0) * factor
            # where no outline runs through a tile, one pixel tells solid from empty
            states = [
                2 if outlined else self._solid((min(max(column * _TILE, x0), x1 - 1) - x0) * factor, look)
                for column, outlined in enumerate(touched)
            ]
            column = 0
            while column < len(states):
                start, state = column, states[column]
                while column < len(states) and states[column] == state:
                    column += 1
                left, right = start * _TILE, min(across, column * _TILE)
                part = (left + box[0], top + box[1], right + box[0], bottom + box[1])
                if state == 1:
                    found.append((part, self._plain((right - left, bottom - top))))
                elif state == 2:
                    small = (
                        (left - x0) * factor,
                        (top - y0) * factor,
                        (right - x0) * factor,
                        (bottom - y0) * factor,
                    )
                    found.append((part, self._large.reduce(factor, small)))
        return found

    def _solid(self, x: int, y: int) -> int:
        return int(self._filled and self._large.getpixel((x, y)) != 0)

    def _plain(self, size: tuple[int, int]) -> Image.Image | None:
        return Image.new("L", size, self._level) if self._level < 255 else None


def _outlined(rings: list[Points], box: Box, width: float) -> npt.NDArray[np.bool_] | None:
    """Tell for each tile whether an outline runs through it; None where that is not worth knowing."""
    reach = _STEP / 2 + width / 2 + 3
    if 2 * reach > _TILE or len(rings) > _MANY:
        return None
    shape = (-(-(box[3] - box[1]) // _TILE), -(-(box[2] - box[0]) // _TILE))
    edge = np.zeros(shape, np.bool_)
    ends = [ring if width else np.concatenate([ring, ring[:1]]) for ring in rings]
    points = np.concatenate(ends)
    legs = np.hypot(*np.diff(points, axis=0).T)
    legs[np.cumsum([len(ring) for ring in ends])[:-1] - 1] = 0  # from ring to ring nothing is drawn
    path = np.concatenate([[0.0], legs.cumsum()])
    if path[-1] > _LONG:
        return None
    at = np.arange(0.0, path[-1], _STEP)
    x = np.concatenate([points[:, 0], np.interp(at, path, points[:, 0])]) - box[0]
    y = np.concatenate([points[:, 1], np.interp(at, path, points[:, 1])]) - box[1]
    for dx in (-reach, reach):
        for dy in (-reach, reach):
            column, row = ((x + dx) // _TILE).astype(int), ((y + dy) // _TILE).astype(int)
            inside = (column >= 0) & (column < shape[1]) & (row >= 0) & (row < shape[0])
            edge[row[inside], column[inside]] = True
    return edge
