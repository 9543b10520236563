"""The images that go along with the one that is painted on: shown small, so that nobody forgets them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.catalog import ImageInput
from imgwidgets.images import to_input
from imgwidgets.images.pictures import picture
from imgwidgets.widgets import text
from imgwidgets.widgets.painter.picture import Picture

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Other", "read_others"]

EDGE = 128
"""Pixels of a small picture's longer edge: it is shown half as large, sharp on a dense screen."""


class Other(msgspec.Struct, frozen=True):
    """An image that is not painted on.

    Attributes
    ----------
    label : str
        What it is, for people.
    data : bytes or None
        A small WebP; None for a reference, whose pixels only the provider has.
    """

    label: str
    data: bytes | None


def read_others(images: Iterable[Any]) -> tuple[Other, ...]:
    """Make small pictures of images.

    Raises
    ------
    ImageInputError
        Where one of them is no image, or is damaged.
    """
    return tuple(_read(image, number) for number, image in enumerate(images, start=2))


def _read(image: Any, number: int) -> Other:
    if isinstance(image, str | dict | ImageInput):
        given = to_input(image, what=f"image {number}")
        if given.data is None:
            return Other(f"Image {number}: {text.one_line(given.file_id or given.url, 60)}", None)
    shown = Picture(picture(image, what=f"image {number}"))
    width, height = shown.size
    scale = min(1.0, EDGE / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    said = f"Image {number}: {width} × {height}"  # noqa: RUF001 (the sign for sizes)
    return Other(said, shown.encoded(size, quality=75))
