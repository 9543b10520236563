"""The picker without its widgets: what is chosen, what can be chosen, and why.

What a person asked for is kept as *wishes*, the newest last. What holds is derived from them: the newest
wish comes first, and an older one that does not go with it, or that the model does not take, gives way
and is told about. It stays a wish, so it comes back as soon as it fits again: when jpeg is chosen once
more, or when the model is switched back.

Whether something fits is always the catalog's word (:func:`imgwidgets.catalog.check`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgwidgets.catalog import (
    ImageInput,
    ImageRequest,
    Problem,
    check,
    current,
    estimate,
    nearest_size,
    plain_value,
)
from imgwidgets.catalog import notes as catalog_notes
from imgwidgets.errors import ParameterError
from imgwidgets.widgets import text
from imgwidgets.widgets.picker_code import call
from imgwidgets.widgets.picker_domain import Control, control_of, snapped
from imgwidgets.widgets.picker_rules import Offer, blocked, choices, offer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from imgwidgets.catalog import Catalog, Endpoint, Model, Parameter, Provider

__all__ = ["Offer", "PickerState", "named_models"]

ANY = "*"
"""In the catalog, the name of a model entry that holds for every name."""

# What a request has beside its parameters; the picker leaves it to the call.
_NOT_OURS: tuple[str, ...] = ("prompt", "image", "images", "mask", "markup")
# An edit needs an image; its content does not matter to parameters.
_SOME_IMAGE = ImageInput(file_id="any")


def named_models(catalog: Catalog, provider: str, endpoint: str) -> dict[str, Model]:
    """Give a provider's models by name, without the entry that stands for any name."""
    return {model.name: model for model in catalog.models(provider, endpoint) if model.name != ANY}


def _is_offered(parameter: Parameter) -> bool:
    kept_back = parameter.refused or parameter.hidden or parameter.required
    return not kept_back and parameter.name not in _NOT_OURS


class PickerState:
    """What is chosen for one model, endpoint and provider.

    Not safe to be used by two threads at once: its owner has the lock.

    Parameters
    ----------
    model : str
        A name, known to the catalog or not.
    endpoint : str
        ``generations`` or ``edits``.
    provider : str
        A provider of the catalog.
    catalog : Catalog, optional
        Default: the one of this process.

    Raises
    ------
    ParameterError
        Where the provider does not have this model.
    CatalogError
        Where there is no such provider or endpoint.

    Examples
    --------
    >>> state = PickerState("gpt-image-2")
    >>> state.choose("output_format", "jpeg")
    >>> state.choose("background", "transparent")
    >>> state.value
    {'model': 'gpt-image-2', 'background': 'transparent'}
    >>> state.remarks
    ('output_format jpeg → png: a transparent background needs a format that can be transparent',)
    """

    def __init__(
        self,
        model: str,
        *,
        endpoint: str = "generations",
        provider: str = "sandbox",
        catalog: Catalog | None = None,
    ) -> None:
        # Read once: a catalog file that is changed meanwhile speaks to the next picker.
        self.catalog = catalog or current()
        self.model, self.endpoint, self.provider = model, endpoint, provider
        self._wishes: dict[str, Any] = {}
        self._strangers: set[str] = set()  # wishes for parameters that had no control when they were set
        self._parameters: dict[str, Any] = {}
        self.remarks: tuple[str, ...] = ()
        self._check_address(model, endpoint, provider)

    # -- what the catalog says -----------------------------------------------------------------------

    @property
    def entry(self) -> Model | None:
        """The model's entry, or None where the catalog does not know it."""
        return self.catalog.model(self.model, self.provider)

    @property
    def supplier(self) -> Provider:
        """The provider's entry."""
        return self.catalog.provider(self.provider)

    @property
    def view(self) -> Endpoint | None:
        """What the controls are made from: of an unknown model, the default model's endpoint."""
        entry = self.entry
        if entry is None:
            usual = self.supplier.default_model
            entry = self.catalog.model(usual, self.provider) if usual else None
        return entry.endpoints.get(self.endpoint) if entry else None

    @property
    def controls(self) -> tuple[Control, ...]:
        """One for each parameter that the model accepts, in the catalog's order."""
        view = self.view
        if view is None:
            return ()
        return tuple(
            control_of(parameter) for parameter in view.parameters.values() if _is_offered(parameter)
        )

    # -- what is chosen --------------------------------------------------------------------------------

    @property
    def value(self) -> dict[str, Any]:
        """The model, and what differs from its defaults."""
        return {"model": self.model} | self.parameters

    @property
    def parameters(self) -> dict[str, Any]:
        """What differs from the defaults, in the catalog's order."""
        order = list(self.view.parameters) if self.view else []
        named = sorted(self._parameters, key=lambda name: order.index(name) if name in order else len(order))
        return {name: self._parameters[name] for name in named}

    def current(self, name: str) -> Any:
        """Give what holds for a parameter: what was chosen, else its default."""
        return self._parameters.get(name, self.default(name))

    def default(self, name: str) -> Any:
        """Give what holds where a parameter is not sent; None where that is not known."""
        parameter = self.view.parameters.get(name) if self.view else None
        return parameter.default if parameter else None

    def request(self, parameters: Mapping[str, Any] | None = None) -> ImageRequest:
        """Give the request that these parameters would make, with a stand-in for prompt and image."""
        return ImageRequest(
            prompt="picture",
            model=self.model,
            provider=self.provider,
            endpoint=self.endpoint,  # type: ignore[arg-type]  # checked in _check_address
            parameters=dict(self._parameters if parameters is None else parameters),
            images=(_SOME_IMAGE,) if self.endpoint == "edits" else (),
        )

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What the catalog says against the present value: nothing, or it would not be the present value."""
        return self.faults(self._parameters)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about the present value."""
        return catalog_notes(self.request(), catalog=self.catalog)

    @property
    def estimate(self) -> tuple[float, float] | None:
        """(lowest, highest) US dollars for all images of one request; None where no price is known."""
        return estimate(self.request().replace(prompt=""), catalog=self.catalog)

    def faults(self, parameters: Mapping[str, Any]) -> tuple[Problem, ...]:
        """Say what the catalog has against these parameters, prompt and images aside."""
        found = check(self.request(parameters), catalog=self.catalog)
        return tuple(problem for problem in found if problem.parameter not in _NOT_OURS)

    # -- choosing ----------------------------------------------------------------------------------------

    def choose(self, name: str, value: Any) -> None:
        """Choose a value as a click does: what does not go with it gives way, and ``remarks`` tell.

        Raises
        ------
        ParameterError
            Where the model does not take this value at all; nothing is changed then.
        """
        wishes, strangers = dict(self._wishes), set(self._strangers)
        wishes.pop(name, None)
        strangers.discard(name)
        if value is not None and value != self.default(name):
            if not self._has_control(name):
                strangers.add(name)
            problems = tuple(p for p in self.faults({**self._parameters, name: value}) if p.parameter == name)
            wishes[name] = value
            if problems and self._resolve(wishes, strangers).get(name) != value:
                raise ParameterError(problems)
        self._settle(wishes, strangers, chosen=name)

    def reset(self, name: str | None = None) -> None:
        """Go back to the default of one parameter, or of all."""
        if name is None:
            self._settle({}, set())
        else:
            self.choose(name, None)

    def assign(self, value: Mapping[str, Any]) -> None:
        """Set model and parameters at once, or change nothing.

        Raises
        ------
        ParameterError
            Where something in it is not valid.
        """
        given = {name: one for name, one in value.items() if one is not None}
        model = given.pop("model", self.model)
        foreign = [name for name in given if name in _NOT_OURS]
        if foreign or not isinstance(model, str):
            name = foreign[0] if foreign else "model"
            said = (
                f"{name} is not for the picker: pass it to generate or edit"
                if foreign
                else "model must be a name"
            )
            raise ParameterError([Problem(parameter=name, value=value.get(name), message=said, allowed=())])
        other = self._moved(model=model)
        known = other.view.parameters if other.view else {}
        given = {
            name: plain_value(one, is_size=name in known and known[name].type == "size")
            for name, one in given.items()
        }
        problems = other.faults(given)
        if problems:
            raise ParameterError(problems)
        self.model = model
        self._wishes = {name: one for name, one in given.items() if one != other.default(name)}
        self._strangers = {name for name in self._wishes if not self._has_control(name)}
        self._parameters = dict(self._wishes)
        self.remarks = ()

    def move(
        self, *, model: str | None = None, endpoint: str | None = None, provider: str | None = None
    ) -> None:
        """Switch model, endpoint or provider; what is still valid stays, and ``remarks`` tell what does not.

        A provider that does not have the present model gets its own default model.

        Raises
        ------
        ParameterError
            Where there is no such model; nothing is changed then.
        CatalogError
            Where there is no such provider or endpoint.
        """
        if model is None and (provider is not None or endpoint is not None):
            model = self._suitable(endpoint or self.endpoint, provider or self.provider)
        other = self._moved(model=model, endpoint=endpoint, provider=provider)
        before = self._outcomes()
        self.model, self.endpoint, self.provider = other.model, other.endpoint, other.provider
        self._parameters = self._resolve(self._wishes, self._strangers)
        self.remarks = tuple(self._differences(before, explain=False))

    def snap(self, width: int, height: int) -> tuple[str, str]:
        """Give the nearest valid size to a wanted one, as the API writes it, and what was changed."""
        control = next((control for control in self.controls if control.kind == "size"), None)
        if control is None or control.size is None:
            return f"{width}x{height}", ""
        near = nearest_size(control.size, (width, height))
        return f"{near[0]}x{near[1]}", snapped(control.size, (width, height), near)

    def _suitable(self, endpoint: str, provider: str) -> str:
        entry = self.catalog.model(self.model, provider)
        if entry.endpoints.get(endpoint) if entry else self.entry is None:
            return self.model  # a name that no catalog knows is passed on
        named = named_models(self.catalog, provider, endpoint)
        usual = self.catalog.provider(provider).default_model
        return usual if usual in named else next(iter(named), self.model)

    def _moved(
        self, *, model: str | None = None, endpoint: str | None = None, provider: str | None = None
    ) -> PickerState:
        return PickerState(
            self.model if model is None else model,
            endpoint=endpoint or self.endpoint,
            provider=provider or self.provider,
            catalog=self.catalog,
        )

    def _check_address(self, model: str, endpoint: str, provider: str) -> None:
        self.catalog.models(provider, endpoint)  # there are such
        if not model:
            known = named_models(self.catalog, provider, endpoint)
            said = f"name a model: {provider} has no default"
            raise ParameterError(
                [Problem(parameter="model", value=model, message=said, allowed=tuple(known))]
            )
        problems = [problem for problem in self.faults({}) if problem.parameter == "model"]
        if problems:
            raise ParameterError(problems)

    # -- from wishes to what holds -----------------------------------------------------------------------

    def _settle(self, wishes: dict[str, Any], strangers: set[str], *, chosen: str = "") -> None:
        before = self._outcomes()
        self._wishes, self._strangers = wishes, strangers
        self._parameters = self._resolve(wishes, strangers)
        self.remarks = tuple(self._differences(before, explain=True, chosen=chosen))

    def _resolve(self, wishes: dict[str, Any], strangers: set[str]) -> dict[str, Any]:
        """Fulfil as many wishes as go together, the newest first."""
        held: dict[str, Any] = {}
        waiting = [name for name in reversed(wishes) if name in strangers or self._has_control(name)]
        progress = True
        while progress:  # a wish may need an older one to be there: frames need gif
            progress = False
            for name in list(waiting):
                if not self.faults({**held, name: wishes[name]}):
                    held[name] = wishes[name]
                    waiting.remove(name)
                    progress = True
        for name in waiting:
            near = next(
                (p.suggestion for p in self.faults({**held, name: wishes[name]}) if p.parameter == name),
                None,
            )
            if near is not None and near != self.default(name) and not self.faults({**held, name: near}):
                held[name] = near
        return {name: value for name, value in held.items() if value != self.default(name)}

    def _outcomes(self) -> dict[str, Any]:
        return {
            name: self.current(name) if name in self._strangers or self._has_control(name) else None
            for name in self._wishes
        }

    def _has_control(self, name: str) -> bool:
        view = self.view
        if view is None:
            return True  # nothing is known, so everything is as good as known
        return name in view.parameters and _is_offered(view.parameters[name])

    def _differences(self, before: Mapping[str, Any], *, explain: bool, chosen: str = "") -> Iterator[str]:
        """Say what became of the wishes, where that is not what it was."""
        after = self._outcomes()
        controls = {control.name: control for control in self.controls}
        for name, wish in self._wishes.items():
            old, new = before.get(name, wish), after[name]
            if old == new or name == chosen:
                continue
            if new == wish:
                yield f"{name} {text.literal(wish)} is back"
                continue
            control = controls.get(name)
            gone = new is None or (control is None and self.view is not None) or self._withdrawn(control)
            what = f"{name} removed" if gone else f"{name} {text.literal(old)} → {text.literal(new)}"
            reason = self._reason(name, wish) if explain else ""
            yield f"{what}: {reason}" if reason else what

    def _withdrawn(self, control: Control | None) -> bool:
        return control is not None and bool(self.offer(control).reason)

    def _reason(self, name: str, value: Any) -> str:
        problems = self.faults(self.changed(name, value))
        return blocked(self, name, value) or (problems[0].message if problems else "")

    # -- seen from outside -----------------------------------------------------------------------------

    def changed(self, name: str, value: Any) -> dict[str, Any]:
        """Give the parameters with one of them changed, before anything gives way."""
        rest = {key: held for key, held in self._parameters.items() if key != name}
        return rest if value == self.default(name) else {**rest, name: value}

    @property
    def choices(self) -> dict[str, tuple[Any, ...]]:
        """All that goes with the present value as it stands; see :func:`picker_rules.choices`."""
        return choices(self)

    def offer(self, control: Control) -> Offer:
        """Say what can be clicked on a control: more than `choices`, since other wishes give way."""
        return offer(self, control)

    def code(self) -> str:
        """Give the shortest Python call that sends the present value; see :func:`picker_code.call`."""
        return call(self)
