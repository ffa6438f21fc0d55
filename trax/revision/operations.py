"""What people decide about a transcript, as values: each is one change, on ids of words.

Operations are kept as JSON, so their fields only grow.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from operator import not_
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

from trax.errors import InvalidDocument
from trax.transcript import Doubt, Removed, Segment, Span, Speaker, Word

SURE = 1.0
"""Confidence of what a person says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A segment with its translations; in an operation, without its words.

    Attributes:
        translations: texts by language code.
    """

    segment: Segment
    translations: dict[str, str] = field(default_factory=dict)

    @property
    def frame(self) -> "Piece":
        """The same without words."""
        return replace(self, segment=replace(self.segment, words=()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """A word gets another text, and keeps its id, time and speaker.

    Attributes:
        word: id.
        confidence: of the word afterwards.
    """

    word: str
    text: str
    confidence: float | None = SURE
    kind: Literal["replace"] = "replace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert:
    """Words are put next to another word: into its segment, or as a segment beside it.

    Attributes:
        words: with ids that no other word has, in order of time. Their speaker is the segment's.
        after: id of the word before them; empty if *before* is given, or there is no other word.
        before: id of the word after them.
        frame: the new segment; ``None`` puts the words into the segment of the other word.
        span: times of that segment afterwards; ``None`` widens it as far as the words need.
    """

    words: tuple[Word, ...]
    after: str = ""
    before: str = ""
    frame: Piece | None = None
    span: Span | None = None
    kind: Literal["insert"] = "insert"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Words that stand side by side in one segment go; a segment without words goes too.

    Attributes:
        words: ids, in order.
        span: times of the segment afterwards; ``None`` keeps them.
        silenced: whether their sound goes, too, where the recording is exported.
    """

    words: tuple[str, ...]
    span: Span | None = None
    silenced: Annotated[bool, Field(exclude_if=not_)] = False
    kind: Literal["delete"] = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Sound goes where the recording is exported.

    Attributes:
        spans: of time.
    """

    spans: tuple[Span, ...]
    kind: Literal["silence"] = "silence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsilence:
    """Sound that went comes back.

    Attributes:
        spans: each exactly as it stands among those that are silenced.
    """

    spans: tuple[Span, ...]
    kind: Literal["unsilence"] = "unsilence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Who says a word.

    Attributes:
        word: id.
        speaker: label of a speaker of the transcript; ``None`` means unknown.
        doubts: why that may be wrong.
        confidence: that it is right.
    """

    word: str
    speaker: str | None
    doubts: tuple[Doubt, ...] = ()
    confidence: float | None = SURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Relabel:
    """Words get other speakers. Segments are cut where the speaker changes."""

    labels: tuple[Label, ...]
    kind: Literal["relabel"] = "relabel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """A speaker gets another display name.

    Attributes:
        speaker: label.
        name: ``None`` takes the name away.
    """

    speaker: str
    name: str | None
    kind: Literal["rename"] = "rename"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddSpeaker:
    """Somebody whom the sound did not tell apart becomes a speaker, to whom words can be given.

    Attributes:
        at: place among the speakers; ``None`` is the last.
    """

    speaker: Speaker
    at: int | None = None
    kind: Literal["add_speaker"] = "add_speaker"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveSpeaker:
    """A speaker who has neither words nor turns goes.

    Attributes:
        speaker: label.
    """

    speaker: str
    kind: Literal["remove_speaker"] = "remove_speaker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A segment becomes two. Its translations stay with the first.

    Attributes:
        before: id of the word with which the second begins.
        frames: the two segments; ``None`` cuts the times where the words do.
    """

    before: str
    frames: tuple[Piece, Piece] | None = None
    kind: Literal["split"] = "split"


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """A segment and the one before it, by the same speaker, become one.

    Attributes:
        word: id of the word with which the second begins.
        frame: the joined segment; ``None`` covers the times of both.
    """

    word: str
    frame: Piece | None = None
    kind: Literal["join"] = "join"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """Text that recognition removed comes back.

    Attributes:
        word: id of its first word.
        pieces: the segments it becomes, with words; empty lets the turns decide.
    """

    word: str
    pieces: tuple[Piece, ...] = ()
    kind: Literal["restore"] = "restore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """Restored text is removed again.

    Attributes:
        words: ids of the words of whole segments.
        removed: what stands among the removed texts afterwards.
        at: its place among them.
    """

    words: tuple[str, ...]
    removed: Removed
    at: int
    kind: Literal["withdraw"] = "withdraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Several operations that are done and undone as one, in this order."""

    operations: tuple["Operation", ...]
    kind: Literal["together"] = "together"


Operation: TypeAlias = Annotated[
    Replace
    | Insert
    | Delete
    | Silence
    | Unsilence
    | Relabel
    | Rename
    | AddSpeaker
    | RemoveSpeaker
    | Split
    | Join
    | Restore
    | Withdraw
    | Together,
    Field(discriminator="kind"),
]


def relabelled(words: Iterable[str], speaker: str | None) -> Relabel:
    """The operation that gives *words*, by their ids, to *speaker*, for sure."""
    return Relabel(labels=tuple(Label(word=word, speaker=speaker) for word in words))


def operation_from(raw: object, name: str) -> Operation:
    """The operation that parsed JSON holds; *name* is used in the error.

    Raises:
        InvalidDocument: it holds none.
    """
    try:
        operation: Operation = _adapter().validate_python(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "operation"
        raise InvalidDocument(name, f"{where}: {first['msg']}") from error
    return operation


@cache
def _adapter() -> TypeAdapter[Any]:
    return TypeAdapter(Operation)
