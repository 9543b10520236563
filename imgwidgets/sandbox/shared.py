"""The sandbox that all clients of a process share."""

from __future__ import annotations

import os
import threading

from imgwidgets.sandbox.server import Sandbox

__all__ = ["embedded"]


class _Shared:
    """Holds the one sandbox of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sandbox: Sandbox | None = None

    def get(self) -> Sandbox:
        with self._lock:
            if self._sandbox is None or not self._sandbox.is_running:
                self._sandbox = Sandbox().start()
            return self._sandbox

    def stop(self) -> None:
        with self._lock:
            sandbox, self._sandbox = self._sandbox, None
        if sandbox is not None:
            sandbox.stop()

    def after_fork(self) -> None:
        """Forget the parent's server: its thread is not here, and the lock may be held forever."""
        self._lock = threading.Lock()
        inherited, self._sandbox = self._sandbox, None
        if inherited is not None:
            inherited.forget()


_shared = _Shared()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_shared.after_fork)


def embedded() -> Sandbox:
    """Give this process's own sandbox; it starts when it is first asked for.

    After a ``fork``, or after it was stopped, there is a new one.

    Examples
    --------
    >>> from imgwidgets.sandbox import embedded
    >>> embedded() is embedded()
    True
    """
    return _shared.get()
