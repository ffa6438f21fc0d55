"""Values of time and speech."""

import dataclasses
import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trax.errors import InvalidDocument
from trax.testing import diarization, recognition, transcript
from trax.transcript import (
    SCHEMA_VERSION,
    Diarization,
    Doubt,
    Recognition,
    Segment,
    Span,
    Transcript,
    Turn,
    Word,
    format_clock,
    joined_text,
)
from trax.transcript.codec import from_json, to_json, transcript_schema

seconds = st.floats(0, 1e5, allow_nan=False, allow_infinity=False).map(
    lambda value: round(value, 3)
)
spans = st.tuples(seconds, seconds).map(lambda pair: Span(min(pair), max(pair)))


class TestSpan:
    @pytest.mark.parametrize(
        ("start", "end"), [(-0.1, 1), (2, 1), (float("nan"), 1), (0, float("nan"))]
    )
    def test_impossible_spans_are_refused(self, start, end):
        """Time runs forward from the recording's start."""
        with pytest.raises(ValueError, match="span must satisfy"):
            Span(start, end)

    def test_infinite_spans_are_refused(self):
        """A recording ends."""
        with pytest.raises(ValueError, match="span must satisfy"):
            Span(0.0, float("inf"))

    def test_a_span_may_be_empty(self):
        """Engines give words of no length."""
        assert Span(1.0, 1.0).duration == 0.0

    @given(spans, spans)
    def test_overlap_is_symmetric_and_within_both(self, one, other):
        """What both cover does not depend on who is asked."""
        assert one.overlap(other) == other.overlap(one)
        assert 0.0 <= one.overlap(other) <= min(one.duration, other.duration) + 1e-9

    @given(spans, spans)
    def test_spans_overlap_or_are_apart_never_both(self, one, other):
        """Distance and overlap exclude each other."""
        assert one.distance(other) == other.distance(one)
        assert one.overlap(other) == 0.0 or one.distance(other) == 0.0

    @given(spans, seconds)
    def test_shifting_keeps_the_duration(self, span, offset):
        """A window's times become the recording's times."""
        moved = span.shifted(offset)
        assert moved.start == pytest.approx(span.start + offset)
        assert moved.duration == pytest.approx(span.duration, abs=1e-6)

    def test_middle_is_half_way(self):
        """The point between start and end."""
        assert Span(1.0, 4.0).middle == 2.5


class TestClock:
    @pytest.mark.parametrize(
        ("value", "decimals", "expected"),
        [
            (0, 0, "0:00"),
            (59.5, 0, "1:00"),
            (59.49, 0, "0:59"),
            (3600, 0, "1:00:00"),
            (3661.5, 1, "1:01:01.5"),
            (0.9996, 3, "0:01.000"),
            (86_400, 0, "24:00:00"),
        ],
    )
    def test_times_are_rounded_once(self, value, decimals, expected):
        """No 0:60, no 1:59.1000."""
        assert format_clock(value, decimals) == expected

    @given(st.floats(0, 1e6))
    def test_no_field_overflows(self, value):
        """Minutes and seconds stay below sixty."""
        *_, minutes, secs = ["0", *format_clock(value).split(":")]
        assert int(secs) < 60
        assert int(minutes) < 60 or ":" not in format_clock(value)


class TestText:
    def test_words_are_joined_by_spaces(self):
        """As people write."""
        assert joined_text([Word(0, 1, "one"), Word(1, 2, "two.")]) == "one two."

    def test_joined_words_are_not(self):
        """As Chinese and hyphens are written."""
        assert joined_text([Word(0, 1, "你", joined=True), Word(1, 2, "好", joined=True)]) == "你好"

    def test_nothing_is_empty(self):
        """No words, no text."""
        assert joined_text([]) == ""


class TestSegment:
    words = (Word(0.0, 1.0, "one", 0.5), Word(1.0, 2.0, "two", 1.0), Word(2.0, 3.0, "three"))

    def test_text_is_that_of_its_words(self):
        """There is no second copy of the text to disagree."""
        assert Segment(0, 3, self.words).text == "one two three"

    def test_confidence_is_the_mean_of_what_is_known(self):
        """A word without confidence does not count as zero."""
        assert Segment(0, 3, self.words).confidence == pytest.approx(0.75)
        assert Segment(0, 3, self.words[2:]).confidence is None

    def test_shifting_moves_its_words(self):
        """A segment and its words stay together."""
        moved = Segment(0, 3, self.words, speaker="A").shifted(10)
        assert (moved.start, moved.end, moved.speaker) == (10, 13, "A")
        assert [word.start for word in moved.words] == [10, 11, 12]
        assert [word.text for word in moved.words] == ["one", "two", "three"]


class TestTranscript:
    def test_words_are_those_of_all_segments(self):
        """In order."""
        document = transcript()
        assert " ".join(word.text for word in document.words) == document.text

    def test_display_names_count_from_one(self):
        """By first appearance, since labels say nothing."""
        document = transcript()
        assert document.display_name("SPEAKER_00") == "Speaker 1"
        assert document.display_name("SPEAKER_01") == "Speaker 2"

    def test_unknown_speakers_are_called_unknown(self):
        """Never a guess."""
        assert transcript().display_name(None) == "Unknown"
        assert transcript().display_name("nobody") == "Unknown"

    def test_a_given_name_is_shown(self):
        """Names live apart from labels."""
        document = transcript()
        named = dataclasses.replace(document.speakers[0], name="Ada")
        document = dataclasses.replace(document, speakers=(named, *document.speakers[1:]))
        assert document.display_name("SPEAKER_00") == "Ada"


class TestCodec:
    @pytest.mark.parametrize(
        ("kind", "document"),
        [
            (Transcript, transcript(warnings=["the file ends early"])),
            (Recognition, recognition()),
            (Diarization, diarization()),
        ],
        ids=lambda value: getattr(value, "__name__", ""),
    )
    def test_documents_come_back_equal(self, kind, document):
        """Nothing is lost on disk."""
        assert from_json(kind, to_json(document), "x") == document

    def test_equal_documents_give_equal_bytes(self):
        """Checkpoint digests depend on it."""
        assert to_json(transcript()) == to_json(transcript())

    @given(
        st.text(max_size=40), st.floats(0, 1), st.sampled_from([(), (Doubt.OVERLAP,), tuple(Doubt)])
    )
    def test_any_word_comes_back_equal(self, text, confidence, doubts):
        """Whatever people say, in whatever script."""
        text = text.encode("utf-8", "ignore").decode()
        word = Word(0.0, 1.0, text, confidence, "SPEAKER_00", doubts)
        document = recognition()
        document = dataclasses.replace(document, segments=(Segment(0, 1, (word,)),))
        assert from_json(Recognition, to_json(document), "x").segments[0].words == (word,)

    @pytest.mark.parametrize(
        "data", [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b'{"id": 1}']
    )
    def test_what_is_no_transcript_is_refused(self, data):
        """With the name that the caller gave, not a traceback."""
        with pytest.raises(InvalidDocument, match=r"cannot understand notes\.json"):
            from_json(Transcript, data, "notes.json")

    def test_another_major_version_is_refused(self):
        """An old reader must not misread a new document."""
        raw = json.loads(to_json(transcript())) | {"schema_version": "2.0"}
        with pytest.raises(InvalidDocument, match=r"schema version 2\.0"):
            from_json(Transcript, json.dumps(raw).encode(), "x")

    def test_a_newer_minor_version_is_read(self):
        """Minor versions only add."""
        raw = json.loads(to_json(transcript())) | {"schema_version": "1.9"}
        assert from_json(Transcript, json.dumps(raw).encode(), "x").schema_version == "1.9"

    def test_impossible_times_are_refused(self):
        """A span's rule holds for documents from elsewhere too."""
        raw = json.loads(to_json(transcript()))
        raw["turns"][0]["end"] = -1
        with pytest.raises(InvalidDocument, match="span must satisfy"):
            from_json(Transcript, json.dumps(raw).encode(), "x")

    def test_an_exported_transcript_fits_the_published_schema(self):
        """Other programs validate against it."""
        jsonschema.validate(json.loads(to_json(transcript())), transcript_schema())

    def test_the_published_schema_says_which_version_it_is(self):
        """A reader can tell."""
        assert transcript_schema()["$id"].endswith(SCHEMA_VERSION)

    def test_the_schema_refuses_what_is_missing(self):
        """It is a contract, not decoration."""
        raw = json.loads(to_json(transcript()))
        del raw["segments"]
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(raw, transcript_schema())


def test_values_are_frozen():
    """A value that somebody holds does not change under them."""
    for value in (Span(0, 1), Word(0, 1, "a"), Turn(0, 1, "A"), Segment(0, 1, ())):
        with pytest.raises(dataclasses.FrozenInstanceError):
            value.start = 5.0
