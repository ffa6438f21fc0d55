"""The simulated reviewer's keys: a benchmark's figure is only as good as how it counts."""

from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.hands import clicked, jumps, overwritten, written
from benchmarks.review_queue import MOST_UNASKED, Queue
from benchmarks.reviewing import Plain, Step


@pytest.mark.parametrize(
    ("now", "text", "keys"),
    [
        ("sad", "sat", 3),  # written over, as any change takes as many
        ("international", "internationally", 3),  # to the end, and two letters
        ("the cat sad", "the cat sat", 3),  # to the end, and one letter changed
        ("the men saw us go", "the man saw us go", 5),  # past a word and a letter, from the left
        ("well", "", 1),
    ],
)
def test_a_selected_field_takes_the_shorter_of_two_ways(now, text, keys):
    """Writing over it, or going from an end to what differs and changing that."""
    assert overwritten(now, text) == keys


def test_a_click_goes_to_the_letter():
    """It costs one, as a key does, and no letters on the way."""
    assert clicked("international", "internationally") == 1 + 2
    assert clicked("sad", "sat") == 1 + 2
    assert clicked("oh yes", "") == 1 + 1
    assert written("international", "internationally") == len("international") + 2


def test_going_far_is_by_lines():
    """Words of the same line are gone to one by one, from whichever end is nearer."""
    assert [jumps(words) for words in (0, 1, 12, 13, 23)] == [0, 1, 1, 2, 3]


def step(at: int, mends: int) -> Step:
    return Step(
        rank=(0.5, float(at)),
        start=float(at),
        words=1,
        wrong=mends,
        seconds=10.0,
        mends=mends,
        offered=0,
        typing=4 * mends,
        keys=6 if mends else 1,
        objecting=5 * mends,
    )


def queue_of(*recordings: list[int]) -> Queue:
    """Recordings whose places mend so many errors each; plain editing takes a hundred keys."""
    found = []
    for mends in recordings:
        draft = SimpleNamespace(wrong=[each > 0 for each in mends])
        steps = [step(at, each) for at, each in enumerate(mends)]
        plain = Plain(sum(mends), 40, 20, 40, 80)
        found.append(SimpleNamespace(draft=draft, steps=steps, plain=plain))
    return Queue(found)


def test_whoever_listens_presses_no_key_where_nothing_is_wrong():
    """Half of one error is mended at its place: five keys of fifty."""
    queue = queue_of([0, 0, 0, 1])
    assert queue.keys(queue.once) == pytest.approx(5 / 50)
    assert queue.keys_to_pointing(queue.once) == pytest.approx(5 / 40)
    assert queue.keys_one_by_one(queue.once) == pytest.approx(9 / 50)


def test_whoever_listens_is_asked_whether_they_are_there():
    """After so many right places in a row, and after the last of a recording."""
    silent = [0] * (MOST_UNASKED + 1)
    asked = queue_of([*silent, 1])
    assert asked.keys(asked.once) == pytest.approx((5 + 1) / 50)
    # The second recording is right as far as it is heard: one key says so.
    two = queue_of([0, 0, 1], [0, 0, 0])
    assert two.keys(two.once) == pytest.approx((5 + 1) / 100)


def test_a_recording_that_is_drawn_twice_costs_twice():
    """As resampling needs it; one that is not drawn costs nothing."""
    queue = queue_of([0, 1], [1, 1])
    twice = queue.keys(np.array([2.0, 0.0]))
    assert twice == pytest.approx(2 * 5 / 100)
