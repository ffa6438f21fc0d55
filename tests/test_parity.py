"""What the command line can do with transcripts and jobs, the service can do, and the reverse."""

from collections.abc import Iterator

import pytest

from trax.cli.lazy import loaded
from trax.testing.web_server import scripted_service
from trax.web.app import create_app

T = "/v1/transcripts/{transcript_id}"

SUBJECTS = (
    "jobs",
    "show",
    "search",
    "notes",
    "export",
    "edits",
    "removed",
    "speakers",
    "models",
    "tags",
    "folders",
    "groups",
    "links",
    "webhooks",
    "tokens",
    "users",
    "audit",
    "report",
)
"""Commands about what a service has, and who may do what with it."""

PRESENTATION = {"--json", "--help", "--quiet", "--yes", "--out", "--most", "--password-stdin"}
"""Options that say how a screen or a folder is to look: JSON has them all, a page has `limit`."""

ROUTES = {
    "jobs": "GET /v1/jobs",
    "jobs --failed": "GET /v1/jobs",
    "jobs --running": "GET /v1/jobs",
    "jobs show": "GET /v1/jobs/{job_id}",
    "jobs follow": "GET /v1/jobs/{job_id}/events",
    "jobs cancel": "POST /v1/jobs/{job_id}/cancel",
    "jobs retry": "POST /v1/jobs/{job_id}/retry",
    "jobs retry --all": "POST /v1/jobs/retry",
    "show": f"GET {T}",
    "show --version": f"GET {T}",
    "show --versions": f"GET {T}/versions",
    "show --blame": f"GET {T}/blame",
    "show --tag": "GET /v1/transcripts",
    "tags": "GET /v1/tags",
    "tags list": "GET /v1/tags",
    "tags set": f"PUT {T}/tags",
    "show --stages": f"GET {T}/stages",
    "show --conversation": f"GET {T}/conversation",
    "search": "GET /v1/search",
    "notes": f"GET {T}/notes",
    "notes --translate": f"POST {T}/translations/{{language}}",
    "notes --at": f"POST {T}/translations/{{language}}",
    "notes --accept-names": f"POST {T}/notes/names",
    "export": f"GET {T}/exports/{{format}}",
    "export --format": f"GET {T}/exports/{{format}}",
    "export --template": f"GET {T}/exports/{{format}}",
    "export --language": f"GET {T}/exports/{{format}}",
    "export --redact": f"GET {T}/exports/{{format}}",
    "export --audio": f"GET {T}/redacted-audio",
    "export --embed-audio": f"GET {T}/player",
    "export --silenced": f"GET {T}/silenced-audio",
    "edits": f"GET {T}/edits",
    "edits --undo": f"POST {T}/edits/undo",
    "edits --undo-all": f"POST {T}/edits/undo",
    "removed": f"GET {T}/removed",
    "removed --restore": f"POST {T}/removed/restore",
    "removed --all": f"POST {T}/removed/restore",
    "speakers": "GET /v1/voices",
    "speakers list": "GET /v1/voices",
    "speakers enroll": "POST /v1/voices",
    "speakers enroll --consent": "POST /v1/voices",
    "speakers enroll --diarizer": "POST /v1/voices",
    "speakers suggest": f"GET {T}/speakers/suggestions",
    "speakers suggest --speaker": f"GET {T}/speakers/suggestions",
    "speakers suggest --accept": f"POST {T}/speakers/suggestions/accept",
    "speakers again": f"POST {T}/speakers/again",
    "speakers again --count": f"POST {T}/speakers/again",
    "speakers rename": "PATCH /v1/voices/{name}",
    "speakers merge": "POST /v1/voices/{name}/merge",
    "speakers forget": "DELETE /v1/voices/{name}",
    "speakers forget --made": "DELETE /v1/voices/{name}",
    "speakers export": "GET /v1/voices/{name}",
    "models": "GET /v1/catalogue",
    "folders": "GET /v1/folders",
    "folders list": "GET /v1/folders",
    "folders create": "POST /v1/folders",
    "folders rename": "PATCH /v1/folders/{folder_id}",
    "folders remove": "DELETE /v1/folders/{folder_id}",
    "folders share": "PUT /v1/folders/{folder_id}/grants",
    "folders share --user": "PUT /v1/folders/{folder_id}/grants",
    "folders share --group": "PUT /v1/folders/{folder_id}/grants",
    "folders move": f"PUT {T}/folder",
    "folders give": f"PUT {T}/owner",
    "groups": "GET /v1/groups",
    "groups list": "GET /v1/groups",
    "groups set": "PUT /v1/groups/{name}",
    "groups remove": "DELETE /v1/groups/{name}",
    "links": f"GET {T}/links",
    "links list": f"GET {T}/links",
    "links create": f"POST {T}/links",
    "links create --permission": f"POST {T}/links",
    "links create --start": f"POST {T}/links",
    "links create --end": f"POST {T}/links",
    "links create --days": f"POST {T}/links",
    "links revoke": f"DELETE {T}/links/{{link_id}}",
    "webhooks": "GET /v1/webhooks",
    "webhooks list": "GET /v1/webhooks",
    "webhooks add": "POST /v1/webhooks",
    "webhooks add --events": "POST /v1/webhooks",
    "webhooks remove": "DELETE /v1/webhooks/{webhook_id}",
    "webhooks enable": "POST /v1/webhooks/{webhook_id}/enable",
    "webhooks rotate": "POST /v1/webhooks/{webhook_id}/secret",
    "webhooks rotate --hours": "POST /v1/webhooks/{webhook_id}/secret",
    "webhooks deliveries": "GET /v1/webhooks/{webhook_id}/deliveries",
    "webhooks deliveries --failed": "GET /v1/webhooks/{webhook_id}/deliveries",
    "webhooks replay": "POST /v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay",
    "webhooks replay --since": "POST /v1/webhooks/{webhook_id}/replay",
    "webhooks test": "POST /v1/webhooks/{webhook_id}/test",
    "webhooks test --wait": "GET /v1/webhooks/{webhook_id}/deliveries",
    "tokens": "GET /v1/tokens",
    "tokens list": "GET /v1/tokens",
    "tokens create": "POST /v1/tokens",
    "tokens create --scopes": "POST /v1/tokens",
    "tokens create --days": "POST /v1/tokens",
    "tokens create --user": "POST /v1/me/tokens",
    "tokens revoke": "DELETE /v1/tokens/{token_id}",
    "users": "GET /v1/users",
    "users list": "GET /v1/users",
    "users add": "POST /v1/users",
    "users add --admin": "POST /v1/users",
    "users add --scopes": "POST /v1/users",
    "users add --full-name": "POST /v1/users",
    "users password": "PATCH /v1/users/{user}",
    "users disable": "PATCH /v1/users/{user}",
    "users disable --undo": "PATCH /v1/users/{user}",
    "users remove": "DELETE /v1/users/{user}",
    "report": "GET /v1/analytics/stages",
    "report --targets": "GET /v1/analytics/targets",
    "report --days": "GET /v1/analytics/stages",
    "audit": "GET /v1/audit",
    "audit --actor": "GET /v1/audit",
    "audit --action": "GET /v1/audit",
    "audit --subject": "GET /v1/audit",
}
"""The route that does what a command, or one of its options, does."""

ELSEWHERE = {
    "POST /v1/jobs": "trax transcribe",
    f"GET {T}/tags": "trax show",
    "GET /v1/jobs/{job_id}/{made}": "trax revoice --out",
    "GET /v1/voices/{name}/made": "trax speakers forget",
    "GET /v1/stock-voices": "trax revoice --list-voices",
    f"POST {T}/revoicings": "trax revoice",
    f"POST {T}/revoicings/selection": "trax revoice --write-text",
    f"GET {T}/revoicings": "trax jobs",
    "POST /v1/jobs/{job_id}/again": "trax revoice --text",
    "GET /v1/analytics/jobs": "trax report",
    "GET /v1/analytics/now": "trax top",
    "GET /v1/analytics/failures": "trax report",
    "GET /v1/analytics/accuracy": "trax report",
    "GET /v1/analytics/costs": "trax report",
    "GET /v1/analytics/drift": "trax report",
    "GET /v1/analytics/storage": "trax report",
    "GET /v1/analytics/bottlenecks": "trax report",
    "GET /v1/plans": "trax transcribe --help",
    "GET /v1/settings": "trax doctor",
    f"POST {T}/notes": "trax transcribe --enhance",
    f"GET {T}/conflicts": "trax conflicts",
    f"POST {T}/conflicts/{{number}}": "trax conflicts --mine",
    f"POST {T}/jobs": "trax transcribe",
    "DELETE /v1/recordings/{recording_id}": "trax clean",
    "GET /v1/folders/{folder_id}": "trax folders",
    "GET /v1/webhooks/{webhook_id}": "trax webhooks",
    "GET /v1/me/tokens": "trax tokens",
    "DELETE /v1/me/tokens/{token_id}": "trax tokens revoke",
}
"""Routes whose command is about something else."""

ONLY_HTTP = {
    "sound and peaks are for a browser; a terminal plays nothing": (
        f"GET {T}/audio",
        f"HEAD {T}/audio",
        f"GET {T}/peaks",
        f"GET {T}/media",
        f"POST {T}/media",
        "GET /v1/recordings/{recording_id}/audio",
        "HEAD /v1/recordings/{recording_id}/audio",
        "GET /v1/recordings/{recording_id}/peaks",
        "GET /v1/recordings/{recording_id}/media",
        "POST /v1/recordings/{recording_id}/media",
    ),
    "words are edited where one sees and hears them": (
        f"POST {T}/revisions",
        f"GET {T}/revisions",
        f"GET {T}/revisions/{{version}}",
        f"PATCH {T}/revisions/{{version}}",
        f"POST {T}/revisions/{{version}}/undo",
        f"POST {T}/revisions/from/{{other_id}}",
        f"POST {T}/versions/{{version}}/restore",
        f"GET {T}/differences",
        f"PATCH {T}/speakers/{{label}}",
        f"POST {T}/speakers/{{label}}/merge",
        f"GET {T}/alternatives",
        f"GET {T}/review",
        f"GET {T}/notes/stale",
        f"POST {T}/times",
    ),
    "voices are tried, and new speech is accepted, where one hears them": (
        f"POST {T}/revoicings/audition",
        "GET /v1/jobs/{job_id}/accepted",
        "PUT /v1/jobs/{job_id}/accepted/{utterance}",
        "DELETE /v1/jobs/{job_id}/accepted/{utterance}",
    ),
    "parts of the document that `trax export --format json` has whole": (
        f"GET {T}/segments",
        f"GET {T}/words",
        f"GET {T}/speakers",
        f"GET {T}/warnings",
    ),
    "unknown voices are named where one hears them": ("GET /v1/unknown-voices",),
    "jobs and transcripts name their recordings on the command line": (
        "GET /v1/recordings",
        "GET /v1/recordings/{recording_id}",
    ),
    "the command line works on the database itself: nobody signs in, and it may do everything": (
        "GET /v1/me",
        "POST /v1/me/password",
        "GET /v1/session",
        "POST /v1/session",
        "DELETE /v1/session",
        "GET /v1/session/oidc",
        "GET /v1/session/oidc/callback",
        f"GET {T}/access",
    ),
    "links are opened where there is no command line": (
        "GET /v1/shared",
        "POST /v1/shared",
        "GET /v1/shared/{link_id}/transcript",
        "GET /v1/shared/{link_id}/warnings",
        "POST /v1/shared/{link_id}/coediting",
        "POST /v1/shared/{link_id}/coediting/save",
        "GET /v1/shared/{link_id}/exports/{format}",
        "GET /v1/shared/{link_id}/media",
        "POST /v1/shared/{link_id}/media",
        "HEAD /v1/shared/{link_id}/audio",
        "GET /v1/shared/{link_id}/audio",
        "GET /v1/shared/{link_id}/peaks",
        "GET /v1/shared/{link_id}/comments",
        "POST /v1/shared/{link_id}/comments",
        "PATCH /v1/shared/{link_id}/comments/{comment_id}",
        "DELETE /v1/shared/{link_id}/comments/{comment_id}",
        "POST /v1/shared/{link_id}/comments/{comment_id}/replies",
        "POST /v1/shared/{link_id}/suggestions",
        "PATCH /v1/shared/{link_id}/suggestions/{comment_id}",
    ),
}
"""Routes that no command has, by the reason."""

TAGS = {
    "analytics",
    "jobs",
    "transcripts",
    "revisions",
    "passages",
    "media",
    "recordings",
    "voices",
    "revoicing",
    "about",
    "folders",
    "links",
    "webhooks",
    "tokens",
    "users",
}


def commands(name: str, command) -> Iterator[str]:
    """A command with its options, and those below it."""
    yield name
    for parameter in command.params:
        for option in parameter.opts:
            if option.startswith("--") and option not in PRESENTATION:
                yield f"{name} {option}"
    for below, each in getattr(command, "commands", {}).items():
        yield from commands(f"{name} {below}", each)


@pytest.fixture(scope="module")
def routes(tmp_path_factory) -> set[str]:
    """Every route about those subjects."""
    described = create_app(scripted_service(tmp_path_factory.mktemp("parity"))).openapi()
    found = set()
    for path, methods in described["paths"].items():
        for method, route in methods.items():
            if TAGS & set(route["tags"]):
                found.add(f"{method.upper()} {path}")
    return found


def test_every_command_has_a_route(routes):
    """And every option that changes what is done."""
    found = {each for name in SUBJECTS for each in commands(name, loaded(name))}
    assert found == set(ROUTES)
    events = {"GET /v1/jobs/{job_id}/events"}  # under a tag of its own
    assert set(ROUTES.values()) - routes <= events


def test_every_route_has_a_command_or_a_reason(routes):
    """Nobody adds one without saying how the command line does it."""
    reasons = {each for some in ONLY_HTTP.values() for each in some}
    assert routes - set(ROUTES.values()) == reasons | set(ELSEWHERE)
