"""The mask painter: an image, a brush, and a numpy mask that is always current."""

from __future__ import annotations

import base64
import io
import math
import re
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipycanvas
import ipywidgets
import numpy as np
import traitlets
from IPython import get_ipython
from IPython.display import publish_display_data

from imgwidgets.errors import ImageInputError
from imgwidgets.images import Mask
from imgwidgets.images.operations import Stroke
from imgwidgets.widgets import text
from imgwidgets.widgets.canvas import drawing, put_picture
from imgwidgets.widgets.painter_companion import SHOWS, TOOLS, Companion
from imgwidgets.widgets.painter_core import Core
from imgwidgets.widgets.painter_picture import coverage, fit, patch, read_picture, squeezed
from imgwidgets.widgets.painter_plain import IMAGE, INK, MASK, PlainHand, draw_mask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

__all__ = ["MaskPainter"]

_SHARED = ("tool", "brush_radius", "softness", "overlay_color", "overlay_opacity", "show", "error")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_GRACE = 2.0  # seconds that a page's companion has to report, before ipycanvas draws alone
_LARGEST_DETAIL = 4096  # pixels of an edge of the part that a zoomed view asks for
_STILL = 480  # pixels of the longer edge of the still picture

# ipycanvas' own view stands beside the companion and is hidden; the companion takes it away when it
# runs. Where it does not run within these seconds, the view appears and paints by itself.
_STYLE = (
    "<style>@keyframes imgwidgets-wait{from,to{visibility:hidden;position:absolute}}"
    ".imgwidgets-painter>.imgwidgets-plain{animation:imgwidgets-wait 10s step-end}</style>"
)


def _mask_from(value: Any) -> Mask:
    """Take a mask in the forms that say what they mean."""
    if isinstance(value, Mask):
        return value
    if isinstance(value, MaskPainter):
        return value.mask
    if isinstance(value, np.ndarray):
        return Mask.from_array(value)
    return Mask.from_image(value)


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
        self._width = width
        self._picture = read_picture(image)
        self._core = Core(self._fitting(mask))
        self._telling = threading.RLock()
        self._plain = False
        self._drawn = -math.inf
        self._heard = -math.inf
        self._waiting: threading.Timer | None = None
        self._canvas = ipycanvas.MultiCanvas(INK + 1, width=self._display[0], height=self._display[1])
        self._canvas.add_class("imgwidgets-plain")
        self._canvas.layout = ipywidgets.Layout(max_width="100%")
        self._companion = Companion(_canvas=self._canvas, **self._measures())
        style = ipywidgets.HTML(_STYLE, layout=ipywidgets.Layout(display="none"))
        super().__init__(
            # In this order, so that the first canvas in the page is the companion's.
            children=(self._companion, style, self._canvas),
            layout=ipywidgets.Layout(width="100%", overflow="visible"),
            tool=tool,
            brush_radius=max(self._picture.size) / 32 if brush_radius is None else brush_radius,
            softness=softness,
            overlay_color=overlay_color,
            overlay_opacity=overlay_opacity,
            show=show,
            image=image,
            mask=self._core.canvas.mask,
        )
        self.add_class("imgwidgets-painter")
        for name in _SHARED:
            traitlets.link((self, name), (self._companion, name))
        self._tell_status()
        self._companion.on_msg(self._on_message)
        self._canvas.on_client_ready(self._on_client_ready)
        self._hand = PlainHand(self._canvas, self._core, self._brush, self._after_plain)

    # ---- the mask --------------------------------------------------------------------------------

    @property
    def alpha(self) -> npt.NDArray[np.uint8]:
        """(H, W) uint8, read-only: 0 = edit here, 255 = keep."""
        return self.mask.alpha  # type: ignore[no-any-return]

    @property
    def canvas(self) -> ipycanvas.MultiCanvas:
        """The ipycanvas canvas: image, mask and ink layers. Shown alone, it paints too, only slower."""
        return self._canvas

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
        if self._waiting is not None:
            self._waiting.cancel()
        self._companion.close()
        self._canvas.close()
        super().close()

    def __repr__(self) -> str:
        width, height = self._picture.size
        area = self.mask.area if isinstance(self.mask, Mask) else 0
        said = f"{area:,} pixels selected" if area else "nothing selected"
        return f"{type(self).__name__}({width}x{height}, {said})"

    # ---- settings --------------------------------------------------------------------------------

    @traitlets.validate("mask")
    def _check_mask(self, proposal: Any) -> Mask:
        return self._fitting(proposal["value"])

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
            self._picture = self._next
            if self._picture.size != self._core.canvas.size:
                self._core.restart(Mask.blank(self._picture.size))
            with drawing(self._canvas):  # a new size empties the layers
                self._canvas.width, self._canvas.height = self._display
            self._companion.set_trait("error", "")
            with self._companion.hold_sync():
                for name, value in self._measures().items():
                    setattr(self._companion, name, value)
            self._send_picture()
            if self._plain:
                self._draw_plain()
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

    @property
    def _display(self) -> tuple[int, int]:
        return fit(self._picture.size, self._width)

    def _measures(self) -> dict[str, Any]:
        size = self._picture.size
        return {"_size": size, "_display": self._display, "_largest_radius": max(8.0, max(size) / 4)}

    def _fitting(self, value: Any) -> Mask:
        if value is None:
            return Mask.blank(self._picture.size)
        mask = _mask_from(value)
        if mask.size != self._picture.size:
            raise ImageInputError(
                f"the mask is {mask.size[0]}x{mask.size[1]}, but the painter's image is "
                f"{self._picture.size[0]}x{self._picture.size[1]}; mask.resize(size) makes it fit"
            )
        return mask

    # ---- what pages hear -------------------------------------------------------------------------

    def _tell(self, *, whole: bool = False) -> None:
        """Tell pages, and those who observe, what has changed."""
        with self._core.lock:
            change = self._core.finished()
            if change is None and not whole:
                return
            self._send_overlay(change and change.box, whole=whole)
            self._tell_status()
        # Outside the lock: painting goes on while somebody's callback works. One at a time, and
        # each the newest: the last one to be heard is the last one there is.
        with self._telling:
            self.mask = self._core.canvas.mask

    def _tell_status(self) -> None:
        canvas = self._core.canvas
        width, height = canvas.size
        share = canvas.mask.area / (width * height)
        said = "nothing selected" if not share else f"{100 * share:.1f} % selected"
        with self._companion.hold_sync():
            self._companion._can_undo = canvas.can_undo  # noqa: SLF001 (ours)
            self._companion._can_redo = canvas.can_redo  # noqa: SLF001 (ours)
            self._companion._status = f"{said} · {width} × {height}"  # noqa: RUF001, SLF001 (the sign for sizes; ours)

    def _send_overlay(self, box: Any, *, whole: bool = False) -> None:
        canvas = self._core.canvas
        changed = patch(canvas.mask.alpha, (0, 0, *canvas.size) if whole else box, self._display)
        content: dict[str, Any] = {"kind": "overlay", "size": self._display, "done": self._core.inbox.done}
        content["rect"] = changed and changed[0]
        self._companion.send(content, [squeezed(changed[1])] if changed else [])
        if self._plain and changed:
            draw_mask(self._canvas, *changed, colour=self.overlay_color, opacity=self.overlay_opacity)

    def _send_picture(self) -> None:
        self._companion.send({"kind": "picture"}, [self._picture.encoded(self._display)])

    def _send_detail(self, content: Mapping[str, Any]) -> None:
        """Send the part that a zoomed view shows, in the image's own pixels."""
        width, height = self._picture.size
        left, top, right, bottom = (int(number) for number in content["box"])
        w, h = (int(number) for number in content["size"])
        inside = 0 <= left < right <= width and 0 <= top < bottom <= height
        if not (inside and 0 < w <= _LARGEST_DETAIL and 0 < h <= _LARGEST_DETAIL):
            raise ImageInputError(f"the painter asked for a part that is not there: {dict(content)}")
        alpha = self._core.canvas.mask.alpha[top:bottom, left:right]
        buffers = [squeezed(coverage(alpha, (w, h)))]
        if content.get("picture"):
            buffers.append(self._picture.encoded((w, h), (left, top, right, bottom)))
        answer = {"kind": "detail", "view": content["view"], "box": [left, top, right, bottom], "size": [w, h]}
        self._companion.send({**answer, "done": self._core.inbox.done}, buffers)

    # ---- what pages say --------------------------------------------------------------------------

    def _on_message(self, _: Any, content: Any, buffers: Any) -> None:
        # ipywidgets would print an exception where nobody looks.
        try:
            self._handle(content, buffers)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is shown in the painter)
            self._show_error(error)

    def _handle(self, content: Mapping[str, Any], buffers: Any) -> None:
        kind = content.get("kind")
        if kind == "hello":
            with self._core.lock:
                self._heard = time.monotonic()
                # At first display ipycanvas has the picture already on its way.
                if content.get("blank") and self._heard - self._drawn > 1:
                    self._send_picture()
                self._send_overlay(None, whole=True)
        elif kind == "picture":
            self._send_picture()
        elif kind == "detail":
            with self._core.lock:
                self._send_detail(content)
        else:
            problems = self._core.receive(content, buffers)
            self._tell()
            for problem in problems:
                self._show_error(problem)
            missing = self._core.inbox.missing(str(content.get("client")))
            if missing:
                first, last = missing
                asked = {"kind": "missing", "client": content["client"], "from": first, "to": last}
                self._companion.send(asked)
            if not problems and self.error:
                self.error = ""

    def _show_error(self, error: Exception) -> None:
        self.error = text.one_line(f"{type(error).__name__}: {error}", 500)

    # ---- ipycanvas alone -------------------------------------------------------------------------

    def _on_client_ready(self) -> None:
        """Wait for a new page's companion, and draw with ipycanvas alone where it does not come."""
        since = time.monotonic()

        def look() -> None:
            if self._heard < since and self.comm is not None:
                self._plain = True
                self._draw_plain()

        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = threading.Timer(_GRACE, look)
        self._waiting.daemon = True
        self._waiting.start()

    def _draw_plain(self) -> None:
        with self._core.lock:
            whole = patch(self._core.canvas.mask.alpha, (0, 0, *self._core.canvas.size), self._display)
            picture = self._picture.encoded(self._display)
            with drawing(self._canvas):
                put_picture(self._canvas[IMAGE], picture)
                self._canvas[MASK].clear()
            if whole:
                draw_mask(self._canvas, *whole, colour=self.overlay_color, opacity=self.overlay_opacity)

    def _brush(self) -> tuple[float, bool, str]:
        erase = self.tool == "eraser"
        red, green, blue = (int(self.overlay_color[at : at + 2], 16) for at in (1, 3, 5))
        colour = "rgba(128, 128, 128, 0.5)" if erase else f"rgba({red}, {green}, {blue}, 0.5)"
        return self.brush_radius, erase, colour

    def _after_plain(self, *, finished: bool) -> None:
        self._plain = True
        if finished:
            self._tell()

    # ---- shown in a cell -------------------------------------------------------------------------

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if getattr(get_ipython(), "kernel", None) is None:
            return {"text/plain": repr(self)}
        # With widget state stored, exporters show nothing of a bundle that also names a widget: the
        # still picture is an output of its own, and the live painter hides it.
        publish_display_data({"text/html": self._still()})
        if self.comm is not None:
            # At once, even where more cells wait and the page's messages with them.
            self._draw_plain()
            self._drawn = time.monotonic()
        return super()._repr_mimebundle_(**kwargs)

    def _still(self) -> str:
        """Give image and mask as one small picture in HTML."""
        width, height = self._picture.size
        scale = min(1.0, _STILL / max(width, height))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        image = self._picture.under(
            self.alpha, size, colour=self.overlay_color, opacity=self.overlay_opacity
        )
        buffer = io.BytesIO()
        image.save(buffer, "webp", method=4, quality=75)
        code = base64.b64encode(buffer.getvalue()).decode()
        said = text.attribute(f"An image of {width} by {height} pixels; {repr(self).split(', ', 1)[1][:-1]}")
        return (
            f'<div class="imgwidgets-still"><img width="{size[0]}" height="{size[1]}" alt="{said}" '
            f'style="max-width:100%;height:auto" src="data:image/webp;base64,{code}"></div>'
        )


def _pairs(points: Any) -> tuple[tuple[float, float], ...]:
    array = np.asarray(points, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ImageInputError(f"points is a sequence of (x, y) in image pixels, not of shape {array.shape}")
    return tuple((float(x), float(y)) for x, y in array)


