"""Turns that sound like somebody, once three were given to them: ``python -m benchmarks.suggestions
[COUNT]``.

Recordings are diarized with one speaker fewer than there are, so that two people are taken for one.
Three turns of somebody who has no label of their own are given to them, and what is suggested then
is compared with the reference: every turn is judged without itself.
"""

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.corpus import conversations, diarization
from benchmarks.generated import generate
from benchmarks.intervals import error_rate
from benchmarks.report import Row, write
from trax.audio import SAMPLE_RATE, Limits, StoredAudio, decode_to_flac
from trax.compose import build_workspace
from trax.diarization import DiarizationOptions
from trax.diarization.resemblance import LEAST_HEARD, Stretch, resemblances
from trax.scoring import read_scorable
from trax.settings import load_settings
from trax.stages.chunks import diarize_in_chunks
from trax.transcript import Diarization, Span, Turn

_FOLD = 1  # thresholds were chosen on the other one, which shares nobody with it
_GIVEN = 3
_DRAWS = 5  # of three turns, for each person
_SHORTEST = 0.3  # seconds of a turn that somebody would give to somebody
_NEW = "NEW"
_NOTES = [
    "Diarized with one speaker fewer than there are. Three turns of somebody without a label of "
    "their own are given to them, drawn five times; the others are judged, each without itself.",
    "right: share of the offered turns that are theirs, with a 95 % interval by a bootstrap over "
    "recordings. found: share of their turns that are offered, of all and of those in which they "
    f"are heard alone for {LEAST_HEARD:g} s or more: no others are ever offered.",
    "Thresholds were chosen on generated conversations of other people (fold 0).",
]


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the turns of one recording, over all draws.

    Attributes:
        offered: turns that were suggested.
        wrong: those of them that are somebody else's.
        theirs: turns that were to be found.
        audible: those of them with enough speech of one person alone.
    """

    offered: int = 0
    wrong: int = 0
    theirs: int = 0
    audible: int = 0


def main() -> None:
    """Judge generated conversations, and those of the corpus."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    kinds: dict[str, list[Tally]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        for kind, audio, turns in [*_corpus(Path(folder)), *_made(Path(folder), count)]:
            if len({turn.speaker for turn in turns}) > 1:
                print(kind, audio.stem, file=sys.stderr, flush=True)
                kinds[kind].append(judged(_diarized(audio, turns), turns))
    everything = [each for some in kinds.values() for each in some]
    rows = [_row(kind, kinds[kind]) for kind in sorted(kinds)]
    write("suggestions", [*rows, _row("all", everything)], _NOTES)


def judged(found: Diarization, turns: Sequence[Turn]) -> Tally:
    """What is suggested of the reference's turns, if each has the label that was found for it."""
    spoken = [turn for turn in turns if turn.duration >= _SHORTEST]
    labels = [_label(turn, found) for turn in spoken]
    people = [turn.speaker for turn in spoken]
    owners = _owners(spoken, labels)
    rng = np.random.default_rng(0)
    tallies = []
    for person in sorted(set(people) - set(owners.values())):
        own = [at for at, each in enumerate(people) if each == person]
        for _ in range(_DRAWS if len(own) > _GIVEN else 0):
            given = set(rng.choice(own, _GIVEN, replace=False).tolist())
            stretches = [
                Stretch(turn, _NEW if at in given else labels[at], at in given)
                for at, turn in enumerate(spoken)
            ]
            offered = [each.at for each in resemblances(stretches, found.samples)]
            tallies.append(_tally(offered, [at for at in own if at not in given], spoken, found))
    return _sum(tallies)


def _tally(
    offered: Sequence[int], theirs: Sequence[int], spoken: Sequence[Turn], found: Diarization
) -> Tally:
    audible = [at for at in theirs if _alone(spoken[at], found) >= LEAST_HEARD]
    wrong = set(offered) - set(theirs)
    return Tally(len(offered), len(wrong), len(theirs), len(audible))


def _sum(tallies: Sequence[Tally]) -> Tally:
    return Tally(
        sum(each.offered for each in tallies),
        sum(each.wrong for each in tallies),
        sum(each.theirs for each in tallies),
        sum(each.audible for each in tallies),
    )


def _label(turn: Turn, found: Diarization) -> str:
    """Of whoever was found to speak most of it."""
    seconds: dict[str, float] = defaultdict(float)
    for each in found.exclusive_turns:
        seconds[each.speaker] += each.overlap(turn)
    return max(seconds, key=lambda label: seconds[label], default="")


def _owners(spoken: Sequence[Turn], labels: Sequence[str]) -> dict[str, str]:
    """Who says most of what has each label."""
    seconds: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for turn, label in zip(spoken, labels, strict=True):
        seconds[label][turn.speaker] += turn.duration
    return {label: max(said, key=lambda each: said[each]) for label, said in seconds.items()}


def _alone(turn: Span, found: Diarization) -> float:
    """Seconds of it in which one person was heard alone."""
    return sum(span.overlap(turn) for each in found.samples for span in each.spans)


def _corpus(folder: Path) -> Iterator[tuple[str, Path, Sequence[Turn]]]:
    for item in conversations():
        turns = read_scorable(item.audio.with_suffix(".rttm")).turns
        yield "conversations", _decoded(item.audio, folder), turns
    for item in diarization():
        prefix = item.audio.stem.partition("_")[0]
        kind = {"ami": "meetings", "dev": "spliced"}.get(prefix, "call")
        yield kind, _decoded(item.audio, folder), read_scorable(item.reference).turns


def _decoded(audio: Path, folder: Path) -> Path:
    target = folder / f"{audio.stem}.flac"
    decode_to_flac(audio, target, Limits())
    return target


def _made(folder: Path, count: int) -> Iterator[tuple[str, Path, Sequence[Turn]]]:
    for seed in range(count):
        made = generate(seed, fold=_FOLD)
        audio = folder / f"generated-{seed}.flac"
        soundfile.write(str(audio), made.samples, SAMPLE_RATE)
        yield f"generated, {made.kind}", audio, made.turns


def _diarized(audio: Path, turns: Sequence[Turn]) -> Diarization:
    people = len({turn.speaker for turn in turns})
    options = DiarizationOptions(model="packaged", speakers=people - 1)
    engine = build_workspace(load_settings()).engines.diarizer(options)
    return diarize_in_chunks(engine, options, StoredAudio.open(audio), lambda _share: None)


def _row(kind: str, tallies: Sequence[Tally]) -> Row:
    all_of = _sum(tallies)
    with_offers = [each for each in tallies if each.offered]
    right = "none offered"
    if with_offers:
        wrong = error_rate([e.wrong for e in with_offers], [e.offered for e in with_offers])
        bounds = ""
        if wrong.low is not None and wrong.high is not None:
            bounds = f" [{100 - wrong.high:.1f}, {100 - wrong.low:.1f}]"
        right = f"{100 - wrong.value:.1f}{bounds}"
    found = all_of.offered - all_of.wrong
    return {
        "recordings": kind,
        "with turns to find": sum(each.theirs > 0 for each in tallies),
        "offered": all_of.offered,
        "right, %": right,
        "found, % of all": round(100 * found / max(1, all_of.theirs)),
        "found, % of audible": round(100 * found / max(1, all_of.audible)),
    }


if __name__ == "__main__":
    main()
