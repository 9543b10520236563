"""Every bound on what a server may send us, in one place.

A reply comes from another machine, so nothing in it may decide how much memory or time we spend.
The constants are the defaults; ``Limits`` carries them, and a user who needs more passes their own.
"""

from __future__ import annotations

import msgspec

__all__ = ["Limits"]

REPLY_BYTES = 1 << 30
"""A whole reply: ten 4K PNGs in base64 are about 440 MB."""

IMAGE_BYTES = 128 << 20
"""One decoded image file: an incompressible 3840 x 2160 RGBA PNG is 33 MB."""

TEXT_BYTES = 64 << 20
"""All of a JSON reply that is not an image: prompts, markdown with embedded data URLs."""

STRUCTURE_BYTES = 1 << 20
"""Brackets, commas, quotes and numbers of a JSON reply: each may cost 60 bytes of Python objects."""

JSON_DEPTH = 64
"""Nested arrays and objects: the deepest documented reply has 8 levels."""

EVENT_BYTES = 256 << 20
"""One server-sent event: a partial image in base64."""

STREAM_BYTES = 2 << 30
"""All events of one stream: partial images and the last one."""

STREAM_LINES = 1_000_000
"""Lines of one stream: half an hour of keep-alive comments has a few thousand."""

BODY_CHARACTERS = 2_000
"""The start of a reply that is kept on the exception."""

PIXELS = 100_000_000
"""Width times height of an image that is decoded for display: 60 kB of PNG can claim far more."""

IMAGES_PER_REPLY = 100
"""Images taken from one reply; ten is the most that any documented endpoint gives."""

URL_CHARACTERS = 8_000
"""One image link: signed URLs of cloud storage have 1,000 to 2,000."""

LINKS_PER_REPLY = 1_000
"""Places in a chat reply that are looked at as a possible image link."""

URLS_PER_REPLY = 32
"""Image links of one reply that are fetched."""

CONCURRENT_FETCHES = 4
"""Image links that are fetched side by side."""

REDIRECTS = 3
"""Redirects that are followed for one image link."""

CONNECT_SECONDS = 15.0
"""Until a connection stands."""

FETCH_SECONDS = 120.0
"""For one image link, from the first byte sent to the last byte received."""

SILENCE_SECONDS = 60.0
"""Between two bytes of an image that is being fetched."""

REPLY_SECONDS = 1_800.0
"""For one whole reply or stream, however slowly it drips."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a reply is taken before it is refused.

    Attributes
    ----------
    reply_bytes, image_bytes, text_bytes, structure_bytes : int
        Bytes of a whole reply, of one decoded image, of all text that is not an image, and of JSON
        punctuation and numbers.
    json_depth : int
        Nested arrays and objects.
    event_bytes, stream_bytes, stream_lines : int
        Bytes of one server-sent event; bytes and lines of all of them.
    pixels : int
        Width times height of an image that is decoded.
    images_per_reply, links_per_reply, urls_per_reply : int
        Images taken, possible links looked at, links fetched.
    concurrent_fetches, redirects : int
        Links fetched side by side; redirects followed for each.
    connect_seconds, fetch_seconds, silence_seconds, reply_seconds : float
        Seconds until a connection stands, for one link, between two bytes, for one whole reply.

    Examples
    --------
    >>> from imgwidgets.client.limits import Limits
    >>> Limits(image_bytes=8 << 20).image_bytes
    8388608
    >>> Limits().json_depth
    64
    """

    reply_bytes: int = REPLY_BYTES
    image_bytes: int = IMAGE_BYTES
    text_bytes: int = TEXT_BYTES
    structure_bytes: int = STRUCTURE_BYTES
    json_depth: int = JSON_DEPTH
    event_bytes: int = EVENT_BYTES
    stream_bytes: int = STREAM_BYTES
    stream_lines: int = STREAM_LINES
    pixels: int = PIXELS
    images_per_reply: int = IMAGES_PER_REPLY
    links_per_reply: int = LINKS_PER_REPLY
    urls_per_reply: int = URLS_PER_REPLY
    concurrent_fetches: int = CONCURRENT_FETCHES
    redirects: int = REDIRECTS
    connect_seconds: float = CONNECT_SECONDS
    fetch_seconds: float = FETCH_SECONDS
    silence_seconds: float = SILENCE_SECONDS
    reply_seconds: float = REPLY_SECONDS

    def for_json(self) -> dict[str, int]:
        """Give the keywords of ``JsonReader``.

        Examples
        --------
        >>> Limits(json_depth=8).for_json()["max_depth"]
        8
        """
        return {
            "max_bytes": self.reply_bytes,
            "max_image_bytes": self.image_bytes,
            "max_depth": self.json_depth,
            "max_text_bytes": self.text_bytes,
            "max_structure_bytes": self.structure_bytes,
            "max_images": self.images_per_reply,
        }
