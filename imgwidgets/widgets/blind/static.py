"""What a notebook keeps of a blind test: plain HTML for readers without a kernel."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from imgwidgets.widgets import text

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["result_html", "waiting_html"]

_MOST = 60
_CELL = "padding:4px 10px;text-align:left;vertical-align:middle"


def waiting_html(images: int, rounds: int) -> str:
    """Say that nobody has voted to the end; no label is in it."""
    pairs = f"{rounds} pair{'' if rounds == 1 else 's'}"
    return _framed(f"<p>A blind test of {images} images in {pairs}: run the cell to vote.</p>")


def result_html(rows: Sequence[dict[str, Any]], *, votes: int, by: str | None) -> str:
    """Write the result as a table.

    Parameters
    ----------
    rows : sequence of dict
        ``name``, ``wins``, ``losses``, ``ties``, ``score``, ``low``, ``high``, and ``picture`` with
        its ``media_type`` where there is one.
    votes : int
        How many were cast.
    by : str or None
        The parameter that was compared.
    """
    heads = ("", text.escape(by or "label", 60), "score", "95 % interval", "wins", "losses", "ties")
    head = "".join(f'<th scope="col" style="{_CELL}">{one}</th>' for one in heads)
    body = "".join(_row(row) for row in rows[:_MOST])
    more = f"<p>and {len(rows) - _MOST} more</p>" if len(rows) > _MOST else ""
    count = f"{votes} vote{'' if votes == 1 else 's'}"
    return _framed(
        f"<p>Blind test, {count}</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"
    )


def _row(row: dict[str, Any]) -> str:
    picture = ""
    # A drawing may be of any size; the thumbnails of all others are small.
    if row["picture"] and len(row["picture"]) < 30_000:
        code = base64.b64encode(row["picture"]).decode()
        said = text.attribute(row["name"], 200)
        source = f"data:{row['media_type']};base64,{code}"
        picture = f'<img src="{source}" alt="{said}" style="max-width:64px;max-height:64px">'
    interval = f"{row['low']:.0f} to {row['high']:.0f}"
    counts = [str(row[name]) for name in ("wins", "losses", "ties")]
    cells = [picture, text.escape(row["name"], 200), f"{row['score']:.0f}", interval, *counts]
    return "<tr>" + "".join(f'<td style="{_CELL}" dir="auto">{cell}</td>' for cell in cells) + "</tr>"


def _framed(body: str) -> str:
    # The live widget's style sheet hides what has this class.
    return f'<div class="imgwidgets-blind mathjax_ignore tex2jax_ignore">{body}</div>'
