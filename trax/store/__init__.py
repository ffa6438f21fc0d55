"""Where things are kept: objects (audio, stage results, exports), checkpoints over them, rows for transcripts."""

from trax.store.checkpoints import Checkpoint, Checkpoints, checkpoint_key
from trax.store.objects import FolderStore, ObjectRef, ObjectStore
from trax.store.repository import StageRun, TranscriptRepository, TranscriptSummary

__all__ = [
    "Checkpoint",
    "Checkpoints",
    "FolderStore",
    "ObjectRef",
    "ObjectStore",
    "StageRun",
    "TranscriptRepository",
    "TranscriptSummary",
    "checkpoint_key",
]
