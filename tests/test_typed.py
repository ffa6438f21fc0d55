"""Typed words get times from the sound around them, and from their letters where there is none."""

from dataclasses import replace

import numpy as np
import pytest

from trax.asr.typed import typed_spans
from trax.audio import Waveform
from trax.errors import EngineError
from trax.pipelines.transcribe import transcribe
from trax.revision import Insert, Write, apply
from trax.service.recordings import upload
from trax.service.typed import typed_times
from trax.stages.options import TranscribeOptions
from trax.testing import tone, transcript, write_audio
from trax.testing.web_server import serving
from trax.transcript import Segment, Span, Transcript, Word

QUIET = Waveform(np.zeros(80_000, dtype=np.float32), 16_000)


class Says:
    """An aligner that finds texts where it is told, late by *late* seconds."""

    def __init__(self, starts: list[float], late: float = 0.0) -> None:
        self.starts = starts
        self.late = late
        self.asked: list[str] = []

    def align(self, _window, texts, _language):
        self.asked = list(texts)
        return [Span(start + self.late, start + self.late + 0.3) for start in self.starts]


BEFORE = [Word(0.2, 0.9, "we")]
AFTER = [Word(4.0, 4.4, "home")]
ROOM = Span(0.9, 4.0)


def starts(aligner: Says) -> list[float]:
    found = typed_spans(aligner, QUIET, (BEFORE, AFTER), ["went", "then"], ROOM, "en")
    assert all(ROOM.start <= span.start <= span.end <= ROOM.end for span in found)
    return [span.start for span in found]


def test_words_are_put_where_the_sound_has_them():
    """With the words on both sides, a space before each."""
    aligner = Says([0.2, 2.0, 3.0, 4.0])
    assert starts(aligner) == [2.0, 3.0]
    assert aligner.asked == [" we", " went", " then", " home"]


def test_what_the_neighbours_are_late_the_new_words_are_too():
    """Their known times say by how much."""
    assert starts(Says([0.2, 2.0, 3.0, 4.0], late=0.15)) == pytest.approx([2.0, 3.0])


def test_a_word_that_follows_closely_begins_where_the_one_before_ends():
    """Nobody pauses for a fifth of a second."""
    assert starts(Says([0.2, 1.1, 3.0, 4.0])) == [0.9, 3.0]


def test_times_stay_in_order_and_between_the_neighbours():
    """However the aligner errs."""
    assert starts(Says([0.2, 3.5, 2.0, 4.0])) == [3.5, 3.5]
    assert starts(Says([0.2, 0.1, 9.0, 4.0])) == [0.9, 4.0]


def at_odd_times(document: Transcript, pace: float) -> Transcript:
    """The same words, faster, in one segment."""
    words = [replace(word, start=word.start * pace, end=word.end * pace) for word in document.words]
    whole = Segment(words[0].start, words[-1].end, tuple(words), document.segments[0].speaker)
    return replace(document, segments=(whole,))


class TestService:
    @pytest.fixture
    def client(self, workspace, home):
        with serving(workspace) as opened:
            yield opened

    def made(self, client, workspace, folder) -> tuple[str, list[dict]]:
        """A transcript of a recording that is kept: its address, and its words."""
        file = write_audio(folder / "call.wav", tone(6.0))
        source = upload(workspace, file, file.name)
        name = transcribe(workspace, source, TranscribeOptions()).transcript_id
        url = f"/v1/transcripts/{name}"
        return url, client.get(f"{url}/words").json()["items"]

    def test_times_come_from_the_sound_and_are_taken_by_an_insert(
        self, client, workspace, tmp_path
    ):
        """They change nothing by themselves."""
        url, words = self.made(client, workspace, tmp_path)
        asked = {"text": "or so", "after": words[0]["id"]}
        found = client.post(f"{url}/times", json=asked).json()
        assert (found["version"], found["heard"]) == (1, True)
        assert [each["text"] for each in found["items"]] == ["or", "so"]
        new = [{**each, "id": f"new{at}"} for at, each in enumerate(found["items"])]
        body = {"operations": [{"kind": "insert", "words": new, "after": words[0]["id"]}]}
        saved = client.post(f"{url}/revisions", json=body, headers={"If-Match": "*"})
        assert saved.status_code == 201, saved.text
        after = client.get(f"{url}/words").json()["items"]
        assert [each["text"] for each in after[1:3]] == ["or", "so"]

    def test_where_sound_or_model_are_missing_letters_decide(
        self, client, workspace, tmp_path, monkeypatch
    ):
        """As for text that is written without asking; it is said so."""

        def fails(*_arguments):
            raise EngineError("recognition failed")

        url, words = self.made(client, workspace, tmp_path)
        monkeypatch.setattr(workspace.engines, "align", fails, raising=False)
        asked = {"text": "or so", "before": words[0]["id"]}
        assert client.post(f"{url}/times", json=asked).json()["heard"] is False
        workspace.repository.save(transcript())
        gone = f"/v1/transcripts/{transcript().id}/times"
        asked = {"text": "well", "after": transcript().words[0].id}
        assert client.post(gone, json=asked).json()["heard"] is False

    def test_words_fit_between_their_neighbours_however_odd_their_times(
        self, client, workspace, tmp_path, monkeypatch
    ):
        """An insert takes what was found, to the last digit."""
        aligner = Says([])
        monkeypatch.setattr(workspace.engines, "aligner", lambda _language: aligner, raising=False)
        self.made(client, workspace, tmp_path)
        (recording,) = workspace.recordings.newest()
        name = workspace.repository.summaries(1)[0].id
        known = workspace.repository.get(name)
        for share in range(1, 60):
            document = at_odd_times(known, 1 - share / 217)
            first, *others = document.words[:6]
            begins = max(0.0, first.start - 0.2)
            late = [9.0, 9.0]  # as late as the next word
            places = [first.start - begins, *late, *(word.start - begins for word in others)]
            aligner.starts = places
            write = Write(text="or so", after=first.id)
            found = typed_times(workspace, recording, document, write)
            assert found.heard
            new = [
                Word(span.start, span.end, "or", id=f"new{at}")
                for at, span in enumerate(found.spans)
            ]
            apply(document, Insert(words=tuple(new), after=first.id))

    def test_a_damaged_recording_is_as_none(self, client, workspace, tmp_path):
        """Letters decide."""
        url, words = self.made(client, workspace, tmp_path)
        for found in list(workspace.objects.list("recordings/")):
            workspace.objects.put_bytes(found.key, b"nothing")
        asked = {"text": "or so", "after": words[0]["id"]}
        answer = client.post(f"{url}/times", json=asked)
        assert (answer.status_code, answer.json()["heard"]) == (200, False)

    @pytest.mark.parametrize(
        ("asked", "status"),
        [
            ({"text": "so"}, 422),
            ({"text": " ", "after": "first"}, 422),
            ({"text": "so", "after": "nobody"}, 404),
            ({"text": "so " * 61, "after": "first"}, 422),
        ],
    )
    def test_nonsense_is_refused(self, client, workspace, asked, status):
        """In a sentence."""
        workspace.repository.save(transcript())
        first = transcript().words[0].id
        body = {key: first if value == "first" else value for key, value in asked.items()}
        answer = client.post(f"/v1/transcripts/{transcript().id}/times", json=body)
        assert answer.status_code == status
        assert answer.json()["detail"]
