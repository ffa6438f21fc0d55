"""Windows linked, voices checked, and the real pipeline on real voices."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from trax.audio import Waveform
from trax.diarization import DiarizationOptions, link_windows
from trax.diarization.torchaudio_import import ensure_torchaudio
from trax.diarization.voices import MARGIN, SHORTEST, check_voices
from trax.errors import ModelUnavailable
from trax.models import Kind, Model, ModelFinder, Origin
from trax.transcript import Diarization, Span, Turn

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
        assert labels(link_windows(self.windows, [one, two], DiarizationOptions())) == ["0", "1", "0"]

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
        linked = link_windows([Span(0, 10)], [replace(one, turns=one.turns[::-1])], DiarizationOptions())
        assert [(turn.start, turn.speaker) for turn in linked.turns] == [(1, "SPEAKER_00"), (5, "SPEAKER_01")]
        assert linked.embeddings["SPEAKER_00"] == VOICES["bert"]

    def test_nobody_is_an_answer(self):
        """Silence in every window."""
        linked = link_windows(self.windows, [part(), part()], DiarizationOptions())
        assert (linked.turns, linked.exclusive_turns, linked.embeddings) == ((), (), {})

    @given(
        st.lists(st.lists(st.sampled_from(sorted(VOICES)), min_size=0, max_size=3, unique=True), min_size=1, max_size=5)
    )
    def test_turns_are_neither_lost_nor_moved(self, names):
        """Only labels change."""
        windows = [Span(10.0 * at, 10.0 * at + 10) for at in range(len(names))]
        parts = [part(*[(2.0 * at, 2.0 * at + 1, name) for at, name in enumerate(window)]) for window in names]
        linked = link_windows(windows, parts, DiarizationOptions())
        expected = sorted(w.start + turn.start for w, p in zip(windows, parts, strict=True) for turn in p.turns)
        assert [turn.start for turn in linked.turns] == expected
        heard = {turn.start: name for w, ns in zip(windows, names, strict=True) for turn, name in _named(w, ns)}
        by_label: dict[str, set[str]] = {}
        for turn in linked.turns:
            by_label.setdefault(turn.speaker, set()).add(heard[turn.start])
        assert all(len(people) == 1 for people in by_label.values())
        assert len(by_label) == len({name for window in names for name in window})


def _named(window: Span, names: list[str]) -> list[tuple[Turn, str]]:
    return [(Turn(window.start + 2.0 * at, window.start + 2.0 * at + 1, name), name) for at, name in enumerate(names)]


def heard_as(truth: list[Turn]):
    """An embedder that hears who really speaks in the middle of a span."""

    def embed(span: Span) -> np.ndarray:
        for turn in truth:
            if turn.start <= span.middle < turn.end:
                return np.array(VOICES[turn.speaker])
        return np.zeros(3)

    return embed


class TestVoices:
    def test_right_turns_stay(self):
        """Nothing is changed without need."""
        truth = [Turn(0, 6, "anna"), Turn(6, 12, "bert"), Turn(13, 15, "anna")]
        checked = check_voices(truth, truth, heard_as(truth))
        assert checked.turns == tuple(truth)
        assert set(checked.voices) == {"anna", "bert"}

    def test_a_turn_with_another_voice_is_moved(self):
        """In both views of who spoke."""
        truth = [Turn(0, 6, "anna"), Turn(6, 12, "bert"), Turn(13, 15, "anna"), Turn(16, 18, "bert")]
        said = [*truth[:3], replace(truth[3], speaker="anna")]
        checked = check_voices(said, said, heard_as(truth))
        assert checked.turns == checked.exclusive_turns == tuple(truth)

    def test_part_of_a_turn_is_moved(self):
        """Two people taken for one are cut apart."""
        truth = [Turn(0, 6, "anna"), Turn(6, 10, "bert"), Turn(12, 20, "bert")]
        said = [Turn(0, 10, "anna"), Turn(12, 20, "bert")]
        checked = check_voices(said, said, heard_as(truth))
        assert [(turn.start, turn.end, turn.speaker) for turn in checked.turns] == [
            (0, 6, "anna"),
            (6, 10, "bert"),
            (12, 20, "bert"),
        ]

    def test_a_piece_too_short_to_tell_stays(self):
        """A cough has no voice."""
        truth = [Turn(0, 6, "anna"), Turn(6, 12, "bert"), Turn(13, 13 + SHORTEST / 2, "bert")]
        said = [*truth[:2], replace(truth[2], speaker="anna")]
        assert check_voices(said, said, heard_as(truth)).turns[2].speaker == "anna"

    def test_a_small_difference_moves_nothing(self):
        """Doubt keeps what the pipeline said."""
        said = [Turn(0, 2, "anna"), Turn(3, 5, "bert"), Turn(6, 8, "anna")]
        nearly = np.array([0.7, 0.7 + MARGIN / 4, 0.0])

        def embed(span: Span) -> np.ndarray:
            return nearly if span.start == 6 else np.array(VOICES["anna" if span.start == 0 else "bert"])

        assert check_voices(said, said, embed).turns == tuple(said)

    def test_where_both_speak_they_are_swapped(self):
        """The other one is not lost."""
        truth = [Turn(0, 6, "anna"), Turn(7, 13, "bert"), Turn(14, 16, "bert")]
        exclusive = [*truth[:2], Turn(14, 16, "anna")]
        turns = [*exclusive, Turn(15, 17, "bert")]
        checked = check_voices(turns, exclusive, heard_as(truth))
        assert Turn(14, 16, "bert") in checked.exclusive_turns
        late = {(turn.start, turn.end, turn.speaker) for turn in checked.turns if turn.start >= 14}
        assert late == {(14, 15, "bert"), (15, 16, "anna"), (15, 16, "bert"), (16, 17, "bert")} or late == {
            (14, 17, "bert"),
            (15, 16, "anna"),
        }

    def test_one_person_is_not_embedded(self):
        """There is nobody to move to."""

        def embed(span: Span) -> np.ndarray:
            return pytest.fail("embedded")

        said = (Turn(0, 6, "anna"), Turn(7, 9, "anna"))
        assert check_voices(said, said, embed).turns == said

    def test_nobody_is_an_answer(self):
        """No turns, no voices."""
        checked = check_voices([], [], heard_as([]))
        assert (checked.turns, checked.exclusive_turns, checked.voices) == ((), (), {})

    @given(st.lists(st.tuples(st.floats(0.1, 9.0), st.sampled_from(sorted(VOICES)), st.sampled_from(sorted(VOICES)))))
    def test_speech_is_neither_lost_nor_made(self, stretches):
        """Whoever is moved, the same seconds are spoken, and exclusive turns stay exclusive."""
        truth, said, cursor = [], [], 0.0
        for length, real, claimed in stretches:
            truth.append(Turn(cursor, cursor + length, real))
            said.append(Turn(cursor, cursor + length, claimed))
            cursor += length + 0.5
        checked = check_voices(said, said, heard_as(truth))
        assert sum(turn.duration for turn in checked.turns) == pytest.approx(sum(turn.duration for turn in said))
        for one, other in zip(checked.exclusive_turns, checked.exclusive_turns[1:], strict=False):
            assert one.end <= other.start + 1e-6


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

        weights = ModelFinder(models_folder, offline=True).find("packaged", Kind.DIARIZATION).folder()
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
class TestPyannote:
    @pytest.fixture(scope="class")
    def diarizer(self, models_folder):
        from trax.diarization.pyannote import PyannoteDiarizer

        return PyannoteDiarizer(ModelFinder(models_folder, offline=True).find("packaged", Kind.DIARIZATION), "cpu", 1)

    @pytest.fixture(scope="class")
    def found(self, diarizer, sample):
        samples, rate = soundfile.read(sample, dtype="float32", stop=16_000 * 40)
        shares: list[float] = []
        result = diarizer.diarize(Waveform(samples, rate), DiarizationOptions(), shares.append)
        assert shares == sorted(shares)
        assert 0.0 <= min(shares) < max(shares) <= 1.0
        return result

    def test_two_people_are_two(self, found):
        """In the sample that the project ships."""
        assert set(found.embeddings) == {turn.speaker for turn in found.turns} == {"SPEAKER_00", "SPEAKER_01"}

    def test_turns_are_sound(self, found):
        """Inside the audio, of positive length, in order; exclusive ones never at once."""
        for turns in (found.turns, found.exclusive_turns):
            assert all(0.0 <= turn.start < turn.end <= 40.0 for turn in turns)
            assert [turn.start for turn in turns] == sorted(turn.start for turn in turns)
        for one, other in zip(found.exclusive_turns, found.exclusive_turns[1:], strict=False):
            assert one.end <= other.start + 1e-6

    def test_silence_is_nobody(self, diarizer):
        """No turn is invented."""
        silence = Waveform(np.zeros(16_000 * 12, dtype=np.float32), 16_000)
        assert diarizer.diarize(silence, DiarizationOptions(), lambda share: None).turns == ()

    def test_very_short_audio_is_no_error(self, diarizer):
        """A tenth of a second, one sample."""
        for frames in (1, 1600):
            sound = Waveform(np.full(frames, 0.1, dtype=np.float32), 16_000)
            turns = diarizer.diarize(sound, DiarizationOptions(), lambda share: None).turns
            assert all(turn.end <= sound.duration for turn in turns)

    def test_what_is_no_pipeline_is_said_to_be_none(self, tmp_path):
        """A broken folder gives one sentence."""
        from trax.diarization.pyannote import PyannoteDiarizer

        (tmp_path / "config.yaml").write_text("pipeline:\n  name: no.such.Thing\n")
        model = Model("mine", Kind.DIARIZATION, Origin.FOLDER, "0", lambda: Path(tmp_path))
        with pytest.raises(ModelUnavailable, match="'mine'"):
            PyannoteDiarizer(model, "cpu", 1).diarize(
                Waveform(np.zeros(16_000, dtype=np.float32), 16_000), DiarizationOptions(), lambda share: None
            )
