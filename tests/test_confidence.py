"""Confidence means something: it is fitted, and checked on what it was not fitted to."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trax.asr.calibrating import (
    LabelledRecording,
    calibration_error,
    cross_validate,
    fit_calibration,
    reliability,
)
from trax.asr.confidence import SHIPPED, Calibration, load_calibration
from trax.asr.evidence import Evidence, WordHypothesis, voted_words
from trax.asr.features import FEATURES, feature_table
from trax.errors import InvalidDocument, InvalidOption
from trax.merge import consensus
from trax.scoring.words import wrong_words
from trax.testing import words
from trax.transcript import ExpectedErrors

probability = st.floats(0, 1)
evidences = st.builds(
    Evidence,
    probability=probability,
    mean_log_probability=st.floats(-5, 0),
    no_speech_probability=probability,
    compression_ratio=st.floats(0, 10),
    readings=st.just(2),
    agreed=st.integers(0, 1),
    support=probability,
    rival=probability,
)


def word(sure: float) -> WordHypothesis:
    evidence = Evidence(
        probability=sure,
        mean_log_probability=-0.2,
        no_speech_probability=0.0,
        compression_ratio=1.2,
    )
    return WordHypothesis(0.0, 0.3, "word", sure, evidence=evidence)


def in_a_row(probabilities) -> list[WordHypothesis]:
    """Words of three tenths of a second, one after the other."""
    return [
        replace(word(float(sure)), start=at * 0.4, end=at * 0.4 + 0.3)
        for at, sure in enumerate(probabilities)
    ]


def corpus(speakers: int = 8, each: int = 120, seed: int = 1) -> list[LabelledRecording]:
    """Recordings in which a word is wrong as often as its probability's square says: a decoder that
    is too sure.
    """
    chance = np.random.default_rng(seed)
    found = []
    for speaker in range(speakers):
        sure = chance.uniform(0.05, 0.999, each)
        wrong = [bool(flag) for flag in chance.uniform(0, 1, each) > sure**2]
        found.append(LabelledRecording(in_a_row(sure), wrong, sum(wrong), f"speaker {speaker}"))
    return found


class TestShipped:
    def test_it_was_fitted(self):
        """On more than two thousand words, and says on what."""
        shipped = load_calibration()
        assert shipped.words > 2000
        assert shipped.fitted_on
        assert tuple(shipped.weights) == FEATURES

    @given(evidences, st.sampled_from(["a", "word", "£1,250"]))
    def test_confidence_is_a_probability(self, evidence, text):
        """Whatever the decoder says."""
        said = WordHypothesis(0.0, 0.3, text, 0.5, evidence=evidence)
        (found,) = load_calibration().confidences([said])
        assert 0.0 <= found <= 1.0

    @given(evidences)
    def test_a_surer_decoder_is_no_less_believed(self, evidence):
        """All else being equal."""
        sure = []
        for probability in (0.1, 0.3, 0.6, 0.9, 0.99):
            heard = replace(evidence, probability=probability)
            said = WordHypothesis(0.0, 0.3, "word", probability, evidence=heard)
            sure += load_calibration().confidences([word(0.5), said, word(0.5)])[1:2]
        assert sure == sorted(sure)

    def test_a_word_that_a_second_reading_has_too_is_surer(self):
        """That is what a second reading is for."""
        alone = word(0.6)
        agreed = replace(alone.evidence, readings=2, agreed=1, support=0.8)
        disputed = replace(alone.evidence, readings=2, agreed=0, rival=0.8)
        sure = []
        for evidence in (disputed, agreed):
            sure += load_calibration().confidences([replace(alone, evidence=evidence)])
        assert sure[0] < sure[1]

    def test_doubtful_neighbours_make_a_word_doubtful(self):
        """Errors come in runs."""
        among = load_calibration().confidences([word(0.2), word(0.8), word(0.2)])
        alone = load_calibration().confidences([word(0.99), word(0.8), word(0.99)])
        assert among[1] < alone[1]


class TestEvidence:
    def test_what_other_readings_say_is_kept_through_votes(self):
        """A word of two readings that a third disputes has one for it and one against it."""
        two = consensus([word(0.6)], [word(0.7)])
        third = replace(word(0.3), text="ward")
        (vote,) = consensus([third], voted_words(two))
        evidence = voted_words([vote])[0].evidence
        assert (evidence.readings, evidence.agreed, evidence.disputed) == (3, 1, 1)
        assert (evidence.support, evidence.rival) == (0.6, 0.3)

    def test_a_reading_that_hears_nothing_disputes(self):
        """It is no rival's probability, though."""
        evidence = voted_words(consensus([], [word(0.7)]))[0].evidence
        assert (evidence.readings, evidence.disputed, evidence.rival) == (2, 1, 0.0)

    def test_words_are_judged_in_their_place(self):
        """The pause before and the speed around are taken from the words' times."""
        said = [replace(word(0.9), start=at, end=at + 0.2) for at in (0.0, 0.2, 3.0)]
        table = dict(zip(FEATURES, feature_table(said).T.tolist(), strict=True))
        assert table["after_pause"] == [1.0, 0.0, 1.0]
        assert table["before_pause"] == [0.0, 1.0, 1.0]

    def test_no_words_have_no_features(self):
        """But there are as many columns."""
        assert feature_table([]).shape == (0, len(FEATURES))


class TestFitting:
    def test_what_is_too_sure_is_corrected(self):
        """The fitted confidence is the share that is right."""
        known = corpus()
        calibration = fit_calibration(known, "generated")
        sure = np.array(calibration.confidences(known[0].words))
        raw = np.array([each.evidence.probability for each in known[0].words])
        wrong = np.array(known[0].wrong)
        assert calibration_error(sure, wrong) < calibration_error(raw, wrong)
        assert calibration.auc > 0.7
        assert calibration.ece < 0.06
        assert calibration.words == 960

    def test_nothing_is_tested_on_what_it_was_fitted_to(self):
        """A speaker whose words are all told by a lucky feature does not tell his own."""
        known = corpus()
        first = [replace(each, text="luckyluckylucky") for each in known[0].words]
        known[0] = replace(known[0], words=first, wrong=[True] * len(first))
        held_out = cross_validate(known)[: len(first)]
        assert held_out.mean() > 0.2

    @pytest.mark.parametrize(("speakers", "each"), [(8, 10), (3, 200)])
    def test_too_little_is_refused(self, speakers, each):
        """And it is said how much it takes."""
        with pytest.raises(InvalidOption, match="at least 200 words by 5 speakers"):
            fit_calibration(corpus(speakers, each), "little")

    def test_missing_words_make_the_estimate_larger(self):
        """They cannot be doubted one by one."""
        known = corpus()
        missing = [replace(each, errors=each.errors * 2) for each in known]
        assert fit_calibration(missing, "x").errors_per_expected == pytest.approx(
            2 * fit_calibration(known, "x").errors_per_expected, rel=0.01
        )

    def test_reliability_counts_every_word_once(self):
        """In bins of equal width."""
        rows = reliability(np.array([0.05, 0.06, 0.95, 1.0]), np.array([True, False, False, False]))
        assert rows == [(2, pytest.approx(0.055), 0.5), (2, pytest.approx(0.975), 1.0)]


class TestExpectedErrors:
    def test_sure_words_let_few_errors_expect(self):
        """And the interval holds the rate."""
        calibration = load_calibration()
        good, bad = (
            calibration.expected_errors([0.99] * 500),
            calibration.expected_errors([0.6] * 500),
        )
        assert good.rate < 0.05 < bad.rate
        for each in (good, bad):
            assert 0.0 <= each.low < each.rate < each.high

    def test_more_words_narrow_the_interval(self):
        """A sentence says little about a rate."""
        few, many = (load_calibration().expected_errors([0.9] * count) for count in (10, 1000))
        assert few.high - few.low > 3 * (many.high - many.low)

    def test_no_words_have_no_error_rate(self):
        """Nothing was said."""
        assert load_calibration().expected_errors([]) is None

    @pytest.mark.parametrize("confidences", [[0.7], [0.0], [0.05] * 3, [1.0], [0.5] * 200])
    def test_shares_stay_within_all_of_the_words(self, confidences):
        """However few words there are and however doubtful."""
        found = load_calibration().expected_errors(confidences)
        assert 0.0 <= found.low <= found.rate <= found.high <= 1.0

    def test_older_documents_say_no_more_than_all(self):
        """Their interval may be wider."""
        assert str(ExpectedErrors(rate=0.33, low=0.0, high=1.1)).endswith("(0 to 100 %)")


class TestFiles:
    def test_another_calibration_is_read_from_a_file(self, tmp_path):
        """And has a fingerprint of its own."""
        path = tmp_path / "mine.json"
        path.write_text(fit_calibration(corpus(), "mine").model_dump_json())
        assert load_calibration(path).fitted_on == "mine"
        assert load_calibration(path).fingerprint != load_calibration().fingerprint

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("", "not a calibration"),
            ("[]", "not a calibration"),
            (
                json.dumps({**json.loads(SHIPPED.read_text()), "weights": {"moon": 1.0}}),
                "unknown features .moon.; fit it again",
            ),
        ],
    )
    def test_what_is_no_calibration_is_refused(self, tmp_path, content, message):
        """In one sentence."""
        path = tmp_path / "bad.json"
        path.write_text(content)
        with pytest.raises(InvalidDocument, match=message):
            load_calibration(path)

    def test_a_missing_one_is_said_to_be_missing(self, tmp_path):
        """Instead of falling back to another."""
        with pytest.raises(InvalidDocument, match="cannot be read"):
            load_calibration(tmp_path / "none.json")

    def test_a_word_without_evidence_is_a_guess(self):
        """Half and half."""
        plain = Calibration.model_validate_json(SHIPPED.read_text())
        assert plain.confidences([WordHypothesis(0, 1, "word", 0.9)]) == [0.5]


@pytest.mark.parametrize(
    ("reference", "said", "wrong"),
    [
        ("the cat sat", "The cat, sat.", [False, False, False]),
        ("the cat sat", "the hat sat", [False, True, False]),
        ("the cat sat", "the big cat sat", [False, True, False, False]),
        ("the cat sat", "the sat", [False, False]),
        ("five five", "5 5", [False, False]),
        ("", "anything", [True]),
        ("anything", "", []),
        ("re record it", "rerecord it", [False, False]),
        ("what cannot be", "what can not be", [False] * 4),
        ("the postmortem", "a post mortem", [True, False, False]),
    ],
)
def test_wrong_words_are_those_the_reference_does_not_have(reference, said, wrong):
    """Case, punctuation and figures do not count."""
    assert wrong_words(reference, words(said, 0.0, 5.0)) == wrong


def test_joined_words_are_judged_as_one():
    """``ill`` and ``-sposed`` are both wrong where the word is."""
    said = words("an ill -sposed man", 0.0, 4.0)
    said[2] = replace(said[2], joined=True)
    assert wrong_words("an illdisposed man", said) == [False, True, True, False]
