"""What the page asks of a grid, and the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgwidgets.errors import ImgWidgetsError
from imgwidgets.widgets import text
from imgwidgets.widgets.grid.code import code_of
from imgwidgets.widgets.grid.editing import Editing
from imgwidgets.widgets.grid.files import zipped
from imgwidgets.widgets.grid.tiles import details, name_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgwidgets.widgets.grid.items import Item

__all__ = ["Inbox"]

# One message stays well below what Jupyter servers and proxies let through at once.
PIECE = 1 << 20
_EXPECTED = (ImgWidgetsError, OSError, ValueError, KeyError, TypeError)


class Inbox(Editing):
    """Answers the page; a request is answered also when it fails."""

    def __init__(self, **traits: Any) -> None:
        self._zip: tuple[tuple[int, ...], bytes] = (), b""
        self._handlers: dict[str, Callable[[dict[str, Any]], dict[str, Any] | None]] = {
            "hello": self._hello,
            "thumbnails": self._on_thumbnails,
            "image": self._on_image,
            "zip": self._on_zip,
            "save": self._on_save,
            "star": self._on_star,
            "rate": self._on_rate,
            "remove": self._on_remove,
            "retry": self._on_retry,
            "edit": self._on_edit,
            "painted": self._on_painted,
            "act": self._on_act,
            "code": self._on_code,
            "find": self._on_find,
        }
        super().__init__(**traits)
        self.on_msg(self._receive)

    def _receive(self, _widget: Any, message: Any, _buffers: Any) -> None:
        """Take a message of the page."""
        if not isinstance(message, dict):
            return
        handler = self._handlers.get(str(message.get("kind")))
        if handler is None:
            return
        request = message.get("request")
        try:
            answer = handler(message)
        except _EXPECTED as error:
            # Shown in the grid: what a callback raises, ipywidgets would print where nobody looks.
            self._refuse(request, error)
        except Exception as error:  # noqa: BLE001 (somebody's on_action: the person sees what it said)
            self._refuse(request, error)
        else:
            if answer is not None:
                self._say({"kind": "done", "request": request, **answer})

    def _refuse(self, request: Any, error: Exception) -> None:
        if isinstance(error, KeyError):
            error = ValueError("the page asked for something without saying what")
        said = text.one_line(error, 400) or type(error).__name__
        self._say({"kind": "failed", "request": request, "message": said})

    def _named(self, message: dict[str, Any]) -> list[Item]:
        """Give the items that a message names, in the order of the grid."""
        keys = message["keys"]
        if not isinstance(keys, list):
            raise ValueError("the page named no tiles")  # noqa: TRY004 (a message, no argument)
        wanted = {key for key in keys if isinstance(key, int)}
        return [item for item in self._list.all() if item.key in wanted]

    # -- looking -----------------------------------------------------------------------------------------

    def _hello(self, message: dict[str, Any]) -> None:
        with self._list.lock:
            self._heard = True
            if self._greeting is not None:
                self._greeting.end()
            self._welcome(module=message.get("module") is True)

    def _on_thumbnails(self, message: dict[str, Any]) -> None:
        if isinstance(message.get("keys"), list):
            self._push(self._named(message))

    def _on_image(self, message: dict[str, Any]) -> None:
        key, offset = message["key"], message["offset"]
        if not isinstance(key, int) or not isinstance(offset, int):
            return
        item = self._list.get(key)
        if item is None or item.image is None or offset < 0:
            raise ValueError("this image is no longer in the grid")
        more = {"key": key, "media_type": item.image.media_type}
        if offset == 0:
            more["details"] = details(item)
        self._piece("image", message, item.image.bytes, **more)

    def _piece(self, kind: str, message: dict[str, Any], data: bytes, **more: Any) -> None:
        offset = message["offset"]
        head = {"kind": kind, "request": message.get("request"), "offset": offset, "total": len(data), **more}
        self._say(head, bytes(data[offset : offset + PIECE]))

    def _on_find(self, message: dict[str, Any]) -> dict[str, Any]:
        """Search the whole texts: the page has only their beginnings."""
        words = text.one_line(str(message["text"])[:400]).casefold().split()
        found = []
        for item in self._list.all():
            values = map(str, item.parameters.values())
            said = " ".join((item.title, item.model, *values, *item.notes, item.error))
            if all(word in said.casefold() for word in words):
                found.append(item.key)
        return {"keys": found}

    # -- taking along --------------------------------------------------------------------------------------

    def _on_zip(self, message: dict[str, Any]) -> None:
        """Give the next piece of a zip with the provider's own bytes."""
        keys = tuple(item.key for item in self._named(message) if item.state == "image")
        offset = message["offset"]
        if not isinstance(offset, int) or offset < 0:
            return
        if not keys:
            raise ValueError("there is no image to download")
        if self._zip[0] != keys or offset == 0:
            chosen = [item for item in self._named(message) if item.key in set(keys)]
            files = [(name_of(item, self._list.place(item.key)), item) for item in chosen]
            self._zip = keys, zipped([(name, item.image.bytes) for name, item in files if item.image])
        self._piece("zip", message, self._zip[1], media_type="application/zip", name="images.zip")
        if offset + PIECE >= len(self._zip[1]):
            self._zip = (), b""

    def _on_save(self, message: dict[str, Any]) -> dict[str, Any]:
        images = [item.image for item in self._named(message) if item.shown is not None]
        files = self.save(images=[image for image in images if image is not None])
        count = f"{len(files)} image{'' if len(files) == 1 else 's'}"
        return {"message": f"Saved {count} in {self.folder}"}

    def _on_code(self, message: dict[str, Any]) -> dict[str, Any]:
        return {"code": code_of(self._named(message))}

    # -- marks and actions ---------------------------------------------------------------------------------

    def _on_star(self, message: dict[str, Any]) -> dict[str, Any]:
        self._mark(self._named(message), starred=bool(message["on"]))
        return {}

    def _on_rate(self, message: dict[str, Any]) -> dict[str, Any]:
        rating = message["rating"]
        if rating not in (None, 1, 2, 3, 4, 5):
            raise ValueError(f"a rating is 1 to 5, not {str(rating)[:20]}")
        self._mark(self._named(message), rating=rating)
        return {}

    def _on_remove(self, message: dict[str, Any]) -> dict[str, Any]:
        items = self._named(message)
        self._drop([item.key for item in items])
        count = f"{len(items)} tile{'' if len(items) == 1 else 's'}"
        return {"message": f"Took {count} out of the grid; saved files and the history keep their images"}

    def _on_retry(self, message: dict[str, Any]) -> dict[str, Any]:
        self._retry(self._named(message))
        return {}

    def _on_edit(self, message: dict[str, Any]) -> dict[str, Any]:
        items = [item for item in self._named(message) if item.shown is not None]
        if not items:
            raise ValueError("there is no image to edit")
        return {"painter": self._edit(items)}

    def _on_painted(self, _message: dict[str, Any]) -> dict[str, Any]:
        return {"code": self._painted()}

    def _on_act(self, message: dict[str, Any]) -> dict[str, Any]:
        self._act(str(message["name"]), self._named(message))
        return {}
