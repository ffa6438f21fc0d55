"""How far the times of typed words are from when they are said. ``python -m benchmarks.typed``.

Runs of words are taken out of clips whose words PocketSphinx has aligned, and typed again between
the words around them: with times by the sound, and sharing the time by their letters. Wants the
extra ``bench``.
"""

import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.report import Row, write
from benchmarks.word_times import aligned_clips
from trax.asr.typed import Aligner, typed_spans
from trax.audio import Waveform
from trax.compose import build_workspace
from trax.settings import load_settings
from trax.transcript import Span, Word

_AROUND = 5  # words on either side, as the service has it
_MARGIN = 0.2  # seconds
_RUNS = (1, 2, 3, 5)  # words typed at once
_PAUSE = 0.2  # seconds between words that make a run one with a pause
_RESAMPLED = 1000


@dataclass(frozen=True, slots=True)
class Typed:
    """A run of words that was typed again.

    Attributes:
        clip: its number.
        pause: whether there is a pause before, in or after it.
        heard, shared: errors of the starts in seconds, by sound and by letters.
        cpu: seconds that finding the times took.
    """

    clip: int
    pause: bool
    heard: Sequence[float]
    shared: Sequence[float]
    cpu: float


def main() -> None:
    """Type all runs again and write the results."""
    with tempfile.TemporaryDirectory() as folder:
        found = list(_typed(Path(folder)))
    cpu = float(np.mean([each.cpu for each in found]))
    notes = [
        f"Errors of starts against PocketSphinx's alignment; {cpu:.2f} CPU seconds a place. 95 % "
        f"of {_RESAMPLED} resamplings of the clips.",
        "By sound: the model of `fast`, five words on either side with their known times. By "
        "letters: the words share the time between their neighbours, here known exactly.",
    ]
    pauses = [each for each in found if each.pause]
    rows = [_row("all", found), _row(f"with a pause of {_PAUSE} s", pauses)]
    write("typed", rows, notes)


def _typed(folder: Path) -> Iterator[Typed]:
    chance = random.Random(0)
    aligner = build_workspace(load_settings()).engines.aligner("en")
    for clip, (path, words) in enumerate(aligned_clips(folder)):
        samples, rate = soundfile.read(str(path), dtype="float32")
        for length in _RUNS:
            if len(words) < length + 3:
                continue
            first = chance.randrange(1, len(words) - length)
            run = range(first, first + length)
            begun = time.process_time()
            starts = _by_sound(aligner, Waveform(samples, rate), words, run)
            cpu = time.process_time() - begun
            known = [words[at].start for at in run]
            yield Typed(
                clip=clip,
                pause=_has_pause(words, run),
                heard=np.abs(np.subtract(starts, known)).tolist(),
                shared=np.abs(np.subtract(_by_letters(words, run), known)).tolist(),
                cpu=cpu,
            )


def _by_sound(aligner: Aligner, sound: Waveform, words: Sequence[Word], run: range) -> list[float]:
    before = words[max(0, run.start - _AROUND) : run.start]
    after = words[run.stop : run.stop + _AROUND]
    offset = max(0.0, before[0].start - _MARGIN)
    end = min(sound.duration, after[-1].end + _MARGIN)
    window = Waveform(
        sound.samples[round(offset * sound.sample_rate) : round(end * sound.sample_rate)],
        sound.sample_rate,
    )
    known = ([each.shifted(-offset) for each in before], [each.shifted(-offset) for each in after])
    room = _room(words, run).shifted(-offset)
    texts = [words[at].text for at in run]
    found = typed_spans(aligner, window, known, texts, room, "en")
    return [span.start + offset for span in found]


def _by_letters(words: Sequence[Word], run: range) -> list[float]:
    room = _room(words, run)
    letters = np.cumsum([0, *(len(words[at].text) for at in run)])
    return [room.start + room.duration * float(done / letters[-1]) for done in letters[:-1]]


def _room(words: Sequence[Word], run: range) -> Span:
    start = words[run.start - 1].end
    return Span(start, max(start, words[run.stop].start))


def _has_pause(words: Sequence[Word], run: range) -> bool:
    places = range(run.start - 1, run.stop)
    return any(words[at + 1].start - words[at].end >= _PAUSE for at in places)


def _row(name: str, found: Sequence[Typed]) -> Row:
    row: Row = {"runs": name, "words": sum(len(each.heard) for each in found)}
    for way in ("shared", "heard"):
        for share, label in ((0.5, "median"), (0.9, "p90")):
            row[f"{'by letters' if way == 'shared' else 'by sound'}, {label} s"] = _quantile(
                found, way, share
            )
    return row


def _quantile(found: Sequence[Typed], way: str, share: float) -> str:
    clips = sorted({each.clip for each in found})
    errors = {clip: [e for t in found if t.clip == clip for e in getattr(t, way)] for clip in clips}
    rng = np.random.default_rng(0)
    drawn = [rng.choice(clips, len(clips)) for _ in range(_RESAMPLED)]
    values = [np.quantile(np.concatenate([errors[at] for at in each]), share) for each in drawn]
    low, high = np.percentile(values, [2.5, 97.5])
    whole = np.quantile(np.concatenate(list(errors.values())), share)
    return f"{whole:.3f} ({low:.3f} to {high:.3f})"


if __name__ == "__main__":
    main()
