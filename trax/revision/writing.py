"""Text put in by people who do not say when it was said."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from trax.errors import InvalidOption
from trax.revision.operations import SURE, Insert, Operation
from trax.revision.places import place_of
from trax.transcript import Span, Transcript, Word
from trax.transcript.identity import word_id

_LONGEST = 0.4  # seconds that a new word takes where nothing is said after it


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Text is put next to a word, into its segment; its words share the time up to the next word.

    Attributes:
        text: words with spaces between them.
        after: id of the word before them; empty if *before* is given.
        before: id of the word after them.
    """

    text: str
    after: str = ""
    before: str = ""
    kind: Literal["write"] = "write"


Wish: TypeAlias = Annotated[Operation | Write, Field(discriminator="kind")]
"""What people ask for: an operation, or text whose times are to be found."""


def operation_for(transcript: Transcript, wish: Wish) -> Operation:
    """The operation that does what somebody asks for.

    Raises:
        NotFound: there is no word to put text next to.
        InvalidOption: there is no text, or it is not said where it goes.
    """
    return _insert(transcript, wish) if isinstance(wish, Write) else wish


def shared_time(transcript: Transcript, write: Write) -> list[Span]:
    """For each word of a text its share, by letters, of the time up to the next word.

    Raises:
        NotFound: there is no word to put text next to.
        InvalidOption: there is no text, or it is not said where it goes.
    """
    texts = _texts(write)
    room, _speaker = _room(transcript, write)
    return _shares(room, texts)


def free_time(transcript: Transcript, write: Write) -> Span:
    """The time between the words on both sides of a text, as far as nobody else speaks."""
    room, _speaker = _room(transcript, write)
    number, at = place_of(transcript, write.after or write.before)
    past = at + 1 if write.after else at
    if past < len(transcript.segments[number].words):
        return room
    return Span(room.start, max(room.end, _next_start(transcript, number)))


def _texts(write: Write) -> list[str]:
    texts = write.text.split()
    if not texts:
        raise InvalidOption("there is no text to put in")
    if bool(write.after) == bool(write.before):
        raise InvalidOption("words are put in after a word or before one")
    return texts


def _insert(transcript: Transcript, write: Write) -> Insert:
    texts = _texts(write)
    room, speaker = _room(transcript, write)
    words = []
    taken = {word.id for word in transcript.words}
    taken |= {word.id for removed in transcript.removed for word in removed.words}
    for span, text in zip(_shares(room, texts), texts, strict=True):
        name = word_id(span.start, text, taken)
        taken.add(name)
        words.append(Word(span.start, span.end, text, SURE, speaker, id=name))
    return Insert(words=tuple(words), after=write.after, before=write.before)


def _room(transcript: Transcript, write: Write) -> tuple[Span, str | None]:
    """The time between two words, and who speaks there; nothing of what others have."""
    number, at = place_of(transcript, write.after or write.before)
    segment = transcript.segments[number]
    past = at + 1 if write.after else at
    start = segment.start if not past else segment.words[past - 1].end
    if past < len(segment.words):
        end = segment.words[past].start
    else:
        end = min(_next_start(transcript, number), start + _LONGEST * len(write.text.split()))
    start = min(start, end)
    if past:
        start = max(start, segment.words[past - 1].start)
    return Span(start, max(start, end)), segment.speaker


def _next_start(transcript: Transcript, number: int) -> float:
    """When something is said after a segment, or the recording ends."""
    last = transcript.segments[number].words[-1]
    later = [each.start for each in transcript.segments if each.start >= last.end]
    return min([*later, max(last.end, transcript.recording.duration)])


def _shares(room: Span, texts: list[str]) -> list[Span]:
    """*room* shared by letters."""
    total = sum(map(len, texts))
    spans = []
    done = 0
    for text in texts:
        start = room.start + room.duration * done / total
        done += len(text)
        end = min(room.end, room.start + room.duration * done / total)
        spans.append(Span(start, max(start, end)))
    return spans
