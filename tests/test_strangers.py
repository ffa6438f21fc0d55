"""Unknown voices of all transcripts, grouped by whose they seem to be."""

from dataclasses import replace

import pytest

from trax.diarization.profiles import VoiceProfile
from trax.service.strangers import strangers
from trax.service.voices import enroll_speaker
from trax.stages.voices import Voices, voices_key
from trax.store import Sight
from trax.store.sight import EVERYTHING
from trax.testing import transcript
from trax.testing.web_server import serving
from trax.transcript.codec import to_json

ANNA, BEN = "SPEAKER_00", "SPEAKER_01"
SAID = [(ANNA, "Good morning."), (BEN, "And who is to pay?")]


def put(workspace, name: str, seconds: float = 5.0, **voices: tuple[float, ...]) -> None:
    """Save a transcript whose speakers sound so."""
    document = transcript(SAID)
    workspace.repository.save(replace(document, id=name))
    kept = {
        label: VoiceProfile(voice_model="m", embedding=voice, seconds=seconds)
        for label, voice in voices.items()
    }
    workspace.objects.put_bytes(voices_key(name), to_json(Voices(voices=kept)))


def seen(found) -> list[list[tuple[str, str]]]:
    return [[(each.transcript, each.label) for each in one.appearances] for one in found]


@pytest.fixture
def shelf(workspace):
    """Ben speaks in both, under other labels; somebody else in the first."""
    put(workspace, "one", SPEAKER_00=(1.0, 0.0, 0.0), SPEAKER_01=(0.0, 1.0, 0.1))
    put(workspace, "two", 9.0, SPEAKER_00=(0.0, 1.0, 0.0))
    return workspace


def test_the_same_voice_in_two_transcripts_is_one_stranger(shelf):
    """Whoever says most comes first."""
    found = strangers(shelf, EVERYTHING)
    assert seen(found) == [[("two", ANNA), ("one", BEN)], [("one", ANNA)]]
    assert [each.seconds for each in found] == [14.0, 5.0]


def test_speakers_of_one_transcript_are_never_one(workspace):
    """Diarization has told them apart."""
    put(workspace, "one", SPEAKER_00=(1.0, 0.0), SPEAKER_01=(1.0, 0.0))
    assert len(strangers(workspace, EVERYTHING)) == 2


def test_whoever_was_named_is_no_stranger_and_others_are_said_to_be_like_them(shelf):
    """So that they get the same name."""
    enroll_speaker(shelf, "Ben", "mail", "two", ANNA)
    found = strangers(shelf, EVERYTHING)
    assert seen(found) == [[("one", ANNA)], [("one", BEN)]]
    assert [each.resembles for each in found] == ["", "Ben"]


def test_voices_that_say_too_little_or_cannot_be_read_are_left_out(workspace):
    """Nor is a transcript without voices an error."""
    put(workspace, "short", 1.0, SPEAKER_00=(1.0, 0.0))
    put(workspace, "damaged", SPEAKER_00=(1.0, 0.0))
    workspace.objects.put_bytes(voices_key("damaged"), b"{")
    workspace.repository.save(replace(transcript(SAID), id="voiceless"))
    assert strangers(workspace, EVERYTHING) == []


def test_only_what_is_seen_is_looked_through(shelf):
    """Somebody else's transcripts are theirs."""
    assert strangers(shelf, Sight("nobody")) == []


def test_they_are_listed_over_http(shelf, home):
    """For whoever may manage voices."""
    with serving(shelf) as client:
        told = client.get("/v1/unknown-voices").json()["items"]
    assert told[0]["appearances"][0]["transcript"] == "two"
    assert told[0]["seconds"] == 14.0


def test_whoever_may_not_name_a_speaker_is_not_asked_to(world):
    """Those who may only read a transcript learn no voice from it."""
    reference = world.job["transcript"]["id"]
    (label, *_others) = (each.label for each in world.workspace.repository.get(reference).speakers)
    voice = VoiceProfile(voice_model="m", embedding=(1.0, 0.0), seconds=5.0)
    kept = to_json(Voices(voices={label: voice}))
    world.workspace.objects.put_bytes(voices_key(reference), kept)
    for who, count in (("viewer", 0), ("stranger", 0), ("editor", 1), ("owner", 1)):
        told = strangers(world.workspace, Sight(world.workspace.users.get(who).id))
        assert (who, len(told)) == (who, count)
