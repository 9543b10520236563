"""From a plan to pixels: the scene is drawn or redrawn, masks are understood, pictures are combined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from imgwidgets.sandbox import scene
from imgwidgets.sandbox.encode import animated, encoded
from imgwidgets.sandbox.inputs import decode, invalid_image

if TYPE_CHECKING:
    import numpy.typing as npt

    from imgwidgets.catalog import ImageInput
    from imgwidgets.sandbox.plan import Plan
    from imgwidgets.sandbox.validate import Job

    Pixels = npt.NDArray[np.uint8]

__all__ = ["Painter", "alpha_of"]

# A mark is a hint: the edit may reach this many blocks of this many pixels beyond it.
_MARK_BLOCK = 16
# Takes that two different seeds never share.
_TAKES_PER_SEED = 64


class Painter:
    """Draws the pictures of one request: take 0, 1, 2, ...

    Its inputs are decoded once, when it is made; its methods may be called from several threads.

    Parameters
    ----------
    job, plan : Job, Plan
        What was asked and will be drawn.

    Raises
    ------
    Refusal
        ``invalid_image_file``, for an input whose pixels cannot be read.
    """

    def __init__(self, job: Job, plan: Plan) -> None:
        request = job.request
        self._plan, self._prompt = plan, request.prompt
        pictures = [
            _pixels(entry, "image", f"image {position + 1}") for position, entry in enumerate(request.images)
        ]
        self._alpha: Pixels | None = None
        if request.mask is not None:
            mask = _pixels(request.mask, "mask", "mask")
            self._alpha = _fitted_alpha(alpha_of(mask, job.endpoint.call.mask_polarity), plan.size)
        elif request.markup is not None:
            self._alpha = _fitted_alpha(_around(_pixels(request.markup, "markup", "markup")), plan.size)
        # A mask or a mark belongs to the first picture; without one, several are brought together.
        used = pictures[:1] if self._alpha is not None else pictures
        self._pictures = [fitted(picture, plan.size) for picture in used] if len(used) == 1 else used

    def picture(self, take: int) -> Pixels:
        """Give the pixels of one take, ``(H, W, 3 or 4) uint8``."""
        plan, take = self._plan, self._numbered(take)
        if not self._pictures:
            return scene.render(
                self._prompt,
                plan.size,
                quality=plan.quality,
                transparent=plan.transparent,
                take=take,
                style=plan.style,
            )
        if len(self._pictures) > 1:
            return scene.merge(self._pictures, self._prompt, plan.size, quality=plan.quality, take=take)
        return scene.redraw(
            self._pictures[0],
            self._prompt,
            alpha=self._alpha,
            quality=plan.quality,
            transparent=plan.transparent,
            take=take,
        )

    def _numbered(self, take: int) -> int:
        return self._plan.first_take + take + self._plan.seed * _TAKES_PER_SEED

    def file(self, take: int, pixels: Pixels | None = None) -> bytes:
        """Give the finished file of one take, from its pixels where they are there already."""
        plan = self._plan
        if plan.output_format == "svg" and not self._pictures and not plan.transparent:
            return scene.svg(
                self._prompt, plan.size, self._numbered(take), quality=plan.quality, style=plan.style
            ).encode()
        if plan.output_format == "gif" and not self._pictures and not plan.transparent:
            shots = scene.frames(
                self._prompt,
                plan.size,
                plan.frames,
                quality=plan.quality,
                take=self._numbered(take),
                style=plan.style,
            )
            return animated([Image.fromarray(shot) for shot in shots], plan.frame_milliseconds)
        return encoded(self.picture(take) if pixels is None else pixels, plan)

    def partial(self, pixels: Pixels, index: int) -> bytes:
        """Give partial `index` of the plan's, a file: the same picture with less detail."""
        return encoded(scene.partial(pixels, index, self._plan.partials), self._plan)


# -- inputs -------------------------------------------------------------------------------------------


def _pixels(entry: ImageInput, param: str, label: str) -> Pixels:
    pixels = decode(entry.data or b"")
    if pixels is None:
        raise invalid_image(param, label)
    return pixels


def fitted(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Give the picture in another size, cropped at its middle where the shape differs."""
    height, width = pixels.shape[:2]
    if (width, height) == size:
        return pixels
    return np.asarray(ImageOps.fit(Image.fromarray(pixels), size, Image.Resampling.LANCZOS))


def _fitted_alpha(alpha: Pixels, size: tuple[int, int]) -> Pixels:
    height, width = alpha.shape
    if (width, height) == size:
        return alpha
    return np.asarray(ImageOps.fit(Image.fromarray(alpha), size, Image.Resampling.NEAREST))


def alpha_of(mask: Pixels, polarity: str) -> Pixels:
    """Give a mask's meaning, ``(H, W) uint8``: 0 = edit, 255 = keep.

    Parameters
    ----------
    mask : array
        As decoded, ``(H, W, 3 or 4)``.
    polarity : str
        ``transparent``: its alpha, as OpenAI has it; ``white``: what is white is edited.
    """
    if polarity == "white" or mask.shape[2] == 3:
        luminance = np.asarray(Image.fromarray(mask).convert("L"))
        return 255 - luminance
    return np.ascontiguousarray(mask[..., 3])


def _around(markup: Pixels) -> Pixels:
    """Read marks as a mask: what they touch, and a little around, is what the words are about."""
    height, width = markup.shape[:2]
    touched = Image.fromarray(np.where(markup[..., -1] > 0, 255, 0).astype(np.uint8))
    blocks = touched.resize((-(-width // _MARK_BLOCK), -(-height // _MARK_BLOCK)), Image.Resampling.BOX)
    wider = blocks.point(lambda value: 255 if value else 0).filter(ImageFilter.MaxFilter(3))
    return 255 - np.asarray(wider.resize((width, height), Image.Resampling.NEAREST))
