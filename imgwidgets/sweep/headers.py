"""What a provider's headers say about its limits.

The documented family is ``x-ratelimit-{limit,remaining,reset}-{requests,tokens}``; names for images are not
documented, so whatever ends alike is read alike.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Said", "read_headers"]

_NAME = re.compile(r"x-ratelimit-limit-(requests|tokens|images|input-images|input_images)")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_LONGEST = 600.0  # seconds: a limit that takes longer to be whole again is not one by the minute


class Said(msgspec.Struct, frozen=True):
    """One limit by the minute.

    Attributes
    ----------
    resource : str
        ``requests``, ``images``, ``input_images`` or ``tokens``.
    per_minute : float
        The limit.
    remaining : float or None
        What was left of it.
    """

    resource: str
    per_minute: float
    remaining: float | None


def read_headers(headers: Mapping[str, str]) -> Iterator[Said]:
    """Give the limits by the minute; limits by the day and figures that are none are left out.

    Parameters
    ----------
    headers : mapping
        With lower-case names.

    Examples
    --------
    >>> list(read_headers({"x-ratelimit-limit-requests": "120", "x-ratelimit-remaining-requests": "7"}))
    [Said(resource='requests', per_minute=120.0, remaining=7.0)]
    """
    for name, value in headers.items():
        found = _NAME.fullmatch(name)
        limit = _number(value) if found else None
        if found is None or not limit:
            continue
        kind = found[1]
        remaining = _number(headers.get(f"x-ratelimit-remaining-{kind}", ""))
        reset = _seconds(headers.get(f"x-ratelimit-reset-{kind}", ""))
        used = limit - remaining if remaining is not None else 0
        # "reset" is the time until nothing is used any more: from a part of the limit follows the whole.
        if reset is not None and used >= 1 and reset * limit / used > _LONGEST:
            continue
        yield Said(kind.replace("-", "_"), limit, remaining)


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        return None
    return value if 0 <= value < 1e12 else None


def _seconds(text: str) -> float | None:
    plain = _number(text)
    if plain is not None:
        return plain
    parts = _PART.findall(text.strip().lower())
    return sum(float(amount) * _SECONDS[unit] for amount, unit in parts) if parts else None
