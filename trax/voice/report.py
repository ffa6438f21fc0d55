"""What was replaced in a recording, and how well: for people, and for programs."""

from dataclasses import dataclass

from trax.transcript import Span
from trax.voice.selection import Left


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An utterance that was replaced.

    Attributes:
        voice: what its new voice is called.
        start: seconds at which the new speech begins.
        end: and ends.
        original_start: seconds at which the words began before.
        original_end: and ended.
        errors: words that are not understood as they should be.
        missed: which these are.
        names_and_numbers: words that people should listen to, since they are easily said wrongly.
        attempts: takes that were made.
        stretch: length of the speech over its length before it was fitted.
        loudness_before: of the old voice, in LUFS.
        loudness_after: of the new one.
        like_source: how much alike the new speech and the old voice are, -1 to 1; ``None`` where
            there is too little to tell.
        like_target: likewise the new speech and the reference.
    """

    id: str
    speaker: str
    voice: str
    text: str
    heard: str
    start: float
    end: float
    original_start: float
    original_end: float
    words: int
    errors: int
    missed: tuple[str, ...]
    names_and_numbers: tuple[str, ...]
    attempts: int
    stretch: float
    loudness_before: float
    loudness_after: float
    like_source: float | None = None
    like_target: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was replaced in a recording.

    Attributes:
        recording: SHA-256 of the recording's file.
        name: of that file.
        speakers: whose words were replaced, by label, as people see them.
        voices: what their new voices are called, by label.
        consents: how people in references agreed, by label.
        utterances: that were replaced, by start.
        left: words that were not, and why.
        unspoken: what became of those: ``original`` or ``silence``.
        stretches: of the recording that are not as they were; every other sample is.
        duration: seconds of the recording.
        watermark: names the mark of synthetic speech; empty if there is none, and a warning says
            why.
        engines: fingerprints, by what they did.
        warnings: sentences for people.
    """

    trax: str
    recording: str
    name: str
    speakers: dict[str, str]
    voices: dict[str, str]
    consents: dict[str, str]
    utterances: tuple[Row, ...]
    left: tuple[Left, ...]
    unspoken: str
    stretches: tuple[Span, ...]
    duration: float
    watermark: str
    engines: dict[str, str]
    warnings: tuple[str, ...] = ()

    @property
    def replaced(self) -> float:
        """Seconds that were replaced."""
        return sum(each.duration for each in self.stretches)
