"""Plans and runs as pandas tables and parquet files."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imgwidgets.errors import MissingExtra
from imgwidgets.sweep.axes import label_of
from imgwidgets.sweep.stored import result_of

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from imgwidgets.sweep.cell import Cell
    from imgwidgets.sweep.outcome import Outcome
    from imgwidgets.sweep.plan import Plan

__all__ = ["plan_table", "run_table", "write_parquet"]

_EXTRA = "pip install 'imgwidgets[sweep]'"
_NUMBERS = ("cost", "seconds", "low", "high")
_STATUS = {"waiting": "not_sent"}  # what has not been sent yet; the other words stay


def plan_table(plan: Plan) -> Any:
    """Give a plan as a table; :meth:`Plan.to_pandas` says which columns."""
    columns: dict[str, list[Any]] = {
        "cell": [cell.index for cell in plan],
        "state": [cell.state for cell in plan],
        "low": [cell.price[0] if cell.price else None for cell in plan],
        "high": [cell.price[1] if cell.price else None for cell in plan],
        "images": [cell.images for cell in plan],
    }
    columns |= _axes(plan, columns)
    more: dict[str, list[Any]] = {
        "repeat": [cell.repeat for cell in plan],
        "provider": [cell.provider for cell in plan],
        "model": [cell.request.model if cell.request else None for cell in plan],
        "prompt": [cell.request.prompt if cell.request else None for cell in plan],
        "problem": ["\n".join(problem.message for problem in cell.problems) for cell in plan],
        "notes": ["\n".join(cell.notes) for cell in plan],
    }
    return _frame(columns | {name: values for name, values in more.items() if name not in columns})


def run_table(plan: Plan, outcomes: Sequence[Outcome]) -> Any:
    """Give a run as a table.

    Columns: ``cell``, ``status`` (``done``, ``failed``, ``maybe_billed``, ``not_sent``; while it runs also
    ``running``), ``cost`` (US dollars of this run: 0 where the history or an identical cell answered), one
    for each axis, then ``repeat``, ``seconds``, ``error``, ``from_history``, ``sha256`` (of its images, one a
    line; their files have that name in the history) and the plan's ``low`` and ``high``.
    """
    pairs = list(zip(plan, outcomes, strict=True))
    columns: dict[str, list[Any]] = {
        "cell": [cell.index for cell in plan],
        "status": [_STATUS.get(outcome.status, outcome.status) for outcome in outcomes],
        "cost": [outcome.cost for outcome in outcomes],
    }
    columns |= _axes(plan, columns)
    more: dict[str, list[Any]] = {
        "repeat": [cell.repeat for cell in plan],
        "seconds": [outcome.seconds for outcome in outcomes],
        "error": [_error(cell, outcome) for cell, outcome in pairs],
        "from_history": [outcome.from_history for outcome in outcomes],
        "sha256": ["\n".join(image.sha256 for image in result_of(one)[0] or ()) for one in outcomes],
        "low": [cell.price[0] if cell.price else None for cell in plan],
        "high": [cell.price[1] if cell.price else None for cell in plan],
    }
    return _frame(columns | {name: values for name, values in more.items() if name not in columns})


def write_parquet(frame: Any, path: str | os.PathLike[str]) -> Path:
    """Write a table; a column that holds several kinds of values becomes text.

    Raises
    ------
    FileNotFoundError
        Where the folder does not exist.
    MissingExtra
        Without pyarrow.
    """
    target = Path(path).expanduser()
    if not target.parent.is_dir():
        raise FileNotFoundError(f"the folder {target.parent} does not exist; create it first: mkdir -p")
    try:
        importlib.import_module("pyarrow")
    except ImportError as error:
        raise MissingExtra(f"to_parquet() needs pyarrow: {_EXTRA}") from error
    plain = frame.copy()
    for name in plain.columns:
        values = list(plain[name])
        kinds = {type(value) for value in values if value is not None and value == value}  # noqa: PLR0124 (NaN)
        if str(plain[name].dtype) == "object" and (
            kinds - {str, bool} if len(kinds) < 2 else kinds - {int, float}
        ):
            plain[name] = [None if value is None else str(value) for value in values]
    plain.to_parquet(target, index=False)
    return target


def _frame(columns: dict[str, list[Any]]) -> Any:
    try:
        pandas = importlib.import_module("pandas")
    except ImportError as error:
        raise MissingExtra(f"to_pandas() needs pandas: {_EXTRA}") from error
    # Also where none is known: sums go on working.
    unknown = [name for name in _NUMBERS if all(one is None for one in columns.get(name, [""]))]
    return pandas.DataFrame(columns).astype(dict.fromkeys(unknown, "float64"))


def _axes(plan: Plan, taken: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Give a column for each axis; one that is called as another column gets a longer name."""
    return {
        f"{axis.name} (axis)" if axis.name in taken else axis.name: [
            _shown(cell.values[axis.name]) for cell in plan
        ]
        for axis in plan.axes
    }


def _shown(value: Any) -> Any:
    return value if value is None or isinstance(value, str | bool | int | float) else label_of(value)


def _error(cell: Cell, outcome: Outcome) -> str:
    return outcome.error or "\n".join(problem.message for problem in cell.problems)
