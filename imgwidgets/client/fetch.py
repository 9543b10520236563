"""Where an image may be fetched from: a reply must not send us to our own network.

An address in a reply was written by someone else. Before a connection is made, its name is resolved
once, every address that comes out is judged, and the connection is pinned to a judged one, so that a
second resolution cannot swap it (DNS rebinding). Spellings such as ``http://2130706433`` or
``http://0x7f.1`` need no rule of their own: what they resolve to is judged.

==============================  ======================================================================
address                         fetched
==============================  ======================================================================
public, https                   always
public, http                    from the provider's own host, or where the provider is on loopback
private (10/8, 192.168/16, …)   from the provider's own host only
loopback                        from the provider's own host and port only (another port there may be
                                a Jupyter server), or where ``allowed`` names it
link-local, multicast, …        never: cloud metadata lives at 169.254.169.254
==============================  ======================================================================

The API key goes to the provider's own origin only.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urljoin, urlsplit

import msgspec

from imgwidgets.client.found import decode_data_url
from imgwidgets.errors import ReplyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Guard", "Target", "decode_data_url"]

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """An address that may be fetched, and the IP address to connect to.

    Attributes
    ----------
    url : str
        The address as it is known to people, and to the server in ``Host`` and TLS.
    scheme, host : str
        ``http`` or ``https``; the host without brackets, in lower case.
    port : int
        Always a number.
    ip : str
        Connect to this one.

    Examples
    --------
    >>> url = "https://example.org/a.png"
    >>> target = Target(url=url, scheme="https", host="example.org", port=443, ip="1.2.3.4")
    >>> target.pinned_url, target.host_header
    ('https://1.2.3.4:443/a.png', 'example.org')
    """

    url: str
    scheme: str
    host: str
    port: int
    ip: str

    @property
    def pinned_url(self) -> str:
        """The same address with the IP address in place of the name (send ``host_header`` with it)."""
        ip = f"[{self.ip}]" if ":" in self.ip else self.ip
        return urlsplit(self.url)._replace(netloc=f"{ip}:{self.port}", fragment="").geturl()

    @property
    def host_header(self) -> str:
        """What the ``Host`` header has to be; for TLS, the server's name is ``host``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


class Guard:
    """Judges the addresses of one provider's replies.

    Parameters
    ----------
    base_url : str
        Where the provider's API is: its host is the "own host".
    resolver : callable, optional
        As ``socket.getaddrinfo(host, port, type=...)``.
    allowed : iterable of str
        Origins that the user trusts as the provider's own: ``http://127.0.0.1:9000``.

    Examples
    --------
    >>> guard = Guard("http://127.0.0.1:8000/v1")
    >>> guard.check("http://127.0.0.1:8000/v1/images/1/content").ip
    '127.0.0.1'
    >>> guard.check("http://169.254.169.254/latest/meta-data")
    Traceback (most recent call last):
    ...
    imgwidgets.errors.ReplyError: The reply's address 'http://169.254.169.254/latest/meta-data' was not \
fetched: 169.254.169.254 is a link-local address.
    """

    def __init__(
        self,
        base_url: str,
        *,
        resolver: Callable[..., Iterable[Any]] = socket.getaddrinfo,
        allowed: Iterable[str] = (),
    ) -> None:
        self._resolver = resolver
        self._base = _origin(urlsplit(base_url))
        self._allowed = {self._base, *(_origin(urlsplit(origin)) for origin in allowed)}
        self._own_addresses: frozenset[_Address] | None = None

    def check(self, url: str) -> Target:
        """Judge an address; a name is resolved now (this may block).

        Raises
        ------
        ReplyError
            Where it must not be fetched, or its name cannot be resolved; the message says why.
        """
        try:
            parts = urlsplit(url)
            scheme, host, port = _origin(parts)
        except ValueError as error:
            raise _refused(url, "it is not a valid address") from error
        if scheme not in _PORTS:
            raise _refused(url, f"only http and https are fetched, not {scheme[:20]!r}")
        if not host or _UNSAFE.search(url):
            raise _refused(url, "it names no host" if not host else "it holds spaces or control characters")
        if parts.username is not None or parts.password is not None:
            raise _refused(url, "it holds a user name or password")
        addresses = self._resolve(url, host, port)
        own = host == self._base[1] or addresses <= self._own()
        trusted = (scheme, host, port) in self._allowed or (own and port == self._base[2])
        for address in addresses:
            reason = _reason_against(address, own=own, trusted=trusted)
            if reason:
                raise _refused(url, f"{address} is {reason}")
        local = bool(self._own()) and all(address.is_loopback for address in self._own())
        if scheme == "http" and not (own or trusted or local):
            raise _refused(
                url, "over plain http only the provider's own host is asked; anyone could swap the image"
            )
        first = min(addresses, key=lambda address: (address.version, int(address)))
        return Target(url=url, scheme=scheme, host=host, port=port, ip=str(first))

    def redirect(self, from_url: str, location: str) -> Target:
        """Judge where a fetched address sends us on to.

        Parameters
        ----------
        from_url : str
            The address that answered with a redirect.
        location : str
            Its ``Location`` header.

        Raises
        ------
        ReplyError
            As ``check``, and where https would become http.
        """
        try:
            url = urljoin(from_url, location)
        except ValueError as error:
            raise _refused(location, "it is not a valid address") from error
        if from_url[:6].lower() == "https:" and url[:5].lower() == "http:":
            raise _refused(url, "a redirect from https to http is not followed")
        return self.check(url)

    def key_goes_to(self, url: str) -> bool:
        """Whether a request to this address may carry the API key: only the provider's own origin.

        Examples
        --------
        >>> guard = Guard("https://api.example.org/v1")
        >>> guard.key_goes_to("https://api.example.org/a.png"), guard.key_goes_to("http://api.example.org/")
        (True, False)
        """
        try:
            return _origin(urlsplit(url)) == self._base and "@" not in urlsplit(url).netloc
        except ValueError:
            return False

    def _own(self) -> frozenset[_Address]:
        if self._own_addresses is None:
            try:
                self._own_addresses = self._resolve("", self._base[1], self._base[2])
            except ReplyError:  # behind a proxy the provider's name may be unknown here: nothing is own then
                self._own_addresses = frozenset()
        return self._own_addresses

    def _resolve(self, url: str, host: str, port: int) -> frozenset[_Address]:
        try:
            rows = self._resolver(host, port, type=socket.SOCK_STREAM)
            found = frozenset(ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows)
        except (OSError, UnicodeError, ValueError) as error:
            raise _refused(url, f"{host[:80]!r} cannot be resolved ({error})") from error
        if not found:
            raise _refused(url, f"{host[:80]!r} has no address")
        return found


def _reason_against(address: _Address, *, own: bool, trusted: bool) -> str:
    """Say why an IP address must not be connected to; empty where it may."""
    inner = _embedded(address)
    if inner is not None:
        return _reason_against(inner, own=own, trusted=trusted)
    for name in ("is_link_local", "is_multicast", "is_unspecified"):
        if getattr(address, name):
            return f"a {name[3:].replace('_', '-')} address"
    if address.is_loopback:
        return "" if trusted else "this computer, and not the provider's own host and port"
    if address.is_reserved or (isinstance(address, ipaddress.IPv6Address) and address.is_site_local):
        return "a reserved address"
    if not address.is_global:
        return "" if own or trusted else "in a private network, and not the provider's own host"
    return ""


def _embedded(address: _Address) -> ipaddress.IPv4Address | None:
    """Give the IPv4 address inside an IPv6 one (mapped, 6to4, Teredo, NAT64)."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    """Give (scheme, host, port); ValueError where the host or the port is none."""
    scheme = parts.scheme.lower()
    host = (parts.hostname or "").rstrip(".").lower()
    if not host.isascii():
        host = host.encode("idna").decode()  # UnicodeError is a ValueError
    return scheme, host, parts.port or _PORTS.get(scheme, 0)


def _refused(url: str, reason: str) -> ReplyError:
    return ReplyError(f"The reply's address {url[:200]!r} was not fetched: {reason}.")
