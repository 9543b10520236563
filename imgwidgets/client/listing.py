"""Small JSON answers: uploads and lists of models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgwidgets.client.found import plain
from imgwidgets.client.reader import JsonReader
from imgwidgets.errors import ReplyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgwidgets.client.failure import Failure

__all__ = ["Answer", "file_id_of", "rows_of"]

_MOST_BYTES = 8 << 20


class Answer:
    """Reads one small answer, as its bytes are fed in.

    Parameters
    ----------
    status : int
        Of the reply.
    headers : mapping
        Of the reply, with lower-case names.
    failure : Failure
        Makes exceptions of what went wrong.
    """

    def __init__(self, status: int, headers: Mapping[str, str], failure: Failure) -> None:
        self._status = status
        self._headers = headers
        self._failure = failure
        self._data = bytearray()

    def feed(self, chunk: bytes) -> bool:
        """Take the next bytes; say whether more are wanted."""
        self._data += chunk
        return len(self._data) <= _MOST_BYTES

    def finish(self) -> Any:
        """Give the parsed answer.

        Raises
        ------
        RequestError
            Where it is an error, or no JSON.
        """
        body = bytes(self._data)
        if not 200 <= self._status < 300:
            raise self._failure.from_reply(self._status, self._headers, body)
        if len(body) > _MOST_BYTES:
            raise ReplyError(f"the answer has more than {_MOST_BYTES:,} bytes", status=self._status)
        reader = JsonReader(max_bytes=_MOST_BYTES)
        try:
            reader.feed(body)
            value = reader.finish()
        except ReplyError as error:
            error.status = self._status
            raise
        if isinstance(value, dict) and value.get("error"):
            raise self._failure.from_payload(plain(value), self._status, self._headers)
        return plain(value)


def file_id_of(value: Any) -> str:
    """Find the id of an upload's answer."""
    found = value.get("id") or value.get("file_id") if isinstance(value, dict) else None
    if not isinstance(found, str) or not found:
        raise ReplyError("the answer to the upload names no file id", body=str(value)[:2_000])
    return found


def rows_of(value: Any) -> list[dict[str, Any]]:
    """Find the rows of a list of models."""
    rows = value.get("data", value.get("models")) if isinstance(value, dict) else value
    if not isinstance(rows, list):
        raise ReplyError("the answer is no list of models", body=str(value)[:2_000])
    named = [row if isinstance(row, dict) else {"id": str(row)} for row in rows]
    return sorted(named, key=lambda row: str(row.get("id")))
