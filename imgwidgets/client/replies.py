"""A decoded reply of any shape becomes images, told apart by its content.

=============  =========================================================  ==============================
shape          what it looks like                                         who answers so
=============  =========================================================  ==============================
``images``     ``data``: a list of ``{"b64_json"}`` or ``{"url"}``        the Images API and its clones
``fal``        ``images`` (or ``image``): ``[{"url", "content_type"}]``   fal, relays
``chat``       ``choices``: see ``chat.py``                               chat routes, kkiai's page
``responses``  ``output``: ``image_generation_call`` items                the Responses API
``task``       ``task_id``, or ``id`` and ``status``, and no image        asynchronous relays
``raw``        an image file, or text                                     Gradio-like servers, gateways
=============  =========================================================  ==============================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.catalog import Usage
from imgwidgets.client.chat import read_choices, read_message, read_text, readable
from imgwidgets.client.found import Collector, FoundImage, plain, text_of
from imgwidgets.client.reader import Blob, JsonReader
from imgwidgets.client.sink import looks_like_image
from imgwidgets.errors import ReplyError

if TYPE_CHECKING:
    from imgwidgets.client.limits import Limits

__all__ = ["FoundImage", "Reply", "read_raw", "read_reply", "read_usage"]

_USAGE = {
    "input_tokens": (("input_tokens",), ("prompt_tokens",)),
    "output_tokens": (("output_tokens",), ("completion_tokens",)),
    "total_tokens": (("total_tokens",),),
    "input_text_tokens": (
        ("input_tokens_details", "text_tokens"),
        ("prompt_tokens_details", "text_tokens"),
    ),
    "input_image_tokens": (
        ("input_tokens_details", "image_tokens"),
        ("prompt_tokens_details", "image_tokens"),
    ),
    "output_image_tokens": (
        ("output_tokens_details", "image_tokens"),
        ("completion_tokens_details", "image_tokens"),
    ),
    "output_text_tokens": (
        ("output_tokens_details", "text_tokens"),
        ("completion_tokens_details", "text_tokens"),
    ),
}
_MOST_TOKENS = 1 << 53
_SENTENCES = ("message", "msg", "detail", "error_message", "errorMessage")
_TASK_KEYS = ("task_id", "taskId")
_FAILED = frozenset({"failed", "failure", "error", "cancelled", "canceled", "expired"})
_SUCCESS_CODES = (0, 200, "0", "200", "success", "ok")
_USED_KEYS = frozenset({"data", "images", "choices", "output", "usage", "created"})


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What a reply holds.

    Attributes
    ----------
    images : tuple of FoundImage
        In the order of the reply; empty for an error, a task, a refusal in words.
    usage : Usage or None
        Tokens, where the reply tells.
    created : int or None
        Seconds since 1970.
    extra : dict
        What else the reply says: ``background``, ``output_format``, ``quality``, ``size``, ``id``, ...
    text : str
        The words of a chat-shaped or textual reply.
    shape : str
        ``images``, ``fal``, ``chat``, ``responses``, ``task`` or ``raw``.
    error : dict, str or None
        The provider's own error in a reply that has no image, whatever its HTTP status.
    problems : tuple of str
        Images that could not be read beside others that could.

    Examples
    --------
    >>> reply = read_reply({"data": [{"b64_json": "R0lGODlh"}], "quality": "low"}, base_url="http://localhost/v1")
    >>> reply.shape, reply.images[0].data, reply.extra
    ('images', b'GIF89a', {'quality': 'low'})
    """

    images: tuple[FoundImage, ...] = ()
    usage: Usage | None = None
    created: int | None = None
    extra: dict[str, Any] = {}
    text: str = ""
    shape: str = "images"
    error: dict[str, Any] | str | None = None
    problems: tuple[str, ...] = ()


def read_reply(value: Any, *, base_url: str, limits: Limits | None = None) -> Reply:
    """Find the images of a reply.

    Parameters
    ----------
    value : object
        What ``JsonReader.finish`` gave.
    base_url : str
        What relative addresses are relative to.
    limits : Limits, optional
        How many images are taken.

    Raises
    ------
    ReplyError
        Where images are there and not one of them can be read.

    Examples
    --------
    >>> read_reply({"error": {"message": "no"}}, base_url="http://localhost/v1").error
    {'message': 'no'}
    """
    if isinstance(value, list):
        value = {"data": value}
    if not isinstance(value, dict):
        collector = Collector(base_url, bounds=limits, once=True)
        return _reply(collector, shape="raw", text=readable("\n".join(read_text(value, collector))))
    named: list[str] = []
    for shape, read in _SHAPES.items():
        collector = Collector(base_url, bounds=limits, once=shape in {"chat", "responses"})
        text = read(value, collector)
        if text is not None:
            named.append(shape)
        if collector.images or collector.problems or text:
            return _reply(collector, shape=shape, text=text or "", value=value)
    return _reply(Collector(base_url), shape=_shape_without_image(value, named), value=value)


def read_raw(data: bytes, media_type: str = "", *, base_url: str = "") -> Reply:
    """Read a body that did not come as JSON: an image file, JSON without its media type, or text.

    Parameters
    ----------
    data : bytes
        The whole body.
    media_type : str
        Its ``Content-Type``; a hint, the content decides.
    base_url : str
        What relative addresses are relative to.

    Examples
    --------
    >>> read_raw(b"GIF89a...", "image/gif").images
    (<FoundImage 9 bytes>,)
    """
    kind = media_type.partition(";")[0].strip().lower()
    start = data[:400].lstrip(b"\xef\xbb\xbf \t\r\n")
    if looks_like_image(data[:16]) or (start.startswith((b"<svg", b"<?xml")) and b"<svg" in data[:4_000]):
        return Reply(images=(FoundImage(data=data, extra={"media_type": kind} if kind else {}),), shape="raw")
    if start[:1] in {b"{", b"["}:
        reader = JsonReader()
        reader.feed(data)
        return read_reply(reader.finish(), base_url=base_url)
    if data and kind.startswith("image/") and start[:1] != b"<":
        return Reply(images=(FoundImage(data=data, extra={"media_type": kind}),), shape="raw")
    collector = Collector(base_url, once=True)
    text = data.decode("utf-8", "replace")
    # A gateway's page has pictures too, and none of them is ours.
    said = [text] if start[:1] == b"<" else read_text(text, collector)
    return _reply(collector, shape="raw", text=readable("\n".join(said)))


def read_usage(value: Any) -> Usage | None:
    """Read the ``usage`` object of a reply or event; chat's names are understood too.

    Examples
    --------
    >>> usage = read_usage({"prompt_tokens": 12, "completion_tokens": 1568, "cost": 0.04})
    >>> usage.input_tokens, usage.output_tokens, usage.extra
    (12, 1568, {'cost': 0.04})
    """
    if not isinstance(value, dict):
        return None
    tokens = {
        field: next((n for path in paths if (n := _count(_at(value, path))) is not None), None)
        for field, paths in _USAGE.items()
    }
    used = {path[0] for paths in _USAGE.values() for path in paths}
    extra = {str(key): plain(item) for key, item in value.items() if key not in used}
    if not extra and all(number is None for number in tokens.values()):
        return None
    return Usage(**tokens, extra=extra)


def _read_images(value: dict[str, Any], collector: Collector) -> str | None:
    if not isinstance(value.get("data"), list | dict | str | Blob):
        return None
    collector.take_all(value["data"])
    return ""


def _read_fal(value: dict[str, Any], collector: Collector) -> str | None:
    for key in ("images", "image"):
        if isinstance(value.get(key), list | dict | str | Blob):
            collector.take_all(value[key])
            return ""
    return None


def _read_chat(value: dict[str, Any], collector: Collector) -> str | None:
    if isinstance(value.get("choices"), list):
        return read_choices(value["choices"], collector)
    if isinstance(value.get("message"), dict):  # one message without its choice
        return readable("\n".join(read_message(value["message"], collector)))
    return None


def _read_responses(value: dict[str, Any], collector: Collector) -> str | None:
    """Read the Responses API's output items; a plain list of addresses is understood too."""
    output = value.get("output")
    if not isinstance(output, list):
        return None
    texts: list[str] = []
    for item in output:
        if not isinstance(item, dict) or item.get("type") != "message":
            collector.take(item)
        else:
            texts += read_message(item, collector)
    return readable("\n".join(texts))


def _read_item(value: dict[str, Any], collector: Collector) -> str | None:
    """Read an image that is the whole reply, or is wrapped in ``result``, ``response``, ``output``."""
    if value.get("error") or any(key in value for key in _TASK_KEYS):
        return None
    collector.take_all(value)
    return "" if collector.images or collector.problems else None


_SHAPES = {
    "images": _read_images,
    "fal": _read_fal,
    "chat": _read_chat,
    "responses": _read_responses,
    "item": _read_item,
}


def _shape_without_image(value: dict[str, Any], named: list[str]) -> str:
    if named and value.get("data") != []:
        return named[0]
    return "task" if _is_task(value) else "images"


def _is_task(value: dict[str, Any]) -> bool:
    return any(key in value for key in _TASK_KEYS) or ("id" in value and "status" in value)


def _reply(collector: Collector, *, shape: str, text: str = "", value: dict[str, Any] | None = None) -> Reply:
    value = value or {}
    error = None if collector.images else _error(value)
    if not collector.images and error is None and collector.problems:
        raise ReplyError(f"The reply holds no readable image: {collector.problems[0]}", body=_start(value))
    created = _count(value.get("created"))
    unused = {key: item for key, item in value.items() if key not in _USED_KEYS}
    if shape == "item":  # the image is the reply itself: what is beside it belongs to the image
        unused = {}
    return Reply(
        images=tuple(collector.images),
        usage=read_usage(value.get("usage")),
        created=created if created is not None else _count(value.get("created_at")),
        extra={str(key): plain(item) for key, item in unused.items() if item is not None},
        text=text,
        shape="images" if shape == "item" else shape,
        error=error,
        problems=tuple(collector.problems),
    )


def _error(value: dict[str, Any]) -> dict[str, Any] | str | None:
    """Find the error of a reply without images, in any of the shapes that providers use."""
    error = value.get("error")
    for where in ("data", "images", "choices", "output"):
        items = value.get(where)
        for item in items if isinstance(items, list) else ():
            if not error and isinstance(item, dict):
                error = item.get("error")
    if isinstance(error, dict | str) and error:
        cleaned: dict[str, Any] | str = plain(error)
        return cleaned
    said = any(isinstance(value.get(key), str | list) and value[key] for key in _SENTENCES)
    failed = value.get("success") is False or str(value.get("status")).lower() in _FAILED
    fine = _is_task(value) or "choices" in value or value.get("code") in _SUCCESS_CODES
    if error or failed or (said and not fine):
        return {str(key): plain(item) for key, item in value.items()}
    return None


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _count(value: Any) -> int | None:
    """Give a number of tokens or seconds, where a value is one."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST_TOKENS:
        return None
    return int(value)


def _start(value: dict[str, Any]) -> str:
    return text_of(repr(plain(value)))[:2_000]
