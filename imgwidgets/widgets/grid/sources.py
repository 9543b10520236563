"""Pictures that a grid is given as a path, an array, a PIL image or a URL: read off the main thread."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from imgwidgets.client.download import Download, download_timeouts
from imgwidgets.client.fetch import Guard
from imgwidgets.client.limits import Limits
from imgwidgets.client.transport import Transport
from imgwidgets.errors import ReplyError
from imgwidgets.images import ResultImage, to_input
from imgwidgets.widgets import text

if TYPE_CHECKING:
    from concurrent.futures import Future

    from imgwidgets.widgets.grid.items import Item

__all__ = ["start"]

_readers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="imgwidgets-read")
_LIMITS = Limits()


def start(item: Item) -> Future[ResultImage]:
    """Begin to read what an item's image comes from.

    The future raises ImageInputError, ReplyError or OSError where that cannot be.
    """
    return _readers.submit(_read, item.source, item.title)


def _read(source: Any, title: str) -> ResultImage:
    given = to_input(source, what=text.one_line(title, 60) or "this image")
    if given.file_id is not None:
        raise ReplyError(f"the picture {text.one_line(given.file_id, 80)} is at the provider, not here")
    data = _fetched(given.url or "") if given.data is None else given.data
    return ResultImage(data, prompt=title)


def _fetched(url: str) -> bytes:
    """Fetch a picture that the person named: from there, and from nowhere that it points to at home.

    The browser never asks for it: that would tell a stranger who looks at which notebook, and when.
    """
    guard, timeouts = Guard(url), download_timeouts(_LIMITS)
    transport = Transport()
    try:
        target = guard.check(url)
        for _ in range(_LIMITS.redirects + 1):
            with transport.get(target, {}, timeouts) as response:
                download = Download(url, response.status, response.headers, _LIMITS)
                if download.moved_to is None:
                    with contextlib.closing(response.chunks()) as chunks:
                        for chunk in chunks:
                            if not download.feed(chunk):
                                break
                    return download.finish()
                target = guard.redirect(target.url, download.moved_to)
    finally:
        transport.close()
    raise ReplyError(f"the picture at {url[:300]} could not be fetched: too many redirects")
