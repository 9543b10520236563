"""Which Studio a cell showed before: a cell that is run again ends the old one."""

from __future__ import annotations

import threading
import weakref
from typing import Any

from IPython import get_ipython

__all__ = ["replaces"]

_lock = threading.Lock()
_shown: dict[str, tuple[str, list[weakref.ref[Any]]]] = {}


def replaces(studio: Any) -> list[Any]:
    """Note that a cell shows a Studio; give those that an earlier run of the same cell showed.

    Where the front end does not say which cell runs, there are none.
    """
    cell, run = _where()
    if not cell:
        return []
    with _lock:
        before, held = _shown.get(cell, ("", []))
        old = [one for one in (ref() for ref in held) if one is not None]
        if before == run:
            _shown[cell] = run, [weakref.ref(one) for one in (*old, studio)]
            return []
        _shown[cell] = run, [weakref.ref(studio)]
        # The same one may have moved to another cell, and be shown there.
        elsewhere = {id(ref()) for name, (_, refs) in _shown.items() if name != cell for ref in refs}
        return [one for one in old if one is not studio and id(one) not in elsewhere]


def _where() -> tuple[str, str]:
    """Give the cell that runs, and the name of this run; empty where that is not known."""
    kernel = getattr(get_ipython(), "kernel", None)
    parent = kernel.get_parent() if kernel is not None else {}
    metadata, header = parent.get("metadata") or {}, parent.get("header") or {}
    return str(metadata.get("cellId") or ""), str(header.get("msg_id") or "")
