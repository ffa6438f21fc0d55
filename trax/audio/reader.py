"""Reads one audio stream of a file: its frames, their times, and what was missing or damaged."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any, cast

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from trax.audio.container import BROKEN, open_container
from trax.audio.parts import Part
from trax.audio.probe import declared_duration
from trax.transcript.cautions import WARNINGS
from trax.transcript.span import format_clock

_BROKEN_PACKETS = 2_000  # in a row, after which the rest of the file is given up
_SLACK = 1.0  # seconds that frames of a packet may be later than the packet
_LONGEST_GAP = 600.0  # seconds; a larger jump of a transport stream's clock is a new clock,
_STEP_BACK = 1.0  # and so is one back by more than this
_LAST_PACKETS = 3  # too few to prove that the time before them is missing


@contextmanager
def open_part(path: Path, part: Part, index: int | None) -> Iterator["PartReader"]:
    """Open one audio stream of one part of the file at *path*.

    Raises:
        UnreadableAudio: the part is in no known format or has no such stream.
    """
    times: list[float] = []
    with open_container(path, part, index) as (container, stream):
        if not container.duration:
            times = _packet_times(container, stream)
    with open_container(path, part, index) as (container, stream):
        yield PartReader(path, container, stream, times)


class PartReader:
    """Decodes a stream once; times count from the start of the container, as players show them.

    Attributes:
        broken: damaged packets so far.
    """

    def __init__(
        self, path: Path, container: InputContainer, stream: AudioStream, times: list[float]
    ) -> None:
        self._container = container
        self._stream = stream
        self._begin = (container.start_time or 0) / av.time_base
        declared = container.duration / av.time_base if container.duration else math.inf
        self._latest = declared  # a time after it is not believed
        self._earliest = iter(times)
        self._declared = declared_duration(path, container)
        self._reached = 0.0
        self._clock_restarts = container.format.name == "mpegts"
        self._shift = 0.0
        self._expected = 0.0
        self.broken = 0

    def frames(self) -> Iterator[tuple[AudioFrame, float | None]]:
        """Each frame with its time in seconds; ``None`` if that is not to be believed."""
        in_a_row = 0
        for packet in self._packets():
            try:
                for frame in packet.decode():
                    yield frame, self._time(frame)
                in_a_row = 0
            except BROKEN:
                self.broken += 1
                in_a_row += 1
            if in_a_row >= _BROKEN_PACKETS:
                return

    def early_end(self, duration: float) -> tuple[str, ...]:
        """A warning if the file declares more than the *duration* seconds decoded.

        A picture that goes on after the sound is no reason.
        """
        reached = max(duration, self._reached)
        declared = self._declared or 0.0
        if reached >= declared - max(1.0, 0.02 * declared):
            return ()
        clocks = {"declared": format_clock(declared), "decoded": format_clock(duration)}
        return (WARNINGS.say("ends-early", **clocks),)

    def _packets(self) -> "Iterator[Packet[AudioStream]]":
        packets = self._container.demux()
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except BROKEN:
                self.broken += 1
                return
            self._note_end(packet)
            if packet.stream_index == self._stream.index:
                sound = cast("Packet[AudioStream]", packet)
                self._latest = self._latest_of(sound)
                yield sound

    def _note_end(self, packet: "Packet[Any]") -> None:
        """Remember how far the file reaches, in sound or picture."""
        if packet.pts is None or packet.time_base is None:
            return
        if packet.stream.type in ("audio", "video"):
            end = float((packet.pts + (packet.duration or 0)) * packet.time_base)
            # Some containers count their duration from their start, others from zero.
            self._reached = max(self._reached, end, end - self._begin)

    def _latest_of(self, packet: "Packet[AudioStream]") -> float:
        """The latest time that is believed of frames of *packet*."""
        if packet.pts is None:
            return self._latest
        earliest_later = next(self._earliest, None)
        return self._latest if earliest_later is None else earliest_later - self._begin + _SLACK

    def _time(self, frame: AudioFrame) -> float | None:
        """Seconds from the container's start; ``None`` if that is not to be believed."""
        if frame.time is None:
            return None
        time = frame.time - self._begin
        if time > self._latest:
            return None
        return self._continued(time, frame) if self._clock_restarts else time

    def _continued(self, time: float, frame: AudioFrame) -> float:
        """*time* as if a clock that was set anew had gone on: players show no hours of silence."""
        jump = time + self._shift - self._expected
        if not -_STEP_BACK < jump < _LONGEST_GAP:
            self._shift -= jump
        self._expected = time + self._shift + frame.samples / frame.sample_rate
        return time + self._shift


def _packet_times(container: InputContainer, stream: AudioStream) -> list[float]:
    """The earliest time from each packet of *stream* on, in seconds, ascending."""
    times = list(_times(container.demux(stream)))
    last = times[-_LAST_PACKETS - 1 :][:1]
    times = [*times[:-_LAST_PACKETS], *last * _LAST_PACKETS]
    return list(accumulate(reversed(times), min))[::-1]


def _times(packets: "Iterator[Packet[AudioStream]]") -> Iterator[float]:
    """The time of each packet that has one, as far as they can be read."""
    try:
        for packet in packets:
            if packet.pts is not None and packet.time_base is not None:
                yield float(packet.pts * packet.time_base)
    except BROKEN:
        return  # what comes before is decoded, and the damage found again
