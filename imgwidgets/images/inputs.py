"""Whatever a person calls an image, as one :class:`~imgwidgets.catalog.ImageInput`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlsplit

import numpy as np
import pybase64
from PIL import Image

from imgwidgets.catalog.request import ImageInput
from imgwidgets.errors import ImageInputError
from imgwidgets.images import pixels
from imgwidgets.images.damage import damage
from imgwidgets.images.header import sniff
from imgwidgets.images.result import ResultImage

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["ACCEPTED", "MAX_FILE_BYTES", "array_to_uint8", "to_input"]

MAX_FILE_BYTES = 512 * 1024 * 1024
"""A larger file is not read into memory; no provider takes a tenth of it."""

ACCEPTED = (
    "a path, a file's bytes, a PIL image, a numpy array, a ResultImage, an http(s) or data URL, "
    '{"file_id": ...} or {"image_url": ...}'
)
"""What to_input takes, in words for errors."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_DATA_URL = re.compile(r"data:([\w.+/-]*)((?:;[\w.+=-]+)*?)(;base64)?,", re.ASCII)


def to_input(image: Any, *, what: str = "image") -> ImageInput:
    """Take an image in any usual form.

    Parameters
    ----------
    image : path, bytes, PIL.Image.Image, numpy.ndarray, ResultImage, str, dict or ImageInput
        An array is ``(H, W)``, ``(H, W, 1)``, ``(H, W, 3)`` or ``(H, W, 4)``: uint8, bool, or float in 0..1;
        it is sent as PNG. Bytes and files are sent as they are. A string is a URL or a path. References
        (URLs, ``{"file_id": ...}``, ``{"image_url": ...}``) are passed on unread.
    what : str, default "image"
        How errors call it.

    Returns
    -------
    ImageInput
        With format, size and transparency where there are pixels.

    Raises
    ------
    ImageInputError
        Where it is something else, is damaged or cannot be read; the message says what was given.

    Examples
    --------
    >>> import numpy as np
    >>> to_input(np.zeros((48, 64, 3))).size
    (64, 48)
    >>> to_input({"file_id": "file-7"}).file_id
    'file-7'
    >>> to_input(None)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    imgwidgets.errors.ImageInputError: image: got NoneType; give a path, a file's bytes, a PIL image, ...
    """
    for kinds, take in _FORMS:
        if isinstance(image, kinds):
            return take(image, what)
    if hasattr(image, "to_png") and hasattr(image, "selected"):  # a Mask: mask.py stands above this module
        return _from_bytes(image.to_png(), what, "")
    if hasattr(image, "__array__"):
        return _encoded(array_to_uint8(np.asarray(image), what=what), what)
    raise ImageInputError(f"{what}: got {_kind(image)}; give {ACCEPTED}")


def _kind(value: object) -> str:
    name = type(value).__name__
    if hasattr(value, "read"):
        return f"{name}, an open file (pass its bytes, .read())"
    if hasattr(value, "request") and hasattr(value, "usage"):  # a result, whose pictures are meant
        return f"{name} (pass one of its images, such as result[0])"
    if hasattr(value, "mask") and hasattr(value, "image"):  # a painter
        return f"{name} (pass its .image, or its .mask)"
    return name


def _from_input(image: ImageInput, what: str) -> ImageInput:
    if image.data is not None:
        return image if image.format and image.size else _from_bytes(image.data, what, image.name)
    if image.url is None and image.file_id is None:
        raise ImageInputError(f"{what}: this ImageInput holds neither data nor a url nor a file_id")
    return image


def _from_bytes(data: bytes, what: str, name: str) -> ImageInput:
    """Check a file's bytes as far as that goes without decoding them."""
    where = (
        f" ({name})"
        if name and Path(name).name == name and not name.startswith(what)
        else f" {name}".rstrip()
    )
    if not data:
        raise ImageInputError(f"{what}{where}: the file is empty (0 bytes)")
    header = sniff(data)
    if not header.format:
        raise ImageInputError(
            f"{what}{where}: these {len(data):,} bytes are no image (they begin with {data[:12]!r}); "
            "png, jpeg and webp files are what providers take"
        )
    flaw = damage(data, header.format)
    if header.size is None and header.format != "svg":
        flaw = flaw or "its size cannot be read"
    if flaw:
        raise ImageInputError(f"{what}{where}: the {header.format} file is damaged: {flaw}")
    return ImageInput(
        data=data,
        format=header.format,
        size=header.size,
        has_alpha=header.has_alpha,
        name=Path(name).name
        or f"{re.sub(r'[^A-Za-z0-9]+', '-', what).strip('-') or 'image'}.{header.format}",
    )


def _from_text(text: str, what: str) -> ImageInput:
    if text.startswith("data:"):
        return _from_data_url(text, what)
    if text.lower().startswith(("http://", "https://")):
        try:
            host = urlsplit(text).hostname
        except ValueError:
            host = None
        if not host or re.search(r"[\s\x00-\x1f]", text):
            raise ImageInputError(f"{what}: {text[:120]!r} is no complete URL")
        return ImageInput(url=text)
    if _SCHEME.match(text):
        raise ImageInputError(f"{what}: {text[:120]!r}: only http, https and data URLs can be used")
    return _from_path(Path(text), what)


def _from_data_url(url: str, what: str) -> ImageInput:
    match = _DATA_URL.match(url)
    if match is None:
        raise ImageInputError(f"{what}: {url[:60]!r} is no data URL; it needs data:image/png;base64,...")
    body = url[match.end() :]
    try:
        text = body.translate({9: None, 10: None, 13: None, 32: None, 45: "+", 95: "/"}).rstrip("=")
        data = (
            pybase64.b64decode(text + "=" * (-len(text) % 4), validate=True)
            if match[3]
            else unquote_to_bytes(body)
        )
    except ValueError as error:
        raise ImageInputError(f"{what}: the base64 of the data URL {url[:40]!r} is damaged") from error
    return _from_bytes(data, what, "")


def _from_path(path: Path, what: str) -> ImageInput:
    try:
        path = path.expanduser()
        if path.is_dir():
            raise ImageInputError(f"{what}: {path} is a folder; name a file in it")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ImageInputError(
                f"{what}: {path} has {path.stat().st_size:,} bytes; no provider takes that much"
            )
        data = path.read_bytes()
    except (OSError, ValueError, RuntimeError) as error:
        if isinstance(error, ImageInputError):
            raise
        shown = str(path) if len(str(path)) <= 200 else f"{str(path)[:60]}... ({len(str(path)):,} characters)"
        if isinstance(error, FileNotFoundError):
            raise ImageInputError(f"{what}: there is no file {shown} (seen from {Path.cwd()})") from error
        raise ImageInputError(
            f"{what}: {shown} cannot be read: {getattr(error, 'strerror', None) or error}"
        ) from error
    return _from_bytes(data, what, str(path))


def _from_mapping(reference: Mapping[Any, Any], what: str) -> ImageInput:
    given = {key: reference[key] for key in ("file_id", "image_url") if reference.get(key) is not None}
    if len(given) != 1 or len(reference) != 1:
        raise ImageInputError(
            f"{what}: got a mapping with {sorted(map(str, reference))}; "
            'it needs exactly one key: {"file_id": ...} or {"image_url": ...}'
        )
    ((key, value),) = given.items()
    if key == "image_url" and isinstance(value, Mapping):
        value = value.get("url")
    if not isinstance(value, str) or not value:
        raise ImageInputError(f"{what}: {key} is {type(value).__name__}; it needs a text")
    if key == "file_id":
        return ImageInput(file_id=value)
    if not value.lower().startswith(("http://", "https://", "data:")):
        raise ImageInputError(f"{what}: image_url {value[:120]!r} is no http, https or data URL")
    return _from_text(value, what)


def _from_pil(image: Image.Image, what: str) -> ImageInput:
    if not image.width or not image.height:
        raise ImageInputError(f"{what}: the PIL image has no pixels ({image.width}x{image.height})")
    try:
        array = pixels.to_uint8(pixels.upright(image))
    except (OSError, ValueError, SyntaxError) as error:
        raise ImageInputError(f"{what}: the PIL image cannot be read: {error}") from error
    return _encoded(array, what)


def _encoded(array: npt.NDArray[np.uint8], what: str) -> ImageInput:
    height, width = array.shape[:2]
    return ImageInput(
        data=pixels.encode_png(array),
        format="png",
        size=(width, height),
        has_alpha=array.ndim == 3 and array.shape[2] == 4,
        name=f"{re.sub(r'[^A-Za-z0-9]+', '-', what).strip('-') or 'image'}.png",
    )


def array_to_uint8(array: npt.NDArray[Any], *, what: str = "image") -> npt.NDArray[np.uint8]:
    """Check an array of pixels and give it as ``(H, W, 3)`` or ``(H, W, 4) uint8``.

    Parameters
    ----------
    array : numpy.ndarray
        ``(H, W)``, ``(H, W, 1)``, ``(H, W, 3)`` or ``(H, W, 4)``; uint8, bool, or float in 0..1.
    what : str
        How errors call it.

    Raises
    ------
    ImageInputError
        For another shape, another type, or floats outside 0..1.

    Examples
    --------
    >>> array_to_uint8(np.array([[0.0, 1.0]])).tolist()
    [[[0, 0, 0], [255, 255, 255]]]
    """
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        hint = ""
        if array.ndim == 3 and array.shape[0] in (1, 3, 4):
            hint = "; channels come last: np.moveaxis(array, 0, -1)"
        elif array.ndim == 4:
            hint = "; give one image, or a list of them"
        raise ImageInputError(
            f"{what}: got an array of shape {array.shape}; it needs (H, W), (H, W, 3) or (H, W, 4){hint}"
        )
    if not array.size:
        raise ImageInputError(f"{what}: got an array of shape {array.shape}, which has no pixels")
    if array.dtype == np.bool_:
        levels = array.astype(np.uint8) * np.uint8(255)
    elif array.dtype == np.uint8:
        levels = array
    elif array.dtype.kind == "f":
        levels = _from_floats(array, what)
    else:
        raise ImageInputError(
            f"{what}: got an array of {array.dtype}; it needs uint8 in 0..255, bool, or float in 0..1 "
            "(array.astype('uint8') where the values fit)"
        )
    if levels.ndim == 2:
        levels = levels[:, :, None]
    if levels.shape[2] == 1:
        levels = np.repeat(levels, 3, axis=2)
    return np.ascontiguousarray(levels)


def _from_floats(array: npt.NDArray[Any], what: str) -> npt.NDArray[np.uint8]:
    low, high = float(array.min()), float(array.max())
    slack = 1e-6  # float32 arithmetic ends at 1.0000001
    if not (low >= -slack and high <= 1 + slack):  # also catches NaN
        bad = array[~((array >= -slack) & (array <= 1 + slack))].flat[0]
        hint = "; divide by 255, or use uint8" if np.isfinite(high) and 2 < high <= 255 and low >= 0 else ""
        raise ImageInputError(f"{what}: got a float array that holds {bad}; floats must be in 0..1{hint}")
    levels: npt.NDArray[np.uint8] = np.rint(np.clip(array, 0, 1) * 255).astype(np.uint8)
    return levels


_FORMS: tuple[tuple[Any, Callable[[Any, str], ImageInput]], ...] = (
    (ImageInput, _from_input),
    (ResultImage, lambda image, what: _from_bytes(image.bytes, what, "")),
    (bytes | bytearray | memoryview, lambda data, what: _from_bytes(bytes(data), what, "")),
    (str, _from_text),
    (os.PathLike, lambda path, what: _from_path(Path(path), what)),
    (Mapping, _from_mapping),
    (Image.Image, _from_pil),
)
