"""One file behind an address of a reply or a request, as its bytes are fed in; it does no I/O itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from imgwidgets.client.complaint import read_complaint
from imgwidgets.client.flight import Timeouts
from imgwidgets.errors import ReplyError, RequestError
from imgwidgets.images.header import sniff

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imgwidgets.client.limits import Limits
    from imgwidgets.client.replies import Reply

__all__ = ["Download", "addresses_in", "download_timeouts", "filled"]

_MOVED = frozenset({301, 302, 303, 307, 308})
_ERROR_BYTES = 4_096


def download_timeouts(limits: Limits) -> Timeouts:
    """Give how long one file may take."""
    return Timeouts(connect=limits.connect_seconds, read=limits.silence_seconds, total=limits.fetch_seconds)


class Download:
    """Reads one file.

    Parameters
    ----------
    url : str
        Where it is, for messages.
    status : int
        Of the reply.
    headers : mapping
        Of the reply, with lower-case names.
    limits : Limits
        How large it may be.
    """

    def __init__(self, url: str, status: int, headers: Mapping[str, str], limits: Limits) -> None:
        self._url = url
        self._status = status
        self._headers = headers
        self._most = limits.image_bytes if 200 <= status < 300 else _ERROR_BYTES
        self._data = bytearray()

    @property
    def moved_to(self) -> str | None:
        """Where the file is instead."""
        return self._headers.get("location") if self._status in _MOVED else None

    def feed(self, chunk: bytes) -> bool:
        """Take the next bytes; say whether more are wanted."""
        self._data += chunk
        if len(self._data) <= self._most:
            return True
        if self._status < 300:
            raise self._error(f"it has more than {self._most:,} bytes")
        return False

    def finish(self) -> bytes:
        """Give the file.

        Raises
        ------
        ReplyError
            Where it is none, or no image.
        """
        if not 200 <= self._status < 300:
            said = read_complaint(bytes(self._data)).message[:300]
            gone = " (such addresses expire)" if self._status in (403, 404, 410) else ""
            raise self._error(f"the server answered {self._status}{gone}{': ' + said if said else ''}")
        data = bytes(self._data)
        if not sniff(data).format:
            raise self._error(f"its {len(data):,} bytes are no image (they begin with {data[:12]!r})")
        return data

    def _error(self, reason: str) -> ReplyError:
        return ReplyError(
            f"the picture at {self._url[:300]} could not be fetched: {reason}",
            status=self._status,
            body=bytes(self._data[:2_000]).decode("utf-8", "replace"),
            maybe_billed=True,
        )


def addresses_in(reply: Reply, limits: Limits) -> tuple[str, ...]:
    """Give the addresses to be fetched, each once, as many as are allowed."""
    urls = dict.fromkeys(image.url for image in reply.images if image.data is None and image.url)
    return tuple(urls)[: limits.urls_per_reply]


def filled(reply: Reply, files: Mapping[str, bytes | RequestError], request_id: str | None) -> Reply:
    """Put fetched files in the place of their addresses.

    A picture that could not be fetched becomes a note, unless none is left: then its error is raised.
    """
    images, problems = [], list(reply.problems)
    failed: Sequence[RequestError] = [file for file in files.values() if isinstance(file, RequestError)]
    for image in reply.images:
        if image.data is not None:
            images.append(image)
            continue
        file = files.get(image.url or "")
        if isinstance(file, bytes):
            images.append(msgspec.structs.replace(image, data=file, extra={**image.extra, "url": image.url}))
        elif file is not None:
            problems.append(str(file))
        else:
            problems.append(f"the picture at {str(image.url)[:300]} was not fetched: too many addresses")
    if not images and failed:
        failed[0].maybe_billed = True
        failed[0].request_id = failed[0].request_id or request_id
        raise failed[0]
    return msgspec.structs.replace(reply, images=tuple(images), problems=tuple(problems))
