"""What an adapter is worth on speech that it has not learnt from."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trax.adapters.card import CurvePoint, Interval, Judgement, Reading, Sample
from trax.adapters.examples import Example, SpokenExamples
from trax.adapters.gate import GateOptions, Strength, loss_of, refused
from trax.adapters.hearing import HeardExample, heard, reading
from trax.asr.confidence import Calibration
from trax.asr.engine import Decoder, portion
from trax.progress import Progress
from trax.scoring.words import wrong_words

_DRAWS = 2000
_BOUNDS = (2.5, 97.5)  # percentiles
_FEW_SPEAKERS = 8  # with fewer, examples are drawn instead of speakers
_MOST_SAMPLES = 8
_BINS = 10
_PROMPTED = 3  # texts that make a prompt


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What is judged.

    Attributes:
        base: the model without the adapter.
        adapted: the model with it.
        terms: what somebody without an adapter would give as hotwords.
        calibration: gives words their confidence.
        strength: by which the adapter's change of the weights was multiplied, and how general
            speech was read then; ``None`` if it was not searched for.
    """

    base: Decoder
    adapted: Decoder
    spoken: SpokenExamples
    terms: Sequence[str]
    calibration: Calibration
    strength: Strength | None = None


def judge(
    judged: Judged,
    gate: GateOptions,
    progress: Progress,
    curve: Callable[[], Sequence[CurvePoint]] = tuple,
) -> Judgement:
    """Judge an adapter on the examples of the ``judge`` part.

    Args:
        curve: gives what less data would have brought; asked only if the gain is not clear.
    """
    spoken = judged.spoken
    domain = spoken.chosen("judge", general=False)
    before = heard(judged.base, spoken, domain, portion(progress, 0.0, 0.2))
    after = heard(judged.adapted, spoken, domain, portion(progress, 0.2, 0.4))
    told = _told(judged, domain, portion(progress, 0.4, 0.7))
    strength = judged.strength or _whole(judged, portion(progress, 0.7, 1.0))
    gain = bootstrapped_gain(before, after)
    readings = {"base": reading(before), "adapter": reading(after), **told}
    refusals = refused(spoken, gain, strength, gate)
    return Judgement(
        domain=readings,
        general=strength.general,
        gain=gain,
        loss=loss_of(strength.general),
        curve=tuple(curve()) if gain.low <= 0 else (),
        samples=_samples(before, after),
        confidence={
            "base": calibration_error(before, judged.calibration),
            "adapter": calibration_error(after, judged.calibration),
        },
        strength=strength.share,
        strengths=strength.tried,
        refusals=refusals,
        warnings=_warnings(readings, strength.general),
    )


def _whole(judged: Judged, progress: Progress) -> Strength:
    """The adapter as it is, with how general speech is read."""
    spoken = judged.spoken
    general = spoken.chosen("judge", general=True)
    if not general:
        return Strength()
    before = heard(judged.base, spoken, general, portion(progress, 0.0, 0.5))
    after = heard(judged.adapted, spoken, general, portion(progress, 0.5, 1.0))
    return Strength(general={"base": reading(before), "adapter": reading(after)})


def bootstrapped_gain(
    before: Sequence[HeardExample], after: Sequence[HeardExample], seed: int = 0
) -> Interval:
    """By how much the word error rate falls, with the 95 % interval of a bootstrap.

    Speakers are drawn, all examples of each together; or examples, if there are few speakers.
    """
    rows: dict[str, list[int]] = defaultdict(list)
    for at, each in enumerate(before):
        rows[each.example.speaker or each.example.source].append(at)
    if len(rows) < _FEW_SPEAKERS:
        rows = {str(at): [at] for at in range(len(before))}
    if not rows:
        return Interval(value=0.0, low=0.0, high=0.0)
    counts = [_counts(before, after, places) for places in rows.values()]
    table = np.array(counts, dtype=np.float64)
    rng = np.random.default_rng(seed)
    drawn = table[rng.integers(len(table), size=(_DRAWS, len(table)))].sum(axis=1)
    gains = (drawn[:, 0] - drawn[:, 1]) / np.maximum(1, drawn[:, 2])
    fewer, words = table[:, 0].sum() - table[:, 1].sum(), max(1.0, table[:, 2].sum())
    low, high = np.percentile(gains, _BOUNDS)
    return Interval(value=float(fewer / words), low=float(low), high=float(high))


def calibration_error(all_heard: Sequence[HeardExample], calibration: Calibration) -> float:
    """Expected calibration error of word confidence, in ten bins."""
    confidences: list[float] = []
    right: list[bool] = []
    for each in all_heard:
        confidences += calibration.confidences(each.words)
        wrong = wrong_words(each.example.text, each.words, each.example.language)
        right += [not one for one in wrong]
    if not confidences:
        return 0.0
    values, hits = np.array(confidences), np.array(right)
    bins = np.minimum((values * _BINS).astype(int), _BINS - 1)
    off = [abs(values[bins == at].sum() - hits[bins == at].sum()) for at in range(_BINS)]
    return round(float(sum(off)) / len(values), 4)


def _told(judged: Judged, domain: Sequence[Example], progress: Progress) -> dict[str, Reading]:
    """What the base does with hotwords or a prompt instead of the adapter."""
    texts = [each.text for each in judged.spoken.chosen("train", general=False)]
    step = max(1, len(texts) // _PROMPTED)
    prompt = " ".join(texts[::step][:_PROMPTED])
    hotwords = ", ".join(judged.terms)
    found = {}
    if prompt:
        with_prompt = heard(
            judged.base, judged.spoken, domain, portion(progress, 0.0, 0.5), prompt=prompt
        )
        found["prompt"] = reading(with_prompt)
    if hotwords:
        with_hotwords = heard(
            judged.base, judged.spoken, domain, portion(progress, 0.5, 1.0), hotwords=hotwords
        )
        found["hotwords"] = reading(with_hotwords)
    return found


def _counts(
    before: Sequence[HeardExample], after: Sequence[HeardExample], places: Sequence[int]
) -> tuple[int, int, int]:
    """Errors before, errors after and words in some of the examples."""
    return (
        sum(before[at].errors for at in places),
        sum(after[at].errors for at in places),
        sum(before[at].length for at in places),
    )


def _samples(before: Sequence[HeardExample], after: Sequence[HeardExample]) -> tuple[Sample, ...]:
    """The examples that changed most, for better or worse."""
    pairs = [pair for pair in zip(before, after, strict=True) if pair[0].text != pair[1].text]
    pairs.sort(key=lambda pair: -abs(pair[0].errors - pair[1].errors))
    return tuple(
        Sample(said=first.example.text, before=first.text, after=second.text)
        for first, second in pairs[:_MOST_SAMPLES]
    )


def _warnings(domain: Mapping[str, Reading], general: Mapping[str, Reading]) -> tuple[str, ...]:
    found = []
    if not general:
        found.append("there was no general speech to judge by: nobody knows what was forgotten")
    cheaper = [name for name in ("hotwords", "prompt") if name in domain]
    better = [name for name in cheaper if domain[name].rate <= domain["adapter"].rate]
    if better:
        found.append(f"{' and '.join(better)} alone would do as well")
    return tuple(found)
