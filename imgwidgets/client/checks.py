"""What is looked at before a request is sent: arguments, headers, the catalog's verdict."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from imgwidgets import catalog as _catalog
from imgwidgets.client.keys import Secret
from imgwidgets.errors import ImageInputError, ModelNotFound, ParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imgwidgets.catalog import Catalog, ImageRequest, Model, Problem

__all__ = ["checked_headers", "refuse", "users_level", "usual_seconds"]

_PACKAGE = f"{Path(__file__).parent.parent}{os.sep}"
_INPUTS = ("image", "mask", "markup")
_PRIVATE_HEADERS = ("authorization", "key", "token", "cookie", "secret")


def refuse(request: ImageRequest, problems: Sequence[Problem], known: Catalog) -> None:
    """Raise what a problem of the catalog is called."""
    first = next((problem for problem in problems if problem.code == "model_not_found"), None)
    if first is not None:
        raise ModelNotFound(
            first.message,
            model=request.model,
            suggestions=known.nearest(request.model, request.provider, request.endpoint),
            code=first.code,
            param="model",
        )
    if all(problem.parameter.partition("[")[0] in _INPUTS for problem in problems):
        raise ImageInputError("\n".join(problem.message for problem in problems))
    raise ParameterError(problems)


def usual_seconds(request: ImageRequest, model: Model | None) -> float | None:
    """Give the seconds that a request usually takes, from the catalog's table."""
    if model is None or not model.seconds:
        return None
    quality = str(request.parameters.get("quality", "auto"))
    one = model.seconds.get(quality, max(model.seconds.values()))
    size = _catalog.parse_size(request.parameters.get("size"))
    area = max(1.0, size[0] * size[1] / 1024**2) if size else 1.0
    count = request.parameters.get("n", 1)
    return one * area * (count if isinstance(count, int) and count > 1 else 1)


def checked_headers(headers: Mapping[str, str] | None) -> dict[str, str]:
    """Give the user's own headers, those that may hold a key so that they do not show it.

    Raises
    ------
    ValueError
        For a header that is no plain text.
    """
    checked = {}
    for name, value in (headers or {}).items():
        if not isinstance(value, str) or not value.isprintable() or not name.isascii():
            raise ValueError(f"the header {name!r} holds no plain text")
        private = any(word in name.lower() for word in _PRIVATE_HEADERS)
        checked[name] = Secret(value) if private else value
    return checked


def users_level() -> int:
    """Give the stacklevel of the first frame outside this package: the user's line."""
    level, frame = 1, sys._getframe(1)  # noqa: SLF001 (the documented way to walk frames)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
        level += 1
    return level
