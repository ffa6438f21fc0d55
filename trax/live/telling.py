"""Who says a session's words, asked of the diarizer as often as time allows."""

from collections.abc import Callable
from contextlib import suppress

from trax.errors import StoreUnavailable, TraxError
from trax.live.captions import Captions
from trax.live.events import Event, Noted, Spoken
from trax.live.keeping import Kept
from trax.live.speakers import LiveSpeakers
from trax.live.supply import Supply

_TELL = 2.0  # seconds between two answers,
_TELL_COST = 8.0  # or so many times as long as an answer takes
_TRIES = 3  # failures in a row after which there are no speakers any more


class Telling:
    """Has a diarizer hear a session's sound, and says who speaks.

    Args:
        speakers: tells who speaks; ``None`` if nobody is to know.
        supply: has the sound.
        kept: keeps how speakers sound.
        emit: lets an event happen.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        speakers: LiveSpeakers | None,
        supply: Supply,
        kept: Kept,
        emit: Callable[[Event], None],
        clock: Callable[[], float],
    ) -> None:
        self._speakers = speakers
        self._supply = supply
        self._kept = kept
        self._emit = emit
        self._clock = clock
        self._due_at = 0.0
        self._cost = 0.0  # seconds that the last answer took
        self._told_words = 0
        self._failures = 0  # in a row

    def go_on(self, captions: Captions) -> None:
        """Keep to what was told before a restart."""
        if self._speakers is not None:
            words = list(captions.words.values())
            self._speakers.go_on(words, captions.voices, self._kept.voices())
            self._supply.hear_from(self._speakers.begin)

    def advance(self, captions: Captions) -> bool:
        """Have the diarizer take sound, or say who speaks; false if neither is due.

        Raises:
            TraxError: it failed; one that fails again and again is given up, so that captions go
                on.
        """
        if self._speakers is None:
            return False
        try:
            was_due = self._advance(self._speakers, captions)
        except TraxError:
            self._failures += 1
            if self._failures >= _TRIES:
                self._give_up()
            raise
        if was_due:
            self._failures = 0
        return was_due

    def tell(self, captions: Captions) -> None:
        """Say who speaks as far as it is known now.

        Raises:
            TraxError: the diarizer failed.
        """
        if self._speakers is None:
            return
        words = list(captions.words.values())
        self._told_words = len(words)
        labels, names = self._speakers.tell(words, list(captions.names))
        if labels or names:
            self._emit(Spoken(words=labels, names=names))
        with suppress(StoreUnavailable):  # after a restart they are heard anew
            self._kept.keep_voices(self._speakers.voices)

    def _advance(self, speakers: LiveSpeakers, captions: Captions) -> bool:
        sound = self._supply.unheard()
        if sound is not None:
            speakers.hear(sound)
        if self._clock() < self._due_at or len(captions.words) == self._told_words:
            return sound is not None
        began = self._clock()
        self.tell(captions)
        now = self._clock()
        cost = min(self._cost, now - began)  # one that was interrupted says nothing
        self._cost = now - began
        self._due_at = now + max(_TELL, _TELL_COST * cost)
        return True

    def _give_up(self) -> None:
        self._speakers = None
        self._supply.leave_unheard()
        self._emit(Noted(kind="problem", text="speakers can no longer be told apart"))
