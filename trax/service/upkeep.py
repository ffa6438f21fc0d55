"""Keeping the stores in order: stored results of stages, expired data, the database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from trax.errors import InvalidOption, SchemaMismatch, SchemaOutdated
from trax.pipelines.all import STAGES
from trax.store import AuditEntry, Checkpoints, Database, ObjectStore, TranscriptRepository
from trax.store.audit import add_entry, newest_entries
from trax.store.checkpoints import KeptCheckpoint
from trax.store.retention import days_before


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseState:
    """Which database is used, and whether it can be.

    Attributes:
        kind: ``postgresql`` or ``sqlite``.
        revision: of its schema.
        problem: why it cannot be used; empty if it can.
        outdated: whether an upgrade of its schema would help.
        transcripts: how many it holds; 0 if it cannot be used.
    """

    kind: str
    revision: str
    problem: str = ""
    outdated: bool = False
    transcripts: int = 0


def stored_results(objects: ObjectStore, stage: str = "") -> list[KeptCheckpoint]:
    """Stored results of stages, newest first; those of one *stage* if it is named.

    Raises:
        InvalidOption: there is no such stage.
    """
    if stage and stage not in STAGES:
        raise InvalidOption(f"there is no stage {stage!r}; stages are {', '.join(STAGES)}")
    found = Checkpoints(objects).all(stage)
    return sorted(found, key=lambda kept: kept.manifest.modified_at, reverse=True)


def prunable(
    results: Iterable[KeptCheckpoint], days: float, recording: str = ""
) -> list[KeptCheckpoint]:
    """Those of *results* that were stored *days* ago or earlier.

    Args:
        recording: name of a recording, or the beginning of its SHA-256; only its results count.

    Raises:
        InvalidOption: *days* is negative or no number.
    """
    if not days >= 0:  # NaN is not, either
        raise InvalidOption(f"{days} is no number of days")
    before = days_before(datetime.now(UTC), days)
    old = [kept for kept in results if kept.manifest.modified_at <= before]
    return [kept for kept in old if _is_of(kept, recording)]


def prune(objects: ObjectStore, database: Database, results: Iterable[KeptCheckpoint]) -> None:
    """Remove stored results; each is in the audit log before it goes."""
    checkpoints = Checkpoints(objects)
    for kept in results:
        with database.writing() as session:
            add_entry(session, "checkpoint.pruned", kept.manifest.key)
        checkpoints.remove(kept)


def size_bytes(results: Iterable[KeptCheckpoint]) -> int:
    """How much *results* take in the store; damaged ones do not count."""
    return sum(kept.checkpoint.size_bytes for kept in results if kept.checkpoint)


def database_state(database: Database) -> DatabaseState:
    """Which database is used, and whether it can be.

    Raises:
        StoreUnavailable: it does not answer.
    """
    try:
        count = TranscriptRepository(database).count()
    except SchemaMismatch as error:
        return DatabaseState(
            kind=database.kind,
            revision=database.revision(),
            problem=str(error),
            outdated=isinstance(error, SchemaOutdated),
        )
    return DatabaseState(kind=database.kind, revision=database.revision(), transcripts=count)


def audit_log(database: Database, most: int) -> list[AuditEntry]:
    """What was done to the data and by whom, newest first, *most* entries."""
    with database.reading() as session:
        return newest_entries(session, most)


def _is_of(kept: KeptCheckpoint, recording: str) -> bool:
    if not recording:
        return True
    made = kept.checkpoint
    return made is not None and (made.name == recording or made.recording.startswith(recording))
