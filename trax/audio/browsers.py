"""What browsers play as it is, by its content."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Literal, cast

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from trax.audio.container import BROKEN, FORMATS
from trax.audio.headers import Bytes
from trax.audio.parts import Part, PartOfFile, parts_in
from trax.audio.probe import counts_its_frames

Kind = Literal["audio", "video"]

LARGEST_PLAIN = 64 << 20
"""Bytes of sound that is not compressed and is played as it is: a jump in more costs too much."""

_PLAIN = ("wav", "flac")
_WEB_SOUND = ("opus", "vorbis")
_MP4_SOUND = ("aac", "mp3")
_WEB_PICTURE = ("vp8", "vp9", "av1")
_MP4_PICTURE = ("h264", "vp9", "av1")
_QUICKTIME = "qt"

_SOUND: Mapping[str, Sequence[str]] = {
    "mp3": ("mp3",),
    "wav": ("pcm_s16le", "pcm_u8", "pcm_s24le", "pcm_f32le"),
    "flac": ("flac",),
    "ogg": _WEB_SOUND,
    "matroska,webm": _WEB_SOUND,
    "mov,mp4,m4a,3gp,3g2,mj2": _MP4_SOUND,
}
"""Codecs of sound that every current browser plays, by FFmpeg's name of the container."""

_PICTURE = {"matroska,webm": _WEB_PICTURE, "mov,mp4,m4a,3gp,3g2,mj2": _MP4_PICTURE}

_TYPES = {
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "matroska,webm": "audio/webm",
    "mov,mp4,m4a,3gp,3g2,mj2": "audio/mp4",
}

MADE_TYPES = {
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".aiff": "audio/aiff",
    ".mp4": "video/mp4",
    ".mkv": "video/x-matroska",
}
"""Types of the recordings that Trax makes, by suffix."""

UNKNOWN = "application/octet-stream"
"""The type of media that no browser plays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A file as a browser sees it.

    Attributes:
        kind: whether there is a picture to be shown.
        media_type: to send it as.
        plays: whether browsers play it as it is.
    """

    kind: Kind
    media_type: str
    plays: bool


UNPLAYABLE = Media(kind="audio", media_type=UNKNOWN, plays=False)
"""A file that no browser plays."""


def media_of(file: IO[bytes], size_bytes: int) -> Media:
    """How browsers take the media in *file*, of *size_bytes*.

    Only what all of them play with times that agree with a transcript's counts as playable: one
    stream of sound in a container that says how long it is.
    """
    data = Bytes(file, size_bytes)
    if not _is_in_one_part(data):
        return UNPLAYABLE
    whole = PartOfFile(file, Part(0, size_bytes))
    try:
        container = av.open(whole, metadata_errors="replace", options={"format_whitelist": FORMATS})
    except BROKEN:
        return UNPLAYABLE
    with container:
        return _described(cast(InputContainer, container), data)


def _is_in_one_part(data: Bytes) -> bool:
    """Whether a player that knows nothing of recorders that crashed plays all of it."""
    first = next(parts_in(data), None)
    return first is not None and first.end == data.end and not first.patches


def _described(container: InputContainer, data: Bytes) -> Media:
    name = container.format.name
    pictures = [each for each in container.streams.video if not _is_cover(each)]
    kind: Kind = "video" if pictures else "audio"
    media_type = _TYPES.get(name, UNKNOWN).replace("audio/", f"{kind}/")
    plays = (
        _sound_plays(container)
        and all(_codec(each) in _PICTURE.get(name, ()) for each in pictures)
        and not (name in _PLAIN and data.end > LARGEST_PLAIN)
        and not (name == "mp3" and not counts_its_frames(data))
    )
    return Media(kind=kind, media_type=media_type if plays else UNKNOWN, plays=plays)


def _sound_plays(container: InputContainer) -> bool:
    sounds = container.streams.audio
    if len(sounds) != 1 or not container.duration:
        return False
    brand = container.metadata.get("major_brand", "").strip()
    return brand != _QUICKTIME and _codec(sounds[0]) in _SOUND.get(container.format.name, ())


def _codec(stream: object) -> str:
    """FFmpeg's name of a stream's codec; empty if it is unknown."""
    context = getattr(stream, "codec_context", None)
    return context.codec.canonical_name if context is not None else ""


def _is_cover(stream: VideoStream) -> bool:
    return bool(stream.disposition & Disposition.attached_pic)
