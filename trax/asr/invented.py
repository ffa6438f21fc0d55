"""Text that nobody said: found by what gives it away, taken out, and kept in a report."""

from collections.abc import Callable, Iterable, Sequence

from trax.asr.heard import HeardWord
from trax.asr.repeats import longest_repeat
from trax.audio.activity import VoiceActivity
from trax.merge.consensus import spelling
from trax.transcript import Reason, Removed, Span, Word

_ECHO = 3  # words of the prompt in a row that ask for a reading without it
_SILENT = 0.1  # mean voice activity below which nobody speaks
_AROUND = 0.15  # seconds around a word that are listened to
_HASTY = 0.1  # seconds: copies of a repeat that are shorter on average were not spoken
_UNSURE = 0.4  # mean confidence of copies that were not spoken either
_NO_SPEECH, _UNLIKELY = 0.6, -1.0  # a decoder that doubts both that anybody speaks and its own words


def without_invented(words: Sequence[HeardWord], activity: VoiceActivity) -> tuple[list[HeardWord], list[Removed]]:
    """*words* without repeats that nobody can have said and without what stands where nobody speaks."""
    spoken, repeats = _without_repeats(words)
    kept = [word for word in spoken if not _over_silence(word, activity)]
    lost = [word for word in spoken if _over_silence(word, activity)]
    return kept, [*repeats, *(removed(Reason.NO_SPEECH, [word]) for word in lost)]


def removed(reason: Reason, words: Iterable[Word]) -> Removed:
    """A report of *words* as plain words."""
    plain = tuple(Word(word.start, word.end, word.text, word.confidence, joined=word.joined) for word in words)
    return Removed(reason=reason, words=plain)


def echoed(words: Sequence[HeardWord], given: str) -> Span | None:
    """Where *words* say the prompt or hotwords *given* over again: three of its words in a row, or more.

    It may be an echo, or somebody who says just that: only another reading without the prompt can tell.
    """
    prompt = [spelling(word) for word in given.split()]
    spelt = [spelling(word.text) for word in words]
    runs = {tuple(prompt[at : at + _ECHO]) for at in range(len(prompt) - _ECHO + 1)} or {tuple(prompt)}
    width = min(_ECHO, len(prompt))
    hits = [at for at in range(len(spelt) - width + 1) if width and tuple(spelt[at : at + width]) in runs]
    return Span(words[hits[0]].start, max(word.end for word in words[hits[0] : hits[-1] + width])) if hits else None


def without_echo(
    words: Sequence[HeardWord], given: str, read_without: Callable[[], list[HeardWord]]
) -> tuple[list[HeardWord], list[Removed]]:
    """*words* that were read with the prompt *given*; where they seem to echo it, what *read_without* gives instead.

    Where the reading without the prompt says the same, it was said.
    """
    span = echoed(words, given) if given else None
    if span is None:
        return list(words), []
    plain = read_without()
    if echoed(plain, given) is not None:
        return list(words), []
    return plain, [removed(Reason.ECHO, [word for word in words if word.overlap(span) > 0])]


def _without_repeats(words: Sequence[HeardWord]) -> tuple[list[HeardWord], list[Removed]]:
    """The first of several copies in a row stays; the others go where they cannot have been spoken."""
    kept, gone = list(words), list[Removed]()
    at = 0
    while (found := longest_repeat([word.text for word in kept[at:]])) is not None:
        start, length, times = found
        first, last = at + start + length, at + start + length * times
        copies = kept[first:last]
        if _not_spoken(copies):
            gone.append(removed(Reason.REPEAT, copies))
            del kept[first:last]
            at = first
        else:
            at = last
    return kept, gone


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
