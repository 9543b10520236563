"""Pictures from prompts: the pipeline from brief to pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from imgwidgets.sandbox.scene.brief import read
from imgwidgets.sandbox.scene.chance import grain
from imgwidgets.sandbox.scene.compose import compose, cutout, extent_of, workable
from imgwidgets.sandbox.scene.paint import paint_layer, paint_scene
from imgwidgets.sandbox.scene.shapes import Layer, Scene
from imgwidgets.sandbox.scene.styles import filter_image, treatment_for

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["detail_of", "frames", "group_of", "partial", "render"]

Bytes = npt.NDArray[np.uint8]

_LEVELS = {"low": 1, "medium": 2, "standard": 2, "auto": 3, "high": 3, "hd": 3, "xhigh": 4, "max": 5}
_DUST = (0.0, 0.1, 0.2, 0.3, 0.36)
# these look hand-made, not sharp: very large pictures are painted smaller and enlarged
_SOFT = frozenset({"watercolour", "sketch", "oil", "clay", "ink", "pixel"})
_SOFT_EDGE = 2048
_GRAIN = (0, 0, 2, 4, 6)  # standard deviation, in 64ths of 4 grey levels


def detail_of(quality: str) -> int:
    """Give the level of detail, 1 to 5, of a quality; unknown names mean ``"auto"``."""
    return _LEVELS.get(quality, _LEVELS["auto"])


def render(  # noqa: PLR0913 (options go by keyword)
    prompt: str,
    size: tuple[int, int],
    *,
    quality: str = "auto",
    transparent: bool = False,
    take: int = 0,
    style: str = "",
) -> Bytes:
    """Draw a picture from a prompt.

    Parameters
    ----------
    prompt : str
        What to draw; an empty one gives a landscape too.
    size : tuple of int
        (width, height) in pixels, each at least 1.
    quality : str
        ``low``, ``medium``, ``high``, ``xhigh``, ``max``, ``standard``, ``hd`` or ``auto``: the detail.
    transparent : bool
        The subject alone on nothing, with an alpha channel.
    take : int
        Which take; the same arguments always give the same pixels.
    style : str
        A style to prefer over what the prompt says.

    Returns
    -------
    ndarray
        (H, W, 3) uint8, or (H, W, 4) with straight alpha if ``transparent``.

    Raises
    ------
    ValueError
        If a side is less than one pixel.

    Examples
    --------
    >>> render("a red fox in snow", (96, 64)).shape
    (64, 96, 3)
    """
    if min(size) < 1:
        raise ValueError(f"the size is {size[0]}x{size[1]}; each side needs at least one pixel")
    room = workable(size)
    if room != size:
        wide = render(prompt, room, quality=quality, transparent=transparent, take=take, style=style)
        return np.asarray(Image.fromarray(wide).resize(size, Image.Resampling.BOX))
    brief = read(prompt, style)
    detail = detail_of(quality)
    if transparent:
        scene = cutout(brief, extent_of(size), detail=detail, take=take)
        return straight(group_of(scene, size, brief.style, detail))
    scene = compose(brief, extent_of(size), detail=detail, take=take)
    return _develop(scene, size, brief.style, (brief.seed, take), detail)


def _develop(  # noqa: PLR0913 (options go by keyword)
    scene: Scene,
    size: tuple[int, int],
    style: str,
    key: tuple[str | int, ...],
    detail: int,
    *,
    phase: float = 0.0,
) -> Bytes:
    if style in _SOFT and max(size) > _SOFT_EDGE:
        shrink = _SOFT_EDGE / max(size)
        small = (max(1, round(size[0] * shrink)), max(1, round(size[1] * shrink)))
        picture = Image.fromarray(_develop(scene, small, style, key, detail, phase=phase))
        return np.asarray(picture.resize(size, Image.Resampling.BICUBIC))
    treatment = treatment_for(style)
    image = paint_scene(
        scene, size, treatment, dust=0.0 if treatment.flat else _DUST[detail - 1], phase=phase
    )
    image = filter_image(image, style, key=key, detail=detail, drawn=True)
    if _GRAIN[detail - 1] and style not in {"pixel", "poster", "neon", "ink", "sketch", "watercolour"}:
        speck = (grain(size) * _GRAIN[detail - 1] >> 6)[..., None]
        image = np.clip(image + speck, 0, 255).astype(np.uint8)
    return image


def group_of(scene: Scene, size: tuple[int, int], style: str, detail: int) -> Bytes:
    """Paint a scene's subject on nothing: (H, W, 4) uint8, colours premultiplied."""
    layer = scene.layers[0]
    if not isinstance(layer, Layer):
        raise TypeError("a cut-out has one layer")
    treatment = treatment_for(style)
    return np.asarray(paint_layer(layer, min(size), treatment, (0, 0, *size), dust=_DUST[detail - 1]))


def straight(group: Bytes) -> Bytes:
    """Give straight alpha for premultiplied colours, (H, W, 4) uint8."""
    cover = group[..., 3:4].astype(np.float32)
    colours = group[..., :3] * (255 / np.maximum(cover, 1))
    return np.dstack([np.clip(colours + 0.5, 0, 255).astype(np.uint8), group[..., 3]])


def partial(image: Bytes, step: int, steps: int) -> Bytes:
    """Give an early version of a finished picture: coarse at first, sharper with each step.

    Parameters
    ----------
    image : ndarray
        (H, W, 3) or (H, W, 4) uint8.
    step, steps : int
        Which of how many: 0 is the coarsest, ``steps`` or more the picture itself.

    Examples
    --------
    >>> import numpy as np
    >>> partial(np.zeros((8, 8, 3), np.uint8), 0, 3).shape
    (8, 8, 3)
    """
    if step >= steps:
        return image
    picture = Image.fromarray(image)
    blocks = max(2.0, 10.0 * 3.2**step)
    shrink = blocks / max(picture.size)
    if shrink >= 1:
        return image
    small = (max(1, round(picture.width * shrink)), max(1, round(picture.height * shrink)))
    return np.asarray(
        picture.resize(small, Image.Resampling.BOX).resize(picture.size, Image.Resampling.BICUBIC)
    )


def frames(  # noqa: PLR0913 (options go by keyword)
    prompt: str, size: tuple[int, int], count: int, *, quality: str = "auto", take: int = 0, style: str = ""
) -> list[Bytes]:
    """Draw an animation that ends where it begins: clouds drift, water glitters, the subject breathes.

    Parameters
    ----------
    prompt, size, quality, take, style
        As in `render`.
    count : int
        How many frames.

    Returns
    -------
    list of ndarray
        ``count`` arrays, (H, W, 3) uint8.

    Examples
    --------
    >>> len(frames("a boat", (48, 32), 3))
    3
    """
    brief = read(prompt, style)
    detail = detail_of(quality)
    if min(size) < 1:
        raise ValueError(f"the size is {size[0]}x{size[1]}; each side needs at least one pixel")
    room = workable(size)
    if room != size:
        wide = frames(prompt, room, count, quality=quality, take=take, style=style)
        return [np.asarray(Image.fromarray(frame).resize(size, Image.Resampling.BOX)) for frame in wide]
    scene = compose(brief, extent_of(size), detail=detail, take=take)
    phases: Sequence[float] = [2 * np.pi * i / max(1, count) for i in range(count)]
    return [_develop(scene, size, brief.style, (brief.seed, take), detail, phase=phase) for phase in phases]
