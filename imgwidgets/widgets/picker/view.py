"""The picker's screen: what stands where, and how it follows the state. It decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import ipywidgets as widgets

from imgwidgets.catalog import ENDPOINTS
from imgwidgets.widgets import text
from imgwidgets.widgets.page import STATIC, in_notebook
from imgwidgets.widgets.picker.controls import Row, button, html
from imgwidgets.widgets.picker.places import named_models
from imgwidgets.widgets.picker.preset_bar import PresetBar
from imgwidgets.widgets.picker.prompt import PromptBox
from imgwidgets.widgets.picker.rows import row_for
from imgwidgets.widgets.picker.words import badges, option, price, python, remarks, rest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgwidgets.widgets.picker.domain import Control
    from imgwidgets.widgets.picker.presets import Preset
    from imgwidgets.widgets.picker.state import PickerState

__all__ = ["Hands", "Screen"]

_OTHER = ""  # the dropdown's entry for a name that is typed


class Hands(Protocol):
    """What a screen tells its picker; nothing of it raises."""

    def typed(self, prompt: str) -> None:
        """Take a prompt."""

    def chosen(self, name: str, value: Any) -> None:
        """Take a parameter's value; None is the default."""

    def moved(self, **place: str) -> None:
        """Go to another model, endpoint or provider."""

    def reset(self) -> None:
        """Go back to the defaults."""

    def load(self, name: str) -> None:
        """Load a preset."""

    def save(self, name: str) -> None:
        """Save a preset."""

    def delete(self, name: str) -> None:
        """Delete a preset."""

    def refresh(self) -> None:
        """Show all again."""


class Screen:
    """All parts of a picker.

    Parameters
    ----------
    hands : Hands
        Told what was clicked.

    Attributes
    ----------
    parts : list of ipywidgets.Widget
        From top to bottom.
    rows : list of Row
        One for each parameter.
    showing : bool
        True while parts are being set: what they report then is an echo.
    """

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self.showing = False
        self.rows: list[Row] = []
        self._made: list[Row] = []
        style = html(f"<style>{(STATIC / 'picker.css').read_text(encoding='utf-8')}</style>", "iw-style")
        self.prompt = PromptBox(hands.typed)
        self.badges = html("", "iw-badges")
        self.remarks = html("", "iw-remarks")
        self.rest = html("", "iw-rest")
        self.price = html("", "iw-price")
        self.code = html("", "iw-code")
        self.presets = PresetBar(load=hands.load, save=hands.save, delete=hands.delete)
        self.presets.opener.observe(lambda _: hands.refresh(), "value")
        self.reset = button("Reset all", "Go back to the model's defaults", hands.reset)
        self._body = widgets.VBox()
        self._body.layout.overflow = "visible"
        buttons = widgets.HBox([self.reset, self.presets.opener])
        buttons.add_class("iw-buttons")
        foot = widgets.HBox([self.price, buttons])
        foot.add_class("iw-foot")
        address = self._address()
        self.parts = [
            style,
            *(address, self.badges, self.prompt.widget),
            *(self.remarks, self._body, self.rest),
            *(foot, self.presets.widget, self.code),
            *_helpers(),
        ]

    def _address(self) -> widgets.Widget:
        """Make what says who is asked: provider, endpoint, model."""
        self.providers = widgets.Dropdown(description="provider", tooltip="Who answers")
        self.endpoints = widgets.ToggleButtons(
            options=list(ENDPOINTS), description="endpoint", tooltip="New pictures, or edits of given ones"
        )
        self.models = widgets.Dropdown(description="model", tooltip="The model that draws")
        self.name = widgets.Text(
            description="name",
            tooltip="The name of any model",
            placeholder="any model's name",
            continuous_update=False,
        )
        parts = [self.providers, self.endpoints, self.models, self.name]
        for part in parts:
            part.add_class("iw-control")
        self.providers.observe(lambda change: self._went(provider=change["new"]), "value")
        self.endpoints.observe(lambda change: self._went(endpoint=change["new"]), "value")
        self.models.observe(self._model_chosen, "value")
        self.name.observe(lambda change: self._went(model=change["new"].strip()), "value")
        address = widgets.VBox(parts)
        address.add_class("iw-address")
        return address

    def _went(self, **place: str) -> None:
        if not self.showing and all(place.values()):
            self._hands.moved(**place)

    def _model_chosen(self, change: Any) -> None:
        if change["new"] != _OTHER:
            self._went(model=change["new"])
        elif not self.showing:
            self.name.layout.display = None

    # -- following the state -----------------------------------------------------------------------------

    def show(self, state: PickerState, *, error: str, presets: tuple[Mapping[str, Preset], str]) -> None:
        """Bring all parts in line with the state."""
        before, self.showing = self.showing, True
        try:
            self._show_address(state)
            controls = state.controls
            if tuple(row.control for row in self.rows) != controls:
                self.rows = [self._row(control) for control in controls]
                self._body.children = [row.widget for row in self.rows]
            offers = {control.name: state.offer(control) for control in controls}
            for row in self.rows:
                row.show(state, offers[row.control.name])
            withdrawn = [(c.label, offers[c.name].reason) for c in controls if offers[c.name].reason]
            self.rest.value = rest(withdrawn)
            self.remarks.value = remarks(state.remarks, error)
            self.reset.layout.visibility = "visible" if state.parameters else "hidden"
            self.presets.show(*presets, state.value)
            self._show_words(state)
        finally:
            self.showing = before

    def _row(self, control: Control) -> Row:
        """Give the row of a control: made once, since ipywidgets forgets no widget by itself."""
        row = next((row for row in self._made if row.control == control), None)
        if row is None:
            row = row_for(control, self._hands.chosen)
            self._made.append(row)
        elif row not in self.rows:
            row.message = ""  # it was about another model
        return row

    def close(self) -> None:
        """Free all parts."""
        for widget in (*self.parts, *(row.widget for row in self._made)):
            _close(widget)

    def show_words(self, state: PickerState) -> None:
        """Bring in line what follows from the prompt alone."""
        before, self.showing = self.showing, True
        try:
            self._show_words(state)
        finally:
            self.showing = before

    def _show_words(self, state: PickerState) -> None:
        self.prompt.show(state)
        self.price.value = text.escape(price(state))
        self.code.value = python(state)

    def _show_address(self, state: PickerState) -> None:
        able = [
            (provider.title or name, name)
            for name, provider in state.catalog.providers.items()
            if name == state.provider or _serves(state, name)
        ]
        _set(self.providers, able, state.provider)
        _set(
            self.endpoints,
            [e for e in ENDPOINTS if e == state.endpoint or state.catalog.models(state.provider, e)],
            state.endpoint,
        )
        known = named_models(state.catalog, state.provider, state.endpoint)
        options = [(option(model), name) for name, model in known.items()]
        if not state.supplier.complete:
            options.append(("another model…", _OTHER))
        entry = state.entry
        listed = entry.name if entry is not None and entry.name in known else _OTHER
        _set(self.models, options, listed)
        self.models.layout.display = None if known else "none"
        self.name.description = "name" if known else "model"
        self.name.layout.display = None if listed == _OTHER else "none"
        if listed == _OTHER and self.name.value.strip() != state.model:
            self.name.value = state.model
        self.badges.value = badges(entry, state.notes, listed=listed != _OTHER)


def _close(widget: Any) -> None:
    for child in getattr(widget, "children", ()):
        _close(child)
    widget.close()


def _helpers() -> list[Any]:
    if not in_notebook():
        return []
    from imgwidgets.widgets.picker.access import Access  # noqa: PLC0415 (30 ms that only a page should cost)

    access = Access()
    access.add_class("iw-style")
    return [access]


def _serves(state: PickerState, provider: str) -> bool:
    call = state.catalog.provider(provider).endpoints.get(state.endpoint)
    return call is None or not call.refused


def _set(part: Any, options: list[Any], value: Any) -> None:
    if options != list(part.options):
        part.options = options
    if part.value != value:
        part.value = value
