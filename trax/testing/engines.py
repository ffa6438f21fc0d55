"""Engines that say what they are told, count what they do, and fail on demand."""

from dataclasses import dataclass, field

from trax.asr import Progress, Recogniser, RecognitionOptions
from trax.audio import StoredAudio, Waveform
from trax.diarization import DiarizationOptions, Diarizer
from trax.testing.samples import words
from trax.transcript import Diarization, Recognition, Segment, Turn


@dataclass
class ScriptedEngines:
    """Both engines in one: every recording says *text*, the speakers take equal parts of it in turn.

    Attributes:
        errors: raised one a call, first the recogniser's, before the engine works; ``None`` lets a call through.
        calls: what was asked, in order: ``recognise`` and ``diarize``.
        version: part of the fingerprint, so that a test can change it.
    """

    text: str = "hello there."
    speakers: int = 2
    recognise_errors: list[Exception | None] = field(default_factory=list)
    diarize_errors: list[Exception | None] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    version: str = "1"

    @property
    def fingerprint(self) -> str:
        """Names the script."""
        return f"scripted/{self.version}"

    def recogniser(self, options: RecognitionOptions) -> Recogniser:
        """This engine, whatever the options."""
        return self

    def diarizer(self, options: DiarizationOptions) -> Diarizer:
        """This engine, whatever the options."""
        return self

    def recognise(self, audio: StoredAudio, options: RecognitionOptions, progress: Progress) -> Recognition:
        """The script's text, spread over the recording."""
        self.calls.append("recognise")
        _raise_next(self.recognise_errors)
        progress(0.5)
        spoken = words(self.text, 0.0, audio.duration)
        return Recognition(
            language=(options.language or "en") if spoken else "",
            language_confidence=0.9 if spoken else 0.0,
            segments=(Segment(0.0, audio.duration, tuple(spoken)),) if spoken else (),
            engine=self.fingerprint,
        )

    def diarize(self, waveform: Waveform, options: DiarizationOptions, progress: Progress) -> Diarization:
        """The script's number of speakers, or the number asked for, one after the other."""
        self.calls.append("diarize")
        _raise_next(self.diarize_errors)
        progress(0.5)
        count = options.speakers or self.speakers
        step = waveform.duration / max(1, count)
        turns = tuple(Turn(at * step, (at + 1) * step, f"SPEAKER_{at:02d}") for at in range(count))
        voices = {turn.speaker: tuple(float(at == who) for at in range(count)) for who, turn in enumerate(turns)}
        return Diarization(turns=turns, exclusive_turns=turns, embeddings=voices, engine=self.fingerprint)


def _raise_next(errors: list[Exception | None]) -> None:
    error = errors.pop(0) if errors else None
    if error is not None:
        raise error
