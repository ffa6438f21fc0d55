"""Ask one language model several questions at once, within a budget.

A question that fails is reported in the outcome, never raised.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import ValidationError

from trax.enhance.engine import LanguageModel, Question
from trax.enhance.spending import Account
from trax.errors import NoAnswer
from trax.progress import Progress
from trax.transcript import Usage

_MOST_FAILURES = 2  # consecutive failed calls before the rest is given up
_POLL = 0.2  # seconds between checks whether the job is to stop
_WRONG_FORM = "the answer is not the JSON that was asked for"


class AnswerCache(Protocol):
    """Stores answers by key."""

    def known(self, keys: Iterable[str]) -> dict[str, str]:
        """The stored answers among *keys*."""

    def keep(self, answers: Mapping[str, str]) -> None:
        """Store answers."""


@dataclass(frozen=True, slots=True)
class Request:
    """A question whose answer is stored under one or several keys.

    Attributes:
        question: what the model is asked.
        keys: of the cache.
        parse: turns the answer's JSON into an answer for each key; raises ValueError if the JSON
            does not have the requested form.
    """

    question: Question
    keys: tuple[str, ...]
    parse: Callable[[Any], Mapping[str, str]]


@dataclass(slots=True)
class Outcome:
    """Results of several requests.

    Attributes:
        answers: by key.
        failures: by key, why there is no answer.
        usage: tokens and money.
    """

    answers: dict[str, str] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)

    def add(self, other: "Outcome") -> None:
        """Add the results of other requests."""
        self.answers |= other.answers
        self.failures |= other.failures
        self.usage += other.usage


class Dispatcher:
    """Sends one job's questions to one model.

    It gives up after two consecutive failed calls, or after one failure that will last. An answer
    that is refused, empty, truncated or of the wrong form fails its own question alone.
    """

    def __init__(self, model: LanguageModel, account: Account, cache: AnswerCache) -> None:
        self.model = model
        self._account = account
        self._cache = cache
        self._lock = threading.Lock()
        self._failed_calls = 0
        self._given_up = ""

    def known(self, keys: Iterable[str]) -> dict[str, str]:
        """The stored answers among *keys*."""
        return self._cache.known(keys)

    def ask(self, requests: Sequence[Request], progress: Progress) -> Outcome:
        """Ask all questions.

        An exception from *progress* ends it at once; answers received so far are stored.
        """
        outcome = Outcome()
        pool = ThreadPoolExecutor(max(1, self.model.concurrency), "ask")
        try:
            pending = {pool.submit(self._answer, request) for request in requests}
            while pending:
                done, pending = wait(pending, timeout=_POLL, return_when=FIRST_COMPLETED)
                for future in done:
                    outcome.add(future.result())
                progress(1 - len(pending) / len(requests))
        except BaseException:
            self._given_up = "the job was stopped"
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return outcome

    def _answer(self, request: Request) -> Outcome:
        question = request.question
        reason = self._given_up or self._account.reserve(question)
        if reason:
            return _failure(request, reason, Usage())
        try:
            answer = self.model.ask(question)
        except NoAnswer as error:
            self._account.release(question)
            self._count_failure(error)
            return _failure(request, error.reason, Usage(requests=1))
        except BaseException:
            self._account.release(question)
            raise
        self._failed_calls = 0
        usage = self._account.charge(question, self.model.fingerprint, answer.usage)
        if answer.problem:
            return _failure(request, answer.problem, usage)
        return self._parse(request, answer.text, usage)

    def _parse(self, request: Request, text: str, usage: Usage) -> Outcome:
        try:
            parsed = request.parse(json.loads(_without_fence(text)))
            answers = dict(parsed)
        except (ValueError, ValidationError, RecursionError):
            return _failure(request, _WRONG_FORM, usage)
        self._cache.keep(answers)
        return Outcome(answers, {}, usage)

    def _count_failure(self, error: NoAnswer) -> None:
        with self._lock:
            self._failed_calls += 1
            if error.lasting or self._failed_calls >= _MOST_FAILURES:
                self._given_up = error.reason


def cache_key(*parts: str) -> str:
    """The key under which an answer is stored: a digest of everything that decides it."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def share_of(progress: Progress, done: int, tasks: int) -> Progress:
    """Progress within one of several tasks, reported as progress of all of them.

    >>> share_of(print, 1, 4)(0.5)
    0.375
    """
    return lambda share: progress((done + share) / tasks)


def _failure(request: Request, reason: str, usage: Usage) -> Outcome:
    return Outcome({}, dict.fromkeys(request.keys, reason), usage)


def _without_fence(text: str) -> str:
    """JSON without the Markdown fence that some models put around it."""
    bare = text.strip()
    fenced = bare.startswith("```") and bare.endswith("```") and "\n" in bare
    if not fenced:
        return bare
    return bare[bare.index("\n") : -3]
