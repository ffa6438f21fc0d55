"""Has a session's sound read, as often as the machine can."""

from collections import ChainMap
from collections.abc import Callable
from dataclasses import replace

from trax.audio import SAMPLE_RATE
from trax.live.events import Noted, Said
from trax.live.happening import Happenings
from trax.live.listening import Activity
from trax.live.options import LiveOptions
from trax.live.pace import Pace
from trax.live.reading import GrowingReader, Reads
from trax.live.supply import Supply
from trax.transcript import Word
from trax.transcript.identity import word_id
from trax.transcript.languages import LANGUAGES


class Hearing:
    """Reads what was decoded of a session's sound, and lets words happen.

    Args:
        supply: has the sound.
        pace: the models that read.
        happenings: of the session.
        clock: monotonic seconds.
        activity: tells speech.

    Attributes:
        read_until: seconds of sound that were read.
    """

    def __init__(
        self,
        options: LiveOptions,
        supply: Supply,
        pace: Pace,
        happenings: Happenings,
        clock: Callable[[], float],
        activity: Activity,
    ) -> None:
        self.read_until = 0.0
        self._supply = supply
        self._pace = pace
        self._happenings = happenings
        self._clock = clock
        reads = Reads(language=options.language or "", hotwords=options.hotwords)
        self._reader = GrowingReader(pace.decoder, reads, activity)
        self._passed = 0  # samples that were read before the session was opened again

    @property
    def behind(self) -> float:
        """Seconds of sound that came and were not read yet."""
        return max(0.0, self._supply.duration - self.read_until)

    @property
    def waiting(self) -> float:
        """Seconds of sound that were decoded and not read yet."""
        return self._supply.decoded - self.read_until

    @property
    def is_behind(self) -> bool:
        """Whether more waits than is read at once."""
        return self._reader.is_behind

    @property
    def is_due(self) -> bool:
        """Whether enough waits to be read."""
        return self.waiting >= self._pace.step or self.is_behind

    def go_on(self) -> None:
        """Pass over what was read before a restart."""
        words = self._happenings.captions.words
        last = next(reversed(words.values()), None)
        self._passed = round(last.end * SAMPLE_RATE) if last else 0

    def expect(self, hotwords: tuple[str, ...]) -> None:
        """From now on other terms are likely to be said."""
        self._reader.reads = replace(self._reader.reads, hotwords=hotwords)

    def read(self, *, last: bool) -> float:
        """Read what is there; gives the time at which that was done.

        Args:
            last: nothing follows: all is committed.

        Raises:
            TraxError: the model cannot be loaded, or failed.
        """
        self._take_unread()
        self._reader.decoder = self._pace.decoder
        began = self._clock()
        language = self._reader.reads.language
        heard = self._reader.read(last=last)
        if self._reader.reads.language != language:
            self._note_language()
        ended = self._clock()
        notes = self._pace.took(ended - began, self.behind)
        committed = self._identified(heard.committed)
        if committed or heard.tentative != self._happenings.captions.tentative:
            said = Said(committed=committed, tentative=heard.tentative, heard=self._reader.now)
            self._happenings.emit(said)
        for note in notes:
            self._happenings.emit(note)
        return ended

    def _take_unread(self) -> None:
        """Have the reader take what was decoded, unless it has enough to read."""
        for samples in self._supply.unread() if not self._reader.is_behind else ():
            self._reader.pass_over(samples[: self._passed])
            self._reader.add(samples[self._passed :])
            self._passed = max(0, self._passed - len(samples))
        self.read_until = self._reader.now

    def _note_language(self) -> None:
        found = self._reader.reads.language
        text = f"{LANGUAGES.get(found, found)} is spoken"
        self._happenings.emit(Noted(kind="language", text=text))

    def _identified(self, words: tuple[Word, ...]) -> tuple[Word, ...]:
        found: dict[str, Word] = {}
        for word in words:
            known = ChainMap(found, self._happenings.captions.words)
            name = word_id(word.start, word.text, known)
            found[name] = replace(word, id=name)
        return tuple(found.values())
