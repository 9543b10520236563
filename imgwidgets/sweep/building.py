"""From the axes of a sweep to its cells."""

from __future__ import annotations

import difflib
import itertools
import math
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets import catalog as _catalog
from imgwidgets.catalog import ImageRequest
from imgwidgets.client.place import chosen_provider
from imgwidgets.client.shape import call_for
from imgwidgets.errors import ImageInputError, ParameterError
from imgwidgets.sweep.cell import Cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from imgwidgets.catalog import Catalog, Model, Provider
    from imgwidgets.catalog.values import EndpointName
    from imgwidgets.sweep.axes import Axis
    from imgwidgets.sweep.inputs import MaskShop
    from imgwidgets.sweep.reading import Said

__all__ = ["Builder", "points"]


def points(said: Said) -> Iterable[tuple[int, ...]]:
    """Give the chosen points of the product: for each dimension which value, the last changing fastest."""
    lengths = [len(axes[0]) for axes in said.dimensions]
    if said.sampling is None:
        return itertools.product(*map(range, lengths))
    return (_place(flat, lengths) for flat in said.sampling.choose(math.prod(lengths)))


def _place(flat: int, lengths: Sequence[int]) -> tuple[int, ...]:
    place = []
    for length in reversed(lengths):
        flat, rest = divmod(flat, length)
        place.append(rest)
    return tuple(reversed(place))


class Builder:
    """Makes cells for one provider by default, with the catalog as it is now.

    Parameters
    ----------
    said : Said
        The axes.
    repeat : int
        How often each point is asked for.
    shop : MaskShop
        Where masks are rescaled.
    provider : str, optional
        Who is asked where the model does not say; default: as :class:`imgwidgets.Client` chooses.
    """

    def __init__(self, said: Said, repeat: int, shop: MaskShop, provider: str | None = None) -> None:
        self._said = said
        self._repeat = repeat
        self._shop = shop
        self._catalog: Catalog = _catalog.current()
        self._provider = chosen_provider(provider).name
        self._models: dict[Any, tuple[Provider, str, Model | None]] = {}
        self._fixed = {axis.name: (axis, axis.values[0]) for axis in said.fixed}
        self._fields = {field for template in said.templates for field in template.fields}

    def cells(self) -> Iterator[Cell]:
        """Give all cells in order; whether one is the same as another is not looked at here."""
        index = 0
        axes = [axis for dimension in self._said.dimensions for axis in dimension]
        for point in points(self._said):
            places = [p for p, dimension in zip(point, self._said.dimensions, strict=True) for _ in dimension]
            chosen = dict(self._fixed)
            shown: dict[str, Any] = {}
            for axis, place in zip(axes, places, strict=True):
                chosen[axis.name] = (axis, axis.values[place])
                shown[axis.name] = axis.shown[place]
            cell = self._cell(chosen, shown)
            for repeat in range(self._repeat):
                key = f"{cell.key}#{repeat}" if cell.key else ""
                yield msgspec.structs.replace(cell, index=index, repeat=repeat, key=key)
                index += 1

    def _cell(self, chosen: dict[str, tuple[Axis, Any]], shown: dict[str, Any]) -> Cell:
        """Make the cell of one point, with the request's key as key."""
        given = {name: value for name, (_, value) in chosen.items()}
        by_role = {axis.role: value for axis, value in chosen.values()}
        provider, name, model = self._model(by_role.get("model"))
        images = by_role["image"].images if by_role.get("image") is not None else ()
        endpoint: EndpointName = by_role.get("endpoint") or ("edits" if images else "generations")
        known = model.endpoints.get(endpoint) if model is not None else None
        types = known.parameters if known is not None else {}
        try:
            request = ImageRequest(
                prompt=by_role["prompt"].fill(given),
                model=name,
                provider=provider.name,
                endpoint=endpoint,
                parameters={
                    key: self._sent(key, value, types)
                    for key, (axis, value) in chosen.items()
                    if axis.role == "parameter" and value is not None
                },
                images=images,
                markup=by_role["markup"].images[0] if by_role.get("markup") is not None else None,
            )
            request, notes = self._masked(request, by_role.get("mask"), known)
        except (ParameterError, ImageInputError) as error:
            return Cell(index=0, values=shown, problems=_problems(error), provider=provider.name)
        report = _catalog.examine(request, catalog=self._catalog)
        omit = call_for(provider, model, request.endpoint).omit
        left_out = [
            f"{key} is not sent: {provider.name} does not take it"
            for key in request.parameters
            if key in omit
        ]
        shadowed = [
            f"{key} fills the prompt's field and is not sent as a parameter"
            for key in self._fields
            if known is not None and key in known.accepted and key != "prompt"
        ]
        if known is None and model is not None and endpoint == "generations" and "edits" in model.endpoints:
            notes = (*notes, f"{name} edits images: give image=... to ask it")
        count = request.parameters.get("n", 1)
        valid = not report.problems
        return Cell(
            index=0,
            values=shown,
            request=request,
            problems=report.problems,
            notes=tuple(dict.fromkeys([*notes, *report.notes, *left_out, *shadowed])),
            price=_catalog.estimate(request, catalog=self._catalog) if valid else None,
            images=count if isinstance(count, int) and not isinstance(count, bool) and count > 0 else 1,
            provider=provider.name,
            key=request.key if valid else "",
        )

    def _model(self, said: Any) -> tuple[Provider, str, Model | None]:
        """Find who is asked for which model: ``"openai:name"``, or ``"name"`` at the default provider."""
        if said not in self._models:
            who, colon, name = (said or "").partition(":")
            if colon and who not in self._catalog.providers and self._is_slip(who, said):
                self._catalog.provider(who)  # raises, and offers the nearest names
            if not colon or who not in self._catalog.providers:
                who, name = self._provider, said or ""
            provider = self._catalog.provider(who)
            name = name or provider.default_model
            self._models[said] = provider, name, self._catalog.model(name, who) if name else None
        return self._models[said]

    def _is_slip(self, who: str, said: str) -> bool:
        """Tell whether a provider's name was mistyped; a model's own name may have a colon too."""
        known = {model.name for model in self._catalog.models()}
        return said not in known and bool(difflib.get_close_matches(who, self._catalog.providers, n=1))

    @staticmethod
    def _sent(name: str, value: Any, types: Any) -> Any:
        return _catalog.plain_value(value, is_size=name in types and types[name].type == "size")

    def _masked(self, request: ImageRequest, given: Any, known: Any) -> tuple[ImageRequest, tuple[str, ...]]:
        if given is None:
            return request, ()
        rule = known.inputs.get("mask") if known is not None else None
        size = request.images[0].size if request.images else None
        limit = rule.max_bytes if rule is not None else None
        mask, notes = self._shop.fit(given.mask, size, limit)
        return request.replace(mask=mask), notes if request.images else ()


def _problems(error: ParameterError | ImageInputError) -> tuple[_catalog.Problem, ...]:
    if isinstance(error, ParameterError):
        return error.problems
    return (_catalog.Problem(parameter="mask", value=None, message=str(error), code="invalid_image"),)
