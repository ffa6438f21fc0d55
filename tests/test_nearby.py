"""What is near a time is found as if all were looked at."""

from hypothesis import given
from hypothesis import strategies as st

from trax.transcript import Span
from trax.voice.nearby import Nearby

times = st.integers(0, 40).map(lambda tenths: tenths / 10)
spans = st.builds(lambda start, length: Span(start, start + length), times, times)


@given(st.lists(spans, max_size=12), spans)
def test_what_overlaps_most_is_found(some, here):
    """However the others reach over each other."""
    assert Nearby(some).overlap(here) == max(map(here.overlap, some), default=0.0)


@given(st.lists(spans, max_size=12), times)
def test_what_is_before_and_after_is_found(some, time):
    """The last end, which need not be that of the last one that begins; and the next start."""
    before = [each.end for each in some if each.start < time]
    after = [each.start for each in some if each.start >= time]
    assert Nearby(some).end_before(time) == max(before, default=0.0)
    assert Nearby(some).start_from(time) == min(after, default=float("inf"))


@given(st.lists(spans, max_size=12), spans)
def test_all_that_touch_are_among_those_found(some, here):
    """Words in a pause between two fragments among them."""
    found = Nearby(some).touching(here.start, here.end)
    assert all(each in found for each in some if here.start <= each.middle <= here.end)


def test_some_do_not_count():
    """The words of an utterance are not what comes after it."""
    first, second = Span(1.0, 2.0), Span(2.5, 3.0)
    assert Nearby([first, second]).start_from(1.0, [first]) == 2.5
