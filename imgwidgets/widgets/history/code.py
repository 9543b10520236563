"""Requests of the history as Python that asks again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgwidgets import catalog
from imgwidgets.history.place import default_folder
from imgwidgets.widgets import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgwidgets.history import Entry, History

__all__ = ["code_of"]


def code_of(entries: Sequence[Entry], history: History) -> str:
    """Give a program that sends requests again, with the inputs and masks that the history kept.

    Examples
    --------
    >>> import tempfile
    >>> import imgwidgets as iw
    >>> with tempfile.TemporaryDirectory() as folder, iw.History(folder) as history:
    ...     number = history.started(iw.ImageRequest(prompt="a fox", model="gpt-image-2", provider="openai"))
    ...     print(code_of([history.entry(number)], history).replace(repr(folder), "'my-history'"))
    import imgwidgets as iw
    <BLANKLINE>
    history = iw.History('my-history')
    client = iw.Client('openai')
    result = client.send(history.entry(1).request)  # a fox
    <BLANKLINE>
    """
    usual = history.path == default_folder()
    lines = [
        "import imgwidgets as iw",
        "",
        f"history = iw.History({'' if usual else repr(str(history.path))})",
    ]
    clients: dict[tuple[str, str], str] = {}
    calls = []
    for number, entry in enumerate(entries, 1):
        asked = (entry.provider, _address(entry))
        if asked not in clients:
            clients[asked] = f"client_{len(clients) + 1}" if clients else "client"
        result = "result" if len(entries) == 1 else f"result_{number}"
        said = text.one_line(entry.prompt, 60)
        calls.append(
            f"{result} = {clients[asked]}.send(history.entry({entry.id}).request)  # {said}".rstrip(" #")
        )
    for (provider, address), name in clients.items():
        where = f", base_url={address!r}" if address else ""
        lines.append(f"{name} = iw.Client({provider!r}{where})")
    return "\n".join([*lines, *calls]) + "\n"


def _address(entry: Entry) -> str:
    """Give where it went, where the provider's name alone does not say so."""
    provider = catalog.current().providers.get(entry.provider)
    if provider is None or provider.embedded or entry.base_url == provider.base_url:
        return ""
    return entry.base_url
