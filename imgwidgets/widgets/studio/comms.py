"""Where a widget's events are handled while a cell runs.

JupyterLab from 4.4 on sends what happens in widgets to a subshell of the kernel, beside the cells. From
ipykernel 7.4 on, the kernel sends it to whatever thread last spoke on that widget's comm: for widgets that
a cell made, the main thread, which is busy as long as any cell runs. It does so for programs that wait for
an answer inside a cell; nothing here does. So a Studio's widgets take the page's word for it.

Older kernels have one thread for all: there, clicks wait until the running cell has ended, while requests
that are on their way go on.
"""

from __future__ import annotations

from typing import Any

import ipywidgets

__all__ = ["free", "widgets_below"]

_HOOK = "_reply_subshell_for"  # of ipykernel's comms; where it is missing, there is nothing to do


def free(root: ipywidgets.Widget) -> None:
    """Let the events of a widget, and of all that it holds, be handled while cells run."""
    for widget in widgets_below(root):
        comm = widget.comm
        if comm is not None and hasattr(comm, _HOOK) and _HOOK not in vars(comm):
            setattr(comm, _HOOK, _as_asked)


def _as_asked(_data: Any, asked: Any) -> Any:
    """Give the subshell that the page asked for."""
    return asked


def widgets_below(root: ipywidgets.Widget) -> list[ipywidgets.Widget]:
    """Give a widget and all that its synced traits lead to, each once."""
    found: dict[str, ipywidgets.Widget] = {}
    todo: list[Any] = [root]
    while todo:
        one = todo.pop()
        if isinstance(one, list | tuple):
            todo += one
        elif isinstance(one, ipywidgets.Widget) and one.model_id is not None and one.model_id not in found:
            found[one.model_id] = one
            todo += [
                value for value in one.trait_values(sync=True).values() if not isinstance(value, str | bytes)
            ]
    return list(found.values())
