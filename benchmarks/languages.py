"""Languages: word errors by language and plan, and recordings in several languages.
``python -m benchmarks.languages``.

Clips of FLEURS with their language given and with it detected; then the clips spliced into
recordings that change their language, read in one language and with a language for each window.
"""

import os
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.corpus import Item, all_clips
from benchmarks.report import Row, write
from trax.asr import RecognitionOptions
from trax.asr.recogniser import Hypothesis, PlannedRecogniser
from trax.audio import SAMPLE_RATE, Limits, StoredAudio, decode_to_flac
from trax.compose import build_workspace
from trax.scoring.words import word_error_rate
from trax.settings import load_settings
from trax.transcript import Span, joined_text
from trax.work.workspace import Workspace

LANGUAGES = ("de", "en", "es", "fr", "pt")
PLANS = ("fast", "balanced", "accurate")
_RECORDINGS = 8
_CLIPS = 10  # in a recording
_PAUSES = (0.4, 0.8, 1.5, 2.5)  # seconds


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip in one language, decoded."""

    audio: Path
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Mixed:
    """A recording in several languages.

    Attributes:
        spans: where each clip lies, in order.
    """

    audio: Path
    clips: Sequence[Clip]
    spans: Sequence[Span]

    @property
    def text(self) -> str:
        """All that is said."""
        return " ".join(clip.text for clip in self.clips)

    def language(self, span: Span) -> str:
        """The language of most of *span*."""
        seconds: dict[str, float] = defaultdict(float)
        for clip, place in zip(self.clips, self.spans, strict=True):
            seconds[clip.language] += place.overlap(span)
        return max(seconds, key=seconds.__getitem__)


def main() -> None:
    """Measure all plans and write the results."""
    workspace = build_workspace(load_settings())
    with tempfile.TemporaryDirectory() as folder:
        clips = list(_clips(Path(folder)))
        recordings = list(_mixed(clips, Path(folder)))
        plans = os.environ.get("PLANS", " ".join(PLANS)).split()
        rows: list[Row] = []
        for plan in plans:
            rows.extend(_by_language(clips, plan, workspace))
        for plan in plans:
            rows.append(_several(recordings, plan, False, workspace))
            rows.append(_several(recordings, plan, True, workspace))
    notes = [
        "WER after Whisper's normalisers. Models at hand: tiny.en and base; only base knows "
        "languages, so fast and balanced read other languages with it.",
        f"Mixed: {_RECORDINGS} recordings of {_CLIPS} clips in random order, with pauses of "
        f"{', '.join(map(str, _PAUSES))} seconds between.",
        "A window's language is right if most of the window is spoken in it.",
    ]
    write("languages", rows, notes)


def _clips(folder: Path) -> Iterator[Clip]:
    chosen = [item for item in all_clips() if item.facts["set"].startswith("fleurs")]
    for at, item in enumerate(chosen):
        yield _clip(item, folder / f"{at}.flac")


def _clip(item: Item, flac: Path) -> Clip:
    decode_to_flac(item.audio, flac, Limits())
    return Clip(flac, item.text, item.facts["language"])


def _mixed(clips: Sequence[Clip], folder: Path) -> Iterator[Mixed]:
    for number in range(_RECORDINGS):
        chance = random.Random(number)
        chosen = chance.sample(clips, _CLIPS)
        sounds, spans, at = [], [], 0.0
        for clip in chosen:
            samples, _rate = soundfile.read(str(clip.audio), dtype="int16")
            spans.append(Span(at, at + len(samples) / SAMPLE_RATE))
            pause = np.zeros(round(chance.choice(_PAUSES) * SAMPLE_RATE), dtype=np.int16)
            sounds.extend([samples, pause])
            at += (len(samples) + len(pause)) / SAMPLE_RATE
        audio = folder / f"mixed{number}.flac"
        soundfile.write(str(audio), np.concatenate(sounds), SAMPLE_RATE)
        yield Mixed(audio, chosen, spans)


def _by_language(clips: Sequence[Clip], plan: str, workspace: Workspace) -> Iterator[Row]:
    for language in LANGUAGES:
        own = [clip for clip in clips if clip.language == language]
        row: Row = {"plan": plan, "recording": f"clips, {language}"}
        for name, given in (("language given", language), ("detected", None)):
            errors = length = 0
            began = time.process_time()
            for clip in own:
                found = _heard(clip.audio, workspace, plan=plan, language=given)
                rate = word_error_rate(clip.text, joined_text(found.words), language)
                errors, length = errors + rate.errors, length + rate.length
            row[f"WER %, {name}"] = 100 * errors / length
            seconds = sum(StoredAudio.open(clip.audio).duration for clip in own)
            row["CPU s per audio s"] = (time.process_time() - began) / seconds
        row["words"] = length
        yield row


def _several(
    recordings: Sequence[Mixed], plan: str, multilingual: bool, workspace: Workspace
) -> Row:
    errors = length = right = windows = warned = 0
    began, seconds = time.process_time(), 0.0
    for recording in recordings:
        found = _heard(recording.audio, workspace, plan=plan, multilingual=multilingual)
        rate = word_error_rate(recording.text, joined_text(found.words), "de")
        errors, length = errors + rate.errors, length + rate.length
        right += sum(each.language == recording.language(each.span) for each in found.regions)
        windows += len(found.regions)
        warned += bool(found.warnings)
        seconds += StoredAudio.open(recording.audio).duration
    return {
        "plan": plan,
        "recording": "mixed, " + ("a language for each window" if multilingual else "one language"),
        "WER %": 100 * errors / length,
        "words": length,
        "windows": windows,
        "windows right %": 100 * right / windows,
        "recordings with a warning": warned,
        "CPU s per audio s": (time.process_time() - began) / seconds,
    }


def _heard(audio: Path, workspace: Workspace, **options: object) -> Hypothesis:
    chosen = RecognitionOptions.model_validate(options)
    recogniser = workspace.engines.recogniser(chosen)
    assert isinstance(recogniser, PlannedRecogniser)
    return recogniser.hypothesise(StoredAudio.open(audio), chosen, lambda _share: None)


if __name__ == "__main__":
    main()
