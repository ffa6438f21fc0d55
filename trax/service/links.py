"""Links that share a transcript, or a passage of it, with whoever has them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from trax.errors import InvalidOption, NotFound, Unidentified
from trax.service.access import Caller
from trax.service.passwords import digest_of, matches
from trax.service.sessions import Attempts
from trax.service.tokens import token_digest
from trax.store import Link, LinkRepository
from trax.store.revisions import Author
from trax.transcript import Segment, Transcript, Turn

PREFIX = "visit_"
"""How the secret of somebody who has opened a link begins."""

VISITOR = "link "
"""How the id of somebody who has opened a link begins: a guest, whose name is what they say."""

PERMISSIONS = ("view", "comment", "edit")

_LASTS = timedelta(hours=12)  # what a link was opened with
_SECRET_BYTES = 32
_MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A link to make.

    Attributes:
        passage: start and end in seconds; ``None``: everything.
        days: after which it expires; ``None`` if it does not.
        password: empty if it asks for none.
    """

    permission: str = "view"
    passage: tuple[float, float] | None = None
    days: float | None = None
    password: str = ""


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link that was just made; its secret is known now and never again."""

    link: Link
    secret: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A link that somebody has opened, and the secret by which they are known from now on."""

    link: Link
    secret: str
    expires_at: datetime


def create(links: LinkRepository, caller: Caller, transcript_id: str, wanted: Wanted) -> NewLink:
    """Make a link to a transcript.

    Raises:
        InvalidOption: a passage cannot be edited, ends before it starts, the password is too
            short, or the days are too many.
    """
    _check(wanted)
    now = datetime.now(UTC)
    start, end = wanted.passage or (None, None)
    link = Link(
        id=secrets.token_hex(8),
        transcript_id=transcript_id,
        account=caller.account,
        permission=wanted.permission,
        start=start,
        end=end,
        password=digest_of(wanted.password) if wanted.password else "",
        created_at=now,
        expires_at=None if wanted.days is None else now + timedelta(days=wanted.days),
    )
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    links.add(link, token_digest(secret))
    return NewLink(link, secret)


def open_link(
    links: LinkRepository, attempts: Attempts, secret: str, password: str, address: str
) -> Visit:
    """Open a link; gives what to ask with from now on.

    Raises:
        NotFound: there is no such link, or it is no longer in use.
        Unidentified: it asks for a password, and this is not it.
        TooManyRequests: somebody tried too often.
    """
    link = links.find(token_digest(secret))
    if link is None:
        attempts.count("link", address)
        raise NotFound("link", "", "it has expired or was revoked, or a part of it is missing")
    if link.password:
        attempts.count(f"link {link.id}", address)
        _check_password(links, link, password, address)
    ends = min(link.expires_at or datetime.max.replace(tzinfo=UTC), datetime.now(UTC) + _LASTS)
    visit = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    links.open(link, token_digest(visit), ends, address)
    return Visit(link, visit, ends)


def visitor(link: Link) -> Caller:
    """Whoever has opened a link."""
    scopes = {"read", "write"} if link.permission == "edit" else {"read"}
    return Caller(
        id=f"{VISITOR}{link.id}",
        name="somebody with a link",
        scopes=frozenset(scopes),
        kind="link",
        link=link,
    )


def is_guest(author_id: str) -> bool:
    """Whether somebody came by a link: their name is as they gave it."""
    return author_id.startswith(VISITOR)


def shown_name(author: Author) -> str:
    """What people are shown for somebody's name."""
    return f"{author.name} (guest)" if is_guest(author.id) else author.name


def passage_of(document: Transcript, link: Link) -> Transcript:
    """What a link shows of a transcript: nothing that was said, written or guessed outside its
    passage.
    """
    if link.start is None or link.end is None:
        return document
    start, end = link.start, link.end
    segments = tuple(_cut(segment, start, end) for segment in document.segments)
    kept = tuple(segment for segment in segments if segment.words)
    speech = {each.label: _speech(kept, each.label) for each in document.speakers}
    return replace(
        document,
        segments=kept,
        turns=_within(document.turns, start, end),
        exclusive_turns=_within(document.exclusive_turns, start, end),
        speakers=tuple(
            replace(each, speech=speech[each.label])
            for each in document.speakers
            if speech[each.label]
        ),
        paragraphs=tuple(each for each in document.paragraphs if start <= each < end),
        removed=(),
        silenced=(),
        expected_errors=None,
        vocabulary=None,
        speaker_count=None,
        speaker_confidence=None,
        enhancement=None,
        notes=None,
        warnings=(),
        provenance=replace(document.provenance, options="{}", domain=None, adapter=None),
    )


def _speech(segments: Sequence[Segment], speaker: str) -> float:
    """Seconds in which somebody speaks there."""
    heard = [each.end - each.start for each in segments if each.speaker == speaker]
    return round(sum(heard), 3)


def _cut(segment: Segment, start: float, end: float) -> Segment:
    words = tuple(word for word in segment.words if start <= (word.start + word.end) / 2 < end)
    if words == segment.words:
        return segment
    first, last = (words[0].start, words[-1].end) if words else (segment.start, segment.end)
    # Its figures are the whole segment's, and tell of words that are not shown.
    return Segment(first, last, words, segment.speaker, language=segment.language)


def _within(turns: tuple[Turn, ...], start: float, end: float) -> tuple[Turn, ...]:
    return tuple(turn for turn in turns if start <= turn.start and turn.end <= end)


def _check(wanted: Wanted) -> None:
    if wanted.permission not in PERMISSIONS:
        raise InvalidOption(f"a link lets people {', '.join(PERMISSIONS)}")
    if wanted.days is not None and not 0 < wanted.days <= _MOST_DAYS:
        raise InvalidOption(f"a link expires after more than 0 and at most {_MOST_DAYS} days")
    if wanted.passage is None:
        return
    if not 0 <= wanted.passage[0] < wanted.passage[1]:
        raise InvalidOption("a passage ends after it starts")
    if wanted.permission == "edit":
        raise InvalidOption("a passage can be viewed or commented on; edit whole transcripts")


def _check_password(links: LinkRepository, link: Link, password: str, address: str) -> None:
    if matches(link.password, password):
        return
    if password:
        links.refused(link, address)
        raise Unidentified("the password is wrong")
    raise Unidentified("this link asks for a password")
