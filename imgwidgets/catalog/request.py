"""A request as a plain frozen value: hashed, compared, stored and sent again."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgwidgets.catalog.values import EndpointName

__all__ = ["ImageInput", "ImageRequest"]


class ImageInput(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One input image: pixels in a file's bytes, or a reference that only the provider resolves.

    Exactly one of ``data``, ``url`` and ``file_id`` is set. ``format``, ``size`` and ``has_alpha``
    are read from the bytes, and unknown (empty, None) for a reference.

    Attributes
    ----------
    data : bytes or None
        A complete file (PNG, JPEG, WebP, ...).
    url, file_id : str or None
        A ``https:`` or ``data:`` URL; a name from ``client.upload``.
    format : str
        ``png``, ``jpeg``, ``webp``, ``gif``, ...
    size : (int, int) or None
        (width, height) in pixels, as displayed (after EXIF rotation).
    has_alpha : bool or None
        Whether the file carries transparency.
    name : str
        A file name for the provider's eyes.
    """

    data: bytes | None = None
    url: str | None = None
    file_id: str | None = None
    format: str = ""
    size: tuple[int, int] | None = None
    has_alpha: bool | None = None
    name: str = ""

    @cached_property
    def identity(self) -> str:
        """What makes two inputs the same input: the content, not the name."""
        if self.data is not None:
            return f"sha256:{hashlib.sha256(self.data).hexdigest()}"
        return f"url:{self.url}" if self.url is not None else f"file_id:{self.file_id}"

    def __repr__(self) -> str:
        what = (
            f"{len(self.data):,} bytes" if self.data is not None else (self.file_id or (self.url or "")[:60])
        )
        return f"<ImageInput {self.format} {self.size or ''} {what}>"


class ImageRequest(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What is asked of which model.

    Attributes
    ----------
    prompt : str
        What to draw.
    model : str
        The API's name of the model.
    provider : str
        A provider of the catalog.
    endpoint : str
        ``generations`` or ``edits``.
    parameters : dict
        Everything else that is sent, by the API's names. Never changed after construction.
    images : tuple of ImageInput
        For edits, the images to edit; a mask belongs to the first.
    mask, markup : ImageInput or None
        A PNG with alpha 0 = edit; a PNG overlay.

    Examples
    --------
    >>> from imgwidgets.catalog import ImageRequest, check
    >>> request = ImageRequest(prompt="a red fox", model="gpt-image-2", parameters={"size": "1000x1000"})
    >>> check(request)[0].suggestion
    '1008x1008'
    """

    prompt: str
    model: str
    provider: str = "sandbox"
    endpoint: EndpointName = "generations"
    parameters: Mapping[str, Any] = {}
    images: tuple[ImageInput, ...] = ()
    mask: ImageInput | None = None
    markup: ImageInput | None = None

    @cached_property
    def key(self) -> str:
        """Sixty-four hexadecimal digits, equal for requests that ask for the same."""
        said = {
            "endpoint": self.endpoint,
            "provider": self.provider,
            "model": self.model,
            "prompt": self.prompt,
            "parameters": dict(sorted(self.parameters.items())),
            "images": [image.identity for image in self.images],
            "mask": self.mask.identity if self.mask else None,
            "markup": self.markup.identity if self.markup else None,
        }
        return hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ImageRequest) and self.key == other.key

    def replace(self, **changes: Any) -> ImageRequest:
        """Give a changed copy."""
        return msgspec.structs.replace(self, **changes)
