"""A library as a newsroom might have it: transcripts of several kinds, with known content."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from trax.store import TranscriptRepository
from trax.testing.samples import transcript
from trax.transcript import Transcript
from trax.transcript.document import ExpectedErrors

_COUNCIL = (
    ("SPEAKER_00", "Good evening. The council is in session; item one is the harbour bridge."),
    ("SPEAKER_01", "Thank you. The tender came in at nine million, two below the estimate."),
    ("SPEAKER_02", "Two below? Last year we were told that nothing under twelve would do."),
    ("SPEAKER_01", "That was with the cycle path on both sides. This one has it on the south."),
    ("SPEAKER_00", "Then I suggest we hear the engineers first, and vote on Thursday."),
)
_INTERVIEW = (
    ("SPEAKER_00", "When did you first notice that the river was changing?"),
    ("SPEAKER_01", "My father kept a diary of the ice. It broke up three weeks later than now."),
    ("SPEAKER_00", "And the salmon?"),
    ("SPEAKER_01", "They come, but they come small, and they come when nobody expects them."),
)
_GERMAN = (
    ("SPEAKER_00", "Guten Tag, wir sprechen heute über die neue Brücke am Hafen."),
    ("SPEAKER_01", "Ja, und darüber, warum sie zwei Millionen weniger kostet als gedacht."),
)
_ARABIC = (
    ("SPEAKER_00", "صباح الخير، متى لاحظت أن النهر يتغير؟"),
    ("SPEAKER_01", "كان والدي يكتب كل عام متى يذوب الجليد."),
)

_SHELF: tuple[tuple[str, str, Sequence[tuple[str, str]], float, float], ...] = (
    ("Lecture 07 – Tides and estuaries.mp4", "en", _COUNCIL[:1], 5340.0, 0.021),
    ("مقابلة النهر.m4a", "ar", _ARABIC, 1260.0, 0.118),
    ("Hafenbrücke, Podcast 12.mp3", "de", _GERMAN, 2710.0, 0.047),
    ("call-2026-11-19-support.wav", "en", _COUNCIL[:3], 412.0, 0.193),
    ("Interview with Ilse Marten.wav", "en", _INTERVIEW, 3127.0, 0.038),
    ("Council meeting, 24 November.mp3", "en", _COUNCIL, 7384.0, 0.064),
)


def fill(repository: TranscriptRepository) -> list[str]:
    """Save the library's transcripts, and give their ids; the last one is the newest."""
    made = [_document(*each) for each in _SHELF]
    for document in made:
        repository.save(document)
    return [document.id for document in made]


def _document(
    name: str, language: str, said: Sequence[tuple[str, str]], duration: float, rate: float
) -> Transcript:
    digest = sha256(name.encode()).hexdigest()
    document = transcript(said)
    recording = replace(document.recording, sha256=digest, name=name, duration=duration)
    errors = ExpectedErrors(rate=rate, low=rate * 0.8, high=rate * 1.25)
    return replace(
        document,
        id=digest[:12],
        recording=recording,
        language=language,
        expected_errors=errors,
    )
