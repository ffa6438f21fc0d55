"""Voices counted, turns built, windows linked, channels taken apart, and the real engines on real
voices.
"""

import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from trax.audio import Limits, StoredAudio, Waveform
from trax.audio.activity import VoiceActivity
from trax.audio.tracks import join_tracks, levels, one_speaker_per_channel, split_channels
from trax.diarization import DiarizationOptions
from trax.diarization.clustering import Speakers, find_speakers
from trax.diarization.evidence import FRAME, Evidence, Piece, Window
from trax.diarization.linking import link_windows
from trax.diarization.packaged import PackagedDiarizer
from trax.diarization.plans import PLANS
from trax.diarization.profiles import THRESHOLD, VoiceProfile, identify_speakers
from trax.diarization.pyannote import PyannoteDiarizer
from trax.diarization.tracks import diarize_tracks
from trax.diarization.turns import build_diarization
from trax.errors import InvalidOption, ModelUnavailable
from trax.models import Kind, Model, ModelFinder, Origin
from trax.models.torchaudio_import import ensure_torchaudio
from trax.testing import ScriptedEngines, tone, write_audio
from trax.transcript import Diarization, Span, SpeakerCount, Turn

VOICES = {"anna": (1.0, 0.0, 0.0), "bert": (0.0, 1.0, 0.0), "cleo": (0.0, 0.0, 1.0)}


def part(*turns: tuple[float, float, str], voices: dict[str, str] | None = None) -> Diarization:
    """A window's diarization; *voices* says whose voice each label has."""
    spoken = tuple(Turn(*turn) for turn in turns)
    voices = voices or {turn.speaker: turn.speaker for turn in spoken}
    embeddings = {label: VOICES[voices[label]] for label in {turn.speaker for turn in spoken}}
    return Diarization(turns=spoken, exclusive_turns=spoken, embeddings=embeddings, engine="e")


def labels(diarization: Diarization) -> list[str]:
    return [turn.speaker[-1] for turn in diarization.turns]


class TestLinking:
    windows = (Span(0.0, 10.0), Span(10.0, 20.0))

    def test_the_same_voice_has_the_same_label(self):
        """Whatever it was called in its window."""
        one = part((0, 2, "X"), (2, 4, "Y"), voices={"X": "anna", "Y": "bert"})
        two = part((0, 2, "X"), (2, 4, "Y"), voices={"X": "bert", "Y": "anna"})
        linked = link_windows(self.windows, [one, two], DiarizationOptions())
        assert labels(linked) == ["0", "1", "1", "0"]
        assert [turn.start for turn in linked.turns] == [0, 2, 10, 12]

    def test_a_new_voice_is_a_new_speaker(self):
        """In a later window."""
        one, two = part((0, 2, "anna")), part((0, 2, "cleo"), (3, 4, "anna"))
        assert labels(link_windows(self.windows, [one, two], DiarizationOptions())) == [
            "0",
            "1",
            "0",
        ]

    def test_two_people_of_one_window_stay_two(self):
        """However alike: the window heard them apart."""
        one = part((0, 2, "X"), (2, 4, "Y"), voices={"X": "anna", "Y": "anna"})
        two = part((0, 2, "X"), voices={"X": "anna"})
        linked = link_windows(self.windows, [one, two], DiarizationOptions())
        assert len(set(labels(linked)[:2])) == 2
        assert len(linked.embeddings) == 2

    def test_a_given_number_is_kept(self):
        """Different voices are joined until the number fits."""
        one, two = part((0, 2, "anna")), part((0, 2, "bert"))
        linked = link_windows(self.windows, [one, two], DiarizationOptions(speakers=1))
        assert set(labels(linked)) == {"0"}

    def test_labels_go_by_first_appearance(self):
        """SPEAKER_00 speaks first."""
        one = part((5, 6, "anna"), (1, 2, "bert"))
        linked = link_windows(
            [Span(0, 10)], [replace(one, turns=one.turns[::-1])], DiarizationOptions()
        )
        assert [(turn.start, turn.speaker) for turn in linked.turns] == [
            (1, "SPEAKER_00"),
            (5, "SPEAKER_01"),
        ]
        assert linked.embeddings["SPEAKER_00"] == VOICES["bert"]

    def test_nobody_is_an_answer(self):
        """Silence in every window."""
        linked = link_windows(self.windows, [part(), part()], DiarizationOptions())
        assert (linked.turns, linked.exclusive_turns, linked.embeddings) == ((), (), {})

    @given(
        st.lists(
            st.lists(st.sampled_from(sorted(VOICES)), min_size=0, max_size=3, unique=True),
            min_size=1,
            max_size=5,
        )
    )
    def test_turns_are_neither_lost_nor_moved(self, names):
        """Only labels change."""
        windows = [Span(10.0 * at, 10.0 * at + 10) for at in range(len(names))]
        parts = [
            part(*[(2.0 * at, 2.0 * at + 1, name) for at, name in enumerate(window)])
            for window in names
        ]
        linked = link_windows(windows, parts, DiarizationOptions())
        expected = sorted(
            w.start + turn.start for w, p in zip(windows, parts, strict=True) for turn in p.turns
        )
        assert [turn.start for turn in linked.turns] == expected
        heard = {
            turn.start: name
            for w, ns in zip(windows, names, strict=True)
            for turn, name in _named(w, ns)
        }
        by_label: dict[str, set[str]] = {}
        for turn in linked.turns:
            by_label.setdefault(turn.speaker, set()).add(heard[turn.start])
        assert all(len(people) == 1 for people in by_label.values())
        assert len(by_label) == len({name for window in names for name in window})


def _named(window: Span, names: list[str]) -> list[tuple[Turn, str]]:
    return [
        (Turn(window.start + 2.0 * at, window.start + 2.0 * at + 1, name), name)
        for at, name in enumerate(names)
    ]


def unit(vector) -> np.ndarray:
    return np.asarray(vector, dtype=float) / np.linalg.norm(vector)


def said(*speech: tuple[str, float], noise: float = 0.3, seed: int = 0) -> Evidence:
    """Speech of *seconds* by *who*, one after the other, in 192 noisy numbers; no windows."""
    rng = np.random.default_rng(seed)
    found, at = [], 0
    for name, seconds in speech:
        person = unit(np.random.default_rng(ord(name[0])).normal(size=192))
        length = max(1, round(seconds / FRAME))
        spread = noise / np.sqrt(max(seconds, 0.2)) * rng.normal(size=192) / np.sqrt(192)
        found.append(Piece(np.arange(at, at + length), 8 * (person + spread)))
        at += length + 20
    return Evidence(at * FRAME, pieces=found)


class TestPeople:
    def test_voices_are_counted(self):
        """Three people who take turns are three."""
        found = find_speakers(
            said(*[("anna", 2.0), ("bert", 2.0), ("cleo", 2.0)] * 6), DiarizationOptions()
        )
        assert found.count is not None
        assert found.count.found == len(found.voices) == 3
        assert found.count.fewer > 10
        assert found.count.more > 10

    def test_one_speaker_is_an_answer(self):
        """Nobody is invented beside them."""
        assert len(find_speakers(said(*[("anna", 2.0)] * 10), DiarizationOptions()).voices) == 1

    def test_nobody_is_an_answer(self):
        """No speech, no voices."""
        found = find_speakers(Evidence(), DiarizationOptions())
        assert len(found.voices) == 0
        assert found.count is None

    @pytest.mark.parametrize("count", [1, 2, 3, 4])
    def test_a_given_number_is_kept(self, count):
        """More than were found, and fewer."""
        heard = said(*[("anna", 2.0), ("bert", 2.0)] * 6)
        assert len(find_speakers(heard, DiarizationOptions(speakers=count)).voices) == count

    def test_bounds_are_kept(self):
        """From both sides."""
        heard = said(*[("anna", 2.0), ("bert", 2.0), ("cleo", 2.0)] * 6)
        assert len(find_speakers(heard, DiarizationOptions(max_speakers=2)).voices) == 2
        assert len(find_speakers(heard, DiarizationOptions(min_speakers=4)).voices) >= 4
        assert (
            len(find_speakers(heard, DiarizationOptions(min_speakers=2, max_speakers=5)).voices)
            == 3
        )

    def test_a_cough_is_not_a_person(self):
        """It is reported instead."""
        found = find_speakers(
            said(*[("anna", 2.0), ("bert", 2.0)] * 6, ("zoe", 0.45)), DiarizationOptions()
        )
        assert len(found.voices) == 2
        assert found.others == 1
        assert found.others_seconds == pytest.approx(0.45, abs=0.02)

    @pytest.mark.slow
    def test_a_long_recording_is_clustered_in_blocks(self):
        """The same people as in a short one, each once."""
        long = said(*[("anna", 2.0), ("bert", 2.0), ("cleo", 2.0)] * 1500)
        assert len(find_speakers(long, DiarizationOptions()).voices) == 3

    @given(
        st.lists(
            st.tuples(st.sampled_from(["anna", "bert", "cleo"]), st.floats(0.2, 5.0)),
            min_size=1,
            max_size=12,
        )
    )
    def test_voices_are_unit_vectors_and_no_more_than_pieces(self, speech):
        """Whatever is heard."""
        found = find_speakers(said(*speech), DiarizationOptions())
        assert 1 <= len(found.voices) <= len(speech)
        assert np.linalg.norm(found.voices, axis=1) == pytest.approx(np.ones(len(found.voices)))


@st.composite
def evidence(draw) -> Evidence:
    """Windows and pieces as no network would give them."""
    duration = draw(st.floats(0.02, 25.0))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    found = Evidence(duration)
    for grid, length in ((PLANS["accurate"].short, 293), (PLANS["accurate"].long, 589)):
        for start in range(max(1, int(duration) - 2)):
            shares = rng.dirichlet(np.full(7, 0.2), size=length)
            active = shares @ np.array(
                [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1]]
            )
            alone = shares[:, 1:4] > 0.5
            found.windows.append(
                Window(grid, round(start / FRAME) + 1, active.astype(np.float16), alone)
            )
    for start in range(draw(st.integers(0, 6))):
        found.pieces.append(
            Piece(np.arange(start * 100, start * 100 + 60), unit(rng.normal(size=192)))
        )
    return found


class TestTurns:
    @given(evidence())
    def test_turns_are_sound_whatever_was_heard(self, heard):
        """Inside the audio, longer than nothing, exclusive where they should be, labelled in
        order.
        """
        found = build_diarization(
            heard, find_speakers(heard, DiarizationOptions()), "engine", "model"
        )
        for turns in (found.turns, found.exclusive_turns):
            assert all(0.0 <= turn.start < turn.end <= heard.duration for turn in turns)
            assert all(0.0 <= turn.confidence <= 1.0 for turn in turns)
            assert [turn.start for turn in turns] == sorted(turn.start for turn in turns)
        for one, other in pairwise(found.exclusive_turns):
            assert one.end <= other.start
        order = list(dict.fromkeys(turn.speaker for turn in found.turns))
        assert order == [f"SPEAKER_{number:02d}" for number in range(len(order))]
        assert set(found.embeddings) == set(found.activity.levels) == set(order)
        assert {turn.speaker for turn in found.exclusive_turns} <= set(order)

    @given(evidence())
    def test_the_same_evidence_gives_the_same_turns(self, heard):
        """Labels included."""
        options = DiarizationOptions()
        one = build_diarization(heard, find_speakers(heard, options), "e", "m")
        assert build_diarization(heard, find_speakers(heard, options), "e", "m") == one

    def test_activity_is_a_digit_a_step(self):
        """From the start to the end."""
        heard = Evidence(2.0)
        active = np.zeros((589, 3), dtype=np.float16)
        active[:, 0] = 0.95
        heard.windows.append(Window(PLANS["accurate"].long, 0, active, active > 0.5))
        heard.pieces.append(Piece(np.arange(100), unit(np.eye(192)[0])))
        found = build_diarization(heard, find_speakers(heard, DiarizationOptions()), "e", "m")
        assert found.activity.levels == {"SPEAKER_00": "9" * 40}
        assert found.activity.during(Span(0.3, 0.9)) == {"SPEAKER_00": pytest.approx(1.0)}
        assert [(turn.start, turn.end) for turn in found.turns] == [(0.0, 2.0)]
        assert found.confidence > 0.9

    def test_a_weak_count_is_said(self):
        """With the number that is almost as likely."""
        nearly = Speakers(np.eye(2), SpeakerCount(found=2, fewer=1.0, more=9.0, probability=0.3))
        heard = Evidence(2.0)
        active = np.zeros((589, 3), dtype=np.float16)
        active[:60, 0] = active[60:, 1] = 0.95
        heard.windows.append(Window(PLANS["accurate"].long, 0, active, active > 0.5))
        heard.pieces.extend(
            [
                Piece(np.arange(60), np.array([1.0, 0.0])),
                Piece(np.arange(60, 119), np.array([0.0, 1.0])),
            ]
        )
        assert (
            "2 were found, 1 are almost as likely"
            in build_diarization(heard, nearly, "e", "m").warnings[0]
        )
        sure = Speakers(
            np.eye(2),
            SpeakerCount(found=2, fewer=9.0, more=9.0, probability=0.9),
            others=2,
            others_seconds=0.7,
        )
        assert build_diarization(Evidence(1.0), sure, "e", "m").warnings == (
            "2 voices with 0.7 s of speech in all went to the nearest speakers",
        )


class TestProfiles:
    anna, bert = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)

    def voice(self, embedding, seconds: float = 20.0, model: str = "m") -> VoiceProfile:
        return VoiceProfile(voice_model=model, embedding=tuple(embedding), seconds=seconds)

    def test_a_known_voice_is_recognised(self):
        """With its likeness; scale does not matter."""
        found = identify_speakers(
            {"S0": self.voice((5.0, 0.5, 0.0))},
            {"a": self.voice(self.anna), "b": self.voice(self.bert)},
        )
        assert found == {"S0": ("a", pytest.approx(0.995, abs=0.001))}

    def test_below_the_threshold_nobody_is_named(self):
        """Unknown is an answer."""
        near = np.array([THRESHOLD - 0.01, np.sqrt(1 - (THRESHOLD - 0.01) ** 2), 0.0])
        assert identify_speakers({"S0": self.voice(near)}, {"a": self.voice(self.anna)}) == {}

    def test_another_model_s_profile_is_never_compared(self):
        """Even where the numbers are the same."""
        assert (
            identify_speakers(
                {"S0": self.voice(self.anna)}, {"a": self.voice(self.anna, model="other")}
            )
            == {}
        )

    def test_who_hardly_speaks_is_not_looked_up(self):
        """A second says little."""
        assert (
            identify_speakers(
                {"S0": self.voice(self.anna, seconds=1.0)}, {"a": self.voice(self.anna)}
            )
            == {}
        )

    def test_a_profile_is_one_speaker_s(self):
        """The one who sounds most like it."""
        voices = {"S0": self.voice((0.9, 0.3, 0.0)), "S1": self.voice(self.anna)}
        assert identify_speakers(voices, {"a": self.voice(self.anna)}) == {"S1": ("a", 1.0)}

    def test_more_speech_weighs_more(self):
        """Two recordings of one person."""
        both = self.voice(self.anna, 30.0).with_more(self.voice(self.bert, 10.0))
        assert both.seconds == 40.0
        assert both.embedding == pytest.approx(unit([3.0, 1.0, 0.0]), abs=1e-5)

    def test_profiles_of_two_models_do_not_mix(self):
        """One sentence says why."""
        with pytest.raises(InvalidOption, match="different models"):
            self.voice(self.anna).with_more(self.voice(self.anna, model="other"))


class TestTracks:
    def level(self, *rows: tuple[float, ...]) -> np.ndarray:
        return np.repeat(np.array(rows, dtype=np.float32), 50, axis=0)

    def test_one_voice_a_channel_is_found(self):
        """Whoever speaks is far louder in their own channel."""
        assert one_speaker_per_channel(self.level((-20, -50), (-45, -18), (-70, -70), (-22, -60)))

    @pytest.mark.parametrize(
        "rows",
        [
            [(-20.0, -20.0), (-30.0, -30.0)],
            [(-20.0, -25.0), (-24.0, -18.0)],
            [(-20.0, -60.0), (-21.0, -60.0)],
            [(-90.0, -90.0)],
            [(-20.0,), (-30.0,)],
        ],
        ids=["dual mono", "a room", "one silent channel", "silence", "mono"],
    )
    def test_other_recordings_are_not(self, rows):
        """They are told apart by voice."""
        assert not one_speaker_per_channel(self.level(*rows))

    def test_channels_are_taken_apart(self, tmp_path):
        """Each as it was, and their sum."""
        left, right = tone(1.5), np.zeros(24_000, dtype=np.float32)
        path = tmp_path / "stereo.flac"
        soundfile.write(path, np.stack([left, right], axis=1), 16_000)
        mix, tracks = split_channels(path, tmp_path)
        assert [track.name for track in tracks] == ["track-1.flac", "track-2.flac"]
        first, _ = soundfile.read(tracks[0], dtype="float32")
        mixed, _ = soundfile.read(mix, dtype="float32")
        assert first == pytest.approx(left, abs=1e-4)
        assert mixed == pytest.approx(left, abs=1e-4)
        assert not soundfile.read(tracks[1])[0].any()

    def test_who_stops_first_is_first_where_two_begin_at_once(self, tmp_path, monkeypatch):
        """Labels go by first appearance in the turns, whichever channel that is."""
        speech = {
            "track-1.flac": np.ones(100, dtype=np.float32),
            "track-2.flac": np.repeat([1.0, 0.0], 50),
        }
        monkeypatch.setattr(
            "trax.diarization.tracks.voice_activity",
            lambda track: VoiceActivity(speech[track.path.name].astype(np.float32), 3.2),
        )
        path = tmp_path / "stereo.flac"
        soundfile.write(path, np.stack([tone(3.2), tone(3.2)], axis=1), 16_000)
        tracks = [StoredAudio.open(file) for file in split_channels(path, tmp_path)[1]]
        options = DiarizationOptions(names=("long", "short"))
        found = diarize_tracks(
            tracks, levels(path), ScriptedEngines(), options, lambda _share: None
        )
        assert [(turn.speaker, turn.end) for turn in found.turns] == [
            ("SPEAKER_00", 1.6),
            ("SPEAKER_01", 3.2),
        ]
        assert found.names == {"SPEAKER_00": "short", "SPEAKER_01": "long"}

    def test_files_are_put_together(self, tmp_path):
        """The shorter one ends in silence, and nothing else is left behind."""
        one, two = (
            write_audio(tmp_path / "one.wav", tone(1.0)),
            write_audio(tmp_path / "two.wav", tone(2.0)),
        )
        (tmp_path / "out").mkdir()
        made = join_tracks([one, two], tmp_path / "out" / "both.flac", Limits())
        samples, rate = soundfile.read(made)
        assert (samples.shape, rate) == ((32_000, 2), 16_000)
        assert not samples[17_000:, 0].any()
        assert samples[17_000:, 1].any()
        assert [each.name for each in made.parent.iterdir()] == ["both.flac"]

    def test_nine_tracks_are_too_many(self, tmp_path):
        """A FLAC file holds eight."""
        with pytest.raises(InvalidOption, match="between two and 8"):
            join_tracks([tmp_path / "x.wav"] * 9, tmp_path / "both.flac", Limits())


@pytest.mark.slow
class TestTorchaudio:
    def test_the_stand_in_serves_where_the_extension_does_not_load(self):
        """Kaldi features need no compiled part."""
        ensure_torchaudio()
        import torch
        from torchaudio.compliance import kaldi

        features = kaldi.fbank(torch.randn(1, 16_000), num_mel_bins=80)
        assert features.shape == (98, 80)

    def test_calling_it_again_changes_nothing(self):
        """Where torchaudio imports, it is left alone."""
        ensure_torchaudio()
        before = sys.modules["torchaudio"]
        ensure_torchaudio()
        assert sys.modules["torchaudio"] is before


@pytest.mark.real
class TestCampplus:
    @pytest.fixture(scope="class")
    def network(self, models_folder):
        ensure_torchaudio()
        import torch

        from trax.diarization.campplus import CAMPlusPlus

        weights = (
            ModelFinder(models_folder, offline=True).find("packaged", Kind.DIARIZATION).folder()
        )
        model = CAMPlusPlus()
        model.load_state_dict(torch.load(weights / "campplus.pt", weights_only=True))
        return model.eval()

    @pytest.fixture(scope="class")
    def speech(self, sample):
        samples, _ = soundfile.read(sample, dtype="float32")
        return samples

    def embed(self, network, samples, mask=None):
        import torch

        weights = None if mask is None else torch.from_numpy(mask.astype(np.float32))[None]
        with torch.inference_mode():
            vector = network(torch.from_numpy(samples)[None, None], weights)[0].numpy()
        return vector / np.linalg.norm(vector)

    def test_one_person_sounds_like_himself(self, network, speech):
        """Clips of one speaker are nearer than clips of two (times from the sample's reference)."""
        first = self.embed(network, speech[16_000 * 2 : 16_000 * 7])
        again = self.embed(network, speech[16_000 * 41 : 16_000 * 46])
        other = self.embed(network, speech[16_000 * 20 : 16_000 * 25])
        assert first @ again > 0.6
        assert first @ other < 0.4

    def test_masked_frames_do_not_leak(self, network, speech):
        """What the mask leaves out changes nothing but the edges."""
        mine, theirs = speech[16_000 * 2 : 16_000 * 7], speech[16_000 * 20 : 16_000 * 25]
        mask = np.repeat([1.0, 0.0], 500)
        masked = self.embed(network, np.concatenate([mine, theirs]), mask)
        assert masked @ self.embed(network, mine) > 0.97

    def test_nobody_gives_nan(self, network, speech):
        """An empty mask has no voice; it must not look like one."""
        import torch

        vector = network(torch.from_numpy(speech[:16_000])[None, None], torch.zeros(1, 60))
        assert torch.isnan(vector).all()

    def test_too_little_audio_is_refused(self, network):
        """A tenth of a second says nothing."""
        with pytest.raises(ValueError, match="too little"):
            self.embed(network, np.zeros(1600, dtype=np.float32))

    def test_rows_of_a_batch_do_not_mix(self, network, speech):
        """A batch equals its rows."""
        import torch

        one, two = speech[32_000:64_000], speech[320_000:352_000]
        with torch.inference_mode():
            both = network(torch.from_numpy(np.stack([one, two]))[:, None]).numpy()
        both /= np.linalg.norm(both, axis=1, keepdims=True)
        assert both[0] @ self.embed(network, one) > 0.9999
        assert both[1] @ self.embed(network, two) > 0.9999


@pytest.mark.real
class TestPackaged:
    @pytest.fixture(scope="class")
    def diarizer(self, models_folder):
        return PackagedDiarizer(
            ModelFinder(models_folder, offline=True).find("packaged", Kind.DIARIZATION), "cpu", 1
        )

    @pytest.fixture(scope="class")
    def speech(self, sample):
        return soundfile.read(sample, dtype="float32", stop=16_000 * 40)[0]

    def diarized(self, diarizer, samples, *cuts: float, options=DiarizationOptions()):  # noqa: B008 - frozen
        session = diarizer.begin(options)
        shares: list[float] = []
        for chunk in np.split(samples, [round(cut * 16_000) for cut in cuts]):
            shares.clear()
            session.feed(Waveform(chunk, 16_000), shares.append)
            assert shares == sorted(shares)
            assert all(0.0 <= share <= 1.0 for share in shares)
        return session.result(lambda _share: None)

    @pytest.mark.parametrize("plan", ["accurate", "fast"])
    def test_two_people_are_two(self, diarizer, speech, plan):
        """In the sample that the project ships."""
        found = self.diarized(diarizer, speech, options=DiarizationOptions(plan=plan))
        assert (
            set(found.embeddings)
            == {turn.speaker for turn in found.turns}
            == {"SPEAKER_00", "SPEAKER_01"}
        )
        assert found.count is not None
        assert found.count.probability > 0.5
        assert found.confidence > 0.8

    def test_chunks_change_nothing(self, diarizer, speech):
        """However the audio is cut: in the middle of a word, into crumbs, unevenly."""
        whole = self.diarized(diarizer, speech)
        for cuts in ((20.0,), (0.01, 3.3, 4.0, 11.7, 39.99), tuple(np.arange(1.0, 40.0))):
            found = self.diarized(diarizer, speech, *cuts)
            assert [(turn.start, turn.end, turn.speaker) for turn in found.turns] == [
                (turn.start, turn.end, turn.speaker) for turn in whole.turns
            ]
            assert found.activity == whole.activity

    def test_people_who_cannot_be_told_apart_are_said_to_be_missing(self, diarizer, speech):
        """Two seconds do not hold nine people."""
        found = self.diarized(
            diarizer, speech[16_000 * 2 : 16_000 * 4], options=DiarizationOptions(speakers=9)
        )
        assert "9 speakers were asked for" in " ".join(found.warnings)

    def test_old_audio_is_let_go(self, diarizer, speech):
        """Memory is what a later window will see, not what was heard."""
        session = diarizer.begin(DiarizationOptions())
        for chunk in np.split(np.concatenate([speech] * 3), 12):
            session.feed(Waveform(chunk, 16_000), lambda _share: None)
            assert session.windows.kept <= 16_000 * 21

    def test_what_was_forgotten_is_not_told_and_the_rest_at_its_time(self, diarizer, speech):
        """As if nothing had been before, however much was."""
        session = diarizer.begin(DiarizationOptions(plan="fast"))
        for chunk in np.split(np.concatenate([speech] * 2), 8):
            session.feed(Waveform(chunk, 16_000), lambda _share: None)
        whole = session.result(lambda _share: None)
        before = len(speech) / 16_000
        session.forget(before)
        for _time in range(2):
            rest = session.result(lambda _share: None)
            assert rest.turns[0].start >= before
            assert rest.turns[-1].end == pytest.approx(whole.turns[-1].end, abs=0.1)
            assert len(rest.embeddings) == len(whole.embeddings)
        assert all(window.first * FRAME >= before for window in session.evidence.windows)

    def test_silence_is_nobody(self, diarizer):
        """No turn is invented."""
        found = self.diarized(diarizer, np.zeros(16_000 * 12, dtype=np.float32))
        assert (found.turns, found.embeddings, found.count) == ((), {}, None)

    def test_very_short_audio_is_no_error(self, diarizer):
        """A tenth of a second, one sample, none."""
        for frames in (0, 1, 1600):
            found = self.diarized(diarizer, np.full(frames, 0.1, dtype=np.float32))
            assert all(turn.end <= frames / 16_000 for turn in found.turns)

    def test_broken_weights_are_said_to_be_broken(self, tmp_path):
        """One sentence."""
        (tmp_path / "segmentation.bin").write_bytes(b"x")
        model = Model("packaged", Kind.DIARIZATION, Origin.FOLDER, "0", lambda: Path(tmp_path))
        session = PackagedDiarizer(model, "cpu", 1).begin(DiarizationOptions())
        with pytest.raises(ModelUnavailable, match="'packaged'"):
            session.feed(
                Waveform(np.zeros(16_000 * 12, dtype=np.float32), 16_000), lambda _share: None
            )

    def test_channels_of_one_person_each_are_taken_as_they_are(self, diarizer, speech, tmp_path):
        """With the same voices as in the mix, and the names that were given."""
        mixed = self.diarized(diarizer, speech)
        loud = np.zeros((len(speech), 2), dtype=np.float32)
        for turn in mixed.exclusive_turns:
            part = slice(round(turn.start * 16_000), round(turn.end * 16_000))
            loud[part, int(turn.speaker[-1])] = speech[part]
            loud[part, 1 - int(turn.speaker[-1])] = 0.02 * speech[part]
        path = tmp_path / "stereo.flac"
        soundfile.write(path, loud, 16_000)
        _, files = split_channels(path, tmp_path)
        tracks = [StoredAudio.open(file) for file in files]
        loudness = levels(path)
        assert one_speaker_per_channel(loudness)
        options = DiarizationOptions(names=("Anna", "Ben"))
        found = diarize_tracks(tracks, loudness, diarizer, options, lambda _share: None)
        assert found.names == {"SPEAKER_00": "Anna", "SPEAKER_01": "Ben"}
        for label, voice in found.embeddings.items():
            assert unit(voice) @ unit(mixed.embeddings[label]) > THRESHOLD
        for one, other in pairwise(found.exclusive_turns):
            assert one.end <= other.start
        wrong = sum(
            turn.overlap(other)
            for turn in found.exclusive_turns
            for other in mixed.exclusive_turns
            if turn.speaker != other.speaker
        )
        assert wrong < 0.05 * sum(turn.duration for turn in mixed.exclusive_turns)


@pytest.mark.real
def test_what_is_no_pipeline_is_said_to_be_none(tmp_path):
    """A broken folder gives one sentence."""
    (tmp_path / "config.yaml").write_text("pipeline:\n  name: no.such.Thing\n")
    model = Model("mine", Kind.DIARIZATION, Origin.FOLDER, "0", lambda: Path(tmp_path))
    session = PyannoteDiarizer(model, "cpu", 1).begin(DiarizationOptions())
    session.feed(Waveform(np.zeros(16_000, dtype=np.float32), 16_000), lambda _share: None)
    with pytest.raises(ModelUnavailable, match="'mine'"):
        session.result(lambda _share: None)


def test_ten_minutes_of_a_pipeline_are_a_window(monkeypatch):
    """Voices link them, and a given number of speakers bounds each from above."""
    seen: list[tuple[float, DiarizationOptions]] = []

    def scripted(self, samples, options, progress):
        seen.append((len(samples) / 16_000, options))
        return part((0.0, 1.0, "X"), voices={"X": "anna"})

    monkeypatch.setattr(PyannoteDiarizer, "diarize", scripted)
    model = Model("mine", Kind.DIARIZATION, Origin.FOLDER, "0", Path)
    session = PyannoteDiarizer(model, "cpu", 1).begin(DiarizationOptions(speakers=2))
    for _ in range(3):
        session.feed(
            Waveform(np.zeros(16_000 * 300, dtype=np.float32), 16_000), lambda _share: None
        )
    found = session.result(lambda _share: None)
    assert [seconds for seconds, _ in seen] == [600.0, 300.0]
    assert {(each.speakers, each.max_speakers) for _, each in seen} == {(None, 2)}
    assert [(turn.start, turn.speaker) for turn in found.turns] == [
        (0.0, "SPEAKER_00"),
        (600.0, "SPEAKER_00"),
    ]
