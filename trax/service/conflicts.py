"""Decisions of people that did not fit a transcript made anew: listed, and settled one by one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from trax.errors import InvalidOption
from trax.revision import (
    REASONS,
    Insert,
    Operation,
    Relabel,
    Rename,
    Replace,
    Together,
    insisted,
)
from trax.service.revisions import Edits, edit_by
from trax.store import Conflict, Revision
from trax.transcript import Span, Transcript, joined_text
from trax.work.workspace import Workspace


class Keep(StrEnum):
    """What is kept where a decision and a new transcript do not fit together."""

    MINE = "mine"
    NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A conflict for people.

    Attributes:
        number: of those of its transcript, from 1 on.
        kind: of the operation; empty if nothing could be carried over.
        span: when the words that it was about were said, if that is known.
        wanted: text or speaker that people wanted there; empty where they took words out.
        stands: what is there now.
        reason: why it did not fit.
        code: of the reason, for programs; empty if it has none.
        about: what the reason names.
        source: id of the transcript in which it was decided.
        can_keep_mine: whether it can be done by time.
    """

    number: int
    kind: str
    span: Span | None
    wanted: str
    stands: str
    reason: str
    code: str
    about: Mapping[str, str]
    source: str
    can_keep_mine: bool


def listed(workspace: Workspace, reference: str) -> list[Listed]:
    """The conflicts of a transcript that nobody has settled.

    Raises:
        NotFound: there is no such transcript.
    """
    document = workspace.repository.get(reference)
    return [_listed(each, document) for each in workspace.conflicts.open(document.id)]


def settle(
    workspace: Workspace, edits: Edits, reference: str, number: int, keep: Keep
) -> Revision | None:
    """Settle a conflict: do what was decided by the time at which it was, or leave what is there.

    Gives the change that this made; ``None`` if what is there stays.

    Raises:
        NotFound: there is no such transcript or conflict.
        InvalidOption: it cannot be done by time.
        Conflict: the transcript was changed meanwhile.
    """
    newest = workspace.repository.versions(reference)[0]
    conflict = workspace.conflicts.get(newest.id, number)
    made = None
    if keep is Keep.MINE:
        made = edit_by(edits, newest.id, lambda document: [_by_time(conflict, document)])
    workspace.conflicts.settle(conflict, keep)
    return made


def _by_time(conflict: Conflict, document: Transcript) -> Operation:
    if conflict.misfit is None:
        raise InvalidOption("nothing of it was carried over; do it by hand")
    return insisted(conflict.misfit, document)


def _listed(conflict: Conflict, document: Transcript) -> Listed:
    misfit = conflict.misfit
    span = misfit.span if misfit else None
    told = REASONS.told(conflict.reason)
    try:
        _by_time(conflict, document)
    except InvalidOption:
        can_keep_mine = False
    else:
        can_keep_mine = True
    return Listed(
        number=conflict.number,
        kind=misfit.operation.kind if misfit else "",
        span=span,
        wanted=_wanted(misfit.operation, document) if misfit else "",
        stands=_standing(document, span) if span else "",
        reason=told.text,
        code=told.code,
        about=told.about,
        source=conflict.source,
        can_keep_mine=can_keep_mine,
    )


def _standing(document: Transcript, span: Span) -> str:
    return joined_text([w for w in document.words if span.start <= w.middle <= span.end])


def _wanted(operation: Operation, document: Transcript) -> str:
    match operation:
        case Replace():
            return operation.text
        case Insert():
            return joined_text(operation.words)
        case Relabel():
            speaker = operation.labels[0].speaker
            return "" if speaker is None else document.display_name(speaker)
        case Rename():
            return operation.name or ""
        case Together():
            return " ".join(filter(None, (_wanted(e, document) for e in operation.operations)))
        case _:
            return ""
