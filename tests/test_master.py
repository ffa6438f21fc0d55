"""A recording's sound as it is, copied with stretches changed."""

import av
import numpy as np
import pytest
import soundfile

from trax.audio import Limits, probe
from trax.audio.decode import decode_to_flac
from trax.audio.master import Master, decode_master, rewritten
from trax.audio.parts import Part
from trax.audio.provenance import replaced_voices, tag
from trax.audio.video import has_picture, suffix_of, with_sound
from trax.testing.sounds import encode, tone, write_audio

LIMITS = Limits()


def decoded(path, folder) -> Master:
    return decode_master(path, probe(path, LIMITS), LIMITS, folder)


def stereo(subtype, rate=44_100):
    sound = np.stack([tone(1.0, rate, 440.0), tone(1.0, rate, 660.0, 0.5)], axis=1)
    noise = np.random.default_rng(1).normal(0, 0.01, sound.shape)
    return (sound + noise).astype("float32" if subtype == "FLOAT" else "float64")


@pytest.mark.parametrize(
    ("suffix", "subtype", "kind"),
    [
        ("wav", "PCM_16", "int16"),
        ("wav", "PCM_24", "int32"),
        ("wav", "PCM_32", "int32"),
        ("wav", "FLOAT", "float32"),
        ("wav", "DOUBLE", "float64"),
        ("flac", "PCM_16", "int16"),
        ("flac", "PCM_24", "int32"),
        ("aiff", "PCM_24", "int32"),
    ],
)
def test_lossless_sound_is_kept_bit_for_bit(tmp_path, suffix, subtype, kind):
    """In the same container, with the same rate, channels and precision; so is what is not changed
    in a copy.
    """
    path = tmp_path / f"sound.{suffix}"
    soundfile.write(str(path), stereo(subtype), 44_100, subtype=subtype)
    master = decoded(path, tmp_path)
    before = soundfile.read(str(path), dtype=kind)[0]
    assert (soundfile.read(str(master.path), dtype=kind)[0] == before).all()
    assert (master.shape.container, master.shape.subtype) == (suffix.upper(), subtype)
    change = np.full((100, 2), 0.25, np.float32)
    made = rewritten(master, tmp_path / "made", [(1000, change)], tag({"trax": "1"}))
    after = soundfile.read(str(made.path), dtype=kind)[0]
    assert (after[:1000] == before[:1000]).all()
    assert (after[1100:] == before[1100:]).all()
    assert made.read(1000, 1100) == pytest.approx(change, abs=1e-4)
    assert len(after) == len(before)


@pytest.mark.parametrize("suffix", ["mp3", "m4a", "ogg", "webm"])
def test_lossy_sound_is_decoded_as_precisely_as_24_bits_go(tmp_path, suffix):
    """And as long as the recording that is recognised."""
    path = encode(tmp_path / f"sound.{suffix}", tone(2.0), 16_000)
    master = decoded(path, tmp_path)
    assert (master.shape.container, master.shape.subtype) == ("FLAC", "PCM_24")
    assert master.frames / master.shape.sample_rate == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_a_copy_says_that_voices_were_replaced(tmp_path, suffix):
    """And what it was made from; other files say nothing."""
    path = write_audio(tmp_path / f"sound.{suffix}", tone(1.0))
    assert replaced_voices(path) is None
    made = rewritten(decoded(path, tmp_path), tmp_path / "made", [], tag({"recording": "abc"}))
    assert replaced_voices(made.path) == {"recording": "abc"}


@pytest.mark.parametrize(("suffix", "made_suffix"), [("mp4", ".mp4"), ("mkv", ".mkv")])
def test_a_video_keeps_its_picture_and_gets_lossless_sound(tmp_path, suffix, made_suffix):
    """Packet by packet, and sample by sample."""
    path = encode(tmp_path / f"film.{suffix}", tone(2.0, 48_000), 48_000, video=True)
    assert has_picture(path)
    sound = decoded(path, tmp_path)
    target = tmp_path / f"made{suffix_of(path)}"
    assert target.suffix == made_suffix
    with_sound(path, sound, target, tag({"recording": "abc"}))
    assert _packets(path) == _packets(target)
    (tmp_path / "again").mkdir()
    again = decoded(target, tmp_path / "again")
    before, after = sound.read(0, sound.frames), again.read(0, again.frames)
    assert (before == after).all()
    assert replaced_voices(target) == {"recording": "abc"}


def _packets(path):
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def test_a_later_part_that_cannot_be_read_is_left_out(tmp_path, monkeypatch):
    """As it is of the recording that is recognised, so that both have the same times."""
    path = write_audio(tmp_path / "sound.wav", tone(2.0))
    found = probe(path, LIMITS)
    size = path.stat().st_size
    path.write_bytes(path.read_bytes() + b"no sound" * 1000)
    parts = (Part(0, size), Part(size, path.stat().st_size))
    for module in ("decode", "master"):
        monkeypatch.setattr(f"trax.audio.{module}.find_parts", lambda _file: parts)
    heard = decode_to_flac(path, tmp_path / "heard.flac", LIMITS)
    assert any("left out" in warning for warning in heard.warnings)
    master = decode_master(path, found, LIMITS, tmp_path)
    assert master.frames / master.shape.sample_rate == pytest.approx(heard.duration, abs=0.01)


def test_sound_of_32_bits_is_kept_in_32(tmp_path):
    """Of codecs, too, whose name does not tell."""
    samples = np.random.default_rng(1).integers(-(2**31), 2**31, (1, 8192)).astype(np.int32)
    path = tmp_path / "sound.wv"
    with av.open(str(path), "w", format="wv") as container:
        stream = container.add_stream("wavpack", rate=44_100)
        stream.codec_context.layout, stream.codec_context.format = "mono", "s32p"
        frame = av.AudioFrame.from_ndarray(samples, "s32p", "mono")
        frame.sample_rate, frame.pts = 44_100, 0
        container.mux([*stream.encode(frame), *stream.encode(None)])
    master = decoded(path, tmp_path)
    assert master.shape.subtype == "PCM_32"
    assert (soundfile.read(str(master.path), dtype="int32")[0] == samples[0]).all()


def test_a_picture_that_mp4_cannot_hold_goes_into_matroska(tmp_path):
    """ProRes, as cameras write it, among them."""
    path = tmp_path / "film.mov"
    with av.open(str(path), "w") as container:
        picture = container.add_stream("prores_ks", rate=25)
        picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv422p10le"
        sound = container.add_stream("pcm_s16le", rate=48_000)
        frame = av.VideoFrame(64, 64, "yuv422p10le")
        frame.pts = 0
        container.mux([*picture.encode(frame), *picture.encode(None)])
        heard = av.AudioFrame.from_ndarray(np.ones((1, 9600), np.int16), "s16", "stereo")
        heard.sample_rate, heard.pts = 48_000, 0
        container.mux([*sound.encode(heard), *sound.encode(None)])
    target = tmp_path / f"made{suffix_of(path)}"
    assert target.suffix == ".mkv"
    with_sound(path, decoded(path, tmp_path), target, tag({}))
    assert _packets(path) == _packets(target)
