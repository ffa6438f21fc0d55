"""What a file is, by its content: checked before anything is decoded."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import av
from av.audio.stream import AudioStream
from av.container import InputContainer

from trax.errors import LimitExceeded, UnreadableAudio
from trax.transcript.span import format_clock

# Demuxers that may be tried. Playlists and scripts that name other files or hosts (hls, concat,
# dash) are left out on purpose: a recording must not make the reader open something else.
_FORMATS = (
    "wav,w64,aiff,au,caf,mp3,aac,flac,ogg,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,asf,avi,mpegts,mpeg,flv,"
    "amr,ac3,eac3,ape,wv,tta"
)
_ASF_ENCRYPTION = bytes.fromhex(
    "fbb3112223bdd211b4b700a0c955fc6e"
)  # Content Encryption Object, ASF 3.14
_HEADER_BYTES = 1 << 20

BROKEN = (av.FFmpegError, ValueError, OSError, EOFError, OverflowError, MemoryError)
"""What PyAV raises over broken files: besides its own errors those of the file it is made to seek
in.
"""


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
"""What is taken from a folder. A file that is named outright is told by its content instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that is accepted of one recording."""

    size_bytes: int = 16 << 30
    duration: float = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a container says of itself.

    Attributes:
        duration: seconds the container declares; ``None`` where it declares none.
        audio_streams: how many; the best one is used.
    """

    container: str
    codec: str
    channels: int
    sample_rate: int
    duration: float | None
    size_bytes: int
    audio_streams: int


def probe(path: Path, limits: Limits) -> Probe:
    """What the file at *path* is, without decoding it.

    Raises:
        UnreadableAudio: missing, empty, a folder, not permitted, no known container, no audio
            stream, encrypted.
        LimitExceeded: larger or longer than *limits*.
    """
    size_bytes = check_file(path, limits)
    with open_container(path) as (container, stream):
        context = stream.codec_context
        duration = (
            container.duration / av.time_base
            if container.duration and container.duration > 0
            else None
        )
        found = Probe(
            container=container.format.name,
            codec=context.name,
            channels=context.channels,
            sample_rate=context.sample_rate,
            duration=duration,
            size_bytes=size_bytes,
            audio_streams=len(container.streams.audio),
        )
    check_duration(path, found.duration or 0.0, limits)
    return found


def check_file(path: Path, limits: Limits) -> int:
    """The file's size in bytes, once it is known to be a file that may be read."""
    check_name(path)
    try:
        if path.is_dir():
            raise UnreadableAudio(str(path), "it is a folder, not a file")
        if not path.exists():
            raise UnreadableAudio(str(path), "there is no such file")
        if not path.is_file():
            raise UnreadableAudio(str(path), "it is not a regular file")
        with path.open("rb") as file:
            size_bytes = os.fstat(file.fileno()).st_size
    except PermissionError as error:
        raise UnreadableAudio(str(path), "permission denied") from error
    except (OSError, ValueError) as error:
        raise UnreadableAudio(str(path), getattr(error, "strerror", None) or str(error)) from error
    if size_bytes == 0:
        raise UnreadableAudio(str(path), "the file is empty")
    if size_bytes > limits.size_bytes:
        raise LimitExceeded(
            str(path),
            f"it has {size_bytes} bytes, more than the {limits.size_bytes} allowed "
            "(TRAX_MAX_BYTES)",
        )
    return size_bytes


def check_name(path: Path) -> None:
    """Raise UnreadableAudio where the name is no text: no database and no server could keep it."""
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        shown = str(path).encode(errors="replace").decode()
        raise UnreadableAudio(shown, "its name is not UTF-8; rename it") from error


def check_duration(path: Path, duration: float, limits: Limits) -> None:
    """Raise LimitExceeded where *duration* seconds are more than allowed."""
    if duration > limits.duration:
        raise LimitExceeded(
            str(path),
            f"it lasts {format_clock(duration)}, longer than the "
            f"{format_clock(limits.duration)} allowed "
            "(TRAX_MAX_DURATION)",
        )


@contextmanager
def open_container(path: Path) -> Iterator[tuple[InputContainer, AudioStream]]:
    """The container at *path* and its best audio stream, told by content alone: the name is not
    looked at.
    """
    with path.open("rb") as file:
        refuse_encrypted(path, file)
        try:
            container = cast(
                InputContainer,
                av.open(
                    _Source(file), metadata_errors="replace", options={"format_whitelist": _FORMATS}
                ),
            )
        except BROKEN as error:
            raise UnreadableAudio(
                str(path), "it is in no audio or video format that can be read"
            ) from error
        with container:
            stream = container.streams.best("audio")
            if not isinstance(stream, AudioStream):
                raise UnreadableAudio(str(path), "it has no audio stream")
            if stream.codec_context is None or not stream.codec_context.sample_rate:
                raise UnreadableAudio(
                    str(path), "its audio stream is in no codec that can be decoded"
                )
            yield container, stream


class _Source:
    """A file for PyAV in which a seek to nowhere is an answer, not an exception that it would
    print.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.read, self.tell, self._file = file.read, file.tell, file

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """The new position, or a negative error number as FFmpeg has it."""
        try:
            return self._file.seek(offset, whence)
        except (OSError, ValueError):
            return -errno.EINVAL


def refuse_encrypted(path: Path, file: IO[bytes]) -> None:
    """Raise UnreadableAudio where the header says that the audio is encrypted (ISO 23001-7,
    FairPlay, ASF DRM).
    """
    head = file.read(_HEADER_BYTES)
    file.seek(-min(_HEADER_BYTES, os.fstat(file.fileno()).st_size), os.SEEK_END)
    tail = file.read(_HEADER_BYTES)  # MP4 may keep its header at the end
    file.seek(0)
    iso_media = head[4:8] == b"ftyp"
    sample_entries = [
        entry
        for entry in (b"enca", b"drms")
        if iso_media and _names_sample_entry(head + tail, entry)
    ]
    if sample_entries or _ASF_ENCRYPTION in head:
        raise UnreadableAudio(
            str(path), "it is protected (DRM); its owner must provide an unprotected copy"
        )


def _names_sample_entry(header: bytes, entry: bytes) -> bool:
    """Whether an ``stsd`` box (version, flags and entry count come first) begins with the sample
    entry *entry*.
    """
    at = header.find(b"stsd")
    while at >= 0:
        if header[at + 16 : at + 20] == entry:
            return True
        at = header.find(b"stsd", at + 4)
    return False
