"""Opens any audio or video container, recognised by its content alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import av
from av.audio.stream import AudioStream
from av.container import InputContainer

from trax.audio.parts import Part, PartOfFile, find_parts
from trax.errors import UnreadableAudio

# Playlists and scripts that name other files or hosts (hls, concat, dash) are left out on purpose:
# a recording must not make the reader open something else.
FORMATS = (
    "wav,w64,aiff,au,caf,mp3,aac,flac,ogg,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,asf,avi,mpegts,mpeg,flv,"
    "amr,ac3,eac3,ape,wv,tta,dss,mxf,dts,dtshd"
)
"""Demuxers that may be tried, by FFmpeg's names."""
_ASF_ENCRYPTION = bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e")
"""Identifier of the Content Encryption Object (ASF 3.14)."""

_ENCRYPTED_ENTRIES = (b"enca", b"drms")
"""Sample entries of protected audio in MP4 (ISO 23001-7, FairPlay)."""

_HEADER_BYTES = 1 << 20

BROKEN = (av.FFmpegError, ValueError, OSError, EOFError, OverflowError, MemoryError)
"""What PyAV raises over damaged files: its own errors and those of the file it seeks in."""


@contextmanager
def open_container(
    path: Path, part: Part | None = None, index: int | None = None
) -> Iterator[tuple[InputContainer, AudioStream]]:
    """Open the container at *path* with one audio stream; the file's name does not matter.

    Args:
        part: where in the file the container lies; the first part if not given.
        index: of the stream; the best one if not given.

    Raises:
        UnreadableAudio: the format or the codec is unknown, there is no audio stream, or it is
            encrypted.
    """
    with path.open("rb") as file:
        source = PartOfFile(file, part or find_parts(file)[0])
        refuse_encrypted(path, source)
        with _opened(path, source) as container:
            yield container, _audio_stream(path, container, index)


def refuse_encrypted(path: Path, file: PartOfFile) -> None:
    """Raise UnreadableAudio if the header says that the audio is encrypted."""
    head = file.read(_HEADER_BYTES)
    file.seek(max(0, file.size - _HEADER_BYTES))
    tail = file.read(_HEADER_BYTES)  # MP4 may keep its header at the end
    file.seek(0)
    is_mp4 = head[4:8] == b"ftyp"
    if _ASF_ENCRYPTION in head or (is_mp4 and _has_encrypted_entry(head + tail)):
        raise UnreadableAudio(
            str(path), "it is protected (DRM); its owner must provide an unprotected copy"
        )


def _opened(path: Path, source: PartOfFile) -> InputContainer:
    try:
        container = av.open(
            source,
            metadata_errors="replace",
            options={"format_whitelist": FORMATS},
        )
    except BROKEN as error:
        reason = "it is in no audio or video format that can be read"
        raise UnreadableAudio(str(path), reason) from error
    return cast(InputContainer, container)


def _audio_stream(path: Path, container: InputContainer, index: int | None) -> AudioStream:
    if index is None:
        stream = container.streams.best("audio")
    else:
        stream = next((each for each in container.streams if each.index == index), None)
    if not isinstance(stream, AudioStream):
        raise UnreadableAudio(str(path), "it has no audio stream")
    if stream.codec_context is None or not stream.codec_context.sample_rate:
        raise UnreadableAudio(str(path), "its audio stream is in no codec that can be decoded")
    return stream


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
