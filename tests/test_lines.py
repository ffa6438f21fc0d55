"""Sentences as numbered lines: what is sent, and how answers by line are read."""

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trax.enhance import Question
from trax.enhance.engine import estimated_tokens
from trax.enhance.line_tasks import LINE_TASKS
from trax.enhance.lines import Line, LineOutcome, ask_lines
from trax.enhance.prompts import prompt_for
from trax.enhance.replacements import Replacement, with_replacements
from trax.enhance.sentences import is_asked, sentence_line, sentence_ranges
from trax.testing import ScriptedModel, words
from trax.testing.memory import MemoryAnswers, memory_context
from trax.transcript import Word, joined_text

texts = st.text(st.characters(categories=["L", "N", "Zs"]), min_size=1, max_size=30)


def sure(text: str, *confidences: float | None) -> list[Word]:
    """Words of a second each, with a confidence each."""
    spoken = zip(text.split(), confidences, strict=True)
    return [Word(at, at + 1, each, confidence) for at, (each, confidence) in enumerate(spoken)]


def asked(
    model: ScriptedModel,
    lines: list[Line],
    task: str = "translate",
    answers: MemoryAnswers | None = None,
) -> LineOutcome:
    """What becomes of lines."""
    return ask_lines(lines, task, "Do it.", memory_context(model, answers), lambda _share: None)


def capitals(question: Question) -> str:
    """Every numbered line in capitals."""
    sentences = []
    for row in question.user.splitlines():
        number, colon, text = row.partition(": ")
        if colon and number.isdecimal():
            sentences.append({"n": int(number), "text": text.upper()})
    return json.dumps({"sentences": sentences})


class TestLines:
    @given(st.lists(st.from_regex(r"[a-z]{1,40}", fullmatch=True), max_size=40))
    def test_every_line_gets_its_own_answer(self, spoken):
        """However lines are divided into questions."""
        model = ScriptedModel(capitals, context_tokens=60)
        outcome = asked(model, [Line(text) for text in spoken])
        assert [result.answer for result in outcome.results] == [text.upper() for text in spoken]

    @given(st.lists(st.from_regex(r"[a-z]{1,80}", fullmatch=True), max_size=40), st.integers(8, 99))
    @pytest.mark.slow
    def test_a_question_is_no_longer_than_a_quarter_of_the_context(self, spoken, context_tokens):
        """Unless a single line is."""
        model = ScriptedModel(capitals, context_tokens=context_tokens)
        asked(model, [Line(text) for text in spoken])
        for question in model.asked:
            rows = [row.partition(": ")[2] for row in question.user.splitlines()]
            tokens = sum(estimated_tokens(row) for row in rows)
            assert len(rows) == 1 or tokens <= context_tokens // 4

    def test_a_repeated_line_is_asked_once(self):
        """And nothing is asked again in a second run."""
        model = ScriptedModel(capitals)
        answers = MemoryAnswers()
        lines = [Line("yes"), Line("no"), Line("yes")]
        first = asked(model, lines, answers=answers)
        second = asked(model, lines, answers=answers)
        assert model.asked[0].user == "1: yes\n2: no"
        assert len(model.asked) == 1
        assert first.results == second.results
        assert (first.usage.reused, second.usage.reused) == (1, 3)

    def test_context_is_sent_without_a_number(self):
        """Nobody asks about it, and it does not decide which answer is stored."""
        model = ScriptedModel(capitals)
        answers = MemoryAnswers()
        asked(model, [Line("then he left", "he came")], answers=answers)
        asked(model, [Line("then he left", "she came")], answers=answers)
        assert [question.user for question in model.asked] == ["he came\n1: then he left"]

    def test_a_line_without_an_answer_says_so(self):
        """A translation needs every line; a correction leaves the others as they are."""
        one = json.dumps({"sentences": [{"n": 2, "text": "ja"}]})
        outcome = asked(ScriptedModel(lambda _question: one), [Line("no"), Line("yes")])
        assert [result.answer for result in outcome.results] == [None, "ja"]
        edits = json.dumps({"edits": ["2: yes => yeah"]})
        outcome = asked(
            ScriptedModel(lambda _question: edits), [Line("no"), Line("yes")], "correct"
        )
        assert [result.answer for result in outcome.results] == ["", '[["yes", "yeah"]]']

    def test_a_failed_question_fails_its_lines(self):
        """With the reason, each of them."""
        model = ScriptedModel(capitals, problem="the answer was cut off")
        outcome = asked(model, [Line("no"), Line("yes")])
        assert {result.failure for result in outcome.results} == {"the answer was cut off"}


class TestAnswers:
    @pytest.mark.parametrize("arrow", ["=>", "->", "→", " => "])
    def test_replacements_are_read_as_models_write_them(self, arrow):
        """With any arrow, with and without spaces."""
        answer = {"edits": [f"3:old words{arrow}new words", f" 3 : a{arrow}"]}
        read = LINE_TASKS["correct"].answers(answer)
        assert read == {3: '[["old words", "new words"], ["a", ""]]'}

    def test_what_cannot_be_read_is_passed_over(self):
        """If all of it cannot, the answer is not what was asked for."""
        task = LINE_TASKS["correct"]
        assert task.answers({"edits": ["nonsense", "1: a => b"]}) == {1: '[["a", "b"]]'}
        assert task.answers({"edits": []}) == {}
        with pytest.raises(ValueError, match="no edit can be read"):
            task.answers({"edits": ["nonsense"]})

    def test_a_translation_of_nothing_is_no_answer(self):
        """Punctuation may leave every line as it is."""
        assert LINE_TASKS["punctuate"].answers({"sentences": []}) == {}
        with pytest.raises(ValueError, match="no line is answered"):
            LINE_TASKS["translate"].answers({"sentences": []})

    @pytest.mark.parametrize("task", LINE_TASKS)
    @pytest.mark.parametrize("answer", [None, [], {}, {"x": []}, {"edits": 1, "starts": "a"}])
    def test_another_form_is_refused(self, task, answer):
        """Fields that were not asked for are as wrong as missing ones."""
        with pytest.raises(ValueError, match="validation error"):
            LINE_TASKS[task].answers(answer)


class TestSentences:
    @given(st.lists(st.sampled_from(["so", "yes.", "so " * 61, "so " * 130]), max_size=9))
    def test_pieces_cover_all_words_in_order(self, spoken):
        """None is longer than a sentence that is sent whole."""
        said = words(" ".join(spoken), 0.0, 300.0)
        ranges = list(sentence_ranges(said))
        assert [index for each in ranges for index in each] == list(range(len(said)))
        assert all(0 < len(each) <= 60 for each in ranges)

    @pytest.mark.parametrize(
        ("task", "confidence", "expected"),
        [
            ("correct", 0.69, True),
            ("correct", 0.7, False),
            ("correct", None, True),
            ("glossary", 0.69, False),
            ("punctuate", 0.99, True),
            ("paragraph", 0.99, True),
        ],
    )
    def test_words_are_asked_about_if_one_is_doubtful(self, task, confidence, expected):
        """The glossary only if there is one; punctuation always."""
        context = memory_context(ScriptedModel(capitals))
        assert is_asked(task, sure("a b", 0.9, confidence), context) == expected

    def test_doubtful_words_are_marked_for_corrections_only(self):
        """A star is a token, and punctuation needs none."""
        context = memory_context(ScriptedModel(capitals))
        said = sure("th*e canal is", 0.59, 0.6, None)
        assert sentence_line("correct", said, [], context).text == "*the canal *is"
        assert sentence_line("punctuate", said, [], context).text == "the canal is"

    def test_the_previous_sentence_is_plain(self):
        """It is there to be understood, not to be corrected."""
        context = memory_context(ScriptedModel(capitals))
        line = sentence_line("correct", sure("so", 0.1), sure("he said", 0.1, 0.1), context)
        assert line == Line("*so", "he said")


class TestReplacements:
    def test_the_least_sure_of_equal_words_is_meant(self):
        """A model names words, not places."""
        said = sure("the cat and the dog", 0.9, 0.9, 0.9, 0.2, 0.9)
        text, rejected = with_replacements(said, [Replacement("the", "a")], "correct")
        assert text == "the cat and a dog"
        assert rejected == []

    def test_punctuation_after_the_old_words_stays(self):
        """Unless the new ones have their own."""
        said = sure("so its here, then", 0.5, 0.5, 0.5, 0.5)
        stays = with_replacements(said, [Replacement("its here", "it's hear")], "correct")
        own = with_replacements(said, [Replacement("here", "hear!")], "correct")
        assert stays[0] == "so it's hear, then"
        assert own[0] == "so its hear! then"

    @given(texts, texts)
    def test_words_that_are_not_there_change_nothing(self, old, new):
        """They are listed as a rejected edit over the sentence's time."""
        said = sure("one two three", 0.5, 0.5, 0.5)
        assume("one" not in old.casefold() and "t" not in old.casefold())
        text, rejected = with_replacements(said, [Replacement(old, new)], "correct")
        assert text == "one two three"
        assert [(edit.start, edit.end) for edit in rejected] == [(0, 3)]
        assert rejected[0].rejected == "these words are not there"

    def test_stars_are_no_part_of_words(self):
        """A model copies the marks of what it was sent."""
        said = sure("the canal", 0.5, 0.5)
        text, _ = with_replacements(said, [Replacement("*the *canal", "*a channel")], "correct")
        assert text == "a channel"
        _, rejected = with_replacements(said, [Replacement("*boat", "*ship")], "correct")
        assert (rejected[0].before, rejected[0].after) == ("boat", "ship")

    def test_replacements_follow_one_another(self):
        """The second sees what the first has made."""
        said = sure("a b c", 0.5, 0.5, 0.5)
        pair = [Replacement("a b", "x"), Replacement("x c", "y")]
        assert with_replacements(said, pair, "correct")[0] == "y"

    @given(st.data())
    def test_a_word_replaced_by_itself_changes_nothing(self, data):
        """Whatever its punctuation."""
        texts = data.draw(st.lists(st.sampled_from(["so,", "yes.", "it"]), min_size=1, max_size=5))
        said = [Word(at, at + 1, text, 0.5) for at, text in enumerate(texts)]
        old = data.draw(st.sampled_from(["so", "yes", "it"]))
        assert with_replacements(said, [Replacement(old, old)], "x")[0] == joined_text(said)


class TestPrompts:
    @pytest.mark.parametrize("task", [*LINE_TASKS, "title", "summary", "chapters", "speakers"])
    def test_no_field_is_left_open(self, task):
        """Whatever a job knows."""
        for glossary in ((), ("one", "two  words")):
            text = prompt_for(task).filled("medical", "", glossary, "de")
            assert not [field for field in ("{domain}", "{language}", "{target}") if field in text]
            assert "{glossary}" not in text
            assert ("two words" in text) == (
                bool(glossary) and "{glossary}" in prompt_for(task).text
            )

    def test_the_fingerprint_follows_the_text(self):
        """Another text is another prompt, and its answers are others."""
        prompts = [prompt_for(task) for task in LINE_TASKS]
        assert len({prompt.fingerprint for prompt in prompts}) == len(prompts)
        assert all(prompt.fingerprint.count("-") == 2 for prompt in prompts)

    def test_a_long_glossary_is_cut(self):
        """Two hundred terms fit; more would cost more than they help."""
        terms = [f"term{number:03}" for number in range(300)]
        text = prompt_for("correct").filled("general", "en", terms)
        assert "term199" in text
        assert "term200" not in text
