"""What several stages do with files."""

from collections.abc import Sequence
from pathlib import Path

from trax.audio import StoredAudio
from trax.stages.options import TranscribeOptions
from trax.work.values import StageResult
from trax.work.workspace import Workspace


def stored_audio(workspace: Workspace, audio: StageResult) -> StoredAudio:
    """The ingested recording."""
    return StoredAudio.open(workspace.objects.local_path(audio.outputs["audio"]))


def track_names(audio: StageResult, options: TranscribeOptions) -> list[str]:
    """The outputs that hold a speaker's track each; none if people are told apart by voice."""
    if not options.diarization.split_channels:
        return []
    return sorted(name for name in audio.outputs if name.startswith("track-"))


def stored_tracks(
    workspace: Workspace, audio: StageResult, names: Sequence[str]
) -> list[StoredAudio]:
    """The tracks of these *names*."""
    return [StoredAudio.open(workspace.objects.local_path(audio.outputs[name])) for name in names]


def written(path: Path, data: bytes) -> Path:
    """A new file at *path* that holds *data*."""
    path.write_bytes(data)
    return path
