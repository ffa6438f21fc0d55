"""Every export is read back by a reader that other people wrote."""

import csv
import html
import io
import re
import unicodedata
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import meeteval
import pysubs2
import pytest
import srt
import webvtt
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from trax.errors import NotFound
from trax.export import FORMATS, known_formats
from trax.export.cues import cues
from trax.export.notes import sections
from trax.export.paragraphs import paragraphs
from trax.export.translation import translation_of
from trax.testing import transcript
from trax.transcript import ActionItem, Chapter, Notes, Segment, Transcript, Turn, Word
from trax.transcript.codec import from_json

SVG = "{http://www.w3.org/2000/svg}"
SPOKEN = ("text", "softbreak", "hardbreak", "strong_open", "strong_close", "text_special")
COLUMNS = ["start", "end", "speaker", "name", "confidence", "text"]

spoken = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=12
)
letters = st.from_regex(r"[A-Za-zÄÖÜäöüß]{1,12}", fullmatch=True)


@st.composite
def documents(draw: st.DrawFn, word: st.SearchStrategy[str] = spoken) -> Transcript:
    """A conversation of words that *word* draws."""
    said = []
    for _ in range(draw(st.integers(1, 5))):
        speaker = draw(st.sampled_from(["SPEAKER_00", "SPEAKER_01"]))
        text = " ".join(draw(st.lists(word, min_size=1, max_size=9)))
        said.append((speaker, text))
    return transcript(said)


def rendered(name: str, document: Transcript) -> str:
    """A document in one format."""
    return FORMATS[name].render(document).decode()


def squeezed(text: str) -> str:
    """A text without its spaces."""
    return "".join(plain(text).split())


def plain(text: str) -> str:
    """Words alone, whatever lines they are in."""
    return " ".join(text.split())


class TestTables:
    @given(documents())
    def test_csv_gives_every_text_back(self, document):
        """With an apostrophe before what a spreadsheet would run."""
        rows = list(csv.DictReader(io.StringIO(rendered("csv", document), newline="")))
        for row, segment in zip(rows, document.segments, strict=True):
            assert list(row) == COLUMNS
            assert row["text"].removeprefix("'") == segment.text.removeprefix("'")
            assert not row["text"].startswith(("=", "+", "-", "@"))
            assert float(row["start"]) == pytest.approx(segment.start, abs=0.0005)

    @given(documents())
    def test_tsv_gives_every_text_back(self, document):
        """No quotes are needed: a text has neither tabs nor line ends."""
        header, *rows = [line.split("\t") for line in rendered("tsv", document)[:-1].split("\n")]
        assert header == COLUMNS
        assert [row[5] for row in rows] == [segment.text for segment in document.segments]
        assert [row[2] for row in rows] == [segment.speaker for segment in document.segments]

    def test_what_is_not_known_is_empty(self):
        """No speaker, no confidence; the name says that nobody knows."""
        segment = Segment(0, 1, (Word(0, 1, "so"),))
        document = replace(transcript(), segments=(segment,))
        row = rendered("tsv", document).splitlines()[1].split("\t")
        assert (row[2], row[4], row[5]) == ("", "", "so")


class TestInterchange:
    @given(documents(letters))
    def test_meeteval_reads_turns(self, document):
        """Speaker, start and end of each."""
        lines = meeteval.io.RTTM.parse(rendered("rttm", document)).lines
        found = [(line.speaker_id, float(line.begin_time), float(line.duration)) for line in lines]
        assert found == [(turn.speaker, turn.start, turn.duration) for turn in document.turns]

    @given(documents(letters))
    def test_meeteval_reads_words(self, document):
        """Each with its time and confidence."""
        lines = meeteval.io.CTM.parse(rendered("ctm", document)).lines
        assert [line.word for line in lines] == [word.text for word in document.words]
        assert all(float(line.confidence) == 0.9 for line in lines)
        for line, word in zip(lines, document.words, strict=True):
            assert float(line.begin_time) == pytest.approx(word.start, abs=0.0005)

    @given(documents(letters))
    def test_meeteval_reads_segments(self, document):
        """Each with its speaker and its words."""
        lines = meeteval.io.STM.parse(rendered("stm", document)).lines
        found = [(line.speaker_id, line.transcript) for line in lines]
        assert found == [(segment.speaker, segment.text) for segment in document.segments]

    @pytest.mark.parametrize(("name", "field"), [("a b\tc", "a_b_c"), (" ", "_"), ("x", "x")])
    def test_a_name_is_one_field(self, name, field):
        """Spaces would make several."""
        document = transcript()
        document = replace(document, recording=replace(document.recording, name=name))
        for format_name, column in (("rttm", 1), ("ctm", 0), ("stm", 0)):
            assert rendered(format_name, document).split(" ")[column] == field

    @pytest.mark.parametrize(
        "labels",
        [
            ("Anna Berg", "Ben\tOde"),
            ("Anna\u00a0Berg", "Anna Berg"),
            ("Anna  Berg", "Anna_Berg"),
            ("", "unknown"),
            (";Anna", "#Ben"),
            (" ", "Ann\u3000e"),
        ],
    )
    def test_a_label_is_one_field_of_its_own(self, labels):
        """Whatever people call each other; two of them stay two."""
        turns = tuple(Turn(float(at), at + 1.0, label) for at, label in enumerate(labels))
        segments = tuple(
            Segment(turn.start, turn.end, (Word(turn.start, turn.end, "hello"),), turn.speaker)
            for turn in turns
        )
        document = replace(transcript(), segments=segments, turns=turns)
        stm = meeteval.io.STM.parse(rendered("stm", document)).lines
        rttm = meeteval.io.RTTM.parse(rendered("rttm", document)).lines
        assert [line.transcript for line in stm] == ["hello", "hello"]
        assert len({line.speaker_id for line in stm}) == 2
        assert [line.speaker_id for line in rttm] == [line.speaker_id for line in stm]

    @pytest.mark.parametrize("name", ["rttm", "ctm", "stm"])
    def test_lines_are_in_order_of_time(self, name):
        """When people talk at once, too: SCTK wants it."""
        first = Segment(0.0, 6.0, (Word(0.0, 1.0, "well"), Word(5.0, 6.0, "then")), "A")
        second = Segment(2.0, 3.0, (Word(2.0, 3.0, "no"),), "B")
        turns = (Turn(2.0, 3.0, "B"), Turn(0.0, 6.0, "A"))
        document = replace(transcript(), segments=(first, second), turns=turns)
        if name == "stm":
            document = replace(document, segments=(second, first))
        lines = [line.split() for line in rendered(name, document).splitlines()]
        starts = [float(line[2 if name == "ctm" else 3]) for line in lines]
        assert starts == sorted(starts)
        assert len(starts) == (3 if name == "ctm" else 2)

    @pytest.mark.parametrize("name", [";a", ";; note", "#a.wav"])
    def test_no_line_is_a_comment(self, name):
        """A recording's name begins it."""
        document = transcript()
        document = replace(document, recording=replace(document.recording, name=name))
        assert len(meeteval.io.STM.parse(rendered("stm", document)).lines) == 3
        words = meeteval.io.CTM.parse(rendered("ctm", document)).lines
        assert len(words) == len(document.words)

    def test_a_word_without_letters_has_no_line(self):
        """It would be one field short."""
        segment = Segment(0, 1, (Word(0, 0.5, " "), Word(0.5, 1, "10\u00a0000")))
        document = replace(transcript(), segments=(segment,))
        assert [line.word for line in meeteval.io.CTM.parse(rendered("ctm", document)).lines] == [
            "10_000"
        ]

    def test_what_is_not_known_is_left_out(self):
        """A speaker is called unknown; a word without confidence has five fields."""
        segment = Segment(0, 1, (Word(0, 1, "so"),))
        document = replace(transcript(), segments=(segment,))
        assert rendered("stm", document).split()[2] == "unknown"
        assert len(rendered("ctm", document).split()) == 5


class TestSubtitles:
    @given(documents(letters))
    def test_pysubs2_reads_srt(self, document):
        """Every word, at its cue's time to the millisecond."""
        file = pysubs2.SSAFile.from_string(rendered("srt", document), "srt")
        text = plain(" ".join(event.plaintext for event in file))
        said = re.sub(r"\[Speaker \d\] ?", "", text)
        assert said == plain(document.text)
        assert all(event.start < event.end for event in file)

    @given(documents(letters))
    def test_pysubs2_reads_vtt(self, document):
        """As many cues as were laid out, with the same times."""
        file = pysubs2.SSAFile.from_string(rendered("vtt", document), "vtt")
        laid_out = cues(document.segments)
        assert [event.start for event in file] == [round(cue.start * 1000) for cue in laid_out]
        said = re.sub(r"<[^>]*>", "", " ".join(event.text for event in file))
        assert plain(said.replace(r"\N", " ")) == plain(document.text)

    @pytest.mark.parametrize(
        "text",
        [
            r"C:\new\Notes and \nothing",
            r"\h is \N not {\an8} and {\p1}",
            "a < b & c > d --> e",
            "&amp; <b>bold</b> &lt;unk>",
            "a\u2028b\x0bc\x85d\x01e",
            "NOTE that STYLE 1",
            "WEBVTT",
            "100 \\",
            "\u200fשלום\u200e",
        ],
    )
    def test_a_text_comes_back_as_it_was_said(self, text):
        """A backslash is no line break, an ampersand no entity, a control no line end."""
        document = transcript([("SPEAKER_00", text)])
        said = plain(re.sub("[\x00-\x1f\x85\u2028]", " ", text))
        in_srt = [cue.content for cue in srt.parse(rendered("srt", document))]
        assert plain(" ".join(in_srt)) == said
        buffer = io.StringIO(rendered("vtt", document))
        in_vtt = [html.unescape(cue.text) for cue in webvtt.from_buffer(buffer)]
        assert plain(" ".join(in_vtt)) == said

    @given(documents())
    def test_every_reader_gives_every_text_back(self, document):
        """Whatever signs are in it; where a line ends within an unspaced word, no sign stands."""
        cue_texts = [cue.content for cue in srt.parse(rendered("srt", document))]
        text = re.sub(r"\[Speaker \d\] ", "", plain(" ".join(cue_texts)))
        assert squeezed(text) == squeezed(document.text)
        read = webvtt.from_buffer(io.StringIO(rendered("vtt", document)))
        text = html.unescape(" ".join(cue.text for cue in read))
        assert squeezed(text) == squeezed(document.text)

    def test_webvtt_py_reads_voices_and_times(self):
        """A name may hold markup, too."""
        document = transcript()
        named = replace(document.speakers[0], name="A <b> & C\nD")
        document = replace(document, speakers=(named, *document.speakers[1:]))
        read = list(webvtt.from_buffer(io.StringIO(rendered("vtt", document))))
        assert html.unescape(read[0].voice) == "A <b> & C D"
        assert [cue.start_in_seconds for cue in read[:3]] == [0, 5, 10]

    def test_a_recording_may_last_for_days(self):
        """Hours have as many digits as they need."""
        segment = Segment(360_000.0, 360_001.0, (Word(360_000.0, 360_001.0, "so"),))
        document = replace(transcript(), segments=(segment,))
        assert "100:00:00,000 --> 100:00:01,000" in rendered("srt", document)

    def test_a_cue_lasts_a_millisecond_at_least(self):
        """Players drop cues that end when they begin."""
        segments = (
            Segment(1.0, 1.0, (Word(1.0, 1.0, "Oh"),), "SPEAKER_00"),
            Segment(1.0, 2.0, (Word(1.0, 2.0, "no"),), "SPEAKER_01"),
        )
        file = pysubs2.SSAFile.from_string(
            rendered("srt", replace(transcript(), segments=segments)), "srt"
        )
        assert all(event.end > event.start for event in file)

    def test_a_name_stands_where_the_speaker_changes(self):
        """Not before every cue."""
        said = [("SPEAKER_00", "One."), ("SPEAKER_00", "Two."), ("SPEAKER_01", "Three.")]
        names = re.findall(r"\[.*?\]", rendered("srt", transcript(said)))
        assert names == ["[Speaker 1]", "[Speaker 2]"]

    def test_a_cue_of_nobody_has_no_voice_tag(self):
        """An unknown speaker has no name."""
        segment = Segment(0, 1, (Word(0, 1, "so"),))
        assert "<v" not in rendered("vtt", replace(transcript(), segments=(segment,)))


class TestDocuments:
    @given(documents())
    def test_json_comes_back_equal(self, document):
        """Whatever was said."""
        assert from_json(Transcript, FORMATS["json"].render(document), "x") == document

    @given(documents(letters))
    def test_text_and_paragraphs_say_the_same(self, document):
        """A line for each paragraph."""
        lines = rendered("txt", document).strip().split("\n\n")
        assert lines == [f"{part.name}: {part.text}" for part in paragraphs(document)]

    def test_word_reads_paragraphs_in_order(self):
        """Name in bold, time, words."""
        document = Document(io.BytesIO(FORMATS["docx"].render(transcript())))
        turns = [each for each in document.paragraphs if each.runs and each.runs[0].bold]
        texts = [each.runs[-1].text for each in turns]
        assert texts == [part.text for part in paragraphs(transcript())]
        assert turns[1].runs[0].text == "Speaker 2"
        assert turns[1].runs[1].text.strip() == "0:05"

    @pytest.mark.parametrize(
        ("text", "to_the_left"),
        [
            ("שלום לכולם. מה שלומכם היום?", True),
            ("مرحبا بالجميع، كيف حالكم اليوم؟", True),
            ("سلام، حال شما چطور است؟ ۱۲۳", True),
            ("آپ کیسے ہیں؟", True),
            ("Zoom הודיעה אתמול על GPT-4 חדש.", True),
            ("He said שלום and left.", False),
            ("Hello there.", False),
            ("12, 13.", False),
        ],
    )
    def test_word_reads_the_way_that_text_runs(self, text, to_the_left):
        """Of the paragraph, and of every run: letters that run to the right are never marked."""
        document = transcript([("SPEAKER_00", text)])
        notes = Notes(model="m", title=text, summary=text)
        read = Document(io.BytesIO(FORMATS["docx"].render(replace(document, notes=notes))))
        said = [each for each in read.paragraphs if text in each.text]
        assert len(said) == 3
        for paragraph in said:
            marked = paragraph._p.find("./w:pPr/w:bidi", paragraph._p.nsmap) is not None
            assert marked == to_the_left
            runs = paragraph.runs[2:] if paragraph.runs[0].bold else paragraph.runs
            assert "".join(run.text for run in runs) == text
            for run in runs:
                kinds = {unicodedata.bidirectional(letter) for letter in run.text}
                assert not kinds & ({"L"} if run.font.rtl else {"R", "AL", "AN"})
            assert bool(runs[-1].font.rtl) == to_the_left

    def test_a_name_that_runs_to_the_left_is_bold_there(self):
        """Word has a property of its own for it."""
        document = transcript([("SPEAKER_00", "שלום")])
        named = (replace(document.speakers[0], name="דנה"),)
        read = Document(io.BytesIO(FORMATS["docx"].render(replace(document, speakers=named))))
        name = next(each for each in read.paragraphs if each.text.startswith("דנה")).runs[0]
        assert (name.font.rtl, name.font.cs_bold, name.bold) == (True, True, True)

    def test_word_has_title_and_author(self):
        """In the properties of the file, without signs that XML does not allow."""
        notes = Notes(model="m", title="A \x01talk")
        document = replace(transcript(), notes=notes)
        properties = Document(io.BytesIO(FORMATS["docx"].render(document))).core_properties
        assert (properties.title, properties.author) == ("A talk", "Trax")

    @given(documents())
    def test_markdown_has_a_heading_and_a_name_for_each_paragraph(self, document):
        """What is said adds no markup of its own."""
        text = rendered("md", document)
        names = re.findall(r"^\*\*Speaker \d\*\* \(\d+:\d\d\)  $", text, flags=re.MULTILINE)
        assert len(names) == len(list(paragraphs(document)))
        assert len(re.findall(r"^# ", text, flags=re.MULTILINE)) == 1

    @pytest.mark.parametrize(
        "text",
        ["1. one", "2) two", "- item", "+ more", "===", "---", "~~~", "a &amp; b", "* x", "# y"],
    )
    def test_markdown_gives_every_text_back(self, text):
        """What looks like a list, a rule, a heading or an entity was said."""
        read = MarkdownIt().parse(rendered("md", transcript([("SPEAKER_00", text)])))
        paragraph = [token for token in read if token.type == "inline"][-1]
        said = "".join(part.content or "\n" for part in paragraph.children)
        assert said.split("\n")[-1] == text

    @given(documents())
    def test_markdown_gives_any_text_back(self, document):
        """Whatever signs are in it."""
        read = MarkdownIt().parse(rendered("md", document))
        inline = [token for token in read if token.type == "inline"][
            -len(list(paragraphs(document))) :
        ]
        texts = []
        for token in inline:
            assert all(part.type in SPOKEN for part in token.children), token.children
            texts.append("".join(part.content or "\n" for part in token.children).split("\n")[-1])
        assert texts == [part.text for part in paragraphs(document)]

    @given(st.lists(st.floats(0, 14.9), max_size=5))
    def test_paragraphs_begin_where_they_are_said_to(self, wanted):
        """At a word, and never without words."""
        document = transcript()
        starts = {word.start for word in document.words}
        chosen = sorted({min(starts, key=lambda start: abs(start - each)) for each in wanted})
        parts = list(paragraphs(replace(document, paragraphs=tuple(chosen))))
        assert {part.start for part in parts} >= set(chosen)
        assert " ".join(part.text for part in parts) == document.text
        assert all(part.text for part in parts)


class TestNotes:
    notes = Notes(
        model="m@here",
        title="A talk",
        summary="One.\n\nTwo.",
        chapters=(Chapter(61.0, "Opening"),),
        action_items=(ActionItem("Send it", 5.0, "send it"),),
    )

    def test_every_kind_has_a_heading(self):
        """In the order in which people read; who wrote it comes last."""
        assert dict(sections(self.notes)) == {
            "Summary": ["One.", "Two."],
            "Chapters": ["1:01 Opening"],
            "To do": ["0:05 Send it"],
            "Transcript": ["What stands above was written by m@here, not said."],
        }

    @pytest.mark.parametrize("notes", [None, Notes(model="m"), Notes(model="m", title="A talk")])
    def test_a_title_alone_makes_no_section(self, notes):
        """It stands above everything."""
        assert list(sections(notes)) == []

    @pytest.mark.parametrize("left_out", ["summary", "chapters", "action_items"])
    def test_a_kind_that_is_missing_has_no_heading(self, left_out):
        """An empty heading looks like a fault."""
        notes = replace(self.notes, **{left_out: type(getattr(self.notes, left_out))()})
        assert len(list(sections(notes))) == 3


class TestPicture:
    @given(st.lists(st.tuples(st.floats(0, 90), st.floats(0, 10)), max_size=30))
    def test_bars_lie_within_the_picture_and_apart(self, times):
        """In order of time, no two closer than a pixel."""
        turns = tuple(Turn(start, start + length, "SPEAKER_00") for start, length in sorted(times))
        document = transcript()
        recording = replace(document.recording, duration=100.0)
        root = ElementTree.fromstring(
            FORMATS["svg"].render(replace(document, turns=turns, recording=recording))
        )
        bars = [each for each in root.iter(f"{SVG}rect") if each.get("rx")]
        edges = [(float(each.get("x", 0)), float(each.get("width", 0))) for each in bars]
        assert all(x >= 150 and x + width <= 941 for x, width in edges)
        for (x, width), (following, _) in pairwise(edges):
            assert following - (x + width) > 0.7

    @pytest.mark.parametrize("duration", [0.0, 1.0, 59.0, 600.0, 36_000.0, 400_000.0])
    def test_the_axis_has_few_ticks(self, duration):
        """However long a recording is; the first one is zero."""
        document = transcript()
        recording = replace(document.recording, duration=duration)
        root = ElementTree.fromstring(
            FORMATS["svg"].render(replace(document, turns=(), recording=recording))
        )
        ticks = [
            each.text for each in root.iter(f"{SVG}text") if each.get("text-anchor") == "middle"
        ]
        assert ticks[0] == "0:00"
        assert len(ticks) <= 10 or duration > 9 * 14_400

    def test_a_long_name_is_cut(self):
        """It must not run into the bars."""
        document = transcript()
        named = replace(document.speakers[0], name="Bartholomew of Nazareth")
        text = rendered("svg", replace(document, speakers=(named, *document.speakers[1:])))
        assert "Bartholomew of Na…<" in text


class TestTranslation:
    @given(st.lists(st.text(max_size=40), min_size=3, max_size=3))
    def test_words_share_the_time_of_their_segment(self, texts):
        """In order, within it, from its start to its end."""
        notes = Notes(model="m", translations={"de": tuple(texts)})
        document = translation_of(replace(transcript(), notes=notes), "de")
        for segment, before, text in zip(
            document.segments, transcript().segments, texts, strict=True
        ):
            assert (segment.start, segment.end) == (before.start, before.end)
            if text:
                assert [word.text for word in segment.words] == text.split()
            else:
                assert segment == before
            for word in segment.words:
                assert segment.start <= word.start <= word.end <= segment.end

    def test_longer_words_take_longer(self):
        """In proportion to their letters."""
        notes = Notes(model="m", translations={"de": ("a abcd", "", "")})
        first = translation_of(replace(transcript(), notes=notes), "de").segments[0]
        assert [word.duration for word in first.words] == pytest.approx([1.0, 4.0])

    @pytest.mark.parametrize("notes", [None, Notes(model="m", translations={"de": ("", "", "")})])
    def test_a_missing_translation_is_not_found(self, notes):
        """Whether there are notes or not."""
        with pytest.raises(NotFound, match="fr"):
            translation_of(replace(transcript(), notes=notes), "fr")


class TestFormats:
    @given(st.lists(st.sampled_from(list(FORMATS)), max_size=8))
    def test_names_are_kept_in_order_and_once(self, names):
        """However they are written."""
        typed = [f" .{name.upper()} " for name in names]
        assert known_formats(typed) == tuple(dict.fromkeys(names))

    def test_every_format_describes_itself(self):
        """For lists, and for browsers."""
        for each in FORMATS.values():
            assert each.summary
            assert re.fullmatch(r"[\w.+-]+/[\w.+-]+(; charset=utf-8)?", each.media_type)
