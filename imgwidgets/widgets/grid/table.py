"""What a grid holds as a table: one row for each tile. No widgets here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgwidgets.errors import MissingExtra
from imgwidgets.widgets import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imgwidgets.widgets.grid.items import Item

__all__ = ["COLUMNS", "row_of", "table_of"]

COLUMNS = ("prompt", "model", "provider", "size", "cost", "seconds")
"""Before the parameters; after them come ``starred``, ``rating`` and ``error``."""

_LAST = ("starred", "rating", "error")
# The order in which differences are told; parameters stand between.
_FIRST = ("prompt", "revised prompt", "model", "provider", "endpoint", "size")
_AFTER = ("cost", "seconds", "file", "starred", "rating")
_AT_THE_ENDS = {*_FIRST, *_AFTER, "error"}
_UNLISTED = {"prompt", "model"}  # have columns of their own, with what was really drawn


def row_of(item: Item) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give what is known of an item in any case, and its parameters.

    A parameter whose name is a column's already is called ``asked_...``: the size that was asked
    for may be ``auto``, the column ``size`` holds the picture's own.
    """
    image = item.shown
    known = {
        "prompt": item.title,
        "model": item.model,
        "provider": item.request.provider if item.request is not None else "",
        "size": f"{image.width}x{image.height}" if image is not None and image.width else None,
        "cost": item.cost,
        "seconds": item.seconds,
        "starred": item.starred,
        "rating": item.rating,
        "error": item.error,
    }
    parameters = {
        f"asked_{name}" if name in known else str(name): value
        for name, value in item.parameters.items()
        if name not in _UNLISTED
    }
    return known, parameters


def table_of(items: Iterable[Item]) -> Any:
    """Give a pandas DataFrame with one row for each item.

    Raises
    ------
    MissingExtra
        Where pandas is not installed.
    """
    try:
        import pandas as pd  # noqa: PLC0415 (wanted by some, heavy for all)
    except ImportError as problem:
        raise MissingExtra(
            'a table of the grid needs pandas, which is not installed: pip install "imgwidgets[sweep]"'
        ) from problem
    rows = [row_of(item) for item in items]
    names = list(dict.fromkeys(name for _, parameters in rows for name in parameters))
    frame = pd.DataFrame(
        [known | parameters for known, parameters in rows], columns=[*COLUMNS, *names, *_LAST]
    )
    return frame.astype({"cost": "float64", "seconds": "float64", "starred": "bool", "rating": "Int64"})


def differences(items: Sequence[Item]) -> list[dict[str, Any]]:
    """Give what is known of some items side by side.

    Returns
    -------
    list of dict
        For each fact ``name``, ``values`` (text, one for each item) and ``same``.
    """
    facts = []
    for item in items:
        known, parameters = row_of(item)
        facts.append(known | _more(item) | parameters)
    named = [
        name for name in dict.fromkeys(name for one in facts for name in one) if name not in _AT_THE_ENDS
    ]
    found = []
    for name in (*_FIRST, *named, *_AFTER):
        values = [_said(name, one.get(name)) for one in facts]
        if any(values):
            found.append(
                {
                    "name": text.one_line(name, 60).replace("_", " "),
                    "values": [value or "not set" for value in values],
                    "same": len(set(values)) == 1,
                }
            )
    return found


def _more(item: Item) -> dict[str, Any]:
    said: dict[str, Any] = {} if item.request is None else {"endpoint": item.request.endpoint}
    if item.shown is not None:
        kind, count = item.shown.format, len(item.shown.bytes)
        said |= {"revised prompt": item.shown.revised_prompt, "file": f"{kind}, {count:,} bytes"}
    return said


def _said(name: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if name == "cost":
        return text.dollars(value)
    if name == "seconds":
        return f"{value:.1f} s"
    if name == "starred":
        return "yes" if value else ""
    return text.shorten(text.one_line(value), 4000) if isinstance(value, str) else text.literal(value)
