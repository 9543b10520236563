"""A request is read and written down before anything is decided about it."""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING

from imgwidgets.sandbox.incoming import Incoming, parse_json, read_form, receive_json
from imgwidgets.sandbox.log import Arrival, arrived_file, masked, shortened
from imgwidgets.sandbox.refusal import Refusal
from imgwidgets.sandbox.validate import check_key

if TYPE_CHECKING:
    from starlette.requests import Request

    from imgwidgets.sandbox.settings import Settings

__all__ = ["let_in", "read", "write_down"]


async def read(request: Request, settings: Settings) -> tuple[Arrival, Incoming]:
    """Check the key and read the body; what arrived is in the log even where that fails.

    Raises
    ------
    Refusal
        401 without a key, 400 for a body that is neither JSON nor a form, 413 for one that is too long.
    """
    told = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    incoming: Incoming | None = None
    try:
        check_key(settings.provider, dict(request.headers))
        if told == "multipart/form-data":
            incoming = await read_form(request, limit=settings.max_body_bytes)
        else:
            body = await receive_json(request, limit=settings.max_body_bytes)
            if told not in ("application/json", "") and not told.endswith("+json"):
                raise Refusal(
                    f"Unsupported content type: '{told[:80]}'. This API method only accepts "
                    "'application/json' and 'multipart/form-data' requests.",
                    code="unsupported_content_type",
                )
            # A body of 20 MiB data URLs takes a while to parse: not on the event loop.
            incoming = await settings.reading.run(functools.partial(parse_json, body))
    finally:
        arrival = write_down(request, settings, incoming)
    return arrival, incoming


def write_down(request: Request, settings: Settings, incoming: Incoming | None = None) -> Arrival:
    """Put a request into the log."""
    arrival = Arrival(
        method=request.method,
        path=request.url.path,
        headers=masked(request.headers.items()),
        query=masked(request.query_params.multi_items()),
        kind=incoming.kind if incoming else "",
        fields=shortened(incoming.fields) if incoming else {},
        names=incoming.names if incoming else (),
        files=tuple(arrived_file(part) for part in incoming.files) if incoming else (),
        time=time.monotonic(),
    )
    settings.log.add(arrival)
    return arrival


def let_in(request: Request, settings: Settings) -> None:
    """Write down a request without a body, and check its key."""
    write_down(request, settings)
    check_key(settings.provider, dict(request.headers))
