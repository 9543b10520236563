"""What the history has of a plan's cells already; planning never makes a history."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets import catalog as _catalog
from imgwidgets.errors import HistoryError
from imgwidgets.history import History
from imgwidgets.history.place import default_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imgwidgets.history import Entry
    from imgwidgets.images import ImageResult
    from imgwidgets.sweep.cell import Cell
    from imgwidgets.sweep.outcome import Outcome

__all__ = ["clients_in", "history_of", "provider_of", "result_of", "with_stored"]


def clients_in(client: Any) -> list[Any]:
    """Give the clients of what a person passed as one: nothing, one, several, or a dict of them."""
    if client is None:
        return []
    if isinstance(client, Mapping):
        return list(client.values())
    found = list(client) if isinstance(client, list | tuple) else [client]
    for one in found:
        if not isinstance(one, str) and not hasattr(one, "provider"):
            raise TypeError(f"client is {type(one).__name__}; give a Client, or several in a list")
    return found


def provider_of(client: Any) -> str | None:
    """Give the provider that is asked where a model does not say; None: as a client chooses by itself.

    Raises
    ------
    TypeError
        For something that is neither a client nor a provider's name.
    """
    names = [_name_of(one) for one in clients_in(client)]
    return names[0] if names else None


def _name_of(client: Any) -> str:
    if isinstance(client, str):
        return _catalog.current().provider(client).name
    provider = getattr(client, "provider", None)
    if provider is None or not hasattr(provider, "name"):
        raise TypeError(f"client is {type(client).__name__}; give a Client, or several in a list")
    return str(provider.name)


def result_of(outcome: Outcome) -> tuple[ImageResult | None, str]:
    """Give a cell's images, and why there are none: the history may have lost them since, by prune()."""
    try:
        return outcome.result, ""
    except HistoryError as error:
        return None, f"the image is gone: {error}"


@contextlib.contextmanager
def history_of(given: History | bool | None, client: Any, *, fresh: bool) -> Iterator[History | None]:  # noqa: FBT001 (an option)
    """Find the history to look into; None where there is none, or where nobody wants it."""
    wanted: Any = given
    if wanted is None:
        wanted = next((getattr(one, "_history", True) for one in clients_in(client)), True)
    if fresh or wanted is False:
        yield None
    elif isinstance(wanted, History):
        yield wanted
    elif wanted is not True:
        raise TypeError(f"history is {type(wanted).__name__}; give a History, True or False")
    elif (default_folder() / "history.sqlite").is_file():
        with History() as found:
            yield found
    else:
        yield None


def with_stored(cells: Sequence[Cell], history: History, client: Any) -> list[Cell]:
    """Give the cells with what the history has of them.

    Several answers to one request are its repeats, in the order in which they came.
    """
    repeats: dict[str, int] = defaultdict(int)
    for cell in cells:
        if cell.request is not None and cell.valid:
            repeats[cell.request.key] = max(repeats[cell.request.key], cell.repeat + 1)
    answers = _answers(history, repeats, _addresses(client))
    found = []
    for cell in cells:
        if cell.request is not None and cell.valid:
            entries = answers.get(cell.request.key, ())
            if cell.repeat < len(entries):
                cell = msgspec.structs.replace(cell, stored=entries[cell.repeat])  # noqa: PLW2901 (frozen)
        found.append(cell)
    return found


def _addresses(client: Any) -> dict[str, str]:
    """Give the addresses of those clients whose provider may be any server."""
    known = _catalog.current()
    return {
        one.provider.name: str(one.base_url)
        for one in clients_in(client)
        if not isinstance(one, str)
        and not known.provider(one.provider.name).base_url
        and not one.provider.embedded
    }


def _answers(
    history: History, repeats: Mapping[str, int], addresses: Mapping[str, str]
) -> dict[str, Sequence[Entry]]:
    """Give the newest answers of each request, the oldest of them first."""
    found: dict[str, Sequence[Entry]] = {}
    for key, entries in history.answers(repeats).items():
        address = addresses.get(entries[0].provider)
        there = [entry for entry in entries if address is None or entry.base_url == address]
        found[key] = there[: repeats[key]][::-1]
    return found
