"""The images that an edit starts from: what was given, what is sent, and how it is shown."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.errors import ImageInputError, ImgWidgetsError
from imgwidgets.images import ImageResult, ResultImage, thumbnail, to_input
from imgwidgets.widgets import text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgwidgets.catalog import ImageInput

__all__ = ["Given", "Uploads", "read_images"]

LARGEST = 64 * 1024 * 1024
"""Bytes of one upload."""

_UPLOADS = 16  # that may be on their way at once
_EDGE = 96  # pixels of a thumbnail


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """One input image.

    Attributes
    ----------
    image : object
        As it was given.
    sent : ImageInput
        As it is sent.
    key : str
        Its name between Python and the page, the same for the same content.
    name : str
        For people.
    small : bytes
        A thumbnail; empty for what only the provider can see.
    """

    image: Any
    sent: ImageInput
    key: str
    name: str
    small: bytes = b""

    @property
    def shown(self) -> dict[str, str]:
        """What the page shows of it."""
        size = self.sent.size
        return {
            "key": self.key,
            "name": self.name,
            "size": f"{size[0]} × {size[1]}" if size else "only the provider sees it",  # noqa: RUF001 (the sign for sizes)
        }


def read_images(images: Any) -> tuple[Given, ...]:
    """Read one image or several, in any form that ``client.edit`` takes.

    Raises
    ------
    ImageInputError
        Where one cannot be read.
    """
    many = images if isinstance(images, list | tuple | ImageResult) else (images,)
    if not len(many):
        raise ImageInputError("image: got an empty list; give an image, or None for none")
    return tuple(_read(image, place) for place, image in enumerate(many))


def _read(image: Any, place: int) -> Given:
    sent = to_input(image, what="image")
    small = b""
    if sent.data is not None and sent.format != "svg":
        small = thumbnail(sent.data, edge=_EDGE)[0]
    digest = hashlib.sha256((sent.identity).encode()).hexdigest()[:12]
    return Given(image=image, sent=sent, key=f"{digest}-{place}", name=_name(image, sent), small=small)


def _name(image: Any, sent: ImageInput) -> str:
    said = ""
    if isinstance(image, ResultImage):
        said = image.prompt
    elif isinstance(image, str | os.PathLike) and sent.data is not None:
        said = Path(image).name
    elif sent.data is None:
        said = sent.url or sent.file_id or ""
    return text.one_line(said, 60) or "image"


class Uploads:
    """Files that arrive in pieces, from any number of pages.

    Examples
    --------
    >>> uploads = Uploads()
    >>> uploads.take("a", b"hello ", offset=0, total=11)
    >>> uploads.take("a", b"world", offset=6, total=11)
    b'hello world'
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, bytearray] = {}

    def take(self, name: str, piece: bytes, *, offset: int, total: int) -> bytes | None:
        """Take a piece; give the file when it is complete.

        Raises
        ------
        ImageInputError
            For a file that is too large, or a piece that does not follow the one before.
        """
        with self._lock:
            if total > LARGEST:
                raise ImageInputError(f"this file has {total / 1e6:.0f} MB; the Studio takes {LARGEST >> 20}")
            if offset == 0:
                while len(self._open) >= _UPLOADS:  # pages that went away in the middle
                    del self._open[next(iter(self._open))]
                self._open[name] = bytearray()
            held = self._open.get(name)
            if held is None or len(held) != offset or offset + len(piece) > total:
                self._open.pop(name, None)
                raise ImageInputError("a piece of the upload is missing: upload the file again")
            held += piece
            if len(held) < total:
                return None
            return bytes(self._open.pop(name))


def result_image(data: bytes, name: str) -> ResultImage:
    """Make an image of an uploaded file.

    Raises
    ------
    ImageInputError
        Where it is none, or is damaged.
    """
    try:
        to_input(data, what=text.one_line(name, 60) or "the file")
    except ImgWidgetsError as error:
        raise ImageInputError(str(error)) from error
    return ResultImage(data, prompt=text.one_line(Path(name).name, 60))


def folder_names(given: Iterable[Given]) -> list[str]:
    """Give the file name of each image, for a program that reads it."""
    return [
        text.file_name(
            Path(one.name).stem if "." in one.name else one.name,
            suffix=one.key.partition("-")[0][:8],
            extension={"jpeg": "jpg"}.get(one.sent.format, one.sent.format),
            limit=24,
        )
        for one in given
    ]
