"""Confidence in words' speakers, calibrated: ``python -m benchmarks.speaker_confidence``.

Words are recognised by ``fast``; a word's speaker is right if that person speaks at its middle, by
the best match of speakers. Each source is judged by coefficients fitted without it. The last line
printed has those for `trax.merge.speaker_confidence`, fitted on everything.
"""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from benchmarks.corpus import conversations, diarization
from benchmarks.generated import generate
from benchmarks.report import Row, write
from trax.asr import RecognitionOptions
from trax.asr.calibrating import calibration_error
from trax.audio import SAMPLE_RATE, StoredAudio
from trax.compose import build_workspace
from trax.diarization import DiarizationOptions
from trax.merge import attribute
from trax.merge.speaker_confidence import speaker_figures, with_speaker_confidence
from trax.scoring import read_scorable
from trax.settings import load_settings
from trax.stages.chunks import diarize_in_chunks
from trax.transcript import Diarization, Recognition, Turn

Numbers = NDArray[np.float64]

_GENERATED = 24
_FOLD = 1


@dataclass(frozen=True, slots=True)
class Source:
    """A recording and who speaks when in it."""

    kind: str
    audio: Path
    turns: Sequence[Turn]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Words of one kind of recording.

    Attributes:
        figures: shape ``(words, 3)``.
        stated: their speaker's confidence as shipped.
        wrong: whether the speaker is.
    """

    figures: Numbers
    stated: Numbers
    wrong: NDArray[np.bool_]


def main() -> None:
    """Judge every kind by the others, and print coefficients for all."""
    parts: dict[str, list[Judged]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for source in [*_corpus(), *_made(Path(folder))]:
            recognition, found = _found(source.audio)
            judged = judge(recognition, found, source.turns)
            parts.setdefault(source.kind, []).append(judged)
    kinds = {kind: _joined(some) for kind, some in parts.items()}
    write("speaker-confidence", list(_rows(kinds)), ["Each kind is judged by the others' fit."])
    weights, intercept = fitted(_joined(list(kinds.values())))
    print(f"INTERCEPT = {intercept:.3f}\nWEIGHTS = {tuple(round(float(w), 3) for w in weights)}")


def judge(recognition: Recognition, found: Diarization, turns: Sequence[Turn]) -> Judged:
    """The words spoken while somebody speaks, with whether their speaker is right."""
    names = _best_match(found.turns, turns)
    segments = attribute(recognition, found)
    words = with_speaker_confidence([word for each in segments for word in each.words], found)
    rows: list[tuple[float, float, float]] = []
    stated: list[float] = []
    wrong: list[bool] = []
    for word, figures in zip(words, speaker_figures(words, found), strict=True):
        speaking = {turn.speaker for turn in turns if turn.start <= word.middle < turn.end}
        if speaking and word.speaker_confidence is not None:
            rows.append(figures)
            stated.append(word.speaker_confidence)
            wrong.append(names.get(word.speaker or "") not in speaking)
    return Judged(np.array(rows).reshape(-1, 3), np.array(stated), np.array(wrong, dtype=bool))


def fitted(judged: Judged) -> tuple[Numbers, float]:
    """Weights and intercept of a logistic regression."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=0.1, max_iter=2000).fit(judged.figures, ~judged.wrong)
    return model.coef_[0], float(model.intercept_[0])


def _corpus() -> Iterator[Source]:
    for item in conversations():
        turns = read_scorable(item.audio.with_suffix(".rttm")).turns
        yield Source("conversations", item.audio, turns)
    for item in diarization():
        prefix = item.audio.stem.partition("_")[0]
        kind = {"ami": "meetings", "dev": "spliced"}.get(prefix, "call")
        yield Source(kind, item.audio, read_scorable(item.reference).turns)


def _made(folder: Path) -> Iterator[Source]:
    for seed in range(_GENERATED):
        made = generate(seed, fold=_FOLD)
        audio = folder / f"{seed}.flac"
        soundfile.write(str(audio), made.samples, SAMPLE_RATE)
        yield Source("generated", audio, made.turns)


def _found(audio: Path) -> tuple[Recognition, Diarization]:
    print(audio.stem, file=sys.stderr, flush=True)
    workspace = build_workspace(load_settings())
    stored = StoredAudio.open(audio)
    spoken = RecognitionOptions(plan="fast", language="en")
    recogniser = workspace.engines.recogniser(spoken)
    options = DiarizationOptions(model="packaged")
    diarizer = workspace.engines.diarizer(options)
    recognition = recogniser.recognise(stored, spoken, lambda _share: None)
    return recognition, diarize_in_chunks(diarizer, options, stored, lambda _share: None)


def _best_match(found: Sequence[Turn], known: Sequence[Turn]) -> dict[str, str]:
    """The person that each speaker found is, one to one, by seconds in common."""
    labels = sorted({turn.speaker for turn in found})
    people = sorted({turn.speaker for turn in known})
    seconds = np.zeros((len(labels), len(people)))
    for turn in found:
        for other in known:
            seconds[labels.index(turn.speaker), people.index(other.speaker)] += turn.overlap(other)
    pairs = zip(*linear_sum_assignment(-seconds), strict=True)
    return {labels[one]: people[other] for one, other in pairs if seconds[one, other] > 0}


def _joined(parts: Sequence[Judged]) -> Judged:
    return Judged(
        np.concatenate([each.figures for each in parts]),
        np.concatenate([each.stated for each in parts]),
        np.concatenate([each.wrong for each in parts]),
    )


def _rows(kinds: dict[str, Judged]) -> Iterator[Row]:
    held_out = []
    for kind, judged in kinds.items():
        others = _joined([each for name, each in kinds.items() if name != kind])
        weights, intercept = fitted(others)
        sure = 1 / (1 + np.exp(-(judged.figures @ weights + intercept)))
        held_out.append(sure)
        yield _row(kind, judged, sure)
    yield _row("all", _joined(list(kinds.values())), np.concatenate(held_out))


def _row(name: str, judged: Judged, sure: Numbers) -> Row:
    from sklearn.metrics import roc_auc_score

    def area(values: Numbers) -> str:
        if judged.wrong.all() or not judged.wrong.any():
            return ""
        return f"{roc_auc_score(judged.wrong, 1 - values):.3f}"

    return {
        "words of": name,
        "words": len(sure),
        "wrong": int(judged.wrong.sum()),
        "AUC": area(sure),
        "ECE": f"{calibration_error(sure, judged.wrong):.3f}",
        "AUC, share alone": area(judged.figures[:, 1]),
    }


if __name__ == "__main__":
    main()
