"""A transcript as numbered lines, in parts that a model takes, and one question for each part."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from trax.enhance.context import EnhancementContext
from trax.enhance.dispatch import Request
from trax.enhance.engine import Question, estimated_tokens
from trax.enhance.forms import Form
from trax.progress import Progress
from trax.transcript import Notes, Transcript, Unfinished, Usage

_CONTEXT_SHARE = 2  # a part takes at most half of the model's context
_MOST_ANSWER_TOKENS = 2000


@dataclass(frozen=True, slots=True)
class Part:
    """Consecutive segments that are sent in one question.

    Attributes:
        first: index of the first segment.
        count: number of segments.
        text: the segments as numbered lines, counted from 1.
    """

    first: int
    count: int
    text: str

    def contains(self, line: int) -> bool:
        """Whether the line of that number is in this part."""
        return self.first < line <= self.first + self.count


@dataclass(frozen=True, slots=True)
class PartAnswer:
    """A part and what the model answered.

    Attributes:
        answer: JSON text in the form that was asked for.
    """

    part: Part
    answer: str


@dataclass(frozen=True, slots=True)
class PartOutcome:
    """Results of one kind of work on all parts.

    Attributes:
        answered: the parts that have an answer, in order.
        failed: the other parts with the reason, in order.
        usage: tokens and money.
    """

    answered: list[PartAnswer]
    failed: list[tuple[Part, str]]
    usage: Usage


Writer = Callable[[Transcript, Sequence[PartAnswer], EnhancementContext, Notes], Notes]
"""Adds one kind of note from the answers to all parts."""


@dataclass(frozen=True, slots=True)
class NoteKind:
    """One kind of note.

    Attributes:
        form: of the model's answer.
        write: adds the note.
    """

    form: type[Form]
    write: Writer


def split_parts(transcript: Transcript, context: EnhancementContext) -> Iterator[Part]:
    """The transcript in parts that fit into one question each."""
    most_tokens = context.dispatcher.model.context_tokens // _CONTEXT_SHARE
    names = names_sent(transcript, context)
    rows: list[str] = []
    first = 0
    tokens = 0
    for index, segment in enumerate(transcript.segments):
        name = names.get(segment.speaker, "Unknown")
        row = f"{index + 1} {name}: {context.masked(segment.text)}"
        row_tokens = estimated_tokens(row)
        if rows and tokens + row_tokens > most_tokens:
            yield Part(first, len(rows), "\n".join(rows))
            rows = []
            first = index
            tokens = 0
        rows.append(row)
        tokens += row_tokens
    if rows:
        yield Part(first, len(rows), "\n".join(rows))


def names_sent(transcript: Transcript, context: EnhancementContext) -> dict[str | None, str]:
    """What each speaker is called in what is sent; numbered if personal data is hidden."""
    names: dict[str | None, str] = {}
    for number, speaker in enumerate(transcript.speakers, start=1):
        label = speaker.label
        if context.mask is None:
            names[label] = transcript.display_name(label)
        else:
            names[label] = f"Speaker {number}"
    return names


def ask_parts(
    parts: Sequence[Part],
    task: str,
    system: str,
    form: type[Form],
    context: EnhancementContext,
    progress: Progress,
) -> PartOutcome:
    """Ask one question for each part that has no stored answer."""
    keys = [context.key(task, system, part.text) for part in parts]
    requests = []
    for part, key in zip(parts, keys, strict=True):
        requests.append(text_request(task, system, part.text, key, form))
    outcome = context.ask_unanswered(requests, progress)
    answered = []
    failed = []
    for part, key in zip(parts, keys, strict=True):
        if key in outcome.answers:
            answered.append(PartAnswer(part, outcome.answers[key]))
        if key in outcome.failures:
            failed.append((part, outcome.failures[key]))
    return PartOutcome(answered, failed, outcome.usage)


def text_request(
    task: str,
    system: str,
    text: str,
    key: str,
    form: type[Form],
) -> Request:
    """A question about a text as a whole; the answer is stored as JSON in the given form."""
    question = Question(
        task=task,
        system=system,
        user=text,
        schema=form.model_json_schema(),
        most_tokens=_MOST_ANSWER_TOKENS,
    )

    def parse(answer: Any) -> dict[str, str]:
        return {key: form.model_validate(answer).model_dump_json()}

    return Request(question, (key,), parse)


def unanswered_parts(
    transcript: Transcript, task: str, outcome: PartOutcome
) -> Iterator[Unfinished]:
    """The stretches of time whose part has no answer."""
    for part, reason in outcome.failed:
        segments = transcript.segments[part.first : part.first + part.count]
        start = segments[0].start
        last_end = max(segment.end for segment in segments)
        yield Unfinished(start, max(start, last_end), task, reason)
