"""Recognition with real models on real speech."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from trax.asr import RecognitionOptions
from trax.asr.whisper import WhisperRecogniser, _spread
from trax.audio import Waveform
from trax.errors import Cancelled, InvalidOption, ModelUnavailable
from trax.models import Kind, Model, ModelFinder, Origin

pytestmark = pytest.mark.real


def quiet(_share: float) -> None:
    """No progress wanted."""


@pytest.fixture(scope="module")
def recogniser(models_folder) -> WhisperRecogniser:
    model = ModelFinder(models_folder, offline=True).find("tiny.en", Kind.RECOGNITION)
    return WhisperRecogniser(model, "cpu", "int8", 2)


@pytest.fixture(scope="module")
def speech(sample) -> Waveform:
    samples, rate = soundfile.read(sample, dtype="float32", stop=16_000 * 18)
    return Waveform(samples, rate)


@pytest.fixture(scope="module")
def found(recogniser, speech):
    shares: list[float] = []
    window = recogniser.recognise(speech, RecognitionOptions(), shares.append)
    assert shares == sorted(shares)
    assert 0.0 < shares[-1] <= 1.0
    return window


def test_speech_becomes_words(found):
    """What is said in the sample's first eighteen seconds."""
    text = " ".join(segment.text for segment in found.segments).lower()
    assert "canal should be removed and preserved for further investigation" in text
    assert "time at which food" in text or "symptoms" in text


def test_words_have_times_inside_the_audio(found, speech):
    """In order, never backwards."""
    words = [word for segment in found.segments for word in segment.words]
    assert all(0.0 <= word.start <= word.end <= speech.duration for word in words)
    assert [word.start for word in words] == sorted(word.start for word in words)


def test_words_have_confidence(found):
    """A probability each."""
    words = [word for segment in found.segments for word in segment.words]
    assert all(word.confidence is not None and 0.0 <= word.confidence <= 1.0 for word in words)
    assert len({word.confidence for word in words}) > 5


def test_words_are_bare(found):
    """White space is not part of a word."""
    words = [word for segment in found.segments for word in segment.words]
    assert all(word.text == word.text.strip() != "" for word in words)


def test_segments_carry_the_decoders_numbers(found):
    """Later stages judge by them."""
    for segment in found.segments:
        assert segment.mean_log_probability < 0
        assert segment.compression_ratio > 0
        assert 0.0 <= segment.no_speech_probability <= 1.0
        assert segment.temperature is not None


def test_the_same_twice_is_the_same(recogniser, speech, found):
    """On a CPU, word for word and number for number."""
    assert recogniser.recognise(speech, RecognitionOptions(), quiet) == found


@pytest.mark.parametrize("kind", ["silence", "noise", "hum"])
def test_nothing_is_invented_in_silence(recogniser, kind):
    """Voice activity decides what may be spoken."""
    time = np.arange(16_000 * 20) / 16_000
    samples = {
        "silence": np.zeros(len(time)),
        "noise": np.random.default_rng(1).normal(0, 0.01, len(time)),
        "hum": 0.1 * np.sin(2 * np.pi * 50 * time),
    }[kind]
    window = recogniser.recognise(Waveform(samples.astype(np.float32), 16_000), RecognitionOptions(), quiet)
    assert window.segments == ()
    assert window.language == ""


@pytest.mark.parametrize("frames", [1, 100, 1600])
def test_very_short_audio_is_no_error(recogniser, frames):
    """A file may hold a single sample."""
    window = recogniser.recognise(Waveform(np.zeros(frames, dtype=np.float32), 16_000), RecognitionOptions(), quiet)
    assert window.segments == ()


def test_a_model_that_knows_english_only_says_so(recogniser, speech):
    """Instead of writing nonsense."""
    with pytest.raises(InvalidOption, match="English only"):
        recogniser.recognise(speech, RecognitionOptions(language="de"), quiet)


def test_a_stop_goes_through(recogniser, speech):
    """What progress raises ends the work."""

    def stop(_share: float) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        recogniser.recognise(speech, RecognitionOptions(), stop)


def test_the_multilingual_model_finds_the_language(models_folder, speech):
    """With a probability."""
    model = ModelFinder(models_folder, offline=True).find("base", Kind.RECOGNITION)
    recogniser = WhisperRecogniser(model, "cpu", "int8", 2)
    window = recogniser.recognise(speech, RecognitionOptions(beam_size=1), quiet)
    assert window.language == "en"
    assert window.language_confidence > 0.8
    with pytest.raises(InvalidOption, match="does not know language 'xx'"):
        recogniser.recognise(speech, RecognitionOptions(language="xx"), quiet)


def test_what_is_no_model_is_said_to_be_none(tmp_path, speech):
    """A broken folder gives one sentence."""
    (tmp_path / "model.bin").write_bytes(b"nonsense")
    model = Model("mine", Kind.RECOGNITION, Origin.FOLDER, "0", lambda: Path(tmp_path))
    with pytest.raises(ModelUnavailable, match="'mine'"):
        WhisperRecogniser(model, "cpu", "int8", 1).recognise(speech, RecognitionOptions(), quiet)


def test_words_without_times_are_spread():
    """Nothing is lost where alignment gave nothing."""
    words = _spread(["one", "two"], 1.0, 3.0, 2.5)
    assert [(word.text, word.start, word.end, word.confidence) for word in words] == [
        ("one", 1.0, 2.0, None),
        ("two", 2.0, 2.5, None),
    ]
    assert _spread([], 0.0, 1.0, 1.0) == ()
