"""What happens in a session: it is numbered, kept, folded into captions, and told."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from trax.errors import InvalidOption, NotFound, StoreUnavailable
from trax.live.captions import Captions
from trax.live.events import Assigned, Corrected, Decision, Event, Named, Numbered, Said
from trax.live.keeping import Kept

Listener = Callable[[Numbered], None]
"""Called with every event as it happens, by the thread that works on the session."""


class Happenings:
    """All that has happened in a session, for as many threads as like.

    Args:
        kept: keeps what lasts; what it has kept already has happened.

    Attributes:
        captions: what it came to.
        seq: number of the last event that lasts.
    """

    def __init__(self, kept: Kept) -> None:
        self.captions = Captions()
        self.seq = 0
        self._kept = kept
        self._lock = threading.RLock()
        self._log: list[Numbered] = []
        self._listeners: list[Listener] = []
        for numbered in kept.events():
            self._log.append(numbered)
            self.seq = numbered.seq
            self.captions.take(numbered.event)

    def happened(self) -> Iterator[Event]:
        """Events that last, from the first one on."""
        return (numbered.event for numbered in self._log)

    def emit(self, event: Event) -> None:
        """Let an event happen; listeners hear of all in their order."""
        with self._lock:
            lasts = not isinstance(event, Said) or bool(event.committed)
            self.seq += lasts
            numbered = Numbered(self.seq, event)
            if lasts:
                self._keep(numbered)
            self.captions.take(event)
            for listener in list(self._listeners):
                listener(numbered)

    def decide(self, decision: Decision) -> None:
        """Let something happen that somebody decides.

        Raises:
            NotFound: there is no such word or speaker.
            InvalidOption: the session has ended.
        """
        with self._lock:
            self._check(decision)
            if self._kept.is_closed:
                raise InvalidOption("the session has ended")
            self.emit(decision)

    def shown(self) -> Captions:
        """The captions as they are now."""
        with self._lock:
            return self.captions.copy()

    @contextmanager
    def listening(self, listener: Listener, after: int = 0) -> Iterator[None]:
        """Have *listener* called with what happened after event number *after*, and from now on."""
        with self._lock:
            for numbered in self._log[after:]:
                listener(numbered)
            said = Said(tentative=self.captions.tentative, heard=self.captions.heard)
            listener(Numbered(self.seq, said))
            self._listeners.append(listener)
        try:
            yield
        finally:
            with self._lock:
                self._listeners.remove(listener)

    def _keep(self, numbered: Numbered) -> None:
        self._log.append(numbered)
        with suppress(StoreUnavailable):  # it is written with the next one: captions go on
            self._kept.add_event(numbered)

    def _check(self, decision: Decision) -> None:
        words = self.captions.words
        match decision:
            case Corrected(word=word) if word not in words:
                raise NotFound("word", word)
            case Assigned(words=some):
                for each in some:
                    if each not in words:
                        raise NotFound("word", each)
            case Named(speaker=label) if label not in self.captions.labels:
                raise NotFound("speaker", label)
            case _:
                return
