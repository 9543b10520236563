"""Looks: how each style paints shapes (its treatment), and what it does to the pixels (its filter).

A drawn scene goes through both, so that contours follow the shapes; a photograph that is restyled
goes through the filter alone, which then finds contours by itself.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from imgwidgets.sandbox.scene import filters
from imgwidgets.sandbox.scene.colour import RGB, adjust, luminance, mix, shade
from imgwidgets.sandbox.scene.paint import Treatment

__all__ = ["STYLES", "filter_image", "treatment_for"]

Bytes = npt.NDArray[np.uint8]
Filter = Callable[..., Bytes]


def _ink(colour: RGB) -> RGB:
    dark = (1 - luminance(colour)) ** 1.15
    wash = mix(filters.PAPER, filters.INK, min(1.0, 0.95 * dark))
    return mix(wash, colour, 0.16)


def _graphite(colour: RGB) -> RGB:
    return mix(filters.SHEET, filters.GRAPHITE, 0.34 * (1 - luminance(colour)))


def _pigment(colour: RGB) -> RGB:
    return mix(adjust(colour, saturation=1.12), (255, 252, 244), 0.2)


def _clay(colour: RGB) -> RGB:
    return mix(adjust(colour, saturation=1.08), (250, 236, 220), 0.1)


def _glowing(colour: RGB) -> RGB:
    tone = adjust(colour, saturation=2.4)
    return adjust(tone, value=0.62 / max(0.15, luminance(tone)) if luminance(tone) < 0.62 else 1.0)


def _unlit(colour: RGB) -> RGB:
    return mix((10, 7, 30), adjust(colour, saturation=1.5), 0.08 + 0.2 * luminance(colour))


def _printed(colour: RGB) -> RGB:
    bold = adjust(colour, saturation=1.18)
    return (_step(bold[0]), _step(bold[1]), _step(bold[2]))


def _step(value: int) -> int:
    return min(255, round(value / 34) * 34 + 8)


# what a style does to shapes, and to pixels
STYLES: dict[str, tuple[Treatment, Filter]] = {
    "ink": (
        Treatment(
            colour=_ink,
            line=0.0052,
            line_colour=lambda c: mix(filters.INK, c, 0.06),
            wobble=0.0011,
            relief=0.35,
            paper=filters.PAPER,
            air=0.75,
        ),
        filters.ink,
    ),
    "watercolour": (
        Treatment(
            colour=_pigment, line=0.0022, line_colour=lambda c: shade(c, -0.3), wobble=0.0018, relief=0.6
        ),
        filters.watercolour,
    ),
    "clay": (Treatment(colour=_clay, flat=True, relief=0.7, bevel=0.75), filters.clay),
    "pixel": (Treatment(line=0.009, line_colour=lambda c: shade(c, -0.55), relief=0.9), filters.pixel),
    "neon": (Treatment(colour=_unlit, line=0.0046, line_colour=_glowing, relief=0.0), filters.neon),
    "sketch": (
        Treatment(
            colour=_graphite,
            line=0.0026,
            line_colour=lambda _: filters.GRAPHITE,
            strokes=2,
            wobble=0.0010,
            relief=0.4,
            paper=filters.SHEET,
            air=0.6,
        ),
        filters.sketch,
    ),
    "oil": (Treatment(colour=lambda c: adjust(c, saturation=1.15)), filters.oil),
    "poster": (Treatment(colour=_printed, flat=True, relief=0.0), filters.poster),
}
_PLAIN = Treatment()


def treatment_for(style: str) -> Treatment:
    """Give the treatment of a style; the empty style and unknown ones are plain."""
    return STYLES[style][0] if style in STYLES else _PLAIN


def filter_image(
    image: Bytes, style: str, *, key: tuple[str | int, ...], detail: int, drawn: bool = False
) -> Bytes:
    """Give an image in a style.

    Parameters
    ----------
    image : ndarray
        (H, W, 3) uint8.
    style : str
        One of `STYLES`; others change nothing.
    key : tuple
        Where chance comes from.
    detail : int
        1 to 5.
    drawn : bool
        Whether the style's treatment was used when the image was painted.
    """
    if style not in STYLES or min(image.shape[:2]) < 4:
        return image
    return STYLES[style][1](image, key=key, detail=detail, drawn=drawn)
