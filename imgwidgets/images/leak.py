"""The leak meter: what an edit changed where it was told to keep its hands off."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from PIL import Image

from imgwidgets.errors import ImageInputError
from imgwidgets.images.mask import Mask
from imgwidgets.images.mask_limits import plain
from imgwidgets.images.operations import MAX_FEATHER
from imgwidgets.images.pictures import picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["EditComparison", "compare_edit"]


class EditComparison(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """What an edit changed outside its mask; made by :func:`compare_edit`.

    Attributes
    ----------
    before, after : numpy.ndarray
        The two pictures, (H, W, 3 or 4) uint8.
    mask : Mask
        Where the edit was allowed.
    tolerance : int
        A pixel counts as changed where a channel differs by more than this.
    outside : int
        Pixels outside the mask: those whose alpha is 255.
    changed : int
        Pixels outside the mask that changed.
    mean_difference : float
        Of the largest channel difference (0 to 255) over all pixels outside the mask; 0.0 where
        there are none.
    max_difference : int
        The largest of them.
    heat : numpy.ndarray
        (H, W) uint8, read-only: the largest channel difference outside the mask, 0 inside.
    """

    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    mask: Mask
    tolerance: int
    outside: int
    changed: int
    mean_difference: float
    max_difference: int
    heat: NDArray[np.uint8]

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.mask.size

    @property
    def share(self) -> float:
        """The share of the pixels outside the mask that changed, 0 to 1."""
        return self.changed / self.outside if self.outside else 0.0

    def __repr__(self) -> str:
        return f"EditComparison({self})"

    def __str__(self) -> str:
        if not self.outside:
            return "the mask selects the whole picture: nothing lies outside"
        if not self.changed:
            return f"nothing changed outside the mask (tolerance {self.tolerance})"
        pixels = "1 pixel" if self.changed == 1 else f"{self.changed:,} pixels"
        share = f"{self.share:.1%}" if self.share >= 0.0005 else "under 0.1%"
        return (
            f"{pixels} changed outside the mask ({share} of it), by at most "
            f"{self.max_difference} and {self.mean_difference:.1f} on average, of 255"
        )

    def heat_map(self) -> Image.Image:
        """Give the edit in gray, with what changed outside the mask in red, brighter where it is more.

        Returns
        -------
        PIL.Image.Image
            RGB, as large as the picture.
        """
        gray = np.asarray(Image.fromarray(np.ascontiguousarray(self.after[:, :, :3])).convert("L")) // 2
        shown = np.repeat(gray[:, :, None], 3, axis=2)
        leaks = self.heat > self.tolerance
        heat = self.heat[leaks].astype(np.uint16)
        shown[leaks, 0] = 255
        shown[leaks, 1] = np.minimum(2 * heat, 230).astype(np.uint8)
        shown[leaks, 2] = 0
        return Image.fromarray(shown)

    def _repr_html_(self) -> str:
        image = self.heat_map()
        image.thumbnail((480, 480))
        buffer = io.BytesIO()
        image.save(buffer, "webp", quality=80)
        code = base64.b64encode(buffer.getvalue()).decode()
        return (
            f'<div>{self}</div><img alt="What changed outside the mask" width="{image.width}" '
            f'height="{image.height}" src="data:image/webp;base64,{code}">'
        )

    def restore(self, feather: float = 4) -> Image.Image:
        """Paste the original back outside the mask.

        Outside the mask every pixel is the original's. Inside, the edit fades in from the edge over
        about twice ``feather``; a soft mask's own edge is kept.

        Parameters
        ----------
        feather : float
            Pixels, at most 2,000; 0 for a hard seam.

        Returns
        -------
        PIL.Image.Image
            RGB, or RGBA where one of the two pictures had transparency.
        """
        keep = self.mask.alpha
        if plain(feather, "the seam's feather", 0, MAX_FEATHER) > 0:
            # A blurred edge is half kept at the edge itself: doubled, it is kept there and outside.
            blurred = self.mask.feather(feather).alpha
            keep = np.maximum(keep, np.minimum(blurred.astype(np.uint16) * 2, 255).astype(np.uint8))
        weight = keep.astype(np.uint16)[:, :, None]
        mixed = self.before * weight
        mixed += self.after * (np.uint16(255) - weight)
        mixed += np.uint16(127)
        return Image.fromarray((mixed // np.uint16(255)).astype(np.uint8))


def compare_edit(before: Any, after: Any, mask: Any, *, tolerance: int = 2) -> EditComparison:
    """Measure what an edit changed outside its mask.

    Parameters
    ----------
    before, after : path, bytes, PIL.Image.Image, numpy.ndarray or ResultImage
        The picture that was edited and what came of it, of the same size.
    mask : Mask, or what Mask.from_array or Mask.from_image takes
        Where the edit was allowed; of the same size.
    tolerance : int
        0 to 255: a pixel counts as changed where a channel differs by more. The default forgives
        what JPEG and colour conversion do.

    Returns
    -------
    EditComparison
        With ``changed``, ``max_difference``, ``mean_difference``, ``heat`` and ``restore()``.

    Raises
    ------
    ImageInputError
        Where a picture cannot be read, or the sizes differ.

    Examples
    --------
    >>> import numpy as np
    >>> before = np.zeros((48, 64, 3), np.uint8)
    >>> after = before.copy()
    >>> after[10:20, 10:20] = 200  # 100 pixels
    >>> comparison = compare_edit(before, after, Mask.blank((64, 48)).rectangle((10, 10, 20, 15)))
    >>> comparison.changed, comparison.max_difference
    (50, 200)
    >>> compare_edit(before, comparison.restore(), Mask.blank((64, 48)).rectangle((10, 10, 20, 15))).changed
    0
    """
    one, other = picture(before, what="before"), picture(after, what="after")
    if not isinstance(mask, Mask):
        mask = Mask.from_array(mask) if isinstance(mask, np.ndarray) else Mask.from_image(mask)
    sizes = {"before": one.shape[1::-1], "after": other.shape[1::-1], "mask": mask.size}
    if len(set(sizes.values())) > 1:
        said = ", ".join(f"{name} is {width}x{height}" for name, (width, height) in sizes.items())
        raise ImageInputError(f"pictures of different sizes cannot be compared: {said}; resize one first")
    if one.shape[2] != other.shape[2]:
        one, other = _with_alpha(one), _with_alpha(other)
    limit = int(plain(tolerance, "the tolerance", 0, 255, unit=""))
    keep = mask.alpha == 255
    difference = np.maximum(one, other) - np.minimum(one, other)
    heat = np.ascontiguousarray(difference[:, :, 0])
    for channel in range(1, difference.shape[2]):  # four times as quick as max(axis=2)
        np.maximum(heat, difference[:, :, channel], out=heat)
    heat *= keep
    heat.flags.writeable = False
    outside = int(np.count_nonzero(keep))
    return EditComparison(
        before=one,
        after=other,
        mask=mask,
        tolerance=limit,
        outside=outside,
        changed=int(np.count_nonzero(heat > limit)),
        mean_difference=float(heat.sum(dtype=np.int64)) / outside if outside else 0.0,
        max_difference=int(heat.max()),
        heat=heat,
    )


def _with_alpha(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if pixels.shape[2] == 4:
        return pixels
    return np.dstack((pixels, np.full(pixels.shape[:2], 255, np.uint8)))
