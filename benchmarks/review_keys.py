"""Where a simulated reviewer's keys go, and what would be needed for fewer."""

from collections.abc import Iterator, Sequence

from benchmarks.report import Row
from benchmarks.review_queue import Queue, Reviewed
from benchmarks.reviewing import Step

NOTES = [
    "Until half the word errors are mended, in the order of the queue; plain editing: half of what "
    "mending all takes. Intervals are in the table of the review.",
    "right: keys at places where nothing is wrong; going, pausing: keys to reach an error, and to "
    "stop and go on there; readings: taken by a digit; begin and end: of typing.",
    "Bounds, of plain editing's keys: a key for each place that is wrong (each right reading among "
    "those offered, nothing else pressed); the cheapest wrong places first; and the share of wrong "
    "places whose right reading would have to be offered for 35 %.",
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
