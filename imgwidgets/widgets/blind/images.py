"""The images of a blind test: read, named by their content, and labelled. No widgets here."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.errors import ImageInputError
from imgwidgets.images import ResultImage, to_input
from imgwidgets.widgets import text
from imgwidgets.widgets.blind.votes import Picture, labels_of
from imgwidgets.widgets.grid.items import items_of
from imgwidgets.widgets.grid.tiles import named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from imgwidgets.widgets.grid.items import Item

__all__ = ["Field", "field_of"]


class Field(msgspec.Struct, frozen=True, eq=False):
    """What is compared.

    Attributes
    ----------
    images : dict
        By their names.
    pictures : dict
        What is known of each, by the same names.
    """

    images: dict[str, ResultImage]
    pictures: dict[str, Picture]

    def groups(self) -> dict[str, list[str]]:
        """Give the names of the images that share a label, for each label."""
        found: dict[str, list[str]] = {}
        for name, picture in self.pictures.items():
            found.setdefault(picture.label, []).append(name)
        return found


def field_of(
    images: Any, labels: Sequence[str] | None, by: str | Callable[[ResultImage], Any] | None
) -> Field:
    """Read and label images; for the parameters and errors see ``blind_test``."""
    items, pictures = _pictures_of(images)
    facts = [_facts(item, image) for item, image in zip(items, pictures, strict=True)]
    said = _labels(items, pictures, facts, labels, by)
    if len(set(said)) < 2:
        what = f"the same {by}" if isinstance(by, str) else "the same label"
        raise ValueError(f"all these images have {what}, {text.one_line(said[0], 60)!r}: nothing to compare")
    names = _names(pictures)
    known = [Picture(label=label, facts=one) for label, one in zip(said, facts, strict=True)]
    return Field(dict(zip(names, pictures, strict=True)), dict(zip(names, known, strict=True)))


def _pictures_of(images: Any) -> tuple[list[Item], list[ResultImage]]:
    items = list(items_of(images))
    pictures = []
    for place, item in enumerate(items):
        if item.error:
            raise ImageInputError(f"image {place} cannot be shown: {text.one_line(item.error, 300)}")
        image = item.image
        if image is None:
            given = to_input(item.source, what=f"image {place}")
            if given.data is None:
                raise ImageInputError(f"image {place} is not here: download it first, then test the file")
            image = ResultImage(given.data, prompt=item.title)
        if not image.format:
            raise ImageInputError(f"image {place}: these {len(image.bytes):,} bytes are no image")
        pictures.append(image)
    if len(pictures) < 2:
        raise ValueError(f"a blind test needs two images or more; this is {len(pictures)}")
    return items, pictures


def _facts(item: Item, image: ResultImage) -> dict[str, str]:
    known = {"prompt": text.one_line(item.title, 400), "model": text.one_line(item.model, 80)}
    if item.request is not None:
        known["provider"] = item.request.provider
    known |= named(item)
    if image.width:
        known.setdefault("size", f"{image.width}x{image.height}")
    return {name: value for name, value in known.items() if value}


def _labels(
    items: Sequence[Item],
    pictures: Sequence[ResultImage],
    facts: Sequence[Mapping[str, str]],
    labels: Sequence[str] | None,
    by: str | Callable[[ResultImage], Any] | None,
) -> list[str]:
    if labels is not None and by is not None:
        raise ValueError("labels= and by= both say what is compared: give one of them")
    if labels is not None:
        if isinstance(labels, str) or len(labels) != len(items):
            count = 1 if isinstance(labels, str) else len(labels)
            raise ValueError(f"there are {len(items)} images and {count} labels: give one for each image")
        return [text.one_line(label, 200) or "no label" for label in labels]
    if callable(by):
        return [text.one_line(by(image), 200) or "no label" for image in pictures]
    if by is not None:
        if not any(by in one for one in facts):
            known = ", ".join(sorted({name for one in facts for name in one}))
            raise ValueError(f"by={by!r}: no image has that; there is {known}")
        return [one.get(by, "not set") for one in facts]
    return labels_of(facts, [text.one_line(item.title, 60) for item in items])


def _names(pictures: Sequence[ResultImage]) -> list[str]:
    """Name pictures by their content, so that votes of several people are about the same ones."""
    seen: Counter[str] = Counter()
    names = []
    for image in pictures:
        short = image.sha256[:16]
        seen[short] += 1
        names.append(short if seen[short] == 1 else f"{short}-{seen[short]}")
    return names
