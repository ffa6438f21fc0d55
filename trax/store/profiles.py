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
from trax.store.tables import ProfileRow, SpeakerRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A known voice: whose it is, what it sounds like, and on whose word it may be kept.

    Attributes:
        voice_model: names the model of the embedding.
        embedding: never audio.
        seconds: of speech that the embedding was made from.
        consent: how the person agreed, in the words of whoever enrolled them.
        transcripts: how many transcripts show this voice.
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
    """Keeps and finds known voices. Each change is noted in the audit log."""

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
        """The profile of that name, in any case of its letters."""
        wanted = name.strip().casefold()
        return next((profile for profile in self.all() if profile.name.casefold() == wanted), None)

    def get(self, name: str) -> Profile:
        """The profile of that name.

        Raises:
            NotFound: nobody is known by it.
        """
        found = self.find(name)
        if found is None:
            raise NotFound("known voice", name)
        return found

    def add(
        self, name: str, voice_model: str, embedding: Sequence[float], seconds: float, consent: str
    ) -> Profile:
        """A new profile.

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
        """Put a better embedding in a profile's place; what was agreed is added to what was agreed
        before.
        """
        agreed = (
            profile.consent
            if consent in profile.consent.split("; ")
            else f"{profile.consent}; {consent}"
        )
        voice = {"vector": list(embedding), "seconds": seconds}
        with self._database.writing() as session:
            _change(session, profile, embedding=voice, consent=agreed)
            add_entry(session, "profile.improved", profile.id, consent=consent)

    def rename(self, profile: Profile, name: str) -> None:
        """Rename a voice, in transcripts too.

        Raises:
            InvalidOption: the name is empty or somebody else's.
        """
        clean, taken = name.strip(), self.find(name)
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
        """Say that a speaker of a transcript has this voice."""
        row = (
            SpeakerRow.transcript_id == transcript,
            SpeakerRow.version == version,
            SpeakerRow.label == label,
        )
        with self._database.writing() as session:
            session.execute(update(SpeakerRow).where(*row).values(profile_id=profile.id))

    def forget(self, profile: Profile, into: Profile | None = None) -> list[str]:
        """Remove a profile, and with it the name from every transcript; gives the transcripts' ids.

        Args:
            into: who gets its transcripts; without it those speakers are unknown again.
        """
        mine = SpeakerRow.profile_id == profile.id
        with self._database.writing() as session:
            shown = sorted(session.scalars(select(SpeakerRow.transcript_id).where(mine).distinct()))
            session.execute(
                update(SpeakerRow).where(mine).values(profile_id=into.id if into else None)
            )
            session.execute(delete(ProfileRow).where(ProfileRow.id == profile.id))
            action = "profile.merged" if into else "profile.forgotten"
            add_entry(session, action, profile.id, **({"into": into.id} if into else {}))
        return shown


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
