"""The engines of voices, one by one: synthesis, timbre, made-up voices, separation, the mark.

``python -m benchmarks.voices MUSIC`` with a piece of music. Wants ``pip install --no-deps
resemblyzer==0.1.4`` for a verifier that Trax does not use. Speakers are those of LibriSpeech's
clips in the corpus; references are of people on whom nothing was tuned.
"""

import argparse
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import jiwer
import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.corpus import Item, all_clips
from benchmarks.machine import conditions
from benchmarks.mixes import RATE, build
from benchmarks.report import Row, write
from benchmarks.voice_verifiers import GE2E, Vector, equal_error_rate
from trax.asr import RecognitionOptions
from trax.asr.engine import no_progress
from trax.audio import StoredAudio, Waveform
from trax.audio.resampling import resampled
from trax.compose import prepare_libraries
from trax.engines import LoadedEngines
from trax.settings import load_settings
from trax.voice import Likeness, narrator
from trax.voice.narrators import nearest_voice
from trax.voice.pseudonyms import pseudonym

_SET = "librispeech-other"
_SOURCE = "1688"
_TARGETS = ("2609", "Allison Smith", "LJ")  # the timbre transfer was tuned on the other speakers
_CLIPS = 3
_RECORDINGS = 4  # of each speaker
_SHORTEST = 2.5  # seconds of a clip
_REFERENCE = 12.0  # seconds
_BLOCK = 65_536


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """A clip's text, said in a voice."""

    clip: Item
    speech: Waveform
    processor_seconds: float

    @property
    def speaker(self) -> str:
        """Whose words they are."""
        return str(self.clip.facts["speaker"])


class Measuring:
    """The engines, and what they are measured by."""

    def __init__(self) -> None:
        settings = load_settings()
        prepare_libraries(settings)
        self.engines = LoadedEngines(settings)
        self.voices = self.engines.voices
        self.verifiers: dict[str, Likeness | GE2E] = {
            "CAM++": self.voices.likeness(),
            "GE2E": GE2E(),
        }

    def word_error_rate(self, said: Sequence[Said]) -> float:
        """In per cent of all words, by the best recognition."""
        heard = [self._heard(each.speech) for each in said]
        texts = [_plain(each.clip.text) for each in said]
        return round(100 * float(jiwer.wer(texts, heard)), 1)

    def _heard(self, speech: Waveform) -> str:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "speech.flac"
            made = resampled(speech, 16_000)
            soundfile.write(str(path), made.samples, made.sample_rate)
            options = RecognitionOptions(language="en", plan="accurate")
            recogniser = self.engines.recogniser(options)
            found = recogniser.recognise(StoredAudio.open(path), options, no_progress)
        return _plain(" ".join(segment.text for segment in found.segments))

    def embedded(self, verifier: str, speech: Sequence[Waveform]) -> list[Vector]:
        """An embedding of each."""
        return [self.verifiers[verifier].embed(each) for each in speech]


def main() -> None:
    """Measure all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("music", type=Path)
    music = parser.parse_args().music
    note = conditions()
    measuring = Measuring()
    by_speaker = _clips()
    made_up = [_made_up(measuring, clip) for clips in by_speaker.values() for clip in clips]
    rows = [
        *_synthesis(measuring, made_up),
        *_unlinkable(measuring, by_speaker, made_up),
        *_converted(measuring, by_speaker),
        *_marked(measuring, made_up),
        *_separated(measuring, music),
    ]
    notes = [
        note,
        "Made-up voices: each clip is a recording of its own, and its words are said in the voice "
        "that its digest draws. Trials compare them with other clips of all speakers.",
        "Equal error rate of 50 % is chance.",
        "Timbre: similarity to clips of the target that were not in the reference.",
    ]
    write("voices", rows, notes)


def _clips() -> dict[str, list[Item]]:
    """The shortest clips of each speaker that last long enough."""
    found: dict[str, list[Item]] = {}
    for clip in sorted(all_clips(), key=lambda each: each.facts["duration"]):
        of_speaker = found.setdefault(str(clip.facts["speaker"]), [])
        fits = clip.facts["duration"] >= _SHORTEST and len(of_speaker) < _RECORDINGS
        if _SET in clip.facts["file"] and fits:
            of_speaker.append(clip)
    return {speaker: clips for speaker, clips in found.items() if clips}


def _made_up(measuring: Measuring, clip: Item) -> Said:
    synthesiser = measuring.voices.synthesiser()
    voice = pseudonym(synthesiser.voices, "en", clip.facts["file"])
    return _said(measuring, clip, voice)


def _said(measuring: Measuring, clip: Item, voice: str | Waveform) -> Said:
    speaker = narrator(measuring.voices, voice)
    before = time.process_time()
    speech = speaker.say(clip.text.capitalize() + ".", "en")
    return Said(clip, speech, time.process_time() - before)


def _synthesis(measuring: Measuring, said: Sequence[Said]) -> Iterator[Row]:
    seconds = sum(each.speech.duration for each in said)
    yield _row("Kokoro, words wrong, %", measuring.word_error_rate(said), len(said))
    originals = [Said(each.clip, _sound(each.clip), 0.0) for each in said]
    yield _row(
        "the original clips, words wrong, %", measuring.word_error_rate(originals), len(said)
    )
    processor = sum(each.processor_seconds for each in said)
    yield _row("Kokoro, CPU s a second of speech", round(processor / seconds, 2), len(said))


def _unlinkable(
    measuring: Measuring, by_speaker: dict[str, list[Item]], said: Sequence[Said]
) -> Iterator[Row]:
    """Whether a verifier finds out whose words a made-up voice says."""
    clips = [clip for found in by_speaker.values() for clip in found]
    originals = [_sound(clip) for clip in clips]
    whose = [str(clip.facts["speaker"]) for clip in clips]
    for verifier in measuring.verifiers:
        known = measuring.embedded(verifier, originals)
        made = measuring.embedded(verifier, [each.speech for each in said])
        speakers = [each.speaker for each in said]
        kinds = {
            "originals with originals": _trials(known, whose, known, whose),
            "made-up voices with originals": _trials(made, speakers, known, whose),
            "made-up voices with each other": _trials(made, speakers, made, speakers),
        }
        for kind, (same, different) in kinds.items():
            rate = round(equal_error_rate(same, different), 1)
            yield _row(f"{kind}, equal error rate of {verifier}, %", rate, len(same))


def _trials(
    ones: Sequence[Vector], whose: Sequence[str], others: Sequence[Vector], theirs: Sequence[str]
) -> tuple[list[float], list[float]]:
    """Similarities of the same person's and of different people's; none of a clip with itself."""
    same: list[float] = []
    different: list[float] = []
    for (i, one), (j, other) in product(enumerate(ones), enumerate(others)):
        if i != j:
            trials = same if whose[i] == theirs[j] else different
            trials.append(float(one @ other))
    return same, different


def _converted(measuring: Measuring, by_speaker: dict[str, list[Item]]) -> Iterator[Row]:
    """How near the nearest stock voice comes to a reference, and the timbre transfer."""
    stock: list[Said] = []
    moved: list[Said] = []
    targets: list[Waveform] = []
    spoken = by_speaker[_SOURCE][-_CLIPS:]
    for target in _TARGETS:
        reference, rest = _reference(target)
        timbre = measuring.voices.likeness().embed(reference)
        nearest = nearest_voice(measuring.voices.synthesiser().voices, timbre)
        stock += [_said(measuring, clip, nearest) for clip in spoken]
        moved += [_said(measuring, clip, reference) for clip in spoken]
        targets += [rest] * len(spoken)
    yield _row("nearest stock voice, words wrong, %", measuring.word_error_rate(stock), len(stock))
    yield _row("reference, words wrong, %", measuring.word_error_rate(moved), len(moved))
    for verifier in measuring.verifiers:
        wanted = measuring.embedded(verifier, targets)
        left = measuring.embedded(verifier, [_sound(each.clip) for each in moved])
        for name, said in (("nearest stock voice", stock), ("reference", moved)):
            made = measuring.embedded(verifier, [each.speech for each in said])
            for whom, known in (("target", wanted), ("source", left)):
                mean = _mean_similarity(made, known)
                yield _row(f"{name}, {verifier} to {whom}", mean, len(said))
        strangers = _mean_similarity(wanted, left)
        yield _row(f"target to source, {verifier}", strangers, len(wanted))


def _reference(speaker: str) -> tuple[Waveform, Waveform]:
    """Up to twelve seconds of somebody, and speech of theirs that is not in them."""
    clips = [clip for clip in all_clips() if clip.facts["speaker"] == speaker]
    sounds = sorted((_sound(clip).samples for clip in clips), key=len, reverse=True)
    lengths = np.cumsum([len(each) for each in sounds]) / 16_000
    used = min(int(np.searchsorted(lengths, _REFERENCE)) + 1, len(sounds) - 1)
    reference = np.concatenate(sounds[:used])[: round(_REFERENCE * 16_000)]
    rest = np.concatenate(sounds[used : used + _CLIPS])
    return Waveform(reference, 16_000), Waveform(rest, 16_000)


def _mean_similarity(ones: Sequence[Vector], others: Sequence[Vector]) -> float:
    similarities = [one @ other for one, other in zip(ones, others, strict=True)]
    return round(float(np.mean(similarities)), 2)


def _marked(measuring: Measuring, said: Sequence[Said]) -> Iterator[Row]:
    watermark = measuring.voices.watermark()
    plain = [watermark.detect(each.speech) for each in said]
    real = [watermark.detect(_sound(each.clip)) for each in said]
    marked = [watermark.detect(watermark.mark(each.speech)) for each in said]
    yield _row("mark found in marked speech, least", round(min(marked), 2), len(said))
    yield _row("mark found in unmarked synthesis, most", round(max(plain), 2), len(said))
    yield _row("mark found in people's speech, most", round(max(real), 2), len(said))


def _separated(measuring: Measuring, music: Path) -> Iterator[Row]:
    """Speech and background out of made mixes."""
    speakers = sorted(_clips())[:2]
    for kind, name in ((str(music), "music"), ("street", "street noise")):
        with tempfile.TemporaryDirectory() as folder:
            made = build(Path(folder), "mix", speakers, kind, 6.0, 2, 5)
        mix = made.mix
        truth = np.repeat(np.sum(list(made.voices.values()), axis=0)[:, None], 2, axis=1)
        separator = measuring.voices.separator("spleeter")
        before = time.process_time()
        blocks = (mix[at : at + _BLOCK] for at in range(0, len(mix), _BLOCK))
        voices = np.concatenate(list(separator.separate(blocks, RATE)))
        processor = time.process_time() - before
        seconds = len(mix) / RATE
        gain = _si_sdr(voices, truth) - _si_sdr(mix, truth)
        behind = _si_sdr(mix - voices, made.background) - _si_sdr(mix, made.background)
        yield _row(f"Spleeter, {name} 6 LU below: voices, dB better", round(gain, 1), 1)
        yield _row(f"Spleeter, {name} 6 LU below: background, dB better", round(behind, 1), 1)
        yield _row(f"Spleeter, {name}: CPU s a second", round(processor / seconds, 2), 1)


def _si_sdr(made: NDArray[np.float32], truth: NDArray[np.float32]) -> float:
    """Scale-invariant signal-to-distortion ratio, dB."""
    ours, theirs = made.astype(np.float64).ravel(), truth.astype(np.float64).ravel()
    aligned = (ours @ theirs) / (theirs @ theirs) * theirs
    wrong = ours - aligned
    return float(10 * np.log10((aligned @ aligned) / (wrong @ wrong)))


def _sound(clip: Item) -> Waveform:
    samples, rate = soundfile.read(str(clip.audio), dtype="float32")
    return resampled(Waveform(samples, rate), 16_000)


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^a-z' ]", " ", text.lower()).split())


def _row(what: str, figure: float, of: int) -> Row:
    return {"what": what, "figure": figure, "of": of}


if __name__ == "__main__":
    main()
