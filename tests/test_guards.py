"""Each guard against edits, by itself."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trax.enhance.change import Change, has_digit, same_form
from trax.enhance.guards import FORM_GUARDS, GUARDS, SURE, UNSURE, rejection
from trax.enhance.sounds import closeness, letters
from trax.transcript import Word

FORM_REASONS = {reason for reason, _applies in FORM_GUARDS}
texts = st.text(max_size=12)
plain_words = st.from_regex(r"[a-z]{3,9}", fullmatch=True)


def change(said: str, wanted: str, confidence: float | None = 0.6, **more: object) -> Change:
    """A change of the words *said* to the words *wanted*."""
    words = [Word(at, at + 1, text, confidence) for at, text in enumerate(said.split())]
    return Change(tuple(words), tuple(wanted.split()), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("reason", [reason for reason, _applies in GUARDS])
def test_every_guard_rejects_something_by_itself(reason):
    """Each guard has a change that it alone is responsible for."""
    joined = change("twenty -five", "twenty fife")
    joined = replace(joined, before=(joined.before[0], replace(joined.before[1], joined=True)))
    examples = {
        "it adds words": change("", "indeed"),
        "it leaves words out": change("indeed", ""),
        "it is not speech": change("page", "<page"),
        "too much punctuation": change("page", "p-a-g-e,;:!s"),
        "it touches a sure word": change("canal", "kanal", SURE),
        "no spaces part these words": joined,
        "it rewrites the sentence": change("canal", "kanal", rewrites=True),
        "it is no term of the glossary": change("canal", "kanal", only_terms=True),
        "it changes a number": change("fifteen", "fifty"),
        "it changes a name": change("Margaret", "Margret"),
        "it turns the meaning round": change("now", "not"),
        "it sounds different": change("quick", "green"),
    }
    assert rejection(examples[reason]) == reason


@given(plain_words, st.sampled_from([".", ",", "!", "?", ""]), st.floats(0, 1))
def test_punctuation_and_capitals_are_always_allowed(word, mark, confidence):
    """The same letters are safe, however sure the word is."""
    assume("www" not in word)  # a link
    assert rejection(change(word, f"{word.capitalize()}{mark}", confidence)) == ""


@given(plain_words, plain_words, st.floats(SURE, 1))
def test_no_other_word_replaces_a_sure_one(word, other, confidence):
    """What was recognised with confidence was said."""
    assume(not same_form(word, other))
    assert rejection(change(word, other, confidence)) != ""


@given(st.integers(0, 9999), st.integers(0, 9999), st.floats(UNSURE, SURE, exclude_max=True))
def test_a_number_that_was_heard_stays(said, wanted, confidence):
    """A number becomes another one only below an even chance."""
    assume(said != wanted)
    assert rejection(change(str(said), str(wanted), confidence)) == "it changes a number"


@pytest.mark.parametrize("said", ["I", "I'm", "I'll"])
def test_the_english_i_is_no_name(said):
    """Its capital says nothing."""
    assert rejection(change(f"so {said}", "so eye")) != "it changes a name"


def test_a_capital_that_opens_a_sentence_is_no_name():
    """Within a sentence it is one."""
    assert rejection(change("Elementary", "alimentary", opens=True)) == ""
    assert rejection(change("Elementary", "alimentary")) == "it changes a name"


def test_a_name_may_become_a_term_of_the_glossary():
    """People say how it is written."""
    term = change("Margret", "Margaret", glossary=frozenset({"margaret"}))
    assert rejection(term) == ""
    assert rejection(replace(term, glossary=frozenset())) == "it changes a name"


@pytest.mark.parametrize(
    ("said", "wanted"), [("do", "don't"), ("can", "can’t"), ("ein", "kein"), ("vez", "nunca")]
)
def test_a_negation_more_or_fewer_turns_the_meaning_round(said, wanted):
    """In English, German, Spanish; contracted or not."""
    reverses = dict(GUARDS)["it turns the meaning round"]
    assert reverses(change(said, wanted))
    assert reverses(change(wanted, said))
    assert not reverses(change(wanted, f"{wanted}!"))


@given(st.sampled_from(["https://x", "www.x", "a@b", "a<b", "a=b", "x" * 41, "\u202ex", "☃"]))
def test_what_nobody_can_say_is_not_written(token):
    """Links, markup, invisible signs and endless words are no speech."""
    assert rejection(change("page", token)) == "it is not speech"


@given(st.sampled_from(["https://x", "a@b", "x" * 41]))
def test_a_token_that_was_there_may_stay(token):
    """Only what an edit adds is judged."""
    assert rejection(change(f"{token} page", f"{token} Page.")) == ""


def test_added_punctuation_is_limited():
    """Three marks are allowed, four are a flood."""
    assert rejection(change("page", "page!!!")) == ""
    assert rejection(change("page", "page!!!!")) == "too much punctuation"


@given(texts, texts)
def test_the_same_form_is_a_mutual_relation(one, other):
    """It does not matter which text came first."""
    assert same_form(one, other) == same_form(other, one)


@given(texts)
def test_a_text_has_its_own_form_if_it_has_letters(text):
    """Texts of nothing but punctuation are never the same."""
    has_letters = any(char.isalnum() for char in text.casefold())
    assert same_form(text, text) == has_letters


@given(st.integers(0, 99), st.integers(1, 9))
def test_a_decimal_point_is_part_of_a_number(whole, tenth):
    """Moving it multiplies the number by ten."""
    assert has_digit(str(whole))
    assert not same_form(f"{whole}.{tenth}", f"{whole}{tenth}")
    assert same_form(f"{whole}.{tenth}", f"({whole}.{tenth}),")


@given(texts, texts)
def test_closeness_is_mutual_and_a_share(one, other):
    """It measures a pair, not a direction."""
    assert 0.0 <= closeness(one, other) <= 1.0
    assert closeness(one, other) == pytest.approx(closeness(other, one))


@given(texts)
def test_a_text_sounds_like_itself(text):
    """Unless it has no letters, and no sound."""
    assert closeness(text, text) == (1.0 if letters(text) else 0.0)


@given(texts)
def test_letters_of_letters_are_the_same(text):
    """Nothing is left to remove."""
    assert letters(letters(text)) == letters(text)


def test_form_changes_have_fewer_guards():
    """Every reason that rejects punctuation also rejects words."""
    assert {reason for reason, _applies in GUARDS} > FORM_REASONS
