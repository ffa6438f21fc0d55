"""Parts of transcripts, voices, recordings and what a service can do, over HTTP."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from trax.errors import DamagedObject
from trax.pipelines.transcribe import transcribe
from trax.service.places import Place
from trax.service.recordings import upload
from trax.service.review import outlook
from trax.stages.options import TranscribeOptions
from trax.testing import tone, transcript, write_audio
from trax.testing.waiting import wait_until
from trax.testing.web_server import serving
from trax.transcript import (
    Alternative,
    Edit,
    EditKind,
    Enhancement,
    Notes,
    ProposedName,
    Reason,
    Removed,
    Segment,
    Word,
)

QUEUE = Path(__file__).parent / "data" / "review.json"
URL = f"/v1/transcripts/{transcript().id}"


OTHERS = (Alternative("other", "base", 0.4),)


@pytest.fixture
def client(workspace, home):
    with serving(workspace) as opened:
        opened.headers["If-Match"] = "*"
        yield opened


@pytest.fixture
def document(workspace):
    """With doubtful words, text taken out, a model's edits and names."""
    made = transcript()
    first = made.segments[0]
    words = [
        replace(word, confidence=0.3, alternatives=OTHERS) if at in (1, 2) else word
        for at, word in enumerate(first.words)
    ]
    edits = (
        Edit(
            words[3].start,
            words[3].end,
            EditKind.WORDING,
            "correct",
            "tank",
            words[3].text,
            words=(words[3].id,),
        ),
        Edit(
            words[4].start,
            words[4].end,
            EditKind.WORDING,
            "correct",
            words[4].text,
            "yew",
            rejected="not heard",
        ),
    )
    made = replace(
        made,
        segments=(replace(first, words=tuple(words)), *made.segments[1:]),
        removed=(Removed(reason=Reason.REPEAT, words=(Word(4.9, 5.0, "again", id="gone"),)),),
        enhancement=Enhancement(model="m", edits=edits),
        notes=Notes(model="m", names=(ProposedName("SPEAKER_01", "Ben", 5.0, "I am Ben"),)),
    )
    workspace.repository.save(made)
    return made


def listed(client, path: str, **params) -> list:
    """Everything of a list, page by page."""
    found, cursor = [], ""
    while cursor is not None:
        answer = client.get(URL + path, params={"limit": 2, "cursor": cursor, **params})
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        cursor = answer.json()["next_cursor"]
    return found


class TestParts:
    def test_segments_and_words_come_in_pages(self, client, document):
        """Each once, in order."""
        words = [word.id for word in document.words]
        assert [each["id"] for each in listed(client, "/words")] == words
        found = [word["id"] for each in listed(client, "/segments") for word in each["words"]]
        assert found == words

    def test_pages_stay_with_their_version(self, client, document):
        """Though somebody edits meanwhile."""
        page = client.get(f"{URL}/words", params={"limit": 2}).json()
        body = {"operations": [{"kind": "delete", "words": [document.words[0].id]}]}
        assert client.post(f"{URL}/revisions", json=body).status_code == 201
        following = client.get(f"{URL}/words", params={"limit": 1, "cursor": page["next_cursor"]})
        assert following.json()["items"][0]["id"] == document.words[2].id
        assert following.json()["version"] == 1

    def test_doubtful_words_are_picked(self, client, document):
        """Below a confidence, of a speaker."""
        found = listed(client, "/words", below=0.5)
        assert [each["id"] for each in found] == [word.id for word in document.words[1:3]]
        assert listed(client, "/words", below=0.5, speaker="SPEAKER_01") == []

    @pytest.mark.parametrize("cursor", ["x", "bm90", "bjEuMi4z", "bi0xLjA", "éé"])
    def test_a_cursor_of_others_is_refused(self, client, document, cursor):
        """With a sentence."""
        assert client.get(f"{URL}/words", params={"cursor": cursor}).status_code in (404, 422)


class TestSpeakers:
    def test_speakers_are_renamed_and_merged(self, client, document):
        """As changes of the transcript."""
        named = client.patch(f"{URL}/speakers/SPEAKER_00", json={"name": "Anna"})
        assert (named.status_code, named.json()["version"]) == (201, 2)
        merged = client.post(f"{URL}/speakers/SPEAKER_01/merge", json={"into": "SPEAKER_00"})
        assert merged.status_code == 201
        told = client.get(f"{URL}/speakers").json()["items"]
        assert [(each["shown"], each["words"]) for each in told] == [
            ("Anna", len(document.words)),
            ("Speaker 2", 0),
        ]
        itself = client.post(f"{URL}/speakers/SPEAKER_00/merge", json={"into": "SPEAKER_00"})
        assert itself.status_code == 422

    def test_proposed_names_are_accepted(self, client, document):
        """All at once."""
        assert client.get(f"{URL}/notes").json()["notes"]["names"][0]["name"] == "Ben"
        assert client.post(f"{URL}/notes/names").status_code == 201
        assert client.get(f"{URL}/speakers").json()["items"][1]["name"] == "Ben"


class TestTakenOutAndPutIn:
    def test_what_was_taken_out_comes_back(self, client, document):
        """By its number."""
        assert client.get(f"{URL}/removed").json()["items"][0]["number"] == 1
        assert client.post(f"{URL}/removed/restore", json={"numbers": [7]}).status_code == 404
        assert client.post(f"{URL}/removed/restore", json={"numbers": [1]}).status_code == 201
        assert client.get(f"{URL}/removed").json()["items"] == []

    def test_a_models_edits_are_undone(self, client, document):
        """Those that were made."""
        assert len(client.get(f"{URL}/edits").json()["items"]) == 2
        assert client.post(f"{URL}/edits/undo", json={"numbers": [1]}).status_code == 201
        words = client.get(f"{URL}/words").json()["items"]
        assert words[3]["text"] == "tank"

    def test_other_readings_are_listed(self, client, document):
        """What other passes heard, what stood there before, what a model asked for in vain."""
        told = client.get(f"{URL}/alternatives").json()["items"]
        assert [(each["text"], each["source"], each["reason"]) for each in told] == [
            ("other", "base", "another was surer"),
            ("other", "base", "another was surer"),
            ("tank", "recognition", ""),
            ("yew", "language model", "not heard"),
        ]


def spoken(known: dict) -> Segment:
    """A segment of the file that both queues are made from."""
    words = []
    for each in known["words"]:
        others = tuple(Alternative(**other) for other in each.get("alternatives", ()))
        words.append(Word(**{**each, "speaker": known["speaker"], "alternatives": others}))
    return Segment(words[0].start, words[-1].end, tuple(words), known["speaker"])


def place_listed(place: Place) -> dict:
    """A place as that file has it."""
    return {
        "kind": place.kind,
        "level": place.level,
        "words": list(place.words),
        "readings": list(place.readings),
    }


class TestReview:
    def test_doubtful_words_are_heard_together_with_their_context(self, client, document):
        """And it is said what that brings."""
        told = client.get(f"{URL}/review").json()
        place = told["items"][0]
        assert place["words"] == [word.id for word in document.words[1:3]]
        assert place["context"][0] == document.words[0].text
        assert place["expected_errors"] == pytest.approx(1.4)
        assert told["rate_now"] > told["rate_after"] >= 0
        assert told["curve"][0][1] == told["rate_now"]
        assert told["curve"][-1] == [1.0, told["rate_after"]]

    def test_the_most_errors_a_second_come_first(self, document):
        """So that whoever stops early has done most."""
        worse = document.segments[2]
        words = tuple(replace(word, confidence=0.01) for word in worse.words)
        found = outlook(
            replace(document, segments=(*document.segments[:2], replace(worse, words=words)))
        )
        first = [place.words[0] for place in found.places[:2]]
        assert first == [words[0].id, document.words[1].id]
        rates = [rate for _share, rate in found.curve]
        assert rates == sorted(rates, reverse=True)

    def test_places_and_readings_are_those_of_the_page(self):
        """The page makes its queue from the same file, in its own tests."""
        known = json.loads(QUEUE.read_text())
        segments = tuple(spoken(each) for each in known["segments"])
        found = outlook(replace(transcript(), segments=segments, enhancement=None)).places
        assert [place_listed(place) for place in found] == known["places"]

    def test_nothing_to_hear_is_no_error(self, client, workspace):
        """Nor is a transcript without words."""
        workspace.repository.save(replace(transcript(), segments=()))
        told = client.get(f"{URL}/review").json()
        assert (told["places"], told["rate_now"], told["items"]) == (0, None, [])


class TestRecordings:
    @pytest.fixture
    def made(self, workspace, tmp_path):
        """The id of a transcript of an upload."""
        file = write_audio(tmp_path / "call.wav", tone(2.0))
        source = upload(workspace, file, file.name)
        return transcribe(workspace, source, TranscribeOptions()).transcript_id

    def test_recordings_are_listed_and_shown(self, client, made):
        """With their jobs."""
        (one,) = client.get("/v1/recordings").json()["items"]
        told = client.get(f"/v1/recordings/{one['sha256']}").json()
        assert told["jobs"][0]["transcript"]["id"] == made
        assert told["media"]["plays"] == "original"

    def test_sound_is_removed_and_the_transcript_stays(self, client, workspace, made):
        """And it can be transcribed again after an upload, as if it had never been here."""
        digest = client.get("/v1/recordings").json()["items"][0]["sha256"]
        assert client.delete(f"/v1/recordings/{digest}").json()["removed"]
        assert not list(workspace.objects.list(f"recordings/{digest}/"))
        assert client.get(f"/v1/transcripts/{made}").status_code == 200
        assert client.get(f"/v1/transcripts/{made}/audio").status_code == 404

    def test_a_transcript_is_made_again_with_other_options(self, client, workspace, made):
        """A new job; what people decided is carried over to what comes of it."""
        word = workspace.repository.get(made).words[0]
        body = {"operations": [{"kind": "replace", "word": word.id, "text": "Hullo"}]}
        assert client.post(f"/v1/transcripts/{made}/revisions", json=body).status_code == 201
        again = {"options": {"recognition": {"prompt": "x"}}}
        job = client.post(f"/v1/transcripts/{made}/jobs", json=again).json()
        done = client.get(f"/v1/jobs/{job['id']}", params={"wait": 60}).json()
        other = done["transcript"]["id"]
        gone = {"operations": [{"kind": "delete", "words": [word.id]}]}
        assert client.post(f"/v1/transcripts/{made}/revisions", json=gone).status_code == 201
        assert client.post(f"/v1/transcripts/{made}/versions/2/restore").status_code == 201
        assert other != made
        carried = client.post(f"/v1/transcripts/{other}/revisions/from/{made}").json()
        assert (carried["revision"]["kind"], carried["misfits"]) == ("carried", [])
        assert workspace.repository.get(other).words[0].text == "Hullo"
        wrong = {"options": {"recognition": {"plan": "nobody"}}}
        assert client.post(f"/v1/transcripts/{made}/jobs", json=wrong).status_code == 422

    def test_speakers_are_told_apart_again_with_decisions_kept(self, client, workspace, made):
        """In one call: what people decided stands in what comes of it, as a change of theirs."""
        word = workspace.repository.get(made).words[0]
        body = {"operations": [{"kind": "replace", "word": word.id, "text": "Hullo"}]}
        assert client.post(f"/v1/transcripts/{made}/revisions", json=body).status_code == 201
        url = f"/v1/transcripts/{made}/speakers/again"
        assert client.post(url, json={"speakers": 0}).status_code == 422
        job = client.post(url, json={"speakers": 3}).json()
        done = client.get(f"/v1/jobs/{job['id']}", params={"wait": 60}).json()
        other = done["transcript"]["id"]
        assert other != made
        wait_until(lambda: len(workspace.repository.versions(other)) == 2)
        document = workspace.repository.get(other)
        assert (document.words[0].text, len(document.speakers)) == ("Hullo", 3)
        (change,) = client.get(f"/v1/transcripts/{other}/revisions").json()["items"]
        assert change["kind"] == "carried"

    def test_decisions_are_carried_over_once(self, client, workspace, made):
        """Asking again changes nothing; nor is what was changed since."""
        word = workspace.repository.get(made).words[0]
        body = {"operations": [{"kind": "replace", "word": word.id, "text": "Hullo"}]}
        assert client.post(f"/v1/transcripts/{made}/revisions", json=body).status_code == 201
        again = {"options": {"recognition": {"prompt": "x"}}, "carry": True}
        for _ in range(2):
            job = client.post(f"/v1/transcripts/{made}/jobs", json=again).json()
            client.get(f"/v1/jobs/{job['id']}", params={"wait": 60})
            wait_until(lambda: not workspace.carries.due())
        other = workspace.jobs.get(job["id"]).transcript_id
        assert [each.version for each in workspace.repository.versions(other)] == [2, 1]

    def test_decisions_that_cannot_be_read_hold_up_no_others(
        self, client, workspace, made, monkeypatch
    ):
        """They are tried once."""

        def damaged(_workspace, _edits, transcript, _source):
            raise DamagedObject(transcript, "not JSON")

        monkeypatch.setattr("trax.service.again.carry_over", damaged)
        again = {"options": {"recognition": {"prompt": "y"}}, "carry": True}
        job = client.post(f"/v1/transcripts/{made}/jobs", json=again).json()
        client.get(f"/v1/jobs/{job['id']}", params={"wait": 60})
        wait_until(lambda: not workspace.carries.due())


class TestVoices:
    def test_a_voice_is_learned_renamed_and_forgotten(self, client, workspace, tmp_path):
        """With consent alone."""
        file = write_audio(tmp_path / "call.wav", tone(30.0))
        made = transcribe(workspace, file, TranscribeOptions()).transcript_id
        body = {"name": "Ann", "consent": "mail", "transcript": made, "speaker": "1"}
        assert client.post("/v1/voices", json=body | {"consent": " "}).status_code == 422
        learned = client.post("/v1/voices", json=body)
        assert (learned.status_code, learned.json()["name"]) == (201, "Ann"), learned.text
        assert client.patch("/v1/voices/Ann", json={"name": "Anna Berg"}).is_success
        assert client.get("/v1/voices/Anna Berg").json()["embedding"]
        (listed_one,) = client.get("/v1/voices").json()["items"]
        assert (listed_one["name"], "embedding" in listed_one) == ("Anna Berg", False)
        assert client.delete("/v1/voices/Anna Berg").json()["transcripts"] == [made]
        assert client.get("/v1/voices/Anna Berg").status_code == 404


def test_what_the_service_can_do_is_told_without_secrets(client, monkeypatch):
    """Plans, models, limits."""
    told = client.get("/v1/settings").json()
    assert told["plans"] == ["fast", "balanced", "accurate"]
    assert not any("key" in name or "token" in name for name in told)
    assert client.get("/v1/plans").json()["items"][0]["passes"]
    assert client.get("/v1/catalogue").json()["items"]
