"""Ingest: a recording as 16 kHz mono lossless audio."""

import json
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from trax.audio import SAMPLE_RATE, Decoded, Limits, Probe, probe
from trax.audio.decode import Source, decode
from trax.audio.tracks import levels, one_speaker_per_channel, split_channels
from trax.progress import Progress
from trax.stages.files import written
from trax.transcript import Recording
from trax.transcript.codec import to_json
from trax.work.graph import Stage
from trax.work.recordings import recording_file
from trax.work.values import Job, Outputs, StageWork
from trax.work.workspace import Workspace


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

    def make(folder: Path, progress: Progress) -> Outputs:
        with recording_file(workspace, job.request.source) as source:
            kept = _Decoding(source, folder, found, workspace.limits, progress).run()
        outputs: dict[str, Any] = {}
        for name, file in kept.files.items():
            key = f"recordings/{sha256}/{file.name}"
            outputs[name] = workspace.objects.put_file(key, file)
        recording = _described(sha256, found, kept.decoded.duration)
        warnings = json.dumps(kept.decoded.warnings).encode()
        outputs["recording.json"] = written(folder / "recording.json", to_json(recording))
        outputs["warnings.json"] = written(folder / "warnings.json", warnings)
        return outputs

    decoder = f"av-{version('av')}/{SAMPLE_RATE}"
    return StageWork(
        inputs={"recording": sha256, "decoder": decoder},
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
class _Ingested:
    """Audio decoded: ``audio``, and where every channel is one person's, those channels too."""

    decoded: Decoded
    files: dict[str, Path]


@dataclass(frozen=True, slots=True)
class _Decoding:
    """One recording about to be decoded into *folder*."""

    source: Path
    folder: Path
    found: Probe
    limits: Limits
    progress: Progress

    def run(self) -> _Ingested:
        """Decode the recording."""
        mono = self.folder / "audio.flac"
        separate = self.folder / "channels.flac"
        source = Source(path=self.source, limits=self.limits, channels=self.found.channels)
        decoded = decode(source, mono, separate, self._decoded)
        if not separate.exists() or not one_speaker_per_channel(levels(separate)):
            return _Ingested(decoded, {"audio": mono})
        mix, tracks = split_channels(separate, self.folder)
        return _Ingested(decoded, {"audio": mix} | {track.stem: track for track in tracks})

    def _decoded(self, seconds: float) -> None:
        expected = max(self.found.duration or 0.0, 1.0)
        self.progress(min(1.0, seconds / expected))


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
