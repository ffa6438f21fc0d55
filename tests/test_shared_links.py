"""Links: whoever has one sees what it shows, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from people import PASSWORD, USUAL
from test_matrix import OPEN, every_route, rule_of

from trax.export import FORMATS
from trax.service import sessions, tokens, users
from trax.service.attempts import Attempts
from trax.service.links import passage_of
from trax.store import Link
from trax.transcript import (
    Domain,
    Edit,
    EditKind,
    Enhancement,
    ExpectedErrors,
    Notes,
    Reason,
    Removed,
    SpeakerCount,
    Transcript,
    Turn,
    Vocabulary,
)

BOTH = ("/v1/shared/{link_id}", "/v1/transcripts/{transcript_id}")
TOGETHER = (
    "/comments",
    "/comments/{comment_id}",
    "/comments/{comment_id}/replies",
    "/suggestions",
    "/suggestions/{comment_id}",
)
"""What a link opens that allows it: who has opened another is refused there."""


class TestLinks:
    @pytest.fixture(autouse=True)
    def _attempts(self, world):
        world.app.state.attempts = Attempts()

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
        shared = f"/v1/shared/{made.json()['id']}"
        shown = world.ask("visitor", "GET", f"{shared}/transcript").json()
        assert shown["id"] == world.job["transcript"]["id"]
        assert "hello" in world.ask("visitor", "GET", f"{shared}/exports/txt").text.lower()
        assert world.ask("visitor", "GET", f"{shared}/audio?wait=60").status_code == 200
        other = world.ask("owner", "POST", links, json={}).json()["id"]
        assert world.ask("visitor", "GET", f"/v1/shared/{other}/transcript").status_code == 404
        let_through = []
        for method, route in every_route(world.app):
            answer = world.ask("visitor", method, world.filled(method, route.path))
            is_open = rule_of(method, route).scope == OPEN
            if not is_open and answer.status_code != 403:
                let_through.append((method, route.path))
        assert {path for _method, path in let_through} == {
            "/v1/me",
            "/v1/shared",
            "/v1/shared/{link_id}/transcript",
            "/v1/shared/{link_id}/warnings",
            "/v1/shared/{link_id}/exports/{format}",
            "/v1/shared/{link_id}/audio",
            "/v1/shared/{link_id}/media",
            "/v1/shared/{link_id}/peaks",
            "/v1/transcripts/{transcript_id}/audio",
            "/v1/transcripts/{transcript_id}/media",
            "/v1/transcripts/{transcript_id}/peaks",
            *(f"{place}{made}" for place in BOTH for made in TOGETHER),
            "/v1/shared/{link_id}/coediting",
        }

    def test_a_browser_sends_what_it_opened_a_link_with_to_that_link_alone(self, world, links):
        """Players and downloads need no token there; no other address is given it."""
        made = world.ask("owner", "POST", links, json={}).json()
        answer = world.ask("nobody", "POST", "/v1/shared", json={"link": made["secret"]})
        cookie = answer.headers["set-cookie"]
        shared = f"/v1/shared/{made['id']}"
        assert f"Path={shared}/;" in cookie
        assert "HttpOnly" in cookie
        world.client.cookies.clear()
        sent = {"headers": {"Cookie": cookie.partition(";")[0]}}
        assert world.ask("nobody", "GET", f"{shared}/exports/txt", **sent).status_code == 200
        assert world.ask("nobody", "GET", "/v1/shared", **sent).status_code == 401
        assert world.ask("nobody", "GET", "/v1/me", **sent).status_code == 401

    def test_a_passage_is_all_that_its_link_shows(self, world, links):
        """Not a word, note or sound from outside it."""
        whole = world.ask("owner", "GET", links.removesuffix("/links")).json()
        words = [word for segment in whole["segments"] for word in segment["words"]]
        passage = {"start": 0.0, "end": words[0]["end"]}
        made = world.ask("owner", "POST", links, json={"passage": passage, "permission": "comment"})
        self.opened(world, made)
        shared = f"/v1/shared/{made.json()['id']}"
        shown = world.ask("visitor", "GET", f"{shared}/transcript").json()
        kept = [word["text"] for segment in shown["segments"] for word in segment["words"]]
        assert kept == [words[0]["text"]]
        assert words[-1]["text"] not in world.ask("visitor", "GET", f"{shared}/transcript").text
        for sound in (f"{shared}/audio", f"{shared}/peaks"):
            assert world.ask("visitor", "GET", sound).status_code == 403

    def test_nothing_of_the_rest_is_shown_with_a_passage(self, world):
        """No word, no figure, no turn, and nothing that a model wrote."""
        document = world.workspace.repository.get(world.job["transcript"]["id"])
        whole = with_more(document)
        end = document.segments[0].words[0].end
        shown = passage_of(whole, link_to(document.id, 0.0, end))
        told = FORMATS["json"].render(shown).decode()
        assert "elsewhere" not in told
        assert shown.words == document.segments[0].words[:1]
        assert shown.speakers[0].speech == end - shown.words[0].start
        assert (shown.turns, shown.exclusive_turns, shown.paragraphs) == ((), (), (0.0,))
        figures = (shown.speaker_count, shown.speaker_confidence, shown.expected_errors)
        assert figures == (None, None, None)

    def test_a_link_ends_with_whoever_made_it(self, world):
        """A user who is removed or disabled, a token that is revoked."""
        user = users.add(world.workspace.users, "brief", PASSWORD, sorted(USUAL))
        made = tokens.create(world.workspace.tokens, "t", sorted(USUAL))
        world.secrets["brief"] = sessions.open_session(world.workspace.users, user).secret
        world.secrets["token"] = made.secret
        idle = users.add(world.workspace.users, "idle", PASSWORD, sorted(USUAL))
        world.secrets["idle"] = sessions.open_session(world.workspace.users, idle).secret
        opened = {}
        for who in ("brief", "idle", "token"):
            job = world.transcribed(who)
            path = f"/v1/transcripts/{job['transcript']['id']}/links"
            link = world.ask(who, "POST", path, json={}).json()["secret"]
            opened[who] = self.opened(world, world.ask(who, "POST", path, json={}))["token"], link
        world.workspace.users.remove(user.id)
        users.change(world.workspace.users, "idle", disabled=True)
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

    def test_nobody_finds_a_link_by_trying(self, world):
        """Ten guesses a minute, and not one more."""
        body = {"link": "guessed"}
        statuses = [
            world.ask("nobody", "POST", "/v1/shared", json=body).status_code for _ in range(11)
        ]
        assert statuses == [404] * 10 + [429]

    def test_what_was_opened_does_not_stay_open(self, world, links, monkeypatch):
        """Though the link itself has no end; it can be opened again."""
        made = world.ask("owner", "POST", links, json={})
        monkeypatch.setattr("trax.service.links._LASTS", timedelta(seconds=-1))
        self.opened(world, made)
        assert world.ask("visitor", "GET", "/v1/shared").status_code == 401
        monkeypatch.undo()
        self.opened(world, made)
        assert world.ask("visitor", "GET", "/v1/shared").status_code == 200

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


def with_more(document: Transcript) -> Transcript:
    """A transcript with everything that one can have, all of it about what was said elsewhere."""
    (segment, *_) = document.segments
    word = segment.words[0]
    later = replace(word, start=8.0, end=9.0, text="elsewhere")
    edit = Edit(8.0, 9.0, EditKind.WORDING, "correct", "elsewhere", "there", words=(word.id,))
    domain = Domain(name="medical", by="keywords", terms=("elsewhere",))
    turn = Turn(8.0, 9.0, "SPEAKER_00")
    return replace(
        document,
        segments=(replace(segment, end=9.0, words=(*segment.words[:1], later)),),
        turns=(turn,),
        exclusive_turns=(turn,),
        speakers=(replace(document.speakers[0], speech=9.0),),
        paragraphs=(0.0, 8.0),
        removed=(Removed(reason=Reason.REPEAT, words=(later,)),),
        expected_errors=ExpectedErrors(rate=0.1, low=0.1, high=0.1),
        vocabulary=Vocabulary(heard={"elsewhere": 1}, unheard=()),
        speaker_count=SpeakerCount(found=2, fewer=1.0, more=1.0),
        speaker_confidence=0.5,
        enhancement=Enhancement(model="m", edits=(edit,)),
        notes=Notes(model="m", summary="elsewhere"),
        warnings=("elsewhere",),
        provenance=replace(document.provenance, options='{"x": "elsewhere"}', domain=domain),
    )


def link_to(transcript_id: str, start: float, end: float) -> Link:
    """A link to a passage."""
    return Link(
        id="x",
        transcript_id=transcript_id,
        account="",
        permission="view",
        start=start,
        end=end,
        password="",
        created_at=datetime.now(UTC),
        expires_at=None,
    )
