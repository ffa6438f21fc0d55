"""Speech of which no word was recognised is reported."""

from hypothesis import given
from hypothesis import strategies as st

from trax.merge.wordless import wordless, wordless_warnings
from trax.transcript import Span, Word


def spans(draw_from: float = 100.0) -> st.SearchStrategy[list[Span]]:
    """Any spans of up to twenty seconds."""
    pairs = st.tuples(st.floats(0, draw_from), st.floats(0.01, 20.0))
    return st.lists(pairs.map(lambda pair: Span(pair[0], pair[0] + pair[1])), max_size=12)


@given(spans(), spans())
def test_what_is_reported_is_speech_without_words(speech, words):
    """Long enough, in order, within speech or its short pauses, and away from every word."""
    found = wordless(speech, words)
    assert found == sorted(found, key=lambda span: span.start)
    for span in found:
        assert span.duration >= (5.0 if words else 1.0)
        assert all(span.overlap(word) == 0 for word in words)
        assert any(span.overlap(each) > 0 for each in speech)


@given(spans(), spans())
def test_the_order_does_not_matter(speech, words):
    """Turns and words come as they like."""
    assert wordless(speech, words) == wordless(speech[::-1], words[::-1])


def test_speech_with_words_is_not_reported():
    """A word each few seconds is enough."""
    words = [Word(at, at + 0.4, "word") for at in range(0, 60, 4)]
    assert wordless_warnings([Span(0.0, 60.0)], words) == ()


def test_silence_is_not_reported():
    """Where nobody speaks nothing is missing."""
    assert wordless_warnings([], []) == ()


def test_a_whole_stretch_without_words_is_reported():
    """With its place, so that somebody can listen."""
    said = wordless_warnings([Span(0.0, 10.0), Span(60.0, 75.0)], [Word(1.0, 8.0, "word")])
    assert said == ("somebody seems to speak at 1:00–1:15, but no word was recognised there",)


def test_a_recording_without_any_word_is_reported():
    """Even if only a little is said in it."""
    assert "0:02–0:04" in wordless_warnings([Span(2.0, 4.0)], [])[0]


def test_many_stretches_are_counted():
    """Three are listed."""
    speech = [Span(at * 100.0, at * 100.0 + 10.0) for at in range(6)]
    assert "and 3 more (1:00 in all)" in wordless_warnings(speech, [])[0]
