"""Growing, shrinking and feathering a mask: exact, in whole numbers, on any machine alike.

Growing by a radius is a union of the selection shifted to every row of a disc. The disc's widest
rows are widened step by step from its narrowest, 64 pixels to a machine word where the mask is hard
and one byte to a pixel where it is soft. That costs a few passes for each pixel of radius,
whatever the mask looks like.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from imgwidgets.images.regions import box_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from imgwidgets.images.mask_limits import Box

    Bytes = NDArray[np.uint8]
    Words = NDArray[np.uint64]

__all__ = ["feather", "grow", "is_hard", "shrink"]


def is_hard(alpha: Bytes) -> bool:
    """Tell whether every alpha is 0 or 255."""
    return bool(np.count_nonzero(alpha) == np.count_nonzero(alpha == 255))


def grow(alpha: Bytes, px: float) -> Box | None:
    """Select every pixel whose centre is within ``px`` of a selected pixel's centre, in place.

    On a soft mask every level grows alike: each alpha becomes the smallest within the disc.
    Beyond the border of the image nothing is selected.

    Parameters
    ----------
    alpha : (H, W) uint8
        0 = selected; changed.
    px : float
        Pixels, not negative.

    Returns
    -------
    (left, top, right, bottom) or None
        What may have changed.
    """
    return _morph(alpha, px, shrinking=False)


def shrink(alpha: Bytes, px: float) -> Box | None:
    """Undo the selection within ``px`` of any pixel that is not selected, in place.

    The border of the image is no edge: a selection that touches it keeps touching it. Parameters
    and result are those of :func:`grow`.
    """
    return _morph(alpha, px, shrinking=True)


def _morph(alpha: Bytes, px: float, *, shrinking: bool) -> Box | None:
    height, width = alpha.shape
    px = min(px, float(height + width))  # further than the diagonal there is nothing
    if px < 1:
        return None
    box = box_of(alpha != 255, margin=math.floor(px))
    if box is None:
        return None
    left, top, right, bottom = box
    part = alpha[top:bottom, left:right]
    halves = [min(half, right - left) for half in _half_widths(px)[: bottom - top]]
    if is_hard(part):
        bits = _dilate_bits(part == (255 if shrinking else 0), halves)
        part[...] = np.negative(bits) if shrinking else np.subtract(bits, np.uint8(1))
    else:
        part[...] = _reach_bytes(part, halves, np.maximum if shrinking else np.minimum)
    return box


def _half_widths(px: float) -> list[int]:
    """Give the half width of a disc's row ``dy`` for dy = 0, 1, ...: whole pixels between centres."""
    square = px * px
    return [math.isqrt(max(0, math.floor(square - dy * dy))) for dy in range(math.floor(px) + 1)]


def _widenings(halves: list[int]) -> list[tuple[int, list[int]]]:
    """Plan, for each row distance from far to near, by how much to widen first.

    A run may be shifted by up to its own length without tearing. Where the border of the image cuts it
    short, a pixel widened by w is a run of w + 1.
    """
    plan = []
    wide = 0
    for dy in range(len(halves) - 1, -1, -1):
        steps = []
        while wide < halves[dy]:
            step = min(halves[dy] - wide, wide + 1)
            steps.append(step)
            wide += step
        plan.append((dy, steps))
    return plan


def _dilate_bits(selected: NDArray[np.bool_], halves: list[int]) -> Bytes:
    height, width = selected.shape
    count = (width + 63) // 64
    packed = np.zeros((height, count * 8), np.uint8)
    packed[:, : (width + 7) // 8] = np.packbits(selected, axis=1, bitorder="little")
    words: Words = packed.view("<u8")
    result = np.zeros_like(words)
    wider = np.empty_like(words)
    scratch = np.empty_like(words)
    for dy, steps in _widenings(halves):
        for step in steps:
            _widen_bits(words, wider, scratch, step)
            words, wider = wider, words
        if dy < height:
            result[dy:] |= words[: height - dy]
            result[: height - dy] |= words[dy:]
    return np.unpackbits(result.view(np.uint8), axis=1, count=width, bitorder="little")


def _widen_bits(words: Words, wider: Words, scratch: Words, step: int) -> None:
    """Write ``words | words shifted by step pixels to either side`` into ``wider``."""
    np.copyto(wider, words)
    count = words.shape[1]
    whole, bits = divmod(step, 64)
    for jump, near in ((whole, True), (whole + 1, False)):
        if jump >= count or (not near and bits == 0):
            continue
        kept, room = words[:, : count - jump], scratch[:, : count - jump]
        shift = np.uint64(bits if near else 64 - bits)
        (np.left_shift if near else np.right_shift)(kept, shift, out=room)
        wider[:, jump:] |= room
        (np.right_shift if near else np.left_shift)(words[:, jump:], shift, out=room)
        wider[:, : count - jump] |= room


def _reach_bytes(alpha: Bytes, halves: list[int], pick: Callable[..., Bytes]) -> Bytes:
    """Give the smallest (or largest) alpha within a disc."""
    height, width = alpha.shape
    level = alpha.copy()
    result = alpha.copy()
    wider = np.empty_like(level)
    for dy, steps in _widenings(halves):
        for step in steps:
            np.copyto(wider, level)
            if step < width:
                pick(wider[:, step:], level[:, : width - step], out=wider[:, step:])
                pick(wider[:, : width - step], level[:, step:], out=wider[:, : width - step])
            level, wider = wider, level
        if dy < height:
            pick(result[dy:], level[: height - dy], out=result[dy:])
            pick(result[: height - dy], level[dy:], out=result[: height - dy])
    return result


def box_widths(sigma: float) -> tuple[int, int, int]:
    """Give the odd widths of three box blurs that together are nearly a Gaussian.

    P. Kovesi, "Fast almost-Gaussian filtering" (2010): the widths whose variances, (w^2 - 1) / 12,
    add up closest to sigma^2.
    """
    ideal = math.floor(math.sqrt(4 * sigma * sigma + 1))
    narrow = ideal if ideal % 2 else ideal - 1
    some = (12 * sigma * sigma - 3 * narrow * narrow - 12 * narrow - 9) / (-4 * narrow - 4)
    narrows = min(3, max(0, math.floor(some + 0.5)))
    first, second, third = (narrow if i < narrows else narrow + 2 for i in range(3))
    return first, second, third


def feather(alpha: Bytes, px: float) -> Box | None:
    """Blur the edges in place: three box blurs in whole numbers, nearly a Gaussian.

    The border of the image is repeated outwards, so a selection that touches it does not fade there.

    Parameters
    ----------
    alpha : (H, W) uint8
        Changed.
    px : float
        Standard deviation in pixels; below about 0.4 nothing happens.

    Returns
    -------
    (left, top, right, bottom) or None
        What may have changed.
    """
    widths = box_widths(px)
    reach = sum(width // 2 for width in widths)
    box = box_of(alpha != 255, margin=reach)
    if reach == 0 or box is None:
        return None
    left, top, right, bottom = box
    part = alpha[top:bottom, left:right]
    total = math.prod(widths)
    # The first direction keeps eight bits behind the point; the sums must fit their type.
    kind = np.uint32 if 65_280 * total + 128 * total < 1 << 32 else np.uint64
    height, width = part.shape
    between = np.empty((height, width), np.uint16)
    strip = max(16, (1 << 17) // (height + 2 * reach))
    rows = np.clip(np.arange(-reach, height + reach), 0, height - 1)
    for start in range(0, width, strip):
        sums = part[:, start : start + strip][rows].astype(kind)
        for size in widths:
            sums = _window(sums, size)
        sums *= kind(256)
        sums += kind(total // 2)
        between[:, start : start + strip] = sums // kind(total)
    strip = max(1, (1 << 16) // (width + 2 * reach))
    for start in range(0, height, strip):
        block = between[start : start + strip]
        sums = np.empty((len(block), width + 2 * reach), kind)
        sums[:, reach : reach + width] = block
        sums[:, :reach] = block[:, :1]
        sums[:, reach + width :] = block[:, -1:]
        for size in widths:
            sums = _window(sums.T, size).T
        sums += kind(128 * total)
        part[start : start + strip] = sums // kind(256 * total)
    return box


def _window(values: NDArray[np.unsignedinteger], size: int) -> NDArray[np.unsignedinteger]:
    """Give the sums of ``size`` neighbours along the first axis; it gets ``size - 1`` shorter.

    Sums of 1, 2, 4, ... neighbours come from each other by one addition; ``size`` in binary says
    which of them to add up.
    """
    length = len(values) - size + 1
    sums: NDArray[np.unsignedinteger] | None = None
    power, offset = 1, 0
    doubled = values
    while power <= size:
        if size & power:
            here = doubled[offset : offset + length]
            if sums is None:
                sums = here.copy("K") if power < size else here
            else:
                sums += here
            offset += power
        power *= 2
        if power <= size:
            half = power // 2
            doubled = doubled[:-half] + doubled[half:]
    if sums is None:
        raise ValueError(f"a window of {size} neighbours")
    return sums
