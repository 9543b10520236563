"""The grid's code on its way to the page: by message, so that no notebook saves it.

What a widget's module is, Jupyter stores with every saved widget: a hundred kilobytes for each grid of a
notebook. So the stored module is a few lines that ask for the rest. A page that knows it already does not
ask again.

A page's question may have to wait for the end of the running cell. While it has not been heard, the
grid therefore sends unasked what a page needs: what comes in that cell, such as partial images, is then
seen while it comes.
"""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING

from imgwidgets.widgets.page import STATIC, joined

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BOOT", "CODE", "HASH", "STYLE", "Greeting"]

MODULES = (
    "grid_kit.js",
    "grid_order.js",
    "grid_store.js",
    "grid_stage.js",
    "grid_lightbox.js",
    "grid_compare_kit.js",
    "grid_heat.js",
    "grid_compare.js",
    "grid_tile.js",
    "grid_actions.js",
    "grid_bar.js",
    "grid_edit.js",
    "grid_twin.js",
    "grid_keys.js",
    "grid_view.js",
    "grid.js",
)
_SHEETS = ("grid.css", "grid_compare.css")
_MOMENTS = (0.4, 0.6, 1.0, 2.0, 4.0)  # seconds between greetings that nobody has answered

BOOT = (STATIC / "grid_boot.js").read_text(encoding="utf-8")
"""What a notebook saves."""

CODE = joined(*MODULES)
"""What the page runs."""

STYLE = "\n".join((STATIC / name).read_text(encoding="utf-8") for name in _SHEETS)
"""How it looks."""

HASH = hashlib.sha256((CODE + STYLE).encode()).hexdigest()[:12]
"""Names the two together: a page knows by it whether it has them."""


class Greeting:
    """Tells a page unasked, again and again, until one has been heard.

    Parameters
    ----------
    greet : callable
        Sends what a page needs.
    heard : callable
        Whether one has been heard, or nobody is left who could be.
    """

    def __init__(self, greet: Callable[[], None], heard: Callable[[], bool]) -> None:
        self._greet = greet
        self._heard = heard
        self._done = threading.Event()
        threading.Thread(target=self._run, name="imgwidgets-greeting", daemon=True).start()

    def _run(self) -> None:
        for seconds in _MOMENTS:
            if self._done.wait(seconds) or self._heard():
                return
            self._greet()

    def end(self) -> None:
        """Stop: a page was heard, or the grid is closed."""
        self._done.set()
