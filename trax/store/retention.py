"""Removes objects whose time is over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from trax.errors import DamagedObject
from trax.store.answers import AnswerRepository
from trax.store.audit import add_entry
from trax.store.checkpoints import Checkpoints, own_sound
from trax.store.database import Database
from trax.store.jobs import JobRepository
from trax.store.objects import ObjectStore, RetentionPolicy, StoredObject

_SETTLED = timedelta(days=1)  # after that, nobody works on an object that nothing refers to


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """An object that is removed, or would be.

    Attributes:
        reason: ``expired audio``, ``expired checkpoint``, ``orphan`` or ``half upload``.
    """

    key: str
    reason: str
    size_bytes: int


def due(
    objects: ObjectStore, database: Database, policy: RetentionPolicy, now: datetime | None = None
) -> Iterator[Removal]:
    """Everything that *policy* removes; the audio of jobs in work stays."""
    now = now or datetime.now(UTC)
    busy = JobRepository(database).recordings_in_work()
    expired: set[str] = set()
    if policy.audio_days is not None:
        before = days_before(now, policy.audio_days)
        for prefix in ("recordings/", "uploads/"):
            for found in _older(objects, prefix, before):
                if found.key.split("/")[1] not in busy:
                    expired.add(found.key)
                    yield _removal(found, "expired audio")
    yield from _checkpoints(objects, policy, now, expired, busy)
    for found in objects.abandoned(now - _SETTLED):
        yield _removal(found, "half upload")


def remove(
    objects: ObjectStore, database: Database, policy: RetentionPolicy, now: datetime | None = None
) -> Iterator[Removal]:
    """Remove what is `due`, one by one, and answers of language models as old as checkpoints.

    Each removal is in the audit log before it is made. The store's own rules are set to *policy*.
    """
    now = now or datetime.now(UTC)
    objects.prepare(policy)
    if policy.checkpoint_days is not None:
        oldest = days_before(now, policy.checkpoint_days)
        AnswerRepository(database).forget_before(oldest)
    for removal in due(objects, database, policy, now):
        details = {"reason": removal.reason, "size_bytes": removal.size_bytes}
        with database.writing() as session:
            add_entry(session, "object.removed", removal.key, **details)
        if removal.reason == "half upload":
            objects.discard(removal.key)
        else:
            objects.delete(removal.key)
        yield removal


def days_before(moment: datetime, days: float) -> datetime:
    """The time *days* before *moment*; the first of the calendar if that is before it began."""
    try:
        return moment - timedelta(days=days)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def _checkpoints(
    objects: ObjectStore,
    policy: RetentionPolicy,
    now: datetime,
    gone: set[str],
    busy: set[str],
) -> Iterator[Removal]:
    """Checkpoints that are too old, or have sound that is, or whose audio is *gone*; their
    outputs, and outputs that no manifest refers to.
    """
    checkpoints = Checkpoints(objects)
    oldest = _oldest(policy.checkpoint_days, now)
    oldest_sound = _oldest(policy.audio_days, now)
    kept: set[str] = set()
    outputs = []
    for found in objects.list("checkpoints/"):
        if found.key.count("/") > 2:
            outputs.append(found)
            continue
        expired = oldest is not None and found.modified_at < oldest
        try:
            made = checkpoints.manifest(found.key)
            named = {ref.key for ref in made.outputs.values()}
            is_old = oldest_sound is not None and found.modified_at < oldest_sound
            expired = expired or (is_old and made.recording not in busy and bool(own_sound(made)))
        except DamagedObject:
            named = set()
            expired = expired or found.modified_at < now - _SETTLED
        if expired or named & gone:
            yield _removal(found, "expired checkpoint")
        else:
            kept |= named
    for found in outputs:
        if found.key not in kept and found.modified_at < now - _SETTLED:
            yield _removal(found, "orphan")


def _oldest(days: float | None, now: datetime) -> datetime | None:
    """The time before which what is kept for *days* has expired; ``None`` if it never does."""
    return None if days is None else days_before(now, days)


def _older(objects: ObjectStore, prefix: str, before: datetime) -> Iterator[StoredObject]:
    return (found for found in objects.list(prefix) if found.modified_at < before)


def _removal(found: StoredObject, reason: str) -> Removal:
    return Removal(key=found.key, reason=reason, size_bytes=found.size_bytes)
