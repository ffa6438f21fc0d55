"""Where words begin and end in a mix, by several ways to look for it.

``python -m benchmarks.edges MUSIC --keep FOLDER``; MUSIC as `benchmarks.revoice` has it. Orders of
coffee are what the search was tuned on; LibriSpeech, whose people are others, is reported, but was
seen when a way was chosen.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from benchmarks.corpus import corpus
from benchmarks.keeping import kept_or_made
from benchmarks.mixes import Mix, build, clip_at, read_clips
from benchmarks.report import Row, write
from benchmarks.sounds import AROUND, RATE, STEP, Clean, Levels, levels_of, runs_of
from trax.asr import RecognitionOptions
from trax.audio import SAMPLE_RATE, Limits, StoredAudio, decode_to_flac, voice_activity
from trax.audio.activity import FRAME
from trax.audio.resampling import resample
from trax.compose import build_workspace
from trax.merge import spelling
from trax.settings import load_settings
from trax.transcript import Span, Word
from trax.voice.edges import sounding

_PAUSE = 0.6  # seconds that end an utterance
_FEWEST = 4  # words
_TUNED, _REPORTED = "orders", "LibriSpeech"


@dataclass(frozen=True)
class Heard:
    """A mix as the pipeline hears it.

    Attributes:
        voice: what separation takes out of it, mono.
        speech: how likely somebody speaks in that, by Silero.
    """

    mix: Mix
    words: tuple[Word, ...]
    voice: NDArray[np.float32]
    speech: NDArray[np.float32]


@dataclass(frozen=True)
class Utterance:
    """Some words of one turn.

    Attributes:
        words: from the first one to the last one, by the recogniser.
        reach: as far as half of the silence on both sides.
        level: what is true by level.
        aligned: what is true by forced alignment.
    """

    heard: Heard
    words: Span
    reach: Span
    level: Span | None
    aligned: Span | None

    def within(self, seconds: float) -> Span:
        """The words and so many seconds around them, as far as they reach."""
        start = max(self.reach.start, self.words.start - seconds)
        return Span(start, min(self.reach.end, self.words.end + seconds))

    def levels(self, span: Span) -> Levels:
        """Of the separated voice."""
        return levels_of(self.heard.voice[round(span.start * RATE) : round(span.end * RATE)])


Way = Callable[[Utterance], Span]


def mixes(music: Path) -> Iterator[tuple[str, tuple[str, str], str, int, int, int]]:
    """Corpus, speakers, background, loudness units that it is softer, clips of each, seed."""
    yield _TUNED, ("cluster00", "cluster01"), str(music / "macroform-cold_day.g722"), 12, 7, 11
    yield (
        _TUNED,
        ("cluster27", "cluster13"),
        str(music / "manolo_camp-morning_coffee.g722"),
        12,
        7,
        12,
    )
    yield _TUNED, ("cluster06", "cluster15"), "street", 12, 7, 13
    yield _TUNED, ("cluster22", "cluster03"), str(music / "reno_project-system.g722"), 6, 7, 14
    yield _TUNED, ("cluster07", "cluster32"), "street", 6, 7, 15
    yield _REPORTED, ("1688", "2033"), str(music / "macroform-the_simplicity.g722"), 12, 6, 21
    yield _REPORTED, ("1998", "2414"), "street", 12, 6, 22
    yield _REPORTED, ("2609", "2414"), str(music / "macroform-robot_dity.g722"), 15, 6, 23
    yield _REPORTED, ("2033", "2609"), str(music / "macroform-robot_dity.g722"), 6, 5, 24
    yield _REPORTED, ("1998", "1688"), "street", 6, 5, 25


def main() -> None:
    """Compare the ways and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("music", type=Path)
    parser.add_argument("--keep", type=Path, default=None, help="folder for what was heard")
    arguments = parser.parse_args()
    found: dict[str, list[Utterance]] = {_TUNED: [], _REPORTED: []}
    for number, each in enumerate(mixes(arguments.music)):
        kept = arguments.keep / f"edges-{number}.pickle" if arguments.keep else None
        heard = kept_or_made(kept, partial(_heard, *each))
        found[each[0]] += utterances(heard)
    rows = [_row(name, way, of, some) for of, some in found.items() for name, way in ways()]
    write("edges", rows, NOTES)


NOTES = (
    "Milliseconds off, median and 90th percentile. By level: benchmarks.sounds on the clean voice; "
    "by alignment: PocketSphinx on it, where its dictionary has all words of a clip.",
    "The numbers of the search were tuned on the orders; LibriSpeech was seen when a way was "
    "chosen, so that its figures are somewhat too good.",
)


def ways() -> Iterator[tuple[str, Way]]:
    """Ways to look for edges, the one that is used last."""
    yield "the recogniser's words", lambda each: each.words
    yield "22 dB below loud parts, 0.25 s", lambda each: _below(each, 22.0, 0.25)
    yield "15 dB below loud parts, 0.4 s", lambda each: _below(each, 15.0, 0.4)
    yield "steepest rise and fall", _steepest
    yield "Silero on the voice", _spoken
    yield "middle of noise and voice, 0.25 s", lambda each: _sounding(each, 0.25)
    yield "middle of noise and voice, 0.4 s", lambda each: _sounding(each, 0.4)


def _sounding(utterance: Utterance, seconds: float) -> Span:
    within = utterance.within(seconds)
    voice = utterance.heard.voice[round(within.start * RATE) : round(within.end * RATE)]
    return sounding(voice, RATE, within)


def _below(utterance: Utterance, decibels: float, seconds: float) -> Span:
    within = utterance.within(seconds)
    levels = utterance.levels(within)
    runs = runs_of(levels > np.percentile(levels, 95) - decibels)
    if not runs:
        return utterance.words
    return Span(within.start + runs[0][0] * STEP, within.start + runs[-1][1] * STEP)


def _steepest(utterance: Utterance, width: int = 12, inner: float = 0.2) -> Span:
    """Where the level rises most from one eighth of a second to the next, and falls."""
    within = utterance.within(0.25)
    wide = Span(max(0.0, within.start - width * STEP), within.end + width * STEP)
    levels = utterance.levels(wide)
    loud = np.percentile(levels, 95)
    sums = np.cumsum(np.clip(levels, loud - 40, loud))
    rise = sums[2 * width :] - 2 * sums[width:-width] + sums[: -2 * width]
    first = round((utterance.words.start + inner - within.start) / STEP)
    last = round((utterance.words.end - inner - within.start) / STEP)
    start = within.start + int(np.argmax(rise[: max(1, first)])) * STEP
    end = within.start + (max(0, last) + int(np.argmin(rise[max(0, last) :]))) * STEP
    return Span(start, max(start, end))


def _spoken(utterance: Utterance) -> Span:
    within = utterance.within(0.25)
    first = int(within.start / FRAME)
    likely = utterance.heard.speech[first : int(within.end / FRAME) + 1]
    frames = np.flatnonzero(likely >= 0.5)
    if not len(frames):
        return utterance.words
    return Span((first + frames[0]) * FRAME, (first + frames[-1] + 1) * FRAME)


def _row(name: str, way: Way, of: str, some: Sequence[Utterance]) -> Row:
    row: Row = {"speech": of, "way": name, "utterances": len(some)}
    for truth in ("level", "aligned"):
        pairs = [(way(each), getattr(each, truth)) for each in some if getattr(each, truth)]
        starts = np.array([1000 * abs(made.start - true.start) for made, true in pairs])
        ends = np.array([1000 * abs(made.end - true.end) for made, true in pairs])
        close = [abs(made.duration / true.duration - 1) <= 0.1 for made, true in pairs]
        row[f"start, by {truth}"] = _spread(starts)
        row[f"end, by {truth}"] = _spread(ends)
        row[f"length within 10 %, by {truth}"] = round(100 * float(np.mean(close)), 1)
    return row


def _spread(off: NDArray[np.float64]) -> str:
    return f"{np.median(off):.0f}, {np.percentile(off, 90):.0f}"


def utterances(heard: Heard) -> Iterator[Utterance]:
    """What is said without a break, with where it truly begins and ends."""
    groups = [
        (turn, group) for turn in range(len(heard.mix.turns)) for group in _groups(heard, turn)
    ]
    times = [Span(group[0].start, max(word.end for word in group)) for _, group in groups]
    ends = [Span(0.0, 0.0), *times, Span(1e9, 1e9)]
    for (turn, group), (before, here), after in zip(
        groups, pairwise(ends[:-1]), ends[2:], strict=True
    ):
        if len(group) < _FEWEST:
            continue
        reach = Span(
            min(here.start, (before.end + here.start) / 2),
            max(here.end, (here.end + after.start) / 2),
        )
        yield _known(heard, turn, group, Utterance(heard, here, reach, None, None))


def _groups(heard: Heard, turn: int) -> Iterator[list[Word]]:
    start, end, *_ = heard.mix.turns[turn]
    group: list[Word] = []
    for word in heard.words:
        if not start - 0.15 <= word.middle <= end + 0.15:
            continue
        if group and word.start - group[-1].end >= _PAUSE:
            yield group
            group = []
        group.append(word)
    if group:
        yield group


def _known(heard: Heard, turn: int, group: Sequence[Word], made: Utterance) -> Utterance:
    start, end, speaker, text = heard.mix.turns[turn]
    samples = heard.mix.voices[speaker][round(start * RATE) : round(end * RATE)]
    clean = Clean(start, samples)
    near = made.within(AROUND)
    level = clean.sound(near)
    places = _places(clean.aligned(text), group)
    aligned = Span(places[0].start, places[1].end) if places else None
    return Utterance(heard, made.words, made.reach, level, aligned)


def _places(aligned: Sequence[Word], group: Sequence[Word]) -> tuple[Word, Word] | None:
    """The first and the last word of *group* in the aligned text, if it has both."""
    spelled = [spelling(word.text) for word in aligned], [spelling(word.text) for word in group]
    found: dict[int, Word] = {}
    for edit in Levenshtein.opcodes(*spelled):
        if edit.tag == "equal":
            for at in range(edit.src_end - edit.src_start):
                found[edit.dest_start + at] = aligned[edit.src_start + at]
    if 0 not in found or len(group) - 1 not in found:
        return None
    return found[0], found[len(group) - 1]


def _heard(
    of: str, speakers: Sequence[str], background: str, below: int, clips: int, seed: int
) -> Heard:
    print(of, *speakers, file=sys.stderr)
    workspace = build_workspace(load_settings())
    options = RecognitionOptions(language="en")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        speech = read_clips(_orders) if of == _TUNED else clip_at
        mix = build(folder, "mix", speakers, background, below, clips, seed, speech)
        decode_to_flac(mix.path, folder / "mix.flac", Limits())
        sound = StoredAudio.open(folder / "mix.flac")
        found = workspace.engines.recogniser(options).recognise(sound, options, _quiet)
        mixed = soundfile.read(str(mix.path), dtype="float32", always_2d=True)[0]
        separator = workspace.engines.voices.separator()
        voice = np.concatenate(list(separator.separate([mixed], RATE))).mean(axis=1)
        flac = folder / "voice.flac"
        soundfile.write(str(flac), np.clip(resample(voice, RATE, SAMPLE_RATE), -1, 1), SAMPLE_RATE)
        likely = voice_activity(StoredAudio.open(flac)).probabilities
    words = tuple(word for segment in found.segments for word in segment.words)
    return Heard(mix, words, voice, likely)


def _quiet(_share: float) -> None:
    pass


def _orders(speaker: str) -> list[tuple[Path, str]]:
    found: list[tuple[Path, str]] = []
    for part in ("train", "dev"):
        folder = corpus() / "domain" / part
        facts: list[dict[str, Any]] = json.loads((folder / "manifest.json").read_text())
        mine = (each for each in facts if each["speaker"] == speaker)
        found += [(folder / each["file"], each["reference"]) for each in mine]
    return found


if __name__ == "__main__":
    main()
