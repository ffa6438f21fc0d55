"""Documents of versions that are no longer kept, made again by what people changed."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from trax.errors import InvalidDocument
from trax.revision import apply, operation_from
from trax.store.revision_tables import RevisionRow
from trax.store.rows import document_digest
from trax.store.tables import TranscriptRow
from trax.transcript import Transcript
from trax.transcript.codec import from_json, to_json


def read_document(document: dict[str, Any], transcript: str) -> Transcript:
    """The document in a row of *transcript*."""
    return from_json(Transcript, json.dumps(document).encode(), f"transcript {transcript}")


def replayed(session: Session, transcript: str, version: int) -> Transcript | None:
    """The document of a version that is not kept; ``None`` if there was none such.

    Raises:
        InvalidDocument: what is kept does not make it again.
    """
    steps = _steps(session, transcript, version)
    if not steps or steps[-1].version != version:
        return None
    query = select(TranscriptRow.document).where(
        TranscriptRow.id == transcript, TranscriptRow.version == steps[0].base_version
    )
    document = read_document(session.scalars(query).one(), transcript)
    for step in steps:
        for raw in step.operations or ():
            document = apply(document, operation_from(raw, f"revision {step.version}"))
    if document_digest(document) != steps[-1].digest:
        raise InvalidDocument(
            f"transcript {transcript}", f"version {version} cannot be made again from its changes"
        )
    return document


def _steps(session: Session, transcript: str, version: int) -> list[RevisionRow]:
    """The changes since the last kept version before *version*."""
    kept = select(TranscriptRow.version).where(
        TranscriptRow.id == transcript, TranscriptRow.version < version
    )
    begin = session.scalar(kept.order_by(TranscriptRow.version.desc()).limit(1))
    if begin is None:
        return []
    query = select(RevisionRow).where(
        RevisionRow.transcript_id == transcript,
        RevisionRow.version > begin,
        RevisionRow.version <= version,
    )
    return list(session.scalars(query.order_by(RevisionRow.version)))


def as_json(operations: object) -> Any:
    """Operations as they are kept."""
    return json.loads(to_json(operations))
