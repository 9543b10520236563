"""Input pictures of a request: from form files, data URLs, uploads and own results.

Nothing is fetched and no file is opened by name: bytes come in the request, or from what this very
sandbox holds in memory.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pybase64
from PIL import Image, ImageOps

from imgwidgets.catalog import ImageInput
from imgwidgets.images import sniff
from imgwidgets.sandbox.bounds import MAX_INPUT_PIXELS
from imgwidgets.sandbox.incoming import duplicate
from imgwidgets.sandbox.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgwidgets.catalog import Endpoint, ProviderEndpoint
    from imgwidgets.sandbox.incoming import Incoming, Part
    from imgwidgets.sandbox.store import Store

__all__ = ["REDIRECT_NAME", "RESULTS_PATH", "Given", "Shelf", "decode", "from_form", "from_references"]

RESULTS_PATH = "/v1/results/"
REDIRECT_NAME = "redirect.png"  # the name of no result, but of a redirect that a fault points to
_DATA_URL = re.compile(r"data:(?P<type>[\w.+-]+/[\w.+-]+)?(?:;[\w.+-]+=[^;,]*)*;base64,", re.IGNORECASE)
# What can be decoded here; which of them a model takes is the catalog's business.
_DECODERS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
_SHOWN = 60


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """The input pictures of a request; ``image`` may be several."""

    images: tuple[ImageInput, ...] = ()
    mask: ImageInput | None = None
    markup: ImageInput | None = None


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """What references may point to.

    Attributes
    ----------
    files, results : Store
        Uploads; results behind URLs.
    hosts : tuple of str
        ``host:port`` under which this sandbox is known.
    """

    files: Store
    results: Store
    hosts: tuple[str, ...]

    def read(self, *, url: str | None, file_id: str | None, param: str) -> bytes:
        """Give the bytes behind a reference.

        Raises
        ------
        Refusal
            400, for any URL but a data URL and one of this sandbox's own results.
        """
        if file_id is not None:
            stored = self.files.get(file_id)
            if stored is None:
                raise Refusal(f"No such File object: {file_id[:_SHOWN]!r}", param=param, code="invalid_value")
            return stored.data
        url = url or ""
        if url[:5].lower() == "data:":
            return _from_data_url(url, param)
        origins = [f"http://{host}{RESULTS_PATH}" for host in self.hosts]
        origin = next((origin for origin in origins if url.startswith(origin)), None)
        if origin is not None:
            stored = self.results.get(url.removeprefix(origin))
            if stored is not None:
                return stored.data
            raise Refusal(
                f"The URL {url[:_SHOWN]!r} has expired: ask for the picture again.",
                param=param,
                code="invalid_image_url",
            )
        raise Refusal(
            f"Invalid {param}: this sandbox fetches nothing, so {url[:_SHOWN]!r} cannot be read. Use a data "
            f"URL, a file_id of its own /v1/files, or the URL of one of its own results.",
            param=param,
            code="invalid_image_url",
        )


def _from_data_url(url: str, param: str) -> bytes:
    head = _DATA_URL.match(url)
    if head is None:
        raise Refusal(
            f"Invalid {param}: expected a base64-encoded data URL such as 'data:image/png;base64,...', "
            f"got {url[:_SHOWN]!r}.",
            param=param,
            code="invalid_value",
        )
    try:
        return pybase64.b64decode(url[head.end() :], validate=True)
    except ValueError as error:
        raise Refusal(
            f"Invalid {param}: the data URL is not valid base64 ({error}).", param=param, code="invalid_value"
        ) from error


def decode(data: bytes) -> np.ndarray[Any, np.dtype[np.uint8]] | None:
    """Give the pixels of a file as displayed, ``(H, W, 3 or 4) uint8``; None where it is no usable image."""
    header = sniff(data)
    if header.size is None or header.size[0] * header.size[1] > MAX_INPUT_PIXELS:
        return None
    try:
        with Image.open(io.BytesIO(data), formats=_DECODERS) as opened:
            upright = ImageOps.exif_transpose(opened)
            return np.asarray(upright.convert("RGBA" if upright.has_transparency_data else "RGB"))
    except Exception:  # noqa: BLE001 (decoders raise anything on hostile bytes; the caller names the file)
        return None


def _image_input(data: bytes, *, name: str, param: str, label: str) -> ImageInput:
    header = sniff(data)
    if not header.format or header.size is None:
        raise invalid_image(param, label)
    width, height = header.size
    if width * height > MAX_INPUT_PIXELS:
        raise Refusal(
            f"Invalid {label}: {width}x{height} is more than {MAX_INPUT_PIXELS:,} pixels.",
            param=param,
            code="invalid_image_file",
        )
    return ImageInput(
        data=data, format=header.format, size=header.size, has_alpha=header.has_alpha, name=name
    )


def _as_mask(mask: ImageInput, call: ProviderEndpoint) -> ImageInput:
    """Leave it open whether a mask is transparent where its meaning is in its colour."""
    return msgspec.structs.replace(mask, has_alpha=None) if call.mask_polarity == "white" else mask


def invalid_image(param: str, label: str) -> Refusal:
    """Give the answer to a file that is no usable image."""
    return Refusal(
        f"Invalid image file or mode for {label}, please check your image file.",
        type="image_generation_user_error",
        param=param,
        code="invalid_image_file",
    )


# -- forms --------------------------------------------------------------------------------------------


def from_form(incoming: Incoming, endpoint: Endpoint) -> Given:
    """Sort the files of a form into images, mask and markup.

    Raises
    ------
    Refusal
        ``duplicate_parameter``, ``unsupported_file_mimetype``, ``invalid_image_file``, ...
    """
    call = endpoint.call
    by_field: dict[str, list[Part]] = {}
    for part in incoming.files:
        by_field.setdefault(part.field, []).append(part)
    for field in (call.image_field, call.images_field, call.mask_field, call.markup_field):
        if field.removesuffix("[]") in incoming.fields:
            name = field.removesuffix("[]")
            raise Refusal(
                f"Invalid type for '{name}': expected a file, but got a string instead.",
                param=name,
                code="invalid_type",
            )
    images = _image_parts(by_field, call)
    masks, markups = by_field.pop(call.mask_field, []), by_field.pop(call.markup_field, [])
    for stranger in by_field:
        raise Refusal(f"Unknown parameter: '{stranger}'.", param=stranger, code="unknown_parameter")
    for name, parts in ((call.mask_field, masks), (call.markup_field, markups)):
        if len(parts) > 1:
            raise duplicate(name)
    return Given(
        images=tuple(
            _from_part(part, endpoint, "image", f"image {position + 1}")
            for position, part in enumerate(images)
        ),
        mask=_as_mask(_from_part(masks[0], endpoint, "mask", "mask"), call) if masks else None,
        markup=_from_part(markups[0], endpoint, "markup", "markup") if markups else None,
    )


def _image_parts(by_field: dict[str, list[Part]], call: ProviderEndpoint) -> list[Part]:
    one, many = call.image_field, call.images_field
    single, several = by_field.pop(one, []), (by_field.pop(many, []) if many != one else [])
    listed = many != one
    if listed and (len(single) > 1 or (single and several)):
        raise duplicate(one)
    if not listed and not single and any(field.startswith(f"{one}[") for field in by_field):
        # A server that knows only the plain spelling does not see the other one at all.
        raise Refusal(
            "",
            status=422,
            body={"detail": [{"loc": ["body", one], "msg": "Field required", "type": "missing"}]},
        )
    if listed:
        pattern = re.compile(rf"{re.escape(many.removesuffix('[]'))}\[\d+\]")
        for field in sorted(field for field in by_field if pattern.fullmatch(field)):
            several += by_field.pop(field)
    return single + several


def _from_part(part: Part, endpoint: Endpoint, kind: str, label: str) -> ImageInput:
    rule = endpoint.inputs.get(kind)
    formats = rule.formats if rule and rule.formats else ("jpeg", "png", "webp")
    accepted = {f"image/{name}" for name in formats} | ({"image/jpg"} if "jpeg" in formats else set())
    # A mask must be a PNG by its content; its label is not looked at as closely.
    if kind == "image" and part.content_type not in accepted:
        names = ", ".join(f"'image/{name}'" for name in formats)
        said = part.content_type[:_SHOWN] or "application/octet-stream"
        raise Refusal(
            f"Invalid file '{part.field}': unsupported mimetype ('{said}'). "
            f"Supported file formats are {names}.",
            param=part.field,
            code="unsupported_file_mimetype",
        )
    return _image_input(part.data, name=part.filename, param=part.field, label=label)


# -- references ---------------------------------------------------------------------------------------


def from_references(fields: dict[str, Any], endpoint: Endpoint, shelf: Shelf) -> Given:
    """Take image references out of a JSON body; `fields` loses them.

    Raises
    ------
    Refusal
        400, where a reference has the wrong form or nothing is behind it.
    """
    call = endpoint.call
    listed = fields.pop(call.references_field, None)
    if listed is not None and not isinstance(listed, list):
        raise Refusal(
            f"Invalid type for '{call.references_field}': expected an array of image references.",
            param=call.references_field,
            code="invalid_type",
        )
    read = _readers[call.reference_style]

    def resolve(value: Any, param: str, label: str) -> ImageInput:
        url, file_id = read(value, param)
        data = shelf.read(url=url, file_id=file_id, param=param)
        return _image_input(data, name=file_id or "", param=param, label=label)

    images = tuple(
        resolve(value, f"{call.references_field}[{position}]", f"image {position + 1}")
        for position, value in enumerate(listed or ())
    )
    mask, markup = fields.pop("mask", None), fields.pop("markup", None)
    return Given(
        images=images,
        mask=_as_mask(resolve(mask, "mask", "mask"), call) if mask is not None else None,
        markup=resolve(markup, "markup", "markup") if markup is not None else None,
    )


def _wrong_reference(param: str, expected: str) -> Refusal:
    return Refusal(f"Invalid value for '{param}': expected {expected}.", param=param, code="invalid_value")


def _read_object(value: Any, param: str) -> tuple[str | None, str | None]:
    expected = "an object with exactly one of 'file_id' and 'image_url'"
    if not isinstance(value, dict) or len(value) != 1:
        raise _wrong_reference(param, expected)
    [(key, target)] = value.items()
    if key not in ("file_id", "image_url") or not isinstance(target, str):
        raise _wrong_reference(param, expected)
    return (target, None) if key == "image_url" else (None, target)


def _read_part(value: Any, param: str) -> tuple[str | None, str | None]:
    target = value.get("image_url") if isinstance(value, dict) else None
    target = target.get("url") if isinstance(target, dict) else target
    if not isinstance(target, str):
        raise _wrong_reference(param, '{"type": "image_url", "image_url": {"url": ...}}')
    return target, None


def _read_text(value: Any, param: str) -> tuple[str | None, str | None]:
    if not isinstance(value, str):
        raise _wrong_reference(param, "a URL")
    return value, None


_readers: dict[str, Callable[[Any, str], tuple[str | None, str | None]]] = {
    "object": _read_object,
    "part": _read_part,
    "text": _read_text,
}
