"""Which cell of a sweep stands where in a table: any axes down and across, the rest on pages."""

from __future__ import annotations

import difflib
import itertools
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from imgwidgets.sweep.axes import fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgwidgets.sweep.sweep import Sweep

__all__ = ["REPEAT", "Layout", "Names", "Side", "arrange", "check_names"]

REPEAT = "repeat"
Names = str | Sequence[str] | None


class Side(msgspec.Struct, frozen=True):
    """What goes down, across, or on pages.

    Attributes
    ----------
    names : tuple of str
        The axes.
    headers : tuple of tuples of str
        For each place, the labels of its values.
    """

    names: tuple[str, ...] = ()
    headers: tuple[tuple[str, ...], ...] = ((),)

    def __len__(self) -> int:
        return len(self.headers)

    @property
    def title(self) -> str:
        """The axes' names as a header says them."""
        return ", ".join(self.names)


class Layout(msgspec.Struct, frozen=True):
    """Where each cell stands.

    Attributes
    ----------
    rows, columns : Side
        What goes down and across.
    pages : tuple of Side
        What is left, one axis each: a slider each, or one page for each combination.
    cells : dict
        (row, column, place on each of `pages`) -> indices of the cells there, repeats together.
    """

    rows: Side
    columns: Side
    pages: tuple[Side, ...]
    cells: dict[tuple[int, int, tuple[int, ...]], tuple[int, ...]]

    def at(self, row: int, column: int, page: tuple[int, ...] = ()) -> tuple[int, ...]:
        """Give the indices of the cells in one place of the table; none where no cell belongs there."""
        return self.cells.get((row, column, page), ())

    @property
    def combinations(self) -> list[tuple[int, ...]]:
        """Every page that has a cell."""
        found = {page for _, _, page in self.cells}
        every = itertools.product(*(range(len(side)) for side in self.pages))
        return [page for page in every if page in found] if len(found) > 1 else sorted(found)


def arrange(
    sweep: Sweep,
    *,
    rows: Names = None,
    columns: Names = None,
    pages: Names = None,
    nest: bool = False,
) -> Layout:
    """Say where the cells of a sweep stand.

    Parameters
    ----------
    sweep : Sweep
    rows, columns : str or several, optional
        Axes that go down and across, the last named changing fastest; ``"repeat"`` is one too. Default: the
        first axis that is left goes down, the last one across.
    pages : str or several, optional
        Axes that go on pages, in this order; what is named nowhere follows them.
    nest : bool, default False
        Whether axes that are named nowhere go down too, instead of on pages.

    Raises
    ------
    ParameterError
        For a name that is no axis, or one that is named twice.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> sweep = iw.Sweep("{animal}, {style}", animal=["fox", "owl"], style=["ink", "clay"], quality=["low"])
    >>> layout = arrange(sweep, rows="style", columns="animal")
    >>> layout.rows.headers, layout.columns.headers, layout.at(1, 0, (0,))
    ((('ink',), ('clay',)), (('fox',), ('owl',)), (1,))
    """
    down, across, rest = (check_names(sweep, asked, side) for side, asked in _sides(rows, columns, pages))
    named = [*down, *across, *rest]
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice:
        raise fault(twice, named, f"{twice} is named twice: an axis goes down, across or on pages")
    dimension = {axis.name: at for at, axes in enumerate(sweep.dimensions) for axis in axes}
    used = {dimension.get(name) for name in named}
    # Of axes that change together, one says it all; repeats stand side by side unless they are named.
    free = [axes[0].name for at, axes in enumerate(sweep.dimensions) if at not in used]
    if columns is None and free and not across:
        across = [free.pop()]
    if rows is None and free and not down:
        down = free if nest else [free.pop(0)]
        free = [] if nest else free
    rest += free
    return _place(sweep, down, across, rest)


def _sides(rows: Names, columns: Names, pages: Names) -> Iterable[tuple[str, Names]]:
    return (("rows", rows), ("columns", columns), ("pages", pages))


def check_names(sweep: Sweep, asked: Names, side: str) -> list[str]:
    """Give names of axes as a list.

    Raises
    ------
    ParameterError
        For a name that is no axis; `side` says where it was given.
    """
    names = [axis.name for axis in sweep.axes]
    if sweep.repeat > 1:
        names.append(REPEAT)
    wanted = [] if asked is None else [asked] if isinstance(asked, str) else list(asked)
    for name in wanted:
        if name not in names:
            near = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
            hint = f": did you mean {near[0]!r}?" if near else "."
            known = ", ".join(names) or "none"
            raise fault(side, name, f"{side}={name!r} is no axis of this sweep{hint} Its axes: {known}")
    return wanted


def _place(sweep: Sweep, down: list[str], across: list[str], rest: list[str]) -> Layout:
    place_of = {axis.name: at for at, axes in enumerate(sweep.dimensions) for axis in axes}
    points = [(*point, repeat) for point in sweep.points() for repeat in range(sweep.repeat)]

    def key(point: tuple[int, ...], names: list[str]) -> tuple[int, ...]:
        return tuple(point[place_of.get(name, -1)] for name in names)

    def side(names: list[str]) -> tuple[Side, dict[tuple[int, ...], int]]:
        # Of a random subset, only what occurs in it gets a place.
        found = sorted({key(point, names) for point in points}) if names else [()]
        headers = tuple(
            tuple(_header(sweep, name, at) for name, at in zip(names, one, strict=True)) for one in found
        )
        return Side(tuple(names), headers), {one: at for at, one in enumerate(found)}

    row_side, row_at = side(down)
    column_side, column_at = side(across)
    pages = [side([name]) for name in rest]
    cells: dict[tuple[int, int, tuple[int, ...]], list[int]] = defaultdict(list)
    for index, point in enumerate(points):
        page = tuple(at[key(point, list(one.names))] for one, at in pages)
        cells[row_at[key(point, down)], column_at[key(point, across)], page].append(index)
    return Layout(
        row_side,
        column_side,
        tuple(one for one, _ in pages),
        {where: tuple(indices) for where, indices in cells.items()},
    )


def _header(sweep: Sweep, name: str, at: int) -> str:
    for axes in sweep.dimensions:
        for axis in axes:
            if axis.name == name:
                together = [other.labels[at] for other in axes if other.name != name]
                return " · ".join([axis.labels[at], *together])
    return str(at + 1)
