"""Domain adapters in a plan: chosen by what the first pass has read, used by those after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from trax.asr.assignment import AssignedPass
from trax.asr.engine import Decoder
from trax.asr.plan import Reads
from trax.transcript import AdapterUse


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterChoice:
    """An adapter that was chosen, or none.

    Attributes:
        use: which, and why; without a name if none was.
        decoders: models with the adapter, by the fingerprint of the model without it.
    """

    use: AdapterUse
    decoders: Mapping[str, Decoder] = field(default_factory=dict)


class AdapterChooser(Protocol):
    """Chooses an adapter by what was read without one."""

    @property
    def fingerprint(self) -> str:
        """Names all that may be chosen and what decides."""

    def choose(self, text: str) -> AdapterChoice:
        """The adapter for speech with that *text*."""


def adapted_passes(
    first: AssignedPass, later: Sequence[AssignedPass], decoders: Mapping[str, Decoder]
) -> list[AssignedPass]:
    """The passes after the *first*, made with adapted models where there are any.

    If no later pass would read words of the first again with one, a pass is added that reads
    doubtful windows with the first one's own.
    """
    passes = [_adapted(each, decoders) for each in later]
    reads_again = any(
        each.settings.reads is not Reads.UNCOVERED and each.decoder in decoders.values()
        for each in passes
    )
    if reads_again or first.decoder.fingerprint not in decoders:
        return passes
    again = first.settings.model_copy(update={"reads": Reads.DOUBTFUL})
    added = AssignedPass(again, decoders[first.decoder.fingerprint], gives_choices=True)
    return [added, *passes]


def _adapted(made: AssignedPass, decoders: Mapping[str, Decoder]) -> AssignedPass:
    return replace(made, decoder=decoders.get(made.decoder.fingerprint, made.decoder))
