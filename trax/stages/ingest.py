"""Ingest: a recording as 16 kHz mono lossless audio."""

import json
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from trax.audio import SAMPLE_RATE, Decoded, Limits, Probe, probe
from trax.audio.streams import decode_recording
from trax.audio.tracks import levels, one_speaker_per_channel, split_channels
from trax.progress import Progress
from trax.stages.files import written
from trax.transcript import Recording
from trax.transcript.codec import to_json
from trax.work.graph import Stage
from trax.work.recordings import recording_file
from trax.work.values import Job, Outputs, StageWork
from trax.work.workspace import Workspace

_version = cache(metadata.version)  # it reads files


def _prepare(workspace: Workspace, job: Job[Any]) -> StageWork:
    """Keep a job's recording as 16 kHz mono lossless audio.

    Outputs: ``audio`` (FLAC), ``recording.json`` (`Recording`), ``warnings.json``; where every
    channel is one person's microphone, also ``track-1``, ``track-2``… (FLAC).

    Raises:
        UnreadableAudio: no audio can be decoded from it.
        LimitExceeded: it is larger or longer than allowed.
    """
    sha256 = job.request.recording_sha256 or ""
    with recording_file(workspace, job.request.source) as source:
        found = probe(source, workspace.limits)

    wanted = _wanted(job, found)

    def make(folder: Path, progress: Progress) -> Outputs:
        with recording_file(workspace, job.request.source) as source:
            kept = _Decoding(source, folder, found, wanted, workspace.limits, progress).run()
        outputs: dict[str, Any] = {}
        for name, file in kept.files.items():
            key = f"recordings/{sha256}/{wanted.prefix}{file.name}"
            outputs[name] = workspace.objects.put_file(key, file)
        recording = _described(sha256, found, kept.decoded.duration)
        warnings = json.dumps((*found.notes, *kept.decoded.warnings)).encode()
        outputs["recording.json"] = written(folder / "recording.json", to_json(recording))
        outputs["warnings.json"] = written(folder / "warnings.json", warnings)
        return outputs

    decoder = f"av-{_version('av')}/{SAMPLE_RATE}"
    return StageWork(
        inputs={"recording": sha256, "decoder": decoder, **wanted.inputs},
        make=make,
        audio_seconds=found.duration or 0.0,
    )


INGEST = Stage(
    name="ingest",
    version=3,
    summary="Decode the recording to 16 kHz mono and keep it.",
    prepare=_prepare,
)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What of a job's options decides how its recording is decoded; nothing for most.

    Attributes:
        language: of the audio stream to be read, if there are several.
        tracks: whether every channel is one person's, since each was given a name.
    """

    language: str | None
    tracks: bool

    @property
    def inputs(self) -> dict[str, str | bool]:
        """What the stage's key has to know."""
        language = {"language": self.language} if self.language else {}
        tracks = {"tracks": True} if self.tracks else {}
        return {**language, **tracks}

    @property
    def prefix(self) -> str:
        """Keeps apart what is decoded of one recording in different ways."""
        return "".join(
            f"{value if value is not True else key}-" for key, value in self.inputs.items()
        )


def _wanted(job: Job[Any], found: Probe) -> _Wanted:
    recognition = getattr(job.options, "recognition", None)
    diarization = getattr(job.options, "diarization", None)
    spoken = {stream.language for stream in found.streams}
    language = getattr(recognition, "language", None)
    names = diarization.names if diarization is not None and diarization.split_channels else ()
    return _Wanted(
        language=language if len(spoken) > 1 and language in spoken else None,
        tracks=len(found.streams) == 1 and len(names) == found.channels > 1,
    )


@dataclass(frozen=True, slots=True)
class _Ingested:
    """Audio decoded: ``audio``, and where every channel is one person's, those channels too."""

    decoded: Decoded
    files: dict[str, Path]


@dataclass(frozen=True, slots=True)
class _Decoding:
    """One recording about to be decoded into *folder*."""

    path: Path
    folder: Path
    found: Probe
    wanted: _Wanted
    limits: Limits
    progress: Progress

    def run(self) -> _Ingested:
        """Decode the recording."""
        mono = self.folder / "audio.flac"
        separate = self.folder / "channels.flac"
        decoded = decode_recording(
            self.path,
            self.found,
            self.limits,
            mono,
            separate,
            self.wanted.language,
            self.progress,
        )
        if not separate.exists() or not self._a_speaker_a_channel(separate):
            return _Ingested(decoded, {"audio": mono})
        mix, tracks = split_channels(separate, self.folder)
        return _Ingested(decoded, {"audio": mix} | {track.stem: track for track in tracks})

    def _a_speaker_a_channel(self, separate: Path) -> bool:
        return self.wanted.tracks or one_speaker_per_channel(levels(separate))


def _described(sha256: str, found: Probe, duration: float) -> Recording:
    return Recording(
        sha256=sha256,
        name="",
        size_bytes=found.size_bytes,
        duration=round(duration, 3),
        container=found.container,
        codec=found.codec,
        channels=found.channels,
        sample_rate=found.sample_rate,
    )
