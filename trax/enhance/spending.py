"""What calls of a language model may cost, what they cost, and where that is recorded."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from trax.enhance.engine import Price, Question
from trax.transcript import Usage

_ANSWER_SHARE = 0.3  # estimated tokens of an answer for each token sent


@dataclass(frozen=True, slots=True)
class Budget:
    """Spending limits in US dollars; ``None`` means no limit.

    Attributes:
        job: limit for one job.
        day: limit for all jobs of a day (UTC).
    """

    job: float | None = None
    day: float | None = None


class Ledger(Protocol):
    """Records what was spent."""

    def spent_on(self, job_id: str) -> float:
        """US dollars spent on one job."""

    def spent_today(self) -> float:
        """US dollars spent on all jobs since midnight UTC."""

    def note(
        self,
        job_id: str,
        task: str,
        model: str,
        usage: Usage,
    ) -> None:
        """Record one call."""


class Account:
    """Keeps one job's calls within the budget. Calls under way count at their estimated cost.

    A budget can be exceeded by as much as those calls cost more than estimated, and by calls that
    other processes make at the same moment.
    """

    def __init__(
        self,
        ledger: Ledger,
        budget: Budget,
        price: Price,
        job_id: str,
    ) -> None:
        self._ledger = ledger
        self._budget = budget
        self._price = price
        self._job_id = job_id
        self._reserved = 0.0
        self._lock = threading.Lock()

    def reserve(self, question: Question) -> str:
        """Reserve the estimated cost of *question* until `charge` or `release`.

        Returns:
            Why the budget does not allow the question; empty if it does.
        """
        cost = estimated_cost(self._price, question)
        with self._lock:
            reason = self._refusal(cost)
            if not reason:
                self._reserved += cost
        return reason

    def charge(self, question: Question, model: str, usage: Usage) -> Usage:
        """Record what a call used and return it with its cost."""
        paid = replace(usage, cost=self._price.of(usage))
        self._ledger.note(self._job_id, question.task, model, paid)
        self.release(question)
        return paid

    def release(self, question: Question) -> None:
        """Release what was reserved for *question*."""
        cost = estimated_cost(self._price, question)
        with self._lock:
            self._reserved -= cost

    def _refusal(self, cost: float) -> str:
        job_limit = self._budget.job
        if job_limit is not None:
            spent = self._ledger.spent_on(self._job_id)
            if spent + self._reserved + cost > job_limit:
                return _used_up(job_limit, "job")
        day_limit = self._budget.day
        if day_limit is not None:
            spent = self._ledger.spent_today()
            if spent + self._reserved + cost > day_limit:
                return _used_up(day_limit, "day")
        return ""


def estimated_cost(price: Price, question: Question) -> float:
    """The approximate cost of *question* in US dollars."""
    sent = question.tokens
    received = min(question.most_tokens, round(sent * _ANSWER_SHARE))
    return price.of(Usage(prompt_tokens=sent, completion_tokens=received))


def describe_cost(questions: Sequence[Question], price: Price) -> str:
    """The number of questions, their length and their approximate cost, for people.

    >>> question = Question(task="title", system="s" * 100, user="u" * 900, schema={})
    >>> describe_cost([question], Price(0.3, 0.006, 1.2))
    '1 request of about 300 tokens, about $0.0002,'
    """
    count = len(questions)
    noun = "request" if count == 1 else "requests"
    tokens = 0
    cost = 0.0
    for question in questions:
        tokens += question.tokens
        cost += estimated_cost(price, question)
    money = f", about ${cost:.4f}," if cost else ""
    return f"{count} {noun} of about {tokens:,} tokens{money}"


def _used_up(limit: float, period: str) -> str:
    return f"the budget of ${limit:g} a {period} is used up"
