"""Several audio streams in a file, and several microphones in a room."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from scipy.signal import correlate

from trax.audio import Limits, StoredAudio, probe
from trax.audio.decode import Decoded, Source
from trax.audio.likeness import is_heard_in
from trax.audio.streams import decode_streams
from trax.audio.tracks import levels, one_speaker_per_channel
from trax.diarization import DiarizationOptions
from trax.diarization.tracks import diarize_tracks
from trax.pipelines.transcribe import transcribe
from trax.service.recordings import join_tracks
from trax.stages.options import TranscribeOptions
from trax.testing import ScriptedEngines

LIMITS = Limits()
CONVERSATION = Path(__file__).parents[1] / "samples" / "conversation.flac"
RATE = 16_000


@pytest.fixture(scope="module")
def voices() -> tuple[np.ndarray, np.ndarray]:
    """Twelve seconds of speech, and twelve of other speech, at the same time."""
    samples, _ = soundfile.read(CONVERSATION, dtype="float32", frames=24 * RATE)
    return samples[: 12 * RATE], samples[12 * RATE :]


def muxed(path: Path, sounds: list[np.ndarray], notes: list[dict[str, str]] | None = None) -> Path:
    """A file with a stream for each sound, with these metadata."""
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("aac", rate=RATE, layout="mono") for _ in sounds]
        packets = []
        for stream, sound, note in zip(streams, sounds, notes or [{}] * len(sounds), strict=True):
            stream.metadata.update(note)
            for at in range(0, len(sound) - 1023, 1024):
                block = sound[at : at + 1024].astype(np.float32).reshape(1, -1)
                frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
                frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), at
                packets.extend(stream.encode(frame))
            packets.extend(stream.encode(None))
        for packet in sorted(packets, key=lambda each: each.dts * each.time_base):
            container.mux(packet)
    return path


def read(path: Path, language: str | None = None) -> tuple[Decoded, np.ndarray]:
    """What is decoded, and its samples."""
    mono, separate = path.with_name("mono.flac"), path.with_name("separate.flac")
    source = Source(path=path, limits=LIMITS)
    decoded = decode_streams(source, probe(path, LIMITS).streams, mono, separate, language)
    assert not list(path.parent.glob("stream-*"))
    return decoded, soundfile.read(mono, dtype="float32")[0]


def likeness(samples: np.ndarray, sound: np.ndarray) -> float:
    """How much of *samples* is *sound*; codecs delay it a little, by up to 2100 samples."""
    count = min(len(samples), len(sound)) - 4000
    part = sound[:count] - sound[:count].mean()
    heard = samples[: count + 2099].astype(np.float64)
    sums, squares = (np.cumsum(np.pad(heard**power, (1, 0))) for power in (1, 2))
    means = (sums[count:] - sums[:-count]) / count
    spreads = np.sqrt((squares[count:] - squares[:-count]) / count - means**2)
    together = correlate(heard, part, mode="valid", method="fft")
    return float(np.max(together / (spreads * part.std() * count)))


class TestStreams:
    @pytest.mark.parametrize("suffix", ["mp4", "mkv", "mov", "ts"])
    def test_the_stream_with_speech_is_read(self, voices, tmp_path, suffix):
        """Though the first one is silent; and that is said."""
        silence = np.zeros_like(voices[0])
        decoded, samples = read(muxed(tmp_path / f"a.{suffix}", [silence, voices[0]]))
        assert likeness(samples, voices[0]) > 0.9
        assert decoded.warnings == (
            "the file has 2 audio streams; stream 2 was read; nobody speaks in stream 1",
        )

    def test_a_stream_of_hiss_is_silent(self, voices, tmp_path):
        """Not loudness counts, but speech."""
        hiss = np.random.default_rng(0).normal(0, 0.02, len(voices[0]))
        _, samples = read(muxed(tmp_path / "a.mkv", [hiss, voices[0] / 4]))
        assert likeness(samples, voices[0]) > 0.9

    def test_microphones_in_streams_of_their_own_are_read_together(self, voices, tmp_path):
        """Each is a channel, too, so that people can be told apart by channel."""
        one, two = voices
        decoded, samples = read(muxed(tmp_path / "a.mov", [one, two]))
        assert likeness(samples, one + two) > 0.9
        assert "streams 1 and 2 were read together" in decoded.warnings[0]
        assert soundfile.info(tmp_path / "separate.flac").channels == 2

    @pytest.mark.slow
    def test_a_camera_of_sixteen_streams(self, voices, tmp_path):
        """Those that are in use are read."""
        silence = np.zeros_like(voices[0])
        sounds = [silence] * 12 + [voices[0], silence, voices[1], silence]
        decoded, samples = read(muxed(tmp_path / "a.mkv", sounds))
        assert likeness(samples, voices[0] + voices[1]) > 0.9
        assert "streams 13 and 15" in decoded.warnings[0]

    @pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0)])
    def test_a_mix_beside_its_parts_is_read_alone(self, voices, tmp_path, order):
        """As recorders of screens write them: nothing is heard twice."""
        one, two = voices
        sounds = [(one + two, one, two)[at] for at in order]
        decoded, samples = read(muxed(tmp_path / "a.mkv", sounds))
        assert likeness(samples, one + two) > 0.95
        assert f"stream {order.index(0) + 1} was read" in decoded.warnings[0]
        assert "heard there too" in decoded.warnings[0]

    @pytest.mark.parametrize(
        ("language", "read_number", "said"),
        [
            (None, 0, "stream 1 (English) was read; stream 2 (Spanish) was left out"),
            ("es", 1, "stream 2 (Spanish) was read; stream 1 (English) was left out"),
            ("fr", 0, "stream 1 (English) was read; stream 2 (Spanish) was left out"),
        ],
    )
    def test_languages_are_not_mixed(self, voices, tmp_path, language, read_number, said):
        """The one wanted is read, or the best."""
        notes = [{"language": "eng"}, {"language": "spa"}]
        decoded, samples = read(muxed(tmp_path / "a.mkv", list(voices), notes), language)
        assert likeness(samples, voices[read_number]) > 0.9
        assert said in decoded.warnings[0]

    def test_commentary_is_left_out(self, voices, tmp_path):
        """Somebody who talks about the recording."""
        one, two = voices
        notes = [{"title": "Main"}, {"title": "Director's commentary"}]
        decoded, samples = read(muxed(tmp_path / "a.mkv", [one, one / 3 + two], notes))
        assert likeness(samples, one) > 0.9
        assert "stream 2 (commentary) was left out" in decoded.warnings[0]

    def test_where_nobody_speaks_the_best_is_read(self, tmp_path):
        """And all that is said is that there are several."""
        silence = np.zeros(4 * RATE)
        decoded, _ = read(muxed(tmp_path / "a.mkv", [silence, silence]))
        assert "stream 1 was read; nobody speaks in any of them" in decoded.warnings[0]

    def test_crosstalk_is_not_the_same_sound(self, voices, tmp_path):
        """A voice that reaches another microphone faintly is not left out for that."""
        one, two = voices
        paths = [tmp_path / "one.flac", tmp_path / "two.flac"]
        soundfile.write(paths[0], one, RATE)
        soundfile.write(paths[1], two + 0.1 * one, RATE)
        own, other = (StoredAudio.open(path) for path in paths)
        assert not is_heard_in(own, other)
        assert is_heard_in(own, own)

    def test_a_job_reads_them_and_says_so(self, workspace, voices, tmp_path):
        """In the transcript's warnings; the language chosen chooses the stream."""
        notes = [{"language": "eng"}, {"language": "spa"}]
        file = muxed(tmp_path / "a.mkv", list(voices), notes)
        said = []
        for language in ("en", "es", "en"):
            options = TranscribeOptions.model_validate({"recognition": {"language": language}})
            made = workspace.repository.get(transcribe(workspace, file, options).transcript_id)
            said.append(made.warnings[0])
        assert "stream 1 (English) was read" in said[0]
        assert "stream 2 (Spanish) was read" in said[1]
        assert said[2] == said[0]


def in_a_room(voices, bleed_db: float, hiss_db: float = -200.0) -> np.ndarray:
    """Two microphones, each of which hears the other's speaker, shape ``(frames, 2)``.

    The first speaks for eight seconds, then both at once for four, then the second for eight.
    """
    one = np.concatenate([voices[0], np.zeros(8 * RATE)])
    two = np.concatenate([np.zeros(8 * RATE), voices[1]])
    bleed = 10 ** (bleed_db / 20)
    heard = np.stack([one + bleed * np.roll(two, 40), two + bleed * np.roll(one, 40)], axis=1)
    hiss = np.random.default_rng(0).normal(0, 10 ** (hiss_db / 20), heard.shape)
    return (heard + hiss).astype(np.float32)


class TestRoom:
    @pytest.mark.parametrize("bleed", [-60, -20, -12])
    @pytest.mark.parametrize("hiss", [-200, -44, -40])
    def test_hiss_and_some_crosstalk_hide_no_tracks(self, voices, tmp_path, bleed, hiss):
        """Nor does a fifth of the time in which both speak."""
        soundfile.write(tmp_path / "a.flac", in_a_room(voices, bleed, hiss), RATE)
        assert one_speaker_per_channel(levels(tmp_path / "a.flac"))

    def test_a_recording_in_stereo_has_no_tracks(self, voices, tmp_path):
        """Both are heard on both sides, if differently."""
        soundfile.write(tmp_path / "a.flac", in_a_room(voices, -4), RATE)
        assert not one_speaker_per_channel(levels(tmp_path / "a.flac"))

    @pytest.mark.parametrize("bleed", [-60, -20, -9, -6, -4])
    def test_who_is_heard_in_both_speaks_in_one(self, voices, tmp_path, bleed):
        """Where they speak alone, only their own channel has a turn."""
        sound = in_a_room(voices, bleed)
        tracks = []
        for at in range(2):
            soundfile.write(tmp_path / f"track-{at}.flac", sound[:, at], RATE)
            tracks.append(StoredAudio.open(tmp_path / f"track-{at}.flac"))
        loudness = np.concatenate([levels(track.path) for track in tracks], axis=1)
        options = DiarizationOptions(names=("Anna", "Ben"))
        found = diarize_tracks(tracks, loudness, ScriptedEngines(), options, lambda _share: None)
        wrong = 0.0
        for turn in found.turns:
            is_anna = found.names[turn.speaker] == "Anna"
            wrong += max(0.0, turn.end - 12) if is_anna else max(0.0, min(turn.end, 8) - turn.start)
        assert wrong < 0.8

    def test_what_was_wrong_with_a_track_is_said_of_the_recording(
        self, workspace, voices, tmp_path
    ):
        """A track is read as any recording is: the stream with speech, and with warnings."""
        silence = np.zeros_like(voices[0])
        anna = muxed(tmp_path / "anna.mkv", [silence, voices[0]])
        soundfile.write(tmp_path / "ben.wav", voices[1], RATE)
        joined = join_tracks([anna, tmp_path / "ben.wav"], tmp_path / "joined", LIMITS)
        samples, _ = soundfile.read(joined, dtype="float32")
        assert likeness(samples[:, 0], voices[0]) > 0.9
        made = transcribe(workspace, joined, TranscribeOptions())
        said = workspace.repository.get(made.transcript_id).warnings[0]
        assert said.startswith("anna.mkv: the file has 2 audio streams; stream 2 was read")

    @pytest.mark.parametrize("bleed", [-6, -3])
    def test_tracks_that_were_given_names_keep_them(self, workspace, voices, tmp_path, bleed):
        """However much the microphones hear of each other."""
        soundfile.write(tmp_path / "a.flac", in_a_room(voices, bleed), RATE)
        options = TranscribeOptions.model_validate({"diarization": {"names": ["Anna", "Ben"]}})
        made = transcribe(workspace, tmp_path / "a.flac", options)
        transcript = workspace.repository.get(made.transcript_id)
        assert transcript.provenance.diarizer.startswith("tracks-")
        assert {speaker.name for speaker in transcript.speakers} == {"Anna", "Ben"}
