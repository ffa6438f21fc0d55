"""Questions asked a few at a time, within the budget, each once; what is not answered is told,
never raised.
"""

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import ValidationError

from trax.enhance.engine import LanguageModel, Question
from trax.enhance.spending import Purse
from trax.errors import NoAnswer
from trax.transcript import Usage

_PATIENCE = 2  # calls in a row that fail before no others are made
_LOOK = 0.2  # seconds between looks whether somebody asked to stop
_NOT_AS_ASKED = "the answer is not the JSON that was asked for"

Progress = Callable[[float], None]


class Answers(Protocol):
    """Remembers answers by key."""

    def known(self, keys: Iterable[str]) -> dict[str, str]:
        """Those of *keys* that were answered."""

    def keep(self, answers: Mapping[str, str]) -> None:
        """Remember answers."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question that answers one or several keys.

    Attributes:
        read: from the answer's JSON to an answer for each key; raises ValueError where it is not as
            asked.
    """

    question: Question
    keys: tuple[str, ...]
    read: Callable[[Any], Mapping[str, str]]


@dataclass(slots=True)
class Found:
    """What became of questions.

    Attributes:
        answers: by key.
        failures: why there is none, by key.
    """

    answers: dict[str, str] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)

    def add(self, other: "Found") -> None:
        """Take over what became of other questions."""
        self.answers |= other.answers
        self.failures |= other.failures
        self.usage += other.usage


class Asker:
    """Asks one model for one job. After two calls in a row that fail, or one that says why all
    will, it asks no more.

    An answer that is refused, empty, cut off or not as asked costs its own question alone.
    """

    def __init__(self, model: LanguageModel, purse: Purse, answers: Answers) -> None:
        self.model = model
        self._purse, self._answers = purse, answers
        self._lock = threading.Lock()
        self._failed, self._given_up = 0, ""

    def known(self, keys: Iterable[str]) -> dict[str, str]:
        """Answers that were given before."""
        return self._answers.known(keys)

    def ask(self, asks: Sequence[Ask], progress: Progress) -> Found:
        """Ask them all. What *progress* raises ends it at once; answers that came are kept."""
        found = Found()
        pool = ThreadPoolExecutor(max(1, self.model.concurrency), "ask")
        try:
            pending = {pool.submit(self._one, ask) for ask in asks}
            while pending:
                done, pending = wait(pending, timeout=_LOOK, return_when=FIRST_COMPLETED)
                for future in done:
                    found.add(future.result())
                progress(1 - len(pending) / len(asks))
        except BaseException:
            self._given_up = "the job was stopped"
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return found

    def _one(self, ask: Ask) -> Found:
        reason = self._given_up or self._purse.refusal(ask.question)
        if reason:
            return _failed(ask, reason, Usage())
        try:
            answer = self.model.ask(ask.question)
        except NoAnswer as error:
            self._purse.spare(ask.question)
            self._count_failure(error)
            return _failed(ask, error.reason, Usage(requests=1))
        except BaseException:
            self._purse.spare(ask.question)
            raise
        self._failed = 0
        usage = self._purse.pay(ask.question, self.model.fingerprint, answer.usage)
        if answer.problem:
            return _failed(ask, answer.problem, usage)
        try:
            answers = dict(ask.read(json.loads(_bare(answer.text))))
        except (ValueError, ValidationError, RecursionError):
            return _failed(ask, _NOT_AS_ASKED, usage)
        self._answers.keep(answers)
        return Found(answers, {}, usage)

    def _count_failure(self, error: NoAnswer) -> None:
        with self._lock:
            self._failed += 1
            if error.lasting or self._failed >= _PATIENCE:
                self._given_up = error.reason


def part_of(progress: Progress, done: int, tasks: int) -> Progress:
    """Progress through one of several *tasks*, of which some are *done*, as progress through
    all.
    """
    return lambda share: progress((done + share) / tasks)


def _failed(ask: Ask, reason: str, usage: Usage) -> Found:
    return Found({}, dict.fromkeys(ask.keys, reason), usage)


def _bare(text: str) -> str:
    """JSON without the fence of Markdown that some models put round it."""
    bare = text.strip()
    if bare.startswith("```") and bare.endswith("```") and "\n" in bare:
        bare = bare[bare.index("\n") : -3]
    return bare
