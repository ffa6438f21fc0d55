"""One pass over one recording: which regions it decodes, and what becomes of their words."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from trax.asr.confidence import Calibration
from trax.asr.engine import portion
from trax.asr.evidence import WordHypothesis
from trax.asr.language import is_unlikely, likelihood
from trax.asr.plan import Pass, Reads, Way
from trax.asr.reader import SpeechReader
from trax.asr.regions import LONGEST_WINDOW, Region, joined_words, stretches, uncovered
from trax.asr.speech import SpeechSection, by_section
from trax.asr.timing import refined
from trax.audio import cut_speech
from trax.progress import Progress
from trax.transcript import Span

_BATCH = 48  # windows whose audio is in memory at once
_FIRST = 0.7  # share of a pass before windows are read in another language
_SURE = 0.8  # probability of a language below which another one is tried
_PAUSE = 0.3  # seconds without speech between words that may lie in different windows


@dataclass(frozen=True, slots=True)
class PassRun:
    """One pass over one recording.

    Attributes:
        reader: decodes with the pass's model.
        calibration: decides which windows are doubtful.
        progress: called with the share of the pass that is done.
    """

    reader: SpeechReader
    calibration: Calibration
    progress: Progress

    def over(self, regions: Sequence[Region]) -> list[Region]:
        """The regions after the pass."""
        if self._settings.reads is Reads.UNCOVERED:
            return self._over_uncovered(regions)
        if self._settings.way is Way.STRETCHES:
            return self._over_stretches(regions)
        return self._over_windows(regions)

    @property
    def _settings(self) -> Pass:
        return self.reader.assigned.settings

    def _over_windows(self, regions: Sequence[Region]) -> list[Region]:
        """Decode all windows, or the doubtful ones, and put their words to the vote."""
        chosen = [at for at, region in enumerate(regions) if self._is_read(region)]
        share = _FIRST if any(region.other for region in regions) else 1.0
        result = self._read(regions, chosen, portion(self.progress, 0.0, share))
        return self._in_likelier_languages(result, portion(self.progress, share, 1.0))

    def _in_likelier_languages(
        self,
        regions: Sequence[Region],
        progress: Progress,
    ) -> list[Region]:
        """The regions, those that may be in another language read in that too: the likelier one.

        Whatever was read, later passes try no other.
        """
        known = self.reader.assigned.decoder.languages
        chosen = [
            at for at, each in enumerate(regions) if each.other in known and _may_differ(each)
        ]
        others = [replace(each, language=each.other, words=()) for each in regions]
        read = self._read(others, chosen, progress)
        result = [replace(region, other="") for region in regions]
        for at in chosen:
            if likelihood(read[at]) > likelihood(regions[at]):
                result[at] = replace(read[at], other="")
        return result

    def _read(
        self,
        regions: Sequence[Region],
        chosen: Sequence[int],
        progress: Progress,
    ) -> list[Region]:
        """The regions, the *chosen* ones with another reading."""
        result = list(regions)
        done = 0
        for batch in _batches(regions, chosen):
            reached = done + len(batch)
            share = portion(progress, done / len(chosen), reached / len(chosen))
            readings = self.reader.read_windows([regions[at] for at in batch], share)
            for at, words in zip(batch, readings, strict=True):
                result[at] = regions[at].with_reading(words)
            done = reached
        return result

    def _over_stretches(self, regions: Sequence[Region]) -> list[Region]:
        """Decode all speech minutes at a time, and put the words of each stretch to the vote."""
        result = []
        found = list(stretches(regions))
        for at, stretch in enumerate(found):
            progress = portion(self.progress, at / len(found), (at + 1) / len(found))
            words = self.reader.read_stretch(stretch, progress)
            result.append(stretch.with_reading(words))
        return result

    def _over_uncovered(self, regions: Sequence[Region]) -> list[Region]:
        """Decode speech without words, and add what is found to the region it lies in."""
        gaps = list(self._gaps(regions))
        result = list(regions)
        found = self._read_gaps([gap for _home, gap in gaps])
        for (home, _gap), words in zip(gaps, found, strict=True):
            together = sorted([*result[home].words, *words], key=lambda word: word.start)
            result[home] = replace(result[home], words=tuple(together))
        return result

    def _read_gaps(self, gaps: Sequence[Region]) -> Iterator[Sequence[WordHypothesis]]:
        """The words of each gap, read in the pass's way."""
        if self._settings.way is Way.WINDOWS:
            read = self._read(gaps, range(len(gaps)), self.progress)
            yield from (each.words for each in read)
            return
        for at, gap in enumerate(gaps):
            progress = portion(self.progress, at / len(gaps), (at + 1) / len(gaps))
            yield self.reader.read_stretch(gap, progress)

    def _gaps(self, regions: Sequence[Region]) -> Iterator[tuple[int, Region]]:
        """Speech without words, each with the number of the region that most of it lies in."""
        first = 0
        for section, own in by_section(self.reader.speech, regions):
            words = refined(joined_words(own), section.activity)
            for span in self._parts(section, words):
                home = _region_of(own, span)
                yield first + home, replace(own[home], span=span, words=())
            first += len(own)

    def _parts(self, section: SpeechSection, words: Sequence[WordHypothesis]) -> Iterator[Span]:
        """What *words* leave uncovered, in parts as long as the pass may read at once."""
        for span in uncovered(section.activity.spans(_PAUSE), words):
            if self._settings.way is Way.WINDOWS:
                yield from cut_speech(section.activity, span, LONGEST_WINDOW)
            else:
                yield span

    def _is_read(self, region: Region) -> bool:
        return self._settings.reads is Reads.ALL or self._is_doubtful(region)

    def _is_doubtful(self, region: Region) -> bool:
        """Whether enough words are expected to be wrong for another reading to pay."""
        if not region.words:
            return True
        wrong = sum(1 - each for each in self.calibration.confidences(region.words))
        return wrong / len(region.words) > self._settings.doubt


def _may_differ(region: Region) -> bool:
    """Whether *region* may be in its other language: by its sound, or by what was read in it."""
    return region.sure < _SURE or is_unlikely(region)


def _batches(regions: Sequence[Region], chosen: Sequence[int]) -> Iterator[list[int]]:
    """The *chosen* regions in batches of one language each, regions of like length together."""
    by_language: dict[str, list[int]] = defaultdict(list)
    for at in chosen:
        by_language[regions[at].language].append(at)
    for language in sorted(by_language):
        indexes = sorted(by_language[language], key=lambda at: regions[at].span.duration)
        for first in range(0, len(indexes), _BATCH):
            yield indexes[first : first + _BATCH]


def _region_of(regions: Sequence[Region], span: Span) -> int:
    """The region that covers most of *span*; the first of several."""
    overlaps = [region.span.overlap(span) for region in regions]
    return overlaps.index(max(overlaps))
