"""What a sweep's builder is laid out with: its style, its buttons' words, its lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as widgets

from imgwidgets.widgets import text
from imgwidgets.widgets.page import STATIC
from imgwidgets.widgets.sweep.page import is_free, price_words

if TYPE_CHECKING:
    from imgwidgets.sweep.plan import Plan

__all__ = ["code_page", "error_line", "start_words", "style"]


def style() -> widgets.HTML:
    """Give the style of a builder as a part that is not seen."""
    sheet = (STATIC / "sweep_builder.css").read_text(encoding="utf-8")
    part = widgets.HTML(f"<style>{sheet}</style>")
    part.add_class("iw-sb-style")
    return part


def start_words(plan: Plan | None) -> str:
    """Say on the button what it does, and what that costs.

    Parameters
    ----------
    plan : Plan, optional
        None where there is none yet.
    """
    if plan is None or not plan.to_send:
        return "Show what the history has" if plan is not None and plan.counts["in history"] else "Start"
    noun = "image" if plan.images == 1 else "images"
    price = "free in the sandbox" if is_free(plan) else price_words(plan)
    return f"Start: {plan.images:,} {noun}, {price}"


def error_line(said: str) -> str:
    """Write what went wrong as HTML; nothing where nothing did."""
    return f'<div class="iw-sb-error" role="alert">{text.escape(said, 600)}</div>' if said else ""


def code_page(code: str) -> str:
    """Write code as HTML that unfolds."""
    return f"<details><summary>As Python</summary><pre>{text.escape(code, 20_000)}</pre></details>"
