"""Ask about numbered lines: many in one question, each with a stored answer of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from trax.enhance.context import EnhancementContext
from trax.enhance.dispatch import Request
from trax.enhance.engine import Question, estimated_tokens
from trax.enhance.line_tasks import LINE_TASKS
from trax.progress import Progress
from trax.transcript import Usage

_BATCH_TOKENS = 2000
_CONTEXT_SHARE = 4  # a batch takes at most a quarter of the model's context
_SPARE_TOKENS = 500


@dataclass(frozen=True, slots=True)
class Line:
    """A line to ask about.

    Attributes:
        text: what is asked about.
        context: the line before, if that one is not asked about.
    """

    text: str
    context: str = ""

    @property
    def tokens(self) -> int:
        """An estimate of the tokens to send."""
        return estimated_tokens(self.text) + estimated_tokens(self.context)


@dataclass(frozen=True, slots=True)
class LineResult:
    """What became of a line.

    Attributes:
        answer: ``None`` if there is none.
        failure: why there is none.
    """

    answer: str | None
    failure: str


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """Results for all lines, in order, and what they took."""

    results: list[LineResult]
    usage: Usage


def ask_lines(
    lines: Sequence[Line],
    task: str,
    system: str,
    context: EnhancementContext,
    progress: Progress,
) -> LineOutcome:
    """Ask one kind of work about every line.

    Lines with the same text are asked once, and none again that the same model has answered to the
    same prompt.
    """
    dispatcher = context.dispatcher
    keys = [context.key(task, system, line.text) for line in lines]
    known = dispatcher.known(dict.fromkeys(keys))
    by_key = dict(zip(keys, lines, strict=True))
    unanswered = {key: line for key, line in by_key.items() if key not in known}
    most_tokens = min(_BATCH_TOKENS, dispatcher.model.context_tokens // _CONTEXT_SHARE)
    batches = _batches(unanswered, most_tokens)
    requests = [_request(batch, task, system) for batch in batches]
    context.announce(requests)
    outcome = dispatcher.ask(requests, progress)
    answers = known | outcome.answers
    results = []
    for key in keys:
        result = LineResult(answers.get(key), outcome.failures.get(key, ""))
        results.append(result)
    answered = sum(key in answers for key in keys)
    usage = replace(outcome.usage, reused=answered - len(outcome.answers))
    return LineOutcome(results, usage)


def _batches(lines: dict[str, Line], most_tokens: int) -> Iterator[dict[str, Line]]:
    """Lines by key, as many together as fit into one question."""
    batch: dict[str, Line] = {}
    tokens = 0
    for key, line in lines.items():
        if batch and tokens + line.tokens > most_tokens:
            yield batch
            batch = {}
            tokens = 0
        batch[key] = line
        tokens += line.tokens
    if batch:
        yield batch


def _request(
    batch: dict[str, Line],
    task: str,
    system: str,
) -> Request:
    line_task = LINE_TASKS[task]
    tokens = sum(line.tokens for line in batch.values())
    question = Question(
        task=task,
        system=system,
        user="\n".join(_rows(batch)),
        schema=line_task.form.model_json_schema(),
        most_tokens=_SPARE_TOKENS + round(tokens * line_task.answer_share),
    )
    keys = tuple(batch)

    def parse(answer: Any) -> dict[str, str]:
        by_line = line_task.answers(answer)
        by_key = {}
        for number, key in enumerate(keys, start=1):
            if number in by_line:
                by_key[key] = by_line[number]
            elif not line_task.complete:
                by_key[key] = ""
        return by_key

    return Request(question, keys, parse)


def _rows(batch: dict[str, Line]) -> Iterator[str]:
    for number, line in enumerate(batch.values(), start=1):
        if line.context:
            yield line.context
        yield f"{number}: {line.text}"
