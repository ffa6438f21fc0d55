"""What happens in a live session, as values that are kept and sent."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

from trax.errors import InvalidDocument
from trax.transcript import Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Words were heard.

    Attributes:
        committed: words that never change by themselves any more, with ids.
        tentative: all words after them, which may change with the next event.
        heard: seconds of sound that were listened to.
    """

    committed: tuple[Word, ...] = ()
    tentative: tuple[Word, ...] = ()
    heard: float
    type: Literal["words"] = "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """Who says committed words was found, or found to be somebody else.

    Attributes:
        words: labels of speakers by word.
        names: of known voices by label, as far as they are new.
    """

    words: dict[str, str]
    names: dict[str, str]
    type: Literal["speakers"] = "speakers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """Somebody wrote another text for a committed word.

    Attributes:
        word: id.
        text: one word or several; empty takes the word away.
    """

    word: str
    text: str = Field(max_length=500)
    type: Literal["correct"] = "correct"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Somebody named a speaker.

    Attributes:
        speaker: label.
        name: empty takes it away.
    """

    speaker: str = Field(max_length=100)
    name: str = Field(max_length=200)
    type: Literal["name"] = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """Somebody said who says some words.

    Attributes:
        words: ids.
        speaker: label.
    """

    words: tuple[str, ...] = Field(max_length=10_000)
    speaker: str = Field(min_length=1, max_length=100)
    type: Literal["assign"] = "assign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """Somebody marked a moment.

    Attributes:
        at: seconds from the start.
        text: why; may be empty.
    """

    at: float = Field(ge=0, allow_inf_nan=False)
    text: Annotated[str, Field(max_length=2000)] = ""
    type: Literal["mark"] = "mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """From now on other terms are likely to be said.

    Attributes:
        hotwords: all of them.
    """

    hotwords: tuple[Annotated[str, Field(max_length=200)], ...] = Field(max_length=500)
    type: Literal["vocabulary"] = "vocabulary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Something that people should know of the session itself.

    Attributes:
        kind: ``slow``, ``behind``, ``caught_up``, ``smaller_model``, ``paused``, ``resumed``,
            ``language``, ``problem``, ``ended`` (not by its client) or ``discarded``.
    """

    kind: str
    text: str
    type: Literal["note"] = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Nothing more is heard.

    Attributes:
        duration: seconds of sound.
    """

    duration: float
    type: Literal["end"] = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """The recording is being read once more, by a job.

    Attributes:
        job: its id; empty if there was nothing to be read.
    """

    job: str
    type: Literal["job"] = "job"


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """The recording was read once more, and what people decided is in the transcript.

    Attributes:
        transcript: its id.
        words: ids of its words by id in the session, where both are the same.
        misfits: sentences about decisions that fit nowhere.
    """

    transcript: str
    words: dict[str, str]
    misfits: tuple[str, ...] = ()
    type: Literal["transcript"] = "transcript"


Decision: TypeAlias = Annotated[
    Corrected | Named | Assigned | Marked | Vocabulary, Field(discriminator="type")
]
"""What people decide while a session runs."""

Event: TypeAlias = Annotated[
    Said
    | Spoken
    | Corrected
    | Named
    | Assigned
    | Marked
    | Vocabulary
    | Noted
    | Ended
    | Handed
    | Became,
    Field(discriminator="type"),
]


@dataclass(frozen=True, slots=True)
class Numbered:
    """An event with its number; they count from 1."""

    seq: int
    event: Event


_EVENT: TypeAdapter[Event] = TypeAdapter(Event)
_NUMBERED: TypeAdapter[Numbered] = TypeAdapter(Numbered)
_DECISION: TypeAdapter[Decision] = TypeAdapter(Decision)


def event_json(numbered: Numbered) -> bytes:
    """An event as it is kept."""
    return _NUMBERED.dump_json(numbered)


def event_dict(event: Event) -> dict[str, Any]:
    """An event as plain values."""
    found: dict[str, Any] = _EVENT.dump_python(event, mode="json")
    return found


def event_from(line: bytes) -> Numbered:
    """An event as it was kept.

    Raises:
        InvalidDocument: it is none.
    """
    try:
        return _NUMBERED.validate_json(line)
    except ValidationError as error:
        raise InvalidDocument("a live session's journal", str(error)) from error


def decision_from(raw: object) -> Decision:
    """What somebody decides.

    Raises:
        InvalidDocument: it is no decision.
    """
    try:
        return _DECISION.validate_python(raw)
    except ValidationError as error:
        reasons = "; ".join(each["msg"] for each in error.errors())
        raise InvalidDocument("the decision", reasons) from error
