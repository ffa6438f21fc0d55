"""Putting a service together, with the process that keeps its models loaded."""

import ipaddress
import logging
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec

from trax.compose import build_workspace
from trax.errors import InvalidOption, MissingPart, SetupError
from trax.host import EngineClient
from trax.host.supervisor import Command, Supervisor, device_names
from trax.service.access import Access
from trax.service.serving import Service
from trax.service.workers import LocalWorkers
from trax.settings import Settings

_log = logging.getLogger("trax")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a service is to work.

    Attributes:
        host: the address that it answers on.
        jobs: recordings at a time.
        drain: seconds that they may take to their end when the service ends.
    """

    host: str
    jobs: int = 2
    drain: float = 30.0


def access_for(host: str, token: str) -> Access:
    """Who may use a service that answers on *host*.

    Raises:
        InvalidOption: others than this machine could use it, and it has no token.
    """
    is_open = _is_loopback(host) and not token
    if not is_open and not token:
        raise InvalidOption(f"a service on {host} can be reached by others, and needs a token")
    return Access(token, is_open=is_open)


def open_service(settings: Settings, plan: Plan) -> Service:
    """The service that *settings* describe, which works on jobs in this process.

    Raises:
        MissingPart: a package is not installed that a service needs.
        InvalidOption: others could use it, and it has no token.
    """
    if find_spec("python_multipart") is None:
        raise MissingPart("a service needs packages that trax-speech[web] installs")
    workspace = build_workspace(settings)
    return Service(
        workspace=workspace,
        settings=settings,
        workers=LocalWorkers(workspace, plan.jobs),
        access=access_for(plan.host, settings.service_token.get_secret_value()),
        is_ready=lambda: _has_engine(settings),
    )


def start_engines(settings: Settings, command: Command, drain: float) -> Supervisor | None:
    """Start a process a device that keeps models loaded; ``None`` if the settings want none, or
    another supervisor has them.
    """
    if settings.engine == "off":
        return None
    try:
        supervisor = Supervisor(settings.sockets, device_names(), command, drain)
    except SetupError as error:
        _log.info("%s: it is used", error)
        return None
    supervisor.start()
    return supervisor


def _has_engine(settings: Settings) -> bool:
    """Whether models can be used without waiting for a process to start."""
    if settings.engine == "off":
        return True
    client = EngineClient(settings.sockets, settings.store_identity)
    return bool(client.statuses())


def _is_loopback(host: str) -> bool:
    """Whether only this machine reaches *host*."""
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False
