"""Words that are read again and again while they are said."""

from dataclasses import replace

import numpy as np
import pytest

from trax.audio import SAMPLE_RATE
from trax.live.agreement import Heard, already_committed
from trax.live.reading import GrowingReader, Reads
from trax.testing.levels import WORD, WORDS, LevelDecoder, spoken, talks
from trax.transcript import Word


def read_all(reader, sound, step=0.5, until=None):
    """What is heard, reading by reading."""
    size = round(step * SAMPLE_RATE)
    found = []
    for first in range(0, len(sound), size):
        reader.add(sound[first : first + size])
        found.append(reader.read())
    found.append(reader.read(last=True))
    return found


def committed(heard):
    return [word.text for each in heard for word in each.committed]


def reader_of(cut=None, **options):
    return GrowingReader(LevelDecoder(cut), Reads(**options), talks)


@pytest.mark.parametrize("step", [0.3, 0.5, 1.0, 3.0, 40.0])
@pytest.mark.parametrize("cut", [None, "w59"])
def test_every_word_is_committed_once_and_in_order(step, cut):
    """However often it is read, and whatever half a word is taken for; pauses and all."""
    said = [*WORDS[:40], "", "", "", *WORDS[5:20], "", WORDS[0], WORDS[0], WORDS[1]]
    heard = read_all(reader_of(cut), spoken(said), step)
    merged = [text for at, text in enumerate(said) if text and text != (said[at - 1] or "-")]
    assert [text for text in committed(heard) if text != cut] == merged


def test_a_word_is_committed_when_two_readings_agree():
    """The first reading makes it tentative, the second certain if a second of sound is after it."""
    reader = reader_of()
    reader.add(spoken(WORDS[:3]))
    first = reader.read()
    assert (first.committed, [word.text for word in first.tentative]) == ((), ["w01", "w02"])
    reader.add(spoken(WORDS[3:5]))
    second = reader.read()
    assert [word.text for word in second.committed] == ["w01", "w02"]
    assert [word.text for word in second.tentative] == ["w03", "w04"]


class Doubting(LevelDecoder):
    """Is not sure of one word."""

    def decode(self, windows, options, progress, on_read=None):
        ((segment,),) = super().decode(windows, options, progress)
        words = [replace(w, confidence=0.4 if w.text == "w02" else 0.9) for w in segment.words]
        return [(replace(segment, words=tuple(words)),)]


def test_a_word_that_the_model_doubts_waits_longer():
    """Until two and a half seconds of sound have come after it, and those after it wait, too."""
    reader = GrowingReader(Doubting(), Reads(), talks)
    found = []
    for at in range(9):
        reader.add(spoken(WORDS[at : at + 1]))
        found.append([word.text for word in reader.read().committed])
    assert found[3:] == [["w01"], [], [], [], [], ["w02", "w03", "w04", "w05", "w06"]]


def test_a_word_that_has_just_ended_is_not_shown():
    """It may be half of one; a moment later it is."""
    reader = reader_of()
    sound = spoken(WORDS[:3])
    reader.add(sound[: round(1.0 * SAMPLE_RATE)])
    assert [word.text for word in reader.read().tentative] == ["w01"]
    reader.add(sound[round(1.0 * SAMPLE_RATE) : round(1.15 * SAMPLE_RATE)])
    assert [word.text for word in reader.read().tentative] == ["w01", "w02"]


def test_words_that_are_likely_to_change_are_not_shown():
    """From the first one on that the model is not sure of, until the next reading has it, too."""
    reader = GrowingReader(Doubting(), Reads(), talks)
    reader.add(spoken(WORDS[:3]))
    assert [word.text for word in reader.read().tentative] == ["w01"]
    reader.add(spoken(WORDS[3:4]))
    assert [word.text for word in reader.read().tentative] == ["w02", "w03"]
    assert [word.text for word in reader.read(last=True).committed] == list(WORDS[1:4])


@pytest.mark.parametrize("said", [1, 2, 3, 4])
def test_few_words_in_a_long_noise_are_not_lost(said):
    """A window that is as long as can be ends, and they are certain then."""
    reader = reader_of()
    noise = np.full(SAMPLE_RATE * 40, 0.004, dtype=np.float32)  # speech, but no word
    reader.add(np.concatenate([spoken(WORDS[:said]), noise]))
    heard = [reader.read(last=True) for _time in range(3)]
    assert committed(heard) == list(WORDS[:said])


def test_words_have_their_times_in_the_session():
    """Also after the beginning of the window was dropped."""
    heard = read_all(reader_of(), spoken(WORDS))
    words = [word for each in heard for word in each.committed]
    assert [word.start for word in words] == pytest.approx(
        [WORD * at for at in range(len(WORDS))], abs=0.07
    )


def test_a_pause_commits_what_was_said_before_it():
    """Nobody waits for the next sentence to see the last word of this one."""
    reader = reader_of()
    reader.add(spoken([*WORDS[:3], "", ""]))
    assert [word.text for word in reader.read().committed] == ["w01", "w02", "w03"]


def test_silence_is_not_given_to_the_model():
    """Where nobody speaks no words are made up."""
    reader = reader_of()
    for _second in range(30):
        reader.add(np.zeros(SAMPLE_RATE, dtype=np.float32))
        assert not reader.read().committed
    assert reader.decoder.read == []


def test_the_model_is_not_told_what_was_committed():
    """What it misheard before would make it mishear more."""
    reader = reader_of()
    read_all(reader, spoken(WORDS))
    assert {options.prompt for options in reader.decoder.read} == {""}


def test_vocabulary_may_change_in_the_middle():
    """The next reading is told the new terms."""
    reader = reader_of(hotwords=("Cintra",))
    reader.add(spoken(WORDS[:2]))
    reader.read()
    reader.reads = Reads(hotwords=("Byron", "Sintra"))
    reader.add(spoken(WORDS[2:4]))
    reader.read()
    assert [each.hotwords for each in reader.decoder.read] == ["Cintra", "Byron, Sintra"]


def test_the_window_does_not_grow_for_ever():
    """A model is never given more than it can read, however far behind."""
    reader = reader_of()
    longest = 0.0
    reader.add(spoken(WORDS))
    decode = reader.decoder.decode

    def watched(windows, *rest):
        nonlocal longest
        longest = max(longest, windows[0].duration)
        return decode(windows, *rest)

    reader.decoder.decode = watched
    heard = [reader.read(last=True) for _time in range(4)]
    assert longest <= 30.0
    assert committed(heard)[:60] == list(WORDS)


def test_what_was_committed_is_found_again_in_another_reading():
    """By its text and its end together, where words come twice or changed."""
    before = [Word(0, 1, "no"), Word(1, 2, "no")]
    again = [Word(0, 1, "no"), Word(1, 2, "no"), Word(2, 3, "no")]
    assert already_committed(before, again) == 2
    assert already_committed(before, [Word(0, 2, "know"), Word(2, 3, "no")]) == 1
    assert already_committed([], again) == 0


def test_the_language_is_the_one_that_is_spoken_first():
    """Where none is given, once there is enough to tell."""
    reader = reader_of(language="")
    reader.add(spoken(WORDS[:3]))
    assert reader.read() == Heard()
    reader.add(spoken(WORDS[3:9]))
    reader.read()
    assert reader.decoder.read[0].language == "en"
