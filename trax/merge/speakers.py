"""Who said each word: from speaker turns, with the reasons for doubt kept."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, islice, takewhile

from trax.merge.sentences import sentences
from trax.merge.speaker_confidence import with_speaker_confidence
from trax.transcript import Activity, Diarization, Doubt, Recognition, Segment, Speaker, Turn, Word

CLEAR_SHARE = 0.75
"""A speaker with less than this share of the covered part of a word is a doubtful choice."""

STRAY_GAP = 0.5
"""Seconds: a stray word further than this from the rest of its sentence stays where it is."""

_STRAY = 2  # words at the edge of a sentence that may have fallen into the neighbour's turn
_STRAY_UNSURE = 5  # words that may have, where their speaker is no surer than a toss-up
_TOSS_UP = 0.65
_SPEAKS = 0.5  # probability from which on somebody speaks, turn or not
_SILENCE = Activity()
_COMPANY = 3  # words of one speaker that a sentence must have before it pulls a lone word over


def attribute(recognition: Recognition, diarization: Diarization) -> tuple[Segment, ...]:
    """The recognised segments with a speaker on every word, split where the speaker changes.

    Every recognised word is in the result exactly once, in the order in which it was recognised. A
    word that was read in somebody's own track is theirs, whatever the turns say.
    """
    words = [word for segment in recognition.segments for word in segment.words]
    spoken = iter(_spoken(words, diarization))
    pieces: list[Segment] = []
    for segment in recognition.segments:
        labelled = tuple(islice(spoken, len(segment.words)))
        pieces += split_by_speaker(replace(segment, words=labelled))
    return tuple(pieces)


def _spoken(words: Sequence[Word], diarization: Diarization) -> list[Word]:
    assigned = assign_speakers(
        words, diarization.exclusive_turns, diarization.turns, diarization.activity
    )
    if not any(word.speaker in diarization.channels for word in words):
        return with_speaker_confidence(rejoin_stray_words(assigned), diarization)
    turns = _TurnIndex(diarization.turns)
    for at, word in enumerate(words):
        label = diarization.channels.get(word.speaker or "")
        if label is not None:
            assigned[at] = _in_track(word, label, turns)
    return assigned


def _in_track(word: Word, speaker: str, turns: "_TurnIndex") -> Word:
    """A word read in the track of *speaker*; how surely it is that one's was measured there."""
    sure = word.speaker_confidence
    doubts = []
    if sure is not None and sure < CLEAR_SHARE:
        doubts.append(Doubt.SHARED)
    if turns.is_shared(word, speaker):
        doubts.append(Doubt.OVERLAP)
    return replace(word, speaker=speaker, doubts=tuple(doubts))


def assign_speakers(
    words: Sequence[Word],
    exclusive: Sequence[Turn],
    turns: Sequence[Turn] = (),
    activity: Activity = _SILENCE,
) -> list[Word]:
    """Label each word with the speaker who most probably says it, and with how sure that is.

    If *activity* is known, its probabilities over the word's length decide. Otherwise the
    *exclusive* turns do, with the seconds of the word that they cover.

    A word in which nobody speaks gets the nearest turn's speaker, and a doubt; without turns it
    keeps the speaker it has. Ties go to the label that sorts first, so the result does not depend
    on the order of the turns. *turns* may overlap; a word in which somebody else speaks too is
    marked.
    """
    exclusive_index = _TurnIndex(exclusive)
    overlap_index = _TurnIndex(turns)
    return [_labelled(word, exclusive_index, overlap_index, activity) for word in words]


def rejoin_stray_words(words: Sequence[Word]) -> list[Word]:
    """Give one or two words at the edge of a turn back to their sentence.

    Turn edges are known to a few tenths of a second, so the first or last words of a sentence can
    fall into the neighbour's turn; up to five if their speaker was a toss-up. Such words move if
    the rest of their sentence is by one other speaker, has at least three words and is near, and if
    the neighbour goes on beyond them. Words with a turn of their own are somebody's words ("Yes.",
    an interruption) and stay.
    """
    result = list(words)
    for sentence in sentences(words):
        _rejoin_edge(result, sentence, sentence[0] - 1)
        _rejoin_edge(result, sentence[::-1], sentence[-1] + 1)
    return result


def _rejoin_edge(words: list[Word], sentence: range, beyond: int) -> None:
    """Move the stray words that *sentence*, read from one edge, begins with.

    *beyond* is the word on the other side of that edge, if there is one.
    """
    speaker = words[sentence[0]].speaker
    if not 0 <= beyond < len(words) or words[beyond].speaker != speaker:
        return
    stray = list(takewhile(lambda at: words[at].speaker == speaker, sentence))
    others = [words[at] for at in sentence if at not in stray]
    few = _may_be_stray([words[at] for at in stray])
    if few and _pulls(others, words[stray[-1]]):
        for at in stray:
            words[at] = _moved(words[at], others[0].speaker)


def split_by_speaker(segment: Segment) -> list[Segment]:
    """The segment cut wherever the speaker changes; each piece lasts as long as its words."""
    runs = [tuple(run) for _, run in groupby(segment.words, key=lambda word: word.speaker)]
    if not runs:
        return [segment]
    if len(runs) == 1:
        return [replace(segment, speaker=runs[0][0].speaker)]
    return [_piece(segment, run) for run in runs]


def _piece(segment: Segment, words: tuple[Word, ...]) -> Segment:
    return replace(
        segment,
        start=min(word.start for word in words),
        end=max(word.end for word in words),
        words=words,
        speaker=words[0].speaker,
    )


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

    def is_shared(self, word: Word, speaker: str) -> bool:
        """Whether somebody else speaks in more than half of *word*, which *speaker* says."""
        shares = self.shares(word)
        shares.pop(speaker, None)
        return max(shares.values(), default=0.0) > word.duration / 2

    def nearest(self, word: Word) -> str | None:
        """Speaker of the turn nearest in time; ``None`` where there is no turn."""
        at = bisect_right(self._starts, word.end)
        first = bisect_left(self._starts, word.start - self._longest - self._reach(word, at))
        near = self._turns[max(0, first - 1) : at + 1]
        if not near:
            return None
        return min(near, key=lambda turn: (turn.distance(word), turn.speaker)).speaker

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
        if nearest is None:
            return word
        return replace(word, speaker=nearest, doubts=(Doubt.NO_TURN,))
    speaker = min(shares, key=lambda label: (-shares[label], label))
    sure = shares[speaker] / sum(shares.values())
    doubts = []
    if sure < CLEAR_SHARE:
        doubts.append(Doubt.SHARED)
    if overlapping.is_shared(word, speaker):
        doubts.append(Doubt.OVERLAP)
    known = round(sure, 3) if shares is probable else None
    return replace(word, speaker=speaker, doubts=tuple(doubts), speaker_confidence=known)


def _may_be_stray(words: Sequence[Word]) -> bool:
    """Whether *words* are few enough to have strayed; more may if their speaker was a toss-up."""
    unsure = all((word.speaker_confidence or 1.0) < _TOSS_UP for word in words)
    return len(words) <= (_STRAY_UNSURE if unsure else _STRAY)


def _pulls(others: Sequence[Word], word: Word) -> bool:
    """Whether the rest of a sentence is by one other speaker, long enough and near *word*."""
    if len(others) < _COMPANY:
        return False
    speakers = {other.speaker for other in others}
    if len(speakers) != 1 or word.speaker in speakers:
        return False
    return min(other.distance(word) for other in others) <= STRAY_GAP


def _moved(word: Word, speaker: str | None) -> Word:
    return replace(word, speaker=speaker, doubts=(*word.doubts, Doubt.MOVED))
