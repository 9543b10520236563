"""Colour arithmetic: names, mixing, light."""

from __future__ import annotations

import colorsys
from functools import lru_cache

__all__ = ["RGB", "adjust", "hexa", "lit", "luminance", "mix", "pick", "rgb", "shade"]

RGB = tuple[int, int, int]


def _byte(value: float) -> int:
    return max(0, min(255, round(value)))


@lru_cache(maxsize=2048)
def rgb(code: str) -> RGB:
    """Read ``"#rrggbb"``.

    Examples
    --------
    >>> rgb("#ff8000")
    (255, 128, 0)
    """
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def hexa(colour: RGB) -> str:
    """Write a colour as ``"#rrggbb"``.

    Examples
    --------
    >>> hexa((255, 128, 0))
    '#ff8000'
    """
    return "#{:02x}{:02x}{:02x}".format(*colour)


def mix(first: RGB, second: RGB, part: float) -> RGB:
    """Mix two colours; ``part`` 0 is all ``first``, 1 all ``second``."""
    return (
        _byte(first[0] + (second[0] - first[0]) * part),
        _byte(first[1] + (second[1] - first[1]) * part),
        _byte(first[2] + (second[2] - first[2]) * part),
    )


def shade(colour: RGB, amount: float) -> RGB:
    """Lighten (``amount`` > 0) or darken (< 0); shadows turn cool and lights warm, as outdoors."""
    if amount >= 0:
        return mix(colour, (255, 248, 232), amount)
    return mix(colour, mix((32, 22, 58), colour, 0.25), -amount)


def lit(colour: RGB, light: RGB, strength: float) -> RGB:
    """Give ``colour`` as it looks under a coloured ``light``; ``strength`` 0..1."""
    seen = (
        _byte(colour[0] * light[0] / 255),
        _byte(colour[1] * light[1] / 255),
        _byte(colour[2] * light[2] / 255),
    )
    return mix(colour, seen, strength)


def adjust(colour: RGB, *, hue: float = 0.0, saturation: float = 1.0, value: float = 1.0) -> RGB:
    """Turn the hue by ``hue`` (of a whole circle), scale saturation and lightness."""
    h, light, s = colorsys.rgb_to_hls(colour[0] / 255, colour[1] / 255, colour[2] / 255)
    r, g, b = colorsys.hls_to_rgb(
        (h + hue) % 1, max(0, min(1, light * value)), max(0, min(1, s * saturation))
    )
    return _byte(r * 255), _byte(g * 255), _byte(b * 255)


def luminance(colour: RGB) -> float:
    """Give the perceived lightness in 0..1 (Rec. 601 weights)."""
    return (0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]) / 255


def pick(colours: tuple[str, ...], luck: float) -> RGB:
    """Give one of some ``"#rrggbb"`` colours for a ``luck`` in 0..1."""
    return rgb(colours[int(luck * len(colours)) % len(colours)])
