"""One image as a reply gives it: bytes in some spelling, or an address.

Whatever the shape of a reply, in the end there is an item (an object, a string, a ``Blob``) that is
one image. The ``Collector`` takes items of every kind, in order, and never fails on a wrong type: what
looks like an image and is none becomes a sentence in ``problems``.
"""

from __future__ import annotations

import binascii
import re
from typing import Any
from urllib.parse import unquote_to_bytes, urljoin

import msgspec
import pybase64

from imgwidgets.client import limits
from imgwidgets.client.sink import Blob, looks_like_image
from imgwidgets.errors import ReplyError

__all__ = ["Collector", "FoundImage", "decode_base64", "decode_data_url", "plain", "text_of"]

_BASE64_KEYS = (
    "b64_json",
    "b64",
    "base64",
    "image_base64",
    "image_b64",
    "partial_image_b64",
    "bytesBase64Encoded",
)
_ANY_KEYS = ("result", "image_url", "url", "image", "uri", "data", "source", "inline_data", "inlineData")
_LIST_KEYS = ("data", "images", "artifacts", "predictions", "results", "output", "result", "response")
_NOT_EXTRA = {*_BASE64_KEYS, "revised_prompt"}
_DATA_URL = re.compile(r"(?i)data:([^,]{0,300}),")
_ADDRESS = re.compile(r"(?i)[a-z][a-z0-9+.-]{1,20}:|/|\./|\.\./")
_Source = bytes | tuple[None, str]  # an image's bytes, or (None, its address)
_DEEPEST = 4  # wrappers around an item
_FILE_NAME = re.compile(r"[\w./%~-]+\.(?:png|jpe?g|webp|gif|svg|avif)(?:\?\S*)?", re.IGNORECASE)
_LONGEST_EXTRA = 10_000  # characters of one string kept in ``extra``


class FoundImage(msgspec.Struct, frozen=True, kw_only=True):
    """One image of a reply.

    Attributes
    ----------
    data : bytes or None
        The file, where the reply holds it.
    url : str or None
        Where it can be fetched, absolute; None where ``data`` is there.
    revised_prompt : str
        The prompt that the model made of ours.
    extra : dict
        What else the reply says about this image.

    Examples
    --------
    >>> FoundImage(url="https://example.org/fox.png")
    <FoundImage https://example.org/fox.png>
    """

    data: bytes | None = None
    url: str | None = None
    revised_prompt: str = ""
    extra: dict[str, Any] = {}

    def __repr__(self) -> str:
        what = f"{len(self.data):,} bytes" if self.data is not None else (self.url or "")[:80]
        return f"<FoundImage {what}>"


class Collector:
    """Gathers images from the items of a reply.

    Parameters
    ----------
    base_url : str
        What relative addresses are relative to.
    bounds : Limits, optional
        How many images are taken (later ones are left, and ``problems`` says so), and how large.
    once : bool
        Whether the same image or address again is left out.

    Attributes
    ----------
    images : list of FoundImage
        In the order of the reply.
    problems : list of str
        What looked like an image and could not be read.

    Examples
    --------
    >>> collector = Collector("http://127.0.0.1:8000/v1")
    >>> collector.take_all({"data": [{"url": "/v1/images/1/content"}, {"b64_json": "R0lGODlh"}]})
    >>> collector.images
    [<FoundImage http://127.0.0.1:8000/v1/images/1/content>, <FoundImage 6 bytes>]
    """

    def __init__(self, base_url: str, *, bounds: limits.Limits | None = None, once: bool = False) -> None:
        self._base = base_url.rstrip("/") + "/"
        self.bounds = bounds or limits.Limits()
        self._once = once
        self.images: list[FoundImage] = []
        self.problems: list[str] = []

    def take_all(self, value: Any, *, deep: int = 0) -> None:
        """Take every image of a list, of an object's list, or of one item."""
        if isinstance(value, list):
            for item in value:
                if not self.full():
                    self.take(item)
        elif isinstance(value, dict) and deep < _DEEPEST and not self.take(value):
            for key in _LIST_KEYS:
                if isinstance(value.get(key), list | dict):
                    self.take_all(value[key], deep=deep + 1)
        elif isinstance(value, str | Blob):
            self.take(value)

    def take(self, item: Any, *, sure: bool = True) -> bool:
        """Take one item; say whether it was an image.

        Parameters
        ----------
        item : object
            ``{"b64_json": ...}``, ``{"url": ...}``, ``{"image_url": {"url": ...}}``, a string, a Blob.
        sure : bool
            Whether base64 in a bare string is an image even where its format is unknown.
        """
        before = len(self.problems)
        source = self._source(item, sure=sure, deep=0)
        if source is None:
            return len(self.problems) > before
        data, url = source if isinstance(source, tuple) else (source, None)
        prompt, extra = "", {}
        if isinstance(item, dict):
            prompt = text_of(item.get("revised_prompt"))
            extra = {
                str(key): plain(value)
                for key, value in item.items()
                if key not in _NOT_EXTRA and not (key in _ANY_KEYS and _is_source(value, data, url))
            }
        self.add(FoundImage(data=data, url=url, revised_prompt=prompt, extra=extra))
        return True

    def add(self, image: FoundImage) -> None:
        """Take an image, unless it is there already and once is enough."""
        if self._once and any(image.url == old.url and image.data == old.data for old in self.images):
            return
        if not self.full():
            self.images.append(image)

    def full(self) -> bool:
        """Say whether no more is taken, and note it."""
        if len(self.images) < self.bounds.images_per_reply:
            return False
        note = f"The reply holds more than {self.bounds.images_per_reply} images; the rest was left."
        if note not in self.problems:
            self.problems.append(note)
        return True

    def _source(self, item: Any, *, sure: bool, deep: int) -> _Source | None:
        """Give an image's bytes, or (None, address)."""
        if isinstance(item, Blob):
            return item.data if sure or _is_image(item) else None
        if isinstance(item, str):
            return self._from_text(item.strip(), sure=sure)
        if not isinstance(item, dict) or deep >= _DEEPEST:
            return None
        for key in _BASE64_KEYS:
            value = item.get(key)
            if value and isinstance(value, str | Blob):
                return value.data if isinstance(value, Blob) else self._from_base64_key(key, value.strip())
        for key in _ANY_KEYS:
            source = self._source(item.get(key), sure=sure and key != "data", deep=deep + 1)
            if source is not None:
                return source
        return None

    def _from_base64_key(self, key: str, text: str) -> _Source | None:
        data = decode_base64(text)
        if data:
            return data
        if text[:8].lower().startswith(("http://", "https://", "data:")):
            return self._from_text(text, sure=True)
        self.problems.append(f"{key} is not complete base64 ({len(text):,} characters, {text[:24]!r}...).")
        return None

    def _from_text(self, text: str, *, sure: bool) -> _Source | None:
        if text[:5].lower() == "data:":
            try:
                return decode_data_url(text, self.bounds.image_bytes)
            except ReplyError as error:
                self.problems.append(str(error))
                return None
        if len(text) >= 8 and (data := decode_base64(text)) and looks_like_image(data[:16]):
            return data
        is_web = text[:8].lower().startswith(("http://", "https://"))
        return self._address(text) if sure or is_web else None

    def _address(self, text: str) -> tuple[None, str] | None:
        if not _ADDRESS.match(text) and not _FILE_NAME.fullmatch(text[: limits.URL_CHARACTERS]):
            return None
        if len(text) > limits.URL_CHARACTERS:
            self.problems.append(f"An address of {len(text):,} characters was left out.")
            return None
        try:
            return None, urljoin(self._base, text)
        except ValueError:
            self.problems.append(f"{text[:80]!r} is no address.")
            return None


def _is_source(value: Any, data: bytes | None, url: str | None) -> bool:
    """Whether a value of an item is what the image was read from."""
    if isinstance(value, dict):
        return any(_is_source(inner, data, url) for inner in value.values())
    if isinstance(value, Blob):
        return True
    if not isinstance(value, str):
        return False
    if data is not None:
        return value[:5].lower() == "data:" or len(value) > _LONGEST_EXTRA or decode_base64(value) == data
    return bool(url and url.endswith(value.strip()))


def _is_image(blob: Blob) -> bool:
    return blob.prefix[:11].lower() == "data:image/" or looks_like_image(blob.data[:16])


def text_of(value: Any) -> str:
    """Give a string of a reply as text, whether or not it was base64; empty for anything else."""
    if isinstance(value, Blob):
        return value.text
    return value if isinstance(value, str) else ""


def plain(value: Any) -> Any:
    """Give a value without Blobs and with long strings cut, fit to be kept beside an image."""
    if isinstance(value, Blob):
        return f"<{len(value.data):,} bytes>"
    if isinstance(value, str):
        return value if len(value) <= _LONGEST_EXTRA else f"{value[:_LONGEST_EXTRA]}... ({len(value):,})"
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return value


def decode_base64(text: str) -> bytes | None:
    r"""Decode base64 of either alphabet, with or without line breaks and padding; None where it is none.

    Examples
    --------
    >>> decode_base64("R0lG\nODlh"), decode_base64("not base64!")
    (b'GIF89a', None)
    """
    if not text.isascii():
        return None
    digits = text.encode().translate(bytes.maketrans(b"-_", b"+/"), b"\r\n\t ").rstrip(b"=")
    try:
        return pybase64.b64decode(digits + b"=" * (-len(digits) % 4), validate=True)
    except binascii.Error:
        return None


def decode_data_url(url: str, max_bytes: int) -> bytes:
    """Give the bytes of a ``data:`` URL, base64 or percent-encoded.

    Parameters
    ----------
    url : str
        ``data:image/png;base64,iVBORw0...`` or ``data:image/svg+xml,%3Csvg...``.
    max_bytes : int
        The most bytes that are decoded.

    Raises
    ------
    ReplyError
        Where it is no data URL, is cut off, or too large.

    Examples
    --------
    >>> decode_data_url("data:image/gif;base64,R0lGODlh", 1000)
    b'GIF89a'
    """
    match = _DATA_URL.match(url)
    if not match:
        raise ReplyError(f"{url[:40]!r} is not a data URL.", body=url[: limits.BODY_CHARACTERS])
    rest = url[match.end() :]
    is_base64 = match[1].lower().rstrip().endswith("base64")
    if len(rest) > max_bytes * (4 if is_base64 else 3) // (3 if is_base64 else 1) + 1_000:
        raise ReplyError(f"A data URL in the reply holds more than {max_bytes:,} bytes; Limits sets it.")
    # Some servers percent-encode the base64's "+", "/" and "=".
    text = unquote_to_bytes(rest).decode("latin-1") if is_base64 and "%" in rest else rest
    data = decode_base64(text) if is_base64 else unquote_to_bytes(rest)
    if not data:
        raise ReplyError(f"The data URL {url[:40]!r}... is not complete base64.")
    if len(data) > max_bytes:
        raise ReplyError(f"A data URL in the reply holds more than {max_bytes:,} bytes; Limits sets it.")
    return data
