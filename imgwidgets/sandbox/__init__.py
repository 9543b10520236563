"""The embedded provider: an HTTP server that speaks the API and draws its own pictures.

================  ==========================================================================================
``server.py``     :class:`Sandbox`, a server in a thread
``shared.py``     :func:`embedded`, the one that a process's clients share
``command.py``    :func:`serve`, in the foreground
``app.py``        the routes, and the way of a request from door to reply
``listing.py``    models, uploads, results behind URLs
``reading.py``    a request is read and written down
``door.py``       Host headers; ids and times on every answer
``incoming.py``   a body, read within bounds, as plain values
``inputs.py``     input pictures: files, data URLs, file ids, own results
``validate.py``   the catalog's findings in OpenAI's words
``plan.py``       every ``auto`` decided
``draw.py``       from a plan to pixels; what a mask means
``scene/``        the pictures themselves
``encode.py``     from pixels to png, jpeg, webp, gif, svg
``usage.py``      tokens
``replies.py``    reply shapes, in one table
``stream.py``     server-sent events
``pieces.py``     JSON with pictures in it, written while it is sent
``sending.py``    how an answer travels, or does not
``faults.py``     everything that can go wrong, in one table; ``spoil.py`` spoils good replies
``pace.py``       requests per minute
``store.py``      uploads and results in memory
``log.py``        what arrived
``bounds.py``     all limits
================  ==========================================================================================

It imports neither the client nor a widget, and nothing in it depends on a model's or provider's name:
what differs is in the catalog.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imgwidgets.sandbox.command import serve
    from imgwidgets.sandbox.faults import FAULTS, Fault
    from imgwidgets.sandbox.log import Arrival
    from imgwidgets.sandbox.replies import REPLIES
    from imgwidgets.sandbox.server import Sandbox
    from imgwidgets.sandbox.shared import embedded

__all__ = ["FAULTS", "REPLIES", "Arrival", "Fault", "Sandbox", "embedded", "serve"]

# Loaded when first used: who wants only the pictures (``sandbox.scene``) needs no server.
_HOME = {
    "FAULTS": "faults",
    "REPLIES": "replies",
    "Arrival": "log",
    "Fault": "faults",
    "Sandbox": "server",
    "embedded": "shared",
    "serve": "command",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
