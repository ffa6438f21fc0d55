"""Any transcript at all: every format, the codec and the database hold."""

import csv
import io
import itertools
import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trax.export import FORMATS
from trax.export.cues import cues
from trax.export.paragraphs import paragraphs
from trax.merge import attribute, tally
from trax.scoring import Utterance
from trax.scoring.words import speaker_error_rate, word_error_rate
from trax.store import Database, TranscriptRepository
from trax.testing import transcript
from trax.transcript import (
    Diarization,
    Recognition,
    Segment,
    Transcript,
    Turn,
    Word,
    format_clock,
    identified,
)
from trax.transcript.codec import from_json, to_json

LABELS = ("SPEAKER_00", "SPEAKER_01", "SPEAKER_02")
texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=12
)


@st.composite
def transcripts(draw) -> Transcript:
    """Up to three people, words in order of time, any script, any confidence."""
    segments, cursor = [], 0.0
    for _ in range(draw(st.integers(0, 4))):
        found = []
        for text in draw(st.lists(texts, min_size=1, max_size=8)):
            start = round(cursor + draw(st.sampled_from([0.0, 0.1, 2.5])), 3)
            cursor = round(start + draw(st.sampled_from([0.0, 0.2, 0.9])), 3)
            confidence = draw(st.none() | st.floats(0, 1).map(lambda value: round(value, 4)))
            found.append(Word(start, cursor, text, confidence, joined=draw(st.booleans())))
        segments.append(Segment(found[0].start, cursor, tuple(found)))
    edges = sorted(draw(st.lists(st.integers(0, 40), max_size=8, unique=True)))
    turns = tuple(
        Turn(float(start), float(end), draw(st.sampled_from(LABELS)))
        for start, end in itertools.pairwise(edges)
    )
    spoken = Recognition(
        language="en", language_confidence=0.5, segments=tuple(segments), engine="r"
    )
    heard = Diarization(turns=turns, exclusive_turns=turns, embeddings={}, engine="d")
    duration = max([cursor, *(turn.end for turn in turns), 0.1])
    base = transcript()
    made = replace(
        base,
        recording=replace(base.recording, name=draw(texts), duration=duration),
        segments=attribute(spoken, heard),
        turns=turns,
        exclusive_turns=turns,
        speakers=tally(turns),
        warnings=tuple(draw(st.lists(texts, max_size=2))),
    )
    return identified(made)


@given(transcripts())
def test_json_comes_back_equal(document):
    """Byte for byte and value for value."""
    data = to_json(document)
    again = from_json(Transcript, data, "x")
    assert again == document
    assert to_json(again) == data


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=25)
@given(document=transcripts())
def test_every_format_is_written_and_the_same_twice(name, document):
    """No transcript is too odd."""
    made = FORMATS[name].render(document)
    assert made == FORMATS[name].render(document)
    if name != "docx":
        made.decode()


@given(transcripts())
def test_tables_have_a_row_a_segment(document):
    """And the columns of the header."""
    rows = list(csv.reader(io.StringIO(FORMATS["csv"].render(document).decode(), newline="")))
    assert len(rows) == 1 + len(document.segments)
    assert {len(row) for row in rows} == {6}
    lines = FORMATS["tsv"].render(document).decode().rstrip("\n").split("\n")
    assert len(lines) == 1 + len(document.segments)


@given(transcripts())
def test_line_formats_have_a_line_each(document):
    """A turn, a word, a segment."""
    counts = {
        "rttm": len(document.turns),
        "ctm": len(document.words),
        "stm": len(document.segments),
    }
    for name, count in counts.items():
        assert FORMATS[name].render(document).decode().count("\n") == count


@given(transcripts())
def test_paragraphs_alternate_between_speakers(document):
    """Two in a row by one person would be one."""
    names = [part.name for part in paragraphs(document)]
    assert all(one != other for one, other in itertools.pairwise(names))


@given(transcripts())
def test_paragraphs_hold_every_word_in_order(document):
    """What people read is what was recognised."""
    assert " ".join(part.text for part in paragraphs(document)) == " ".join(
        segment.text for segment in document.segments
    )


@given(transcripts())
def test_cues_are_in_order_and_of_positive_length(document):
    """Players demand it."""
    found = cues(document.segments)
    assert [cue.start for cue in found] == sorted(cue.start for cue in found)
    assert all(cue.end > cue.start or cue.end == cue.start for cue in found)


@given(transcripts())
def test_speech_is_tallied_by_speaker(document):
    """Seconds of turns, nobody forgotten."""
    assert sum(speaker.speech for speaker in document.speakers) == pytest.approx(
        sum(turn.duration for turn in document.turns), abs=0.01
    )
    assert {speaker.label for speaker in document.speakers} == {
        turn.speaker for turn in document.turns
    }


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(transcripts())
def test_the_database_gives_back_what_it_was_given(tmp_path, document):
    """In any script."""
    repository = TranscriptRepository(Database(f"sqlite:///{tmp_path / 'trax.db'}"))
    repository.save(document)
    assert repository.get(document.id) == document
    assert repository.summaries()[0].name == document.recording.name


spoken_words = st.lists(st.sampled_from(["red", "green", "blue", "white"]), min_size=1, max_size=12)


@given(spoken_words, spoken_words)
def test_error_rates_are_those_of_edit_distance(said, heard):
    """Against a textbook implementation (Wagner and Fischer 1974)."""
    row = list(range(len(heard) + 1))
    for at, word in enumerate(said, start=1):
        diagonal, row[0] = row[0], at
        for to, other in enumerate(heard, start=1):
            diagonal, row[to] = (
                row[to],
                min(row[to] + 1, row[to - 1] + 1, diagonal + (word != other)),
            )
    found = word_error_rate(" ".join(said), " ".join(heard))
    assert (found.errors, found.length) == (row[-1], len(said))


@settings(max_examples=30)
@given(spoken_words, spoken_words, st.booleans())
def test_speaker_errors_do_not_depend_on_names_or_order(one, other, swapped):
    """CpWER looks for the best match."""
    said = [Utterance("a", " ".join(one), 0.0, 1.0), Utterance("b", " ".join(other), 1.0, 2.0)]
    heard = [replace(said[0], speaker="x"), replace(said[1], speaker="y")]
    assert speaker_error_rate(said, heard[::-1] if swapped else heard).errors == 0


@given(st.floats(0, 400_000))
def test_clocks_can_be_read_back(seconds):
    """Within half of what is shown."""
    parts = [float(part) for part in format_clock(seconds, 3).split(":")]
    total = sum(part * 60**power for power, part in enumerate(reversed(parts)))
    assert total == pytest.approx(seconds, abs=0.0006)


@given(transcripts())
def test_the_export_is_json_that_anybody_can_read(document):
    """No NaN, no odd types."""
    raw = json.loads(
        FORMATS["json"].render(document), parse_constant=lambda name: pytest.fail(name)
    )
    assert [word["text"] for segment in raw["segments"] for word in segment["words"]] == [
        word.text for word in document.words
    ]
