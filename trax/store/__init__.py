"""Where things are kept: objects (audio, stage results, exports), checkpoints over them, rows in a
database.
"""

from trax.store.answers import AnswerRepository, SpendingRepository
from trax.store.audit import AuditEntry
from trax.store.checkpoints import Checkpoint, Checkpoints, checkpoint_key
from trax.store.database import Database
from trax.store.jobs import (
    JobRecord,
    JobRepository,
    JobRequest,
    JobStatus,
    new_owner,
)
from trax.store.objects import FolderStore, ObjectRef, ObjectStore, StoredObject
from trax.store.profiles import Profile, ProfileRepository
from trax.store.transcripts import SearchHit, TranscriptRepository, TranscriptSummary
from trax.store.watched import WatchedFile, WatchedRepository, WatchedState

__all__ = [
    "AnswerRepository",
    "AuditEntry",
    "Checkpoint",
    "Checkpoints",
    "Database",
    "FolderStore",
    "JobRecord",
    "JobRepository",
    "JobRequest",
    "JobStatus",
    "ObjectRef",
    "ObjectStore",
    "Profile",
    "ProfileRepository",
    "SearchHit",
    "SpendingRepository",
    "StoredObject",
    "TranscriptRepository",
    "TranscriptSummary",
    "WatchedFile",
    "WatchedRepository",
    "WatchedState",
    "checkpoint_key",
    "new_owner",
]
