"""What can be done with the images of a grid, from Python and from the page."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import traitlets as t

from imgwidgets.widgets import text
from imgwidgets.widgets.grid import marks as grid_marks
from imgwidgets.widgets.grid.board import Board
from imgwidgets.widgets.grid.code import code_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from imgwidgets.images import ResultImage
    from imgwidgets.widgets.grid.items import Item

__all__ = ["Actions"]

_RATINGS = (1, 2, 3, 4, 5)


class Actions(Board):
    """Marks, deletion, code, and what others offer to do with images."""

    _offers = t.List(t.Unicode()).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        self._callbacks: dict[str, list[Callable[[list[Any]], Any]]] = {}
        super().__init__(**traits)

    # -- for people --------------------------------------------------------------------------------------

    def on_action(self, name: str, callback: Callable[[list[Any]], Any]) -> Callable[[], None]:
        """Offer an action on each tile and on the selection.

        Parameters
        ----------
        name : str
            ``use`` (as an input; offered only where somebody listens), ``edit`` (in place of the grid's
            own painter), ``retry`` (for failed tiles that have no Retry of their own), or a word of
            your own, which becomes a button: ``grid.on_action("upscale", upscale)``.
        callback : callable
            Called with a list of the images, in the order of the grid; for ``retry`` with the failed
            items. What it raises is shown in the grid.

        Returns
        -------
        callable
            Takes the offer back.

        Raises
        ------
        ValueError
            Where ``name`` is no short text.
        """
        if not isinstance(name, str) or not text.one_line(name) or len(name) > 40:
            raise ValueError(f"an action's name is one to 40 characters, not {str(name)[:60]!r}")
        if not callable(callback):
            raise TypeError(f"on_action({name!r}, ...) needs a function; {callback!r:.80} cannot be called")
        with self._list.lock:
            self._callbacks.setdefault(name, []).append(callback)
        self._offer()

        def take_back() -> None:
            with self._list.lock:
                listening = self._callbacks.get(name, [])
                if callback in listening:
                    listening.remove(callback)
                if not listening:
                    self._callbacks.pop(name, None)
            self._offer()

        return take_back

    def remove(self, images: Any) -> None:
        """Take images out of the grid; files and history keep them.

        Parameters
        ----------
        images : ResultImage or iterable of ResultImage
            Some of ``grid.images``.

        Raises
        ------
        ValueError
            Where one is not in the grid.
        """
        self._drop([item.key for item in self._items_of(images)])

    def star(self, images: Any, starred: bool = True) -> None:  # noqa: FBT001, FBT002 (star(image) reads as a sentence)
        """Mark images, or take the mark away; the history remembers it where it holds them.

        Raises
        ------
        ValueError
            Where one is not in the grid.
        """
        self._mark(self._items_of(images), starred=bool(starred))

    def rate(self, images: Any, rating: int | None) -> None:
        """Rate images from 1 to 5; None takes the rating away. The history remembers it.

        Raises
        ------
        ValueError
            Where one is not in the grid, or the rating is something else.
        """
        if rating is not None and (isinstance(rating, bool) or rating not in _RATINGS):
            raise ValueError(f"a rating is 1, 2, 3, 4, 5 or None, not {rating!r}")
        self._mark(self._items_of(images), rating=rating)

    @property
    def starred(self) -> list[ResultImage]:
        """The images with a star, in the order of the grid."""
        return [item.shown for item in self._list.all() if item.starred and item.shown is not None]

    @property
    def ratings(self) -> list[int | None]:
        """One for each of ``grid.images``: 1 to 5, or None."""
        return [item.rating for item in self._list.all() if item.shown is not None]

    def code(self, images: Any = None) -> str:
        """Give the Python that asks for images again.

        Parameters
        ----------
        images : ResultImage or iterable of ResultImage, optional
            Some of ``grid.images``; default: all that a request is known of.

        Raises
        ------
        ValueError
            Where one is not in the grid, or no request is known of any.
        """
        items = self._list.all() if images is None else self._items_of(images)
        return code_of(items)

    # -- the machinery -------------------------------------------------------------------------------------

    def _items_of(self, images: Any) -> list[Item]:
        """Give the items of images, in the order of the grid."""
        given: Iterable[Any] = images if isinstance(images, (list, tuple)) or _many(images) else [images]
        with self._list.lock:
            by_image = {id(item.image): item for item in self._list.all() if item.image is not None}
            try:
                keys = {by_image[id(image)].key for image in given}
            except KeyError:
                missing = next(image for image in given if id(image) not in by_image)
                raise ValueError(f"{missing!r} is not in this grid") from None
            return [item for item in self._list.all() if item.key in keys]

    def _mark(self, items: Sequence[Item], **marks: Any) -> None:
        with self._list.lock:
            for item in items:
                new = self._list.change(item.key, **marks)
                if new is not None:
                    self._tell(new)
        grid_marks.keep([item.image for item in items if item.image is not None], **marks)

    @property
    def _retries(self) -> bool:
        return "retry" in self._callbacks

    def _offer(self) -> None:
        before = self._retries_offered
        with self._list.lock:
            self._offers = sorted(self._callbacks)
        if before != self._retries and self._heard:
            self._send_tiles(0)

    @property
    def _retries_offered(self) -> bool:
        return "retry" in self._offers

    def _act(self, name: str, items: Sequence[Item]) -> None:
        """Call those who offered an action."""
        with self._list.lock:
            callbacks = list(self._callbacks.get(name, ()))
        things = list(items) if name == "retry" else [item.shown for item in items if item.shown is not None]
        if not callbacks:
            raise ValueError(f"nobody offers to {text.one_line(name, 40)} any more")
        for callback in callbacks:
            callback(things)

    def _retry(self, items: Sequence[Item]) -> None:
        """Ask again for what failed, each on a thread of its own: a request takes a while."""
        for item in items:
            if item.retry is not None:
                threading.Thread(target=item.retry, name="imgwidgets-retry", daemon=True).start()
        rest = [item for item in items if item.error and item.retry is None]
        if rest and self._retries:
            threading.Thread(target=self._act_aloud, args=("retry", rest), daemon=True).start()

    def _act_aloud(self, name: str, items: Sequence[Item]) -> None:
        try:
            self._act(name, items)
        except Exception as error:  # noqa: BLE001 (somebody else's code: the person sees what it said)
            self._say({"kind": "trouble", "message": text.one_line(error, 400) or type(error).__name__})


def _many(images: Any) -> bool:
    return hasattr(images, "__iter__") and not hasattr(images, "media_type")
