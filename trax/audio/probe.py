"""What a file is, by its content: checked before anything is decoded."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition

from trax.audio.container import open_container
from trax.audio.headers import Bytes
from trax.audio.parts import after_id3
from trax.errors import LimitExceeded, UnreadableAudio
from trax.transcript.languages import language_code
from trax.transcript.span import format_clock

SUFFIXES = frozenset(
    (
        ".wav",
        ".mp3",
        ".m4a",
        ".flac",
        ".ogg",
        ".oga",
        ".opus",
        ".webm",
        ".mp4",
        ".mkv",
        ".mov",
        ".aac",
        ".wma",
        ".aiff",
        ".aif",
        ".m4b",
        ".mpga",
        ".mka",
        ".avi",
        ".3gp",
        ".amr",
        ".ac3",
        ".ts",
        ".flv",
        ".wmv",
        ".mpg",
        ".mpeg",
        ".w64",
        ".au",
        ".caf",
        ".dss",
        ".mxf",
        ".dts",
    )
)
"""Files taken from a folder. A file that is named explicitly is judged by its content instead."""

_ESTIMATED = frozenset(("aac", "ac3", "eac3", "amr", "dts", "mpegts", "mpeg"))
"""Formats without a duration: FFmpeg derives one from the bit rate or the last time stamp."""

_NOTED = "trax: "

_COMMENTARY = Disposition.comment | Disposition.visual_impaired

_FIRST_FRAME = 2048  # bytes; the largest frame of MP3 has 1441
_FRAMES = 0x01  # flag of a Xing header that has the number of frames
_SIZE = 0x02  # flag of one that has the size of the file, too
_MOST_GROWN = 17 / 16  # times that size; FFmpeg ignores the header of a file that is larger


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that is accepted of one recording.

    Attributes:
        size_bytes: bytes of the file.
        duration: seconds of audio.
    """

    size_bytes: int = 16 << 30
    duration: float = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamInfo:
    """What a container says of an audio stream.

    Attributes:
        number: from 1 on among the audio streams.
        index: among all streams.
        channels: at least 1.
        language: code as in `LANGUAGES`; ``None`` if unknown.
        commentary: whether it is a comment on the recording, or a description of its picture.
    """

    number: int
    index: int
    channels: int
    language: str | None
    commentary: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a container declares.

    Attributes:
        container: FFmpeg's name of the format.
        codec: FFmpeg's name of the codec.
        channels: of the audio stream used.
        sample_rate: Hz.
        duration: seconds declared or estimated; ``None`` if neither is possible.
        size_bytes: bytes of the file.
        streams: that can be decoded, the best one first.
        notes: what was wrong with the files that it was joined from.
    """

    container: str
    codec: str
    channels: int
    sample_rate: int
    duration: float | None
    size_bytes: int
    streams: tuple[StreamInfo, ...]
    notes: tuple[str, ...] = ()


def probe(path: Path, limits: Limits) -> Probe:
    """Find out what the file at *path* is, without decoding it.

    Raises:
        UnreadableAudio: missing, empty, a folder, not permitted, in no known format, without audio
            stream, encrypted.
        LimitExceeded: larger or longer than *limits*.
    """
    size_bytes = check_file(path, limits)
    with open_container(path) as (container, stream):
        expected = container.duration or 0
        declared = declared_duration(path, container)
        begin = max(0, container.start_time or 0) / av.time_base  # the duration may count from 0
        found = Probe(
            container=container.format.name,
            codec=stream.codec_context.name,
            channels=stream.codec_context.channels,
            sample_rate=stream.codec_context.sample_rate,
            duration=expected / av.time_base if expected > 0 else None,
            size_bytes=size_bytes,
            streams=_streams(container, stream),
            notes=_noted(container.metadata.get("comment", "")),
        )
    check_duration(path, (declared or 0.0) - begin, limits)
    return found


def noted(warnings: Sequence[str]) -> str:
    """*warnings* as a comment in a file, which `probe` reads."""
    return _NOTED + json.dumps(warnings)


def _noted(comment: str) -> tuple[str, ...]:
    if not comment.startswith(_NOTED):
        return ()
    try:
        return tuple(map(str, json.loads(comment.removeprefix(_NOTED))))
    except (ValueError, TypeError):
        return ()


def _streams(container: InputContainer, best: AudioStream) -> tuple[StreamInfo, ...]:
    found = []
    for number, stream in enumerate(container.streams.audio, start=1):
        # A codec that is unknown has no context.
        if stream.codec_context is not None and stream.codec_context.sample_rate:
            found.append(_described(number, stream))
    return tuple(sorted(found, key=lambda each: (each.index != best.index, each.index)))


def _described(number: int, stream: AudioStream) -> StreamInfo:
    title = stream.metadata.get("title", "").lower()
    return StreamInfo(
        number=number,
        index=stream.index,
        channels=max(1, stream.codec_context.channels),
        language=language_code(stream.metadata.get("language", "")),
        commentary=bool(stream.disposition & _COMMENTARY) or "commentary" in title,
    )


def declared_duration(path: Path, container: InputContainer) -> float | None:
    """Seconds that the container itself declares; ``None`` if FFmpeg had to estimate them."""
    if not container.duration or container.duration < 0:
        return None
    name = container.format.name
    if name in _ESTIMATED or (name == "mp3" and not _says_how_long(path)):
        return None
    return container.duration / av.time_base


def _says_how_long(path: Path) -> bool:
    with path.open("rb") as file:
        return counts_its_frames(Bytes(file, path.stat().st_size))


def counts_its_frames(data: Bytes) -> bool:
    """Whether the first frame of an MP3 file says how many there are in all of it."""
    start = after_id3(data)
    head = data.at(start, _FIRST_FRAME)
    xing = max(head.find(b"Xing"), head.find(b"Info"))
    if xing < 0:
        return b"VBRI" in head
    flags = int.from_bytes(head[xing + 4 : xing + 8], "big")
    if not flags & _FRAMES:
        return False
    size = int.from_bytes(head[xing + 12 : xing + 16], "big") if flags & _SIZE else 0
    return size == 0 or data.end - start <= size * _MOST_GROWN


def check_file(path: Path, limits: Limits) -> int:
    """The size in bytes of the file at *path*, which is checked to be readable and within limits.

    Raises:
        UnreadableAudio: missing, empty, a folder, not permitted.
        LimitExceeded: larger than *limits*.
    """
    check_name(path)
    size_bytes = _readable_size(path)
    if size_bytes == 0:
        raise UnreadableAudio(str(path), "the file is empty")
    if size_bytes > limits.size_bytes:
        raise LimitExceeded(
            str(path), f"it has {size_bytes} bytes, more than the {limits.size_bytes} allowed"
        )
    return size_bytes


def check_name(path: Path) -> None:
    """Raise UnreadableAudio if the name is not text: no database or server could store it."""
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        shown = str(path).encode(errors="replace").decode()
        raise UnreadableAudio(shown, "its name is not UTF-8; rename it") from error


def check_duration(path: Path, duration: float, limits: Limits) -> None:
    """Raise LimitExceeded if *duration* seconds are more than allowed."""
    if duration <= limits.duration:
        return
    lasts = format_clock(duration)
    allowed = format_clock(limits.duration)
    raise LimitExceeded(str(path), f"it lasts {lasts}, longer than the {allowed} allowed")


def _readable_size(path: Path) -> int:
    try:
        if path.is_dir():
            raise UnreadableAudio(str(path), "it is a folder, not a file")
        if not path.exists():
            raise UnreadableAudio(str(path), "there is no such file")
        if not path.is_file():
            raise UnreadableAudio(str(path), "it is not a regular file")
        with path.open("rb") as file:
            return os.fstat(file.fileno()).st_size
    except PermissionError as error:
        raise UnreadableAudio(str(path), "permission denied") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableAudio(str(path), reason) from error
