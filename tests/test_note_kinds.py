"""Each kind of note: what must be said, what happens without an answer, how parts are joined."""

import json
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trax.enhance import Question
from trax.enhance.acoustics import Acoustics
from trax.enhance.notes import annotate_transcript
from trax.enhance.notes.text import MOST_TITLE, contains_words, one_line
from trax.enhance.privacy import Mask
from trax.enhance.speaker_transfer import SpokenText, transferred_speakers
from trax.enhance.spending import Budget
from trax.testing import ScriptedModel, silent, transcript
from trax.testing.memory import MemoryAnswers, memory_context
from trax.transcript import Activity, Doubt, Notes, Transcript, Turn, Word

SAID = (
    ("SPEAKER_00", "Good morning, I am Anna Berg. Ben, please send the report by Friday."),
    ("SPEAKER_01", "Yes, I will send it. How is the weather?"),
    ("SPEAKER_00", "It rains all day, I am afraid."),
)
KINDS = (
    "title",
    "summary",
    "chapters",
    "actions",
    "names",
    "translate",
    pytest.param("speakers", marks=pytest.mark.slow),
)
ANSWERS = {
    "title": {"title": "A talk"},
    "summary": {"summary": "They talk."},
    "chapters": {"chapters": [{"n": 1, "title": "Opening"}]},
    "actions": {"items": [{"n": 1, "text": "Send it", "quote": "send the report"}]},
    "names": {
        "names": [{"speaker": "Speaker 1", "name": "Anna Berg", "n": 1, "quote": "I am Anna Berg"}]
    },
    "translate": {"sentences": [{"n": n, "text": f"Satz {n}"} for n in (1, 2, 3)]},
    "speakers": {"lines": [{"speaker": "2", "text": "Good morning"}]},
}

Script = Callable[[Question], str]


def answer(question: Question) -> str:
    """A good answer to every kind of question."""
    return json.dumps(ANSWERS[question.task])


def annotated(
    script: Script | dict[str, object],
    *tasks: str,
    answers: MemoryAnswers | None = None,
    budget: Budget | None = None,
    mask: Mask | None = None,
    said: Sequence[tuple[str, str]] = SAID,
    **more: object,
) -> Transcript:
    """The transcript with what a scripted model writes about it."""
    chosen = script if callable(script) else lambda _question: json.dumps(script)
    model = ScriptedModel(chosen, **more)  # type: ignore[arg-type]
    context = memory_context(model, answers, budget, mask)
    return annotate_transcript(
        transcript(said), tasks, context, Acoustics(), "de", lambda _share: None
    )


def notes_of(*arguments: object, **more: object) -> Notes:
    """What is written about the transcript."""
    notes = annotated(*arguments, **more).notes  # type: ignore[arg-type]
    assert notes is not None
    return notes


def written(notes: Notes) -> list[object]:
    """Everything that notes hold of what a model wrote."""
    texts = [text for each in notes.translations.values() for text in each if text]
    return [
        each
        for each in (notes.title, notes.summary, *notes.chapters, *notes.action_items, *notes.names)
        if each
    ] + [*texts, *notes.edits]


class TestEveryKind:
    @pytest.mark.parametrize("kind", KINDS)
    def test_a_good_answer_is_written(self, kind):
        """And costs one question."""
        notes = notes_of(answer, kind)
        assert written(notes)
        assert notes.usage.requests == 1
        assert notes.unfinished == ()

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("problem", ["the answer was cut off", "the answer is empty"])
    def test_an_unusable_answer_leaves_the_part_unfinished(self, kind, problem):
        """Nothing is written, it is paid for, and people are warned."""
        found = annotated(answer, kind, problem=problem)
        assert written(found.notes) == []
        assert {each.reason for each in found.notes.unfinished} == {problem}
        assert found.notes.usage.cost > 0
        assert found.warnings[-1].startswith(f"{kind}: ")
        assert found.text == transcript(SAID).text

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("text", ["{}", "[]", '{"title": 5}', "Sure! Here it is:"])
    def test_an_answer_of_another_form_leaves_the_part_unfinished(self, kind, text):
        """A model may write anything."""
        notes = notes_of(lambda _question: text, kind)
        reason = "the answer is not the JSON that was asked for"
        assert {each.reason for each in notes.unfinished} == {reason}
        assert written(notes) == []

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_spent_budget_asks_nothing(self, kind):
        """And says which budget it is."""
        notes = notes_of(answer, kind, budget=Budget(day=0.0))
        assert {each.reason for each in notes.unfinished} == {"the budget of $0 a day is used up"}
        assert notes.usage.requests == 0
        assert written(notes) == []

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_second_run_asks_nothing(self, kind):
        """Answers are stored as they came, evidence is checked again."""
        answers = MemoryAnswers()
        first = notes_of(answer, kind, answers=answers)
        second = notes_of(silent, kind, answers=answers)
        assert written(second) == written(first)
        assert (second.usage.requests, second.usage.cost) == (0, 0.0)
        assert second.usage.reused > 0

    @pytest.mark.parametrize("kind", KINDS)
    def test_the_prompt_is_recorded(self, kind):
        """So that people know which one wrote it."""
        notes = notes_of(answer, kind)
        assert list(notes.tasks) == [kind]
        assert notes.tasks[kind].startswith(f"{kind}-")

    def test_a_failed_part_is_missing_alone(self):
        """What the others say is written."""

        def script(question: Question) -> str:
            first = int(question.user.split()[0])
            if first == 2:
                return "no"
            return json.dumps({"chapters": [{"n": first, "title": f"From {first}"}]})

        notes = notes_of(script, "chapters", context_tokens=50)
        assert [each.title for each in notes.chapters] == ["From 1", "From 3"]
        assert [(each.start, each.end) for each in notes.unfinished] == [(5.0, 10.0)]

    @pytest.mark.slow
    def test_speakers_are_corrected_before_anything_is_written(self):
        """Names and actions depend on who speaks."""
        order: list[str] = []

        def script(question: Question) -> str:
            order.append(question.task)
            return answer(question)

        annotated(script, "title", "names", "speakers", concurrency=1)
        assert order[0] == "speakers"


class TestEvidence:
    quotes = st.lists(
        st.sampled_from(["send", "the", "report", "by", "Friday,", "nobody", "it", "rains"])
    )

    @given(st.integers(-1, 5), quotes)
    def test_no_action_is_kept_whose_quote_was_not_said(self, line, quote):
        """In the line that it names; what is left out is listed."""
        text = " ".join(quote)
        item = {"n": line, "text": "Do it", "quote": text}
        notes = notes_of({"items": [item]}, "actions")
        assert len(notes.action_items) + len(notes.dropped) == 1
        for each in notes.action_items:
            assert contains_words(SAID[line - 1][1], text)
            assert each.start == (line - 1) * 5.0

    @given(st.sampled_from(["Speaker 1", " speaker 2 ", "Anna", ""]), st.integers(0, 4), quotes)
    def test_no_name_is_proposed_that_its_quote_does_not_say(self, speaker, line, quote):
        """By a speaker of the recording, in the line that is named."""
        text = " ".join(quote)
        item = {"speaker": speaker, "name": "Friday", "n": line, "quote": text}
        notes = notes_of({"names": [item]}, "names")
        assert len(notes.names) + len(notes.dropped) == 1
        for each in notes.names:
            assert each.speaker in ("SPEAKER_00", "SPEAKER_01")
            assert contains_words(text, "Friday")

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"speaker": "Speaker 9"}, "there is no such speaker"),
            ({"n": 2}, "its quote is not in the transcript"),
            ({"n": 0}, "its quote is not in the transcript"),
            ({"name": "Ben"}, "its quote does not say it"),
        ],
    )
    def test_a_name_without_evidence_is_listed_with_the_reason(self, changes, reason):
        """People see what a model made up."""
        good = {"speaker": "Speaker 1", "name": "Anna Berg", "n": 1, "quote": "I am Anna Berg"}
        proposed = good | changes
        notes = notes_of({"names": [proposed]}, "names")
        assert notes.dropped == (f"name {proposed['name']!r}: {reason}",)

    def test_of_several_names_for_a_speaker_the_first_stays(self):
        """A model that contradicts itself is not asked again."""
        quote = {"n": 1, "quote": "I am Anna Berg. Ben"}
        names = ("Anna Berg", "Ben", "Anna")
        pair = [{"speaker": "Speaker 1", "name": name, **quote} for name in names]
        assert [each.name for each in notes_of({"names": pair}, "names").names] == ["Anna Berg"]

    def test_of_chapters_that_begin_at_once_the_first_stays(self):
        """A chapter needs a title and a line."""
        chapters = [
            {"n": 2, "title": "Second"},
            {"n": 2, "title": "Again"},
            {"n": 3, "title": " \n"},
            {"n": 4, "title": "Beyond"},
        ]
        notes = notes_of({"chapters": chapters}, "chapters")
        assert [each.title for each in notes.chapters] == ["Second"]
        assert len(notes.dropped) == 2

    def test_a_line_of_another_part_is_no_evidence(self):
        """A part can quote only what it was sent."""

        def script(_question: Question) -> str:
            return json.dumps({"chapters": [{"n": 1, "title": "Opening"}]})

        notes = notes_of(script, "chapters", context_tokens=50)
        assert len(notes.chapters) == 1
        assert len(notes.dropped) == 2


class TestParts:
    def test_a_title_needs_the_first_part_alone(self):
        """A recording says what it is about when it begins."""
        model_calls: list[str] = []

        def script(question: Question) -> str:
            model_calls.append(question.user)
            return answer(question)

        annotated(script, "title", context_tokens=50)
        assert [text.split()[0] for text in model_calls] == ["1"]

    @pytest.mark.parametrize("context_tokens", [1, 30, 50, 100, 8000])
    def test_every_line_is_sent_once(self, context_tokens):
        """Numbered through, whatever the model takes."""
        sent: list[str] = []

        def script(question: Question) -> str:
            sent.append(question.user)
            return json.dumps({"chapters": []})

        annotated(script, "chapters", context_tokens=context_tokens, concurrency=1)
        rows = "\n".join(sent).splitlines()
        assert [row.split()[0] for row in rows] == ["1", "2", "3"]

    @pytest.mark.slow
    def test_hidden_names_are_hidden_in_every_line(self):
        """Speakers have numbers, and what comes back is shown again."""
        sent: list[str] = []

        def script(question: Question) -> str:
            sent.append(question.user)
            return json.dumps({"title": "[NAME_1] talks"})

        mask = Mask(["Anna Berg"])
        found = notes_of(script, "title", mask=mask)
        assert "Anna" not in sent[0]
        assert sent[0].startswith("1 Speaker 1: Good morning, I am [NAME_1] [NAME_2].")
        assert found.title == "Anna talks"


class TestTexts:
    @given(st.text(max_size=300), st.integers(1, 250))
    def test_a_written_text_is_one_printable_line(self, text, most):
        """Signs that turn lines round or hide do not get into exports."""
        line = one_line(text, most)
        assert len(line) <= most
        assert line.isprintable()
        assert line == " ".join(line.split())

    def test_a_long_title_ends_with_an_ellipsis(self):
        """So that people see it was cut."""
        title = notes_of({"title": "word " * 100}, "title").title
        assert len(title) <= MOST_TITLE
        assert title.endswith("word…")

    @given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1), st.data())
    def test_words_in_a_row_are_contained(self, words, data):
        """In any case, with any punctuation."""
        start = data.draw(st.integers(0, len(words) - 1))
        past = data.draw(st.integers(start + 1, len(words)))
        part = ", ".join(words[start:past]).upper()
        assert contains_words(" ".join(words), part)
        assert not contains_words(" ".join(words), f"{part} d")

    @pytest.mark.parametrize("part", ["", " ", "…", "-"])
    def test_nothing_is_no_quote(self, part):
        """It would stand everywhere."""
        assert not contains_words("a - b", part)


class TestSpeakerTransfer:
    words = (
        Word(0, 1, "Hello", speaker="A"),
        Word(1, 2, "there.", speaker="A"),
        Word(2, 3, "Yes", speaker="B"),
    )
    numbers = {"A": "1", "B": "2"}  # noqa: RUF012

    def test_speakers_follow_the_model(self):
        """Its words may differ."""
        lines = [SpokenText("1", "hello"), SpokenText("2", "their, yes!")]
        assert transferred_speakers(self.words, lines, self.numbers) == ["A", "B", "B"]

    @pytest.mark.parametrize("lines", [[], [SpokenText("9", "hello there yes")]])
    def test_speakers_that_nobody_knows_move_nothing(self, lines):
        """Each word stays with its own speaker."""
        found = transferred_speakers(self.words, lines, self.numbers)
        assert found == ["A", "A", "B"]

    def test_a_word_without_a_speaker_moves_nothing(self):
        """There is nothing to compare with."""
        words = (*self.words, Word(3, 4, "so"))
        assert transferred_speakers(words, [SpokenText("1", "x")], self.numbers) == [None] * 4


class TestAcoustics:
    @pytest.mark.parametrize(
        ("level", "confidence", "allowed"),
        [("9", 0.5, True), ("9", 0.95, False), ("9", None, True), ("1", 0.5, False)],
    )
    def test_a_word_moves_if_it_is_unsure_and_the_other_one_is_audible(
        self, level, confidence, allowed
    ):
        """Both are needed."""
        word = Word(0.0, 1.0, "so", speaker="A", speaker_confidence=confidence)
        acoustics = Acoustics((), Activity({"A": "9" * 40, "B": level * 40}))
        assert acoustics.allows(word, "B") == allowed

    @pytest.mark.parametrize(
        ("doubts", "start", "allowed"),
        [((Doubt.SHARED,), 1.2, True), ((Doubt.SHARED,), 1.3, False), ((), 1.2, False)],
    )
    def test_without_activity_a_doubtful_word_moves_to_a_turn_nearby(self, doubts, start, allowed):
        """Within a quarter of a second."""
        word = Word(0.0, 1.0, "so", speaker="A", doubts=doubts)
        acoustics = Acoustics((Turn(start, start + 1, "B"), Turn(0.0, 1.0, "A")))
        assert acoustics.allows(word, "B") == allowed
