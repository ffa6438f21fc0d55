"""Sound that is easily lost: by its file's times and headers, its channels and its level."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from trax.audio import SAMPLE_RATE, SUFFIXES, Limits, decode_to_flac, probe
from trax.audio.decode import Decoded
from trax.errors import LimitExceeded, UnreadableAudio
from trax.testing import encode, tone

LIMITS = Limits()
MORE = "the file holds more sound than its header states; all of it was read"


def read(path: Path) -> tuple[Decoded, np.ndarray]:
    """What is decoded, and its samples."""
    probe(path, LIMITS)
    target = path.with_name("decoded.flac")
    decoded = decode_to_flac(path, target, LIMITS)
    return decoded, soundfile.read(target, dtype="float32")[0]


def begins(samples: np.ndarray) -> float:
    """Seconds before the first sound."""
    return int(np.argmax(np.abs(samples) > 0.05)) / SAMPLE_RATE


def muxed(
    path: Path,
    audio_at: float,
    picture: tuple[float, float] | None = None,
    gap: float = 0.0,
    container_format: str | None = None,
) -> Path:
    """Two seconds of a tone from *audio_at* on, *gap* seconds of nothing in its middle.

    *picture* is where a black picture begins and ends. A format of ``live`` states no duration.
    """
    options = {"live": "1"} if container_format == "live" else {}
    name = "matroska" if container_format == "live" else container_format
    with av.open(str(path), "w", format=name, container_options=options) as container:
        sound = container.add_stream("aac", rate=16_000, layout="mono")
        video = container.add_stream("mpeg4", rate=5) if picture else None
        if video is not None:
            video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        packets = []
        pcm = tone(2.0)[: 31 * 1024]
        for at in range(0, len(pcm), 1024):
            block = pcm[at : at + 1024].reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
            frame.sample_rate, frame.time_base = 16_000, Fraction(1, 16_000)
            late = gap if at >= 16 * 1024 else 0.0
            frame.pts = round((audio_at + late) * 16_000) + at
            packets.extend(sound.encode(frame))
        packets.extend(sound.encode(None))
        if video is not None:
            for at in range(round(picture[0] * 5), round(picture[1] * 5)):
                black = np.zeros((48, 64, 3), dtype=np.uint8)
                frame = av.VideoFrame.from_ndarray(black, format="rgb24")
                frame.pts, frame.time_base = at, Fraction(1, 5)
                packets.extend(video.encode(frame))
            packets.extend(video.encode(None))
        for packet in sorted(packets, key=lambda each: each.dts * each.time_base):
            container.mux(packet)
    return path


class TestTimes:
    @pytest.mark.parametrize("suffix", ["ts", "mkv", "mp4", "mov"])
    @pytest.mark.parametrize("start", [8.0, 3600.0])
    def test_a_container_that_begins_late_begins_at_zero(self, tmp_path, suffix, start):
        """Players show the time since the container's start."""
        file = muxed(tmp_path / f"late.{suffix}", start, (start, start + 2.0))
        decoded, samples = read(file)
        assert begins(samples) < 0.2
        assert decoded.duration == pytest.approx(2.0, abs=0.2)
        assert decoded.warnings == ()

    @pytest.mark.parametrize("suffix", ["ts", "mkv", "mp4", "mov"])
    @pytest.mark.parametrize("start", [0.0, 8.0])
    def test_sound_after_the_picture_stays_after_it(self, tmp_path, suffix, start):
        """However late the container begins."""
        file = muxed(tmp_path / f"late.{suffix}", start + 3.0, (start, start + 5.0))
        assert begins(read(file)[1]) == pytest.approx(3.0, abs=0.2)

    def test_late_sound_without_a_duration(self, tmp_path):
        """As browsers record: the container states no duration."""
        file = muxed(tmp_path / "late.mkv", 3.0, (0.0, 5.0), container_format="live")
        assert probe(file, LIMITS).duration is None
        assert begins(read(file)[1]) == pytest.approx(3.0, abs=0.2)

    @pytest.mark.parametrize("gap", [0.5, 7.0, 120.0])
    def test_a_gap_without_a_duration(self, tmp_path, gap):
        """What comes after it is as late as a player shows it."""
        file = muxed(tmp_path / "gap.mkv", 0.0, gap=gap, container_format="live")
        decoded, samples = read(file)
        assert decoded.duration == pytest.approx(2.0 + gap, abs=0.2)
        middle = round((1.2 + gap / 2) * SAMPLE_RATE)
        assert not samples[middle : middle + 100].any()

    @pytest.mark.parametrize("starts", [(0.0, 3600.0), (3600.0, 0.0), (0.0, 0.0)])
    def test_a_transport_stream_whose_clock_is_set_anew_goes_on(self, tmp_path, starts):
        """As where two are put together: no hour of silence, and gaps after it still count."""
        parts = []
        for number, start in enumerate(starts):
            part = muxed(tmp_path / f"{number}.ts", start, (start, start + 5.0), gap=3.0 * number)
            parts.append(part.read_bytes())
        (tmp_path / "both.ts").write_bytes(b"".join(parts))
        assert read(tmp_path / "both.ts")[0].duration == pytest.approx(7.0, abs=0.6)

    def test_one_wrong_time_is_no_gap(self, tmp_path):
        """The packets after it say so; a damaged byte adds no hours of silence."""
        file = muxed(tmp_path / "gap.mkv", 0.0, container_format="live")
        data = bytearray(file.read_bytes())
        blocks = [at for at in range(len(data) - 4) if data[at] == 0xA3 and data[at + 3] == 0x81]
        at = blocks[len(blocks) // 2] + 4
        data[at : at + 2] = b"\x70\x00"
        file.write_bytes(data)
        assert read(file)[0].duration == pytest.approx(2.0, abs=0.3)


class TestDurations:
    def test_an_estimate_is_no_promise(self, tmp_path):
        """A quiet beginning makes FFmpeg expect too much of a bare stream: nothing ends early."""
        sound = np.concatenate([tone(0.5) * 0, tone(4.0), tone(20.0) * 0])
        file = encode(tmp_path / "bare.aac", sound)
        decoded, _ = read(file)
        assert decoded.duration == pytest.approx(24.5, abs=0.3)
        assert decoded.warnings == ()

    def test_an_mp3_without_a_count_of_frames(self, tmp_path):
        """Variable bit rate and no Xing header."""
        file = variable_mp3(tmp_path / "vbr.mp3", counted=False)
        assert probe(file, LIMITS).duration > 30
        decoded, _ = read(file)
        assert decoded.duration == pytest.approx(24.0, abs=0.3)
        assert decoded.warnings == ()

    def test_an_estimate_refuses_nothing(self, tmp_path):
        """What is decoded is what counts."""
        file = variable_mp3(tmp_path / "vbr.mp3", counted=False)
        limits = Limits(duration=30.0)
        probe(file, limits)
        assert decode_to_flac(file, tmp_path / "out.flac", limits).duration < 30
        with pytest.raises(LimitExceeded):
            decode_to_flac(file, tmp_path / "out.flac", Limits(duration=20.0))

    def test_an_mp3_that_counts_its_frames_is_cut(self, tmp_path):
        """Its header is a promise."""
        file = variable_mp3(tmp_path / "vbr.mp3", counted=True)
        assert read(file)[0].warnings == ()
        data = file.read_bytes()
        file.write_bytes(data[: len(data) // 2])
        assert any("ends early" in each for each in read(file)[0].warnings)

    def test_mp3_files_one_after_another(self, tmp_path):
        """The first one's header counts its own frames alone: FFmpeg estimates the whole."""
        first = variable_mp3(tmp_path / "first.mp3", counted=True)
        file = tmp_path / "both.mp3"
        loud = encode(tmp_path / "loud.mp3", tone(4.0)).read_bytes()
        file.write_bytes(first.read_bytes() + loud)
        assert probe(file, LIMITS).duration > 35
        decoded, _ = read(file)
        assert decoded.duration == pytest.approx(28.0, abs=0.3)
        assert not any("ends early" in each for each in decoded.warnings)

    @pytest.mark.parametrize("suffix", ["mp4", "mkv", "mov"])
    def test_a_picture_longer_than_its_sound(self, tmp_path, suffix):
        """The file is whole."""
        file = muxed(tmp_path / f"long.{suffix}", 0.0, (0.0, 20.0))
        assert probe(file, LIMITS).duration == pytest.approx(20.0, abs=0.5)
        assert read(file)[0].warnings == ()

    def test_a_picture_that_is_cut_with_its_sound(self, tmp_path):
        """That is a file that ends early."""
        file = muxed(tmp_path / "long.mkv", 0.0, (0.0, 20.0))
        data = file.read_bytes()
        file.write_bytes(data[: len(data) // 3])
        assert any("ends early" in each for each in read(file)[0].warnings)


def variable_mp3(path: Path, counted: bool) -> Path:
    """Four seconds of noise after twenty of silence, at a variable bit rate."""
    loud = np.random.default_rng(0).normal(0, 0.2, 4 * 44_100)
    sound = np.concatenate([np.zeros(20 * 44_100), loud]).astype(np.float32)
    options = {"write_xing": "1" if counted else "0"}
    with av.open(str(path), "w", format="mp3", options=options) as container:
        stream = container.add_stream("libmp3lame", rate=44_100, layout="mono")
        stream.codec_context.options = {"q": "0"}
        stream.codec_context.qscale = True
        stream.codec_context.global_quality = 0
        for at in range(0, len(sound), 1152):
            block = sound[at : at + 1152].reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 44_100, at
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def written(path: Path, sound: np.ndarray, kind: str = "PCM_16", container: str = "WAV") -> Path:
    """*sound* at 16 kHz."""
    soundfile.write(str(path), sound, 16_000, subtype=kind, format=container)
    return path


def stating(path: Path, field: bytes, after: int, size: bytes) -> Path:
    """The file with *size* written *after* bytes behind the first *field*."""
    data = path.read_bytes()
    at = data.index(field) + after
    path.write_bytes(data[:at] + size + data[at + len(size) :])
    return path


class TestHeaders:
    @pytest.mark.parametrize("size", [1, 2_000, 64_000, 127_998])
    @pytest.mark.parametrize("container", ["WAV", "WAVEX"])
    def test_a_wav_that_states_too_little(self, tmp_path, container, size):
        """As left by a recorder that crashed: everything is read, and that is said."""
        file = written(tmp_path / "a.wav", tone(6.0), container=container)
        decoded, samples = read(stating(file, b"data", 4, struct.pack("<I", size)))
        assert decoded.duration == 6.0
        assert np.abs(samples[-8000:]).max() > 0.2
        assert decoded.warnings == (MORE,)

    @pytest.mark.parametrize("size", [0, 0xFFFFFFFF])
    def test_a_wav_that_states_nothing(self, tmp_path, size):
        """As a stream is written: nothing is wrong with it."""
        file = stating(written(tmp_path / "a.wav", tone(4.0)), b"data", 4, struct.pack("<I", size))
        decoded, _ = read(file)
        assert (decoded.duration, decoded.warnings) == (4.0, ())

    @pytest.mark.parametrize(
        ("container", "field", "after", "layout", "sizes"),
        [
            ("RF64", b"ds64", 16, "<q", (-1, 0, 32_000)),
            ("AIFF", b"SSND", 4, ">I", (0, 8, 32_008)),
            ("CAF", b"data", 4, ">q", (4, 32_004)),
            ("W64", b"data", 16, "<q", (-1, 0, 24, 32_024)),
            ("AU", b".snd", 8, ">I", (0, 32_000)),
        ],
    )
    def test_others_that_state_too_little(self, tmp_path, container, field, after, layout, sizes):
        """Read to the end of the file."""
        for size in sizes:
            file = written(tmp_path / "a", tone(4.0), container=container)
            decoded, _ = read(stating(file, field, after, struct.pack(layout, size)))
            assert (decoded.duration, decoded.warnings) == (4.0, (MORE,))

    def test_an_aiff_that_states_nothing_at_all(self, tmp_path):
        """Its recorder never came back to the header."""
        file = written(tmp_path / "a.aiff", tone(4.0), container="AIFF")
        for field, after in ((b"FORM", 4), (b"COMM", 10), (b"SSND", 4)):
            stating(file, field, after, bytes(4))
        assert read(file)[0].duration == 4.0

    @pytest.mark.parametrize(
        "more",
        [
            b"LIST" + struct.pack("<I", 8000) + b"INFO" + b"x" * 7996,
            b"TAG" + b"x" * 5000,
            b"ID3\x04" + b"x" * 8000,
            bytes(50_000),
            b"short",
        ],
        ids=["a chunk", "ID3v1", "ID3v2", "padding", "a few bytes"],
    )
    def test_what_is_no_sound_is_left_alone(self, tmp_path, more):
        """Only sound is read behind the end that is stated."""
        file = written(tmp_path / "a.wav", tone(4.0))
        file.write_bytes(file.read_bytes() + more)
        decoded, _ = read(file)
        assert (decoded.duration, decoded.warnings) == (4.0, ())

    def test_recordings_one_after_another(self, tmp_path):
        """Files put together byte by byte: each is read."""
        one = written(tmp_path / "a.wav", tone(2.0)).read_bytes()
        two = written(tmp_path / "b.wav", np.stack([tone(3.0)] * 2, axis=1)).read_bytes()
        (tmp_path / "c.wav").write_bytes(one + two)
        assert read(tmp_path / "c.wav")[0].duration == 5.0

    @pytest.mark.parametrize("suffix", ["mp4", "mov", "m4a"])
    def test_films_one_after_another(self, tmp_path, suffix):
        """Each has an index of its own, of which FFmpeg reads the first."""
        one = encode(tmp_path / f"a.{suffix}", tone(2.0)).read_bytes()
        two = encode(tmp_path / f"b.{suffix}", tone(3.0), video=suffix != "m4a").read_bytes()
        (tmp_path / f"c.{suffix}").write_bytes(one + two)
        assert read(tmp_path / f"c.{suffix}")[0].duration == pytest.approx(5.0, abs=0.1)

    @pytest.mark.parametrize("codec", ["vorbis", "libopus", "flac"])
    def test_chained_ogg_with_other_parameters(self, tmp_path, codec):
        """A radio station's: every link is read, and none is damaged."""
        links = []
        for number, (seconds, channels) in enumerate([(2.0, 1), (3.0, 2), (1.0, 1)]):
            file = ogg(tmp_path / f"{number}.ogg", codec, seconds, channels, 24_000 * (number + 1))
            links.append(file.read_bytes())
        (tmp_path / "chain.ogg").write_bytes(b"".join(links))
        decoded, samples = read(tmp_path / "chain.ogg")
        assert decoded.duration == pytest.approx(6.0, abs=0.1)
        assert decoded.warnings == ()
        assert np.abs(samples[-8000:]).max() > 0.1


def ogg(path: Path, codec: str, seconds: float, channels: int, rate: int) -> Path:
    """A tone as Ogg."""
    if codec == "vorbis":
        sound = np.repeat(tone(seconds, rate).reshape(-1, 1), channels, axis=1)
        soundfile.write(str(path), sound, rate, subtype="VORBIS", format="OGG")
        return path
    rate = 48_000 if codec == "libopus" else rate
    layout = "mono" if channels == 1 else "stereo"
    with av.open(str(path), "w", format="ogg") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        resampler = av.AudioResampler(stream.codec_context.format, layout, rate, 960)
        sound = np.repeat(tone(seconds, rate).reshape(1, -1), channels, axis=0)
        frame = av.AudioFrame.from_ndarray(sound, format="fltp", layout=layout)
        frame.sample_rate, frame.pts = rate, 0
        for block in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(block))
        container.mux(stream.encode(None))
    return path


def id3(version: int, size: int, flags: int = 0, *, plain: bool = False) -> bytes:
    """A tag of *size* bytes with a frame, and zeros."""
    stated = size if plain else sum((size >> 7 * at & 0x7F) << 8 * at for at in range(4))
    body = b"TIT2\x00\x00\x00\x06\x00\x00\x00Title"[:size].ljust(size, b"\0")
    head = b"ID3" + bytes([version, 0, flags]) + struct.pack(">I", stated)
    footer = b"3DI" + head[3:] if flags & 0x10 else b""
    return head + body + footer


class TestTags:
    @pytest.mark.parametrize(
        "container", ["WAV", "RF64", "W64", "AIFF", "FLAC", "OGG", "AU", "CAF"]
    )
    @pytest.mark.parametrize(
        "tag",
        [
            id3(2, 200),
            id3(3, 2000),
            id3(4, 70_000),
            id3(4, 300, 0x10),
            id3(3, 500) + bytes(777),
            id3(3, 300, plain=True),
            id3(3, 100) + id3(4, 100),
        ],
        ids=["v2.2", "v2.3", "v2.4", "footer", "padding", "plain size", "two"],
    )
    def test_an_id3_tag_before_the_container(self, tmp_path, container, tag):
        """It is passed over."""
        kind = "VORBIS" if container == "OGG" else "PCM_16"
        file = written(tmp_path / "a", tone(2.0), kind, container)
        whole, _ = read(file)
        file.write_bytes(tag + file.read_bytes())
        decoded, _ = read(file)
        assert decoded == whole

    @pytest.mark.parametrize("suffix", ["m4a", "mkv", "wma"])
    def test_an_id3_tag_before_what_carries_none(self, tmp_path, suffix):
        """Whatever is known by its first bytes."""
        file = encode(tmp_path / f"a.{suffix}", tone(2.0))
        file.write_bytes(id3(3, 5000) + file.read_bytes())
        assert read(file)[0].duration == pytest.approx(2.0, abs=0.1)

    def test_a_header_that_states_too_little_behind_a_tag(self, tmp_path):
        """Both at once."""
        file = stating(written(tmp_path / "a.wav", tone(4.0)), b"data", 4, struct.pack("<I", 999))
        file.write_bytes(id3(4, 1000) + file.read_bytes())
        assert read(file)[0] == Decoded(4.0, (MORE,))

    def test_a_tag_before_nothing_is_refused(self, tmp_path):
        """No sound follows."""
        (tmp_path / "a.wav").write_bytes(id3(4, 1000) + b"Dear all," * 500)
        with pytest.raises(UnreadableAudio):
            read(tmp_path / "a.wav")


def speech(seconds: float = 6.0) -> np.ndarray:
    """Noise with the spectrum and the syllables of speech."""
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 1.0, round(seconds * 16_000))
    spectrum = np.fft.rfft(noise)
    hertz = np.fft.rfftfreq(len(noise), 1 / 16_000)
    spectrum[(hertz < 150) | (hertz > 5000)] = 0
    time = np.arange(len(noise)) / 16_000
    sound = np.fft.irfft(spectrum / np.maximum(hertz, 150), len(noise))
    sound *= 0.6 + 0.4 * np.sin(2 * np.pi * 4 * time)
    return (0.3 * sound / np.abs(sound).max()).astype(np.float32)


def level(samples: np.ndarray) -> float:
    """Standard deviation."""
    return float(samples.std())


class TestChannels:
    SOUND = speech()

    @pytest.mark.parametrize(
        "factors",
        [(1, -1), (-1, 1), (1, -0.5), (0.4, -1), (1, -1, 0), (1, -1, 1, -1), (1, -1, 0, 0, 0, 0)],
    )
    @pytest.mark.parametrize("kind", ["PCM_16", "PCM_24", "FLOAT"])
    def test_channels_of_opposite_phase_are_heard(self, tmp_path, factors, kind):
        """Turned round before they are mixed, and that is said."""
        channels = np.stack([factor * self.SOUND for factor in factors], axis=1)
        decoded, samples = read(written(tmp_path / "a.wav", channels, kind))
        assert level(samples) > 0.6 * level(self.SOUND)
        assert "upside down" in decoded.warnings[0]

    def test_opposite_phase_in_a_part(self, tmp_path):
        """Only there a channel is turned round."""
        right = self.SOUND.copy()
        right[48_000:] *= -1
        decoded, samples = read(written(tmp_path / "a.wav", np.stack([self.SOUND, right], axis=1)))
        for part in (slice(0, 40_000), slice(56_000, 96_000)):
            assert level(samples[part]) == pytest.approx(level(self.SOUND[part]), rel=0.05)
        assert "for 0:03" in decoded.warnings[0]

    def test_opposite_phase_under_hum_and_noise(self, tmp_path):
        """As on a balanced line, where the hum is the same in both."""
        rng = np.random.default_rng(0)
        hum = 0.2 * np.sin(2 * np.pi * 50 * np.arange(len(self.SOUND)) / 16_000)
        pair = np.stack([self.SOUND + hum, -self.SOUND + hum], axis=1)
        noisy = pair + rng.normal(0, 0.005, pair.shape)
        decoded, samples = read(written(tmp_path / "a.wav", noisy))
        assert level(samples) == pytest.approx(level(self.SOUND), rel=0.1)
        assert len(decoded.warnings) == 1

    def test_opposite_phase_in_mp3(self, tmp_path):
        """What joint stereo leaves of the sum is not silence."""
        pair = np.stack([self.SOUND, -self.SOUND], axis=1)
        soundfile.write(str(tmp_path / "a.mp3"), pair, 16_000)
        decoded, samples = read(tmp_path / "a.mp3")
        assert level(samples) > 0.6 * level(self.SOUND)
        assert len(decoded.warnings) == 1

    @pytest.mark.parametrize("late", [0, 1, 2, 3, 5, 8, 13, 20, 30, 50, 400])
    def test_two_microphones_apart_are_ordinary(self, tmp_path, late):
        """Sound that reaches one later is not turned round: the mix stays as it was."""
        pair = np.stack([self.SOUND, 0.8 * np.roll(self.SOUND, late)], axis=1)
        file = written(tmp_path / "a.wav", pair)
        decoded, samples = read(file)
        assert decoded.warnings == ()
        plain = soundfile.read(file, dtype="float32")[0].mean(axis=1)
        np.testing.assert_allclose(samples, plain, rtol=0, atol=1e-4)

    @pytest.mark.parametrize("count", [9, 10, 11, 13, 15, 17, 18, 20, 32, 64])
    @pytest.mark.slow
    def test_any_number_of_channels(self, tmp_path, count):
        """Whichever of them holds the sound."""
        sound = self.SOUND[:16_000]
        for spoken in (0, count // 2, count - 1):
            channels = np.zeros((len(sound), count), dtype=np.float32)
            channels[:, spoken] = sound
            decoded, samples = read(written(tmp_path / "a.wav", channels))
            assert level(samples) == pytest.approx(level(sound), rel=0.05)
            assert decoded.warnings == ()

    @pytest.mark.parametrize(("count", "spoken"), [(3, 2), (6, 3), (7, 3), (8, 3)])
    def test_a_microphone_where_the_subwoofer_would_be(self, tmp_path, count, spoken):
        """A field recorder's channels have no layout; the guess would leave one out."""
        channels = np.zeros((len(self.SOUND), count), dtype=np.float32)
        channels[:, spoken] = self.SOUND
        _, samples = read(written(tmp_path / "a.wav", channels))
        assert level(samples) == pytest.approx(level(self.SOUND), rel=0.05)


class TestLevels:
    SOUND = speech()

    @pytest.mark.parametrize(
        ("decibels", "kind"), [(12, "FLOAT"), (40, "FLOAT"), (90, "FLOAT"), (90, "DOUBLE")]
    )
    def test_float_above_full_scale_is_not_clipped(self, tmp_path, decibels, kind):
        """Such as integers that were kept as floats."""
        loud = self.SOUND * 10 ** (decibels / 20) * 3
        decoded, samples = read(written(tmp_path / "a.wav", loud, kind))
        likeness = np.corrcoef(samples, self.SOUND)[0, 1]
        assert likeness > 0.99
        assert "louder than its format" in decoded.warnings[0]

    def test_a_little_overshoot_is_ordinary(self, tmp_path):
        """Lossy codecs make some."""
        loud = self.SOUND * 1.2 / np.abs(self.SOUND).max()
        decoded, samples = read(written(tmp_path / "a.wav", loud, "FLOAT"))
        assert decoded.warnings == ()
        np.testing.assert_allclose(samples, loud.clip(-1, 1), rtol=0, atol=1e-4)

    def test_damaged_floats_do_no_harm(self, tmp_path):
        """No number, infinity, and one as large as it gets."""
        sound = self.SOUND.copy()
        sound[[1000, 2000, 3000]] = np.nan, np.inf, 1e30
        decoded, samples = read(written(tmp_path / "a.wav", sound, "FLOAT"))
        assert decoded.warnings == ()
        assert level(samples[8000:]) == pytest.approx(level(self.SOUND[8000:]), rel=0.05)

    def test_silence_stays_silence(self, tmp_path):
        """Nothing is made of nothing, nor of a quiet room."""
        hiss = np.random.default_rng(0).normal(0, 1e-4, 64_000)
        for sound in (np.zeros(64_000), hiss):
            decoded, samples = read(written(tmp_path / "a.wav", sound, "PCM_24"))
            assert decoded.warnings == ()
            assert np.abs(samples).max() < 0.001


SPOKEN = Path(__file__).parents[1] / "samples" / "conversation.flac"


class TestQuietSpeech:
    @pytest.fixture(scope="class")
    def spoken(self) -> np.ndarray:
        """Ten seconds of a conversation at an ordinary level."""
        return soundfile.read(SPOKEN, dtype="float32", frames=160_000)[0]

    @pytest.mark.parametrize("decibels", [-60, -70])
    @pytest.mark.parametrize("kind", ["PCM_16", "PCM_24", "FLOAT"])
    @pytest.mark.parametrize("channels", [1, 2])
    def test_it_is_made_louder_before_sixteen_bits(
        self, tmp_path, spoken, decibels, kind, channels
    ):
        """And that is said; nothing is lost to rounding where the file has more bits."""
        quiet = np.stack([spoken * 10 ** (decibels / 20)] * channels, axis=1)
        decoded, samples = read(written(tmp_path / "a.wav", quiet, kind))
        assert "very quiet" in decoded.warnings[0]
        assert 0.01 < level(samples) < 0.2
        least = 0.9 if kind == "PCM_16" else 0.999
        assert np.corrcoef(samples, spoken)[0, 1] > least

    def test_an_offset_is_not_made_louder(self, tmp_path, spoken):
        """Nor does it make a quiet recording look loud."""
        quiet = spoken * 0.001 + 0.2
        decoded, samples = read(written(tmp_path / "a.wav", quiet, "PCM_24"))
        assert len(decoded.warnings) == 1
        assert abs(samples.mean()) < 0.01

    @pytest.mark.parametrize("decibels", [0, -20])
    def test_what_is_understood_stays_as_it_is(self, tmp_path, spoken, decibels):
        """To the last bit."""
        sound = spoken * 10 ** (decibels / 20)
        file = written(tmp_path / "a.wav", sound)
        decoded, samples = read(file)
        assert decoded.warnings == ()
        assert (samples == soundfile.read(file, dtype="float32")[0]).all()

    def test_clicks_do_not_make_a_recording_loud(self, tmp_path, spoken):
        """They are shorter than a word."""
        quiet = spoken * 0.0005
        quiet[::16_000] = 0.5
        decoded, _ = read(written(tmp_path / "a.wav", quiet, "PCM_24"))
        assert "very quiet" in decoded.warnings[0]


class TestFormats:
    def test_a_folder_gives_dictations_and_camera_files(self):
        """DSS of dictation machines, MXF of cameras, DTS of discs: FFmpeg reads them."""
        assert {".dss", ".mxf", ".dts"} <= SUFFIXES
        assert {"dss", "mxf", "dts"} <= av.formats_available

    def test_mxf(self, tmp_path):
        """As from cameras."""
        with av.open(str(tmp_path / "a.mxf"), "w", format="mxf") as container:
            picture = container.add_stream("mpeg2video", rate=25)
            picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
            stream = container.add_stream("pcm_s16le", rate=48_000, layout="stereo")
            for at in range(50):
                black = np.zeros((48, 64, 3), dtype=np.uint8)
                frame = av.VideoFrame.from_ndarray(black, format="rgb24")
                frame.pts = at
                container.mux(picture.encode(frame))
            container.mux(picture.encode(None))
            encoded(container, stream, 48_000, 1920, "s16")
        assert read(tmp_path / "a.mxf")[0].duration == pytest.approx(2.0, abs=0.1)


def encoded(container, stream, rate: int, block: int, sample_format: str) -> None:
    """Mux two seconds of a tone in stereo."""
    sound = np.repeat(tone(2.0, rate).reshape(1, -1), 2, axis=0)
    frame = av.AudioFrame.from_ndarray(sound, format="fltp", layout="stereo")
    frame.sample_rate, frame.pts = rate, 0
    resampler = av.AudioResampler(sample_format, "stereo", rate, block)
    for each in [*resampler.resample(frame), *resampler.resample(None)]:
        container.mux(stream.encode(each))
    container.mux(stream.encode(None))
