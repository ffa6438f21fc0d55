"""Parts of transcripts, as JSON."""

from pydantic import ConfigDict, Field

from trax.enhance import EnhancementOptions
from trax.service.review import Outlook
from trax.transcript import Edit, Enhancement, Notes, Removed, Segment, Transcript, Word
from trax.transcript.cautions import WARNINGS, told
from trax.transcript.sentences import Told
from trax.web.views.base import Given, View


class SegmentPage(View):
    """Some segments, in order."""

    version: int
    items: list[Segment]
    next_cursor: str | None = Field(description="For the next page; null on the last.")


class WordPage(View):
    """Some words, in order."""

    version: int
    items: list[Word]
    next_cursor: str | None = Field(description="For the next page; null on the last.")


class RemovedView(View):
    """Text that was taken out since nobody said it."""

    number: int = Field(description="From 1 on.")
    removed: Removed


class RemovedList(View):
    """What was taken out, in order."""

    version: int
    items: list[RemovedView]


class Numbers(Given):
    """Which of a list."""

    numbers: list[int] = Field(
        [], max_length=10_000, description="From 1 on; none is all of them.", examples=[[2, 5]]
    )


class EditView(View):
    """Something that a language model asked for."""

    number: int = Field(description="From 1 on.")
    edit: Edit


class EditList(View):
    """What a language model asked for, made or refused."""

    version: int
    items: list[EditView]
    enhancement: Enhancement | None = Field(description="What it was asked, and what it took.")


class NotesView(View):
    """What a language model wrote about a transcript."""

    version: int
    notes: Notes | None = Field(description="Null if none was asked.")


class Again(Given):
    """A transcript's recording, to be transcribed with other options."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"options": {"recognition": {"plan": "accurate"}}}]},
    )

    options: dict[str, dict[str, object] | list[str]] = Field(
        description="Groups of a job's options; those that are not named stay as they were."
    )
    carry: bool = Field(
        False, description="Carry people's decisions over to what comes of it, as a change."
    )


class NewNotes(Given):
    """What a language model is to write."""

    enhancement: EnhancementOptions = Field(
        description="What it is to do; see the options of jobs.",
        examples=[{"tasks": ["title", "summary"]}],
    )


class NewTranslation(Given):
    """What is to be translated again."""

    words: list[str] = Field(
        min_length=1,
        max_length=10_000,
        description="Ids of words; their segments are translated.",
        examples=[["5f6313192cb8"]],
    )


class ReadingView(View):
    """Another text for some words."""

    words: list[str] = Field(description="Ids.")
    start: float
    end: float
    text: str
    source: str = Field(
        description="What read so: `recognition` before a language model, `language model`, or the "
        "name of a recogniser's model."
    )
    reason: str = Field(description="Why it was not taken; empty if it was replaced since.")


class ReadingList(View):
    """Other texts that the transcript holds, in order of time."""

    version: int
    items: list[ReadingView]


class PlaceView(View):
    """Something to be heard again."""

    kind: str = Field(description="`words`, or `speaker`: who says it is doubtful.")
    level: int = Field(description="Places of lower levels come first.")
    start: float
    end: float
    words: list[str] = Field(description="Ids.")
    text: str
    context: tuple[str, str] = Field(description="What is said before and after.")
    speaker: str | None
    expected_errors: float = Field(description="Words that are probably wrong there.")
    seconds: float = Field(description="That it takes to listen and to decide.")
    readings: list[str] = Field(description="Other texts for these words.")


class WarningView(View):
    """What is wrong with a transcript, or doubtful in it."""

    text: str = Field(description="For people, in English.")
    code: str = Field(
        description="The same for programs; empty for what has none.",
        json_schema_extra={"enum": ["", *WARNINGS.patterns]},
    )
    about: dict[str, str] = Field(description="What the text names, such as `count` or `places`.")

    @classmethod
    def of(cls, told: Told) -> "WarningView":
        """A warning with its code."""
        return cls(text=told.text, code=told.code, about=dict(told.about))


class WarningList(View):
    """What a transcript warns of; one sentence of it may be several items."""

    items: list[WarningView]

    @classmethod
    def of(cls, document: Transcript) -> "WarningList":
        """The warnings of a transcript."""
        return cls(items=[WarningView.of(each) for each in told(document.warnings)])


class ReviewView(View):
    """What there is to be heard again, and what that brings."""

    version: int
    places: int = Field(description="How many there are in all.")
    words: int
    rate_now: float | None = Field(description="Share of the words that is probably wrong.")
    rate_after: float | None = Field(description="And once all places are right.")
    minutes: float = Field(description="That this takes.")
    curve: list[tuple[float, float]] = Field(
        description="Share of that time, and the share of wrong words then."
    )
    items: list[PlaceView] = Field(description="The most errors a second first.")
    next_cursor: str | None = Field(description="For the next page; null on the last.")

    @classmethod
    def of(cls, found: Outlook, version: int, page: range, cursor: str | None) -> "ReviewView":
        """The view of a page of *found*."""
        return cls(
            version=version,
            places=len(found.places),
            words=found.words,
            rate_now=found.rate_now,
            rate_after=found.rate_after,
            minutes=found.minutes,
            curve=list(found.curve),
            items=[PlaceView.model_validate(each) for each in found.places[page.start : page.stop]],
            next_cursor=cursor,
        )
