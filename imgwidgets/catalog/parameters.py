"""One value against its parameter: type, range, choices, size."""

from __future__ import annotations

import difflib
import math
import numbers
from typing import Any

from imgwidgets.catalog.sizes import nearest_preset, nearest_size, parse_size, size_faults
from imgwidgets.catalog.values import Model, Parameter, Problem, SizeRule
from imgwidgets.catalog.words import show, spell

__all__ = ["check_parameter"]


def check_parameter(  # noqa: PLR0911 (one for each type)
    model: Model, parameter: Parameter, value: Any
) -> Problem | None:
    """Say what is wrong with one value under its parameter's own rules, or None."""
    name = parameter.name
    if parameter.refused:
        return Problem(
            parameter=name,
            value=value,
            message=f"{name}={show(value)} cannot be sent to {model.name}: {parameter.refused}; leave it out",
            allowed=(),
            code="unknown_parameter",
        )
    if parameter.type == "text":
        return _check_text(model, parameter, value)
    if parameter.type in ("integer", "number"):
        return _check_number(model, parameter, value)
    if parameter.type == "boolean":
        if isinstance(value, bool):
            return None
        return _wrong_type(model, parameter, value, "True or False", (True, False))
    if parameter.type == "size":
        return _check_size(model, parameter, value)
    if parameter.type == "object":
        return None if isinstance(value, dict) else _wrong_type(model, parameter, value, "a dict", None)
    return _check_choice(model, parameter, value)


def _check_text(model: Model, parameter: Parameter, value: Any) -> Problem | None:
    if not isinstance(value, str):
        return _wrong_type(model, parameter, value, "text", None)
    length, low, high = len(value), parameter.min_length, parameter.max_length
    if low is not None and len(value.strip()) < low:
        return Problem(
            parameter=parameter.name,
            value=value,
            message=f"{parameter.name} is empty: say what the picture should show",
            allowed=f"at least {low} character{'s' if low > 1 else ''}",
            code="missing_required_parameter",
        )
    if high is not None and length > high:
        return Problem(
            parameter=parameter.name,
            value=value,
            message=f"{parameter.name} has {length:,} characters, but {model.name} takes at most {high:,}: "
            f"shorten it by {length - high:,}",
            allowed=f"at most {high:,} characters",
            suggestion=value[:high],
            code="string_above_max_length",
        )
    return None


def _check_number(model: Model, parameter: Parameter, value: Any) -> Problem | None:
    low, high = parameter.minimum, parameter.maximum
    bounds = _bounds(low, high)
    whole = parameter.type == "integer"
    number = _as_number(value, whole=whole)
    if number is None:
        expected = f"a {'whole ' if whole else ''}number{bounds}"
        return _wrong_type(model, parameter, value, expected, (low, high))
    if high is not None and number > high:
        nearest, code = high, "integer_above_max_value"
    elif low is not None and number < low:
        nearest, code = low, "integer_below_min_value"
    else:
        return None
    nearest = int(nearest) if whole else nearest
    return Problem(
        parameter=parameter.name,
        value=value,
        message=f"{parameter.name}={show(value)} is out of range: {model.name} takes a number{bounds}; "
        f"nearest is {nearest}",
        allowed=(low, high),
        suggestion=nearest,
        code=code,
    )


def _as_number(value: Any, *, whole: bool) -> float | None:
    """Give a plain number (numpy's count too), or None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, numbers.Integral):
        return int(value)
    if whole or not isinstance(value, numbers.Real):
        return None
    return float(value) if math.isfinite(value) else None


def _bounds(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    if low is not None:
        return f" of at least {low:g}"
    return f" of at most {high:g}" if high is not None else ""


def _check_choice(model: Model, parameter: Parameter, value: Any) -> Problem | None:
    if parameter.open or (type(value), value) in [(type(known), known) for known in parameter.values]:
        return None
    nearest = _nearest_choice(parameter, value)
    hint = f"; nearest is {nearest!r}" if nearest is not None else ""
    return Problem(
        parameter=parameter.name,
        value=value,
        message=f"{parameter.name}={show(value)} is not what {model.name} takes: "
        f"use {spell(parameter.values)}{hint}",
        allowed=parameter.values,
        suggestion=nearest,
    )


def _nearest_choice(parameter: Parameter, value: Any) -> Any:
    if isinstance(value, str):
        lower = value.strip().lower()
        if lower in parameter.near and parameter.near[lower] in parameter.values:
            return parameter.near[lower]
        words = [known for known in parameter.values if isinstance(known, str)]
        near = difflib.get_close_matches(lower, words, n=1, cutoff=0.5)
        if near:
            return near[0]
    if parameter.default in parameter.values:
        return parameter.default
    return parameter.values[0] if parameter.values else None


def _check_size(model: Model, parameter: Parameter, value: Any) -> Problem | None:
    if parameter.open or (isinstance(value, str) and value in parameter.values):
        return None
    size, rule = parse_size(value), parameter.size
    free = rule is not None and rule.free
    if isinstance(value, tuple | list) and len(value) == 2:
        # Tuples are for Python's side; the API takes text. Say so with the text it would be.
        text = "x".join(str(edge) for edge in value)
        if parse_size(text):
            return _size_problem(model, parameter, value, "the API takes text", text)
    if size is None:
        fallback = parameter.default if parameter.default is not None else parameter.values[0]
        reason = f"it must be WIDTHxHEIGHT, as {spell(parameter.values)}"
        return _size_problem(model, parameter, value, reason, fallback)
    if rule is None or not free:
        nearest = nearest_preset(parameter.values, size)
        return _size_problem(model, parameter, value, f"it takes {spell(parameter.values)}", nearest)
    faults = size_faults(rule, size)
    if not faults:
        return None
    return _size_problem(
        model, parameter, value, "; ".join(faults), "{}x{}".format(*nearest_size(rule, size))
    )


def _size_problem(model: Model, parameter: Parameter, value: Any, reason: str, nearest: Any) -> Problem:
    hint = f"; nearest is {nearest}" if nearest is not None else ""
    rule = parameter.size
    return Problem(
        parameter=parameter.name,
        value=value,
        message=f"{parameter.name}={show(value)} is not a size of {model.name}: {reason}{hint}",
        allowed=_size_words(rule, parameter) if rule is not None and rule.free else parameter.values,
        suggestion=nearest,
    )


def _size_words(rule: SizeRule, parameter: Parameter) -> str:
    words = [f"edges in multiples of {rule.multiple_of}"] if rule.multiple_of > 1 else ["any WIDTHxHEIGHT"]
    if rule.max_edge:
        words.append(f"up to {rule.max_edge} pixels")
    if rule.max_ratio:
        words.append(f"ratio up to {rule.max_ratio:g}:1")
    if rule.min_pixels:
        words.append(f"at least {rule.min_pixels:,} pixels in all")
    if rule.max_pixels:
        words.append(f"at most {rule.max_pixels:,} in all")
    words_text = ", ".join(words)
    return f"{words_text}; or auto" if "auto" in parameter.values else words_text


def _wrong_type(model: Model, parameter: Parameter, value: Any, expected: str, allowed: Any) -> Problem:
    if isinstance(value, str) and parameter.type == "integer" and value.strip().lstrip("-").isdigit():
        nearest: Any = int(value)
    else:
        nearest = parameter.default
    hint = f", for example {nearest!r}" if nearest is not None else ""
    return Problem(
        parameter=parameter.name,
        value=value,
        message=f"{parameter.name}={show(value)} is of the wrong type: {model.name} takes {expected}{hint}",
        allowed=allowed,
        suggestion=nearest,
        code="invalid_type",
    )
