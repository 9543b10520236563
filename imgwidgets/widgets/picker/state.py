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
)
from imgwidgets.catalog import notes as catalog_notes
from imgwidgets.errors import ParameterError
from imgwidgets.widgets.picker.code import call
from imgwidgets.widgets.picker.domain import Control, control_of
from imgwidgets.widgets.picker.near import nearest, snap
from imgwidgets.widgets.picker.places import named_models, suitable
from imgwidgets.widgets.picker.plain import plain, sendable
from imgwidgets.widgets.picker.rules import Offer, choices, offer
from imgwidgets.widgets.picker.wishes import Wishes, differences, outcomes, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgwidgets.catalog import Catalog, Endpoint, Model, Parameter, Provider

__all__ = ["Offer", "PickerState"]

# What a request has beside its parameters; the picker leaves it to the call.
_NOT_OURS: tuple[str, ...] = ("prompt", "image", "images", "mask", "markup", "resize_mask", "self")
# An edit needs an image; its content does not matter to parameters.
_SOME_IMAGE = ImageInput(file_id="any")


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
        self.model: str = plain(model)
        self.endpoint: str = plain(endpoint)
        self.provider: str = plain(provider)
        self.prompt = ""
        self._wishes = Wishes()
        self._parameters: dict[str, Any] = {}
        # The model that was asked for, and where: a provider without it gets another one for a while.
        self._wanted = (model, provider, endpoint)
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
        """What the catalog says against the present value: nothing but a prompt that is too long."""
        return self._asked(self.prompt)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about the present value."""
        return catalog_notes(self.request(), catalog=self.catalog)

    @property
    def estimate(self) -> tuple[float, float] | None:
        """(lowest, highest) US dollars for all images of one request; None where no price is known."""
        return estimate(self.request().replace(prompt=self.prompt), catalog=self.catalog)

    def _asked(self, prompt: str) -> tuple[Problem, ...]:
        said = ("prompt",) if prompt.strip() else ()
        found = check(self.request().replace(prompt=prompt), catalog=self.catalog)
        return tuple(p for p in found if p.parameter in said or p.parameter not in _NOT_OURS)

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
        wishes = self._wishes.changed(name, None)
        if value is not None and value != self.default(name):
            wishes = wishes.changed(name, value, stranger=not self.has_control(name))
            problems = tuple(p for p in self.faults({**self._parameters, name: value}) if p.parameter == name)
            if problems and resolve(self, wishes).get(name) != value:
                raise ParameterError(problems)
        self._settle(wishes, chosen=name)

    def reset(self, name: str | None = None) -> None:
        """Go back to the default of one parameter, or of all."""
        if name is None:
            self._settle(Wishes())
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
        names: list[Any] = list(given)
        strange = next((name for name in names if not isinstance(name, str) or name in _NOT_OURS), None)
        if strange is not None:
            said = f"{strange} is not for the picker: pass it to generate or edit"
            if not isinstance(strange, str):
                said = f"{strange!r} is no parameter's name: names are texts"
            raise ParameterError([Problem(parameter=str(strange), value=given[strange], message=said)])
        if not isinstance(model, str):
            raise ParameterError([Problem(parameter="model", value=model, message="model must be a name")])
        other = self._moved(model=model)
        given = other.plain(given)
        said = "this cannot be sent: give a text, a finite number, True or False, or a list or dict of those"
        problems = other.faults(given) or tuple(
            Problem(parameter=name, value=one, message=f"{name}: {said}")
            for name, one in given.items()
            if not sendable(one)
        )
        if problems:
            raise ParameterError(problems)
        if model != self.model:
            self._wanted = (model, self.provider, self.endpoint)
        self.model = other.model
        asked = {name: one for name, one in given.items() if one != other.default(name)}
        self._wishes = Wishes(asked, frozenset(name for name in asked if not self.has_control(name)))
        self._parameters = dict(asked)
        self.remarks = ()

    def load(self, value: Mapping[str, Any], *, foreign: bool = False) -> None:
        """Ask for model and parameters that may come from elsewhere; ``remarks`` tell what does not hold.

        Parameters
        ----------
        value : mapping
            As ``value`` gives it.
        foreign : bool
            True where they were saved for another provider or endpoint: a parameter that is not known
            here is left out, where it would otherwise be passed on.
        """
        given = {name: one for name, one in value.items() if one is not None and name not in _NOT_OURS}
        model = str(given.pop("model", self.model))
        said = self._taken(model, foreign=foreign)
        given = self.plain(given)
        strangers = frozenset(name for name in given if not foreign and not self._is_known(name))
        self._wishes = Wishes({n: one for n, one in given.items() if one != self.default(n)}, strangers)
        self._parameters = resolve(self, self._wishes)
        self.remarks = (*said, *differences(self, self._wishes, {}, explain=True))

    def move(
        self, *, model: str | None = None, endpoint: str | None = None, provider: str | None = None
    ) -> None:
        """Switch model, endpoint or provider; what is still valid stays, and ``remarks`` tell what does not.

        A provider that does not have the present model gets its own default model, until the next
        switch to where the model is served.

        Raises
        ------
        ParameterError
            Where there is no such model; nothing is changed then.
        CatalogError
            Where there is no such provider or endpoint.
        """
        there = (provider or self.provider, endpoint or self.endpoint)
        chosen = model if model is not None else suitable(self, self._wanted, *there)
        other = self._moved(model=chosen, endpoint=endpoint, provider=provider)
        before, old = outcomes(self, self._wishes), self.model
        self.model, self.endpoint, self.provider = other.model, other.endpoint, other.provider
        if model is not None:
            self._wanted = (model, *there)
        self._parameters = resolve(self, self._wishes)
        said = []
        if model is None and self.model != old:
            back = self.model == self._wanted[0]
            said = [f"model {self.model} is back" if back else f"model {old} → {self.model}"]
        self.remarks = (*said, *differences(self, self._wishes, before, explain=False))

    def snap(self, width: int, height: int) -> tuple[str, str]:
        """Give the nearest valid size to a wanted one, as the API writes it, and what was changed."""
        return snap(self, (width, height))

    def nearest(self, name: str, value: Any) -> tuple[Any, str]:
        """Give the nearest valid value of a parameter to a wanted one, and what was changed."""
        return nearest(self, name, value)

    def _taken(self, model: str, *, foreign: bool) -> list[str]:
        """Go to a model that may not be served here; say so where it is not."""
        try:
            unknown = foreign and self.catalog.model(model, self.provider) is None
            there = self._moved(model=self.model if unknown else model)
        except ParameterError:
            unknown, there = True, self
        self.model = there.model
        self._wanted = (self.model, self.provider, self.endpoint)
        return [f"model {model} is not served here: {self.model} stays"] if unknown else []

    # -- small parts -------------------------------------------------------------------------------------

    def plain(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Give parameters as the API wants them: numpy's numbers as Python's, a size as text."""
        known = self.view.parameters if self.view else {}
        return {
            name: plain(one, is_size=name in known and known[name].type == "size")
            for name, one in given.items()
        }

    def _is_known(self, name: str) -> bool:
        return self.view is not None and name in self.view.parameters

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

    def _settle(self, wishes: Wishes, *, chosen: str = "") -> None:
        before = outcomes(self, self._wishes)
        self._wishes = wishes
        self._parameters = resolve(self, wishes)
        self.remarks = tuple(differences(self, wishes, before, explain=True, chosen=chosen))

    def has_control(self, name: str) -> bool:
        """Tell whether this model accepts a parameter that people choose."""
        view = self.view
        if view is None:
            return True  # nothing is known, so everything is as good as known
        return name in view.parameters and _is_offered(view.parameters[name])

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
