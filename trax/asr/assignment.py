"""Which model makes which pass of a plan."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from trax.asr.engine import Decoder
from trax.asr.plan import Pass, Reads, Way


@dataclass(frozen=True, slots=True)
class AssignedPass:
    """A pass with the model that makes it.

    Attributes:
        gives_choices: whether its model is asked what else doubtful words may be.
    """

    settings: Pass
    decoder: Decoder
    gives_choices: bool = False


def assign_models(
    passes: Sequence[Pass],
    decoders: Sequence[Decoder | None],
) -> tuple[AssignedPass, ...]:
    """Pair passes with their models, leaving out passes that have none.

    Decoding the same audio twice in the same way with the same model gains nothing: of two such
    passes only the later is kept, and it reads all speech. The last pass over windows gives
    choices, since whatever is doubtful reaches it, and those that read greedily, since it costs
    them nothing.
    """
    assigned: list[AssignedPass] = []
    for settings, decoder in zip(passes, decoders, strict=False):
        if decoder is None:
            continue
        new = AssignedPass(settings, decoder)
        distinct = [each for each in assigned if not _repeats(new, each)]
        if len(distinct) < len(assigned):
            everything = settings.model_copy(update={"reads": Reads.ALL})
            new = AssignedPass(everything, decoder)
        assigned = [*distinct, new]
    return _with_choices(assigned)


def _with_choices(passes: Sequence[AssignedPass]) -> tuple[AssignedPass, ...]:
    places = [at for at, each in enumerate(passes) if _reads_windows(each.settings)]
    chosen = {at for at in places if passes[at].settings.beam_size == 1 or at == places[-1]}
    return tuple(replace(each, gives_choices=at in chosen) for at, each in enumerate(passes))


def _reads_windows(settings: Pass) -> bool:
    return settings.way is Way.WINDOWS and settings.reads is not Reads.UNCOVERED


def _repeats(later: AssignedPass, earlier: AssignedPass) -> bool:
    """Whether *later* decodes nothing that *earlier* has not decoded in the same way."""
    if later.settings.reads is Reads.UNCOVERED or earlier.settings.reads is not Reads.ALL:
        return False
    if later.settings.way is not earlier.settings.way:
        return False
    return later.decoder.fingerprint == earlier.decoder.fingerprint
