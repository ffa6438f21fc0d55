"""A video with another sound: the picture is copied as it is."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Disposition

from trax.audio.container import BROKEN, open_container
from trax.audio.master import Master
from trax.errors import StoreUnavailable

_BLOCK = 1 << 14  # frames encoded at once
_KINDS = ("video", "subtitle")
_MP4 = ("mov", "mp4", "m4a", "3gp", "3g2", "mj2")


def has_picture(path: Path) -> bool:
    """Whether the file at *path* has a moving picture.

    Raises:
        UnreadableAudio: it holds no audio that can be read.
    """
    with open_container(path) as (container, _):
        return any(_is_moving(stream) for stream in container.streams.video)


def suffix_of(path: Path) -> str:
    """The suffix of a copy of a video with lossless sound: Matroska takes any picture.

    Raises:
        UnreadableAudio: it holds no audio that can be read.
    """
    with open_container(path) as (container, _):
        is_mp4 = any(name in _MP4 for name in container.format.name.split(","))
        codecs = {_codec(each) for each in container.streams if _is_copied(each)}
    return ".mp4" if is_mp4 and codecs <= _codecs_of_mp4() else ".mkv"


def with_sound(path: Path, sound: Master, target: Path, comment: str) -> None:
    """Write the video at *path* to *target* with *sound*, kept losslessly: as ALAC in MP4, as FLAC
    in Matroska.

    Args:
        target: with the suffix that `suffix_of` gives.
        comment: what the file says of itself.

    Raises:
        UnreadableAudio: the video cannot be read.
        StoreUnavailable: the file cannot be written.
    """
    kind = "mp4" if target.suffix == ".mp4" else "matroska"
    options = {"movflags": "+faststart"} if kind == "mp4" else {}
    try:
        with (
            open_container(path) as (source, _),
            av.open(str(target), "w", format=kind, options=options) as made,
        ):
            made.metadata.update({**source.metadata, "comment": comment})
            copied = [each for each in source.streams if _is_copied(each)]
            streams = {each.index: made.add_stream_from_template(each) for each in copied}
            begin = Fraction(source.start_time or 0, av.time_base)
            voice = _Sound(made, sound, kind, begin)
            for packet in source.demux(copied):
                if packet.dts is None:
                    continue
                voice.encode_until(float(packet.dts * packet.time_base))
                packet.stream = streams[packet.stream.index]
                made.mux(packet)
            voice.encode_until(None)
    except BROKEN as error:
        raise StoreUnavailable(f"cannot write the video: {error}") from error


@dataclass(frozen=True, slots=True)
class _Coding:
    """How sound is kept in a container."""

    codec: str
    format: str
    planar: bool
    dtype: str


class _Sound:
    """The new sound of a video, encoded bit by bit beside its picture."""

    def __init__(self, made: OutputContainer, sound: Master, kind: str, begin: Fraction) -> None:
        coding = _coding(sound.shape.subtype, kind)
        stream: Any = made.add_stream(coding.codec, rate=sound.shape.sample_rate)
        layout = _layout(sound.shape.channels)
        stream.codec_context.layout = layout
        stream.codec_context.format = coding.format
        self._made = made
        self._stream: AudioStream = stream
        self._rate = sound.shape.sample_rate
        self._frames = _frames(sound, coding, layout, begin)
        self._reached = float(begin)

    def encode_until(self, time: float | None) -> None:
        """Encode up to *time* seconds, or to the end."""
        while time is None or self._reached <= time:
            frame = next(self._frames, None)
            packets: list[Packet[Any]] = list(self._stream.encode(frame))
            self._made.mux(packets)
            if frame is None:
                self._reached = float("inf")
                return
            self._reached = float(frame.time or 0.0) + frame.samples / self._rate


def _frames(sound: Master, coding: _Coding, layout: str, begin: Fraction) -> Iterator[AudioFrame]:
    rate = sound.shape.sample_rate
    at = round(begin * rate)
    with soundfile.SoundFile(str(sound.path)) as file:
        for block in file.blocks(_BLOCK, dtype=coding.dtype, always_2d=True):
            data = block.T if coding.planar else block.reshape(1, -1)
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(data), coding.format, layout)
            frame.sample_rate = rate
            frame.time_base = Fraction(1, rate)
            frame.pts = at
            at += len(block)
            yield frame


def _coding(subtype: str, kind: str) -> _Coding:
    if subtype == "FLOAT":
        return _Coding("pcm_f32le", "flt", planar=False, dtype="float32")
    if subtype == "DOUBLE":
        return _Coding("pcm_f64le", "dbl", planar=False, dtype="float64")
    width, dtype = ("s16", "int16") if subtype == "PCM_16" else ("s32", "int32")
    if kind == "mp4":
        return _Coding("alac", f"{width}p", planar=True, dtype=dtype)
    return _Coding("flac", width, planar=False, dtype=dtype)


def _layout(channels: int) -> str:
    return {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}.get(channels, f"{channels}c")


def _is_copied(stream: Any) -> bool:
    return stream.type in _KINDS and (stream.type != "video" or _is_moving(stream))


def _is_moving(stream: Any) -> bool:
    return not stream.disposition & Disposition.attached_pic


def _codec(stream: Any) -> str:
    return stream.codec_context.codec.canonical_name if stream.codec_context else ""


@cache
def _codecs_of_mp4() -> frozenset[str]:
    with av.open(os.devnull, "w", format="mp4") as container:
        return frozenset(container.supported_codecs)
