"""Voices taken out of parts of a recording, kept in one file."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from trax.audio.master import Frames, Master
from trax.transcript import Span
from trax.voice.selection import Selection

CONTEXT = 1.5
"""Seconds before and after a place that a separator hears as well."""

_BLOCK = 1 << 16  # frames read at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a recording.

    Attributes:
        start: its first frame in the recording.
        frames: samples of each channel.
        at: its first frame in the file of voices.
    """

    start: int
    frames: int
    at: int

    @property
    def end(self) -> int:
        """The frame after its last one in the recording."""
        return self.start + self.frames


@dataclass(frozen=True, slots=True, kw_only=True)
class Stems:
    """Which parts of a recording had their voices taken out, by start.

    Attributes:
        sounds: where the voice of each reach begins and ends that was listened to, by its start
            and end in milliseconds.
    """

    sample_rate: int
    parts: tuple[Part, ...]
    sounds: dict[str, Span]

    def listened(self, selection: Selection) -> Selection:
        """The selection whose utterances know where their sound begins and ends."""
        heard = [
            each.sounding(self.sounds[key(each.reach)]) if key(each.reach) in self.sounds else each
            for each in selection.utterances
        ]
        return replace(selection, utterances=tuple(heard))


def key(reach: Span) -> str:
    """What a stretch is called."""
    return f"{round(1000 * reach.start)}-{round(1000 * reach.end)}"


def parts_of(places: Iterable[Span], sample_rate: int, frames: int) -> tuple[Part, ...]:
    """The parts of a recording that *places* are in, with their context; none overlap."""
    found: list[tuple[int, int]] = []
    for place in sorted(places, key=lambda place: place.start):
        start = max(0, round((place.start - CONTEXT) * sample_rate))
        end = min(frames, round((place.end + CONTEXT) * sample_rate))
        if found and start <= found[-1][1]:
            start, end = found[-1][0], max(end, found[-1][1])
            found.pop()
        found.append((start, end))
    parts = []
    at = 0
    for start, end in found:
        parts.append(Part(start=start, frames=end - start, at=at))
        at += end - start
    return tuple(parts)


def blocks(master: Master, part: Part) -> Iterator[Frames]:
    """The mix in a part of a recording, a block at a time."""
    for start in range(part.start, part.end, _BLOCK):
        yield master.read(start, min(part.end, start + _BLOCK))


def voice_at(file: Master, parts: Sequence[Part], start: int, end: int) -> Frames:
    """The voices from *start* to *end*, which are frames of the recording; silence where they were
    not taken out.
    """
    voice = np.zeros((end - start, file.shape.channels), np.float32)
    for part in parts:
        first, past = max(start, part.start), min(end, part.end)
        if first < past:
            at = part.at + first - part.start
            voice[first - start : past - start] = file.read(at, at + past - first)
    return voice
