"""Voice activity over recordings of any length."""

import numpy as np
import pytest
import soundfile

from trax.audio import StoredAudio, voice_activity
from trax.audio import activity as module
from trax.transcript import Span


@pytest.fixture(scope="module")
def audio(sample) -> StoredAudio:
    return StoredAudio.open(sample)


@pytest.fixture(scope="module")
def whole(audio):
    return voice_activity(audio)


def test_speech_is_told_from_pauses(whole):
    """The sample's first sentence ends at 7.8 s, the next begins at 8.7."""
    assert whole.mean(Span(4.0, 7.0)) > 0.9
    assert whole.mean(Span(7.95, 8.4)) < 0.2
    assert any(7.6 < span.end < 8.0 for span in whole.spans(0.3))


def test_blocks_do_not_matter(audio, whole, monkeypatch):
    """Memory is bounded by the block; what is heard is not."""
    monkeypatch.setattr(module, "_BLOCK_FRAMES", 300)
    shares: list[float] = []
    cut = voice_activity(audio, shares.append)
    assert len(cut.probabilities) == len(whole.probabilities)
    assert np.mean(np.abs(cut.probabilities - whole.probabilities) > 0.2) < 0.01
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_short_pause_ends_nothing(whole):
    """The longer the pause asked for, the fewer the spans."""
    counts = [len(whole.spans(pause)) for pause in (0.05, 0.3, 1.0, 30.0)]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] == 1


@pytest.mark.parametrize("frames", [1, 511, 512, 513, 16_000])
def test_audio_of_any_length(tmp_path, frames):
    """A frame that is not full counts too."""
    path = tmp_path / "short.flac"
    soundfile.write(str(path), np.zeros(frames), 16_000)
    found = voice_activity(StoredAudio.open(path))
    assert len(found.probabilities) == -(-frames // 512)
    assert found.spans(0.3) == []


def test_where_nothing_is_known_nobody_speaks(whole):
    """Past the end."""
    assert whole.mean(Span(500.0, 501.0)) == 0.0
