"""Editing an image of a grid: its painter, inside the grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgwidgets.widgets.grid.saving import Saving

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgwidgets.widgets.grid.items import Item
    from imgwidgets.widgets.painter.painter import MaskPainter

__all__ = ["Editing"]


class Editing(Saving):
    """A grid whose images can be painted on."""

    def __init__(self, **traits: Any) -> None:
        self._painter: MaskPainter | None = None
        super().__init__(**traits)

    @property
    def painter(self) -> MaskPainter | None:
        """The painter that Edit opened last; its ``mask`` is what was painted there."""
        return self._painter

    def _edit(self, items: Sequence[Item]) -> str:
        """Open the first image in a painter, and give its model's name; or hand it to who offered to edit."""
        if "edit" in self._callbacks:
            self._act("edit", items)
            return ""
        from imgwidgets.widgets.painter.painter import MaskPainter  # noqa: PLC0415 (ipycanvas only when it is needed)

        if self._painter is None or self._painter.image is not items[0].image:
            painter = MaskPainter(items[0].image)
            self._forget_painter()
            self._painter = painter
        return str(self._painter.model_id)

    def _painted(self) -> str:
        """Give the mask of the painter as Python that makes the same one anywhere."""
        if self._painter is None:
            raise ValueError("no painter is open")
        return f"import imgwidgets as iw\n\nmask = iw.Mask.from_json({self._painter.mask.to_json()!r})\n"

    def _forget_painter(self) -> None:
        if self._painter is not None:
            self._painter.close()
            self._painter = None

    def _free(self) -> None:
        self._forget_painter()
        super()._free()
