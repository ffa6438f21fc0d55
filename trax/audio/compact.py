"""A compact copy of a recording's sound that every browser plays."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
import soundfile
from av.audio.frame import AudioFrame

from trax.audio.waveform import StoredAudio
from trax.errors import StoreUnavailable, UnreadableAudio

MEDIA_TYPE = "audio/mp4"

_BITS_PER_SECOND = 48_000
_BLOCK = 1 << 16  # frames read at once
_INDEX_FIRST = {"movflags": "+faststart"}  # a player knows at once where everything is


def write_compact(audio: StoredAudio, target: Path, progress: Callable[[float], None]) -> None:
    """Write *audio* to *target*, an MP4 file with AAC; memory does not grow with its length.

    Args:
        progress: called with the share done.

    Raises:
        UnreadableAudio: *audio* is damaged.
        StoreUnavailable: *target* cannot be written.
    """
    try:
        with av.open(str(target), "w", format="ipod", options=_INDEX_FIRST) as container:
            stream = container.add_stream("aac", rate=audio.sample_rate)
            stream.codec_context.layout = "mono"
            stream.codec_context.bit_rate = _BITS_PER_SECOND
            for frame in _frames(audio):
                container.mux(stream.encode(frame))
                progress(min(1.0, cast(int, frame.pts) / audio.sample_rate / audio.duration))
            container.mux(stream.encode(None))
    except soundfile.SoundFileError as error:
        raise UnreadableAudio(str(audio.path), str(error)) from error
    except (av.FFmpegError, OSError) as error:
        raise StoreUnavailable(f"cannot write the copy for browsers: {error}") from error


def _frames(audio: StoredAudio) -> Iterator[AudioFrame]:
    """The samples of *audio* as FFmpeg takes them."""
    at = 0
    with soundfile.SoundFile(str(audio.path)) as file:
        for block in file.blocks(_BLOCK, dtype="float32"):
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(block[None, :]), "fltp", "mono")
            frame.sample_rate = audio.sample_rate
            frame.time_base = Fraction(1, audio.sample_rate)
            frame.pts = at
            at += len(block)
            yield frame
