"""A plan as HTML: its totals, a map of what is valid, its reasons and its cells; bounded in size.

Plain HTML with its own styles, so that it also stands in a saved notebook.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from imgwidgets import catalog as _catalog
from imgwidgets.sweep.axes import label_of
from imgwidgets.sweep.layout import arrange
from imgwidgets.sweep.plan import STATES, price_range
from imgwidgets.widgets import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imgwidgets.sweep.cell import Cell
    from imgwidgets.sweep.plan import Plan

__all__ = ["SIGNS", "WORDS", "is_free", "plan_page", "plan_summary", "price_words"]

_ROWS, _COLUMNS = 30, 16  # of the map
_CELLS = 60  # of the table
_REASONS = 8
_LABEL = 60  # characters

SIGNS = {"to send": "●", "in history": "✓", "duplicate": "=", "invalid": "✗"}
WORDS = {
    "to send": "to send",
    "in history": "in the history, not sent again",
    "duplicate": "the same as an earlier cell, sent once",
    "invalid": "invalid, not sent",
}
# Light enough for dark text and clear enough beside each other, also for those who see no red or green.
_COLOURS = {"to send": "#8ec9a4", "in history": "#8fb8e8", "duplicate": "#c9ccd1", "invalid": "#f0a08f"}
_INK = "#1f2328"
_TABLE = '<table style="border-collapse:collapse;font-size:13px;line-height:18px">'
_BOX = "border:1px solid rgba(128,128,128,.35);padding:2px 8px;text-align:left;vertical-align:top"
_HEAD = f"{_BOX};font-weight:600;min-width:3em;max-width:220px;overflow-wrap:break-word"


def plan_page(plan: Plan, *, opened: bool | None = None) -> str:
    """Write a plan as HTML; at most about 200 kB, however many cells there are.

    Parameters
    ----------
    plan : Plan
    opened : bool, optional
        Whether the table of cells is unfolded; default: where there are few.
    """
    is_open = len(plan) <= 12 if opened is None else opened
    parts = [_totals(plan), _map(plan), _reasons(plan), _table(plan, is_open=is_open)]
    return (
        '<div class="imgwidgets-plan mathjax_ignore tex2jax_ignore" style="font-size:13px;line-height:18px">'
        f"{''.join(parts)}</div>"
    )


def plan_summary(plan: Plan) -> list[str]:
    """Give a plan's totals as short phrases."""
    said = [f"{len(plan):,} {_plural(len(plan), 'cell')}"]
    said += [
        f"{SIGNS[state]} {plan.counts[state]:,} {WORDS[state]}" for state in STATES if plan.counts[state]
    ]
    said.append(f"{plan.images:,} {_plural(plan.images, 'image')}")
    said.append(price_words(plan))
    return said


def is_free(plan: Plan) -> bool:
    """Tell whether only the sandbox is asked."""
    sent, providers = plan.cells_to_send, _catalog.current().providers
    return bool(sent) and all(providers[cell.provider].embedded for cell in sent)


def price_words(plan: Plan) -> str:
    """Say what a plan costs; a price that is not known is not called zero."""
    sent = plan.cells_to_send
    unknown = sum(cell.price is None for cell in sent)
    price = price_range(plan.cost)
    if unknown:
        price = "no price known" if unknown == len(sent) else f"{price}, for some no price known"
    return f"free in the sandbox, else {price}" if is_free(plan) else price


def _plural(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"


def _totals(plan: Plan) -> str:
    *said, price = plan_summary(plan)
    line = f"{text.escape(' · '.join(said))} · <b>{text.escape(price)}</b>"
    page = f'<p style="margin:0 0 8px">{line}</p>'
    if plan.unpriced:
        names = ", ".join(plan.unpriced[:10]) + (" ..." if len(plan.unpriced) > 10 else "")
        said_so = f"⚠ No price is known for {names}: the total leaves these cells out."
        page += f'<p style="margin:0 0 8px">{text.escape(said_so, 600)}</p>'
    return page


# -- the map --------------------------------------------------------------------------------------------


def _map(plan: Plan) -> str:
    """Draw which cells are what, over the two axes on which that depends most."""
    axes = _telling(plan)
    if not axes:
        return ""
    *first, across = axes
    layout = arrange(plan.sweep, rows=first, columns=across)
    states: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    reason: dict[tuple[int, int], str] = {}
    for (row, column, _), indices in layout.cells.items():
        for index in indices:
            cell = plan[index]
            states[row, column][cell.state] += 1
            if cell.problems:
                reason.setdefault((row, column), cell.problems[0].message)
    rows, columns = range(min(len(layout.rows), _ROWS)), range(min(len(layout.columns), _COLUMNS))
    corner = " ╲ ".join(side.title for side in (layout.rows, layout.columns) if side.names)
    head = "".join(_th(_label(layout.columns.headers[column])) for column in columns)
    body = "".join(
        f"<tr>{_th(_label(layout.rows.headers[row]), 'row')}"
        + "".join(_square(states.get((row, column)), reason.get((row, column), "")) for column in columns)
        + "</tr>"
        for row in rows
    )
    left = [
        f"{len(side) - len(shown):,} more {text.escape(side.title, _LABEL)}"
        for side, shown in ((layout.rows, rows), (layout.columns, columns))
        if len(side) > len(shown)
    ]
    legend = " &ensp; ".join(
        f'<span style="background:{_COLOURS[state]};color:{_INK};padding:0 5px;border-radius:3px">'
        f"{SIGNS[state]}</span> {WORDS[state]}"
        for state in STATES
        if plan.counts[state]
    )
    more = f" &ensp; and {' and '.join(left)}" if left else ""
    return (
        '<div style="overflow:auto;max-height:420px;margin:0 0 4px">'
        f"{_TABLE}<thead><tr>{_th(corner)}{head}</tr></thead><tbody>{body}</tbody></table></div>"
        f'<p style="margin:0 0 8px">{legend}{more}</p>'
    )


def _telling(plan: Plan) -> list[str]:
    """Choose up to two axes: those on whose values most depends whether a cell is valid, then the first."""
    spread: dict[str, float] = {}
    seen: list[set[str]] = [{axis.name for axis in axes} for axes in plan.sweep.dimensions]
    for axes in plan.sweep.dimensions:
        shares: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for cell in plan:
            share = shares[str(cell.values[axes[0].name])]
            share[0] += cell.state == "invalid"
            share[1] += 1
        parts = [invalid / count for invalid, count in shares.values()]
        spread[axes[0].name] = max(parts) - min(parts) if parts else 0.0
    names = [axes[0].name for axes in plan.sweep.dimensions if len(axes[0]) > 1 or len(seen) == 1]
    chosen = sorted(names, key=lambda name: -spread[name])[:2]
    return [name for name in names if name in chosen]


def _square(states: Counter[str] | None, reason: str) -> str:
    if not states:
        return f'<td style="{_BOX}"></td>'
    present = [state for state in STATES if states[state]]
    total = sum(states.values())
    words = "".join(
        f'<span style="background:{_COLOURS[state]};color:{_INK};padding:0 6px">'
        f"{SIGNS[state]}{f' {states[state]:,}' if total > 1 else ''}</span>"
        for state in present
    )
    title = "; ".join([*(f"{states[state]} {state}" for state in present), *([reason] if reason else [])])
    whole = f"background:{_COLOURS[present[0]]};" if len(present) == 1 else ""
    return (
        f'<td style="{_BOX};{whole}padding:2px;white-space:nowrap;text-align:center"'
        f' title="{text.attribute(title, 160)}">{words}</td>'
    )


def _label(header: Sequence[str]) -> str:
    return " · ".join(header)


def _th(said: str, scope: str = "col") -> str:
    return f'<th scope="{scope}" style="{_HEAD}" dir="auto">{text.escape(text.one_line(said), _LABEL)}</th>'


# -- reasons and cells --------------------------------------------------------------------------------------


def _reasons(plan: Plan) -> str:
    problems = Counter(problem.message for cell in plan for problem in cell.problems)
    notes = Counter(note for cell in plan for note in cell.notes)
    lines = [
        *_counted(problems, SIGNS["invalid"], "reasons"),
        *_counted(notes, "note:", "notes"),
    ]
    items = "".join(f'<li style="margin:0">{line}</li>' for line in lines)
    return f'<ul style="margin:0 0 8px;padding-left:18px">{items}</ul>' if items else ""


def _counted(found: Counter[str], sign: str, what: str) -> Iterable[str]:
    for message, count in found.most_common(_REASONS):
        yield f"{sign} {text.escape(text.one_line(message), 300)} ({count:,} {_plural(count, 'cell')})"
    if len(found) > _REASONS:
        yield f"and {len(found) - _REASONS:,} other {what}"


def _table(plan: Plan, *, is_open: bool) -> str:
    repeats = ["repeat"] if plan.sweep.repeat > 1 else []
    names = ["cell", *(axis.name for axis in plan.axes), *repeats, "price", ""]
    head = "".join(_th(name) for name in names)
    body = "".join(_row(plan, cell) for cell in plan[:_CELLS])
    rest = len(plan) - _CELLS
    more = f'<p style="margin:4px 0">and {rest:,} more: plan.to_pandas() has them all</p>' if rest > 0 else ""
    return (
        f"<details{' open' if is_open else ''}><summary>The cells</summary>"
        '<div style="overflow:auto;max-height:360px">'
        f"{_TABLE}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{more}</details>"
    )


def _row(plan: Plan, cell: Cell) -> str:
    values = [label_of(cell.values[axis.name]) for axis in plan.axes]
    repeat = [str(cell.repeat + 1)] if plan.sweep.repeat > 1 else []
    price = price_range(cell.price) if cell.price is not None else "not known" if cell.valid else ""
    boxes = "".join(
        f'<td style="{_BOX}" dir="auto">{text.escape(text.one_line(value), _LABEL)}</td>'
        for value in (str(cell.index), *values, *repeat, price)
    )
    why = f" {cell.problems[0].message}" if cell.problems else ""
    if cell.same_as is not None:
        why = f" cell {cell.same_as}"
    elif cell.stored is not None and not cell.problems:
        why = f" entry {cell.stored.id}"
    said = text.escape(text.one_line(f"{SIGNS[cell.state]} {cell.state}{why}"), 160)
    return f'<tr>{boxes}<td style="{_BOX}">{said}</td></tr>'
