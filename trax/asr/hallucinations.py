"""Hallucinations: text that nobody said, removed and reported."""

from collections.abc import Iterable, Sequence

from trax.asr.evidence import WordHypothesis
from trax.asr.repeats import first_repeat
from trax.audio.activity import VoiceActivity
from trax.transcript import Reason, Removed, Span, Word, spelling

_SILENT = 0.1  # mean voice activity below which nobody speaks
_AROUND = 0.15  # seconds around a word over which voice activity is averaged
_HASTY = 0.1  # seconds: repeated words that are shorter on average were not spoken
_UNSURE = 0.4  # mean confidence below which repeated words were not spoken either
_NO_SPEECH = 0.6  # probability that there is no speech, and
_UNLIKELY = -1.0  # mean log probability: a decoder that doubts the speech and its own words


def without_hallucinations(
    words: Sequence[WordHypothesis],
    activity: VoiceActivity,
) -> tuple[list[WordHypothesis], list[Removed]]:
    """*words* without impossible repetitions and without words over silence, and the removed."""
    plausible, reports = _without_repeats(words)
    kept: list[WordHypothesis] = []
    for word in plausible:
        if _over_silence(word, activity):
            reports.append(removed(Reason.NO_SPEECH, [word]))
        else:
            kept.append(word)
    return kept, reports


def removed(reason: Reason, words: Iterable[Word]) -> Removed:
    """Report that *words* were removed; their evidence is dropped."""
    plain = [
        Word(word.start, word.end, word.text, word.confidence, joined=word.joined) for word in words
    ]
    return Removed(reason=reason, words=tuple(plain))


def _without_repeats(
    words: Sequence[WordHypothesis],
) -> tuple[list[WordHypothesis], list[Removed]]:
    """Keep the first of several copies in a row; remove the others if they were not spoken."""
    spelt = [spelling(word.text) for word in words]
    kept: list[WordHypothesis] = []
    reports: list[Removed] = []
    at = 0
    while (repeat := first_repeat(spelt, at)) is not None:
        start, length, times = repeat
        first_copy = start + length
        past = start + length * times
        copies = words[first_copy:past]
        kept.extend(words[at:first_copy])
        if _not_spoken(copies):
            reports.append(removed(Reason.REPEAT, copies))
        else:
            kept.extend(copies)
        at = past
    return [*kept, *words[at:]], reports


def _not_spoken(copies: Sequence[WordHypothesis]) -> bool:
    mean_duration = sum(word.duration for word in copies) / len(copies)
    if mean_duration < _HASTY:
        return True
    return sum(word.confidence or 0.0 for word in copies) / len(copies) < _UNSURE


def _over_silence(word: WordHypothesis, activity: VoiceActivity) -> bool:
    around = Span(max(0.0, word.start - _AROUND), word.end + _AROUND)
    if activity.mean(around) < _SILENT:
        return True
    evidence = word.evidence
    if evidence is None or evidence.no_speech_probability <= _NO_SPEECH:
        return False
    return evidence.mean_log_probability < _UNLIKELY
