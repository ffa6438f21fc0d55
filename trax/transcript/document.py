"""What stages pass on, and the transcript they end in."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from operator import not_
from typing import Annotated

from pydantic import Field

from trax.transcript.enhancement import Domain, Enhancement, Notes
from trax.transcript.span import Span
from trax.transcript.speech import Segment, Turn, Word

SCHEMA_VERSION = "1.4"
"""Of transcripts. The minor part grows with new fields, the major part when old readers break."""

STAGE_SCHEMA_VERSION = "1.3"
"""Of the documents that stages pass on. Keys of checkpoints are made from their bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One recording's identity and what its container says.

    Attributes:
        sha256: of the file's bytes, hex.
        duration: seconds of audio that were decoded.
        channels: in the source, before mixing down to one.
        sample_rate: Hz, in the source.
    """

    sha256: str
    name: str
    size_bytes: int
    duration: float
    container: str
    codec: str
    channels: int
    sample_rate: int


class Reason(StrEnum):
    """Why text was removed."""

    REPEAT = "repeat"
    """The decoder repeated itself, faster than anybody speaks."""
    ECHO = "echo"
    """It is the job's own prompt or hotwords; read without them, the audio says something else."""
    NO_SPEECH = "no_speech"
    """Nobody speaks there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """Text that the decoder wrote and probably nobody said; kept, so that it can be restored.

    Attributes:
        words: with their times and confidence.
    """

    reason: Reason
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedErrors:
    """How many words are likely to be wrong, estimated from their confidence, not measured.

    Attributes:
        rate: expected word error rate.
        low: nine times in ten the rate is above this.
        high: and below this.
    """

    rate: float
    low: float
    high: float

    def __str__(self) -> str:
        """For people.

        >>> str(ExpectedErrors(rate=0.061, low=0.032, high=0.094))
        'about 6 % of the words may be wrong (3 to 9 %)'

        Documents from before shares were kept below 1 say no more than 100 % either.
        """
        shares = [min(1.0, each) for each in (self.rate, self.low, self.high)]
        rate, low, high = (round(100 * each) for each in shares)
        return f"about {rate} % of the words may be wrong ({low} to {high} %)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What became of the hotwords.

    Attributes:
        heard: hotwords that are in the transcript, with how often.
        unheard: those that are not.
    """

    heard: dict[str, int]
    unheard: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterUse:
    """The domain adapter that speech was read with, or that was looked for in vain.

    Attributes:
        name: what it is called; empty if none was used.
        version: of that name.
        fingerprint: of its weights.
        licence: under which it may be passed on; empty if nobody said.
        by: ``given``, or ``meaning`` if it was chosen by what was said.
        evidence: by adapter and by general kind of speech, mean similarity in [-1, 1]; empty where
            it was given.
    """

    name: str
    version: int = 0
    fingerprint: str = ""
    licence: str = ""
    by: str = "given"
    evidence: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """Result of the recognition stage.

    Attributes:
        language: ISO 639-1 code; empty where nobody speaks.
        language_confidence: probability in [0, 1]; 1 where the language was given.
        engine: fingerprint of what recognised.
        removed: text that was removed, and why.
        expected_errors: estimated from the words' confidence; ``None`` if there are no words.
        vocabulary: what became of the hotwords; ``None`` if none were given.
        domain: what kind of speech it is; ``None`` if unknown.
        adapter: which domain adapter it was read with, and why; ``None`` if there was none to
            choose.
        enhancement: what a language model did to the words; ``None`` before that stage.
        paragraphs: starts in seconds of the words that begin a paragraph; empty if not asked for.
        warnings: sentences for people.
    """

    language: str
    language_confidence: float
    segments: tuple[Segment, ...]
    engine: str
    removed: tuple[Removed, ...] = ()
    expected_errors: ExpectedErrors | None = None
    vocabulary: Vocabulary | None = None
    domain: Domain | None = None
    adapter: Annotated[AdapterUse | None, Field(exclude_if=not_)] = None
    enhancement: Enhancement | None = None
    paragraphs: tuple[float, ...] = ()
    warnings: tuple[str, ...] = ()
    schema_version: str = STAGE_SCHEMA_VERSION


ACTIVITY_STEP = 0.05
"""Seconds from one level of `Activity` to the next."""


@dataclass(frozen=True, slots=True)
class Activity:
    """How probably each speaker speaks at each moment.

    Attributes:
        levels: a digit for every `ACTIVITY_STEP` from the recording's start: the probability in
            ninths.
    """

    levels: dict[str, str] = field(default_factory=dict)

    def during(self, span: Span) -> dict[str, float]:
        """Mean probability of each speaker within *span*; at least the step in which it begins
        counts.

        >>> Activity({"SPEAKER_00": "0099", "SPEAKER_01": "9900"}).during(Span(0.05, 0.15))
        {'SPEAKER_00': 0.5, 'SPEAKER_01': 0.5}
        """
        first = int(span.start / ACTIVITY_STEP + 1e-6)
        past = max(first + 1, math.ceil(span.end / ACTIVITY_STEP - 1e-6))
        cut = {label: levels[first:past] for label, levels in self.levels.items()}
        return {label: sum(map(int, some)) / (9 * len(some)) for label, some in cut.items() if some}


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerCount:
    """How many people were found, and how clear that is.

    Attributes:
        found: people.
        fewer: how much likelier the two most alike voices are two people's than one would have to
            be to be joined, as the logarithm of a likelihood ratio; below 0 where the number was
            asked for.
        more: how far the two most different parts of one voice are from being taken for two
            people's, likewise.
        probability: that everybody who speaks for two seconds or more was found, and nobody who
            does not exist; ``None`` where the engine does not say.
    """

    found: int
    fewer: float
    more: float
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class VoiceSample:
    """What somebody sounds like in a few seconds in which nobody else speaks.

    Attributes:
        spans: when they speak, in order.
        voice: an embedding of any length, a signed byte for each number, in base64.
    """

    spans: tuple[Span, ...]
    voice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diarization:
    """Result of the diarization stage.

    Attributes:
        turns: by start; turns of different speakers may overlap.
        exclusive_turns: by start; at any time at most one speaker.
        embeddings: one voice embedding a speaker, from the engine's own model.
        engine: fingerprint of what diarized.
        voice_model: names the model of the embeddings; only those of one model compare.
        activity: how probably each speaker speaks when; empty where the engine does not say.
        count: evidence for the number of speakers; ``None`` where nobody speaks or the engine does
            not say.
        confidence: share of the speech that probably has the right speaker; ``None`` where the
            engine does not say.
        names: what people called the speakers, by label; others have none.
        channels: label of the speaker of each track, by the track's name; empty where speakers are
            told apart by voice.
        samples: what is heard where, whoever it is; empty where the engine does not say.
        warnings: sentences for people.
    """

    turns: tuple[Turn, ...]
    exclusive_turns: tuple[Turn, ...]
    embeddings: dict[str, tuple[float, ...]]
    engine: str
    voice_model: str = ""
    activity: Activity = Activity()
    count: SpeakerCount | None = None
    confidence: float | None = None
    names: dict[str, str] = field(default_factory=dict)
    channels: Annotated[dict[str, str], Field(exclude_if=not_)] = field(default_factory=dict)
    samples: Annotated[tuple[VoiceSample, ...], Field(exclude_if=not_)] = ()
    warnings: tuple[str, ...] = ()
    schema_version: str = STAGE_SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class KnownVoice:
    """A profile that a speaker's voice was recognised by.

    Attributes:
        profile: its id.
        name: of the person.
    """

    profile: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Somebody who speaks in the recording.

    Attributes:
        label: opaque, stable within a recording, in order of first appearance.
        name: given by people; ``None`` if nobody did.
        speech: seconds in which they speak, overlapped speech included.
        voice: whose voice it is, by known profiles; ``None`` if unknown. Stored beside the
            document, so that a deleted profile is gone from here too.
    """

    label: str
    speech: float
    name: str | None = None
    voice: KnownVoice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What made a transcript: enough to make it again.

    Attributes:
        trax: version of this library.
        recogniser: fingerprint of the recognition engine.
        diarizer: fingerprint of the diarization engine.
        options: the job's options as JSON text.
        domain: what kind of speech it was taken for, and why; ``None`` where nobody looked.
        adapter: which domain adapter it was read with, and why; ``None`` if there was none to
            choose.
    """

    trax: str
    recogniser: str
    diarizer: str
    options: str
    domain: Domain | None = None
    adapter: Annotated[AdapterUse | None, Field(exclude_if=not_)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """Who said what in one recording, when, and how sure we are.

    Attributes:
        id: short name, the same for the same recording, options and engines.
        segments: in order of their first word; each by one speaker.
        turns: who spoke when by the sound alone; may overlap.
        exclusive_turns: the same with at most one speaker at a time; the words' speakers come from
            these, unless every speaker has a track.
        removed: text that recognition wrote and removed again, and why; it can be restored.
        silenced: when words were said that people deleted with their sound, by start.
        expected_errors: how many words are likely to be wrong; ``None`` if there are no words.
        vocabulary: what became of the hotwords; ``None`` if none were given.
        speaker_count: evidence for the number of speakers; ``None`` where the engine does not say.
        speaker_confidence: share of the speech that probably has the right speaker; ``None`` where
            nobody said.
        enhancement: what a language model did to the words; ``None`` in transcripts made before
            there was one.
        paragraphs: starts of the words, in seconds, with which a paragraph begins besides those
            where the speaker changes.
        notes: what a language model wrote about it; ``None`` if it was not asked.
        warnings: sentences for people: truncated input, doubtful results.
    """

    id: str
    recording: Recording
    language: str
    language_confidence: float
    segments: tuple[Segment, ...]
    turns: tuple[Turn, ...]
    exclusive_turns: tuple[Turn, ...]
    speakers: tuple[Speaker, ...]
    provenance: Provenance
    removed: tuple[Removed, ...] = ()
    silenced: Annotated[tuple[Span, ...], Field(exclude_if=not_)] = ()
    expected_errors: ExpectedErrors | None = None
    vocabulary: Vocabulary | None = None
    speaker_count: SpeakerCount | None = None
    speaker_confidence: float | None = None
    enhancement: Enhancement | None = None
    paragraphs: tuple[float, ...] = ()
    notes: Notes | None = None
    warnings: tuple[str, ...] = ()
    schema_version: str = SCHEMA_VERSION

    @property
    def words(self) -> tuple[Word, ...]:
        """All words of all segments, in order."""
        return tuple(word for segment in self.segments for word in segment.words)

    @property
    def text(self) -> str:
        """All that was said, without speakers."""
        return " ".join(segment.text for segment in self.segments)

    def display_name(self, label: str | None) -> str:
        """What to show people for a speaker's label: the name, or ``Speaker N`` by first
        appearance.
        """
        for number, speaker in enumerate(self.speakers, start=1):
            if speaker.label == label:
                return speaker.name or (
                    speaker.voice.name if speaker.voice else f"Speaker {number}"
                )
        return "Unknown"

    def with_voices(self, voices: Mapping[str, KnownVoice]) -> "Transcript":
        """The same with whose voice each speaker has, by label; the others are unknown."""
        speakers = tuple(
            replace(speaker, voice=voices.get(speaker.label)) for speaker in self.speakers
        )
        return replace(self, speakers=speakers)
