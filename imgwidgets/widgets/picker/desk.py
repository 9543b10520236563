"""Between state, screen and traits: every change of a picker passes here, one at a time."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

from imgwidgets.catalog import current
from imgwidgets.errors import ImgWidgetsError
from imgwidgets.widgets.picker.places import named_models
from imgwidgets.widgets.picker.presets import Preset, Presets, remember, remembered
from imgwidgets.widgets.picker.state import PickerState
from imgwidgets.widgets.picker.view import Screen

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Desk", "beginning"]


class Desk:
    """What a picker works on. It is the screen's hands, too: what they do never raises.

    Parameters
    ----------
    state : PickerState
        What it begins with.
    changed : callable
        Called after each change with the name of the trait that is being set, or "".
    typed : callable
        Called with the prompt when somebody typed.
    remembers : bool
        Whether what is chosen is kept for the next picker.

    Attributes
    ----------
    lock : threading.RLock
        Around all of it: callbacks may come from any thread, and two at once.
    """

    def __init__(
        self,
        state: PickerState,
        *,
        changed: Callable[[str], None],
        typed: Callable[[str], None],
        remembers: bool,
    ) -> None:
        self.lock = threading.RLock()
        self.state = state
        self.presets = Presets()
        self._changed, self._typed, self._remembers = changed, typed, remembers
        self._kept = state.value
        self._error = ""
        self.screen = Screen(self)

    # -- changes -----------------------------------------------------------------------------------------

    def do(self, change: Callable[[], object], *, but: str = "") -> None:
        """Make a change that Python asked for; an error goes to whoever asked."""
        with self.lock:
            change()
            self._forget_messages()
            self.show(but)

    def click(self, change: Callable[[], object]) -> None:
        """Make a change that somebody clicked; an error is shown in the picker."""
        with self.lock:
            if self.screen.showing:
                return
            self._forget_messages()
            try:
                change()
            except (ImgWidgetsError, OSError, ValueError, TypeError) as error:
                self._error = str(error)
            self.show()

    def show(self, but: str = "") -> None:
        """Bring the screen, then the traits in line with the state."""
        if self._remembers and self.state.value != self._kept:
            self._keep()
        presets = self.presets.read() if self.screen.presets.is_open else ({}, "")
        self.screen.show(self.state, error=self._error, presets=presets)
        # Last, since who observes the traits may change the picker in turn.
        self._changed(but)

    def _forget_messages(self) -> None:
        self._error = ""
        for row in self.screen.rows:
            row.message = ""

    def _keep(self) -> None:
        self._kept = self.state.value
        try:
            remember(self.state)
        except OSError as error:
            self._error = f"what is used here cannot be kept for the next time: {error}"

    # -- what the screen tells ---------------------------------------------------------------------------

    def typed(self, prompt: str) -> None:
        """Take a prompt."""
        if not self.screen.showing:
            self._typed(prompt)

    def chosen(self, name: str, value: Any) -> None:
        """Take a parameter's value, or the valid one that is nearest; None is the default."""

        def change() -> None:
            row = next((row for row in self.screen.rows if row.control.name == name), None)
            self.state.choose(name, row.fitted(self.state, value) if row else value)

        self.click(change)

    def moved(self, **place: str) -> None:
        """Go to another model, endpoint or provider."""
        self.click(lambda: self.state.move(**place))

    def reset(self) -> None:
        """Go back to the defaults."""
        self.click(self.state.reset)

    def load(self, name: str) -> None:
        """Load a preset."""
        self.click(lambda: self.loaded(name))

    def save(self, name: str) -> None:
        """Save a preset."""
        saved: list[str] = []
        self.click(lambda: saved.append(self.saved(name)))
        self.screen.presets.mark(saved[0] if saved else "")

    def delete(self, name: str) -> None:
        """Delete a preset."""
        self.click(lambda: self.presets.delete(name))

    def refresh(self) -> None:
        """Show all again."""
        self.click(lambda: None)

    # -- presets -------------------------------------------------------------------------------------------

    def loaded(self, name: str) -> None:
        """Choose what was saved.

        Raises
        ------
        ParameterError
            Where there is no such preset.
        """
        self.presets.get(name).load(self.state)

    def saved(self, name: str) -> str:
        """Save what is chosen, and give the name as it was kept.

        Raises
        ------
        ParameterError
            For a name that is none.
        OSError
            Where the file cannot be written.
        """
        known, said = self.presets.save(name, Preset.of(self.state))
        self.state.remarks = (said,) if said else ()
        return known


def beginning(model: str | None, endpoint: str, provider: str | None, *, remembers: bool) -> PickerState:
    """Give the state that a picker begins with.

    Parameters
    ----------
    model, endpoint, provider : str
        As they were given to the picker.
    remembers : bool
        Whether what was last used fills in what was not given.

    Raises
    ------
    ParameterError, CatalogError
        As for :class:`PickerState`.
    """
    known = current()
    named = provider or os.environ.get("IMGWIDGETS_PROVIDER")
    last = remembered(endpoint, named) if remembers else None
    if last is not None and named is None and last.provider in known.providers:
        named = last.provider
    named = named or next(one.name for one in known.providers.values() if one.embedded)
    wanted = model or known.provider(named).default_model
    wanted = wanted or (str(last.value.get("model", "")) if last else "")
    if not wanted:
        wanted = next(iter(named_models(known, named, endpoint)), "")
    state = PickerState(wanted, endpoint=endpoint, provider=named, catalog=known)
    if last is not None:
        state.load({**last.value, **({"model": model} if model else {})}, foreign=last.provider != named)
    return state
