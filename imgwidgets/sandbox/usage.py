"""The tokens of a reply, by the formula and the tables that the catalog holds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from imgwidgets.catalog import output_tokens

if TYPE_CHECKING:
    from imgwidgets.sandbox.plan import Plan
    from imgwidgets.sandbox.validate import Job

__all__ = ["svg_usage", "usage"]

_CHARACTERS_PER_TOKEN = 4
# GPT Image 1 counted its inputs so; for newer models only the price of a picture is known.
_TILE = 512
_TOKENS_BASE = 65
_TOKENS_PER_TILE = 129


def usage(
    job: Job, plan: Plan, *, count: int, partials: int = 0, with_input: bool = True
) -> dict[str, Any] | None:
    """Give the ``usage`` of a reply; None for models that are billed by the picture.

    Parameters
    ----------
    job, plan : Job, Plan
        What was asked and what was drawn.
    count : int
        Pictures in the reply.
    partials : int
        Partial pictures that were sent.
    with_input : bool
        False for the second and later pictures of a stream: input is counted once.
    """
    price = job.counted.price
    each = output_tokens(job.counted, plan.size, plan.quality)
    if price is None or (each is None and not price.tokens and not price.grid):
        return None
    # Where only a range is known the middle of it is billed; where a table lacks the size, its square.
    square = output_tokens(job.counted, (1024, 1024), plan.quality) or (0, 0)
    low, high = each or square
    made = count * round((low + high) / 2) + partials * price.partial_image_tokens
    words = math.ceil(len(job.request.prompt) / _CHARACTERS_PER_TOKEN) if with_input else 0
    pictures = _image_tokens(job) if with_input else 0
    return {
        "input_tokens": words + pictures,
        "input_tokens_details": {"text_tokens": words, "image_tokens": pictures},
        "output_tokens": made,
        "output_tokens_details": {"image_tokens": made, "text_tokens": 0},
        "total_tokens": words + pictures + made,
    }


def svg_usage(job: Job, data: bytes) -> dict[str, Any]:
    """Give the tokens of the model that writes an SVG's text."""
    settings = job.effective.get("svg")
    settings = settings if isinstance(settings, dict) else {}
    asked = math.ceil(len(job.request.prompt) / _CHARACTERS_PER_TOKEN) + _TOKENS_BASE
    written = math.ceil(len(data) / _CHARACTERS_PER_TOKEN)
    return {
        "model": str(settings.get("model") or job.model.name),
        "input_tokens": asked,
        "output_tokens": written,
        "reasoning_tokens": 0,
        "total_tokens": asked + written,
    }


def _image_tokens(job: Job) -> int:
    given = [*job.request.images, *filter(None, (job.request.mask, job.request.markup))]
    price = job.counted.price
    if price is not None and price.reference_image and price.image_input:
        middle = sum(price.reference_image) / 2 / price.image_input * 1_000_000
        return round(middle) * len(job.request.images)
    return sum(
        _TOKENS_BASE + _TOKENS_PER_TILE * math.ceil(width / _TILE) * math.ceil(height / _TILE)
        for width, height in (entry.size or (1024, 1024) for entry in given)
    )
