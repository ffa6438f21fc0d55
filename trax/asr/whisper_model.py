"""faster-whisper's model, with changes that cannot be made by calling it."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from numpy.typing import NDArray

from trax.asr.whisper_prompt import context_room

_LEAST = 1e-9  # probability


class RoomyWhisper(WhisperModel):  # type: ignore[misc]
    """A Whisper model that is never told so much that it has no room left to write.

    faster-whisper lets hotwords and the text before take all of the model's tokens together, and
    of the probabilities of a word's tokens its alignment keeps the mean alone.
    """

    def get_prompt(
        self,
        tokenizer: Any,
        previous_tokens: Sequence[int],
        without_timestamps: bool = False,
        prefix: str | None = None,
        hotwords: str | None = None,
    ) -> list[int]:
        """The tokens before those of the window: hotwords, the text before, language, task."""
        room = context_room(tokenizer, hotwords, self.max_length)
        prompt: list[int] = super().get_prompt(
            tokenizer, list(previous_tokens)[-room:], without_timestamps, prefix, hotwords
        )
        return prompt

    def find_alignment(
        self,
        tokenizer: Any,
        text_tokens: Sequence[list[int]],
        encoder_output: Any,
        num_frames: int | list[int],
        median_filter_width: int = 7,
    ) -> list[list[dict[str, Any]]]:
        """The words of each text with times and probabilities, as dictionaries.

        As faster-whisper's, with the ``weakest`` probability of a word's tokens and their mean
        ``log_probability``.
        """
        if not text_tokens:
            return []
        results = self.model.align(
            encoder_output,
            tokenizer.sot_sequence,
            text_tokens,
            num_frames,
            median_filter_width=median_filter_width,
        )
        return [
            self._aligned_words(tokenizer, tokens, result)
            for tokens, result in zip(text_tokens, results, strict=True)
        ]

    def times_of(
        self, tokenizer: Any, tokens: Sequence[int], encoded: Any, frames: int
    ) -> list[float]:
        """Seconds at which each of *tokens* begins, if that is what is said, and the last ends.

        Args:
            encoded: the encoder's output for one window.
            frames: of the window that may be speech.
        """
        (result,) = self.model.align(
            encoded, tokenizer.sot_sequence, [list(tokens)], [frames], median_filter_width=7
        )
        times: list[float] = self._token_times(result.alignments).tolist()
        return times

    def _aligned_words(
        self, tokenizer: Any, tokens: list[int], result: Any
    ) -> list[dict[str, Any]]:
        texts, word_tokens = tokenizer.split_to_word_tokens([*tokens, tokenizer.eot])
        if len(texts) < 2:
            return []
        times = self._token_times(result.alignments)
        bounds = np.concatenate([[0], np.cumsum([len(each) for each in word_tokens[:-1]])])
        words = []
        for at, (first, past) in enumerate(pairwise(bounds.tolist())):
            probabilities = result.text_token_probs[first:past]
            word = {
                "word": texts[at],
                "tokens": word_tokens[at],
                "start": times[first],
                "end": times[past],
                "probability": np.mean(probabilities),
                "weakest": min(probabilities, default=0.0),
                "log_probability": _mean_log(probabilities),
            }
            words.append(word)
        return words

    def _token_times(self, alignments: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
        """Seconds at which each token begins."""
        text_indices, time_indices = np.array(alignments).T
        begins = np.diff(text_indices, prepend=text_indices[0] - 1).astype(bool)
        times: NDArray[np.float64] = time_indices[begins] / self.tokens_per_second
        return times


def _mean_log(probabilities: Sequence[float]) -> float:
    if not probabilities:
        return math.log(_LEAST)
    return float(np.log(np.maximum(probabilities, _LEAST)).mean())
