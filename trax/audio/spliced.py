"""The own sound of several tracks one after another, so that it is read as one recording is."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trax.audio.tracks import LEVEL_FRAME
from trax.audio.waveform import StoredAudio, Waveform
from trax.transcript.span import Span

_PAUSE = 1.2  # seconds left of a longer pause: enough to end a sentence, too little to end a window
_BETWEEN = 30.0  # seconds between two tracks: no window holds words of both
_RAMP = 0.01  # seconds in which a piece begins and ends, so that nothing clicks


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one track in spliced audio.

    Attributes:
        track: number of the track, from 0.
        span: where it is in the track, and so in the recording.
        at: where it is in the spliced audio, in seconds.
    """

    track: int
    span: Span
    at: float

    @property
    def end(self) -> float:
        """Where it ends in the spliced audio, in seconds."""
        return self.at + self.span.duration

    def clock(self, time: float) -> float:
        """The time in the recording, in seconds, at *time* of the spliced audio."""
        return max(0.0, self.span.start + time - self.at)


@dataclass(frozen=True, slots=True)
class SplicedAudio:
    """Pieces of tracks one after another, with silence between them; read from the tracks' files.

    Attributes:
        tracks: mono files of one sample rate.
        pieces: in order.
    """

    tracks: tuple[StoredAudio, ...]
    pieces: tuple[Piece, ...]

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.pieces[-1].end if self.pieces else 0.0

    @property
    def sample_rate(self) -> int:
        """Hz."""
        return self.tracks[0].sample_rate

    def read(self, span: Span | None = None) -> Waveform:
        """Read the samples of *span*, or all of them, up to the end of the audio."""
        span = span or Span(0.0, self.duration)
        start = self._samples(min(span.start, self.duration))
        end = self._samples(min(span.end, self.duration))
        samples = np.zeros(end - start, dtype=np.float32)
        for piece in self._touching(span):
            first = self._samples(piece.at)
            past = self._samples(piece.end)
            low, high = max(start, first), min(end, past)
            if low < high:
                samples[low - start : high - start] = self._sound(piece, low - first, high - first)
        return Waveform(samples, self.sample_rate)

    def clock(self, time: float) -> float:
        """When in the recording, in seconds, the sound at *time* seconds of this audio is."""
        piece = self.piece_at(time)
        return time if piece is None else piece.clock(time)

    def piece_at(self, time: float) -> Piece | None:
        """The piece at *time* or nearest to it, the earlier of two; ``None`` if there is none."""
        past = bisect_right(self.pieces, time, key=_at)
        near = self.pieces[max(0, past - 1) : past + 1]
        return min(near, key=lambda piece: max(piece.at - time, time - piece.end), default=None)

    def _touching(self, span: Span) -> Iterator[Piece]:
        first = bisect_right(self.pieces, span.start, key=_at) - 1
        for piece in self.pieces[max(0, first) :]:
            if piece.at >= span.end:
                return
            yield piece

    def _sound(self, piece: Piece, first: int, past: int) -> NDArray[np.float32]:
        """Samples *first* to *past* of a piece, which begins and ends softly."""
        whole = self._samples(piece.end) - self._samples(piece.at)
        begin = self._samples(piece.span.start)
        rate = self.sample_rate
        track = self.tracks[piece.track]
        read = track.read(Span((begin + first) / rate, (begin + past) / rate)).samples
        sound = np.pad(read, (0, past - first - len(read)))
        at = np.arange(first, past)
        edge = np.minimum(at + 1, whole - at) / (_RAMP * rate)
        return sound * np.minimum(edge, 1.0).astype(np.float32)

    def _samples(self, time: float) -> int:
        return round(time * self.sample_rate)


def spliced(tracks: Sequence[StoredAudio], own: NDArray[np.bool_]) -> SplicedAudio:
    """The sound of *tracks* where it is their own, track after track; long pauses are shortened.

    Args:
        tracks: mono files of one sample rate.
        own: whether each has sound of its own, shape ``(frames, tracks)``, a row each
            `trax.audio.tracks.LEVEL_FRAME` seconds.
    """
    pieces: list[Piece] = []
    at = 0.0
    for number, track in enumerate(tracks):
        reached = 0.0
        for span in _spans(own[:, number], track.duration):
            at += min(span.start - reached, _PAUSE)
            pieces.append(Piece(number, span, at))
            at += span.duration
            reached = span.end
        at += _BETWEEN
    return SplicedAudio(tuple(tracks), tuple(pieces))


def _at(piece: Piece) -> float:
    return piece.at


def _spans(own: NDArray[np.bool_], duration: float) -> Iterator[Span]:
    padded = np.concatenate([[False], own, [False]]).astype(np.int8)
    edges = np.flatnonzero(np.diff(padded)).tolist()
    for first, past in zip(edges[::2], edges[1::2], strict=True):
        start = min(first * LEVEL_FRAME, duration)
        end = min(past * LEVEL_FRAME, duration)
        if end > start:
            yield Span(start, end)
