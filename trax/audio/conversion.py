"""Frames of a stream at 16 kHz."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from trax.audio.container import BROKEN

SAMPLE_RATE = 16_000
"""Hz; what every engine expects."""

Samples = NDArray[Any]
"""int16 or float32, shape ``(frames, channels)``."""

MONO = "mono"
FIRST_LAYOUT = "first"
EVERY_CHANNEL = "every"


class Conversion:
    """Resamples the frames of one stream, whose format may change on the way.

    Args:
        sample_format: ``s16`` or ``flt``.
        layout: `MONO`, `FIRST_LAYOUT` (that of the first frame), or `EVERY_CHANNEL` (as many as
            each frame has).

    Attributes:
        broken: frames that could not be converted.
        channel_names: of the first frame, as FFmpeg calls them.
    """

    def __init__(self, sample_format: str, layout: str) -> None:
        self._sample_format = sample_format
        self._kind = np.int16 if sample_format == "s16" else np.float32
        self._layout = layout
        self._resampler: AudioResampler | None = None
        self._setup: tuple[str, str, int] | None = None
        self.broken = 0
        self.channel_names: list[str] = []

    def samples(self, frame: AudioFrame) -> Iterator[Samples]:
        """What can be had of *frame* and those before it; may be nothing yet."""
        if not self.channel_names:
            self._begin(frame)
        setup = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._resampler is None or setup != self._setup:
            yield from self.flushed()
            layout = frame.layout.name if self._layout == EVERY_CHANNEL else self._layout
            self._resampler = AudioResampler(self._sample_format, layout, SAMPLE_RATE)
            self._setup = setup
        frame.pts = None
        yield from self._converted(self._resampler, frame)

    def flushed(self) -> Iterator[Samples]:
        """The rest of the frames so far; those after it begin anew."""
        if self._resampler is not None and self._setup is not None:
            yield from self._converted(self._resampler, None)
            self._setup = None

    def silence(self, frames: int) -> Samples:
        """Silence for every channel of the first frame."""
        channels = 1 if self._layout == MONO else max(1, len(self.channel_names))
        return np.zeros((frames, channels), dtype=self._kind)

    def _begin(self, frame: AudioFrame) -> None:
        self.channel_names = [channel.name for channel in frame.layout.channels]
        if self._layout == FIRST_LAYOUT:
            self._layout = frame.layout.name

    def _converted(self, resampler: AudioResampler, frame: AudioFrame | None) -> Iterator[Samples]:
        try:
            for resampled in resampler.resample(frame):
                samples = resampled.to_ndarray().astype(self._kind, copy=False)
                yield samples.reshape(-1, resampled.layout.nb_channels)
        except BROKEN:
            self.broken += 1
            self._setup = None  # the next frame gets a new resampler
