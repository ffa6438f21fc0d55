"""What people changed, as JSON."""

from collections import Counter
from datetime import datetime

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from trax.revision import REASONS, Misfit, Operation, Together, Wish
from trax.service.blame import Stretch
from trax.service.conflicts import Keep
from trax.service.differences import Difference
from trax.service.revisions import LONGEST_NAME, MOST_OPERATIONS
from trax.store import Revision
from trax.store.revisions import RevisionKind
from trax.transcript import Span
from trax.web.problems import Problem
from trax.web.views.base import Given, View
from trax.web.views.coediting import PersonView

_REPLACE: JsonDict = {"kind": "replace", "word": "5f6313192cb8", "text": "thanks"}
_UNDO: JsonDict = {"kind": "replace", "word": "5f6313192cb8", "text": "thank", "confidence": 0.41}


class RevisionSummary(View):
    """A change as the history shows it."""

    transcript_id: str
    version: int = Field(description="The version that it made.")
    base_version: int = Field(description="The version that it was made on.")
    kind: RevisionKind = Field(
        description="`edit`; `undo` of one change; `restore` of a whole version; `removed` text "
        "that was put back; `model_undone`, edits of a language model that were taken back; "
        "`names` that were accepted; `carried` over from another transcript; `translated` again."
    )
    author: PersonView
    authors: list[PersonView] = Field(
        description="All who made it: several where they wrote together; `author` is then nobody."
    )
    at: datetime
    name: str | None = Field(description="What people called this version.")
    restored: int | None = Field(description="The version that was restored, if one was.")
    counts: dict[str, int] | None = Field(
        description="Operations of each kind; null where none say what was done."
    )

    @classmethod
    def of(cls, revision: Revision) -> "RevisionSummary":
        """The view of *revision*."""
        return cls(**_facts(revision))


class RevisionView(RevisionSummary):
    """A change with all that was done."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "transcript_id": "15f435e38097",
                "version": 4,
                "base_version": 3,
                "kind": "edit",
                "author": {"id": "local", "name": "anybody on this machine"},
                "authors": [{"id": "local", "name": "anybody on this machine"}],
                "at": "2026-11-27T00:20:00Z",
                "name": None,
                "restored": None,
                "counts": {"replace": 1},
                "operations": [_REPLACE | {"confidence": 1.0}],
                "inverse": [_UNDO],
            }
        }
    )

    operations: list[Operation] | None = Field(
        description="What was done, in order: as asked for, with times and ids of new words."
    )
    inverse: list[Operation] | None = Field(
        description="What takes it back, in order, if it is the newest change."
    )

    @classmethod
    def of(cls, revision: Revision) -> "RevisionView":
        """The view of *revision*."""
        return cls(
            **_facts(revision),
            operations=_listed(revision.operations),
            inverse=_listed(revision.inverse),
        )


class RevisionPage(View):
    """Some changes, the newest first."""

    items: list[RevisionSummary]
    next_cursor: str | None = Field(description="For the next page; null on the last.")


class BlamedView(View):
    """Words one behind the other whose last change is the same."""

    words: list[str] = Field(description="Ids.")
    text: str
    start: float = Field(description="Seconds.")
    end: float
    version: int = Field(description="The version that this change made.")
    kind: RevisionKind
    authors: list[PersonView]
    at: datetime

    @classmethod
    def of(cls, stretch: Stretch) -> "BlamedView":
        """The view of *stretch*."""
        revision = stretch.revision
        return cls(
            words=list(stretch.words),
            text=stretch.text,
            start=stretch.start,
            end=stretch.end,
            version=revision.version,
            kind=revision.kind,
            authors=[PersonView.of(each) for each in revision.authors],
            at=revision.at,
        )


class BlameList(View):
    """Who changed which words last, in order of the text."""

    version: int = Field(description="Of the transcript.")
    items: list[BlamedView]


class StaleNotesView(View):
    """Notes that rest on text that people changed since they were made."""

    version: int = Field(description="The newest, which was looked at.")
    since: int = Field(description="The version that the notes were made of.")
    summary: bool = Field(description="Whether the text that it sums up was changed.")
    chapters: list[float] = Field(description="Starts of those whose text was, in seconds.")


class NewRevision(Given):
    """A change to be made."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"operations": [_REPLACE]},
                {
                    "operations": [
                        {"kind": "write", "text": "very much", "after": "5f6313192cb8"},
                        {"kind": "rename", "speaker": "SPEAKER_00", "name": "Anna Berg"},
                    ],
                    "name": "read by Anna",
                },
            ]
        },
    )

    operations: list[Wish] = Field(
        min_length=1,
        max_length=MOST_OPERATIONS,
        description="Done in this order, all or none: those of a transcript's history, and `write`,"
        " which puts in text whose times are shared out between its neighbours.",
    )
    name: str | None = Field(
        None, max_length=LONGEST_NAME, description="What to call the version that it makes."
    )


class VersionName(Given):
    """What people call a version."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "as printed"}})

    name: str | None = Field(max_length=LONGEST_NAME, description="Null takes the name away.")


class OutdatedProblem(Problem):
    """Somebody else changed the transcript meanwhile."""

    newest_version: int = Field(description="The version that is newest now.")
    revisions: list[RevisionView] = Field(
        description="What people changed since the version that you have seen, oldest first."
    )


class CarriedView(View):
    """What people had done to another transcript."""

    revision: RevisionView | None = Field(description="Null if nothing of it fits.")
    misfits: list[Misfit] = Field(description="What fits nowhere, and why: people decide.")


class ConflictView(View):
    """A decision that did not fit when it was carried over."""

    number: int = Field(description="Of those of its transcript, from 1 on.")
    kind: str = Field(description="Of the operation; empty if nothing could be carried over.")
    span: Span | None = Field(description="When its words were said; null if that is unknown.")
    wanted: str = Field(description="Text or speaker that was wanted; empty to take words out.")
    stands: str = Field(description="What is there now.")
    reason: str = Field(description="Why it did not fit.")
    code: str = Field(
        description="The same for programs; empty for what has none.",
        json_schema_extra={"enum": ["", *REASONS.patterns]},
    )
    about: dict[str, str] = Field(description="What the reason names, such as `word` and `at`.")
    source: str = Field(description="Id of the transcript in which it was decided.")
    can_keep_mine: bool = Field(description="Whether it can be done by time.")


class ConflictList(View):
    """What did not fit, and was not settled."""

    items: list[ConflictView]


class Settled(Given):
    """What is kept."""

    keep: Keep = Field(description="`mine`, what was decided, or the `new`.", examples=["mine"])


class SettledView(View):
    """What came of it."""

    revision: RevisionView | None = Field(description="Null if what is there stays.")


class DifferenceView(View):
    """One place at which two versions differ."""

    kind: str = Field(description="`replaced`, `inserted`, `deleted` or `relabelled`.")
    start: float = Field(description="Seconds.")
    end: float
    before: str = Field(description="What was there; empty if nothing was.")
    after: str = Field(description="What is there.")
    speaker_before: str | None
    speaker_after: str | None
    words_before: list[str] = Field(description="Ids.")
    words_after: list[str]

    @classmethod
    def of(cls, difference: Difference) -> "DifferenceView":
        """The view of *difference*."""
        return cls.model_validate(difference)


class DifferenceList(View):
    """Where two versions differ, in order of time."""

    from_version: int
    to_version: int
    items: list[DifferenceView]
    names: dict[str, list[str | None]] = Field(
        description="Speakers whose names differ, by label: before and after."
    )


def _facts(revision: Revision) -> dict[str, object]:
    counts = None
    if revision.operations is not None:
        counts = dict(Counter(_kinds(revision.operations)))
    return {
        "transcript_id": revision.transcript_id,
        "version": revision.version,
        "base_version": revision.base_version,
        "kind": revision.kind,
        "author": PersonView.of(revision.author),
        "authors": [PersonView.of(each) for each in revision.authors],
        "at": revision.at,
        "name": revision.name,
        "restored": revision.restored,
        "counts": counts,
    }


def _kinds(operations: tuple[Operation, ...]) -> list[str]:
    found = []
    for operation in operations:
        if isinstance(operation, Together):
            found += _kinds(operation.operations)
        else:
            found.append(operation.kind)
    return found


def _listed(operations: tuple[Operation, ...] | None) -> list[Operation] | None:
    return None if operations is None else list(operations)
