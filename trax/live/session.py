"""A live session: sound in, events out."""

import threading
import time
from collections import ChainMap
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from trax.audio import SAMPLE_RATE
from trax.audio.activity import frame_probabilities
from trax.audio.probe import Limits
from trax.errors import (
    InvalidOption,
    LimitExceeded,
    NotFound,
    StoreUnavailable,
    TraxError,
    UnreadableAudio,
)
from trax.live.captions import Captions
from trax.live.events import (
    Assigned,
    Corrected,
    Decision,
    Ended,
    Event,
    Handed,
    Marked,
    Named,
    Noted,
    Numbered,
    Said,
    Vocabulary,
)
from trax.live.keeping import Kept
from trax.live.listening import Activity
from trax.live.pace import Pace
from trax.live.reading import GrowingReader, Reads
from trax.live.speakers import LiveSpeakers
from trax.live.supply import Supply
from trax.live.telling import Telling
from trax.transcript import Word
from trax.transcript.identity import word_id
from trax.transcript.languages import LANGUAGES

_QUIET = 1.5  # seconds without sound after which what was heard is committed
_IDLE = 0.05  # seconds
_AGAIN = 5.0  # seconds before a model that failed is tried again

Listener = Callable[[Numbered], None]
"""Called with every event as it happens, by the thread that works on the session."""


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
        options = kept.header.options
        self.kept = kept
        self.captions = Captions()
        self.seq = 0
        self.is_over = False
        self.is_discarded = False
        self._pace = pace
        self._clock = clock
        self._limits = limits
        self._reader = GrowingReader(
            pace.decoder,
            Reads(language=options.language or "", hotwords=options.hotwords),
            activity,
        )
        self._lock = threading.RLock()
        self._feeding = threading.Lock()
        self._log: list[Numbered] = []
        self._listeners: list[Listener] = []
        self._read_until = 0.0
        self._passed = 0  # samples that were read before the session was opened again
        self._ending = False
        self._came = clock()
        self._busy_until = 0.0
        self._not_before = 0.0
        self._supply = Supply(kept, hears=speakers is not None)
        self._telling = Telling(speakers, self._supply, kept, self.emit, clock)
        self._go_on()

    @property
    def id(self) -> str:
        """Names the session."""
        return self.kept.header.id

    @property
    def duration(self) -> float:
        """Seconds of sound that came."""
        return self._supply.duration

    @property
    def behind(self) -> float:
        """Seconds of sound that were not read yet."""
        return max(0.0, self.duration - self._read_until)

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
        with self._lock:
            self._check(decision)
            if self.kept.is_closed:
                raise InvalidOption("the session has ended")
            self.emit(decision)
        if isinstance(decision, Vocabulary):
            reads = self._reader.reads
            self._reader.reads = replace(reads, hotwords=decision.hotwords)

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

    def _keep(self, numbered: Numbered) -> None:
        self._log.append(numbered)
        with suppress(StoreUnavailable):  # it is written with the next one: captions go on
            self.kept.add_event(numbered)

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
        waiting = self._supply.decoded - self._read_until
        if waiting >= self._pace.step or self._reader.is_behind:
            self._read(last=False)
            return 0.0
        is_quiet = self._clock() - max(self._came, self._busy_until) > _QUIET
        if is_quiet and (waiting > 0 or self.captions.tentative):
            self._read(last=True)
            return 0.0
        if self._telling.advance(self.captions):
            self._busy_until = self._clock()
            return 0.0
        if self._ending and self._supply.is_drained:
            self._read(last=True)
            if not self._reader.is_behind:
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

    def _take_unread(self) -> None:
        """Have the reader take what was decoded, unless it has enough to read."""
        for samples in self._supply.unread() if not self._reader.is_behind else ():
            self._reader.pass_over(samples[: self._passed])
            self._reader.add(samples[self._passed :])
            self._passed = max(0, self._passed - len(samples))
        self._read_until = self._reader.now

    def _read(self, *, last: bool) -> None:
        self._take_unread()
        self._reader.decoder = self._pace.decoder
        began = self._clock()
        language = self._reader.reads.language
        heard = self._reader.read(last=last)
        if self._reader.reads.language != language:
            self._note_language()
        self._busy_until = self._clock()
        notes = self._pace.took(self._busy_until - began, self.behind)
        committed = self._identified(heard.committed)
        if committed or heard.tentative != self.captions.tentative:
            self.emit(Said(committed=committed, tentative=heard.tentative, heard=self._reader.now))
        for note in notes:
            self.emit(note)

    def _note_language(self) -> None:
        found = self._reader.reads.language
        text = f"{LANGUAGES.get(found, found)} is spoken"
        self.emit(Noted(kind="language", text=text))

    def _identified(self, words: tuple[Word, ...]) -> tuple[Word, ...]:
        found: dict[str, Word] = {}
        for word in words:
            name = word_id(word.start, word.text, ChainMap(found, self.captions.words))
            found[name] = replace(word, id=name)
        return tuple(found.values())

    def _finish(self) -> None:
        self.is_over = True
        self.emit(Ended(duration=self.duration))

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
            case Marked() | Vocabulary() | _:
                return

    def _go_on(self) -> None:
        """Do again what happened before the session was opened, and pass over what was read."""
        for numbered in self.kept.events():
            self._log.append(numbered)
            self.seq = numbered.seq
            self.captions.take(numbered.event)
            if isinstance(numbered.event, Ended):
                self.is_over = self._ending = True
            if isinstance(numbered.event, Vocabulary):
                hotwords = numbered.event.hotwords
                self._reader.reads = replace(self._reader.reads, hotwords=hotwords)
        if self.is_over or not self.kept.received:
            return
        last = next(reversed(self.captions.words.values()), None)
        self._passed = round(last.end * SAMPLE_RATE) if last else 0
        self._telling.go_on(self.captions)
