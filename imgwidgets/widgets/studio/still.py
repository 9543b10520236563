"""What a notebook still shows of a Studio when its kernel is gone."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from imgwidgets.errors import ImgWidgetsError
from imgwidgets.images import thumbnail
from imgwidgets.widgets import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgwidgets.catalog import ImageRequest
    from imgwidgets.images import ResultImage

__all__ = ["still_html"]

_MOST = 6  # pictures
_EDGE = 192  # pixels
_BOX = (
    "max-width:720px;padding:16px;border:1px solid #8884;border-radius:8px;"
    "font:13px/18px system-ui,sans-serif"
)
_EMPTY = "Run this cell to open it: prompt, parameters, painter, results, sweeps and history in one place."


def still_html(request: ImageRequest, images: Sequence[ResultImage]) -> str:
    """Write the copy: what was being asked, and small pictures of what came last.

    Parameters
    ----------
    request : ImageRequest
        What is on the screen.
    images : sequence of ResultImage
        All results; the last few are shown.
    """
    said = [request.provider, request.model]
    said += [f"{name} {text.literal(value)}" for name, value in request.parameters.items()]
    lines = ["<strong>imgwidgets Studio</strong>", text.escape(" · ".join(said), 300)]
    if request.prompt:
        lines.append(text.escape(text.one_line(request.prompt), 280))
    if not images:
        lines.append(_EMPTY)
    head = "".join(f'<div style="margin:0 0 4px">{line}</div>' for line in lines)
    figures = "".join(map(_figure, images[-_MOST:]))
    if figures:
        figures = f'<div style="display:flex;flex-wrap:wrap;gap:8px;margin-top:8px">{figures}</div>'
    return f'<div class="iws-still mathjax_ignore tex2jax_ignore" style="{_BOX}">{head}{figures}</div>'


def _figure(image: ResultImage) -> str:
    try:
        data, media_type = thumbnail(image, edge=_EDGE)
    except ImgWidgetsError:
        return ""
    code = base64.b64encode(data).decode()
    alt = text.attribute(image.prompt or "A result", 200)
    style = f"max-width:{_EDGE}px;border-radius:6px"
    return f'<img src="data:{media_type};base64,{code}" alt="{alt}" style="{style}">'
