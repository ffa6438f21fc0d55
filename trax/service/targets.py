"""Addresses that callers name: which of them this service goes to.

A caller must not have it knock at what only it can reach: itself, machines beside it, the server
that gives a cloud's machines their keys. An address is judged twice: as it is written, and by where
its name leads when a connection is made, so that a name cannot lead elsewhere the second time.
"""

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from trax.errors import InvalidOption, RefusedTarget, Unreachable

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

Resolve = Callable[[str, int], list[str]]
"""Gives the addresses of a name.

Raises:
    OSError: it has none.
"""

PORTS = frozenset((80, 443, 8080, 8443))
"""Ports that are asked outside."""

LONGEST = 2000
"""Characters of an address."""

_USUAL = {"http": 80, "https": 443}
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>[/?][!-\"$-\[\]_a-z~]*)?(?:#[!-~]*)?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

# Public by number, and yet not outside: a cloud's own server, relays into other networks, and
# addresses that hold another one.
_NEVER: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            "168.63.129.16/32",
            "192.88.99.0/24",
            "192.0.0.0/24",
            "64:ff9b::/96",
            "64:ff9b:1::/48",
            "2001::/23",
            "2002::/16",
            "3fff::/20",
            "5f00::/16",
            "::/96",
            "fec0::/10",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Target:
    """An address, taken apart once.

    Attributes:
        host: a name in small letters, or an IP address without brackets.
        path: with what follows ``?``.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host and port as a request names them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if _USUAL[self.scheme] == self.port else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Inside:
    """Something inside that may be reached: a name or a network, at one port or at any."""

    host: str
    network: Network | None
    port: int | None

    def has(self, host: str, port: int) -> bool:
        """Whether it names *host*, which may be reached wherever that leads."""
        return self.host == host and self.port in (None, port)

    def holds(self, address: Address, port: int) -> bool:
        """Whether it is a network with *address* in it."""
        return self.network is not None and address in self.network and self.port in (None, port)


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a name, as this machine resolves it."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class Targets:
    """Judges addresses.

    Args:
        inside: names (``hooks.inside``), addresses and networks (``10.1.0.0/16``) that may be
            reached although they are not public, each with a port or without, by commas.

    Raises:
        InvalidOption: *inside* makes no sense.
    """

    def __init__(self, inside: str = "", resolve: Resolve = resolved) -> None:
        self._inside = [_inside(part) for part in map(str.strip, inside.split(",")) if part]
        self._resolve = resolve

    def parsed(self, url: str) -> Target:
        """The parts of *url*.

        Raises:
            RefusedTarget: it is written as no address is that this service goes to.
        """
        if len(url) > LONGEST:
            raise RefusedTarget(f"it has more than {LONGEST} characters")
        found = _URL.fullmatch(url)
        if found is None:
            raise RefusedTarget(
                "it must be http:// or https://, a name in ASCII letters and perhaps a port, "
                "without a user"
            )
        scheme = found["scheme"].lower()
        host = _host(found["host"].lower())
        port = int(found["port"] or _USUAL[scheme])
        path = found["path"] or "/"
        target = Target(scheme, host, port, path if path.startswith("/") else f"/{path}")
        self._check_written(target)
        return target

    def check(self, url: str) -> Target:
        """The parts of *url*, once it is known to lead outside for now.

        Raises:
            RefusedTarget: it does not.
            Unreachable: its name is not known.
        """
        target = self.parsed(url)
        self.addresses(target.host, target.port)
        return target

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses at which *host* may be reached now.

        Raises:
            RefusedTarget: one of them is none that this service goes to.
            Unreachable: it has none.
        """
        try:
            found = [ip_address(host)]
        except ValueError:
            found = self._looked_up(host, port)
        if not any(each.has(host, port) for each in self._inside):
            for address in found:
                self._check_address(address, port)
        return [str(address) for address in found]

    def _looked_up(self, host: str, port: int) -> list[Address]:
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"there is no machine called {host}") from error
        if not found:
            raise Unreachable(f"there is no machine called {host}")
        try:
            return [ip_address(each) for each in found]
        except ValueError as error:  # an address that holds for one interface alone
            raise RefusedTarget("it does not lead to a public address") from error

    def _check_written(self, target: Target) -> None:
        """Refuse what can be seen from a name and a port."""
        if any(each.has(target.host, target.port) for each in self._inside):
            return
        if _is_address(target.host):
            self._check_address(ip_address(target.host), target.port)
            return
        if "." not in target.host:
            raise RefusedTarget("it must name a machine in full, with its domain")
        reached = {each.port for each in self._inside if each.network is not None}
        if target.port not in PORTS | reached and None not in reached:
            raise RefusedTarget(_wrong_port(target.port))

    def _check_address(self, address: Address, port: int) -> None:
        if any(each.holds(address, port) for each in self._inside):
            return
        if not is_public(address):
            raise RefusedTarget("it does not lead to a public address")
        if port not in PORTS:
            raise RefusedTarget(_wrong_port(port))


def is_public(address: Address) -> bool:
    """Whether *address* is one machine's that anybody can reach.

    >>> is_public(ip_address("1.1.1.1")), is_public(ip_address("::ffff:10.0.0.1"))
    (True, False)
    """
    if isinstance(address, IPv6Address) and (address.ipv4_mapped or address.scope_id):
        return False  # nobody writes a public address so
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    return not any(address in network for network in _NEVER if network.version == address.version)


def _wrong_port(port: int) -> str:
    return f"it must be at one of the ports {', '.join(map(str, sorted(PORTS)))}, not {port}"


def _host(text: str) -> str:
    """A host as it is compared.

    Raises:
        RefusedTarget: it is neither a name nor an address in its usual form.
    """
    if text.startswith("["):
        return str(_address(text[1:-1], IPv6Address))
    name = text.removesuffix(".")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return str(_address(name, IPv4Address))
    if len(name) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise RefusedTarget("its name is not one that a machine can have")
    return name


def _address(text: str, kind: type[IPv4Address] | type[IPv6Address]) -> Address:
    try:
        return kind(text)
    except ValueError as error:
        raise RefusedTarget("its IP address is not written in the usual form") from error


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _inside(text: str) -> Inside:
    host, port = text, None
    bracketed = re.fullmatch(r"\[([^\]]+)\](?::([0-9]+))?", text)
    if bracketed is not None:
        host, port = bracketed[1], bracketed[2]
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    number = _port(text, port)
    try:
        return Inside("", ip_network(host), number)
    except ValueError:
        pass
    name = host.lower().removesuffix(".")
    if not all(map(_LABEL.fullmatch, name.split("."))) or _NUMBER.fullmatch(name.split(".")[-1]):
        raise InvalidOption(f"{text!r} is no name, address or network that may be reached inside")
    return Inside(name, None, number)


def _port(text: str, port: str | None) -> int | None:
    if port is None:
        return None
    if not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise InvalidOption(f"{text!r} has a port that cannot be")
    return int(port)
