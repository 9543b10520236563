"""The presets on the screen: choose one, delete it, save the present values under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from imgwidgets.widgets import text
from imgwidgets.widgets.picker.controls import button, html

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from imgwidgets.widgets.picker.presets import Preset

__all__ = ["PresetBar"]

_NONE = ""


class PresetBar:
    """A line that is opened when it is wanted.

    Parameters
    ----------
    load, save, delete : callable
        Called with a name.

    Attributes
    ----------
    widget, opener : ipywidgets.Widget
        The line, and the button that opens it.
    """

    def __init__(
        self, *, load: Callable[[str], None], save: Callable[[str], None], delete: Callable[[str], None]
    ) -> None:
        self._load, self._save, self._delete = load, save, delete
        self._showing = False
        self.opener = widgets.ToggleButton(description="Presets", tooltip="Save these values, or load others")
        self.opener.add_class("iw-small")
        self._names = widgets.Dropdown(
            options=[("choose…", _NONE)], description="preset", tooltip="Load what was saved"
        )
        self._names.observe(self._chosen, "value")
        self._gone = button("Delete", "Delete this preset", self._deleted)
        self._name = widgets.Text(
            description="save as",
            placeholder="a name",
            tooltip="The name of a new preset",
            continuous_update=True,
        )
        self._keep = button("Save", "Save the present values under this name", self._kept)
        for part in (self._names, self._name):
            part.add_class("iw-control")
        pairs = [widgets.HBox([self._names, self._gone]), widgets.HBox([self._name, self._keep])]
        for pair in pairs:
            pair.add_class("iw-pair")
        self._said = html("", "iw-help")
        self.widget = widgets.VBox([*pairs, self._said])
        self.widget.add_class("iw-presets")

    @property
    def is_open(self) -> bool:
        """Whether the line is wanted."""
        return bool(self.opener.value)

    def show(self, presets: Mapping[str, Preset], wrong: str, value: Mapping[str, Any]) -> None:
        """Bring the line in line with the file.

        Parameters
        ----------
        presets : mapping
            What is in the file, by name.
        wrong : str
            What is wrong with the file.
        value : mapping
            What is chosen now: a preset that is no longer that can be chosen again.
        """
        self.widget.layout.display = None if self.is_open else "none"
        if not self.is_open:
            return
        options = [("choose…", _NONE), *((text.one_line(name, 60), name) for name in presets)]
        before, self._showing = self._showing, True
        try:
            held = self._names.value
            if options != list(self._names.options):
                self._names.options = options
            same = held in presets and presets[held].value == value
            self._names.value = held if same else _NONE
            self._gone.disabled = self._names.value == _NONE
        finally:
            self._showing = before
        alert = f'<span class="iw-off" role="alert">{text.escape(wrong, 400)}</span>'
        self._said.value = alert if wrong else ""

    def mark(self, name: str) -> None:
        """Show a preset as the chosen one."""
        before, self._showing = self._showing, True
        try:
            if any(name == known for _, known in self._names.options):
                self._names.value = name
                self._gone.disabled = name == _NONE
        finally:
            self._showing = before

    def _chosen(self, change: Any) -> None:
        if not self._showing and change["new"] != _NONE:
            self._load(change["new"])

    def _deleted(self) -> None:
        if self._names.value != _NONE:
            self._delete(self._names.value)

    def _kept(self) -> None:
        self._save(self._name.value)
