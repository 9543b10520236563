"""Several pictures on one: prints laid on a drawn scene."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from imgwidgets.sandbox.scene.chance import generator
from imgwidgets.sandbox.scene.picture import render

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["merge"]

Bytes = npt.NDArray[np.uint8]


def merge(
    images: Sequence[Bytes], prompt: str, size: tuple[int, int], *, quality: str = "auto", take: int = 0
) -> Bytes:
    """Bring several pictures together, as prints laid on a scene drawn from the prompt.

    Parameters
    ----------
    images : sequence of ndarray
        Each (H, W, 3) or (H, W, 4) uint8.
    prompt : str
        The scene behind them.
    size : tuple of int
        (width, height) in pixels.
    quality, take
        As in `render`.

    Returns
    -------
    ndarray
        (H, W, 3) uint8.

    Examples
    --------
    >>> import numpy as np
    >>> merge([np.zeros((8, 8, 3), np.uint8)] * 2, "a meadow", (64, 48)).shape
    (48, 64, 3)
    """
    canvas = Image.fromarray(render(prompt, size, quality=quality, take=take)[..., :3])
    width, height = size
    count = len(images)
    if not count or min(size) < 8:
        return np.asarray(canvas)
    luck = generator(prompt, take, "merge")
    canvas = Image.blend(canvas, canvas.filter(ImageFilter.GaussianBlur(max(1, min(size) / 160))), 0.85)
    columns = min(count, max(1, round((count * width / height) ** 0.5)))
    rows = -(-count // columns)
    cell = (width * 0.92 / columns, height * 0.86 / rows)
    for i, image in enumerate(images):
        print_ = Image.fromarray(image).convert("RGBA")
        scale = min(cell[0] * 0.84 / print_.width, cell[1] * 0.84 / print_.height)
        print_ = print_.resize(
            (max(1, round(print_.width * scale)), max(1, round(print_.height * scale))),
            Image.Resampling.LANCZOS,
        )
        border = max(1, round(min(print_.size) * 0.04))
        if image.shape[2] == 3:
            card = Image.new(
                "RGBA", (print_.width + 2 * border, print_.height + 2 * border), (252, 249, 240, 255)
            )
            card.paste(print_, (border, border))
        else:
            card = print_
        card = card.rotate(float(luck.uniform(-7, 7)), Image.Resampling.BICUBIC, expand=True)
        in_row = min(columns, count - (i // columns) * columns)
        x = width / 2 + (i % columns - (in_row - 1) / 2) * cell[0] * 1.0
        y = (
            height * 0.5
            + (i // columns - (rows - 1) / 2) * cell[1]
            + float(luck.uniform(-0.03, 0.03)) * height
        )
        corner = (round(x - card.width / 2), round(y - card.height / 2))
        soft = max(1.0, min(size) / 90)
        pad = int(soft * 3)
        veil = Image.new("L", (card.width + 2 * pad, card.height + 2 * pad))
        veil.paste(card.getchannel("A").point([v * 120 // 255 for v in range(256)]), (pad, pad))
        veil = veil.filter(ImageFilter.GaussianBlur(soft))
        canvas.paste((24, 18, 40), (corner[0] - pad + border, corner[1] - pad + 2 * border), veil)
        canvas.paste(card, corner, card)
    return np.asarray(canvas)
