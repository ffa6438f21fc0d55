"""A recording in which speakers say what a script says, and engines that hear it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trax.adapters.seeing import Sees, everybody
from trax.asr import Progress, Recogniser, RecognitionOptions
from trax.audio import Audio, Waveform
from trax.diarization import DiarizationOptions, DiarizationSession
from trax.testing.engines import ScriptedEngines
from trax.testing.samples import words
from trax.testing.sounds import tone, write_audio
from trax.transcript import Diarization, Recognition, Segment, Turn

Said = tuple[float, float, str, str]
"""Start and end in seconds, speaker's label, text."""

SCRIPT: Sequence[Said] = (
    (1.0, 3.0, "SPEAKER_00", "good morning and thank you for coming"),
    (4.0, 6.5, "SPEAKER_01", "it is a pleasure to be here again"),
    (7.5, 9.1, "SPEAKER_01", "we have a lot to say"),
    (10.5, 12.7, "SPEAKER_00", "then let us begin with the budget"),
    (15.0, 18.0, "SPEAKER_01", "it has grown by five per cent since last march"),
    (21.0, 21.4, "SPEAKER_01", "yes"),
)
"""Two people; the second one says three sentences, and one word far from them."""

_AROUND = 0.6  # seconds of silence around a take that is recognised
_PITCHES = {"SPEAKER_00": 220.0, "SPEAKER_01": 330.0, "SPEAKER_02": 440.0}


@dataclass
class ScriptedTalk(ScriptedEngines):
    """Hears the *script* in a recording as long as it; in anything shorter the text of the script
    that takes as long: let no two take the same time.

    Attributes:
        edited: what is said instead of texts of the script.
        mishears: for texts that are said, what is heard of them, one a time; the text itself once
            there is no more.
        hearings: how often something shorter was recognised.
    """

    script: Sequence[Said] = ()
    edited: dict[str, str] = field(default_factory=dict)
    mishears: dict[str, list[str]] = field(default_factory=dict)
    hearings: int = 0

    @property
    def duration(self) -> float:
        """Seconds of the recording."""
        return max(end for _, end, _, _ in self.script) + 1.0

    def recogniser(self, options: RecognitionOptions, sees: Sees = everybody) -> Recogniser:
        """This engine, whatever the options."""
        return self

    def recognise(
        self, audio: Audio, options: RecognitionOptions, progress: Progress
    ) -> Recognition:
        """What the script says, or what was said last."""
        if abs(audio.duration - self.duration) < 0.1:
            self.calls.append("recognise")
            segments = tuple(
                Segment(start, end, tuple(words(text, start, end)))
                for start, end, _, text in self.script
            )
        else:
            self.hearings += 1
            text = self._heard(audio.duration - _AROUND)
            segments = (Segment(0.0, audio.duration, tuple(words(text, 0.0, audio.duration))),)
        return Recognition(
            language="en", language_confidence=1.0, segments=segments, engine=self.fingerprint
        )

    def begin(self, options: DiarizationOptions) -> DiarizationSession:
        """The script's turns."""
        self.calls.append("diarize")
        return _TalkSession(self)

    def _heard(self, seconds: float) -> str:
        nearest = min(self.script, key=lambda said: abs(said[1] - said[0] - seconds))
        text = self.edited.get(nearest[3], nearest[3])
        wrong = self.mishears.get(text)
        return wrong.pop(0) if wrong else text

    def sound(self, sample_rate: int = 16_000) -> NDArray[np.float32]:
        """The recording: a tone for whoever speaks, over a soft hum."""
        made = tone(self.duration, sample_rate, 100.0, 0.004)
        for start, end, speaker, _ in self.script:
            at = round(start * sample_rate)
            said = tone(end - start, sample_rate, _PITCHES[speaker], 0.2)
            made[at : at + len(said)] += said
        return made

    def write(self, path: Path, sample_rate: int = 16_000) -> Path:
        """The recording as a file."""
        return write_audio(path, self.sound(sample_rate), sample_rate)


@dataclass
class _TalkSession:
    talk: ScriptedTalk

    def feed(self, chunk: Waveform, progress: Progress) -> None:
        progress(1.0)

    def forget(self, before: float) -> None:
        """Nothing: what was heard costs nothing."""

    def result(self, progress: Progress) -> Diarization:
        turns = tuple(Turn(start, end, speaker) for start, end, speaker, _ in self.talk.script)
        return Diarization(
            turns=turns,
            exclusive_turns=turns,
            embeddings={turn.speaker: (1.0,) for turn in turns},
            engine=self.talk.fingerprint,
            voice_model=self.talk.voice_model,
        )
