"""Sliding windows: the same whatever chunks the audio comes in, and nothing kept for long."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trax.audio import SAMPLE_RATE
from trax.diarization.evidence import FRAME, frames_in
from trax.diarization.plans import PLANS
from trax.diarization.sliding import SlidingWindows

seconds = st.floats(0.01, 30.0)
cuts = st.lists(st.floats(0.0, 1.0), max_size=6)
plans = st.sampled_from(sorted(PLANS))


def audio(duration: float) -> np.ndarray:
    """Every sample another number, so that a wrong one shows."""
    return np.arange(round(duration * SAMPLE_RATE), dtype=np.float32) + 1


def slid(plan: str, samples: np.ndarray, shares: list[float]):
    """All windows of *samples*, added in chunks cut at *shares* of them."""
    windows = SlidingWindows(PLANS[plan])
    found = []
    for chunk in np.split(samples, sorted(round(share * len(samples)) for share in shares)):
        windows.add(chunk)
        found.extend(windows.complete())
        windows.discard_seen()
    return windows, found, list(windows.last())


def as_tuples(windows) -> list[tuple]:
    found = [(each.grid.duration, each.start, each.embedded) for each in windows]
    return sorted(found, key=repr)


@settings(max_examples=40)
@given(plans, seconds, cuts)
def test_chunks_do_not_matter(plan, duration, shares):
    """However the audio is cut, the same windows come, each once."""
    samples = audio(duration)
    _, whole, whole_last = slid(plan, samples, [])
    _, cut, cut_last = slid(plan, samples, shares)
    assert as_tuples(cut) == as_tuples(whole)
    assert as_tuples(cut_last) == as_tuples(whole_last)


@settings(max_examples=40)
@given(plans, seconds, cuts)
def test_a_window_holds_the_recordings_samples(plan, duration, shares):
    """From its start, as long as its grid says, padded with silence only past the end."""
    samples = audio(duration)
    _, complete, last = slid(plan, samples, shares)
    for window in [*complete, *last]:
        length = round(window.grid.duration * SAMPLE_RATE)
        expected = samples[window.start : window.start + length]
        assert len(window.samples) == length
        assert np.array_equal(window.samples[: len(expected)], expected)
        assert not window.samples[len(expected) :].any()


@settings(max_examples=40)
@given(plans, seconds, cuts)
def test_every_frame_is_embedded_once(plan, duration, shares):
    """From the first to the last, without gap or overlap."""
    _, complete, last = slid(plan, audio(duration), shares)
    ranges = [each.embedded for each in [*complete, *last] if each.embedded is not None]
    ranges.sort()
    assert ranges[0][0] == 0
    assert ranges[-1][1] == frames_in(duration_of(duration)) + 1
    assert all(left[1] == right[0] for left, right in pairwise(ranges))


def duration_of(duration: float) -> float:
    return round(duration * SAMPLE_RATE) / SAMPLE_RATE


def test_an_embedded_range_is_seen_by_its_window():
    """What is embedded lies within the audio of the window."""
    _, complete, last = slid("accurate", audio(30.0), [])
    for window in [*complete, *last]:
        if window.embedded is not None:
            first, past = window.embedded
            start = window.start / SAMPLE_RATE
            assert start <= first * FRAME + 0.05
            assert (past - 2) * FRAME <= start + window.grid.duration


def test_audio_that_no_window_needs_is_discarded():
    """An hour takes no more memory than a minute."""
    windows = SlidingWindows(PLANS["accurate"])
    most = 0
    for _ in range(60):
        windows.add(audio(5.0))
        list(windows.complete())
        windows.discard_seen()
        most = max(most, windows.kept)
    assert most <= 15 * SAMPLE_RATE
    assert windows.duration == 300.0


def test_the_last_windows_may_be_asked_for_at_any_time():
    """Asking changes nothing: a microphone goes on."""
    windows = SlidingWindows(PLANS["fast"])
    windows.add(audio(7.0))
    early = list(windows.complete())
    first = as_tuples(windows.last())
    assert as_tuples(windows.last()) == first
    windows.add(audio(7.0))
    _, whole, _ = slid("fast", np.concatenate([audio(7.0), audio(7.0)]), [])
    assert as_tuples([*early, *windows.complete()]) == as_tuples(whole)


@pytest.mark.parametrize("plan", sorted(PLANS))
def test_without_audio_there_is_no_window(plan):
    """Not even a last one."""
    windows, complete, last = slid(plan, audio(0.0), [])
    assert (complete, last, windows.duration) == ([], [], 0.0)
