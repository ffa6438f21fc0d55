"""Text as numbered lines: many in one question, each with an answer of its own that is
remembered.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ConfigDict

from trax.enhance.asking import Ask, Asker, Found, Progress
from trax.enhance.engine import Question, estimated_tokens

_BATCH_TOKENS = 2000
_BATCH_SHARE = 4  # of what a model takes at once, a batch is this part at most
_SPARE_TOKENS = 500
_EDIT = re.compile(r"(?P<line>\d{1,9})\s*:(?P<old>.+?)(?:=>|->|→)(?P<new>.*)", re.DOTALL)


class Form(BaseModel):
    """The form of an answer: nothing but its fields, none left out."""

    model_config = ConfigDict(extra="forbid")


class Replacements(Form):
    """Answer of ``correct`` and ``glossary``: ``line: old words => new words``, which takes the
    fewest tokens.
    """

    edits: list[str]


class Written(Form):
    """A line as it is to be."""

    n: int
    text: str


class Rewritten(Form):
    """Answer of ``punctuate`` and ``translate``."""

    sentences: list[Written]


class Starts(Form):
    """Answer of ``paragraph``."""

    starts: list[int]


@dataclass(frozen=True, slots=True)
class Kind:
    """How lines of one kind of work are answered.

    Attributes:
        form: of the answer.
        values: an answer's lines: number and what is remembered of it.
        room: tokens that an answer may have for each token asked.
        whole: whether every line must be answered; where not, one that is not named stays as it is.
    """

    form: type[BaseModel]
    values: Callable[[Any], Iterable[tuple[int, str]]]
    room: float
    whole: bool = False


def _pairs(answer: Replacements) -> Iterator[tuple[int, str]]:
    """Old and new words by line. Raises ValueError where no edit of several can be read."""
    read = [found for edit in answer.edits if (found := _EDIT.fullmatch(edit.strip()))]
    if answer.edits and not read:
        raise ValueError("no edit can be read")
    by_line: dict[int, list[tuple[str, str]]] = {}
    for found in read:
        by_line.setdefault(int(found["line"]), []).append(
            (found["old"].strip(), found["new"].strip())
        )
    return ((number, json.dumps(pairs, ensure_ascii=False)) for number, pairs in by_line.items())


def _texts(answer: Rewritten) -> Iterator[tuple[int, str]]:
    return ((line.n, line.text) for line in answer.sentences)


KINDS = {
    "correct": Kind(Replacements, _pairs, 1.0),
    "glossary": Kind(Replacements, _pairs, 1.0),
    "punctuate": Kind(Rewritten, _texts, 2.0),
    "paragraph": Kind(Starts, lambda answer: ((number, "begins") for number in answer.starts), 0.5),
    "translate": Kind(Rewritten, _texts, 3.0, whole=True),
}
"""The kinds of work that answer line by line."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line to be answered.

    Attributes:
        context: the line before, where that one is not asked.
    """

    text: str
    context: str = ""


def answered(
    lines: Sequence[Line],
    task: str,
    system: str,
    asker: Asker,
    tell: Callable[[Sequence[Question]], None],
    progress: Progress,
) -> tuple[list[str | None], list[str], Found]:
    """For each line its answer, or ``None``; for each line why there is none; and what it took.

    Lines with the same text are asked once, and none that was answered before to the same prompt by
    the same model. *tell* is given the questions before they are asked.
    """
    keys = [digest(asker.model.fingerprint, task, system, line.text) for line in lines]
    known = asker.known(dict.fromkeys(keys))
    unknown = {key: line for key, line in zip(keys, lines, strict=True) if key not in known}
    wanted = list(asks(list(unknown.items()), task, system, asker))
    tell([ask.question for ask in wanted])
    found = asker.ask(wanted, progress)
    answers = known | found.answers
    found.usage = replace(
        found.usage, reused=sum(key in answers for key in keys) - len(found.answers)
    )
    return [answers.get(key) for key in keys], [found.failures.get(key, "") for key in keys], found


def asks(lines: Sequence[tuple[str, Line]], task: str, system: str, asker: Asker) -> Iterator[Ask]:
    """Questions for lines, as many lines in each as fit well."""
    most = min(_BATCH_TOKENS, asker.model.context_tokens // _BATCH_SHARE)
    batch: list[tuple[str, Line]] = []
    size = 0
    for key, line in lines:
        tokens = estimated_tokens(line.text) + estimated_tokens(line.context)
        if batch and size + tokens > most:
            yield _ask(batch, task, system, size)
            batch, size = [], 0
        batch.append((key, line))
        size += tokens
    if batch:
        yield _ask(batch, task, system, size)


def _ask(batch: Sequence[tuple[str, Line]], task: str, system: str, tokens: int) -> Ask:
    kind = KINDS[task]
    rows = []
    for number, (_key_of, line) in enumerate(batch, start=1):
        rows += [line.context] if line.context else []
        rows.append(f"{number}: {line.text}")
    keys = tuple(key for key, _line in batch)

    def read(raw: Any) -> dict[str, str]:
        values = dict(kind.values(kind.form.model_validate(raw)))
        if kind.whole and not values:
            raise ValueError("no line is answered")
        given = {key: values.get(number) for number, key in enumerate(keys, start=1)}
        return {
            key: value or "" for key, value in given.items() if value is not None or not kind.whole
        }

    question = Question(
        task=task,
        system=system,
        user="\n".join(rows),
        schema=kind.form.model_json_schema(),
        most_tokens=_SPARE_TOKENS + round(tokens * kind.room),
    )
    return Ask(question, keys, read)


def digest(*parts: str) -> str:
    """What an answer is remembered by."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
