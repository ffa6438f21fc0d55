"""Stored answers and spending that live in memory, and a context made of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from trax.enhance import LanguageModel
from trax.enhance.context import EnhancementContext
from trax.enhance.dispatch import Dispatcher
from trax.enhance.privacy import Mask
from trax.enhance.spending import Account, Budget
from trax.transcript import Usage


@dataclass
class MemoryAnswers:
    """Stores answers by key."""

    answers: dict[str, str] = field(default_factory=dict)

    def known(self, keys: Iterable[str]) -> dict[str, str]:
        """The stored answers among *keys*."""
        return {key: self.answers[key] for key in keys if key in self.answers}

    def keep(self, answers: Mapping[str, str]) -> None:
        """Store answers."""
        self.answers.update(answers)


@dataclass
class MemoryLedger:
    """Records calls as job, task, model and usage; all of them are today's."""

    calls: list[tuple[str, str, str, Usage]] = field(default_factory=list)

    def spent_on(self, job_id: str) -> float:
        """US dollars spent on one job."""
        return sum(usage.cost for job, _task, _model, usage in self.calls if job == job_id)

    def spent_today(self) -> float:
        """US dollars spent on all jobs."""
        return sum(usage.cost for _job, _task, _model, usage in self.calls)

    def note(self, job_id: str, task: str, model: str, usage: Usage) -> None:
        """Record one call."""
        self.calls.append((job_id, task, model, usage))


def memory_context(
    model: LanguageModel,
    answers: MemoryAnswers | None = None,
    budget: Budget | None = None,
    mask: Mask | None = None,
    glossary: tuple[str, ...] = (),
) -> EnhancementContext:
    """What the questions of one job share, with answers and spending in memory."""
    account = Account(MemoryLedger(), budget or Budget(), model.price, "job")
    dispatcher = Dispatcher(model, account, answers or MemoryAnswers())
    return EnhancementContext(dispatcher=dispatcher, mask=mask, glossary=glossary)
