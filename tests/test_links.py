"""What windows say of two pieces of speech, and how that decides where voices leave a doubt."""

import numpy as np
import pytest

from trax.diarization.agglomeration import Agglomeration, Voices
from trax.diarization.evidence import FRAME, Evidence, Piece, Window
from trax.diarization.links import find_links, no_links
from trax.diarization.plans import PLANS
from trax.diarization.voice_space import voice_space


def heard(*speakers: int, frames: int = 60) -> Evidence:
    """One window in which local speakers speak one after the other, a piece each."""
    alone = np.zeros((frames * len(speakers), 3), dtype=bool)
    pieces = []
    for at, speaker in enumerate(speakers):
        here = np.arange(at * frames, (at + 1) * frames)
        alone[here, speaker] = True
        pieces.append(Piece(here, np.ones(192)))
    window = Window(PLANS["accurate"].short, 0, alone.astype(np.float16), alone)
    return Evidence(len(alone) * FRAME, [window], pieces)


def test_one_local_speaker_is_one_person_and_two_are_two():
    """As far as the window knows; of itself a piece says nothing."""
    links = find_links(heard(0, 1, 0))
    assert links.one.toarray().tolist() == [[0, 0, 1], [0, 0, 0], [1, 0, 0]]
    assert links.two.toarray().tolist() == [[0, 1, 0], [1, 0, 1], [0, 1, 0]]


def test_a_few_frames_say_nothing():
    """Nine of them, some 0.15 s."""
    assert find_links(heard(0, 1, frames=9)).seen.nnz == 0
    assert find_links(heard(0, 1, frames=10)).seen.nnz == 2


def test_pieces_without_a_window_in_common_are_not_linked():
    """Nor is there anything to say where nothing was heard."""
    assert find_links(Evidence()).seen.shape == (0, 0)
    apart = Evidence(20.0, pieces=[Piece(np.arange(60), np.ones(192))])
    assert find_links(apart).seen.nnz == 0


def test_the_chosen_pieces_keep_their_links():
    """In the order in which they are chosen."""
    chosen = find_links(heard(0, 1, 0)).only(np.array([2, 1]))
    assert chosen.two.toarray().tolist() == [[0, 1], [1, 0]]
    assert not chosen.one.toarray().any()


def test_windows_decide_where_voices_leave_a_doubt():
    """One local speaker makes one person likelier, two make it less likely."""
    points = np.random.default_rng(0).normal(size=(2, 128))
    voices = Voices.of_pieces(points, np.eye(2), np.ones(2))

    def score(links):
        return Agglomeration(voices, voice_space().phi, links, 0.5).best()

    without = score(no_links(2))
    assert score(find_links(heard(0, 0))) == pytest.approx(without + 10)
    assert score(find_links(heard(0, 1))) == pytest.approx(without - 10)


def test_short_pieces_say_less():
    """Of the same two voices, whether they are alike or not."""
    space = voice_space()
    strangers = np.zeros((2, 128))
    strangers[:, :8] = np.sqrt(space.phi[:8]) * np.array([[1.5], [-1.5]])
    scores = []
    for seconds in (0.3, 1.0, 5.0):
        voices = Voices.of_pieces(strangers, np.eye(2), np.full(2, seconds))
        scores.append(Agglomeration(voices, space.phi, no_links(2), 0.5).best())
    assert scores == sorted(scores, reverse=True)


def test_what_a_line_does_to_all_voices_is_taken_out():
    """Two people whom a telephone makes sound alike are as different as before."""
    rng = np.random.default_rng(1)
    space = voice_space()
    people = rng.normal(size=(2, 128)) * np.sqrt(space.phi)
    line = 2 * rng.normal(size=128) * np.sqrt(space.phi)
    seconds = np.full(2, 2.0)
    plain, over_it = (
        Agglomeration(Voices.of_pieces(points, np.eye(2), seconds), space.phi, no_links(2), 0.5)
        for points in (people, people + line)
    )
    assert over_it.best() < -5
    assert plain.best() < -5
