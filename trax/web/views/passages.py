"""Parts of transcripts, as JSON."""

from pydantic import ConfigDict, Field

from trax.enhance import EnhancementOptions
from trax.service.review import Outlook
from trax.transcript import Edit, Enhancement, KnownVoice, Notes, Removed, Segment, Transcript, Word
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


class SpeakerView(View):
    """Somebody who speaks."""

    label: str
    name: str | None = Field(description="Given by people; null if nobody did.")
    shown: str = Field(description="What to call them: name, known voice, or a number.")
    voice: KnownVoice | None = Field(description="Whose voice it is; null if it is not known.")
    speech: float = Field(description="Seconds.")
    words: int
    confidence: float | None = Field(description="That words of theirs are theirs, on average.")


class SpeakerList(View):
    """Whoever speaks, in order of first appearance."""

    version: int
    items: list[SpeakerView]

    @classmethod
    def of(cls, transcript: Transcript, version: int) -> "SpeakerList":
        """The view of *transcript*."""
        views = []
        for speaker in transcript.speakers:
            words = [word for word in transcript.words if word.speaker == speaker.label]
            known = [w.speaker_confidence for w in words if w.speaker_confidence is not None]
            views.append(
                SpeakerView(
                    label=speaker.label,
                    name=speaker.name,
                    shown=transcript.display_name(speaker.label),
                    voice=speaker.voice,
                    speech=speaker.speech,
                    words=len(words),
                    confidence=round(sum(known) / len(known), 4) if known else None,
                )
            )
        return cls(version=version, items=views)


class SpeakerName(Given):
    """What a speaker is called."""

    name: str | None = Field(
        max_length=200, description="Null takes the name away.", examples=["Anna Berg"]
    )


class MergedInto(Given):
    """Whom a speaker is merged into."""

    into: str = Field(description="Label of a speaker.", examples=["SPEAKER_00"])


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


class NewNotes(Given):
    """What a language model is to write."""

    enhancement: EnhancementOptions = Field(
        description="What it is to do; see the options of jobs.",
        examples=[{"tasks": ["title", "summary"]}],
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
    start: float
    end: float
    words: list[str] = Field(description="Ids.")
    text: str
    context: tuple[str, str] = Field(description="What is said before and after.")
    speaker: str | None
    expected_errors: float = Field(description="Words that are probably wrong there.")
    seconds: float = Field(description="That it takes to listen and to decide.")
    readings: list[str] = Field(description="Other texts for these words.")


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
