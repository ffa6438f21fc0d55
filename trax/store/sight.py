"""Which jobs and transcripts somebody sees, and what they may do with them."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from trax.store.account_tables import FolderRow, GrantRow, HoldingRow, MemberRow, UserRow
from trax.store.tables import JobRow, TokenRow, TranscriptRow

Role = Literal["viewer", "editor", "owner"]
"""What somebody may do with a thing: read it, change it, give it away. The later include the
earlier.
"""

ROLES: tuple[Role, ...] = ("viewer", "editor", "owner")


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody sees: what is theirs and what was shared with them.

    Attributes:
        account: whose things are theirs.
        is_whole: whether they see everything.
    """

    account: str
    is_whole: bool = False
    shown: tuple[str, Role] | None = None

    def __post_init__(self) -> None:
        if not self.account and not self.is_whole:
            raise ValueError("what is nobody's is seen by whoever sees everything alone")


EVERYTHING = Sight("", is_whole=True)
"""What the machine's own user sees, and administrators."""

MACHINE = ("local", "service")  # who is no row of any table: this machine's user, and its token


def may(role: Role | None, wanted: Role) -> bool:
    """Whether somebody with *role* may do what *wanted* may."""
    return role is not None and ROLES.index(role) >= ROLES.index(wanted)


def visible(
    sight: Sight,
    account: InstrumentedAttribute[str],
    folder: InstrumentedAttribute[str | None],
) -> ColumnElement[bool]:
    """The condition that a row with these columns is seen."""
    if sight.is_whole:
        return true()
    return or_(account == sight.account, folder.in_(seen_folders(sight)))


def seen_job(sight: Sight) -> ColumnElement[bool]:
    """The condition that a job is seen."""
    return visible(sight, JobRow.account, JobRow.folder_id)


def seen_holding(sight: Sight) -> ColumnElement[bool]:
    """The condition that a transcript is seen, whose holding is joined from the left."""
    seen = visible(sight, HoldingRow.account, HoldingRow.folder_id)
    return seen if sight.shown is None else or_(seen, TranscriptRow.id == sight.shown[0])


def seen_folders(sight: Sight) -> Select[tuple[str]]:
    """The ids of the folders that are theirs or shared with them."""
    granted = select(GrantRow.folder_id).where(_theirs(sight))
    return select(FolderRow.id).where(
        or_(FolderRow.account == sight.account, FolderRow.id.in_(granted))
    )


def role_of(session: Session, sight: Sight, account: str, folder_id: str | None) -> Role | None:
    """What somebody may do with a thing of *account* in a folder; ``None``: they do not see it."""
    if sight.is_whole or account == sight.account:
        return "owner"
    if folder_id is None:
        return None
    if session.scalar(select(FolderRow.account).where(FolderRow.id == folder_id)) == sight.account:
        return "editor"
    granted = select(GrantRow.role).where(GrantRow.folder_id == folder_id, _theirs(sight))
    roles = set(session.scalars(granted))
    return next((role for role in reversed(ROLES) if role in roles), None)


def sees_job(session: Session, sight: Sight, job_id: str) -> bool:
    """Whether somebody sees a job."""
    if sight.is_whole:
        return True
    return bool(session.scalar(select(exists().where(JobRow.id == job_id, seen_job(sight)))))


def sight_of(session: Session, owner: str, *, is_whole: bool) -> Sight:
    """What the owner of something sees while they are not there: a user, a token, or whoever is on
    this machine.

    Args:
        is_whole: whether they saw everything when they were; an administrator's token may not.
    """
    if owner in MACHINE:
        return EVERYTHING
    if not is_whole:
        return Sight(owner)
    scopes = session.scalar(select(UserRow.scopes).where(UserRow.id == owner))
    if scopes is None:
        scopes = session.scalar(select(TokenRow.scopes).where(TokenRow.id == owner))
    return Sight(owner, is_whole="admin" in (scopes or "").split())


def _theirs(sight: Sight) -> ColumnElement[bool]:
    """The condition that a grant is to somebody or a group of theirs."""
    groups = select(MemberRow.group_id).where(MemberRow.user_id == sight.account)
    return or_(
        and_(GrantRow.kind == "user", GrantRow.subject == sight.account),
        and_(GrantRow.kind == "group", GrantRow.subject.in_(groups)),
    )
