"""A run as labelled pictures: a contact sheet, in several files where one would be too large."""

from __future__ import annotations

import io
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw

from imgwidgets.errors import ImgWidgetsError
from imgwidgets.images import SUFFIXES, thumbnail
from imgwidgets.sweep.fonts import Typeface
from imgwidgets.sweep.layout import arrange
from imgwidgets.sweep.stored import result_of

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from imgwidgets.images import ResultImage
    from imgwidgets.sweep.layout import Layout, Names, Side
    from imgwidgets.sweep.outcome import Outcome
    from imgwidgets.sweep.plan import Plan

__all__ = ["LONGEST_EDGE", "save_sheet"]

LONGEST_EDGE = 6_000
"""Pixels of a sheet's edge; what would be larger is cut into numbered sheets."""

_KINDS = ("png", "jpeg", "webp")
_PAPER, _INK, _QUIET, _LINE, _EMPTY, _BAD = "#ffffff", "#1f2328", "#59636e", "#d0d7de", "#f3f4f6", "#b42318"
_LABEL_LINES = 7
_PLAIN = {"✗": "x", "○": "-", "…": "."}  # where no font here has the sign
_SIGNS = {
    "failed": "✗ failed",
    "maybe_billed": "? no answer, maybe billed",
    "not_sent": "○ not sent",
    "waiting": "… waiting",
    "running": "… running",
}


def save_sheet(  # noqa: PLR0913 (the public options)
    path: str | os.PathLike[str],
    plan: Plan,
    outcomes: Sequence[Outcome],
    *,
    rows: Names = None,
    columns: Names = None,
    pages: Names = None,
    edge: int = 256,
    longest_edge: int = LONGEST_EDGE,
) -> list[Path]:
    """Write the sheets; :meth:`Run.save_sheet` says what the options mean."""
    target = _checked(path)
    _check_pixels("edge", edge, 32)
    _check_pixels("longest_edge", longest_edge, 4 * edge)
    layout = arrange(plan.sweep, rows=rows, columns=columns, pages=pages, nest=True)
    writer = _Sheet(layout, plan, outcomes, edge)
    blocks = [
        (page, some_rows, some_columns)
        for page in layout.combinations or [()]
        for some_rows in writer.cuts(layout.rows, longest_edge, down=True)
        for some_columns in writer.cuts(layout.columns, longest_edge, down=False)
    ]
    written = []
    for number, (page, some_rows, some_columns) in enumerate(blocks, 1):
        place = target if number == 1 else target.with_name(f"{target.stem}-{number}{target.suffix}")
        sheet = writer.draw(
            page, some_rows, some_columns, f"{number} / {len(blocks)}" if len(blocks) > 1 else ""
        )
        sheet.save(place, quality=92, compress_level=3)  # each format takes what it knows
        written.append(place)
    return written


def _check_pixels(name: str, given: Any, least: int) -> None:
    if isinstance(given, bool) or not isinstance(given, int) or given < least:
        more = ", four times the edge" if name == "longest_edge" else ""
        raise ValueError(f"{name} is {given!r}; it needs a whole number of pixels, {least} or more{more}")


def _checked(path: str | os.PathLike[str]) -> Path:
    target = Path(path).expanduser()
    target = target if target.suffix else target.with_name(f"{target.name}.png")
    if SUFFIXES.get(target.suffix.lower()) not in _KINDS:
        raise ValueError(f"{target.suffix!r} is no sheet's suffix; use .png, .jpg or .webp")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"the folder {target.parent} does not exist; create it first: mkdir -p")
    return target


class _Sheet:
    """Draws parts of a table, each with its headers."""

    def __init__(self, layout: Layout, plan: Plan, outcomes: Sequence[Outcome], edge: int) -> None:
        self.layout = layout
        self.plan = plan
        self.outcomes = outcomes
        self.edge = edge
        self.gap = max(4, edge // 32)
        self.label = Typeface(max(13, edge // 14))
        self.title = Typeface(max(16, edge // 11))
        self.small = Typeface(max(11, edge // 20))
        self.per_cell = max((self._count(indices) for indices in layout.cells.values()), default=1)
        # Repeats stand side by side, in a square where there are many.
        self.across = math.ceil(math.sqrt(self.per_cell)) if self.per_cell > 3 else self.per_cell
        self.down = math.ceil(self.per_cell / self.across)
        self.cell = (self.across * (edge + self.gap), self.down * (edge + self.gap))
        self.row_labels = [self._wrapped(layout.rows, header, 2 * edge) for header in layout.rows.headers]
        self.column_labels = [
            self._wrapped(layout.columns, header, self.cell[0] - self.gap)
            for header in layout.columns.headers
        ]
        widest = max((self.label.width(line) for lines in self.row_labels for line in lines), default=0)
        self.left = round(widest) + 3 * self.gap if layout.rows.names else self.gap
        highest = max((len(lines) for lines in self.column_labels), default=0)
        self.top = highest * self.label.line + 2 * self.gap if layout.columns.names else self.gap
        taller = max((len(lines) for lines in self.row_labels), default=0) * self.label.line + 2 * self.gap
        self.cell = (self.cell[0], max(self.cell[1], taller if layout.rows.names else 0))

    def _count(self, indices: Sequence[int]) -> int:
        return sum(max(1, self.plan[index].images) for index in indices)

    def _wrapped(self, side: Side, header: Sequence[str], width: int) -> list[str]:
        named = [f"{name}: {label}" for name, label in zip(side.names, header, strict=True)]
        return [line for text in named for line in self.label.wrap(text, width, _LABEL_LINES)]

    def cuts(self, side: Side, longest: int, *, down: bool) -> list[range]:
        """Cut a side into stretches that fit a sheet, about equally long."""
        one = self.cell[1] if down else self.cell[0]
        used = self.top + 12 * self.title.line if down else self.left
        fitting = max(1, (longest - used) // one)
        count = math.ceil(len(side) / fitting)
        size = math.ceil(len(side) / count)
        return [range(start, min(len(side), start + size)) for start in range(0, len(side), size)]

    def draw(self, page: tuple[int, ...], rows: range, columns: range, number: str) -> Image.Image:
        width = self.left + len(columns) * self.cell[0] + self.gap
        head = self._heading(page, number, max(width, 2 * self.edge) - 2 * self.gap)
        top = len(head) * self.title.line + 2 * self.gap
        height = top + self.top + len(rows) * self.cell[1] + self.gap
        sheet = Image.new("RGB", (max(width, 2 * self.edge), height), _PAPER)
        pen = ImageDraw.Draw(sheet)
        for at, line in enumerate(head):
            self.title.draw(pen, (self.gap, self.gap + at * self.title.line), line, _INK)
        for at, column in enumerate(columns):
            for line_at, line in enumerate(self.column_labels[column]):
                where = (self.left + at * self.cell[0], top + self.gap + line_at * self.label.line)
                self.label.draw(pen, where, line, _QUIET)
        for at, row in enumerate(rows):
            y = top + self.top + at * self.cell[1]
            pen.line([(self.gap, y - self.gap // 2), (width - self.gap, y - self.gap // 2)], fill=_LINE)
            for line_at, line in enumerate(self.row_labels[row]):
                self.label.draw(pen, (self.gap, y + self.gap + line_at * self.label.line), line, _QUIET)
        places = [
            (
                self.layout.at(row, column, page),
                self.left + c * self.cell[0],
                top + self.top + r * self.cell[1],
            )
            for r, row in enumerate(rows)
            for c, column in enumerate(columns)
        ]
        with ThreadPoolExecutor(2) as pool:  # decoding releases the GIL
            for (_, x, y), tiles in zip(
                places, pool.map(lambda place: self._tiles(place[0]), places), strict=True
            ):
                for at, tile in enumerate(tiles):
                    dx, dy = at % self.across, at // self.across
                    sheet.paste(tile, (x + dx * (self.edge + self.gap), y + dy * (self.edge + self.gap)))
        return sheet

    def _heading(self, page: tuple[int, ...], number: str, width: int) -> list[str]:
        prompt = self.plan.sweep.prompt
        said = [prompt] if isinstance(prompt, str) else []
        said += [
            f"{side.title}: {side.headers[at][0]}" for side, at in zip(self.layout.pages, page, strict=True)
        ]
        said += [f"sheet {number}"] if number else []
        return [line for text in said for line in self.title.wrap(text, width, 4)]

    def _tiles(self, indices: Sequence[int]) -> list[Image.Image]:
        """Give the pictures of one place of the table; where there is none, its reason."""
        tiles: list[Image.Image] = []
        for index in indices:
            outcome = self.outcomes[index]
            result, gone = result_of(outcome)
            pictures = list(result or ())
            tiles += [self._picture(picture) for picture in pictures[: self.per_cell]]
            if not pictures:
                problems = "; ".join(problem.message for problem in self.plan[index].problems)
                sign = "✗ invalid" if problems else _SIGNS.get(outcome.status, "○ no image")
                tiles.append(self._notice(sign, outcome.error or problems or gone))
        return tiles[: self.across * self.down]

    def _picture(self, given: ResultImage) -> Image.Image:
        try:
            small, media_type = thumbnail(given.bytes, edge=self.edge)
            if media_type == "image/svg+xml":
                return self._notice("an svg", "it is not drawn on sheets")
            with Image.open(io.BytesIO(small)) as opened:
                picture = opened.convert("RGBA")
        except (ImgWidgetsError, OSError) as error:
            return self._notice("✗ damaged", str(error))
        tile = Image.new("RGB", (self.edge, self.edge), _EMPTY)
        at = ((self.edge - picture.width) // 2, (self.edge - picture.height) // 2)
        tile.paste(picture, at, picture)
        return tile

    def _notice(self, sign: str, reason: str) -> Image.Image:
        tile = Image.new("RGB", (self.edge, self.edge), _EMPTY)
        pen = ImageDraw.Draw(tile)
        colour = _BAD if sign.startswith(("✗", "?")) else _QUIET
        pen.rectangle((0, 0, self.edge - 1, self.edge - 1), outline=colour, width=max(1, self.edge // 128))
        room = self.edge - 2 * self.gap
        sign = self.label.sign(sign[0], _PLAIN.get(sign[0], sign[0])) + sign[1:]
        self.label.draw(pen, (self.gap, self.gap), self.label.wrap(sign, room, 1)[0], colour)
        y = self.gap + round(1.3 * self.label.line)
        for line in self.small.wrap(reason, room, max(1, (self.edge - y - self.gap) // self.small.line)):
            self.small.draw(pen, (self.gap, y), line, _INK)
            y += self.small.line
        return tile
