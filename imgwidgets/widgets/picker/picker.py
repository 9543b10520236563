"""The parameter picker: controls that offer only what a model accepts."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import traitlets as t
from IPython import display

from imgwidgets.widgets.page import in_notebook
from imgwidgets.widgets.picker.desk import Desk, beginning
from imgwidgets.widgets.picker.still import still_html

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgwidgets.catalog import Problem
    from imgwidgets.widgets.picker.state import PickerState

__all__ = ["ParameterPicker"]


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
    prompt : str, default ""
        What stands in the prompt box.
    remember : bool, default False
        Whether it begins with what was last used for this endpoint (model and parameters, in any
        notebook), and keeps what is used here for the next one. Prompts are not kept.
    show_prompt, show_provider, show_endpoint : bool, default True
        Whether there is a prompt box, and whether provider and endpoint can be switched by hand.
    compact : bool, default False
        Whether labels stand above their controls and help is a tooltip, as for a narrow column.

    Attributes
    ----------
    value : dict
        The model and what differs from its defaults, ready for ``client.generate(prompt, **picker.value)``.
        Always valid; can be set and observed. Setting replaces all parameters; ``model`` may be left out.
    model, endpoint, provider : str
        Can be set; what is still valid stays, the rest comes back when you switch back.
    prompt : str
        What stands in the prompt box; no part of ``value``.

    Raises
    ------
    ParameterError
        Where the provider has no such model; also when ``value`` is set to something invalid: each of its
        ``problems`` names the value and the nearest valid one.
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
    prompt = t.Unicode(help="What stands in the prompt box.")
    compact = t.Bool(default_value=False, help="Labels above their controls, help as a tooltip.")
    show_prompt = t.Bool(default_value=True, help="Whether there is a prompt box.")
    show_provider = t.Bool(default_value=True, help="Whether the provider can be switched by hand.")
    show_endpoint = t.Bool(default_value=True, help="Whether the endpoint can be switched by hand.")

    def __init__(  # noqa: PLR0913 (the public options)
        self,
        model: str | None = None,
        *,
        endpoint: str = "generations",
        provider: str | None = None,
        prompt: str = "",
        remember: bool = False,
        show_prompt: bool = True,
        show_provider: bool = True,
        show_endpoint: bool = True,
        compact: bool = False,
    ) -> None:
        if not isinstance(prompt, str):
            raise TypeError(f"prompt is {type(prompt).__name__}; it needs a text")
        self._desk = Desk(
            beginning(model, endpoint, provider, remembers=remember),
            changed=self._tell,
            typed=lambda said: self.set_trait("prompt", said),
            remembers=remember,
        )
        self._desk.state.prompt = prompt
        super().__init__(self._desk.screen.parts)
        self.add_class("iw-picker")
        self._desk.show()
        self.set_trait("prompt", prompt)
        for name, wanted in {
            "compact": compact,
            "show_prompt": show_prompt,
            "show_provider": show_provider,
            "show_endpoint": show_endpoint,
        }.items():
            self.set_trait(name, wanted)

    @property
    def _state(self) -> PickerState:
        return self._desk.state

    # -- for people --------------------------------------------------------------------------------------

    @property
    def choices(self) -> dict[str, tuple[Any, ...]]:
        """All that goes with the present value: values, presets of a size, (lowest, highest) of a range."""
        with self._desk.lock:
            return self._state.choices

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What the catalog says against the present value; empty, but for a prompt that is too long."""
        with self._desk.lock:
            return self._state.problems

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about the present value: a shutdown date, an unchecked name."""
        with self._desk.lock:
            return self._state.notes

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the last change dropped, moved or brought back."""
        with self._desk.lock:
            return self._state.remarks

    @property
    def estimate(self) -> tuple[float, float] | None:
        """(lowest, highest) US dollars for all images of one request; None where no price is known."""
        with self._desk.lock:
            return self._state.estimate

    def code(self) -> str:
        """Give the shortest Python call that sends the present value.

        Returns
        -------
        str
            In terms of ``client`` and ``prompt``, for edits ``image`` and ``mask`` too.
        """
        with self._desk.lock:
            return self._state.code()

    def reset(self, name: str | None = None) -> None:
        """Go back to the default of one parameter, or of all.

        Parameters
        ----------
        name : str, optional
            A parameter's name; default: all parameters.
        """
        self._desk.do(lambda: self._state.reset(name))

    # -- presets -------------------------------------------------------------------------------------------

    @property
    def presets(self) -> dict[str, dict[str, Any]]:
        """Every saved preset: its name, and model and parameters as ``value`` has them.

        A ``UserWarning`` tells of a file that cannot be read; it stays as it is.
        """
        presets, wrong = self._desk.presets.read()
        if wrong:
            warnings.warn(wrong, UserWarning, stacklevel=2)
        return {name: dict(preset.value) for name, preset in presets.items()}

    def save_preset(self, name: str) -> None:
        """Keep the present values under a name, for all notebooks of this user.

        Parameters
        ----------
        name : str
            Up to 80 characters; a preset of the same name is replaced.

        Raises
        ------
        ParameterError
            For a name that is none.
        OSError
            Where the file cannot be written (``presets.json`` in ``IMGWIDGETS_HOME``, else in the
            user's data folder).
        """
        self._desk.do(lambda: self._desk.saved(name))

    def load_preset(self, name: str) -> None:
        """Choose what was saved; provider and endpoint stay, and ``remarks`` tell what does not fit them.

        Parameters
        ----------
        name : str
            One of ``presets``.

        Raises
        ------
        ParameterError
            Where there is no such preset.
        """
        self._desk.do(lambda: self._desk.loaded(name))

    def delete_preset(self, name: str) -> None:
        """Throw a preset away.

        Parameters
        ----------
        name : str
            One of ``presets``.

        Raises
        ------
        ParameterError
            Where there is no such preset.
        OSError
            Where the file cannot be written.
        """
        self._desk.do(lambda: self._desk.presets.delete(name))

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
        with self._desk.lock:
            # In words, since True is equal to 1, but is not what the API takes for it.
            if repr(proposed) != repr(getattr(self._state, name)):
                self._desk.do(change, but=name)
            return getattr(self._state, name)

    def _tell(self, but: str) -> None:
        """Bring the traits in line with the state, all but the one that is being set."""
        for name in ("model", "endpoint", "provider", "value"):
            if name != but:
                self.set_trait(name, getattr(self._state, name))

    @t.observe("prompt")
    def _on_prompt(self, change: Any) -> None:
        with self._desk.lock:
            self._state.prompt = change["new"]
            self._desk.screen.show_words(self._state)

    @t.observe("compact")
    def _on_compact(self, change: Any) -> None:
        if change["new"]:
            self.add_class("iw-compact")
        else:
            self.remove_class("iw-compact")

    @t.observe("show_prompt", "show_provider", "show_endpoint")
    def _on_parts(self, _: Any) -> None:
        screen = self._desk.screen
        for part, wanted in (
            (screen.prompt.widget, self.show_prompt),
            (screen.providers, self.show_provider),
            (screen.endpoints, self.show_endpoint),
        ):
            part.layout.display = None if wanted else "none"

    def close(self) -> None:
        """Free all controls and remove the picker from the page."""
        if hasattr(self, "_desk"):  # else the constructor was called with wrong arguments
            with self._desk.lock:
                self._desk.screen.close()
        super().close()

    # -- shown in a cell -----------------------------------------------------------------------------------

    def __repr__(self) -> str:
        with self._desk.lock:
            words = [repr(self._state.model)]
            words += [f"{name}={value!r}" for name, value in self._state.parameters.items()]
        return f"<ParameterPicker {', '.join(words)}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if not in_notebook():
            return {"text/plain": repr(self)}
        with self._desk.lock:
            still = still_html(self._state, prompt=self.show_prompt)
        # An output of its own: in one bundle with the widget, exporters would drop it.
        display.publish_display_data({"text/html": still})  # type: ignore[no-untyped-call]
        return super()._repr_mimebundle_(**kwargs)
