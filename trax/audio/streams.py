"""Files with several audio streams: which of them are read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from trax.audio.activity import voice_activity
from trax.audio.decode import Decoded, Source, decode
from trax.audio.joining import mix_tracks
from trax.audio.likeness import is_heard_in
from trax.audio.probe import Limits, Probe, StreamInfo
from trax.audio.waveform import StoredAudio
from trax.errors import UnreadableAudio
from trax.transcript.cautions import WARNINGS
from trax.transcript.languages import LANGUAGES

_PAUSE = 0.3  # seconds
_LISTED = 3  # silent streams that are named
_LEAST_SPEECH = 0.5  # seconds; a stream with less is taken for silent


@dataclass(frozen=True, slots=True)
class Heard:
    """A stream that was decoded.

    Attributes:
        audio: the mix of its channels.
        separate: where its channels are apart, if they can be.
        speaks: whether somebody speaks in it.
    """

    stream: StreamInfo
    decoded: Decoded
    audio: StoredAudio
    separate: Path
    speaks: bool


def decode_recording(
    path: Path,
    found: Probe,
    limits: Limits,
    mono: Path,
    separate: Path | None = None,
    language: str | None = None,
    progress: Callable[[float], None] = lambda _share: None,
) -> Decoded:
    """Decode the recording at *path*, whichever of its audio streams have speech.

    The arguments are those of `decode_streams`, and it raises the same errors.

    Args:
        found: what is known of the recording.
    """
    source = Source(path=path, limits=limits, channels=found.channels)
    if len(found.streams) > 1:
        return decode_streams(source, found.streams, mono, separate, language, progress)
    expected = max(found.duration or 0.0, 1.0)
    return decode(source, mono, separate, lambda seconds: progress(min(1.0, seconds / expected)))


def decode_streams(
    source: Source,
    streams: Sequence[StreamInfo],
    mono: Path,
    separate: Path | None,
    language: str | None,
    progress: Callable[[float], None] = lambda _share: None,
) -> Decoded:
    """Decode those of a file's audio *streams* that tell what is said in it.

    The language wanted goes before the best stream, and that one before commentary and other
    languages. Of those that belong together all that have speech are read, except those that are
    heard in another of them anyway.

    Args:
        streams: of the file, the best one first.
        mono: the FLAC file for what is read.
        separate: one for its channels apart, or for the streams if several are read; written if
            there are two to eight.
        language: code of the language wanted; ``None`` for any.
        progress: called with the share done.

    Raises:
        UnreadableAudio: nothing could be decoded of any stream.
    """
    heard: list[Heard] = []
    waiting = list(streams)
    while waiting and not any(each.speaks for each in heard):
        for stream in _together(waiting, language):
            waiting.remove(stream)
            heard.extend(_heard(source, stream, mono))
            progress(1.0 - (len(waiting) + 1) / (len(streams) + 1))
    if not heard:
        raise UnreadableAudio(str(source.path), "no audio could be decoded from it")
    chosen = _chosen(heard) or heard[:1]
    _keep(chosen, mono, separate)
    for each in heard:
        each.audio.path.unlink(missing_ok=True)
        each.separate.unlink(missing_ok=True)
    duration = max(each.decoded.duration for each in chosen)
    warnings = dict.fromkeys(text for each in chosen for text in each.decoded.warnings)
    return Decoded(duration, (_said_of(streams, heard, chosen), *warnings))


def _together(streams: Sequence[StreamInfo], language: str | None) -> list[StreamInfo]:
    """The streams that go together with the best of those wanted."""
    wanted = [each for each in streams if language and each.language == language]
    best = (wanted or streams)[0]
    kind = (best.language, best.commentary)
    return [each for each in streams if (each.language, each.commentary) == kind]


def _heard(source: Source, stream: StreamInfo, beside: Path) -> list[Heard]:
    """The stream decoded; nothing if that is impossible."""
    mono = beside.with_name(f"stream-{stream.number}.flac")
    separate = beside.with_name(f"stream-{stream.number}-channels.flac")
    try:
        decoded = decode(
            replace(source, stream=stream.index, channels=stream.channels), mono, separate
        )
    except UnreadableAudio:
        return []
    audio = StoredAudio.open(mono)
    spans = voice_activity(audio).spans(_PAUSE)
    speaks = sum(span.duration for span in spans) >= _LEAST_SPEECH
    return [Heard(stream, decoded, audio, separate, speaks)]


def _chosen(heard: Sequence[Heard]) -> list[Heard]:
    """Those with speech that is not heard in another one; of equal ones the first."""
    chosen = [each for each in heard if each.speaks]
    for each in reversed(chosen.copy()):
        others = [other for other in chosen if other is not each]
        if any(is_heard_in(each.audio, other.audio) for other in others):
            chosen.remove(each)
    return chosen


def _keep(chosen: Sequence[Heard], mono: Path, separate: Path | None) -> None:
    if len(chosen) > 1:
        mix_tracks([each.audio.path for each in chosen], mono, separate)
        return
    chosen[0].audio.path.replace(mono)
    if separate is not None and chosen[0].separate.exists():
        chosen[0].separate.replace(separate)


def _said_of(streams: Sequence[StreamInfo], heard: Sequence[Heard], chosen: Sequence[Heard]) -> str:
    """Which streams were read, and why the others were not."""
    read = [each.stream for each in chosen]
    others = [each.stream for each in heard if each.stream not in read]
    speaking = [each.stream for each in heard if each.speaks]
    silent = [each for each in others if each not in speaking]
    same = [each for each in others if each in speaking]
    rest = [each for each in streams if each not in (*read, *others)]
    said = [
        WARNINGS.say("streams", count=len(streams)),
        _of("streams-together" if len(read) > 1 else "stream-read", read),
    ]
    if not speaking:
        said.append(WARNINGS.say("none-speaks"))
    elif len(silent) > _LISTED:
        said.append(WARNINGS.say("others-silent", count=len(silent)))
    elif silent:
        said.append(_of(f"{_one(silent)}-silent", silent))
    if same:
        said.append(_of(f"{_one(same)}-heard", same))
    if rest:
        said.append(_of(f"{_one(rest)}-left-out", rest))
    return "; ".join(said)


def _of(code: str, streams: Sequence[StreamInfo]) -> str:
    return WARNINGS.say(code, which=_named(streams))


def _one(streams: Sequence[StreamInfo]) -> str:
    return "stream" if len(streams) == 1 else "streams"


def _named(streams: Sequence[StreamInfo]) -> str:
    ordered = sorted(streams, key=lambda each: each.number)
    names = [_name(each) for each in ordered]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _name(stream: StreamInfo) -> str:
    notes = [LANGUAGES[stream.language]] if stream.language else []
    if stream.commentary:
        notes.append("commentary")
    return f"{stream.number} ({', '.join(notes)})" if notes else str(stream.number)
