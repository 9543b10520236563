"""API keys that a person gave in this process, and the way from a person's keyboard to a safe place.

A key is asked for by :mod:`getpass`, so that it is neither in a cell nor in an output, and goes into the
system's keyring. Where there is none it is kept here, in a table that nothing shows, pickles or stores,
until the process ends.
"""

from __future__ import annotations

import getpass
import importlib
import os
import sys
import threading
from typing import TYPE_CHECKING

from imgwidgets import catalog as _catalog
from imgwidgets.client.keys import KEYRING_SERVICE, Key, Secret, forget, keep

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgwidgets.catalog import Provider

__all__ = ["on_new_key", "set_key"]

_lock = threading.Lock()
_listeners: dict[object, Callable[[str], None]] = {}


def set_key(provider: str) -> None:
    """Ask for a provider's API key, and keep it out of the notebook.

    What is typed is not shown. It goes into the system's keyring, where the package ``keyring`` is
    installed and finds one (``pip install 'imgwidgets[keyring]'``); else it is kept in this process only
    and is gone with it. One line says which. New clients find it at once, and so does a Studio.

    Parameters
    ----------
    provider : str
        A name of the catalog: ``"openai"``, ...

    Raises
    ------
    CatalogError
        For an unknown provider.
    ValueError
        For a provider that needs no key.
    AuthenticationError
        Where what was typed holds characters that no key has; it is not shown, and nothing is stored.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> iw.set_key("openai")                # doctest: +SKIP
    API key for OpenAI (not shown): ········
    The key for openai is kept in the system's keyring, as imgwidgets/openai.
    """
    known = _catalog.current().provider(provider)
    if known.embedded:
        raise ValueError(f"{known.name} needs no key")
    typed = getpass.getpass(f"API key for {known.title or known.name} (not shown): ").strip()
    if not typed:
        _tell("Nothing was entered; nothing has changed.")
        return
    Key(known, typed)  # refuses what cannot be a key, without showing it
    trouble = _into_keyring(known.name, typed)
    if trouble:
        keep(known.name, Secret(typed))
        where = f"in this process only ({trouble}): it is gone when the kernel ends"
    else:
        forget(known.name)  # an older one of this process would come first
        where = f"in the system's keyring, as {KEYRING_SERVICE}/{known.name}"
    _tell(f"The key for {known.name} is kept {where}.{_shadow(known)}")
    with _lock:
        heard = list(_listeners.values())
    for callback in heard:
        callback(known.name)


def on_new_key(callback: Callable[[str], None]) -> Callable[[], None]:
    """Call back with the provider's name whenever :func:`set_key` has kept a key.

    Returns
    -------
    callable
        Without arguments: ends it.
    """
    token = object()
    with _lock:
        _listeners[token] = callback

    def end() -> None:
        with _lock:
            _listeners.pop(token, None)

    return end


def _tell(words: str) -> None:
    sys.stdout.write(f"{words}\n")


def _shadow(provider: Provider) -> str:
    variable = provider.key_variable
    if variable and os.environ.get(variable, "").strip():
        return f" The environment variable {variable} is set, too, and comes first."
    return ""


def _into_keyring(name: str, key: str) -> str:
    """Store a key; give an empty text, or what stood in the way."""
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        return "the package keyring is not installed"
    try:
        keyring.set_password(KEYRING_SERVICE, name, key)
        # Some backends take everything and keep nothing.
        stored = keyring.get_password(KEYRING_SERVICE, name) == key
    except Exception as error:  # noqa: BLE001 (backends raise anything; their words might quote the key)
        return f"the keyring failed: {type(error).__name__}"
    return "" if stored else "the keyring keeps nothing"
