"""Good replies made bad: each function takes a reply and gives a spoilt one (see ``faults.py``)."""

from __future__ import annotations

import functools
import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

import msgspec
import pybase64
from PIL import Image

from imgwidgets.sandbox.inputs import REDIRECT_NAME
from imgwidgets.sandbox.pieces import Inline

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgwidgets.sandbox.replies import Reply

__all__: list[str] = []

_MANY = 10_000
_BOMB_EDGE = 8_000


def _changed(reply: Reply, **content: Any) -> Reply:
    """Change keys of a JSON reply; replies of other shapes are left alone."""
    if not isinstance(reply.content, dict):
        return reply
    return msgspec.structs.replace(reply, content={**reply.content, **content})


def _entries(reply: Reply) -> list[dict[str, Any]]:
    entries = reply.content.get("data") if isinstance(reply.content, dict) else None
    return entries if isinstance(entries, list) else []


def _each(reply: Reply, change: Callable[[bytes], Any]) -> Reply:
    """Replace every ``b64_json`` by what `change` makes of its bytes."""
    entries = [
        {**entry, "b64_json": change(entry["b64_json"].parts[0])} if "b64_json" in entry else entry
        for entry in _entries(reply)
    ]
    return _changed(reply, data=entries) if entries else reply


def _base64(data: bytes) -> str:
    return pybase64.b64encode(data).decode()


def truncated(reply: Reply) -> Reply:
    """Leave out the last third of each picture, in the middle of a group of four characters."""
    return _each(reply, lambda data: _base64(data)[: len(data) * 8 // 9 // 4 * 4 + 1])


def line_breaks(reply: Reply) -> Reply:
    """Break base64 into lines of 76."""
    return _each(reply, lambda data: pybase64.encodebytes(data).decode())


def url_safe(reply: Reply) -> Reply:
    """Use the URL-safe alphabet, without padding."""
    return _each(reply, lambda data: pybase64.urlsafe_b64encode(data).decode().rstrip("="))


def data_prefix(reply: Reply) -> Reply:
    """Put a data URL where bare base64 belongs."""
    return _each(reply, lambda data: Inline(("data:image/png;base64,", data)))


def rubbish(reply: Reply) -> Reply:
    """Put characters that are not base64 into the middle."""

    def change(data: bytes) -> str:
        text = _base64(data)
        return f"{text[: len(text) // 2]}\u00e9 <!> {text[len(text) // 2 :]}"

    return _each(reply, change)


def key_order(reply: Reply) -> Reply:
    """Write unknown keys first and ``data`` last."""
    if not isinstance(reply.content, dict):
        return reply
    rest = {key: value for key, value in reply.content.items() if key != "data"}
    strange = {
        "request": {"prompt": 'a "quoted" \\ text', "data": [{"b64_json": "bm90IGFuIGltYWdl"}]},
        "padding": "x" * 100_000,
    }
    entries = [{"generation_id": "gen_1", **entry} for entry in _entries(reply)]
    return msgspec.structs.replace(reply, content={**strange, **rest, "data": entries})


def no_images(reply: Reply) -> Reply:
    """Answer with an empty list."""
    return _changed(reply, data=[])


def null_data(reply: Reply) -> Reply:
    """Answer with null instead of a list."""
    return _changed(reply, data=None)


def extra_image(reply: Reply) -> Reply:
    """Add a picture that nobody asked for."""
    entries = _entries(reply)
    return _changed(reply, data=[*entries, *entries[:1]]) if entries else reply


def fewer_images(reply: Reply) -> Reply:
    """Keep only the first picture."""
    return _changed(reply, data=_entries(reply)[:1]) if _entries(reply) else reply


def _saved(picture: Image.Image, file_format: str) -> bytes:
    target = io.BytesIO()
    picture.save(target, file_format)
    return target.getvalue()


def wrong_format(reply: Reply) -> Reply:
    """Send a JPEG, or a PNG where a JPEG was promised."""

    def change(data: bytes) -> Inline:
        with Image.open(io.BytesIO(data)) as picture:
            other = "PNG" if picture.format == "JPEG" else "JPEG"
            return Inline((_saved(picture.convert("RGB"), other),))

    return _each(reply, change)


def wrong_size(reply: Reply) -> Reply:
    """Send half the width and height, and promise the whole."""

    def change(data: bytes) -> Inline:
        with Image.open(io.BytesIO(data)) as picture:
            return Inline((_saved(picture.reduce(2), picture.format or "PNG"),))

    return _each(reply, change)


@functools.cache
def bomb() -> bytes:
    """Give a PNG of 64 million grey pixels in about 60 kB."""
    deflate = zlib.compressobj(9)
    row = b"\0" * (_BOMB_EDGE + 1)
    packed = b"".join([*(deflate.compress(row) for _ in range(_BOMB_EDGE)), deflate.flush()])
    header = struct.pack(">IIBBBBB", _BOMB_EDGE, _BOMB_EDGE, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", packed), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def pixel_bomb(reply: Reply) -> Reply:
    """Send a small file that is a very large picture."""
    return _each(reply, lambda _data: Inline((bomb(),)))


def not_an_image(reply: Reply) -> Reply:
    """Send a text where a picture belongs."""
    return _each(reply, lambda _data: Inline((b"this is not a picture, but it is valid base64",)))


def svg_script(reply: Reply) -> Reply:
    """Send an SVG that would run a script and load a picture from elsewhere."""
    svg = (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" onload="alert(1)">'
        b"<script>alert(1)</script><image href='http://elsewhere.invalid/x.png'/>"
        b'<rect width="64" height="64" fill="red"/></svg>'
    )
    return _each(reply, lambda _data: Inline((svg,)))


def linking(url: str) -> Callable[[Reply], Reply]:
    """Send a fixed URL instead of each picture."""

    def change(reply: Reply) -> Reply:
        entries = _entries(reply)
        return _changed(reply, data=[{"url": url} for _ in entries]) if entries else reply

    return change


def _with_urls(reply: Reply, change: Callable[[str], str]) -> Reply:
    entries = [
        {**entry, "url": change(entry["url"])} if "url" in entry else entry for entry in _entries(reply)
    ]
    return _changed(reply, data=entries) if entries else reply


def expired_url(reply: Reply) -> Reply:
    """Point to a result that is no longer there."""
    return _with_urls(reply, lambda url: f"{url.rpartition('/')[0]}/expired.png")


def redirecting_url(reply: Reply) -> Reply:
    """Point to the sandbox's own redirect to a link-local address."""
    return _with_urls(reply, lambda url: f"{url.rpartition('/')[0]}/{REDIRECT_NAME}")


def many_links(reply: Reply) -> Reply:
    """Put 10,000 links into a chat reply."""
    choices = reply.content.get("choices") if isinstance(reply.content, dict) else None
    if not choices:
        return reply
    said = "\n".join(f"![{n}](http://elsewhere.invalid/{n}.png)" for n in range(_MANY))
    message = {"role": "assistant", "content": said}
    return _changed(reply, choices=[{**choices[0], "message": message}])
