"""Which models there are at a provider, and which one a picker gets that moves there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imgwidgets.catalog import Catalog, Model
    from imgwidgets.widgets.picker.state import PickerState

__all__ = ["named_models", "suitable"]

ANY = "*"
"""In the catalog, the name of a model entry that holds for every name."""


def named_models(catalog: Catalog, provider: str, endpoint: str) -> dict[str, Model]:
    """Give a provider's models by name, without the entry that stands for any name."""
    return {model.name: model for model in catalog.models(provider, endpoint) if model.name != ANY}


def suitable(state: PickerState, wanted: tuple[str, str, str], provider: str, endpoint: str) -> str:
    """Give the model that another provider or endpoint gets.

    Parameters
    ----------
    state : PickerState
        Before it moves.
    wanted : (str, str, str)
        The model that was asked for, at which provider and endpoint: where it is served, it comes back.
    provider, endpoint : str
        Where the picker goes.
    """
    if wanted[1:] == (provider, endpoint):
        return wanted[0]
    catalog = state.catalog
    there = catalog.provider(provider)
    for name in dict.fromkeys((wanted[0], state.model)):
        entry = catalog.model(name, provider)
        # A name that no catalog knows is passed on.
        unknown = name == state.model and state.entry is None and not there.complete
        if entry.endpoints.get(endpoint) if entry else unknown:
            return name
    named = named_models(catalog, provider, endpoint)
    return there.default_model if there.default_model in named else next(iter(named), state.model)
