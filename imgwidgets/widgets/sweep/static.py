"""The static copy of a sweep's table: what a notebook still shows when its kernel is gone."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

from PIL import Image

from imgwidgets.widgets import text
from imgwidgets.widgets.grid.static import weight
from imgwidgets.widgets.grid.still import Still, _spent
from imgwidgets.widgets.grid.tiles import alt_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from imgwidgets.sweep.layout import Layout
    from imgwidgets.widgets.grid.items import Item

__all__ = ["CellState", "TableStill", "table_html"]

CellState = tuple[str, str, list[int]]
"""Status, reason, keys of the images."""

_EDGES = (192, 128, 96, 64)  # pixels of a picture: the first that keeps within the budget
_MOST = 300  # pictures
_MOST_PLACES = 1_500  # of the table, all pages together
_LABEL = 80
_SIGNS = {
    "done": "✓ done",
    "failed": "✗ failed",
    "maybe_billed": "? may have been billed",
    "not_sent": "○ not sent",
    "invalid": "✗ invalid",
    "running": "… running",
    "waiting": "○ waiting",
}
_BOX = "border:1px solid rgba(128,128,128,.35);padding:4px;vertical-align:top;text-align:left"
_HEAD = f"{_BOX};max-width:200px;overflow-wrap:anywhere;font-weight:600"


class TableStill(Still):
    """As :class:`Still`, with the pictures where they stand in the table.

    Parameters
    ----------
    table : Layout
        Where each cell stands.
    cells : dict
        Cell -> its status, its reason, the keys of its images.
    **common
        As for :class:`Still`.
    """

    def __init__(
        self, *parts: Any, table: Layout, cells: Callable[[], Mapping[int, CellState]], **common: Any
    ) -> None:
        super().__init__(*parts, **common)
        self._table = table
        self._cells = cells

    def _html(self) -> str:
        cells = self._cells()
        items = {item.key: item for item in self._items.all()}
        wanted = [key for at in sorted(cells) for key in cells[at][2] if key in items][:_MOST]
        started = [
            (key, self._thumbnails.start(items[key])) for key in wanted if items[key].shown is not None
        ]
        made = {key: small for key, future in started if (small := self._finished(items[key], future))}
        pictures = {key: (items[key], small) for key, small in made.items()}
        left = _spent.left(self._cell, self._budget, self._name)
        return table_html(self._table, cells, pictures, marker=self.marker, budget=left)


def table_html(
    table: Layout,
    cells: Mapping[int, CellState],
    pictures: Mapping[int, tuple[Item, tuple[bytes, str]]],
    *,
    marker: str,
    budget: int,
) -> str:
    """Write the copy.

    Parameters
    ----------
    table : Layout
    cells : mapping
        Cell -> its status, its reason, the keys of its images.
    pictures : mapping
        Key -> its item, and a small file with its media type.
    marker : str
        By which the live widget finds the copy.
    budget : int
        Bytes that the HTML may take in a notebook's file: pictures shrink until it takes fewer, then the
        last ones go.
    """
    frame = _tables(table, cells, lambda _key: "", marker)
    left = budget - weight(frame)
    images: dict[int, str] = {}
    for edge in _EDGES:
        images = {key: _image(item, small, edge) for key, (item, small) in pictures.items()}
        if sum(map(weight, images.values())) <= left:
            break
    for key in reversed(list(images)):
        if sum(map(weight, images.values())) <= left:
            break
        images[key] = "<small>run the cell to see it</small>"
    return _tables(table, cells, lambda key: images.get(key, "<small>run the cell to see it</small>"), marker)


def _tables(table: Layout, cells: Mapping[int, CellState], image: Callable[[int], str], marker: str) -> str:
    each = max(1, len(table.rows) * len(table.columns))
    pages = table.combinations
    shown = pages[: max(1, _MOST_PLACES // each)]
    body = "".join(_page(table, page, cells, image) for page in shown)
    if len(pages) > len(shown):
        body += f"<p>and {len(pages) - len(shown):,} more: run the cell to see them all</p>"
    return (
        f'<div class="imgwidgets-static imgwidgets-static-{marker} mathjax_ignore tex2jax_ignore"'
        f' style="overflow:auto;max-height:80vh;font-size:12px;line-height:17px">{body}</div>'
    )


def _page(
    table: Layout, page: tuple[int, ...], cells: Mapping[int, CellState], image: Callable[[int], str]
) -> str:
    named = [f"{side.title}: {side.headers[at][0]}" for side, at in zip(table.pages, page, strict=True)]
    caption = (
        f'<caption style="text-align:left" dir="auto">{_said(" · ".join(named))}</caption>' if named else ""
    )
    rows, columns = range(min(len(table.rows), _MOST_PLACES)), range(min(len(table.columns), _MOST_PLACES))
    corner = " ╲ ".join(side.title for side in (table.rows, table.columns) if side.names)
    head = "".join(_th(" · ".join(table.columns.headers[column])) for column in columns)
    lines = []
    for row in rows[: max(1, _MOST_PLACES // len(columns))]:
        boxes = "".join(
            f'<td style="{_BOX}">{_place(table.at(row, c, page), cells, image)}</td>' for c in columns
        )
        lines.append(f"<tr>{_th(' · '.join(table.rows.headers[row]), 'row')}{boxes}</tr>")
    return (
        f'<table style="border-collapse:collapse;margin:0 0 8px">{caption}<thead><tr>{_th(corner)}{head}</tr>'
        f"</thead><tbody>{''.join(lines)}</tbody></table>"
    )


def _place(indices: Sequence[int], cells: Mapping[int, CellState], image: Callable[[int], str]) -> str:
    parts = []
    for index in indices:
        status, reason, keys = cells.get(index, ("waiting", "", []))
        if status == "done" and keys:
            parts += [image(key) for key in keys]
        else:
            said = _SIGNS.get(status, status) + (f": {reason}" if reason else "")
            parts.append(
                f'<span style="display:inline-block;max-width:160px">{text.escape(said, 160)}</span>'
            )
    return " ".join(parts)


def _th(said: str, scope: str = "col") -> str:
    return f'<th scope="{scope}" style="{_HEAD}" dir="auto">{_said(said)}</th>'


def _said(said: str) -> str:
    return text.escape(text.one_line(said), _LABEL)


def _image(item: Item, small: tuple[bytes, str], edge: int) -> str:
    data, media_type = small
    if media_type != "image/svg+xml":
        picture: Image.Image = Image.open(io.BytesIO(data))
        if max(picture.size) > edge:
            picture.thumbnail((edge, edge))
            buffer = io.BytesIO()
            picture.save(buffer, "webp", method=4, quality=78)
            data, media_type = buffer.getvalue(), "image/webp"
    code = base64.b64encode(data).decode()
    return (
        f'<img src="data:{media_type};base64,{code}" alt="{text.attribute(alt_of(item), 200)}"'
        f' style="width:{edge}px;height:auto;border-radius:6px">'
    )
