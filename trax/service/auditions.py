"""A sentence in a voice, to hear it before it is chosen."""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from trax.audio import Waveform
from trax.errors import MissingPart, ModelUnavailable, TooManyRequests
from trax.service.access import Caller
from trax.stages.narration import narrator_of, seed_of
from trax.stages.replacement import Replacement
from trax.stages.takes import write_speech
from trax.transcript import Transcript
from trax.voice import check_language
from trax.voice.fitting import trimmed
from trax.work.workspace import Workspace

LONGEST = 300
"""Characters of a sentence that is said to try a voice."""

_EACH = parse("20/minute")
_PATIENCE = 60.0  # seconds for which somebody waits for their turn
_SOON = 10  # seconds after which to ask again
_BUSY = "many others try voices"
_MOST_AT_ONCE = 5  # who speaks or waits; each keeps one of the service's threads


class Auditions:
    """Says sentences one after another, and not too many for one caller."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._turn = threading.Lock()
        self._places = threading.BoundedSemaphore(_MOST_AT_ONCE)

    def write(
        self,
        workspace: Workspace,
        caller: Caller,
        transcript: Transcript,
        replacement: Replacement,
        text: str,
        target: Path,
    ) -> None:
        """Write to *target*, as FLAC, how *text* sounds in the voice that somebody of *transcript*
        would have.

        Args:
            replacement: its reference is where a recording lies.

        Raises:
            TooManyRequests: the caller has asked too often, or too many others wait.
            NotFound: there is no such voice.
            InvalidOption: the voice does not speak the language, or the reference has too little
                speech.
        """
        self._count(caller)
        with self._one_of_few(), self._in_turn():
            seed = seed_of(transcript.recording.sha256, caller.account)
            voice = narrator_of(workspace, replacement, transcript.language, seed, 0)
            check_language(transcript.language, voice.languages)
            speech = trimmed(voice.say(text, transcript.language))
            write_speech(target, _marked(workspace, speech))

    @contextmanager
    def _one_of_few(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise TooManyRequests(_BUSY, _SOON)
        try:
            yield
        finally:
            self._places.release()

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=_PATIENCE):
            raise TooManyRequests(_BUSY, _SOON)
        try:
            yield
        finally:
            self._turn.release()

    def _count(self, caller: Caller) -> None:
        if self._limiter.hit(_EACH, caller.id):
            return
        free_at, _left = self._limiter.get_window_stats(_EACH, caller.id)
        raise TooManyRequests(
            "too many sentences to try voices", max(1, math.ceil(free_at - time.time()))
        )


def _marked(workspace: Workspace, speech: Waveform) -> Waveform:
    """Speech with the mark of synthetic speech, where that can be had."""
    try:
        return workspace.engines.voices.watermark().mark(speech)
    except (MissingPart, ModelUnavailable):
        return speech
