"""The history as one web page: small pictures and captions, with nothing to load and no kernel behind it."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pybase64

from imgwidgets.errors import ImgWidgetsError
from imgwidgets.images import thumbnail
from imgwidgets.widgets import text
from imgwidgets.widgets.page import STATIC

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgwidgets.history import Entry, History, StoredImage

__all__ = ["STATUS_WORDS", "page_of"]

STATUS_WORDS = {
    "running": "running",
    "done": "done",
    "failed": "failed",
    "maybe_billed": "may have been billed",
    "not_sent": "not sent",
}
"""What became of a request, in people's words."""

_EDGE = 320  # pixels of the longer edge
_LARGEST_DRAWING = 200_000  # bytes of an SVG that stands in the page as it is


def page_of(entries: Sequence[Entry], history: History, *, found: int) -> str:
    """Make a page of requests and their images.

    All text is escaped, and the page's own rules forbid it to load or run anything but itself.

    Parameters
    ----------
    entries : sequence of Entry
        The newest first.
    history : History
        Where they are from.
    found : int
        How many there are in all.

    Returns
    -------
    str
        HTML, complete.

    Examples
    --------
    >>> import tempfile
    >>> import imgwidgets as iw
    >>> with tempfile.TemporaryDirectory() as folder, iw.History(folder) as history:
    ...     number = history.started(iw.ImageRequest(prompt="a <fox>", model="gpt-image-2"))
    ...     "a &lt;fox&gt;" in page_of(history.search(), history, found=1)
    True
    """
    style = (STATIC / "history_page.css").read_text(encoding="utf-8")
    script = (STATIC / "history_page.js").read_text(encoding="utf-8")
    digest = pybase64.b64encode_as_string(hashlib.sha256(script.encode()).digest())
    rules = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    with ThreadPoolExecutor(4) as pool:
        figures = "\n".join(pool.map(lambda entry: _figures(entry, history), entries))
    shown = f"the latest {len(entries):,} of {found:,} requests" if len(entries) < found else _counted(found)
    spent = history.spent()
    about = f"{shown} · {text.dollars(spent)} spent" if spent else shown
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{text.attribute(rules)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Image history</title>
<style>
{style}</style>
</head>
<body>
<header>
<h1>Image history</h1>
<p>{text.escape(about)}</p>
<form role="search">
<input id="words" type="search" placeholder="Search prompts and models" aria-label="Search the history">
<label><input id="starred" type="checkbox"> ★ Starred</label>
</form>
</header>
<main>
{figures or "<p>Nothing is here yet.</p>"}
</main>
<p id="none" hidden>Nothing was found.</p>
<footer>{text.escape(f"The files are in {history.path}")}</footer>
<script>{script}</script>
</body>
</html>
"""


def _figures(entry: Entry, history: History) -> str:
    images = entry.images or entry.partial_images
    if not images:
        why = text.escape(entry.error or STATUS_WORDS.get(entry.status, entry.status), 300)
        return _figure(entry, f'<p class="why">{why}</p>', "")
    cost = entry.cost / len(images) if entry.cost is not None else None
    return "\n".join(_figure(entry, _picture(image, history), _facts(image, cost)) for image in images)


def _figure(entry: Entry, inside: str, facts: str) -> str:
    words = text.attribute(f"{entry.prompt} {entry.model} {entry.provider}".casefold(), 4_000)
    status = "" if entry.status == "done" else f" · {STATUS_WORDS.get(entry.status, entry.status)}"
    about = text.escape(f"{entry.model}{facts}{status} · {entry.created:%Y-%m-%d %H:%M} · no. {entry.id}")
    star = '<span class="star" title="starred">★</span> ' if entry.starred else ""
    return (
        f'<figure data-words="{words}" data-starred="{int(entry.starred)}">{inside}'
        f"<figcaption><p>{star}{text.escape(entry.prompt, 400)}</p><small>{about}</small></figcaption>"
        "</figure>"
    )


def _facts(image: StoredImage, cost: float | None) -> str:
    size = f" · {image.width}x{image.height}" if image.width else ""
    return size + (f" · {text.dollars(cost)}" if cost is not None else "")


def _picture(image: StoredImage, history: History) -> str:
    try:
        data, media_type = thumbnail(image, edge=_EDGE)
    except ImgWidgetsError as error:
        return f'<p class="why">{text.escape(error, 300)}</p>'
    if len(data) > _LARGEST_DRAWING:
        inside = "<span>A large drawing: open it to look at it.</span>"
    else:
        source = f"data:{media_type};base64,{pybase64.b64encode_as_string(data)}"
        inside = f'<img src="{source}" alt="{text.attribute(image.prompt, 200)}">'
    file = text.attribute(history.path_of(image.sha256).as_uri())
    return f'<a href="{file}" title="Open the file">{inside}</a>'


def _counted(count: int) -> str:
    return f"{count:,} {'request' if count == 1 else 'requests'}"
