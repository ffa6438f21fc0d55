"""Users: passwords, sessions, and pages of other sites."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import httpx
import pytest
from starlette.testclient import TestClient

from trax.errors import InvalidOption, NotFound, TooManyRequests, Unidentified
from trax.service import passwords, sessions, users
from trax.service.access import ANYBODY
from trax.service.attempts import Attempts
from trax.service.opening import Known, access_for, find_caller
from trax.store import (
    Database,
    FolderRepository,
    Grant,
    LinkRepository,
    TokenRepository,
    UserRepository,
)
from trax.store.sight import EVERYTHING
from trax.testing.servers import WebServer
from trax.testing.web_server import scripted_service
from trax.web.app import create_app
from trax.web.credentials import COOKIE, SECURE_COOKIE
from trax.web.gate import Gate
from trax.web.rights import Rights

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    """Passwords are hashed at next to no cost."""
    hasher = passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", hasher)
    passwords._nobodys.cache_clear()


@pytest.fixture
def kept(database):
    return UserRepository(database)


@pytest.fixture
def anna(kept):
    return users.add(kept, "Anna", PASSWORD)


@pytest.fixture
def service(tmp_path):
    return scripted_service(tmp_path / "home")


@pytest.fixture
def client(service):
    return TestClient(create_app(service), base_url="http://localhost:8700")


def known_to(kept):
    database = kept._database
    return Known(TokenRepository(database), kept, LinkRepository(database))


def sign_in(client, name="anna", password=PASSWORD):
    return client.post("/v1/session", json={"name": name, "password": password})


class TestUsers:
    def test_only_a_digest_of_a_password_is_kept(self, kept, anna):
        """Made by argon2id; capitals of a name make no difference."""
        user, digest = kept.password("anna")
        assert (user, anna.name) == (anna, "anna")
        assert digest.startswith("$argon2id$")
        assert PASSWORD not in digest
        assert kept.get("ANNA") == kept.get(anna.id) == anna

    @pytest.mark.parametrize(
        ("name", "password", "scopes"),
        [
            ("", PASSWORD, ["read"]),
            ("a b", PASSWORD, ["read"]),
            ("anna", PASSWORD, ["read"]),
            ("bea", "short", ["read"]),
            ("bea", "x" * 1001, ["read"]),
            ("bea", PASSWORD, ["everything"]),
            ("bea", PASSWORD, []),
        ],
    )
    def test_what_makes_no_user_is_refused(self, kept, anna, name, password, scopes):
        """A name that is taken, too; and nothing is kept."""
        with pytest.raises(InvalidOption):
            users.add(kept, name, password, scopes)
        assert kept.all() == [anna]

    def test_who_is_removed_is_unknown(self, kept, anna):
        """With their sessions."""
        opened = sessions.open_session(kept, anna)
        kept.remove("anna")
        assert kept.session(sessions.token_digest(opened.secret)) is None
        with pytest.raises(NotFound):
            kept.remove("anna")


class TestSessions:
    def who(self, kept, secret):
        return find_caller(known_to(kept), secret)

    def test_a_session_is_its_user(self, kept, anna):
        """Until it is ended."""
        opened = sessions.sign_in(kept, Attempts(), "anna", PASSWORD, "here")
        caller = self.who(kept, opened.secret)
        assert (caller.id, caller.kind) == (anna.id, "user")
        assert caller.scopes == {"read", "write", "jobs"}
        assert kept.get("anna").signed_in_at is not None
        sessions.sign_out(kept, opened.secret)
        assert self.who(kept, opened.secret) is None

    def test_a_session_expires(self, kept, anna, monkeypatch):
        """From that moment on; and is forgotten by the next that is opened."""
        monkeypatch.setattr(sessions, "LASTS", timedelta(seconds=-1))
        opened = sessions.open_session(kept, anna)
        assert self.who(kept, opened.secret) is None

    @pytest.mark.parametrize(
        "end",
        [
            lambda kept: users.change(kept, "anna", disabled=True),
            lambda kept: users.set_password(kept, "anna", PASSWORD + "!"),
        ],
        ids=["disabled", "another password"],
    )
    def test_sessions_end_with_what_opened_them(self, kept, anna, end):
        """A user who may sign in no more, or a password that is no longer theirs."""
        opened = sessions.open_session(kept, anna)
        end(kept)
        assert self.who(kept, opened.secret) is None

    def test_an_unknown_name_costs_and_says_what_a_wrong_password_does(
        self, kept, anna, monkeypatch
    ):
        """One digest is compared in any case, and the sentence is the same."""
        compared = []
        right = passwords._hasher.verify

        class Counting:
            def __getattr__(self, name):
                return getattr(passwords.PasswordHasher(), name)

            def hash(self, password):
                return passwords.PasswordHasher(1, 8, 1).hash(password)

            def verify(self, digest, password):
                compared.append(digest)
                return right(digest, password)

        monkeypatch.setattr(passwords, "_hasher", Counting())
        users.change(kept, "anna", disabled=True)
        said = set()
        for name, password in (("anna", "wrong"), ("bea", "wrong"), ("anna", PASSWORD), (" ", "")):
            with pytest.raises(Unidentified) as refused:
                sessions.sign_in(kept, Attempts(), name, password, "here")
            said.add(str(refused.value))
        assert (len(compared), said) == (4, {"name or password is wrong"})

    def test_a_password_is_hashed_anew_once_that_costs_more(self, kept, anna, monkeypatch):
        """When it is known next; whoever is signed in stays so."""
        opened = sessions.open_session(kept, anna)
        before = kept.password("anna")[1]
        dearer = passwords.PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
        monkeypatch.setattr(passwords, "_hasher", dearer)
        sessions.sign_in(kept, Attempts(), "anna", PASSWORD, "here")
        after = kept.password("anna")[1]
        assert after != before
        assert "m=16,t=2" in after
        sessions.sign_in(kept, Attempts(), "anna", PASSWORD, "here")
        assert kept.password("anna")[1] == after
        assert self.who(kept, opened.secret) is not None

    def test_who_tries_too_often_must_wait(self, kept, anna):
        """The right password does not help then; from elsewhere it does."""
        attempts = Attempts()
        for _ in range(10):
            with pytest.raises(Unidentified):
                sessions.sign_in(kept, attempts, "anna", "wrong", "there")
        with pytest.raises(TooManyRequests) as refused:
            sessions.sign_in(kept, attempts, "ANNA", PASSWORD, "there")
        assert 0 < refused.value.seconds <= 60
        assert sessions.sign_in(kept, attempts, "anna", PASSWORD, "here").secret

    def test_a_machine_is_open_until_there_is_a_user(self, kept):
        """And a service that others can reach needs a token or a user."""
        known = known_to(kept)
        with pytest.raises(InvalidOption, match="token or a user"):
            access_for("0.0.0.0", "", known)
        access = access_for("127.0.0.1", "", known)
        assert access.caller("") is ANYBODY
        users.add(kept, "anna", PASSWORD)
        access._looked_for_users = -9.0
        with pytest.raises(Unidentified, match="sign in"):
            access.caller("")
        with pytest.raises(Unidentified):
            access_for("0.0.0.0", "", known).caller("")


class TestPages:
    @pytest.fixture(autouse=True)
    def _admin(self, service):
        users.add(service.workspace.users, "anna", PASSWORD, ["admin"])

    def test_signing_in_gives_a_cookie_that_no_script_reads(self, client):
        """Sent to this site alone; what changes something needs a page of it besides."""
        assert client.get("/v1/me").status_code == 401
        assert client.get("/v1/session").json() == {
            "needed": True,
            "signed_in": False,
            "password": True,
            "organisation": False,
        }
        answer = sign_in(client)
        assert (answer.status_code, answer.json()["name"]) == (200, "anna")
        cookie = answer.headers["set-cookie"].lower()
        assert all(part in cookie for part in ("httponly", "samesite=lax", "path=/", "max-age"))
        assert "secure" not in cookie
        assert client.get("/v1/me").json()["kind"] == "user"
        assert client.get("/v1/session").json()["signed_in"]
        out = client.delete("/v1/session", headers={"Origin": "http://localhost:8700"})
        assert out.status_code == 204
        assert client.get("/v1/me").status_code == 401

    def test_by_tls_the_cookie_is_secure(self, service):
        """And bound to this host."""
        client = TestClient(create_app(service), base_url="https://trax.example")
        cookie = sign_in(client).headers["set-cookie"]
        assert cookie.startswith(f"{SECURE_COOKIE}=")
        assert "secure" in cookie.lower()
        assert client.get("/v1/me").status_code == 200

    def test_by_tls_no_other_cookie_counts(self, service):
        """Another host of the domain can set one: nobody works as somebody whom that chose."""
        client = TestClient(create_app(service), base_url="https://trax.example")
        workspace = service.workspace
        mallory = users.add(workspace.users, "mallory", PASSWORD)
        opened = sessions.open_session(workspace.users, mallory)
        cookie = {"Cookie": f"{COOKIE}={opened.secret}"}
        assert client.get("/v1/me", headers=cookie).status_code == 401
        cookie = {"Cookie": f"{SECURE_COOKIE}={opened.secret}"}
        assert client.get("/v1/me", headers=cookie).status_code == 200

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({"Origin": "http://localhost:8700"}, 404),
            ({"Origin": "http://localhost:8700", "Sec-Fetch-Site": "same-origin"}, 404),
            ({"Sec-Fetch-Site": "same-origin"}, 404),
            ({}, 403),
            ({"Origin": "https://evil.example"}, 403),
            ({"Origin": "null"}, 403),
            ({"Origin": "http://localhost:8700", "Sec-Fetch-Site": "cross-site"}, 403),
            ({"Sec-Fetch-Site": "same-site"}, 403),
        ],
    )
    def test_a_cookie_changes_nothing_for_another_sites_page(self, client, headers, status):
        """By what the browser says of it; a token is not sent by itself."""
        sign_in(client)
        assert client.delete("/v1/users/nobody", headers=headers).status_code == status
        secret = client.cookies[COOKIE]
        client.cookies.clear()
        bearer = {"Authorization": f"Bearer {secret}"}
        assert client.delete("/v1/users/nobody", headers=headers | bearer).status_code == 404

    def test_another_site_signs_nobody_in(self, client):
        """As somebody whom it chose."""
        body = {"name": "anna", "password": PASSWORD}
        refused = client.post("/v1/session", json=body, headers={"Origin": "https://evil.example"})
        assert (refused.status_code, client.cookies.get(COOKIE)) == (403, None)

    def test_a_wrong_password_is_not_shown_again(self, client, caplog):
        """Nor in the log."""
        answer = sign_in(client, password="a secret of mine")
        assert (answer.status_code, answer.json()["detail"]) == (401, "name or password is wrong")
        too_long = sign_in(client, password="a secret of mine" * 100)
        assert too_long.status_code == 422
        assert "a secret" not in answer.text + too_long.text + caplog.text

    def test_too_many_attempts_are_told_when_to_come_again(self, client):
        """As a problem with Retry-After."""
        for _ in range(10):
            sign_in(client, password="wrong")
        refused = sign_in(client)
        assert (refused.status_code, refused.json()["transient"]) == (429, True)
        assert 0 < int(refused.headers["retry-after"]) <= 60

    def test_nobody_finds_a_password_by_changing_it(self, client):
        """Whoever has somebody's session has as many tries as at signing in."""
        sign_in(client)
        client.headers["Origin"] = "http://localhost:8700"
        wrong = {"old": "wrong", "new": PASSWORD + "?"}
        statuses = [client.post("/v1/me/password", json=wrong).status_code for _ in range(10)]
        assert (statuses[0], statuses[-1]) == (422, 429)

    def test_administrators_manage_users(self, client):
        """Who others are, and what they may, is nobody else's business."""
        sign_in(client)
        client.headers["Origin"] = "http://localhost:8700"
        body = {"name": "bea", "password": PASSWORD, "scopes": ["read"]}
        made = client.post("/v1/users", json=body)
        assert (made.status_code, made.json()["scopes"]) == (201, ["read"])
        assert client.post("/v1/users", json=body).status_code == 422
        other = TestClient(client.app, base_url=str(client.base_url), headers=client.headers)
        assert sign_in(other, "bea").status_code == 200
        assert other.get("/v1/users").status_code == 403
        new = {"old": PASSWORD, "new": PASSWORD + "?"}
        assert other.post("/v1/me/password", json=new).status_code == 204
        assert other.post("/v1/me/password", json=new).status_code == 401
        changed = client.patch("/v1/users/bea", json={"disabled": True, "full_name": "Bea B."})
        assert changed.json()["full_name"] == "Bea B."
        assert sign_in(other, "bea", PASSWORD + "?").status_code == 401
        assert [each["name"] for each in client.get("/v1/users").json()["items"]] == ["anna", "bea"]
        assert client.delete(f"/v1/users/{made.json()['id']}").status_code == 204


def test_the_command_adds_the_first_administrator(trax, monkeypatch):
    """Their password comes from standard input, and is never shown."""
    from typer.testing import CliRunner

    from trax.cli import app

    def run(*arguments, given=""):
        return CliRunner().invoke(app, list(arguments), input=given)

    made = run("users", "add", "anna", "--admin", "--password-stdin", given=PASSWORD + "\n")
    assert (made.exit_code, made.stdout) == (0, "user anna is added: admin\n")
    typed = run("users", "add", "bea", given=f"{PASSWORD}\n{PASSWORD}\n")
    assert typed.exit_code == 0
    assert PASSWORD not in typed.output
    listed = trax("users").stdout
    assert "anna" in listed
    assert "admin" in listed
    assert trax("users", "disable", "bea").exit_code == 0
    assert "disabled" in trax("users", "list").stdout
    assert trax("users", "disable", "bea", "--undo").exit_code == 0
    assert run("users", "password", "bea", "--password-stdin", given="short\n").exit_code == 2
    assert trax("users", "remove", "bea").exit_code == 0
    refused = trax("users", "remove", "bea")
    assert (refused.exit_code, "`trax users` lists" in refused.stderr) == (2, True)


def test_a_stream_ends_once_it_would_show_something_else(service, monkeypatch):
    """To an administrator who is none any more."""
    monkeypatch.setattr("trax.web.gate._GLANCE", 0.01)
    monkeypatch.setattr("trax.service.access.REMEMBERED", 0.0)
    kept = service.workspace.users
    opened = sessions.open_session(kept, users.add(kept, "chief", PASSWORD, ["admin"]))
    sent = []

    async def stream(_scope, _receive, send):
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await asyncio.sleep(0.2)
        assert len(sent) == 1, "it went on while nothing had changed"
        users.change(kept, "chief", scopes=["read"])
        await asyncio.sleep(60)

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/v1/events",
        "scheme": "http",
        "headers": [(b"authorization", f"Bearer {opened.secret}".encode())],
    }
    gate = Gate(stream, service.access, Rights(service.workspace.folders))
    asyncio.run(asyncio.wait_for(gate(scope, receive, send), 30))
    assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}


@pytest.mark.server
def test_signing_out_ends_streams(tmp_path):
    """Those that the session has opened, within two seconds or so."""
    server = WebServer(tmp_path / "home")
    try:
        kept = UserRepository(Database(f"sqlite:///{tmp_path / 'home' / 'trax.db'}"))
        opened = sessions.open_session(kept, users.add(kept, "anna", PASSWORD))
        began, over = threading.Event(), threading.Event()

        def listen() -> None:
            headers = {"Cookie": f"{COOKIE}={opened.secret}"}
            with (
                suppress(httpx.HTTPError),
                httpx.stream("GET", f"{server.url}/v1/events", headers=headers, timeout=60) as got,
            ):
                began.set() if got.status_code == 200 else None
                for _line in got.iter_lines():
                    pass
                over.set()

        threading.Thread(target=listen, daemon=True).start()
        assert began.wait(30)
        assert not over.wait(0.2), "it ended by itself"
        sessions.sign_out(kept, opened.secret)
        assert over.wait(30)
    finally:
        server.kill()


def test_who_sets_groups_in_the_same_moment_waits(database, kept, anna):
    """So does whoever shares a folder: one of them is the last."""
    users.add(kept, "Ben", "")
    folders = FolderRepository(database)
    folder = folders.add(anna.id, "shared")
    grants = [[Grant("user", name, "viewer")] for name in ("anna", "ben")]

    def change(number: int) -> None:
        folders.set_group("desk", ["anna", "ben"])
        folders.set_groups_of(anna.id, [f"group {number}", "desk"])
        folders.share(folder, grants[number % 2])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(change, range(16)))
    assert len(folders.get(folder, EVERYTHING).grants) == 1
    (desk, *others) = folders.groups()
    assert desk.members in (("anna", "ben"), ("ben",))
    assert sum("anna" in each.members for each in others) <= 1
