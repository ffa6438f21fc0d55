"""Diarize: who speaks when."""

from pathlib import Path

from trax.audio.tracks import track_levels
from trax.diarization.tracks import diarize_tracks
from trax.diarization.tracks import fingerprint as tracks_fingerprint
from trax.progress import Progress
from trax.stages.chunks import diarize_in_chunks
from trax.stages.files import stored_audio, stored_tracks, track_names, written
from trax.stages.options import TranscribeOptions
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
    names = track_names(audio, job.options)

    def make(folder: Path, progress: Progress) -> Outputs:
        if names:
            tracks = stored_tracks(workspace, audio, names)
            loudness = track_levels(tracks)
            diarization = diarize_tracks(tracks, loudness, engine, options, progress)
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
    version=3,
    summary="Find who speaks when.",
    prepare=_prepare,
    where="device",
)
