"""What several stages do with files."""

from pathlib import Path

from trax.audio import StoredAudio
from trax.work.values import StageResult
from trax.work.workspace import Workspace


def stored_audio(workspace: Workspace, audio: StageResult) -> StoredAudio:
    """The ingested recording."""
    return StoredAudio.open(workspace.objects.local_path(audio.outputs["audio"]))


def written(path: Path, data: bytes) -> Path:
    """A new file at *path* that holds *data*."""
    path.write_bytes(data)
    return path
