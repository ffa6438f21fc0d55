"""What stages give each other, and the transcript they end in."""

from dataclasses import dataclass

from trax.transcript.speech import Segment, Turn, Word

SCHEMA_VERSION = "1.0"
"""Of every document below. The minor part grows when fields are added, the major part when old readers break."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """What the recognition stage gives.

    Attributes:
        language: ISO 639-1 code; empty where nobody speaks.
        language_confidence: probability in [0, 1]; 1 where the language was given.
        engine: fingerprint of what recognised.
    """

    language: str
    language_confidence: float
    segments: tuple[Segment, ...]
    engine: str
    schema_version: str = SCHEMA_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Diarization:
    """What the diarization stage gives.

    Attributes:
        turns: by start; turns of different speakers may overlap.
        exclusive_turns: by start; at any time at most one speaker.
        embeddings: one voice embedding a speaker, from the engine's own model.
        engine: fingerprint of what diarized.
    """

    turns: tuple[Turn, ...]
    exclusive_turns: tuple[Turn, ...]
    embeddings: dict[str, tuple[float, ...]]
    engine: str
    schema_version: str = SCHEMA_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Somebody who speaks in the recording.

    Attributes:
        label: opaque, stable within a recording, in order of first appearance.
        name: what to show people; ``None`` where nobody said.
        speech: seconds in which they speak, overlapped speech included.
    """

    label: str
    speech: float
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What made a transcript: enough to make it again.

    Attributes:
        trax: version of this library.
        recogniser: fingerprint of the recognition engine.
        diarizer: fingerprint of the diarization engine.
        options: the job's options as JSON text.
    """

    trax: str
    recogniser: str
    diarizer: str
    options: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """Who said what in one recording, when, and how sure we are.

    Attributes:
        id: short name, the same for the same recording, options and engines.
        segments: in order of their first word; each by one speaker.
        turns: who spoke when by the sound alone; may overlap.
        exclusive_turns: the same with at most one speaker at a time; the words' speakers come from these.
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
        """What to show people for a speaker's label: the name, or ``Speaker N`` by first appearance."""
        for number, speaker in enumerate(self.speakers, start=1):
            if speaker.label == label:
                return speaker.name or f"Speaker {number}"
        return "Unknown"
