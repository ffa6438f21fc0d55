"""Money: what may be spent, what is, and where it is written down."""

import threading
from dataclasses import dataclass, replace
from typing import Protocol

from trax.enhance.engine import Price, Question
from trax.transcript import Usage

_ANSWER_SHARE = 0.3  # tokens of an answer for each token asked, for the estimate


@dataclass(frozen=True, slots=True)
class Budget:
    """US dollars that may be spent on one job, and on all jobs in a day (UTC); ``None`` is without
    limit.
    """

    job: float | None = None
    day: float | None = None


class Ledger(Protocol):
    """Remembers what was spent."""

    def spent_on(self, job_id: str) -> float:
        """US dollars, on one job."""

    def spent_today(self) -> float:
        """US dollars, since midnight UTC, on all jobs."""

    def note(self, job_id: str, task: str, model: str, usage: Usage) -> None:
        """One call."""


class Purse:
    """Pays for one job's calls. Calls that are on their way count at their estimate.

    A budget can be passed by what these cost more than estimated, and by other processes' calls at
    the same moment.
    """

    def __init__(self, ledger: Ledger, budget: Budget, price: Price, job_id: str) -> None:
        self._ledger, self._budget, self._price, self._job_id = ledger, budget, price, job_id
        self._promised = 0.0
        self._lock = threading.Lock()

    def refusal(self, question: Question) -> str:
        """Why *question* may not be asked; where it may, nothing, and its price is set aside until
        `pay` or `spare`.
        """
        cost = estimated_cost(self._price, question)
        with self._lock:
            for name, limit, spent in (
                ("job", self._budget.job, self._ledger.spent_on),
                ("day", self._budget.day, lambda _job: self._ledger.spent_today()),
            ):
                if limit is not None and spent(self._job_id) + self._promised + cost > limit:
                    return f"the budget of ${limit:g} a {name} is used up"
            self._promised += cost
        return ""

    def pay(self, question: Question, model: str, usage: Usage) -> Usage:
        """Note what a call took, and give it with its cost."""
        paid = replace(usage, cost=self._price.of(usage))
        self._ledger.note(self._job_id, question.task, model, paid)
        self.spare(question)
        return paid

    def spare(self, question: Question) -> None:
        """A call that cost nothing: what was set aside for it is free again."""
        with self._lock:
            self._promised -= estimated_cost(self._price, question)


def estimated_cost(price: Price, question: Question) -> float:
    """About what a question will cost, in US dollars."""
    tokens = question.tokens
    answer = min(question.most_tokens, round(tokens * _ANSWER_SHARE))
    return price.of(Usage(prompt_tokens=tokens, completion_tokens=answer))
