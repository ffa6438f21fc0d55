"""When each speaker speaks: by the sound, corrected by whose words people say they are."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from trax.transcript import Span, Transcript, Turn, Word

PAUSE = 0.75
"""Seconds of silence that belong to whoever speaks before and after them.

AMI's annotators end 2 % of their turns at shorter ones.
"""


def talk(transcript: Transcript, turns: Sequence[Turn]) -> dict[str | None, list[Span]]:
    """When each speaker talks, in order, short pauses included.

    In their *turns*, which `spoken_turns` gives, and in words that none of these covers. So speech
    counts of which no word was read, and that of all who speak at once.
    """
    found: dict[str | None, list[Span]] = defaultdict(list)
    for turn in turns:
        found[turn.speaker].append(turn)
    for word in _unheard(_by_middle(transcript), turns):
        found[word.speaker].append(word)
    return {speaker: united(spans, PAUSE) for speaker, spans in found.items()}


def spoken_turns(transcript: Transcript) -> list[Turn]:
    """The turns of the sound, by start, as far as the words are still those speakers'.

    A word whose speaker the sound does not hear there was given to them by somebody, or by its
    sentence. A turn in which its speaker says nothing else is theirs altogether; from another turn
    such words are cut out.
    """
    words = _by_middle(transcript)
    moved = _Words(_unheard(words, transcript.turns))
    everybody = _Words(words)
    found: list[Turn] = []
    for turn in transcript.turns:
        said = any(word.speaker == turn.speaker for word in everybody.within(turn))
        found += _left(turn, moved.within(turn), said)
    return sorted(found, key=lambda turn: (turn.start, turn.end, turn.speaker))


def _left(turn: Turn, moved: Sequence[Word], is_spoken: bool) -> Iterator[Turn]:
    """What is left of *turn* without words *moved* to others, or all of it as one of theirs.

    Args:
        is_spoken: whether its speaker still says a word in it.
    """
    others = Counter(word.speaker for word in moved if word.speaker is not None)
    if others and not is_spoken:
        speaker = others.most_common(1)[0][0]
        yield replace(turn, speaker=speaker, confidence=_sure(moved))
        return
    for span in without(turn, united(moved, PAUSE)):
        yield replace(turn, start=span.start, end=span.end)


def _sure(words: Sequence[Word]) -> float | None:
    """Mean confidence in the speaker of *words*; ``None`` where no engine said."""
    known = [word.speaker_confidence for word in words if word.speaker_confidence is not None]
    return sum(known) / len(known) if known else None


def united(spans: Iterable[Span], gap: float = 0.0) -> list[Span]:
    """The spans in order, those that touch or are *gap* seconds apart as one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda each: (each.start, each.end)):
        if found and span.start <= found[-1].end + gap:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(Span(span.start, span.end))
    return found


def without(span: Span, cut: Iterable[Span]) -> Iterator[Span]:
    """What *cut*, in order and apart, leaves of *span*."""
    start = span.start
    for each in cut:
        if each.start > start:
            yield Span(start, min(each.start, span.end))
        start = max(start, each.end)
    if start < span.end:
        yield Span(start, span.end)


def length(spans: Iterable[Span]) -> float:
    """Seconds of all *spans* together."""
    return sum(span.duration for span in spans)


class _Words:
    """Words by their middle, so that those of a turn are found without reading all."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._words = words
        self._middles = [word.middle for word in words]

    def within(self, span: Span) -> Sequence[Word]:
        """Those whose middle lies in *span*."""
        first = bisect_left(self._middles, span.start)
        past = bisect_left(self._middles, span.end)
        return self._words[first:past]


def _by_middle(transcript: Transcript) -> list[Word]:
    """All words, with the speaker of their segment."""
    words = [
        replace(word, speaker=segment.speaker)
        for segment in transcript.segments
        for word in segment.words
    ]
    return sorted(words, key=lambda word: word.middle)


def _unheard(words: Iterable[Word], turns: Iterable[Turn]) -> list[Word]:
    """The words whose speaker has no turn there, or a pause before or after it."""
    by_speaker: dict[str | None, list[Span]] = defaultdict(list)
    for turn in turns:
        by_speaker[turn.speaker].append(turn)
    heard = {speaker: united(spans, PAUSE) for speaker, spans in by_speaker.items()}
    return [word for word in words if not _is_near(word, heard.get(word.speaker, ()))]


def _is_near(word: Word, heard: Sequence[Span]) -> bool:
    """Whether the middle of *word* is at most a pause away from a span, of those in order."""
    at = bisect_left(heard, word.middle, key=lambda span: span.start)
    near = heard[max(at - 1, 0) : at + 1]
    middle = Span(word.middle, word.middle)
    return any(middle.distance(span) <= PAUSE for span in near)
