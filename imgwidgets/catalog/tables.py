"""TOML tables: what each may hold, and how one is laid over another."""

from __future__ import annotations

import difflib
import functools
import math
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.catalog.inputs import INPUTS
from imgwidgets.catalog.sizes import parse_size
from imgwidgets.catalog.values import (
    ENDPOINTS,
    InputRule,
    Model,
    Parameter,
    Price,
    Provider,
    ProviderEndpoint,
    Rule,
    SizeRule,
)
from imgwidgets.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "PARTS",
    "Table",
    "check_model",
    "check_provider",
    "clean",
    "contradiction",
    "fault",
    "merge",
    "price_contradiction",
    "rule_contradiction",
    "tables",
]

Table = dict[str, Any]

# Keys of a family, a model or a provider's view of a model, beside the fields of Model itself.
PARTS: dict[str, Any] = {"parameters": Parameter, "inputs": InputRule, "rules": Rule}
_MODEL_KEYS = frozenset(
    {"extends", "endpoints", "providers", "borrowed", "price", *PARTS, *ENDPOINTS}
    | (set(Model.__struct_fields__) - {"name", "provider", "endpoints"})
)
_PROVIDER_KEYS = frozenset(
    {"serves", "borrowed", "prices", "models", "any", *(set(Provider.__struct_fields__) - {"name"})}
)


def fault(file: str, key: str, reason: object) -> CatalogError:
    """Give the error that names file, key and reason."""
    return CatalogError(f"{file}: {key}: {reason}")


def tables(file: str, where: str, inner: object) -> Iterator[tuple[str, Table]]:
    """Give the named tables inside a table; anything else in there is a fault."""
    if not isinstance(inner, dict):
        raise fault(file, where, f"must be a table, not {inner!r}")
    for name, table in inner.items():
        if name == "replace" and isinstance(table, bool):
            continue
        if not isinstance(table, dict):
            raise fault(file, f"{where}.{name}", f"must be a table, not {table!r}")
        yield name, table


def _check_keys(file: str, where: str, table: Table, known: Iterable[str]) -> None:
    known = sorted(known)
    for key in table:
        if key not in known and key != "replace":
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
            raise fault(file, f"{where}.{key}", f"unknown key; {hint}")


@functools.cache
def _types(struct: Any) -> dict[str, Any]:
    # Kept, since reading the annotations anew for each table took most of the time of loading.
    return {field.encode_name: field.type for field in msgspec.structs.fields(struct)}


def _check_fields(file: str, where: str, table: Table, struct: Any) -> None:
    """Check each value of a partial table against the type of its field."""
    types = _types(struct)
    _check_keys(file, where, table, types)
    for key, value in table.items():
        if key != "replace":
            try:
                msgspec.convert(clean(value), types[key])
            except msgspec.ValidationError as error:
                raise fault(file, f"{where}.{key}", error) from error


def _check_parts(file: str, where: str, table: Table) -> None:
    for part, struct in PARTS.items():
        for name, value in tables(file, f"{where}.{part}", table.get(part, {})):
            _check_fields(file, f"{where}.{part}.{name}", value, struct)


def check_model(file: str, where: str, table: Table) -> None:
    """Check one file's words about a family, a model or a provider's view of a model."""
    _check_keys(file, where, table, _MODEL_KEYS)
    _check_parts(file, where, table)
    for endpoint in ENDPOINTS:
        own = table.get(endpoint, {})
        if not isinstance(own, dict):
            raise fault(file, f"{where}.{endpoint}", f"must be a table, not {own!r}")
        _check_keys(file, f"{where}.{endpoint}", own, [*PARTS, "bodies"])
        _check_parts(file, f"{where}.{endpoint}", own)
        _check_type(file, f"{where}.{endpoint}.bodies", own.get("bodies", []), list[str])
    _check_fields(file, f"{where}.price", table.get("price", {}), Price)
    for key, kind in {
        "extends": str,
        "providers": list[str],
        "endpoints": list[str],
        "borrowed": bool | list[str],
    }.items():
        if key in table:
            _check_type(file, f"{where}.{key}", table[key], kind)
    for name in table.get("endpoints", ()):
        if name not in ENDPOINTS:
            raise fault(
                file, f"{where}.endpoints", f"there is no endpoint {name!r}; use {', '.join(ENDPOINTS)}"
            )
    scalars = {
        key: table[key]
        for key in Model.__struct_fields__
        if key in table and key not in ("endpoints", "price")
    }
    _check_fields(file, where, scalars, Model)


def check_provider(file: str, where: str, table: Table) -> None:
    """Check one file's words about a provider."""
    _check_keys(file, where, table, _PROVIDER_KEYS)
    for name, endpoint in tables(file, f"{where}.endpoints", table.get("endpoints", {})):
        if name not in ENDPOINTS:
            raise fault(file, f"{where}.endpoints.{name}", f"unknown endpoint; use {', '.join(ENDPOINTS)}")
        _check_fields(file, f"{where}.endpoints.{name}", endpoint, ProviderEndpoint)
    for name, model in tables(file, f"{where}.models", table.get("models", {})):
        check_model(file, f"{where}.models.{name}", model)
    if "any" in table:
        check_model(file, f"{where}.any", table["any"])
    scalars = {key: table[key] for key in Provider.__struct_fields__ if key in table and key != "endpoints"}
    _check_fields(file, where, scalars, Provider)
    if "prices" in table and table["prices"] not in ("maker", "own"):
        raise fault(file, f"{where}.prices", f"use 'maker' or 'own', not {table['prices']!r}")
    if "serves" in table and table["serves"] != "*":
        _check_type(file, f"{where}.serves", table["serves"], list[str])
    if "borrowed" in table:
        _check_type(file, f"{where}.borrowed", table["borrowed"], bool | list[str])


def _check_type(file: str, where: str, value: object, kind: Any) -> None:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise fault(file, where, error) from error


def contradiction(parameter: Parameter) -> str:
    """Say what cannot be true of a parameter after all inheritance; empty where all is well."""
    if parameter.refused:
        return ""
    if parameter.type == "choice" and not parameter.values:
        return "a choice needs values"
    if parameter.type in ("choice", "size") and not parameter.open and parameter.default is not None:
        free = parameter.size is not None and parameter.size.free
        if parameter.default not in parameter.values and not free:
            return f"its default {parameter.default!r} is not among its values"
    low, high = parameter.minimum, parameter.maximum
    if low is not None and high is not None and low > high:
        return f"its minimum {low} is above its maximum {high}"
    if parameter.type == "size":
        strange = [value for value in parameter.values if value != "auto" and not parse_size(value)]
        if strange and not parameter.open:
            return f"{strange[0]!r} is no size: write WIDTHxHEIGHT, or auto"
    return size_contradiction(parameter.size) if parameter.size is not None else ""


def size_contradiction(rule: SizeRule) -> str:
    """Say what cannot be true of a rule for sizes; empty where all is well."""
    numbers = {name: getattr(rule, name) for name in rule.__struct_fields__ if name != "free"}
    wrong = [name for name, value in numbers.items() if value is not None and value <= 0]
    if wrong:
        return f"size.{wrong[0]} must be above 0, not {numbers[wrong[0]]}"
    if rule.max_ratio is not None and rule.max_ratio < 1:
        return f"size.max_ratio is longer edge / shorter edge, so at least 1, not {rule.max_ratio}"
    if rule.min_pixels is not None and rule.max_pixels is not None and rule.min_pixels > rule.max_pixels:
        return f"size.min_pixels {rule.min_pixels:,} is above size.max_pixels {rule.max_pixels:,}"
    return ""


def price_contradiction(price: Price) -> str:
    """Say which figure of a price cannot be one; empty where all is well."""
    for name in price.__struct_fields__:
        for figure in _figures(getattr(price, name)):
            if not math.isfinite(figure) or figure < 0:
                return f"price.{name} holds {figure}, which is no price"
    return ""


def _figures(value: Any) -> Iterator[float]:
    if isinstance(value, int | float):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _figures(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _figures(inner)


def rule_contradiction(rule: Rule, names: Iterable[str]) -> str:
    """Say which parameter a rule speaks of that does not exist; empty where all is well."""
    known = {*names, *INPUTS}
    for name in (*rule.when, *rule.when_given, *rule.require, *rule.need, *rule.forbid):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            return f"there is no parameter {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    return ""


def merge(under: Table, over: Table) -> Table:
    """Merge two tables; ``replace`` in the upper one hides the lower, and stays for merges to come."""
    if over.get("replace"):
        return over
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = merge(below, value) if isinstance(value, dict) and isinstance(below, dict) else value
    return merged


def clean(value: Any) -> Any:
    """Copy without the marks of inheritance; the copy may be changed freely."""
    if isinstance(value, dict):
        return {key: clean(inner) for key, inner in value.items() if key != "replace"}
    if isinstance(value, list):
        return [clean(inner) for inner in value]
    return value
