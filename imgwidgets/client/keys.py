"""Where an API key comes from, and how it is kept from every repr, log, pickle and copy.

Looked for in this order: the argument, the environment variable that the provider's TOML names, what
``iw.set_key`` keeps in this process, the system's keyring (service ``imgwidgets``, user name = the
provider) where ``keyring`` is installed.
"""

from __future__ import annotations

import hashlib
import importlib
import os
from typing import TYPE_CHECKING, Any, NoReturn, SupportsIndex

from imgwidgets.errors import AuthenticationError

if TYPE_CHECKING:
    from imgwidgets.catalog import Provider

__all__ = ["KEYRING_SERVICE", "Key", "Secret", "forget", "keep"]

KEYRING_SERVICE = "imgwidgets"
_SHORTEST_KEY = 8  # characters; "none" or "EMPTY", as local servers are given, are words and no secrets
_SALT = os.urandom(32)
_EMBEDDED_KEY = "sandbox"  # it takes any


class Secret(str):
    """A text that does not show itself.

    Examples
    --------
    >>> Secret("sk-123")
    '***'
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"

    def __reduce_ex__(self, _protocol: SupportsIndex) -> NoReturn:
        raise TypeError("an API key is never pickled or copied")


# What was given in this process and could not go into a keyring: provider -> key. Never in os.environ,
# which every program that a notebook starts inherits.
_kept: dict[str, Secret] = {}


def keep(provider: str, key: Secret) -> None:
    """Keep a key until this process ends."""
    _kept[provider] = key


def forget(provider: str) -> None:
    """Forget a key that :func:`keep` keeps."""
    _kept.pop(provider, None)


class Key:
    """A provider's key, or the knowledge of where to look for one.

    Parameters
    ----------
    provider : Provider
        Whose key it is.
    api_key : str, optional
        The key itself; None looks in the environment and the keyring.
    required : bool, default True
        Whether a missing key is said now; else it is when something is sent.

    Raises
    ------
    AuthenticationError
        Where the provider requires a key and there is none.

    Examples
    --------
    >>> from imgwidgets import catalog
    >>> import pickle
    >>> key = Key(catalog.current().provider("openai"), "sk-123")
    >>> key
    <Key for openai from the argument>
    >>> b"sk-123" in pickle.dumps(key)
    False
    """

    __slots__ = ("_provider", "_secret", "_source", "_trouble")

    def __init__(self, provider: Provider, api_key: str | None = None, *, required: bool = True) -> None:
        self._provider = provider
        self._secret: Secret | None = None
        self._source = ""
        self._trouble = ""
        if not isinstance(api_key, str | None):
            raise TypeError(f"api_key is {type(api_key).__name__}; it needs a text")
        if api_key is not None:
            self._take(api_key, "the argument")
        else:
            self._look()
        if required and self._secret is None and provider.key_required:
            raise self.missing()

    @classmethod
    def found_here(cls, provider: Provider) -> Key:
        """Look for a key in this place's own environment or keyring, as a copy does.

        Where there is none, that is said when something is sent.
        """
        return cls(provider, required=False)

    def _take(self, text: str, source: str) -> None:
        text = text.strip()
        if not text.isascii() or not text.isprintable() or " " in text:
            # Said without the text: a key pasted with a stray character is still a key.
            raise AuthenticationError(
                f"the API key for {self._provider.name} from {source} holds characters that no key has "
                "(a space, a line break, a curly quote); copy it again"
            )
        if text:
            self._secret, self._source = Secret(text), source

    def _look(self) -> None:
        provider = self._provider
        if provider.key_variable and (text := os.environ.get(provider.key_variable, "")).strip():
            self._take(text, provider.key_variable)
        elif provider.name in _kept:
            self._take(str.__str__(_kept[provider.name]), "iw.set_key")
        elif text := self._from_keyring():
            self._take(text, "the keyring")
        elif provider.embedded:
            self._take(_EMBEDDED_KEY, "nowhere: it needs none")

    def _from_keyring(self) -> str:
        if self._provider.embedded:
            return ""
        try:
            keyring = importlib.import_module("keyring")
        except ImportError:
            self._trouble = "the package keyring is not installed"
            return ""
        try:
            return str(keyring.get_password(KEYRING_SERVICE, self._provider.name) or "")
        except Exception as error:  # noqa: BLE001 (backends raise anything: no D-Bus, a locked wallet)
            self._trouble = f"the keyring failed: {type(error).__name__}"
            return ""

    def missing(self) -> AuthenticationError:
        """Give the error that says where a key was looked for, and the way out."""
        name, variable = self._provider.name, self._provider.key_variable
        looked = [f"the environment variable {variable}"] if variable else []
        entry = f"the keyring entry {KEYRING_SERVICE}/{name}"
        looked.append(f"{entry} ({self._trouble})" if self._trouble else entry)
        ways = [f"set {variable}"] if variable else []
        ways += [
            f"pass api_key=... to iw.Client({name!r})",
            f"store it once with iw.set_key({name!r}) or: keyring set {KEYRING_SERVICE} {name}",
        ]
        return AuthenticationError(
            f"no API key for {name}: looked in {' and '.join(looked)}. Do one of: {'; '.join(ways)}. "
            "Without a key, iw.Client() answers for free: it is the sandbox."
        )

    def headers(self) -> dict[str, str]:
        """Give the header that carries the key; empty where there is none and none is needed.

        Raises
        ------
        AuthenticationError
            On a copy that found no key in its own environment.
        """
        if self._secret is None:
            if self._provider.key_required:
                raise self.missing()
            return {}
        scheme = self._provider.key_scheme
        return {self._provider.key_header: Secret(f"{scheme} {str.__str__(self._secret)}".lstrip())}

    @property
    def fingerprint(self) -> bytes:
        """Equal for equal keys within this process; it tells nothing about them."""
        return hashlib.blake2b(str.__str__(self._secret or "").encode(), key=_SALT).digest()

    def hide(self, text: str) -> str:
        """Take the key out of a text, should a server have echoed it."""
        if self._secret is None or len(self._secret) < _SHORTEST_KEY:
            return text
        return text.replace(str.__str__(self._secret), "***")

    def __bool__(self) -> bool:
        return self._secret is not None

    def __repr__(self) -> str:
        return f"<Key for {self._provider.name} {'from ' + self._source if self._secret else 'not found'}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Key.found_here, (self._provider,)
