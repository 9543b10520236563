"""Pictures of a blind test on their way to the page: the pixels, and nothing that tells who drew them."""

from __future__ import annotations

import io
import re
import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from PIL import Image

from imgwidgets.images.pixels import open_image, to_uint8

if TYPE_CHECKING:
    from imgwidgets.images import ResultImage

__all__ = ["Anonymous", "without_traces"]

_KEPT = 6  # pictures that are ready: those of three pairs
# Where drawings say in words what they show.
_WORDS = re.compile(
    rb"<!--.*?-->|<\?(?!xml).*?\?>|<!DOCTYPE[^>]*>"
    rb"|<((?:\w+:)?(?:title|desc|metadata))\b[^>]*?(?:/>|>.*?</\1\s*>)",
    re.DOTALL | re.IGNORECASE,
)
_LABELS = re.compile(rb"""\s(?:id|class|aria-[\w-]+|data-[\w-]+)\s*=\s*("[^"]*"|'[^']*')""")

_workers = ThreadPoolExecutor(max_workers=1, thread_name_prefix="imgwidgets-blind")


def without_traces(image: ResultImage) -> tuple[bytes, str]:
    """Write an image anew, without its metadata: (file, media type).

    Providers write prompt and model into text chunks, EXIF and C2PA manifests, and the format itself
    may give a provider away. The pixels of a still picture are the same afterwards.

    Parameters
    ----------
    image : ResultImage

    Returns
    -------
    (bytes, str)
        A PNG; a GIF or WebP stays one where it moves; an SVG loses the texts that are not drawn.

    Raises
    ------
    ImageInputError
        Where the image is damaged.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> svg = b'<svg width="8" height="8"><title>a fox by model X</title><rect width="8" height="8"/></svg>'
    >>> without_traces(iw.ResultImage(svg))
    (b'<svg width="8" height="8"><rect width="8" height="8"/></svg>', 'image/svg+xml')
    """
    if image.format == "svg":
        drawn = _WORDS.sub(b"", image.bytes)
        # Gradients and clips are found by their id; without references it is only a label.
        return (drawn if b"url(" in drawn or b"href" in drawn else _LABELS.sub(b"", drawn)), image.media_type
    buffer = io.BytesIO()
    if image.frames > 1 and image.format in ("gif", "webp"):
        with Image.open(io.BytesIO(image.bytes)) as moving:
            moving.info.pop("comment", None)
            moving.save(buffer, image.format, save_all=True, exif=b"", xmp=b"", comment=b"", lossless=True)
        return buffer.getvalue(), image.media_type
    still = open_image(image.bytes, what="a picture of the test")
    # The profile of inks or of gray says nothing about the colours that they were converted to.
    profile = still.info.get("icc_profile") if still.mode in ("RGB", "RGBA", "P") else None
    # From bare pixels: whatever else the file said stays behind.
    Image.fromarray(to_uint8(still)).save(buffer, "png", compress_level=1, icc_profile=profile)
    return buffer.getvalue(), "image/png"


class Anonymous:
    """Pictures without traces, made off the main thread; only the latest are kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: OrderedDict[str, Future[tuple[bytes, str]]] = OrderedDict()

    def start(self, name: str, image: ResultImage) -> Future[tuple[bytes, str]]:
        """Give the picture of that name as a future."""
        with self._lock:
            future = self._made.pop(name, None)
            if future is None or future.cancelled():
                future = _workers.submit(without_traces, image)
            self._made[name] = future
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)[1].cancel()
            return future

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            for future in self._made.values():
                future.cancel()
            self._made.clear()
