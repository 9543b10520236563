"""The picker's sentences, as HTML that holds no foreign markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgwidgets.widgets import text

if TYPE_CHECKING:
    from imgwidgets.catalog import Model
    from imgwidgets.widgets.picker_state import PickerState

__all__ = ["badges", "option", "price", "remarks", "rest"]


def option(model: Model) -> str:
    """Name a model in the list."""
    return f"{model.name}  (shutdown {model.retires})" if model.retires else model.name


def badges(model: Model | None, notes: tuple[str, ...]) -> str:
    """Say what is special about a model: its shutdown date, what is not certain, what is not checked."""
    marks = []
    if model is None:
        marks.append(("not checked", "The catalog does not know this model: it is passed on as it is.", True))
    else:
        if model.retires:
            use = f" → {model.replacement}" if model.replacement else ""
            marks.append(
                (f"shutdown {model.retires}{use}", "The maker's date; others may serve it longer.", True)
            )
        if model.unverified:
            marks.append(("unverified", model.unverified, False))
        if model.note:
            marks.append((text.shorten(model.note, 90), model.note, False))
    told = {mark[0] for mark in marks}
    marks += [(text.shorten(note, 110), note, False) for note in notes if not _is_told(note, model, told)]
    spans = "".join(
        f'<span class="{"iw-warns" if warns else "iw-plain"}" title="{text.attribute(title)}">'
        f"{text.escape(words)}</span>"
        for words, title, warns in marks
    )
    return f'<div class="iw-badges">{spans}</div>' if spans else ""


def _is_told(note: str, model: Model | None, told: set[str]) -> bool:
    if model is None:
        return "not in the catalog" in note
    return note in told or (model.retires is not None and str(model.retires) in note)


def remarks(said: tuple[str, ...], error: str) -> str:
    """Say what the last change did, or why it was not made."""
    parts = []
    if error:
        parts.append(f'<div class="iw-failed" role="alert">{text.escape(error, 600)}</div>')
    if said:
        parts.append(f'<div role="status">{text.escape("; ".join(said), 600)}</div>')
    return "".join(parts)


def rest(withdrawn: list[tuple[str, str]]) -> str:
    """List the parameters that do not apply now, each reason once."""
    if not withdrawn:
        return ""
    reasons: dict[str, list[str]] = {}
    for label, reason in withdrawn:
        reasons.setdefault(reason, []).append(label)
    lines = "".join(
        f"<p>{text.escape(', '.join(labels))}: {text.escape(reason)}</p>"
        for reason, labels in reasons.items()
    )
    count = len(withdrawn)
    what = "parameter that does" if count == 1 else "parameters that do"
    return f"<details><summary>{count} more {what} not apply now</summary>{lines}</details>"


def price(state: PickerState) -> str:
    """Say what a request would cost, before it is made."""
    count = state.current("n")
    images = f"{count} image{'' if count == 1 else 's'}" if isinstance(count, int) else "1 image"
    bounds = state.estimate
    if bounds is None:
        return f"no price known, {images}"
    low, high = (text.dollars(bound) for bound in bounds)
    price = f"about {low}" if low == high else f"about {low} to {high}"
    return f"{price}, {images}"
