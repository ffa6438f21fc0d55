"""New speech put into long stretches of a recording, a piece at a time."""

import numpy as np
import pytest
import soundfile

from trax.audio import Waveform
from trax.audio.master import Master
from trax.stages import mixdown
from trax.stages.mixdown import Line, Mixdown
from trax.stages.stems import Part, Stems
from trax.testing import tone
from trax.transcript import Span, Word
from trax.voice.selection import Utterance

RATE = 16_000
SECONDS = 12


def utterance(start: float, end: float) -> Utterance:
    word = Word(start, end, "word", id=f"w{start:g}")
    place = Span(start, end)
    return Utterance(
        id=word.id,
        speaker="A",
        text="word",
        words=(word,),
        place=place,
        room=0.0,
        reach=place,
    )


@pytest.fixture
def mixed(tmp_path):
    """A mixdown of twelve seconds of one stretch, as (start, samples) each."""
    rng = np.random.default_rng(0)
    background = rng.normal(0, 0.02, (SECONDS * RATE, 2))
    voice = np.stack([tone(SECONDS, RATE, 300.0, 0.5)] * 2, axis=1)
    files = {}
    for name, sound in (("mix", background + voice), ("voice", voice)):
        files[name] = tmp_path / f"{name}.wav"
        soundfile.write(str(files[name]), sound, RATE, subtype="FLOAT")
    stems = Stems(sample_rate=RATE, parts=(Part(start=0, frames=SECONDS * RATE, at=0),), sounds={})
    lines = [
        Line(each.place, each, each.span.duration)
        for each in (utterance(at + 0.3, at + 2.3) for at in range(0, 10, 2))
    ]

    def mix():
        noted = []
        made = Mixdown(
            Master.open(files["mix"]),
            Master.open(files["voice"]),
            stems,
            lambda each: Waveform(tone(each.span.duration, RATE, 500.0, 0.9), RATE),
            noted.append,
        )
        pieces = list(made.stretches(lines))
        return pieces, made.done, [each.utterance.id for each in noted]

    return mix


def test_a_stretch_of_any_length_is_mixed_in_pieces(mixed, monkeypatch):
    """An hour without a pause takes no more memory than a minute; the sound is the same."""
    (whole, samples), *others = mixed()[0]
    assert not others
    monkeypatch.setattr(mixdown, "_PIECE", 2.0)
    pieces, done, ids = mixed()
    assert len(pieces) == 5 + 1
    assert max(len(each) for _, each in pieces) <= 2 * RATE
    assert pieces[0][0] == whole
    assert [at for at, _ in pieces] == [whole + number * 2 * RATE for number in range(6)]
    assert np.concatenate([each for _, each in pieces]) == pytest.approx(samples, abs=1e-4)
    assert len(done) == 1
    assert ids == sorted(set(ids), key=lambda name: float(name[1:]))
    assert len(ids) == 5
