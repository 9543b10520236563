"""The mask painter: an image, a brush, and a numpy mask that is always current."""

from __future__ import annotations

import math
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets
import numpy as np
import traitlets
from IPython import display, get_ipython

from imgwidgets.errors import ImageInputError
from imgwidgets.images import Mask
from imgwidgets.images.operations import Stroke
from imgwidgets.widgets.painter_companion import SHOWS, TOOLS
from imgwidgets.widgets.painter_core import Core
from imgwidgets.widgets.painter_pages import Pages
from imgwidgets.widgets.painter_picture import read_picture
from imgwidgets.widgets.painter_still import still_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ipycanvas
    import numpy.typing as npt

__all__ = ["MaskPainter"]

_SHARED = ("tool", "brush_radius", "softness", "overlay_color", "overlay_opacity", "show", "error")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class MaskPainter(ipywidgets.VBox):
    """Paint on an image what an edit may change.

    What is painted is recorded in the image's own pixels, however small it is shown, and is a
    :class:`~imgwidgets.Mask` at any time. All settings can be read, set and observed.

    Parameters
    ----------
    image : path, bytes, PIL.Image.Image, numpy.ndarray, ResultImage, or a list of them
        What to paint on: whatever ``edit`` takes, except references. Of several images, the mask
        belongs to the first.
    width : int, optional
        CSS pixels of the canvas; None fits it to a cell.
    tool : str, default "brush"
        One of ``brush``, ``eraser``, ``rectangle``, ``ellipse``, ``lasso``, ``polygon``, ``fill``, ``hand``.
    brush_radius : float, optional
        Image pixels; None for about a thirtieth of the longer edge.
    softness : float, default 0
        0 is a hard brush; up to 1, the share of the radius over which its edge fades.
    mask : Mask, array, path or MaskPainter, optional
        What is selected at first.

    Attributes
    ----------
    mask : Mask
        What is selected now. Set it to show another one; observe it to hear of every stroke.
    image
        What was given. Set another one to go on with it; the mask stays where its size fits.
    show : str
        ``overlay``, ``mask`` (alone) or ``sent`` (what is edited is transparent).
    overlay_color, overlay_opacity : str, float
        ``#rrggbb``, and 0 to 1.
    error : str
        What last went wrong, as the painter shows it; empty if nothing did.

    Raises
    ------
    ImageInputError
        Where the image cannot be read, or the mask has another size.

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

    mask = traitlets.Any()
    image = traitlets.Any()
    tool = traitlets.Enum(TOOLS, "brush")
    brush_radius = traitlets.Float(20.0)
    softness = traitlets.Float(0.0)
    overlay_color = traitlets.Unicode("#ff0066")
    overlay_opacity = traitlets.Float(0.5)
    show = traitlets.Enum(SHOWS, "overlay")
    error = traitlets.Unicode("")

    _pages: Any = None

    def __init__(  # noqa: PLR0913 (each is a setting of its own)
        self,
        image: Any,
        *,
        width: int | None = None,
        tool: str = "brush",
        brush_radius: float | None = None,
        softness: float = 0.0,
        mask: Any = None,
        overlay_color: str = "#ff0066",
        overlay_opacity: float = 0.5,
        show: str = "overlay",
    ) -> None:
        if width is not None and not (isinstance(width, int) and 16 <= width <= 4096):
            raise ImageInputError(f"width={width!r}: give CSS pixels between 16 and 4096, or None")
        picture = read_picture(image)
        self._core = Core(_fitting(mask, picture.size))
        self._telling = threading.RLock()
        self._pages = Pages(self._core, picture, width=width, changed=self._tell)
        super().__init__(
            children=self._pages.widgets,
            layout=ipywidgets.Layout(width="100%", overflow="visible"),
            tool=tool,
            brush_radius=max(picture.size) / 32 if brush_radius is None else brush_radius,
            softness=softness,
            overlay_color=overlay_color,
            overlay_opacity=overlay_opacity,
            show=show,
            image=image,
            mask=self._core.canvas.mask,
        )
        self.add_class("imgwidgets-painter")
        for name in _SHARED:
            traitlets.link((self, name), (self._pages.companion, name))

    # ---- the mask --------------------------------------------------------------------------------

    @property
    def alpha(self) -> npt.NDArray[np.uint8]:
        """(H, W) uint8, read-only: 0 = edit here, 255 = keep."""
        return self.mask.alpha  # type: ignore[no-any-return]

    @property
    def canvas(self) -> ipycanvas.MultiCanvas:
        """The ipycanvas canvas: image, mask and ink layers. Shown alone, it paints too, only slower."""
        return self._pages.canvas

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
        self._core.apply(Stroke(points=_pairs(points), radius=size, erase=erase, softness=soft))
        self._tell()

    def undo(self) -> None:
        """Take the last step back; nothing happens where there is none."""
        self._command("undo")

    def redo(self) -> None:
        """Do again what was undone."""
        self._command("redo")

    def clear(self) -> None:
        """Select nothing. It can be undone, as all of these."""
        self._command("clear")

    def invert(self) -> None:
        """Swap what is selected and what is not."""
        self._command("invert")

    def fill(self) -> None:
        """Select everything."""
        self._command("fill")

    def grow(self, px: float) -> None:
        """Widen the selection by so many image pixels."""
        self._command("grow", px)

    def shrink(self, px: float) -> None:
        """Narrow the selection by so many image pixels."""
        self._command("shrink", px)

    def feather(self, px: float) -> None:
        """Soften the selection's edge over so many image pixels."""
        self._command("feather", px)

    def _command(self, name: str, amount: float | None = None) -> None:
        self._core.command(name, {"amount": amount})
        self._tell()

    def save_strokes(self, path: str | Path) -> None:
        """Write the mask as the list of what was done to it: JSON, exact to the bit."""
        Path(path).expanduser().write_text(self.mask.to_json(), encoding="utf-8")

    def load_strokes(self, path: str | Path) -> None:
        """Show a mask that :meth:`save_strokes` wrote, as one step that can be undone.

        Raises
        ------
        ImageInputError
            Where the file holds no mask, or one of another size.
        """
        try:
            said = Path(path).expanduser().read_text(encoding="utf-8")
        except (OSError, UnicodeError) as error:
            raise ImageInputError(f"the strokes in {path} cannot be read: {error}") from error
        self.mask = Mask.from_json(said)

    def close(self) -> None:
        """Remove the painter from all pages."""
        if self._pages is not None:  # None where the painter could not be made
            self._pages.close()
        super().close()

    def __repr__(self) -> str:
        width, height = self.mask.size
        area = self.mask.area
        said = f"{area:,} pixels selected" if area else "nothing selected"
        return f"{type(self).__name__}({width}x{height}, {said})"

    # ---- settings --------------------------------------------------------------------------------

    @traitlets.validate("mask")
    def _check_mask(self, proposal: Any) -> Mask:
        return _fitting(proposal["value"], self._core.canvas.size)

    @traitlets.observe("mask")
    def _on_mask(self, change: Any) -> None:
        with self._core.lock:
            if change["new"] is self._core.canvas.mask:
                return  # it comes from there
            self._core.replace(change["new"])
        self._tell()

    @traitlets.validate("image")
    def _check_image(self, proposal: Any) -> Any:
        if proposal["value"] is not self.image:
            self._next = read_picture(proposal["value"])
        return proposal["value"]

    @traitlets.observe("image")
    def _on_image(self, change: Any) -> None:
        if change["old"] is None:
            return  # the first one
        with self._core.lock:
            picture = self._next
            if picture.size != self._core.canvas.size:
                self._core.restart(Mask.blank(picture.size))
            self._pages.show(picture)
        self.error = ""
        self._tell(whole=True)

    @traitlets.validate("brush_radius")
    def _check_radius(self, proposal: Any) -> float:
        radius = float(proposal["value"])
        if not (math.isfinite(radius) and 0 < radius <= 100_000):
            raise traitlets.TraitError(f"brush_radius={radius!r}: give image pixels, more than 0")
        return radius

    @traitlets.validate("softness", "overlay_opacity")
    def _check_share(self, proposal: Any) -> float:
        share = float(proposal["value"])
        if not 0 <= share <= 1:
            raise traitlets.TraitError(f"{proposal['trait'].name}={share!r}: give a share between 0 and 1")
        return share

    @traitlets.validate("overlay_color")
    def _check_colour(self, proposal: Any) -> str:
        if not _COLOUR.fullmatch(proposal["value"]):
            raise traitlets.TraitError(f"overlay_color={proposal['value']!r}: give a colour as '#rrggbb'")
        return str(proposal["value"])

    def _tell(self, *, whole: bool = False) -> None:
        """Tell pages, and those who observe, what has changed."""
        if not self._pages.tell(whole=whole):
            return
        # Outside the core's lock: painting goes on while somebody's callback works. One at a time, and
        # each with the newest mask: the last one to be heard is the last one there is.
        with self._telling:
            self.mask = self._core.canvas.mask

    # ---- shown in a cell -------------------------------------------------------------------------

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if getattr(get_ipython(), "kernel", None) is None:
            return {"text/plain": repr(self)}
        picture = self._pages.picture
        still = still_html(picture, self.mask, colour=self.overlay_color, opacity=self.overlay_opacity)
        display.publish_display_data({"text/html": still})  # type: ignore[no-untyped-call]
        self._pages.draw()  # at once, even where more cells wait, and the page's messages with them
        return super()._repr_mimebundle_(**kwargs)


def _pairs(points: Any) -> tuple[tuple[float, float], ...]:
    array = np.asarray(points, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ImageInputError(f"points is a sequence of (x, y) in image pixels, not of shape {array.shape}")
    return tuple((float(x), float(y)) for x, y in array)


def _fitting(value: Any, size: tuple[int, int]) -> Mask:
    """Take a mask in the forms that say what they mean, and refuse one of another size."""
    if value is None:
        return Mask.blank(size)
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
