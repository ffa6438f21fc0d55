"""Voices: engines behind Protocols, narrators, speech fitted to its time."""

import numpy as np
import pytest

from trax.audio import Waveform
from trax.errors import InvalidOption, NotFound
from trax.testing import ScriptedVoices, tone
from trax.voice import narrator, stretched

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
