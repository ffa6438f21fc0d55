"""Every export derives from the one transcript, and other tools can read it."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree
import zipfile
from dataclasses import replace
from itertools import pairwise

import jsonschema
import meeteval
import pysubs2
import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from trax.errors import NotFound
from trax.export import FORMATS, known_formats
from trax.export.cues import CueRules, cues, wrap
from trax.export.paragraphs import paragraphs
from trax.export.phrases import columns
from trax.testing import transcript, words
from trax.transcript import Segment, Transcript, Turn, Word
from trax.transcript.codec import from_json, transcript_schema

ODD = '=1+1 <b>&amp; "quoted", tab\there — 你好 | # * _'


def rendered(name: str, document: Transcript | None = None) -> str:
    return FORMATS[name].render(document or transcript()).decode()


def nobody() -> Transcript:
    """A transcript of silence."""
    document = transcript()
    return replace(document, segments=(), turns=(), exclusive_turns=(), speakers=(), language="")


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+", text)


class TestEveryFormat:
    @pytest.mark.parametrize("name", FORMATS)
    def test_equal_transcripts_give_equal_bytes(self, name):
        """Exports are kept by digest: no dates, no chance."""
        assert FORMATS[name].render(transcript()) == FORMATS[name].render(transcript())

    @pytest.mark.parametrize("name", FORMATS)
    def test_silence_can_be_written(self, name):
        """A recording in which nobody speaks is a result, not an error."""
        assert isinstance(FORMATS[name].render(nobody()), bytes)

    @pytest.mark.parametrize("name", FORMATS)
    def test_odd_characters_break_nothing(self, name):
        """Markup, separators, formulas and other scripts are only text."""
        document = transcript(
            [("SPEAKER_00", ODD), ("SPEAKER_01", "\x0b control \x01 marks"), ("SPEAKER_02", ODD)]
        )
        assert FORMATS[name].render(
            replace(document, recording=replace(document.recording, name=ODD))
        )

    @pytest.mark.parametrize(
        "name", ["txt", "md", "srt", "vtt", "tsv", "csv", "stm", "docx", "ctm", "json", "html"]
    )
    def test_every_word_is_there_in_order(self, name):
        """Nothing is lost between the transcript and its exports."""
        if name == "docx":
            document = Document(io.BytesIO(FORMATS["docx"].render(transcript())))
            text = "\n".join(paragraph.text for paragraph in document.paragraphs)
        elif name == "json":
            text = from_json(Transcript, FORMATS["json"].render(transcript()), "x").text
        else:
            text = rendered(name).replace("&lt;", "<").replace("&amp;", "&").replace("\\", "")
        found = iter(words_of(text))
        assert all(word in found for word in words_of(transcript().text))

    def test_names_are_file_extensions(self):
        """They become paths."""
        assert all(re.fullmatch("[a-z]+", name) for name in FORMATS)


class TestNames:
    def test_names_are_taken_as_people_type_them(self):
        """Upper case, dots, spaces, twice."""
        assert known_formats(["SRT", ".vtt", " txt ", "srt", ""]) == ("srt", "vtt", "txt")

    def test_an_unknown_name_lists_the_known(self):
        """So that the next try succeeds."""
        with pytest.raises(NotFound, match=r"there is no format 'pdf'; known are txt, md"):
            known_formats(["pdf"])


class TestText:
    def test_a_paragraph_a_speaker(self):
        """Names, not labels."""
        blocks = rendered("txt").strip().split("\n\n")
        assert [block.split(":")[0] for block in blocks] == ["Speaker 1", "Speaker 2", "Speaker 1"]

    def test_consecutive_segments_of_one_speaker_are_one_paragraph(self):
        """Segments are for machines."""
        document = transcript(
            [("SPEAKER_00", "One."), ("SPEAKER_00", "Two."), ("SPEAKER_01", "Three.")]
        )
        assert [(part.name, part.text) for part in paragraphs(document)] == [
            ("Speaker 1", "One. Two."),
            ("Speaker 2", "Three."),
        ]

    def test_markdown_has_times_and_warnings(self):
        """What a reader must know stands above the text."""
        text = rendered("md", transcript(warnings=["the file ends early"]))
        assert text.startswith("# morning call.wav\n")
        assert "> the file ends early" in text
        assert "**Speaker 2** (0:05)" in text
        assert "0:15 · 2 speakers · language en" in text

    def test_markdown_says_when_nobody_speaks(self):
        """An empty page looks like a fault."""
        assert "Nobody speaks" in rendered("md", nobody())

    def test_markdown_markup_in_speech_is_escaped(self):
        """A spoken asterisk is no emphasis, a bracket no link."""
        assert r"\*not bold\*" in rendered("md", transcript([("SPEAKER_00", "*not bold* [x](y)")]))


class TestJson:
    def test_it_fits_the_published_schema(self):
        """The contract with other programs."""
        jsonschema.validate(json.loads(rendered("json")), transcript_schema())

    def test_it_comes_back_equal(self):
        """`trax export FILE.json` depends on it."""
        assert from_json(Transcript, FORMATS["json"].render(transcript()), "x") == transcript()


class TestTables:
    def test_csv_is_a_row_a_segment(self):
        """With a header that names the columns."""
        rows = list(csv.DictReader(io.StringIO(rendered("csv"), newline="")))
        assert [row["name"] for row in rows] == ["Speaker 1", "Speaker 2", "Speaker 1"]
        assert float(rows[1]["start"]) == 5.0
        assert float(rows[0]["confidence"]) == pytest.approx(0.9)

    @pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)"])
    def test_csv_holds_no_formulas(self, text):
        """A spreadsheet would run them."""
        rows = list(
            csv.DictReader(
                io.StringIO(rendered("csv", transcript([("SPEAKER_00", text)])), newline="")
            )
        )
        assert rows[0]["text"] == "'" + text

    def test_tsv_keeps_its_columns(self):
        """Whatever is said."""
        lines = rendered("tsv", transcript([("SPEAKER_00", "a\tb\nc")])).splitlines()
        assert all(line.count("\t") == 5 for line in lines)


class TestInterchange:
    def test_rttm_is_read_by_meeteval(self, tmp_path):
        """Turn for turn."""
        (tmp_path / "x.rttm").write_bytes(FORMATS["rttm"].render(transcript()))
        lines = meeteval.io.load(tmp_path / "x.rttm").to_seglst()
        assert [(line["speaker"], float(line["start_time"])) for line in lines] == [
            ("SPEAKER_00", 0.0),
            ("SPEAKER_01", 5.0),
            ("SPEAKER_00", 10.0),
        ]

    def test_stm_is_read_by_meeteval(self, tmp_path):
        """Segment for segment, with its words."""
        (tmp_path / "x.stm").write_bytes(FORMATS["stm"].render(transcript()))
        lines = meeteval.io.load(tmp_path / "x.stm").to_seglst()
        assert [line["words"] for line in lines] == [
            segment.text for segment in transcript().segments
        ]

    def test_ctm_has_a_line_a_word(self):
        """Recording, channel, start, duration, word, confidence."""
        lines = [line.split() for line in rendered("ctm").splitlines()]
        assert len(lines) == len(transcript().words)
        assert all(len(line) == 6 and line[0] == "morning_call.wav" for line in lines)

    def test_overlapping_turns_are_all_in_rttm(self):
        """RTTM may overlap; DER with overlap needs it."""
        document = transcript()
        document = replace(document, turns=(*document.turns, Turn(1.0, 4.0, "SPEAKER_01")))
        assert rendered("rttm", document).count("SPEAKER ") == 4


class TestDocx:
    def test_it_is_read_by_python_docx(self):
        """Heading, facts, paragraphs."""
        document = Document(
            io.BytesIO(FORMATS["docx"].render(transcript(warnings=["the file ends early"])))
        )
        texts = [paragraph.text for paragraph in document.paragraphs]
        assert texts[0] == "morning call.wav"
        assert "the file ends early" in texts
        assert any(text.startswith("Speaker 2  0:05") for text in texts)

    def test_it_is_a_sound_archive(self):
        """Word refuses damaged ones."""
        assert zipfile.ZipFile(io.BytesIO(FORMATS["docx"].render(transcript()))).testzip() is None


class TestPicture:
    def test_it_is_valid_xml_with_a_row_a_speaker(self):
        """Browsers refuse broken SVG."""
        root = ElementTree.fromstring(FORMATS["svg"].render(transcript()))
        texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
        assert {"Speaker 1", "Speaker 2"} <= set(texts)

    def test_a_long_recording_makes_a_small_picture(self):
        """Ten hours of turns: bars closer than a pixel are one."""
        turns = tuple(Turn(at * 2.0, at * 2.0 + 1.5, f"SPEAKER_0{at % 2}") for at in range(18_000))
        document = transcript()
        document = replace(
            document, turns=turns, recording=replace(document.recording, duration=36_000.0)
        )
        assert len(FORMATS["svg"].render(document)) < 200_000

    def test_names_are_escaped(self):
        """A speaker called <script> runs nothing."""
        document = transcript()
        named = replace(document.speakers[0], name="<script>")
        assert "<script>" not in rendered(
            "svg", replace(document, speakers=(named, *document.speakers[1:]))
        )


@st.composite
def segment_lists(draw) -> list[Segment]:
    """Segments in order of time, by up to two speakers, words of all lengths."""
    segments, cursor = [], 0.0
    for _ in range(draw(st.integers(0, 6))):
        speaker = draw(st.sampled_from(["A", "B"]))
        found = []
        texts = st.sampled_from(["a", "word,", "sentence.", "extraordinarily", "W" * 60])
        for text in draw(st.lists(texts, min_size=1, max_size=40)):
            start = round(cursor + draw(st.sampled_from([0.0, 0.0, 0.1, 1.4])), 3)
            cursor = round(start + draw(st.sampled_from([0.0, 0.1, 0.3, 0.6])), 3)
            found.append(Word(start, cursor, text, speaker=speaker))
        segments.append(Segment(found[0].start, cursor, tuple(found), speaker))
    return segments


class TestCues:
    rules = CueRules()

    @given(segment_lists())
    def test_every_word_is_in_exactly_one_cue(self, segments):
        """In order."""
        said = [word.text for segment in segments for word in segment.words]
        shown = [text for cue in cues(segments) for line in cue.lines for text in line.split()]
        assert shown == said

    @given(segment_lists())
    def test_lines_are_short_enough(self, segments):
        """At most two lines of 42 characters; only a single longer word may stick out."""
        for cue in cues(segments):
            assert len(cue.lines) <= 2
            for line in cue.lines:
                assert len(line) <= 42 or " " not in line

    @given(segment_lists())
    def test_cues_do_not_overlap_and_leave_a_gap(self, segments):
        """Two frames between cues, wherever the words themselves leave room."""
        found = cues(segments)
        for cue, following in pairwise(found):
            assert cue.start <= following.start
            assert cue.end <= following.start + 1e-6 or cue.end - cue.start <= 0.0011

    @given(segment_lists())
    def test_no_cue_stays_too_long(self, segments):
        """Seven seconds, one word excepted."""
        assert all(cue.end - cue.start <= self.rules.longest + 1e-6 for cue in cues(segments))

    @given(segment_lists())
    def test_a_cue_begins_with_its_first_word(self, segments):
        """Never before, never after."""
        starts = {word.start for segment in segments for word in segment.words}
        assert all(cue.start in starts for cue in cues(segments))

    @given(segment_lists())
    def test_a_cue_lasts_as_long_as_its_words(self, segments):
        """Whoever speaks next, and however soon."""
        ends = {}
        for segment in segments:
            for word in segment.words:
                ends.setdefault(word.text, []).append(word.end)
        left = {text: list(times) for text, times in ends.items()}
        for cue in cues(segments):
            for text in " ".join(cue.lines).split():
                assert cue.end >= left[text].pop(0)

    def test_a_flash_is_joined_with_what_the_same_person_says_next(self):
        """Nobody reads a tenth of a second; another person's words stay apart."""
        said = (Word(6.62, 6.72, "Yeah.", speaker="A"), Word(6.72, 7.52, "Smile.", speaker="A"))
        segments = [Segment(word.start, word.end, (word,), "A") for word in said]
        (cue,) = cues(segments)
        assert (cue.start, cue.lines) == (6.62, ("Yeah. Smile.",))
        other = replace(said[1], speaker="B")
        first, second = cues([segments[0], Segment(6.72, 7.52, (other,), "B")])
        assert (first.end, second.start) == (6.72, 6.72)

    def test_a_flash_that_does_not_fit_stays_alone(self):
        """For as long as it was said."""
        long = words("W" * 42 + " " + "W" * 42, 1.1, 6.0, "A")
        flash = Segment(1.0, 1.1, (Word(1.0, 1.1, "Yes.", speaker="A"),), "A")
        first, _second = cues([flash, Segment(1.1, 6.0, tuple(long), "A")])
        assert (first.start, first.end) == (1.0, 1.1)

    def test_a_short_cue_is_lengthened_into_free_time(self):
        """A flash cannot be read."""
        lone = cues([Segment(1.0, 1.1, (Word(1.0, 1.1, "Yes."),))])[0]
        assert lone.end - lone.start == pytest.approx(self.rules.shortest)

    def test_reading_speed_lengthens_a_cue(self):
        """Twenty characters a second."""
        text = "a sentence of about sixty characters that was said quickly"
        found = cues([Segment(0.0, 1.0, tuple(words(text, 0.0, 1.0)))])
        assert found[-1].end >= (len(text) - 1) / self.rules.characters_per_second - 1e-6

    def test_a_pause_ends_a_cue(self):
        """Text does not hang over silence."""
        found = cues([Segment(0.0, 9.0, (Word(0.0, 0.5, "well"), Word(8.0, 9.0, "then")))])
        assert [cue.lines for cue in found] == [("well",), ("then",)]

    def test_lines_are_balanced(self):
        """Two of about equal length, the upper not the longer where both ways are as good."""
        lines = wrap(
            words("this line is somewhat too long to stand alone here", 0.0, 1.0), self.rules
        )
        assert len(lines) == 2
        assert abs(len(lines[0]) - len(lines[1])) < 12

    def test_cues_break_after_punctuation(self):
        """Where people breathe."""
        text = (
            "we went down to the river early in the morning, and nobody else was there to see us "
            "when we swam"
        )
        assert (
            cues([Segment(0.0, 6.0, tuple(words(text, 0.0, 6.0)))])[0]
            .lines[-1]
            .endswith("morning,")
        )


def letters(text: str, seconds: float = 0.2) -> list[Word]:
    """Words of a letter each, as recognition gives them where there are no spaces."""
    return [
        Word(at * seconds, (at + 1) * seconds, letter, joined=True)
        for at, letter in enumerate(text)
    ]


JAPANESE = (
    "香港の最高の景色を見るには「島を離れて」向かいの九龍のウォーターフロントに向かってください、"
    "そこからは高層ビルの夜景が一望できますので観光客にとても人気があります。"
)
CHINESE = "我们去图书馆借了三本关于历史的书，然后回家做饭，因为今天晚上我们的朋友要来吃饭。"
THAI = "วันนี้ฉันไปห้องสมุดและยืมหนังสือสามเล่มเพราะว่าเพื่อนของฉันชอบอ่านหนังสือมาก"
KHMER = "ខ្ញុំទៅបណ្ណាល័យហើយខ្ចីសៀវភៅបីក្បាលនៅថ្ងៃនេះព្រឹក" * 2


class TestUnspacedCues:
    @pytest.mark.parametrize("text", [JAPANESE, CHINESE, THAI, KHMER, "ー" * 60, "山" * 60])
    @pytest.mark.parametrize("form", ["letters", "one word"])
    def test_lines_are_no_wider_than_is_read(self, text, form):
        """Sixteen wide letters, two lines a cue, nothing lost."""
        said = letters(text) if form == "letters" else [Word(0.0, 0.2 * len(text), text)]
        found = cues([Segment(0.0, said[-1].end, tuple(said))])
        assert "".join(line for cue in found for line in cue.lines) == text
        for cue in found:
            assert len(cue.lines) <= 2
            assert all(columns(line) <= 42 for line in cue.lines) or set(text) == {"ー"}
        assert all(cue.end <= following.start + 1e-6 for cue, following in pairwise(found))

    @pytest.mark.parametrize(
        ("text", "whole"),
        [
            (JAPANESE, ["ウォーターフロント", "向かってください", "高層ビル", "観光客", "人気"]),
            (CHINESE, ["图书馆", "历史", "今天", "朋友", "吃饭"]),
            (
                "iPhone15を買ったのでGPT-4でやってみましたがうまくいきませんでした",
                ["GPT-4", "iPhone15"],
            ),
        ],
    )
    def test_no_line_ends_within_a_word(self, text, whole):
        """However a cue is cut."""
        lines = [
            line for cue in cues([Segment(0.0, 99.0, tuple(letters(text)))]) for line in cue.lines
        ]
        assert all(any(word in line for line in lines) for word in whole)

    @given(st.text("あのっゃー、。」「（）山川", min_size=1, max_size=80))
    def test_no_line_begins_or_ends_with_the_wrong_sign(self, text):
        """Closing signs and small kana stay with what precedes, opening ones with what follows."""
        found = cues([Segment(0.0, 99.0, tuple(letters(text)))])
        lines = [line for cue in found for line in cue.lines]
        assert "".join(lines) == text
        assert not any(line[0] in "っゃー、。」）" for line in lines[1:])
        assert not any(line[-1] in "「（" for line in lines[:-1])

    def test_joined_parts_of_a_word_stay_together(self):
        """In one line, and in one cue."""
        said = words("we counted to the number that the teacher called twenty", 0.0, 5.0)
        said.append(Word(5.0, 5.5, "-five", joined=True))
        said += words("and went on from there as far as anybody could", 5.5, 9.0)
        lines = [line for cue in cues([Segment(0.0, 9.0, tuple(said))]) for line in cue.lines]
        assert any("twenty-five" in line for line in lines)

    def test_a_name_before_unspaced_text_stands_apart(self):
        """It is no part of the first word."""
        document = transcript([("SPEAKER_00", "東京です。"), ("SPEAKER_01", "はい。")])
        assert "[Speaker 1] 東京です。" in rendered("srt", document)


class TestSubtitles:
    def test_srt_is_read_by_pysubs2(self):
        """With the names where the speaker changes."""
        file = pysubs2.SSAFile.from_string(rendered("srt"))
        assert "[Speaker 1] Good morning" in file[0].plaintext.replace("\n", " ")
        assert "[Speaker 2]" in rendered("srt")

    def test_one_speaker_needs_no_name(self):
        """A lecture is not a dialogue."""
        assert "[Speaker" not in rendered(
            "srt", transcript([("SPEAKER_00", "One."), ("SPEAKER_00", "Two.")])
        )

    def test_vtt_begins_as_the_standard_says(self):
        """Players refuse anything else."""
        assert rendered("vtt").startswith("WEBVTT\n\n")

    def test_vtt_has_voice_tags(self):
        """One a cue, with the name."""
        assert "<v Speaker 1>Good morning" in rendered("vtt")

    def test_vtt_escapes_what_would_be_markup(self):
        """`<since>` and `&` were said."""
        text = rendered("vtt")
        assert "&lt;since&gt;" in text
        assert "five &amp; a half" in text.replace("\n", " ")

    @pytest.mark.parametrize(("name", "mark"), [("srt", ","), ("vtt", ".")])
    def test_times_are_in_milliseconds(self, name, mark):
        """Start before end, in the format's own notation."""
        stamp = rf"((?:\d\d:)?\d\d:\d\d\{mark}\d\d\d)"
        found = re.findall(rf"^{stamp} --> {stamp}", rendered(name), flags=re.MULTILINE)
        assert found
        assert all(start < end for start, end in found)

    def test_curly_braces_are_text(self):
        """They are instructions in other subtitle formats."""
        assert r"{\an8}" in rendered("srt", transcript([("SPEAKER_00", r"{\an8} top")]))
