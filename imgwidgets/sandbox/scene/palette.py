"""Palettes: the sky of each hour, the ground of each place and season, and the light on all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from imgwidgets.sandbox.scene.colour import RGB, adjust, lit, mix, rgb, shade

if TYPE_CHECKING:
    import numpy as np

    from imgwidgets.sandbox.scene.brief import Brief

__all__ = ["Palette", "choose"]


class Palette(msgspec.Struct, frozen=True):
    """The colours of one picture.

    Parameters
    ----------
    sky : tuple of RGB
        From the zenith to the horizon.
    sun, haze, cloud, light : RGB
        The disc, the distance, the clouds, the colour of the light.
    dim : float
        How much the light colours things, 0..1.
    ground, deep, leaf, water : RGB
        Ground in the light, ground in the shade, foliage, water; not yet under the light.
    dark : bool
        Windows are lit and stars are out.

    Examples
    --------
    >>> import imgwidgets.sandbox.scene.chance as chance
    >>> from imgwidgets.sandbox.scene.brief import read
    >>> choose(read("night"), chance.generator(1)).dark
    True
    """

    sky: tuple[RGB, ...]
    sun: RGB
    haze: RGB
    cloud: RGB
    light: RGB
    dim: float
    ground: RGB
    deep: RGB
    leaf: RGB
    water: RGB
    dark: bool

    def under(self, colour: RGB, strength: float = 1.0) -> RGB:
        """Give ``colour`` in this picture's light."""
        return lit(colour, self.light, self.dim * strength)

    def far(self, colour: RGB, distance: float) -> RGB:
        """Give ``colour`` in this light, ``distance`` (0 near .. 1 at the horizon) away."""
        return mix(self.under(colour), self.haze, distance)


# sky from top to horizon; sun; haze; cloud; light; how strongly the light colours things
_SKIES: dict[str, tuple[tuple[str, ...], ...]] = {
    "day": (
        ("#3d97d8 #8ccaec #e6f4ee", "#fff6cf", "#cfe6ea", "#ffffff", "#ffffff", "0"),
        ("#4aa9c9 #a4dcdc #fbf3da", "#fff3c4", "#dcebdd", "#fffdf4", "#fff6e2", "0.2"),
        ("#5a8fd8 #a9c8f0 #f7e9e6", "#fff6dc", "#d6dcec", "#ffffff", "#fdf6f2", "0.15"),
    ),
    "dawn": (
        ("#6f86c4 #eeb4b8 #ffe5c0", "#fff2cc", "#f3cfc0", "#ffeadd", "#ffdcca", "0.42"),
        ("#7fa3cf #f3c3a6 #fff0c8", "#fff5d2", "#f6dcbc", "#fff1df", "#ffe4c4", "0.4"),
    ),
    "sunset": (
        ("#4a2f78 #e0607c #ffbb6a", "#ffe48f", "#f2987a", "#ffc1a0", "#ffb48c", "0.5"),
        ("#2f4b86 #ee8468 #ffd583", "#fff0a6", "#f5ab7c", "#ffd2a8", "#ffc08e", "0.45"),
        ("#6b3a72 #f07a5e #ffcf70", "#ffefa0", "#f3a274", "#ffc79a", "#ffb98c", "0.48"),
    ),
    "dusk": (
        ("#222a58 #71539a #f09a8e", "#ffd9b0", "#a67ba4", "#c99ab8", "#a894d2", "0.58"),
        ("#1d3a5f #5b6fa8 #efb098", "#ffe2b8", "#9f8fae", "#b9a9c4", "#a3a2d6", "0.56"),
    ),
    "night": (
        ("#0b1236 #1d3069 #48699f", "#fbf3d4", "#38558c", "#566fa6", "#6377be", "0.66"),
        ("#12113a #2c2d6c #6a5fa0", "#fdf0d8", "#4d4d8a", "#6a68a8", "#706fbe", "0.64"),
        ("#06202f #123f5c #3a7d8c", "#f7f4d6", "#2a5f74", "#4a7d90", "#5b86ae", "0.66"),
    ),
    "grey": (
        ("#8296a8 #b2c0c8 #e2e6e4", "#f4f2e6", "#c8d2d4", "#eef0ee", "#d8dee4", "0.5"),
        ("#74879a #a8b4bc #d9dcd8", "#efeee2", "#bcc5c8", "#e4e8e8", "#ccd4dc", "0.5"),
    ),
    "winter": (
        ("#7fb4d8 #c3dfea #f8f1e6", "#fff4d4", "#d8e6ec", "#ffffff", "#f4f6ff", "0.2"),
        ("#8fa9d6 #d3d4ea #fbe6dc", "#fff0d6", "#dcdcec", "#fffafa", "#f6eef8", "0.25"),
    ),
}  # fmt: skip

# ground in the light, in the shade, foliage
_GROUNDS: dict[str, tuple[str, ...]] = {
    "spring": ("#a5cf6a #5b9a58 #6fae58", "#b4d478 #6aa564 #7cb868"),
    "summer": ("#8fc05a #3f7f52 #4f9350", "#9cc866 #478a5a #3f8a58", "#b6c862 #6a9250 #5a8a4a"),
    "autumn": ("#dfa651 #9a5a34 #cf6a2f", "#d8b25c #8f6038 #dd8a32", "#c98f4c #7f4c34 #c2502f"),
    "winter": ("#f3f7fb #b9cde2 #6f9a9a", "#f6f4f8 #c2c6e0 #64908f"),
    "desert": ("#efc28a #c07f4c #7f9a5a", "#eab27c #b56a48 #8a9658", "#f0cf98 #cb9258 #86a060"),
}
_WATERS = {"day": "#3f9fc4", "dawn": "#8fa6c8", "sunset": "#7a5590", "dusk": "#3f4a86", "night": "#16305e",
           "grey": "#6f8a98", "winter": "#7fb0c8"}  # fmt: skip
_MOODS = {"lonely": "dusk", "joyful": "day", "calm": "dawn", "dramatic": "sunset", "dreamy": "dusk"}


def hour(brief: Brief, rng: np.random.Generator, take: int) -> str:
    """Give the sky that a brief means, or pick one; takes go through the hours in turn."""
    if brief.time and brief.time != "day":
        return brief.time
    if brief.weather in {"rain", "fog", "cloud"}:
        return "grey"
    if brief.season == "winter":
        return "winter"
    if brief.time:
        return brief.time
    if brief.mood:
        return _MOODS[brief.mood]
    likely = ("day", "dawn", "day", "sunset") if brief.subjects or brief.places else tuple(_SKIES)[:5]
    return likely[(int(rng.integers(len(likely))) + take) % len(likely)]


def choose(brief: Brief, rng: np.random.Generator, take: int = 0) -> Palette:
    """Give the palette for a brief.

    Parameters
    ----------
    brief : Brief
        What the prompt asks for.
    rng : numpy.random.Generator
        Chance for this prompt and take.
    take : int
        Takes go through the variants in turn, so that neighbours differ.
    """
    time = hour(brief, rng, take)
    start = int(rng.integers(6))
    variants = _SKIES[time]
    sky_text, sun, haze, cloud, light, dim = variants[(start + take) % len(variants)]
    season = brief.season or ("autumn" if rng.random() < 0.12 and not brief.subjects else "summer")
    if "desert" in brief.places or "beach" in brief.extras:
        season = "desert"
    grounds = _GROUNDS[season]
    ground, deep, leaf = (rgb(code) for code in grounds[(start + take) % len(grounds)].split())
    drift = float(rng.uniform(-0.018, 0.018))
    sky = tuple(adjust(rgb(code), hue=drift) for code in sky_text.split())
    haze_colour, cloud_colour = adjust(rgb(haze), hue=drift), rgb(cloud)
    water = rgb(_WATERS[time])
    for place, colour in brief.tints.items():
        if place in {"sky", "skies"}:
            sky = tuple(
                mix(old, shade(colour, bright), 0.8)
                for old, bright in zip(sky, (-0.25, 0.1, 0.55), strict=True)
            )
            haze_colour = mix(haze_colour, shade(colour, 0.4), 0.6)
        elif place == "clouds":
            cloud_colour = colour
        elif place in {"sea", "lake", "river", "water"}:
            water = colour
        else:
            ground, deep, leaf = (
                mix(ground, colour, 0.7),
                mix(deep, shade(colour, -0.35), 0.7),
                mix(leaf, colour, 0.5),
            )
    if brief.colours:  # colours of nothing in particular colour the air
        sky = tuple(mix(old, brief.colours[i % len(brief.colours)], 0.45) for i, old in enumerate(sky))
        haze_colour = mix(haze_colour, brief.colours[0], 0.35)
    dark = time in {"night", "dusk"}
    return Palette(
        sky, rgb(sun), haze_colour, cloud_colour, rgb(light), float(dim), ground, deep, leaf, water, dark
    )
