"""What is somebody's is nobody else's, until it is shared."""

from people import PASSWORD

from trax.pipelines.transcribe import transcribe
from trax.service import tokens, users
from trax.stages.options import TranscribeOptions
from trax.store import Grant, Sight
from trax.testing import tone, write_audio


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
            answer["about"]["name"] = answer["about"]["name"].replace(name, "ID")
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

    def test_whose_a_folder_is_may_change_what_others_put_there(self, world):
        """And not give it away."""
        shared = world.workspace.folders.add(world.account, "received")
        world.workspace.folders.share(shared, [Grant("user", "editor", "editor")])
        asked = {"recognition": {"prompt": "received"}}
        job = world.transcribed("editor", folder=shared, options=asked)
        transcript = f"/v1/transcripts/{job['transcript']['id']}"
        access = world.ask("owner", "GET", f"{transcript}/access").json()
        assert access == {"role": "editor"}
        assert world.ask("owner", "POST", f"{transcript}/links", json={}).status_code == 403
        assert world.ask("viewer", "GET", transcript).status_code == 404

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

    def test_whoever_gave_a_transcript_away_has_another_one_made(self, world):
        """By sending the same again; what was given stays the new owner's."""
        key = {"Idempotency-Key": "once"}
        before = world.transcribed("viewer", "given.wav", key=key)
        given = before["transcript"]["id"]
        body = {"user": "stranger"}
        world.ask("admin", "PUT", f"/v1/transcripts/{given}/owner", json=body)
        after = world.transcribed("viewer", "given.wav", key=key)
        assert after["status"] == "completed"
        mine = after["transcript"]["id"]
        assert (after["id"] != before["id"], mine != given) == (True, True)
        assert world.ask("viewer", "GET", f"/v1/transcripts/{mine}").status_code == 200
        assert world.ask("viewer", "GET", f"/v1/transcripts/{given}").status_code == 404
        assert world.ask("stranger", "GET", f"/v1/transcripts/{given}").status_code == 200
        assert world.ask("stranger", "GET", f"/v1/transcripts/{mine}").status_code == 404
        assert world.transcribed("viewer", "given.wav")["id"] == after["id"]

    def test_what_is_nobodys_is_for_administrators(self, world, tmp_path):
        """Until they give it to somebody."""
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
