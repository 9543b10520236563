"""The mask and the markup under the painter's brush: what the messages of all pages do, under one lock."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from imgwidgets.errors import ImageInputError, MissingExtra
from imgwidgets.images.mask_canvas import MaskCanvas
from imgwidgets.images.operations import (
    Ellipse,
    Feather,
    Fill,
    Grow,
    Invert,
    Lasso,
    Operation,
    Polygon,
    Rectangle,
    Shrink,
)
from imgwidgets.images.spans import join
from imgwidgets.widgets.painter.inbox import Inbox, amount_in, points_in
from imgwidgets.widgets.painter.marks import Mark, MarkupCanvas
from imgwidgets.widgets.painter.select import select_box, select_wand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import numpy.typing as npt

    from imgwidgets.images import Mask
    from imgwidgets.widgets.painter.picture import Box

__all__ = ["Change", "Core"]

_MARKING: dict[str, Callable[[MarkupCanvas], Box | None]] = {
    "undo": MarkupCanvas.undo,
    "redo": MarkupCanvas.redo,
    "clear": lambda markup: markup.replace(()),
}
"""What the buttons do to a markup."""


class Change(msgspec.Struct):
    """What has come of a message, or of several.

    Attributes
    ----------
    box : (left, top, right, bottom) or None
        Around all pixels of the mask that may have changed and that no page has been told of.
    marked : (left, top, right, bottom) or None
        The same for the markup.
    finished : bool
        Whether something ended, so that pages are told and ``painter.mask`` is new.
    """

    box: Box | None = None
    marked: Box | None = None
    finished: bool = False

    def add(self, box: Box | None = None, *, marked: Box | None = None, finished: bool = True) -> Change:
        """Join what came of another step."""
        self.box = join(self.box, box)
        self.marked = join(self.marked, marked)
        self.finished = self.finished or finished
        return self


class Core:
    """Applies strokes, shapes and commands in order, whatever thread they come on.

    Parameters
    ----------
    mask : Mask
        What is there at first.
    pixels : callable
        Gives the picture, (H, W, 3) uint8: what wand and smart box look at.

    Attributes
    ----------
    lock : threading.RLock
        Guards everything here; a widget sends what it tells pages under it too, so that they hear
        of changes in their order.
    canvas : MaskCanvas
        The mask's pixels.
    markup : MarkupCanvas
        The markup's; beside the mask, with a history of its own.
    inbox : Inbox
        Numbered messages.
    """

    def __init__(self, mask: Mask, pixels: Callable[[], npt.NDArray[np.uint8]]) -> None:
        self.lock = threading.RLock()
        self.canvas = MaskCanvas(mask)
        self.markup = MarkupCanvas(mask.size)
        self._pixels = pixels
        self.inbox = Inbox()
        self._change = Change()
        # The strokes that have begun: key -> their last point, with its radius; one of them is the canvas's.
        self._open: dict[Any, tuple[float, float, float]] = {}
        self._held: Any = None
        self._lines: dict[Any, list[npt.NDArray[np.float64]]] = {}  # the same for marks: x, y and width
        self._commands: dict[str, Callable[[Mapping[str, Any]], Box | None]] = {
            "undo": lambda _: self.canvas.undo(),
            "redo": lambda _: self.canvas.redo(),
            "clear": lambda _: self.canvas.clear(),
            "invert": lambda _: self.canvas.apply(Invert()),
            "fill": lambda _: self.canvas.apply(Fill()),
            "grow": lambda content: self.canvas.apply(Grow(px=amount_in(content))),
            "shrink": lambda content: self.canvas.apply(Shrink(px=amount_in(content))),
            "feather": lambda content: self.canvas.apply(Feather(px=amount_in(content))),
        }

    def restart(self, mask: Mask) -> None:
        """Begin anew with a mask, without history: another image, perhaps of another size."""
        with self.lock:
            self.canvas = MaskCanvas(mask)
            self.markup = MarkupCanvas(mask.size)
            self._open.clear()
            self._lines.clear()
            self._held = None
            self._change = Change().add((0, 0, *mask.size))

    def finished(self) -> Change | None:
        """Give what has changed since the last time something was finished; None where nothing is."""
        with self.lock:
            if not self._change.finished:
                return None  # a stroke goes on, and its box with it
            change, self._change = self._change, Change()
            return change

    # Messages

    def receive(self, content: Mapping[str, Any], buffers: Iterable[Any]) -> list[Exception]:
        """Take a numbered message in, and handle all that are due.

        Returns
        -------
        list of Exception
            What was wrong with any of them; the others were handled all the same.
        """
        problems: list[Exception] = []
        with self.lock:
            for message, data in self.inbox.take(content, buffers):
                try:
                    self._handle(message, data)
                except (ImageInputError, MissingExtra, LookupError, TypeError, ValueError) as error:
                    problems.append(error)
                    self._change.finished = True  # the page's ink must go all the same
        return problems

    def _handle(self, content: Mapping[str, Any], buffers: Sequence[Any]) -> None:
        kind = content["kind"]
        if kind == "stroke":
            self._stroke(content, buffers)
        elif kind == "mark":
            self._line(content, buffers)
        elif kind == "command":
            self.command(str(content["name"]), content, mode=str(content.get("mode", "mask")))
        else:
            self.apply(self._operation(kind, content, buffers))

    def _operation(self, kind: str, content: Mapping[str, Any], buffers: Sequence[Any]) -> Operation:
        points, erase = points_in(buffers[0], 2), bool(content.get("erase"))
        if kind == "wand":
            return select_wand(self._pixels(), points, tolerance=float(content["tolerance"]), erase=erase)
        if kind == "box":
            return select_box(self._pixels(), points, erase=erase)
        return _shape(kind, points, erase=erase)

    def command(self, name: str, content: Mapping[str, Any] | None = None, *, mode: str = "mask") -> None:
        """Do what a button does: undo, redo, clear, invert, fill, grow, shrink or feather.

        In the mode ``markup`` there are only the first three, and they concern the markup.
        """
        known: Iterable[str] = _MARKING if mode == "markup" else self._commands
        if name not in known:
            raise ImageInputError(f"the painter has no command {name!r} here; it has {', '.join(known)}")
        with self.lock:
            if mode == "markup":
                self._change.add(marked=_MARKING[name](self.markup))
                return
            self._let_go()
            self._change.add(self._commands[name](content or {}))

    def apply(self, operation: Operation) -> None:
        """Apply one operation as one step."""
        with self.lock:
            self._let_go()
            self._change.add(self.canvas.apply(operation))

    def replace(self, mask: Mask) -> None:
        """Put another mask of the same size in place of this one."""
        with self.lock:
            self._let_go()
            self._change.add(self.canvas.replace(mask))

    # Strokes

    def _stroke(self, content: Mapping[str, Any], buffers: Sequence[Any]) -> None:
        key = (content["client"], content["stroke"])
        if content.get("cancel"):
            self.cancel(key)
            return
        points = points_in(buffers[0], 3)
        if len(points):
            radius = float(content["radius"])
            sizes = radius * points[:, 2].clip(0, 1)
            softness = float(content.get("softness") or 0)
            self.draw(key, points[:, :2], sizes, erase=bool(content.get("erase")), softness=softness)
        if content.get("end"):
            self.end(key)

    def draw(
        self,
        key: Any,
        points: npt.NDArray[np.float64],
        radii: npt.NDArray[np.float64],
        *,
        erase: bool,
        softness: float = 0.0,
    ) -> None:
        """Go on with a stroke, or begin it.

        Parameters
        ----------
        key : hashable
            Which stroke: several pages may draw at once.
        points : (N, 2) float64
            (x, y) in image pixels.
        radii : (N,) float64
            Pixels.
        erase, softness
            As for ``Mask.stroke``.
        """
        with self.lock:
            last = self._open.get(key)
            if self._held == key and self.canvas.painting:
                box = self.canvas.extend_stroke(points, radius=radii.tolist())
            else:
                # The canvas holds one stroke: another page's ends here and goes on as a new one.
                start = [] if last is None else [last]
                joined = [*start, *zip(*points.T.tolist(), radii.tolist(), strict=True)]
                box = self.canvas.begin_stroke(
                    [point[:2] for point in joined],
                    radius=[point[2] for point in joined],
                    erase=erase,
                    softness=softness,
                )
                self._held = key
            self._open[key] = (float(points[-1, 0]), float(points[-1, 1]), float(radii[-1]))
            self._change.add(box, finished=False)

    def end(self, key: Any) -> None:
        """Finish a stroke."""
        with self.lock:
            self._open.pop(key, None)
            if self._held == key:
                self._let_go()
            self._change.finished = True

    def cancel(self, key: Any) -> None:
        """Take an unfinished stroke back."""
        with self.lock:
            self._open.pop(key, None)
            if self._held == key:
                self._held = None
                self._change.add(self.canvas.cancel_stroke())
            self._change.finished = True

    # Marks: they are drawn when they are finished, since the page shows them until then

    def _line(self, content: Mapping[str, Any], buffers: Sequence[Any]) -> None:
        key = (content["client"], content["stroke"])
        if content.get("cancel"):
            self._lines.pop(key, None)
            self._change.finished = True
            return
        self.draw_mark(key, points_in(buffers[0], 3))
        if content.get("end"):
            self.end_mark(
                key,
                width=float(content["width"]),
                color=str(content["color"]),
                arrow=bool(content.get("arrow")),
                erase=bool(content.get("erase")),
            )

    def draw_mark(self, key: Any, points: npt.NDArray[np.float64]) -> None:
        """Take up more points of a mark: (N, 3), x, y, and the share of its width."""
        with self.lock:
            self._lines.setdefault(key, []).append(points)

    def end_mark(
        self, key: Any, *, width: float, color: str, arrow: bool = False, erase: bool = False
    ) -> None:
        """Finish a mark, and draw it."""
        with self.lock:
            points = np.concatenate(self._lines.pop(key, [np.zeros((0, 3))]))
            self._change.finished = True
            if not len(points):
                return
            widths = tuple((width * points[:, 2].clip(0, 1)).tolist())
            pairs = tuple(map(tuple, points[:, :2].tolist()))
            self.add_mark(Mark(points=pairs, width=widths, color=color, arrow=arrow, erase=erase))

    def add_mark(self, mark: Mark) -> None:
        """Draw a mark as one step."""
        with self.lock:
            self._change.add(marked=self.markup.add(mark))

    def replace_marks(self, marks: tuple[Mark, ...]) -> None:
        """Put other marks in place of these."""
        with self.lock:
            self._change.add(marked=self.markup.replace(marks))

    def _let_go(self) -> None:
        self._held = None
        self.canvas.end_stroke()


def _shape(kind: str, points: npt.NDArray[np.float64], *, erase: bool) -> Operation:
    """Make the operation for a shape drawn by hand."""
    pairs = tuple(map(tuple, points.tolist()))
    if kind in ("rectangle", "ellipse"):
        (x0, y0), (x1, y1) = pairs
        box = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        return Rectangle(box=box, erase=erase) if kind == "rectangle" else Ellipse(box=box, erase=erase)
    if kind == "polygon":
        return Polygon(points=pairs, erase=erase)
    if kind == "lasso":
        return Lasso(points=pairs, erase=erase)
    if kind == "fill":
        return Fill(at=pairs[0], erase=erase)
    raise ImageInputError(f"the painter sent a message of unknown kind {str(kind)[:40]!r}")
