"""Diarize: who speaks when."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from trax.audio import StoredAudio
from trax.audio.tracks import levels
from trax.diarization import DiarizationOptions, Diarizer
from trax.diarization.tracks import diarize_tracks
from trax.diarization.tracks import fingerprint as tracks_fingerprint
from trax.progress import Progress
from trax.stages.chunks import diarize_in_chunks
from trax.stages.files import stored_audio, written
from trax.stages.options import TranscribeOptions
from trax.transcript import Diarization
from trax.transcript.codec import to_json
from trax.work.graph import Stage
from trax.work.values import Job, Outputs, StageResult, StageWork
from trax.work.workspace import Workspace


def _prepare(workspace: Workspace, job: Job[TranscribeOptions], *, audio: StageResult) -> StageWork:
    """Find who speaks when in an ingested recording, by voice or by channel.

    Output: ``diarization.json``.
    """
    options = job.options.diarization
    engine = workspace.engines.diarizer(options)
    stored = stored_audio(workspace, audio)
    names = _track_names(audio) if options.split_channels else []

    def make(folder: Path, progress: Progress) -> Outputs:
        if names:
            paths = [workspace.objects.local_path(audio.outputs[name]) for name in names]
            diarization = _by_channel(paths, engine, options, progress)
        else:
            diarization = diarize_in_chunks(engine, options, stored, progress)
        file = written(folder / "diarization.json", to_json(diarization))
        return {"diarization.json": file}

    fingerprint = tracks_fingerprint(engine) if names else engine.fingerprint
    # The model's name does not decide the result, its fingerprint does.
    inputs = {
        "audio": audio.outputs["audio"].sha256,
        "options": options.model_dump(mode="json", exclude={"model"}),
        "engine": fingerprint,
    }
    return StageWork(inputs=inputs, make=make, audio_seconds=stored.duration, engine=fingerprint)


DIARIZE = Stage(
    name="diarize",
    version=2,
    summary="Find who speaks when.",
    prepare=_prepare,
    where="device",
)


def _track_names(audio: StageResult) -> list[str]:
    return sorted(name for name in audio.outputs if name.startswith("track-"))


def _by_channel(
    paths: Sequence[Path], engine: Diarizer, options: DiarizationOptions, progress: Progress
) -> Diarization:
    tracks = [StoredAudio.open(path) for path in paths]
    loudness = np.concatenate([levels(track.path) for track in tracks], axis=1)
    return diarize_tracks(tracks, loudness, engine, options, progress)
