"""Decodes windows of speech with a Whisper model, many at once.

A window is encoded at its own length, rounded up to four seconds, and four of silence, not
padded to Whisper's thirty: for ten seconds of speech that is a fifth of the encoder's work. Only
windows of one rounded length are decoded together, so that no window changes what another reads.
The model was trained on thirty seconds and now and then repeats itself on less; such a reading is
detected by `trax.asr.repeats` and made again at full length.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trax.asr.engine import Decoding
from trax.asr.repeats import compression_ratio, repeats_itself
from trax.asr.whisper_choices import (
    ROWS,
    OtherText,
    add_choices,
    beam_texts,
    greedy_text,
    is_doubtful,
)
from trax.asr.whisper_prompt import fitted
from trax.asr.whisper_segments import aligned_words, make_segment
from trax.audio import SAMPLE_RATE, Waveform
from trax.transcript import Segment

FULL_FRAMES = 3000
"""Encoder frames in thirty seconds: what the models were trained on."""

_STEP_FRAMES = 400  # lengths are rounded up to as many: fewer lengths make larger batches
_SILENCE_FRAMES = 400  # four seconds after a window; with three, models repeat themselves more
_FRAMES_PER_SECOND = 100
_TIMESTAMP = 0.02  # seconds from one timestamp token to the next
_TOKENS_PER_SECOND = 30  # some scripts take three a letter; bounds a reading that does not end
_MORE_TOKENS = 20
_UNREAD = 0.6  # seconds: a longer rest after what was read is decoded too
_READ = 1.0  # seconds that must have been decoded before the rest is, so that this ends
_NO_TRIGRAM_TWICE = 3
_PREPEND = "\"'“¿([{-"  # punctuation that belongs to the word after it
_APPEND = "\"'.。,，!！?？:：”)]}、"  # and to the word before it


@dataclass(frozen=True, slots=True)
class Reading:
    """What the decoder made of one window.

    Attributes:
        text: all of it.
        words: the alignment's own dictionaries, punctuation merged.
        complete_until: seconds up to which the decoder says it is complete, or from which it had no
            room for more; the window's end if it does not say.
        mean_log_probability: mean over the tokens.
        no_speech_probability: the decoder's probability that nobody speaks.
    """

    text: str
    words: list[dict[str, Any]]
    complete_until: float
    mean_log_probability: float
    no_speech_probability: float

    def segments(self, duration: float) -> tuple[Segment, ...]:
        """The reading of a window of *duration* seconds as one segment; none without words."""
        words = aligned_words(self.words, duration)
        if not words:
            return ()
        segment = make_segment(
            words,
            temperature=0.0,
            mean_log_probability=self.mean_log_probability,
            compression_ratio=compression_ratio(self.text),
            no_speech_probability=self.no_speech_probability,
        )
        return (segment,)


@dataclass(frozen=True, slots=True)
class WindowDecoder:
    """Decodes windows with a loaded model.

    Attributes:
        whisper: faster-whisper's model.
        tokenizer: for the language spoken.
        options: beam size, prompt and hotwords.
    """

    whisper: Any
    tokenizer: Any
    options: Decoding

    def decode(self, windows: Sequence[Waveform]) -> list[tuple[Segment, ...]]:
        """Decode windows of one rounded length.

        What repeats itself is decoded again at full length, and then what was left unread.
        """
        readings = self.read(windows, encoder_frames(windows[0]))
        for at, window in enumerate(windows):
            if repeats_itself(readings[at].text, window.duration):
                readings[at] = self._read_carefully(window)
        found = []
        for window, reading in zip(windows, readings, strict=True):
            found.append(reading.segments(window.duration))
        self._decode_rests(windows, readings, found)
        return found

    def read(
        self,
        windows: Sequence[Waveform],
        frames: int,
        no_repeat_ngram_size: int = 0,
    ) -> list[Reading]:
        """Read one batch, in halves if it does not fit into the device's memory.

        Args:
            windows: the batch.
            frames: the encoder's input frames.
            no_repeat_ngram_size: tokens in a row that may not come twice; 0 for any.
        """
        try:
            return self.read_at_once(windows, frames, no_repeat_ngram_size)
        except RuntimeError as error:
            if "out of memory" not in str(error).lower() or len(windows) == 1:
                raise
        middle = len(windows) // 2
        first = self.read(windows[:middle], frames, no_repeat_ngram_size)
        second = self.read(windows[middle:], frames, no_repeat_ngram_size)
        return [*first, *second]

    def read_at_once(
        self,
        windows: Sequence[Waveform],
        frames: int,
        no_repeat_ngram_size: int,
    ) -> list[Reading]:
        """Run one batch through encoder, decoder and alignment."""
        encoded = self._encoded(windows, frames)
        room = self._room(frames)
        results = self._generate(encoded, len(windows), room, no_repeat_ngram_size)
        tokens = [list(result.sequences_ids[0]) for result in results]
        words = self._aligned(encoded, windows, tokens)
        if self.options.choices:
            self._add_choices(encoded, results, words, room)
        readings = []
        for at, window in enumerate(windows):
            reading = Reading(
                text=self.tokenizer.decode(self._text_tokens(tokens[at])),
                words=words[at],
                complete_until=self._complete_until(tokens[at], window.duration),
                mean_log_probability=float(results[at].scores[0]),
                no_speech_probability=float(results[at].no_speech_prob),
            )
            if len(tokens[at]) >= room:
                reading = _without_cut_word(reading, window.duration)
            readings.append(reading)
        return readings

    def _read_carefully(self, window: Waveform) -> Reading:
        """Read one window at full length; if that repeats itself too, with no trigram twice."""
        (reading,) = self.read([window], FULL_FRAMES)
        if repeats_itself(reading.text, window.duration):
            (reading,) = self.read([window], FULL_FRAMES, _NO_TRIGRAM_TWICE)
        return reading

    def _decode_rests(
        self,
        windows: Sequence[Waveform],
        readings: Sequence[Reading],
        found: list[tuple[Segment, ...]],
    ) -> None:
        """Decode what the decoder left unread of each window, and append it to *found*."""
        for at, window in enumerate(windows):
            if _leaves_rest(window, readings[at]):
                start = readings[at].complete_until
                (segments,) = self.decode([_rest(window, start)])
                found[at] += tuple(segment.shifted(start) for segment in segments)

    def _encoded(self, windows: Sequence[Waveform], frames: int) -> Any:
        """The encoder's output; on a CPU window by window, which takes a quarter less time."""
        import ctranslate2

        features = _features(self.whisper, windows, frames)
        if self.whisper.model.device != "cpu":
            return self.whisper.encode(features)
        rows = [np.array(self.whisper.encode(each)) for each in features]
        return ctranslate2.StorageView.from_array(np.concatenate(rows))

    def _generate(
        self,
        encoded: Any,
        count: int,
        room: int,
        no_repeat_ngram_size: int,
    ) -> list[Any]:
        """The decoder's best hypothesis for each of *count* windows, *room* tokens at most."""
        prompt = self._prompt()
        results: list[Any] = self.whisper.model.generate(
            encoded,
            [prompt] * count,
            beam_size=self.options.beam_size,
            num_hypotheses=self.options.beam_size if self.options.choices else 1,
            return_logits_vocab=self._shows_choices,
            no_repeat_ngram_size=no_repeat_ngram_size,
            max_length=max(2 * room, len(prompt) + room),
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=[-1],
        )
        return results

    @property
    def _shows_choices(self) -> bool:
        """Whether the decoder itself says what else may stand in the place of each token."""
        return self.options.choices and self.options.beam_size == 1

    def _add_choices(
        self,
        encoded: Any,
        results: Sequence[Any],
        words: Sequence[list[dict[str, Any]]],
        room: int,
    ) -> None:
        """Add what else the model has to the doubtful words of each window."""
        if self._shows_choices:
            for own, result in zip(words, results, strict=True):
                add_choices(own, [greedy_text(self.tokenizer, result)])
            return
        heard: list[list[OtherText]]
        heard = [list(beam_texts(self.tokenizer, each)) for each in results]
        doubtful = [at for at, each in enumerate(words) if is_doubtful(each)]
        for first in range(0, len(doubtful), ROWS):
            rows = doubtful[first : first + ROWS]
            for at, result in zip(rows, self._greedy(encoded, rows, room), strict=True):
                heard[at].append(greedy_text(self.tokenizer, result))
        for own, others in zip(words, heard, strict=True):
            add_choices(own, others)

    def _greedy(self, encoded: Any, rows: Sequence[int], room: int) -> list[Any]:
        """A greedy reading of some windows, with the logits of every token."""
        prompt = self._prompt()
        results: list[Any] = self.whisper.model.generate(
            _rows(encoded, rows),
            [prompt] * len(rows),
            beam_size=1,
            max_length=max(2 * room, len(prompt) + room),
            return_logits_vocab=True,
            suppress_blank=True,
            suppress_tokens=[-1],
        )
        return results

    def _room(self, frames: int) -> int:
        """Tokens that the decoder may write for a window encoded at *frames*.

        CTranslate2 writes half of the length it is given, and prompt and text together no more than
        all of it.
        """
        seconds = (frames - _SILENCE_FRAMES) / _FRAMES_PER_SECOND
        wanted = _MORE_TOKENS + ceil(seconds * _TOKENS_PER_SECOND)
        most: int = self.whisper.max_length
        return min(wanted, most // 2, most - len(self._prompt()))

    def _prompt(self) -> list[int]:
        told = fitted(
            self.tokenizer, self.options.hotwords, self.options.prompt, self.whisper.max_length
        )
        prompt: list[int] = self.whisper.get_prompt(
            self.tokenizer,
            told.prompt,
            without_timestamps=False,
            hotwords=told.hotwords or None,
        )
        return prompt

    def _aligned(
        self,
        encoded: Any,
        windows: Sequence[Waveform],
        tokens: Sequence[Sequence[int]],
    ) -> list[list[dict[str, Any]]]:
        """Each window's words with times from cross-attention, punctuation merged into words."""
        from faster_whisper.transcribe import merge_punctuations

        text = [self._text_tokens(each) for each in tokens]
        if not any(text):
            return [[] for _ in text]
        frames = [max(2, speech_frames(window.duration)) for window in windows]
        found: list[list[dict[str, Any]]]
        found = self.whisper.find_alignment(self.tokenizer, text, encoded, frames)
        for words in found:
            merge_punctuations(words, _PREPEND, _APPEND)
        return found

    def _text_tokens(self, tokens: Sequence[int]) -> list[int]:
        return [token for token in tokens if token < self.tokenizer.eot]

    def _complete_until(self, tokens: Sequence[int], duration: float) -> float:
        """The last timestamp if two end the reading: the decoder has closed a sentence there."""
        first_timestamp: int = self.tokenizer.timestamp_begin
        if len(tokens) < 2 or min(tokens[-2:]) < first_timestamp:
            return duration
        return min(duration, (tokens[-1] - first_timestamp) * _TIMESTAMP)


def _rows(encoded: Any, rows: Sequence[int]) -> Any:
    """Some windows' encoder output."""
    import ctranslate2

    held = np.array(encoded.to_device(ctranslate2.Device.cpu))
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(held[list(rows)]))


def _without_cut_word(reading: Reading, duration: float) -> Reading:
    """A reading that ran out of room, up to its last word, which may be cut; the rest is unread."""
    spoken = [at for at, word in enumerate(reading.words) if word["word"].strip()]
    if not spoken:
        return reading
    last = spoken[-1]
    start: float = reading.words[last]["start"]
    if not _READ < start < duration - _UNREAD:
        return reading
    return replace(reading, words=reading.words[:last], complete_until=start)


def encoder_frames(window: Waveform) -> int:
    """The encoder's input frames for *window*, rounded up, and the silence after it."""
    rounded = ceil(window.duration * _FRAMES_PER_SECOND / _STEP_FRAMES) * _STEP_FRAMES
    return min(FULL_FRAMES, rounded + _SILENCE_FRAMES)


def window_features(whisper: Any, window: Waveform) -> NDArray[np.float32]:
    """Log-mel features of one window, shape ``(1, mels, frames)``."""
    return _features(whisper, [window], encoder_frames(window))


def _features(whisper: Any, windows: Sequence[Waveform], frames: int) -> NDArray[np.float32]:
    """Log-mel features of the windows, each followed by silence up to *frames*."""
    silence = np.zeros(SAMPLE_RATE, dtype=np.float32)
    padded = []
    for window in windows:
        samples = np.concatenate([window.samples, silence])
        features = whisper.feature_extractor(samples)[:, :frames]
        missing = frames - features.shape[1]
        padded.append(np.pad(features, ((0, 0), (0, missing)), mode="edge"))
    return np.stack(padded)


def speech_frames(duration: float) -> int:
    """The encoder's input frames for *duration* seconds; even, for its stride of two."""
    return ceil(duration * _FRAMES_PER_SECOND / 2) * 2


def _leaves_rest(window: Waveform, reading: Reading) -> bool:
    """Whether the decoder stopped so early that the rest of the window is worth decoding."""
    if not reading.words:
        return False
    return _READ < reading.complete_until < window.duration - _UNREAD


def _rest(window: Waveform, start: float) -> Waveform:
    first = round(start * window.sample_rate)
    return Waveform(window.samples[first:], window.sample_rate)
