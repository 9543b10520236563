"""The Studio's Edit tab: the painter on the chosen image, and what an edit changed."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from imgwidgets.errors import ImgWidgetsError
from imgwidgets.images import Mask, compare_edit
from imgwidgets.images.pixels import open_image
from imgwidgets.widgets.painter.painter import MaskPainter
from imgwidgets.widgets.picker.controls import html
from imgwidgets.widgets.studio.part import Part, said

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from imgwidgets.images import ImageResult, ResultImage
    from imgwidgets.widgets.studio.inputs import Given

__all__ = ["EditPanel"]

_EDGE = 1200  # pixels of the longer edge of what the comparison shows
_EMPTY = (
    '<div class="iws-empty"><strong>Nothing to paint on yet</strong>'
    "<p>Choose <em>Edit</em> on a result, or drop, paste or upload an image. "
    "What you paint is what an edit may change; with nothing painted, all of it may.</p></div>"
)


class EditPanel(widgets.VBox):
    """Painter and comparison.

    Parameters
    ----------
    painted : callable
        Called with the mask when it has changed by hand.
    use : callable
        Called with the image that somebody wants to go on with.
    failed : callable
        Called with an exception.
    """

    def __init__(
        self,
        *,
        painted: Callable[[Mask], None],
        use: Callable[[ResultImage], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._lock = threading.RLock()
        self._painted = painted
        self._use = use
        self._setting = False
        self.painter: MaskPainter | None = None
        self._wanted: tuple[tuple[Given, ...], Mask | None] = ((), None)
        self._results: list[ResultImage] = []
        self._before: tuple[bytes, Mask | None] | None = None
        self._place = 0  # which of the results is shown
        self._number = 0  # grows when something else is compared
        self._compare = Part("compare", failed, shown=False, number=0, words="", place=0, count=0, size=None)
        self._compare.on("other", self._other)
        self._compare.on("use", lambda: self._use(self._results[self._place]))
        self._note = html(_EMPTY)
        super().__init__([self._compare, self._note])
        self.add_class("iws-panel")
        self.add_class("iws-panel-edit")

    # -- the painter -------------------------------------------------------------------------------------

    def show(self, given: tuple[Given, ...], mask: Mask | None) -> None:
        """Paint on other images; the first painter is made when the panel is looked at.

        Parameters
        ----------
        given : tuple of Given
            The first is painted on.
        mask : Mask or None
            What is selected at first.
        """
        with self._lock:
            self._wanted = given, mask
            if self.painter is not None:
                self.ready()

    def ready(self) -> None:
        """Make the painter what it should be."""
        with self._lock:
            given, mask = self._wanted
            if not given or given[0].sent.data is None:
                only = "Only the provider can see this image: it can be edited, but not painted on."
                self._note.value = _EMPTY if not given else f'<div class="iws-empty"><p>{only}</p></div>'
                self.children = [self._compare, self._note]
                return
            pictures = [one.image for one in given if one.sent.data is not None]
            self._setting = True
            try:
                if self.painter is None:
                    self.painter = MaskPainter(pictures, mask=mask)
                    self.painter.observe(self._on_mask, "mask")
                else:
                    if [id(one) for one in self.painter.images] != [id(one) for one in pictures]:
                        self.painter.image = pictures
                    wanted = Mask.blank(self.painter.mask.size) if mask is None else mask
                    if wanted is not self.painter.mask and (mask is not None or self.painter.mask.area):
                        self.painter.mask = wanted
            finally:
                self._setting = False
            self.children = [self._compare, self.painter]

    def _on_mask(self, change: Any) -> None:
        with self._lock:
            if self._setting:
                return
            given, _ = self._wanted
            self._wanted = given, change["new"]
        self._painted(change["new"])

    # -- before and after --------------------------------------------------------------------------------

    def compare(self, before: bytes, mask: Mask | None, result: ImageResult | Sequence[ResultImage]) -> None:
        """Show an image and what an edit made of it."""
        with self._lock:
            self._before = before, mask
            self._results = list(result)
            self._place = 0
            self._number += 1
            self._show_pair()

    def forget(self) -> None:
        """Show no comparison."""
        with self._lock:
            self._results, self._before = [], None
            self._number += 1
            self._compare.show(shown=False, number=self._number)
            self._compare.show_pictures({})

    def _other(self, step: int) -> None:
        with self._lock:
            self._place = (self._place + (1 if step > 0 else -1)) % max(1, len(self._results))
            self._show_pair()

    def _show_pair(self) -> None:
        if self._before is None or not self._results:
            return
        before, mask = self._before
        after = self._results[self._place]
        self._compare.show_pictures({"before": _shown(before), "after": _shown(after.bytes)})
        self._compare.show(
            shown=True,
            number=self._number,
            words=_leak(before, after, mask),
            place=self._place,
            count=len(self._results),
            size=list(after.size),
        )

    def close(self) -> None:
        """Remove the panel from all pages."""
        if self.painter is not None:
            self.painter.close()
        super().close()


def _shown(data: bytes) -> bytes:
    """Give an image as WebP, no larger than a screen shows it."""
    picture = open_image(data, edge=_EDGE)
    buffer = io.BytesIO()
    picture.save(buffer, "webp", method=0, quality=90)
    return buffer.getvalue()


def _leak(before: bytes, after: ResultImage, mask: Mask | None) -> str:
    """Say what an edit changed outside the mask; nothing where that has no meaning."""
    if mask is None or not mask.area or mask.size != after.size:
        return ""
    try:
        found = f"{compare_edit(before, after, mask)}"
        return found[:1].upper() + found[1:]
    except ImgWidgetsError as error:
        return said(error)
