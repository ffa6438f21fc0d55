"""A session's sound on its way from the disk to whoever works on it, never much at a time."""

from collections import deque
from contextlib import suppress

import numpy as np

from trax.audio import SAMPLE_RATE, Waveform
from trax.errors import UnreadableAudio
from trax.live.intake import Samples, intake_of
from trax.live.keeping import Kept

MOST = 30.0
"""Seconds of sound that wait in memory, of each of both kinds."""

_BLOCK = 1 << 14  # bytes decoded at once
_FED = 2.0  # seconds of sound that the diarizer takes at once


class Supply:
    """Sound that was kept and waits to be worked on.

    It is decoded from the file that keeps it, as far as there is room: however far behind a session
    is, its memory stays the same.

    Args:
        kept: keeps the sound.
        hears: whether a diarizer takes the sound, too.

    Attributes:
        problem: why the sound cannot be decoded any further; ``None`` while it can.
    """

    def __init__(self, kept: Kept, *, hears: bool) -> None:
        self.problem: UnreadableAudio | None = None
        self._kept = kept
        self._hears = hears
        self._intake = intake_of(kept.header.options.sound, self._take)
        self._bytes_per_second = kept.header.options.sound.bytes_per_second
        self._decoded_bytes = 0
        self._samples = 0  # that were decoded
        self._unread: deque[Samples] = deque()
        self._unheard: deque[Samples] = deque()
        self._hear_from = 0  # samples before which the diarizer takes none
        self._closed = False

    @property
    def decoded(self) -> float:
        """Seconds of sound that were decoded."""
        return self._samples / SAMPLE_RATE

    @property
    def duration(self) -> float:
        """Seconds of sound that came; what a container still has in it is estimated."""
        left = self._left_bytes
        rate = float(self._bytes_per_second)
        if not rate and self._samples:
            rate = self._decoded_bytes / self.decoded
        return self.decoded + (left / rate if rate else 0.0)

    @property
    def is_drained(self) -> bool:
        """Whether all that came is decoded, and no more will be."""
        return self._closed

    @property
    def _left_bytes(self) -> int:
        return 0 if self._closed else self._kept.received - self._decoded_bytes

    def fill(self, *, is_last: bool) -> None:
        """Decode what has come, as far as there is room.

        Args:
            is_last: nothing more comes.

        Raises:
            UnreadableAudio: it is no sound; what follows is left out.
        """
        try:
            while self._has_room and self._feed():
                pass
            if is_last and not self._closed and not self._left_bytes:
                self._closed = True
                self._intake.close()
        except UnreadableAudio as error:
            self._closed = True
            self.problem = error
            raise

    def close(self) -> None:
        """Decode no more."""
        self._closed = True
        with suppress(UnreadableAudio):
            self._intake.close()

    def unread(self) -> list[Samples]:
        """Sound that nobody has read yet; it is taken out."""
        taken = []
        while self._unread:
            taken.append(self._unread.popleft())
        return taken

    def unheard(self) -> Waveform | None:
        """The next seconds for the diarizer, which are taken out; ``None`` if there are none."""
        taken: list[Samples] = []
        while self._unheard and _seconds(taken) < _FED:
            taken.append(self._unheard.popleft())
        return Waveform(np.concatenate(taken), SAMPLE_RATE) if taken else None

    def hear_from(self, time: float) -> None:
        """Keep from the diarizer what came before *time* in seconds, before anything is decoded."""
        self._hear_from = round(time * SAMPLE_RATE)

    def leave_unheard(self) -> None:
        """Keep no more sound for a diarizer."""
        self._hears = False
        self._unheard.clear()

    @property
    def is_full_of_unheard(self) -> bool:
        """Whether the diarizer holds up everybody else."""
        return _seconds(self._unheard) >= MOST

    @property
    def _has_room(self) -> bool:
        waiting = max(_seconds(self._unread), _seconds(self._unheard))
        return not self._closed and waiting < MOST and self._intake.waiting_bytes < _BLOCK

    def _feed(self) -> bool:
        """Decode a block; false if there is none."""
        data = self._kept.sound_at(self._decoded_bytes, min(_BLOCK, self._left_bytes))
        self._decoded_bytes += len(data)
        if data:
            self._intake.feed(data)
        return bool(data)

    def _take(self, samples: Samples) -> None:
        before = self._samples
        self._samples += len(samples)
        self._unread.append(samples)
        if self._hears and self._samples > self._hear_from:
            self._unheard.append(samples[max(0, self._hear_from - before) :])


def _seconds(blocks: deque[Samples] | list[Samples]) -> float:
    return sum(map(len, tuple(blocks))) / SAMPLE_RATE
