"""Rules across parameters: what goes with what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgwidgets.catalog.inputs import INPUTS
from imgwidgets.catalog.sizes import parse_size, size_faults
from imgwidgets.catalog.values import Endpoint, Problem, Rule
from imgwidgets.catalog.words import show, spell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgwidgets.catalog.request import ImageRequest

__all__ = ["applies", "check_rule", "effective", "is_given"]


def is_given(name: str, request: ImageRequest, endpoint: Endpoint) -> bool:
    """Tell whether something was given that is not what holds anyway."""
    if name in INPUTS:
        return bool({"image": request.images, "mask": request.mask, "markup": request.markup}[name])
    if name not in request.parameters:
        return False
    parameter = endpoint.parameters.get(name)
    value = request.parameters[name]
    return value is not None and (parameter is None or value != parameter.default)


def effective(name: str, request: ImageRequest, endpoint: Endpoint) -> Any:
    """Give what holds: the given value, else the default."""
    if name in request.parameters:
        return request.parameters[name]
    parameter = endpoint.parameters.get(name)
    return parameter.default if parameter else None


def applies(rule: Rule, request: ImageRequest, endpoint: Endpoint) -> bool:
    """Tell whether a rule concerns this request."""
    return all(effective(name, request, endpoint) in values for name, values in rule.when.items()) and all(
        is_given(name, request, endpoint) for name in rule.when_given
    )


def check_rule(rule: Rule, request: ImageRequest, endpoint: Endpoint) -> Iterator[Problem]:
    """Say what breaks a rule that applies."""
    cause = _cause(rule, request, endpoint)
    for name, values in rule.require.items():
        if name in endpoint.parameters or name in request.parameters:
            yield from _check_required(rule, cause, name, values, request, endpoint)
    for name in rule.need:
        if not is_given(name, request, endpoint):
            said = f"{cause} needs {name} too: {rule.message}"
            yield Problem(parameter=name, value=None, message=said, code="missing_required_parameter")
    for name in rule.forbid:
        if is_given(name, request, endpoint):
            shown = "" if name in INPUTS else f"={show(request.parameters[name])}"
            said = f"{name}{shown} does not go with {cause}: {rule.message}; leave {name} out"
            yield Problem(parameter=name, value=request.parameters.get(name), message=said, allowed=())
    size = parse_size(effective("size", request, endpoint))
    if rule.advice and rule.size is not None and size is not None:
        faults = size_faults(rule.size, size)
        if faults:
            asked = "x".join(map(str, size))
            said = f"size={asked} may not work with {cause}: {rule.message} ({'; '.join(faults)})"
            yield Problem(parameter="size", value=asked, message=said)


def _check_required(  # noqa: PLR0913, PLR0917 (the rule, and where it is looked at)
    rule: Rule, cause: str, name: str, values: tuple[Any, ...], request: ImageRequest, endpoint: Endpoint
) -> Iterator[Problem]:
    value = effective(name, request, endpoint)
    if value in values:
        return
    use = f"use {name}={spell(values)}"
    if name in request.parameters:
        said = f"{name}={show(value)} does not go with {cause}: {rule.message}; {use}"
        yield Problem(parameter=name, value=value, message=said, allowed=values, suggestion=values[0])
    else:
        # The value at fault is a default, so what was given is what can be changed.
        said = f"{cause} does not go with {name}={show(value)} (the default): {rule.message}; {use}"
        blamed, given = _trigger(rule, request, endpoint)
        yield Problem(parameter=blamed, value=given, message=said, allowed=use)


def _trigger(rule: Rule, request: ImageRequest, endpoint: Endpoint) -> tuple[str, Any]:
    name = next((n for n in (*rule.when_given, *rule.when) if is_given(n, request, endpoint)), "")
    name = name or next(iter((*rule.when_given, *rule.when)), "")
    return name, effective(name, request, endpoint)


def _cause(rule: Rule, request: ImageRequest, endpoint: Endpoint) -> str:
    parts = [f"{name}={show(effective(name, request, endpoint))}" for name in rule.when]
    parts += [
        name if name in INPUTS else f"{name}={show(effective(name, request, endpoint))}"
        for name in rule.when_given
    ]
    return " and ".join(parts)
