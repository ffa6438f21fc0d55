"""Where a simulated reviewer's keys go, and what would be needed for fewer."""

from collections.abc import Iterator, Sequence
from itertools import accumulate

from benchmarks.report import Row
from benchmarks.review_queue import Queue, Reviewed
from benchmarks.reviewing import Step

_PARTS = ("right", "going", "pausing", "readings", "begun", "typing")

NOTES = [
    "Until half the word errors are mended, in the order of the queue; plain editing: half of what "
    "mending all takes. Shares are of plain editing's keys; intervals are in the table of the "
    "review.",
    "right: keys at places where nothing is wrong; going, pausing: keys to reach an error, and to "
    "stop and go on there; readings: taken by a digit; begun: keys that begin and end typing.",
    "Bounds, in the same order. One key each: if the right reading were offered wherever something "
    "is wrong. Typing alone: if nothing but the letters were pressed, as few as listening takes. "
    "Cheapest first, in no order that confidence gives: if somebody knew which places are wrong, "
    "and what they cost.",
]


def rows(name: str, found: Sequence[Reviewed]) -> Iterator[Row]:
    """Keys of plain editing, of reviewing place by place, and of listening."""
    queue = Queue(found)
    steps, asked = queue.halving()
    plain = [each.plain for each in found]
    wrong = [step for step in steps if not step.is_right]
    typed = [step for step in wrong if step.typing]
    taken = len(wrong) - len(typed)
    half = sum(each.keys for each in plain) / 2
    yield _row(
        f"{name}, plain editing",
        half,
        going=sum(each.going for each in plain) / 2,
        pausing=sum(each.pausing for each in plain) / 2,
        typing=sum(each.typing for each in plain) / 2,
    )
    yield _row(
        f"{name}, place by place",
        half,
        right=len(steps) - len(wrong),
        readings=taken,
        begun=2 * len(typed),
        typing=sum(step.typing for step in typed),
    )
    yield _row(
        f"{name}, listening",
        half,
        right=asked,
        readings=taken,
        begun=len(typed),
        typing=sum(step.objecting - 1 for step in typed),
    )
    yield _row(f"{name}, bound: one key each", half, readings=len(wrong))
    letters = sum(step.objecting - 1 for step in typed)
    yield _row(f"{name}, bound: typing alone", half, typing=letters)
    cheap = _cheapest(found)
    digits = [step for step in cheap if not step.typing]
    written = sum(step.objecting - 1 for step in cheap if step.typing)
    begun = len(cheap) - len(digits)
    yield _row(
        f"{name}, bound: cheapest first", half, readings=len(digits), begun=begun, typing=written
    )


def _cheapest(found: Sequence[Reviewed]) -> list[Step]:
    """Wrong places until half the word errors are mended, as if somebody knew them."""
    wrong = [step for each in found for step in each.steps if not step.is_right]
    wrong.sort(key=lambda step: step.objecting / step.mends)
    least = sum(each.plain.mends for each in found) / 2
    mended = list(accumulate((step.mends for step in wrong), initial=0))
    return [step for step, before in zip(wrong, mended, strict=False) if before < least]


def _row(name: str, plain: float, **keys: float) -> Row:
    total = sum(keys.values())
    parts = {part: round(keys.get(part, 0)) for part in _PARTS}
    return {"keys": name, **parts, "all": round(total), "share": f"{total / plain:.2f}"}
