"""Tokens and US dollars: what a request will cost, and what it did cost.

Output tokens of GPT Image 2 and newer follow from the quality's grid and the size. The formula is the
one of the calculator in OpenAI's image guide, as several readers recovered it; it reproduces the
published price per picture to the last digit::

    long   = grid[quality]
    short  = round_half_even(long * shorter edge / longer edge)
    tokens = ceil(long * short * (2,000,000 + width * height) / 4,000,000)
"""

from __future__ import annotations

import functools
import math
import numbers
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.catalog.sizes import nearest_size, parse_size

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgwidgets.catalog.loader import Catalog
    from imgwidgets.catalog.request import ImageRequest
    from imgwidgets.catalog.values import Endpoint, Model, Price, SizeRule

__all__ = ["Usage", "cost", "estimate", "output_tokens", "text_tokens"]

_MILLION = 1_000_000
# English prose: about four characters a token. Good enough for a price that pictures dominate.
_CHARACTERS_PER_TOKEN = 4


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider says it counted, in tokens; None where it does not say.

    Attributes
    ----------
    input_tokens, output_tokens, total_tokens : int or None
        The sums.
    input_text_tokens, input_image_tokens, output_image_tokens, output_text_tokens : int or None
        Their parts.
    extra : dict
        Whatever else the provider reported (a ``cost`` in US dollars, an ``image_count``, ...).
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    input_text_tokens: int | None = None
    input_image_tokens: int | None = None
    output_image_tokens: int | None = None
    output_text_tokens: int | None = None
    extra: dict[str, Any] = {}


def text_tokens(text: str) -> int:
    """Give about how many tokens a prompt has."""
    return math.ceil(len(text) / _CHARACTERS_PER_TOKEN)


def output_tokens(model: Model, size: tuple[int, int], quality: str) -> tuple[int, int] | None:
    """Give the (lowest, highest) output tokens of one picture; None where no figure is known.

    Parameters
    ----------
    model : Model
        From the catalog.
    size : (int, int)
        Width and height in pixels.
    quality : str
        A quality other than ``auto``.

    Examples
    --------
    >>> from imgwidgets.catalog import current
    >>> output_tokens(current().model("gpt-image-2"), (1024, 1024), "high")
    (7024, 7024)
    """
    price = model.price
    if price is None:
        return None
    table = price.tokens.get(quality, {})
    if table:
        listed = table.get("{}x{}".format(*size))
        return (listed, listed) if listed is not None else None
    long = price.grid.get(quality)
    if long is None:
        return None
    width, height = size
    short = round(long * min(size) / max(size))
    exact = math.ceil(long * short * (2 * _MILLION + width * height) / (4 * _MILLION))
    low, high = price.factor.get(quality, (1.0, 1.0))
    return math.ceil(exact * low), math.ceil(exact * high)


def estimate(request: ImageRequest, *, catalog: Catalog | None = None) -> tuple[float, float] | None:
    """Give the (lowest, highest) price of a request in US dollars, for all of its pictures.

    ``auto`` for quality or size makes it a range. Input pictures are a range too: their tokens follow
    no published formula. None where no price is known.

    Examples
    --------
    >>> from imgwidgets.catalog import ImageRequest
    >>> asked = {"size": "1024x1024", "quality": "high"}
    >>> low, high = estimate(ImageRequest(prompt="a fox", model="gpt-image-2", parameters=asked))
    >>> round(low, 4), round(high, 4)
    (0.2107, 0.2107)
    """
    if catalog is None:
        from imgwidgets.catalog.loader import current  # noqa: PLC0415 (the loader needs no price)

        catalog = current()
    model = catalog.model(request.model, request.provider)
    endpoint = model.endpoints.get(request.endpoint) if model else None
    if model is None or endpoint is None or model.price is None:
        return None
    given = request.parameters
    count = _count(given.get("n", 1))
    each = [
        dollars
        for quality in _qualities(endpoint, given.get("quality"))
        for size in _sizes(endpoint, given.get("size"))
        if (dollars := _one_picture(model, size, quality)) is not None
    ]
    if not each:
        return None
    low, high = min(low for low, _ in each) * count, max(high for _, high in each) * count
    price = model.price
    partials = _count(given.get("partial_images", 0)) if given.get("stream") else 0
    # Fewer partials than asked is normal, so they count in the upper bound only.
    high += partials * count * price.partial_image_tokens * (price.image_output or 0) / _MILLION
    words = text_tokens(request.prompt) * (price.text_input or 0) / _MILLION
    low, high = low + words, high + words
    if request.images and price.reference_image:
        # Whether input pictures are billed once or for each of n is not known: the range covers both.
        low += len(request.images) * price.reference_image[0]
        high += len(request.images) * price.reference_image[1] * count
    return low, high


def cost(model: Model, usage: Usage | None, request: ImageRequest, *, count: int) -> float | None:
    """Give what a finished request cost, in US dollars; None where that is not known.

    Parameters
    ----------
    model : Model
        Whose rates apply.
    usage : Usage or None
        As the provider returned it. A ``cost`` of the provider's own wins over any rate.
    request : ImageRequest
        For models that are billed by the picture.
    count : int
        Pictures that came back.
    """
    if (
        usage is not None
        and isinstance(stated := usage.extra.get("cost"), int | float)
        and not isinstance(stated, bool)
    ):
        return float(stated) if math.isfinite(stated) and stated >= 0 else None
    price = model.price
    if price is None:
        return None
    if price.image_output is None:
        return _listed(price, model, request, count)
    if usage is None or usage.output_tokens is None:
        return None
    text_in, image_in = usage.input_text_tokens, usage.input_image_tokens
    if text_in is None and image_in is None:
        # No details: a generation's input is text; an edit's is mostly pictures, at the higher rate.
        total = usage.input_tokens or 0
        text_in, image_in = (0, total) if request.images else (total, 0)
    text_out = usage.output_text_tokens or 0
    image_out = (
        usage.output_image_tokens if usage.output_image_tokens is not None else usage.output_tokens - text_out
    )
    billed = (
        (text_in or 0) * (price.text_input or 0)
        + (image_in or 0) * (price.image_input or 0)
        + image_out * price.image_output
        + text_out * (price.text_output or 0)
    )
    return billed / _MILLION


def _count(value: Any) -> int:
    return max(0, int(value)) if isinstance(value, numbers.Integral) else 0


def _qualities(endpoint: Endpoint, asked: Any) -> Iterable[str]:
    parameter = endpoint.parameters.get("quality")
    asked = asked if asked is not None else (parameter.default if parameter else None)
    if asked in (None, "auto"):
        return [value for value in (parameter.values if parameter else ()) if value != "auto"]
    return [str(asked)]


def _sizes(endpoint: Endpoint, asked: Any) -> Iterable[tuple[int, int]]:
    parameter = endpoint.parameters.get("size")
    asked = asked if asked is not None else (parameter.default if parameter else None)
    exact = parse_size(asked)
    if exact:
        return [exact]
    if parameter is None:
        return []
    presets = [size for value in parameter.values if (size := parse_size(value))]
    if parameter.size is not None and parameter.size.free and parameter.size.max_edge:
        presets.append(_largest_square(parameter.size, parameter.size.max_edge))
    return presets


@functools.lru_cache(maxsize=64)
def _largest_square(rule: SizeRule, edge: int) -> tuple[int, int]:
    """Give the size that bounds a range of prices: of all sizes, the largest square has the most tokens."""
    return nearest_size(rule, (edge, edge))


def _one_picture(model: Model, size: tuple[int, int], quality: str) -> tuple[float, float] | None:
    price = model.price
    if price is None:
        return None
    listed = price.per_image.get(quality, {}).get("{}x{}".format(*size))
    if listed is not None:
        return listed, listed
    tokens = output_tokens(model, size, quality)
    if tokens is None or price.image_output is None:
        return None
    return tokens[0] * price.image_output / _MILLION, tokens[1] * price.image_output / _MILLION


def _listed(price: Price, model: Model, request: ImageRequest, count: int) -> float | None:
    """Give a price by the picture, from the list."""
    endpoint = model.endpoints.get(request.endpoint)
    defaults = {name: p.default for name, p in endpoint.parameters.items()} if endpoint else {}
    quality = request.parameters.get("quality", defaults.get("quality"))
    size = request.parameters.get("size", defaults.get("size"))
    each = price.per_image.get(str(quality), {}).get(str(size))
    return each * count if each is not None else None
