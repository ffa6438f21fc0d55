"""Transcripts changed over HTTP: all or nothing, on the version that was seen, for ever."""

import json
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_revision import operations

from trax.errors import InputError
from trax.export import FORMATS
from trax.revision import apply
from trax.store.revisions import SNAPSHOT
from trax.testing import transcript
from trax.testing.web_server import serving
from trax.transcript import Reason, Removed, Transcript, Word
from trax.transcript.codec import from_json, to_json


@pytest.fixture
def client(workspace, home):
    with serving(workspace) as opened:
        yield opened


@pytest.fixture
def document(workspace) -> Transcript:
    """Three turns of two people, and a text that was taken out."""
    made = replace(
        transcript(),
        removed=(Removed(reason=Reason.REPEAT, words=(Word(4.9, 5.0, "again", id="gone"),)),),
    )
    workspace.repository.save(made)
    return made


URL = f"/v1/transcripts/{transcript().id}"


def newest(client) -> Transcript:
    return from_json(Transcript, client.get(URL).content, "answer")


def post(client, *operations: dict, tag: str = "*", **body):
    made = {"operations": list(operations)} | body
    return client.post(f"{URL}/revisions", json=made, headers={"If-Match": tag})


def plain(operation) -> dict:
    return json.loads(to_json(operation))


class TestChanges:
    def test_a_change_makes_a_version(self, client, document):
        """With what takes it back, and an ETag for the next one."""
        word = document.words[3]
        tag = client.get(URL).headers["etag"]
        made = post(client, {"kind": "replace", "word": word.id, "text": "thanks"}, tag=tag)
        assert (made.status_code, made.json()["version"]) == (201, 2), made.text
        assert newest(client).words[3] == replace(word, text="thanks", confidence=1.0)
        undone = post(client, *made.json()["inverse"], tag=made.headers["etag"])
        assert (undone.status_code, newest(client)) == (201, document)

    def test_whoever_has_not_seen_the_newest_version_changes_nothing(self, client, document):
        """They learn what was changed meanwhile, and by whom."""
        change = {"kind": "rename", "speaker": "SPEAKER_00", "name": "Anna"}
        assert post(client, change, tag='"1"').status_code == 201
        refused = post(client, change | {"name": "Eve"}, tag='"1"')
        problem = refused.json()
        assert (refused.status_code, problem["newest_version"]) == (412, 2)
        assert problem["revisions"][0]["operations"] == [change]
        assert problem["revisions"][0]["author"]["name"]
        assert newest(client).display_name("SPEAKER_00") == "Anna"

    def test_a_version_must_be_named(self, client, document):
        """Nobody overwrites what they have not seen by mistake."""
        body = {"operations": [{"kind": "rename", "speaker": "SPEAKER_00", "name": "Anna"}]}
        assert client.post(f"{URL}/revisions", json=body).status_code == 428
        assert post(client, *body["operations"], tag='"x"').status_code == 412

    @pytest.mark.parametrize(
        "operation",
        [
            {"kind": "replace", "word": "nobody", "text": "x"},
            {"kind": "replace", "word": "WORD", "text": " "},
            {"kind": "replace", "word": "WORD", "text": "x\0y"},
            {"kind": "replace", "word": "WORD", "text": "x", "confidence": 7},
            {"kind": "relabel", "labels": []},
            {"kind": "nothing"},
            {"kind": "add_speaker", "speaker": {"label": "X", "speech": 0}, "at": 10**30},
            {
                "kind": "withdraw",
                "words": ["WORD"],
                "removed": {"reason": "repeat", "words": []},
                "at": 0,
            },
            {
                "kind": "restore",
                "word": "gone",
                "pieces": [{"segment": {"start": 0, "end": 1, "words": []}}],
            },
            {
                "kind": "insert",
                "words": [{"start": 9, "end": 10, "text": "x", "id": "n"}],
                "after": "WORD",
                "frame": {"segment": {"start": 9, "end": 10, "words": []}},
            },
            {
                "kind": "insert",
                "words": [{"start": 0.2, "end": 0.4, "text": "x", "id": "n"}],
                "after": "LAST",
                "frame": {"segment": {"start": 0.2, "end": 0.4, "words": []}},
            },
            {"kind": "write", "text": "  ", "after": "WORD"},
            {"kind": "insert", "words": [{"start": 3, "end": 1, "text": "x", "id": "n"}]},
        ],
    )
    def test_what_makes_no_sense_changes_nothing(self, client, document, operation):
        """Not even what comes before it in the same request."""
        word = document.words[0].id
        named = json.dumps(operation).replace("WORD", word)
        told = json.loads(named.replace("LAST", document.words[-1].id))
        answer = post(client, {"kind": "replace", "word": word, "text": "Hi"}, told)
        assert answer.status_code in (404, 422), answer.text
        assert answer.json()["detail"]
        assert newest(client) == document

    def test_written_text_gets_times_between_its_neighbours(self, client, document):
        """The answer has the words with their ids."""
        before, after = document.words[0], document.words[1]
        made = post(client, {"kind": "write", "text": "and very", "after": before.id})
        (insert,) = made.json()["operations"]
        words = newest(client).words
        assert [word.text for word in words[:4]] == [before.text, "and", "very", after.text]
        assert [word.id for word in words[1:3]] == [word["id"] for word in insert["words"]]
        assert before.end <= words[1].start <= words[2].start <= after.start
        assert (words[0], words[3]) == (before, after)

    def test_text_can_be_written_at_the_very_end(self, client, document):
        """Within the recording."""
        made = post(client, {"kind": "write", "text": "indeed", "after": document.words[-1].id})
        assert made.status_code == 201, made.text
        assert newest(client).words[-1].end <= document.recording.duration


class TestHistory:
    def test_everything_that_was_changed_is_listed(self, client, document):
        """The newest first, in pages, with how much was done."""
        for number in range(5):
            post(client, {"kind": "rename", "speaker": "SPEAKER_00", "name": f"A {number}"})
        found, cursor = [], ""
        while cursor is not None:
            page = client.get(f"{URL}/revisions", params={"limit": 2, "cursor": cursor}).json()
            found += page["items"]
            cursor = page["next_cursor"]
        assert [each["version"] for each in found] == [6, 5, 4, 3, 2]
        assert found[0]["counts"] == {"rename": 1}

    def test_every_version_can_be_had_again(self, client, document, workspace):
        """Though few of them keep their document."""
        seen = [newest(client)]
        for number in range(SNAPSHOT + 5):
            word = document.words[number % len(document.words)].id
            post(client, {"kind": "replace", "word": word, "text": f"w{number}"})
            seen.append(newest(client))
        kept = [each.version for each in workspace.repository.versions(document.id)]
        assert kept == [SNAPSHOT + 6, SNAPSHOT, 1]
        for version, former in enumerate(seen, start=1):
            answer = client.get(URL, params={"version": version})
            assert from_json(Transcript, answer.content, "answer") == former

    def test_one_change_is_taken_back_among_others(self, client, document):
        """Those after it stay."""
        first, second = document.words[0].id, document.words[1].id
        made = post(client, {"kind": "replace", "word": first, "text": "one"}).json()["version"]
        post(client, {"kind": "replace", "word": second, "text": "two"})
        undone = client.post(f"{URL}/revisions/{made}/undo", headers={"If-Match": '"3"'})
        assert (undone.status_code, undone.json()["kind"]) == (201, "undo")
        words = newest(client).words
        assert [word.text for word in words[:2]] == [document.words[0].text, "two"]

    def test_a_version_is_restored(self, client, document):
        """As a new one; that is undone by restoring the one before it."""
        post(client, {"kind": "delete", "words": [document.words[0].id]})
        changed = newest(client)
        back = client.post(f"{URL}/versions/1/restore", headers={"If-Match": '"2"'})
        assert (back.json()["version"], newest(client)) == (3, document)
        client.post(f"{URL}/versions/2/restore", headers={"If-Match": '"3"'})
        assert newest(client) == changed

    def test_restoring_again_and_again_is_no_more_work(self, client, document):
        """However often: the history does not grow by what was restored before."""
        post(client, {"kind": "delete", "words": [document.words[0].id]})
        for number in range(30):
            url = f"{URL}/versions/{number % 2 + 1}/restore"
            assert client.post(url, headers={"If-Match": "*"}).status_code == 201
        told = client.get(f"{URL}/revisions/32").json()
        assert (told["kind"], told["restored"], told["operations"]) == ("restore", 2, None)

    def test_a_version_has_a_name(self, client, document):
        """Given with the change, or later."""
        change = {"kind": "rename", "speaker": "SPEAKER_00", "name": "Anna"}
        assert post(client, change, name="first reading").json()["name"] == "first reading"
        named = client.patch(f"{URL}/revisions/2", json={"name": "as printed"})
        assert named.json()["name"] == "as printed"
        assert client.patch(f"{URL}/revisions/2", json={"name": " "}).status_code == 422
        assert client.patch(f"{URL}/revisions/1", json={"name": "x"}).status_code == 404

    def test_two_versions_are_compared(self, client, document):
        """What was replaced, put in, taken out, given to somebody else."""
        first, second, third = (word.id for word in document.words[:3])
        post(
            client,
            {"kind": "replace", "word": first, "text": "Hi"},
            {"kind": "delete", "words": [second]},
            {"kind": "write", "text": "so", "before": third},
            {"kind": "relabel", "labels": [{"word": third, "speaker": "SPEAKER_01"}]},
            {"kind": "rename", "speaker": "SPEAKER_01", "name": "Ben"},
        )
        told = client.get(f"{URL}/differences", params={"from": 1}).json()
        assert [(each["kind"], each["before"], each["after"]) for each in told["items"]] == [
            ("replaced", document.words[0].text, "Hi"),
            ("replaced", document.words[1].text, "so"),
            ("relabelled", document.words[2].text, document.words[2].text),
        ]
        assert told["names"] == {"SPEAKER_01": [None, "Ben"]}


class TestAnything:
    @settings(
        max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(st.data())
    @pytest.mark.slow
    def test_any_changes_keep_a_sound_document_and_can_be_taken_back(self, client, workspace, data):
        """Times in order, untouched words as they were, every export there, the inverse exact."""
        start = replace(transcript(), id=uuid4().hex[:12])
        workspace.repository.save(start)
        url = f"/v1/transcripts/{start.id}"
        current, version, back = start, 1, []
        for _ in range(data.draw(st.integers(1, 6))):
            chosen = data.draw(operations(current))
            answer = client.post(
                f"{url}/revisions",
                json={"operations": [plain(chosen)]},
                headers={"If-Match": f'"{version}"'},
            )
            expected = None
            with suppress(InputError):
                expected = apply(current, chosen)
            assert answer.status_code == 201 if expected else answer.status_code in (404, 422)
            if expected is None:
                continue
            told = client.get(url)
            assert from_json(Transcript, told.content, "answer") == expected
            named = json.dumps(plain(chosen))
            known = {word.id: word for word in expected.words}
            for word in current.words:
                if word.id not in named:
                    assert known[word.id] == word
            current, version = expected, answer.json()["version"]
            back = answer.json()["inverse"] + back
            for segment in current.segments:
                assert all(a.start <= b.start for a, b in pairwise(segment.words))
            if not current.words:
                break
        for name in FORMATS:
            assert client.get(f"{url}/exports/{name}").status_code == 200, name
        if back:
            client.post(f"{url}/revisions", json={"operations": back}, headers={"If-Match": "*"})
            told = client.get(url)
            assert from_json(Transcript, told.content, "answer") == start
