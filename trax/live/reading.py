"""Reads speech again and again while it grows, and commits words that are certain."""

from dataclasses import dataclass, replace
from itertools import takewhile

from trax.asr import Decoder, Decoding
from trax.asr.engine import no_progress
from trax.asr.evidence import with_evidence
from trax.asr.hallucinations import without_hallucinations
from trax.audio import Waveform
from trax.audio.activity import frame_probabilities
from trax.live.agreement import Heard, agreed, already_committed
from trax.live.listening import Activity, Samples, Window
from trax.transcript import Span, Word

_PAUSE = 0.6
"""Seconds without speech after which everything said is committed."""

_GAP = 0.3  # seconds: a shorter silence belongs to the speech around it
_BEFORE = 0.3  # seconds of sound kept before speech
_AFTER = 0.3  # and after it
_LONG = 12.0  # seconds from which what is committed is dropped from the window
_LONGEST = 26.0  # seconds that a model may be given, with room for what comes meanwhile
_ANCHOR = 2  # committed words that stay in the window, so that it begins with something known
_TELLING = 2.5  # seconds of sound by which a language can be told
_ALL = 1_000_000
_CUT = 0.3  # seconds: a word that ends so near to now may be cut
_SURE = 0.5  # confidence; a tentative word below it, and all after it, are likely to change,
_NEW = 1.3  # if it ended so many seconds ago or less, and the last reading did not have it
_CONTEXT = 1.0  # seconds of sound after a word without which it is not certain,
_DOUBTFUL = 0.6  # or, if its confidence is below that,
_LONG_CONTEXT = 2.5  # so many


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """How a session is read.

    Attributes:
        language: the model's code for it; empty: the one that is spoken first.
        hotwords: names and terms that are likely to be said.
        beam_size: hypotheses kept.
    """

    language: str = "en"
    hotwords: tuple[str, ...] = ()
    beam_size: int = 5


class GrowingReader:
    """One session's sound as words.

    Attributes:
        decoder: the model that reads; another may take its place at any time.
        reads: how; may change at any time.
    """

    def __init__(
        self, decoder: Decoder, reads: Reads, activity: Activity = frame_probabilities
    ) -> None:
        self.decoder = decoder
        self.reads = reads
        self._window = Window(activity)
        self._inside: list[Word] = []  # committed words whose sound is in the window
        self._former: list[Word] = []  # what the last reading left tentative
        self._read_until = 0.0

    @property
    def now(self) -> float:
        """Seconds of sound so far."""
        return self._window.end

    def add(self, samples: Samples) -> None:
        """Take the sound that follows, mono at 16 kHz."""
        self._window.add(samples)

    def pass_over(self, samples: Samples) -> None:
        """Take sound that was read before, ahead of any that is added."""
        if len(samples):
            self._window.pass_over(samples)

    def read(self, *, last: bool = False) -> Heard:
        """What is said by now.

        Args:
            last: nothing follows: all is committed.

        Raises:
            TraxError: the model cannot be loaded, or failed.
        """
        speech = self._window.speech(_GAP)
        if not speech:
            self._forget(self.now - _BEFORE)
            return Heard()
        if not self._inside:
            self._window.drop_until(speech[0].start - _BEFORE)
        until = min(self.now, speech[-1].end + _AFTER)
        if until - self._window.begin > _LONGEST:
            return self._catch_up()
        if last or self.now - speech[-1].end >= _PAUSE:
            heard = self._heard(until, certain=_ALL)
            self._forget(max(speech[-1].end, self.now - _BEFORE))
            return heard
        heard = self._heard(until)
        if self.now - self._window.begin > _LONG:
            self._shorten()
        return heard

    @property
    def is_behind(self) -> bool:
        """Whether more sound waits than is read at once."""
        return self.now - self._window.begin > _LONGEST

    def _catch_up(self) -> Heard:
        """Read as much as a model takes at once; all but the last words of it are certain, and
        these, too, if there are no others to go on from.
        """
        until = self._window.begin + _LONGEST
        heard = self._heard(until, certain=-_ANCHOR)
        if heard.committed and self._shorten():
            return heard
        rest = tuple(self._former)
        self._inside.extend(rest)
        self._forget(until - _BEFORE)
        return Heard((*heard.committed, *rest))

    def _heard(self, until: float, *, certain: int | None = None) -> Heard:
        """What is said until a moment.

        Args:
            certain: how many words are, from the beginning, or all but so many; ``None``: those
                that agree with the last reading.
        """
        words = self._decoded(Span(self._window.begin, until))
        fresh = words[already_committed(self._inside, words) :]
        same = agreed(self._former, fresh)
        count = len(fresh[:certain])
        if certain is None:
            count = len(list(takewhile(lambda word: _is_certain(word, until), fresh[:same])))
        self._former = fresh[count:]
        self._inside.extend(fresh[:count])
        stable = fresh[count:same]
        sure = takewhile(lambda word: _is_sure(word, self.now), fresh[max(count, same) :])
        shown = [word for word in (*stable, *sure) if word.end < self.now - _CUT]
        return Heard(tuple(fresh[:count]), tuple(shown))

    def _decoded(self, span: Span) -> list[Word]:
        """Plausible words in the session's time."""
        sound = self._window.sound(span)
        if not self.reads.language and not self._learn_language(sound):
            return []
        options = Decoding(
            language=self.reads.language,
            beam_size=self.reads.beam_size,
            hotwords=", ".join(self.reads.hotwords),
        )
        (segments,) = self.decoder.decode([sound], options, no_progress)
        read = list(with_evidence(segments, Span(0.0, sound.duration), self.decoder.name))
        plausible, _removed = without_hallucinations(read, self._window.activity)
        return [_word(word).shifted(span.start) for word in plausible]

    def _learn_language(self, sound: Waveform) -> bool:
        """Find out which language is spoken; false if there is too little to tell."""
        if sound.duration < _TELLING:
            return False
        (found,) = self.decoder.detect_languages([sound])
        self.reads = replace(self.reads, language=max(found, key=lambda code: found[code]))
        return True

    def _forget(self, time: float) -> None:
        """Begin the window at *time*, after everything that was committed."""
        self._inside = []
        self._former = []
        self._window.drop_until(time)

    def _shorten(self) -> bool:
        """Drop what is committed, but for the last words; false if that is nothing."""
        dropped = self._inside[:-_ANCHOR]
        if not dropped:
            return False
        self._inside = self._inside[-_ANCHOR:]
        self._window.drop_until((dropped[-1].end + self._inside[0].start) / 2)
        return True


def _is_certain(word: Word, until: float) -> bool:
    """Whether a word that two readings agree on has enough after it: models often mishear without,
    and most of all where they doubt what they hear.
    """
    is_doubtful = word.confidence is not None and word.confidence < _DOUBTFUL
    return word.end <= until - (_LONG_CONTEXT if is_doubtful else _CONTEXT)


def _is_sure(word: Word, now: float) -> bool:
    """Whether a word that the last reading did not have is likely to stay."""
    is_sure = word.confidence is None or word.confidence >= _SURE
    return is_sure or word.end <= now - _NEW


def _word(word: Word) -> Word:
    return Word(word.start, word.end, word.text, word.confidence, joined=word.joined)
