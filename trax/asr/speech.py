"""Speech by sections: passes work in a section's own time, so that its place does not matter."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TypeVar

from trax.asr.engine import portion
from trax.asr.evidence import WordHypothesis
from trax.asr.hallucinations import without_hallucinations
from trax.asr.regions import Region, joined_words
from trax.asr.timing import in_order, refined
from trax.audio import Audio, Section, VoiceActivity, sections, voice_activity, windows_of_speech
from trax.progress import Progress
from trax.transcript import Removed, Span

_APART = 1.4  # seconds between windows: a break, less the margins that windows keep around speech

Timed = TypeVar("Timed", bound=Span)


@dataclass(frozen=True, slots=True)
class SpeechSection:
    """A section of the recording, and where in it somebody speaks.

    Attributes:
        audio: the section.
        activity: in the section's time.
    """

    audio: Section
    activity: VoiceActivity

    def placed(self, span: Timed) -> Timed:
        """*span*, given in the section's time, in the recording's; inside the recording."""
        start = round(max(0.0, span.start + self.audio.offset), 3)
        end = round(span.end + self.audio.offset, 3)
        return replace(span, start=start, end=max(start, end))

    def report(self, removed: Removed) -> Removed:
        """*removed* with its words in the recording's time."""
        return replace(removed, words=tuple(self.placed(word) for word in removed.words))


def speech_sections(audio: Audio, progress: Progress) -> list[SpeechSection]:
    """The sections of the recording, each with its voice activity."""
    found = []
    for section in sections(audio):
        begins = section.first / section.sample_rate / audio.duration
        ends = section.past / section.sample_rate / audio.duration
        activity = voice_activity(section, portion(progress, begins, min(1.0, ends)))
        found.append(SpeechSection(section, activity))
    return found


def speech_windows(speech: Sequence[SpeechSection], longest: float) -> list[Region]:
    """Windows of at most *longest* seconds, in the time of their sections; no language yet."""
    found: list[Region] = []
    for number, section in enumerate(speech):
        spans = windows_of_speech(section.activity, longest)
        found.extend(Region(span, "", section=number) for span in spans)
    return found


def joined_windows(windows: Sequence[Region], longest: float) -> list[Region]:
    """Neighbouring windows in one language joined up to *longest* seconds, not over a break."""
    found: list[Region] = []
    for window in windows:
        if found and _continues(found[-1], window, longest):
            last = found.pop()
            span = Span(last.span.start, window.span.end)
            window = replace(last, span=span, sure=max(last.sure, window.sure))
        found.append(window)
    return found


def by_section(
    speech: Sequence[SpeechSection],
    regions: Sequence[Region],
) -> Iterator[tuple[SpeechSection, list[Region]]]:
    """Each section that has regions, with them."""
    for number, own in groupby(regions, key=lambda region: region.section):
        yield speech[number], list(own)


def spoken_words(
    speech: Sequence[SpeechSection],
    regions: Sequence[Region],
    duration: float,
) -> tuple[list[WordHypothesis], list[Removed]]:
    """The recording's words with plausible times, and the hallucinations among them.

    Args:
        speech: the recording's sections.
        regions: in order, in the time of their sections.
        duration: of the recording, in seconds.
    """
    words: list[WordHypothesis] = []
    removed: list[Removed] = []
    for section, own in by_section(speech, regions):
        timed = refined(joined_words(own), section.activity)
        kept, reports = without_hallucinations(timed, section.activity)
        words.extend(section.placed(word) for word in kept)
        removed.extend(section.report(each) for each in reports)
    return in_order(words, duration), removed


def placed_regions(speech: Sequence[SpeechSection], regions: Sequence[Region]) -> list[Region]:
    """The regions without words, in the recording's time."""
    found = []
    for region in regions:
        span = speech[region.section].placed(region.span)
        found.append(Region(span, region.language))
    return found


def _continues(last: Region, window: Region, longest: float) -> bool:
    if (last.section, last.language) != (window.section, window.language):
        return False
    if window.span.start - last.span.end > _APART:
        return False
    return window.span.end - last.span.start <= longest
