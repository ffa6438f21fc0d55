"""Documents with known content."""

from collections.abc import Sequence

from trax.merge import attribute, tally
from trax.transcript import (
    Diarization,
    Provenance,
    Recognition,
    Recording,
    Segment,
    Transcript,
    Turn,
    Word,
    identified,
)

_SAID = (
    ("SPEAKER_00", "Good morning, and thank you for coming. Shall we begin?"),
    ("SPEAKER_01", "Yes, please do; I have until ten."),
    (
        "SPEAKER_00",
        "Then let us start with the budget, which has grown by five & a half percent <since> "
        "March.",
    ),
)


def words(
    text: str, start: float, end: float, speaker: str | None = None, confidence: float = 0.9
) -> list[Word]:
    """The words of *text*, spread evenly from *start* to *end* seconds.

    >>> [(word.text, word.start) for word in words("one two", 0.0, 2.0)]
    [('one', 0.0), ('two', 1.0)]
    """
    texts = text.split()
    step = (end - start) / max(1, len(texts))
    return [
        Word(
            round(start + at * step, 3),
            round(start + (at + 1) * step, 3),
            spoken,
            confidence,
            speaker,
        )
        for at, spoken in enumerate(texts)
    ]


def recognition(said: Sequence[tuple[str, str]] = _SAID, seconds: float = 5.0) -> Recognition:
    """Each of *said* as a segment of *seconds*, one after the other."""
    segments = [
        Segment(
            at * seconds, (at + 1) * seconds, tuple(words(text, at * seconds, (at + 1) * seconds))
        )
        for at, (_, text) in enumerate(said)
    ]
    return Recognition(
        language="en", language_confidence=0.99, segments=tuple(segments), engine="scripted/asr"
    )


def diarization(said: Sequence[tuple[str, str]] = _SAID, seconds: float = 5.0) -> Diarization:
    """A turn for each of *said*."""
    turns = tuple(
        Turn(at * seconds, (at + 1) * seconds, speaker) for at, (speaker, _) in enumerate(said)
    )
    voices: dict[str, tuple[float, ...]] = {
        turn.speaker: (float(turn.speaker[-1]), 1.0) for turn in turns
    }
    return Diarization(
        turns=turns, exclusive_turns=turns, embeddings=voices, engine="scripted/diarization"
    )


def transcript(
    said: Sequence[tuple[str, str]] = _SAID, seconds: float = 5.0, warnings: Sequence[str] = ()
) -> Transcript:
    """A transcript in which each of *said*, a speaker and a text, takes *seconds*."""
    spoken, turns = recognition(said, seconds), diarization(said, seconds)
    recording = Recording(
        sha256="ab" * 32,
        name="morning call.wav",
        size_bytes=1000,
        duration=len(said) * seconds,
        container="wav",
        codec="pcm_s16le",
        channels=1,
        sample_rate=16_000,
    )
    made = Transcript(
        id="0123456789ab",
        recording=recording,
        language=spoken.language,
        language_confidence=spoken.language_confidence,
        segments=attribute(spoken, turns),
        turns=turns.turns,
        exclusive_turns=turns.exclusive_turns,
        speakers=tally(turns.turns),
        provenance=Provenance(
            trax="0", recogniser=spoken.engine, diarizer=turns.engine, options="{}"
        ),
        warnings=tuple(warnings),
    )
    return identified(made)
