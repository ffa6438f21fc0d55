"""Where things are kept: objects (audio, stage results, exports), checkpoints over them, rows in a
database.
"""

from trax.store.accepted import Accepted, AcceptedRepository
from trax.store.answers import AnswerRepository, SpendingRepository
from trax.store.audit import AuditEntry
from trax.store.carries import Carry, CarryRepository
from trax.store.checkpoints import Checkpoint, Checkpoints, checkpoint_key
from trax.store.conflicts import Conflict, ConflictRepository
from trax.store.database import Database
from trax.store.deliveries import Delivery, DeliveryRepository, Message, Outcome
from trax.store.documents import DocumentRepository
from trax.store.events import EventOf, EventRepository, JobEvent
from trax.store.figures import FigureRepository, OpenJob, StageFigure
from trax.store.folders import Folder, FolderRepository, Grant, Group
from trax.store.job_values import JobRecord, JobRequest, JobStatus, Renewal
from trax.store.jobs import JobRepository
from trax.store.links import Link, LinkRepository
from trax.store.objects import FolderStore, ObjectRef, ObjectStore, StoredObject
from trax.store.owners import new_owner
from trax.store.profiles import Profile, ProfileRepository
from trax.store.queue import JobQueue, Key, Taken
from trax.store.recordings import RecordingRecord, RecordingRepository
from trax.store.revisions import Author, Revision, RevisionRepository
from trax.store.sight import EVERYTHING, Role, Sight
from trax.store.tags import Tag, TagRepository
from trax.store.telling import Told
from trax.store.tokens import Token, TokenRepository
from trax.store.transcripts import SearchHit, TranscriptRepository, TranscriptSummary
from trax.store.uploads import Upload, UploadRepository
from trax.store.users import Session, User, UserRepository
from trax.store.wanted import ANY, Wanted
from trax.store.watched import WatchedFile, WatchedRepository, WatchedState
from trax.store.webhooks import Webhook, WebhookRepository

__all__ = [
    "ANY",
    "EVERYTHING",
    "Accepted",
    "AcceptedRepository",
    "AnswerRepository",
    "AuditEntry",
    "Author",
    "Carry",
    "CarryRepository",
    "Checkpoint",
    "Checkpoints",
    "Conflict",
    "ConflictRepository",
    "Database",
    "Delivery",
    "DeliveryRepository",
    "DocumentRepository",
    "EventOf",
    "EventRepository",
    "FigureRepository",
    "Folder",
    "FolderRepository",
    "FolderStore",
    "Grant",
    "Group",
    "JobEvent",
    "JobQueue",
    "JobRecord",
    "JobRepository",
    "JobRequest",
    "JobStatus",
    "Key",
    "Link",
    "LinkRepository",
    "Message",
    "ObjectRef",
    "ObjectStore",
    "OpenJob",
    "Outcome",
    "Profile",
    "ProfileRepository",
    "RecordingRecord",
    "RecordingRepository",
    "Renewal",
    "Revision",
    "RevisionRepository",
    "Role",
    "SearchHit",
    "Session",
    "Sight",
    "SpendingRepository",
    "StageFigure",
    "StoredObject",
    "Tag",
    "TagRepository",
    "Taken",
    "Token",
    "TokenRepository",
    "Told",
    "TranscriptRepository",
    "TranscriptSummary",
    "Upload",
    "UploadRepository",
    "User",
    "UserRepository",
    "Wanted",
    "WatchedFile",
    "WatchedRepository",
    "WatchedState",
    "Webhook",
    "WebhookRepository",
    "checkpoint_key",
    "new_owner",
]
