"""Channels and silence: what is split, joined, measured and blanked, sample by sample."""

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from trax.audio import Limits
from trax.audio.silence import silence_spans
from trax.audio.tracks import LEVEL_FRAME, join_tracks, levels, split_channels
from trax.errors import InvalidOption, StoreError, UnreadableAudio
from trax.testing import tone, write_audio
from trax.transcript import Span

RATE = 16_000


def stereo(path, left, right):
    soundfile.write(path, np.stack([left, right], axis=1), RATE)
    return path


class TestLevels:
    def test_full_scale_is_near_zero_and_silence_at_the_floor(self, tmp_path):
        """Decibels relative to full scale."""
        square = np.sign(tone(1.0)) * 0.999
        found = levels(stereo(tmp_path / "a.flac", square, np.zeros(RATE)))
        assert found[:-1, 0] == pytest.approx(0.0, abs=0.2)
        assert found[:, 1] == pytest.approx(-120.0)

    def test_half_the_amplitude_is_six_decibels_less(self, tmp_path):
        """As anywhere."""
        sound = tone(1.0)
        found = levels(stereo(tmp_path / "a.flac", sound, sound / 2))
        assert found[1:-1, 0] - found[1:-1, 1] == pytest.approx(6.02, abs=0.1)

    @pytest.mark.parametrize("seconds", [0.01, 1.0, 33.0])
    def test_there_is_a_level_for_every_frame(self, tmp_path, seconds):
        """The last frame may be short; blocks do not show."""
        sound = np.full(round(seconds * RATE), 0.1)
        found = levels(stereo(tmp_path / "a.flac", sound, sound))
        assert len(found) == -(-len(sound) // round(LEVEL_FRAME * RATE))
        assert found == pytest.approx(-20.0, abs=0.1)

    def test_no_audio_has_no_levels(self, tmp_path):
        """An empty file is no error."""
        path = tmp_path / "empty.wav"
        soundfile.write(path, np.zeros((0, 2)), RATE)
        assert len(levels(path)) == 0


class TestSplitting:
    def test_the_mix_is_clipped_not_wrapped(self, tmp_path):
        """Two loud voices at once must not turn into noise."""
        loud = np.full(RATE, 0.9)
        mix, tracks = split_channels(stereo(tmp_path / "a.flac", loud, loud), tmp_path)
        samples, _ = soundfile.read(mix)
        assert samples == pytest.approx(1.0, abs=1e-4)
        assert len(tracks) == 2

    def test_every_channel_is_as_long_as_the_recording(self, tmp_path):
        """Over blocks, too."""
        sound = tone(40.0)
        mix, tracks = split_channels(stereo(tmp_path / "a.flac", sound, -sound), tmp_path)
        assert {soundfile.info(str(path)).frames for path in (mix, *tracks)} == {len(sound)}
        assert not soundfile.read(mix)[0].any()

    def test_what_is_joined_can_be_split_again(self, tmp_path):
        """Sample for sample."""
        sounds = [tone(1.0), tone(0.5) / 2, tone(1.5) / 3]
        files = [write_audio(tmp_path / f"{at}.wav", each) for at, each in enumerate(sounds)]
        joined = join_tracks(files, tmp_path / "joined.flac", Limits())
        _, tracks = split_channels(joined, tmp_path)
        for sound, track in zip(sounds, tracks, strict=True):
            samples, _ = soundfile.read(track, dtype="float32")
            assert samples[: len(sound)] == pytest.approx(sound, abs=1e-3)
            assert not samples[len(sound) + 1000 :].any()


class TestJoining:
    @pytest.mark.parametrize("count", [0, 1, 9])
    def test_one_track_or_nine_are_refused(self, tmp_path, count):
        """One is no recording of several, and nine do not fit."""
        with pytest.raises(InvalidOption, match=f"these are {count}"):
            join_tracks([tmp_path / "x.wav"] * count, tmp_path / "out.flac", Limits())

    def test_a_track_that_cannot_be_read_is_named(self, tmp_path):
        """The other one is fine."""
        good = write_audio(tmp_path / "good.wav", tone(0.5))
        bad = tmp_path / "bad.wav"
        bad.write_bytes(b"nonsense")
        with pytest.raises(UnreadableAudio, match=r"bad\.wav"):
            join_tracks([good, bad], tmp_path / "out.flac", Limits())
        assert not (tmp_path / "out.flac").exists()

    def test_progress_rises_below_one(self, tmp_path):
        """The last step is writing."""
        files = [write_audio(tmp_path / f"{at}.wav", tone(0.2)) for at in range(3)]
        shares: list[float] = []
        join_tracks(files, tmp_path / "out.flac", Limits(), shares.append)
        assert shares == [0.25, 0.5, 0.75]


class TestSilence:
    @given(st.lists(st.tuples(st.floats(0.0, 3.0), st.floats(0.0, 1.0)), max_size=5))
    def test_only_the_spans_are_silent(self, tmp_path_factory, starts_and_lengths):
        """And all of them, to the sample."""
        folder = tmp_path_factory.getbasetemp()
        source = folder / "source.flac"
        soundfile.write(source, np.full(RATE * 3, 0.5), RATE)
        spans = [Span(start, start + length) for start, length in starts_and_lengths]
        silence_spans(source, folder / "target.flac", spans)
        samples, rate = soundfile.read(folder / "target.flac")
        assert (len(samples), rate) == (RATE * 3, RATE)
        times = np.arange(len(samples)) / RATE
        silent = np.zeros(len(samples), dtype=bool)
        for span in spans:
            silent |= (times >= span.start) & (times < span.end)
        assert not samples[silent].any()
        kept = np.count_nonzero(samples)
        assert kept <= np.count_nonzero(~silent) <= kept + 2 * len(spans)

    def test_every_channel_is_silenced(self, tmp_path):
        """A name is heard in all microphones."""
        source = stereo(tmp_path / "a.flac", np.full(RATE, 0.5), np.full(RATE, -0.5))
        silence_spans(source, tmp_path / "b.flac", [Span(0.25, 0.5)])
        samples, _ = soundfile.read(tmp_path / "b.flac")
        assert not samples[4000:8000].any()
        assert samples[8000:].all()

    def test_half_a_file_is_never_left(self, tmp_path):
        """Neither at the target nor beside it."""
        (tmp_path / "bad.flac").write_bytes(b"nonsense")
        with pytest.raises(StoreError, match="cannot write"):
            silence_spans(tmp_path / "bad.flac", tmp_path / "out.flac", [])
        assert [path.name for path in tmp_path.iterdir()] == ["bad.flac"]
