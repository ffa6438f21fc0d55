"""Sound that this machine fetches itself: microphones, streams, and files played as they were
recorded.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any

import av
from av.container import InputContainer

from trax.audio.container import BROKEN
from trax.audio.conversion import SAMPLE_RATE
from trax.errors import InvalidOption, UnreadableAudio
from trax.live.intake import FrameSink, Samples

_MICROPHONES = {
    "linux": ("alsa", "default"),
    "darwin": ("avfoundation", ":default"),
    "win32": ("dshow", ""),
}
"""FFmpeg's device and its usual microphone, by system."""

_LATE = 0.05  # seconds
_PROTOCOLS = "file,crypto,data,http,https,tcp,tls,udp,rtp,rtmp,rtmps,rtsp,hls,httpproxy,srt"


def sound_of(
    source: str, speed: float, is_stopped: Callable[[], bool] = lambda: False
) -> Iterator[bytes]:
    """The sound of a file or stream as 16-bit samples, mono at 16 kHz, as it comes.

    Args:
        source: a path or a URL.
        speed: how many times faster than it was recorded a file is played; 0: as fast as it can be
            read. A stream comes as fast as it comes.
        is_stopped: whether nothing more is wanted.

    Raises:
        UnreadableAudio: it cannot be opened.
    """
    options = {"protocol_whitelist": _PROTOCOLS, "reconnect": "1", "reconnect_streamed": "1"}
    paced = 0.0 if "://" in source else speed
    return _played(_opened(source, None, options), paced, is_stopped)


def sound_of_microphone(
    device: str, is_stopped: Callable[[], bool] = lambda: False
) -> Iterator[bytes]:
    """What a microphone hears, as `sound_of` gives it.

    Args:
        device: as FFmpeg calls it; empty for the usual one.

    Raises:
        InvalidOption: this system's microphones are not known.
        UnreadableAudio: it cannot be opened.
    """
    kind, usual = _MICROPHONES.get(sys.platform, ("", ""))
    if kind not in av.formats_available:
        raise InvalidOption("microphones of this system cannot be opened")
    if kind == "dshow" and not device:
        raise InvalidOption("name the microphone, such as: audio=Microphone")
    return _played(_opened(device or usual, kind, {}), 0.0, is_stopped)


def _opened(source: str, kind: str | None, options: dict[str, str]) -> InputContainer:
    try:
        container: Any = av.open(source, format=kind, options=options, metadata_errors="replace")
    except BROKEN as error:
        raise UnreadableAudio(source, f"it cannot be opened ({error})") from error
    if not container.streams.audio:
        container.close()
        raise UnreadableAudio(source, "there is no sound in it")
    opened: InputContainer = container
    return opened


def _played(
    container: InputContainer, speed: float, is_stopped: Callable[[], bool]
) -> Iterator[bytes]:
    came: list[Samples] = []
    frames = FrameSink(came.append)
    began = time.monotonic()
    seconds = 0.0
    with closing(container), suppress(*BROKEN):  # a stream that breaks off has ended
        for frame in container.decode(audio=0):
            if is_stopped():
                return
            frames.take(frame)
            data = _taken(came)
            seconds += len(data) / 2 / SAMPLE_RATE
            yield data
            if speed:
                _wait(began + seconds / speed - time.monotonic())
    frames.flush()
    yield _taken(came)


def _taken(came: list[Samples]) -> bytes:
    data = b"".join(_as_s16(samples) for samples in came)
    came.clear()
    return data


def _as_s16(samples: Samples) -> bytes:
    return (samples * 32767).clip(-32768, 32767).astype("<i2").tobytes()


def _wait(seconds: float) -> None:
    if seconds > _LATE:
        time.sleep(seconds)
