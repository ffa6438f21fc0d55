"""Synthesised speech: said and made to fit its time, compared with its text, put into a mix."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import resample_poly

from trax.audio import Waveform
from trax.testing import tone
from trax.testing.voices import ScriptedVoices
from trax.transcript import Span
from trax.voice import narrator
from trax.voice.comparison import compared
from trax.voice.edges import sounding
from trax.voice.fitting import LONGEST, SHORTEST, fit, fitted, pauses_of, trimmed
from trax.voice.lifting import lifted
from trax.voice.mixing import (
    CEILING,
    Stretch,
    crossfaded,
    limit,
    loudness,
    placed,
    replaced,
    zero_crossing,
)
from trax.voice.pseudonyms import pseudonym
from trax.voice.saying import ATTEMPTS, Attempt, parts_of, said
from trax.voice.stock_voices import stock_voices

RATE = 24_000


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE), np.float32)


def speech(*parts: float) -> Waveform:
    """Sound and silence in turn, so many seconds of each."""
    made = [tone(each, RATE) if not at % 2 else silence(each) for at, each in enumerate(parts)]
    return Waveform(np.concatenate(made), RATE)


pauses = st.lists(st.floats(0.12, 1.0), max_size=4)


@given(pauses, st.floats(0.5, 10.0), st.floats(0.5, 12.0))
def test_stretch_stays_natural_and_what_is_missing_is_said(gaps, sound, duration):
    """0.85 to 1.2; the rest is reported as seconds over or under."""
    spans = []
    at = 0.1
    for gap in gaps:
        spans.append(Span(at, at + gap))
        at += gap + 0.1
    length = sound + sum(gaps)
    made = fit(spans, length, duration)
    assert SHORTEST <= made.stretch <= LONGEST
    assert made.duration == pytest.approx(made.stretch * (length + sum(made.added)))
    assert made.over == pytest.approx(made.duration - duration)
    if SHORTEST < made.stretch < LONGEST:
        assert abs(made.over) <= 0.021 * max(duration, made.duration)


def test_pauses_give_way_before_speech_is_stretched():
    """What can be had of silence is not taken from words."""
    made = fit([Span(1.0, 1.5)], 3.0, 2.7)
    assert (made.stretch, made.added[0]) == (1.0, pytest.approx(-0.3))


def test_pauses_are_found_and_edges_trimmed():
    """To a hundredth of a second."""
    found = trimmed(Waveform(np.concatenate([silence(0.3), speech(1.0, 0.5, 1.0).samples]), RATE))
    assert found.duration == pytest.approx(2.5, abs=0.02)
    (pause,) = pauses_of(found)
    assert (pause.start, pause.end) == (pytest.approx(1.0, abs=0.02), pytest.approx(1.5, abs=0.02))


@pytest.mark.parametrize("duration", [2.2, 2.5, 3.0])
def test_fitted_speech_takes_its_time(duration):
    """To a hundredth of a second, its loudness kept."""
    made, plan = fitted(speech(1.0, 0.5, 1.0), duration)
    assert made.duration == pytest.approx(duration, abs=0.06)
    assert made.duration == pytest.approx(plan.duration, abs=0.01)
    assert np.abs(made.samples).max() == pytest.approx(0.3, abs=0.08)


class TestSaying:
    """An engine is asked to speak faster before its speech is stretched."""

    def test_what_is_far_off_is_said_again_at_another_speed(self):
        """0.3 s a word at its own speed."""
        voices = ScriptedVoices()
        made, spoken = said(narrator(voices, "high"), "one two three four", "en", 1.0, Attempt())
        assert [speed for _, _, speed in voices.said] == [1.0, 1.2]
        assert spoken.natural == pytest.approx(1.2, abs=0.02)
        assert made.duration == pytest.approx(1.0, abs=0.03)

    def test_what_is_known_to_be_far_off_is_said_once(self):
        """Later attempts know how long it takes."""
        voices = ScriptedVoices()
        said(narrator(voices, "high"), "one two three four", "en", 1.0, ATTEMPTS[1], 1.2)
        assert [speed for _, _, speed in voices.said] == [round(1.2 * ATTEMPTS[1].speed, 3)]

    def test_a_sentence_in_parts(self):
        """Between clauses, and all of it is said."""
        voices = ScriptedVoices()
        text = "if it rains, we stay at home"
        said(narrator(voices, "high"), text, "en", 2.1, Attempt(parts=2), 2.1)
        assert [each for each, _, _ in voices.said] == ["if it rains,", "we stay at home"]

    @given(st.lists(st.sampled_from(["a", "b,", "c."]), min_size=1), st.integers(1, 2))
    def test_parts_are_the_whole(self, spoken, count):
        """No word is lost, and no part is empty."""
        parts = parts_of(" ".join(spoken), count)
        assert " ".join(parts).split() == spoken
        assert all(parts)


class TestComparison:
    """What was heard."""

    def test_the_same_in_another_spelling_is_no_error(self):
        """Case, punctuation, spaces."""
        assert (
            compared("Every one came, didn't they?", "everyone came didn't they", "en").errors == 0
        )

    def test_errors_are_counted_and_missed_words_named(self):
        """Words that are too many count as well."""
        found = compared("the cat sat on the mat", "the bat sat on the mat now", "en")
        assert (found.errors, found.words, found.missed) == (2, 6, ("cat",))

    def test_nonsense_is_not_accepted(self):
        """A quarter of the words may be wrong: names are often misheard."""
        assert compared("we saw Carl today", "we saw Karl today", "en").is_accepted
        assert not compared("we saw Carl today", "we so car today", "en").is_accepted


class TestMixing:
    """Speech in the place of a voice."""

    rate = 44_100

    def stretch(self, seconds=2.0, level=0.2):
        voice = tone(seconds, self.rate, 300.0, level)
        voices = np.stack([voice, 0.5 * voice], axis=1)
        background = np.stack([tone(seconds, self.rate, 1000.0, 0.05)] * 2, axis=1)
        return Stretch(voices + background, voices, self.rate), background

    def test_loudness_and_position_are_the_old_voice_s(self):
        """To a tenth of a unit, and half as loud on the right."""
        stretch, _ = self.stretch()
        made = placed(Waveform(tone(1.5, self.rate, 500.0, 0.9), self.rate), stretch.voice)
        assert loudness(made, self.rate) == pytest.approx(
            loudness(stretch.voice, self.rate), abs=0.2
        )
        left, right = np.abs(made).max(axis=0)
        assert right == pytest.approx(0.5 * left, rel=0.01)

    def test_the_background_stays_under_it(self):
        """Where nothing is said, only the background is left; the ends are those of the mix."""
        stretch, background = self.stretch(level=0.05)
        made = replaced(stretch, [])
        inside = slice(2000, -2000)
        assert np.allclose(made[inside], background[inside], atol=1e-6)
        assert np.allclose(made[:5], stretch.mix[:5], atol=0.01)
        assert np.allclose(made[-5:], stretch.mix[-5:], atol=0.01)

    def test_what_the_separator_took_of_the_background_is_given_back(self):
        """More under a voice 20 dB louder than under one 10 dB louder; none where nobody speaks."""
        rng = np.random.default_rng(0)
        background = rng.normal(0, 0.01, (3 * self.rate, 2)).astype(np.float32)
        voice = np.zeros_like(background)
        second = slice(self.rate + 4410, 2 * self.rate - 4410)
        gains = []
        for over in (3.2, 10.0):
            noise = rng.normal(0, 0.01 * over, (self.rate, 2))
            voice[self.rate : 2 * self.rate] = noise.astype(np.float32)
            made = lifted(background, voice, self.rate)
            gains.append(20 * np.log10(made[second].std() / background[second].std()))
            assert np.array_equal(made[: self.rate // 2], background[: self.rate // 2])
        assert gains == pytest.approx([0.5, 1.75], abs=0.3)

    def test_no_true_peak_is_above_the_ceiling(self):
        """-1 dB; what is below is untouched."""
        loud = np.stack([tone(0.5, self.rate, 11_025.0, 1.3)] * 2, axis=1)
        made = limit(loud, self.rate)
        assert np.abs(resample_poly(made, 8, 1, axis=0)).max() <= CEILING
        soft = loud * 0.1
        assert limit(soft, self.rate) is soft

    def test_fades_have_no_steps(self):
        """No sample differs more from the one before than it does in either sound."""
        outer = np.stack([tone(1.0, self.rate, 200.0, 0.5)], axis=1)
        inner = np.stack([tone(1.0, self.rate, 330.0, 0.5)], axis=1)
        made = crossfaded(outer, inner, self.rate)
        steps = np.abs(np.diff(made[:, 0])).max()
        assert steps <= max(np.abs(np.diff(x[:, 0])).max() for x in (outer, inner)) * 1.1

    def test_cuts_are_near_zero_crossings(self):
        """Within a hundredth of a second."""
        sound = tone(0.1, self.rate, 100.0, 0.5)[:, None]
        at = zero_crossing(sound, 1000, self.rate)
        assert abs(at - 1000) <= 441
        assert abs(sound[at, 0]) < 0.01


def test_made_up_voices_are_the_same_for_a_recording_and_differ_between_its_speakers():
    """They depend on nobody's own voice."""
    voices = ScriptedVoices().voices
    first = pseudonym(voices, "en", "recording", 0)
    assert first == pseudonym(voices, "en", "recording", 0)
    assert first != pseudonym(voices, "en", "recording", 1) or len(voices) == 2
    assert "*0.5+" in first


def test_as_many_voices_are_made_up_as_people_may_speak():
    """The first thirteen share no stock voice; none of the first fifty is another's."""
    made = [pseudonym(stock_voices(), "en", "recording", number) for number in range(50)]
    assert len(set(made)) == 50
    parts = [part for voice in made[:13] for part in voice.split("+")]
    assert len(set(parts)) == 26


def test_no_voice_that_is_made_up_whispers():
    """Words get lost in a whisper."""
    whispering = [each.name for each in stock_voices() if each.whispers]
    assert whispering == ["af_nicole"]
    for number in range(len(stock_voices())):
        assert "af_nicole" not in pseudonym(stock_voices(), "en", "recording", number)


class TestEdges:
    """Where speech begins and ends."""

    rate = 16_000

    def speech(self, noise: float):
        """A second of nothing but noise, one of sound, one of noise."""
        sound = np.random.default_rng(0).normal(0, noise, 3 * self.rate)
        sound[self.rate : 2 * self.rate] += tone(1.0, self.rate, 300.0, 0.3)
        return sound.astype(np.float32)

    @pytest.mark.parametrize("noise", [0.0, 0.001, 0.02])
    def test_noise_of_the_recording_is_no_speech(self, noise):
        """Down to 20 dB below the voice: within two hundredths of a second."""
        found = sounding(self.speech(noise), self.rate, Span(5.0, 8.0))
        assert (found.start, found.end) == pytest.approx((6.0, 7.0), abs=0.02)

    def test_where_there_is_no_sound_all_of_it_is_given_back(self):
        """Nothing is known then."""
        silence = np.zeros(self.rate, np.float32)
        assert sounding(silence, self.rate, Span(1.0, 2.0)) == Span(1.0, 2.0)
