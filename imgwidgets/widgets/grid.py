"""The result grid: thumbnails in the page, images in Python."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import msgspec
import traitlets as t
from IPython.display import publish_display_data

from imgwidgets.errors import ImgWidgetsError
from imgwidgets.widgets import text
from imgwidgets.widgets.grid_files import write
from imgwidgets.widgets.grid_items import Item, details, items_of, name_of, tile
from imgwidgets.widgets.grid_static import MOST, static_copy
from imgwidgets.widgets.grid_thumbnails import Thumbnails
from imgwidgets.widgets.page import STATIC, in_notebook, joined

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Future

    from imgwidgets.images import ResultImage

__all__ = ["ResultGrid"]

# One message stays well below what Jupyter servers and proxies let through at once.
_PIECE = 1 << 20
_TILES_A_MESSAGE = 200
# So many thumbnails of new images are sent unasked: while a cell runs, the page's wishes may have to wait.
_UNASKED = 16


class _Images(t.List):  # type: ignore[type-arg]
    """A list trait that takes any sequence of images: a result, a slice of one, a tuple."""

    def validate(self, obj: Any, value: Any) -> Any:
        return super().validate(obj, list(value) if isinstance(value, Sequence) else value)


class ResultGrid(anywidget.AnyWidget):
    """A grid of images in a notebook: look, compare, select, save.

    Only thumbnails travel to the page, when they scroll into view; an image travels when it is
    opened, as the bytes that the provider sent. It takes any images, not only ours.

    Parameters
    ----------
    images : object, optional
        An ``ImageResult``, a ``ResultImage``, a PIL image, an array, a path, or an iterable of those.
        What cannot be read becomes a tile with the reason.
    folder : str or path, default "images"
        Where the Save button writes.
    static : bool, default True
        Whether showing the grid also leaves small pictures in the notebook, which stay when the
        kernel is gone.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> from PIL import Image
    >>> grid = iw.ResultGrid([Image.new("RGB", (64, 48), "teal"), Image.new("RGB", (64, 48), "gold")])
    >>> grid
    <ResultGrid: 2 images>
    >>> grid.selected = grid.images[:1]
    >>> [image.size for image in grid.selected]
    [(64, 48)]
    """

    _esm = joined("grid_kit.js", "grid_store.js", "grid_lightbox.js", "grid_view.js", "grid.js")
    _css = (STATIC / "grid.css").read_text(encoding="utf-8")

    # What the page may know without asking: numbers and a few words, never pictures or prompts.
    _count = t.Int(0).tag(sync=True)
    _selected = t.List(t.Int()).tag(sync=True)
    _cost = t.Unicode("").tag(sync=True)
    _twin = t.Unicode("").tag(sync=True)
    folder = t.Unicode("images").tag(sync=True)

    selected = _Images(
        t.Any(), help="The selected images, in the order of the grid; can be set and observed."
    )

    def __init__(self, images: Any = None, *, folder: str | Path = "images", static: bool = True) -> None:
        # One lock for the list of items and their thumbnails; nothing is sent while it is held.
        self._lock = threading.RLock()
        self._items: list[Item] = []
        self._thumbnails = Thumbnails()
        self._next_key = 0
        self._heard = False  # whether any page has come up
        self._closed = False
        self._static = static
        super().__init__(folder=str(folder))
        self.on_msg(self._receive)
        if images is not None:
            self.add(images)

    # -- for people ----------------------------------------------------------------------------------

    @property
    def images(self) -> list[ResultImage]:
        """All images, without the failed tiles."""
        return [item.image for item in self._snapshot() if item.image is not None and not item.error]

    def add(self, images: Any) -> None:
        """Append images: whatever the constructor takes.

        Raises
        ------
        TypeError
            Where ``images`` is None.
        """
        if images is None:
            raise TypeError("there is nothing to add: pass an image, a result or a list of them")
        self._append(list(items_of(images)))

    def add_error(self, error: BaseException | str, *, prompt: str = "") -> None:
        """Append a tile that says why there is no image.

        Parameters
        ----------
        error : Exception or str
            Its message is shown.
        prompt : str
            What was asked for.
        """
        said = error if isinstance(error, Exception) else RuntimeError(str(error))
        self._append(list(items_of(said, title=prompt)))

    def replace(self, old: ResultImage, new: Any) -> None:
        """Put another image in an image's place: the next stage of a stream, or the final picture.

        Parameters
        ----------
        old : ResultImage
            One of :attr:`images`.
        new : object
            One image, in any form that :meth:`add` takes, or an exception.

        Raises
        ------
        ValueError
            Where ``old`` is not in the grid, or ``new`` is not exactly one image.
        """
        found = list(items_of(new))
        if len(found) != 1:
            raise ValueError(f"exactly one image takes another's place; these are {len(found)}")
        with self._lock:
            place = self._place(old)
            before = self._items[place]
            item = msgspec.structs.replace(found[0], key=before.key, version=before.version + 1)
            self._items[place] = item
        self._say({"kind": "tile", "tile": tile(item, place)})
        self._push([item])
        self._summarise()

    def clear(self) -> None:
        """Take all images out."""
        with self._lock:
            self._items.clear()
            self._thumbnails.clear()
        self.selected = []
        self._summarise()
        self._send_tiles(0, reset=True)

    def save(
        self, folder: str | Path | None = None, images: Iterable[ResultImage] | None = None
    ) -> list[Path]:
        """Write images into a folder, byte for byte as the provider sent them.

        Names come from prompt and place. A file that exists is kept: where it has the same content
        it counts as saved, otherwise the new one gets another name.

        Parameters
        ----------
        folder : str or path, optional
            Created where it does not exist; default: the grid's own.
        images : iterable of ResultImage, optional
            Some of :attr:`images`; default: all.

        Returns
        -------
        list of Path
            The files, in the order of the grid.

        Raises
        ------
        ValueError
            Where one of ``images`` is not in the grid.
        OSError
            Where the folder cannot be written to.
        """
        target = Path(self.folder if folder is None else folder).expanduser()
        with self._lock:
            wanted = None if images is None else {self._items[self._place(image)].key for image in images}
            chosen = [
                (place, item)
                for place, item in enumerate(self._items)
                if item.image is not None and not item.error and (wanted is None or item.key in wanted)
            ]
        target.mkdir(parents=True, exist_ok=True)
        return [
            write(target / name_of(item, place), item.image.bytes)
            for place, item in chosen
            if item.image is not None
        ]

    def close(self) -> None:
        """Free the images and remove the grid from the page."""
        if not hasattr(self, "_lock"):
            return  # the constructor was called with wrong arguments, and ipywidgets closes what it left
        with self._lock:
            self._closed = True
            self._items.clear()
            self._thumbnails.clear()
        super().close()

    def __len__(self) -> int:
        return len(self._snapshot())

    def __repr__(self) -> str:
        items = self._snapshot()
        failed = sum(bool(item.error) for item in items)
        count = len(items) - failed
        tail = f", {failed} failed" if failed else ""
        return f"<ResultGrid: {count} image{'' if count == 1 else 's'}{tail}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if not in_notebook():
            return {"text/plain": repr(self)}
        if self._static:
            html = self._static_copy()
            if html:
                publish_display_data({"text/html": html})  # type: ignore[no-untyped-call]
        return super()._repr_mimebundle_(**kwargs)

    # -- the list --------------------------------------------------------------------------------------

    def _snapshot(self) -> list[Item]:
        with self._lock:
            return list(self._items)

    def _place(self, image: ResultImage) -> int:
        for place, item in enumerate(self._items):
            if item.image is image:
                return place
        raise ValueError(f"{image!r} is not in this grid")

    def _append(self, found: Sequence[Item]) -> None:
        with self._lock:
            start = len(self._items)
            new = [msgspec.structs.replace(item, key=self._next_key + i) for i, item in enumerate(found)]
            self._next_key += len(new)
            self._items.extend(new)
        self._summarise()
        if self._heard:
            self._send_tiles(start)
            self._push(new[:_UNASKED])

    def _summarise(self) -> None:
        items = self._snapshot()
        costs = [item.cost for item in items if item.cost is not None]
        with self.hold_sync():
            self._count = len(items)
            self._cost = text.dollars(sum(costs)) if costs else ""
            known = {item.key for item in items}
            if not known.issuperset(self._selected):
                self._selected = [key for key in self._selected if key in known]

    @t.validate("selected")
    def _check_selected(self, proposal: Any) -> list[ResultImage]:
        with self._lock:
            places = sorted({self._place(image) for image in proposal["value"]})
            return [image for place in places if (image := self._items[place].image) is not None]

    @t.observe("selected")
    def _tell_selected(self, change: Any) -> None:
        with self._lock:
            keys = [self._items[self._place(image)].key for image in change["new"]]
        self._selected = keys

    @t.observe("_selected")
    def _hear_selected(self, change: Any) -> None:
        with self._lock:
            known = {item.key: item.image for item in self._items if not item.error}
        images = [known[key] for key in change["new"] if known.get(key) is not None]
        # Images are compared by identity: equal pictures may stand in one grid twice.
        if [id(image) for image in images] != [id(image) for image in self.selected]:
            self.selected = images

    # -- the page ----------------------------------------------------------------------------------------

    def _say(self, message: dict[str, Any], *buffers: bytes) -> None:
        if not self._closed:
            self.send(message, list(buffers) or None)

    def _send_tiles(self, start: int, *, reset: bool = False) -> None:
        items = self._snapshot()
        for first in range(start, max(len(items), start + 1), _TILES_A_MESSAGE):
            part = items[first : first + _TILES_A_MESSAGE]
            tiles = [tile(item, first + i) for i, item in enumerate(part)]
            self._say(
                {
                    "kind": "tiles",
                    "start": first,
                    "total": len(items),
                    "reset": reset and first == start,
                    "tiles": tiles,
                }
            )

    def _receive(self, _widget: Any, message: Any, _buffers: Any) -> None:
        """Answer the page; a request is answered also when it fails."""
        request = message.get("request") if isinstance(message, dict) else None
        try:
            match message:
                case {"kind": "hello"}:
                    self._heard = True
                    self._send_tiles(0)
                case {"kind": "thumbnails", "keys": list(keys)}:
                    wanted = {key for key in keys if isinstance(key, int)}
                    self._push([item for item in self._snapshot() if item.key in wanted])
                case {"kind": "image", "key": int(key), "offset": int(offset)}:
                    self._send_piece(key, offset, request)
                case {"kind": "save", "keys": list(keys)}:
                    self._save_selected(keys, request)
        except (ImgWidgetsError, OSError, ValueError, KeyError) as error:
            # Shown in the grid: what a callback raises, ipywidgets would print where nobody looks.
            self._say({"kind": "failed", "request": request, "message": text.one_line(error, 400)})

    def _send_piece(self, key: int, offset: int, request: Any) -> None:
        item = next((item for item in self._snapshot() if item.key == key), None)
        if item is None or item.image is None or offset < 0:
            raise ValueError("this image is no longer in the grid")
        data = item.image.bytes
        answer = {
            "kind": "image",
            "key": key,
            "request": request,
            "offset": offset,
            "total": len(data),
            "media_type": item.image.media_type,
            "details": details(item) if offset == 0 else None,
        }
        self._say(answer, bytes(data[offset : offset + _PIECE]))

    def _save_selected(self, keys: Sequence[Any], request: Any) -> None:
        wanted = {key for key in keys if isinstance(key, int)}
        images = [
            item.image for item in self._snapshot() if item.key in wanted and item.image and not item.error
        ]
        files = self.save(images=images)
        count = f"{len(files)} image{'' if len(files) == 1 else 's'}"
        self._say({"kind": "done", "request": request, "message": f"Saved {count} in {self.folder}"})

    # -- thumbnails ------------------------------------------------------------------------------------

    def _push(self, items: Iterable[Item]) -> None:
        """Send thumbnails as they get ready, from the threads that make them."""
        for item in items:
            if item.image is not None and not item.error:
                self._thumbnails.start(item).add_done_callback(partial(self._ready, item))

    def _ready(self, item: Item, future: Future[tuple[bytes, str]]) -> None:
        if future.cancelled() or self._closed:
            return
        error = future.exception()
        if error is not None:
            self._fail(item, error)
            return
        data, media_type = future.result()
        self._say(
            {"kind": "thumbnail", "key": item.key, "version": item.version, "media_type": media_type}, data
        )

    def _fail(self, item: Item, error: BaseException) -> None:
        """Turn a tile whose image cannot be decoded into one that says why."""
        reason = text.shorten(text.plain(error), 600) or type(error).__name__
        with self._lock:
            same = ((now.key, now.version) == (item.key, item.version) for now in self._items)
            place = next((place for place, found in enumerate(same) if found), None)
            if place is None:
                return
            failed = msgspec.structs.replace(self._items[place], error=reason, version=item.version + 1)
            self._items[place] = failed
        self._say({"kind": "tile", "tile": tile(failed, place)})
        self._summarise()

    def _static_copy(self) -> str:
        """Write the copy that stays, and remember its marker for the page."""
        made: list[tuple[bytes, str] | None] = []
        waiting = [
            (item, None if item.error or item.image is None else self._thumbnails.start(item))
            for item in self._snapshot()[:MOST]
        ]
        for item, future in waiting:
            error = None if future is None else future.exception()
            if error is not None:
                self._fail(item, error)
            made.append(None if future is None or error is not None else future.result())
        items = self._snapshot()
        if not items:
            return ""
        # Another thread may have added images meanwhile: they are in the next copy.
        html, self._twin = static_copy(items[: len(made)], made, total=len(items))
        return html
