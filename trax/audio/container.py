"""Opens any audio or video container, recognised by its content alone."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import av
from av.audio.stream import AudioStream
from av.container import InputContainer

from trax.errors import UnreadableAudio

# Demuxers that may be tried. Playlists and scripts that name other files or hosts (hls, concat,
# dash) are left out on purpose: a recording must not make the reader open something else.
_FORMATS = (
    "wav,w64,aiff,au,caf,mp3,aac,flac,ogg,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,asf,avi,mpegts,mpeg,flv,"
    "amr,ac3,eac3,ape,wv,tta"
)
_ASF_ENCRYPTION = bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e")
"""Identifier of the Content Encryption Object (ASF 3.14)."""

_ENCRYPTED_ENTRIES = (b"enca", b"drms")
"""Sample entries of protected audio in MP4 (ISO 23001-7, FairPlay)."""

_HEADER_BYTES = 1 << 20

BROKEN = (av.FFmpegError, ValueError, OSError, EOFError, OverflowError, MemoryError)
"""What PyAV raises over damaged files: its own errors and those of the file it seeks in."""


@contextmanager
def open_container(path: Path) -> Iterator[tuple[InputContainer, AudioStream]]:
    """Open the container at *path* with its best audio stream; the file's name does not matter.

    Raises:
        UnreadableAudio: the format or the codec is unknown, there is no audio stream, or it is
            encrypted.
    """
    with path.open("rb") as file:
        refuse_encrypted(path, file)
        with _opened(path, file) as container:
            yield container, _audio_stream(path, container)


def refuse_encrypted(path: Path, file: IO[bytes]) -> None:
    """Raise UnreadableAudio if the header says that the audio is encrypted."""
    head = file.read(_HEADER_BYTES)
    file.seek(-min(_HEADER_BYTES, os.fstat(file.fileno()).st_size), os.SEEK_END)
    tail = file.read(_HEADER_BYTES)  # MP4 may keep its header at the end
    file.seek(0)
    is_mp4 = head[4:8] == b"ftyp"
    if _ASF_ENCRYPTION in head or (is_mp4 and _has_encrypted_entry(head + tail)):
        raise UnreadableAudio(
            str(path), "it is protected (DRM); its owner must provide an unprotected copy"
        )


def _opened(path: Path, file: IO[bytes]) -> InputContainer:
    try:
        container = av.open(
            _Source(file),
            metadata_errors="replace",
            options={"format_whitelist": _FORMATS},
        )
    except BROKEN as error:
        reason = "it is in no audio or video format that can be read"
        raise UnreadableAudio(str(path), reason) from error
    return cast(InputContainer, container)


def _audio_stream(path: Path, container: InputContainer) -> AudioStream:
    stream = container.streams.best("audio")
    if not isinstance(stream, AudioStream):
        raise UnreadableAudio(str(path), "it has no audio stream")
    if stream.codec_context is None or not stream.codec_context.sample_rate:
        raise UnreadableAudio(str(path), "its audio stream is in no codec that can be decoded")
    return stream


class _Source:
    """A file for PyAV in which an impossible seek returns an error instead of raising one.

    PyAV would print the traceback of an exception.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.read = file.read
        self.tell = file.tell
        self._file = file

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """The new position, or a negative error number as FFmpeg expects."""
        try:
            return self._file.seek(offset, whence)
        except (OSError, ValueError):
            return -errno.EINVAL


def _has_encrypted_entry(header: bytes) -> bool:
    """Whether an ``stsd`` box begins with the sample entry of protected audio.

    The box has its version, flags and entry count before the first entry.
    """
    at = header.find(b"stsd")
    while at >= 0:
        if header[at + 16 : at + 20] in _ENCRYPTED_ENTRIES:
            return True
        at = header.find(b"stsd", at + 4)
    return False
