"""Other readings of words: kept from pass to pass, on the page, and nowhere they must not be."""

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest

from trax.asr.alternatives import likeliest
from trax.asr.evidence import Evidence, WordHypothesis
from trax.asr.regions import Region
from trax.asr.whisper_choices import add_choices, beam_texts, greedy_text, is_doubtful
from trax.enhance.redaction import redacted
from trax.service.review import outlook, readings
from trax.testing import transcript
from trax.transcript import Alternative, Span, Transcript
from trax.transcript.codec import from_json, to_json

PLAIN = Evidence(
    probability=0.6, mean_log_probability=-0.2, no_speech_probability=0.0, compression_ratio=1.0
)


def said(text: str, sure: float, model: str = "small") -> list[WordHypothesis]:
    """A word a second, as *model* read it."""
    found = []
    for at, each in enumerate(text.split()):
        evidence = replace(PLAIN, model=model)
        found.append(WordHypothesis(float(at), at + 0.9, each, sure, evidence=evidence))
    return found


def after(*read: list[WordHypothesis]) -> dict[str, list[str]]:
    """For each word after all readings, what else it may be."""
    region = Region(Span(0, 20), "en")
    for words in read:
        region = region.with_reading(words)
    return {word.text: [each.text for each in word.alternatives] for word in region.words}


class TestVotes:
    def test_what_lost_is_kept_beside_what_won(self):
        """With the model that read it, and how sure it was."""
        region = Region(Span(0, 9), "en", tuple(said("a cart here", 0.4)))
        word = region.with_reading(said("a card here", 0.8, "large")).words[1]
        assert (word.text, word.alternatives) == ("card", (Alternative("cart", "small", 0.4),))

    @pytest.mark.parametrize(
        ("lost", "won", "kept"),
        [
            ("put it in stead of", "put it instead of", {}),
            ("the recorder", "the re corder", {"re": [""], "corder": ["recorder"]}),
            ("good bye then", "goods then", {"goods": ["good bye"]}),
            ("go home now", "go now", {"go": ["go home"]}),
            ("go now", "go home now", {"home": [""]}),
            ("big cat sat", "pig hat sat", {"pig": ["big"], "hat": ["cat"]}),
        ],
    )
    def test_every_word_has_what_stands_in_its_own_place(self, lost, won, kept):
        """Several words in place of one, or nothing; what is only written apart is no other."""
        found = after(said(lost, 0.1), said(won, 0.9))
        assert {text: others for text, others in found.items() if others} == kept

    def test_what_earlier_passes_had_is_not_forgotten(self):
        """Three readings, three texts."""
        found = after(said("mat", 0.3), said("hat", 0.5), said("cat", 0.9))
        assert found == {"cat": ["hat", "mat"]}

    def test_three_are_kept_and_none_twice(self):
        """The likeliest; case and punctuation make no other reading."""
        texts = ["Cat", "mat", "Mat.", "hat", "bat", "rat"]
        choices = [Alternative(text, "small", at / 10) for at, text in enumerate(texts)]
        kept = [each.text for each in likeliest("cat,", choices)]
        assert kept == ["rat", "bat", "hat"]


VOCABULARY = [" one", " two", " too", " to", ",", "gh"]
END = len(VOCABULARY)


class Letters:
    """A tokenizer whose tokens are words, and parts of them."""

    eot = END

    def decode(self, tokens):
        return "".join(VOCABULARY[token] for token in tokens)

    def split_to_word_tokens(self, tokens):
        return [VOCABULARY[token] for token in tokens], [[token] for token in tokens]


@dataclass
class Decoded:
    sequences_ids: list
    scores: list
    logits: list


def aligned(*texts: tuple[str, float]) -> list[dict]:
    return [{"word": f" {text}", "probability": sure} for text, sure in texts]


class TestChoices:
    def test_only_doubtful_words_get_any(self):
        """The others are right anyway."""
        words = aligned(("one", 0.95), ("two", 0.4))
        result = Decoded([[0, 1], [2, 3]], [-0.2, -0.3], [])
        add_choices(words, list(beam_texts(Letters(), result)))
        assert "choices" not in words[0]
        assert [text for text, _sure in words[1]["choices"]] == ["to"]

    def test_another_token_counts_if_it_is_a_word(self):
        """Not a comma, not a part, and not what is improbable."""
        logits = np.log(np.array([0.01, 0.5, 0.3, 0.02, 0.1, 0.07, 0.0, 0.0, 0.0]) + 1e-9)
        result = Decoded([[1]], [-0.1], [[logits]])
        words = aligned(("two", 0.5))
        add_choices(words, [greedy_text(Letters(), result)])
        assert words[0]["choices"] == [("two", 0.5), ("too", 0.3)]

    def test_a_window_of_sure_words_is_not_read_again(self):
        """It would cost and bring nothing."""
        assert is_doubtful(aligned(("one", 0.9), ("two", 0.3)))
        assert not is_doubtful(aligned(("one", 0.95), ("two", 0.95)))
        assert not is_doubtful([])


class TestTranscripts:
    def doubted(self) -> Transcript:
        """A transcript whose second word may be another."""
        made = transcript()
        first = made.segments[0]
        others = (Alternative("Margaret", "base", 0.3), Alternative("", "base", 0.2))
        words = list(first.words)
        words[1] = replace(words[1], confidence=0.3, alternatives=others)
        words[2] = replace(words[2], confidence=0.4)
        return replace(made, segments=(replace(first, words=tuple(words)), *made.segments[1:]))

    def test_they_are_in_the_document_of_words_that_have_any(self):
        """Documents without them stay as they were, byte for byte."""
        document = self.doubted()
        assert from_json(Transcript, to_json(document), "x") == document
        words = json.loads(to_json(document))["segments"][0]["words"]
        assert words[1]["alternatives"][0] == {
            "text": "Margaret",
            "source": "base",
            "confidence": 0.3,
        }
        assert "alternatives" not in words[0]

    def test_they_are_listed_and_offered_in_review(self):
        """As texts for all words of the place."""
        document = self.doubted()
        first = document.segments[0].words
        assert [each.text for each in readings(document)] == ["Margaret", ""]
        place = next(each for each in outlook(document).places if first[1].id in each.words)
        assert place.readings == (f"Margaret {first[2].text}", first[2].text)

    def test_redaction_leaves_them_out(self):
        """They may be the very name."""
        public, _spans = redacted(self.doubted(), ["names"])
        assert b"Margaret" not in to_json(public)
