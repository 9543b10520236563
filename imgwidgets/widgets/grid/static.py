"""The static copy of a grid: what a notebook still shows when its kernel is gone.

It is plain HTML with small pictures inside, an output of its own beside the widget: in one bundle with
the widget, exporters would drop it. Equal images give equal text, so that notebooks can be compared.
"""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

from PIL import Image

from imgwidgets.widgets import text
from imgwidgets.widgets.grid.tiles import alt_of, facts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgwidgets.widgets.grid.items import Item

__all__ = ["BUDGET", "MOST", "placeholder", "static_copy", "weight"]

BUDGET = 700_000
"""Bytes that the copies of one cell may take in a notebook."""

MOST = 300
"""Pictures in one copy; whoever has more looks at them in the widget."""

_EDGES = (256, 192, 128, 96, 64)  # pixels of the longer edge: the first that keeps within the budget
_WIDTH = 200  # CSS pixels of a figure
_ROOM = 1000  # bytes for what stands around the figures
_LARGEST = 60_000  # bytes of one picture: only a drawing (SVG), which cannot be made smaller, has more
_SAMPLE = 12  # figures that tell how large all of them will be
_SMALLER = "small pictures, to keep this notebook small: run the cell to see them large"


def weight(html: str) -> int:
    """Give the bytes that HTML takes in a notebook's file, where each quote is written as two."""
    return len(html.encode()) + html.count('"')


def static_copy(
    items: Sequence[Item],
    thumbnails: Sequence[tuple[bytes, str] | None],
    *,
    total: int,
    marker: str = "",
    budget: int = BUDGET,
) -> str:
    """Write the copy.

    Parameters
    ----------
    items : sequence of Item
        In the order of the grid.
    thumbnails : sequence of (bytes, str) or None
        A small file and its media type for each item; None where there is none.
    total : int
        How many there are in the grid; the copy says how many it leaves out.
    marker : str
        By which the live widget finds it.
    budget : int
        Bytes that the HTML may take; the pictures shrink until it takes fewer, then the last ones go.
    """
    shown = list(zip(items, thumbnails, strict=True))
    room = budget - _ROOM
    figures: list[str] = []
    used = _EDGES[-1]
    for edge in _EDGES:
        sample = shown[:: max(1, len(shown) // _SAMPLE)]
        guess = sum(weight(_figure(item, _shrunk(small, edge))) for item, small in sample)
        if edge != _EDGES[-1] and guess / len(sample) * len(shown) > 1.1 * room:
            continue
        figures, used = [_figure(item, _shrunk(small, edge)) for item, small in shown], edge
        if sum(map(weight, figures)) < room:
            break
    while figures and sum(map(weight, figures)) >= room:
        figures.pop()
    remarks = []
    if len(figures) < total:
        remarks.append(
            f"and {total - len(figures)} more: run the cell to see them all"
            if figures
            else f"{total} left out to keep this notebook small: run the cell to see them"
        )
    if used < _EDGES[0] and figures:
        remarks.append(_SMALLER)
    return _whole(figures, remarks, marker)


def placeholder(items: Sequence[Item], *, total: int, marker: str = "") -> str:
    """Write what stands in the cell until the pictures are made: the captions."""
    waiting = '<p style="margin:0;padding:12px;border:1px solid #8888;border-radius:8px">…</p>'
    figures = [
        _framed(waiting, item, 80) if item.state == "image" else _figure(item, None) for item in items[:24]
    ]
    rest = total - len(figures)
    return _whole(figures, [f"and {rest} more"] if rest else [], marker)


def _whole(figures: Sequence[str], remarks: Sequence[str], marker: str) -> str:
    body = "".join(figures) + "".join(f'<p style="width:100%">{remark}</p>' for remark in remarks)
    return (
        f'<div class="imgwidgets-static imgwidgets-static-{marker} mathjax_ignore tex2jax_ignore"'
        f' style="display:flex;flex-wrap:wrap;gap:12px;align-items:flex-start">{body}</div>'
    )


def _shrunk(small: tuple[bytes, str] | None, edge: int) -> tuple[bytes, str] | None:
    if small is None or small[1] == "image/svg+xml":
        return small
    picture: Image.Image = Image.open(io.BytesIO(small[0]))
    if max(picture.size) <= edge:
        return small
    picture.thumbnail((edge, edge))
    buffer = io.BytesIO()
    picture.save(buffer, "webp", method=2, quality=78)
    return buffer.getvalue(), "image/webp"


def _figure(item: Item, small: tuple[bytes, str] | None) -> str:
    if item.state == "waiting":
        return _framed(
            '<p style="margin:0;padding:12px;border:1px solid #8888;border-radius:8px">not there yet</p>',
            item,
        )
    if small is not None and len(small[0]) > _LARGEST:
        small = None
    if item.error or small is None:
        reason = text.escape(item.error or "Too large for the notebook: run the cell to see it.", 300)
        picture = f'<p style="margin:0;padding:12px;border:1px solid #c62828;border-radius:8px">{reason}</p>'
    else:
        data, media_type = small
        code = base64.b64encode(data).decode()
        checker = (
            "background:repeating-conic-gradient(#fff 0 25%,#dfe3e8 0 50%) 0 0/16px 16px;"
            if item.image is not None and item.image.has_alpha
            else ""
        )
        picture = (
            f'<img src="data:{media_type};base64,{code}" alt="{text.attribute(alt_of(item), 200)}"'
            f' style="{checker}max-width:100%;height:auto;border-radius:8px">'
        )
    return _framed(picture, item)


def _framed(picture: str, item: Item, limit: int = 280) -> str:
    # Seconds differ from run to run, so they are for the live widget only.
    facts = " · ".join(facts_of(item, seconds=False))
    title = text.one_line(item.title[: 8 * limit], limit)
    caption = "<br>".join(text.escape(part, limit) for part in (title, facts) if part)
    return (
        f'<figure style="margin:0;width:{_WIDTH}px">{picture}'
        f'<figcaption dir="auto" style="font-size:12px;line-height:17px;overflow-wrap:anywhere">{caption}'
        "</figcaption></figure>"
    )
