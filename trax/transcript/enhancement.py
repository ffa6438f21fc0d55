"""What a language model did to a transcript, and what it wrote about it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from operator import not_
from typing import Annotated

from pydantic import Field

from trax.transcript.cautions import WARNINGS
from trax.transcript.span import Span


class EditKind(StrEnum):
    """What an edit changes."""

    WORDING = "wording"
    """Other words: accepted only where every guard lets it pass."""
    FORM = "form"
    """Punctuation, capitals, spaces: the same letters are said."""
    SPEAKER = "speaker"
    """Who says it: the words stay."""


@dataclass(frozen=True, slots=True)
class Edit(Span):
    """A change that a language model asked for.

    Attributes:
        kind: what it changes.
        task: the kind of work that asked for it, such as ``correct``.
        before: what was there.
        after: what was asked for.
        rejected: why it was not made; empty where it was.
        words: ids of the words that it made; empty if it was rejected or its place is unclear,
            and until the transcript's document is built.
    """

    kind: EditKind
    task: str
    before: str
    after: str
    rejected: str = ""
    words: Annotated[tuple[str, ...], Field(exclude_if=not_)] = ()


@dataclass(frozen=True, slots=True)
class Unfinished(Span):
    """A stretch that a language model was to look at, and did not.

    Attributes:
        task: the kind of work.
        reason: why not, for people.
    """

    task: str
    reason: str


def not_looked_at(unfinished: Iterable[Unfinished]) -> Iterator[str]:
    """What a language model did not look at, a sentence a task.

    >>> part = Unfinished(0, 1, "correct", "it is away")
    >>> list(not_looked_at([part, Unfinished(1, 2, "correct", "it is away")]))
    ['correct: 2 parts were not looked at (it is away); running the job again asks for those']
    """
    parts = list(unfinished)
    for task in dict.fromkeys(part.task for part in parts):
        reasons = [part.reason for part in parts if part.task == task]
        code = "part-not-looked-at" if len(reasons) == 1 else "parts-not-looked-at"
        why = "; ".join(dict.fromkeys(reasons))
        yield WARNINGS.say(code, task=task, count=len(reasons), reasons=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What calls of a language model took.

    Attributes:
        prompt_tokens: sent, those that the server had in its cache included.
        cached_tokens: of these, what the server had in its cache.
        completion_tokens: received.
        cost: US dollars at the price that is configured.
        reused: questions that were answered before and not asked again.
    """

    requests: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    reused: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            requests=self.requests + other.requests,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            cost=self.cost + other.cost,
            reused=self.reused + other.reused,
        )

    def __str__(self) -> str:
        """For people.

        >>> tokens = {"prompt_tokens": 9000, "completion_tokens": 400}
        >>> str(Usage(requests=3, **tokens, cost=0.00318, reused=12))
        '3 requests, 9,000 tokens sent and 400 received, $0.0032; 12 answers from before'
        """
        requests = f"{self.requests} request{'s' * (self.requests != 1)}"
        tokens = f"{self.prompt_tokens:,} tokens sent and {self.completion_tokens:,} received"
        money = f", ${self.cost:.4f}" if self.cost else ""
        reused = f"; {self.reused} answers from before" if self.reused else ""
        return f"{requests}, {tokens}{money}{reused}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """What kind of speech it is, and what speaks for that.

    Attributes:
        name: ``technical``, ``medical``, ``academic`` or ``general``.
        by: ``given``, or how it was found: ``meaning`` (an embedding model) or ``keywords``.
        evidence: by domain, mean similarity in [-1, 1] or keywords in a thousand words; empty where
            it was given.
        terms: keywords that were said.
    """

    name: str
    by: str
    evidence: dict[str, float] = field(default_factory=dict)
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Enhancement:
    """What a language model was asked about a transcript's words, and what became of it.

    Attributes:
        model: fingerprint of the model; empty where none was asked.
        skipped: why none was asked; empty where one was.
        tasks: kinds of work, with the fingerprint of each one's prompt.
        edits: what it asked for, in order of time: made, and rejected with the reason.
        unfinished: stretches that nobody looked at. Running the job again asks for these alone.
        usage: tokens and money.
        masked: whether personal data was hidden before text left the machine.
    """

    model: str = ""
    skipped: str = ""
    tasks: dict[str, str] = field(default_factory=dict)
    edits: tuple[Edit, ...] = ()
    unfinished: tuple[Unfinished, ...] = ()
    usage: Usage = Usage()
    masked: bool = False

    @property
    def made(self) -> tuple[Edit, ...]:
        """The edits that were accepted."""
        return tuple(edit for edit in self.edits if not edit.rejected)

    @property
    def refused(self) -> tuple[Edit, ...]:
        """The edits that were not."""
        return tuple(edit for edit in self.edits if edit.rejected)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the recording, from its start to the next one's.

    Attributes:
        start: seconds.
    """

    start: float
    title: str


@dataclass(frozen=True, slots=True)
class ActionItem:
    """Something that somebody is to do.

    Attributes:
        text: what.
        start: seconds: where it is said.
        quote: the words that say so, as they stand in the transcript.
        speaker: label of whoever says it.
    """

    text: str
    start: float
    quote: str
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class ProposedName:
    """A speaker's name, taken from what is said; people decide.

    Attributes:
        speaker: label.
        start: seconds: where it is said.
        quote: the words that tell it, as they stand in the transcript.
    """

    speaker: str
    name: str
    start: float
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What a language model wrote about a transcript. Not what was said.

    Attributes:
        translations: by language code, a text for every segment, in order; a segment that was not
            translated has an empty one.
        dropped: what it wrote without evidence, and why it is not among the rest.
        usage: tokens and money.
    """

    model: str
    tasks: dict[str, str] = field(default_factory=dict)
    title: str = ""
    summary: str = ""
    chapters: tuple[Chapter, ...] = ()
    action_items: tuple[ActionItem, ...] = ()
    names: tuple[ProposedName, ...] = ()
    translations: dict[str, tuple[str, ...]] = field(default_factory=dict)
    edits: tuple[Edit, ...] = ()
    unfinished: tuple[Unfinished, ...] = ()
    dropped: tuple[str, ...] = ()
    usage: Usage = Usage()
