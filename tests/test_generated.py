"""Generated conversations: what a seed gives is always the same, and its reference is exact."""

from itertools import combinations

import numpy as np
import pytest

from benchmarks import acoustics, corpus, generated
from benchmarks.talkers import talkers
from trax.audio import SAMPLE_RATE
from trax.scoring import read_scorable
from trax.transcript import Turn

_SEEDS = range(12)
_HOP = 0.01  # seconds
_NEAR = 0.1  # seconds around a turn in which a breath or the end of a sound may be heard

needs_corpus = pytest.mark.skipif(
    not (corpus.DEFAULT / "clips").is_dir(), reason="the corpus of clips is not here"
)


@pytest.fixture(scope="module")
def conversations():
    """A few of each fold."""
    return [generated.generate(seed, fold=fold) for seed in _SEEDS for fold in (0, 1)]


def levels(conversation) -> tuple[np.ndarray, np.ndarray]:
    """Times and levels in dB of each hop."""
    hops = conversation.samples[: len(conversation.samples) // 160 * 160].reshape(-1, 160)
    return (np.arange(len(hops)) + 0.5) * _HOP, 10 * np.log10((hops**2).mean(axis=1) + 1e-12)


def covered(times: np.ndarray, turns: list[Turn], margin: float = 0.0) -> np.ndarray:
    """Whether each time lies in a turn or *margin* seconds around it."""
    inside = [(times >= turn.start - margin) & (times < turn.end + margin) for turn in turns]
    return np.any(inside, axis=0)


@needs_corpus
@pytest.mark.slow
class TestConversations:
    def test_a_seed_always_gives_the_same_conversation(self, conversations):
        """To the last sample."""
        again = generated.generate(0, fold=0)
        assert np.array_equal(again.samples, conversations[0].samples)
        assert again.turns == conversations[0].turns

    def test_seeds_and_folds_give_others(self, conversations):
        """No two are alike."""
        assert len({each.samples.tobytes() for each in conversations}) == len(conversations)

    def test_folds_share_nobody(self):
        """No name, no collection, no file."""
        first, second = talkers(0), talkers(1)
        for facts in (
            lambda talker: {talker.name},
            lambda talker: {talker.source},
            lambda talker: {clip.path for clip in talker.clips},
        ):
            assert not set.union(*map(facts, first)) & set.union(*map(facts, second))

    def test_clean_recordings_are_silent_outside_the_turns(self, conversations):
        """The reference leaves out no speech."""
        for conversation in conversations:
            times, level = levels(conversation)
            speech = 10 * np.log10(np.mean(10 ** (level[covered(times, conversation.turns)] / 10)))
            outside = ~covered(times, conversation.turns, _NEAR)
            if conversation.kind == "clean" and outside.any():
                assert np.percentile(level[outside], 99) < speech - 20

    def test_every_turn_of_a_clean_recording_is_heard(self, conversations):
        """From its first tenth of a second to its last."""
        clean = [each for each in conversations if each.kind == "clean"]
        assert clean
        for conversation in clean:
            times, level = levels(conversation)
            for turn in conversation.turns:
                for edge in (turn.start, turn.end - _NEAR):
                    near = (times >= edge) & (times < edge + _NEAR)
                    assert level[near].max(initial=0.0) > np.median(level) - 60

    def test_a_turn_is_within_the_recording_and_not_over_another_of_its_speaker(
        self, conversations
    ):
        """Nobody speaks twice at once."""
        for conversation in conversations:
            assert all(turn.end <= conversation.duration for turn in conversation.turns)
            for one, other in combinations(conversation.turns, 2):
                assert one.speaker != other.speaker or one.overlap(other) == 0.0

    def test_speakers_are_those_of_the_reference(self, conversations):
        """One to six."""
        for each in conversations:
            assert each.speakers == len({turn.speaker for turn in each.turns})
        assert {each.speakers for each in conversations} >= {1, 2, 3}

    def test_samples_are_not_clipped(self, conversations):
        """Mono, float32, below full scale."""
        for each in conversations:
            assert each.samples.dtype == np.float32
            assert each.samples.ndim == 1
            assert np.abs(each.samples).max() < 1.0

    def test_written_references_are_read_as_the_same_turns(self, conversations, tmp_path):
        """To the millisecond."""
        (item,) = generated.write_conversations(tmp_path, 1, fold=0)
        turns = read_scorable(item.reference).turns
        for read, made in zip(turns, conversations[0].turns, strict=True):
            assert read.speaker == made.speaker
            assert read.start == pytest.approx(made.start, abs=0.001)


class TestAcoustics:
    def test_a_room_begins_with_the_direct_sound_and_dies_away(self):
        """So references hold in rooms, too."""
        for response in acoustics.draw_room(3, np.random.default_rng(1)):
            power = response.astype(float) ** 2
            assert response[0] == pytest.approx(1.0)
            assert power[-len(power) // 10 :].sum() < 0.001 * power.sum()

    def test_a_telephone_carries_nothing_outside_its_band(self):
        """Below 300 Hz and above 3400 Hz."""
        noise = acoustics.coloured_noise("white", SAMPLE_RATE, np.random.default_rng(1))
        power = np.abs(np.fft.rfft(acoustics.telephone(noise * 0.1))) ** 2
        assert power[400:3300].mean() > 100 * power[3900:].mean()
        assert power[400:3300].mean() > 100 * power[:150].mean()

    def test_one_microphone_makes_bands_alike(self):
        """A dull and a sharp recording come nearer to each other."""
        rng = np.random.default_rng(1)
        tracks = [
            acoustics.coloured_noise(colour, SAMPLE_RATE, rng) for colour in ("white", "pink")
        ]

        def sharpness(track):
            power = np.abs(np.fft.rfft(track)) ** 2
            return 10 * np.log10(power[3200:].sum() / power[:400].sum())

        before = abs(sharpness(tracks[0]) - sharpness(tracks[1]))
        after = abs(np.subtract(*map(sharpness, acoustics.equalised(tracks))))
        assert after < before / 2

    @pytest.mark.parametrize("colour", ["white", "pink", "brown"])
    def test_noise_has_a_level_of_one(self, colour):
        """So that an SNR means what it says."""
        noise = acoustics.coloured_noise(colour, SAMPLE_RATE, np.random.default_rng(1))
        assert np.sqrt(np.mean(noise**2)) == pytest.approx(1.0, rel=1e-3)
