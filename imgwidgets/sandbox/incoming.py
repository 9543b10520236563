"""A request's body, read within bounds: JSON or a form, as plain values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from imgwidgets.sandbox.bounds import MAX_BODY_BYTES, MAX_FIELDS, MAX_FILES, MAX_NESTING, MAX_TEXT_BYTES
from imgwidgets.sandbox.refusal import Refusal

if TYPE_CHECKING:
    from starlette.types import Message, Receive

__all__ = ["Incoming", "Part", "parse_json", "read_form", "receive_json"]

_NESTED = re.compile(r"\[([^\[\]]*)\]")


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a form, as it was sent; nothing about it is believed yet."""

    field: str
    filename: str
    content_type: str
    data: bytes

    def __repr__(self) -> str:
        return f"<Part {self.field} {self.content_type} {len(self.data):,} bytes>"


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """A body that was read.

    Attributes
    ----------
    kind : str
        ``json`` or ``multipart``.
    fields : dict
        The JSON object, or the text fields; ``svg[model]`` of a form is ``{"svg": {"model": ...}}``.
    files : tuple of Part
        The files of a form.
    names : tuple of str
        Names of the fields as they came, repeated ones repeated.
    """

    kind: str
    fields: dict[str, Any]
    files: tuple[Part, ...] = ()
    names: tuple[str, ...] = ()


def _bounded(request: Request, limit: int) -> Request:
    """Give the same request with a body that ends in a 413 where it is too long."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > limit:
        raise _too_large(limit)
    receive, seen = request.receive, 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _too_large(limit)
        return message

    bounded: Receive = counted
    return Request(request.scope, bounded)


def _too_large(limit: int) -> Refusal:
    return Refusal(
        f"Maximum content size limit ({limit}) exceeded: send smaller or fewer images.",
        status=413,
        code="request_too_large",
    )


async def receive_json(request: Request, *, limit: int = MAX_BODY_BYTES) -> bytes:
    """Give the body's bytes.

    Raises
    ------
    Refusal
        413, where there are more than `limit`.
    """
    return await _bounded(request, limit).body()


def parse_json(body: bytes) -> Incoming:
    """Read a JSON object.

    Raises
    ------
    Refusal
        400, where it is none.
    """
    try:
        value = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Refusal(
            "We could not parse the JSON body of your request. (HINT: This likely means you aren't using "
            f"your HTTP library correctly. The API expects a JSON payload. {error})"
        ) from error
    if not isinstance(value, dict):
        raise Refusal("The JSON body of a request must be an object.", code="invalid_type")
    return Incoming(kind="json", fields=value, names=tuple(value))


async def read_form(request: Request, *, limit: int = MAX_BODY_BYTES) -> Incoming:
    """Read a multipart form.

    Raises
    ------
    Refusal
        413 where it is too long, 400 where it cannot be read or a plain field is repeated.
    """
    texts: list[tuple[str, str]] = []
    files: list[Part] = []
    names: list[str] = []
    try:
        async with _bounded(request, limit).form(
            max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=MAX_TEXT_BYTES
        ) as form:
            for name, value in form.multi_items():
                names.append(name)
                if isinstance(value, UploadFile):
                    files.append(
                        Part(
                            field=name,
                            filename=value.filename or "",
                            content_type=(value.content_type or "").partition(";")[0].strip().lower(),
                            data=await value.read(),
                        )
                    )
                else:
                    texts.append((name, value))
    except HTTPException as error:
        raise Refusal(f"We could not parse the form of your request: {error.detail}") from error
    return Incoming(kind="multipart", fields=_nested(texts), files=tuple(files), names=tuple(names))


def _nested(texts: list[tuple[str, str]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, text in texts:
        head, bracket, _ = name.partition("[")
        keys = _NESTED.findall(name[len(head) :]) if bracket else []
        if len(keys) > MAX_NESTING:
            raise Refusal(
                f"Invalid field name: '{name[:80]}' is nested too deeply.", param=head, code="invalid_value"
            )
        at, key = fields, head
        for deeper in keys:
            if deeper == "" or deeper.isdecimal():
                break
            below = at.setdefault(key, {})
            if not isinstance(below, dict):
                raise duplicate(head)
            at, key = below, deeper
        if keys and (keys[-1] == "" or keys[-1].isdecimal()):
            listed = at.setdefault(key, [])
            if not isinstance(listed, list):
                raise duplicate(head)
            listed.append(text)
        elif key in at:
            raise duplicate(name)
        else:
            at[key] = text
    return fields


def duplicate(name: str) -> Refusal:
    """Give the answer to a repeated plain field."""
    return Refusal(
        f"Duplicate parameter: '{name}'. You provided multiple values for this parameter, whereas only one "
        f"is allowed. If you are trying to provide a list of values, use the array syntax instead e.g. "
        f"'{name}[]=<value>'.",
        param=name,
        code="duplicate_parameter",
    )
