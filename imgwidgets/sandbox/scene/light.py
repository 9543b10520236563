"""Light from the upper left on rounded bodies: warm where it falls, cool shadow on the other side."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageFilter

__all__ = ["lighten", "relief"]

_WARM = (255, 246, 224)
_COOL = (77, 61, 133)  # what full shadow leaves of white
_GLOW = 0.55  # how much of the warm colour full light gives


def relief(
    mask: Image.Image, reach: float, size: tuple[int, int], strength: float
) -> tuple[Image.Image, Image.Image]:
    """Give light from the upper left on a rounded body of this outline.

    Parameters
    ----------
    mask : PIL.Image.Image
        The outline, mode L; it may be smaller than the picture.
    reach : float
        How far the rounding goes in, in pixels of ``mask``.
    size : tuple of int
        (width, height) of what to give.
    strength : float
        What to multiply light and shadow with.

    Returns
    -------
    tuple of PIL.Image.Image
        Where light falls, and where shadow, both mode L.

    Examples
    --------
    >>> up, down = relief(Image.new("L", (9, 9), 255), 2.0, (9, 9), 1.0)
    >>> up.getpixel((0, 0)) > 0, down.getpixel((8, 8)) > 0
    (True, True)
    """
    pad = int(2 * reach) + 2
    wide = Image.new("L", (mask.width + 2 * pad, mask.height + 2 * pad))
    wide.paste(mask, (pad, pad))
    soft = wide.filter(ImageFilter.GaussianBlur(reach * 0.7))
    d = max(1, round(reach * 0.55))
    inner = (pad, pad, pad + mask.width, pad + mask.height)
    behind = soft.crop((inner[0] + d, inner[1] + d, inner[2] + d, inner[3] + d))
    ahead = soft.crop((inner[0] - d, inner[1] - d, inner[2] - d, inner[3] - d))
    # Pillow's differences stop at 0, so that each of them is one sign of the slope
    up, down = (
        side.point([min(255, round(v * gain)) for v in range(256)]).resize(size, Image.Resampling.BILINEAR)
        for side, gain in (
            (ImageChops.subtract(behind, ahead), strength * _GLOW),
            (ImageChops.subtract(ahead, behind), strength),
        )
    )
    return up, down


def lighten(picture: Image.Image, up: Image.Image, down: Image.Image) -> None:
    """Add warm light and cool shadow, in place.

    Parameters
    ----------
    picture : PIL.Image.Image
        Mode RGB, or RGBA, whose alpha stays.
    up, down : PIL.Image.Image
        How much light and how much shadow, mode L, as `relief` gives them.
    """
    body = picture if picture.mode == "RGB" else picture.convert("RGB")
    body.paste(_WARM, None, up)
    body.paste(ImageChops.multiply(body, Image.new("RGB", body.size, _COOL)), None, down)
    if body is not picture:
        body.putalpha(picture.getchannel("A"))
        picture.paste(body)
