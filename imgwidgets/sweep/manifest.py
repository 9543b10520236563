"""A sweep as JSON: what rebuilds it later, here or elsewhere, with inputs by their content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.catalog import ImageInput
from imgwidgets.errors import HistoryError, ImageInputError
from imgwidgets.history.redact import without_secrets
from imgwidgets.images import Mask
from imgwidgets.sweep.axes import Axis, Sample
from imgwidgets.sweep.inputs import INPUTS, Given
from imgwidgets.sweep.reading import Said
from imgwidgets.sweep.template import Template

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["KIND", "Read", "files_of", "read_manifest", "write_manifest"]

KIND = "imgwidgets.sweep"
VERSION = 1
_INLINE = 20_000  # characters of a mask that stands in the manifest itself

Read = Callable[[str], bytes]
"""Gives a file by its sha-256."""


def write_manifest(said: Said, repeat: int) -> dict[str, Any]:
    """Describe a sweep with what JSON can hold; inputs are named by their sha-256."""
    return {
        "kind": KIND,
        "version": VERSION,
        "repeat": repeat,
        "sample": {"n": said.sampling.n, "seed": said.sampling.seed} if said.sampling is not None else None,
        "dimensions": [[_axis(axis) for axis in dimension] for dimension in said.dimensions],
        "fixed": [_axis(axis) for axis in said.fixed],
    }


def files_of(said: Said) -> dict[str, bytes]:
    """Give the files that a manifest names: sha-256 -> bytes."""
    files: dict[str, bytes] = {}
    for axis in _axes(said):
        for given in axis.values if axis.role in INPUTS else ():
            if given is None:
                continue
            held = [image.data for image in given.images]
            if isinstance(given.mask, ImageInput):
                held.append(given.mask.data)
            elif given.mask is not None and len(text := given.mask.to_json()) > _INLINE:
                held.append(text.encode())
            files |= {hashlib.sha256(data).hexdigest(): data for data in held if data is not None}
    return files


def _axes(said: Said) -> Iterable[Axis]:
    yield from said.fixed
    for dimension in said.dimensions:
        yield from dimension


def _axis(axis: Axis) -> dict[str, Any]:
    return {
        "name": axis.name,
        "role": axis.role,
        "values": [_value(value) for value in axis.values],
        "shown": [_plain(shown) for shown in axis.shown],
        "labels": list(axis.labels),
        "named": axis.is_named,
    }


def _value(value: Any) -> Any:
    if isinstance(value, Template):
        return value.text
    if isinstance(value, Given):
        return _given(value)
    return _plain(value)


def _plain(value: Any) -> Any:
    try:
        return msgspec.json.decode(msgspec.json.encode(value))
    except (TypeError, UnicodeEncodeError):
        return str(value)  # only a prompt's field may hold such a thing, and there its text counts


def _given(given: Given) -> dict[str, Any]:
    said: dict[str, Any] = {"source": without_secrets(given.source)}
    if isinstance(given.mask, Mask):
        text = given.mask.to_json()
        if len(text) <= _INLINE:
            return said | {"mask": text}
        return said | {"mask_sha256": hashlib.sha256(text.encode()).hexdigest()}
    if given.mask is not None:
        return said | {"mask_file": _image(given.mask)}
    return said | {"images": [_image(image) for image in given.images]}


def _image(image: ImageInput) -> dict[str, Any]:
    if image.data is None:
        told = {"url": image.url} if image.url is not None else {"file_id": image.file_id}
        safe: dict[str, Any] = without_secrets(told)
        return safe if safe == told else safe | {"withheld": True}
    return {
        "sha256": image.identity.partition(":")[2],
        "format": image.format,
        "size": list(image.size) if image.size else None,
        "has_alpha": image.has_alpha,
        "name": image.name,
    }


# -- and back -----------------------------------------------------------------------------------------


def read_manifest(manifest: Mapping[str, Any], read: Read) -> tuple[Said, int]:
    """Give what a manifest describes, and the repeats.

    Parameters
    ----------
    manifest : mapping
        From :func:`write_manifest`, also after a way through JSON.
    read : callable
        Gives the bytes of a file by its sha-256.

    Raises
    ------
    ValueError
        For something else.
    ImageInputError
        Where an input is not there any more.
    """
    if manifest.get("kind") != KIND:
        raise ValueError(
            f"this is no manifest of a sweep: its kind is {manifest.get('kind')!r:.80}, not {KIND!r}"
        )
    if manifest.get("version", 0) > VERSION:
        raise ValueError(
            f"this manifest was written by a newer imgwidgets (version {manifest['version']}, this one knows "
            f"{VERSION}): upgrade it"
        )
    try:
        fixed = tuple(_read_axis(axis, read, is_fixed=True) for axis in manifest["fixed"])
        dimensions = tuple(
            tuple(_read_axis(axis, read, is_fixed=False) for axis in dimension)
            for dimension in manifest["dimensions"]
        )
        sampling = Sample(**manifest["sample"]) if manifest.get("sample") else None
        repeat = int(manifest["repeat"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this manifest of a sweep is damaged: {error!r}") from error
    axes = [*fixed, *(axis for dimension in dimensions for axis in dimension)]
    templates = next((axis.values for axis in axes if axis.role == "prompt"), ())
    if not templates:
        raise ValueError("this manifest of a sweep is damaged: it has no prompt")
    return Said(templates=templates, dimensions=dimensions, fixed=fixed, sampling=sampling), repeat


def _read_axis(told: Mapping[str, Any], read: Read, *, is_fixed: bool) -> Axis:
    role = told["role"]
    values: list[Any] = told["values"]
    if role == "prompt":
        values = [Template.read(text) for text in values]
    elif role in INPUTS:
        values = [None if value is None else _read_given(value, read, told["name"]) for value in values]
    return Axis(
        name=told["name"],
        role=role,
        values=tuple(map(_tupled, values)),
        shown=tuple(map(_tupled, told["shown"])),
        labels=tuple(told["labels"]),
        is_fixed=is_fixed,
        is_named=bool(told.get("named")),
    )


def _tupled(value: Any) -> Any:
    """Give a size as people write it; JSON knows lists only."""
    return tuple(value) if isinstance(value, list) else value


def _read_given(told: Mapping[str, Any], read: Read, name: str) -> Given:
    source = told.get("source", "")
    if "mask" in told:
        return Given(mask=Mask.from_json(told["mask"]), source=source)
    if "mask_sha256" in told:
        return Given(mask=Mask.from_json(_read(told["mask_sha256"], read, name).decode()), source=source)
    if "mask_file" in told:
        return Given(mask=_read_image(told["mask_file"], read, name), source=source)
    return Given(images=tuple(_read_image(image, read, name) for image in told["images"]), source=source)


def _read_image(told: Mapping[str, Any], read: Read, name: str) -> ImageInput:
    if told.get("withheld"):
        raise ImageInputError(
            f"{name}: the address {told.get('url')} held a secret, which is not kept: make the sweep again "
            "with the image itself"
        )
    if "sha256" not in told:
        return ImageInput(url=told.get("url"), file_id=told.get("file_id"))
    size = told.get("size")
    return ImageInput(
        data=_read(told["sha256"], read, name),
        format=told.get("format", ""),
        size=(size[0], size[1]) if size else None,
        has_alpha=told.get("has_alpha"),
        name=told.get("name", ""),
    )


def _read(digest: str, read: Read, name: str) -> bytes:
    try:
        return read(digest)
    except HistoryError as error:
        raise ImageInputError(f"{name}: {error}") from error
