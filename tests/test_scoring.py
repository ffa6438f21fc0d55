"""The measures, against cases worked out by hand."""

import codecs
import json
from pathlib import Path

import pytest

from trax.errors import InvalidDocument
from trax.export import FORMATS
from trax.scoring import Scorable, Utterance, read_scorable, scorable, score
from trax.scoring.turns import diarization_errors
from trax.scoring.words import (
    ErrorRate,
    speaker_error_rate,
    timed_speaker_error_rate,
    word_error_rate,
)
from trax.testing import transcript
from trax.transcript import Turn


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8-sig", b""),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-32-le", codecs.BOM_UTF32_LE),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
class TestEncodings:
    """Editors on Windows begin a file with a byte order mark and end lines with two signs."""

    def written(self, path: Path, text: str, encoding: str, mark: bytes, end: str) -> Path:
        path.write_bytes(mark + text.replace("\n", end).encode(encoding))
        return path

    def test_a_reference_is_the_same_however_it_is_saved(self, tmp_path, encoding, mark, end):
        """No word is wrong."""
        path = self.written(tmp_path / "r.txt", "Über red\ngreen\n", encoding, mark, end)
        assert read_scorable(path).text.split() == ["Über", "red", "green"]
        assert score(read_scorable(path), read_scorable(path)).wer == ErrorRate(0, 3)

    @pytest.mark.parametrize("name", ["json", "stm", "ctm", "rttm", "srt", "vtt"])
    def test_so_is_every_other_format(self, tmp_path, encoding, mark, end, name):
        """Times and speakers, too."""
        text = FORMATS[name].render(transcript()).decode()
        plain = tmp_path / f"plain.{name}"
        plain.write_text(text)
        path = self.written(tmp_path / f"saved.{name}", text, encoding, mark, end)
        assert read_scorable(path) == read_scorable(plain)


class TestSubtitles:
    def test_times_and_numbers_of_srt_are_no_words(self, tmp_path):
        """Nor is markup; speakers are not known."""
        path = tmp_path / "r.srt"
        path.write_text(
            "1\n00:00:01,000 --> 00:00:02,500\n<i>Red</i> green\n{\\an8}blue\n\n\n"
            "2\n01:00:03,000 --> 01:00:04,000 X1:10\n12\n"
        )
        found = read_scorable(path)
        assert found.utterances == [
            Utterance("unknown", "Red green blue", 1.0, 2.5),
            Utterance("unknown", "12", 3603.0, 3604.0),
        ]
        assert not found.speakers_known

    def test_voices_of_vtt_are_speakers(self, tmp_path):
        """Names of cues, notes, styles, settings and inner times are no words."""
        path = tmp_path / "r.vtt"
        path.write_text(
            "WEBVTT - a talk\nKind: captions\n\nSTYLE\n::cue { color: red }\n\n"
            "opening\n00:01.000 --> 00:02.000 align:start\n<v Anna>Q&amp;A <00:01.500>one</v>\n\n"
            "NOTE\nnot said\n\n"
            "00:02.000 --> 00:03.000\n<v.loud Bert>two<v Anna B>three\n"
        )
        found = read_scorable(path)
        assert [(each.speaker, each.text) for each in found.utterances] == [
            ("Anna", "Q&A one"),
            ("Bert", "two"),
            ("Anna B", "three"),
        ]
        assert found.speakers_known
        assert found.turns[0] == Turn(1.0, 2.0, "Anna")

    def test_vtt_without_voices_has_words_alone(self, tmp_path):
        """As SRT has."""
        path = tmp_path / "r.vtt"
        path.write_text("WEBVTT\n\n00:01.000 --> 00:02.000\none two\n")
        assert not read_scorable(path).speakers_known

    @pytest.mark.parametrize("name", ["srt", "vtt"])
    def test_what_trax_wrote_has_no_errors(self, tmp_path, name):
        """Whatever lines and cues it was cut into."""
        path = tmp_path / f"r.{name}"
        path.write_bytes(FORMATS[name].render(transcript()))
        assert score(scorable(transcript()), read_scorable(path)).wer.errors == 0

    @pytest.mark.parametrize("name", ["srt", "vtt"])
    def test_a_file_without_cues_is_refused(self, tmp_path, name):
        """It is something else."""
        path = tmp_path / f"r.{name}"
        path.write_text("WEBVTT\n\njust words\n")
        with pytest.raises(InvalidDocument, match="no cue has times"):
            read_scorable(path)


class TestWords:
    @pytest.mark.parametrize(
        ("said", "heard", "errors", "length"),
        [
            ("red green blue", "red green blue", 0, 3),
            ("red green blue", "red grey blue", 1, 3),
            ("red green blue", "red blue", 1, 3),
            ("red green blue", "red green and blue", 1, 3),
            ("Red, green: BLUE!", "red green blue", 0, 3),
            ("I'm here", "I am here", 0, 3),
            ("the colour", "the color", 0, 2),
            ("twenty five men", "25 men", 0, 2),
            ("red", "", 1, 1),
            ("", "red green", 2, 0),
            ("", "", 0, 0),
        ],
    )
    def test_errors_are_counted_after_normalising(self, said, heard, errors, length):
        """Substitutions, deletions, insertions; case, punctuation, spelling and numerals do not
        count.
        """
        found = word_error_rate(said, heard)
        assert found.errors == errors
        assert found.length == length

    def test_rates(self):
        """Words where none were said are infinitely wrong."""
        assert ErrorRate(1, 4).rate == 0.25
        assert ErrorRate(0, 0).rate == 0.0
        assert ErrorRate(1, 0).rate == float("inf")

    def test_other_languages_keep_their_letters(self):
        """The English normaliser would respell them."""
        assert word_error_rate("Über die Straße", "über die straße", "de").errors == 0


class TestSpeakers:
    said = (
        Utterance("anna", "red green blue", 0.0, 3.0),
        Utterance("bert", "white black", 3.0, 5.0),
    )

    def test_names_do_not_matter(self):
        """The best one-to-one match counts."""
        heard = [
            Utterance("X", "white black", 3.0, 5.0),
            Utterance("Y", "red green blue", 0.0, 3.0),
        ]
        assert speaker_error_rate(self.said, heard).errors == 0

    def test_a_word_of_the_wrong_speaker_counts_twice(self):
        """Missing here, too much there."""
        heard = [
            Utterance("X", "red green", 0.0, 2.0),
            Utterance("Y", "blue white black", 2.0, 5.0),
        ]
        assert speaker_error_rate(self.said, heard).errors == 2
        assert (
            word_error_rate("red green blue white black", "red green blue white black").errors == 0
        )

    def test_words_at_another_time_count_where_time_counts(self):
        """tcpWER, beyond five seconds."""
        heard = [
            Utterance("X", "red green blue", 60.0, 63.0),
            Utterance("Y", "white black", 3.0, 5.0),
        ]
        assert speaker_error_rate(self.said, heard).errors == 0
        assert timed_speaker_error_rate(self.said, heard).errors == 6


class TestTurns:
    reference = (Turn(0.0, 10.0, "anna"), Turn(10.0, 20.0, "bert"))

    def test_the_same_is_no_error(self):
        """Whatever the labels."""
        heard = [Turn(0.0, 10.0, "X"), Turn(10.0, 20.0, "Y")]
        assert diarization_errors(self.reference, heard).rate == 0.0

    @pytest.mark.parametrize(
        ("heard", "parts"),
        [
            ([Turn(0, 10, "X")], (0.0, 10.0, 0.0)),
            ([Turn(0, 10, "X"), Turn(10, 20, "Y"), Turn(20, 25, "X")], (5.0, 0.0, 0.0)),
            ([Turn(0, 20, "X")], (0.0, 0.0, 10.0)),
            ([], (0.0, 20.0, 0.0)),
        ],
        ids=["missed", "false alarm", "confusion", "nobody"],
    )
    def test_each_kind_of_error_is_counted_in_seconds(self, heard, parts):
        """False alarm, missed, confusion."""
        found = diarization_errors(self.reference, heard, duration=30.0)
        assert (found.false_alarm, found.missed, found.confusion) == pytest.approx(parts)
        assert found.total == pytest.approx(20.0)

    def test_a_collar_forgives_edges(self):
        """A quarter of a second on each side."""
        heard = [Turn(0.0, 10.2, "X"), Turn(10.2, 20.0, "Y")]
        assert diarization_errors(self.reference, heard).rate > 0.0
        assert diarization_errors(self.reference, heard, collar=0.25).rate == 0.0
        assert diarization_errors(self.reference, heard, collar=0.1).rate > 0.0

    def test_overlap_is_scored(self):
        """Two at once are two speakers' seconds."""
        reference = [Turn(0.0, 10.0, "anna"), Turn(5.0, 10.0, "bert")]
        found = diarization_errors(reference, [Turn(0.0, 10.0, "X")])
        assert (found.missed, found.total) == pytest.approx((5.0, 15.0))


class TestDocuments:
    @pytest.mark.parametrize("name", ["json", "stm", "ctm", "rttm", "txt"])
    def test_our_exports_can_be_scored(self, name, tmp_path):
        """Against themselves: no error."""
        path = tmp_path / f"x.{name}"
        path.write_bytes(FORMATS[name].render(transcript()))
        scores = score(read_scorable(path), read_scorable(path))
        rates = [
            found.rate
            for found in (scores.wer, scores.cpwer, scores.tcpwer, scores.der)
            if found is not None
        ]
        assert rates
        assert rates == [0.0] * len(rates)

    def test_seglst_is_read(self, tmp_path):
        """As meeteval writes it."""
        rows = [
            {
                "session_id": "x",
                "speaker": "a",
                "start_time": "1.5",
                "end_time": 2,
                "words": "hello there",
            }
        ]
        (tmp_path / "x.json").write_text(json.dumps(rows))
        found = read_scorable(tmp_path / "x.json")
        assert found.utterances == [Utterance("a", "hello there", 1.5, 2.0)]
        assert found.turns == [Turn(1.5, 2.0, "a")]

    def test_only_what_both_hold_is_measured(self):
        """Plain text has no speakers, RTTM no words."""
        plain = Scorable([Utterance("unknown", "good morning")], speakers_known=False)
        scores = score(scorable(transcript()), plain)
        assert scores.wer is not None
        assert (scores.cpwer, scores.tcpwer, scores.der) == (None, None, None)
        scores = score(scorable(transcript()), Scorable(turns=transcript().turns))
        assert (scores.wer, scores.cpwer) == (None, None)
        assert scores.der.rate == 0.0

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("x.json", b"{"),
            ("x.json", b"[1]"),
            ("x.stm", b"too few"),
            ("x.rttm", b"SPEAKER x"),
            ("x.txt", b"\xff\xfe"),
        ],
    )
    def test_what_cannot_be_read_is_said(self, name, content, tmp_path):
        """With the file's name, in one sentence."""
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InvalidDocument, match=name):
            read_scorable(tmp_path / name)

    def test_a_missing_file_is_said(self, tmp_path):
        """Not a traceback."""
        with pytest.raises(InvalidDocument, match="No such file"):
            read_scorable(tmp_path / "none.stm")

    def test_the_sample_has_a_reference(self, sample):
        """Two speakers, eight utterances."""
        reference = read_scorable(Path(sample).with_suffix(".seglst.json"))
        assert len({utterance.speaker for utterance in reference.utterances}) == 2
        assert len(reference.utterances) == 8
