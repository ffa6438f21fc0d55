"""A live session: sound in, events out."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from trax.audio.activity import frame_probabilities
from trax.audio.probe import Limits
from trax.errors import InvalidOption, LimitExceeded, TraxError, UnreadableAudio
from trax.live.captions import Captions
from trax.live.events import Decision, Ended, Event, Handed, Noted, Vocabulary
from trax.live.happening import Happenings, Listener
from trax.live.hearing import Hearing
from trax.live.keeping import Kept
from trax.live.listening import Activity
from trax.live.pace import Pace
from trax.live.speakers import LiveSpeakers
from trax.live.supply import Supply
from trax.live.telling import Telling

_QUIET = 1.5  # seconds without sound after which what was heard is committed
_IDLE = 0.05  # seconds
_AGAIN = 5.0  # seconds before a model that failed is tried again


class LiveSession:
    """One session. Sound may come in one thread while another has it `advance`.

    Args:
        kept: keeps its sound and its journal.
        pace: the models that read.
        speakers: tells who speaks; ``None`` if nobody is to know.
        clock: monotonic seconds.
        activity: tells speech.
        limits: of its sound; it ends where they are reached.
    """

    def __init__(
        self,
        kept: Kept,
        pace: Pace,
        speakers: LiveSpeakers | None,
        clock: Callable[[], float] = time.monotonic,
        activity: Activity = frame_probabilities,
        limits: Limits | None = None,
    ) -> None:
        self.kept = kept
        self.is_over = False
        self.is_discarded = False
        self._clock = clock
        self._limits = limits
        self._feeding = threading.Lock()
        self._ending = False
        self._came = clock()
        self._busy_until = 0.0
        self._not_before = 0.0
        self._happenings = Happenings(kept)
        self._supply = Supply(kept, hears=speakers is not None)
        self._telling = Telling(speakers, self._supply, kept, self.emit, clock)
        self._hearing = Hearing(
            kept.header.options, self._supply, pace, self._happenings, clock, activity
        )
        self._go_on()

    @property
    def id(self) -> str:
        """Names the session."""
        return self.kept.header.id

    @property
    def captions(self) -> Captions:
        """What was said, for the thread that works on the session."""
        return self._happenings.captions

    @property
    def seq(self) -> int:
        """Number of the last event that lasts."""
        return self._happenings.seq

    @property
    def duration(self) -> float:
        """Seconds of sound that came."""
        return self._supply.duration

    @property
    def behind(self) -> float:
        """Seconds of sound that were not read yet."""
        return self._hearing.behind

    def feed(self, data: bytes) -> None:
        """Take the bytes of sound that follow; they are kept at once.

        Raises:
            StoreUnavailable: they cannot be kept.
            UnreadableAudio: they are no sound.
            LimitExceeded: they are more than a recording may have; the session ends.
            InvalidOption: the session has ended.
        """
        with self._feeding:
            if self._ending:
                raise InvalidOption("the session has ended")
            if self._supply.problem is not None:
                raise self._supply.problem
            if not self._is_too_long(len(data)):
                self.kept.add_sound(data)
                self._came = self._clock()
                return
        self.end()
        raise LimitExceeded("any more", "the session is as long as a recording may be")

    def _is_too_long(self, more: int) -> bool:
        limits = self._limits
        if limits is None:
            return False
        size_bytes = self.kept.received + more
        return size_bytes > limits.size_bytes or self.duration > limits.duration

    def end(self) -> None:
        """Nothing more comes.

        What is left is read by whoever has the session advance.
        """
        with self._feeding:
            self._ending = True

    def end_early(self, reason: str) -> None:
        """End a session that its client has not ended, and say why, once."""
        with self._feeding:
            if self._ending:
                return
            self._ending = True
        self.emit(Noted(kind="ended", text=reason))

    def discard(self) -> None:
        """Nothing more comes, and nothing of it is to be kept: whoever listens is told, and nothing
        is made of it.
        """
        with self._feeding:
            self.is_discarded = self._ending = True
        self.emit(Noted(kind="discarded", text="the session was discarded"))
        self.emit(Handed(job=""))

    def close(self) -> None:
        """Leave the session as it is; it can be opened again."""
        self._supply.close()
        self.kept.close()

    def decide(self, decision: Decision) -> None:
        """Do what somebody decides.

        Raises:
            NotFound: there is no such word or speaker.
            InvalidOption: the session has ended.
        """
        self._happenings.decide(decision)
        if isinstance(decision, Vocabulary):
            self._hearing.expect(decision.hotwords)

    def emit(self, event: Event) -> None:
        """Let an event happen; listeners hear of all in their order."""
        self._happenings.emit(event)

    def shown(self) -> Captions:
        """The captions as they are now."""
        return self._happenings.shown()

    def listening(self, listener: Listener, after: int = 0) -> AbstractContextManager[None]:
        """Have *listener* called with what happened after event number *after*, and from now on."""
        return self._happenings.listening(listener, after)

    def advance(self) -> float:
        """Do what is due next; gives the seconds until something is, 0 if something is now."""
        if self.is_over:
            return _IDLE
        if self._clock() < self._not_before and not self._ending:
            return _IDLE
        try:
            return self._advance()
        except TraxError as error:
            self._not_before = self._clock() + _AGAIN
            self.emit(Noted(kind="problem", text=str(error)))
            if self._ending:
                self._finish()
            return _IDLE

    def _advance(self) -> float:
        self._fill()
        if self._supply.is_full_of_unheard and self._telling.advance(self.captions):
            return 0.0
        if self._hearing.is_due:
            self._read(last=False)
            return 0.0
        is_quiet = self._clock() - max(self._came, self._busy_until) > _QUIET
        if is_quiet and (self._hearing.waiting > 0 or self.captions.tentative):
            self._read(last=True)
            return 0.0
        if self._telling.advance(self.captions):
            self._busy_until = self._clock()
            return 0.0
        if self._ending and self._supply.is_drained:
            self._read(last=True)
            if not self._hearing.is_behind:
                self._telling.tell(self.captions)
                self._finish()
            return 0.0
        return _IDLE

    def _fill(self) -> None:
        """Decode what came; sound that is none is told of, and what was heard of it stays."""
        with self._feeding:
            is_last = self._ending
        try:
            self._supply.fill(is_last=is_last)
        except UnreadableAudio as error:
            self.emit(Noted(kind="problem", text=str(error)))

    def _read(self, *, last: bool) -> None:
        self._busy_until = self._hearing.read(last=last)

    def _finish(self) -> None:
        self.is_over = True
        self.emit(Ended(duration=self.duration))

    def _go_on(self) -> None:
        """Be as the session was before it was opened again."""
        for event in self._happenings.happened():
            if isinstance(event, Ended):
                self.is_over = self._ending = True
            if isinstance(event, Vocabulary):
                self._hearing.expect(event.hotwords)
        if not self.is_over and self.kept.received:
            self._hearing.go_on()
            self._telling.go_on(self.captions)
