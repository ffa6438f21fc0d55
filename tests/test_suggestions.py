"""Turns that sound like somebody to whom people gave others."""

from dataclasses import replace

import numpy as np
import pytest

from trax.diarization.evidence import FRAME, Piece
from trax.diarization.resemblance import Stretch, resemblances
from trax.diarization.voice_samples import encoded, unit_voices, voice_samples
from trax.stages.voices import Voices, voices_key
from trax.testing import transcript
from trax.testing.web_server import serving
from trax.transcript import Span, VoiceSample
from trax.transcript.codec import to_json

ANNA, BEN, CARL = "SPEAKER_00", "SPEAKER_01", "SPEAKER_02"
SAID = [
    (ANNA, "Good morning, and thank you."),
    (ANNA, "I have until ten."),
    (ANNA, "Then let us start with the budget."),
    (ANNA, "It has grown."),
    (ANNA, "Has it really?"),
    (ANNA, "By five percent since March."),
    (BEN, "And who is to pay?"),
]
VOICES = [ANNA, BEN, ANNA, BEN, BEN, ANNA, BEN]
"""Who really says each: the diarization has taken most of Ben's for Anna's."""


def voice(label: str, number: int) -> np.ndarray:
    """What somebody sounds like in their turn of that number: never quite the same."""
    person = np.random.default_rng(int(label[-1])).standard_normal(64)
    return person + 0.3 * np.random.default_rng(100 + number).standard_normal(64)


def samples(labels=VOICES) -> tuple[VoiceSample, ...]:
    """One for each turn of five seconds."""
    return tuple(
        VoiceSample(spans=(Span(5.0 * at, 5.0 * at + 4.0),), voice=encoded(voice(label, at)))
        for at, label in enumerate(labels)
    )


def stretches(given: dict[int, str]) -> list[Stretch]:
    """The turns as they stand, some given to others by people."""
    return [
        Stretch(Span(5.0 * at, 5.0 * at + 5.0), given.get(at, label), at in given)
        for at, (label, _text) in enumerate(SAID)
    ]


class TestResemblances:
    def test_what_sounds_like_somebody_pointed_out_is_found(self):
        """And nothing else."""
        found = resemblances(stretches({1: BEN, 3: BEN}), samples())
        assert [(each.at, each.speaker) for each in found] == [(4, BEN)]

    def test_without_a_decision_nothing_is_found(self):
        """Machines do not correct each other."""
        assert resemblances(stretches({}), samples()) == []

    def test_what_people_decided_is_never_found(self):
        """Whatever it sounds like."""
        assert resemblances(stretches({1: BEN, 3: BEN, 4: ANNA}), samples()) == []

    def test_a_stranger_is_nobodys(self):
        """A third voice is like neither."""
        voices = [*VOICES[:4], CARL, *VOICES[5:]]
        assert resemblances(stretches({1: BEN, 3: BEN}), samples(voices)) == []

    def test_what_is_hardly_heard_is_not_found(self):
        """A word or two says nothing of a voice."""
        short = list(samples())
        short[4] = replace(short[4], spans=(Span(20.0, 20.4),))
        assert resemblances(stretches({1: BEN, 3: BEN}), short) == []


class TestSamples:
    def test_a_voice_hardly_changes_when_it_is_kept(self):
        """As bytes."""
        kept = VoiceSample(spans=(), voice=encoded(voice(ANNA, 1)))
        unit = voice(ANNA, 1) / np.linalg.norm(voice(ANNA, 1))
        assert float(unit_voices([kept])[0] @ unit) > 0.999

    def test_pauses_are_not_part_of_a_sample(self):
        """Somebody else may speak in them."""
        frames = np.array([*range(60), *range(120, 180)])
        (sample,) = voice_samples([Piece(frames, voice(ANNA, 1))])
        times = [(round(span.start / FRAME), round(span.end / FRAME)) for span in sample.spans]
        assert times == [(0, 60), (120, 180)]

    def test_samples_come_by_time(self):
        """Whatever the order in which windows were done."""
        pieces = [Piece(np.arange(at, at + 50), voice(ANNA, at)) for at in (100, 0, 100)]
        assert [each.spans[0].start for each in voice_samples(pieces)] == [0.0, 1.688, 1.688]


class TestService:
    @pytest.fixture
    def client(self, workspace, home):
        with serving(workspace) as opened:
            opened.headers["If-Match"] = "*"
            yield opened

    @pytest.fixture
    def made(self, workspace):
        document = transcript(SAID)
        workspace.repository.save(document)
        kept = to_json(Voices(voices={}, samples=samples()))
        workspace.objects.put_bytes(voices_key(document.id), kept)
        return document

    def give(self, client, document, numbers, label=BEN):
        """Give segments to somebody, as a page does."""
        words = [word.id for at in numbers for word in document.segments[at].words]
        labels = [{"word": word, "speaker": label} for word in words]
        body = {"operations": [{"kind": "relabel", "labels": labels}]}
        return client.post(f"/v1/transcripts/{document.id}/revisions", json=body)

    def test_turns_are_suggested_once_some_were_given_and_accepted_as_one_change(
        self, client, made, workspace
    ):
        """Which is taken back like any other."""
        url = f"/v1/transcripts/{made.id}/speakers/suggestions"
        assert client.get(url).json()["items"] == []
        assert client.post(f"{url}/accept", json={}).status_code == 422
        assert self.give(client, made, (1, 3)).status_code == 201
        (one,) = client.get(url).json()["items"]
        assert (one["text"], one["current"], one["speaker"]) == ("Has it really?", ANNA, BEN)
        assert client.post(f"{url}/accept", json={"ids": ["nobody"]}).status_code == 404
        done = client.post(f"{url}/accept", json={"ids": [one["id"]]}).json()
        assert [each["kind"] for each in done["operations"]] == ["relabel"]
        assert workspace.repository.get(made.id).segments[4].speaker == BEN
        assert client.get(url).json()["items"] == []

    def test_however_many_are_accepted_they_are_one_operation(self, client, made, workspace):
        """Each would take as long as the transcript is."""
        url = f"/v1/transcripts/{made.id}/speakers/suggestions"
        assert self.give(client, made, (1,)).status_code == 201
        assert len(client.get(url).json()["items"]) == 2
        done = client.post(f"{url}/accept", json={}).json()
        assert [each["kind"] for each in done["operations"]] == ["relabel"]
        speakers = [segment.speaker for segment in workspace.repository.get(made.id).segments]
        assert speakers == VOICES

    def test_a_transcript_of_before_says_what_to_do(self, client, workspace):
        """Its turns' voices were not kept."""
        document = transcript(SAID)
        workspace.repository.save(document)
        told = client.get(f"/v1/transcripts/{document.id}/speakers/suggestions")
        assert told.status_code == 404
        assert "transcribe the recording again" in told.json()["detail"]
