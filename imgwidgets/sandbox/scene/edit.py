"""Edits: redraw a part of a picture, or all of it, from a new prompt."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from imgwidgets.sandbox.scene.actors import fit
from imgwidgets.sandbox.scene.brief import Brief, read
from imgwidgets.sandbox.scene.chance import grain
from imgwidgets.sandbox.scene.compose import cutout, extent_of
from imgwidgets.sandbox.scene.inpaint import fill, seam
from imgwidgets.sandbox.scene.paint import over
from imgwidgets.sandbox.scene.picture import detail_of, group_of, render
from imgwidgets.sandbox.scene.restyle import restyle
from imgwidgets.sandbox.scene.shapes import Layer, Scene, bounds

__all__ = ["redraw"]

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


def redraw(  # noqa: PLR0913 (options go by keyword)
    image: Bytes,
    prompt: str,
    *,
    alpha: Bytes | None = None,
    quality: str = "auto",
    transparent: bool = False,
    take: int = 0,
) -> Bytes:
    """Edit a picture after a prompt.

    Parameters
    ----------
    image : ndarray
        (H, W, 3) or (H, W, 4) uint8.
    prompt : str
        What the redrawn part shows, or how the whole is to look.
    alpha : ndarray, optional
        (H, W) uint8, the API's mask: 0 = redraw here, 255 = keep; between, a mixture. Pixels at
        255 come back bit for bit. Without a mask the whole picture is restyled and keeps its
        composition.
    quality : str
        As in `render`.
    transparent : bool
        Give an alpha channel; redrawn parts without an object become transparent.
    take : int
        Which take.

    Returns
    -------
    ndarray
        (H, W, 3), or (H, W, 4) where the input had four channels or ``transparent`` is set.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Examples
    --------
    >>> import numpy as np
    >>> grey = np.full((64, 96, 3), 128, np.uint8)
    >>> mask = np.full((64, 96), 255, np.uint8)
    >>> mask[16:48, 24:72] = 0
    >>> new = redraw(grey, "a straw hat", alpha=mask)
    >>> bool((new[mask == 255] == 128).all()), bool((new[32, 48] != 128).any())
    (True, True)
    """
    if image.ndim != 3 or image.shape[2] not in (3, 4) or 0 in image.shape:
        raise ValueError(f"the image has the shape {image.shape}; use (H, W, 3) or (H, W, 4)")
    brief = read(prompt)
    has_alpha = image.shape[2] == 4
    base = np.ascontiguousarray(image[..., :3])
    if alpha is None:
        new = restyle(base, brief, quality=quality, take=take)
        if brief.subjects:
            new = _added(new, brief, quality=quality, take=take)
        if not has_alpha and not transparent:
            return new
        opacity = image[..., 3] if has_alpha else np.full(base.shape[:2], 255, np.uint8)
        return np.dstack([new, opacity])
    if alpha.shape != base.shape[:2]:
        raise ValueError(
            f"the mask has the shape {alpha.shape}, the image {base.shape[:2]}; they must be equal"
        )
    weight = seam(np.asarray(alpha, np.uint8))
    result = image if has_alpha or not transparent else np.dstack([base, np.full(alpha.shape, 255, np.uint8)])
    result = result.copy()
    if not weight.any():
        return result
    rows, columns = np.nonzero(weight.any(1))[0], np.nonzero(weight.any(0))[0]
    area = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    patch, opacity = _patch(base, brief, area, weight, quality=quality, take=take, clear=transparent)
    part = weight[area[1] : area[3], area[0] : area[2]]
    old = result[area[1] : area[3], area[0] : area[2]]
    new = patch if old.shape[2] == 3 else np.dstack([patch, opacity])
    blended = Image.fromarray(np.ascontiguousarray(old))
    blended.paste(
        Image.fromarray(new), None, Image.fromarray((part * np.float32(255) + 0.5).astype(np.uint8))
    )
    result[area[1] : area[3], area[0] : area[2]] = np.asarray(blended)
    return result


def _patch(  # noqa: PLR0913 (options go by keyword)
    base: Bytes, brief: Brief, area: tuple[int, int, int, int], weight: Floats,
    *, quality: str, take: int, clear: bool,
) -> tuple[Bytes, Bytes]:  # fmt: skip
    """Give the new content of an area: (h, w, 3) colours and (h, w) opacity."""
    height, width = base.shape[:2]
    size = (area[2] - area[0], area[3] - area[1])
    solid = np.full((size[1], size[0]), 255, np.uint8)
    if not brief.subjects:
        share = size[0] * size[1] / (width * height)
        if share > 0.3 and min(size) >= 16:
            whole = render(brief.seed, (width, height), quality=quality, take=take)
            return whole[area[1] : area[3], area[0] : area[2], :3], solid
        return render(brief.seed, size, quality=quality, take=take)[..., :3], solid
    margin = max(8, max(size) // 6)
    x0, y0 = max(0, area[0] - margin), max(0, area[1] - margin)
    x1, y1 = min(width, area[2] + margin), min(height, area[3] + margin)
    near = base[y0:y1, x0:x1]
    ground = _continued(near, weight[y0:y1, x0:x1] > 0, brief, take)
    inner = (area[0] - x0, area[1] - y0, area[2] - x0, area[3] - y0)
    ground = ground[inner[1] : inner[3], inner[0] : inner[2]]
    group = _object(brief, size, weight[area[1] : area[3], area[0] : area[2]], quality=quality, take=take)
    ambient = float(ground.mean()) / 255
    light = float(np.clip(0.55 + 0.75 * ambient, 0.6, 1.0))
    picture, thing = Image.fromarray(ground), Image.fromarray(group)
    shade = _cast(thing.getchannel("A"))
    picture.paste((0, 0, 0), None, shade.point([round(0.38 * v) for v in range(256)]))
    over(picture, thing.point([round(v * light) for v in range(256)] * 3 + list(range(256))), (0, 0))
    opacity = group[..., 3] if clear else solid
    return np.asarray(picture), opacity


def _continued(near: Bytes, hole: npt.NDArray[np.bool_], brief: Brief, take: int) -> Bytes:
    """Continue the surroundings into the hole, with as much grain as they have."""
    height, width = hole.shape
    if hole.all():
        return render(brief.seed + " plain", (width, height), take=take)[..., :3]
    # what is smooth can be computed small
    shrink = max(1, round(max(hole.shape) / 320))
    picture = Image.fromarray(near).reduce(shrink)
    unknown = np.asarray(Image.fromarray(hole.astype(np.uint8) * 255).reduce(shrink)) > 0
    coarse = Image.fromarray(fill(np.asarray(picture), unknown) if not unknown.all() else np.asarray(picture))
    smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))
    sample = near[:: max(1, height // 256)]
    rough = np.abs(np.diff(sample.astype(np.int16), axis=1)).mean(-1)
    spread = min(6.0, float(np.median(rough)) * 0.8)
    speck = (grain((width, height)) * np.float32(spread / 64)).astype(np.int16)
    grainy = np.clip(smooth[hole] + speck[hole][:, None], 0, 255).astype(np.uint8)
    whole = near.copy()
    whole[hole] = grainy
    return whole


def _object(brief: Brief, size: tuple[int, int], weight: Floats, *, quality: str, take: int) -> Bytes:
    """Paint the named object as large as the area allows, premultiplied RGBA."""
    detail = detail_of(quality)
    extent = extent_of(size)
    scene = cutout(brief, extent, detail=detail, take=take, margin=0.05)
    layer = scene.layers[0]
    if not isinstance(layer, Layer):
        raise TypeError("a cut-out has one layer")
    group = group_of(scene, size, brief.style, detail)
    # a painted area is rarely a full box: where the object would be cut, find it a smaller place
    cover = group[..., 3] > 128
    if float((cover & (weight <= 0.3)).sum()) < 0.04 * max(1.0, float(cover.sum())):
        return group
    frame = _roomiest(weight > 0.3, bounds(layer.shapes), min(size))
    smaller = Layer("subject", tuple(fit(list(layer.shapes), frame)), layer.relief)
    return group_of(Scene(extent, (smaller,), scene.sun), size, brief.style, detail)


def _roomiest(
    free: npt.NDArray[np.bool_], box: tuple[float, float, float, float], unit: int
) -> tuple[float, float, float, float]:
    """Give the largest box of these proportions that lies (almost) in the free area, scene units."""
    _height, _width = free.shape
    step = max(1, max(free.shape) // 160)
    small = free[::step, ::step]
    table = np.pad(small.astype(np.int64).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    best, place = 0.0, box
    for scale in (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.42, 0.35, 0.28, 0.22):
        wide = max(1, min(small.shape[1], round((box[2] - box[0]) * scale * unit / step)))
        tall = max(1, min(small.shape[0], round((box[3] - box[1]) * scale * unit / step)))
        sums = table[tall:, wide:] - table[:-tall, wide:] - table[tall:, :-wide] + table[:-tall, :-wide]
        share = float(sums.max()) / (wide * tall)
        # a little cutting is a fair price for size
        worth = min(share, 0.93) ** 3 * scale
        if worth > best:
            spots = np.argwhere(sums == sums.max())
            row, column = spots[len(spots) // 2].tolist()
            best = worth
            corner = (column * step / unit, row * step / unit)
            place = (corner[0], corner[1], corner[0] + wide * step / unit, corner[1] + tall * step / unit)
    return place


def _cast(cover: Image.Image) -> Image.Image:
    """Give the soft shadow that an object casts around its foot, mode L, for its alpha."""
    sheet = Image.new("L", cover.size)
    seen = cover.point([0] * 129 + [255] * 127).getbbox()
    if seen is None:
        return sheet
    half, middle, foot = (seen[2] - 1 - seen[0]) / 2, (seen[0] + seen[2] - 1) / 2, seen[3] - 1
    flat = max(1.5, half * 0.09)
    blur = max(1.0, flat * 0.6)
    # no more than what the shadow reaches needs to be blurred
    rim = int(blur * 3) + 2
    x0, y0 = int(middle - half * 0.86) - rim, int(foot - flat * 1.3) - rim
    x1, y1 = int(middle + half * 0.98) + rim, int(foot + flat) + rim
    spot = Image.new("L", (x1 - x0, y1 - y0))
    ImageDraw.Draw(spot).ellipse(
        (middle - half * 0.86 - x0, foot - flat * 1.3 - y0, middle + half * 0.98 - x0, foot + flat - y0),
        fill=255,
    )
    sheet.paste(spot.filter(ImageFilter.GaussianBlur(blur)), (x0, y0))
    return sheet


def _added(image: Bytes, brief: Brief, *, quality: str, take: int) -> Bytes:
    """Stand the named object on the picture, a third from one side."""
    height, width = image.shape[:2]
    size = (max(8, round(min(width * 0.5, height * 0.62))), max(8, round(height * 0.46)))
    if min(width, height) < 24:
        return image
    left = round(width * (0.08 if take % 2 else 0.92) - (0 if take % 2 else size[0]))
    top = round(height * 0.97) - size[1]
    weight = np.zeros((height, width), np.float32)
    weight[max(0, top) : top + size[1], max(0, left) : left + size[0]] = 1
    scene = cutout(brief, extent_of(size), detail=detail_of(quality), take=take, margin=0.04)
    group = group_of(scene, size, brief.style, detail_of(quality))
    y1, x1 = min(height, top + size[1]), min(width, left + size[0])
    y0, x0 = max(0, top), max(0, left)
    part = np.ascontiguousarray(group[y0 - top : y1 - top, x0 - left : x1 - left])
    under, thing = Image.fromarray(np.ascontiguousarray(image[y0:y1, x0:x1])), Image.fromarray(part)
    ambient = float(np.clip(0.6 + 0.7 * float(image[y0:y1, x0:x1].mean()) / 255, 0.65, 1.0))
    shade = _cast(thing.getchannel("A"))
    under.paste((0, 0, 0), None, shade.point([round(0.4 * v) for v in range(256)]))
    over(under, thing.point([round(v * ambient) for v in range(256)] * 3 + list(range(256))), (0, 0))
    new = image.copy()
    new[y0:y1, x0:x1] = np.asarray(under)
    return new
