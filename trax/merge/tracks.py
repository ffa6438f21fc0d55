"""Words that were read in the tracks of a recording, track after track, in order of time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import ceil

import numpy as np
from numpy.typing import NDArray

from trax.audio.spliced import Piece, SplicedAudio
from trax.audio.tracks import LEVEL_FRAME, track_name
from trax.merge.sentences import sentences
from trax.transcript import Recognition, Segment, Word, spelling

_TWICE = 0.3  # seconds by which one word may begin later in another microphone
_FAINT = 6.0  # decibels above what comes over of others below which a word may be another's


def by_time(
    recognition: Recognition,
    audio: SplicedAudio,
    above: NDArray[np.float32],
) -> Recognition:
    """The recognition of spliced *audio* as one of the recording.

    Every word is at its time in the recording and bears the name of its track as speaker. A word
    that two tracks have at once stays in the one where it is louder, if it is faint in the other.

    Args:
        recognition: of *audio*, with times as there.
        audio: the tracks' own sound, track after track.
        above: decibels by which each track is above what comes over of the others, shape
            ``(frames, tracks)``, from `trax.audio.bleed.above_bleed`.
    """
    tracks = _Tracks(audio, above)
    segments: list[Segment] = []
    for segment in recognition.segments:
        segments.extend(tracks.placed(segment))
    segments = list(_without(segments, tracks.heard_twice(segments)))
    segments.sort(key=lambda segment: (segment.start, segment.end, segment.speaker or ""))
    removed = []
    for each in recognition.removed:
        words = tuple(tracks.moved(word) for word in each.words)
        removed.append(replace(each, words=words))
    return replace(recognition, segments=tuple(segments), removed=tuple(removed))


@dataclass(frozen=True, slots=True, eq=False)
class _Tracks:
    """Where and how loud words are in the tracks of spliced audio."""

    audio: SplicedAudio
    above: NDArray[np.float32]

    def placed(self, segment: Segment) -> Iterator[Segment]:
        """A segment for each of its tracks, cut at the pauses that were shortened."""
        moved = [self.moved(word) for word in segment.words]
        for speaker, run in groupby(moved, key=lambda word: word.speaker):
            words = list(run)
            for sentence in sentences(words):
                spoken = tuple(words[sentence.start : sentence.stop])
                yield _with_words(replace(segment, speaker=speaker), spoken)

    def moved(self, word: Word) -> Word:
        """The word at its time in the recording, with its track and how surely it is that one's."""
        piece = self.audio.piece_at(word.start)
        if piece is None:
            return word
        start = round(piece.clock(word.start), 3)
        end = max(start, round(self._end(word, piece), 3))
        moved = replace(word, start=start, end=end, speaker=track_name(piece.track))
        own = self._levels(moved, piece.track) > 0
        return replace(moved, speaker_confidence=round(float(own.mean()), 3))

    def heard_twice(self, segments: Sequence[Segment]) -> set[Word]:
        """The words that are another track's and only come over."""
        words = [word for segment in segments for word in segment.words]
        words.sort(key=lambda word: word.start)
        found: set[Word] = set()
        for at, word in enumerate(words):
            for other in words[at + 1 :]:
                if other.start - word.start > _TWICE:
                    break
                if other.speaker != word.speaker and _says_the_same(word, other):
                    found.update(self._faint(word, other))
        return found

    def _faint(self, *words: Word) -> list[Word]:
        """The faintest of *words*, if it is faint enough to be another's."""
        faintest = min(words, key=self._height)
        return [faintest] if self._height(faintest) < _FAINT else []

    def _height(self, word: Word) -> float:
        names = [track_name(number) for number in range(self.above.shape[1])]
        return float(self._levels(word, names.index(word.speaker or "")).mean())

    def _end(self, word: Word, piece: Piece) -> float:
        last = self.audio.piece_at(word.end)
        same = last is not None and last.track == piece.track
        return last.clock(word.end) if last is not None and same else piece.span.end

    def _levels(self, word: Word, track: int) -> NDArray[np.float32]:
        last = len(self.above) - 1
        first = min(int(word.start / LEVEL_FRAME), last)
        past = max(first + 1, ceil(word.end / LEVEL_FRAME))
        return self.above[first:past, track]


def _says_the_same(one: Word, other: Word) -> bool:
    said = spelling(one.text)
    return said != "" and said == spelling(other.text)


def _without(segments: Sequence[Segment], words: set[Word]) -> Iterator[Segment]:
    for segment in segments:
        kept = tuple(word for word in segment.words if word not in words)
        if len(kept) == len(segment.words):
            yield segment
        elif kept:
            yield _with_words(segment, kept)


def _with_words(segment: Segment, words: tuple[Word, ...]) -> Segment:
    end = max(word.end for word in words)
    return replace(segment, start=words[0].start, end=end, words=words)
