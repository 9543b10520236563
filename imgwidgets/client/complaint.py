"""What a provider's error says, whatever its shape.

========================================================  ================================================
shape                                                     who sends it
========================================================  ================================================
``{"error": {"message", "type", "param", "code"}}``       OpenAI and its clones
``{"error": {"code", "message", "innererror"}}``          Azure
``{"error": "text"}``, ``{"message": "text"}``            small servers
``{"detail": "text"}``                                    FastAPI: SGLang, Xinference, vLLM-Omni
``{"detail": [{"loc", "msg", "type"}]}``                  FastAPI's validation, fal
``{"success": false, "error": {"message": "{...}"}}``     relays: a provider's JSON inside a string
``{"code", "msg"}``, ``{"errors": [...]}``                gateways
HTML, plain text, nothing                                 proxies and load balancers
========================================================  ================================================
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import msgspec

__all__ = ["Complaint", "read_complaint", "tidy"]

MAX_TEXT = 2_000
"""Characters of a message or a body that are kept."""

_MESSAGES = ("message", "msg", "detail", "error_message", "error_msg", "error_description", "reason", "title")
_INSIDE = ("error", "errors", "detail", "details", "inner_error", "innererror")
_NESTED = 4  # errors inside errors, and JSON inside strings
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,300})", re.IGNORECASE)
_NOT_TEXT = re.compile(r"(?is)<(script|style)\b[^>]{0,500}>.{0,20000}?</\1>|<[^>]{0,2000}>")


class Complaint(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's own words.

    Attributes
    ----------
    message : str
        One paragraph without control characters; empty where nothing was said.
    type, code, param : str or None
        As :class:`~imgwidgets.errors.RequestError` has them.
    stage : str or None
        Of a moderation: ``input``, ``output``, ``unknown``.
    categories : tuple of str
        Of a moderation.
    request_id : str or None
        Where the body holds it.
    structured : bool
        True for JSON of the provider's own, False for a gateway's page.
    body : str
        The start of the reply.
    """

    message: str = ""
    type: str | None = None
    code: str | None = None
    param: str | None = None
    stage: str | None = None
    categories: tuple[str, ...] = ()
    request_id: str | None = None
    structured: bool = False
    body: str = ""


def read_complaint(body: bytes | Any) -> Complaint:
    """Read an error's body.

    Parameters
    ----------
    body : bytes or object
        The reply as it came, or JSON that was parsed already (an event of a stream).

    Examples
    --------
    >>> read_complaint(b'{"error": {"message": "no such size", "param": "size"}}').param
    'size'
    >>> read_complaint(b"<html><title>502 Bad Gateway</title><h1>nginx</h1></html>").message
    '502 Bad Gateway'
    """
    if not isinstance(body, bytes | bytearray):
        text = msgspec.json.encode(body, enc_hook=repr).decode("utf-8", "replace")
        return msgspec.structs.replace(_from_json(body, 0), structured=True, body=text[:MAX_TEXT])
    text = bytes(body[: 16 * MAX_TEXT]).decode("utf-8", "replace")
    start = text[:MAX_TEXT]
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return Complaint(message=_from_page(text), body=start)
    if not isinstance(value, dict | list):
        return Complaint(message=tidy(str(value)), body=start)
    return msgspec.structs.replace(_from_json(value, 0), structured=True, body=start)


def tidy(text: str, limit: int = MAX_TEXT) -> str:
    """Make one printable paragraph of a text that somebody else wrote."""
    text = " ".join(_HIDDEN.sub(" ", text).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _from_page(text: str) -> str:
    if "<" not in text:
        return tidy(text, 500)
    title = _TITLE.search(text)
    return tidy(unescape(title[1] if title else _NOT_TEXT.sub(" ", text)), 300)


def _from_json(value: Any, depth: int) -> Complaint:
    if depth > _NESTED:
        return Complaint()
    if isinstance(value, str):
        return _from_string(value, depth)
    if isinstance(value, list):
        return _from_list(value, depth)
    if not isinstance(value, dict):
        return Complaint()
    return _merged(value, depth)


def _from_string(text: str, depth: int) -> Complaint:
    """Read a message; relays put the provider's whole JSON into it, sometimes behind a few words."""
    brace = text.find("{")
    if 0 <= brace < 200 and text.rstrip().endswith("}"):
        try:
            inner = _from_json(msgspec.json.decode(text[brace:].encode()), depth + 1)
        except (msgspec.DecodeError, RecursionError):
            inner = Complaint()
        if inner.message:
            return inner
    return Complaint(message=tidy(text))


def _from_list(items: list[Any], depth: int) -> Complaint:
    """Read several errors as one: FastAPI tells each missing or wrong field."""
    found = [_from_field(item, depth) for item in items[:8]]
    found = [complaint for complaint in found if complaint.message]
    if not found:
        return Complaint()
    text = tidy("; ".join(dict.fromkeys(complaint.message for complaint in found)))
    return msgspec.structs.replace(found[0], message=text)


def _from_field(item: Any, depth: int) -> Complaint:
    if not (isinstance(item, dict) and isinstance(item.get("loc"), list)):
        return _from_json(item, depth + 1)
    where = [str(part) for part in item["loc"] if part not in ("body", "query")]
    said = tidy(str(item.get("msg") or item.get("type") or "invalid"))
    return Complaint(
        message=f"{'.'.join(where)}: {said}" if where else said,
        param=where[0] if where else None,
        code=_word(item.get("type")),
    )


def _merged(value: dict[Any, Any], depth: int) -> Complaint:
    """Read one object: what it says itself wins, what is inside it fills the gaps."""
    said = next(
        (value[key] for key in _MESSAGES if isinstance(value.get(key), str) and value[key].strip()), ""
    )
    own = _from_string(said, depth) if said else Complaint()
    inner = Complaint()
    for key in _INSIDE:
        found = value.get(key)
        if isinstance(found, dict | list) or (isinstance(found, str) and found and found != said):
            inner = _from_json(found, depth + 1)
            if inner.message or inner.code:
                break
    outermost = isinstance(value.get("error"), dict | list) or isinstance(value.get("detail"), list)
    first, second = (inner, own) if outermost and inner.message else (own, inner)
    moderation = value.get("moderation_details")
    stage = moderation.get("moderation_stage") if isinstance(moderation, dict) else None
    return Complaint(
        message=first.message or second.message,
        type=_word(value.get("type")) if not outermost else inner.type or _word(value.get("type")),
        code=first.code or _code(value) or second.code,
        param=first.param or _word(value.get("param")) or second.param,
        stage=_word(stage) or inner.stage,
        categories=_categories(value, moderation) or inner.categories,
        request_id=_word(value.get("request_id") or value.get("requestId")) or inner.request_id,
    )


def _code(value: dict[Any, Any]) -> str | None:
    code = value.get("code")
    if isinstance(code, int) and not isinstance(code, bool):
        return None if 100 <= code < 600 else str(code)  # an HTTP status once more
    word = _word(code)
    return None if word and word.isdigit() and 100 <= int(word[:4]) < 600 else word


def _categories(value: dict[Any, Any], moderation: Any) -> tuple[str, ...]:
    if isinstance(moderation, dict) and isinstance(moderation.get("categories"), list):
        return tuple(tidy(str(name), 100) for name in moderation["categories"][:20])
    results = value.get("content_filter_results") or value.get("content_filter_result")
    if isinstance(results, dict):  # Azure: {"violence": {"filtered": true, ...}, ...}
        marked = (
            name for name, result in results.items() if isinstance(result, dict) and result.get("filtered")
        )
        return tuple(tidy(str(name), 100) for name in marked)[:20]
    return ()


def _word(value: Any) -> str | None:
    return tidy(value, 200) if isinstance(value, str) and value.strip() else None
