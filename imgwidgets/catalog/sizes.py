"""Sizes: what ``"1536x1024"`` means, whether a model takes it, and what comes nearest."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imgwidgets.catalog.values import SizeRule

__all__ = ["nearest_preset", "nearest_size", "parse_size", "size_faults"]

_SIZE = re.compile(r"([1-9][0-9]{0,5})x([1-9][0-9]{0,5})")
# Ratios are compared with this much grace, so that 3:1 itself is never refused for a rounding error.
_GRACE = 1e-9


def parse_size(text: object) -> tuple[int, int] | None:
    """Give (width, height) in pixels of ``"WIDTHxHEIGHT"``, or None.

    >>> parse_size("1536x1024")
    (1536, 1024)
    """
    found = _SIZE.fullmatch(text) if isinstance(text, str) else None
    return (int(found[1]), int(found[2])) if found else None


def size_faults(rule: SizeRule, size: tuple[int, int]) -> list[str]:
    """Say everything that is wrong with a size under a rule; empty where it is valid."""
    width, height = size
    pixels, long, short = width * height, max(size), min(size)
    faults = []
    if width % rule.multiple_of or height % rule.multiple_of:
        faults.append(f"both edges must be multiples of {rule.multiple_of}")
    if rule.max_edge is not None and long > rule.max_edge:
        faults.append(f"the longer edge may be at most {rule.max_edge} pixels")
    if rule.max_ratio is not None and long > short * rule.max_ratio * (1 + _GRACE):
        faults.append(f"the longer edge may be at most {rule.max_ratio:g} times the shorter")
    if rule.min_pixels is not None and pixels < rule.min_pixels:
        faults.append(f"it needs at least {rule.min_pixels:,} pixels, this has {pixels:,}")
    if rule.max_pixels is not None and pixels > rule.max_pixels:
        faults.append(f"it may have at most {rule.max_pixels:,} pixels, this has {pixels:,}")
    return faults


def nearest_size(rule: SizeRule, size: tuple[int, int]) -> tuple[int, int]:
    """Give the valid size whose edges differ least from `size`; of two equally near ones the larger.

    Parameters
    ----------
    rule : SizeRule
        With ``free`` true.
    size : (int, int)
        Width and height in pixels.

    Examples
    --------
    >>> from imgwidgets.catalog import current
    >>> rule = current().model("gpt-image-2").endpoints["generations"].parameters["size"].size
    >>> nearest_size(rule, (1920, 1080)), nearest_size(rule, (512, 512)), nearest_size(rule, (4096, 4096))
    ((1920, 1088), (816, 816), (2880, 2880))
    """
    if not size_faults(rule, size):
        return size
    best, least = size, math.inf
    for width in _widths(rule, size[0], size[1]):
        for height in _heights(rule, width, size[1]):
            distance = (width - size[0]) ** 2 + (height - size[1]) ** 2
            if distance < least or (distance == least and width * height > best[0] * best[1]):
                best, least = (width, height), distance
    return best


def _widths(rule: SizeRule, width: int, height: int) -> Iterable[int]:
    step = rule.multiple_of
    # Without a bound of its own, nothing beyond the asked edges or the smallest valid square can be nearer.
    reach = max(width, height, math.isqrt(rule.min_pixels or 0)) + step
    top = rule.max_edge or reach * int(rule.max_ratio or 1)
    return range(step, top + 1, step)


def _heights(rule: SizeRule, width: int, wanted: int) -> Iterator[int]:
    """Give the one or two valid heights nearest to the wanted one, for a given width."""
    step = rule.multiple_of
    low, high = 1.0, float(rule.max_edge or max(wanted, width) * 100)
    if rule.max_ratio is not None:
        low, high = max(low, width / rule.max_ratio), min(high, width * rule.max_ratio)
    if rule.min_pixels is not None:
        low = max(low, rule.min_pixels / width)
    if rule.max_pixels is not None:
        high = min(high, rule.max_pixels / width)
    first, last = math.ceil(low / step - _GRACE) * step, math.floor(high / step + _GRACE) * step
    if first > last or first <= 0:
        return
    for height in {wanted // step * step, -(-wanted // step) * step}:
        yield min(max(height, first), last)


def nearest_preset(presets: Iterable[str], size: tuple[int, int]) -> str | None:
    """Give the preset most like `size`: first in shape, then in area."""
    known = [(text, parsed) for text in presets if (parsed := parse_size(text))]
    if not known:
        return None

    def unlike(entry: tuple[str, tuple[int, int]]) -> tuple[float, float]:
        width, height = entry[1]
        shape = abs(math.log(width / height) - math.log(size[0] / size[1]))
        return round(shape, 3), abs(math.log(width * height) - math.log(size[0] * size[1]))

    return min(known, key=unlike)[0]
