"""The picker's sentences, as HTML that holds no foreign markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgwidgets.widgets import text

if TYPE_CHECKING:
    from imgwidgets.catalog import Model
    from imgwidgets.widgets.picker.state import PickerState

__all__ = ["badges", "option", "price", "python", "remarks", "rest"]


def option(model: Model) -> str:
    """Name a model in the list."""
    return f"{model.name}  (shutdown {model.retires})" if model.retires else model.name


def badges(model: Model | None, notes: tuple[str, ...], *, listed: bool = True) -> str:
    """Say what is special about a model: its shutdown date, what is not certain, what is not checked.

    Parameters
    ----------
    model : Model or None
        Its entry in the catalog.
    notes : tuple of str
        What the catalog says about the present value.
    listed : bool
        False where the entry stands for any name.
    """
    marks: list[tuple[str, str, bool]] = []
    if model is None:
        marks.append(("not checked", "The catalog does not know this model: it is passed on as it is.", True))
    else:
        if not listed:
            about = "The catalog has no list of this provider's models: the name is passed on as it is."
            marks.append(("name not checked", about, True))
        if model.retires:
            use = f" → {model.replacement}" if model.replacement else ""
            marks.append(
                (f"shutdown {model.retires}{use}", "The maker's date; others may serve it longer.", True)
            )
        if model.unverified:
            marks.append(("unverified", model.unverified, False))
        if model.note:
            marks.append((text.shorten(model.note, 60), model.note, False))
    told = {about for _, about, _ in marks}
    marks += [(text.shorten(note, 60), note, False) for note in notes if not _is_told(note, model, told)]
    return "".join(_badge(*mark) for mark in marks)


def _badge(words: str, about: str, warns: bool) -> str:  # noqa: FBT001 (one row of a table)
    kind = "iw-tag iw-warns" if warns else "iw-tag"
    if about == words:
        return f'<span class="{kind}">{text.escape(words)}</span>'
    # Opened by a click or a key, since a tooltip is for mice only.
    return (
        f'<details class="{kind}"><summary title="{text.attribute(about)}">{text.escape(words)}</summary>'
        f"<p>{text.escape(about)}</p></details>"
    )


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
    low, high = (_dollars(bound) for bound in bounds)
    price = f"about {low}" if low == high else f"about {low} to {high}"
    return f"{price}, {images}"


def python(state: PickerState) -> str:
    """Show the call that does the same, after the prompt where one was typed."""
    said = f"prompt = {state.prompt!r}\n" if state.prompt else ""
    return f"<details><summary>Python</summary><pre>{text.escape(said + state.code())}</pre></details>"


def _dollars(amount: float) -> str:
    said = text.dollars(amount)
    return said[:-1] if amount < 0.0995 and said.endswith("0") and len(said) == len("$0.000") else said
