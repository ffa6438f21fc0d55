"""Whisper models read real speech."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from hypothesis import given
from hypothesis import strategies as st

from trax.asr import Decoding
from trax.asr.engine import LeftOut
from trax.asr.whisper import Placement, WhisperDecoder, load_whisper
from trax.asr.whisper_choices import SURE
from trax.asr.whisper_prompt import context_room, fitted
from trax.asr.whisper_segments import spread_words
from trax.asr.whisper_windows import Reading, WindowDecoder, window_features
from trax.audio import Waveform
from trax.errors import Cancelled, EngineError, InvalidOption, ModelUnavailable
from trax.models import Kind, Model, ModelFinder, Origin
from trax.transcript import Segment, joined_text

pytestmark = pytest.mark.real

NOTES = " ".join(f"Room {at} was let to Mr. Thornton's aunt in {1800 + at}." for at in range(40))
NAMES = ", ".join(f"Featherstonehaugh-{at}" for at in range(60))
ENGLISH = Decoding(language="en")
ON_CPU = Placement("cpu", "int8", 2)


def quiet(_share: float) -> None:
    """No progress wanted."""


def decoder_of(models_folder: Path, name: str) -> WhisperDecoder:
    model = ModelFinder(models_folder, offline=True).find(name, Kind.RECOGNITION)
    loaded = load_whisper(model, ON_CPU)
    return WhisperDecoder(model, ON_CPU, lambda: loaded)


@pytest.fixture(scope="module")
def tiny(models_folder) -> WhisperDecoder:
    return decoder_of(models_folder, "tiny.en")


@pytest.fixture(scope="module")
def base(models_folder) -> WhisperDecoder:
    return decoder_of(models_folder, "base")


@pytest.fixture(scope="module")
def windows(sample) -> list[Waveform]:
    """Three sentences of the sample, and a second of silence between two of them."""
    samples, rate = soundfile.read(sample, dtype="float32")
    return [
        Waveform(samples[int(start * rate) : int(end * rate)], rate)
        for start, end in ((1, 8), (18, 30), (11, 17))
    ]


def text_of(segments: tuple[Segment, ...]) -> str:
    return " ".join(segment.text for segment in segments).lower()


def words_of(segments: tuple[Segment, ...]) -> Iterator:
    return (word for segment in segments for word in segment.words)


class TestWindows:
    @pytest.fixture(scope="class")
    def found(self, tiny, windows):
        shares: list[float] = []
        told: dict[int, tuple[Segment, ...]] = {}
        read = tiny.decode(windows, ENGLISH, shares.append, told.__setitem__)
        assert told == dict(enumerate(read))
        assert shares == sorted(shares)
        assert shares[-1] == pytest.approx(1.0)
        return read

    def test_each_window_is_read_in_its_place(self, found):
        """Whatever order suits the batches."""
        assert "removed and preserved for further investigation" in text_of(found[0])
        assert "watching your face with some anxiety" in text_of(found[1])
        assert "inquiries" in text_of(found[2])

    def test_words_lie_inside_their_window(self, found, windows):
        """In order, never backwards, with plain Python numbers."""
        for segments, window in zip(found, windows, strict=True):
            words = list(words_of(segments))
            assert all(0.0 <= word.start <= word.end <= window.duration for word in words)
            assert [word.start for word in words] == sorted(word.start for word in words)
            assert {type(word.start) for word in words} == {float}

    def test_punctuation_is_no_word(self, found):
        """It belongs to the word before it or after it."""
        assert all(
            any(letter.isalnum() for letter in word.text)
            for each in found
            for word in words_of(each)
        )

    def test_segments_carry_the_decoders_numbers(self, found):
        """Later stages judge by them."""
        for segment in (segment for segments in found for segment in segments):
            assert segment.mean_log_probability < 0
            assert segment.compression_ratio > 0
            assert 0.0 <= segment.no_speech_probability <= 1.0
            assert segment.start == segment.words[0].start

    def test_words_know_their_tokens(self, found):
        """The least probable one is no more probable than the word."""
        for word in (word for each in found for word in words_of(each)):
            assert 0.0 <= word.weakest <= word.confidence + 1e-4
            assert word.log_probability <= 0.0

    def test_the_same_twice_is_the_same(self, tiny, windows, found):
        """On a CPU, word for word and number for number."""
        assert tiny.decode(windows, ENGLISH, quiet) == found

    def test_the_other_windows_do_not_matter(self, tiny, sample):
        """A window alone says what it says beside others, number for number."""
        samples, rate = soundfile.read(sample, dtype="float32")
        lengths = (5.3, 6.0, 5.6, 5.1, 5.9)
        windows = []
        for at, seconds in enumerate(lengths):
            start = at * 6 * rate
            windows.append(Waveform(samples[start : start + round(seconds * rate)], rate))
        together = tiny.decode([*windows, Waveform(samples[: 20 * rate], rate)], ENGLISH, quiet)
        alone = [tiny.decode([window], ENGLISH, quiet)[0] for window in windows]
        assert together[:-1] == alone

    def test_what_progress_raises_ends_the_work(self, tiny, windows):
        """The only way to stop it."""

        def stop(_share: float) -> None:
            raise Cancelled("stopped")

        with pytest.raises(Cancelled):
            tiny.decode(windows, ENGLISH, stop)

    def test_no_windows_are_no_words(self, tiny):
        """Nothing to do is no error."""
        assert tiny.decode([], ENGLISH, quiet) == []

    def test_a_window_in_which_nobody_speaks_spoils_no_other(self, tiny, windows, found):
        """It may be in their batch."""
        silent = Waveform(np.zeros(16_000 * 6, dtype=np.float32), 16_000)
        read = tiny.decode([windows[0], silent], ENGLISH, quiet)
        assert "further investigation" in text_of(read[0])

    @pytest.mark.parametrize("frames", [1, 160, 1600])
    def test_very_short_audio_is_no_error(self, tiny, frames):
        """A window may hold a single sample."""
        assert (
            len(tiny.decode([Waveform(np.zeros(frames, dtype=np.float32), 16_000)], ENGLISH, quiet))
            == 1
        )

    def test_what_the_decoder_left_unread_is_read_again(self, tiny, windows, monkeypatch):
        """It closes a sentence in the middle and says no more: the rest comes from a second
        reading.
        """
        whole = tiny.decode(windows[1:2], ENGLISH, quiet)[0]
        read = WindowDecoder.read
        calls = []

        def leaves_off(decoder, waves, frames, no_repeat_ngram_size=0):
            calls.append([wave.duration for wave in waves])
            readings = read(decoder, waves, frames, no_repeat_ngram_size)
            if len(calls) > 1:
                return readings
            words = [word for word in readings[0].words if word["end"] < 4.5]
            return [Reading("cut", words, 4.6, -0.3, 0.0)]

        monkeypatch.setattr(WindowDecoder, "read", leaves_off)
        found = tiny.decode(windows[1:2], ENGLISH, quiet)[0]
        assert calls[1] == [pytest.approx(windows[1].duration - 4.6, abs=0.01)]
        assert text_of(found).split()[-6:] == text_of(whole).split()[-6:]

    def test_a_reading_that_repeats_itself_is_made_at_full_length(self, tiny, windows, monkeypatch):
        """Short windows are not what the model was trained on."""
        read = WindowDecoder.read
        frames_asked = []

        def loops(decoder, waves, frames, no_repeat_ngram_size=0):
            frames_asked.append((frames, no_repeat_ngram_size))
            readings = read(decoder, waves, frames, no_repeat_ngram_size)
            loop = Reading("hold on " * 20, [], 1.0, -0.3, 0.0)
            return [loop] if len(frames_asked) < 3 else readings

        monkeypatch.setattr(WindowDecoder, "read", loops)
        found = tiny.decode(windows[:1], ENGLISH, quiet)[0]
        assert [frames for frames, _ngram in frames_asked[1:]] == [3000, 3000]
        assert frames_asked[0][0] < 3000
        assert frames_asked[2][1] == 3
        assert "canal" in text_of(found)

    def test_a_batch_that_memory_does_not_hold_is_halved(self, tiny, windows, monkeypatch):
        """Down to one window; the job goes on."""
        at_once = WindowDecoder.read_at_once
        sizes = []

        def small(decoder, waves, frames, no_repeat_ngram_size):
            sizes.append(len(waves))
            if len(waves) > 1:
                raise RuntimeError("CUDA failed with error out of memory")
            return at_once(decoder, waves, frames, no_repeat_ngram_size)

        monkeypatch.setattr(WindowDecoder, "read_at_once", small)
        found = tiny.decode(windows, ENGLISH, quiet)
        assert sizes == [2, 1, 1, 1]
        assert "anxiety" in text_of(found[1])

    def test_memory_that_does_not_hold_one_window_is_an_engine_error(
        self, tiny, windows, monkeypatch
    ):
        """There is nothing left to halve."""

        def never(*_arguments):
            raise RuntimeError("CUDA failed with error out of memory")

        monkeypatch.setattr(WindowDecoder, "read_at_once", never)
        with pytest.raises(EngineError, match="out of memory"):
            tiny.decode(windows, ENGLISH, quiet)


class TestChoices:
    def test_doubtful_words_come_with_other_texts_and_the_text_stays(self, tiny, windows):
        """In noise; the words and their figures are those of a decoding without."""
        rng = np.random.default_rng(0)
        noisy = []
        for window in windows:
            noise = rng.normal(0, 0.05, len(window.samples)).astype(np.float32)
            noisy.append(Waveform(window.samples + noise, window.sample_rate))
        plain = tiny.decode(noisy, ENGLISH, quiet)
        found = tiny.decode(noisy, replace(ENGLISH, choices=True), quiet)
        chosen = [word for segments in found for word in words_of(segments)]
        bare = [word for segments in plain for word in words_of(segments)]
        assert [replace(word, choices=()) for word in chosen] == bare
        assert any(word.choices for word in chosen)
        assert tiny.name == "tiny.en"
        assert all(not word.choices for word in chosen if word.confidence >= SURE)


class TestAlignment:
    def test_known_text_is_found_where_it_is_said(self, tiny, windows):
        """As near as decoding has it."""
        words = list(words_of(tiny.decode(windows[:1], ENGLISH, quiet)[0]))
        found = tiny.align(windows[0], [f" {word.text}" for word in words], "en")
        apart = [abs(span.start - word.start) for span, word in zip(found, words, strict=True)]
        assert np.median(apart) < 0.1
        assert all(0.0 <= span.start <= span.end <= windows[0].duration for span in found)


class TestStretches:
    def test_a_stretch_is_read_with_its_context(self, tiny, sample):
        """Times count from its start; pauses are no words."""
        samples, rate = soundfile.read(sample, dtype="float32", stop=16_000 * 32)
        shares: list[float] = []
        found = tiny.decode_stretch(Waveform(samples, rate), ENGLISH, shares.append)
        assert "with some anxiety" in text_of(found)
        assert shares == sorted(shares)
        assert all(0.0 <= word.start <= word.end <= 32.0 for word in words_of(found))

    def test_silence_is_no_words(self, tiny):
        """Voice activity decides what may be spoken."""
        assert (
            tiny.decode_stretch(
                Waveform(np.zeros(16_000 * 5, dtype=np.float32), 16_000), ENGLISH, quiet
            )
            == ()
        )


class TestLanguages:
    def test_a_multilingual_model_finds_the_language(self, base, windows):
        """With probabilities that sum to one."""
        (found,) = base.detect_languages(windows[:1])
        assert max(found, key=found.__getitem__) == "en"
        assert sum(found.values()) == pytest.approx(1.0, abs=0.01)

    def test_a_model_that_knows_english_only_says_so(self, tiny, windows):
        """Instead of writing nonsense."""
        assert tiny.languages == {"en"}
        with pytest.raises(InvalidOption, match="English only"):
            tiny.decode(windows, Decoding(language="de"), quiet)

    def test_an_unknown_language_is_refused(self, base, windows):
        """One clear sentence."""
        assert "yue" not in base.languages
        with pytest.raises(InvalidOption, match="does not know language 'xx'"):
            base.decode(windows, Decoding(language="xx"), quiet)


def test_hotwords_and_prompt_reach_the_decoder(tiny, windows):
    """They change what it expects to hear."""
    told = Decoding(
        language="en", hotwords="Mr. Hail, Mr. Thorntone", prompt="Margaret spoke to Mr. Hail."
    )
    (plain,), (found,) = (
        tiny.decode(windows[1:2], ENGLISH, quiet),
        tiny.decode(windows[1:2], told, quiet),
    )
    assert "hail" in text_of(found)
    assert "hail" not in text_of(plain)


def test_what_is_no_model_is_said_to_be_none(tmp_path):
    """A broken folder gives one sentence."""
    (tmp_path / "model.bin").write_bytes(b"nonsense")
    model = Model("mine", Kind.RECOGNITION, Origin.FOLDER, "0", lambda: Path(tmp_path))
    with pytest.raises(ModelUnavailable, match="'mine'"):
        load_whisper(model, ON_CPU)


@pytest.mark.parametrize(("threads", "workers"), [(1, 1), (2, 1), (4, 1), (8, 2), (16, 4)])
def test_many_processors_decode_several_batches(threads, workers):
    """More than four threads do little for one."""
    assert Placement("cpu", "int8", threads).workers == workers
    assert Placement("cuda", "float16", threads).workers == 1


@pytest.mark.parametrize(("free", "size"), [(78 << 30, 24), (4 << 30, 4), (1 << 20, 1)])
def test_on_a_gpu_the_batch_fits_the_free_memory(monkeypatch, free, size):
    """Half of it; at least one window, at most what still gains."""
    import torch

    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (free, 80 << 30))
    model = Model("large", Kind.RECOGNITION, Origin.FOLDER, "0", Path)
    assert (
        WhisperDecoder(model, Placement("cuda", "float16", 8), lambda: None)._batch_size() == size
    )


def test_words_without_times_are_spread():
    """Nothing is lost where alignment gave nothing."""
    words = spread_words(["one", "two"], 1.0, 3.0, 2.5)
    assert [(word.text, word.start, word.end, word.confidence) for word in words] == [
        ("one", 1.0, 2.0, None),
        ("two", 2.0, 2.5, None),
    ]
    assert joined_text(words) == "one two"
    assert spread_words([], 0.0, 1.0, 1.0) == ()


class TestRoom:
    """The decoder has as much room as is said, however much it was told before."""

    def test_the_decoder_may_write_all_that_it_has_room_for(self, tiny, windows, monkeypatch):
        """CTranslate2 writes half of the length that it is given."""
        monkeypatch.setattr("trax.asr.whisper_windows._TOKENS_PER_SECOND", 2)
        monkeypatch.setattr("trax.asr.whisper_windows._MORE_TOKENS", 0)
        written = []
        aligned = WindowDecoder._aligned

        def counts(decoder, encoded, waves, tokens):
            written.append(len(tokens[0]))
            return aligned(decoder, encoded, waves, tokens)

        monkeypatch.setattr(WindowDecoder, "_aligned", counts)
        tiny.decode(windows[1:2], ENGLISH, quiet)
        assert written[0] == 2 * 12

    def test_words_after_the_end_of_the_room_are_read(self, tiny, windows, monkeypatch):
        """A reading that is cut goes on where its last whole word ends."""
        (whole,) = tiny.decode(windows[1:2], ENGLISH, quiet)
        monkeypatch.setattr("trax.asr.whisper_windows._TOKENS_PER_SECOND", 3)
        monkeypatch.setattr("trax.asr.whisper_windows._MORE_TOKENS", 0)
        (found,) = tiny.decode(windows[1:2], ENGLISH, quiet)
        assert found[-1].end == pytest.approx(whole[-1].end, abs=0.3)
        assert len(text_of(found).split()) == pytest.approx(len(text_of(whole).split()), abs=3)

    @pytest.mark.parametrize(
        ("prompt", "hotwords"),
        [
            (NOTES, ""),
            ("", NAMES),
            (NOTES, NAMES),
        ],
        ids=["prompt", "hotwords", "both"],
    )
    def test_a_model_that_was_told_too_much_still_writes(self, tiny, windows, prompt, hotwords):
        """In windows and in stretches; what was left out is counted."""
        told = Decoding(language="en", prompt=prompt, hotwords=hotwords)
        (found,) = tiny.decode(windows[1:2], told, quiet)
        assert "watching your face with some anxiety" in text_of(found)
        stretch = tiny.decode_stretch(windows[1], told, quiet)
        assert "watching your face with some anxiety" in text_of(stretch)
        left_out = tiny.left_out(told)
        assert (left_out.characters > 0) == bool(prompt)
        assert (left_out.hotwords > 0) == bool(hotwords)

    def test_what_there_is_room_for_is_told_whole(self, tiny):
        """Nothing is left out of a sentence and a few names."""
        told = Decoding(language="en", prompt="Margaret spoke.", hotwords="Mr. Hail, Cintra")
        assert tiny.left_out(told) == LeftOut()


class Letters:
    """A tokenizer with a token a letter."""

    def encode(self, text):
        return [ord(letter) for letter in text]

    def decode(self, tokens):
        return "".join(map(chr, tokens))


@given(
    terms=st.lists(st.text("abc", min_size=1, max_size=30), max_size=40),
    prompt=st.text("xyz ", max_size=600),
)
def test_hotwords_and_prompt_leave_room_to_write(terms, prompt):
    """Whole hotwords from the beginning, the end of the prompt, and 128 tokens to write."""
    told = fitted(Letters(), ", ".join(terms), prompt, 448)
    kept = told.hotwords.split(", ") if told.hotwords else []
    assert terms[: len(kept)] == kept
    assert told.left_out.hotwords == len(terms) - len(kept)
    assert (" " + prompt.strip()).endswith("".join(map(chr, told.prompt)))
    taken = len(told.hotwords) + bool(kept) + len(told.prompt)
    assert taken + 4 + 128 <= 448
    assert context_room(Letters(), told.hotwords, 448) >= 93


def test_alignment_is_faster_whispers_with_more_about_tokens(models_folder, windows):
    """Word for word and time for time."""
    whisper = load_whisper(
        ModelFinder(models_folder, offline=True).find("tiny.en", Kind.RECOGNITION), ON_CPU
    )
    tokenizer = Tokenizer(whisper.hf_tokenizer, False, task="transcribe", language="en")
    encoded = whisper.encode(window_features(whisper, windows[0]))
    text = tokenizer.encode(" Making a post-mortem examination, the alimentary canal.")
    theirs = WhisperModel.find_alignment(whisper, tokenizer, [text], encoded, [700])
    ours = whisper.find_alignment(tokenizer, [text], encoded, [700])
    known = [[{name: word[name] for name in theirs[0][0]} for word in words] for words in ours]
    assert known == theirs
