"""What all questions of one job have in common."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from trax.enhance.dispatch import Dispatcher, Outcome, Request, cache_key
from trax.enhance.privacy import Mask
from trax.enhance.prompts import prompt_for
from trax.enhance.spending import describe_cost
from trax.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class EnhancementContext:
    """What the questions of one job share: the model, the domain, the terms, the mask.

    Attributes:
        dispatcher: asks the model.
        domain: a key of `prompts.DOMAINS`.
        glossary: terms as people write them; prompts list them.
        vocabulary: further terms that may be inserted, though no prompt lists them.
        mask: hides personal data in what is sent; ``None`` hides nothing.
        notify: shows a message to people.
    """

    dispatcher: Dispatcher
    domain: str = "general"
    glossary: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = ()
    mask: Mask | None = None
    notify: Callable[[str], None] = field(default=lambda _message: None)

    def system_prompt(
        self,
        task: str,
        language: str,
        target: str = "",
    ) -> str:
        """The instructions for one kind of work."""
        glossary = [self.masked(term) for term in self.glossary]
        return prompt_for(task).filled(self.domain, language, glossary, target)

    def key(self, task: str, system: str, text: str) -> str:
        """The cache key of this model's answer about *text*."""
        return cache_key(self.dispatcher.model.fingerprint, task, system, text)

    def announce(self, requests: Sequence[Request]) -> None:
        """Show how much is about to be asked and what it will cost."""
        if not requests:
            return
        model = self.dispatcher.model
        questions = [request.question for request in requests]
        cost = describe_cost(questions, model.price)
        self.notify(f"{questions[0].task}: {cost} to {model.fingerprint}")

    def ask_unanswered(self, requests: Sequence[Request], progress: Progress) -> Outcome:
        """Answer requests of one key each, from the cache as far as it goes."""
        known = self.dispatcher.known([request.keys[0] for request in requests])
        unanswered = [request for request in requests if request.keys[0] not in known]
        self.announce(unanswered)
        outcome = self.dispatcher.ask(unanswered, progress)
        outcome.answers = known | outcome.answers
        outcome.usage = replace(outcome.usage, reused=len(known))
        return outcome

    def masked(self, text: str) -> str:
        """The text as it may leave the machine."""
        return text if self.mask is None else self.mask.hide(text)

    def unmasked(self, text: str) -> str:
        """A text that came back, with the personal data that was hidden."""
        return text if self.mask is None else self.mask.show(text)
