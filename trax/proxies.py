"""Proxies that the environment names: servers on this machine are reached without one."""

import os
from ipaddress import ip_address
from urllib.parse import urlsplit

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
_EXCEPTIONS = ("no_proxy", "NO_PROXY")


def is_loopback(url: str) -> bool:
    """Whether *url* is the address of a server on this machine.

    >>> is_loopback("http://127.0.0.1:4200/api"), is_loopback("https://api.deepseek.com")
    (True, False)
    """
    host = _host(url)
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def reach_loopback_directly(*urls: str) -> None:
    """Let clients of this process and of those it starts use no proxy for servers on this machine.

    Names in any case are read by some client or other. Without a proxy nothing is set.

    Args:
        urls: addresses of servers; those on this machine are excepted by the names they have.
    """
    named = [name for name in os.environ if name.lower() in _PROXIES and os.environ[name]]
    for name in named:
        os.environ[name] = _understood(os.environ[name])
    if named:
        excepted = ",".join(os.environ.get(name, "") for name in _EXCEPTIONS).split(",")
        hosts = (*filter(None, map(str.strip, excepted)), *_LOOPBACK)
        local = (_host(url) for url in urls if is_loopback(url))
        merged = ",".join(dict.fromkeys((*hosts, *local)))
        os.environ.update(dict.fromkeys(_EXCEPTIONS, merged))


def _understood(proxy: str) -> str:
    """A proxy's address as Python's clients read it: desktops write ``socks:`` for SOCKS 5."""
    scheme, separator, rest = proxy.partition("://")
    return f"socks5://{rest}" if separator and scheme.lower() == "socks" else proxy


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
