"""The kinds of work that are answered line by line: the form of each answer, and how it is read."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trax.enhance.forms import Form

_EDIT = re.compile(r"(?P<line>\d{1,9})\s*:(?P<old>.+?)(?:=>|->|→)(?P<new>.*)", re.DOTALL)


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
class LineTask:
    """One kind of work on numbered lines.

    Attributes:
        form: of the answer.
        read: yields a line's number and what is stored of its answer.
        answer_share: tokens that an answer may have for each token of the lines.
        complete: whether every line needs an answer; if not, a line without one stays as it is.
    """

    form: type[Form]
    read: Callable[[Any], Iterator[tuple[int, str]]]
    answer_share: float
    complete: bool = False

    def answers(self, answer: Any) -> Mapping[int, str]:
        """What an answer says of each line, by number.

        Raises:
            ValueError: the answer does not have the form, or answers none of the lines it must.
        """
        by_line = dict(self.read(self.form.model_validate(answer)))
        if self.complete and not by_line:
            raise ValueError("no line is answered")
        return by_line


def _replacements(answer: Replacements) -> Iterator[tuple[int, str]]:
    """Pairs of old and new words for each line, as JSON.

    Raises:
        ValueError: there are edits, but none can be read.
    """
    by_line: dict[int, list[tuple[str, str]]] = {}
    for edit in answer.edits:
        found = _EDIT.fullmatch(edit.strip())
        if found:
            pair = (found["old"].strip(), found["new"].strip())
            by_line.setdefault(int(found["line"]), []).append(pair)
    if answer.edits and not by_line:
        raise ValueError("no edit can be read")
    for number, pairs in by_line.items():
        yield number, json.dumps(pairs, ensure_ascii=False)


def _texts(answer: Rewritten) -> Iterator[tuple[int, str]]:
    for line in answer.sentences:
        yield line.n, line.text


def _starts(answer: Starts) -> Iterator[tuple[int, str]]:
    for number in answer.starts:
        yield number, "begins"


LINE_TASKS = {
    "correct": LineTask(Replacements, _replacements, 1.0),
    "glossary": LineTask(Replacements, _replacements, 1.0),
    "punctuate": LineTask(Rewritten, _texts, 2.0),
    "paragraph": LineTask(Starts, _starts, 0.5),
    "translate": LineTask(Rewritten, _texts, 3.0, complete=True),
}
"""Every kind of work that is answered line by line."""
