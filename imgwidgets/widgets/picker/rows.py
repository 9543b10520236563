"""Which row suits which control."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgwidgets.widgets.picker.controls import ChoiceRow, FixedRow, OpenRow, Row, TextRow
from imgwidgets.widgets.picker.object import ObjectRow
from imgwidgets.widgets.picker.range import RangeRow
from imgwidgets.widgets.picker.size import SizeRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgwidgets.widgets.picker.domain import Control

__all__ = ["row_for"]

_ROWS: dict[str, type[Row]] = {
    "toggle": ChoiceRow,
    "dropdown": ChoiceRow,
    "open": OpenRow,
    "fixed": FixedRow,
    "slider": RangeRow,
    "number": RangeRow,
    "size": SizeRow,
    "fields": ObjectRow,
    "text": TextRow,
    "json": TextRow,
}


def row_for(control: Control, choose: Callable[[str, Any], None]) -> Row:
    """Make the row that suits a control."""
    return _ROWS[control.kind](control, choose)
