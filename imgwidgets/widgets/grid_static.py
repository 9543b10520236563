"""The static copy of a grid: what a notebook still shows when its kernel is gone.

It is plain HTML with small pictures inside, an output of its own beside the widget: in one bundle with
the widget, exporters would drop it. Equal images give equal text, so that notebooks can be compared.
"""

from __future__ import annotations

import base64
import hashlib
import io
from typing import TYPE_CHECKING

from PIL import Image

from imgwidgets.widgets import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgwidgets.widgets.grid_items import Item

__all__ = ["BUDGET", "static_copy"]

BUDGET = 700_000
"""Characters of HTML that one cell may leave in a notebook."""

MOST = 120
"""Pictures in one copy; whoever has more looks at them in the widget."""

_EDGES = (256, 192, 128, 96)  # pixels of the longer edge: the first that keeps within the budget
_WIDTH = 200  # CSS pixels of a figure


def static_copy(
    items: Sequence[Item],
    thumbnails: Sequence[tuple[bytes, str] | None],
    *,
    total: int,
    budget: int = BUDGET,
) -> tuple[str, str]:
    """Write the copy.

    Parameters
    ----------
    items : sequence of Item
        In the order of the grid.
    thumbnails : sequence of (bytes, str) or None
        A small file and its media type for each item; None where there is none.
    total : int
        How many there are in the grid; the copy says how many it leaves out.
    budget : int
        Characters that the HTML may have; the pictures shrink until it has fewer, then the last ones go.

    Returns
    -------
    (str, str)
        The HTML, and the marker by which the live widget finds it.
    """
    shown = list(zip(items, thumbnails, strict=True))
    figures: list[str] = []
    used = _EDGES[0]
    for edge in _EDGES:
        used = edge
        figures = [_figure(item, _shrunk(small, edge)) for item, small in shown]
        if sum(map(len, figures)) < budget - 1000:
            break
    while figures and sum(map(len, figures)) >= budget - 1000:
        figures.pop()
    remarks = []
    if len(figures) < total:
        remarks.append(f"and {total - len(figures)} more: run the cell to see them all")
    elif used < _EDGES[0]:
        remarks.append("small pictures, to keep this notebook small: run the cell to see them large")
    body = "".join(figures) + "".join(f'<p style="width:100%">{remark}</p>' for remark in remarks)
    marker = hashlib.sha256(body.encode()).hexdigest()[:12]
    html = (
        f'<div class="imgwidgets-static imgwidgets-static-{marker} mathjax_ignore tex2jax_ignore"'
        f' style="display:flex;flex-wrap:wrap;gap:12px;align-items:flex-start">{body}</div>'
    )
    return html, marker


def _shrunk(small: tuple[bytes, str] | None, edge: int) -> tuple[bytes, str] | None:
    if small is None or small[1] == "image/svg+xml":
        return small
    picture: Image.Image = Image.open(io.BytesIO(small[0]))
    if max(picture.size) <= edge:
        return small
    picture.thumbnail((edge, edge))
    buffer = io.BytesIO()
    picture.save(buffer, "webp", method=4, quality=78)
    return buffer.getvalue(), "image/webp"


def _figure(item: Item, small: tuple[bytes, str] | None) -> str:
    if item.error or small is None:
        reason = text.escape(item.error or "This image cannot be shown.", 300)
        picture = f'<p style="margin:0;padding:12px;border:1px solid #c62828;border-radius:8px">{reason}</p>'
    else:
        data, media_type = small
        code = base64.b64encode(data).decode()
        picture = (
            f'<img src="data:{media_type};base64,{code}" alt="{text.attribute(item.alt, 300)}"'
            f' style="max-width:100%;height:auto;border-radius:8px">'
        )
    # Seconds differ from run to run, so they are for the live widget only.
    cost = () if item.cost is None else (text.dollars(item.cost),)
    facts = " · ".join((*item.facts, *cost))
    caption = "<br>".join(text.escape(part, 280) for part in (text.one_line(item.title), facts) if part)
    return (
        f'<figure style="margin:0;width:{_WIDTH}px">{picture}'
        f'<figcaption dir="auto" style="font-size:12px;line-height:17px;overflow-wrap:anywhere">{caption}'
        "</figcaption></figure>"
    )
