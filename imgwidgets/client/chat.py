"""Images inside a chat-shaped reply.

Chat models and the relays in front of image models put a picture wherever a message can hold one:

=====================================  ===============================================================
form                                   example
=====================================  ===============================================================
``message.images``                     ``[{"image_url": {"url": "data:image/png;base64,..."}}]``
content parts                          ``[{"type": "image_url", "image_url": {"url": "https://..."}}]``
markdown                               ``![a fox](https://...)`` or ``![](data:image/png;base64,...)``
HTML                                   ``<img src="https://...">``
a data URL, or JSON, or bare base64    the content itself
a link                                 ``https://.../fox.png``, ``[download](https://...)``
=====================================  ===============================================================

Links are taken only where nothing above was found: they often repeat a picture that is there already.
Every search is linear in the text's length and looks at a limited number of places.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from imgwidgets.client import limits
from imgwidgets.client.found import Collector, decode_base64, text_of
from imgwidgets.client.reader import Blob, JsonReader
from imgwidgets.client.sink import looks_like_image
from imgwidgets.errors import ReplyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["read_choices", "read_text", "readable"]

_MOST_CHOICES = 100
_LONGEST_LABEL = 1_000
_LINK = re.compile(r"\]\(\s{0,8}<?")
_TARGET = re.compile(r"[^\s<>)]+")
_IMG = re.compile(r"(?i)<img\b")
_SRC = re.compile(r"(?i)[^>]{0,2000}?\bsrc\s{0,8}=\s{0,8}")
_UNQUOTED = re.compile(r"[^\s>\"']+")
_DATA_URL = re.compile(r"(?i)data:image/[\w.+-]{1,40}(?:;[\w.=-]{1,60}){0,4};base64,")
_BASE64 = re.compile(r"[A-Za-z0-9+/_=-]*")
_URL = re.compile(r"(?i)\bhttps?://[^\s<>\"'`()\[\]{}\\|]+")
_FENCE = re.compile(r"```[A-Za-z]{0,10}\s{0,8}")
_IMAGE_NAME = re.compile(r"(?i)\.(?:png|jpe?g|webp|gif|svg|avif|bmp|tiff?|heic)\Z")


def read_choices(choices: Any, collector: Collector) -> str:
    """Collect the images of ``choices`` and give the text around them.

    Parameters
    ----------
    choices : object
        The list of a ``chat.completion``; anything else holds nothing.
    collector : Collector
        Takes the images, in order.

    Returns
    -------
    str
        All text, data URLs shortened: where there is no image, it says why.

    Examples
    --------
    >>> collector = Collector("https://example.org/v1", once=True)
    >>> read_choices([{"message": {"content": "Here: ![fox](https://example.org/fox.png)"}}], collector)
    'Here: ![fox](https://example.org/fox.png)'
    >>> collector.images
    [<FoundImage https://example.org/fox.png>]
    """
    texts: list[str] = []
    for choice in choices[:_MOST_CHOICES] if isinstance(choices, list) else ():
        if not isinstance(choice, dict):
            continue
        message = choice.get("message") or choice.get("delta") or choice
        if isinstance(message, dict):
            texts += read_message(message, collector)
    return readable("\n".join(texts))


def read_message(message: dict[str, Any], collector: Collector) -> list[str]:
    """Collect the images of one message and give its texts."""
    texts: list[str] = []
    images = message.get("images")
    for item in images if isinstance(images, list) else [images]:
        collector.take(item)
    content = message.get("content")
    for part in content if isinstance(content, list) else [content]:
        inner = part.get("text") if isinstance(part, dict) else part
        if isinstance(inner, dict):  # {"type": "text", "text": {"value": ...}}
            inner = inner.get("value")
        if isinstance(inner, str | Blob):
            texts += read_text(inner, collector)
        elif isinstance(part, dict):
            collector.take(part)
    for key in ("text", "refusal"):
        texts += read_text(message.get(key), collector)
    return texts


def read_text(value: Any, collector: Collector) -> list[str]:
    """Collect the images of one text, in whatever form; give the text where it is one for people.

    Parameters
    ----------
    value : object
        A string or a Blob; anything else holds nothing.
    collector : Collector
        Takes the images.

    Returns
    -------
    list of str
        The text, or nothing where all of it was an image.
    """
    if isinstance(value, Blob) and collector.take(value, sure=False):
        return []
    text, most = text_of(value), collector.bounds.links_per_reply
    bare = _unfenced(text.strip())
    if not bare:
        return []
    if bare[0] in "{[" and _read_json(bare, collector):
        return []
    whole = decode_base64(bare)
    if (whole and looks_like_image(whole[:16])) or list(_data_urls(bare)) == [(0, len(bare))]:
        collector.take(bare, sure=False)
        return []
    targets = list(_embedded(text, most)) or list(_linked(text, most))
    for target in targets:
        collector.take(target, sure=False)
    return [text]


def readable(text: str) -> str:
    """Give a text with its data URLs shortened and at most 10,000 characters long."""
    pieces, start = [], 0
    for position, end in _data_urls(text):
        pieces.append(text[start : min(end, position + 40)] + "...")
        start = end
    return "".join([*pieces, text[start:]])[:10_000]


def _read_json(text: str, collector: Collector) -> bool:
    before = len(collector.images)
    reader = JsonReader(**collector.bounds.for_json())
    try:
        reader.feed(text.encode())
        collector.take_all(reader.finish())
    except (ReplyError, UnicodeEncodeError):  # it only began like JSON
        return False
    return len(collector.images) > before


def _unfenced(text: str) -> str:
    if text.startswith("```") and text.endswith("```") and (fence := _FENCE.match(text)):
        return text[fence.end() : -3].strip()
    return text


def _embedded(text: str, most: int) -> Iterator[str]:
    """Give the targets of markdown images, of HTML images, and data URLs, in order of appearance."""
    found = {start: target for start, target, is_image in _markdown(text, most) if is_image}
    found |= {start: html.unescape(target) for start, target in _html(text, most)}
    for start, end in _data_urls(text, most):
        found.setdefault(start, text[start:end])
    for _, target in sorted(found.items()):
        yield target


def _linked(text: str, most: int) -> Iterator[str]:
    """Give links that are likely images: by their name, the only one, or else markdown links."""
    urls = list(
        dict.fromkeys(url.rstrip(".,;:!?*_") for _, url in _places(text, _URL, lambda m: m.end(), most))
    )
    named = [url for url in urls if _IMAGE_NAME.search(re.split(r"[?#]", url, maxsplit=1)[0])]
    if named:
        yield from named
    elif len(urls) == 1:
        yield urls[0]
    else:
        for _, target, _ in _markdown(text, most):
            yield target


def _markdown(text: str, most: int) -> Iterator[tuple[int, str, bool]]:
    """Give (position, target, whether it is an image) of ``[label](target)``."""
    before = 0
    for _ in range(most):
        match = _LINK.search(text, before)
        target = match and _TARGET.match(text, match.end())
        if match and target:
            label = text.rfind("[", max(before, match.start() - _LONGEST_LABEL), match.start())
            yield target.start(), target.group(), label > 0 and text[label - 1] == "!"
        if not match:
            return
        before = target.end() if target else match.end()


def _html(text: str, most: int) -> Iterator[tuple[int, str]]:
    """Give (position, address) of ``<img src=...>``."""
    before = 0
    for _ in range(most):
        tag = _IMG.search(text, before)
        if not tag:
            return
        before = tag.end()
        source = _SRC.match(text, before)
        if not source:
            continue
        start = source.end()
        quote = text[start : start + 1]
        if quote in {'"', "'"}:
            start += 1
            end = text.find(quote, start)
            if end < 0:
                return
        else:
            unquoted = _UNQUOTED.match(text, start)
            end = unquoted.end() if unquoted else start
        yield start, text[start:end].strip()
        before = end


def _data_urls(text: str, most: int = limits.LINKS_PER_REPLY) -> Iterator[tuple[int, int]]:
    """Give (start, end) of data URLs that hold an image in base64."""

    def end_of(match: re.Match[str]) -> int:
        inside = _BASE64.match(text, match.end())
        return inside.end() if inside else match.end()

    for start, url in _places(text, _DATA_URL, end_of, most):
        yield start, start + len(url)


def _places(
    text: str, pattern: re.Pattern[str], end_of: Callable[[re.Match[str]], int], most: int
) -> Iterator[tuple[int, str]]:
    """Give (position, text) of what a pattern finds, in a limited number of places."""
    before = 0
    for _ in range(most):
        match = pattern.search(text, before)
        if not match:
            return
        before = end_of(match)
        yield match.start(), text[match.start() : before]
