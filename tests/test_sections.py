"""Sections between digital silences: the same wherever in a recording they lie."""

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from trax.asr import Pass, Reads, RecognitionOptions, Way
from trax.asr.confidence import load_calibration
from trax.asr.recogniser import PlannedRecogniser
from trax.asr.whisper import Placement, WhisperDecoder, load_whisper
from trax.audio import StoredAudio, Waveform, sections, voice_activity, windows_of_speech
from trax.models import Kind, ModelFinder
from trax.transcript import Span

ON_CPU = Placement("cpu", "int8", 1)
TINY = ("tiny.en",)
PASSES = (
    Pass(models=TINY, beam_size=2),
    Pass(models=TINY, way=Way.STRETCHES, beam_size=1),
    Pass(models=TINY, reads=Reads.UNCOVERED, way=Way.STRETCHES),
)
RATE = 16_000
LEAD = 5_120  # samples of silence before each section


class Samples:
    """Audio in memory."""

    sample_rate = RATE

    def __init__(self, samples: np.ndarray) -> None:
        self.samples = np.asarray(samples, dtype=np.float32)

    @property
    def duration(self) -> float:
        return len(self.samples) / RATE

    def read(self, span: Span | None = None) -> Waveform:
        span = span or Span(0.0, self.duration)
        return Waveform(self.samples[round(span.start * RATE) : round(span.end * RATE)], RATE)

    def clock(self, time: float) -> float:
        return time


def extents(*parts: tuple[int, float]) -> list[tuple[int, int]]:
    """First and past-the-last samples of the sections of *parts*: lengths and levels."""
    samples = np.concatenate([np.full(length, level) for length, level in parts])
    return [(each.first, each.past) for each in sections(Samples(samples))]


class TestWhere:
    def test_two_seconds_of_digital_silence_divide(self):
        """Less does not."""
        assert extents((800, 0.1), (31_000, 0.0), (500, 0.1)) == [(0, 32_300)]
        assert extents((800, 0.1), (33_000, 0.0), (500, 0.1)) == [(0, 800), (33_800, 34_300)]

    def test_silence_at_either_end_belongs_to_nothing(self):
        """However short it is."""
        assert extents((100, 0.0), (800, 0.1), (100, 0.0)) == [(100, 900)]

    def test_dither_is_silence_and_soft_sound_is_not(self):
        """What is below -78 dB of full scale nobody hears."""
        assert extents((800, 0.1), (40_000, 3 / 32_768), (800, 0.1)) == [(0, 800), (40_800, 41_600)]
        assert extents((800, 0.1), (40_000, 5 / 32_768), (800, 0.1)) == [(0, 41_600)]

    @pytest.mark.parametrize("length", [0, 1, 16_000, 2_000_000])
    def test_nothing_but_silence_has_no_section(self, length):
        """Nor has nothing at all."""
        assert sections(Samples(np.zeros(length))) == []

    def test_a_section_may_be_longer_than_what_is_read_at_once(self):
        """A minute; so may a silence."""
        long = 2_000_123
        assert extents((long, 0.1), (long, 0.0), (7, 0.1)) == [
            (0, long),
            (2 * long, 2 * long + 7),
        ]


class TestReading:
    sound = Samples(np.concatenate([np.zeros(700), np.arange(1, 9000) / 10_000]))

    def test_a_section_begins_with_silence(self):
        """A third of a second, though the recording may have less."""
        (section,) = sections(self.sound)
        samples = section.read().samples
        assert not samples[:LEAD].any()
        first = section.first
        assert np.array_equal(samples[LEAD:], self.sound.samples[first:])
        assert section.duration == len(samples) / RATE

    @given(st.integers(0, 15_000), st.integers(0, 15_000))
    def test_any_span_is_the_part_of_the_whole(self, one, other):
        """Across the end of the silence too."""
        (section,) = sections(self.sound)
        start, end = min(one, other), max(one, other)
        part = section.read(Span(start / RATE, end / RATE)).samples
        assert np.array_equal(part, section.read().samples[start:end])

    def test_times_are_told_in_the_recordings(self):
        """To a millisecond, and none is before it begins."""
        parts = [np.full(400, 0.1), np.zeros(50_000), np.full(400, 0.1)]
        first, second = sections(Samples(np.concatenate(parts)))
        assert (first.clock(0.0), first.clock(0.32)) == (0.0, 0.0)
        assert second.clock(0.32) == pytest.approx(50_400 / RATE, abs=0.001)


@pytest.mark.parametrize(("noise", "silence"), [(0, 1), (7_777, 33_333), (123_457, 48_001)])
def test_where_somebody_speaks_does_not_depend_on_what_came_before(
    tmp_path, sample, noise, silence
):
    """Neither on sound nor on how much silence: to the last digit."""
    part, _rate = soundfile.read(sample, dtype="int16", stop=RATE * 40)
    sound = np.random.default_rng(0).integers(-900, 900, noise).astype(np.int16)
    path = tmp_path / "whole.flac"
    whole = [sound, np.zeros(silence, dtype=np.int16), part]
    soundfile.write(path, np.concatenate(whole), RATE)
    expected = voice_activity(sections(Samples(part / 32_768))[-1])
    found = voice_activity(sections(StoredAudio.open(path))[-1])
    assert np.array_equal(found.probabilities, expected.probabilities)
    assert windows_of_speech(found, 25.0) == windows_of_speech(expected, 25.0)


@pytest.mark.real
def test_a_part_has_the_same_text_alone_and_in_a_whole(tmp_path, sample, models_folder):
    """In windows, in stretches and where no word was found, whatever lies before it."""
    speech, _rate = soundfile.read(sample, dtype="int16", stop=RATE * 60)
    pause = np.zeros(50_007, dtype=np.int16)
    parts = [speech[: RATE * 18], speech[RATE * 18 :], speech[RATE * 18 : RATE * 31]]
    model = ModelFinder(models_folder, offline=True).find("tiny.en", Kind.RECOGNITION)
    loaded = load_whisper(model, ON_CPU)
    decoder = WhisperDecoder(model, ON_CPU, lambda: loaded)
    tiny = [decoder] * len(PASSES)
    recogniser = PlannedRecogniser(PASSES, tiny, tiny, load_calibration())

    def text(*sounds: np.ndarray) -> str:
        path = tmp_path / "audio.flac"
        soundfile.write(path, np.concatenate(sounds), RATE)
        options = RecognitionOptions(language="en")
        found = recogniser.recognise(StoredAudio.open(path), options, lambda _share: None)
        return " ".join(segment.text for segment in found.segments)

    alone = [text(part) for part in parts]
    first, second, third = parts
    assert text(pause, first, pause, second, pause, pause[:5], third) == " ".join(alone)
