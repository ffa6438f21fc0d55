"""Whether an adapter may be installed, and why not."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field

from trax.adapters.card import Interval, Reading, StrengthPoint
from trax.adapters.examples import SpokenExamples

_FORGIVEN = 1  # errors more on general speech, however short it is


class GateOptions(BaseModel):
    """What an adapter must be worth to be installed."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Gate")

    most_loss: float = Field(
        0.003,
        title="Most loss",
        description="Of general speech, as a difference of word error rates.",
        ge=0,
        le=1,
    )
    most_ruin: float = Field(
        0.05,
        title="Most ruin",
        description="Of general speech with all of the adapter's change. One that loses more is "
        "not made weaker but refused.",
        ge=0,
        le=1,
    )
    least_examples: int = Field(30, title="Least examples", description="To learn from.", ge=0)
    least_judged: int = Field(10, title="Least judged", description="Examples to judge by.", ge=2)


@dataclass(frozen=True, slots=True)
class Strength:
    """How much of an adapter's change is taken, and what that costs general speech.

    Attributes:
        share: of the change.
        tried: what was tried to find it, without the adapter first; empty if nothing was.
        general: how general speech was read with the ``base`` and with the ``adapter``; empty if
            there was none.
    """

    share: float = 1.0
    tried: tuple[StrengthPoint, ...] = ()
    general: Mapping[str, Reading] = field(default_factory=dict)


def refused(
    spoken: SpokenExamples, gain: Interval, strength: Strength, gate: GateOptions
) -> tuple[str, ...]:
    """Why an adapter is not installed, a sentence for each reason; none if it may be."""
    few = too_few(spoken, gate)
    reasons = [few] if few else [_no_gain(gain)]
    ruin = _ruin(strength, gate)
    reasons.append(ruin or _forgotten(strength, gate))
    return tuple(reason for reason in reasons if reason)


def too_few(spoken: SpokenExamples, gate: GateOptions) -> str:
    """Why the examples are too few, whatever is learnt from them; empty if they are not."""
    learnt = len(spoken.chosen("train", general=False))
    judged = len(spoken.chosen("judge", general=False))
    if learnt >= gate.least_examples and judged >= gate.least_judged:
        return ""
    return (
        f"there are too few examples, {learnt} to learn from and {judged} to judge by; "
        f"{gate.least_examples} and {gate.least_judged} are needed"
    )


def forgets(before: Reading, after: Reading, gate: GateOptions) -> bool:
    """Whether general speech is read worse than the gate allows."""
    loss = after.rate - before.rate
    return loss > gate.most_loss and after.errors - before.errors > _FORGIVEN


def ruins(before: float, after: float, gate: GateOptions) -> bool:
    """Whether all of an adapter's change makes general speech so much worse that no part of it is
    to be taken.

    Args:
        before: word error rate without the adapter.
        after: with all of its change.
    """
    return after - before > gate.most_ruin


def loss_of(general: Mapping[str, Reading]) -> float | None:
    """By how much general speech is read worse, as a difference of word error rates."""
    if not general:
        return None
    return general["adapter"].rate - general["base"].rate


def _no_gain(gain: Interval) -> str:
    if gain.low > 0:
        return ""
    if gain.high < 0:
        return (
            "it reads the domain's speech worse: the word error rate rises by "
            f"{-100 * gain.value:.1f} points ({-100 * gain.high:.1f} to {-100 * gain.low:.1f}); "
            "check that each text is what is said in its recording"
        )
    return (
        "no gain is certain: the word error rate falls by "
        f"{100 * gain.value:.1f} points ({100 * gain.low:.1f} to {100 * gain.high:.1f})"
    )


def _ruin(strength: Strength, gate: GateOptions) -> str:
    rates = {point.strength: point.rate for point in strength.tried}
    if 1.0 not in rates or not ruins(rates[0.0], rates[1.0], gate):
        return ""
    return (
        f"it ruins general speech, of which {100 * rates[0.0]:.1f} % of the words were wrong and "
        f"{100 * rates[1.0]:.1f} % are with all of its change: learn from more general speech, or "
        "at a lower rate"
    )


def _forgotten(strength: Strength, gate: GateOptions) -> str:
    general = strength.general
    loss = loss_of(general)
    if loss is None or not forgets(general["base"], general["adapter"], gate):
        return ""
    return (
        f"general speech gets worse by {100 * loss:.1f} points; "
        f"{100 * gate.most_loss:.1f} are allowed"
    )
