"""Server-sent events: partial pictures that grow sharper, then the finished one.

::

    event: image_generation.partial_image      data: {"type", "b64_json", "partial_image_index", ...}
    event: image_generation.completed          data: {"type", "b64_json", "usage", ...}

(``image_edit.*`` for edits.) The stream ends with its connection: OpenAI sends no ``[DONE]``.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.sandbox.pieces import Inline, sse_pieces
from imgwidgets.sandbox.refusal import error_body
from imgwidgets.sandbox.replies import details
from imgwidgets.sandbox.sending import HangUp
from imgwidgets.sandbox.usage import usage

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from imgwidgets.sandbox.draw import Painter
    from imgwidgets.sandbox.pieces import Piece
    from imgwidgets.sandbox.plan import Plan
    from imgwidgets.sandbox.validate import Job

__all__ = ["StreamFault", "events"]

_KINDS = {"generations": "image_generation", "edits": "image_edit"}
# Longer than a client's patience for silence, shorter than a test's.
_ENDLESS_PAUSE = 0.01


class StreamFault(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong in a stream.

    Attributes
    ----------
    partials : int or None
        At most so many partials are sent.
    named : bool
        False: no ``event:`` lines, and ``[DONE]`` at the end.
    after_first : str
        What happens after the first event: ``error``, ``cut``, ``garbage`` or ``endless``.
    bare : bool
        True: nothing but ``type``, the picture and its index or usage.
    index : object
        Sent instead of every partial's index.
    """

    partials: int | None = None
    named: bool = True
    after_first: str = ""
    bare: bool = False
    index: Any = None


async def events(  # noqa: PLR0913 (what is drawn, who draws, what goes wrong)
    job: Job,
    plan: Plan,
    draw: Callable[..., Awaitable[Any]],
    painter: Painter,
    *,
    latency: float = 0.0,
    fault: StreamFault | None = None,
) -> AsyncGenerator[list[Piece], None]:
    """Give the events of one request, each as soon as its picture is made.

    Parameters
    ----------
    job, plan : Job, Plan
        What was asked and will be drawn.
    draw : callable
        ``await draw(function, *arguments)`` runs a function on a drawing thread.
    painter : Painter
        What is drawn there.
    latency : float
        Seconds for each picture, spread over its events.
    fault : StreamFault, optional
        What goes wrong.
    """
    fault = fault or StreamFault()
    due = fault.after_first
    making = _bodies(job, plan, draw=draw, painter=painter, latency=latency, fault=fault)
    async with contextlib.aclosing(making) as bodies:
        async for body in bodies:
            is_final = "partial_image_index" not in body
            if not is_final:
                yield _event(body, fault)
            # Where no partial was asked for, it goes wrong before the finished picture.
            if due == "error":
                yield _error_event(fault)
                return
            if due == "cut":
                raise HangUp
            if due == "garbage":
                yield sse_pieces('{"type": "image_generation.partial_image", "b64_json": "iVBOR')
            while due == "endless":
                await asyncio.sleep(_ENDLESS_PAUSE)
                yield _event(body, fault)
            due = ""
            if is_final:
                yield _event(body, fault)
    if not fault.named:
        yield sse_pieces("[DONE]")


async def _bodies(  # noqa: PLR0913 (what `events` was given)
    job: Job,
    plan: Plan,
    *,
    draw: Callable[..., Awaitable[Any]],
    painter: Painter,
    latency: float,
    fault: StreamFault,
) -> AsyncGenerator[dict[str, Any], None]:
    """Give the JSON of each event: partials and the finished picture, for each of n."""
    kind = _KINDS[job.request.endpoint]
    partials = plan.partials if fault.partials is None else min(plan.partials, fault.partials)
    about = {} if fault.bare else details(job, plan)
    for take in range(plan.count):
        pixels = await draw(painter.picture, take)
        for index in range(partials):
            await asyncio.sleep(latency / (partials + 1))
            data = await draw(painter.partial, pixels, index)
            yield {
                "type": f"{kind}.partial_image",
                "b64_json": Inline((data,)),
                **_now(fault),
                **about,
                "partial_image_index": index if fault.index is None else fault.index,
            }
        await asyncio.sleep(latency / (partials + 1))
        data = await draw(painter.file, take, pixels)
        tokens = usage(job, plan, count=1, partials=partials, with_input=take == 0)
        yield {
            "type": f"{kind}.completed",
            "b64_json": Inline((data,)),
            **_now(fault),
            **about,
            **({"usage": tokens} if tokens else {}),
        }


def _now(fault: StreamFault) -> dict[str, int]:
    return {} if fault.bare else {"created_at": int(time.time())}


def _event(body: dict[str, Any], fault: StreamFault) -> list[Piece]:
    return sse_pieces(body, event=body["type"] if fault.named else None)


def _error_event(fault: StreamFault) -> list[Piece]:
    said = error_body(
        "The server had an error while making the image.",
        type="image_generation_server_error",
        code="server_error",
    )
    return sse_pieces({"type": "error", **said}, event="error" if fault.named else None)
