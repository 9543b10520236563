"""The mask painter: an image, a brush, and a numpy mask that is always current."""

from __future__ import annotations

import numbers
import threading
from typing import TYPE_CHECKING, Any

import ipywidgets
import numpy as np
import traitlets
from IPython import get_ipython
from traitlets.utils.bunch import Bunch

from imgwidgets.errors import ImageInputError
from imgwidgets.images import Mask
from imgwidgets.widgets.painter.commands import Commands
from imgwidgets.widgets.painter.core import Core
from imgwidgets.widgets.painter.marks import Mark, marks_of
from imgwidgets.widgets.painter.others import read_others
from imgwidgets.widgets.painter.pages import Pages
from imgwidgets.widgets.painter.picture import listed, read_picture
from imgwidgets.widgets.painter.settings import SHARED
from imgwidgets.widgets.painter.still import Still, still_html

if TYPE_CHECKING:
    from collections.abc import Callable

    import ipycanvas
    import numpy.typing as npt


__all__ = ["MaskPainter"]


class MaskPainter(Commands, ipywidgets.VBox):
    """Paint on an image what an edit may change.

    What is painted is recorded in the image's own pixels, however small it is shown, and is a
    :class:`~imgwidgets.Mask` at any time. All settings can be read, set and observed.

    For models that take a markup instead of a mask, ``mode="markup"`` draws coloured strokes and
    arrows. Both are kept while one switches between them; only the one of the present mode counts.

    Parameters
    ----------
    image : path, bytes, PIL.Image.Image, numpy.ndarray, ResultImage, or a list of them
        What to paint on: whatever ``edit`` takes, except references. Of several images, the mask
        belongs to the first.
    width : int, optional
        CSS pixels of the canvas; None fits it to a cell.
    mode : str, default "mask"
        What is painted: ``mask`` or ``markup``.
    tool : str, default "brush"
        For the mask ``brush``, ``eraser``, ``rectangle``, ``ellipse``, ``lasso``, ``polygon``, ``fill``
        and, where OpenCV is installed, ``wand`` and ``box``; for the markup ``brush``, ``eraser`` and
        ``arrow``; ``hand`` for both. A tool of the other mode switches to that mode.
    brush_radius : float, optional
        Image pixels; None for about a thirtieth of the longer edge.
    softness : float, default 0
        0 is a hard brush; up to 1, the share of the radius over which its edge fades.
    tolerance : float, default 32
        Of the wand: how far red, green and blue may be from the point's, 0 to 255.
    markup_color, markup_width : str, float, optional
        ``#rrggbb``, and image pixels (None for about a hundredth of the longer edge).
    mask : Mask, array, path or MaskPainter, optional
        What is selected at first.

    Attributes
    ----------
    mask : Mask
        What is selected now. Set it to show another one, from a mask, an array, a file or another
        painter (None selects nothing); observe it to hear of every stroke.
    marks : tuple of Mark
        What is drawn in the mode ``markup``. Set it to show others; observe it to hear of every stroke.
    image
        What was given. Set another one to go on with it: settings stay, and mask, marks and their
        steps where the new image is as large as the one before.
    show : str
        ``overlay``, ``mask`` (alone) or ``sent`` (what is edited is transparent).
    overlay_color, overlay_opacity : str, float
        ``#rrggbb``, and 0 to 1.
    error : str
        What last went wrong, as the painter shows it; empty if nothing did.

    ``alpha`` and ``markup`` can be observed too.

    Raises
    ------
    ImageInputError
        Where the image cannot be read, or the mask has another size.

    Notes
    -----
    With the focus on the picture: arrow keys move a crosshair, Enter puts the tool down and lifts it,
    Escape cancels, ``[`` and ``]`` change the brush as Ctrl and the wheel do, Ctrl+Z and Ctrl+Shift+Z
    undo and redo, Ctrl+A selects everything, Delete clears, I inverts, M switches between mask and
    markup; each tool's key is in its hint. ``+``, ``-``, ``0`` and ``1`` zoom, as Alt (or Ctrl and Shift)
    and the wheel, and a pinch; the wheel alone scrolls the page, or the picture where it is zoomed in.
    The right button and a pen's other end erase; Shift-click draws a line; Space and drag move the
    picture. Ctrl+Z while something is drawn takes back that, or a polygon's last corner.

    In a notebook, a small still picture of image and mask stays in the file for readers without a
    kernel. It follows what is painted; after the page was loaded again, run the cell to renew it.

    Examples
    --------
    >>> import numpy as np
    >>> import imgwidgets as iw
    >>> painter = iw.MaskPainter(np.zeros((480, 640, 3), np.uint8), brush_radius=12)
    >>> painter.stroke([(100, 100), (300, 120)])
    >>> painter.mask
    Mask(640x480, 1 operation, 5,288 pixels selected)
    >>> painter.alpha.shape, int(painter.alpha[110, 200])
    ((480, 640), 0)
    >>> painter.undo()
    >>> painter.mask.area
    0
    >>> painter
    MaskPainter(640x480, nothing selected)
    """

    def __init__(  # noqa: PLR0913 (each is a setting of its own)
        self,
        image: Any,
        *,
        width: int | None = None,
        mode: str = "mask",
        tool: str = "brush",
        brush_radius: float | None = None,
        softness: float = 0.0,
        tolerance: float = 32.0,
        markup_color: str = "#e5004c",
        markup_width: float | None = None,
        mask: Any = None,
        overlay_color: str = "#ff0066",
        overlay_opacity: float = 0.5,
        show: str = "overlay",
    ) -> None:
        width = _css_width(width)
        picture = read_picture(image)
        self._next = image, picture, read_others(listed(image)[1:])
        self._core = Core(_fitting(mask, picture.size), lambda: self._pages.picture.pixels)
        self._telling = threading.RLock()
        self._told = self._core.canvas.mask, self._core.markup.marks  # what was last set from here
        self._pages = Pages(self._core, picture, width=width, changed=self._tell)
        self._pages.others = self._next[2]
        self._still = Still(self._still_html)
        edge = max(picture.size)
        super().__init__(
            children=self._pages.widgets,
            layout=ipywidgets.Layout(width="100%", overflow="visible"),
            mode=mode,
            tool=tool,
            brush_radius=edge / 32 if brush_radius is None else brush_radius,
            softness=softness,
            tolerance=tolerance,
            markup_color=markup_color,
            markup_width=max(2, round(edge / 100)) if markup_width is None else markup_width,
            overlay_color=overlay_color,
            overlay_opacity=overlay_opacity,
            show=show,
            image=image,
            mask=self._core.canvas.mask,
        )
        self.add_class("imgwidgets-painter")
        for name in SHARED:
            traitlets.link((self, name), (self._pages.companion, name))

    # ---- the mask --------------------------------------------------------------------------------

    @property
    def alpha(self) -> npt.NDArray[np.uint8]:
        """(H, W) uint8, read-only: 0 = edit here, 255 = keep. Set it as the mask is set."""
        return self.mask.alpha  # type: ignore[no-any-return]

    @alpha.setter
    def alpha(self, value: npt.NDArray[np.uint8]) -> None:
        self.mask = value

    @property
    def markup(self) -> npt.NDArray[np.uint8] | None:
        """(H, W, 4) uint8, read-only: the marks, transparent around them.

        None in the mode ``mask``, and where nothing is drawn: it can always be given to
        ``client.edit(..., markup=painter.markup)``.
        """
        if self.mode != "markup":
            return None
        with self._core.lock:
            return self._core.markup.pixels()

    @property
    def canvas(self) -> ipycanvas.MultiCanvas:
        """The ipycanvas canvas: image, mask and ink layers. Shown alone, it paints too, only slower."""
        return self._pages.canvas

    def close(self) -> None:
        """Remove the painter from all pages."""
        if self._pages is not None:  # None where the painter could not be made
            self._still.close()
            self._pages.close()
        super().close()

    def __repr__(self) -> str:
        width, height = self.mask.size
        area = self.mask.area
        said = f"{area:,} pixel{'s' * (area != 1)} selected" if area else "nothing selected"
        if self.marks:
            said += f", {len(self.marks)} mark{'s' * (len(self.marks) != 1)}"
        return f"{type(self).__name__}({width}x{height}, {said})"

    # ---- settings --------------------------------------------------------------------------------

    @traitlets.validate("mask")
    def _check_mask(self, proposal: Any) -> Mask:
        return _fitting(proposal["value"], self._core.canvas.size)

    @traitlets.observe("mask")
    def _on_mask(self, change: Any) -> None:
        with self._core.lock:
            if change["new"] is self._told[0]:
                return  # it comes from there
            self._core.replace(change["new"])
        self._tell()

    @traitlets.observe("mask")
    def _tell_alpha(self, change: Any) -> None:
        old = change["old"]
        self._tell_derived("alpha", old and old.alpha, lambda: change["new"].alpha)

    @traitlets.observe("marks", "mode")
    def _tell_markup(self, _: Any) -> None:
        self._tell_derived("markup", None, lambda: self.markup)

    def _tell_derived(self, name: str, old: Any, new: Callable[[], Any]) -> None:
        """Call those who observe what is not a trait, but follows from one."""
        if self._trait_notifiers.get(name):
            self.notify_change(Bunch(name=name, type="change", owner=self, old=old, new=new()))

    @traitlets.observe("mask", "marks", "mode", "overlay_color", "overlay_opacity")
    def _renew_still(self, _: Any) -> None:
        self._still.touch()

    @traitlets.observe("mask")
    def _forget_result(self, _: Any) -> None:
        self._pages.companion.set_trait("_result", "")  # it was about another mask

    @traitlets.validate("marks")
    def _check_marks(self, proposal: Any) -> tuple[Mark, ...]:
        return marks_of(proposal["value"])

    @traitlets.observe("marks")
    def _on_marks(self, change: Any) -> None:
        with self._core.lock:
            if change["new"] is self._told[1]:
                return  # they come from there
            self._core.replace_marks(change["new"])
        self._tell()

    @traitlets.validate("image")
    def _check_image(self, proposal: Any) -> Any:
        given = proposal["value"]
        if given is not self._next[0]:
            self._next = given, read_picture(given), read_others(listed(given)[1:])
        return given

    @traitlets.observe("image")
    def _on_image(self, change: Any) -> None:
        if change["old"] is None:
            return  # the first one
        with self._core.lock:
            _, picture, others = self._next
            if picture.size != self._core.canvas.size:
                self._core.restart(Mask.blank(picture.size))
            self._pages.show(picture, others)
        self._forget_result(None)
        self._still.touch()
        self.error = ""
        self._tell(whole=True)

    def _tell(self, *, whole: bool = False) -> None:
        """Tell pages, and those who observe, what has changed."""
        if not self._pages.tell(whole=whole):
            return
        # Outside the core's lock: painting goes on while somebody's callback works. One at a time, and
        # each with the newest mask: the last one to be heard is the last one there is.
        with self._telling:
            with self._core.lock:
                self._told = self._core.canvas.mask, self._core.markup.marks
            self.mask = self._told[0]
            self.marks = self._told[1]  # newer by now, if a callback of the mask has drawn some

    # ---- shown in a cell -------------------------------------------------------------------------

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if getattr(get_ipython(), "kernel", None) is None:
            return {"text/plain": repr(self)}
        self._still.show()
        self._pages.draw()  # at once, even where more cells wait, and the page's messages with them
        bundle = super()._repr_mimebundle_(**kwargs)
        width, height = self._pages.picture.size
        # It stays in the notebook as it is now: it says nothing that painting changes.
        bundle["text/plain"] = f"{type(self).__name__}({width}x{height})"
        return bundle

    def _still_html(self) -> str:
        with self._core.lock:  # picture and mask of the same size
            picture, mask = self._pages.picture, self._core.canvas.mask
            markup = self._core.markup.pixels() if self.mode == "markup" else None
        return still_html(
            picture, mask, colour=self.overlay_color, opacity=self.overlay_opacity, markup=markup
        )


def _css_width(width: Any) -> int | None:
    if width is None:
        return None
    if isinstance(width, bool) or not isinstance(width, numbers.Integral) or not 16 <= int(width) <= 4096:
        raise ImageInputError(f"width={width!r}: give CSS pixels between 16 and 4096, or None")
    return int(width)


def _fitting(value: Any, size: tuple[int, int]) -> Mask:
    """Take a mask in the forms that say what they mean, and refuse one of another size."""
    if value is None:
        return Mask.blank(size)
    if isinstance(value, bool | int | float | list | tuple | dict):
        raise ImageInputError(
            f"the mask is of type {type(value).__name__}; give a Mask, a (H, W) array (bool: True = edit; "
            "uint8: alpha, 0 = edit), a picture file, another painter, or None to select nothing"
        )
    mask = value.mask if isinstance(value, MaskPainter) else value
    if isinstance(mask, np.ndarray):
        mask = Mask.from_array(mask)
    found: Mask = mask if isinstance(mask, Mask) else Mask.from_image(mask)
    if found.size != size:
        raise ImageInputError(
            f"the mask is {found.size[0]}x{found.size[1]}, but the painter's image is {size[0]}x{size[1]}; "
            "mask.resize(size) makes it fit"
        )
    return found
