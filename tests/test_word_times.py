"""Word times are sound whatever the decoder says."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trax.asr.evidence import WordHypothesis
from trax.asr.timing import in_order, refined
from trax.audio import VoiceActivity, windows_of_speech
from trax.audio.activity import FRAME

times = st.floats(0.0, 40.0, allow_nan=False)
spoken = st.lists(
    st.tuples(times, times, st.sampled_from(["a", "word", "£1,250.50", "3%", "Donaudampfschiff."])),
    max_size=25,
)


def heard(said) -> list[WordHypothesis]:
    return [WordHypothesis(min(a, b), max(a, b), text, 0.9) for a, b, text in said]


def activity(*spans: tuple[float, float], duration: float = 30.0) -> VoiceActivity:
    """Somebody speaks in *spans*, in seconds."""
    frames = np.zeros(int(np.ceil(duration / FRAME)), dtype=np.float32)
    for start, end in spans:
        frames[round(start / FRAME) : round(end / FRAME)] = 0.99
    return VoiceActivity(frames, duration)


SPEECH = activity((1, 4), (6, 9), (9.5, 20), (25, 29))


@given(spoken)
def test_times_are_positive_in_order_apart_and_inside(said):
    """Numbers, currency and symbols too; no word is lost."""
    found = refined(heard(said), SPEECH)
    assert sorted(word.text for word in found) == sorted(text for _a, _b, text in said)
    assert all(word.duration > 0 for word in found)
    assert all(left.end <= right.start for left, right in pairwise(found))
    assert all(word.start >= 0.0 and word.end <= SPEECH.duration for word in found)


@given(spoken)
def test_refining_twice_changes_little(said):
    """What is sound stays as it is."""
    once = in_order(sorted(heard(said), key=lambda word: word.start), 40.0)
    assert in_order(once, 40.0) == once


@given(spoken)
def test_no_word_is_longer_than_it_can_be(said):
    """0.4 s and 0.12 s a letter; and a hair for rounding."""
    for word in refined(heard(said), SPEECH):
        assert word.duration <= 0.4 + 0.12 * len(word.text) + 0.03


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (2.0, 2.4, (2.0, 2.4)),  # in the middle of speech: as it is
        (3.7, 5.9, (3.7, 4.0)),  # the last word before a pause is not stretched over it
        (4.0, 6.4, (6.0, 6.4)),  # the first after it begins with the speech
        (21.0, 21.4, (21.0, 21.4)),  # nobody speaks: judged elsewhere
        (10.0, 15.0, (10.0, 11.12)),  # too long for six letters
    ],
)
def test_a_word_is_where_somebody_speaks(start, end, expected):
    """Voice activity says what cannot be."""
    (found,) = refined([WordHypothesis(start, end, "market", 0.9)], SPEECH)
    assert (found.start, found.end) == pytest.approx(expected, abs=0.04)


def test_a_long_pause_between_words_stays_a_pause():
    """Ten seconds of silence belong to no word."""
    words = [WordHypothesis(1.0, 8.0, "before", 0.9), WordHypothesis(8.0, 26.0, "after", 0.9)]
    before, after = refined(words, activity((1.0, 1.5), (25.5, 26.0)))
    assert before.end < 2.0
    assert after.start > 25.0


class TestWindows:
    spans = st.lists(st.tuples(st.floats(0.2, 40.0), st.floats(0.1, 5.0)), min_size=1, max_size=12)

    @staticmethod
    def spoken(gaps) -> VoiceActivity:
        """Speech and pauses in turn, as long as *gaps* say."""
        at, found = 0.0, []
        for length, pause in gaps:
            found.append((at + pause, at + pause + length))
            at += pause + length
        return activity(*found, duration=at + 1.0)

    @given(spans)
    def test_windows_cover_all_speech(self, gaps):
        """Every frame in which somebody speaks."""
        voice = self.spoken(gaps)
        windows = windows_of_speech(voice, 20.0)
        for span in voice.spans(0.3):
            assert sum(window.overlap(span) for window in windows) >= span.duration - 0.01

    @given(spans)
    def test_windows_are_short_in_order_and_inside(self, gaps):
        """Twenty seconds and their margins; only cut speech is in two."""
        voice = self.spoken(gaps)
        windows = windows_of_speech(voice, 20.0)
        assert all(window.duration <= 21.01 for window in windows)
        assert all(0.0 <= window.start < window.end <= voice.duration for window in windows)
        for left, right in pairwise(windows):
            assert left.start < right.start
            assert left.overlap(right) <= 1.01

    def test_a_cut_is_at_the_longest_pause_of_the_second_half(self):
        """Between sentences, not in them."""
        voice = activity((0.5, 7), (7.4, 11), (12.2, 16), (16.4, 19), (19.5, 24))
        first, second = windows_of_speech(voice, 20.0)
        assert 11.0 < first.end <= second.start < 12.2

    def test_what_comes_before_a_long_pause_does_not_matter(self):
        """The windows after it are those of the speech alone."""
        speech = [(3.0, 9.0), (9.5, 17.0), (17.5, 25.0), (25.5, 31.0)]
        alone = windows_of_speech(activity(*speech, duration=40.0), 20.0)
        shift = 64.0
        later = [(start + shift, end + shift) for start, end in speech]
        longer = windows_of_speech(
            activity((1.0, 30.0), (31.0, 50.0), *later, duration=110.0), 20.0
        )
        moved = [window for window in longer if window.start > 60]
        edges = [edge for window in alone for edge in (window.start, window.end)]
        assert [
            edge - shift for window in moved for edge in (window.start, window.end)
        ] == pytest.approx(edges)

    def test_speech_without_a_pause_is_cut_with_overlap(self):
        """So that no word is lost at the cut."""
        windows = windows_of_speech(activity((1.0, 60.0), duration=61.0), 20.0)
        assert len(windows) >= 3
        assert all(left.overlap(right) > 0.9 for left, right in pairwise(windows))
