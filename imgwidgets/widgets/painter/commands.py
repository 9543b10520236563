"""What a script does with a painter: the same steps as by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from imgwidgets.errors import ImageInputError
from imgwidgets.images import ImageResult, Mask, compare_edit
from imgwidgets.images.mask_limits import corners, edges
from imgwidgets.images.operations import Ellipse, Fill, Lasso, Polygon, Rectangle, Stroke
from imgwidgets.widgets.painter.marks import Mark, marks_in, with_marks
from imgwidgets.widgets.painter.picture import listed
from imgwidgets.widgets.painter.select import select_box, select_wand
from imgwidgets.widgets.painter.settings import Given, Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgwidgets.images import EditComparison
    from imgwidgets.images.operations import Operation
    from imgwidgets.widgets.painter.core import Core

__all__ = ["Commands"]


class Commands(Settings):
    """The half of :class:`~imgwidgets.MaskPainter` that scripts use; use that class."""

    mask = Given()
    marks = Given(())
    image = Given()

    _core: Core
    _pages: Any = None

    def _tell(self, *, whole: bool = False) -> None:
        """Tell pages, and those who observe, what has changed."""
        raise NotImplementedError

    @property
    def images(self) -> tuple[Any, ...]:
        """All images that were given; the mask belongs to the first."""
        return listed(self.image)

    def stroke(
        self,
        points: Sequence[tuple[float, float]],
        *,
        radius: float | Sequence[float] | None = None,
        erase: bool = False,
        softness: float | None = None,
    ) -> None:
        """Draw a stroke as if by hand.

        Parameters
        ----------
        points : sequence of (x, y)
            Image pixels.
        radius : float or sequence of float, optional
            Image pixels, for all points or one for each; None for the brush's.
        erase : bool
            True takes away.
        softness : float, optional
            None for the brush's.
        """
        size: Any = self.brush_radius if radius is None else radius
        soft = self.softness if softness is None else softness
        self._apply(Stroke(points=_pairs(points), radius=size, erase=erase, softness=soft))

    def rectangle(self, box: Sequence[float], *, erase: bool = False, softness: float = 0) -> None:
        """Select, or take away, the box (left, top, right, bottom), in image pixels."""
        self._apply(Rectangle(box=_box(box), erase=erase, softness=softness))

    def ellipse(self, box: Sequence[float], *, erase: bool = False, softness: float = 0) -> None:
        """Select, or take away, the ellipse in the box (left, top, right, bottom), in image pixels."""
        self._apply(Ellipse(box=_box(box), erase=erase, softness=softness))

    def polygon(
        self, points: Sequence[tuple[float, float]], *, erase: bool = False, softness: float = 0
    ) -> None:
        """Select, or take away, the inside of a polygon; what its sides cross twice is outside."""
        self._apply(Polygon(points=_pairs(points), erase=erase, softness=softness))

    def lasso(
        self, points: Sequence[tuple[float, float]], *, erase: bool = False, softness: float = 0
    ) -> None:
        """Select, or take away, all that a closed line goes around, its loops included."""
        self._apply(Lasso(points=_pairs(points), erase=erase, softness=softness))

    def wand(self, at: tuple[float, float], *, tolerance: float | None = None, erase: bool = False) -> None:
        """Select, or take away, the area of similar colour around (x, y).

        Parameters
        ----------
        at : (float, float)
            Image pixels.
        tolerance : float, optional
            0 to 255; None for the painter's.
        erase : bool
            True takes away.

        Raises
        ------
        MissingExtra
            Without OpenCV: ``pip install "imgwidgets[select]"``.
        """
        reach = self.tolerance if tolerance is None else tolerance
        point = np.array(corners((at,), "the wand", 1), np.float64)
        self._apply(select_wand(self._pages.picture.pixels, point, tolerance=reach, erase=erase))

    def grab(self, box: Sequence[float], *, erase: bool = False) -> None:
        """Select, or take away, the object in the box (left, top, right, bottom), in image pixels.

        Raises
        ------
        MissingExtra
            Without OpenCV: ``pip install "imgwidgets[select]"``.
        """
        points = np.array(_box(box), np.float64).reshape(2, 2)
        self._apply(select_box(self._pages.picture.pixels, points, erase=erase))

    def _apply(self, operation: Operation) -> None:
        self._core.apply(operation)
        self._tell()

    def mark(
        self,
        points: Sequence[tuple[float, float]],
        *,
        width: float | Sequence[float] | None = None,
        color: str | None = None,
        arrow: bool = False,
        erase: bool = False,
    ) -> None:
        """Draw a line or an arrow of the markup as if by hand, whatever the mode is.

        Parameters
        ----------
        points : sequence of (x, y)
            Image pixels; an arrow points at the last one.
        width : float or sequence of float, optional
            Image pixels, for all points or one for each; None for ``markup_width``.
        color : str, optional
            ``#rrggbb``; None for ``markup_color``.
        arrow : bool
            Whether it ends in a head.
        erase : bool
            True takes away what was drawn before.
        """
        size: Any = self.markup_width if width is None else width
        colour = self.markup_color if color is None else color
        self._core.add_mark(Mark(points=_pairs(points), width=size, color=colour, arrow=arrow, erase=erase))
        self._tell()

    def undo(self) -> None:
        """Take the last step back, of the mask or of the markup; nothing happens where there is none."""
        self._command("undo", mode=self.mode)

    def redo(self) -> None:
        """Do again what was undone."""
        self._command("redo", mode=self.mode)

    def clear(self) -> None:
        """Select nothing, or take all marks away. It can be undone, as all of these."""
        self._command("clear", mode=self.mode)

    def invert(self) -> None:
        """Swap what is selected and what is not."""
        self._command("invert")

    def fill(self, at: tuple[float, float] | None = None, *, erase: bool = False) -> None:
        """Select everything, or what hangs together with the pixel at (x, y), as the bucket does.

        Parameters
        ----------
        at : (float, float), optional
            Image pixels.
        erase : bool
            True takes away.
        """
        self._apply(Fill(at=None if at is None else corners((at,), "fill", 1)[0], erase=erase))

    def grow(self, px: float) -> None:
        """Widen the selection by so many image pixels."""
        self._command("grow", px)

    def shrink(self, px: float) -> None:
        """Narrow the selection by so many image pixels."""
        self._command("shrink", px)

    def feather(self, px: float) -> None:
        """Soften the selection's edge over so many image pixels."""
        self._command("feather", px)

    def _command(self, name: str, amount: float | None = None, *, mode: str = "mask") -> None:
        self._core.command(name, {"amount": amount}, mode=mode)
        self._tell()

    def compare(self, edited: Any, *, tolerance: int = 2) -> EditComparison:
        """Measure what an edit changed outside the mask, and say it in a line below the picture.

        Parameters
        ----------
        edited : image or ImageResult
            What came of the edit; of several images the first. It must have the size of the image.
        tolerance : int
            0 to 255: what a channel may differ by without counting as changed.

        Returns
        -------
        EditComparison
            With ``changed``, ``share``, ``heat`` and ``restore()``.

        Raises
        ------
        ImageInputError
            Where it cannot be read or has another size.
        """
        if isinstance(edited, list | tuple) and not edited:
            raise ImageInputError("compare got an empty list; give what came of the edit")
        after = edited[0] if isinstance(edited, ImageResult | list | tuple) else edited
        found = compare_edit(self.images[0], after, self.mask, tolerance=tolerance)
        self._pages.companion.set_trait("_result", f"The edit: {found}")
        return found

    def save_strokes(self, path: str | Path) -> None:
        """Write mask and markup as the list of what was done: JSON, exact to the bit.

        ``Mask.from_json`` reads the mask from it, and :meth:`load_strokes` both.
        """
        with self._core.lock:
            mask, marks = self._core.canvas.mask, self._core.markup.marks
        Path(path).expanduser().write_text(with_marks(mask.to_json(), marks), encoding="utf-8")

    def load_strokes(self, path: str | Path) -> None:
        """Show what :meth:`save_strokes` or ``Mask.to_json`` wrote, as a step that can be undone.

        A file of a mask alone leaves the marks as they are.

        Raises
        ------
        ImageInputError
            Where the file holds no mask, or one of another size; then nothing has changed.
        """
        try:
            said = Path(path).expanduser().read_text(encoding="utf-8")
        except (OSError, UnicodeError) as error:
            raise ImageInputError(f"the strokes in {path} cannot be read: {error}") from error
        mask = Mask.from_json(said)
        marks = marks_in(said)
        self.mask = mask
        if marks is not None:
            self.marks = marks


def _box(box: Any) -> tuple[float, float, float, float]:
    return edges(box, "a box")


def _pairs(points: Any) -> tuple[tuple[float, float], ...]:
    iterator = hasattr(points, "__iter__") and not hasattr(points, "__len__")
    return corners(list(points) if iterator else points, "the painter", 1)
