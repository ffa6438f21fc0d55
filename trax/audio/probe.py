"""What a file is, by its content: checked before anything is decoded."""

import os
from dataclasses import dataclass
from pathlib import Path

import av

from trax.audio.container import open_container
from trax.errors import LimitExceeded, UnreadableAudio
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
    )
)
"""Files taken from a folder. A file that is named explicitly is judged by its content instead."""


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
class Probe:
    """What a container declares.

    Attributes:
        container: FFmpeg's name of the format.
        codec: FFmpeg's name of the codec.
        channels: of the audio stream used.
        sample_rate: Hz.
        duration: seconds declared; ``None`` if the container declares none.
        size_bytes: bytes of the file.
        audio_streams: number of audio streams; the best one is used.
    """

    container: str
    codec: str
    channels: int
    sample_rate: int
    duration: float | None
    size_bytes: int
    audio_streams: int


def probe(path: Path, limits: Limits) -> Probe:
    """Find out what the file at *path* is, without decoding it.

    Raises:
        UnreadableAudio: missing, empty, a folder, not permitted, in no known format, without audio
            stream, encrypted.
        LimitExceeded: larger or longer than *limits*.
    """
    size_bytes = check_file(path, limits)
    with open_container(path) as (container, stream):
        declared = container.duration or 0
        found = Probe(
            container=container.format.name,
            codec=stream.codec_context.name,
            channels=stream.codec_context.channels,
            sample_rate=stream.codec_context.sample_rate,
            duration=declared / av.time_base if declared > 0 else None,
            size_bytes=size_bytes,
            audio_streams=len(container.streams.audio),
        )
    check_duration(path, found.duration or 0.0, limits)
    return found


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
