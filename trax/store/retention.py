"""The removal of what is kept no longer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from trax.errors import DamagedObject
from trax.store.answers import AnswerRepository
from trax.store.audit import add_entry
from trax.store.checkpoints import Checkpoints
from trax.store.database import Database
from trax.store.jobs import JobRepository
from trax.store.objects import ObjectStore, RetentionPolicy, StoredObject

_SETTLED = timedelta(days=1)  # nobody works on an object that nothing names for so long


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """One thing that is removed, or would be.

    Attributes:
        reason: ``expired audio``, ``expired checkpoint``, ``orphan`` or ``half upload``.
    """

    key: str
    reason: str
    size_bytes: int


def due(
    objects: ObjectStore, database: Database, policy: RetentionPolicy, now: datetime | None = None
) -> Iterator[Removal]:
    """Everything that is to be removed by *policy*. Audio of jobs that are being worked on is left
    alone.
    """
    now = now or datetime.now(UTC)
    busy = JobRepository(database).recordings_in_work()
    expired = set()
    if policy.audio_days is not None:
        for found in _older(objects, "recordings/", now - timedelta(days=policy.audio_days)):
            if found.key.split("/")[1] not in busy:
                expired.add(found.key)
                yield _removal(found, "expired audio")
    yield from _checkpoints(objects, policy, now, expired)
    for found in objects.abandoned(now - _SETTLED):
        yield _removal(found, "half upload")


def remove(
    objects: ObjectStore, database: Database, policy: RetentionPolicy, now: datetime | None = None
) -> Iterator[Removal]:
    """Remove what is `due`, one by one; each is in the audit log before it goes. The store's own
    rules follow.

    Answers of language models go with the checkpoints that are as old.
    """
    objects.prepare(policy)
    if policy.checkpoint_days is not None:
        AnswerRepository(database).forget_before(
            (now or datetime.now(UTC)) - timedelta(days=policy.checkpoint_days)
        )
    for removal in due(objects, database, policy, now):
        with database.writing() as session:
            add_entry(
                session,
                "object.removed",
                removal.key,
                reason=removal.reason,
                size_bytes=removal.size_bytes,
            )
        if removal.reason == "half upload":
            objects.discard(removal.key)
        else:
            objects.delete(removal.key)
        yield removal


def _checkpoints(
    objects: ObjectStore, policy: RetentionPolicy, now: datetime, gone: set[str]
) -> Iterator[Removal]:
    """Checkpoints that are too old or whose audio is *gone*, with their outputs, and outputs that
    nothing names.
    """
    checkpoints = Checkpoints(objects)
    kept: set[str] = set()
    outputs = []
    for found in objects.list("checkpoints/"):
        if found.key.count("/") > 2:
            outputs.append(found)
            continue
        old = policy.checkpoint_days is not None and found.modified_at < now - timedelta(
            days=policy.checkpoint_days
        )
        try:
            named = {ref.key for ref in checkpoints.manifest(found.key).outputs.values()}
        except DamagedObject:
            named, old = set(), old or found.modified_at < now - _SETTLED
        if old or named & gone:
            yield _removal(found, "expired checkpoint")
        else:
            kept |= named
    for found in outputs:
        if found.key not in kept and found.modified_at < now - _SETTLED:
            yield _removal(found, "orphan")


def _older(objects: ObjectStore, prefix: str, before: datetime) -> Iterator[StoredObject]:
    return (found for found in objects.list(prefix) if found.modified_at < before)


def _removal(found: StoredObject, reason: str) -> Removal:
    return Removal(key=found.key, reason=reason, size_bytes=found.size_bytes)
