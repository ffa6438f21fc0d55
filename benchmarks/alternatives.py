"""How often the right word is among a wrong word's alternatives.

``python -m benchmarks.alternatives [WORDS]``. Clips and conversations, read by each plan; *WORDS*
is a file in which recognised words are kept: if it is there, nothing is recognised.
"""

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from benchmarks.keeping import kept_or_made
from benchmarks.report import Row, write
from benchmarks.spoken import Spoken, clean
from trax.asr import RecognitionOptions
from trax.asr.evidence import WordHypothesis
from trax.asr.recogniser import PlannedRecogniser
from trax.audio import StoredAudio
from trax.compose import build_workspace
from trax.scoring.words import normaliser, wrong_words
from trax.settings import load_settings
from trax.transcript import Word, joined_text

PLANS = ("fast", "balanced", "accurate")

Counts = NDArray[np.int64]

_RESAMPLED = 1000


@dataclass(frozen=True, slots=True)
class Read:
    """A recording as one plan reads it.

    Attributes:
        cpu: seconds that reading took.
        duration: of the recording, in seconds.
    """

    spoken: Spoken
    plan: str
    words: Sequence[WordHypothesis]
    cpu: float
    duration: float


def main(kept: Path | None) -> None:
    """Judge all plans and write the results."""
    notes = [
        "Right: the word's alternative, put in its place, leaves fewer word errors. 95 % of "
        f"{_RESAMPLED} resamplings of the recordings.",
        "All languages of the corpus' clips, and its conversations; the thresholds were chosen on "
        "the English ones read by `fast`.",
    ]
    reads = kept_or_made(kept, recognised)
    plans = [plan for plan in PLANS if any(read.plan == plan for read in reads)]
    write("alternatives", [_row(plan, reads) for plan in plans], notes)


def offered(spoken: Spoken, words: Sequence[Word]) -> list[int]:
    """For each wrong word, which of its alternatives is right: its number from 1 on, else 0."""
    normal = normaliser(spoken.language)
    said = normal(spoken.text).split()
    wrong = wrong_words(spoken.text, words, spoken.language)
    errors = Levenshtein.distance(said, normal(joined_text(words)).split())
    found = []
    for at, word in enumerate(words):
        if not wrong[at]:
            continue
        right = 0
        for number, each in enumerate(word.alternatives, start=1):
            new = [replace(word, text=each.text)] if each.text else []
            text = normal(joined_text([*words[:at], *new, *words[at + 1 :]]))
            if Levenshtein.distance(said, text.split()) < errors:
                right = number
                break
        found.append(right)
    return found


def recognised() -> list[Read]:
    """All recordings, as every plan reads them."""
    with tempfile.TemporaryDirectory() as folder:
        return list(_recognised(Path(folder)))


def _recognised(folder: Path) -> Iterator[Read]:
    workspace = build_workspace(load_settings())
    for plan in PLANS:
        for spoken in clean(folder):
            options = RecognitionOptions.model_validate({"plan": plan, "language": spoken.language})
            recogniser = workspace.engines.recogniser(options)
            assert isinstance(recogniser, PlannedRecogniser)
            audio = StoredAudio.open(spoken.audio)
            begun = time.process_time()
            hypothesis = recogniser.hypothesise(audio, options, lambda _share: None)
            cpu = time.process_time() - begun
            yield Read(spoken, plan, hypothesis.words, cpu, audio.duration)


def _row(plan: str, reads: Sequence[Read]) -> Row:
    own = [read for read in reads if read.plan == plan]
    judged = [offered(read.spoken, read.words) for read in own]
    right = np.array([sum(number > 0 for number in each) for each in judged])
    wrong = np.array([len(each) for each in judged])
    words = [word for read in own for word in read.words]
    first = sum(number == 1 for each in judged for number in each)
    low, high = _interval(right, wrong)
    return {
        "plan": plan,
        "words": len(words),
        "wrong": int(wrong.sum()),
        "right one offered": f"{right.sum() / wrong.sum():.3f} ({low:.3f} to {high:.3f})",
        "as the first": f"{first / wrong.sum():.3f}",
        "words with any": f"{sum(bool(word.alternatives) for word in words) / len(words):.2f}",
        "CPU s": round(sum(read.cpu for read in own), 1),
        "s": round(sum(read.duration for read in own)),
    }


def _interval(right: Counts, wrong: Counts) -> tuple[float, float]:
    rng = np.random.default_rng(0)
    shares = []
    for _ in range(_RESAMPLED):
        drawn = rng.integers(len(right), size=len(right))
        shares.append(right[drawn].sum() / max(1, wrong[drawn].sum()))
    return float(np.percentile(shares, 2.5)), float(np.percentile(shares, 97.5))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
