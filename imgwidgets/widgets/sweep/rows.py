"""The rows of a sweep's builder: one for each axis, with what its values are chosen by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from imgwidgets.widgets import text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Choices", "Lines", "Numbers", "Row"]


class Row(widgets.HBox):
    """One axis: its name, its values, and a button that takes it away.

    Parameters
    ----------
    name : str
        Of the axis.
    editor : Lines, Choices or Numbers
        Chooses the values.
    changed : callable
        Called after each change.
    remove : callable, optional
        Called with the name by the button; None has no button.
    """

    def __init__(
        self,
        name: str,
        editor: Any,
        *,
        changed: Callable[[], None],
        remove: Callable[[str], None] | None = None,
    ) -> None:
        self.name = name
        self.editor = editor
        editor.listen(changed)
        label = widgets.HTML(text.escape(name, 40))
        label.add_class("iw-sb-name")
        editor.add_class("iw-sb-editor")
        parts = [label, editor]
        if remove is not None:
            button = widgets.Button(
                icon="times",
                tooltip=f"Take the axis {text.one_line(name, 40)} away",
            )
            button.add_class("iw-sb-remove")
            button.on_click(lambda _: remove(name))
            parts.append(button)
        super().__init__(parts)
        self.add_class("iw-sb-row")

    @property
    def values(self) -> list[Any]:
        """What is chosen now."""
        found: list[Any] = self.editor.values
        return found


class Lines(widgets.VBox):
    """Texts, one a line.

    Examples
    --------
    >>> lines = Lines(["fox", "owl"])
    >>> lines.values
    ['fox', 'owl']
    """

    def __init__(self, values: Sequence[str] = (), *, what: str = "value") -> None:
        self._area = widgets.Textarea(
            "\n".join(values),
            placeholder=f"one {what} a line",
            continuous_update=False,
            rows=max(2, min(6, len(values) + 1)),
        )
        super().__init__([self._area])

    @property
    def values(self) -> list[Any]:
        """The lines that are not empty."""
        return [line.strip() for line in self._area.value.splitlines() if line.strip()]

    @values.setter
    def values(self, values: Sequence[Any]) -> None:
        self._area.value = "\n".join(map(str, values))

    def listen(self, changed: Callable[[], None]) -> None:
        """Call back after each change."""
        self._area.observe(lambda _: changed(), "value")


class Choices(widgets.VBox):
    """Some of the values that a model takes, as buttons that stay down; others can be typed where it may be.

    Examples
    --------
    >>> choices = Choices(["auto", "low", "high"], ["low"])
    >>> choices.values
    ['low']
    >>> choices.values = ["low", "high"]
    >>> choices.values
    ['low', 'high']
    """

    def __init__(self, every: Sequence[Any], chosen: Sequence[Any] = (), *, other: str = "") -> None:
        self._every = list(every)
        self._buttons = [
            widgets.ToggleButton(
                value=value in chosen,
                description=text.one_line(text.literal(value), 40),
                tooltip=text.one_line(text.literal(value), 80),
            )
            for value in self._every
        ]
        self._other = widgets.Text(placeholder=other, continuous_update=False)
        box = widgets.Box(self._buttons)
        box.add_class("iw-sb-choices")
        parts = [box, *([self._other] if other else [])]
        super().__init__(parts)

    @property
    def values(self) -> list[Any]:
        """What is chosen, in the model's order, then what was typed."""
        chosen = [value for value, button in zip(self._every, self._buttons, strict=True) if button.value]
        return chosen + [word.strip() for word in self._other.value.split(",") if word.strip()]

    @values.setter
    def values(self, values: Sequence[Any]) -> None:
        for value, button in zip(self._every, self._buttons, strict=True):
            button.value = value in values
        self._other.value = ", ".join(str(value) for value in values if value not in self._every)

    def listen(self, changed: Callable[[], None]) -> None:
        """Call back after each change."""
        for part in (*self._buttons, self._other):
            part.observe(lambda _: changed(), "value")


class Numbers(widgets.VBox):
    """Numbers, with commas between them.

    Examples
    --------
    >>> numbers = Numbers(0, 100, whole=True)
    >>> numbers.values = [10, 90]
    >>> numbers.values
    [10, 90]
    """

    def __init__(self, low: float | None, high: float | None, *, whole: bool) -> None:
        self._whole = whole
        bounds = " to ".join(f"{end:g}" for end in (low, high) if end is not None)
        said = f"numbers{f' from {bounds}' if bounds else ''}, with commas"
        self._text = widgets.Text(placeholder=said, continuous_update=False)
        super().__init__([self._text])

    @property
    def values(self) -> list[Any]:
        """The numbers; a word that is none stays a word, and the catalog says what is wrong with it."""
        return [self._number(word.strip()) for word in self._text.value.split(",") if word.strip()]

    @values.setter
    def values(self, values: Sequence[Any]) -> None:
        self._text.value = ", ".join(map(str, values))

    def _number(self, word: str) -> Any:
        try:
            return int(word) if self._whole else float(word)
        except ValueError:
            return word

    def listen(self, changed: Callable[[], None]) -> None:
        """Call back after each change."""
        self._text.observe(lambda _: changed(), "value")
