"""The prompt box: words, and how many of them the model takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from imgwidgets.catalog.price import text_tokens
from imgwidgets.widgets import text
from imgwidgets.widgets.picker.controls import html

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgwidgets.widgets.picker.state import PickerState

__all__ = ["PromptBox", "counted"]


def counted(prompt: str, limit: int | None) -> tuple[str, bool]:
    """Say how long a prompt is, and whether that is too long.

    Parameters
    ----------
    prompt : str
        As it would be sent.
    limit : int or None
        Characters that the model takes; None where that is not known.

    Returns
    -------
    (str, bool)
        The words; tokens are about a quarter of the characters.

    Examples
    --------
    >>> counted("a red fox in snow", 32_000)
    ('17 of 32,000 characters, about 5 tokens', False)
    >>> counted("fox " * 300, 1000)
    ('1,200 of 1,000 characters, about 300 tokens: shorten it by 200', True)
    """
    length = len(prompt)
    if not length:
        return (f"up to {limit:,} characters" if limit else ""), False
    tokens = text_tokens(prompt)
    bound = f" of {limit:,}" if limit else ""
    counts = f"{length:,}{bound} character{_s(limit or length)}, about {tokens:,} token{_s(tokens)}"
    if limit and length > limit:
        return f"{counts}: shorten it by {length - limit:,}", True
    return counts, False


class PromptBox:
    """A text area with its counters.

    Parameters
    ----------
    typed : callable
        Called with the text whenever it has changed.

    Attributes
    ----------
    widget : ipywidgets.Widget
        To be shown.
    """

    def __init__(self, typed: Callable[[str], None]) -> None:
        self._typed = typed
        self.area = widgets.Textarea(description="prompt", rows=3)
        self.area.add_class("iw-control")
        self.area.observe(self._changed, "value")
        self._count = html("", "iw-count")
        self.widget = widgets.VBox([self.area, self._count])
        self.widget.add_class("iw-ask")

    def show(self, state: PickerState) -> None:
        """Bring the box in line with the state."""
        parameter = state.view.parameters.get("prompt") if state.view else None
        said = parameter.help if parameter else "What the picture should show, in words."
        self.area.tooltip = self.area.placeholder = said
        if self.area.value != state.prompt:
            self.area.value = state.prompt
        # The limit of a model that is not known would be a guess.
        limit = parameter.max_length if parameter and state.entry is not None else None
        words, over = counted(state.prompt, limit)
        role = ' role="alert" class="iw-over"' if over else ""
        self._count.value = f"<span{role}>{text.escape(words)}</span>"

    def _changed(self, change: Any) -> None:
        self._typed(change["new"])


def _s(count: int) -> str:
    return "" if count == 1 else "s"
