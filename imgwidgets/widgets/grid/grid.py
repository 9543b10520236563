"""The result grid: thumbnails in the page, images in Python."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import traitlets as t

from imgwidgets.errors import HistoryError
from imgwidgets.widgets import text
from imgwidgets.widgets.grid import boot as grid_boot
from imgwidgets.widgets.grid import marks as grid_marks
from imgwidgets.widgets.grid import still as grid_still
from imgwidgets.widgets.grid.expect import Expected
from imgwidgets.widgets.grid.inbox import Inbox
from imgwidgets.widgets.grid.items import Item, failure, items_of
from imgwidgets.widgets.page import in_notebook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from imgwidgets.catalog import ImageRequest
    from imgwidgets.images import ResultImage

__all__ = ["ResultGrid"]


class _Images(t.List):  # type: ignore[type-arg]
    """A list trait that takes any sequence of images: a result, a slice of one, a tuple."""

    def validate(self, obj: Any, value: Any) -> Any:
        return super().validate(obj, list(value) if isinstance(value, Sequence) else value)


class ResultGrid(Inbox):
    """A grid of images in a notebook: look, compare, select, mark, save.

    Only thumbnails travel to the page, when they scroll into view; an image travels when it is
    opened, as the bytes that the provider sent. It takes any images, not only ours.

    Parameters
    ----------
    images : object, optional
        An ``ImageResult``, a ``ResultImage``, an ``Entry`` of the history, a PIL image, an array, a
        path, a URL (fetched by Python, never by the browser), or an iterable of those. What cannot be
        read becomes a tile with the reason.
    folder : str or path, default "images"
        Where the Save button writes.
    static : bool, default True
        Whether showing the grid also leaves small pictures in the notebook, which stay when the
        kernel is gone.
    budget : int, default 700_000
        Characters that those may take in the notebook: they shrink before there are more.

    Attributes
    ----------
    selected : list of ResultImage
        In the order of the grid; can be set and observed.
    sort_by : str
        ``""`` (as they came), ``"time"``, ``"cost"`` or ``"rating"``; ``"-cost"`` begins with the most.
    group_by : str
        ``""``, ``"prompt"``, ``"model"``, ``"size"`` or the name of any parameter.
    filter_text, filter_model : str
        Words that must appear in prompt, model, parameters or notes; a model's name.
    filter_starred : bool
        Whether only images with a star are shown.
    filter_rating : int
        The least rating that is shown, 1 to 5; 0 shows all.

    Raises
    ------
    TypeError
        Where ``images`` is nothing that could be shown.

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
    >>> grid.rate(grid.selected, 5)
    >>> grid.ratings
    [5, None]
    """

    _esm = grid_boot.BOOT
    _twin = t.Unicode("").tag(sync=True)
    sort_by = t.Enum(["", "time", "-time", "cost", "-cost", "rating", "-rating"], "").tag(sync=True)
    group_by = t.Unicode("").tag(sync=True)
    filter_text = t.Unicode("").tag(sync=True)
    filter_model = t.Unicode("").tag(sync=True)
    filter_starred = t.Bool(False).tag(sync=True)  # noqa: FBT003 (a trait's default)
    filter_rating = t.Int(0, min=0, max=5).tag(sync=True)

    selected = _Images(
        t.Any(), help="The selected images, in the order of the grid; can be set and observed."
    )

    def __init__(
        self,
        images: Any = None,
        *,
        folder: str | Path = "images",
        static: bool = True,
        budget: int = grid_still.BUDGET,
    ) -> None:
        self._static = static
        self._budget = budget
        self._recalled = False  # while a selection comes from the history, it is not written there again
        found = [] if images is None else list(items_of(images))
        super().__init__(folder=str(folder))
        self._take(found)

    # -- for people ----------------------------------------------------------------------------------

    @property
    def images(self) -> list[ResultImage]:
        """All images, without the failed tiles. Waits for files and URLs that are being read."""
        self._settle()
        return [item.shown for item in self._list.all() if item.shown is not None]

    @property
    def items(self) -> list[Item]:
        """Everything there is: images, failures and tiles that wait, with what is known of each."""
        return self._list.all()

    def add(self, images: Any) -> None:
        """Append images: whatever the constructor takes.

        Raises
        ------
        TypeError
            Where ``images`` is nothing that could be shown, such as None or a number.
        """
        if images is None:
            raise TypeError("there is nothing to add: pass an image, a result or a list of them")
        self._take(list(items_of(images)))

    def add_error(
        self, error: BaseException | str, *, prompt: str = "", retry: Callable[[], Any] | None = None
    ) -> None:
        """Append a tile that says why there is no image.

        Parameters
        ----------
        error : Exception or str
            Its message is shown.
        prompt : str
            What was asked for.
        retry : callable, optional
            Called on a thread of its own when somebody presses Retry.
        """
        self._append([failure(error, title=prompt, retry=retry)])

    def expect(  # noqa: PLR0913 (what is known of a request before it is answered)
        self,
        count: int = 1,
        *,
        prompt: str = "",
        model: str = "",
        parameters: dict[str, Any] | None = None,
        usual_seconds: float | None = None,
        request: ImageRequest | None = None,
        retry: Callable[[], Any] | None = None,
    ) -> Expected:
        """Append tiles that wait for a request, with the seconds that it has taken so far.

        Parameters
        ----------
        count : int
            How many images are awaited.
        prompt, model : str
            What was asked of whom.
        parameters : dict, optional
            What else was asked for, by the API's names.
        usual_seconds : float, optional
            How long such a request usually takes.
        request : ImageRequest, optional
            What was asked, whole: a failed tile can then show it as Python.
        retry : callable, optional
            Asks again after an error, on a thread of its own; the same tiles then wait anew, and what
            it gets goes to the same :class:`Expected`.

        Returns
        -------
        Expected
            Takes the partial images, the result or the error, from any thread.

        Raises
        ------
        ValueError
            Where ``count`` is less than 1.
        """
        if not isinstance(count, int) or count < 1:
            raise ValueError(f"count={count!r}: how many images are awaited, 1 or more")
        blank = Item(
            title=prompt,
            model=model,
            parameters=dict(parameters or {}),
            waiting_since=time.monotonic(),
            usual_seconds=usual_seconds,
            request=request,
        )
        with self._list.lock:
            return Expected(self._place, self._append([blank] * count), count, retry)

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
        with self._list.lock:
            self._put(self._list.of(old).key, found[0])

    def clear(self) -> None:
        """Take all images out."""
        with self._list.lock:
            self._drop([item.key for item in self._list.all()])

    def close(self) -> None:
        """Free the images and remove the grid from the page."""
        if not hasattr(self, "_list"):
            return  # the constructor was called with wrong arguments, and ipywidgets closes what it left
        self._free()
        super().close()

    def __len__(self) -> int:
        return len(self._list)

    def __repr__(self) -> str:
        items = self._list.all()
        failed = sum(bool(item.error) for item in items)
        waiting = sum(item.waiting_since is not None and item.state == "waiting" for item in items)
        count = len(items) - failed - waiting
        tail = (f", {failed} failed" if failed else "") + (f", {waiting} waiting" if waiting else "")
        return f"<ResultGrid: {count} image{'' if count == 1 else 's'}{tail}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if not in_notebook():
            return {"text/plain": repr(self)}
        if self._static:
            self._twin = grid_still.publish(self._still)
        if grid_still.somebody_watches():
            self._greet()
        return super()._repr_mimebundle_(**kwargs)

    # -- the list --------------------------------------------------------------------------------------

    def _still(self, cell: str) -> grid_still.Still:
        return grid_still.Still(
            self._list, self._thumbnails, settle=self._settle, fail=self._fail, cell=cell, budget=self._budget
        )

    def _take(self, found: list[Item]) -> None:
        """Append items with the marks that the history remembers."""
        marked, selected = grid_marks.recall(found)
        new = self._append(marked)
        again = [
            item.image for item, was in zip(new, selected, strict=True) if was and item.image is not None
        ]
        if again:
            with self._unwritten():
                self.selected = [*self.selected, *again]

    @contextmanager
    def _unwritten(self) -> Iterator[None]:
        """Change the selection without telling the history: nobody has selected anything else."""
        before, self._recalled = self._recalled, True
        try:
            yield
        finally:
            self._recalled = before

    def _put(self, key: int, item: Item) -> bool:
        [marked], _ = grid_marks.recall([item])
        return super()._put(key, marked)

    def _drop(self, keys: Iterable[int]) -> None:
        with self._unwritten():
            super()._drop(keys)
            left = [image for image in self.selected if self._holds(image)]
            if len(left) != len(self.selected):
                self.selected = left

    def _holds(self, image: ResultImage) -> bool:
        try:
            self._list.of(image)
        except ValueError:
            return False
        return True

    # -- the selection -----------------------------------------------------------------------------------

    @t.validate("selected")
    def _check_selected(self, proposal: Any) -> list[ResultImage]:
        return [item.image for item in self._items_of(list(proposal["value"])) if item.image is not None]

    @t.observe("selected")
    def _tell_selected(self, change: Any) -> None:
        self._selected = [item.key for item in self._items_of(list(change["new"]))]
        if not self._recalled:
            old = change["old"] if isinstance(change["old"], list) else []  # the first time there is none
            before, now = {id(image) for image in old}, {id(image) for image in change["new"]}
            try:
                grid_marks.keep([i for i in change["new"] if id(i) not in before], selected=True)
                grid_marks.keep([i for i in old if id(i) not in now], selected=False)
            except HistoryError as error:  # the selection counts all the same
                self._say({"kind": "trouble", "message": text.one_line(error, 400)})

    @t.observe("_selected")
    def _hear_selected(self, change: Any) -> None:
        with self._list.lock:
            known = {item.key: item.shown for item in self._list.all()}
        images = [image for key in change["new"] if (image := known.get(key)) is not None]
        # Images are compared by identity: equal pictures may stand in one grid twice.
        if [id(image) for image in images] != [id(image) for image in self.selected]:
            self.selected = images
