"""What a language model writes about a transcript, and which words it may move to another
speaker.
"""

import io
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from docx import Document

from trax.enhance.acoustics import Acoustics
from trax.enhance.context import EnhancementContext
from trax.enhance.dispatch import Dispatcher
from trax.enhance.engine import Question
from trax.enhance.notes import annotate_transcript
from trax.enhance.spending import Account, Budget
from trax.errors import InvalidOption, NotFound
from trax.export import FORMATS
from trax.export.translation import translation_of
from trax.revision import Rename, apply, undone
from trax.testing import ScriptedModel, silent, transcript
from trax.transcript import Activity, Edit, EditKind, Enhancement, Transcript, Turn
from trax.work.workspace import Workspace

SAID = (
    ("SPEAKER_00", "Good morning, I am Anna Berg. Ben, please send the report by Friday."),
    ("SPEAKER_01", "Yes, I will send it. How is the weather?"),
    ("SPEAKER_00", "It rains all day, I am afraid."),
)


@pytest.fixture
def ask(workspace: Workspace) -> Callable[..., Transcript]:
    """The transcript with what a scripted model writes about it."""

    def run(
        answer: object,
        *tasks: str,
        target: str = "",
        acoustics: Acoustics | None = None,
        **more: int,
    ) -> Transcript:
        script = answer if callable(answer) else lambda _question: json.dumps(answer)
        model = ScriptedModel(script, **more)
        account = Account(workspace.spending, Budget(), model.price, "job")
        context = EnhancementContext(dispatcher=Dispatcher(model, account, workspace.answers))
        return annotate_transcript(
            transcript(SAID), tasks, context, acoustics or Acoustics(), target, lambda _share: None
        )

    return run


class TestNotes:
    def test_title_and_summary(self, ask):
        """In one line, without signs that no text has."""
        assert (
            ask({"title": "A\u202e talk\n about rain "}, "title").notes.title == "A talk about rain"
        )
        assert ask({"summary": "They talk. " * 900}, "summary").notes.summary.endswith("…")

    def test_chapters_begin_with_a_line_there_is(self, ask):
        """In order of time; others are told as dropped."""
        chapters = [
            {"n": 3, "title": "Rain"},
            {"n": 1, "title": "Opening"},
            {"n": 9, "title": "Nothing"},
        ]
        notes = ask({"chapters": chapters}, "chapters").notes
        assert [(each.start, each.title) for each in notes.chapters] == [
            (0.0, "Opening"),
            (10.0, "Rain"),
        ]
        assert notes.dropped == ("chapter 'Nothing': there is no line 9",)

    def test_an_action_needs_a_quote_that_was_said(self, ask):
        """Word for word, in the line that is named."""
        items = [
            {"n": 1, "text": "Ben sends the report", "quote": "Send the report by Friday"},
            {"n": 2, "text": "Ben sends the report", "quote": "Send the report by Friday"},
            {"n": 1, "text": "Ben buys a car", "quote": "buy a car"},
            {"n": 1, "text": "nothing", "quote": "…"},
        ]
        notes = ask({"items": items}, "actions").notes
        assert [(each.text, each.speaker, each.start) for each in notes.action_items] == [
            ("Ben sends the report", "SPEAKER_00", 0.0)
        ]
        assert len(notes.dropped) == 3

    def test_a_name_needs_a_quote_that_says_it(self, ask):
        """People decide whether it is used; then it is shown everywhere."""
        told = [
            {"speaker": "Speaker 1", "name": "Anna Berg", "n": 1, "quote": "I am Anna Berg"},
            {"speaker": "Speaker 2", "name": "Ben", "n": 1, "quote": "I am Anna Berg"},
            {"speaker": "Speaker 7", "name": "Anna Berg", "n": 1, "quote": "I am Anna Berg"},
        ]
        found = ask({"names": told}, "names")
        assert [(each.speaker, each.name) for each in found.notes.names] == [
            ("SPEAKER_00", "Anna Berg")
        ]
        assert found.display_name("SPEAKER_00") == "Speaker 1"
        named = apply(found, Rename(speaker="SPEAKER_00", name="Anna Berg"))
        assert named.display_name("SPEAKER_00") == "Anna Berg"

    def test_a_long_transcript_is_read_in_parts(self, ask):
        """Each as long as the model takes; chapters of all parts are joined."""

        def script(question: Question) -> str:
            first = int(question.user.split()[0])
            return json.dumps({"chapters": [{"n": first, "title": f"From {first}"}]})

        notes = ask(script, "chapters", context_tokens=50).notes
        assert [each.title for each in notes.chapters] == ["From 1", "From 2", "From 3"]

    def test_a_server_that_is_away_leaves_the_transcript_as_it_was(self, ask):
        """And what is missing is marked."""
        found = ask(silent, "title", "summary", "chapters")
        assert [each.task for each in found.notes.unfinished] == ["title", "summary", "chapters"]
        assert found.segments == transcript(SAID).segments

    def test_notes_are_shown_as_what_they_are(self, ask):
        """The Markdown says that a model wrote them."""
        text = FORMATS["md"].render(ask({"summary": "# They *talk*."}, "summary")).decode()
        assert "## Summary\n\n\\# They \\*talk\\*.  \n" in text
        assert "written by scripted@here, not said." in text

    def test_word_documents_have_them_too(self, ask):
        """Headings, and who wrote what stands below them."""
        answer = {"chapters": [{"n": 1, "title": "Opening"}]}
        document = Document(io.BytesIO(FORMATS["docx"].render(ask(answer, "chapters"))))
        texts = [paragraph.text for paragraph in document.paragraphs]
        assert texts[texts.index("Chapters") + 1] == "0:00 Opening"
        assert "What stands above was written by scripted@here, not said." in texts

    def test_the_summary_of_a_long_transcript_is_one(self, ask):
        """Of the parts' summaries; where that is not answered, these stand."""

        def script(question: Question) -> str:
            whole = "Part 1: of 1" in question.user
            return json.dumps(
                {"summary": "All of it." if whole else f"of {question.user.split()[0]}"}
            )

        def stubborn(question: Question) -> str:
            return "no" if "Part 1:" in question.user else script(question)

        assert (
            ask(stubborn, "summary", context_tokens=50, concurrency=1).notes.summary
            == "of 1\n\nof 2\n\nof 3"
        )
        assert ask(script, "summary", context_tokens=50).notes.summary == "All of it."


class TestTranslation:
    def test_every_segment_is_translated_at_its_own_time(self, ask):
        """Subtitles in another language stand where the speech is."""
        texts = ["Guten Morgen, ich bin Anna Berg.", "Ja, mache ich.", "Es regnet."]
        answer = {"sentences": [{"n": n, "text": text} for n, text in enumerate(texts, start=1)]}
        found = translation_of(ask(answer, "translate", target="de"), "de")
        assert [segment.text for segment in found.segments] == texts
        assert [(segment.start, segment.end) for segment in found.segments] == [
            (0, 5),
            (5, 10),
            (10, 15),
        ]
        assert all(5 <= word.start <= word.end <= 10 for word in found.segments[1].words)
        assert "Ja, mache ich." in FORMATS["srt"].render(found).decode()
        assert found.language == "de"

    def test_a_line_that_was_not_translated_keeps_its_words(self, ask):
        """And is marked."""
        found = ask({"sentences": [{"n": 1, "text": "Guten Morgen."}]}, "translate", target="de")
        assert len(found.notes.unfinished) == 2
        assert translation_of(found, "de").segments[1] == found.segments[1]

    def test_a_language_that_there_is_none_of_is_said(self, ask):
        """With what to do about it."""
        with pytest.raises(NotFound, match="translate the recording into that language first"):
            translation_of(ask({"title": "x"}, "title"), "fr")


@pytest.mark.slow
class TestSpeakers:
    MOVED = {  # noqa: RUF012
        "lines": [
            {
                "speaker": "1",
                "text": "Good morning, I am Anna Berg. Ben, please send the report by",
            },
            {"speaker": "2", "text": "Friday. Yes, I will send it. How is the weather?"},
            {"speaker": "1", "text": "It rains all day, I am afraid."},
        ]
    }

    def test_a_word_moves_where_the_sound_allows_it(self, ask):
        """Its speaker was doubtful, and the other one speaks there."""
        both = Activity(
            {
                "SPEAKER_00": "9" * 90 + "5" * 10 + "0" * 200,
                "SPEAKER_01": "0" * 90 + "5" * 10 + "9" * 200,
            }
        )
        found = ask(self.MOVED, "speakers", acoustics=Acoustics((), both))
        assert [segment.text.split()[0] for segment in found.segments] == [
            "Good",
            "Friday.",
            "Yes,",
            "It",
        ]
        assert [segment.speaker for segment in found.segments][1] == "SPEAKER_01"
        assert [edit.rejected for edit in found.notes.edits] == [""]

    def test_a_word_stays_where_the_sound_speaks_against_it(self, ask):
        """Whoever it is to go to says nothing there; the move is listed with the reason."""
        clear = Activity({"SPEAKER_00": "9" * 100 + "0" * 200, "SPEAKER_01": "0" * 100 + "9" * 200})
        found = ask(self.MOVED, "speakers", acoustics=Acoustics((), clear))
        assert found.segments == transcript(SAID).segments
        assert [edit.rejected for edit in found.notes.edits] == ["the sound speaks against it"]

    def test_without_probabilities_turns_decide(self, ask):
        """Only a doubtful word next to the other one's turn moves."""
        turns = (Turn(0, 5, "SPEAKER_00"), Turn(5, 10, "SPEAKER_01"))
        found = ask(self.MOVED, "speakers", acoustics=Acoustics(turns))
        assert [edit.rejected for edit in found.notes.edits] == ["the sound speaks against it"]

    @pytest.mark.parametrize(
        "lines",
        [
            [],
            [{"speaker": "1", "text": "all of it is mine and it is something else"}],
            [{"speaker": "9", "text": "nobody"}, {"speaker": "x", "text": "- - -"}],
            [{"speaker": "2", "text": "Good"}, {"speaker": "1", "text": "morning 你好"}],
        ],
    )
    def test_words_never_change_whatever_is_answered(self, ask, lines):
        """Words that the model writes do not count."""
        clear = Activity({"SPEAKER_00": "9" * 100 + "0" * 200, "SPEAKER_01": "0" * 100 + "9" * 200})
        found = ask({"lines": lines}, "speakers", acoustics=Acoustics((), clear))
        assert found.text == transcript(SAID).text


class TestUndoing:
    def transcript(self) -> Transcript:
        """One in which two words became one, and a word another."""
        plain = transcript(SAID)
        edits = (
            Edit(0.0, 5 / 13 * 2, EditKind.WORDING, "correct", "Goot mourning,", "Good morning,"),
            Edit(1.0, 2.0, EditKind.WORDING, "correct", "a", "b", "it sounds different"),
        )
        return replace(plain, enhancement=Enhancement(model="m", edits=edits))

    def test_what_was_there_before_comes_back_at_its_time(self):
        """And the edit is no longer listed."""
        before = self.transcript()
        after = undone(before, [1])
        assert after.text.startswith("Goot mourning, I am")
        assert [(word.start, word.end) for word in after.words] == [
            (word.start, word.end) for word in before.words
        ]
        assert [edit.rejected for edit in after.enhancement.edits] == ["it sounds different"]
        assert undone(before) == after

    def test_an_edit_whose_words_were_changed_since_is_not_undone_alone(self):
        """One sentence says why; all together can be."""
        plain = self.transcript()
        later = Edit(0.0, 5 / 13 * 2, EditKind.FORM, "punctuate", "Good morning;", "Good morning,")
        edits = (replace(plain.enhancement.edits[0], after="Good morning;"), later)
        both = replace(plain, enhancement=Enhancement(model="m", edits=edits))
        with pytest.raises(InvalidOption, match="changed again since"):
            undone(both, [1])
        assert undone(both).text.startswith("Goot mourning, I am")

    @pytest.mark.parametrize("number", [2, 3, 0])
    def test_what_was_never_made_cannot_be_undone(self, number):
        """One sentence says so."""
        with pytest.raises(NotFound, match="edit that was made"):
            undone(self.transcript(), [number])
