"""What a grid holds: images and failures, with the words that stand under them. No widgets here."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from imgwidgets.errors import ImgWidgetsError
from imgwidgets.images import ImageResult, PartialImage, ResultImage, thumbnail, to_input
from imgwidgets.widgets import text

__all__ = ["EDGE", "Item", "details", "items_of", "tile"]

EDGE = 384
"""Pixels of a thumbnail's longer edge."""

_LARGEST_DRAWING = 512_000  # bytes of an SVG that a tile shows; a larger one opens on its own
_PROMPT_LIMIT = 280  # characters that a tile gets; the large view has the whole
_NOTE_LIMIT = 400
_REASON_LIMIT = 600
# Shown on their own, or of no use to someone who looks at pictures.
_UNNAMED = {
    "size",
    "n",
    "prompt",
    "model",
    "stream",
    "partial_images",
    "user",
    "safety_identifier",
    "response_format",
}


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One place of a grid: an image, or the reason why there is none.

    Attributes
    ----------
    key : int
        Its name between Python and the page, never used twice in one grid.
    version : int
        Grows when the image in this place is replaced.
    image : ResultImage or None
        None where there is only a reason.
    title : str
        The prompt, or a file's name.
    facts : tuple of str
        Model, size, parameters: what is the same whenever it is asked for again.
    seconds, cost : float or None
        Seconds that the request took; US dollars for this image.
    notes : tuple of str
        What a person should know about this image.
    error : str
        Why there is no image.
    """

    key: int
    version: int = 0
    image: ResultImage | None = None
    title: str = ""
    facts: tuple[str, ...] = ()
    seconds: float | None = None
    cost: float | None = None
    notes: tuple[str, ...] = ()
    error: str = ""

    @property
    def alt(self) -> str:
        """What a screen reader says instead of the picture."""
        said = text.one_line(self.title, 200) or "Image"
        return f"{said} ({', '.join(self.facts)})" if self.facts else said

    @property
    def all_facts(self) -> tuple[str, ...]:
        """The facts with what this one time cost and took."""
        cost = () if self.cost is None else (text.dollars(self.cost),)
        seconds = () if self.seconds is None else (f"{self.seconds:.1f} s",)
        return (*self.facts, *cost, *seconds)


def items_of(thing: Any, **details: Any) -> Iterator[Item]:
    """Turn whatever somebody wants to see into items (with key 0).

    Parameters
    ----------
    thing : object
        An ImageResult, a ResultImage, a PIL image, an array, a path, bytes, an error, or an iterable
        of those.
    **details
        Fields of :class:`Item` that are given instead of found.

    Yields
    ------
    Item
        One for each image; with ``error`` where it cannot be used.
    """
    if isinstance(thing, ImageResult):
        for image in thing:
            yield _of_result(image, thing, details)
    elif isinstance(thing, ResultImage):
        yield _of_image(thing, details)
    elif isinstance(thing, Exception):
        yield Item(key=0, error=text.shorten(text.plain(thing), _REASON_LIMIT), **details)
    elif _is_collection(thing):
        for one in thing:
            yield from items_of(one, **details)
    else:
        yield _of_input(thing, details)


def _is_collection(thing: Any) -> bool:
    if isinstance(thing, (str, bytes, bytearray, memoryview, os.PathLike, Mapping)):
        return False
    # Arrays and PIL images are pictures, not collections of them.
    return isinstance(thing, Iterable) and not hasattr(thing, "__array_interface__")


def _of_image(image: ResultImage, details: Mapping[str, Any]) -> Item:
    size = (f"{image.width}×{image.height}",) if image.width else ()  # noqa: RUF001 (the sign that people read)
    model = (text.one_line(image.model, 60),) if image.model else ()
    fields: dict[str, Any] = {
        "title": image.prompt,
        "facts": model + size,
        "notes": image.notes,
        "error": ""
        if image.format
        else f"These {len(image.bytes):,} bytes are no image that can be read here.",
    }
    return Item(key=0, image=image, **fields | dict(details))


def _of_result(image: ResultImage, result: ImageResult, details: Mapping[str, Any]) -> Item:
    item = _of_image(image, {})
    parameters = result.request.parameters if result.request is not None else {}
    named = tuple(
        text.literal(value)
        for name, value in parameters.items()
        if name not in _UNNAMED and isinstance(value, (str, bool, int, float))
    )
    cost = result.cost
    if cost is not None:
        # A slice still carries the cost of the whole request.
        count = parameters.get("n")
        cost /= max(len(result), count if isinstance(count, int) else 1)
    fields: dict[str, Any] = {
        "facts": item.facts + named,
        "notes": tuple(dict.fromkeys((*image.notes, *result.notes))),
        "seconds": result.seconds,
        "cost": cost,
    }
    return msgspec.structs.replace(item, **fields | dict(details))


def _of_input(thing: Any, details: Mapping[str, Any]) -> Item:
    title = Path(thing).name if isinstance(thing, (str, os.PathLike)) else ""
    try:
        given = to_input(thing, what=text.one_line(title, 60) or "this image")
    except (ImgWidgetsError, OSError) as error:
        return Item(
            key=0, error=text.shorten(text.plain(error), _REASON_LIMIT), **{"title": title} | dict(details)
        )
    if given.data is None:
        reason = "Only pictures that are here can be shown: download the link first, then add the file."
        return Item(key=0, error=reason, **{"title": text.shorten(title, 80)} | dict(details))
    return _of_image(ResultImage(given.data), {"title": title} | dict(details))


def tile(item: Item, place: int) -> dict[str, Any]:
    """Say what the page needs to draw an item before its pixels are there; under 2 kB.

    Parameters
    ----------
    item : Item
    place : int
        Counted from 0; it goes into the name of a download.
    """
    image = item.image
    state = "error" if item.error else "pending" if isinstance(image, PartialImage) else "image"
    return {
        "key": item.key,
        "version": item.version,
        "state": state,
        "prompt": text.one_line(item.title, _PROMPT_LIMIT),
        "facts": list(item.all_facts[:12]),
        "alt": item.alt,
        "width": image.width if image else 0,
        "height": image.height if image else 0,
        "alpha": bool(image and image.has_alpha),
        "notes": [text.one_line(note, _NOTE_LIMIT // 2) for note in item.notes[:3]],
        "error": item.error,
        "name": name_of(item, place),
    }


def details(item: Item) -> dict[str, Any]:
    """Say what the large view shows: everything, at full length."""
    image = item.image
    size = [] if image is None else [f"{image.format} · {_amount(len(image.bytes))}"]
    return {
        "prompt": text.plain(item.title),
        "revised_prompt": text.plain(image.revised_prompt) if image else "",
        "facts": [*item.all_facts, *size],
        "notes": [text.one_line(note, _NOTE_LIMIT) for note in item.notes],
    }


def _amount(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"


def name_of(item: Item, place: int) -> str:
    """Give the file name that an image is saved or downloaded under."""
    kind = item.image.format if item.image else ""
    stem = item.title
    if "." in stem and len(stem) < 80 and " " not in stem:
        stem = Path(stem).stem  # a file's name: its suffix is said by what it really is
    return text.file_name(stem, suffix=str(place + 1), extension={"jpeg": "jpg"}.get(kind, kind))


def small(item: Item, edge: int = EDGE) -> tuple[bytes, str]:
    """Make the thumbnail of an item's image: (file, media type).

    Raises
    ------
    ImageInputError
        Where the image is damaged, too large to decode, or no image at all.
    """
    if item.image is None:
        raise ImgWidgetsError(item.error)
    data, media_type = thumbnail(item.image, edge=edge)
    if len(data) > _LARGEST_DRAWING:
        raise _too_large(len(data))
    return data, media_type


def _too_large(count: int) -> ImgWidgetsError:
    return ImgWidgetsError(f"This drawing has {_amount(count)}: too much for a tile. Save it to look at it.")
