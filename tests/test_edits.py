"""What a language model may change in words, and what it may not."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trax.enhance.change import same_form
from trax.enhance.edits import EditRules, edit_sentence, replace_words
from trax.enhance.guards import CLOSE, SURE
from trax.enhance.sounds import closeness, letters
from trax.transcript import EditKind, Segment, Word, joined_text


def spoken(text: str, sure: float | None = 0.4) -> list[Word]:
    """A word a second, all equally sure."""
    return [
        Word(float(at), at + 0.8, each, sure, "SPEAKER_00") for at, each in enumerate(text.split())
    ]


def made(
    text: str, wanted: str, sure: float | None = 0.4, **rules: object
) -> tuple[str, list[str]]:
    """What a sentence becomes, and why edits were not made."""
    new, edits = edit_sentence(spoken(text, sure), wanted, EditRules(task="correct", **rules))  # type: ignore[arg-type]
    return joined_text(word for each in new for word in each), [edit.rejected for edit in edits]


class TestWhatIsMade:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("the elementary canal is", "the alimentary canal is"),
            ("he made the post mortem", "he made the post-mortem"),
            ("a confession of the shock boy", "a confession of the shop boy"),
            ("we saw allot of it", "we saw a lot of it"),
            ("so its here", "so it's here"),
        ],
    )
    def test_words_that_sound_nearly_the_same_are_put_right(self, before, after):
        """A doubtful word becomes another one that sounds like it."""
        assert made(before, after) == (after, [""])

    def test_a_term_of_the_glossary_may_be_further_from_what_was_heard(self):
        """What people named may have been heard worse."""
        before, after = "they deployed cuba natty again", "they deployed Kubernetes again"
        assert made(before, after)[1] == ["it sounds different"]
        assert made(before, after, glossary=frozenset({letters("Kubernetes")})) == (after, [""])

    def test_one_good_edit_is_made_beside_a_bad_one(self):
        """Each word is judged by itself."""
        text, reasons = made(
            "take the elementary canal out of it", "take the alimentary banana out of it"
        )
        assert text == "take the alimentary canal out of it"
        assert sorted(reasons) == ["", "it sounds different"]

    def test_punctuation_and_case_change_even_where_words_are_sure(self):
        """The same letters are always safe."""
        assert (
            made("yes well mr hale went", "Yes. Well, Mr. Hale went.", 0.99)[0]
            == "Yes. Well, Mr. Hale went."
        )

    def test_a_new_word_keeps_time_and_speaker_and_the_former_confidence(self):
        """Nothing is known of the new word but that the old one was doubtful."""
        new, _ = edit_sentence(
            spoken("elementary canal"), "alimentary canal", EditRules(task="correct")
        )
        assert new[0] == (Word(0.0, 0.8, "alimentary", 0.4, "SPEAKER_00"),)

    def test_words_that_become_one_give_it_their_time(self):
        """From the start of the first to the end of the last."""
        new, _ = edit_sentence(
            spoken("the post mortem was"), "the post-mortem was", EditRules(task="correct")
        )
        assert new[1] == (Word(1.0, 2.8, "post-mortem", 0.4, "SPEAKER_00"),)
        assert new[2] == ()

    def test_words_without_spaces_take_punctuation_and_stay_apart(self):
        """A language that is written without spaces keeps its words and their times."""
        words = [
            Word(0, 1, "你好", 0.5),
            Word(1, 2, "世界", 0.5, joined=True),
            Word(2, 3, "吗", 0.5, joined=True),
        ]
        new, edits = edit_sentence(
            words, "你好，世界吗？", EditRules(task="punctuate", wording=False)
        )
        assert [word.text for each in new for word in each] == ["你好，", "世界", "吗？"]
        assert [edit.kind for edit in edits] == [EditKind.FORM]


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("before", "after", "reason"),
        [
            ("take the pill now", "take the pill right now", "it adds words"),
            ("take the blue pill now", "take the pill now", "it leaves words out"),
            ("we have fifteen of them", "we have fifty of them", "it changes a number"),
            ("on line 15 it fails", "on line 50 it fails", "it changes a number"),
            ("it costs 1.5 now", "it costs 15 now", "it changes a number"),
            ("and then Margaret said", "and then Margret said", "it changes a name"),
            ("we can now go", "we can not go", "it turns the meaning round"),
            ("they do want it", "they don't want it", "it turns the meaning round"),
            ("the quick brown fox", "the quick green fox", "it sounds different"),
            ("look at the page", "look at https://evil.example", "it is not speech"),
            ("look at the page", "look at the <b>page</b>", "it is not speech"),
        ],
    )
    def test_every_guard_refuses_what_it_is_for(self, before, after, reason):
        """An edit that could change what was said is refused, and the words stay."""
        assert made(before, after, 0.6) == (before, [reason])

    def test_sure_words_are_not_touched(self):
        """What was heard clearly was said."""
        before, after = "the elementary canal", "the alimentary canal"
        assert made(before, after, SURE) == (before, ["it touches a sure word"])
        assert made(before, after, SURE - 0.01) == (after, [""])

    def test_a_number_or_name_that_was_hardly_heard_may_change(self):
        """Below an even chance the recogniser's own guess is worth no more."""
        assert made("we have fifteen of them", "we have fifty of them", 0.3)[1] == [""]
        assert made("then Margret said", "then Margaret said", 0.3)[1] == [""]

    def test_words_of_unknown_confidence_keep_their_names_and_numbers(self):
        """Where no engine said how sure it is, nothing is known to be doubtful."""
        assert made("then Margret said", "then Margaret said", None)[1] == ["it changes a name"]
        assert made("the elementary canal", "the alimentary canal", None)[1] == [""]

    def test_a_sentence_that_is_written_anew_stays(self):
        """Two fifths of the words may change; beyond that it is another sentence."""
        text = "one can hear it all the time"
        assert set(made(text, "won ken here id awl thee thyme")[1]) == {"it rewrites the sentence"}

    def test_words_turned_round_stay(self):
        """Order is never changed."""
        text, reasons = made("is it so", "it is so")
        assert text == "is it so"
        assert all(reasons)

    def test_only_terms_may_be_put_in_where_only_those_are_asked_for(self):
        """The glossary's task changes nothing else."""
        rules = {"only_terms": True, "glossary": frozenset({"alimentary"})}
        assert (
            made("the elementary canel", "the alimentary canal", **rules)[0]
            == "the alimentary canel"
        )

    def test_several_words_across_a_cut_stay(self):
        """A segment keeps its words: none moves to another."""
        new, edits = edit_sentence(
            spoken("the post mortem was"),
            "the post-mortem was",
            EditRules(task="x"),
            frozenset({2}),
        )
        assert [edit.rejected for edit in edits] == ["it lies across a cut between segments"]
        assert [each[0].text for each in new] == ["the", "post", "mortem", "was"]

    def test_every_refused_edit_is_listed_with_its_words_and_time(self):
        """Nothing disappears in silence."""
        _, edits = edit_sentence(
            spoken("take the pill"), "take the poison", EditRules(task="correct")
        )
        assert [(edit.start, edit.end, edit.before, edit.after) for edit in edits] == [
            (2.0, 2.8, "pill", "poison")
        ]


def test_an_unrelated_word_hardly_ever_sounds_close():
    """The measure that guards rest on: right pairs are above the limit, others below."""
    right = [
        ("elementary", "alimentary"),
        ("their", "there"),
        ("shock boy", "shop-boy"),
        ("naïve", "naive"),
    ]
    wrong = [
        ("canal", "banana"),
        ("doctor", "lawyer"),
        ("yes", "no"),
        ("alive", "dead"),
        ("month", "year"),
    ]
    assert all(closeness(*pair) >= CLOSE for pair in right)
    assert all(closeness(*pair) < CLOSE for pair in wrong)


def test_marks_within_a_number_are_part_of_it():
    """A point moves a number by a factor of ten."""
    assert same_form("10,5", "10,5.")
    assert not same_form("10,5", "105")
    assert not same_form("!", "?")


_AWKWARD = """
the canal elementary post mortem Hale fifteen 15 not it's 你好 - … HACKED <b> https://x a
"""
_TEXTS = st.one_of(st.sampled_from(_AWKWARD.split()), st.text(max_size=6))


@st.composite
def sentences(draw: st.DrawFn) -> list[Word]:
    """Words of any text, sureness and length, some joined, some overlapping the next."""
    words, at = [], 0.0
    for text in draw(
        st.lists(
            _TEXTS.filter(lambda text: text.strip() and " " not in text), min_size=1, max_size=8
        )
    ):
        start = at + draw(st.floats(0, 1, allow_nan=False))
        end = start + draw(st.floats(0, 2, allow_nan=False))
        sure = draw(st.one_of(st.none(), st.floats(0, 1)))
        joined = bool(words) and draw(st.integers(0, 5)) == 0
        words.append(
            Word(
                start,
                end,
                "".join(text.split()),
                sure,
                draw(st.sampled_from([None, "A", "B"])),
                joined=joined,
            )
        )
        at = start
    return words


@st.composite
def wishes(draw: st.DrawFn, words: Sequence[Word]) -> str:
    """The sentence mangled: some words kept, some changed, dropped, doubled, added, turned
    round.
    """
    tokens = joined_text(words).split()
    mangled = []
    for token in tokens:
        way = draw(st.integers(0, 6))
        mangled += {0: [], 1: [token, token], 2: [draw(_TEXTS)], 3: [token.upper() + "."]}.get(
            way, [token]
        )
    if draw(st.integers(0, 4)) == 0:
        mangled.reverse()
    return " ".join([*mangled, *draw(st.lists(_TEXTS, max_size=2))])


@given(st.data())
def test_no_edit_set_ever_loses_a_time_or_breaks_a_speaker(data):
    """Whatever is asked for: the same stretch of time, no word outside it, nobody's word becomes
    somebody else's.
    """
    words = data.draw(sentences())
    wanted = data.draw(wishes(words))
    cuts = frozenset(data.draw(st.lists(st.integers(0, len(words)), max_size=2)))
    rules = EditRules(
        task="correct",
        wording=data.draw(st.booleans()),
        glossary=frozenset({"kubernetes", "canal"}),
    )
    new, edits = edit_sentence(words, wanted, rules, cuts)
    after = [word for each in new for word in each]
    assert len(new) == len(words)
    assert after[0].start == words[0].start
    assert max(word.end for word in after) == max(word.end for word in words)
    for old, here in zip(words, new, strict=True):
        assert all(word.start >= old.start for word in here)
        assert {word.speaker for word in here} <= {old.speaker}
        assert all(word.text for word in here)
    assert all(edit.start <= edit.end for edit in edits)
    if not any(not edit.rejected for edit in edits):
        assert after == words
    changed = [edit for edit in edits if not edit.rejected and edit.kind is EditKind.WORDING]
    if not changed:
        assert letters(joined_text(after)) == letters(joined_text(words))


@given(sentences(), st.integers(0, 8))
def test_segments_keep_their_words(words, cut):
    """What stands in the place of a word stands in its segment."""
    parts = [part for part in (words[:cut], words[cut:]) if part]
    segments = [
        Segment(part[0].start, max(word.end for word in part), tuple(part)) for part in parts
    ]
    new = [(replace(word, text="x"),) for word in words]
    result = replace_words(segments, new)
    assert [len(segment.words) for segment in result] == [len(part) for part in parts]
    assert all(word.text == "x" for segment in result for word in segment.words)
