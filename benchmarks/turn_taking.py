"""Who speaks when, as people do it: a chain of speakers, gaps that are often negative, short
replies, one who talks most and one who says a word.

Gaps between speakers follow what is known of conversations (Heldner and Edlund 2010; Stivers et
al. 2009): most lie between an overlap of half a second and a pause of one, around 0.2 s.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from benchmarks.speech_pieces import Piece, Reel
from trax.audio import SAMPLE_RATE

_SHORTEST_LEFT = 0.25  # seconds of speech; less is not left at the recording's edges
_PACES = {0.3: 0.2, 0.7: 0.25, 1.2: 0.2, 2.5: 0.15, 8.0: 0.15, 20.0: 0.05}


@dataclass(frozen=True, slots=True)
class Manners:
    """How the people of one conversation take turns.

    Attributes:
        shares: how often each takes a turn, summing to 1; 0 for those who only say a word or two.
        median_turn: seconds.
        pace: what pauses are multiplied by; above 1 people are often silent.
        overlap: share of speech during which two speak, which the conversation approaches.
        keeps_turn: probability that the same person goes on after a pause.
        replies: short replies of listeners for each second of a turn.
    """

    shares: tuple[float, ...]
    median_turn: float
    pace: float
    overlap: float
    keeps_turn: float
    replies: float


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A piece at its place.

    Attributes:
        speaker: index of who speaks.
        start: seconds; negative where the recording begins in the middle of it.
    """

    speaker: int
    start: float
    piece: Piece

    @property
    def end(self) -> float:
        """Seconds."""
        return self.start + len(self.piece.samples) / SAMPLE_RATE

    @property
    def speech(self) -> list[tuple[float, float]]:
        """When somebody speaks, in seconds of the recording; may begin before it."""
        return [(self.start + span.start, self.start + span.end) for span in self.piece.spans]


def draw_manners(people: int, rng: np.random.Generator) -> Manners:
    """Manners of *people* persons, drawn at random."""
    concentration = rng.choice([1.0, 3.0, 10.0])  # one dominates, ordinary, all alike
    shares = rng.dirichlet(np.full(people, concentration))
    if people > 1 and rng.random() < 0.35:
        shares[shares.argmin()] = 0.0
    shares = np.maximum(shares, 0.04 * (shares > 0))
    return Manners(
        shares=tuple((shares / shares.sum()).tolist()),
        median_turn=float(rng.uniform(0.6, 3.5)),
        pace=float(rng.choice(list(_PACES), p=list(_PACES.values()))),
        overlap=float(rng.choice([0.0, rng.uniform(0.0, 0.25)], p=[0.15, 0.85])),
        keeps_turn=float(rng.uniform(0.1, 0.4)),
        replies=float(rng.choice([0.0, 0.05, 0.2])),
    )


class Floor:
    """Hands out turns until the recording is full or nobody has anything left to say."""

    def __init__(self, manners: Manners, reels: list[Reel], rng: np.random.Generator) -> None:
        self._manners, self._reels, self._rng = manners, reels, rng
        self._shares = np.array(manners.shares)
        self._placed: list[Placed] = []
        self._free_from = [float("-inf")] * len(reels)  # when each has finished
        self._overlapped = self._spoken = 0.0
        self._speaker: int | None = None
        self._before: int | None = None

    def conversation(self, duration: float) -> list[Placed]:
        """All pieces of a recording of *duration* seconds, by start."""
        end = float(self._rng.choice([0.4, -1.5]))  # half of the recordings begin within a turn
        while end < duration and self._shares.any():
            end = max(end, self._next_turn(end))
        self._words_of_the_quiet(min(end, duration))
        kept = [each for each in self._placed if _remains(each, duration)]
        return sorted(kept, key=lambda each: each.start)

    def _next_turn(self, end: float) -> float:
        """Let somebody speak after (or a little before) *end*; gives the new end."""
        speaker = self._choose()
        gap = self._gap(speaker)
        start = max(end + gap, self._free_from[speaker] + 0.1)
        talkative = len(self._shares) * self._manners.shares[speaker]
        wanted = self._manners.median_turn * talkative**0.5 * float(self._rng.lognormal(0.0, 0.9))
        last = self._say(speaker, start, min(max(wanted, 0.3), 20.0))
        if last is None:
            self._shares[speaker] = 0.0
            return end
        self._overlapped += max(0.0, min(end, last) - start)
        self._before, self._speaker = self._speaker, speaker
        self._replies_within(speaker, start, last)
        return last

    def _choose(self) -> int:
        """Who speaks next: often the same again, or whoever spoke before."""
        if self._speaker is not None and self._shares[self._speaker] > 0:
            if self._rng.random() < self._manners.keeps_turn:
                return self._speaker
            if self._before is not None and self._rng.random() < 0.4 * self._shares[self._before]:
                return self._before
        shares = self._shares.copy()
        if self._speaker is not None and np.count_nonzero(shares) > 1:
            shares[self._speaker] = 0.0
        return int(self._rng.choice(len(shares), p=shares / shares.sum()))

    def _gap(self, speaker: int) -> float:
        """Seconds of silence before *speaker* begins; negative for an overlap."""
        if speaker == self._speaker:
            return float(self._manners.pace * self._rng.lognormal(-0.6, 0.6))
        gap = float(self._rng.normal(0.0, 0.35) + self._rng.exponential(0.3))
        target = self._manners.overlap
        if self._overlapped < 0.9 * target * self._spoken and self._rng.random() < 0.6:
            return -float(self._rng.uniform(0.2, 2.0))
        if gap < 0 and self._overlapped >= target * self._spoken:
            gap = -gap
        return gap * self._manners.pace if gap > 0 else gap

    def _say(self, speaker: int, start: float, wanted: float) -> float | None:
        """Place pieces of *speaker* until *wanted* seconds are said; gives the end of speech."""
        end = None
        while wanted > 0.25 or end is None:
            piece = self._reels[speaker].take(wanted)
            if piece is None:
                break
            placed = Placed(speaker, start, piece)
            self._placed.append(placed)
            end = placed.speech[-1][1]
            self._free_from[speaker] = placed.end
            self._spoken += sum(span.duration for span in piece.spans)
            wanted -= end - start
            start = placed.end + float(self._rng.uniform(0.05, 0.5))
        return end

    def _replies_within(self, speaker: int, start: float, end: float) -> None:
        """Short replies of listeners during a turn, as far as overlap is allowed."""
        for listener in np.flatnonzero(self._shares):
            likely = self._manners.replies * (end - start)
            allowed = self._overlapped < self._manners.overlap * self._spoken
            if listener == speaker or not allowed or self._rng.random() > likely:
                continue
            at = float(self._rng.uniform(start + 0.3, max(start + 0.3, end - 0.3)))
            if at > self._free_from[listener] + 0.2:
                said = self._say(int(listener), at, float(self._rng.uniform(0.25, 0.6)))
                self._overlapped += (said or at) - at

    def _words_of_the_quiet(self, end: float) -> None:
        """A word or two of those who have no turns, in a pause where overlap is not allowed."""
        for speaker in np.flatnonzero(np.array(self._manners.shares) == 0):
            for _ in range(int(self._rng.integers(1, 3))):
                at = self._rng.uniform(0.0, max(0.1, end - 1.0))
                at = at if self._manners.overlap > 0 else self._pause_after(float(at))
                if at > self._free_from[speaker] + 0.2:
                    self._say(int(speaker), float(at), float(self._rng.uniform(0.3, 0.9)))

    def _pause_after(self, at: float) -> float:
        """A moment in the longest of the next five pauses after *at*."""
        spoken = sorted(each for placed in self._placed for each in placed.speech)
        edges = [(end, start) for (_, end), (start, _) in pairwise(spoken)]
        pauses = [(start - end, end) for end, start in edges if end >= at and start > end][:5]
        length, end = max(pauses, default=(0.0, max(end for _, end in spoken)))
        return end + 0.2 * length + 0.05


def _remains(placed: Placed, duration: float) -> bool:
    """Whether enough of a piece lies within the recording, or all of it."""
    inside = sum(within(start, end, duration) for start, end in placed.speech)
    return inside >= min(_SHORTEST_LEFT, sum(span.duration for span in placed.piece.spans) - 1e-6)


def within(start: float, end: float, duration: float) -> float:
    """Seconds from *start* to *end* that lie in a recording of *duration* seconds."""
    return max(0.0, min(end, duration) - max(start, 0.0))


def spoken_spans(placed: list[Placed], duration: float) -> Iterator[tuple[int, float, float]]:
    """Speaker, start and end of all speech within the recording."""
    for each in placed:
        for start, end in each.speech:
            if within(start, end, duration) > 0:
                yield each.speaker, max(start, 0.0), min(end, duration)
