"""Who said each word: from speaker turns, with the reasons for doubt kept."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, takewhile

from trax.merge.sentences import sentences
from trax.transcript import Activity, Diarization, Doubt, Recognition, Segment, Speaker, Turn, Word

CLEAR_SHARE = 0.75
"""Of the covered part of a word: with less than this for one speaker the choice is doubtful."""

STRAY_GAP = 0.5
"""Seconds: a stray word further than this from the rest of its sentence stays with its own turn."""

_STRAY = 2  # words at the edge of a sentence that may have fallen into the neighbour's turn
_STRAY_UNSURE = 5  # words that may have, where their speaker is no surer than a toss-up
_TOSS_UP = 0.65
_SPEAKS = 0.5  # probability from which on somebody speaks, turn or not
_SILENCE = Activity()
_COMPANY = 3  # words of one speaker that a sentence must have before it pulls a lone word over


def attribute(recognition: Recognition, diarization: Diarization) -> tuple[Segment, ...]:
    """The recognised segments with a speaker on every word, split where the speaker changes.

    Every recognised word is in the result exactly once, in the order in which it was recognised.
    """
    words = [word for segment in recognition.segments for word in segment.words]
    assigned = assign_speakers(
        words, diarization.exclusive_turns, diarization.turns, diarization.activity
    )
    spoken = iter(rejoin_stray_words(assigned))
    labelled = (
        replace(segment, words=tuple(next(spoken) for _ in segment.words))
        for segment in recognition.segments
    )
    return tuple(piece for segment in labelled for piece in split_by_speaker(segment))


def assign_speakers(
    words: Sequence[Word],
    exclusive: Sequence[Turn],
    turns: Sequence[Turn] = (),
    activity: Activity = _SILENCE,
) -> list[Word]:
    """Label each word with the speaker who most probably speaks it, and say how sure that is.

    Where *activity* is known, it votes with its probabilities over the word's length. Elsewhere the
    *exclusive* turns vote with the seconds in which they cover the word.

    A word in which nobody speaks takes the nearest turn's speaker, and a doubt; where there are no
    turns it keeps the one it has. Ties go to the label that sorts first, so the result does not
    depend on the order of the turns. *turns* may overlap; a word in which somebody else speaks too
    is marked.
    """
    exclusive_index, overlap_index = _TurnIndex(exclusive), _TurnIndex(turns)
    return [_labelled(word, exclusive_index, overlap_index, activity) for word in words]


def rejoin_stray_words(words: Sequence[Word]) -> list[Word]:
    """Give one or two words at the edge of a turn back to their sentence.

    Turn edges are known to a few tenths of a second, so the first or last words of a sentence can
    fall into the neighbour's turn; where hardly anything speaks for the neighbour, up to five
    words. Such words are moved when the rest of their sentence is by one other speaker, has at
    least three words and is near, and when the neighbour goes on beyond them. Words that have a
    turn of their own are somebody's words ("Yes.", an interruption) and stay.
    """
    result = list(words)
    for sentence in sentences(words):
        for edge, beyond in ((sentence, sentence[0] - 1), (sentence[::-1], sentence[-1] + 1)):
            speaker = result[edge[0]].speaker
            stray = list(takewhile(lambda at: result[at].speaker == speaker, edge))  # noqa: B023 - used at once
            goes_on = 0 <= beyond < len(result) and result[beyond].speaker == speaker
            others = [result[at] for at in sentence if at not in stray]
            if (
                goes_on
                and _may_be_stray([result[at] for at in stray])
                and _pulls(others, result[stray[-1]])
            ):
                for at in stray:
                    result[at] = _moved(result[at], others[0].speaker)
    return result


def split_by_speaker(segment: Segment) -> list[Segment]:
    """The segment cut wherever the speaker changes; each piece as long as its words, none before
    the one before.
    """
    runs = [tuple(run) for _, run in groupby(segment.words, key=lambda word: word.speaker)]
    if len(runs) <= 1:
        return [replace(segment, speaker=runs[0][0].speaker if runs else segment.speaker)]
    return [
        replace(
            segment,
            start=min(word.start for word in run),
            end=max(word.end for word in run),
            words=run,
            speaker=run[0].speaker,
        )
        for run in runs
    ]


def tally(turns: Sequence[Turn]) -> tuple[Speaker, ...]:
    """The speakers of *turns* with their seconds of speech, in order of first appearance."""
    seconds: dict[str, float] = defaultdict(float)
    for turn in sorted(turns, key=lambda turn: (turn.start, turn.speaker)):
        seconds[turn.speaker] += turn.duration
    return tuple(Speaker(label=label, speech=round(speech, 3)) for label, speech in seconds.items())


class _TurnIndex:
    """Turns by start, so that those near a word are found without reading all."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._turns = sorted(turns, key=lambda turn: (turn.start, turn.end, turn.speaker))
        self._starts = [turn.start for turn in self._turns]
        self._longest = max((turn.duration for turn in turns), default=0.0)

    def shares(self, word: Word) -> dict[str, float]:
        """Seconds of *word* by speaker; speakers who have none are left out."""
        first = bisect_left(self._starts, word.start - self._longest)
        last = bisect_right(self._starts, word.end)
        seconds: dict[str, float] = defaultdict(float)
        for turn in self._turns[first:last]:
            if (shared := turn.overlap(word)) > 0:
                seconds[turn.speaker] += shared
            elif word.duration == 0 and turn.start <= word.start < turn.end:
                seconds[turn.speaker] += 1e-9  # a word of no length lies in a turn all the same
        return seconds

    def nearest(self, word: Word) -> str | None:
        """Speaker of the turn nearest in time; ``None`` where there is no turn."""
        at = bisect_right(self._starts, word.end)
        first = bisect_left(self._starts, word.start - self._longest - self._reach(word, at))
        near = self._turns[max(0, first - 1) : at + 1]
        return (
            min(near, key=lambda turn: (turn.distance(word), turn.speaker)).speaker
            if near
            else None
        )

    def _reach(self, word: Word, at: int) -> float:
        """Seconds before *word* in which a nearer turn than the one before *at* could still
        begin.
        """
        return word.start - self._starts[at - 1] if at else 0.0


def _labelled(
    word: Word, exclusive: _TurnIndex, overlapping: _TurnIndex, activity: Activity
) -> Word:
    covered = exclusive.shares(word)
    probable = activity.during(word)
    shares = probable if any(probable.values()) else covered
    if not covered and max(probable.values(), default=0.0) < _SPEAKS:
        nearest = exclusive.nearest(word)
        return (
            replace(word, speaker=nearest, doubts=(Doubt.NO_TURN,)) if nearest is not None else word
        )
    speaker = min(shares, key=lambda label: (-shares[label], label))
    sure = shares[speaker] / sum(shares.values())
    doubts = []
    if sure < CLEAR_SHARE:
        doubts.append(Doubt.SHARED)
    others = (seconds for label, seconds in overlapping.shares(word).items() if label != speaker)
    if max(others, default=0.0) > word.duration / 2:
        doubts.append(Doubt.OVERLAP)
    known = round(sure, 3) if shares is probable else None
    return replace(word, speaker=speaker, doubts=tuple(doubts), speaker_confidence=known)


def _may_be_stray(words: Sequence[Word]) -> bool:
    """Whether *words* are few enough to have strayed; more may where their speaker was a
    toss-up.
    """
    unsure = all((word.speaker_confidence or 1.0) < _TOSS_UP for word in words)
    return len(words) <= (_STRAY_UNSURE if unsure else _STRAY)


def _pulls(others: Sequence[Word], word: Word) -> bool:
    """Whether the rest of a sentence is by one speaker, enough and near enough to take *word*
    over.
    """
    speakers = {other.speaker for other in others}
    gap = min((other.distance(word) for other in others), default=0.0)
    return (
        len(others) >= _COMPANY
        and len(speakers) == 1
        and speakers != {word.speaker}
        and gap <= STRAY_GAP
    )


def _moved(word: Word, speaker: str | None) -> Word:
    return replace(word, speaker=speaker, doubts=(*word.doubts, Doubt.MOVED))
