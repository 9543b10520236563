"""What is wrong with a request, and what is worth a note.

One pass over a request gives a :class:`Report`:

- *problems* must not be sent: what the model's maker or the provider's own page rules out;
- *notes* are for people's eyes: what the catalog does not know, a rule that only another provider is
  known to have, an experimental size, a retired model;
- *unknown* are the notes about what the catalog does not know.

Unknown is not forbidden. Nothing here depends on a name or on today's date.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.catalog.inputs import check_inputs
from imgwidgets.catalog.loader import Catalog, current
from imgwidgets.catalog.parameters import check_parameter
from imgwidgets.catalog.rules import applies, check_rule
from imgwidgets.catalog.sizes import parse_size, size_faults
from imgwidgets.catalog.values import Endpoint, Model, Parameter, Problem, SizeRule
from imgwidgets.catalog.words import show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgwidgets.catalog.request import ImageRequest

__all__ = ["Report", "check", "defaults", "examine", "notes", "unknown"]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What :func:`examine` found.

    Attributes
    ----------
    problems : tuple of Problem
        What must not be sent.
    notes : tuple of str
        What people should see, the `unknown` ones among them.
    unknown : tuple of str
        The notes about what the catalog does not know.
    unknown_parameters : tuple of str
        The parameters that the catalog does not know.
    """

    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    unknown_parameters: tuple[str, ...] = ()


def check(request: ImageRequest, *, catalog: Catalog | None = None) -> tuple[Problem, ...]:
    """Say what must not be sent; empty where the request is valid.

    Examples
    --------
    >>> from imgwidgets.catalog import ImageRequest
    >>> asked = {"background": "transparent", "output_format": "jpeg"}
    >>> [problem] = check(ImageRequest(prompt="a fox", model="gpt-image-2", parameters=asked))
    >>> problem.parameter, problem.allowed, problem.suggestion
    ('output_format', ('png', 'webp'), 'png')
    """
    return examine(request, catalog=catalog).problems


def notes(request: ImageRequest, *, catalog: Catalog | None = None) -> tuple[str, ...]:
    """Say what people should know about a request, one sentence each."""
    return examine(request, catalog=catalog).notes


def unknown(request: ImageRequest, *, catalog: Catalog | None = None) -> tuple[str, ...]:
    """Say which parts of a request the catalog does not know, one sentence each."""
    return examine(request, catalog=catalog).unknown


def defaults(endpoint: Endpoint) -> dict[str, Any]:
    """Give what holds for the parameters that are not sent, where that is known."""
    return {name: p.default for name, p in endpoint.accepted.items() if p.default is not None}


def examine(request: ImageRequest, *, catalog: Catalog | None = None) -> Report:
    """Look at a request once, from all sides.

    Raises
    ------
    CatalogError
        Where the catalog has no such provider.
    """
    catalog = catalog or current()
    provider = catalog.provider(request.provider)
    model = catalog.model(request.model, request.provider)
    if model is None:
        return _no_model(request, catalog)
    call = provider.endpoints.get(request.endpoint)
    refused = call.refused if call else ""
    endpoint = model.endpoints.get(request.endpoint)
    if refused or endpoint is None:
        return Report(problems=(_no_endpoint(request, catalog, refused),))

    problems, advice = _faults(request, model, endpoint)
    strangers = tuple(name for name in request.parameters if name not in endpoint.parameters)
    said = [
        f"{name} is not in the catalog for {model.name} at {provider.name}: it is passed on unchecked"
        f"{_meant(name, endpoint)}"
        for name in strangers
    ]
    remarks = [*said, *advice, *_experimental(request, endpoint), *_retirement(model, catalog)]
    if endpoint.borrowed:
        # Nobody documents this provider's own rules: what is known from the model's maker is a note.
        kept = tuple(problem for problem in problems if _breaks_the_form(problem, request, endpoint))
        remarks += [f"{_maker(model, catalog)} refuses this: {p.message}" for p in problems if p not in kept]
        problems = kept
    else:
        remarks += _stricter_maker(request, model, problems, catalog)
    return Report(
        problems=problems,
        notes=tuple(dict.fromkeys(remarks)),
        unknown=tuple(said),
        unknown_parameters=strangers,
    )


# -- the model and the endpoint ---------------------------------------------------------------------


def _no_model(request: ImageRequest, catalog: Catalog) -> Report:
    provider = catalog.provider(request.provider)
    near = catalog.nearest(request.model, request.provider, request.endpoint)
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else "iw.models() lists what there is"
    if provider.complete or not request.model:
        if request.model:
            said = f"there is no model {show(request.model)} at {provider.name}: {hint}"
        else:
            way = repr(provider.default_model) if provider.default_model else "..., as the server calls it"
            said = f"no model was named for {provider.name}: pass model={way}"
        problem = Problem(
            parameter="model",
            value=request.model,
            message=said,
            allowed=tuple(m.name for m in catalog.models(provider.name, request.endpoint) if m.name != "*"),
            suggestion=near[0] if near else None,
            code="model_not_found",
        )
        return Report(problems=(problem,))
    said = (
        f"{show(request.model)} is not in the catalog for {provider.name}: it is passed on unchecked ({hint})"
    )
    return Report(notes=(said,), unknown=(said,))


def _meant(name: str, endpoint: Endpoint) -> str:
    near = difflib.get_close_matches(name, endpoint.accepted, n=1, cutoff=0.7)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _no_endpoint(request: ImageRequest, catalog: Catalog, refused: str) -> Problem:
    able = (
        tuple(model.name for model in catalog.models(request.provider, request.endpoint))
        if not refused
        else ()
    )
    near = tuple(difflib.get_close_matches(request.model, able, n=1, cutoff=0.0)) if able else ()
    why = refused or f"{request.model} has no {request.endpoint} at {request.provider}"
    way = f": use {near[0]!r}" if near else ""
    return Problem(
        parameter="model",
        value=request.model,
        message=f"{why}{way}",
        allowed=able,
        suggestion=near[0] if near else None,
    )


def _retirement(model: Model, catalog: Catalog) -> list[str]:
    if model.retires is None:
        return []
    served = model.replacement and catalog.model(model.replacement, model.provider) is not None
    use = f"; use {model.replacement} instead" if served else ""
    return [f"{model.name}: {_maker(model, catalog)}'s shutdown date is {model.retires}{use}"]


def _maker(model: Model, catalog: Catalog) -> str:
    maker = catalog.providers.get(model.maker)
    return maker.title if maker else "the model's maker"


def _stricter_maker(
    request: ImageRequest, model: Model, problems: tuple[Problem, ...], catalog: Catalog
) -> list[str]:
    """Tell where the model's maker would refuse what this provider allows."""
    if model.maker in (model.provider, "") or model.maker not in catalog.providers:
        return []
    theirs = catalog.model(model.name, model.maker)
    endpoint = theirs.endpoints.get(request.endpoint) if theirs else None
    if theirs is None or endpoint is None:
        return []
    known = {problem.parameter for problem in problems}
    stricter, _ = _faults(request, theirs, endpoint)
    who = catalog.providers[model.maker].title
    return [f"{who} itself refuses this: {p.message}" for p in stricter if p.parameter not in known]


def _breaks_the_form(problem: Problem, request: ImageRequest, endpoint: Endpoint) -> bool:
    """Tell what no server can use: nothing where something is required."""
    parameter = endpoint.parameters.get(problem.parameter)
    if (
        parameter is not None
        and parameter.required
        and not (isinstance(request.prompt, str) and request.prompt)
    ):
        return True
    return problem.code == "missing_required_parameter"


# -- parameters ---------------------------------------------------------------------------------------


def _faults(request: ImageRequest, model: Model, endpoint: Endpoint) -> tuple[tuple[Problem, ...], list[str]]:
    given: dict[str, Any] = {"prompt": request.prompt, **request.parameters}
    active = [rule for rule in endpoint.rules if applies(rule, request, endpoint)]
    problems: list[Problem] = []
    advice: list[str] = []
    replaced = next((rule.size for rule in active if rule.size is not None and not rule.advice), None)
    for name, value in given.items():
        parameter = endpoint.parameters.get(name)
        if parameter is None:
            continue
        if parameter.type == "size" and replaced is not None:
            parameter = msgspec.structs.replace(
                parameter, size=replaced, values=_fitting(parameter, replaced)
            )
        problem = check_parameter(model, parameter, value)
        if problem:
            problems.append(problem)
    problems += check_inputs(request, model, endpoint)
    blamed = {problem.parameter for problem in problems}
    for rule in active:
        for problem in check_rule(rule, request, endpoint):
            if rule.advice:
                advice.append(problem.message)
            elif problem.parameter not in blamed:
                # One reason for one value: the first is the plainest.
                blamed.add(problem.parameter)
                problems.append(problem)
    return tuple(problems), advice


def _fitting(parameter: Parameter, rule: SizeRule) -> tuple[Any, ...]:
    """Give the presets that a rule leaves."""
    return tuple(v for v in parameter.values if not (size := parse_size(v)) or not size_faults(rule, size))


def _experimental(request: ImageRequest, endpoint: Endpoint) -> Iterator[str]:
    parameter = endpoint.parameters.get("size")
    size = parse_size(request.parameters.get("size"))
    limit = parameter.size.experimental_above if parameter and parameter.size else None
    if size and limit is not None and size[0] * size[1] > limit:
        asked, edge = size[0] * size[1] / 1e6, limit / 1e6
        said = f"size={request.parameters['size']} ({asked:.1f} megapixels)"
        yield f"{said} is in the experimental zone above {edge:.1f} megapixels"
