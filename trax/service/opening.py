"""Putting a service together, with the process that keeps its models loaded."""

import ipaddress
import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.util import find_spec
from typing import Literal

from trax.compose import build_workspace
from trax.errors import InvalidOption, MissingPart, NotFound, SetupError
from trax.host import EngineClient
from trax.host.supervisor import Command, Supervisor, device_names
from trax.orchestration.environment import is_server_named
from trax.orchestration.runs import PrefectRuns
from trax.service import links, sessions
from trax.service.access import Access, Caller
from trax.service.allowances import USUAL_JOBS, USUAL_REQUESTS, Allowances
from trax.service.forecast import Forecasts
from trax.service.prefect_workers import PrefectWorkers
from trax.service.serving import Service
from trax.service.targets import Targets
from trax.service.tokens import is_valid, token_digest
from trax.service.users import caller_of
from trax.service.workers import LocalWorkers, Workers
from trax.settings import Settings
from trax.store import LinkRepository, TokenRepository, UserRepository
from trax.work.workspace import Workspace

_USE_NOTED = timedelta(minutes=1)  # from one note of a token's use to the next

_log = logging.getLogger("trax")


WorkersKind = Literal["auto", "local", "prefect"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a service is to work.

    Attributes:
        host: the address that it answers on.
        jobs: recordings at a time.
        drain: seconds that they may take to their end when the service ends.
        workers: who works on jobs: this process, a Prefect server's workers, or these if there is a
            server and the settings do not say otherwise.
    """

    host: str
    jobs: int = 2
    drain: float = 30.0
    workers: WorkersKind = "auto"


@dataclass(frozen=True, slots=True)
class Known:
    """Where those who ask are found."""

    tokens: TokenRepository
    users: UserRepository
    links: LinkRepository

    @classmethod
    def of(cls, workspace: Workspace) -> "Known":
        """Those of a workspace's database."""
        return cls(workspace.tokens, workspace.users, workspace.links)


def access_for(host: str, token: str, known: Known) -> Access:
    """Who may use a service that answers on *host*.

    Args:
        token: allows everything; empty if there is none such.

    Raises:
        InvalidOption: others than this machine could use it, and there is neither a valid token nor
            a user.
    """
    is_open = _is_loopback(host) and not token
    is_known = any(map(is_valid, known.tokens.all())) or known.users.exist()
    if not is_open and not token and not is_known:
        raise InvalidOption(
            f"a service on {host} can be reached by others, and needs a token or a user"
        )
    find = partial(find_caller, known)
    return Access(token, is_open=is_open, find=find, has_users=known.users.exist)


def find_caller(known: Known, secret: str) -> Caller | None:
    """Whose a token, session or visit is; ``None`` if it is nobody's, or no longer valid."""
    digest = token_digest(secret)
    if secret.startswith(sessions.PREFIX):
        session = known.users.session(digest)
        return None if session is None else caller_of(session.user)
    if secret.startswith(links.PREFIX):
        link = known.links.visited(digest)
        return None if link is None else links.visitor(link)
    return _of_token(known, digest)


def _of_token(known: Known, digest: str) -> Caller | None:
    found = known.tokens.find(digest)
    if found is None or not is_valid(found):
        return None
    if found.used_at is None or datetime.now(UTC) - found.used_at > _USE_NOTED:
        known.tokens.note_use(found.id)
    scopes = frozenset(found.scopes.split())
    if not found.account:
        return Caller(id=found.id, name=found.name, scopes=scopes)
    return _on_behalf(known.users, found.account, scopes)


def _on_behalf(users: UserRepository, account: str, scopes: frozenset[str]) -> Caller | None:
    """A user by one of their tokens, which allows nothing that they may not do themselves."""
    try:
        known = users.get(account)
    except NotFound:
        return None
    if known.disabled_at is not None:
        return None
    user = caller_of(known)
    if "admin" not in user.scopes:
        scopes &= user.scopes
    return replace(user, scopes=scopes, kind="token")


def open_service(settings: Settings, plan: Plan) -> Service:
    """The service that *settings* describe.

    Raises:
        MissingPart: a package is not installed that a service needs.
        InvalidOption: others could use it, and it has neither a token nor a user.
    """
    if not all(map(find_spec, ("python_multipart", "prometheus_client", "limits"))):
        raise MissingPart("a service needs packages that trax-speech[web] installs")
    if settings.oidc.issuer and not find_spec("authlib"):
        raise MissingPart("signing in by OpenID needs packages that trax-speech[oidc] installs")
    workspace = build_workspace(settings)
    workers = _workers(settings, plan, workspace)
    token = settings.service_token.get_secret_value()
    return Service(
        workspace=workspace,
        settings=settings,
        workers=workers,
        forecast=Forecasts(workspace.figures, workers).of,
        access=access_for(plan.host, token, Known.of(workspace)),
        targets=Targets(settings.inside_targets),
        allowances=allowances_for(plan.host, settings),
        is_ready=lambda: is_elsewhere(settings, plan) or _has_engine(settings),
    )


def allowances_for(host: str, settings: Settings) -> Allowances:
    """What each caller of a service on *host* may ask for: where the settings do not say, nothing
    is limited on this machine.
    """
    requests, jobs = settings.service_requests, settings.service_jobs
    usual = (0, 0) if _is_loopback(host) else (USUAL_REQUESTS, USUAL_JOBS)
    return Allowances(
        requests=usual[0] if requests is None else requests,
        jobs=usual[1] if jobs is None else jobs,
        day_minutes=settings.service_day_minutes,
        month_minutes=settings.service_month_minutes,
    )


def is_elsewhere(settings: Settings, plan: Plan) -> bool:
    """Whether workers of a Prefect server do the work."""
    if plan.workers == "auto":
        return settings.runner != "local" and is_server_named(settings.prefect_home)
    return plan.workers == "prefect"


def _workers(settings: Settings, plan: Plan, workspace: Workspace) -> Workers:
    if is_elsewhere(settings, plan):
        return PrefectWorkers(workspace, PrefectRuns(settings.prefect_home))
    return LocalWorkers(workspace, plan.jobs)


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
