"""What is never written down: keys, passwords, signatures of addresses.

Request headers never come here. What could still carry a secret is an address (``https://user:password@...``,
``?token=...``), a parameter that a person named ``api_key``, or a provider's own words. The history would
rather be unable to repeat such a request than hold a key on disk and hand it on in an export.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import msgspec

__all__ = ["plain", "to_json", "without_secrets"]

_DEEPEST = 50
_LARGEST = 2**63 - 1

_PASSWORD_IN_URL = re.compile(r"\b([a-z][a-z0-9+.-]*://)[^/?#\s\"'<>]*@", re.IGNORECASE)
_SECRET_IN_QUERY = re.compile(
    r"([?&;](?:sig|key|auth|"
    r"[\w.$%-]*(?:token|secret|signature|passw(?:or)?d|credential|api[-_]?key|access[-_]?key|authorization)[\w.$%-]*"
    r")=)[^&#;\s\"'<>]+",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(Bearer\s+)[^\s\"'<>,;]{6,}", re.IGNORECASE)
_SECRET_NAME = re.compile(
    r"(.*[-_.])?(api[-_]?key|access[-_]?key|secret([-_]key)?|passw(or)?d|authorization|credentials?"
    r"|((access|auth|bearer|refresh|session|security)[-_]?)?token)",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """Give a text that can be written: half a character (a lone surrogate) becomes ``?``."""
    return text.encode("utf-8", "replace").decode("utf-8")


def without_secrets(value: Any, depth: int = 0) -> Any:
    """Give a copy of a JSON-like value without secrets, and with nothing that JSON cannot hold.

    Examples
    --------
    >>> without_secrets("see https://me:pass@example.org/a.png?size=2&sig=abc")
    'see https://example.org/a.png?size=2&sig=...'
    >>> without_secrets({"size": "1024x1024", "api_key": "sk-1", "max_tokens": 7})
    {'size': '1024x1024', 'max_tokens': 7}
    """
    if isinstance(value, Mapping | list | tuple) and depth > _DEEPEST:
        return "(too deep to be kept)"
    if isinstance(value, Mapping):
        return {
            plain(str(name)): without_secrets(one, depth + 1)
            for name, one in value.items()
            if not _SECRET_NAME.fullmatch(str(name))
        }
    if isinstance(value, list | tuple):
        return [without_secrets(one, depth + 1) for one in value]
    return _scalar(value)


def _scalar(value: Any) -> str | bool | int | float | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _LARGEST else f"{value:#x}"[:100]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    text = plain(str(value))
    if "://" in text:
        text = _PASSWORD_IN_URL.sub(r"\1", text)
    if "=" in text:
        text = _SECRET_IN_QUERY.sub(r"\1...", text)
    return _BEARER.sub(r"\1...", text)


def to_json(value: Any) -> str:
    """Encode a value without its secrets."""
    return msgspec.json.encode(without_secrets(value)).decode()
