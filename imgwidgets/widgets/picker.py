"""The parameter picker: controls that offer only what a model accepts."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import traitlets as t

from imgwidgets.catalog import current
from imgwidgets.errors import ImgWidgetsError
from imgwidgets.widgets import text
from imgwidgets.widgets.controls import Row, SizeRow, button, html, row_for
from imgwidgets.widgets.page import STATIC
from imgwidgets.widgets.picker_state import PickerState, named_models
from imgwidgets.widgets.picker_words import badges, option, price, remarks, rest

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgwidgets.catalog import Problem

__all__ = ["ParameterPicker"]

_OTHER = ""  # the dropdown's entry for a name that is typed


class _Value(t.Dict):
    """A dict trait that hands out copies: only an assignment is checked, so only that may change it."""

    def get(self, obj: Any, cls: Any = None) -> dict[str, Any]:
        return dict(super().get(obj, cls) or {})


class ParameterPicker(widgets.VBox):
    """Choose a model and its parameters; what cannot be sent cannot be chosen.

    Parameters
    ----------
    model : str, optional
        Default: the provider's default model. A name that the catalog does not know is taken with a
        note, unless the provider is known to have no others.
    endpoint : str, default "generations"
        ``generations`` or ``edits``.
    provider : str, optional
        Default: ``IMGWIDGETS_PROVIDER`` from the environment, else the sandbox.

    Attributes
    ----------
    value : dict
        The model and what differs from its defaults, ready for ``client.generate(prompt, **picker.value)``.
        Always valid; can be set and observed. Setting replaces all parameters; ``model`` may be left out.
    model, endpoint, provider : str
        Can be set; what is still valid stays, the rest comes back when you switch back.

    Raises
    ------
    ParameterError
        Where the provider has no such model; also when ``value`` is set to something invalid.
    CatalogError
        Where there is no such provider or endpoint.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> picker = iw.ParameterPicker("gpt-image-2", provider="openai")
    >>> picker.value = {"size": "1536x1024", "quality": "low"}
    >>> picker.code()
    "client.generate(prompt, model='gpt-image-2', size='1536x1024', quality='low')"
    >>> picker.choices["quality"]
    ('auto', 'low', 'medium', 'high')
    """

    value = _Value(help="The model and what differs from its defaults.")
    model = t.Unicode(help="The model's name.")
    endpoint = t.Unicode(help="generations or edits.")
    provider = t.Unicode(help="A provider of the catalog.")

    def __init__(
        self, model: str | None = None, *, endpoint: str = "generations", provider: str | None = None
    ) -> None:
        # One lock for state and controls: callbacks may come from any thread, and two at once.
        self._lock = threading.RLock()
        self._showing = False  # while controls are being set, what they report is an echo
        provider = provider or _usual_provider()
        if model is None:
            model = _usual_model(provider, endpoint)
        self._state = PickerState(model, endpoint=endpoint, provider=provider)
        self._rows: list[Row] = []
        self._error = ""
        self._build()
        super().__init__(
            [
                self._style,
                self._head,
                self._badges,
                self._remarks,
                self._body,
                self._rest,
                self._foot,
                self._code,
            ]
        )
        self.add_class("iw-picker")
        self._show()

    # -- for people --------------------------------------------------------------------------------------

    @property
    def choices(self) -> dict[str, tuple[Any, ...]]:
        """All that goes with the present value: values, presets of a size, (lowest, highest) of a range."""
        with self._lock:
            return self._state.choices

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What the catalog says against the present value; empty."""
        with self._lock:
            return self._state.problems

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about the present value: a shutdown date, an unchecked name."""
        with self._lock:
            return self._state.notes

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the last change dropped, moved or brought back."""
        with self._lock:
            return self._state.remarks

    @property
    def estimate(self) -> tuple[float, float] | None:
        """(lowest, highest) US dollars for all images of one request; None where no price is known."""
        with self._lock:
            return self._state.estimate

    def code(self) -> str:
        """Give the shortest Python call that sends the present value.

        Returns
        -------
        str
            In terms of ``client`` and ``prompt``, for edits ``image`` and ``mask`` too.
        """
        with self._lock:
            return self._state.code()

    def reset(self, name: str | None = None) -> None:
        """Go back to the default of one parameter, or of all.

        Parameters
        ----------
        name : str, optional
            A parameter's name; default: all parameters.
        """
        self._do(lambda: self._state.reset(name))

    def __repr__(self) -> str:
        with self._lock:
            words = [repr(self._state.model)]
            words += [f"{name}={value!r}" for name, value in self._state.parameters.items()]
        return f"<ParameterPicker {', '.join(words)}>"

    # -- set from Python -----------------------------------------------------------------------------------

    @t.validate("value")
    def _check_value(self, proposal: Any) -> dict[str, Any]:
        return dict(self._set(lambda: self._state.assign(proposal["value"]), proposal["value"], "value"))

    @t.validate("model")
    def _check_model(self, proposal: Any) -> str:
        return str(self._set(lambda: self._state.move(model=proposal["value"]), proposal["value"], "model"))

    @t.validate("endpoint")
    def _check_endpoint(self, proposal: Any) -> str:
        return str(
            self._set(lambda: self._state.move(endpoint=proposal["value"]), proposal["value"], "endpoint")
        )

    @t.validate("provider")
    def _check_provider(self, proposal: Any) -> str:
        return str(
            self._set(lambda: self._state.move(provider=proposal["value"]), proposal["value"], "provider")
        )

    def _set(self, change: Callable[[], None], proposed: Any, name: str) -> Any:
        """Make a change that Python asked for; an error goes to whoever asked."""
        with self._lock:
            if proposed != getattr(self._state, name):
                change()
                self._error = ""
                self._show(but=name)
            return getattr(self._state, name)

    # -- clicked ---------------------------------------------------------------------------------------------

    def _do(self, change: Callable[[], None]) -> None:
        with self._lock:
            change()
            self._error = ""
            self._show()

    def _click(self, change: Callable[[], None]) -> None:
        """Make a change that somebody clicked; an error is shown in the picker."""
        with self._lock:
            if self._showing:
                return
            try:
                change()
                self._error = ""
            except (ImgWidgetsError, ValueError, TypeError) as error:
                self._error = str(error)
            self._show()

    def _chosen(self, name: str, value: Any) -> None:
        def change() -> None:
            row = next((row for row in self._rows if row.control.name == name), None)
            fitting = row.snapped(self._state, value) if isinstance(row, SizeRow) else value
            self._state.choose(name, fitting)

        self._click(change)

    def _model_chosen(self, change: Any) -> None:
        with self._lock:
            if self._showing:
                return
            if change["new"] == _OTHER:
                self._name.layout.display = None
                return
        self._click(lambda: self._state.move(model=change["new"]))

    def _model_typed(self, change: Any) -> None:
        name = change["new"].strip()
        if name:
            self._click(lambda: self._state.move(model=name))

    # -- the screen -----------------------------------------------------------------------------------

    def _build(self) -> None:
        self._style = html(
            f"<style>{(STATIC / 'picker.css').read_text(encoding='utf-8')}</style>", "iw-style"
        )
        self._models = widgets.Dropdown(description="model", tooltip="The model that draws")
        self._models.add_class("iw-control")
        self._models.observe(self._model_chosen, "value")
        self._name = widgets.Text(
            description="name",
            tooltip="The name of any model",
            placeholder="any model's name",
            continuous_update=False,
        )
        self._name.add_class("iw-control")
        self._name.observe(self._model_typed, "value")
        column = widgets.VBox([self._models, self._name])
        column.add_class("iw-control")
        column.add_class("iw-size")
        self._supplier = html("", "iw-help")
        self._head = widgets.HBox([column, html(), self._supplier])
        self._head.add_class("iw-row")
        self._badges = html()
        self._remarks = html("", "iw-remarks")
        self._body = widgets.VBox()
        self._body.layout.overflow = "visible"
        self._rest = html("", "iw-rest")
        self._price = html("", "iw-price")
        self._reset = button(
            "Reset all", "Go back to the model's defaults", lambda: self._click(self._state.reset)
        )
        self._foot = widgets.HBox([self._price, self._reset])
        self._foot.add_class("iw-foot")
        self._code = html("", "iw-code")

    def _show(self, but: str = "") -> None:
        """Bring the screen, then the traits in line with the state; `but` is the one being set."""
        state = self._state
        before, self._showing = self._showing, True
        try:
            self._show_model()
            controls = state.controls
            if tuple(row.control for row in self._rows) != controls:
                for row in self._rows:
                    row.widget.close()
                self._rows = [row_for(control, self._chosen) for control in controls]
                self._body.children = [row.widget for row in self._rows]
            offers = {control.name: state.offer(control) for control in controls}
            for row in self._rows:
                row.show(state, offers[row.control.name])
            withdrawn = [(c.label, offers[c.name].reason) for c in controls if offers[c.name].reason]
            self._rest.value = rest(withdrawn)
            self._remarks.value = remarks(state.remarks, self._error)
            self._price.value = text.escape(price(state))
            self._reset.layout.visibility = "visible" if state.parameters else "hidden"
            call = text.escape(state.code())
            self._code.value = f"<details><summary>Python</summary><pre>{call}</pre></details>"
        finally:
            self._showing = before
        # Last, since who observes these may change the picker in turn.
        for name in ("model", "endpoint", "provider", "value"):
            if name != but:
                self.set_trait(name, getattr(state, name))

    def _show_model(self) -> None:
        state = self._state
        known = named_models(state.catalog, state.provider, state.endpoint)
        options = [(option(model), name) for name, model in known.items()]
        if not state.supplier.complete:
            options.append(("another model…", _OTHER))
        if options != list(self._models.options):
            self._models.options = options
        entry = state.entry
        listed = entry.name if entry is not None and entry.name in known else _OTHER
        if self._models.value != listed:
            self._models.value = listed
        self._name.layout.display = None if listed == _OTHER else "none"
        if listed == _OTHER and self._name.value.strip() != state.model:
            self._name.value = state.model
        title = state.supplier.title or state.provider
        self._supplier.value = text.escape(f"{title}, {state.endpoint}")
        self._badges.value = badges(entry, state.notes)


def _usual_provider() -> str:
    named = os.environ.get("IMGWIDGETS_PROVIDER")
    if named:
        return named
    return next(provider.name for provider in current().providers.values() if provider.embedded)


def _usual_model(provider: str, endpoint: str) -> str:
    usual = current().provider(provider).default_model
    return usual or next(iter(named_models(current(), provider, endpoint)), "")
