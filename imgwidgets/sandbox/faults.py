r"""Everything that can go wrong, on request.

``Sandbox(faults=["rate_limit", None, "cut_in_reply"])`` gives one entry to each request for images, in
order; None (or an empty text) answers normally, and so does every request after the last entry.
``Sandbox(faults="overloaded")`` gives it to all. A function ``fault(number, arrival)`` decides for
itself. The header ``X-Sandbox-Fault: name`` asks for one in a single request.

Faults that answer at once (no picture is drawn):

======================  ===================================================================================
name                    the answer
======================  ===================================================================================
unauthorized            401, ``invalid_api_key``
forbidden               403, the organization must be verified
model_not_found         404, ``model_not_found``
not_found_html          404, a web page
conflict                409, a JSON error
duplicate_parameter     400, ``duplicate_parameter`` for ``image``
missing_field           422, ``detail`` with a list, as FastAPI servers answer
detail_text             400, ``detail`` with a text
error_text              400, ``error`` with a text
nested_error            400, another provider's JSON error as text inside ``error.message``
moderation_input        400, ``moderation_blocked`` at the input stage
moderation_output       400, ``moderation_blocked`` at the output stage, with categories
rate_limit              429, ``rate_limit_exceeded``, ``Retry-After: 1``
rate_limit_text         429, the wait only in the message, "in 250ms"
rate_limit_date         429, ``Retry-After`` as a date
retry_after_year        429, ``Retry-After`` of a year
quota                   429, ``insufficient_quota``
server_error            500, a JSON error
bad_gateway             502, a proxy's web page
overloaded              503, a JSON error that says overloaded
unavailable_html        503, a proxy's web page
gateway_timeout         504, a proxy's web page
html_200                200, a web page
error_200               200, a JSON error
empty_body              200, nothing
not_json                200, text that is no JSON
deep_nesting            200, 100,000 brackets
nan                     200, ``NaN`` and numbers of a thousand digits
ansi_message            400, a message with control characters, ANSI codes, HTML and a very long line
task                    200, a ``task_id`` and no picture
redirect_elsewhere      307 to another host
redirect_file           307 to a ``file:`` address
redirect_private        307 to 169.254.169.254
======================  ===================================================================================

Faults of the connection:

======================  ===================================================================================
cut_before_reply        the picture is drawn, then the connection is closed without an answer
reset_before_reply      the same with a reset
hang                    the picture is drawn, no answer ever comes
cut_in_reply            the connection is closed in the middle of the answer
reset_in_reply          the same with a reset
hang_in_reply           the answer stops in the middle
slow_drip               the answer takes two seconds, in forty pieces
endless_body            an answer of unknown length that never ends
huge_body               an answer of 2 GiB
======================  ===================================================================================

Faults of the reply (a picture is drawn, the reply is spoilt):

======================  ===================================================================================
truncated_json          the reply's second half is missing, with a correct length
truncated_base64        the picture's last third is missing
base64_line_breaks      base64 in lines of 76
base64_url_safe         base64 in the URL-safe alphabet, unpadded
base64_data_prefix      ``b64_json`` that starts with ``data:image/png;base64,``
base64_rubbish          characters that are not base64 among it
escaped_slashes         every ``/`` written as ``\/``
key_order               ``data`` last, unknown keys, large values before it
no_images               ``data`` is empty
null_data               ``data`` is null
extra_image             one picture more than asked
fewer_images            only the first picture
wrong_format            another file format than promised
wrong_size              half the size that was asked
pixel_bomb              a PNG of 64 million pixels in 60 kB
not_an_image            base64 of a text
svg_script              an SVG with a script in it
expired_url             a URL whose time is over
url_elsewhere           a URL on a host that does not exist
url_private             a URL on 169.254.169.254
url_file                a ``file:`` address
url_redirect            a URL of the sandbox that redirects to 169.254.169.254
many_links              a chat reply with 10,000 links
======================  ===================================================================================

Faults of a stream (other requests are answered normally):

======================  ===================================================================================
error_in_stream         an error event after the first partial
cut_in_stream           the connection is closed after the first partial
garbage_in_stream       an event that is no JSON after the first partial
endless_stream          the first partial, again and again
no_partials             only the completed event
fewer_partials          at most one partial
data_only_stream        no ``event:`` lines, ``[DONE]`` at the end
bare_stream             only ``type``, the picture and its index or usage
bad_index               partials whose index is a path
plain_reply_to_stream   a plain JSON reply
======================  ===================================================================================
"""

from __future__ import annotations

import difflib
import email.utils
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.sandbox import spoil
from imgwidgets.sandbox.refusal import error_body
from imgwidgets.sandbox.stream import StreamFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from imgwidgets.sandbox.log import Arrival
    from imgwidgets.sandbox.replies import Reply

__all__ = ["FAULTS", "Fault", "Faults"]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that goes wrong.

    Attributes
    ----------
    status : int
        Not 0: answered at once, with ``content`` and ``headers``.
    content : object
        A JSON value, or bytes that are sent as they are.
    media_type : str
        Of ``content``.
    headers : dict
        Added to the answer; a callable value is called when it is sent.
    connection : str
        A key of ``sending.CONNECTIONS``.
    spoil : callable or None
        Makes a spoilt reply of a good one.
    raw : callable or None
        Makes spoilt bytes of the whole body.
    stream : StreamFault or None
        For streams only.
    plain : bool
        True: a request for a stream gets a plain reply.
    reply : str
        A reply shape to use.
    """

    status: int = 0
    content: Any = b""
    media_type: str = "application/json"
    headers: dict[str, Any] = {}
    connection: str = ""
    spoil: Callable[[Reply], Reply] | None = None
    raw: Callable[[bytes], bytes] | None = None
    stream: StreamFault | None = None
    plain: bool = False
    reply: str = ""


def _error(status: int, message: str, *, headers: dict[str, Any] | None = None, **words: Any) -> Fault:
    return Fault(status=status, content=error_body(message, **words), headers=headers or {})


def _page(status: int, title: str) -> Fault:
    page = (
        f"<!DOCTYPE html>\n<html>\n<head><title>{title}</title></head>\n<body>\n"
        f"<center><h1>{title}</h1></center>\n<hr><center>cloudproxy</center>\n</body>\n</html>\n"
    )
    return Fault(status=status, content=page.encode(), media_type="text/html")


def _http_date_in_two_seconds() -> str:
    return email.utils.formatdate(time.time() + 2, usegmt=True)


_SLOW_DOWN: dict[str, Any] = {"type": "requests", "code": "rate_limit_exceeded"}
_BLOCKED: dict[str, Any] = {"type": "image_generation_user_error", "code": "moderation_blocked"}
_LIMIT = "Rate limit reached for images per min (limit: 5/1min). Please try again in "
_SAFETY = "Your request was rejected by the safety system. If you believe this is an error, contact support."
_HOSTILE = (
    "\x1b[2J\x1b[31mred\x1b[0m \x07 \r\n<script>alert(1)</script> <img src=x onerror=alert(1)> "
    "\u202egnp.exe \x00 [link](javascript:alert(1)) " + "A" * 5000
)
_OPENAI_KEYS = "You can find your API key in your account settings."

FAULTS: dict[str, Fault] = {
    # answered at once
    "unauthorized": _error(401, f"Incorrect API key provided. {_OPENAI_KEYS}", code="invalid_api_key"),
    "forbidden": _error(403, "Your organization must be verified to use this model."),
    "model_not_found": _error(
        404,
        "The model does not exist or you do not have access to it.",
        param="model",
        code="model_not_found",
    ),
    "not_found_html": _page(404, "404 Not Found"),
    "conflict": _error(
        409, "The request conflicts with another one that is being processed.", code="conflict"
    ),
    "duplicate_parameter": _error(
        400,
        "Duplicate parameter: 'image'. You provided multiple values for this parameter, whereas only one "
        "is allowed.",
        param="image",
        code="duplicate_parameter",
    ),
    "missing_field": Fault(
        status=422,
        content={"detail": [{"loc": ["body", "image"], "msg": "Field required", "type": "missing"}]},
    ),
    "detail_text": Fault(status=400, content={"detail": "size must be one of 512x512, 1024x1024"}),
    "error_text": Fault(status=400, content={"error": "the picture could not be made"}),
    "nested_error": Fault(
        status=400,
        content={
            "success": False,
            "status": 400,
            "error": {
                "code": "BAD_REQUEST",
                "message": '{"error":{"message":"Invalid size","type":"invalid_request_error",'
                '"param":"size","code":"invalid_value"}}',
            },
        },
    ),
    "moderation_input": _error(
        400, _SAFETY, **_BLOCKED, moderation_details={"moderation_stage": "input", "categories": ["violence"]}
    ),
    "moderation_output": _error(
        400,
        _SAFETY,
        **_BLOCKED,
        moderation_details={"moderation_stage": "output", "categories": ["sexual", "violence"]},
    ),
    "rate_limit": _error(
        429, f"{_LIMIT}1s.", headers={"retry-after": "1", "retry-after-ms": "1000"}, **_SLOW_DOWN
    ),
    "rate_limit_text": _error(429, f"{_LIMIT}250ms.", **_SLOW_DOWN),
    "rate_limit_date": _error(
        429, "Rate limit reached.", headers={"retry-after": _http_date_in_two_seconds}, **_SLOW_DOWN
    ),
    "retry_after_year": _error(429, "Rate limit reached.", headers={"retry-after": "31536000"}, **_SLOW_DOWN),
    "quota": _error(
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        type="insufficient_quota",
        code="insufficient_quota",
    ),
    "server_error": _error(500, "The server had an error processing your request.", type="server_error"),
    "bad_gateway": _page(502, "502 Bad Gateway"),
    "overloaded": _error(
        503,
        "The engine is currently overloaded, please try again later.",
        type="server_error",
        code="overloaded",
    ),
    "unavailable_html": _page(503, "503 Service Temporarily Unavailable"),
    "gateway_timeout": _page(504, "504 Gateway Time-out"),
    "html_200": _page(200, "Please sign in"),
    "error_200": _error(200, "The upstream provider failed.", type="upstream_error", code="upstream_error"),
    "empty_body": Fault(status=200),
    "not_json": Fault(status=200, content=b"upstream connect error or disconnect/reset before headers"),
    "deep_nesting": Fault(status=200, content=b'{"data":' + b"[" * 100_000),
    "nan": Fault(
        status=200, content=b'{"created":NaN,"usage":{"total_tokens":' + b"9" * 1000 + b'},"data":[]}'
    ),
    "ansi_message": _error(400, _HOSTILE, param="pro\x1b[31mmpt", code="<b>code</b>"),
    "task": Fault(status=200, content={"task_id": "task_0123", "status": "queued"}),
    "redirect_elsewhere": Fault(status=307, headers={"location": "http://elsewhere.invalid/v1/images"}),
    "redirect_file": Fault(status=307, headers={"location": "file:///etc/hostname"}),
    "redirect_private": Fault(status=307, headers={"location": "http://169.254.169.254/latest/meta-data/"}),
    # the connection
    "cut_before_reply": Fault(connection="cut_before_reply"),
    "reset_before_reply": Fault(connection="reset_before_reply"),
    "hang": Fault(connection="hang"),
    "cut_in_reply": Fault(connection="cut_in_reply"),
    "reset_in_reply": Fault(connection="reset_in_reply"),
    "hang_in_reply": Fault(connection="hang_in_reply"),
    "slow_drip": Fault(connection="drip"),
    "endless_body": Fault(connection="endless"),
    "huge_body": Fault(connection="huge"),
    # the reply
    "truncated_json": Fault(raw=lambda body: body[: len(body) // 2]),
    "truncated_base64": Fault(spoil=spoil.truncated),
    "base64_line_breaks": Fault(spoil=spoil.line_breaks),
    "base64_url_safe": Fault(spoil=spoil.url_safe),
    "base64_data_prefix": Fault(spoil=spoil.data_prefix),
    "base64_rubbish": Fault(spoil=spoil.rubbish),
    "escaped_slashes": Fault(raw=lambda body: body.replace(b"/", b"\\/")),
    "key_order": Fault(spoil=spoil.key_order),
    "no_images": Fault(spoil=spoil.no_images),
    "null_data": Fault(spoil=spoil.null_data),
    "extra_image": Fault(spoil=spoil.extra_image),
    "fewer_images": Fault(spoil=spoil.fewer_images),
    "wrong_format": Fault(spoil=spoil.wrong_format),
    "wrong_size": Fault(spoil=spoil.wrong_size),
    "pixel_bomb": Fault(spoil=spoil.pixel_bomb),
    "not_an_image": Fault(spoil=spoil.not_an_image),
    "svg_script": Fault(spoil=spoil.svg_script),
    "expired_url": Fault(reply="url", spoil=spoil.expired_url),
    "url_elsewhere": Fault(spoil=spoil.linking("http://elsewhere.invalid/picture.png")),
    "url_private": Fault(spoil=spoil.linking("http://169.254.169.254/latest/meta-data/picture.png")),
    "url_file": Fault(spoil=spoil.linking("file:///etc/hostname")),
    "url_redirect": Fault(reply="url", spoil=spoil.redirecting_url),
    "many_links": Fault(reply="chat", spoil=spoil.many_links),
    # streams
    "error_in_stream": Fault(stream=StreamFault(after_first="error")),
    "cut_in_stream": Fault(stream=StreamFault(after_first="cut")),
    "garbage_in_stream": Fault(stream=StreamFault(after_first="garbage")),
    "endless_stream": Fault(stream=StreamFault(after_first="endless")),
    "no_partials": Fault(stream=StreamFault(partials=0)),
    "fewer_partials": Fault(stream=StreamFault(partials=1)),
    "data_only_stream": Fault(stream=StreamFault(named=False)),
    "bare_stream": Fault(stream=StreamFault(bare=True)),
    "bad_index": Fault(stream=StreamFault(index="../../partial")),
    "plain_reply_to_stream": Fault(plain=True),
}
"""Name -> :class:`Fault`; the tables above say what each does."""


def named(name: str) -> Fault:
    """Give a fault by its name.

    Raises
    ------
    ValueError
        Where there is none; the message offers the nearest names.
    """
    fault = FAULTS.get(name)
    if fault is None:
        near = difflib.get_close_matches(name, FAULTS, n=3) or sorted(FAULTS)
        raise ValueError(f"there is no fault {name[:80]!r}: use one of {', '.join(near)}")
    return fault


class Faults:
    """Gives each request its fault.

    Parameters
    ----------
    faults : str, sequence of str or None, or callable
        See the module's first lines.

    Raises
    ------
    ValueError
        For a name that is not in ``FAULTS``.

    Examples
    --------
    >>> from imgwidgets.sandbox.faults import Faults
    >>> faults = Faults(["rate_limit", None])
    >>> [bool(faults.next(None)) for _ in range(3)]
    [True, False, False]
    """

    def __init__(
        self, faults: str | Iterable[str | None] | Callable[[int, Arrival | None], str | None] = ()
    ) -> None:
        self._rule: Callable[[int, Arrival | None], str | None] | None = None
        self._queue: deque[str | None] = deque()
        self._seen = 0
        self._lock = threading.Lock()
        if isinstance(faults, str):
            every = faults
            named(every)
            self._rule = lambda _number, _arrival: every
        elif callable(faults):
            self._rule = faults
        else:
            self._queue.extend(faults)
            for name in filter(None, self._queue):
                named(name)

    def next(self, arrival: Arrival | None) -> Fault | None:
        """Give the next request's fault, or None."""
        with self._lock:
            number, self._seen = self._seen, self._seen + 1
            if self._rule is None:
                name = self._queue.popleft() if self._queue else None
            else:
                name = self._rule(number, arrival)
        return named(name) if name else None
