"""The audit log: who read what, and who was refused."""

from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from trax.errors import StoreUnavailable
from trax.pipelines.transcribe import transcribe
from trax.service import auditing, tokens
from trax.service.auditing import AccessLog
from trax.stages.options import TranscribeOptions
from trax.store.accesses import AccessRepository, AuditFilter
from trax.testing import tone, write_audio
from trax.testing.web_server import scripted_service
from trax.web.app import create_app


@pytest.fixture
def service(tmp_path):
    return scripted_service(tmp_path / "home", token="owner")


@pytest.fixture
def app(service):
    return create_app(service)


@pytest.fixture
def transcript(service, tmp_path):
    path = write_audio(tmp_path / "a.wav", tone(2.0))
    return transcribe(service.workspace, path, TranscribeOptions(formats=())).transcript_id


def client_of(app, secret: str) -> TestClient:
    headers = {"Authorization": f"Bearer {secret}"}
    return TestClient(app, base_url="http://localhost", headers=headers)


def logged(app, **wanted) -> list[dict]:
    """The entries that a client sees, newest first."""
    app.state.accesses.flush()
    answer = client_of(app, "owner").get("/v1/audit", params=wanted)
    assert answer.status_code == 200
    return answer.json()["items"]


def test_every_reading_of_content_is_noted(app, transcript):
    """Who read what; that it was listed is no reading."""
    client = client_of(app, "owner")
    paths = (
        f"/v1/transcripts/{transcript}",
        f"/v1/transcripts/{transcript}/exports/txt",
        f"/v1/transcripts/{transcript}/versions",
        "/v1/search?q=hello",
    )
    for path in (*paths, "/v1/jobs", "/v1/me", "/healthz"):
        assert client.get(path).status_code == 200
    read = logged(app, action="access.read")
    assert [each["details"]["route"] for each in reversed(read)] == [
        "GET /v1/transcripts/{transcript_id}",
        "GET /v1/transcripts/{transcript_id}/exports/{format}",
        "GET /v1/transcripts/{transcript_id}/versions",
        "GET /v1/search",
    ]
    assert {each["actor"] for each in read} == {"service service"}
    assert [each["subject"] for each in reversed(read)] == [transcript] * 3 + [""]
    assert "hello" not in str(read)


def test_every_refusal_is_noted(app, service, transcript):
    """Of somebody known and of nobody."""
    made = tokens.create(service.workspace.tokens, "r", ["read"])
    reader = client_of(app, made.secret)
    assert reader.get(f"/v1/transcripts/{transcript}").status_code == 404
    assert reader.get("/v1/users").status_code == 403
    assert client_of(app, "guessed").get("/v1/jobs").status_code == 401
    refused = logged(app, action="access.refused")
    assert [(each["actor"], each["details"]["status"]) for each in reversed(refused)] == [
        (f"token {made.token.id}", 404),
        (f"token {made.token.id}", 403),
        ("nobody", 401),
    ]
    assert all(each["details"]["request"] for each in refused)
    assert "guessed" not in str(refused)


def test_the_same_is_noted_once_a_minute(app, transcript, monkeypatch):
    """Sound is read in a thousand parts."""
    client = client_of(app, "owner")
    for _ in range(5):
        client.get(f"/v1/transcripts/{transcript}")
    assert len(logged(app, action="access.read")) == 1
    monkeypatch.setattr(auditing, "_ONCE_IN", 0.0)
    client.get(f"/v1/transcripts/{transcript}")
    assert len(logged(app, action="access.read")) == 2


def test_changes_name_whoever_asked(app, service):
    """Not the service's own user."""
    made = tokens.create(service.workspace.tokens, "w", ["write", "read"])
    answer = client_of(app, made.secret).post("/v1/folders", json={"name": "Desk"})
    (entry,) = logged(app, subject=answer.json()["id"])
    assert (entry["action"], entry["actor"]) == ("folder.created", f"token {made.token.id}")


def test_the_log_comes_in_pages(app, service):
    """Changes and readings together, each once, newest first."""
    for number in range(5):
        tokens.create(service.workspace.tokens, str(number), ["read"])
        app.state.accesses.note("a", "access.read", str(number), route="GET /")
    app.state.accesses.flush()
    client, found, cursor = client_of(app, "owner"), [], ""
    while cursor is not None:
        page = client.get("/v1/audit", params={"limit": 3, "cursor": cursor}).json()
        found += page["items"]
        cursor = page["next_cursor"]
    mine = [each for each in found if each["action"] in ("access.read", "token.created")]
    assert len(mine) == 10
    times = [each["at"] for each in found]
    assert times == sorted(times, reverse=True)


class TestLog:
    def test_entries_are_found_and_forgotten(self, database):
        """By who, what and when; what was done to the data stays."""
        accesses = AccessRepository(database)
        log = AccessLog(accesses, days=1.0)
        log.note("user anna", "access.read", "t1", route="x")
        log.note("user bea", "access.refused", "t1", route="x")
        log.flush()
        assert len(accesses.newest(9, AuditFilter(action="access"))) == 2
        (only,) = accesses.newest(9, AuditFilter(actor="user bea", subject="t1"))
        assert only.entry.action == "access.refused"
        later = datetime.now(UTC) + timedelta(hours=1)
        assert accesses.newest(9, AuditFilter(since=later)) == []
        before = len(accesses.newest(99))
        accesses.forget_before(later)
        assert len(accesses.newest(99)) == before - 2

    def test_entries_wait_for_a_database_that_is_away(self, database, monkeypatch):
        """And are kept when it is back."""
        accesses = AccessRepository(database)
        log = AccessLog(accesses, days=None)
        log.note("a", "access.read", "t", route="x")

        def away(*_):
            raise StoreUnavailable("away")

        with monkeypatch.context() as patch:
            patch.setattr(AccessRepository, "add", away)
            log.flush()
        log.start()
        log.stop()
        assert len(accesses.newest(9, AuditFilter(action="access.read"))) == 1


def test_the_command_shows_the_log(trax):
    """What was done, and by whom."""
    trax("tokens", "create", "newsroom")
    shown = trax("audit", "--action", "token").stdout
    assert "token.created" in shown
    assert trax("audit", "--action", "access.refused", "--json").stdout.strip() == "[]"
