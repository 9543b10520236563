"""What a grid holds: images, failures and what is still on its way. No widgets here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from PIL import Image

from imgwidgets.catalog import ImageRequest  # noqa: TC001 (msgspec resolves annotations)
from imgwidgets.errors import ImgWidgetsError
from imgwidgets.history import Entry
from imgwidgets.images import ImageResult, PartialImage, ResultImage, thumbnail
from imgwidgets.widgets import text

__all__ = ["EDGE", "Item", "failure", "items_of", "reason_of", "small"]

EDGE = 384
"""Pixels of a thumbnail's longer edge."""

_LARGEST_DRAWING = 512_000  # bytes of an SVG that a tile shows; a larger one opens on its own
_REASON_LIMIT = 600
_TITLE_LIMIT = 80
ACCEPTED = "a result, an image, a PIL image, an array, a file's bytes, a path, a URL, or an iterable of those"


class Item(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One place of a grid: an image, the reason why there is none, or what is still awaited.

    Attributes
    ----------
    key : int
        Its name between Python and the page, never used twice in one grid.
    version : int
        Grows when the content of this place is replaced.
    image : ResultImage or None
        None where there is only a reason, or nothing yet.
    title : str
        The prompt, or a file's name.
    model : str
        Who drew it; empty where that is not known.
    parameters : dict
        What was asked for besides prompt and model, by the API's names.
    seconds, cost : float or None
        Seconds that the request took; US dollars for this image.
    notes : tuple of str
        What a person should know about this image.
    error : str
        Why there is no image.
    added : float
        When it came into the grid, in seconds since 1970.
    starred : bool
        Marked by a person.
    rating : int or None
        1 to 5, by a person.
    request : ImageRequest or None
        What asked for it.
    source : object
        What an image is yet to be read from: a path, a PIL image, an array, a URL.
    waiting_since : float or None
        ``time.monotonic()`` when it was asked for; None where nothing is awaited.
    usual_seconds : float or None
        How long such a request usually takes.
    retry : callable or None
        Asks again, after an error.
    """

    key: int = 0
    version: int = 0
    image: ResultImage | None = None
    title: str = ""
    model: str = ""
    parameters: Mapping[str, Any] = {}
    seconds: float | None = None
    cost: float | None = None
    notes: tuple[str, ...] = ()
    error: str = ""
    added: float = 0.0
    starred: bool = False
    rating: int | None = None
    request: ImageRequest | None = None
    source: Any = None
    waiting_since: float | None = None
    usual_seconds: float | None = None
    retry: Callable[[], Any] | None = None

    @property
    def state(self) -> str:
        """``image``, ``pending`` (a partial image), ``waiting`` or ``error``."""
        if self.error:
            return "error"
        if self.image is None:
            return "waiting"
        return "pending" if isinstance(self.image, PartialImage) else "image"

    @property
    def shown(self) -> ResultImage | None:
        """The image, where there is one to look at."""
        return None if self.error else self.image


def items_of(thing: Any, **details: Any) -> Iterator[Item]:
    """Turn whatever somebody wants to see into items (with key 0).

    Nothing is read or decoded here: a path, a picture in memory and a URL become an item with a
    ``source``.

    Parameters
    ----------
    thing : object
        An ImageResult, a ResultImage, an Entry of the history, a PIL image, an array, a path, a URL,
        bytes, an ``ImageInput``, an error, or an iterable of those.
    **details
        Fields of :class:`Item` that are given instead of found.

    Yields
    ------
    Item
        One for each image; with ``error`` inside an iterable where one is of no use.

    Raises
    ------
    TypeError
        Where ``thing`` itself can hold no image: a number, None.
    """
    yield from _items(thing, details, inside=False)


def _items(thing: Any, details: Mapping[str, Any], *, inside: bool) -> Iterator[Item]:
    if isinstance(thing, ImageResult):
        for image in thing:
            yield _of_result(image, thing, details)
    elif isinstance(thing, ResultImage):
        yield _of_image(thing, {**_remembered(thing), **details})
    elif isinstance(thing, Entry):
        yield from _of_entry(thing, details)
    elif isinstance(thing, BaseException):
        yield failure(thing, **details)
    elif _is_source(thing):
        yield _of_source(thing, details)
    elif isinstance(thing, Iterable) and not isinstance(thing, Mapping):
        for one in thing:
            yield from _items(one, details, inside=True)
    elif inside:
        yield failure(f"{type(thing).__name__}: this is no image; a grid takes {ACCEPTED}", **details)
    else:
        raise TypeError(f"a grid cannot show {_said(thing)}: give {ACCEPTED}")


def _said(thing: Any) -> str:
    return (
        f"{thing!r} ({type(thing).__name__})" if isinstance(thing, (int, float, bool)) else repr(thing)[:80]
    )


def _is_source(thing: Any) -> bool:
    """Tell pictures and references from collections: arrays and PIL images are pictures."""
    if isinstance(thing, (str, bytes, bytearray, memoryview, os.PathLike, Image.Image)):
        return True
    if isinstance(thing, Mapping):
        return "image_url" in thing or "file_id" in thing
    if hasattr(thing, "__array_interface__") or hasattr(thing, "__array__"):
        return True
    return hasattr(thing, "file_id") and hasattr(thing, "url")  # an ImageInput


def failure(error: BaseException | str, **details: Any) -> Item:
    """Give an item that says why there is no image."""
    return Item(**{"error": reason_of(error)} | details)


def reason_of(error: BaseException | str) -> str:
    """Give an error's message as it is shown; never empty."""
    said = text.plain(str(error)[: 4 * _REASON_LIMIT]).strip()
    return text.shorten(said, _REASON_LIMIT) or type(error).__name__


def _of_image(image: ResultImage, details: Mapping[str, Any]) -> Item:
    no_image = (
        f"These {len(image.bytes):,} bytes are no image that can be read here." if not image.format else ""
    )
    fields: dict[str, Any] = {
        "title": image.prompt,
        "model": image.model,
        "notes": image.notes,
        "error": no_image,
    }
    return Item(image=image, **fields | dict(details))


def _remembered(image: ResultImage) -> dict[str, Any]:
    """Give what the history knows of an image that comes alone: what it cost, and what was asked for."""
    kept = getattr(image, "kept", None)
    if kept is None or isinstance(image, PartialImage):
        return {}
    try:
        entry = kept.history.entry(kept.entry)
        # Inputs are files of many megabytes: they are read where the whole entry is shown.
        request = None if any(entry.inputs()) else entry.request
    except ImgWidgetsError:  # closed meanwhile, or thrown away: the image is shown all the same
        return {}
    return {
        "parameters": dict(entry.parameters),
        "seconds": entry.seconds,
        "cost": None if entry.cost is None else entry.cost / max(1, len(entry.images)),
        "added": entry.created.timestamp(),
        "request": request,
    }


def _of_result(image: ResultImage, result: ImageResult, details: Mapping[str, Any]) -> Item:
    item = _of_image(image, {})
    request = result.request
    cost = result.cost
    if cost is not None:
        # A slice still carries the cost of the whole request.
        count = request.parameters.get("n") if request is not None else None
        cost /= max(len(result), count if isinstance(count, int) else 1)
    fields: dict[str, Any] = {
        "title": item.title or (request.prompt if request is not None else ""),
        "model": item.model or (request.model if request is not None else ""),
        "parameters": dict(request.parameters) if request is not None else {},
        "notes": tuple(dict.fromkeys((*image.notes, *result.notes))),
        "seconds": result.seconds,
        "cost": cost,
        "request": request,
    }
    return msgspec.structs.replace(item, **fields | dict(details))


def _of_entry(entry: Entry, details: Mapping[str, Any]) -> Iterator[Item]:
    """Give the images of a request that is remembered; where it failed, the reason."""
    known: dict[str, Any] = {"added": entry.created.timestamp()}
    if len(entry.images):
        try:
            result = entry.result
        except ImgWidgetsError:  # an input is missing: the images are there all the same
            result = ImageResult(
                entry.images, request=None, cost=entry.cost, seconds=entry.seconds, notes=entry.notes
            )
            known |= {"parameters": dict(entry.parameters)}
        yield from _items(result, known | dict(details), inside=True)
        return
    known |= {"title": entry.prompt, "model": entry.model, "parameters": dict(entry.parameters)}
    yield failure(
        entry.error or f"There is no image: the request is {entry.status}.", **known | dict(details)
    )


def _of_source(thing: Any, details: Mapping[str, Any]) -> Item:
    title = ""
    if isinstance(thing, str) and thing.lower().startswith(("http://", "https://", "data:")):
        title = "" if thing.lower().startswith("data:") else thing[:_TITLE_LIMIT]
    elif isinstance(thing, (str, os.PathLike)):
        title = Path(thing).name
    elif isinstance(thing, Image.Image):
        # Copied now: what somebody draws on it later is not what was given.
        title, thing = Path(getattr(thing, "filename", "") or "").name, thing.copy()
    elif hasattr(thing, "__array_interface__") or hasattr(thing, "__array__"):
        thing = np.array(thing)
    return Item(source=thing, **{"title": title} | dict(details))


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
        said = f"{len(data) / 1e6:.1f} MB"
        raise ImgWidgetsError(f"This drawing has {said}: too much for a tile. Save it to look at it.")
    return data, media_type
