"""From TOML files to a :class:`Catalog`.

Files are read in order: those that ship with the package, then the user's, so that a later file adds
to an earlier one or overrides it. A file holds three tables::

    [families.NAME]     a pattern that models extend; it is never served itself
    [models.NAME]       extends a family or a model, says what differs; `providers` adds it to theirs
    [providers.NAME]    who serves what (`serves`), how it is called (`endpoints`), and, under
                        `models.NAME`, what differs there

Tables are merged key by key, everything else is replaced; ``replace = true`` inside a table starts it
afresh. Whatever is wrong is a :class:`~imgwidgets.errors.CatalogError` that names file, key and reason.
"""

from __future__ import annotations

import difflib
import functools
import threading
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from imgwidgets.catalog.files import packaged_files, user_files
from imgwidgets.catalog.tables import (
    PARTS,
    Table,
    check_model,
    check_provider,
    clean,
    contradiction,
    fault,
    merge,
    price_contradiction,
    rule_contradiction,
    tables,
)
from imgwidgets.catalog.values import (
    ENDPOINTS,
    Endpoint,
    InputRule,
    Model,
    Parameter,
    Provider,
    ProviderEndpoint,
    Rule,
)
from imgwidgets.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Catalog", "current", "load"]
# What a model that extends another model (not a family) must say for itself.
_OWN = ("aliases", "title", "providers")
_loading = threading.Lock()


class Catalog:
    """What every provider's models accept, cost and refuse.

    Parameters
    ----------
    files : sequence of (str, str)
        Name and TOML text of each file, in order.

    Raises
    ------
    CatalogError
        Where a file is not TOML, has an unknown key or a wrong value; names file, key and reason.

    Examples
    --------
    >>> from imgwidgets import catalog
    >>> catalog.current().model("gpt-image-2", "openai").released.year
    2026
    """

    def __init__(self, files: Sequence[tuple[str, str]]) -> None:
        self._families: dict[str, Table] = {}
        self._models: dict[str, Table] = {}
        self._raw_providers: dict[str, Table] = {}
        self._origin: dict[tuple[str, str], str] = {}
        for name, text in files:
            self._add(name, text)
        self.providers: dict[str, Provider] = {
            name: self._make_provider(name) for name in self._raw_providers
        }
        self._served = {name: self._served_by(name) for name in self.providers}
        self._views: dict[tuple[str, str], Model] = {}
        self._check_defaults()

    def verify(self) -> None:
        """Make every view now, so that a mistake shows at the start and not in mid-work.

        Raises
        ------
        CatalogError
            Names file, key and reason.
        """
        for name, table in self._models.items():
            for provider in table.get("providers", ()):
                if provider not in self.providers:
                    near = difflib.get_close_matches(provider, self.providers, n=1)
                    hint = f"; did you mean {near[0]!r}?" if near else ""
                    raise self._fault(
                        "models", name, ".providers", f"there is no provider {provider!r}{hint}"
                    )
        for model in self.models():
            for key, reason in self._contradictions(model):
                if reason:
                    where = f" (as {model.provider} serves it)"
                    raise self._fault("models", model.name, key, f"{reason}{where}")

    def _contradictions(self, model: Model) -> Iterator[tuple[str, str]]:
        """Give key and reason of whatever cannot be true of a model; no reason: all is well."""
        yield "", "" if model.name else "a model needs a name"
        taken = [alias for alias in model.aliases if alias in self._models]
        yield ".aliases", f"{taken[0]!r} is a model of its own" if taken else ""
        if model.price is not None:
            yield "", price_contradiction(model.price)
        for endpoint in model.endpoints.values():
            for parameter in endpoint.parameters.values():
                yield f".{endpoint.name}.parameters.{parameter.name}", contradiction(parameter)
            # Of any endpoint: a rule that holds for both may speak of what only edits have.
            names = {name for one in model.endpoints.values() for name in one.parameters}
            names |= {name for one in self._models_parameters(model.name) for name in one}
            for rule in endpoint.rules:
                yield f".rules.{rule.name}", rule_contradiction(rule, names)

    def _models_parameters(self, name: str) -> list[Iterable[str]]:
        """Give the maker's parameters: a provider that lists fewer keeps the maker's rules."""
        table = self._base(name) if name in self._models else {}
        return [table.get("parameters", {}), *(table.get(e, {}).get("parameters", {}) for e in ENDPOINTS)]

    # -- what callers ask ---------------------------------------------------------------------------

    def provider(self, name: str) -> Provider:
        """Give a provider by its name.

        Raises
        ------
        CatalogError
            Where there is none; the message offers the nearest names.
        """
        found = self.providers.get(name)
        if found is None:
            near = difflib.get_close_matches(str(name), self.providers, n=3, cutoff=0.4)
            known = ", ".join(sorted(self.providers))
            hint = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
            raise CatalogError(f"there is no provider {name!r} in the catalog: {hint}known are {known}")
        return found

    def models(self, provider: str | None = None, endpoint: str | None = None) -> list[Model]:
        """List the models of one provider, or of all.

        Parameters
        ----------
        provider : str, optional
            A provider's name; default: every provider's models.
        endpoint : str, optional
            ``generations`` or ``edits``: only models that have it.
        """
        if endpoint is not None and endpoint not in ENDPOINTS:
            raise CatalogError(f"there is no endpoint {endpoint!r}: use {' or '.join(map(repr, ENDPOINTS))}")
        names = [self.provider(provider).name] if provider is not None else list(self.providers)
        found = (self._view(name, model) for name in names for model in self._served[name])
        return [model for model in found if endpoint is None or endpoint in model.endpoints]

    def model(self, name: str, provider: str = "sandbox") -> Model | None:
        """Give one model as one provider serves it; None where the catalog does not know it there."""
        self.provider(provider)
        if name not in self._served[provider]:
            name = self._dated[provider].get(name, name)
        if name in self._served[provider]:
            return self._view(provider, name)
        if "any" in self._raw_providers[provider] and name:
            return self._any(provider, name)
        return None

    def nearest(self, name: str, provider: str, endpoint: str | None = None) -> tuple[str, ...]:
        """Give known model names similar to `name`, nearest first; the default model where none is."""
        known = [model.name for model in self.models(provider, endpoint) if model.name != "*"]
        near = difflib.get_close_matches(str(name), known, n=3, cutoff=0.5)
        default = self.provider(provider).default_model
        return tuple(near) or ((default,) if default else ())

    # -- reading ------------------------------------------------------------------------------------

    def _add(self, file: str, text: str) -> None:
        try:
            said = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise CatalogError(f"{file} is not valid TOML: {error}") from error
        homes = {"families": self._families, "models": self._models, "providers": self._raw_providers}
        for kind, named in said.items():
            if kind not in homes:
                raise fault(file, kind, f"unknown table; use one of {', '.join(homes)}")
            for name, table in tables(file, kind, named):
                where = f"{kind}.{name}"
                if kind == "providers":
                    check_provider(file, where, table)
                else:
                    check_model(file, where, table)
                self._origin[kind, name] = file
                homes[kind][name] = merge(homes[kind].get(name, {}), table)

    def _fault(self, kind: str, name: str, key: str, reason: object) -> CatalogError:
        return fault(self._origin.get((kind, name), "the catalog"), f"{kind}.{name}{key}", reason)

    # -- inheritance --------------------------------------------------------------------------------

    def _base(self, name: str, trail: tuple[str, ...] = ()) -> Table:
        """Give a model's or family's table with everything that it extends merged in."""
        kind = "models" if name in self._models else "families"
        table = self._models.get(name) or self._families.get(name)
        if table is None:
            child = trail[-1]
            home = "models" if child in self._models else "families"
            near = difflib.get_close_matches(name, [*self._families, *self._models], n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise self._fault(home, child, ".extends", f"there is no family or model {name!r}{hint}")
        if name in trail:
            raise self._fault(kind, name, ".extends", f"it extends itself: {' -> '.join((*trail, name))}")
        parent = table.get("extends")
        if parent is None:
            return table
        above = self._base(parent, (*trail, name))
        if parent in self._models:
            above = {key: value for key, value in above.items() if key not in _OWN}
        return merge(above, {key: value for key, value in table.items() if key != "extends"})

    def _served_by(self, provider: str) -> list[str]:
        raw = self._raw_providers[provider]
        serves = raw.get("serves", [])
        named = list(self._models) if serves == "*" else list(serves)
        named += raw.get("models", {})
        named += [name for name, table in self._models.items() if provider in table.get("providers", ())]
        for name in named:
            if name not in self._models:
                raise self._fault("providers", provider, ".serves", f"there is no model {name!r}")
        known = list(dict.fromkeys(named))
        return [*known, "*"] if "any" in raw else known

    def _make_provider(self, name: str) -> Provider:
        raw = self._raw_providers[name]
        fields = {key: value for key, value in raw.items() if key in Provider.__struct_fields__}
        try:
            return msgspec.convert(clean({**fields, "name": name}), Provider)
        except msgspec.ValidationError as error:
            raise self._fault("providers", name, "", error) from error

    def _view(self, provider: str, name: str) -> Model:
        found = self._views.get((provider, name))
        if found is None:
            found = self._any(provider, name) if name == "*" else self._make_view(provider, name)
            self._views[provider, name] = found
        return found

    @functools.cached_property
    def _dated(self) -> dict[str, dict[str, str]]:
        """Give, for each provider, the models' other names."""
        return {
            provider: {
                alias: name for name in names if name != "*" for alias in self._view(provider, name).aliases
            }
            for provider, names in self._served.items()
        }

    def _make_view(self, provider: str, name: str) -> Model:
        raw = self._raw_providers[provider]
        base = dict(self._base(name))
        if raw.get("prices") != "maker":
            base.pop("price", None)
        if provider != base.get("maker"):
            base.pop("rates", None)
        return self._make_model(provider, name, self._laid_over(provider, name, base, ()))

    def _laid_over(self, provider: str, name: str, base: Table, trail: tuple[str, ...]) -> Table:
        """Lay a provider's own words about a model over the maker's."""
        own = self._raw_providers[provider].get("models", {}).get(name, {})
        parent = own.get("extends")
        if parent is not None:
            other, _, model = parent.partition(":")
            known = model in self._raw_providers.get(other, {}).get("models", {})
            if not known or parent in trail:
                raise self._fault(
                    "providers",
                    provider,
                    f".models.{name}.extends",
                    f"{parent!r} is not PROVIDER:MODEL of another view",
                )
            base = self._laid_over(other, model, base, (*trail, parent))
        return merge(base, {key: value for key, value in own.items() if key != "extends"})

    def _any(self, provider: str, name: str) -> Model:
        raw = self._raw_providers[provider]["any"]
        base = self._base(raw["extends"], (provider,)) if "extends" in raw else {}
        table = merge(base, {key: value for key, value in raw.items() if key != "extends"})
        return self._make_model(provider, name, table)

    def _make_model(self, provider: str, name: str, table: Table) -> Model:
        fields = {
            key: value
            for key, value in table.items()
            if key in Model.__struct_fields__ and key != "endpoints"
        }
        if not fields.get("price") or set(fields["price"]) <= {"replace", "source", "note"}:
            fields.pop("price", None)
        doubts = (fields.get("unverified", ""), self.providers[provider].unverified)
        fields |= {
            "name": name,
            "provider": provider,
            "unverified": "; ".join(filter(None, doubts)),
            "endpoints": {
                e: self._make_endpoint(provider, name, table, e) for e in table.get("endpoints", ENDPOINTS)
            },
        }
        try:
            return msgspec.convert(clean(fields), Model)
        except msgspec.ValidationError as error:
            raise self._fault("models", name, "", error) from error

    def _make_endpoint(self, provider: str, name: str, table: Table, endpoint: str) -> Endpoint:
        call = self.providers[provider].endpoints.get(endpoint, ProviderEndpoint(path=f"/images/{endpoint}"))
        own = table.get(endpoint, {})
        bodies = own.get("bodies")
        if bodies is not None:
            call = msgspec.structs.replace(
                call, bodies=tuple(b for b in bodies if b in call.bodies) or tuple(bodies)
            )
        borrowed = table.get("borrowed", self._raw_providers[provider].get("borrowed", False))
        parts = {part: clean(merge(table.get(part, {}), own.get(part, {}))) for part in PARTS}
        for names in parts.values():
            for key, value in names.items():
                value["name"] = key
        for value in parts["inputs"].values():
            value.pop("name")
        try:
            return Endpoint(
                name=endpoint,  # type: ignore[arg-type]
                parameters=msgspec.convert(parts["parameters"], dict[str, Parameter]),
                inputs=msgspec.convert(parts["inputs"], dict[str, InputRule]),
                rules=tuple(
                    rule for rule in msgspec.convert(parts["rules"], dict[str, Rule]).values() if not rule.off
                ),
                borrowed=borrowed is True or (isinstance(borrowed, list) and endpoint in borrowed),
                call=call,
            )
        except msgspec.ValidationError as error:
            raise self._fault("models", name, f".{endpoint}", error) from error

    def _check_defaults(self) -> None:
        for provider in self.providers.values():
            default = provider.default_model
            if default and self.model(default, provider.name) is None:
                raise self._fault(
                    "providers", provider.name, ".default_model", f"it does not serve {default!r}"
                )


# -- the catalog of this process ----------------------------------------------------------------------


def load(paths: Sequence[str | Path] | None = None) -> Catalog:
    """Read the catalog that ships with the package, then more files.

    Parameters
    ----------
    paths : sequence of path, optional
        TOML files to read after the package's own; default: the user's (see :func:`user_files`).

    Raises
    ------
    CatalogError
        Where a file cannot be read or is wrong; names file, key and reason.
    """
    files = list(packaged_files())
    for path in user_files() if paths is None else map(Path, paths):
        try:
            files.append((str(path), path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise CatalogError(f"{path} cannot be read: {error}") from error
    catalog = Catalog(files)
    if len(files) > len(packaged_files()):
        # The package's own files are verified by its tests; a user's are verified here, as they are read.
        catalog.verify()
    return catalog


def current() -> Catalog:
    """Give the catalog of this process; a changed user file is seen at the next call."""
    stamp = tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in user_files())
    # One thread loads while the others wait: msgspec (0.22) crashes where two threads meet a type for the
    # first time.
    with _loading:
        return _cached(stamp)


@functools.lru_cache(maxsize=4)
def _cached(stamp: tuple[tuple[str, int, int], ...]) -> Catalog:
    return load([path for path, _, _ in stamp])
