"""What holds for every request: who may knock, and the headers of every answer."""

from __future__ import annotations

import logging
import time
import uuid
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from imgwidgets.sandbox.pieces import join, json_pieces
from imgwidgets.sandbox.refusal import error_body
from imgwidgets.sandbox.sending import gone, wire

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HOSTS", "Door"]

HOSTS = ("127.0.0.1", "localhost", "[::1]")
"""Names under which the sandbox may be called. Another name means that a web page has pointed its own
name at this machine (DNS rebinding)."""


_logger = logging.getLogger("imgwidgets.sandbox")


class Door:
    """Refuses foreign Host headers and signs every answer.

    Parameters
    ----------
    app : ASGI application
        What is behind the door.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        extra: dict[str, str] = {}
        ended = False
        scope["state"]["headers"] = extra
        request_id = f"req_{uuid.uuid4().hex}"

        async def signed(message: Message) -> None:
            nonlocal ended
            ended = message["type"] == "http.response.body" and not message.get("more_body")
            if message["type"] == "http.response.start":
                elapsed = round((time.perf_counter() - started) * 1000)
                marks = {"x-request-id": request_id, "openai-processing-ms": str(elapsed), **extra}
                known = {name for name, _ in message["headers"]}
                more = [(name.encode(), value.encode()) for name, value in marks.items()]
                message = {
                    **message,
                    "headers": [*message["headers"], *(m for m in more if m[0] not in known)],
                }
            await send(message)

        if not _is_known(scope):
            await _turn_away(signed)
            return
        try:
            await self._app(scope, receive, signed)
        except ClientDisconnect:
            # Nobody is there to be answered, and that is nobody's mistake.
            return
        except Exception:
            # A mistake of the sandbox. The client has a 500, or an answer that ends too early; the rest is
            # for whoever listens to this logger, not for stderr in the middle of a notebook.
            _logger.info("the sandbox had an error of its own", exc_info=True)
            if not ended:
                wire(scope).close()
                await gone(receive)


def _is_known(scope: Scope) -> bool:
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    if len(hosts) != 1:
        return False
    host, colon, port = hosts[0].rpartition(":")
    if not colon or not port.isdecimal():
        host = hosts[0]
    return host.lower() in HOSTS


async def _turn_away(send: Send) -> None:
    body = join(
        json_pieces(
            error_body(
                "This sandbox answers only to 127.0.0.1 and localhost: use one of them in the URL.",
                code="unknown_host",
            )
        )
    )
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 421, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
