"""A simulated reviewer: ``python -m benchmarks.review [WORDS [HEARD]]``.

Recordings whose text is known are read by the plans `fast` and `balanced`; the queue is the one
that the service makes. *WORDS* is a file in which recognised words are kept (that of
`benchmarks.alternatives`), *HEARD* is that of `benchmarks.confidence`, from which confidence is
calibrated without the source that is judged: what is there is not recognised again.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import review_keys
from benchmarks.alternatives import Read, recognised
from benchmarks.confidence import Heard, heard_anew
from benchmarks.keeping import kept_or_made
from benchmarks.report import Row, write
from benchmarks.review_queue import MOST_UNASKED, PAUSE, Numbers, Queue, Reviewed
from benchmarks.reviewing import Alignment, Draft
from trax.asr.calibrating import fit_calibration
from trax.asr.segments import sentence_segments
from trax.scoring.words import wrong_words
from trax.service.places import DECIDING, LEVELS, NEAR
from trax.testing import transcript
from trax.transcript import identified

_PLANS = ("fast", "balanced")
_RESAMPLED = 1000
_AIMS = (0.55, 0.80)  # of the wrong words, in the first 15 % and 30 % of the words
_SHARES = (0.15, 0.30)
_FINE = tuple(round(0.05 * step, 2) for step in range(1, 20))
_WAYS: dict[str, tuple[Sequence[float], int]] = {
    "the product's": (LEVELS, NEAR),
    "one level, two words between": ((0.8,), 2),
    "one level to 0.96, two words between": ((0.96,), 2),
    "levels, none between": (LEVELS, 0),
    "levels, two words between": (LEVELS, 2),
    "three levels, one between": ((0.65, 0.8, 0.93), 1),
    "nineteen levels, none between": (_FINE, 0),
}


def main(words: Path | None, heard: Path | None) -> None:
    """Review what both plans read, and write the results."""
    reads = kept_or_made(words, recognised)
    calibrated = _calibrated(reads, kept_or_made(heard, heard_anew))
    rows: list[Row] = []
    spent: list[Row] = []
    for plan in _PLANS:
        drafts = [each for each, by in calibrated if by == plan]
        raw = _by_probability(drafts, [read for read in reads if read.plan == plan])
        rows.extend(_rows(plan, drafts, raw))
        for kind in ("all", "conversations", "clips"):
            spent.extend(review_keys.rows(f"{plan}, {kind}", _of_kind(drafts, kind)))
    write("review", rows, _NOTES)
    write("review-keys", spent, review_keys.NOTES)


def _calibrated(reads: Sequence[Read], heard: Sequence[Heard]) -> list[tuple[Draft, str]]:
    """What was read, with the confidence of a calibration fitted without its source."""
    labelled = [each.labelled for each in heard]
    found = []
    for source in sorted({read.spoken.source for read in reads}):
        others = [each for each in labelled if each.group != source]
        calibration = fit_calibration(others, f"without {source}", 3)
        own = [read for read in reads if read.spoken.source == source]
        found += [(_draft(read, calibration.confidences(read.words)), read.plan) for read in own]
    return found


def _draft(read: Read, confidences: Sequence[float]) -> Draft:
    words = [replace(w, confidence=c) for w, c in zip(read.words, confidences, strict=True)]
    segments = tuple(sentence_segments(read.words, words, [], read.spoken.language))
    document = replace(
        transcript(), segments=segments, turns=(), exclusive_turns=(), speakers=(), removed=()
    )
    wrong = wrong_words(read.spoken.text, read.words, read.spoken.language)
    return Draft(read.spoken, identified(document), wrong)


def _by_probability(drafts: Sequence[Draft], reads: Sequence[Read]) -> list[Draft]:
    """The same with the recogniser's probability, stretched so that as many words are as sure."""
    by_name = {read.spoken.name: read for read in reads}
    own = [by_name[draft.spoken.name] for draft in drafts]
    raw = [[w.evidence.probability if w.evidence else 0.5 for w in read.words] for read in own]
    sure = sorted(w.confidence or 0.0 for d in drafts for w in d.transcript.words)
    known = sorted(each for row in raw for each in row)
    return [
        _draft(read, np.interp(row, known, sure).tolist())
        for read, row in zip(own, raw, strict=True)
    ]


def _rows(plan: str, drafts: Sequence[Draft], raw: Sequence[Draft]) -> Iterator[Row]:
    known = [Alignment(draft) for draft in drafts]
    ways = {name: _reviewed(known, *way) for name, way in _WAYS.items()}
    product = ways["the product's"]
    for kind in ("all", "conversations", "clips"):
        chosen = [each for each in product if kind == "all" or each.is_of(kind)]
        yield _row(f"{plan}, {kind}", chosen)
    by_probability = [Alignment(draft) for draft in raw]
    yield _row(f"{plan}, by probability", _reviewed(by_probability, LEVELS, NEAR))
    yield _row(f"{plan}, way chosen without the source", _chosen(ways))
    for name, found in ways.items():
        if found is not product:
            yield _row(f"{plan}, {name}", found)


def _of_kind(drafts: Sequence[Draft], kind: str) -> list[Reviewed]:
    found = _reviewed([Alignment(draft) for draft in drafts], LEVELS, NEAR)
    return [each for each in found if kind == "all" or each.is_of(kind)]


def _reviewed(known: Sequence[Alignment], levels: Sequence[float], near: int) -> list[Reviewed]:
    return [Reviewed(each.draft, each.steps(levels, near), each.plain()) for each in known]


def _chosen(ways: dict[str, list[Reviewed]]) -> list[Reviewed]:
    """Each recording's queue in the way that is best on all other sources."""
    first = next(iter(ways.values()))
    found = []
    for at, each in enumerate(first):
        others = [n for n, other in enumerate(first) if other.source != each.source]
        best = max(ways, key=lambda name: _worth([ways[name][n] for n in others]))
        found.append(ways[best][at])
    return found


def _worth(found: Sequence[Reviewed]) -> float:
    queue = Queue(found)
    return min(
        queue.held(share, queue.once) / aim for share, aim in zip(_SHARES, _AIMS, strict=True)
    )


def _row(name: str, found: Sequence[Reviewed]) -> Row:
    queue = Queue(found)
    wrong = sum(sum(each.draft.wrong) for each in found)
    offered = sum(step.offered for each in found for step in each.steps)
    return {
        "queue": name,
        "words": sum(len(each.draft.wrong) for each in found),
        "wrong": wrong,
        "places": sum(len(each.steps) for each in found),
        "in 15 %": _interval(queue, partial(queue.held, _SHARES[0])),
        "in 30 %": _interval(queue, partial(queue.held, _SHARES[1])),
        "right one offered": f"{offered / wrong:.2f}",
        "keys to halve, of plain editing's": _interval(queue, queue.keys),
        "of plain editing's with a pointer": _interval(queue, queue.keys_to_pointing),
        "place by place": _interval(queue, queue.keys_one_by_one),
        "minutes to halve": f"{queue.minutes():.0f}",
    }


def _interval(queue: Queue, figure: Callable[[Numbers], float]) -> str:
    rng = np.random.default_rng(0)
    count = len(queue.once)
    drawn: list[float] = []
    for _ in range(_RESAMPLED):
        times = np.bincount(rng.integers(count, size=count), minlength=count)
        drawn.append(figure(times.astype(np.float64)))
    low, high = np.percentile(np.array(drawn), [2.5, 97.5])
    return f"{figure(queue.once):.2f} ({low:.2f} to {high:.2f})"


_NOTES = [
    "One queue over all recordings, made by `trax.service.places`; confidence is calibrated "
    f"without the source that is judged. 95 % of {_RESAMPLED} resamplings of the recordings.",
    "in 15 %, in 30 %: share of the wrong words in the first places that hold so many of all "
    f"words. Aims: {_AIMS[0]:.0%} and {_AIMS[1]:.0%}.",
    "by probability: the same queue by the recogniser's own probability, stretched to the same "
    "distribution. Chosen without the source: each source by the way that is best on the others.",
    "right one offered: word errors mended by one of at most three readings, of all wrong words "
    "(places beyond the queue's end count, too).",
    "keys: whoever listens presses none where a place is right (but one where "
    f"{MOST_UNASKED} places in a row were, and one after the last places of each recording), one "
    "for a right reading; else the typing in a field that is selected, and one to end it. Place by "
    "place: a place that is right is accepted by one, typing begins with one more, and is as in "
    "plain editing.",
    "Plain editing, in a text box: jumps by word and line to each error, one key to pause before "
    "it and one to play on, and the typing; with a pointer: a click in place of the jumps and the "
    "way to the letter. Typing is the shorter of changing letters and writing words again; texts "
    "are as scored.",
    f"minutes: listening; the next place is played {PAUSE:g} s after one that is right, and "
    f"{DECIDING:g} s pass to decide and type.",
]


if __name__ == "__main__":
    files = [Path(each) for each in sys.argv[1:]]
    main(files[0] if files else None, files[1] if len(files) > 1 else None)
