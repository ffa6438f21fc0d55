"""What the command line can do with transcripts and jobs, the service can do, and the reverse."""

from collections.abc import Iterator

import pytest

from trax.cli.lazy import loaded
from trax.testing.web_server import scripted_service
from trax.web.app import create_app

T = "/v1/transcripts/{transcript_id}"

SUBJECTS = ("jobs", "show", "search", "notes", "export", "edits", "removed", "speakers", "models")
"""Commands about what a service has: jobs, transcripts, voices, models."""

PRESENTATION = {"--json", "--help", "--quiet", "--yes", "--out", "--most"}
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
    "show --stages": f"GET {T}/stages",
    "search": "GET /v1/search",
    "notes": f"GET {T}/notes",
    "notes --accept-names": f"POST {T}/notes/names",
    "export": f"GET {T}/exports/{{format}}",
    "export --format": f"GET {T}/exports/{{format}}",
    "export --language": f"GET {T}/exports/{{format}}",
    "export --redact": f"GET {T}/exports/{{format}}",
    "export --audio": f"GET {T}/redacted-audio",
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
    "speakers rename": "PATCH /v1/voices/{name}",
    "speakers merge": "POST /v1/voices/{name}/merge",
    "speakers forget": "DELETE /v1/voices/{name}",
    "speakers export": "GET /v1/voices/{name}",
    "models": "GET /v1/catalogue",
}
"""The route that does what a command, or one of its options, does."""

ELSEWHERE = {
    "POST /v1/jobs": "trax transcribe",
    "GET /v1/transcripts": "trax show",
    "GET /v1/plans": "trax transcribe --help",
    "GET /v1/settings": "trax doctor",
    f"POST {T}/notes": "trax transcribe --enhance",
    f"POST {T}/jobs": "trax transcribe",
    "DELETE /v1/recordings/{recording_id}": "trax clean",
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
    ),
    "parts of the document that `trax export --format json` has whole": (
        f"GET {T}/segments",
        f"GET {T}/words",
        f"GET {T}/speakers",
    ),
    "jobs and transcripts name their recordings on the command line": (
        "GET /v1/recordings",
        "GET /v1/recordings/{recording_id}",
    ),
}
"""Routes that no command has, by the reason."""

TAGS = {
    "jobs",
    "transcripts",
    "revisions",
    "passages",
    "media",
    "recordings",
    "voices",
    "about",
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
