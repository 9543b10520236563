"""What each provider's models accept, cost and refuse: data, written once.

The TOML files under ``data/`` say it; this package reads and checks them. The picker, the client, the
sandbox and sweeps ask here and nowhere else. A user's own files add to it (see :func:`user_files`).

=================  ====================================================================
``values.py``      the plain values: Model, Endpoint, Parameter, Rule, Price, Provider
``tables.py``      what a TOML table may hold, and how one is laid over another
``files.py``       which files make the catalog
``loader.py``      from TOML to a :class:`Catalog`: inheritance, overrides, clear errors
``request.py``     :class:`ImageRequest`: what is asked of which model
``checker.py``     what is wrong with a request, and what is worth a note
``parameters.py``  one value against its parameter
``inputs.py``      input images, masks and markups against what a model takes
``rules.py``       rules across parameters
``sizes.py``       which sizes are valid, and which valid one is nearest
``price.py``       tokens and US dollars, before and after
=================  ====================================================================
"""

from __future__ import annotations

from imgwidgets.catalog.checker import Report, check, defaults, examine, notes, unknown
from imgwidgets.catalog.files import user_files
from imgwidgets.catalog.loader import Catalog, current, load
from imgwidgets.catalog.parameters import plain_value
from imgwidgets.catalog.price import Usage, cost, estimate, output_tokens
from imgwidgets.catalog.request import ImageInput, ImageRequest
from imgwidgets.catalog.sizes import nearest_size, parse_size, size_faults
from imgwidgets.catalog.values import (
    ENDPOINTS,
    Endpoint,
    InputRule,
    Model,
    Parameter,
    Price,
    Problem,
    Provider,
    ProviderEndpoint,
    Rule,
    SizeRule,
)

__all__ = [
    "ENDPOINTS",
    "Catalog",
    "Endpoint",
    "ImageInput",
    "ImageRequest",
    "InputRule",
    "Model",
    "Parameter",
    "Price",
    "Problem",
    "Provider",
    "ProviderEndpoint",
    "Report",
    "Rule",
    "SizeRule",
    "Usage",
    "check",
    "cost",
    "current",
    "defaults",
    "estimate",
    "examine",
    "load",
    "models",
    "nearest_size",
    "notes",
    "output_tokens",
    "parse_size",
    "plain_value",
    "size_faults",
    "unknown",
    "user_files",
]


def models(provider: str | None = None, endpoint: str | None = None) -> list[Model]:
    """List the models that the catalog knows.

    Parameters
    ----------
    provider : str, optional
        Only this provider's; default: every provider's.
    endpoint : str, optional
        ``generations`` or ``edits``: only models that have it.

    Returns
    -------
    list of Model
        Retired ones too: ``model.retires`` and ``model.replacement`` tell.

    Raises
    ------
    CatalogError
        Where there is no such provider or endpoint.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> "gpt-image-2" in [model.name for model in iw.models(provider="openai")]
    True
    """
    return current().models(provider, endpoint)
