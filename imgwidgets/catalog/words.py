"""How values are put into sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["pixels", "show", "spell"]

_SHOWN = 80  # characters of a value that a message repeats


def show(value: Any) -> str:
    """Give a value as Python writes it, shortened."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def spell(values: Iterable[Any]) -> str:
    """Give values as a sentence lists them: ``png, jpeg or webp``."""
    words = [str(value) for value in values]
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else "nothing"


def pixels(size: tuple[int, int]) -> str:
    """Give a size as people say it."""
    return f"{size[0]}x{size[1]} pixels"
