"""Images, masks and markups of a sweep: read once, shared by all cells."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from imgwidgets.catalog import ImageInput
from imgwidgets.errors import ImageInputError
from imgwidgets.images import Mask, to_input
from imgwidgets.images.mask_input import read_mask

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["EMPTY_MASK", "INPUTS", "Given", "MaskShop", "is_reference", "labels_for", "take"]

INPUTS = ("image", "mask", "markup")
EMPTY_MASK = (
    "the mask selects nothing, so the edit changes nothing: paint something, or leave mask out to let the "
    "whole picture change"
)
_NEARLY = 0.01  # proportions that differ by less are the same to the eye


class Given(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One value of an axis of images, masks or markups.

    Attributes
    ----------
    images : tuple of ImageInput
        For an image, one or several; for a markup one; empty for a mask.
    mask : Mask or ImageInput or None
        For a mask; it gets each cell's size later.
    source : str
        Python that gives the same value; empty where only the program that made it could.
    """

    images: tuple[ImageInput, ...] = ()
    mask: Mask | ImageInput | None = None
    source: str = ""


def is_reference(value: Any) -> bool:
    """Tell a reference (``{"file_id": ...}``, ``{"image_url": ...}``) from a dict that names values."""
    return isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in ("file_id", "image_url")


def take(role: str, value: Any, label: str) -> Given | None:
    """Read one image, mask or markup; None stays None (this cell has none).

    Raises
    ------
    ImageInputError
        Where it cannot be read; the message names the axis and the value.
    """
    if value is None:
        return None
    what = f"{role} {label!r}" if label else role
    source = _source(value)
    if role == "mask":
        if isinstance(value, np.ndarray):
            value = Mask.from_array(value)
        given = value if isinstance(value, Mask) else to_input(value, what=what)
        try:
            read_mask(given)  # what cannot be a mask is said now, and not cell by cell
        except ImageInputError as error:
            raise ImageInputError(f"{what}: {error}") from None
        return Given(mask=given, source=source)
    several = list(value) if isinstance(value, tuple | list) else [value]
    if not several:
        raise ImageInputError(f"{what}: got an empty {type(value).__name__}; give one image or more")
    if role == "markup" and len(several) > 1:
        raise ImageInputError(f"{what}: a cell has one markup, but this is a tuple of {len(several)}")
    return Given(images=tuple(to_input(one, what=what) for one in several), source=source)


def labels_for(role: str, values: Sequence[Any]) -> list[str]:
    """Give short names to values that have none: a file's name, else a number; no two alike."""
    labels: list[str] = []
    for position, value in enumerate(values, 1):
        label = _name(value) or (f"{role} {position}" if value is not None else "not given")
        number, wanted = 2, label
        while label in labels:
            label, number = f"{wanted} ({number})", number + 1
        labels.append(label)
    return labels


class MaskShop:
    """Gives masks in the sizes of images; the same mask in the same size is made once.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> shop = MaskShop()
    >>> mask = iw.Mask.blank((64, 64)).rectangle((0, 0, 32, 64))
    >>> sent, notes = shop.fit(mask, (128, 96), None)
    >>> sent.size, notes
    ((128, 96), ('the mask is 64x64, its image 128x96: it is stretched to fit',))
    """

    def __init__(self) -> None:
        self._made: dict[Any, tuple[ImageInput, tuple[str, ...]]] = {}

    def fit(
        self, mask: Mask | ImageInput, size: tuple[int, int] | None, max_bytes: int | None
    ) -> tuple[ImageInput, tuple[str, ...]]:
        """Give the PNG that belongs to an image of a size, and what a person should know about it."""
        key = (id(mask), size, max_bytes)  # the sweep holds its masks for as long as this
        if key not in self._made:
            taken = read_mask(mask, size=size, resize=True, max_bytes=max_bytes)
            notes = [taken.note] if taken.note else []
            if mask.size and size and not _alike(mask.size, size):
                shapes = f"the mask is {_spelled(mask.size)}, its image {_spelled(size)}"
                notes.append(f"{shapes}: it is stretched to fit")
            if mask.size and size is None:
                notes.append(
                    f"the image is only named, so its size is not known: the mask stays {_spelled(mask.size)}"
                )
            if taken.empty:
                notes.append(EMPTY_MASK)
            self._made[key] = taken.image, tuple(notes)
        return self._made[key]


def _alike(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return abs(one[0] * other[1] / (one[1] * other[0]) - 1) < _NEARLY


def _spelled(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def _name(value: Any) -> str:
    if isinstance(value, tuple | list):
        return " + ".join(_name(one) or "image" for one in value) if any(map(_name, value)) else ""
    if is_reference(value):
        (named,) = value.values()
        return _name(named) or str(named)[:40]
    if isinstance(value, str) and "://" in value:
        return value.split("?", maxsplit=1)[0].rstrip("/").rpartition("/")[2][:60]
    if isinstance(value, str | os.PathLike):
        return "" if str(value).startswith("data:") else Path(value).name
    return value.name if isinstance(value, ImageInput) else ""


def _source(value: Any) -> str:
    if isinstance(value, tuple | list):
        parts = [_source(one) for one in value]
        return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})" if all(parts) else ""
    if isinstance(value, str):
        return repr(value) if not value.startswith("data:") else ""
    if isinstance(value, os.PathLike):
        return repr(os.fspath(value))
    if is_reference(value):
        return repr(dict(value)) if len(repr(value)) < 300 else ""
    return ""
