"""whisper_streaming's policy (Macháček et al. 2023) on the model of another system.

As its OnlineASRProcessor does: the whole buffer is read every second with beam 5 and the 200
characters before it as prompt; words that two readings agree on are committed; a buffer longer than
15 s is cut at the end of the last committed segment.
"""

from typing import Any

import numpy as np

from trax.asr import Decoder
from trax.audio import SAMPLE_RATE, Waveform
from trax.live.agreement import Heard, agreed
from trax.transcript import Word

_TRIMMED = 15.0  # seconds
_PROMPT = 200  # characters
_SLACK = 0.1  # seconds
_RUN = 5  # words that may be repeated at a seam


class WhisperStreaming:
    """One stream."""

    def __init__(self, decoder: Decoder) -> None:
        self._whisper: Any = vars(decoder)["_loaded"]()
        self._sound = np.zeros(0, dtype=np.float32)
        self._begin = 0.0
        self._committed: list[Word] = []
        self._former: list[Word] = []

    def add(self, chunk: Waveform) -> None:
        """Take the sound that follows."""
        self._sound = np.concatenate([self._sound, chunk.samples])

    def read(self, last: bool) -> Heard:
        """What is said by now; *last*: all of it is certain."""
        segments, _info = self._whisper.transcribe(
            self._sound,
            language="en",
            beam_size=5,
            initial_prompt=self._prompt(),
            word_timestamps=True,
            condition_on_previous_text=True,
        )
        found = list(segments)
        words = [
            Word(word.start + self._begin, word.end + self._begin, word.word.strip())
            for segment in found
            for word in segment.words
            if segment.no_speech_prob <= 0.9 and word.word.strip()
        ]
        fresh = self._fresh(words)
        count = len(fresh) if last else agreed(self._former, fresh)
        self._committed.extend(fresh[:count])
        self._former = fresh[count:]
        if len(self._sound) / SAMPLE_RATE > _TRIMMED:
            self._trim([segment.end + self._begin for segment in found])
        return Heard(tuple(fresh[:count]), tuple(self._former))

    def _fresh(self, words: list[Word]) -> list[Word]:
        until = self._committed[-1].end if self._committed else 0.0
        fresh = [word for word in words if word.start > until - _SLACK]
        if not fresh or abs(fresh[0].start - until) >= 1.0:
            return fresh
        for length in range(1, min(_RUN, len(self._committed), len(fresh)) + 1):
            tail = [word.text for word in self._committed[-length:]]
            if tail == [word.text for word in fresh[:length]]:
                return fresh[length:]
        return fresh

    def _prompt(self) -> str:
        before = [word.text for word in self._committed if word.end <= self._begin]
        return " ".join(before)[-_PROMPT:]

    def _trim(self, ends: list[float]) -> None:
        """Cut at the last end of a segment, but one, that is committed."""
        if not self._committed:
            return
        certain = self._committed[-1].end
        possible = [end for end in ends[:-1] if end <= certain]
        if possible:
            self._sound = self._sound[round((possible[-1] - self._begin) * SAMPLE_RATE) :]
            self._begin = possible[-1]
