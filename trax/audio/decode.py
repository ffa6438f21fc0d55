"""Decodes any container to 16 kHz FLAC, packet by packet."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import soundfile

from trax.audio.activity import voice_activity
from trax.audio.conversion import SAMPLE_RATE
from trax.audio.outputs import Files, Ordinary, Output, treated_output
from trax.audio.parts import Part, find_parts
from trax.audio.probe import Limits, check_duration
from trax.audio.reader import PartReader, open_part
from trax.audio.treatment import Treatment
from trax.audio.waveform import StoredAudio
from trax.errors import StoreUnavailable, UnreadableAudio
from trax.transcript.cautions import WARNINGS

_KEPT = ".plain"
_MORE_SPEECH = 1.05  # times the speech that must be found for the volume to be changed,
_LEAST_SPEECH = 0.1  # and seconds more
_PAUSE = 0.3  # seconds

OnDecoded = Callable[[float], None]
"""Called with the seconds decoded so far."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The outcome of decoding.

    Attributes:
        duration: seconds written.
        warnings: sentences about what was missing or damaged.
    """

    duration: float
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is decoded.

    Attributes:
        path: the file.
        limits: the most that is accepted of it.
        stream: index of an audio stream; ``None`` for the best one.
        channels: of that stream.
    """

    path: Path
    limits: Limits
    stream: int | None = None
    channels: int = 1


def decode_to_flac(
    path: Path,
    target: Path,
    limits: Limits,
    on_decoded: OnDecoded = lambda _seconds: None,
) -> Decoded:
    """Decode *path* into a mono 16-bit 16 kHz FLAC file at *target*.

    If the container's timestamps jump ahead, silence is written, so that times agree with the
    video. A file that ends early or is damaged is decoded as far as possible, with a warning.

    Raises:
        UnreadableAudio: not one sample could be decoded.
        LimitExceeded: there is more audio than *limits* allow, whatever the container declares.
        StoreUnavailable: *target* cannot be written.
    """
    return decode(Source(path=path, limits=limits), target, None, on_decoded)


def decode(
    source: Source,
    mono: Path,
    separate: Path | None,
    on_decoded: OnDecoded = lambda _seconds: None,
) -> Decoded:
    """Decode a stream as `decode_to_flac` does.

    Args:
        mono: the FLAC file for the mix of all channels.
        separate: one for the channels apart, if there are two to `MOST_CHANNELS`.
    """
    try:
        with ExitStack() as opened:
            ordinary = Ordinary(Files(opened, mono, separate, source.channels))
            decoding = _Decoding(source, ordinary.outputs, on_decoded)
            decoding.run()
        needed = ordinary.needed()
        if needed is not None and _treated(source, mono, separate, needed):
            return decoding.result(*needed.warnings)
    except soundfile.SoundFileError as error:
        raise StoreUnavailable(f"cannot write decoded audio: {error}") from error
    return decoding.result()


def _treated(source: Source, mono: Path, separate: Path | None, needed: Treatment) -> bool:
    """Decode again with a treatment; keep what was there if more volume shows no more speech."""
    plain = [path for path in (mono, separate) if path is not None and path.exists()]
    kept = [path.replace(path.with_name(path.name + _KEPT)) for path in plain]
    with ExitStack() as opened:
        files = Files(opened, mono, separate, source.channels)
        _Decoding(source, [treated_output(files, needed)], lambda _seconds: None).run()
    if needed.only_louder and not _more_speech(mono, kept[0]):
        for before, path in zip(kept, plain, strict=True):
            before.replace(path)
        return False
    for before in kept:
        before.unlink()
    return True


def _more_speech(louder: Path, quiet: Path) -> bool:
    return _speech(louder) > _MORE_SPEECH * _speech(quiet) + _LEAST_SPEECH


def _speech(path: Path) -> float:
    """Seconds of speech in a mono file."""
    spans = voice_activity(StoredAudio.open(path)).spans(_PAUSE)
    return sum(span.duration for span in spans)


class _Decoding:
    """Decodes a file once, part by part, into *outputs*; the first of them counts."""

    def __init__(self, source: Source, outputs: Sequence[Output], on_decoded: OnDecoded) -> None:
        self._source = source
        self._outputs = outputs
        self._on_decoded = on_decoded
        self._warnings: list[str] = []
        self._broken = 0

    def run(self) -> None:
        """Decode the file as far as possible.

        Raises:
            UnreadableAudio: not one sample could be decoded.
            LimitExceeded: there is more audio than allowed.
        """
        path = self._source.path
        with path.open("rb") as file:
            parts = find_parts(file)
        for number, part in enumerate(parts):
            try:
                with open_part(path, part, self._source.stream) as reader:
                    self._decode(part, reader)
            except UnreadableAudio as error:
                if number == 0:
                    raise
                self._warnings.append(WARNINGS.say("part-left-out", reason=error.reason))
        if not self._seconds:
            raise UnreadableAudio(str(path), "no audio could be decoded from it")

    def result(self, *more_warnings: str) -> Decoded:
        """What was decoded, with *more_warnings*."""
        found = list(self._warnings)
        broken = self._broken + self._outputs[0].conversion.broken
        if broken:
            found.append(WARNINGS.say("packets-skipped", count=broken))
        return Decoded(self._seconds, (*dict.fromkeys(found), *more_warnings))

    @property
    def _seconds(self) -> float:
        return self._outputs[0].frames / SAMPLE_RATE

    def _decode(self, part: Part, reader: PartReader) -> None:
        begin = self._seconds
        for frame, time in reader.frames():
            for output in self._outputs:
                output.take(frame, None if time is None else begin + time)
            check_duration(self._source.path, self._seconds, self._source.limits)
            self._on_decoded(self._seconds)
        for output in self._outputs:
            output.flush()
        self._on_decoded(self._seconds)
        self._broken += reader.broken
        self._warnings.extend(_header_warnings(self._source.path, part))
        self._warnings.extend(reader.early_end(self._seconds - begin))


def _header_warnings(path: Path, part: Part) -> tuple[str, ...]:
    """What is wrong with the size that a header states: FFmpeg ignores it."""
    if part.patches:
        return (WARNINGS.say("more-than-stated"),)
    with path.open("rb") as file:
        file.seek(part.start)
        head = file.read(8)
    declared = int.from_bytes(head[4:8], "little") + 8
    actual = path.stat().st_size - part.start
    if head[:4] != b"RIFF" or declared <= actual or declared >= 0xFFFFFFFF:
        return ()
    return (WARNINGS.say("ends-early-bytes", declared=declared, actual=actual),)
