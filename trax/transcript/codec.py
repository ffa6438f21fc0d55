"""Documents to JSON bytes and back, checked, with one published schema."""

import json
from collections.abc import Hashable
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from trax.collecting import collection_paused
from trax.errors import InvalidDocument
from trax.transcript.document import SCHEMA_VERSION, Transcript
from trax.transcript.identity import identified

Document = TypeVar("Document")
SCHEMA_ID = "urn:trax:transcript:" + SCHEMA_VERSION

_EARLIER = frozenset({"1.0", "1.1", "1.2", "1.3"})


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast(Any, kind))


def to_json(document: object, indent: int | None = None) -> bytes:
    """UTF-8 JSON of a document. Equal documents give equal bytes."""
    return _adapter(cast(Hashable, type(document))).dump_json(document, indent=indent)


@collection_paused()
def from_json(kind: type[Document], data: bytes, name: str) -> Document:
    """The document of *kind* that *data* holds; *name* is used in the error.

    A transcript of an earlier minor version comes as the current one has it: its words have ids.

    Raises:
        InvalidDocument: not JSON, another major schema version, or fields missing or of the wrong
            type.
    """
    try:
        raw = json.loads(data)
    except ValueError as error:
        raise InvalidDocument(name, f"not JSON ({error})") from error
    version = SCHEMA_VERSION
    if isinstance(raw, dict):
        version = str(raw.get("schema_version", SCHEMA_VERSION))
    if version.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
        raise InvalidDocument(name, f"schema version {version}; this Trax reads {SCHEMA_VERSION}")
    try:
        document = _adapter(cast(Hashable, kind)).validate_python(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "document"
        raise InvalidDocument(name, f"{where}: {first['msg']}") from error
    return cast(Document, _current(document) if isinstance(document, Transcript) else document)


def transcript_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of an exported transcript."""
    schema = _adapter(Transcript).json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **schema}


def _current(transcript: Transcript) -> Transcript:
    if transcript.schema_version in _EARLIER:
        transcript = replace(transcript, schema_version=SCHEMA_VERSION)
    return identified(transcript)
