"""One value against its parameter: type, range, choices, size."""

from __future__ import annotations

import difflib
import math
import numbers
import re
from typing import Any

from imgwidgets.catalog.sizes import nearest_preset, nearest_size, parse_size, size_faults
from imgwidgets.catalog.values import Model, Parameter, Problem, SizeRule
from imgwidgets.catalog.words import show, spell

__all__ = ["check_parameter", "plain_value"]

_SURROGATE = re.compile("[\ud800-\udfff]")
_SIZE_FOR_PEOPLE = re.compile(r"\s*([1-9][0-9]{0,5})\s*[xX*\u00d7]\s*([1-9][0-9]{0,5})\s*")


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


def plain_value(value: Any, *, is_size: bool = False) -> Any:
    """Make a plain value of numpy's numbers, and the API's text of a (width, height)."""
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        value = value.item()
    if is_size and isinstance(value, list | tuple) and len(value) == 2:
        return "x".join(str(plain_value(edge)) for edge in value)
    return value


def _check_text(model: Model, parameter: Parameter, value: Any) -> Problem | None:
    if not isinstance(value, str):
        return _wrong_type(model, parameter, value, "text", None)
    if _SURROGATE.search(value):
        return Problem(
            parameter=parameter.name,
            value=value,
            message=f"{parameter.name} holds half a character (a lone surrogate), which cannot be sent: "
            "value.encode('utf-8', 'ignore').decode() leaves it out",
            allowed="whole characters",
            suggestion=_SURROGATE.sub("", value),
        )
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


def _meant_number(parameter: Parameter, value: Any) -> Any:
    """Give the valid number that a value of another type means: 2 for ``"2"`` and for 2.0."""
    if parameter.type not in ("integer", "number") or isinstance(value, bool):
        return None
    try:
        meant = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if not math.isfinite(meant):
        return None
    low, high = parameter.minimum, parameter.maximum
    meant = max(meant, low) if low is not None else meant
    meant = min(meant, high) if high is not None else meant
    return round(meant) if parameter.type == "integer" else meant


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
    if size is None:
        meant = _meant_size(value)
        nearest = _nearest_size(parameter, meant) if meant else parameter.default
        reason = f"it must be a text WIDTHxHEIGHT, as {spell(parameter.values)}"
        return _size_problem(model, parameter, value, reason, nearest or parameter.values[0])
    if rule is not None and rule.free:
        faults = size_faults(rule, size)
    else:
        faults = [f"it takes {spell(parameter.values)}"]
    if not faults:
        return None
    return _size_problem(model, parameter, value, "; ".join(faults), _nearest_size(parameter, size))


def _meant_size(value: Any) -> tuple[int, int] | None:
    """Give the size that people mean, though the API does not: ``1024 X 1024``, ``(1024, 1024)``."""
    text = "x".join(str(edge) for edge in value) if isinstance(value, tuple | list) else value
    found = _SIZE_FOR_PEOPLE.fullmatch(text) if isinstance(text, str) else None
    return (int(found[1]), int(found[2])) if found else None


def _nearest_size(parameter: Parameter, size: tuple[int, int]) -> str | None:
    if parameter.size is not None and parameter.size.free:
        return "{}x{}".format(*nearest_size(parameter.size, size))
    return nearest_preset(parameter.values, size)


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
    nearest = _meant_number(parameter, value)
    if nearest is None:
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
