"""Which examples are learnt from and which are kept to judge by: no text and no speaker is in
both.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from trax.adapters.examples import Example
from trax.scoring.words import normaliser

_SHARE = 0.2  # of the speech, to judge by
_FEW_SPEAKERS = 3


def split(examples: Sequence[Example], seed: int = 0) -> tuple[list[Example], list[Example]]:
    """The examples with the part that each belongs to, and those that belong to none.

    Whole speakers are kept to judge by, or whole recordings where speakers are not known; or, with
    fewer than three of them, whole texts. What has a text of the others is left out of learning.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for at, example in enumerate(examples):
        groups[example.speaker or example.source].append(at)
    if len(groups) < _FEW_SPEAKERS:
        groups = _by_text(examples)
    judging = _drawn(examples, groups, seed)
    texts = {_plain(examples[at]) for at in judging}
    parted, left_out = [], []
    for at, example in enumerate(examples):
        if at in judging:
            parted.append(example.model_copy(update={"part": "judge"}))
        elif _plain(example) in texts:
            left_out.append(example)
        else:
            parted.append(example.model_copy(update={"part": "train"}))
    return parted, left_out


def _drawn(examples: Sequence[Example], groups: dict[str, list[int]], seed: int) -> frozenset[int]:
    """Whole groups, drawn by lot, until a fifth of the speech is reached; never all of them."""
    wanted = _SHARE * sum(example.duration for example in examples)
    drawn: list[int] = []
    seconds = 0.0
    order = sorted(groups, key=lambda name: hashlib.sha256(f"{seed} {name}".encode()).digest())
    for name in order[:-1]:
        if seconds >= wanted:
            break
        drawn += groups[name]
        seconds += sum(examples[at].duration for at in groups[name])
    return frozenset(drawn)


def _by_text(examples: Sequence[Example]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for at, example in enumerate(examples):
        groups[_plain(example)].append(at)
    return groups


def _plain(example: Example) -> str:
    return normaliser(example.language)(example.text)
