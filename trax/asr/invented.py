"""Text that nobody said: found by what gives it away, taken out, and kept in a report."""

from collections.abc import Callable, Iterable, Sequence

from trax.asr.heard import HeardWord
from trax.asr.repeats import first_repeat
from trax.audio.activity import VoiceActivity
from trax.merge.voting import spelling
from trax.transcript import Reason, Removed, Span, Word

_ECHO = 3  # words in a row that ask for a reading without the prompt
_SILENT = 0.1  # mean voice activity below which nobody speaks
_AROUND = 0.15  # seconds around a word that are listened to
_HASTY = 0.1  # seconds: copies of a repeat that are shorter on average were not spoken
_UNSURE = 0.4  # mean confidence of copies that were not spoken either
_NO_SPEECH, _UNLIKELY = (
    0.6,
    -1.0,
)  # a decoder that doubts both that anybody speaks and its own words


def without_invented(
    words: Sequence[HeardWord], activity: VoiceActivity
) -> tuple[list[HeardWord], list[Removed]]:
    """*words* without repeats that nobody can have said and without what stands where nobody
    speaks.
    """
    spoken, repeats = _without_repeats(words)
    kept, lost = list[HeardWord](), list[HeardWord]()
    for word in spoken:
        (lost if _over_silence(word, activity) else kept).append(word)
    return kept, [*repeats, *(removed(Reason.NO_SPEECH, [word]) for word in lost)]


def removed(reason: Reason, words: Iterable[Word]) -> Removed:
    """A report of *words* as plain words."""
    plain = tuple(
        Word(word.start, word.end, word.text, word.confidence, joined=word.joined) for word in words
    )
    return Removed(reason=reason, words=plain)


def echo_runs(prompt: str, hotwords: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """Three words in a row that, where they are heard, may be an echo of what the decoder was told.

    Those of the prompt, and those of the list of hotwords that go from one to the next: a hotword
    alone is what was hoped for.
    """
    told = [(spelling(word), -1) for word in prompt.split()]
    listed = [(spelling(word), at) for at, term in enumerate(hotwords) for word in term.split()]
    runs = [
        run for words in (told, listed) for run in zip(words, words[1:], words[2:], strict=False)
    ]
    return frozenset(
        tuple(word for word, _term in run)
        for run in runs
        if run[0][1] == -1 or run[0][1] != run[2][1]
    )


def echoed(words: Sequence[HeardWord], runs: frozenset[tuple[str, ...]]) -> Span | None:
    """Where *words* have one of *runs*, from the first to the last.

    It may be an echo, or somebody who says just that: only another reading without the prompt can
    tell.
    """
    spelt = [spelling(word.text) for word in words]
    hits = [at for at in range(len(spelt) - _ECHO + 1) if tuple(spelt[at : at + _ECHO]) in runs]
    return (
        Span(words[hits[0]].start, max(word.end for word in words[hits[0] : hits[-1] + _ECHO]))
        if hits
        else None
    )


def without_echo(
    words: Sequence[HeardWord],
    runs: frozenset[tuple[str, ...]],
    read_without: Callable[[], list[HeardWord]],
) -> tuple[list[HeardWord], list[Removed]]:
    """*words*; where they have one of *runs* that may be an echo, what *read_without* gives
    instead.

    Where the reading without prompt and hotwords says the same, it was said.
    """
    span = echoed(words, runs)
    if span is None:
        return list(words), []
    plain = read_without()
    if echoed(plain, runs) is not None:
        return list(words), []
    return plain, [removed(Reason.ECHO, [word for word in words if word.overlap(span) > 0])]


def _without_repeats(words: Sequence[HeardWord]) -> tuple[list[HeardWord], list[Removed]]:
    """The first of several copies in a row stays; the others go where they cannot have been
    spoken.
    """
    spelt = [spelling(word.text) for word in words]
    kept, gone, at = list[HeardWord](), list[Removed](), 0
    while (found := first_repeat(spelt, at)) is not None:
        start, length, times = found
        first, last = start + length, start + length * times
        kept.extend(words[at:first])
        copies = words[first:last]
        if _not_spoken(copies):
            gone.append(removed(Reason.REPEAT, copies))
        else:
            kept.extend(copies)
        at = last
    return [*kept, *words[at:]], gone


def _not_spoken(copies: Sequence[HeardWord]) -> bool:
    hasty = sum(word.duration for word in copies) / len(copies) < _HASTY
    return hasty or sum(word.confidence or 0.0 for word in copies) / len(copies) < _UNSURE


def _over_silence(word: HeardWord, activity: VoiceActivity) -> bool:
    if activity.mean(Span(max(0.0, word.start - _AROUND), word.end + _AROUND)) < _SILENT:
        return True
    evidence = word.evidence
    return (
        evidence is not None
        and evidence.no_speech_probability > _NO_SPEECH
        and evidence.mean_log_probability < _UNLIKELY
    )
