"""How well word confidence ranks and is calibrated on sources left out.

``python -m benchmarks.confidence [WORDS]`` recognises everything, cross-validates, and writes the
results; ``python -m benchmarks.confidence fit [WORDS]`` also fits the calibration that is shipped.
*WORDS* is a file in which recognised words are kept: if it is there, nothing is recognised.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.keeping import kept_or_made
from benchmarks.report import RESULTS, Row, write
from benchmarks.spoken import CONDITIONS, Spoken, clean, degraded, orders
from trax.asr import RecognitionOptions
from trax.asr.calibrating import (
    LabelledRecording,
    calibration_error,
    cross_validate,
    fit_calibration,
    reliability,
)
from trax.asr.confidence import SHIPPED
from trax.asr.evidence import WordHypothesis
from trax.asr.recogniser import PlannedRecogniser
from trax.audio import StoredAudio
from trax.compose import build_workspace
from trax.scoring.words import word_error_rate, wrong_words
from trax.service.calibration import write_calibration
from trax.settings import load_settings
from trax.transcript import joined_text

Numbers = NDArray[np.float64]

_PLANS = ("fast", "balanced", "accurate")
_RESAMPLED = 300
_REVIEWED = (15, 30)  # percent of the words, least confident first
_FITTED_ON = (
    "clips in English, German, French, Spanish and Portuguese (LibriSpeech, FLEURS, LJSpeech, "
    "prompts), conversations made of them, spoken orders, and all of these over telephone lines, "
    "in rooms, in noise, too soft or too loud"
)


@dataclass(frozen=True, slots=True)
class Heard:
    """A recording as one plan recognises it."""

    spoken: Spoken
    plan: str
    words: Sequence[WordHypothesis]

    @property
    def labelled(self) -> LabelledRecording:
        """Its words, right or wrong; sources are never split."""
        text, language = self.spoken.text, self.spoken.language
        return LabelledRecording(
            words=self.words,
            wrong=wrong_words(text, self.words, language),
            errors=word_error_rate(text, joined_text(self.words), language).errors,
            group=self.spoken.source,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """All words with their cross-validated confidence.

    Attributes:
        owner: the index of each word's recording in *heard*.
    """

    heard: Sequence[Heard]
    owner: NDArray[np.intp]
    sure: Numbers
    raw: Numbers
    wrong: NDArray[np.bool_]

    def of(self, chosen: Callable[[Heard], bool]) -> "_Judged":
        """The words of the recordings *chosen*."""
        among = np.array([chosen(each) for each in self.heard])[self.owner]
        owner, sure, raw = self.owner[among], self.sure[among], self.raw[among]
        return _Judged(self.heard, owner, sure, raw, self.wrong[among])


def main(kept: Path | None, fits: bool) -> None:
    """Cross-validate, write results and, if *fits*, the calibration that is shipped."""
    heard = kept_or_made(kept, heard_anew)
    labelled = [each.labelled for each in heard]
    sources = len({each.group for each in labelled})
    judged = _judged(heard, labelled, cross_validate(labelled, sources))
    notes = [
        "Each source's words are judged by a calibration fitted without it; conversations are "
        "LibriSpeech's.",
        f"AUC: wrong words found, with 95 % of {_RESAMPLED} resamplings of the recordings.",
        "15 %, 30 %: share of the wrong words among so many of all words, least confident first.",
        "Degraded: clips and every fourth order by telephone, in noise, in a room, or at a wrong "
        "level. Words written together or apart are right.",
    ]
    path = write("confidence", list(_rows(judged)), notes)
    _draw(path.with_suffix(".png"), reliability(judged.sure, judged.wrong))
    if fits:
        write_calibration(fit_calibration(labelled, _FITTED_ON, sources), SHIPPED)


def heard_anew() -> list[Heard]:
    """All recordings, clean and degraded, as every plan recognises them."""
    with tempfile.TemporaryDirectory() as folder:
        return list(_recognised(Path(folder)))


def _recognised(folder: Path) -> Iterator[Heard]:
    workspace = build_workspace(load_settings())
    for plan in _PLANS:
        spoken = [*clean(folder)]
        if plan != "accurate":
            spoken += degraded(folder)
        if plan == "balanced":
            spoken += orders(folder, 2)
        for each in spoken:
            options = RecognitionOptions.model_validate({"plan": plan, "language": each.language})
            recogniser = workspace.engines.recogniser(options)
            assert isinstance(recogniser, PlannedRecogniser)
            audio = StoredAudio.open(each.audio)
            hypothesis = recogniser.hypothesise(audio, options, lambda _share: None)
            yield Heard(each, plan, hypothesis.words)


def _judged(
    heard: Sequence[Heard], labelled: Sequence[LabelledRecording], sure: Numbers
) -> _Judged:
    owner: list[int] = []
    raw: list[float] = []
    wrong: list[bool] = []
    for at, (each, known) in enumerate(zip(heard, labelled, strict=True)):
        owner.extend([at] * len(each.words))
        wrong.extend(known.wrong)
        raw.extend(
            0.5 if word.evidence is None else word.evidence.probability for word in each.words
        )
    return _Judged(heard, np.array(owner), sure, np.array(raw), np.array(wrong, dtype=bool))


def _rows(judged: _Judged) -> Iterator[Row]:
    clips = judged.of(_is_clean_clip)
    for plan in _PLANS:
        yield _row(f"{plan}, clean", clips.of(partial(_is, plan=plan)))
    yield _row("all plans, clean", clips)
    for kind in ("official", "unofficial", "conversation"):
        yield _row(f"clean, {kind}", clips.of(partial(_is, kind=kind)))
    for condition in CONDITIONS:
        yield _row(condition, judged.of(partial(_is, condition=condition)))
    for source in sorted({each.spoken.source for each in judged.heard}):
        yield _row(source, judged.of(partial(_is, source=source)))
    yield _row("everything", judged)


def _is_clean_clip(heard: Heard) -> bool:
    return heard.spoken.condition == "clean" and heard.spoken.source != "orders"


def _is(heard: Heard, **facts: str) -> bool:
    """Whether the recording, or the plan, is as *facts* say."""
    known = {"plan": heard.plan, **asdict(heard.spoken)}
    return all(known[name] == value for name, value in facts.items())


def _row(name: str, judged: _Judged) -> Row:
    low, high = _interval(judged)
    row: Row = {
        "words of": name,
        "words": len(judged.wrong),
        "wrong": int(judged.wrong.sum()),
        "AUC": f"{_auc(judged.wrong, judged.sure):.3f} ({low:.3f} to {high:.3f})",
        "AUC of probability": f"{_auc(judged.wrong, judged.raw):.3f}",
        "ECE": f"{calibration_error(judged.sure, judged.wrong):.3f}",
    }
    for percent in _REVIEWED:
        row[f"errors in {percent} %"] = f"{_found(judged, percent):.2f}"
    return row


def _auc(wrong: NDArray[np.bool_], sure: Numbers) -> float:
    from sklearn.metrics import roc_auc_score

    if wrong.all() or not wrong.any():
        return float("nan")
    return float(roc_auc_score(wrong, 1 - sure))


def _interval(judged: _Judged) -> tuple[float, float]:
    """Where 95 % of the areas lie if recordings are drawn again, for all plans together."""
    rng = np.random.default_rng(0)
    names = np.array([f"{each.spoken.name} {each.spoken.condition}" for each in judged.heard])
    _, group = np.unique(names[judged.owner], return_inverse=True)
    order = np.argsort(group, kind="stable")
    places = np.split(order, np.flatnonzero(np.diff(group[order])) + 1)
    areas = []
    for _ in range(_RESAMPLED):
        drawn = rng.integers(len(places), size=len(places))
        chosen = np.concatenate([places[at] for at in drawn])
        areas.append(_auc(judged.wrong[chosen], judged.sure[chosen]))
    return float(np.nanpercentile(areas, 2.5)), float(np.nanpercentile(areas, 97.5))


def _found(judged: _Judged, percent: int) -> float:
    """Share of the wrong words among the least confident *percent* of all."""
    order = np.argsort(judged.sure, kind="stable")
    first = order[: round(len(order) * percent / 100)]
    return float(judged.wrong[first].sum() / max(1, judged.wrong.sum()))


def _draw(path: Path, rows: list[tuple[int, float, float]]) -> None:
    """The reliability diagram: how often words of each confidence are right."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    axes.plot([sure for _, sure, _ in rows], [right for _, _, right in rows], "o-")
    for count, sure, right in rows:
        place = (sure, right)
        axes.annotate(str(count), place, (6, -12), textcoords="offset points", fontsize=8)
    axes.set(xlabel="confidence", ylabel="share of words that are right")
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.set_title("Confidence of words, sources left out")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    print(path.relative_to(RESULTS.parent.parent))


if __name__ == "__main__":
    arguments = sys.argv[1:]
    fitting = arguments[:1] == ["fit"]
    files = arguments[1:] if fitting else arguments
    main(Path(files[0]) if files else None, fitting)
