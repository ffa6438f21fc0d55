"""Documents of versions that are no longer kept, made again by what people changed."""

import json
from typing import Any

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from trax.errors import InvalidDocument
from trax.revision import Sheet, operation_from
from trax.store.revision_tables import RevisionRow
from trax.store.rows import document_digest
from trax.store.tables import TranscriptRow
from trax.transcript import SCHEMA_VERSION, Transcript
from trax.transcript.codec import from_json, to_json

AS_TEXT = cast(TranscriptRow.document, Text)
"""A document's JSON as it lies in the database."""


def read_document(document: str, transcript: str) -> Transcript:
    """The document in a row of *transcript*, by its JSON."""
    return from_json(Transcript, document.encode(), f"transcript {transcript}")


def is_current(document: str) -> bool:
    """Whether a document's JSON is what it would be if it were read and written again: of this
    schema, with an id on every word and the words of every edit.

    It only counts, since documents are large; in doubt it says no.
    """
    words = _count(document, '"doubts":', "[")
    edits = _count(document, '"rejected":', '""')
    return (
        _count(document, '"schema_version":', f'"{SCHEMA_VERSION}"') > 0
        and _count(document, '"id":', '"') == words + 1
        and _count(document, '"words":', '["') == edits
    )


def _count(document: str, name: str, value: str) -> int:
    """How often a name has a value that begins so; a space may be between them."""
    return document.count(name + value) + document.count(f"{name} {value}")


def digest_made(session: Session, transcript: str, version: int) -> str | None:
    """The digest of the version that somebody's change made; ``None`` if nobody's did."""
    row = (RevisionRow.transcript_id == transcript, RevisionRow.version == version)
    return session.scalar(select(RevisionRow.digest).where(*row))


def replayed(session: Session, transcript: str, version: int) -> Transcript | None:
    """The document of a version that is not kept; ``None`` if there was none such.

    Raises:
        InvalidDocument: what is kept does not make it again.
    """
    steps = _steps(session, transcript, version)
    if not steps or steps[-1].version != version:
        return None
    query = select(AS_TEXT).where(
        TranscriptRow.id == transcript, TranscriptRow.version == steps[0].base_version
    )
    sheet = Sheet(read_document(session.scalars(query).one(), transcript))
    for step in steps:
        for raw in step.operations or ():
            sheet.apply(operation_from(raw, f"revision {step.version}"))
    document = sheet.transcript
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
