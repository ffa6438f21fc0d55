"""Reading any container, telling files by their content, and cutting long audio."""

import os
import shutil
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from trax.audio import SAMPLE_RATE, Limits, StoredAudio, decode_to_flac, probe, windows_at_silence
from trax.errors import LimitExceeded, UnreadableAudio
from trax.testing import CONTAINERS, encode, tone, write_audio
from trax.transcript import Span

LIMITS = Limits()


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, Path]:
    """Three seconds of a tone in every container."""
    folder = tmp_path_factory.mktemp("containers")
    return {suffix: encode(folder / f"tone.{suffix}", tone(3.0)) for suffix in CONTAINERS}


def reason(path: Path, limits: Limits = LIMITS) -> str:
    """Why *path* is refused."""
    try:
        probe(path, limits)
        decode_to_flac(path, path.with_suffix(".out"), limits)
    except (UnreadableAudio, LimitExceeded) as error:
        assert str(path) in str(error)
        return str(error)
    return pytest.fail(f"{path} was not refused")


class TestContainers:
    @pytest.mark.parametrize("suffix", CONTAINERS)
    def test_every_container_is_read(self, files, suffix, tmp_path):
        """Probed and decoded to 16 kHz mono, the right length, the right sound."""
        found = probe(files[suffix], LIMITS)
        assert (len(found.streams), found.channels) == (1, 1)
        assert found.duration == pytest.approx(3.0, abs=0.1)
        target = tmp_path / "out.flac"
        decoded = decode_to_flac(files[suffix], target, LIMITS)
        assert decoded.duration == pytest.approx(3.0, abs=0.1)
        assert decoded.warnings == ()
        samples, rate = soundfile.read(target)
        assert (rate, samples.ndim) == (SAMPLE_RATE, 1)
        spectrum = np.abs(np.fft.rfft(samples[8000:24_000]))
        assert abs(int(np.argmax(spectrum)) - 440) <= 2

    @pytest.mark.parametrize("suffix", CONTAINERS)
    def test_the_name_does_not_matter(self, files, suffix, tmp_path):
        """Content decides: a wrong or missing suffix changes nothing."""
        for name in ("renamed.txt", "renamed.mp3", "no_suffix"):
            copy = tmp_path / name
            shutil.copyfile(files[suffix], copy)
            assert probe(copy, LIMITS).codec == probe(files[suffix], LIMITS).codec

    @pytest.mark.parametrize("suffix", ["mp4", "mkv", "mov"])
    def test_the_sound_of_a_video_is_read(self, suffix, tmp_path):
        """The picture is left aside."""
        file = encode(tmp_path / f"video.{suffix}", tone(2.0), video=True)
        assert decode_to_flac(file, tmp_path / "out.flac", LIMITS).duration == pytest.approx(
            2.0, abs=0.1
        )

    def test_names_that_look_like_protocols_are_only_names(self, files, tmp_path, monkeypatch):
        """FFmpeg would take some names for instructions."""
        monkeypatch.chdir(tmp_path)
        for name in ("concat:a|b.wav", "http:x.wav", "frame%03d.wav", "-i.wav", "ünï – ネコ.wav"):
            shutil.copyfile(files["wav"], tmp_path / name)
            assert probe(Path(name), LIMITS).codec == "pcm_s16le"

    def test_stereo_is_mixed_down(self, tmp_path):
        """Both channels are heard."""
        stereo = np.stack([tone(1.0), np.zeros(16_000, dtype=np.float32)], axis=1)
        soundfile.write(str(tmp_path / "stereo.wav"), stereo, 16_000)
        assert probe(tmp_path / "stereo.wav", LIMITS).channels == 2
        decode_to_flac(tmp_path / "stereo.wav", tmp_path / "out.flac", LIMITS)
        assert np.abs(soundfile.read(tmp_path / "out.flac")[0]).max() > 0.1

    def test_progress_counts_up_to_the_duration(self, files, tmp_path):
        """In seconds, never back."""
        seen: list[float] = []
        decoded = decode_to_flac(files["wav"], tmp_path / "out.flac", LIMITS, seen.append)
        assert seen == sorted(seen)
        assert seen[-1] == decoded.duration

    def test_time_stamps_that_jump_become_silence(self, tmp_path):
        """Times must agree with the video that the sound belongs to."""
        file = tmp_path / "gap.mkv"
        with av.open(str(file), "w") as container:
            stream = container.add_stream("pcm_s16le", rate=16_000, layout="mono")
            for start in (0, 3 * 16_000):
                pcm = (tone(1.0) * 32767).astype(np.int16).reshape(1, -1)
                frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
                frame.sample_rate, frame.pts = 16_000, start
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        assert decode_to_flac(file, tmp_path / "out.flac", LIMITS).duration == pytest.approx(
            4.0, abs=0.05
        )
        samples = soundfile.read(tmp_path / "out.flac")[0]
        assert np.abs(samples[int(1.2 * 16_000) : int(2.8 * 16_000)]).max() == 0


class TestBadInput:
    def test_a_missing_file(self, tmp_path):
        """Named, and said to be missing."""
        assert "no such file" in reason(tmp_path / "nothing.wav")

    def test_a_folder(self, tmp_path):
        """Not a file."""
        assert "folder" in reason(tmp_path)

    def test_an_empty_file(self, tmp_path):
        """Zero bytes hold no sound."""
        (tmp_path / "empty.mp3").touch()
        assert "empty" in reason(tmp_path / "empty.mp3")

    @pytest.mark.parametrize(
        "content", [b"Dear all,\nplease find\n" * 50, b"\0" * 5000, b"%PDF-1.7\n%\xe2\xe3\n" * 99]
    )
    def test_what_is_no_audio(self, content, tmp_path):
        """A text renamed to .mp3 is still a text."""
        file = tmp_path / "fake.mp3"
        file.write_bytes(content)
        assert "cannot read audio from" in reason(file)

    def test_a_playlist_opens_nothing_else(self, tmp_path, files):
        """A list of other files or hosts is no recording, whatever it is called."""
        shutil.copyfile(files["wav"], tmp_path / "other.wav")
        for name, text in (
            ("a.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nother.wav\n#EXT-X-ENDLIST\n"),
            ("b.mp3", "ffconcat version 1.0\nfile other.wav\n"),
        ):
            (tmp_path / name).write_text(text)
            assert "no audio or video format" in reason(tmp_path / name)

    def test_a_video_without_sound(self, tmp_path):
        """There is nothing to hear."""
        file = tmp_path / "silent.mp4"
        with av.open(str(file), "w") as container:
            stream = container.add_stream("mpeg4", rate=5)
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            frame = av.VideoFrame.from_ndarray(
                np.zeros((48, 64, 3), dtype=np.uint8), format="rgb24"
            )
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        assert "no audio stream" in reason(file)

    def test_a_header_without_samples(self, tmp_path):
        """A wav of length zero is valid, and holds nothing."""
        soundfile.write(str(tmp_path / "none.wav"), np.zeros(0, dtype=np.float32), 16_000)
        assert "cannot read audio" in reason(tmp_path / "none.wav")

    @pytest.mark.parametrize("entry", [b"enca", b"drms"])
    def test_protected_audio_in_mp4(self, files, entry, tmp_path):
        """Encrypted sample entries (ISO 23001-7, FairPlay): said, not decoded to noise."""
        data = files["m4a"].read_bytes()
        (tmp_path / "locked.m4a").write_bytes(data.replace(b"mp4a", entry, 1))
        assert "protected (DRM)" in reason(tmp_path / "locked.m4a")

    def test_protected_audio_in_wma(self, files, tmp_path):
        """ASF's content encryption object."""
        data = files["wma"].read_bytes()
        marker = bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e")
        (tmp_path / "locked.wma").write_bytes(data[:30] + marker + data[30:])
        assert "protected (DRM)" in reason(tmp_path / "locked.wma")

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_a_file_that_may_not_be_read(self, files, tmp_path):
        """Permission is a reason of its own."""
        shutil.copyfile(files["wav"], tmp_path / "secret.wav")
        (tmp_path / "secret.wav").chmod(0)
        assert "permission denied" in reason(tmp_path / "secret.wav")

    def test_permission_denied_is_said(self, files, monkeypatch):
        """Also where the tests run as root."""

        def refuse(*_args, **_kwargs):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)
        with pytest.raises(UnreadableAudio, match="permission denied"):
            probe(files["wav"], LIMITS)

    def test_a_device_is_no_recording(self):
        """Reading /dev/zero would never end."""
        assert "not a regular file" in reason(Path("/dev/zero"))


class TestTruncated:
    @pytest.mark.parametrize("suffix", ["wav", "mp3", "flac", "ogg", "webm", "mkv", "aac", "wma"])
    def test_half_a_file_gives_half_the_sound(self, files, suffix, tmp_path):
        """What is there is used."""
        data = files[suffix].read_bytes()
        half = tmp_path / f"half.{suffix}"
        half.write_bytes(data[: len(data) // 2])
        decoded = decode_to_flac(half, tmp_path / "out.flac", LIMITS)
        assert 0.5 < decoded.duration < 2.5

    @pytest.mark.parametrize("suffix", ["wav", "flac", "mkv", "wma"])
    def test_half_a_file_is_said_to_be_half(self, files, suffix, tmp_path):
        """Wherever the container declares a length."""
        data = files[suffix].read_bytes()
        half = tmp_path / f"half.{suffix}"
        half.write_bytes(data[: len(data) // 2])
        warnings = decode_to_flac(half, tmp_path / "out.flac", LIMITS).warnings
        assert any("ends early" in warning or "damaged" in warning for warning in warnings)

    def test_a_half_mp4_without_its_index_is_refused(self, files, tmp_path):
        """The index stands at the end: without it nothing can be found."""
        data = files["m4a"].read_bytes()
        (tmp_path / "half.m4a").write_bytes(data[: len(data) // 2])
        assert "cannot read audio" in reason(tmp_path / "half.m4a")


class TestLimits:
    def test_too_many_bytes(self, files):
        """Refused before anything is opened, with both sizes."""
        assert "more than the 1000 allowed" in reason(files["wav"], Limits(size_bytes=1000))

    def test_too_long(self, files):
        """Refused by what the container declares."""
        text = reason(files["wav"], Limits(duration=1.0))
        assert "longer than the 0:01 allowed" in text
        assert "0:03" in text

    def test_too_long_although_it_says_otherwise(self, tmp_path):
        """A container may lie: decoding stops at the limit."""
        file = write_audio(tmp_path / "long.wav", tone(5.0))
        with pytest.raises(LimitExceeded):
            decode_to_flac(file, tmp_path / "out.flac", Limits(duration=1.0))


class TestStoredAudio:
    def test_any_stretch_can_be_read(self, tmp_path):
        """Sample for sample what was written."""
        samples = np.linspace(-0.5, 0.5, 32_000, dtype=np.float32)
        audio = StoredAudio.open(write_audio(tmp_path / "a.flac", samples))
        assert audio.duration == 2.0
        part = audio.read(Span(0.5, 1.5))
        assert part.duration == 1.0
        assert np.abs(part.samples - samples[8000:24_000]).max() < 1e-4
        assert len(audio.read().samples) == 32_000

    def test_past_the_end_there_is_nothing(self, tmp_path):
        """Shorter, not padded."""
        audio = StoredAudio.open(write_audio(tmp_path / "a.flac", tone(1.0)))
        assert audio.read(Span(0.5, 9.0)).duration == 0.5
        assert audio.read(Span(5.0, 9.0)).duration == 0.0

    def test_two_channels_are_refused(self, tmp_path):
        """What stages store is mono."""
        soundfile.write(str(tmp_path / "s.wav"), np.zeros((100, 2)), 16_000)
        with pytest.raises(UnreadableAudio, match="one channel"):
            StoredAudio.open(tmp_path / "s.wav")

    def test_what_is_no_audio_is_refused(self, tmp_path):
        """A damaged store gives an error of ours."""
        (tmp_path / "x.flac").write_bytes(b"nonsense")
        with pytest.raises(UnreadableAudio):
            StoredAudio.open(tmp_path / "x.flac")


class TestWindows:
    @given(st.floats(0.01, 90.0), st.floats(2.0, 40.0), st.integers(0, 3))
    def test_windows_cover_everything_once(self, tmp_path_factory, duration, longest, seed):
        """No sample is lost, none is read twice, none is over the limit."""
        noise = (
            np.random.default_rng(seed).normal(0, 0.1, round(duration * 1000)).astype(np.float32)
        )
        path = tmp_path_factory.getbasetemp() / "noise.flac"
        soundfile.write(str(path), noise, 1000, subtype="PCM_16")
        audio = StoredAudio.open(path)
        windows = windows_at_silence(audio, longest)
        assert windows[0].start == 0.0
        assert windows[-1].end == audio.duration
        assert all(one.end == other.start for one, other in pairwise(windows))
        assert all(window.duration <= longest + 1e-6 for window in windows)

    def test_a_short_recording_is_one_window(self, tmp_path):
        """Nothing is cut without need."""
        audio = StoredAudio.open(write_audio(tmp_path / "a.flac", tone(5.0)))
        assert windows_at_silence(audio, 5.0) == [Span(0.0, 5.0)]

    def test_cuts_lie_in_silence(self, tmp_path):
        """No word is cut in two where there is a pause."""
        samples = tone(20.0)
        samples[int(8.2 * 16_000) : int(9.2 * 16_000)] = 0.0
        audio = StoredAudio.open(write_audio(tmp_path / "a.flac", samples))
        first = windows_at_silence(audio, 10.0)[0]
        assert 8.4 <= first.end <= 9.0
