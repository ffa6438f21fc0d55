"""Folders and groups, and whose things are; each change is in the audit log."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, func, insert, or_, select, true, update
from sqlalchemy.orm import Session

from trax.errors import InvalidOption, NotFound
from trax.store.account_tables import (
    FolderRow,
    GrantRow,
    GroupRow,
    HoldingRow,
    LinkRow,
    MemberRow,
    UserRow,
)
from trax.store.audit import add_entry, in_utc
from trax.store.database import Database
from trax.store.rows import upsert
from trax.store.sight import ROLES, Role, Sight, role_of, seen_folders, seen_job
from trax.store.tables import AuditRow, JobRow, RecordingRow, SubmissionRow, TranscriptRow

GrantKind = Literal["user", "group"]

_GROUPS_LOCK = 0x74726167  # Postgres advisory lock: one change of groups at a time

_CHANGES = (
    "folder.shared",
    "folder.removed",
    "transcript.moved",
    "transcript.given",
    "group.changed",
    "group.removed",
    "user.grouped",
)
"""Entries of the audit log after which somebody may see more or less."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a user or a group may do with what is in a folder.

    Attributes:
        name: the user's or the group's.
    """

    kind: GrantKind
    name: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder as somebody sees it.

    Attributes:
        account: whose it is.
        role: what whoever looks may do with it.
        grants: whom it is shared with; empty for all but its owner.
    """

    id: str
    account: str
    name: str
    created_at: datetime
    role: Role
    grants: tuple[Grant, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Users by their names."""

    id: str
    name: str
    members: tuple[str, ...]


class FolderRepository:
    """Keeps and finds folders and groups."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, account: str, name: str) -> str:
        """Make a folder of *account*; gives its id."""
        folder_id = secrets.token_hex(8)
        with self._database.writing() as session:
            values = {"id": folder_id, "account": account, "name": name}
            session.execute(insert(FolderRow).values(values))
            add_entry(session, "folder.created", folder_id)
        return folder_id

    def all(self, sight: Sight) -> list[Folder]:
        """The folders that somebody sees, by name."""
        seen = true() if sight.is_whole else FolderRow.id.in_(seen_folders(sight))
        query = select(FolderRow).where(seen).order_by(FolderRow.name, FolderRow.id)
        with self._database.reading() as session:
            return [_folder(session, sight, row) for row in session.scalars(query).all()]

    def get(self, folder_id: str, sight: Sight) -> Folder:
        """A folder that somebody sees.

        Raises:
            NotFound: they see none of that id.
        """
        with self._database.reading() as session:
            return _folder(session, sight, _row(session, folder_id, sight))

    def rename(self, folder_id: str, name: str) -> None:
        """Call a folder otherwise."""
        with self._database.writing() as session:
            session.execute(update(FolderRow).where(FolderRow.id == folder_id).values(name=name))
            add_entry(session, "folder.renamed", folder_id)

    def remove(self, folder_id: str) -> None:
        """Remove a folder; what is in it stays with its owners, shared with nobody."""
        with self._database.writing() as session:
            for table in (JobRow, HoldingRow):
                inside = update(table).where(table.folder_id == folder_id)
                session.execute(inside.values(folder_id=None))
            session.execute(delete(GrantRow).where(GrantRow.folder_id == folder_id))
            session.execute(delete(FolderRow).where(FolderRow.id == folder_id))
            add_entry(session, "folder.removed", folder_id)

    def share(self, folder_id: str, grants: Sequence[Grant]) -> None:
        """Share a folder with these, and nobody else.

        Raises:
            InvalidOption: there is no such user or group.
        """
        with self._database.writing() as session:
            folder = select(FolderRow.id).where(FolderRow.id == folder_id)
            session.execute(folder.with_for_update())  # others who share it wait
            session.execute(delete(GrantRow).where(GrantRow.folder_id == folder_id))
            for grant in grants:
                subject = _subject(session, grant)
                values = {"kind": grant.kind, "subject": subject, "role": grant.role}
                row = upsert(session, GrantRow).values(folder_id=folder_id, **values)
                keys = ["folder_id", "kind", "subject"]
                session.execute(
                    row.on_conflict_do_update(index_elements=keys, set_={"role": grant.role})
                )
            shown = [f"{each.kind} {each.name}: {each.role}" for each in grants]
            add_entry(session, "folder.shared", folder_id, grants=shown)

    def move(self, transcript_id: str, folder_id: str | None) -> None:
        """Put a transcript and the jobs that made it in a folder, or in none."""
        values = {"folder_id": folder_id}
        with self._database.writing() as session:
            held = upsert(session, HoldingRow).values(
                transcript_id=transcript_id,
                account="",  # of one that was nobody's
                name=_recording_name(session, transcript_id),
                **values,
            )
            session.execute(
                held.on_conflict_do_update(index_elements=["transcript_id"], set_=values)
            )
            made = update(JobRow).where(JobRow.transcript_id == transcript_id)
            session.execute(made.values(values))
            add_entry(session, "transcript.moved", transcript_id, folder=folder_id)

    def give(self, transcript_id: str, account: str, name: str) -> None:
        """Make a transcript somebody's, and the jobs that made it.

        Links to it are revoked, and keys of requests for those jobs forgotten.
        """
        with self._database.writing() as session:
            held = upsert(session, HoldingRow).values(
                transcript_id=transcript_id, account=account, name=name
            )
            session.execute(
                held.on_conflict_do_update(
                    index_elements=["transcript_id"], set_={"account": account, "folder_id": None}
                )
            )
            of_transcript = JobRow.transcript_id == transcript_id
            made = select(JobRow.id).where(of_transcript)
            session.execute(delete(SubmissionRow).where(SubmissionRow.job_id.in_(made)))
            given = update(JobRow).where(of_transcript)
            session.execute(given.values(account=account, folder_id=None))
            shown = update(LinkRow).where(
                LinkRow.transcript_id == transcript_id, LinkRow.revoked_at.is_(None)
            )
            session.execute(shown.values(revoked_at=self._database.now(session)))
            add_entry(session, "transcript.given", transcript_id, account=account)

    def role_in_transcript(self, transcript_id: str, sight: Sight) -> Role | None:
        """What somebody may do with a transcript; ``None`` if they see none of that id."""
        if sight.shown is not None and sight.shown[0] == transcript_id:
            return sight.shown[1]
        with self._database.reading() as session:
            held = session.get(HoldingRow, transcript_id)
            if held is None:
                return "owner" if sight.is_whole and _exists(session, transcript_id) else None
            return role_of(session, sight, held.account, held.folder_id)

    def account_of(self, transcript_id: str) -> str:
        """Whose a transcript is; empty if it is nobody's."""
        with self._database.reading() as session:
            held = session.get(HoldingRow, transcript_id)
            return "" if held is None else held.account

    def role_in_job(self, job_id: str, sight: Sight) -> Role | None:
        """What somebody may do with a job; ``None`` if they see none of that id."""
        with self._database.reading() as session:
            row = session.execute(
                select(JobRow.account, JobRow.folder_id).where(JobRow.id == job_id)
            ).first()
            return None if row is None else role_of(session, sight, row.account, row.folder_id)

    def role_in_recording(self, sha256: str, sight: Sight) -> Role | None:
        """What somebody may do with a recording: what they may with a job that was made of it."""
        query = select(JobRow.account, JobRow.folder_id).where(
            JobRow.recording_sha256 == sha256, seen_job(sight)
        )
        with self._database.reading() as session:
            roles = [
                role_of(session, sight, row.account, row.folder_id)
                for row in session.execute(query)
            ]
        return next((role for role in reversed(ROLES) if role in roles), None)

    def changes(self, since: datetime) -> frozenset[int]:
        """What has changed since a time about who sees what: ids of entries of the audit log."""
        query = select(AuditRow.id).where(AuditRow.at >= since, AuditRow.action.in_(_CHANGES))
        with self._database.reading() as session:
            return frozenset(session.scalars(query))

    def groups(self) -> list[Group]:
        """Every group, by name."""
        with self._database.reading() as session:
            rows = session.scalars(select(GroupRow).order_by(GroupRow.name)).all()
            return [_group(session, row) for row in rows]

    def set_group(self, name: str, members: Collection[str]) -> Group:
        """Have a group consist of these users, made if it is new.

        Raises:
            InvalidOption: there is no such user.
        """
        with self._database.writing() as session:
            _wait_for_others(session)
            new = upsert(session, GroupRow).values(id=secrets.token_hex(8), name=name)
            session.execute(new.on_conflict_do_nothing(index_elements=["name"]))
            row = session.scalars(select(GroupRow).where(GroupRow.name == name)).one()
            session.execute(delete(MemberRow).where(MemberRow.group_id == row.id))
            for user_id in {_user(session, member) for member in members}:
                session.execute(insert(MemberRow).values(group_id=row.id, user_id=user_id))
            add_entry(session, "group.changed", row.id, name=name, members=sorted(members))
            return _group(session, row)

    def set_groups_of(self, user_id: str, names: Collection[str]) -> None:
        """Have a user be in these groups alone, made if they are new."""
        wanted = sorted(set(names))
        with self._database.writing() as session:
            _wait_for_others(session)
            if wanted == _groups_of(session, user_id):
                return
            add_entry(session, "user.grouped", user_id, groups=wanted)
            session.execute(delete(MemberRow).where(MemberRow.user_id == user_id))
            for name in wanted:
                new = upsert(session, GroupRow).values(id=secrets.token_hex(8), name=name)
                session.execute(new.on_conflict_do_nothing(index_elements=["name"]))
                group_id = session.scalar(select(GroupRow.id).where(GroupRow.name == name))
                session.execute(insert(MemberRow).values(group_id=group_id, user_id=user_id))

    def remove_group(self, name: str) -> None:
        """Remove a group, and what was shared with it.

        Raises:
            NotFound: there is none of that name.
        """
        with self._database.writing() as session:
            _wait_for_others(session)
            group_id = session.scalar(select(GroupRow.id).where(GroupRow.name == name))
            if group_id is None:
                raise NotFound("group", name)
            session.execute(delete(MemberRow).where(MemberRow.group_id == group_id))
            granted = (GrantRow.kind == "group", GrantRow.subject == group_id)
            session.execute(delete(GrantRow).where(*granted))
            session.execute(delete(GroupRow).where(GroupRow.id == group_id))
            add_entry(session, "group.removed", group_id, name=name)


def _wait_for_others(session: Session) -> None:
    """Wait for whoever changes groups in the same moment; who writes to SQLite has waited."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_GROUPS_LOCK)))


def _groups_of(session: Session, user_id: str) -> list[str]:
    joined = (
        select(GroupRow.name)
        .join(MemberRow, MemberRow.group_id == GroupRow.id)
        .where(MemberRow.user_id == user_id)
    )
    return sorted(session.scalars(joined))


def _exists(session: Session, transcript_id: str) -> bool:
    query = select(TranscriptRow.version).where(TranscriptRow.id == transcript_id).limit(1)
    return session.scalar(query) is not None


def _row(session: Session, folder_id: str, sight: Sight) -> FolderRow:
    row = session.get(FolderRow, folder_id)
    if row is None or role_of(session, sight, row.account, row.id) is None:
        raise NotFound("folder", folder_id)
    return row


def _folder(session: Session, sight: Sight, row: FolderRow) -> Folder:
    role = role_of(session, sight, row.account, row.id) or "viewer"
    grants = _grants(session, row.id) if role == "owner" else ()
    return Folder(
        id=row.id,
        account=row.account,
        name=row.name,
        created_at=in_utc(row.created_at),
        role=role,
        grants=grants,
    )


def _grants(session: Session, folder_id: str) -> tuple[Grant, ...]:
    is_known = or_(UserRow.id.is_not(None), GroupRow.id.is_not(None))
    query = (
        select(GrantRow, UserRow.name, GroupRow.name)
        .outerjoin(UserRow, (GrantRow.subject == UserRow.id) & (GrantRow.kind == "user"))
        .outerjoin(GroupRow, (GrantRow.subject == GroupRow.id) & (GrantRow.kind == "group"))
        .where(GrantRow.folder_id == folder_id, is_known)
        .order_by(GrantRow.kind, GrantRow.subject)
    )
    return tuple(
        Grant(row.kind, user or group or "", row.role)
        for row, user, group in session.execute(query)
    )


def _group(session: Session, row: GroupRow) -> Group:
    names = (
        select(UserRow.name)
        .join(MemberRow, MemberRow.user_id == UserRow.id)
        .where(MemberRow.group_id == row.id)
        .order_by(UserRow.name)
    )
    return Group(id=row.id, name=row.name, members=tuple(session.scalars(names)))


def _subject(session: Session, grant: Grant) -> str:
    if grant.kind == "user":
        return _user(session, grant.name)
    group_id = session.scalar(select(GroupRow.id).where(GroupRow.name == grant.name))
    if group_id is None:
        raise InvalidOption(f"there is no group {grant.name!r}")
    return group_id


def _user(session: Session, name: str) -> str:
    user_id = session.scalar(select(UserRow.id).where(UserRow.name == name.casefold()))
    if user_id is None:
        raise InvalidOption(f"there is no user {name!r}")
    return user_id


def _recording_name(session: Session, transcript_id: str) -> str:
    found = session.scalar(
        select(RecordingRow.name)
        .join(TranscriptRow, TranscriptRow.recording_sha256 == RecordingRow.sha256)
        .where(TranscriptRow.id == transcript_id)
        .limit(1)
    )
    return found or ""
