"""Values as JSON has them: what can be sent, and what a line of Python can say."""

from __future__ import annotations

import math
from typing import Any

from imgwidgets.catalog import plain_value

__all__ = ["plain", "sendable"]


def plain(value: Any, *, is_size: bool = False) -> Any:
    """Make plain values of numpy's, of enums that are texts or numbers, and of what lists hold.

    Examples
    --------
    >>> import numpy as np
    >>> plain(np.int64(3)), plain(np.array([1, 2])), plain((1024, 1024), is_size=True)
    (3, [1, 2], '1024x1024')
    """
    if getattr(value, "ndim", 0) and hasattr(value, "tolist"):
        value = value.tolist()
    value = plain_value(value, is_size=is_size)
    if isinstance(value, dict):
        return {plain(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, str):
        return str.__str__(value)  # an enum's own text would be its name
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    return float(value) if isinstance(value, float) else value


def sendable(value: Any) -> bool:
    """Say whether JSON has such a value.

    Examples
    --------
    >>> sendable({"effort": ["low", 1.5, None]}), sendable(float("nan")), sendable(b"low")
    (True, False, False)
    """
    if isinstance(value, dict):
        return all(isinstance(name, str) and sendable(one) for name, one in value.items())
    if isinstance(value, list | tuple):
        return all(map(sendable, value))
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, str | int)
