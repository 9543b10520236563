"""A part of the Studio that is made of HTML: what it shows is a plain dict, what it says a message."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets as t

from imgwidgets.errors import ImgWidgetsError
from imgwidgets.widgets import text
from imgwidgets.widgets.page import joined

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Part", "said"]


class Part(anywidget.AnyWidget):
    """One part of the screen.

    Its state travels whole, as a trait: words and numbers only. Pictures travel by message, are asked for
    by each page that comes up, and are never widget state.

    Parameters
    ----------
    name : str
        Which part: the key of ``PARTS`` in ``static/studio.js``.
    failed : callable
        Called with an exception that a callback raised: ipywidgets would print it where nobody looks.
    **state
        What it shows at first.
    """

    _esm = joined(
        "studio_kit.js",
        "studio_upload.js",
        "studio_mode.js",
        "studio_inputs.js",
        "studio_run.js",
        "studio_tabs.js",
        "studio_compare.js",
        "studio.js",
    )
    _part = t.Unicode().tag(sync=True)
    _state = t.Dict().tag(sync=True)

    def __init__(self, name: str, failed: Callable[[BaseException], None], **state: Any) -> None:
        self._lock = threading.RLock()
        self._pictures: dict[str, bytes] = {}
        self._failed = failed
        self._actions: dict[str, Callable[..., Any]] = {}
        super().__init__(_part=name, _state=state)
        self.on_msg(self._receive)

    def show(self, **changes: Any) -> None:
        """Change some of what is shown."""
        with self._lock:
            state = {**self._state, **changes}
            if state != self._state:
                self._state = state

    def shows(self, name: str) -> Any:
        """Give what is shown under a name."""
        return self._state.get(name)

    def show_pictures(self, pictures: dict[str, bytes]) -> None:
        """Show these pictures, by name, and no others."""
        with self._lock:
            new = {name: data for name, data in pictures.items() if self._pictures.get(name) != data}
            self._pictures = dict(pictures)
            self._send_pictures(new)

    def on(self, action: str, callback: Callable[..., Any]) -> None:
        """Call back with the message's fields (and ``buffers``, where it has some) when a page says this."""
        self._actions[action] = callback

    def _send_pictures(self, pictures: dict[str, bytes]) -> None:
        for name, data in pictures.items():
            self.send({"kind": "picture", "name": name}, [data])

    def _receive(self, _widget: Any, message: Any, buffers: Any) -> None:
        try:
            fields = dict(message)
            action = fields.pop("do")
            if action == "hello":
                with self._lock:
                    self._send_pictures(self._pictures)
                return
            if buffers:
                fields["buffers"] = buffers
            self._actions[action](**fields)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is shown in the Studio)
            self._failed(error)


def said(error: BaseException) -> str:
    """Give an error in words for the screen."""
    words = str(error) if isinstance(error, ImgWidgetsError) else f"{type(error).__name__}: {error}"
    return text.shorten(text.plain(words), 600)
