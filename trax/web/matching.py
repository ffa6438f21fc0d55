"""Which version somebody has seen: ETags of transcripts, and `If-Match`."""

import re
from typing import Annotated

from fastapi import Depends, Header, HTTPException, Path, Query
from starlette.requests import Request

from trax.service.revisions import Edits
from trax.service.serving import Service
from trax.store.revisions import Author
from trax.transcript import Transcript
from trax.web.asking import Editor, TheService

_TAG = re.compile(r'"(\d{1,9})(?:-[0-9a-f]+)?"')
LARGEST_VERSION = 1_000_000_000
"""More versions no transcript has."""

VersionQuery = Annotated[
    int | None,
    Query(ge=1, le=LARGEST_VERSION, description="A version; the newest by default."),
]

VersionInPath = Annotated[int, Path(ge=1, le=LARGEST_VERSION, description="A version.")]

_WHATEVER = "*"


def tag_of(version: int, digest: str = "") -> str:
    """The ETag of a version of a transcript, in a representation with that digest."""
    return f'"{version}-{digest}"' if digest else f'"{version}"'


def names_tag(tags: str, tag: str) -> bool:
    """Whether `If-None-Match` names *tag*."""
    return tag in [each.strip().removeprefix("W/") for each in tags.split(",")]


def version_in(tags: str) -> int | None:
    """The version that `If-Match` names; ``None`` if any will do.

    >>> version_in('"3-0f8e6a52"'), version_in("*")
    (3, None)

    Raises:
        HTTPException: 428 if it names none, 412 if it names what no transcript of this service has.
    """
    if not tags.strip():
        detail = "say which version you have seen: If-Match with the ETag that came with it"
        raise HTTPException(428, detail)
    if tags.strip() == _WHATEVER:
        return None
    found = _TAG.fullmatch(tags.strip().removeprefix("W/"))
    if found is None:
        raise HTTPException(412, "If-Match is no ETag of a transcript")
    return int(found[1])


def document_at(
    service: Service, transcript_id: str, version: int | None
) -> tuple[Transcript, int]:
    """A version of a transcript, the newest by default, and its number.

    Raises:
        NotFound: there is no such transcript or version.
    """
    repository = service.workspace.repository
    number = version or repository.versions(transcript_id)[0].version
    return repository.get(transcript_id, number), number


def _edits(
    request: Request,
    service: TheService,
    caller: Editor,
    if_match: Annotated[
        str,
        Header(
            description="ETag of the version that you have seen; `*` changes whatever is newest.",
            examples=['"3"'],
        ),
    ] = "",
) -> Edits:
    edits = Edits(
        revisions=service.workspace.revisions,
        author=Author(caller.id, caller.name),
        base_version=version_in(if_match),
    )
    request.state.edits = edits
    return edits


TheEdits = Annotated[Edits, Depends(_edits)]
"""Where changes of whoever asks are kept, made on the version that they have seen."""
