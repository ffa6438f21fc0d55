"""Live captions with real models."""

from pathlib import Path

import numpy as np
import pytest

from trax.audio import SAMPLE_RATE, StoredAudio
from trax.compose import build_workspace
from trax.diarization import DiarizationOptions
from trax.live.agreement import Heard
from trax.live.keeping import Header, Kept
from trax.live.options import LiveOptions
from trax.live.pace import Pace
from trax.live.reading import GrowingReader, Reads
from trax.live.session import LiveSession
from trax.live.speakers import LiveSpeakers
from trax.settings import Settings
from trax.testing import music, noise
from trax.transcript import Span, joined_text

pytestmark = pytest.mark.real

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "conversation.flac"


def test_real_models_caption_a_conversation(tmp_path):
    """Words as they are said, with the two who say them; nothing where nobody speaks."""
    engines = build_workspace(Settings(home=tmp_path)).engines
    options = DiarizationOptions(plan="fast")
    header = Header(id="s1", began=0.0, options=LiveOptions())
    session = LiveSession(
        Kept.create(tmp_path / "live", header),
        Pace(engines.decoders(["tiny.en"], "en")),
        LiveSpeakers(engines.diarizer(options).begin(options)),
    )
    sound = StoredAudio.open(SAMPLE).read(Span(0.0, 16.0))
    data = (sound.samples * 32767).astype("<i2").tobytes()
    step = 2 * SAMPLE_RATE * 2
    for first in range(0, len(data), step):
        session.feed(data[first : first + step])
        while session.advance() == 0.0:
            pass
    session.feed(bytes(4 * SAMPLE_RATE))
    session.end()
    while not session.is_over:
        session.advance()
    words = list(session.captions.words.values())
    text = joined_text(words).lower()
    for phrase in ("canal should be removed", "thought me so silly"):
        assert phrase in text
    assert len(session.captions.labels) == 2
    assert words[-1].end < 16.5


@pytest.mark.parametrize(
    "sound",
    [np.zeros(20 * SAMPLE_RATE, dtype=np.float32), music(20.0), noise(20.0, 0.05)],
    ids=["silence", "music", "noise"],
)
def test_sounds_without_words_give_none_and_pile_up_nowhere(tmp_path, sound):
    """Not even tentative ones, and what was listened to is let go."""
    engines = build_workspace(Settings(home=tmp_path)).engines
    (decoder,) = engines.decoders(["tiny.en"], "en")
    reader = GrowingReader(decoder, Reads())
    for chunk in np.split(sound, 20):
        reader.add(chunk)
        assert reader.read() == Heard()
    assert reader.now == pytest.approx(20.0)
    assert reader.now - reader._window.begin < 3.0
