"""Echoes: words of the prompt or of the hotwords that the decoder repeats though nobody said them.

Somebody may well say what the prompt says, so a possible echo is decoded again without prompt and
hotwords: what that reading has too was said.
"""

from collections.abc import Callable, Sequence

from trax.asr.evidence import WordHypothesis
from trax.asr.hallucinations import removed
from trax.transcript import Reason, Removed, Span, spelling

_RUN = 3  # words in a row that may be an echo

Runs = frozenset[tuple[str, ...]]
"""Three words in a row each, as they are compared."""


def echo_runs(prompt: str, hotwords: Sequence[str]) -> Runs:
    """The runs of three words that may be an echo when they are recognised.

    Runs of the prompt, and runs that cross from one hotword to the next. A run within one hotword
    is what the hotword was given for.
    """
    spelt_prompt = [spelling(word) for word in prompt.split()]
    runs = {tuple(spelt_prompt[at : at + _RUN]) for at in range(len(spelt_prompt) - _RUN + 1)}
    return frozenset(runs | _runs_across(hotwords))


def find_echo(words: Sequence[WordHypothesis], runs: Runs) -> Span | None:
    """Where *words* have one of *runs*, from the first run to the last; ``None`` if they do not.

    This may be an echo, or somebody saying just that.
    """
    spelt = [spelling(word.text) for word in words]
    hits = [at for at in range(len(spelt) - _RUN + 1) if tuple(spelt[at : at + _RUN]) in runs]
    if not hits:
        return None
    echoed = words[hits[0] : hits[-1] + _RUN]
    return Span(echoed[0].start, max(word.end for word in echoed))


def without_echo(
    words: Sequence[WordHypothesis],
    runs: Runs,
    decode_unprompted: Callable[[], list[WordHypothesis]],
) -> tuple[list[WordHypothesis], list[Removed]]:
    """*words*, or what *decode_unprompted* returns if they have an echo, and what was removed."""
    span = find_echo(words, runs)
    if span is None:
        return list(words), []
    unprompted = decode_unprompted()
    if find_echo(unprompted, runs) is not None:
        return list(words), []
    echo = [word for word in words if word.overlap(span) > 0]
    return unprompted, [removed(Reason.ECHO, echo)]


def _runs_across(hotwords: Sequence[str]) -> set[tuple[str, ...]]:
    """Runs of three words that begin in one hotword and end in another."""
    spelt: list[str] = []
    terms: list[int] = []
    for number, term in enumerate(hotwords):
        parts = term.split()
        spelt.extend(spelling(part) for part in parts)
        terms.extend([number] * len(parts))
    starts = [at for at in range(len(spelt) - _RUN + 1) if terms[at] != terms[at + _RUN - 1]]
    return {tuple(spelt[at : at + _RUN]) for at in starts}
