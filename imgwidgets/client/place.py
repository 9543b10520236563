"""Who is asked, and where: argument, environment, catalog, in this order."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from imgwidgets import catalog as _catalog
from imgwidgets.errors import CatalogError

if TYPE_CHECKING:
    from imgwidgets.catalog import Provider

__all__ = ["PROVIDER_VARIABLE", "address_of", "chosen_provider"]

PROVIDER_VARIABLE = "IMGWIDGETS_PROVIDER"


def chosen_provider(name: str | None) -> Provider:
    """Find the provider: the one named, else that of the environment, else the one that costs nothing.

    Raises
    ------
    CatalogError
        For a name that the catalog does not know.
    """
    known = _catalog.current()
    name = name or os.environ.get(PROVIDER_VARIABLE, "").strip() or None
    if name is not None:
        return known.provider(name)
    free = next((each for each in known.providers.values() if each.embedded), None)
    if free is None:
        raise CatalogError("the catalog has no embedded provider; name one: Client('openai')")
    return free


def address_of(provider: Provider, given: str | None) -> str:
    """Find the base URL, without a slash at its end; empty for the embedded provider, which is started.

    Raises
    ------
    CatalogError
        Where there is none, or it is no http or https URL.
    """
    if not isinstance(given, str | None):
        raise TypeError(f"base_url is {type(given).__name__}; it needs a text, for example http://host/v1")
    variable = provider.base_url_variable
    url = given or (os.environ.get(variable, "").strip() if variable else "") or provider.base_url
    if not url:
        if provider.embedded:
            return ""
        ways = " or ".join(["pass base_url=...", *([f"set {variable}"] if variable else [])])
        raise CatalogError(f"{provider.name} has no address of its own: {ways} (up to and including /v1)")
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        fine = False
    if not fine or not url.isprintable() or " " in url:
        raise CatalogError(f"base_url {url[:200]!r} is no http or https URL; for example https://host/v1")
    if "@" in parts.netloc:
        raise CatalogError("base_url holds a user name or password; pass the key as api_key=...")
    return url.rstrip("/")
