"""The engines of voices that ship in packages, on real speech."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile

from trax.asr import Decoding
from trax.asr.engine import no_progress
from trax.asr.whisper import Placement, WhisperDecoder, load_whisper
from trax.audio import StoredAudio, Waveform
from trax.audio.resampling import resample, resampled
from trax.errors import InvalidOption
from trax.models import Kind, ModelFinder, ModelManager
from trax.service.revoicing import IS_MARKED
from trax.testing import music, noise
from trax.voice import narrator
from trax.voice.loaded import LoadedVoices
from trax.voice.marking import surest_mark
from trax.voice.narrators import nearest_voice
from trax.voice.stock_voices import stock_voices

pytestmark = pytest.mark.real

ON_CPU = Placement("cpu", "int8", 1)


@pytest.fixture(scope="module")
def voices(models_folder):
    """The real engines, on the CPU."""
    finder = ModelFinder(models_folder, offline=True)
    return LoadedVoices(finder, ModelManager(), "cpu", 1)


class TestKokoro:
    def test_it_says_what_it_is_told_in_the_voice_asked_for(self, voices, models_folder):
        """Words are recognised again, and the voice is nearest to its own embedding."""
        said = narrator(voices, "af_heart").say("The meeting begins in the afternoon.", "en")
        assert recognised(models_folder, said) == "The meeting begins in the afternoon."
        timbre = voices.likeness().embed(said)
        assert nearest_voice(stock_voices(), timbre) == "af_heart"

    def test_nothing_to_say_gives_nothing(self, voices):
        """Punctuation alone makes no sound."""
        synthesiser = voices.synthesiser()
        assert len(synthesiser.say(" … ", "af_sky", "en").samples) == 0

    def test_only_english_is_spoken_and_only_at_speeds_that_it_can(self, voices):
        """Refused in a sentence."""
        synthesiser = voices.synthesiser()
        with pytest.raises(InvalidOption, match="speaks English, not Ukrainian"):
            synthesiser.say("Привіт", "af_sky", "uk")
        with pytest.raises(InvalidOption, match=r"0\.5 to 2, not 3"):
            synthesiser.say("Hello", "af_sky", "en", speed=3.0)


@pytest.fixture(scope="module")
def said(voices):
    """Four seconds of synthetic speech."""
    text = "Whether you go by train or by plane, the journey takes about five hours."
    return narrator(voices, "am_michael").say(text, "en")


class TestSpleeter:
    def test_it_takes_the_voice_out_of_music(self, voices, said):
        """The voice is at least 5 dB cleaner than in the mix, in both channels."""
        voice = resampled(said, 48_000).samples
        played = resample(music(said.duration + 1), 16_000, 48_000)[: len(voice)]
        mix = np.stack([voice + played, 0.5 * voice + played], axis=1)
        blocks = (mix[at : at + 10_007] for at in range(0, len(mix), 10_007))
        found = np.concatenate(list(voices.separator().separate(blocks, 48_000)))
        assert found.shape == mix.shape
        for channel in range(2):
            better = si_sdr(found[:, channel], voice) - si_sdr(mix[:, channel], voice)
            assert better > 5.0


class TestPerth:
    def test_the_mark_is_found_in_what_was_marked_and_nowhere_else(self, voices, said):
        """Also after a change of rate and level, and in two seconds of it."""
        watermark = voices.watermark()
        marked = watermark.mark(said)
        assert len(marked.samples) == len(said.samples)
        quieter = replace(marked, samples=0.3 * marked.samples[: 2 * marked.sample_rate])
        assert watermark.detect(marked) > 0.8
        assert watermark.detect(resampled(quieter, 16_000)) > 0.8
        assert watermark.detect(said) < 0.2
        assert watermark.detect(Waveform(noise(2.0, 0.1), 16_000)) < 0.2
        assert watermark.detect(Waveform(np.zeros(16_000, np.float32), 16_000)) == 0.0

    def test_the_mark_is_looked_for_in_speech_alone(self, voices, said, tmp_path):
        """Found in a marked utterance after music; music itself, which misleads the detector, and
        speech without the mark are not marked.
        """
        played = music(8.0)
        speech = resampled(said, 16_000).samples
        marked = resampled(voices.watermark().mark(said), 16_000).samples
        sure = {}
        for name, spoken in (("marked", marked), ("unmarked", speech)):
            path = tmp_path / f"{name}.wav"
            soundfile.write(path, np.concatenate([played, spoken, played]), 16_000)
            sure[name] = surest_mark(voices.watermark(), StoredAudio.open(path))
        assert sure["marked"] > IS_MARKED
        assert sure["unmarked"] < IS_MARKED

    def test_a_marked_voice_is_still_the_same_voice(self, voices, said):
        """What tells voices apart does not notice the mark."""
        likeness = voices.likeness()
        marked = voices.watermark().mark(said)
        assert likeness.embed(marked) @ likeness.embed(said) > 0.95


REFERENCE = """The harbour was quiet when we arrived. A few boats lay at the quay, and somebody
was mending nets. My father asked him for the way, but all he did was shrug."""


class TestWorld:
    def test_speech_comes_nearer_to_the_reference_and_keeps_its_words(
        self, voices, said, models_folder
    ):
        """The timbre moves; length and words stay."""
        reference = narrator(voices, "af_bella").say(REFERENCE, "en")
        converted = voices.converter().convert(said, reference)
        assert len(converted.samples) == len(said.samples)
        likeness = voices.likeness()
        before = likeness.embed(said) @ likeness.embed(reference)
        assert likeness.embed(converted) @ likeness.embed(reference) > before + 0.05
        assert "the journey takes about" in recognised(models_folder, converted)

    def test_a_reference_with_too_little_speech_is_refused(self, voices, said):
        """A noise or a word tells too little of a voice."""
        with pytest.raises(InvalidOption, match="give a longer one"):
            voices.converter().convert(said, Waveform(noise(5.0, 0.1), 16_000))


def si_sdr(found, truth):
    """Scale-invariant signal-to-distortion ratio in dB."""
    aligned = (found @ truth) / (truth @ truth) * truth
    return 10 * np.log10((aligned @ aligned) / ((found - aligned) @ (found - aligned)))


def recognised(models_folder, speech):
    """What the packaged recognition model hears."""
    model = ModelFinder(models_folder, offline=True).find("tiny.en", Kind.RECOGNITION)
    loaded = load_whisper(model, ON_CPU)
    decoder = WhisperDecoder(model, ON_CPU, lambda: loaded)
    segments = decoder.decode_stretch(
        resampled(speech, 16_000), Decoding(language="en"), no_progress
    )
    return " ".join(word.text.strip() for segment in segments for word in segment.words)
