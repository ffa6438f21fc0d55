"""Takes: what an engine said for an utterance, and how it is understood, each kept by itself."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import soundfile

from trax.asr import Recogniser, RecognitionOptions
from trax.audio import SAMPLE_RATE, StoredAudio, Waveform
from trax.audio.resampling import resample
from trax.stages.files import written
from trax.stages.replacement import RevoiceOptions
from trax.store import ObjectRef
from trax.transcript import Recognition, joined_text
from trax.transcript.codec import from_json, to_json
from trax.voice import Narrator
from trax.voice.saying import Attempt, Spoken, said
from trax.voice.selection import Utterance
from trax.work.pieces import piece
from trax.work.values import Job, Outputs
from trax.work.workspace import Workspace

SAYING = "synthesise"
HEARING = "check"

_TAKE_VERSION = 1
_HEARD_VERSION = 1
_SILENCE = 0.3  # seconds before and after speech that is recognised


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """An utterance as an engine said it.

    Attributes:
        speech: the file, mono, as long as it is in the result.
    """

    speech: ObjectRef
    spoken: Spoken


def take(
    workspace: Workspace,
    job: Job[RevoiceOptions],
    utterance: Utterance,
    language: str,
    narrator: Narrator,
    attempt: Attempt = Attempt(),  # noqa: B008 - frozen
    natural: float = 0.0,
) -> Take:
    """An utterance said in the time that its words took; made once for the same text, time, voice
    and attempt, whatever else is said.

    Args:
        natural: seconds that it takes at the voice's own speed; 0 if nobody knows.
    """
    duration = round(utterance.span.duration, 3)

    def make(folder: Path) -> Outputs:
        speech, spoken = said(narrator, utterance.text, language, duration, attempt, natural)
        return {
            "speech.flac": write_speech(folder / "speech.flac", speech),
            "spoken.json": written(folder / "spoken.json", to_json(spoken)),
        }

    inputs = {
        "take": _TAKE_VERSION,
        "text": utterance.text,
        "language": language,
        "duration": duration,
        "attempt": asdict(attempt),
        "voice": narrator.fingerprint,
    }
    made = piece(workspace, job, SAYING, inputs, make)
    spoken = made.outputs["spoken.json"]
    data = workspace.objects.local_path(spoken).read_bytes()
    return Take(speech=made.outputs["speech.flac"], spoken=from_json(Spoken, data, spoken.key))


def heard(
    workspace: Workspace,
    job: Job[RevoiceOptions],
    speech: ObjectRef,
    recogniser: Recogniser,
    options: RecognitionOptions,
) -> str:
    """What is understood of a take; recognised once for the same sound."""

    def make(folder: Path) -> Outputs:
        found = read_speech(workspace.objects.local_path(speech))
        audio = StoredAudio.open(write_speech(folder / "speech.flac", _as_recognised(found)))
        recognition = recogniser.recognise(audio, options, lambda _share: None)
        return {"recognition.json": written(folder / "recognition.json", to_json(recognition))}

    inputs = {
        "heard": _HEARD_VERSION,
        "speech": speech.sha256,
        "options": options.model_dump(mode="json", exclude={"model"}),
        "engine": recogniser.fingerprint,
    }
    kept = piece(workspace, job, HEARING, inputs, make).outputs["recognition.json"]
    data = workspace.objects.local_path(kept).read_bytes()
    recognition = from_json(Recognition, data, kept.key)
    return joined_text(word for segment in recognition.segments for word in segment.words)


def write_speech(path: Path, speech: Waveform) -> Path:
    """A new file at *path* with *speech*, which is made softer if it is too loud for that."""
    peak = float(np.abs(speech.samples).max(initial=0.0))
    samples = speech.samples / max(1.0, peak)
    soundfile.write(str(path), samples, speech.sample_rate, subtype="PCM_24", format="FLAC")
    return path


def read_speech(path: Path) -> Waveform:
    """The speech in a file that `write_speech` wrote."""
    samples, sample_rate = soundfile.read(str(path), dtype="float32")
    return Waveform(samples, sample_rate)


def _as_recognised(speech: Waveform) -> Waveform:
    """Speech as recognition expects it, with some silence around it."""
    samples = resample(speech.samples, speech.sample_rate, SAMPLE_RATE)
    return Waveform(np.pad(samples, round(_SILENCE * SAMPLE_RATE)), SAMPLE_RATE)
