"""Other readings of a word: what other passes have in its place, and what its own model had."""

from collections.abc import Iterable, Iterator, Sequence

from trax.merge.voting import SILENT_VOTE, Heard, Voted
from trax.transcript import Alternative, Word, joined_text, spelling

MOST = 3
"""Alternatives that a word keeps."""


def voted_alternatives(vote: Voted[Heard], model: str) -> tuple[Alternative, ...]:
    """What may have been said in place of a word that won a vote.

    Args:
        model: that made the other reading.
    """
    return likeliest(vote.word.text, [*vote.word.alternatives, *_of_other(vote, model)])


def likeliest(text: str, choices: Iterable[Alternative]) -> tuple[Alternative, ...]:
    """The likeliest `MOST` of *choices* that differ from *text* and each other in spelling."""
    known = {spelling(text)}
    found: list[Alternative] = []
    for choice in sorted(choices, key=lambda each: -each.confidence):
        if spelling(choice.text) not in known:
            known.add(spelling(choice.text))
            found.append(choice)
    return tuple(found[:MOST])


def _of_other(vote: Voted[Heard], model: str) -> Iterator[Alternative]:
    """What the other reading has, and what its model had besides."""
    if vote.unheard:
        yield _reading([vote.word, *vote.unheard], vote.unheard, model)
    if vote.agreed:
        rivals = vote.against
    else:
        rivals = vote.instead
        yield _reading(rivals, rivals, model)
    if len(rivals) == 1:
        yield from rivals[0].alternatives


def _reading(words: Sequence[Word], judged: Sequence[Word], model: str) -> Alternative:
    """The text of *words*, as sure as the least sure of those *judged*."""
    sure = min((word.confidence or 0.0 for word in judged), default=SILENT_VOTE)
    return Alternative(joined_text(words), model, round(sure, 4))
