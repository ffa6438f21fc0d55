"""Figures of a replaced voice, from a mix whose parts are known."""

import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import mean, median

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d
from scipy.signal import butter, sosfiltfilt

from benchmarks.mixes import RATE, Mix
from benchmarks.report import Row
from benchmarks.sounds import AROUND, STEP, Clean, levels_of, runs_of
from trax.asr import RecognitionOptions
from trax.audio import SAMPLE_RATE, StoredAudio
from trax.audio.master import Frames
from trax.audio.resampling import resample
from trax.scoring.words import word_error_rate
from trax.transcript import Span, joined_text
from trax.voice.lifting import lifted
from trax.voice.mixing import loudness
from trax.voice.report import Report
from trax.voice.report import Row as Said
from trax.work.workspace import Workspace

_NEAR = 0.02  # seconds around a replaced stretch that may differ
_LONG = 1.5  # seconds of an utterance that counts for word errors
_TOLD = 2.0  # seconds of one that tells whose voice it is
_CLICK = 4.0  # times the steps nearby
_FAINT_DB = 30.0  # below the loud parts
_LOWEST = 80.0  # Hz: readers' recordings have rumble below it
_LOUD = 95  # percentile of the levels

Mono = NDArray[np.float32]


@dataclass(frozen=True)
class Measuring:
    """A result beside what it was made from.

    Attributes:
        after: the result.
        speaker: who is replaced, as the mix has them.
        separated: the voices that were taken out of the mix, as long as it.
    """

    mix: Mix
    after: Frames
    speaker: str
    separated: Frames
    report: Report

    @property
    def old(self) -> Mono:
        """The replaced speaker's clean voice."""
        return self.mix.voices[self.speaker]

    @property
    def turns(self) -> list[Span]:
        """When the replaced speaker's clips are heard."""
        return [Span(start, end) for start, end, who, _ in self.mix.turns if who == self.speaker]

    def words(self, workspace: Workspace) -> Row:
        """Words that are recognised wrongly, by the length of utterances."""
        options = RecognitionOptions(plan="accurate", language="en")
        recogniser = workspace.engines.recogniser(options)
        new = self.new
        counts: dict[str, list[int]] = {"short": [0, 0], "long": [0, 0]}
        for row in self.report.utterances:
            cut = new[round((row.start - 0.1) * RATE) : round((row.end + 0.1) * RATE)]
            sound = resample(np.pad(cut, RATE // 4), RATE, SAMPLE_RATE)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "cut.flac"
                soundfile.write(str(path), np.clip(sound, -1, 1), SAMPLE_RATE)
                audio = StoredAudio.open(path)
                heard = recogniser.recognise(audio, options, lambda _share: None)
            text = joined_text(word for each in heard.segments for word in each.words)
            rate = word_error_rate(row.text, text, "en")
            kind = "long" if row.end - row.start >= _LONG else "short"
            counts[kind][0] += rate.errors
            counts[kind][1] += rate.length
        errors, length = (sum(each[at] for each in counts.values()) for at in (0, 1))
        left = self.report.left
        return {
            "utterances": len(self.report.utterances),
            "words": length,
            "left as they were": len(left),
            "words left": sum(len(each.text.split()) for each in left),
            "WER %, all": _percent(errors, length),
            "WER %, 1.5 s and more": _percent(*counts["long"]),
            "WER %, shorter": _percent(*counts["short"]),
        }

    def voices(self) -> Row:
        """How much alike new voices and the target, and the source, are (CAM++)."""
        rows = [row for row in self.report.utterances if row.end - row.start >= _TOLD]
        target = [row.like_target for row in rows if row.like_target is not None]
        source = [row.like_source for row in rows if row.like_source is not None]
        return {
            "like target, mean": round(mean(target), 2) if target else "",
            "like target >= 0.40, %": _percent(sum(x >= 0.4 for x in target), len(target)),
            "like source, mean": round(mean(source), 2) if source else "",
            "like source > 0.20, %": _percent(sum(x > 0.2 for x in source), len(source)),
        }

    def times(self) -> Row:
        """When new speech begins and ends, and how much it was stretched."""
        rows = self.report.utterances
        starts, ends, lengths = [], [], []
        for row in rows:
            old, new = self._true(row), self._spoken(row)
            starts.append(1000 * abs(new.start - old.start))
            ends.append(1000 * abs(new.end - old.end))
            lengths.append(abs(new.duration / max(old.duration, 1e-9) - 1))
        return {
            "start off, median ms": round(median(starts)),
            "start off, most ms": round(max(starts)),
            "end off, median ms": round(median(ends)),
            "length within 10 %, %": _percent(sum(x <= 0.1 for x in lengths), len(lengths)),
            "stretch within 0.85 to 1.2, %": _percent(
                sum(0.85 <= row.stretch <= 1.2 for row in rows), len(rows)
            ),
            "loudness off, mean LU": round(float(mean(map(self._off, rows))), 2),
            "loudness within 1 LU, %": _percent(
                sum(self._off(row) <= 1.0 for row in rows), len(rows)
            ),
        }

    def elsewhere(self) -> Row:
        """What is not replaced, and the cuts."""
        changed = self.changed
        allowed = np.zeros(len(changed), bool)
        for each in self.report.stretches:
            first, last = each.start - _NEAR, each.end + _NEAR
            allowed[max(0, round(first * RATE)) : round(last * RATE)] = True
        return {
            "same length": str(len(changed) == len(self.mix.background)),
            "replaced, %": _percent(int(changed.sum()), len(changed)),
            "samples changed elsewhere": int((changed & ~allowed).sum()),
            "clicks": self._clicks(changed),
        }

    def background(self) -> Row:
        """The background under replaced speech, against the true one."""
        true, found, mixed, voice = [], [], [], []
        for row in self.report.utterances:
            start, end = (round(x * RATE) for x in (row.original_start, row.original_end))
            true.append(self.mix.background[start:end])
            found.append(self.given[start:end])
            mixed.append(self.mix.mix[start:end])
            voice.append(self.old[start:end, None] * np.ones((1, 2), np.float32))
        truth, made = _flat(true), _flat(found)
        old = _flat(voice)
        leak = float(made @ old) / float(old @ old)
        level = _over(made, truth)
        high = [_flat([_above(sound) for sound in sounds]) for sounds in (found, true)]
        return {
            "background SI-SDR, dB": round(_si_sdr(made, truth), 1),
            "mix SI-SDR, dB": round(_si_sdr(_flat(mixed), truth), 1),
            "background level, dB": round(level, 2),
            "background level above 80 Hz, dB": round(_over(*high), 2),
            "old voice in it, dB": round(float(20 * np.log10(abs(leak) + 1e-9)), 1),
        }

    @cached_property
    def changed(self) -> NDArray[np.bool_]:
        """The frames that are not as they were."""
        before = soundfile.read(str(self.mix.path), dtype="float32", always_2d=True)[0]
        return np.asarray((before != self.after).any(axis=1))

    @cached_property
    def new(self) -> Mono:
        """The result where it changed, less the true background and the other speakers."""
        others = [voice for voice in self.mix.voices.values() if voice is not self.old]
        rest = np.sum(others, axis=0)[:, None] + self.mix.background
        made: Mono = (self.after - rest).mean(axis=1)
        near = maximum_filter1d(self.changed.astype(np.int8), RATE // 50)
        return made * near

    @cached_property
    def spoken(self) -> Mono:
        """The new speech alone: the result where it changed, less the background it was given."""
        made: Mono = (self.after - self.given).mean(axis=1)
        return made * self.changed

    @cached_property
    def given(self) -> Frames:
        """The background that the result was given."""
        return lifted(self.mix.mix - self.separated, self.separated, RATE)

    def _true(self, row: Said) -> Span:
        """From the first to the last sound of what was said, in the clean voice."""
        here = Span(row.original_start, row.original_end)
        turn = max(self.turns, key=here.overlap)
        clean = Clean(turn.start, self.old[round(turn.start * RATE) : round(turn.end * RATE)])
        before, after = self._neighbours(row)
        near = Span(
            max(turn.start, here.start - AROUND, (before + here.start) / 2),
            min(turn.end, here.end + AROUND, (here.end + after) / 2),
        )
        return clean.sound(near) or here

    def _neighbours(self, row: Said) -> tuple[float, float]:
        """When the utterance before ends, and the one after begins."""
        rows = self.report.utterances
        ends = [each.original_end for each in rows if each.original_end <= row.original_start]
        starts = [each.original_start for each in rows if each.original_start >= row.original_end]
        return max(ends, default=0.0), min(starts, default=float("inf"))

    def _spoken(self, row: Said) -> Span:
        """From the first to the last sound of the new speech."""
        speech = self.spoken[round(row.start * RATE) : round(row.end * RATE)]
        levels = levels_of(speech)
        runs = runs_of(levels > np.percentile(levels, _LOUD) - _FAINT_DB)
        if not runs:
            return Span(row.start, row.end)
        return Span(row.start + runs[0][0] * STEP, row.start + runs[-1][1] * STEP)

    def _off(self, row: Said) -> float:
        """Units by which the new speech is louder or softer than the clean old voice."""
        old = self.old[round(row.original_start * RATE) : round(row.original_end * RATE)]
        new = self.new[round(row.start * RATE) : round(row.end * RATE)]
        return abs(loudness(new[:, None], RATE) - loudness(old[:, None], RATE))

    def _clicks(self, changed: NDArray[np.bool_]) -> int:
        """Edges of what changed at which a step is much larger than those nearby."""
        edges = np.flatnonzero(np.diff(changed.astype(np.int8)))
        groups = np.split(edges, np.flatnonzero(np.diff(edges) > RATE // 10) + 1)
        steps = np.abs(np.diff(self.after, axis=0)).max(axis=1)
        found = 0
        for group in groups:
            for at in {int(group[0]), int(group[-1])} if len(group) else set():
                here = steps[max(0, at - 20) : at + 20].max()
                around = np.percentile(steps[max(0, at - 2000) : at + 2000], 99.5)
                found += bool(here > _CLICK * around)
        return found


def _flat(parts: list[Frames]) -> NDArray[np.float64]:
    return np.concatenate([part.reshape(-1) for part in parts]).astype(np.float64)


def _above(sound: Frames) -> Frames:
    """What of a sound lies where voices are."""
    highpass = butter(4, _LOWEST, "highpass", fs=RATE, output="sos")
    made: Frames = sosfiltfilt(highpass, sound, axis=0).astype(np.float32)
    return made


def _over(made: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    return float(10 * np.log10(float(made @ made) / float(truth @ truth)))


def _si_sdr(made: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    scaled = float(made @ truth) / float(truth @ truth) * truth
    rest = made - scaled
    return float(10 * np.log10(float(scaled @ scaled) / float(rest @ rest)))


def _percent(part: int, whole: int) -> float | str:
    return round(100 * float(part) / whole, 1) if whole else ""
