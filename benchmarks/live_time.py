"""Sessions in virtual real time: sound comes as it would, and processor time counts as time."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from trax.audio import SAMPLE_RATE, Waveform
from trax.live.agreement import Heard
from trax.transcript import Word, spelling

CHUNK = 0.1
"""Seconds of sound that come at once."""


@dataclass
class Shown:
    """What was on screen, and when.

    Attributes:
        committed: words with the moment at which they were committed.
        first: for each of them, when it was first on screen in its place.
        shown: tentative words shown, counted once an update.
        changed: those of them that the next update took back.
        cpu: seconds.
        lags: seconds that reading was behind the sound, one an update.
    """

    committed: list[tuple[Word, float]] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    shown: int = 0
    changed: int = 0
    cpu: float = 0.0
    lags: list[tuple[float, float]] = field(default_factory=list)
    _tentative: list[tuple[str, float]] = field(default_factory=list)

    def take(self, heard: Heard, at: float) -> None:
        """Show *heard* at a moment."""
        news = [*heard.committed, *heard.tentative]
        texts = [spelling(word.text) for word in news]
        before = [text for text, _at in self._tentative]
        since = [at] * len(news)
        kept = 0
        matcher = SequenceMatcher(None, before, texts, autojunk=False)
        for first, second, length in matcher.get_matching_blocks():
            kept += length
            for step in range(length):
                since[second + step] = self._tentative[first + step][1]
        self.shown += len(before)
        self.changed += len(before) - kept
        count = len(heard.committed)
        self.committed.extend((word, at) for word in heard.committed)
        self.first.extend(since[:count])
        self._tentative = list(zip(texts[count:], since[count:], strict=True))


def in_virtual_time(
    sound: Waveform,
    add: Callable[[Waveform], None],
    read: Callable[[bool], Heard],
    step: float,
) -> Shown:
    """Feed *sound* as if it came now, and read every *step* seconds, or as often as that goes."""
    shown = Shown()
    clock = 0.0
    given = 0
    last_read = 0.0
    chunk = round(CHUNK * SAMPLE_RATE)
    while given < len(sound.samples):
        due = last_read + step
        clock = max(clock, due)
        until = min(len(sound.samples), int(clock * SAMPLE_RATE) // chunk * chunk)
        until = max(until, given)
        began = time.process_time()
        if until > given:
            add(Waveform(sound.samples[given:until], sound.sample_rate))
            given = until
        heard = read(given >= len(sound.samples))
        cost = time.process_time() - began
        last_read = clock
        clock += cost
        shown.cpu += cost
        shown.lags.append((clock, clock - given / SAMPLE_RATE))
        shown.take(heard, clock)
    return shown


def latencies(shown: Shown) -> tuple[list[float], list[float]]:
    """Seconds from each word's end to its first being shown, and to its being committed."""
    first = [at - word.end for (word, _at), at in zip(shown.committed, shown.first, strict=True)]
    final = [at - word.end for word, at in shown.committed]
    return first, final


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which a *share* lies; NaN of none."""
    ranked = sorted(values)
    if not ranked:
        return float("nan")
    return ranked[min(len(ranked) - 1, round(share * (len(ranked) - 1)))]


def chunks(sound: Waveform, seconds: float) -> Iterator[Waveform]:
    """The sound in pieces."""
    size = round(seconds * sound.sample_rate)
    for first in range(0, len(sound.samples), size):
        yield Waveform(sound.samples[first : first + size], sound.sample_rate)
