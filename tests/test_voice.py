"""Voices: engines behind Protocols, narrators, speech fitted to its time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trax.audio import Waveform
from trax.errors import InvalidOption, NotFound
from trax.testing import ScriptedVoices, tone
from trax.voice import narrator, stretched
from trax.voice.narrators import nearest_voice
from trax.voice.overlapping import in_windows
from trax.voice.phonemes import cut
from trax.voice.stock_voices import parse_mix, stock_voices, style

RATE = 24_000


@pytest.mark.parametrize("factor", [0.5, 0.85, 1.0, 1.2001, 2.0])
def test_stretched_speech_has_exactly_its_length_and_keeps_its_pitch(factor):
    """Not one sample more or less, and the tone stays where it was."""
    speech = Waveform(tone(1.37, RATE, 440.0), RATE)
    made = stretched(speech, speech.duration * factor)
    assert len(made.samples) == round(speech.duration * factor * RATE)
    spectrum = np.abs(np.fft.rfft(made.samples))
    assert np.argmax(spectrum) / made.duration == pytest.approx(440.0, abs=3.0)


def test_stretched_silence_of_no_length_is_silence():
    """Nothing said is nothing to stretch."""
    nothing = Waveform(np.zeros(0, np.float32), RATE)
    assert not stretched(nothing, 0.5).samples.any()
    assert len(stretched(Waveform(tone(0.2, RATE), RATE), 0.0).samples) == 0


def test_a_reference_is_spoken_by_the_nearest_stock_voice_with_its_timbre():
    """Without a cloner the nearest voice speaks, and its timbre becomes the reference's."""
    voices = ScriptedVoices()
    speaker = narrator(voices, Waveform(tone(3.0, 16_000, 350.0), 16_000))
    said = speaker.say("two words", "en")
    assert voices.said[-1][1] == "low"
    spectrum = np.abs(np.fft.rfft(said.samples))
    assert np.argmax(spectrum) / said.duration == pytest.approx(350.0, abs=3.0)


def test_a_reference_is_cloned_where_an_engine_can():
    """The cloner goes before the timbre transfer."""
    voices = ScriptedVoices(cloning=True)
    narrator(voices, Waveform(tone(3.0, 16_000, 350.0), 16_000)).say("two words", "en")
    assert voices.said == [("two words", "reference", 1.0)]


def test_narrators_of_one_voice_share_a_fingerprint_and_others_do_not():
    """A checkpoint's key tells voices, references and engines apart."""
    low, high = (Waveform(tone(3.0, 16_000, hertz), 16_000) for hertz in (350.0, 360.0))
    voices = ScriptedVoices()
    chosen = ("low", "high", low, high)
    prints = [narrator(voices, voice).fingerprint for voice in chosen]
    assert len(set(prints)) == 4
    assert prints == [narrator(ScriptedVoices(), voice).fingerprint for voice in chosen]
    assert narrator(ScriptedVoices(version="2"), "low").fingerprint not in prints


def test_an_unknown_voice_and_an_unspoken_language_are_refused():
    """Each in a sentence, before anything is said."""
    voices = ScriptedVoices()
    with pytest.raises(NotFound, match="no voice 'middle'"):
        narrator(voices, "middle")
    with pytest.raises(InvalidOption, match="speaks English, not German"):
        narrator(voices, "low").say("Guten Tag", "de")
    assert not voices.said


class TestStockVoices:
    def test_a_mix_lies_between_its_voices(self):
        """Styles are weighted means, whatever the weights sum to."""
        one, other = style("af_heart", 40), style("am_adam", 40)
        assert np.allclose(style("af_heart*3+am_adam", 40), 0.75 * one + 0.25 * other, atol=1e-4)

    @pytest.mark.parametrize("mix", ["af_heart*x", "af_heart*-1+am_adam", "af_heart*inf"])
    def test_a_mix_that_makes_no_sense_is_refused(self, mix):
        """Weights are positive numbers."""
        with pytest.raises(InvalidOption, match="positive number"):
            parse_mix(mix)

    def test_every_voice_is_nearest_to_itself(self):
        """The shipped embeddings tell the voices apart; one that whispers is nobody's nearest."""
        heard = [voice for voice in stock_voices() if voice.timbre]
        assert {voice.name for voice in stock_voices()} - {voice.name for voice in heard} == {
            "af_nicole"
        }
        for voice in heard:
            timbre = np.asarray(voice.timbre)
            assert np.linalg.norm(timbre) == pytest.approx(1.0, abs=0.01)
            assert nearest_voice(stock_voices(), timbre) == voice.name


def test_long_texts_are_cut_at_sentences_else_at_phrases_else_between_words():
    """No piece is longer than the model takes, and no phoneme is lost."""
    text = "one two three four. five, six seven eight; nine ten eleven twelve thirteen."
    for most in (6, 12, 25, 40, 100):
        pieces = cut(text, most)
        assert max(len(piece) for piece in pieces) <= most
        assert "".join(pieces).replace(" ", "") == text.replace(" ", "")
    assert cut(text, 40)[0] == "one two three four."
    assert cut(" ", 40) == []


@given(
    lengths=st.lists(st.integers(0, 700), max_size=8),
    window=st.integers(20, 300),
    overlap=st.integers(1, 10),
)
def test_windows_faded_into_each_other_give_the_recording_back(lengths, window, overlap):
    """Whatever the blocks, work that changes nothing changes nothing, and none is longer."""
    total = sum(lengths)
    recording = np.arange(2 * total, dtype=np.float32).reshape(total, 2) / max(1, total)
    ends = np.cumsum(lengths)
    blocks = [recording[end - length : end] for end, length in zip(ends, lengths, strict=True)]
    seen = []

    def work(block):
        seen.append(len(block))
        return block

    made = list(in_windows(blocks, window, overlap, work))
    assert np.allclose(np.concatenate([recording[:0], *made]), recording, atol=1e-5)
    assert max(seen, default=0) <= window
