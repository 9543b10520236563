"""An item on its way to the page: what a tile says, what the large view says, what its file is called."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imgwidgets.widgets import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgwidgets.widgets.grid.items import Item

__all__ = ["alt_of", "details", "facts_of", "name_of", "named", "tile"]

_PROMPT_LIMIT = 280  # characters that a tile gets; the large view has the whole
_NOTE_LIMIT = 400
_MOST_PARAMETERS = 16
# Shown on their own, or of no use to someone who looks at pictures.
_UNNAMED = {"prompt", "model", "stream", "partial_images", "user", "safety_identifier", "response_format"}
_UNSAID = {"size", "n"}  # the picture's own size is said, and how many there are is seen


def tile(item: Item, place: int, *, retries: bool = False) -> dict[str, Any]:
    """Say what the page needs to draw an item before its pixels are there; under 2 kB.

    Parameters
    ----------
    item : Item
    place : int
        Counted from 0; it goes into the name of a download.
    retries : bool
        Whether somebody is there who asks again, where the item itself does not.
    """
    image = item.image
    waited = None if item.waiting_since is None else round(time.monotonic() - item.waiting_since, 2)
    moving = bool(image and image.frames > 1)
    said: dict[str, Any] = {
        "key": item.key,
        "version": item.version,
        "state": item.state,
        "prompt": _line(item.title, _PROMPT_LIMIT),
        "model": text.one_line(item.model, 60),
        "facts": list(facts_of(item)[:12]),
        "parameters": named(item),
        "alt": alt_of(item),
        "width": image.width if image else 0,
        "height": image.height if image else 0,
        "alpha": bool(image and image.has_alpha),
        "moving": moving,
        "bytes": len(image.bytes) if image is not None and moving else 0,
        "notes": [text.one_line(note, _NOTE_LIMIT // 2) for note in item.notes[:3]],
        "error": item.error,
        "name": name_of(item, place),
        "cost": item.cost,
        "seconds": item.seconds,
        "added": item.added,
        "starred": item.starred,
        "rating": item.rating or 0,
        "code": item.request is not None,
        "retry": bool(item.error) and (item.retry is not None or retries),
        "waited": waited,
        "usual": item.usual_seconds,
    }
    return said


def _line(said: str, limit: int) -> str:
    """Shorten first: a prompt may have 32,000 characters, and there may be a thousand of them."""
    return text.one_line(said[: 8 * limit], limit)


def named(item: Item) -> dict[str, str]:
    """Give the parameters that people compare, in words."""
    return {
        _line(name, 40): text.shorten(text.literal(value), 60)
        for name, value in list(item.parameters.items())[:_MOST_PARAMETERS]
        if name not in _UNNAMED and isinstance(value, (str, bool, int, float))
    }


def _settled(item: Item) -> tuple[str, ...]:
    """Model, size and parameters: what is the same whenever it is asked for again."""
    image = item.image
    size = (f"{image.width}×{image.height}",) if image is not None and image.width else ()  # noqa: RUF001 (the sign that people read)
    model = (text.one_line(item.model, 60),) if item.model else ()
    asked = tuple(value for name, value in named(item).items() if name not in _UNSAID)
    return model + size + asked


def facts_of(item: Item, *, seconds: bool = True) -> tuple[str, ...]:
    """Give the words under a picture.

    Parameters
    ----------
    item : Item
    seconds : bool, default True
        Whether to tell how long it took, which differs from run to run.
    """
    cost = () if item.cost is None else (text.dollars(item.cost),)
    took = () if item.seconds is None or not seconds else (f"{item.seconds:.1f} s",)
    return (*_settled(item), *cost, *took)


def alt_of(item: Item) -> str:
    """Give what a screen reader says instead of the picture."""
    said = _line(item.title, 200) or "Image"
    settled = _settled(item)
    return f"{said} ({', '.join(settled)})" if settled else said


def details(item: Item) -> dict[str, Any]:
    """Say what the large view shows: everything, at full length."""
    image = item.image
    size = [] if image is None else [f"{image.format} · {_amount(len(image.bytes))}"]
    return {
        "prompt": text.plain(item.title),
        "revised_prompt": text.plain(image.revised_prompt) if image else "",
        "facts": [*facts_of(item), *size],
        "notes": [text.one_line(note, _NOTE_LIMIT) for note in item.notes],
        "parameters": _all(item.parameters),
    }


def _all(parameters: Mapping[str, Any]) -> dict[str, str]:
    return {_line(name, 60): text.literal(value) for name, value in parameters.items()}


def _amount(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"


def name_of(item: Item, place: int) -> str:
    """Give the file name that an image is saved or downloaded under."""
    kind = item.image.format if item.image else ""
    stem = item.title
    if "." in stem and len(stem) < 80 and " " not in stem:
        stem = Path(stem).stem  # a file's name: its suffix is said by what it really is
    return text.file_name(stem[:2000], suffix=str(place + 1), extension={"jpeg": "jpg"}.get(kind, kind))
