"""Who may do what: every route of the application, for everybody."""

from dataclasses import dataclass

import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute, iter_route_contexts
from people import USUAL

from trax.web.things import NAMED, needed_role

SCOPES = {
    "nobody": set(),
    "viewer": USUAL,
    "editor": USUAL,
    "owner": USUAL,
    "stranger": USUAL,
    "read-only token": {"read"},
    "admin": {"read", "write", "jobs", "voices", "admin"},
}
ROLES = {
    "viewer": "viewer",
    "editor": "editor",
    "owner": "owner",
    "read-only token": "owner",
    "admin": "owner",
}
ORDER = ["viewer", "editor", "owner"]

OPEN = "anybody"
KNOWN = "whoever is known"
BY_HAND = {
    ("GET", "/healthz"): OPEN,
    ("GET", "/readyz"): OPEN,
    ("GET", "/v1/session"): OPEN,
    ("POST", "/v1/session"): OPEN,
    ("GET", "/v1/session/oidc"): OPEN,
    ("GET", "/v1/session/oidc/callback"): OPEN,
    ("POST", "/v1/shared"): OPEN,
    ("GET", "/v1/shared"): KNOWN,
    ("GET", "/v1/shared/{link_id}/transcript"): KNOWN,
    ("GET", "/v1/shared/{link_id}/exports/{format}"): KNOWN,
    ("GET", "/v1/shared/{link_id}/warnings"): KNOWN,
    ("HEAD", "/v1/shared/{link_id}/audio"): KNOWN,
    ("GET", "/v1/shared/{link_id}/audio"): KNOWN,
    ("GET", "/v1/shared/{link_id}/peaks"): KNOWN,
    ("GET", "/v1/shared/{link_id}/media"): KNOWN,
    ("POST", "/v1/shared/{link_id}/media"): KNOWN,
    ("DELETE", "/v1/session"): KNOWN,
    ("GET", "/v1/me"): KNOWN,
    ("POST", "/v1/me/password"): KNOWN,
    ("GET", "/v1/me/tokens"): KNOWN,
    ("POST", "/v1/me/tokens"): KNOWN,
    ("DELETE", "/v1/me/tokens/{token_id}"): KNOWN,
    ("OPTIONS", "/v1/uploads"): KNOWN,
    ("PUT", "/v1/uploads/{name}"): "jobs",
    ("POST", "/v1/uploads"): "jobs",
    ("PATCH", "/v1/uploads/{upload_id}"): "jobs",
    ("POST", "/v1/audio/transcriptions"): "jobs",
    ("POST", "/v1/audio/translations"): "jobs",
}
"""Rules of routes that declare none: they take requests as they are, or need none."""

CHECKED_INSIDE = {
    "/v1/transcripts/{transcript_id}/coediting/{document_id}",
    "/v1/shared/{link_id}/coediting/{document_id}",
    "/v1/live",
    "/v1/listen",
    "/v1/realtime",
}
"""Sockets that declare no scope: what somebody may do is looked up again while they are open."""

ONES_OWN = {("DELETE", "/v1/transcripts/{transcript_id}/comments/{comment_id}")}
"""What whoever sees a thing may do with their own: the service knows whose it is."""


@dataclass(frozen=True)
class Rule:
    """What a route asks for: a scope, or one of the above."""

    scope: str
    role: str | None


def declared(dependant) -> set[str]:
    """The scopes that a route's dependencies declare."""
    own = getattr(dependant.call, "scope", None)
    return set().union({own} - {None}, *(declared(each) for each in dependant.dependencies))


def rule_of(method: str, route: APIRoute) -> Rule | None:
    """What a route asks for; ``None`` if it has no rule."""
    role = None
    if any(f"{{{name}}}" in route.path for name in NAMED):
        role = needed_role({"endpoint": route.endpoint, "method": method})
    scopes = declared(route.dependant)
    by_hand = BY_HAND.get((method, route.path))
    if not scopes and not route.include_in_schema:
        return Rule(OPEN, role)  # pages, the same for everybody
    if len(scopes) == 1 and by_hand is None:
        return Rule(scopes.pop(), role)
    return None if by_hand is None or scopes else Rule(by_hand, role)


def every_route(app) -> list[tuple[str, APIRoute]]:
    """Every route by method; HEAD is what GET is."""
    found = [each.original_route for each in iter_route_contexts(app.routes)]
    return [
        (method, route)
        for route in found
        if isinstance(route, APIRoute)
        for method in sorted(route.methods - {"HEAD"} or route.methods)
    ]


def expected(who: str, rule: Rule) -> int | None:
    """The status of a refusal; ``None`` if there is to be none."""
    if rule.scope == OPEN:
        return None
    if who == "nobody":
        return 401
    if rule.role is not None and who not in ROLES:
        return 404
    if rule.role is not None and ORDER.index(ROLES[who]) < ORDER.index(rule.role):
        return 403
    return None if rule.scope == KNOWN or rule.scope in SCOPES[who] else 403


def test_every_route_has_a_rule(world):
    """A new one declares a scope (`Reader`, `Writer`…), or is listed above with a reason."""
    without = [
        f"{method} {route.path}"
        for method, route in every_route(world.app)
        if rule_of(method, route) is None
    ]
    assert without == []
    known = {(method, route.path) for method, route in every_route(world.app)}
    assert BY_HAND.keys() <= known
    assert len(known) > 40
    sockets = [each.original_route for each in iter_route_contexts(world.app.routes)]
    for socket in sockets:
        if isinstance(socket, APIWebSocketRoute) and socket.path not in CHECKED_INSIDE:
            assert len(declared(socket.dependant)) == 1, socket.path


@pytest.mark.parametrize("who", SCOPES)
def test_everybody_gets_what_the_rules_say(world, who):
    """Who does not see a thing learns nothing of it; who may not do this to it is told so."""
    wrong = []
    for method, route in every_route(world.app):
        rule = rule_of(method, route)
        if (method, route.path) in ONES_OWN and who in ROLES:
            continue
        path = world.filled(method, route.path)
        status = world.ask(who, method, path).status_code
        wanted = expected(who, rule)
        is_thing = rule.role is not None and not path.endswith("/none")
        refused = (401, 403, 404) if is_thing else (401, 403)
        is_right = status == wanted if wanted else status not in (*refused, 500)
        if not is_right:
            wrong.append(f"{method} {route.path}: {status}, not {wanted or 'let through'}")
    assert wrong == []
