"""Who may do what: every route of the application, for everybody."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute, iter_route_contexts
from starlette.testclient import TestClient

from trax.export import FORMATS
from trax.pipelines.transcribe import job_request
from trax.service import passwords, sessions, tokens, users
from trax.service.links import passage_of
from trax.stages.options import TranscribeOptions
from trax.store import Grant, Link, Sight
from trax.testing import tone, write_audio
from trax.testing.web_server import scripted_service
from trax.transcript import Domain
from trax.web.app import create_app
from trax.web.things import NAMED, needed_role

PASSWORD = "correct horse battery"
USUAL = {"read", "write", "jobs"}
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
    ("GET", "/v1/shared/transcript"): KNOWN,
    ("GET", "/v1/shared/exports/{format}"): KNOWN,
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


class World:
    """An owner's job, transcript and folder; whom it is shared with, and who is a stranger."""

    def __init__(self, folder):
        self.service = scripted_service(folder / "home")
        workspace = self.workspace = self.service.workspace
        self.app = create_app(self.service)
        self.client = TestClient(
            self.app, base_url="http://localhost:8700", raise_server_exceptions=False
        )
        self.secrets = {"nobody": ""}
        for name in ("viewer", "editor", "owner", "stranger", "admin"):
            scopes = ["admin"] if name == "admin" else sorted(USUAL)
            user = users.add(workspace.users, name, PASSWORD, scopes)
            self.secrets[name] = sessions.open_session(workspace.users, user).secret
        self.account = workspace.users.get("owner").id
        made = tokens.create(workspace.tokens, "reads", ["read"], account=self.account)
        self.secrets["read-only token"] = made.secret
        self.data = write_audio(folder / "call.wav", tone(2.0)).read_bytes()
        self.folder = self.new_folder()
        self.spare = self.new_recording()
        self.job = self.transcribed("owner", folder=self.folder)
        self.recording = self.recording_of(self.job)
        self.app.state.bells.close()  # streams end, and nobody waits

    def new_folder(self) -> str:
        """A folder of the owner's, shared."""
        made = self.workspace.folders.add(self.account, "shared")
        grants = [Grant("user", "viewer", "viewer"), Grant("user", "editor", "editor")]
        self.workspace.folders.share(made, grants)
        return made

    def transcribed(self, who: str, name: str = "call.wav", **asked) -> dict:
        """The job of a recording that somebody has sent, once it has ended."""
        sent = self.ask(who, "PUT", f"/v1/uploads/{name}", content=self.data).json()
        job = self.ask(who, "POST", "/v1/jobs", json={"upload": sent["id"], **asked}).json()
        while taken := self.workspace.queue.take("test"):
            self.service.workers._do(taken, "test")
        return self.ask(who, "GET", f"/v1/jobs/{job['id']}").json()

    def new_recording(self) -> str:
        """The SHA-256 of a recording of the owner's that may go."""
        request = job_request("gone.wav", "ab" * 32, 1, TranscribeOptions(), self.account)
        self.workspace.queue.put(replace(request, folder_id=self.folder))
        self.spare_job = self.workspace.jobs.cancel(request.id).id
        return "ab" * 32

    def recording_of(self, job: dict) -> str:
        """The SHA-256 of what a job is about."""
        return self.workspace.jobs.get(job["id"]).recording_sha256

    def ask(self, who: str, method: str, path: str, **more):
        """The answer to somebody."""
        secret = self.secrets[who]
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        headers |= more.pop("headers", {})
        return self.client.request(method, path, headers=headers, **more)

    def filled(self, method: str, path: str) -> str:
        """A path that names the owner's things; what is removed is made anew."""
        values = {
            "transcript_id": self.job["transcript"]["id"],
            "job_id": self.job["id"],
            "recording_id": self.spare if method == "DELETE" else self.recording,
            "folder_id": self.new_folder() if method == "DELETE" else self.folder,
        }
        for name, value in values.items():
            path = path.replace(f"{{{name}}}", value)
        path = path.replace("{format}", "txt")
        return "/".join("none" if part.startswith("{") else part for part in path.split("/"))


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    hasher = passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    patch.setattr(passwords, "_hasher", hasher)
    yield World(tmp_path_factory.mktemp("matrix"))
    patch.undo()


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
        if isinstance(socket, APIWebSocketRoute):
            assert len(declared(socket.dependant)) == 1, socket.path


@pytest.mark.parametrize("who", SCOPES)
def test_everybody_gets_what_the_rules_say(world, who):
    """Who does not see a thing learns nothing of it; who may not do this to it is told so."""
    wrong = []
    for method, route in every_route(world.app):
        rule = rule_of(method, route)
        path = world.filled(method, route.path)
        status = world.ask(who, method, path).status_code
        wanted = expected(who, rule)
        is_thing = rule.role is not None and not path.endswith("/none")
        refused = (401, 403, 404) if is_thing else (401, 403)
        is_right = status == wanted if wanted else status not in (*refused, 500)
        if not is_right:
            wrong.append(f"{method} {route.path}: {status}, not {wanted or 'let through'}")
    assert wrong == []


class TestSameContent:
    def test_nobody_learns_that_somebody_else_has_it(self, world):
        """The same bytes: another job, another transcript, each stage made again, under its own
        name.
        """
        mine = world.transcribed("stranger", "my own.wav")
        assert mine["id"] != world.job["id"]
        assert mine["transcript"]["id"] != world.job["transcript"]["id"]
        stages = world.ask("stranger", "GET", f"/v1/jobs/{mine['id']}").json()["stages"]
        assert stages
        assert not any(stage["cached"] for stage in stages)
        for who, name in (("stranger", "my own.wav"), ("owner", "call.wav")):
            (shown,) = world.ask(who, "GET", "/v1/transcripts").json()["items"]
            (hit, *_) = world.ask(who, "GET", "/v1/search", params={"q": "hello"}).json()["items"]
            assert (shown["name"], hit["name"]) == (name, name)
        sha256 = world.workspace.jobs.get(mine["id"]).recording_sha256
        recording = world.ask("stranger", "GET", f"/v1/recordings/{sha256}").json()
        assert recording["created_at"] == mine["created_at"]
        media = f"/v1/recordings/{sha256}/media"
        assert world.ask("stranger", "GET", media).json()["name"] == "my own.wav"
        assert world.ask("owner", "GET", media).json()["name"] == "call.wav"

    def test_what_is_ready_for_one_is_not_for_the_other(self, world):
        """Peaks; and nobody sees when others' bytes were written."""
        mine = world.transcribed("stranger", "my own.wav")["transcript"]["id"]
        theirs = world.job["transcript"]["id"]
        before = world.ask("owner", "HEAD", f"/v1/transcripts/{theirs}/audio").headers
        assert world.ask("owner", "GET", f"/v1/transcripts/{theirs}/peaks").status_code == 200
        media = [
            world.ask(who, "GET", f"/v1/{kind}/media").json()
            for who, kind in (
                ("stranger", f"transcripts/{mine}"),
                ("stranger", f"recordings/{world.recording}"),
                ("owner", f"transcripts/{theirs}"),
                ("owner", f"recordings/{world.recording}"),
                ("viewer", f"transcripts/{theirs}"),
            )
        ]
        states = [each["peaks"]["state"] for each in media]
        assert states == ["absent", "absent", "ready", "ready", "ready"]
        world.transcribed("stranger", "call.wav")
        after = world.ask("owner", "HEAD", f"/v1/transcripts/{theirs}/audio").headers
        assert after["last-modified"] == before["last-modified"]

    def test_the_same_again_is_still_the_same_job(self, world):
        """Of whoever sent it before."""
        sent = world.ask("owner", "PUT", "/v1/uploads/call.wav", content=world.data).json()
        again = world.ask("owner", "POST", "/v1/jobs", json={"upload": sent["id"]})
        assert (again.status_code, again.json()["id"]) == (200, world.job["id"])

    def test_an_upload_is_written_for_whoever_sends_it_first(self, world, monkeypatch):
        """How long that takes does not say whether others had it."""
        kept = []
        objects = type(world.workspace.objects)
        take = objects.take_file

        def counted(self, key, file, sha256):
            kept.append(key)
            return take(self, key, file, sha256)

        monkeypatch.setattr(objects, "take_file", counted)
        for _ in range(2):
            world.ask("editor", "PUT", "/v1/uploads/call.wav", content=world.data)
        assert len(kept) == 1


class TestLists:
    def test_lists_hold_what_is_seen(self, world):
        """Jobs, transcripts, words and events: of the owner and whom they share with."""
        for who, seen in (("viewer", True), ("owner", True), ("admin", True), ("editor", True)):
            for path, key in (("/v1/jobs", "id"), ("/v1/transcripts", "job_id")):
                items = world.ask(who, "GET", path).json()["items"]
                assert (world.job["id"] in [each[key] for each in items]) is seen
        events = world.workspace.events
        account = world.workspace.users.get("viewer").id
        theirs = {world.job["id"], world.spare_job}
        assert {each.job_id for each in events.after(0, Sight(account))} == theirs
        assert events.after(0, Sight("somebody else")) == []

    def test_latest_and_beginnings_stand_for_what_is_seen(self, world):
        """Never for somebody else's."""
        mine = world.transcribed("editor", options={"recognition": {"prompt": "other"}})
        transcript = world.job["transcript"]["id"]
        latest = world.ask("viewer", "GET", "/v1/transcripts/latest").json()
        assert latest["id"] == transcript
        assert (
            world.ask("editor", "GET", "/v1/transcripts/latest").json()["id"]
            == (mine["transcript"]["id"])
        )
        beginning = mine["transcript"]["id"][:6]
        assert world.ask("viewer", "GET", f"/v1/transcripts/{beginning}").status_code == 404

    def test_an_unknown_thing_reads_like_a_strangers(self, world):
        """The same words, but for the id."""
        theirs = world.ask("stranger", "GET", f"/v1/jobs/{world.job['id']}").json()
        none = world.ask("stranger", "GET", "/v1/jobs/000000000000").json()
        for answer, name in ((theirs, world.job["id"]), (none, "000000000000")):
            answer["detail"] = answer["detail"].replace(name, "ID")
            answer.pop("request_id")
        assert theirs == none


class TestFolders:
    def test_a_folder_is_shared_with_groups(self, world):
        """As long as it is, and as long as somebody is in the group."""
        made = world.ask("admin", "PUT", "/v1/groups/desk", json={"members": ["stranger"]})
        assert made.status_code == 200
        folder = world.ask("owner", "POST", "/v1/folders", json={"name": "Desk"}).json()
        job = world.transcribed(
            "owner", folder=folder["id"], options={"recognition": {"prompt": "desk"}}
        )
        transcript = f"/v1/transcripts/{job['transcript']['id']}"
        assert world.ask("stranger", "GET", transcript).status_code == 404
        grants = {"grants": [{"group": "desk", "role": "editor"}]}
        shared = world.ask("owner", "PUT", f"/v1/folders/{folder['id']}/grants", json=grants)
        assert shared.json()["grants"][0]["group"] == "desk"
        assert world.ask("stranger", "GET", transcript + "/access").json() == {"role": "editor"}
        seen = world.ask("stranger", "GET", "/v1/transcripts", params={"folder": folder["id"]})
        assert [each["id"] for each in seen.json()["items"]] == [job["transcript"]["id"]]
        listed = world.ask("stranger", "GET", f"/v1/folders/{folder['id']}").json()
        assert (listed["role"], listed["grants"]) == ("editor", [])
        world.ask("admin", "PUT", "/v1/groups/desk", json={"members": []})
        assert world.ask("stranger", "GET", transcript).status_code == 404

    def test_a_transcript_is_moved_by_its_owner(self, world):
        """Into a folder that they may fill; out of it nobody else sees it."""
        job = world.transcribed("owner", options={"recognition": {"prompt": "moved"}})
        transcript = f"/v1/transcripts/{job['transcript']['id']}"
        assert world.ask("viewer", "GET", transcript).status_code == 404
        into = {"folder": world.folder}
        assert world.ask("owner", "PUT", f"{transcript}/folder", json=into).status_code == 204
        assert world.ask("viewer", "GET", transcript).status_code == 200
        assert world.ask("viewer", "GET", f"/v1/jobs/{job['id']}").status_code == 200
        theirs = world.ask("stranger", "POST", "/v1/folders", json={"name": "x"}).json()["id"]
        into = {"folder": theirs}
        assert world.ask("owner", "PUT", f"{transcript}/folder", json=into).status_code == 404
        out = {"folder": None}
        assert world.ask("owner", "PUT", f"{transcript}/folder", json=out).status_code == 204
        assert world.ask("viewer", "GET", transcript).status_code == 404

    def test_what_is_nobodys_is_for_administrators(self, world, tmp_path):
        """Until they give it to somebody."""
        from trax.pipelines.transcribe import transcribe

        path = write_audio(tmp_path / "old.wav", tone(2.5))
        old = transcribe(world.workspace, path, TranscribeOptions(formats=())).transcript_id
        assert world.ask("owner", "GET", f"/v1/transcripts/{old}").status_code == 404
        assert world.ask("admin", "GET", f"/v1/transcripts/{old}").status_code == 200
        to = {"user": "viewer"}
        given = world.ask("admin", "PUT", f"/v1/transcripts/{old}/owner", json=to)
        assert given.status_code == 204
        assert world.ask("viewer", "GET", f"/v1/transcripts/{old}/access").json()["role"] == "owner"
        assert world.ask("owner", "GET", f"/v1/transcripts/{old}").status_code == 404

    def test_a_job_goes_only_where_its_owner_may_put_it(self, world):
        """A folder that they see no more than anybody is none."""
        sent = world.ask("viewer", "PUT", "/v1/uploads/x.wav", content=world.data).json()
        body = {"upload": sent["id"], "folder": world.folder}
        assert world.ask("viewer", "POST", "/v1/jobs", json=body).status_code == 403
        body["folder"] = "none"
        for who in ("viewer", "stranger", "admin"):
            sent = world.ask(who, "PUT", "/v1/uploads/x.wav", content=world.data).json()
            body["upload"] = sent["id"]
            assert world.ask(who, "POST", "/v1/jobs", json=body).status_code == 404


def test_a_token_acts_for_its_user_alone(world):
    """It may not do more than they, and nothing once they may nothing."""
    user = users.add(world.workspace.users, "late", PASSWORD, ["read"])
    made = tokens.create(world.workspace.tokens, "t", ["read", "jobs"], account=user.id)
    world.secrets["late"] = made.secret
    me = world.ask("late", "GET", "/v1/me").json()
    assert (me["id"], me["scopes"], me["kind"]) == (user.id, ["read"], "token")
    users.change(world.workspace.users, "late", disabled=True)
    world.service.access.forget()
    assert world.ask("late", "GET", "/v1/me").status_code == 401


def test_a_user_makes_tokens_of_their_own(world):
    """With no more than they may; a token makes none, and nobody revokes another's."""
    body = {"name": "mine", "scopes": ["read"]}
    made = world.ask("owner", "POST", "/v1/me/tokens", json=body)
    assert made.status_code == 201
    world.secrets["mine"] = made.json()["secret"]
    assert world.ask("mine", "GET", f"/v1/jobs/{world.job['id']}").status_code == 200
    assert world.ask("mine", "POST", "/v1/me/tokens", json=body).status_code == 403
    more = body | {"scopes": ["admin"]}
    assert world.ask("owner", "POST", "/v1/me/tokens", json=more).status_code == 403
    one = f"/v1/me/tokens/{made.json()['id']}"
    assert world.ask("stranger", "DELETE", one).status_code == 404
    assert made.json()["id"] in world.ask("owner", "GET", "/v1/me/tokens").text
    assert world.ask("owner", "DELETE", one).status_code == 204
    assert world.ask("mine", "GET", "/v1/me").status_code == 401


class TestLinks:
    @pytest.fixture
    def links(self, world):
        return f"/v1/transcripts/{world.job['transcript']['id']}/links"

    def opened(self, world, made, **given) -> dict:
        """What a link that was made opens."""
        body = {"link": made.json()["secret"], **given}
        answer = world.ask("nobody", "POST", "/v1/shared", json=body)
        assert answer.status_code == 200, answer.text
        world.secrets["visitor"] = answer.json()["token"]
        return answer.json()

    def test_a_link_shows_a_transcript_and_nothing_else(self, world, links):
        """Every other route refuses who has opened it."""
        made = world.ask("owner", "POST", links, json={})
        assert made.status_code == 201
        self.opened(world, made)
        shown = world.ask("visitor", "GET", "/v1/shared/transcript").json()
        assert shown["id"] == world.job["transcript"]["id"]
        assert "hello" in world.ask("visitor", "GET", "/v1/shared/exports/txt").text.lower()
        assert world.ask("visitor", "GET", f"{links.removesuffix('links')}media").status_code == 200
        let_through = []
        for method, route in every_route(world.app):
            answer = world.ask("visitor", method, world.filled(method, route.path))
            is_open = rule_of(method, route).scope == OPEN
            if not is_open and answer.status_code != 403:
                let_through.append((method, route.path))
        assert {path for _method, path in let_through} == {
            "/v1/me",
            "/v1/shared",
            "/v1/shared/transcript",
            "/v1/shared/exports/{format}",
            "/v1/transcripts/{transcript_id}/audio",
            "/v1/transcripts/{transcript_id}/media",
            "/v1/transcripts/{transcript_id}/peaks",
        }
        mine = world.transcribed("stranger", options={"recognition": {"prompt": "not shared"}})
        other = f"/v1/transcripts/{mine['transcript']['id']}/audio"
        assert world.ask("visitor", "GET", other).status_code == 404

    def test_a_passage_is_all_that_its_link_shows(self, world, links):
        """Not a word, note or sound from outside it."""
        whole = world.ask("owner", "GET", links.removesuffix("/links")).json()
        words = [word for segment in whole["segments"] for word in segment["words"]]
        passage = {"start": 0.0, "end": words[0]["end"]}
        made = world.ask("owner", "POST", links, json={"passage": passage, "permission": "comment"})
        self.opened(world, made)
        shown = world.ask("visitor", "GET", "/v1/shared/transcript").json()
        kept = [word["text"] for segment in shown["segments"] for word in segment["words"]]
        assert kept == [words[0]["text"]]
        assert words[-1]["text"] not in world.ask("visitor", "GET", "/v1/shared/transcript").text
        sound = links.removesuffix("links") + "audio"
        assert world.ask("visitor", "GET", sound).status_code == 403

    def test_figures_of_the_whole_are_not_shown_with_a_passage(self, world):
        """Nor words that were said elsewhere in it, which tell what kind of speech it is."""
        document = world.workspace.repository.get(world.job["transcript"]["id"])
        (segment, *_) = document.segments
        word = segment.words[0]
        domain = Domain(name="medical", by="keywords", terms=("elsewhere",))
        whole = replace(
            document,
            segments=(replace(segment, end=9.0, words=(word, replace(word, start=8.0, end=9.0))),),
            speakers=(replace(document.speakers[0], speech=9.0),),
            speaker_confidence=0.5,
            provenance=replace(document.provenance, domain=domain),
        )
        link = Link(
            id="x",
            transcript_id=document.id,
            account="",
            permission="view",
            start=0.0,
            end=word.end,
            password="",
            created_at=datetime.now(UTC),
            expires_at=None,
        )
        shown = passage_of(whole, link)
        assert "elsewhere" not in FORMATS["json"].render(shown).decode()
        assert shown.speakers[0].speech == word.end - word.start
        assert shown.speaker_confidence is None

    def test_a_link_ends_with_whoever_made_it(self, world):
        """A user who is removed, a token that is revoked."""
        user = users.add(world.workspace.users, "brief", PASSWORD, sorted(USUAL))
        made = tokens.create(world.workspace.tokens, "t", sorted(USUAL))
        world.secrets["brief"] = sessions.open_session(world.workspace.users, user).secret
        world.secrets["token"] = made.secret
        opened = {}
        for who in ("brief", "token"):
            job = world.transcribed(who)
            path = f"/v1/transcripts/{job['transcript']['id']}/links"
            link = world.ask(who, "POST", path, json={}).json()["secret"]
            opened[who] = self.opened(world, world.ask(who, "POST", path, json={}))["token"], link
        world.workspace.users.remove(user.id)
        world.workspace.tokens.revoke(made.token.id)
        world.service.access.forget()
        for visit, link in opened.values():
            world.secrets["visitor"] = visit
            assert world.ask("visitor", "GET", "/v1/shared").status_code == 401
            body = {"link": link}
            assert world.ask("nobody", "POST", "/v1/shared", json=body).status_code == 404

    def test_who_may_edit_by_a_link_may(self, world, links):
        """And is refused for the request, no longer for who asks; a viewer is for that."""
        for permission, status in (("view", 403), ("edit", 428)):
            made = world.ask("owner", "POST", links, json={"permission": permission})
            self.opened(world, made)
            change = {"operations": [{"op": "rename", "speaker": "SPEAKER_00", "name": "Bo"}]}
            path = links.removesuffix("links") + "revisions"
            answer = world.ask("visitor", "POST", path, json=change)
            assert answer.status_code in (status, 422 if permission == "edit" else status)
        passage = {"permission": "edit", "passage": {"start": 0, "end": 1}}
        assert world.ask("owner", "POST", links, json=passage).status_code == 422

    def test_a_password_is_asked_for(self, world, links):
        """As often as it is wrong, and not more than ten times a minute."""
        made = world.ask("owner", "POST", links, json={"password": PASSWORD})
        assert made.json()["has_password"]
        body = {"link": made.json()["secret"]}
        assert "asks for a password" in world.ask("nobody", "POST", "/v1/shared", json=body).text
        self.opened(world, made, password=PASSWORD)
        body["password"] = "wrong"
        statuses = [
            world.ask("nobody", "POST", "/v1/shared", json=body).status_code for _ in range(11)
        ]
        assert (statuses[0], statuses[-1]) == (401, 429)

    def test_a_link_ends(self, world, links):
        """Revoked by its owner or expired; those who have opened it see no more."""
        made = world.ask("owner", "POST", links, json={})
        self.opened(world, made)
        assert world.ask("owner", "DELETE", f"{links}/{made.json()['id']}").status_code == 204
        assert world.ask("visitor", "GET", "/v1/shared").status_code == 401
        body = {"link": made.json()["secret"]}
        assert world.ask("nobody", "POST", "/v1/shared", json=body).status_code == 404
        short = world.ask("owner", "POST", links, json={"days": 1e-9})
        body = {"link": short.json()["secret"]}
        assert world.ask("nobody", "POST", "/v1/shared", json=body).status_code == 404
        listed = world.ask("owner", "GET", links)
        assert made.json()["secret"] not in listed.text
        assert len(listed.json()["items"]) >= 2
