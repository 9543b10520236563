"""The sandbox in the foreground, for the command line."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from typing import Any, NoReturn

from imgwidgets.catalog import current
from imgwidgets.errors import CatalogError, SandboxError
from imgwidgets.sandbox.server import Sandbox

__all__ = ["serve"]


def serve(port: int = 8000, *, provider: str = "sandbox", host: str = "127.0.0.1", **options: Any) -> None:
    """Serve in the foreground until Ctrl-C or SIGTERM, as ``imgwidgets serve`` does.

    Parameters
    ----------
    port : int
        0: any free one.
    provider : str
        Whose view to take on.
    host : str
        A loopback address.
    **options
        Everything else that :class:`Sandbox` takes.

    Raises
    ------
    SystemExit
        With a message, where the port is in use or the provider unknown.
    """
    try:
        sandbox = Sandbox(provider, port=port, host=host, **options).start()
    except (SandboxError, CatalogError, ValueError) as error:
        raise SystemExit(f"imgwidgets serve: {error}") from error
    with sandbox, _sigterm_as_interrupt(), contextlib.suppress(KeyboardInterrupt):
        sys.stdout.write(_greeting(sandbox))
        sys.stdout.flush()
        sandbox.wait()


@contextlib.contextmanager
def _sigterm_as_interrupt() -> Any:
    """End on SIGTERM as on Ctrl-C, so that the port is free when the process is gone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _greeting(sandbox: Sandbox) -> str:
    view = current().provider(sandbox.provider)
    model = view.default_model or current().models(sandbox.provider)[0].name
    key = f"{view.key_header}: {view.key_scheme} any-key".replace(":  ", ": ")
    generations = view.endpoints.get("generations")
    if generations is not None and generations.refused:
        # A provider that only edits: its list of models always works.
        example = f"curl -s {sandbox.base_url}{view.models_path} -H '{key}'"
    else:
        path = generations.path if generations is not None and generations.path else "/images/generations"
        body = f'{{"model": "{model}", "prompt": "a red fox in snow", "quality": "low"}}'
        example = (
            f"curl -s {sandbox.base_url}{path} -H '{key}' -H 'Content-Type: application/json' -d '{body}'"
        )
    where = f"The sandbox answers as {sandbox.provider!r} at {sandbox.base_url} (Ctrl-C stops it)."
    return f"{where} Try:\n\n  {example}\n\n"
