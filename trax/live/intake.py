"""Sound of any format as it comes, as mono samples at 16 kHz."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from trax.audio.container import BROKEN, FORMATS
from trax.audio.conversion import MONO, Conversion
from trax.errors import UnreadableAudio
from trax.live.options import SoundFormat

Samples = NDArray[np.float32]
Sink = Callable[[Samples], None]
"""Takes the samples that follow."""

LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
_NAMES = {"s16": "s16", "f32": "flt"}
G711: Mapping[str, str] = {"mulaw": "pcm_mulaw", "alaw": "pcm_alaw"}
_HEAD = {"probesize": "8192", "analyzeduration": "0", "format_whitelist": FORMATS}
_LAST = 20.0  # seconds that reading what is left may take


class Intake(Protocol):
    """Takes bytes of any number, and hands samples on."""

    @property
    def waiting_bytes(self) -> int:
        """Bytes that were taken and not decoded yet."""

    def feed(self, data: bytes) -> None:
        """Take the bytes that follow.

        Raises:
            UnreadableAudio: they are no sound.
        """

    def close(self) -> None:
        """Hand on what is left.

        Raises:
            UnreadableAudio: there was no sound in all of it.
        """


def intake_of(sound: SoundFormat, sink: Sink) -> Intake:
    """What takes sound of a format."""
    if sound.encoding == "container":
        return _Container(sink)
    if sound.encoding in G711:
        return _Telephone(sound, sink)
    return _Plain(sound, sink)


class FrameSink:
    """Hands frames on as samples, whatever their format."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._conversion = Conversion("flt", MONO)

    def take(self, frame: AudioFrame) -> None:
        """Take the frame that follows."""
        for samples in self._conversion.samples(frame):
            self._sink(samples[:, 0])

    def flush(self) -> None:
        """Hand on the rest."""
        for samples in self._conversion.flushed():
            self._sink(samples[:, 0])


class _Plain:
    """Samples, in chunks that may end in the middle of one."""

    waiting_bytes = 0

    def __init__(self, sound: SoundFormat, sink: Sink) -> None:
        self._sound = sound
        self._frames = FrameSink(sink)
        self._rest = b""

    def feed(self, data: bytes) -> None:
        data = self._rest + data
        whole = len(data) // self._sound.frame_bytes * self._sound.frame_bytes
        self._rest = data[whole:]
        if whole:
            self._frames.take(self._frame(data[:whole]))

    def close(self) -> None:
        self._frames.flush()

    def _frame(self, data: bytes) -> AudioFrame:
        kind = np.int16 if self._sound.encoding == "s16" else np.float32
        samples: Any = np.frombuffer(data, dtype=kind).reshape(1, -1)
        if kind is np.float32:
            samples = np.nan_to_num(samples).clip(-1.0, 1.0)
        layout = LAYOUTS[self._sound.channels]
        frame = AudioFrame.from_ndarray(samples, _NAMES[self._sound.encoding], layout)
        frame.sample_rate = self._sound.sample_rate
        return frame


class _Telephone:
    """G.711."""

    waiting_bytes = 0

    def __init__(self, sound: SoundFormat, sink: Sink) -> None:
        self._frames = FrameSink(sink)
        self._decoder = telephone_decoder(sound)
        self._frame_bytes = sound.frame_bytes
        self._rest = b""

    def feed(self, data: bytes) -> None:
        data = self._rest + data
        whole = len(data) // self._frame_bytes * self._frame_bytes
        self._rest = data[whole:]
        if not whole:  # an empty packet would end the decoder
            return
        for frame in self._decoder.decode(av.Packet(data[:whole])):
            self._frames.take(frame)

    def close(self) -> None:
        self._frames.flush()


def telephone_decoder(sound: SoundFormat) -> AudioCodecContext:
    """What decodes G.711."""
    decoder = cast(AudioCodecContext, av.CodecContext.create(G711[sound.encoding], "r"))
    decoder.sample_rate = sound.sample_rate
    decoder.layout = LAYOUTS[sound.channels]
    return decoder


class _Pipe:
    """Bytes that one thread puts in and PyAV reads, waiting for more."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._chunks: deque[memoryview] = deque()
        self._closed = False

    @property
    def size_bytes(self) -> int:
        """Of what nobody has read."""
        with self._changed:
            return sum(map(len, self._chunks))

    def put(self, data: bytes) -> None:
        with self._changed:
            self._chunks.append(memoryview(data))
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def read(self, size: int) -> bytes:
        """At most *size* bytes; none at the end."""
        with self._changed:
            while not self._chunks and not self._closed:
                self._changed.wait()
            if not self._chunks:
                return b""
            data = self._chunks.popleft()
            if len(data) > size:
                self._chunks.appendleft(data[size:])
            return bytes(data[:size])


class _Container:
    """A container, demuxed in a thread of its own."""

    def __init__(self, sink: Sink) -> None:
        self._pipe = _Pipe()
        self._frames = FrameSink(sink)
        self._problem = ""
        self._thread = threading.Thread(target=self._run, name="live-intake", daemon=True)
        self._thread.start()

    @property
    def waiting_bytes(self) -> int:
        return self._pipe.size_bytes

    def feed(self, data: bytes) -> None:
        if self._problem:
            raise UnreadableAudio("the live sound", self._problem)
        if data:
            self._pipe.put(data)

    def close(self) -> None:
        self._pipe.close()
        self._thread.join(_LAST)
        if self._problem:
            raise UnreadableAudio("the live sound", self._problem)

    def _run(self) -> None:
        try:
            opened: Any = av.open(self._pipe, metadata_errors="replace", options=_HEAD)
            with opened as container:
                for frame in container.decode(audio=0):
                    self._frames.take(frame)
            self._frames.flush()
        except (*BROKEN, IndexError) as error:
            self._problem = f"it cannot be read ({error})"
