"""Known voices in the database."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, distinct, func, select, update
from sqlalchemy.orm import Session

from trax.errors import InvalidOption, NotFound
from trax.store.audit import add_entry, in_utc
from trax.store.database import Database
from trax.store.tables import ProfileRow, SpeakerRow, TranscriptRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A known voice: the person's name, an embedding of the voice, and the consent to keep it.

    Attributes:
        voice_model: name of the model that made the embedding.
        embedding: the voice as a vector; audio is never kept.
        seconds: duration of the speech that the embedding was made from.
        consent: how the person agreed, as noted by whoever enrolled them.
        transcripts: number of transcripts in which this voice is named.
    """

    id: str
    name: str
    voice_model: str
    embedding: tuple[float, ...]
    seconds: float
    consent: str
    created_at: datetime
    transcripts: int = 0


class ProfileRepository:
    """Keeps and finds known voices; each change is in the audit log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Profile]:
        """Every profile, by name."""
        shown = select(func.count(distinct(SpeakerRow.transcript_id))).where(
            SpeakerRow.profile_id == ProfileRow.id
        )
        query = select(ProfileRow, shown.scalar_subquery()).order_by(ProfileRow.name, ProfileRow.id)
        with self._database.reading() as session:
            return [_profile(row, int(count)) for row, count in session.execute(query)]

    def find(self, name: str) -> Profile | None:
        """The profile called *name*, whatever the case of its letters; ``None`` if missing."""
        wanted = name.strip().casefold()
        for profile in self.all():
            if profile.name.casefold() == wanted:
                return profile
        return None

    def get(self, name: str) -> Profile:
        """The profile called *name*.

        Raises:
            NotFound: there is none.
        """
        found = self.find(name)
        if found is None:
            raise NotFound("known voice", name)
        return found

    def add(
        self, name: str, voice_model: str, embedding: Sequence[float], seconds: float, consent: str
    ) -> Profile:
        """Add a profile.

        Raises:
            InvalidOption: the name is empty or taken.
        """
        clean = name.strip()
        if not clean:
            raise InvalidOption("a known voice needs a name")
        if self.find(clean):
            raise InvalidOption(f"{clean} is known already")
        row = ProfileRow(
            id=uuid.uuid4().hex[:12],
            name=clean,
            engine=voice_model,
            embedding={"vector": list(embedding), "seconds": seconds},
            consent=consent,
        )
        with self._database.writing() as session:
            session.add(row)
            session.flush()
            add_entry(session, "profile.enrolled", row.id, consent=consent)
            return _profile(row)

    def improve(
        self, profile: Profile, embedding: Sequence[float], seconds: float, consent: str
    ) -> None:
        """Replace a profile's embedding with a better one, and add to its consent."""
        agreed = profile.consent
        if consent not in agreed.split("; "):
            agreed = f"{agreed}; {consent}"
        voice = {"vector": list(embedding), "seconds": seconds}
        with self._database.writing() as session:
            _change(session, profile, embedding=voice, consent=agreed)
            add_entry(session, "profile.improved", profile.id, consent=consent)

    def rename(self, profile: Profile, name: str) -> None:
        """Rename a voice, in transcripts too.

        Raises:
            InvalidOption: the name is empty or somebody else's.
        """
        clean = name.strip()
        taken = self.find(name)
        if not clean:
            raise InvalidOption("a known voice needs a name")
        if taken and taken.id != profile.id:
            raise InvalidOption(
                f"{clean} is known already; if they are one person, merge the two voices"
            )
        with self._database.writing() as session:
            _change(session, profile, name=clean)
            add_entry(session, "profile.renamed", profile.id)

    def link(self, profile: Profile, transcript: str, version: int, label: str) -> None:
        """Record that a speaker of a transcript has this voice."""
        row = (
            SpeakerRow.transcript_id == transcript,
            SpeakerRow.version == version,
            SpeakerRow.label == label,
        )
        with self._database.writing() as session:
            session.execute(update(SpeakerRow).where(*row).values(profile_id=profile.id))

    def appearances(self, profile: Profile) -> set[tuple[str, str]]:
        """Where a voice is named: digests of recordings, each with the speaker's label there."""
        same = (TranscriptRow.id == SpeakerRow.transcript_id) & (
            TranscriptRow.version == SpeakerRow.version
        )
        query = select(TranscriptRow.recording_sha256, SpeakerRow.label).join(TranscriptRow, same)
        with self._database.reading() as session:
            rows = session.execute(query.where(SpeakerRow.profile_id == profile.id))
            return {(sha256, label) for sha256, label in rows}

    def naming(self, profile: Profile) -> list[str]:
        """Ids of the transcripts that name a voice."""
        with self._database.reading() as session:
            return _naming(session, profile)

    def forget(self, profile: Profile, into: Profile | None = None) -> list[str]:
        """Remove a profile and its name from every transcript, and return the transcripts' ids.

        Args:
            into: the profile that gets its transcripts; without one those speakers are unknown
                again.
        """
        mine = SpeakerRow.profile_id == profile.id
        heir = into.id if into else None
        with self._database.writing() as session:
            transcripts = _naming(session, profile)
            session.execute(update(SpeakerRow).where(mine).values(profile_id=heir))
            session.execute(delete(ProfileRow).where(ProfileRow.id == profile.id))
            if heir:
                add_entry(session, "profile.merged", profile.id, into=heir)
            else:
                add_entry(session, "profile.forgotten", profile.id)
        return transcripts


def _naming(session: Session, profile: Profile) -> list[str]:
    query = select(SpeakerRow.transcript_id).where(SpeakerRow.profile_id == profile.id)
    return sorted(session.scalars(query.distinct()))


def _change(session: Session, profile: Profile, **values: object) -> None:
    session.execute(update(ProfileRow).where(ProfileRow.id == profile.id).values(values))


def _profile(row: ProfileRow, transcripts: int = 0) -> Profile:
    voice: dict[str, Any] = row.embedding
    return Profile(
        id=row.id,
        name=row.name,
        voice_model=row.engine,
        embedding=tuple(voice["vector"]),
        seconds=float(voice["seconds"]),
        consent=row.consent,
        created_at=in_utc(row.created_at),
        transcripts=transcripts,
    )
