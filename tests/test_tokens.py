"""Tokens: who may use a service, and what for."""

import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from trax.errors import AccessDenied, InvalidOption, NotFound, Unidentified
from trax.service.access import ANYBODY, SCOPES, Access
from trax.service.opening import Known, access_for, find_caller
from trax.service.tokens import create, is_valid, token_digest
from trax.store import Database, LinkRepository, TokenRepository, UserRepository
from trax.testing.servers import WebServer


@pytest.fixture
def tokens(database):
    return TokenRepository(database)


@pytest.fixture
def users(database):
    return UserRepository(database)


@pytest.fixture
def known(database, tokens, users):
    return Known(tokens, users, LinkRepository(database))


@pytest.fixture
def access(known):
    return Access(find=lambda token: find_caller(known, token))


class TestTokens:
    def test_only_a_digest_is_kept(self, tokens, database):
        """Whoever reads the database has no token."""
        made = create(tokens, "newsroom", ["read", "jobs"])
        (kept,) = tokens.all()
        assert kept == made.token
        assert (kept.name, kept.scopes) == ("newsroom", "jobs read")
        assert made.secret not in repr(kept)
        assert tokens.find(token_digest(made.secret)) == kept
        assert len(made.secret) > 40

    @pytest.mark.parametrize(
        ("name", "scopes", "days"),
        [("", ["read"], None), ("x", [], None), ("x", ["all"], None), ("x", ["read"], 0.0)],
    )
    def test_what_makes_no_token_is_refused(self, tokens, name, scopes, days):
        """And nothing is kept."""
        with pytest.raises(InvalidOption):
            create(tokens, name, scopes, days)
        assert tokens.all() == []

    def test_a_token_expires(self, tokens, access):
        """From that moment on."""
        made = create(tokens, "x", ["read"], days=1e-6)
        assert made.token.expires_at > datetime.now(UTC) - timedelta(seconds=5)
        time.sleep(0.1)
        assert not is_valid(made.token)
        with pytest.raises(Unidentified, match="expired"):
            access.caller(made.secret)

    def test_a_revoked_token_is_refused(self, tokens, access, monkeypatch):
        """As soon as it is looked up again."""
        made = create(tokens, "x", ["read"])
        assert access.caller(made.secret).id == made.token.id
        tokens.revoke(made.token.id)
        monkeypatch.setattr("trax.service.access.REMEMBERED", 0.0)
        with pytest.raises(Unidentified, match="revoked"):
            access.caller(made.secret)
        with pytest.raises(NotFound):
            tokens.revoke("none")

    def test_a_token_allows_what_its_scopes_say(self, tokens, access):
        """And no more; admin is everything."""
        reader = access.caller(create(tokens, "r", ["read"]).secret)
        reader.check("read")
        with pytest.raises(AccessDenied, match="scope jobs"):
            reader.check("jobs")
        for scope in SCOPES:
            access.caller(create(tokens, "a", ["admin"]).secret).check(scope)

    def test_its_use_is_noted(self, tokens, access):
        """So that one that nobody uses is seen."""
        made = create(tokens, "x", ["read"])
        access.caller(made.secret)
        assert tokens.all()[0].used_at is not None

    def test_others_need_a_token(self, tokens, known):
        """A service that they can reach does not start without."""
        assert access_for("127.0.0.1", "", known).caller("") == ANYBODY
        with pytest.raises(InvalidOption, match="needs a token"):
            access_for("0.0.0.0", "", known)
        made = create(tokens, "x", ["read"])
        asked = access_for("0.0.0.0", "", known)
        with pytest.raises(Unidentified, match="send a token"):
            asked.caller("")
        assert asked.caller(made.secret).name == "x"
        with pytest.raises(Unidentified):
            access_for("127.0.0.1", "secret", known).caller("")


def test_the_command_makes_lists_and_revokes(trax):
    """The token alone on standard output, and nowhere again."""
    made = trax("tokens", "create", "newsroom", "--scopes", "read", "--days", "30")
    secret = made.stdout.strip()
    assert secret.startswith("trax_")
    assert secret not in made.stderr
    listed = trax("tokens").stdout
    assert "newsroom" in listed
    assert secret not in listed
    token = made.stderr.split()[1]
    assert trax("tokens", "revoke", token).exit_code == 0
    assert "revoked" in trax("tokens", "list").stdout
    refused = trax("tokens", "revoke", "none")
    assert (refused.exit_code, "`trax tokens` lists" in refused.stderr) == (2, True)


@pytest.mark.server
class TestService:
    @pytest.fixture
    def server(self, tmp_path):
        started = WebServer(tmp_path / "home", "--token", "owner")
        yield started
        started.kill()

    def client(self, server, secret: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {secret}"}
        return httpx.Client(base_url=server.url, headers=headers, timeout=30)

    def test_scopes_hold_at_every_route(self, server):
        """A reader reads; sends no recording, sees no tokens."""
        with self.client(server, "owner") as owner:
            made = owner.post("/v1/tokens", json={"name": "r", "scopes": ["read"]})
            assert made.status_code == 201
        with self.client(server, made.json()["secret"]) as reader:
            assert reader.get("/v1/me").json()["scopes"] == ["read"]
            assert reader.get("/v1/transcripts").status_code == 200
            for method, path in (
                ("PUT", "/v1/uploads/x.wav"),
                ("POST", "/v1/audio/transcriptions"),
                ("GET", "/v1/tokens"),
                ("DELETE", "/v1/tokens/x"),
            ):
                assert reader.request(method, path).status_code == 403, path

    def test_a_revoked_token_ends_its_streams(self, server, tmp_path):
        """And is refused elsewhere, soon."""
        tokens = TokenRepository(Database(f"sqlite:///{tmp_path / 'home' / 'trax.db'}"))
        made = create(tokens, "r", ["read"])
        began, over = threading.Event(), threading.Event()

        def listen() -> None:
            with (
                self.client(server, made.secret) as reader,
                suppress(httpx.HTTPError),
                reader.stream("GET", "/v1/events", timeout=60) as answer,
            ):
                began.set() if answer.status_code == 200 else None
                for _line in answer.iter_lines():
                    pass
            over.set()

        threading.Thread(target=listen, daemon=True).start()
        assert began.wait(30)
        assert not over.wait(0.2), "it ended by itself"
        with self.client(server, "owner") as owner:
            assert owner.delete(f"/v1/tokens/{made.token.id}").status_code == 204
        assert over.wait(30)
        with self.client(server, made.secret) as reader:
            assert reader.get("/v1/jobs").status_code == 401
