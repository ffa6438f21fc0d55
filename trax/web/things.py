"""Whose things are: one check before every route that names one in its path."""

from collections.abc import Callable
from typing import TypeVar

from fastapi.requests import HTTPConnection
from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from trax.errors import AccessDenied
from trax.service.access import Caller
from trax.service.folders import seen
from trax.store import Link, Role

NAMED = {
    "transcript_id": "transcript",
    "job_id": "job",
    "recording_id": "recording",
    "folder_id": "folder",
}
"""Parameters of paths that name a thing, and which kind."""

_READING = ("GET", "HEAD", "OPTIONS")

Route = TypeVar("Route", bound=Callable[..., object])


def needs(role: Role) -> Callable[[Route], Route]:
    """Have a route ask for another role than its method would: that of a viewer for what reads, of
    an editor for what changes.
    """

    def marked(route: Route) -> Route:
        route.__dict__["needed_role"] = role
        return route

    return marked


def for_visitors(route: Route) -> Route:
    """Have a route answer those, too, who have opened a link."""
    route.__dict__["is_for_visitors"] = True
    return route


async def check_things(connection: HTTPConnection) -> None:
    """Refuse whoever does not see what the path names, or may not do this with it.

    Routes are given the full id, whatever reference stands in the path.

    Raises:
        NotFound: they do not see it.
        AccessDenied: they see it, and may do less with it.
    """
    caller: Caller | None = getattr(connection.state, "caller", None)
    if caller is None:
        return
    if caller.link is not None and not _is_for(connection, caller.link):
        raise AccessDenied("a link shows nothing else")
    named = connection.path_params.keys() & NAMED.keys()
    if not named:
        return
    if caller.sight.is_whole:
        return
    role = needed_role(connection.scope)
    workspace = connection.app.state.service.workspace
    for name in named:
        reference = connection.path_params[name]
        found = await run_in_threadpool(seen, workspace, caller, NAMED[name], reference, role)
        connection.path_params[name] = found


def _is_for(connection: HTTPConnection, link: Link) -> bool:
    """Whether somebody who has opened a link may ask this: what names a transcript only if the link
    shows all of it, what names anything else never.
    """
    if not getattr(connection.scope.get("endpoint"), "is_for_visitors", False):
        return False
    named = connection.path_params.keys() & NAMED.keys()
    return not named or (named == {"transcript_id"} and link.start is None)


def needed_role(scope: Scope) -> Role:
    """The role that the route of a request asks for."""
    given: Role | None = getattr(scope.get("endpoint"), "needed_role", None)
    if given is not None:
        return given
    return "viewer" if scope.get("method", "GET") in _READING else "editor"
